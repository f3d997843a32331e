//! Where a value came from: source rows, spec and code.
//!
//! [`explain`] names the rows that a single value rests on, and [`dependents`] the rows of the table
//! that rest on a single source row. A [`Manifest`] says what a whole table was made from; the
//! difference of two manifests names the rows that a correction changed.

mod explain;
#[cfg(feature = "serde")]
mod manifest;
mod rows;
mod table;

pub use crate::ingest::Origin;
pub use campaign_core::digest::{Digest, DigestError};
pub use explain::{Explanation, Origins, Request, Role, Row, dependents, explain};
#[cfg(feature = "serde")]
pub use manifest::{Archive, Code, Content, ContentDiff, Manifest, ManifestDiff, ManifestError};
pub use rows::{Changes, RowIndex, RowsError};
pub use table::{column_digests, source_rows, table_rows};
