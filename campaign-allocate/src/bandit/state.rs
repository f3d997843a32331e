//! Checks of a saved state.

use thiserror::Error;

/// Why a saved state is not one.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum StateError {
    /// Saved by another version of the format.
    #[error("the state has format {got}, expected {expected}")]
    Format {
        /// Its format.
        got: u32,
        /// The format that is read here.
        expected: u32,
    },
    /// Two columns of different length.
    #[error("the state has {left} and {right} arms")]
    Lengths {
        /// Arms of one column.
        left: usize,
        /// Arms of the other.
        right: usize,
    },
    /// A count that no feedback can have made.
    #[error("{what} of arm {arm} is {value}, expected 0..={high}")]
    Count {
        /// Which count.
        what: &'static str,
        /// Of which arm.
        arm: usize,
        /// Its value.
        value: f64,
        /// The most it may be.
        high: f64,
    },
    /// A configuration that the constructor refuses.
    #[error(transparent)]
    Invalid(campaign_core::Error),
}

#[cfg(feature = "serde")]
pub(super) fn check_format(got: u32) -> Result<(), StateError> {
    let expected = super::FORMAT;
    if got == expected { Ok(()) } else { Err(StateError::Format { got, expected }) }
}

#[cfg(feature = "serde")]
pub(super) fn check_lengths(left: usize, right: usize) -> Result<(), StateError> {
    if left == right { Ok(()) } else { Err(StateError::Lengths { left, right }) }
}

#[cfg(feature = "serde")]
pub(super) fn check_count(
    what: &'static str,
    arm: usize,
    value: f64,
    high: f64,
) -> Result<(), StateError> {
    if (0.0..=high).contains(&value) {
        Ok(())
    } else {
        Err(StateError::Count { what, arm, value, high })
    }
}
