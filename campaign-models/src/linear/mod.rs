//! Linear baselines: least squares, logistic and Poisson regression, with ridge and elastic-net
//! penalties.
//!
//! Start at [`LinearConfig`]. One file each: `design` (columns to numbers), `gram` (weighted sums of
//! products), `cholesky` and `descent` (the smallest penalised quadratic), `fit` (Newton's method over
//! them), `family` (losses), `model` (prediction).

mod cholesky;
mod config;
mod descent;
mod design;
mod error;
mod family;
mod fit;
mod gram;
mod model;

pub use config::LinearConfig;
pub use error::LinearError;
pub use family::Family;
pub use model::{Effect, LinearModel};
