//! Validation that says how a model will do on what is still to come.
//!
//! Data with days are split in time, by [`TemporalSplit`]. [`ShuffledFolds`] are for data without.

mod error;
mod folds;
mod temporal;

pub use error::SplitError;
pub use folds::ShuffledFolds;
pub use temporal::{Expanding, TemporalSplit};
