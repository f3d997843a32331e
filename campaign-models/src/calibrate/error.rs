//! What can go wrong in calibrating.

use thiserror::Error;

/// Why a calibrator could not be fitted, or reliability not be measured.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum CalibrationError {
    /// Parts of different lengths.
    #[error("{what} has length {got}, expected {expected}")]
    Length {
        /// Which part.
        what: &'static str,
        /// Its length.
        got: usize,
        /// The length of the predictions.
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
    /// No row of positive weight.
    #[error("no row has a positive weight")]
    NoRows,
    /// Weights or targets too large to be summed.
    #[error("a sum over the rows is not finite")]
    Overflow,
    /// One curve separates the targets perfectly, so that no finite one is best.
    #[error("the predictions separate the targets, so that no finite curve is best")]
    Separable,
    /// No bins.
    #[error("0 bins, expected at least 1")]
    NoBins,
    /// A saved calibrator that none can be.
    #[error("{0}")]
    State(&'static str),
}
