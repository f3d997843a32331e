//! What an output was made from, in one small file whose name is the digest of its content.

mod archive;
mod diff;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use archive::Archive;
use archive::write;
use diff::contents;
pub use diff::{ContentDiff, ManifestDiff};

use super::Digest;
use super::rows::{RowIndex, RowsError};

/// The version of the manifest's form.
const FORMAT: u32 = 1;

/// Why a manifest cannot be written or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// Two inputs, two outputs or two columns with one name.
    #[error("{0:?} stands twice")]
    Twice(String),
    /// Not the JSON of a manifest.
    #[error("not a manifest: {0}")]
    Json(#[from] serde_json::Error),
    /// A manifest that is not in canonical form (RFC 8785): its digest would not be its name.
    #[error("the manifest is not canonical JSON")]
    NotCanonical,
    /// A form that this version does not read.
    #[error("the manifest has form {got}, expected {FORMAT}")]
    Format {
        /// The form found.
        got: u32,
    },
    /// The content is not what its name says.
    #[error("{path:?} holds {got}, expected {expected}")]
    Content {
        /// The file.
        path: PathBuf,
        /// The digest in its name.
        expected: Digest,
        /// The digest of its content.
        got: Digest,
    },
    /// A row index that cannot be read.
    #[error(transparent)]
    Rows(#[from] RowsError),
    /// The file system said no.
    #[error("{path:?}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

fn io_error(path: &Path) -> impl Fn(io::Error) -> ManifestError {
    |source| ManifestError::Io { path: path.to_owned(), source }
}

/// The code that ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// The package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The revision of the program that was built with it, if the program knows it.
    pub revision: Option<String>,
}

impl Code {
    /// This crate.
    #[must_use]
    pub fn this(revision: Option<&str>) -> Self {
        Self {
            package: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            revision: revision.map(str::to_owned),
        }
    }
}

/// A file or table, by content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Its digest.
    pub sha256: Digest,
    /// Its length in bytes, where it is a file.
    pub bytes: Option<u64>,
    /// The digest of its [`RowIndex`], where there is one.
    pub rows: Option<Digest>,
    /// The digest of each column, where it is a table.
    pub columns: BTreeMap<String, Digest>,
}

impl Content {
    /// Of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let length = bytes.len() as u64;
        Self {
            sha256: Digest::of(bytes),
            bytes: Some(length),
            rows: None,
            columns: BTreeMap::new(),
        }
    }

    /// Of a file.
    ///
    /// # Errors
    /// [`ManifestError::Io`].
    pub fn of_file(path: &Path) -> Result<Self, ManifestError> {
        let file = fs::File::open(path).map_err(io_error(path))?;
        let (sha256, bytes) = Digest::of_reader(file).map_err(io_error(path))?;
        Ok(Self { sha256, bytes: Some(bytes), rows: None, columns: BTreeMap::new() })
    }

    /// Of a table that is no file, by its rows.
    #[must_use]
    pub fn of_rows(rows: &RowIndex) -> Self {
        let digest = rows.digest();
        Self { sha256: digest, bytes: None, rows: Some(digest), columns: BTreeMap::new() }
    }

    /// With the digests of its rows.
    #[must_use]
    pub fn with_rows(mut self, rows: &RowIndex) -> Self {
        self.rows = Some(rows.digest());
        self
    }

    /// With the digest of a column.
    #[must_use]
    pub fn with_column(mut self, name: impl Into<String>, digest: Digest) -> Self {
        self.columns.insert(name.into(), digest);
        self
    }
}

/// Inputs, spec and code on one side, outputs on the other.
///
/// Two runs with the same inputs, spec, code and outputs have the same manifest: it holds no time and
/// no path. Its id is the SHA-256 of its canonical JSON (RFC 8785).
///
/// # Examples
/// ```
/// use campaign_features::lineage::{Code, Content, Digest, Manifest};
/// let manifest = Manifest::new(Digest::of(b"the spec"), Code::this(None))
///     .with_input("records.csv", Content::of(b"ad,day,spend"))?
///     .with_output("features.csv", Content::of(b"ad,day,spend_7d"))?;
/// assert_eq!(Manifest::from_json(&manifest.to_json()?)?, manifest);
/// assert_eq!(manifest.id()?, Digest::of(manifest.to_json()?.as_bytes()));
/// # Ok::<(), campaign_features::lineage::ManifestError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Manifest {
    format: u32,
    /// The digest of the spec in its canonical form.
    pub spec: Digest,
    /// The code.
    pub code: Code,
    /// What was read, by name.
    pub inputs: BTreeMap<String, Content>,
    /// What was written, by name.
    pub outputs: BTreeMap<String, Content>,
}

impl Manifest {
    /// Without inputs and outputs.
    #[must_use]
    pub const fn new(spec: Digest, code: Code) -> Self {
        Self { format: FORMAT, spec, code, inputs: BTreeMap::new(), outputs: BTreeMap::new() }
    }

    /// With an input.
    ///
    /// # Errors
    /// [`ManifestError::Twice`].
    pub fn with_input(
        mut self,
        name: impl Into<String>,
        content: Content,
    ) -> Result<Self, ManifestError> {
        once(&mut self.inputs, name.into(), content)?;
        Ok(self)
    }

    /// With an output.
    ///
    /// # Errors
    /// [`ManifestError::Twice`].
    pub fn with_output(
        mut self,
        name: impl Into<String>,
        content: Content,
    ) -> Result<Self, ManifestError> {
        once(&mut self.outputs, name.into(), content)?;
        Ok(self)
    }

    /// Canonical JSON.
    ///
    /// # Errors
    /// [`ManifestError::Json`]; no manifest is known that cannot be written.
    pub fn to_json(&self) -> Result<String, ManifestError> {
        Ok(serde_json_canonicalizer::to_string(self)?)
    }

    /// Reads canonical JSON.
    ///
    /// # Errors
    /// [`ManifestError::Json`], [`ManifestError::Format`], [`ManifestError::NotCanonical`].
    pub fn from_json(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = serde_json::from_str(text)?;
        if manifest.format != FORMAT {
            return Err(ManifestError::Format { got: manifest.format });
        }
        if manifest.to_json()? != text {
            return Err(ManifestError::NotCanonical);
        }
        Ok(manifest)
    }

    /// The digest of the canonical JSON.
    ///
    /// # Errors
    /// As [`to_json`](Self::to_json).
    pub fn id(&self) -> Result<Digest, ManifestError> {
        Ok(Digest::of(self.to_json()?.as_bytes()))
    }

    /// Writes the manifest beside an output, as `OUTPUT.manifest.json`, and returns that path.
    ///
    /// # Errors
    /// [`ManifestError::Io`]; then the file is as it was before.
    pub fn write_beside(&self, output: &Path) -> Result<PathBuf, ManifestError> {
        let mut path = output.as_os_str().to_owned();
        path.push(".manifest.json");
        let path = PathBuf::from(path);
        write(&path, self.to_json()?.as_bytes())?;
        Ok(path)
    }

    /// What differs in a later manifest, by name; rows are named where `archive` holds the indices of
    /// both.
    ///
    /// # Errors
    /// As [`Archive::rows`], but an index that is not there only means that rows are not named.
    pub fn diff(&self, later: &Self, archive: &Archive) -> Result<ManifestDiff, ManifestError> {
        Ok(ManifestDiff {
            spec: self.spec != later.spec,
            code: self.code != later.code,
            inputs: contents(&self.inputs, &later.inputs, archive)?,
            outputs: contents(&self.outputs, &later.outputs, archive)?,
        })
    }
}

fn once(
    map: &mut BTreeMap<String, Content>,
    name: String,
    content: Content,
) -> Result<(), ManifestError> {
    if map.contains_key(&name) {
        return Err(ManifestError::Twice(name));
    }
    map.insert(name, content);
    Ok(())
}

#[cfg(test)]
#[path = "manifest_tests.rs"]
mod tests;
