//! What the log asks of a file, so that a test can stand in for a disk that fails.

use std::fs::File;
use std::io::{self, Write};

pub(crate) trait Disk: Send + Sync + core::fmt::Debug {
    /// Writes at the end; on an error any part of it may have been written.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Returns when everything written is on the medium.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the file off.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
}

/// The file must be open for appending: writes go to the end wherever `truncate` moved it.
impl Disk for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }
    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }
}
