//! What can go wrong in fitting a linear model.

use std::sync::Arc;

use thiserror::Error;

/// Why a [`LinearModel`](super::LinearModel) could not be fitted.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum LinearError {
    /// A parameter outside its range.
    #[error("{parameter} is {got}, expected {expected}")]
    Config {
        /// The field of the configuration.
        parameter: &'static str,
        /// Its value.
        got: f64,
        /// What was expected.
        expected: &'static str,
    },
    /// A data set without a target.
    #[error("the data have no target")]
    NoTarget,
    /// A data set without a row of positive weight.
    #[error("the data have no row with a positive weight")]
    NoRows,
    /// A target that the family is not defined for.
    #[error("row {row}: target is {value}, expected {expected}")]
    Target {
        /// Row, from 0.
        row: usize,
        /// The value.
        value: f64,
        /// What was expected.
        expected: &'static str,
    },
    /// All targets are the same: there is nothing to explain.
    #[error("every target is {0}, expected at least two values")]
    ConstantTarget(f64),
    /// More numbers a row, one for each level, than are solved for.
    #[error("columns and levels make {got} numbers a row, expected at most {max}")]
    TooWide {
        /// How many there are.
        got: usize,
        /// How many there may be.
        max: usize,
    },
    /// Without a penalty, a column that others determine has no coefficient of its own.
    #[error("{term} is a linear combination of other columns; drop it or set a penalty")]
    Collinear {
        /// The column, or the column and its level.
        term: Arc<str>,
    },
    /// Without a penalty, columns that part the targets perfectly have no finite coefficients.
    #[error(
        "the columns part the targets perfectly, so coefficients grow without end; set a penalty"
    )]
    Separated,
    /// The coefficients still changed after the last iteration.
    #[error("not converged after {iterations} iterations")]
    NotConverged {
        /// How many were made.
        iterations: usize,
    },
    /// Sums left the range of finite numbers (features, targets or weights near the largest float).
    #[error("sums of products are not finite; scale features, targets or weights down")]
    NonFinite,
}
