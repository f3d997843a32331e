//! Exports of ad platforms, CRM and web analytics to one schema.
//!
//! [`Ingest`] takes files in any order of columns, language and encoding it knows, recognises what they
//! are by their content, and gives daily [`Record`]s, [`Conversion`]s and [`WebRow`]s together with an
//! account of every row.

mod actions;
mod ad;
pub mod adapter;
mod ads;
mod amazon;
mod apple_search_ads;
mod apply;
mod assemble;
mod config;
mod connector;
mod conversion;
mod crm;
pub mod date;
pub mod decode;
mod dedup;
mod detect;
mod emit;
mod entities;
mod error;
mod finish;
mod ga4;
mod google;
mod hash;
pub mod header;
mod input;
pub mod layout;
mod levels;
mod linkedin;
mod mapping;
mod meta;
mod microsoft;
pub mod number;
mod open;
mod period;
mod periods;
mod pinterest;
mod plan;
mod read;
mod record_reader;
mod reddit;
mod report;
mod row;
mod snapchat;
mod store;
mod survey;
pub mod table;
mod tally;
mod texts;
mod tiktok;
mod totals;
mod twins;
mod unallocated;
mod web;
mod write;
mod x_ads;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use campaign_core::{CreativeId, Record};

pub use amazon::Amazon;
pub use apple_search_ads::AppleSearchAds;
pub use apply::{Applied, ApplyError, ApplyOptions, Credit, Reconciled, apply_conversions};
pub use config::{ConfigError, IngestConfig, SourceDefaults};
pub use conversion::{Conversion, WebRow};
pub use crm::Crm;
pub use emit::{Origin, Version};
pub use error::IngestError;
pub use ga4::Ga4;
pub use google::Google;
pub use layout::{Kind, Level};
pub use linkedin::LinkedIn;
pub use mapping::{ComposedId, MappedColumn, MappedOutput, Mapping, MappingError, Period};
pub use meta::Meta;
pub use microsoft::Microsoft;
pub use pinterest::Pinterest;
pub use record_reader::{RecordError, RecordReader, read_records};
pub use reddit::Reddit;
pub use report::{Amounts, Censored, Coverage, FileProblem, Finding, Join, Reject, SourceReport};
pub use snapchat::Snapchat;
pub use tiktok::TikTok;
pub use write::{RecordWriter, safe_cell, write_records};
pub use x_ads::XAds;

use crate::creative::Creative;
use crate::fx::FxTable;
use crate::reconcile::Conflict;
use adapter::Adapter;
use config::Defaults;
use decode::Encoding;
use input::{Text, TextError};
use read::Again;
use row::Style;
use store::Store;

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress<'a> {
    /// The file that was just read.
    pub file: &'a str,
    /// How many are done.
    pub done: usize,
    /// How many there are in all.
    pub of: usize,
}

/// Everything that was read.
///
/// Records are sorted by date, source, account, campaign, ad group, ad, audience, country and
/// breakdown; conversions and web rows stand in reading order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Ingested {
    /// Daily rows, of the finest level of each source.
    pub records: Vec<Record>,
    /// Superseded versions of records, in the same order, where [`IngestConfig::history`] asks for them:
    /// the values that were restated, and until when they held.
    pub history: Vec<Version>,
    /// Orders and other first-party conversions.
    pub conversions: Vec<Conversion>,
    /// Web sessions.
    pub web: Vec<WebRow>,
    /// What the creatives of the records show, where an export says so.
    pub creatives: BTreeMap<CreativeId, Creative>,
    /// One report per file, in reading order.
    pub sources: Vec<SourceReport>,
    /// Every rejected row.
    pub rejects: Vec<Reject>,
    /// How much of the input reached the output.
    pub coverage: Coverage,
    /// Coarser reports that do not agree with the finest rows.
    pub conflicts: Vec<Conflict>,
}

/// Reads exports.
///
/// # Examples
/// ```
/// use campaign_features::ingest::{Ingest, IngestConfig};
/// let export = "Day,Campaign name,Ad ID,Amount spent (EUR),Impressions,Link clicks\n\
///               2026-05-04,Spring,77,12.50,1000,31\n\
///               2026-05-04,Spring,78,oops,900,30\n";
/// let mut ingest = Ingest::new(IngestConfig::new("acme"))?;
/// ingest.read_bytes("meta.csv", export.as_bytes());
/// let out = ingest.finish()?;
/// assert_eq!(out.records[0].spend.to_string(), "12.5");
/// assert_eq!((out.rejects[0].row, out.rejects[0].column.as_str()), (3, "Amount spent (EUR)"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Ingest {
    store: Store,
    adapters: Vec<Box<dyn Adapter>>,
}

impl core::fmt::Debug for Ingest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let platforms: Vec<&str> = self.adapters.iter().map(|a| a.platform()).collect();
        f.debug_struct("Ingest").field("platforms", &platforms).finish_non_exhaustive()
    }
}

impl Ingest {
    /// Starts with every adapter of this crate.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn new(config: IngestConfig) -> Result<Self, ConfigError> {
        Self::with_adapters(config, Vec::new())
    }

    /// Starts with every adapter of this crate and further ones, whose sources the configuration may
    /// name; where two know a header equally well, the one that comes first has it.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn with_adapters(
        config: IngestConfig,
        further: Vec<Box<dyn Adapter>>,
    ) -> Result<Self, ConfigError> {
        let mut adapters: Vec<Box<dyn Adapter>> = vec![
            Box::new(Meta),
            Box::new(Google),
            Box::new(TikTok),
            Box::new(Ga4),
            Box::new(Crm),
            Box::new(Microsoft),
            Box::new(LinkedIn),
            Box::new(Snapchat),
            Box::new(Pinterest),
            Box::new(Reddit),
            Box::new(XAds),
            Box::new(Amazon),
            Box::new(AppleSearchAds),
        ];
        adapters.extend(further);
        let platforms: Vec<&str> = adapters.iter().map(|adapter| adapter.platform()).collect();
        let settings = config.check(&platforms)?;
        Ok(Self { store: Store::new(config, settings), adapters })
    }

    /// Adds an adapter; where two know a header equally well, the one added first has it. A
    /// configuration that names its source needs [`Ingest::with_adapters`].
    #[must_use]
    pub fn with_adapter(mut self, adapter: impl Adapter + 'static) -> Self {
        self.adapters.push(Box::new(adapter));
        self
    }

    /// Reads a file, or every `.csv`, `.tsv`, `.tab` and `.txt` file under a folder, gzipped or not, and every
    /// `.zip`, in the order of their names; spreadsheets, JSON and Parquet files are reported as what cannot
    /// be read. Each file of an archive has a report of its own, as
    /// `archive.zip/member.csv`. Links are followed, to each folder once; what is no regular file, such as
    /// a pipe, is reported as unreadable.
    ///
    /// # Errors
    /// [`IngestError::Io`] if the path, or a folder under it, cannot be listed. A file that cannot be
    /// read is reported among the sources.
    pub fn read_path(&mut self, path: impl AsRef<Path>) -> Result<(), IngestError> {
        self.read_path_with(path, &mut |_| {})
    }

    /// [`Ingest::read_path`] with an observer, called after every file.
    ///
    /// # Errors
    /// As [`Ingest::read_path`].
    pub fn read_path_with(
        &mut self,
        path: impl AsRef<Path>,
        observer: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), IngestError> {
        let path = path.as_ref();
        let io = |error: std::io::Error, at: &Path| IngestError::Io {
            path: at.display().to_string(),
            reason: error.to_string(),
        };
        let is_dir = std::fs::metadata(path).map_err(|error| io(error, path))?.is_dir();
        let mut files = Vec::new();
        if is_dir {
            list(path, &mut files, &mut BTreeSet::new(), &io)?;
        } else {
            files.push(path.to_owned());
        }
        for (index, file) in files.iter().enumerate() {
            let base = if is_dir { path } else { path.parent().unwrap_or(path) };
            let name = file.strip_prefix(base).unwrap_or(file).to_string_lossy().replace('\\', "/");
            self.take(&name, &mut input::Origin::File(file));
            observer(Progress { file: &name, done: index + 1, of: files.len() });
        }
        Ok(())
    }

    /// Reads one export from memory; `name` stands in the reports. What cannot be read is reported.
    pub fn read_bytes(&mut self, name: &str, bytes: &[u8]) {
        self.take(name, &mut input::Origin::Bytes(bytes));
    }

    /// Reads one export from a stream; `name` stands in the reports. What cannot be read is reported.
    ///
    /// The first 64 MiB are kept in memory while it is read. Where a longer stream turns out to write
    /// numbers, dates or letters otherwise than its beginning shows, it is reported as unreadable;
    /// [`Ingest::read_path`] reads such a file a second time.
    pub fn read_reader(&mut self, name: &str, source: impl Read) {
        match input::Origin::stream(source) {
            Ok(mut origin) => self.take(name, &mut origin),
            Err(error) => self.unreadable(name, error),
        }
    }

    /// Reads a file, or each file of an archive.
    fn take(&mut self, name: &str, origin: &mut input::Origin<'_>) {
        let members = match origin.members() {
            Ok(None) => {
                let limit = self.store.config.max_bytes;
                self.take_one(name, origin, limit);
                return;
            }
            Ok(Some(members)) => members,
            Err(error) => return self.unreadable(name, error),
        };
        if members.is_empty() {
            return self.unreadable(name, "a zip archive without files".to_owned());
        }
        // The members share what is allowed for a file.
        let mut left = self.store.config.max_bytes;
        let mut archive = std::mem::replace(origin, input::Origin::Bytes(&[]));
        for member in members {
            let name = format!("{name}/{}", member.name);
            let mut origin = input::Origin::Member(Box::new(archive), member);
            left -= self.take_one(&name, &mut origin, left).min(left);
            match origin {
                input::Origin::Member(inner, _) => archive = *inner,
                _ => return,
            }
        }
    }

    fn take_one(&mut self, name: &str, origin: &mut input::Origin<'_>, limit: u64) -> u64 {
        let (report, bytes) = self.report(name, origin, limit);
        tracing::debug!(file = name, rows = report.rows_in, rejected = report.rejected, "read");
        self.store.sources.push(report);
        bytes
    }

    fn unreadable(&mut self, name: &str, reason: String) {
        let problem = FileProblem::Unreadable(reason);
        self.store.sources.push(SourceReport::failed(name, Kind::Unreadable, problem, 0));
    }

    /// Reads a file, from its beginning again where what was assumed of it turns out wrong.
    fn report(
        &mut self,
        name: &str,
        origin: &mut input::Origin<'_>,
        limit: u64,
    ) -> (SourceReport, u64) {
        let (mut encoding, mut style) = (None, None);
        let begun = self.store.begin();
        loop {
            let failed = |reason: String, bytes: u64| {
                let problem = FileProblem::Unreadable(reason);
                (SourceReport::failed(name, Kind::Unreadable, problem, 0), bytes)
            };
            let source = match origin.open() {
                Ok(source) => source,
                Err(error) => return failed(error, 0),
            };
            let mut text = Text::new(source, limit, encoding);
            match self.attempt(name, &mut text, style.take()) {
                Ok(report) => return (report, text.taken()),
                Err(again) => {
                    let bytes = text.taken();
                    self.store.take_back(begun);
                    match again {
                        Again::Text(TextError::NotUtf8) if encoding.is_none() => {
                            encoding = Some(Encoding::Windows1252);
                        }
                        Again::Style(decided) => style = Some(*decided),
                        Again::Text(TextError::Decode(error)) => {
                            return failed(error.to_string(), bytes);
                        }
                        Again::Text(TextError::Io(error)) => return failed(error, bytes),
                        Again::Text(TextError::NotUtf8) => {
                            return failed("the text changed while it was read".to_owned(), bytes);
                        }
                    }
                }
            }
        }
    }

    fn attempt<R: Read>(
        &mut self,
        name: &str,
        text: &mut Text<R>,
        style: Option<Style>,
    ) -> Result<SourceReport, Again> {
        // Small files end here.
        text.fill()?;
        let found = loop {
            text.fill()?;
            let (partial, mappings) = (!text.ended(), &self.store.config.mappings);
            let found = detect::detect(text.window(), partial, &self.adapters, mappings);
            if found.is_some() || text.ended() || text.window().len() >= LONGEST_HEAD {
                break found;
            }
        };
        let Some(mut found) = found else { return unrecognised(name, text) };
        // A file that is no longer than a block has ended now.
        text.fill()?;
        let mut report = SourceReport::new(name, found.layout.kind());
        report.platform = Some(found.layout.platform.to_string());
        report.level = found.layout.level;
        let defaults = self.defaults(&found);
        found.layout.clock = defaults.clock.unwrap_or(found.layout.clock);
        read::read(&mut self.store, text, &found, &defaults, style, &mut report)?;
        if report.rows_in == 0 {
            report.notes.push("no data rows: nothing is known, which is not zero".to_owned());
        }
        Ok(report)
    }

    /// What the configuration and the mapping say about a source; the mapping has precedence.
    fn defaults(&self, found: &detect::Found) -> Defaults {
        let stated = self.store.settings.sources.get(&*found.layout.platform);
        let mut out = stated.cloned().unwrap_or_default();
        if let Some(mapping) = found.mapping.and_then(|i| self.store.config.mappings.get(i)) {
            out.date_order = mapping.date_order.or(out.date_order);
            out.decimal_mark = mapping.decimal_mark.or(out.decimal_mark);
            out.zone = mapping.zone.clone().or(out.zone);
        }
        out
    }

    /// Whether any order or other first-party conversion was read so far.
    #[must_use]
    pub fn has_conversions(&self) -> bool {
        !self.store.conversions.slots.is_empty()
    }

    /// Joins, converts and sorts what was read.
    ///
    /// # Errors
    /// [`IngestError::Fx`] where a reporting currency is asked for and a rate is missing;
    /// [`IngestError::Amount`] where a sum does not fit.
    pub fn finish(self) -> Result<Ingested, IngestError> {
        let (mut records, mut history) = (Vec::new(), Vec::new());
        let mut out = self.finish_into(&mut |version| {
            match version.superseded_at {
                None => records.push(version.record),
                Some(_) => history.push(version),
            }
            Ok(())
        })?;
        (out.records, out.history) = (records, history);
        Ok(out)
    }

    /// [`Ingest::finish`], giving the records on one by one instead of holding them: in their order, and
    /// each superseded version, if [`IngestConfig::history`] asks for them, before the one that stands.
    /// The result's `records` and `history` are empty.
    ///
    /// # Errors
    /// As [`Ingest::finish`], and those of `each`, which end the run.
    ///
    /// # Examples
    /// ```
    /// use campaign_features::ingest::{Ingest, IngestConfig, RecordWriter};
    /// let mut ingest = Ingest::new(IngestConfig::new("acme"))?;
    /// ingest.read_bytes("a.csv", b"Day,Ad ID,Amount spent (EUR),Impressions\n2026-05-04,7,2,9\n");
    /// let mut csv = RecordWriter::new(Vec::new())?;
    /// let rest = ingest.finish_into(&mut |version| csv.write(&version.record))?;
    /// assert_eq!(rest.coverage.ok, 1);
    /// assert_eq!(csv.finish()?.iter().filter(|byte| **byte == b'\n').count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn finish_into(
        self,
        each: &mut dyn FnMut(Version) -> Result<(), IngestError>,
    ) -> Result<Ingested, IngestError> {
        finish::finish(self.store, each)
    }
}

/// How much of a file is searched for a header.
const LONGEST_HEAD: usize = 1 << 22;

/// How much of a file is kept to see whether it is a table of rates.
const LONGEST_RATES: usize = 1 << 26;

/// What a file is that no adapter knows.
fn unrecognised<R: Read>(name: &str, text: &mut Text<R>) -> Result<SourceReport, Again> {
    while !text.ended() && text.window().len() < LONGEST_RATES {
        text.fill()?;
    }
    let window = text.window();
    if text.ended() && window.trim().is_empty() {
        return Ok(SourceReport::failed(name, Kind::Unreadable, FileProblem::Empty, 0));
    }
    let filled = |line: &&str| !line.trim().is_empty();
    let first = window.lines().find(filled).unwrap_or_default();
    let problem = FileProblem::Unrecognised { first_line: row::shorten(first.trim()) };
    // A table of rates has short lines.
    let short = text.ended() && window.lines().all(|line| line.len() <= detect::LONGEST_HEADER);
    let is_rates = short && FxTable::from_csv(window).is_ok();
    let mut lines = 0;
    loop {
        let whole = match text.window().rfind('\n') {
            Some(last) if !text.ended() => last + 1,
            _ => text.window().len(),
        };
        let known = text.window().get(..whole).unwrap_or_default();
        lines += known.lines().filter(filled).count() as u64;
        text.consume(whole);
        if text.ended() {
            break;
        }
        text.fill()?;
    }
    if is_rates {
        let mut report = SourceReport::new(name, Kind::Rates);
        report.skipped = lines;
        return Ok(report);
    }
    Ok(SourceReport::failed(name, Kind::Unrecognised, problem, lines))
}

/// How names of files end that may hold a report. What is no text table is listed to be reported.
const ENDINGS: [&str; 11] = [
    ".csv", ".tsv", ".tab", ".txt", ".zip", ".xlsx", ".xls", ".ods", ".json", ".jsonl", ".parquet",
];

/// Files under a folder in the order of their names; hidden ones are left alone, and so are folders that
/// were seen before.
fn list(
    folder: &Path,
    out: &mut Vec<PathBuf>,
    seen: &mut BTreeSet<PathBuf>,
    io: &dyn Fn(std::io::Error, &Path) -> IngestError,
) -> Result<(), IngestError> {
    let real = std::fs::canonicalize(folder).map_err(|error| io(error, folder))?;
    if !seen.insert(real) {
        return Ok(());
    }
    let entries = std::fs::read_dir(folder).map_err(|error| io(error, folder))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(|error| io(error, folder))?.path());
    }
    paths.sort();
    for path in paths {
        let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            list(&path, out, seen, io)?;
        } else {
            let plain = name.strip_suffix(".gz").unwrap_or(&name);
            if ENDINGS.iter().any(|ending| plain.ends_with(ending)) {
                out.push(path);
            }
        }
    }
    Ok(())
}
