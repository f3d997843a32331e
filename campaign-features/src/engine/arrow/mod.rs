//! Sources, requests and features as Arrow record batches and Parquet files.
//!
//! # The columns
//! A table of a **source** has, per row, one version of one fact:
//!
//! | column | type | meaning |
//! | --- | --- | --- |
//! | one per entity kind | text | whose it is; null for nobody's. `campaign.role` = `key` |
//! | `day` | date | the day it happened |
//! | `known_at` | timestamp, UTC | when this version became known |
//! | `fact` | unsigned integer | which fact it is a version of, within its entity |
//! | `stands` | bool, optional | `false`: the fact is not so (any more) |
//! | one per measure | 64-bit integer | exact units; null where not reported. `campaign.role` = `measure`, `campaign.unit` = `count` or `millionth` |
//! | one per attribute | text | null where none is stated. `campaign.role` = `attribute` |
//!
//! A table of **requests** has `request` (an unsigned integer, each once), the key columns, `day` (of
//! decision), `cutoff` (a timestamp) and, where calendar features describe another day, `target_day`.
//! A table of **features** has the columns of its requests and one per feature: a float, null where
//! missing, or a dictionary of levels.
//!
//! `campaign.role` and `campaign.unit` stand in the metadata of the Arrow fields, which Parquet files
//! keep. Text may be a dictionary, a date also 64 bits, and integers of any width are read as long as
//! they fit. Columns of no role are not read.
//!
//! # Memory
//! Everything is made and read a batch at a time; a file is written a row group at a time.

mod file;
mod names;
mod read;
mod write;

#[cfg(feature = "datafusion")]
pub(crate) use file::ParquetFile;
pub use file::{read_parquet, write_parquet};
pub use names::{CUTOFF, DAY, FACT, KNOWN_AT, REQUEST, STANDS, TARGET_DAY};
#[cfg(feature = "datafusion")]
pub(crate) use names::{Role, instant};
pub use read::{SourcesReader, push_requests};
#[cfg(feature = "datafusion")]
pub(crate) use write::{feature_array, feature_field};
pub use write::{request_batches, source_batches, table_batches};
