//! What can go wrong in explaining.

use std::sync::Arc;

use thiserror::Error;

use crate::metrics::MetricError;

/// Why there is no explanation.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ExplainError {
    /// The model refused its input, or an input has the wrong shape.
    #[error(transparent)]
    Model(#[from] campaign_core::Error),
    /// Data without a row.
    #[error("there is no {0} row")]
    NoRows(&'static str),
    /// Data without a target.
    #[error("the data have no target")]
    NoTarget,
    /// A column that does not exist.
    #[error("there is no column {0:?}")]
    NoSuchColumn(Arc<str>),
    /// A column of levels, which have no order.
    #[error("column {0:?} is categorical, expected a numeric one")]
    NotNumeric(Arc<str>),
    /// A column without any value.
    #[error("column {0:?} has no value that is not missing")]
    NoValues(Arc<str>),
    /// A parameter outside its range.
    #[error("{parameter} is {got}, expected {expected}")]
    Parameter {
        /// Which.
        parameter: &'static str,
        /// Its value.
        got: f64,
        /// What was expected.
        expected: &'static str,
    },
    /// Shapley values of another row or model.
    #[error("the values add up to {sum}, the row's score is {score}")]
    NotAdditive {
        /// Base value and values together.
        sum: f64,
        /// What the model gives.
        score: f64,
    },
    /// The metric has no value on all rows, or on none of the resamples.
    #[error("the metric has no value: {0}")]
    Metric(#[from] MetricError),
}
