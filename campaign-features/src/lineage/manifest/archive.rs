//! Manifests and row indices in a directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::super::Digest;
use super::super::rows::RowIndex;
use super::{Manifest, ManifestError, io_error};

/// A directory of manifests (`ID.json`) and row indices (`DIGEST.rows`), each under the digest of its
/// content and checked against it when read. Nothing in it is ever overwritten.
#[derive(Debug, Clone)]
pub struct Archive {
    path: PathBuf,
}

impl Archive {
    /// Opens a directory, which is made if need be.
    ///
    /// # Errors
    /// [`ManifestError::Io`].
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, ManifestError> {
        let path = path.into();
        fs::create_dir_all(&path).map_err(io_error(&path))?;
        Ok(Self { path })
    }

    /// Stores a manifest and returns its id.
    ///
    /// # Errors
    /// [`ManifestError::Io`].
    pub fn put(&self, manifest: &Manifest) -> Result<Digest, ManifestError> {
        self.put_text(&manifest.to_json()?, "json")
    }

    /// Stores a row index and returns its digest.
    ///
    /// # Errors
    /// [`ManifestError::Io`].
    pub fn put_rows(&self, rows: &RowIndex) -> Result<Digest, ManifestError> {
        self.put_text(&rows.to_text(), "rows")
    }

    /// A manifest; `None` if it is not here.
    ///
    /// # Errors
    /// [`ManifestError::Content`] if the file was changed, and those of [`Manifest::from_json`].
    pub fn manifest(&self, id: Digest) -> Result<Option<Manifest>, ManifestError> {
        self.text(id, "json")?.map(|text| Manifest::from_json(&text)).transpose()
    }

    /// A row index; `None` if it is not here.
    ///
    /// # Errors
    /// [`ManifestError::Content`] if the file was changed, [`ManifestError::Rows`].
    pub fn rows(&self, digest: Digest) -> Result<Option<RowIndex>, ManifestError> {
        let text = self.text(digest, "rows")?;
        Ok(text.map(|text| RowIndex::from_text(&text)).transpose()?)
    }

    pub(super) fn file(&self, digest: Digest, kind: &str) -> PathBuf {
        self.path.join(format!("{digest}.{kind}"))
    }

    fn put_text(&self, text: &str, kind: &str) -> Result<Digest, ManifestError> {
        let digest = Digest::of(text.as_bytes());
        let path = self.file(digest, kind);
        if !path.exists() {
            write(&path, text.as_bytes())?;
        }
        Ok(digest)
    }

    fn text(&self, digest: Digest, kind: &str) -> Result<Option<String>, ManifestError> {
        let path = self.file(digest, kind);
        let text = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error(&path)(error)),
        };
        let got = Digest::of(&text);
        let changed = |path| ManifestError::Content { path, expected: digest, got };
        if got != digest {
            return Err(changed(path));
        }
        String::from_utf8(text).map(Some).map_err(|_| changed(path))
    }
}

/// Writes a file whole or not at all.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), ManifestError> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = PathBuf::from(temporary);
    let result = fs::write(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    result.map_err(|error| {
        // What cannot be written can hardly be removed; the first error is the one that tells.
        let _ = fs::remove_file(&temporary);
        io_error(path)(error)
    })
}
