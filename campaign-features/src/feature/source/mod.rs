//! What happened, when it became known, and what is asked: observations and requests in columns.
//!
//! Every measure is an integer in an exact unit (micros of money, counts, millionths of anything
//! else), so that no sum depends on the order of its parts. Keys and attributes are codes into lists
//! of names.

mod asked;
mod builder;
mod columns;
mod consent;
mod decision;
mod identity;
mod moves;
mod personal;
mod records;
mod requests;
mod resolve;
mod units;

pub use builder::{Row, SourceBuilder, Sources, SourcesBuilder};
pub use columns::{Columns, MeasureColumn, NOT_REPORTED, Source};
pub use consent::{ConsentFilter, ConsentReport};
pub(crate) use decision::Clock;
pub use decision::Decision;
pub use personal::Subject;
pub(crate) use records::ZONE;
pub use records::{RECORD_KINDS, RECORDS, RecordSources};
pub use requests::Requests;
pub(crate) use units::LARGEST;
pub use units::Unit;

/// No key, or an attribute that is not stated.
pub const NONE: u32 = u32::MAX;
