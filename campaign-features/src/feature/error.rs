//! What can be wrong with sources, a spec or a request.

use std::sync::Arc;

use campaign_core::dataset::DatasetError;
use campaign_core::ids::IdError;
use campaign_core::time::TimeError;
use thiserror::Error;

use super::transform::TransformError;

/// Why features cannot be had.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum FeatureError {
    /// A measure that is not finite or too large to be summed exactly.
    #[error(
        "source {of:?}, row {row}: {measure} is {value}, expected a number within ±2^61 integers"
    )]
    Measure {
        /// The source.
        of: Arc<str>,
        /// The row, from 0 in the order given.
        row: usize,
        /// Which measure.
        measure: Arc<str>,
        /// Its value.
        value: f64,
    },
    /// Two versions of one fact, known at the same instant, that say different things.
    #[error("source {of}, day {day}: two different versions of a fact are known at {known_at}")]
    SameInstant {
        /// The source's index.
        of: usize,
        /// The day it happened, in days since 1970-01-01.
        day: i32,
        /// When both became known, in microseconds since then.
        known_at: i64,
    },
    /// A name that is not declared.
    #[error("{}{what} {name:?} is not known; there are {known}", of(feature))]
    Unknown {
        /// The feature's name; empty where no feature asks for it.
        feature: Arc<str>,
        /// What was looked for.
        what: &'static str,
        /// Its name.
        name: Arc<str>,
        /// What there is.
        known: String,
    },
    /// A name that stands twice.
    #[error("{what} {name:?} is declared twice")]
    Twice {
        /// What it names.
        what: &'static str,
        /// The name.
        name: Arc<str>,
    },
    /// A declaration that cannot be.
    #[error("feature {feature:?}: {reason}")]
    Spec {
        /// The feature's name.
        feature: Arc<str>,
        /// What is wrong.
        reason: String,
    },
    /// A spec without a column.
    #[error("the spec declares no feature")]
    Empty,
    /// A spec that cannot be read.
    #[error("the spec cannot be read: {0}")]
    Parse(String),
    /// Amounts that cannot be added up.
    #[error(
        "row {row} is in {currency}, row {first_row} in {first}: state a reporting currency at ingest"
    )]
    Currencies {
        /// The row, from 0 in the order given.
        row: usize,
        /// Its currency.
        currency: &'static str,
        /// The currency of the first row with an amount.
        first: &'static str,
        /// That row.
        first_row: usize,
    },
    /// What a transform refuses.
    #[error("feature {feature:?}: {source}")]
    Transform {
        /// The feature's name.
        feature: Arc<str>,
        /// Why.
        source: TransformError,
    },
    /// Labels of other rows than the table's.
    #[error("the labels are not those of the table's rows")]
    Labels,
    /// What the kernel refuses.
    #[error(transparent)]
    Kernel(#[from] campaign_core::Error),
    /// A day beyond the calendar, or an unknown zone.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// More names than can be counted.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The table is not a data set.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
}

fn of(feature: &str) -> String {
    if feature.is_empty() { String::new() } else { format!("feature {feature:?}: ") }
}
