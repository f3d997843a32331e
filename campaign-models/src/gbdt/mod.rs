//! Histogram gradient boosting.
//!
//! Start at [`GbdtConfig`]. The steps, one file each: `bins` (values to bin numbers), `cells`
//! (derivatives as whole numbers), `histogram` (sums per bin), `split`, `threshold` and `levels` (the
//! best split of a node), `grow` (one tree), `fit` (the boosting loop), `predict` (flat trees, row by row), `batch` (blocks of rows), `io`
//! (save and load).

mod batch;
mod bins;
mod cells;
mod config;
mod constraints;
mod error;
mod fit;
mod grow;
mod histogram;
mod importance;
#[cfg(feature = "serde")]
mod io;
mod levels;
mod loss;
mod model;
mod predict;
mod sample;
mod split;
mod threshold;
pub(crate) mod tree;

pub use config::{GbdtConfig, Growth};
pub use constraints::Monotone;
pub use error::FitError;
pub use fit::Progress;
pub use importance::FeatureImportance;
#[cfg(feature = "serde")]
pub use io::{FORMAT_VERSION, LoadError};
pub use loss::{Derivatives, FittedLoss, Groups, Link, Loss, LossRows, Objective};
pub use model::Gbdt;
pub(crate) use model::level_counts;
