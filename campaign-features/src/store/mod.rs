//! Feature rows online: in memory, or in a directory that outlives the process.

mod codec;
mod directory;
mod online;
mod stream;

pub use directory::{DirectoryError, DirectoryStore, Recovery, Sync};
pub use online::{
    Applied, Counts, Event, OnlineStore, RowScratch, SnapshotError, StoreConfig, StoreError,
    UpdateError,
};
