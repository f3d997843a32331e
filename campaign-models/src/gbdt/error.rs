//! What can go wrong in fitting.

use std::sync::Arc;

use jiff::civil::Date;
use thiserror::Error;

use super::loss::FittedLoss;
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
    /// Early stopping would choose by what came before, or together with, the training data.
    #[error(
        "validation data begin on {first_valid} and training data end on {last_train}; early stopping \
         needs validation data that are later"
    )]
    ValidationNotLater {
        /// The first day of the validation data.
        first_valid: Date,
        /// The last day of the training data.
        last_train: Date,
    },
    /// The loss compares the rows of a group.
    #[error("the {0} data have no groups, which the loss needs")]
    NoGroups(&'static str),
    /// Only one of training and validation data has an offset.
    #[error("of training and validation data only one has an offset")]
    Offset,
    /// A model to continue that was trained on other columns.
    #[error("the training data and the model to continue: {0}")]
    Start(#[source] SchemaError),
    /// A model to continue that was trained for another loss, or other parameters of it.
    #[error("the loss is {got}, the model to continue was trained with {expected}")]
    OtherLoss {
        /// Of the configuration.
        got: FittedLoss,
        /// Of the model.
        expected: FittedLoss,
    },
    /// The validation data have other columns than the training data.
    #[error("validation data: {0}")]
    Schema(#[from] SchemaError),
    /// Scores or derivatives left the range of finite numbers: targets or weights near the largest
    /// float, offsets whose exponential overflows, or a loss of one's own that gives none.
    #[error("not a finite number after {trees} trees; scale targets, weights or offsets down")]
    Diverged {
        /// Trees grown so far.
        trees: usize,
    },
}
