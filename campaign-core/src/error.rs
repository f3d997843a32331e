//! The one run-time error of the traits.

use thiserror::Error;

/// What a [`Model`](crate::Model), [`Bandit`](crate::Bandit), [`Allocator`](crate::Allocator) or
/// [`DriftTest`](crate::DriftTest) answers when it cannot do what it was asked.
///
/// It is `Copy` and owns no memory, so that returning one from a hot path costs what returning a
/// number costs. Construction, fitting and parsing have richer errors beside their types.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum Error {
    /// A slice or matrix side has the wrong length.
    #[error("{what} has length {got}, expected {expected}")]
    Length {
        /// Which argument.
        what: &'static str,
        /// Its length.
        got: usize,
        /// The length that was needed.
        expected: usize,
    },
    /// A matrix is not row-major contiguous.
    #[error("the matrix is not row-major contiguous; copy it with `as_standard_layout`")]
    Layout,
    /// A value that must be finite is NaN or infinite.
    #[error("{what}[{index}] is {value}, expected a finite number")]
    NonFinite {
        /// Which argument.
        what: &'static str,
        /// Position in it, 0 for a scalar.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A value lies outside the range it must be in.
    #[error("{what}[{index}] is {value}, expected {low}..={high}")]
    OutOfRange {
        /// Which argument.
        what: &'static str,
        /// Position in it, 0 for a scalar.
        index: usize,
        /// The value.
        value: f64,
        /// Smallest value allowed.
        low: f64,
        /// Largest value allowed.
        high: f64,
    },
    /// A level that a model was not trained on and refuses.
    #[error("row {row}, column {column}: {value} is no level that was trained on")]
    UnseenLevel {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
        /// The value there.
        value: f64,
    },
    /// An arm index that the bandit does not have.
    #[error("arm {arm} does not exist, the bandit has {n_arms}")]
    UnknownArm {
        /// The index asked for.
        arm: usize,
        /// How many arms there are.
        n_arms: usize,
    },
    /// The context rules out every arm.
    #[error("no arm is eligible")]
    NoEligibleArm,
    /// The caller's scratch space is too small, as happens when arms were added after it was made.
    #[error("scratch holds {got} numbers, {needed} are needed; make a new one")]
    Scratch {
        /// Numbers it holds.
        got: usize,
        /// Numbers needed.
        needed: usize,
    },
    /// An optional part of the input that this implementation cannot do without.
    #[error("{0} is required here")]
    Missing(&'static str),
    /// A valid request that this implementation does not serve.
    #[error("{0} is not supported here")]
    Unsupported(&'static str),
    /// For implementations outside this workspace.
    #[error("{0}")]
    Custom(&'static str),
}

/// Result of the traits' run-time methods.
pub type Result<T> = core::result::Result<T, Error>;

/// Checks that a slice has the length asked for.
///
/// # Errors
/// [`Error::Length`] if it has not.
#[inline]
pub fn check_length(what: &'static str, got: usize, expected: usize) -> Result<()> {
    if got == expected { Ok(()) } else { Err(Error::Length { what, got, expected }) }
}

/// Checks that every value is finite.
///
/// # Errors
/// [`Error::NonFinite`] with the index of the first value that is not.
#[inline]
pub fn check_finite(what: &'static str, values: &[f64]) -> Result<()> {
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(index) => Err(Error::NonFinite { what, index, value: values[index] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_copy() {
        fn is_copy<T: Copy + Send + Sync + 'static>() {}
        is_copy::<Error>();
        assert!(size_of::<Error>() <= 56, "{} bytes", size_of::<Error>());
    }

    #[test]
    fn checks_name_the_culprit() {
        assert_eq!(
            check_length("out", 2, 3).unwrap_err().to_string(),
            "out has length 2, expected 3"
        );
        let e = check_finite("roas", &[1.0, f64::NAN]).unwrap_err();
        assert_eq!(e.to_string(), "roas[1] is NaN, expected a finite number");
        assert_eq!(check_finite("roas", &[]), Ok(()));
    }
}
