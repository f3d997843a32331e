//! What every saved model stands in: format, version and checksum around a payload.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Why a text is not what a model was saved as.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SavedError {
    /// Not JSON, or JSON of another shape.
    #[error("not a saved model: {0}")]
    Json(#[from] serde_json::Error),
    /// A file of another program, or another kind of model.
    #[error("format is {got:?}, expected {expected:?}")]
    Format {
        /// The file's.
        got: String,
        /// That of the model asked for.
        expected: &'static str,
    },
    /// A version this crate does not know.
    #[error("format version is {got}, expected {expected}")]
    Version {
        /// The file's.
        got: u32,
        /// What this crate reads.
        expected: u32,
    },
    /// The payload is not what was saved.
    #[error("checksum of the payload is {got}, the file says {expected}")]
    Checksum {
        /// Of the payload read.
        got: String,
        /// As written in the file.
        expected: String,
    },
}

/// Read first, so that a later version is named as such and not as a wrong shape.
#[derive(Deserialize)]
struct Header {
    format: String,
    version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<P> {
    format: String,
    version: u32,
    /// Of the payload, written without spaces.
    sha256: String,
    payload: P,
}

fn checksum(payload: &impl Serialize) -> Result<String, serde_json::Error> {
    let digest = Sha256::digest(serde_json::to_vec(payload)?);
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A payload in its envelope.
pub(crate) fn write(
    format: &'static str,
    version: u32,
    payload: &impl Serialize,
) -> Result<String, serde_json::Error> {
    let sha256 = checksum(payload)?;
    serde_json::to_string(&Envelope { format: format.to_owned(), version, sha256, payload })
}

/// The payload of an envelope.
///
/// # Errors
/// [`SavedError`] for another format or version, and a payload that does not match its checksum.
pub(crate) fn read<P: Serialize + DeserializeOwned>(
    format: &'static str,
    version: u32,
    json: &str,
) -> Result<P, SavedError> {
    let header: Header = serde_json::from_str(json)?;
    if header.format != format {
        return Err(SavedError::Format { got: header.format, expected: format });
    }
    if header.version != version {
        return Err(SavedError::Version { got: header.version, expected: version });
    }
    let Envelope { sha256: expected, payload, .. } = serde_json::from_str::<Envelope<P>>(json)?;
    let got = checksum(&payload)?;
    if got == expected { Ok(payload) } else { Err(SavedError::Checksum { got, expected }) }
}
