//! Decisions, their reasons, and a log that shows when it was touched.
//!
//! A [`Decision`] says who did what to which thing, when, why ([`Reason`]), on which inputs, and what
//! else was possible. A [`DecisionLog`] keeps decisions in a file to which records are only ever added.
//!
//! # The format
//! One record per line, UTF-8, each line ended by a line feed. A record is one JSON object in the
//! canonical form of RFC 8785 (members sorted, no white space, numbers as ECMAScript prints them):
//! ```text
//! {"decision":{...},"hash":"<64 hex digits>","prev":"<64 hex digits>","seq":1}
//! ```
//! - `seq` counts from 1 and is also the line number.
//! - `prev` is the `hash` of the record before; for the first record it is 64 zeros.
//! - `hash` is the SHA-256, in lower-case hex, of the UTF-8 bytes of the canonical JSON of the record
//!   *without* its member `hash`, that is of `{"decision":{...},"prev":"...","seq":1}`.
//!
//! As a line is canonical itself, the hashed bytes are the line with `,"hash":"..."` cut out and
//! without its line feed. `tests/reference/verify_log.py` of the repository checks a log from these
//! rules alone.
//!
//! # What is detected
//! Any byte changed, and any record dropped, inserted, repeated or moved breaks the chain at a line
//! that [`verify`] names. Two things a chain alone cannot show: that its end was cut off, and that it
//! was written anew from some record on. Publish the [`Head`] (seq and hash of the last record) where
//! the log's keeper cannot change it, and give it to [`verify`] later: both are then detected.
//!
//! # Source
//! Haber and Stornetta (1991), *How to time-stamp a digital document*, J. Cryptology 3, section 5.1
//! (linking); RFC 8785 (2020); FIPS 180-4.

mod chain;
mod check;
mod entries;
mod input;
mod log;
mod number;
mod reason;
mod record;

pub use crate::digest::Digest;
pub use chain::{Chain, Defect, DefectKind, Head, HeadError};
pub use check::DecisionError;
pub use entries::{Entries, Entry, Verified, VerifyError, entries, verify};
pub use input::Input;
pub use log::{DecisionLog, LogError, Recovery};
pub use reason::{Evidence, Reason, Relation, Unit};
pub use record::{Alternative, Decision};

/// The longest line of a log, line feed included, in bytes: 16 MiB.
///
/// A limit keeps a damaged file without line feeds from being read into memory whole.
pub const MAX_LINE: usize = 16 << 20;
