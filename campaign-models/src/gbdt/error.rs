//! What can go wrong in fitting.

use std::sync::Arc;

use thiserror::Error;

use crate::schema::SchemaError;

/// Why a [`Gbdt`](super::Gbdt) could not be fitted.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum FitError {
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
    #[error("the {0} data have no target")]
    NoTarget(&'static str),
    /// A data set without a row of positive weight.
    #[error("the {0} data have no row with a positive weight")]
    NoRows(&'static str),
    /// More rows than row numbers can count.
    #[error("{rows} rows, expected at most {max}")]
    TooManyRows {
        /// How many there are.
        rows: usize,
        /// How many there may be.
        max: usize,
    },
    /// A categorical column with more levels than bin numbers can count.
    #[error("column {column:?} has {levels} levels, expected at most {max}")]
    TooManyLevels {
        /// The column.
        column: Arc<str>,
        /// How many it has.
        levels: usize,
        /// How many it may have.
        max: usize,
    },
    /// A target that the loss is not defined for.
    #[error("row {row} of the {data} data: target is {value}, expected {expected}")]
    Target {
        /// Which data set.
        data: &'static str,
        /// Row, from 0.
        row: usize,
        /// The value.
        value: f64,
        /// What was expected.
        expected: &'static str,
    },
    /// A constraint on a column that the training data do not have.
    #[error("{parameter} names column {column:?}, which the training data do not have")]
    UnknownColumn {
        /// The field of the configuration.
        parameter: &'static str,
        /// The name.
        column: Arc<str>,
    },
    /// A constraint on the order of values that have none.
    #[error("{parameter} names column {column:?}, which is categorical, expected a numeric one")]
    NotNumeric {
        /// The field of the configuration.
        parameter: &'static str,
        /// The column.
        column: Arc<str>,
    },
    /// A column that may neither rise nor fall.
    #[error("monotone names column {column:?} twice, once increasing and once decreasing")]
    Contradiction {
        /// The column.
        column: Arc<str>,
    },
    /// Early stopping was asked for without anything to measure on.
    #[error("early stopping needs validation data")]
    NoValidation,
    /// The validation data have other columns than the training data.
    #[error("validation data: {0}")]
    Schema(#[from] SchemaError),
    /// Scores left the range of finite numbers (targets or weights near the largest float).
    #[error("scores are not finite after {trees} trees; scale targets or weights down")]
    Diverged {
        /// Trees grown so far.
        trees: usize,
    },
}
