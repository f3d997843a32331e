//! Why a store in a directory says no.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::super::online::{SnapshotError, StoreError, UpdateError};
use crate::lineage::Digest;

/// Why a store in a directory cannot be opened, changed or compacted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// Another process, or another store of this one, writes here.
    #[error("{0:?} is in use by another writer")]
    Locked(PathBuf),
    /// The file system said no. Memory and disk are as they were before.
    #[error("cannot {what} {path:?}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The log could not be written, flushed or cut back, so that what is on the disk is not known.
    /// Rows can still be read; to change anything, open the directory again.
    #[error("the log is broken; open the directory again")]
    Broken {
        /// What the file system said, when it happened.
        source: Option<io::Error>,
    },
    /// The log is that of another plan, schema or late days.
    #[error("the log was made with {got}, this store has {expected}")]
    Digest {
        /// This store's digest.
        expected: Digest,
        /// The log's.
        got: Digest,
    },
    /// Acknowledged records are damaged or missing: not the torn end that a crash leaves.
    #[error("the log is damaged after record {seq}, at byte {at}: {reason}")]
    Damaged {
        /// The last record that is whole.
        seq: u64,
        /// Where the damage begins.
        at: u64,
        /// What is wrong.
        reason: &'static str,
    },
    /// A record that was acknowledged cannot be applied, as under smaller capacities.
    #[error("record {seq} of the log cannot be applied: {source}")]
    Replay {
        /// Which record.
        seq: u64,
        /// Why not.
        source: UpdateError,
    },
    /// The snapshot cannot be restored.
    #[error("{path:?}: {source}")]
    Snapshot {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: SnapshotError,
    },
    /// The store cannot be made with these capacities.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The event, key or day was refused. Memory and disk are as they were before.
    #[error(transparent)]
    Update(#[from] UpdateError),
}
