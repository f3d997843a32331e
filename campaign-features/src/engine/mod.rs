//! Engines: one plan, wherever the rows are.
//!
//! Every engine groups rows by entity and hands each entity to
//! [`replay`](crate::feature::plan::replay); that is all that is computed, so that all engines give
//! the same bits.

#[cfg(feature = "arrow")]
pub mod arrow;
#[cfg(feature = "ballista")]
pub mod ballista;
#[cfg(feature = "datafusion")]
pub mod datafusion;
#[cfg(feature = "arrow")]
mod error;
mod group;
pub mod local;

#[cfg(feature = "arrow")]
pub use error::{Cause, EngineError};
