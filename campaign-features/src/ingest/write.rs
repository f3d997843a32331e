//! Records as CSV.

use std::borrow::Cow;
use std::io::Write;

use campaign_core::Record;

use super::error::IngestError;

/// The columns of `records.csv`.
pub(crate) const HEADER: [&str; 29] = [
    "brand",
    "source",
    "account",
    "channel",
    "campaign",
    "campaign_name",
    "ad_group",
    "ad_group_name",
    "ad",
    "ad_name",
    "creative",
    "audience",
    "country",
    "breakdown",
    "date",
    "zone",
    "currency",
    "spend",
    "revenue",
    "reporting_currency",
    "reporting_rate",
    "reporting_spend",
    "reporting_revenue",
    "impressions",
    "clicks",
    "conversions",
    "video_views",
    "attribution_window",
    "known_at",
];

/// Writes records as CSV, UTF-8, one line each, amounts as decimals in currency units, unknown values
/// as empty cells.
///
/// A cell that a spreadsheet would take for a formula (it begins with `=`, `+`, `-`, `@`, a tab or a
/// carriage return, and is no plain number) is preceded by a single quote.
///
/// # Errors
/// [`IngestError::Io`] from the writer.
///
/// # Examples
/// ```
/// use campaign_features::ingest::write_records;
/// let mut out = Vec::new();
/// write_records(&mut out, &[])?;
/// assert!(out.starts_with(b"brand,source,account"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_records<'r>(
    out: impl Write,
    records: impl IntoIterator<Item = &'r Record>,
) -> Result<(), IngestError> {
    let mut writer = RecordWriter::new(out)?;
    for record in records {
        writer.write(record)?;
    }
    writer.finish().map(|_| ())
}

/// Writes records one by one, as [`write_records`] does.
pub struct RecordWriter<W: Write>(csv::Writer<W>);

impl<W: Write> core::fmt::Debug for RecordWriter<W> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("RecordWriter").finish_non_exhaustive()
    }
}

fn io(error: impl ToString) -> IngestError {
    IngestError::Io { path: "records".to_owned(), reason: error.to_string() }
}

impl<W: Write> RecordWriter<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// [`IngestError::Io`].
    pub fn new(out: W) -> Result<Self, IngestError> {
        let mut writer = csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(out);
        writer.write_record(HEADER).map_err(io)?;
        Ok(Self(writer))
    }

    /// Writes a record.
    ///
    /// # Errors
    /// [`IngestError::Io`].
    pub fn write(&mut self, record: &Record) -> Result<(), IngestError> {
        for cell in cells(record) {
            self.0.write_field(safe(&cell).as_ref()).map_err(io)?;
        }
        self.0.write_record(None::<&[u8]>).map_err(io)
    }

    /// Writes what is left, and gives back what was written to.
    ///
    /// # Errors
    /// [`IngestError::Io`].
    pub fn finish(self) -> Result<W, IngestError> {
        self.0.into_inner().map_err(io)
    }
}

fn cells(record: &Record) -> Vec<Cow<'_, str>> {
    fn id<T: AsRef<str>>(id: &Option<T>) -> Cow<'_, str> {
        Cow::Borrowed(id.as_ref().map_or("", |id| id.as_ref()))
    }
    fn shown<T: ToString>(value: Option<T>) -> Cow<'static, str> {
        Cow::Owned(value.map_or_else(String::new, |value| value.to_string()))
    }
    let reporting = record.reporting;
    vec![
        Cow::Borrowed(record.brand.as_str()),
        Cow::Borrowed(record.source.as_str()),
        id(&record.account),
        id(&record.channel),
        id(&record.campaign),
        id(&record.campaign_name),
        id(&record.ad_group),
        id(&record.ad_group_name),
        id(&record.ad),
        id(&record.ad_name),
        id(&record.creative),
        id(&record.audience),
        id(&record.country),
        id(&record.breakdown),
        shown(Some(record.date)),
        id(&record.zone),
        Cow::Borrowed(record.currency.map_or("", |c| c.code())),
        shown(Some(record.spend)),
        shown(record.revenue),
        Cow::Borrowed(reporting.map_or("", |r| r.currency.code())),
        shown(reporting.map(|r| r.rate.normalize())),
        shown(reporting.map(|r| r.spend)),
        shown(reporting.and_then(|r| r.revenue)),
        shown(record.impressions),
        shown(record.clicks),
        shown(record.conversions),
        shown(record.video_views),
        id(&record.attribution_window),
        shown(Some(record.known_at)),
    ]
}

/// A cell that no spreadsheet runs.
///
/// # Examples
/// ```
/// use campaign_features::ingest::safe_cell;
/// assert_eq!(safe_cell("=HYPERLINK(\"http://x\")"), "'=HYPERLINK(\"http://x\")");
/// assert_eq!(safe_cell("-12.5"), "-12.5");
/// ```
#[must_use]
pub fn safe_cell(text: &str) -> Cow<'_, str> {
    safe(text)
}

fn safe(text: &str) -> Cow<'_, str> {
    // What has quotes before it already gets one more, so that reading takes the right one off.
    if is_risky(text.trim_start_matches('\'')) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text of a cell that [`safe_cell`] made.
pub(crate) fn unsafe_text(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_risky(text.trim_start_matches('\'')) => text,
        _ => cell,
    }
}

fn is_risky(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_plain_number(text)
}

fn is_plain_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    all(whole) && all(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_quoted_and_numbers_are_not() {
        for (text, safe) in [
            ("=1+1", "'=1+1"),
            ("+cmd", "'+cmd"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("-12.5", "-12.5"),
            ("+7", "+7"),
            ("-", "'-"),
            ("-.5", "'-.5"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(safe_cell(text), safe);
        }
    }

    proptest::proptest! {
        #[test]
        fn a_text_comes_back(text in "['=+@\\-\t\r1a]{0,6}") {
            let safe = safe_cell(&text);
            assert!(!is_risky(&safe));
            assert_eq!(unsafe_text(&safe), text);
        }
    }
}
