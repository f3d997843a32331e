//! Records from CSV, as [`super::write_records`] writes them.

use std::collections::HashSet;
use std::io::Read;
use std::str::FromStr;
use std::sync::Arc;

use campaign_core::record::Reporting;
use campaign_core::{
    AccountId, AdGroupId, AdId, AudienceId, BrandId, CampaignId, ChannelId, CreativeId, Currency,
    Micros, Record, SourceId,
};
use rust_decimal::Decimal;
use thiserror::Error;

use super::write::{HEADER, unsafe_text};

/// Why a table of records cannot be read.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Not readable as CSV, or not at all.
    #[error("line {row}: {reason}")]
    Io {
        /// The line that was to be read.
        row: u64,
        /// What the reader says.
        reason: String,
    },
    /// A column is not there.
    #[error("no column {column:?}")]
    Column {
        /// The header that is missing.
        column: &'static str,
    },
    /// A cell does not hold what its column holds.
    #[error("line {row}, column {column:?}: {value:?} is not {expected}")]
    Cell {
        /// The line.
        row: u64,
        /// The header.
        column: &'static str,
        /// What stands there.
        value: String,
        /// What should stand there.
        expected: &'static str,
    },
}

/// Reads records one by one. Columns are found by their headers, in any order; others are stepped over.
///
/// # Errors
/// Each item is [`RecordError`] where its row cannot be read; the first item, where the header cannot.
///
/// # Examples
/// ```
/// use campaign_features::ingest::{Ingest, IngestConfig, read_records, write_records};
/// let mut ingest = Ingest::new(IngestConfig::new("acme"))?;
/// ingest.read_bytes("a.csv", b"Day,Ad ID,Amount spent (EUR),Impressions\n2026-05-04,7,2.5,9\n");
/// let records = ingest.finish()?.records;
/// let mut csv = Vec::new();
/// write_records(&mut csv, &records)?;
/// let again: Vec<_> = read_records(csv.as_slice()).collect::<Result<_, _>>()?;
/// assert_eq!(again, records);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_records<R: Read>(source: R) -> RecordReader<R> {
    let reader =
        csv::ReaderBuilder::new().flexible(true).buffer_capacity(1 << 16).from_reader(source);
    RecordReader {
        reader,
        row: csv::StringRecord::new(),
        columns: None,
        texts: HashSet::new(),
        ended: false,
    }
}

/// The records of a table: see [`read_records`].
pub struct RecordReader<R> {
    reader: csv::Reader<R>,
    row: csv::StringRecord,
    columns: Option<[usize; HEADER.len()]>,
    texts: HashSet<Arc<str>>,
    ended: bool,
}

impl<R> core::fmt::Debug for RecordReader<R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("RecordReader").field("ended", &self.ended).finish_non_exhaustive()
    }
}

impl<R: Read> Iterator for RecordReader<R> {
    type Item = Result<Record, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.read() {
            Ok(Some(record)) => Some(Ok(record)),
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(error) => {
                // A wrong cell costs its row; what is no table any more costs the rest.
                self.ended = !matches!(error, RecordError::Cell { .. });
                Some(Err(error))
            }
        }
    }
}

impl<R: Read> RecordReader<R> {
    fn io(&self, error: &csv::Error) -> RecordError {
        RecordError::Io { row: self.reader.position().line(), reason: error.to_string() }
    }

    fn columns(&mut self) -> Result<[usize; HEADER.len()], RecordError> {
        if let Some(columns) = self.columns {
            return Ok(columns);
        }
        let header = match self.reader.headers() {
            Ok(header) => header.clone(),
            Err(error) => return Err(self.io(&error)),
        };
        let mut columns = [0; HEADER.len()];
        for (slot, name) in columns.iter_mut().zip(HEADER) {
            let at = header.iter().position(|cell| cell.trim_start_matches('\u{feff}') == name);
            *slot = at.ok_or(RecordError::Column { column: name })?;
        }
        self.columns = Some(columns);
        Ok(columns)
    }

    fn read(&mut self) -> Result<Option<Record>, RecordError> {
        let columns = self.columns()?;
        let mut row = std::mem::take(&mut self.row);
        let read = self.reader.read_record(&mut row);
        let record = match read {
            Ok(true) => {
                let line = row.position().map_or(0, csv::Position::line);
                Cells { row: &row, columns: &columns, line, texts: &mut self.texts }
                    .record()
                    .map(Some)
            }
            Ok(false) => Ok(None),
            Err(error) => Err(self.io(&error)),
        };
        self.row = row;
        record
    }
}

/// The cells of a row.
struct Cells<'r> {
    row: &'r csv::StringRecord,
    columns: &'r [usize; HEADER.len()],
    line: u64,
    texts: &'r mut HashSet<Arc<str>>,
}

impl Cells<'_> {
    fn cell(&self, column: &'static str) -> &str {
        let known = HEADER.iter().position(|name| *name == column);
        let index = known.and_then(|index| self.columns.get(index));
        index.and_then(|index| self.row.get(*index)).unwrap_or_default()
    }

    fn wrong(&self, column: &'static str, expected: &'static str) -> RecordError {
        let value = super::row::shorten(self.cell(column));
        RecordError::Cell { row: self.line, column, value, expected }
    }

    fn parse<T: FromStr>(
        &self,
        column: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, RecordError> {
        match self.cell(column) {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(|_| self.wrong(column, expected)),
        }
    }

    fn need<T: FromStr>(
        &self,
        column: &'static str,
        expected: &'static str,
    ) -> Result<T, RecordError> {
        self.parse(column, expected)?.ok_or_else(|| self.wrong(column, expected))
    }

    fn text(&mut self, column: &'static str) -> Option<Arc<str>> {
        let text = unsafe_text(self.cell(column)).to_owned();
        if text.is_empty() {
            return None;
        }
        if let Some(known) = self.texts.get(text.as_str()) {
            return Some(Arc::clone(known));
        }
        // Texts of reports repeat; those that do not are not worth keeping.
        if self.texts.len() > 1 << 20 {
            self.texts.clear();
        }
        let new: Arc<str> = text.into();
        self.texts.insert(Arc::clone(&new));
        Some(new)
    }

    fn id<T>(
        &mut self,
        column: &'static str,
        new: impl Fn(Arc<str>) -> Result<T, campaign_core::ids::IdError>,
    ) -> Result<Option<T>, RecordError> {
        let Some(text) = self.text(column) else { return Ok(None) };
        new(text).map(Some).map_err(|_| self.wrong(column, "an id"))
    }

    fn record(&mut self) -> Result<Record, RecordError> {
        let brand = self.id("brand", BrandId::new)?;
        let source = self.id("source", SourceId::new)?;
        let reporting = match self.parse::<Currency>("reporting_currency", "a currency")? {
            Some(currency) => Some(Reporting {
                currency,
                rate: self.need::<Decimal>("reporting_rate", "a decimal number")?,
                spend: self.need("reporting_spend", "an amount")?,
                revenue: self.parse("reporting_revenue", "an amount")?,
            }),
            None => None,
        };
        let conversions: Option<f64> = self.parse("conversions", "a number")?;
        if conversions.is_some_and(|value| !value.is_finite()) {
            return Err(self.wrong("conversions", "a finite number"));
        }
        Ok(Record {
            brand: brand.ok_or_else(|| self.wrong("brand", "an id"))?,
            source: source.ok_or_else(|| self.wrong("source", "an id"))?,
            account: self.id("account", AccountId::new)?,
            channel: self.id("channel", ChannelId::new)?,
            campaign: self.id("campaign", CampaignId::new)?,
            campaign_name: self.text("campaign_name"),
            ad_group: self.id("ad_group", AdGroupId::new)?,
            ad_group_name: self.text("ad_group_name"),
            ad: self.id("ad", AdId::new)?,
            ad_name: self.text("ad_name"),
            creative: self.id("creative", CreativeId::new)?,
            audience: self.id("audience", AudienceId::new)?,
            country: self.text("country"),
            breakdown: self.text("breakdown"),
            date: self.need("date", "a date")?,
            zone: self.text("zone"),
            currency: self.parse("currency", "a currency")?,
            spend: self.need::<Micros>("spend", "an amount")?,
            revenue: self.parse("revenue", "an amount")?,
            reporting,
            impressions: self.parse("impressions", "a count")?,
            clicks: self.parse("clicks", "a count")?,
            conversions,
            video_views: self.parse("video_views", "a count")?,
            attribution_window: self.text("attribution_window"),
            known_at: self.need("known_at", "an instant")?,
        })
    }
}
