//! Engines: one plan, wherever the rows are.
//!
//! Every engine groups rows by entity and hands each entity to
//! [`replay`](crate::feature::plan::replay); that is all that is computed, so that all engines give
//! the same bits.

mod group;
pub mod local;
