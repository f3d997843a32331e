//! Histogram gradient boosting.
//!
//! Start at [`GbdtConfig`]. The steps, one file each: `bins` (values to bin numbers), `cells`
//! (derivatives as whole numbers), `histogram` (sums per bin), `split`, `threshold` and `levels` (the
//! best split of a node), `grow`, `open` and `partition` (one tree), `renew` (leaf values of losses
//! without curvature),
//! `rows`, `prepare` and `fit` (what may be asked for), `boost` (the loop), `coded` (prediction),
//! `predict` (prediction of trees that have no codes), `unseen` and `align` (levels not trained on,
//! columns by name), `io` (save and load), `import` (other libraries' files).

mod align;
mod bins;
mod boost;
mod cells;
mod coded;
mod config;
mod constraints;
mod error;
mod fit;
mod grow;
mod histogram;
#[cfg(feature = "serde")]
mod import;
mod importance;
#[cfg(feature = "serde")]
mod io;
mod levels;
mod loss;
mod model;
mod open;
mod partition;
mod predict;
mod prepare;
mod renew;
mod rows;
mod sample;
mod split;
mod threshold;
pub(crate) mod tree;
mod unseen;

pub use config::{GbdtConfig, Growth};
pub use constraints::Monotone;
pub use error::FitError;
pub use fit::{FitOptions, Progress};
#[cfg(feature = "serde")]
pub use import::{ImportError, Place};
pub use importance::FeatureImportance;
#[cfg(feature = "serde")]
pub use io::{FORMAT_VERSION, LoadError};
pub use loss::{Derivatives, FittedLoss, Groups, Link, Loss, LossRows, Objective};
pub use model::Gbdt;
pub(crate) use model::level_counts;
pub use prepare::Prepared;
pub use sample::Goss;
pub use unseen::UnseenLevels;
