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
mod complete;
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
mod files;
mod fill;
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
mod reading;
mod record_reader;
mod reddit;
mod report;
mod reshape;
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
mod universal;
mod web;
mod write;
mod x_ads;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

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
pub use universal::UniversalAnalytics;
pub use write::{RecordWriter, safe_cell, write_records};
pub use x_ads::XAds;

use crate::creative::Creative;
use crate::reconcile::Conflict;
use adapter::Adapter;
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
            Box::new(UniversalAnalytics),
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
            files::list(path, &mut files, &mut BTreeSet::new(), &io)?;
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
