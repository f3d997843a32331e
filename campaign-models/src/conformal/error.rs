//! What can go wrong in calibrating intervals.

use thiserror::Error;

/// Why intervals could not be calibrated.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ConformalError {
    /// A coverage that is none.
    #[error("coverage is {0}, expected a number between 0 and 1")]
    Coverage(f64),
    /// Parts of different lengths.
    #[error("{what} has length {got}, expected {expected}")]
    Length {
        /// Which part.
        what: &'static str,
        /// Its length.
        got: usize,
        /// The length of the targets.
        expected: usize,
    },
    /// A number that cannot be.
    #[error("{what}[{index}] is {value}, expected {expected}")]
    Value {
        /// Which part.
        what: &'static str,
        /// Position, from 0.
        index: usize,
        /// The value.
        value: f64,
        /// What was expected.
        expected: &'static str,
    },
    /// Too few rows for the coverage: only an infinite interval would hold it.
    #[error("{got} calibration rows, expected at least {needed} for this coverage")]
    TooFewRows {
        /// How many there are.
        got: usize,
        /// How many are needed.
        needed: usize,
    },
    /// Too few rows in a group, and no other group's margin may stand in.
    #[error(
        "group {group} has {got} calibration rows, expected at least {needed} for this coverage"
    )]
    TooFewInGroup {
        /// The group.
        group: u32,
        /// How many rows it has.
        got: usize,
        /// How many are needed.
        needed: usize,
    },
    /// Calibration rows that do not count.
    #[error("the weights sum to {0}, expected a positive finite number")]
    Weights(f64),
    /// No step size.
    #[error("no step size is given, expected at least one")]
    NoSteps,
    /// A saved state that none can have.
    #[error("{0}")]
    State(&'static str),
}
