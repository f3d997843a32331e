//! Intervals that hold their coverage whatever the model.
//!
//! | type | promise | what it takes |
//! | --- | --- | --- |
//! | [`SplitConformal`] | coverage over all rows, one width | held-out point predictions |
//! | [`ConformalQuantiles`] | the same, wide where the model is unsure | held-out quantiles |
//! | [`MondrianConformal`] | coverage in each group | the same, and a group per row |
//! | [`CvPlus`] | coverage without held-out rows | models of k folds |
//! | [`AdaptiveConformal`] | long-run coverage under drift | targets as they become known |
//! | [`WeightedConformal`] | coverage where the mix of rows shifts | a likelihood ratio per row |
//!
//! All but [`SplitConformal`] and [`CvPlus`] take a lower and an upper prediction per row. A model that gives one number is
//! passed twice: the interval is then that number plus and minus a margin. Every type lends its intervals as
//! `campaign_core::PredictiveDistribution`.

mod adaptive;
mod cv_plus;
mod error;
mod evaluate;
mod mondrian;
mod quantiles;
mod score;
mod split;
mod weighted;

pub use adaptive::AdaptiveConformal;
pub use cv_plus::CvPlus;
pub use error::ConformalError;
pub use evaluate::IntervalScore;
pub use mondrian::{Basis, Fallback, MondrianConformal};
pub use quantiles::ConformalQuantiles;
pub use split::SplitConformal;
pub use weighted::{WeightedConformal, likelihood_ratio};
