//! Validation that says how a model will do on what is still to come.
//!
//! Data with days are split in time: once by [`TemporalSplit`], at many cut-offs by
//! [`TemporalWindows`], or, where data are few, by [`PurgedFolds`]. [`ShuffledFolds`] are for data
//! without days. [`GroupRule`] keeps an ad or a campaign on one side. [`Backtest`] fits and judges a
//! model at each of many cut-offs. [`LeakageCheck`] looks for what a model should not have been shown.

mod backtest;
mod error;
mod folds;
mod groups;
mod leakage;
mod purged;
mod temporal;
mod windows;

pub use backtest::{Backtest, BacktestError, BacktestLine, BacktestReport, BacktestRow, Span};
pub use error::SplitError;
pub use folds::ShuffledFolds;
pub use groups::GroupRule;
pub use leakage::{Evidence, Finding, LeakageCheck, LeakageError, LeakageKind, LeakageReport};
pub use purged::PurgedFolds;
pub use temporal::TemporalSplit;
pub use windows::{Splits, TemporalWindows};
