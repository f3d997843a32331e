//! When what was written must be on the medium.

use core::time::Duration;

/// When the log is flushed to the medium (`fsync`).
///
/// Under every policy an update is acknowledged only after the operating system has taken it, so that
/// it survives the end of the process however that comes (`kill -9`, a panic, out of memory). The
/// policy decides what a *power failure or crash of the machine* may take:
///
/// | policy | what a power failure may take |
/// | --- | --- |
/// | `Always` | nothing that was acknowledged |
/// | `Every(n)` | the last `n - 1` acknowledged updates |
/// | `Interval(t)` | what was acknowledged since the last flush; a flush comes with the first update after `t` |
/// | `Never` | whatever the operating system had not written by itself |
///
/// Nothing runs in the background: a flush happens inside an update, in
/// [`sync`](super::DirectoryStore::sync) and in [`compact`](super::DirectoryStore::compact).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Sync {
    /// After every update.
    #[default]
    Always,
    /// After every so many updates; 0 and 1 are `Always`.
    Every(u32),
    /// After the first update that comes this long after the last flush.
    Interval(Duration),
    /// Only when asked to.
    Never,
}
