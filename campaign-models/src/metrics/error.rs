//! Why a metric has no value.

use thiserror::Error;

use super::metric::Metric;

/// Why a metric has no value.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum MetricError {
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
    /// A number outside what the metric is defined for.
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
    /// A parameter outside its range.
    #[error("{parameter} is {got}, expected {expected}")]
    Parameter {
        /// Which one.
        parameter: &'static str,
        /// Its value.
        got: f64,
        /// What was expected.
        expected: &'static str,
    },
    /// A part that is needed and not there.
    #[error("{what} needs {part}")]
    Missing {
        /// What was asked for.
        what: &'static str,
        /// The part it needs.
        part: &'static str,
    },
    /// The metric is not defined for these targets.
    #[error("{metric} is not defined: {reason}")]
    Undefined {
        /// The metric.
        metric: Metric,
        /// Why not.
        reason: &'static str,
    },
    /// Too many resamples have no value for an interval.
    #[error("{metric} is not defined in {undefined} of {replications} resamples: {reason}")]
    Resamples {
        /// The metric.
        metric: Metric,
        /// Resamples without a value.
        undefined: usize,
        /// Resamples drawn.
        replications: usize,
        /// Why not, in the last of them.
        reason: &'static str,
    },
    /// A name that no metric has.
    #[error("there is no metric {0:?}")]
    Unknown(String),
}
