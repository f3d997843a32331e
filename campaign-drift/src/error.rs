//! Why a comparison, a test or a policy is refused.

use jiff::civil::Date;
use thiserror::Error;

/// Why a comparison, a test or a policy is refused.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum DriftError {
    /// A sample without values.
    #[error("the {0} sample is empty")]
    Empty(&'static str),
    /// A value that is no number, or infinite.
    #[error("{what}[{index}] is {value}, expected a finite number")]
    NonFinite {
        /// Which sample.
        what: &'static str,
        /// Position in it.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A sample that had to be sorted is not.
    #[error("{what}[{index}] is smaller than the value before it")]
    Unsorted {
        /// Which sample.
        what: &'static str,
        /// Position in it.
        index: usize,
    },
    /// Samples too large for the exact p-value.
    #[error(
        "the exact p-value of samples of {reference} and {current} needs a lattice above {limit}; use the asymptotic one"
    )]
    TooLarge {
        /// Size of the reference sample.
        reference: usize,
        /// Size of the current sample.
        current: usize,
        /// Largest least common multiple of the sizes.
        limit: u64,
    },
    /// A p-value that is no probability.
    #[error("p-value {index} is {value}, expected 0..=1")]
    PValue {
        /// Its position.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// A setting outside its range.
    #[error("{what} is {value}, expected {expected}")]
    Setting {
        /// Which setting.
        what: &'static str,
        /// Its value.
        value: f64,
        /// What it should be.
        expected: &'static str,
    },
    /// A feature that one table has and the other has not.
    #[error("feature {feature:?} is missing from the {from} table")]
    MissingFeature {
        /// Its name.
        feature: String,
        /// The table without it.
        from: &'static str,
    },
    /// A name that occurs twice.
    #[error("feature {0:?} occurs twice")]
    DuplicateFeature(String),
    /// A feature that is categorical in one table and numeric in the other.
    #[error("feature {0:?} is categorical in one table and numeric in the other")]
    KindChanged(String),
    /// An infinite value in a feature (NaN stands for missing there).
    #[error("feature {feature:?} of the {table} table is {value} in row {row}")]
    Value {
        /// The feature.
        feature: String,
        /// The table.
        table: &'static str,
        /// The row.
        row: usize,
        /// The value.
        value: f64,
    },
    /// A check that is not later than the one before it.
    #[error("the check of {day} is not later than the last one, of {last}")]
    Day {
        /// The day of the check.
        day: Date,
        /// The day of the last one.
        last: Date,
    },
}

/// Checks a sample: not empty, every value finite.
pub(crate) fn check_sample(what: &'static str, values: &[f64]) -> Result<(), DriftError> {
    if values.is_empty() {
        return Err(DriftError::Empty(what));
    }
    match values.iter().enumerate().find(|(_, v)| !v.is_finite()) {
        Some((index, &value)) => Err(DriftError::NonFinite { what, index, value }),
        None => Ok(()),
    }
}

/// Checks that a sample is sorted.
pub(crate) fn check_sorted(what: &'static str, values: &[f64]) -> Result<(), DriftError> {
    match values.windows(2).position(|pair| matches!(pair, [a, b] if a > b)) {
        Some(at) => Err(DriftError::Unsorted { what, index: at + 1 }),
        None => Ok(()),
    }
}
