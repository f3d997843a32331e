//! Where a value came from: source rows, spec and code.

mod digest;
#[cfg(feature = "serde")]
mod manifest;
mod rows;

pub use digest::{Digest, DigestError};
#[cfg(feature = "serde")]
pub use manifest::{Archive, Code, Content, ContentDiff, Manifest, ManifestDiff, ManifestError};
pub use rows::{Changes, RowIndex, RowsError};
