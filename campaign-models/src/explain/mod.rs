//! Why a model predicts what it predicts.
//!
//! For boosted trees: [`TreeShap`] and [`InterventionalShap`] give each column's exact part in a
//! score, [`Reasons`] puts them into words, [`column_effects`] and [`pair_effects`] are the data of
//! their plots. For any [`Model`](campaign_core::Model): [`permutation_importance`],
//! [`partial_dependence`], [`individual_expectation`], [`pair_dependence`] and
//! [`accumulated_local_effects`].

mod ale;
mod dependence;
mod error;
mod interactions;
mod interventional;
mod kernel;
mod pairs;
mod paths;
mod permutation;
mod quadrature;
mod reasons;
mod summary;
mod sweep;
mod treeshap;

pub use ale::{AccumulatedLocalEffects, accumulated_local_effects};
pub use dependence::{
    Grid, IndividualExpectation, PairDependence, PartialDependence, individual_expectation,
    pair_dependence, partial_dependence,
};
pub use error::ExplainError;
pub use interventional::{InterventionalShap, InterventionalWorkspace};
pub use permutation::{MetricFn, PermutationConfig, PermutationImportance, permutation_importance};
pub use reasons::{FeatureReason, ReasonValue, Reasons};
pub use summary::{ColumnEffects, PairEffect, column_effects, pair_effects};
pub use treeshap::{ShapWorkspace, TreeShap};
