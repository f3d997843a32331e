//! Histogram gradient boosting.
//!
//! Start at [`GbdtConfig`]. The steps, one file each: `bins` (values to bin numbers), `histogram`
//! (sums per bin), `split` (the best split of a node), `grow` (one tree), `fit` (the boosting loop),
//! `predict` (flat trees), `io` (save and load).

mod bins;
mod config;
mod error;
mod fit;
mod grow;
mod histogram;
mod importance;
#[cfg(feature = "serde")]
mod io;
mod loss;
mod model;
mod predict;
mod sample;
mod split;
mod tree;

pub use config::GbdtConfig;
pub use error::FitError;
pub use fit::Progress;
pub use importance::FeatureImportance;
#[cfg(feature = "serde")]
pub use io::{FORMAT_VERSION, LoadError};
pub use loss::Loss;
pub use model::Gbdt;
