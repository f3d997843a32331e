//! Exports to facts, under the source of truth that the team states.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use campaign_core::ids::IdError;
use campaign_core::{AdId, Currency, Record};
use campaign_features::audit::{SourceAudit, audit};
use campaign_features::feature::source::{RecordSources, Sources};
use campaign_features::fx::FxTable;
use campaign_features::ingest::{
    Applied, ApplyOptions, Conversion, Ingest, IngestConfig, Ingested, apply_conversions,
    write_records,
};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::config::{Config, Truth};
use super::history::{cell_key, currency_of};
use crate::program::{Failure, OrFail as _, Stages, read_text};

/// What was read.
#[derive(Debug)]
pub struct Input {
    /// As the files say it.
    pub ingested: Ingested,
    /// The daily rows that can be compared: those of one currency.
    rows: Vec<Record>,
    /// The same with the conversions of the source of truth.
    pub facts: Vec<Record>,
    /// The other rows.
    left_out: Vec<Record>,
    /// What became of the orders, if they are the truth.
    pub applied: Option<Applied>,
    /// Why orders are not the truth although there are some.
    pub orders_unused: Option<String>,
}

/// The instant at which a run that stands on a day happens: the noon of that day in UTC, when the
/// day before is over everywhere on Earth.
///
/// # Errors
/// At the ends of the calendar.
pub fn as_of_instant(day: Date) -> Result<Timestamp, Failure> {
    let noon = day.at(12, 0, 0, 0).to_zoned_datetime(TimeZone::UTC);
    Ok(noon.or_fail("the day to stand on")?.timestamp())
}

/// Reads a folder (or one file) of exports.
///
/// # Errors
/// [`Failure`] if it cannot be listed, holds no table that is known, or lacks an exchange rate.
pub fn read_folder(
    data: &Path,
    config: &Config,
    as_of: Option<Date>,
    stages: &Stages,
) -> Result<Input, Failure> {
    let mut settings = config.ingest.clone();
    if let Some(day) = as_of {
        settings.as_of = Some(as_of_instant(day)?);
    }
    let fx_path = config.fx.clone().or_else(|| {
        let beside: PathBuf = data.join("fx.csv");
        beside.is_file().then_some(beside)
    });
    if let Some(path) = &fx_path {
        let table = FxTable::from_csv(&read_text(path)?);
        settings.fx = Some(table.map_err(|error| Failure::at(path, error))?);
    }
    let options = Options::of(config, &settings);
    let mut ingest = Ingest::new(settings).or_fail("the ingest configuration")?;
    ingest
        .read_path_with(data, &mut |progress| {
            stages
                .progress(format_args!("{} of {}: {}", progress.done, progress.of, progress.file));
        })
        .or_fail("reading the exports")?;
    let ingested = ingest.finish().or_fail("reading the exports")?;
    if ingested.records.is_empty() {
        return Err(Failure::at(data, nothing_usable(&ingested)));
    }
    Input::new(ingested, &options)
}

/// Why exports gave no daily rows: the first thing a person can mend.
fn nothing_usable(ingested: &Ingested) -> String {
    let reject = ingested.rejects.first().map(|r| {
        format!("{} row {}, column {}: {:?}, {}", r.file, r.row, r.column, r.value, r.reason)
    });
    let problem = ingested.sources.iter().find_map(|source| {
        source.problem.as_ref().map(|problem| format!("{}: {problem}", source.file))
    });
    let later = ingested.sources.iter().map(|source| source.after_as_of).sum::<u64>();
    let later = (later > 0).then(|| format!("{later} rows became known after the day to stand on"));
    let tables = ingested.sources.len();
    let first = reject.or(later).or(problem).unwrap_or_else(|| {
        format!("{tables} files were read, none of them with spend per ad, ad group or campaign")
    });
    format!("no usable rows of ads; {first}")
}

/// Reads exports that are already in memory.
///
/// # Errors
/// As [`read_folder`].
pub fn read_memory<'f>(
    files: impl IntoIterator<Item = (&'f str, &'f [u8])>,
    config: &Config,
) -> Result<Input, Failure> {
    let options = Options::of(config, &config.ingest);
    let mut ingest = Ingest::new(config.ingest.clone()).or_fail("the ingest configuration")?;
    for (name, bytes) in files {
        ingest.read_bytes(name, bytes);
    }
    Input::new(ingest.finish().or_fail("reading the exports")?, &options)
}

/// How orders are put in the place of what platforms claim.
#[derive(Debug)]
struct Options {
    truth: Truth,
    window_days: u16,
    fx: Option<FxTable>,
    fx_carry_days: u16,
    as_of: Option<Timestamp>,
}

impl Options {
    fn of(config: &Config, settings: &IngestConfig) -> Self {
        Self {
            truth: config.conversions.truth,
            window_days: config.conversions.window_days,
            fx: settings.fx.clone(),
            fx_carry_days: settings.fx_carry_days,
            as_of: settings.as_of,
        }
    }
}

impl Input {
    fn new(ingested: Ingested, options: &Options) -> Result<Self, Failure> {
        let (rows, left_out) = comparable(&ingested.records);
        let mut facts = rows.clone();
        let named = |order: &Conversion| order.ad.is_some() || order.campaign.is_some();
        let use_orders = options.truth == Truth::Crm && ingested.conversions.iter().any(named);
        let mut unused = None;
        let applied = if use_orders {
            let mut how = ApplyOptions::new(options.window_days);
            if let Some(fx) = &options.fx {
                how = how.with_fx(fx, options.fx_carry_days);
            }
            if let Some(as_of) = options.as_of {
                how = how.with_as_of(as_of);
            }
            match apply_conversions(&mut facts, &ingested.conversions, how) {
                // Orders that find no ad are tagged otherwise than the ads are numbered.
                Ok(applied) if !applied.is_usable() => {
                    let (joined, owed) = (applied.joined(), applied.owed);
                    facts.clone_from(&rows);
                    unused = Some(format!("{joined} of {owed} orders find the ad they name"));
                    None
                }
                Ok(applied) => Some(applied),
                Err(error) => {
                    unused = Some(error.to_string());
                    None
                }
            }
        } else {
            None
        };
        let unused = unused.map(|why| format!("{why}: what the platforms claim is used instead"));
        Ok(Self { ingested, rows, facts, left_out, applied, orders_unused: unused })
    }

    /// What each day looked like at each instant, cell by cell: the ad rows as they became known,
    /// and, if orders are the truth, each order from the instant it became known.
    ///
    /// # Errors
    /// [`Failure`] if amounts cannot stand side by side.
    pub fn sources(&self) -> Result<Sources, Failure> {
        let doing = "features";
        let mut sources = RecordSources::new().or_fail(doing)?;
        if self.applied.is_some() {
            sources = sources.without_claims();
        }
        let rows: Vec<Record> = self
            .rows
            .iter()
            .map(|record| of_cell(record).or_fail(doing))
            .collect::<Result<_, _>>()?;
        for row in &rows {
            sources.push(row).or_fail(doing)?;
        }
        for credit in self.applied.iter().flat_map(|applied| &applied.credits) {
            let row = rows.get(credit.record).ok_or_else(|| Failure::new("an order of no ad"))?;
            sources.push_credit(row, credit).or_fail(doing)?;
        }
        sources.finish().or_fail(doing)
    }

    /// Which sources are added up although neither states a currency.
    #[must_use]
    pub fn without_currency(&self) -> Option<String> {
        if self.facts.first().and_then(currency_of).is_some() {
            return None;
        }
        let mut sources: Vec<_> = self.facts.iter().map(|record| record.source.as_str()).collect();
        sources.sort_unstable();
        sources.dedup();
        let note = "state no currency and are added up as if they had one";
        (sources.len() > 1).then(|| format!("{} {note}", sources.join(" and ")))
    }

    /// The content of `records.csv`.
    ///
    /// # Errors
    /// [`Failure`] of the writer.
    pub fn records_csv(&self) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        let all = self.facts.iter().chain(&self.left_out);
        write_records(&mut bytes, all).or_fail("records.csv")?;
        Ok(bytes)
    }

    /// Which rows are left out because their amounts cannot be compared with the others'.
    #[must_use]
    pub fn left_out(&self) -> Option<String> {
        let name =
            |currency: Option<Currency>| currency.map_or("an unknown currency", Currency::code);
        let mut sums: BTreeMap<&str, (usize, f64)> = BTreeMap::new();
        for record in &self.left_out {
            let sum = sums.entry(name(currency_of(record))).or_default();
            sum.0 += 1;
            sum.1 += record.amounts().0.to_f64();
        }
        let parts: Vec<String> = sums
            .iter()
            .map(|(currency, (rows, spend))| {
                format!("{rows} rows that spent {spend:.2} in {currency}")
            })
            .collect();
        let kept = name(self.facts.first().and_then(currency_of));
        (!parts.is_empty()).then(|| {
            format!(
                "{} cannot be compared with {kept}: set ingest.reporting_currency and fx",
                parts.join(" and ")
            )
        })
    }

    /// The content of `coverage.json`.
    #[must_use]
    pub fn coverage_file(&self, as_of: Date) -> CoverageFile<'_> {
        CoverageFile {
            audit: audit(&self.ingested, as_of),
            coverage: &self.ingested.coverage,
            sources: &self.ingested.sources,
            rejects: &self.ingested.rejects,
            orders: self.applied.as_ref().map(|applied| Orders {
                owed: applied.owed,
                joined: applied.joined(),
                unmatched: applied.unmatched,
                unattributed: applied.unattributed,
                coverage: applied.coverage(),
                claimed_and_found: applied
                    .by_source
                    .iter()
                    .map(|(source, sums)| (source.as_str(), (sums.claimed, sums.orders)))
                    .collect(),
            }),
        }
    }
}

/// A record whose ad is its cell, so that `source/ad` is the cell's key.
fn of_cell(record: &Record) -> Result<Record, IdError> {
    let key = cell_key(record);
    let source = record.source.as_str();
    let within = key.strip_prefix(source).and_then(|key| key.strip_prefix('/')).unwrap_or(&key);
    Ok(Record { ad: Some(AdId::new(within)?), ..record.clone() })
}

/// The rows of the currency that most rows are in, and the others.
///
/// One currency is all there is where a reporting currency is set. Amounts of different currencies
/// cannot be compared, not even to find the larger account.
fn comparable(records: &[Record]) -> (Vec<Record>, Vec<Record>) {
    let mut rows: BTreeMap<Option<Currency>, usize> = BTreeMap::new();
    for record in records {
        *rows.entry(currency_of(record)).or_default() += 1;
    }
    let most = rows.iter().max_by_key(|(_, rows)| **rows).and_then(|(currency, _)| *currency);
    records.iter().cloned().partition(|record| currency_of(record) == most)
}

/// What `coverage.json` holds.
#[derive(Debug, Serialize)]
pub struct CoverageFile<'a> {
    audit: Vec<SourceAudit>,
    coverage: &'a campaign_features::ingest::Coverage,
    orders: Option<Orders<'a>>,
    sources: &'a [campaign_features::ingest::SourceReport],
    rejects: &'a [campaign_features::ingest::Reject],
}

/// First-party orders beside what the platforms claim.
#[derive(Debug, Serialize)]
struct Orders<'a> {
    owed: u64,
    joined: u64,
    unmatched: u64,
    unattributed: u64,
    coverage: Option<f64>,
    claimed_and_found: BTreeMap<&'a str, (f64, f64)>,
}

/// The first half of a SHA-256, to tell versions of a text apart.
#[must_use]
pub fn short_hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
