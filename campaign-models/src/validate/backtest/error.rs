//! Why a backtest failed.

use std::error::Error;

use jiff::civil::Date;
use thiserror::Error;

use crate::baseline::BaselineError;
use crate::metrics::MetricError;
use crate::validate::SplitError;

/// Why a backtest failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BacktestError {
    /// No metric to judge by.
    #[error("there is no metric to judge by")]
    NoMetrics,
    /// Data without a target.
    #[error("the data have no target")]
    NoTarget,
    /// Data with an offset, which a model that sees features alone would leave out.
    #[error("the data have an offset, which a model that predicts from features alone leaves out")]
    Offset,
    /// No cut-off to judge at.
    #[error("there is no cut-off to judge at")]
    NoCutoffs,
    /// The data could not be split.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// The model could not be fitted or could not predict.
    #[error("cut-off {cutoff}: {source}")]
    Model {
        /// The cut-off.
        cutoff: Date,
        /// What the closure answered.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The baseline could not be fitted.
    #[error("cut-off {cutoff}, baseline: {source}")]
    Baseline {
        /// The cut-off.
        cutoff: Date,
        /// Why not.
        source: BaselineError,
    },
    /// The predictions could not be judged.
    #[error("cut-off {cutoff}: {source}")]
    Metric {
        /// The cut-off.
        cutoff: Date,
        /// Why not.
        source: MetricError,
    },
    /// All rows together could not be judged.
    #[error("all cut-offs together: {0}")]
    Total(#[from] MetricError),
}
