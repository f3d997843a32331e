//! What can be wrong with a transform or what it is fitted to.

use thiserror::Error;

/// Why a transform cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum TransformError {
    /// A parameter outside its range, or no number.
    #[error("{name} is {value}, expected {expected}")]
    Parameter {
        /// Which parameter.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What it may be.
        expected: &'static str,
    },
    /// A value that is no number.
    #[error("{what}[{row}] is {value}, expected a finite number")]
    NonFinite {
        /// Which argument.
        what: &'static str,
        /// Position in it.
        row: usize,
        /// The value.
        value: f64,
    },
    /// A finite number outside the range it must be in.
    #[error("{what}[{row}] is {value}, expected {expected}")]
    Range {
        /// Which argument.
        what: &'static str,
        /// Position in it.
        row: usize,
        /// The value.
        value: f64,
        /// What it may be.
        expected: &'static str,
    },
    /// Arguments whose lengths must agree do not.
    #[error("{what} has {got} rows, expected {expected}")]
    Length {
        /// Which argument.
        what: &'static str,
        /// Its length.
        got: usize,
        /// The length that was needed.
        expected: usize,
    },
    /// A level given twice.
    #[error("level {second} is level {first} again")]
    Twice {
        /// Its first place.
        first: usize,
        /// Its second place.
        second: usize,
    },
    /// Too little to learn from.
    #[error("{got} {what}, at least {needed} needed")]
    TooFew {
        /// What there are too few of.
        what: &'static str,
        /// How many there are.
        got: usize,
        /// How many are needed.
        needed: usize,
    },
}

pub(super) fn parameter(
    name: &'static str,
    value: f64,
    valid: bool,
    expected: &'static str,
) -> Result<(), TransformError> {
    if valid { Ok(()) } else { Err(TransformError::Parameter { name, value, expected }) }
}

pub(super) fn length(
    what: &'static str,
    got: usize,
    expected: usize,
) -> Result<(), TransformError> {
    if got == expected { Ok(()) } else { Err(TransformError::Length { what, got, expected }) }
}

pub(super) fn finite(what: &'static str, values: &[f64]) -> Result<(), TransformError> {
    match values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
        None => Ok(()),
        Some((row, &value)) => Err(TransformError::NonFinite { what, row, value }),
    }
}
