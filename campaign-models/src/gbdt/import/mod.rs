//! Models that other libraries trained: LightGBM's text files and XGBoost's JSON.
//!
//! One file each: `lightgbm` (header) and `lightgbm_tree`, `xgboost` and `xgboost_tree`, and what both
//! need: `assemble` (parts to a [`Tree`](super::tree::Tree)), `columns` (names and levels), `single`
//! (comparisons in single precision as comparisons in double).

mod assemble;
mod columns;
mod error;
mod lightgbm;
mod lightgbm_tree;
mod single;
mod xgboost;
mod xgboost_tree;

pub use error::{ImportError, Place};
