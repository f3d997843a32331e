#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod baseline;
pub mod calibrate;
pub mod conformal;
pub mod explain;
pub mod gbdt;
pub mod linear;
#[cfg(feature = "linfa")]
#[cfg_attr(docsrs, doc(cfg(feature = "linfa")))]
pub mod linfa;
pub mod metrics;
pub mod schema;
pub mod tune;
pub mod validate;

mod calendar;
#[cfg(feature = "serde")]
mod saved;

pub use baseline::{GroupedMean, Naive, Prior, SeasonalNaive};
pub use conformal::SplitConformal;
pub use gbdt::{FitError, Gbdt, GbdtConfig, Growth, Loss, Monotone, Objective};
pub use linear::{LinearConfig, LinearModel};
pub use metrics::{Bootstrap, Evaluation, LiftTable, Metric, Outcomes};
#[cfg(feature = "serde")]
pub use saved::SavedError;
pub use schema::SchemaError;
pub use validate::{
    Backtest, GroupRule, LeakageCheck, LeakageReport, PurgedFolds, ShuffledFolds, SplitError,
    TemporalSplit, TemporalWindows,
};
