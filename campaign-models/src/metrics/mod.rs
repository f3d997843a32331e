//! How good predictions are, beside a naive baseline's.
//!
//! Every [`Metric`] takes targets, predictions and optional weights of one length; rows of weight 0
//! do not count. [`Evaluation`] puts a model's number beside a baseline's on the same rows,
//! [`Bootstrap`] says how sure both are, and [`LiftTable`] what the top of a ranking is worth.

mod bootstrap;
mod error;
mod evaluation;
mod kernel;
mod lift;
mod metric;
mod outcomes;
mod resample;

pub use bootstrap::{Bootstrap, Interval};
pub use error::MetricError;
pub use evaluation::Evaluation;
pub use lift::{LiftRow, LiftTable};
pub use metric::Metric;
pub use outcomes::Outcomes;
pub use resample::Resample;
