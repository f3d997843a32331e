//! What boosting minimises: the trait, and the losses that come with the crate.
//!
//! One file each: `squared`, `logistic`, `power` (Poisson, gamma, Tweedie), `quantile`, `huber`, `rank`;
//! what they share stands in `rowwise`, and what a fitted model keeps in `link`.

mod groups;
mod huber;
mod link;
mod logistic;
mod objective;
mod power;
mod quantile;
mod rank;
mod rowwise;
mod squared;

use std::fmt::Debug;

use super::error::FitError;

pub use groups::Groups;
pub use link::{FittedLoss, Link};
pub use objective::Objective;

/// First and second derivative of the loss at one row's score, times its weight.
pub type Derivatives = [f64; 2];

/// The rows a loss is computed on, one entry per row in every part.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct LossRows<'a> {
    /// What is to be predicted; [`Loss::refuses`] none of them.
    pub targets: &'a [f64],
    /// How much each row counts, more than 0.
    pub weights: &'a [f64],
    /// Which rows belong together, where the data say so.
    pub groups: Option<&'a Groups>,
}

impl<'a> LossRows<'a> {
    /// Rows without groups.
    #[must_use]
    pub fn new(targets: &'a [f64], weights: &'a [f64]) -> Self {
        Self { targets, weights, groups: None }
    }

    /// The same rows in groups.
    #[must_use]
    pub fn with_groups(self, groups: Option<&'a Groups>) -> Self {
        Self { groups, ..self }
    }
}

/// What boosting minimises: the weighted mean over rows of a function of score and target.
///
/// [`Objective`] lists the losses that come with the crate; implement this for one's own and give it
/// to [`GbdtConfig::with_loss`](super::GbdtConfig::with_loss). A score is the sum of the trees;
/// [`link`](Self::link) says what prediction it stands for. Trees are grown by Newton's method: a
/// leaf's weight is minus the sum of its rows' gradients over the sum of their hessians and the
/// penalty `l2`. Where the loss is not convex or has no curvature, give any positive number that makes
/// sensible steps instead of the second derivative.
///
/// # Examples
/// The log-cosh loss, quadratic near the target and straight far away:
/// ```
/// use std::sync::Arc;
/// use campaign_core::{Column, Dataset, ndarray::Array2};
/// use campaign_models::gbdt::{Derivatives, LossRows};
/// use campaign_models::{GbdtConfig, Loss, Objective};
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
///
/// #[derive(Debug)]
/// struct LogCosh;
///
/// impl Loss for LogCosh {
///     fn name(&self) -> &str {
///         "log_cosh"
///     }
///     fn derivatives_into(&self, scores: &[f64], rows: LossRows<'_>, out: &mut [Derivatives]) {
///         for (i, derivatives) in out.iter_mut().enumerate() {
///             let slope = (scores[i] - rows.targets[i]).tanh();
///             *derivatives = [rows.weights[i] * slope, rows.weights[i] * (1.0 - slope * slope)];
///         }
///     }
///     fn mean(&self, scores: &[f64], rows: LossRows<'_>) -> f64 {
///         let total: f64 = rows.weights.iter().sum();
///         let loss = |i: usize| rows.weights[i] * (scores[i] - rows.targets[i]).cosh().ln();
///         (0..scores.len()).map(loss).sum::<f64>() / total
///     }
/// }
///
/// let x = Array2::from_shape_fn((200, 1), |(row, _)| row as f64);
/// let y = (0..200).map(|row| if row < 100 { 1.0 } else { 2.0 }).collect();
/// let data = Dataset::new(vec![Column::numeric("x")], x)?.with_target(y)?;
/// let config = GbdtConfig::new(Objective::Squared).with_loss(Arc::new(LogCosh));
/// let model = config.fit(&data, None, &mut Xoshiro256PlusPlus::seed_from_u64(1))?;
/// assert_eq!(model.loss().name(), "log_cosh");
/// assert!((model.predict_row(&[10.0])? - 1.0).abs() < 0.01);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Loss: Debug + Send + Sync {
    /// What a saved model calls it.
    fn name(&self) -> &str;

    /// Its parameters, saved with a model.
    fn parameters(&self) -> Vec<(&'static str, f64)> {
        Vec::new()
    }

    /// From a score to a prediction.
    fn link(&self) -> Link {
        Link::Identity
    }

    /// Checks the parameters, before a fit.
    ///
    /// # Errors
    /// [`FitError::Config`] for a parameter outside its range.
    fn check(&self) -> Result<(), FitError> {
        Ok(())
    }

    /// What a target must be, or `None` if this one is. Targets are finite.
    fn refuses(&self, target: f64) -> Option<&'static str> {
        let _ = target;
        None
    }

    /// Does it compare the rows of a group?
    fn needs_groups(&self) -> bool {
        false
    }

    /// Gradient and hessian of every row, times the row's weight.
    ///
    /// A number that is not finite, or a negative hessian, ends the fit with
    /// [`FitError::Diverged`].
    ///
    /// # Shapes
    /// `scores` and `out` have an entry per row.
    fn derivatives_into(&self, scores: &[f64], rows: LossRows<'_>, out: &mut [Derivatives]);

    /// The weighted mean loss: what early stopping watches and observers are told.
    fn mean(&self, scores: &[f64], rows: LossRows<'_>) -> f64;

    /// The number that, added to all scores, makes the loss smallest: a model's first score, and a
    /// leaf's value where [`renews_leaves`](Self::renews_leaves).
    ///
    /// Unless overridden, found by Newton's method from 0 with steps halved until the loss falls.
    fn best_constant(&self, scores: &[f64], rows: LossRows<'_>) -> f64 {
        rowwise::newton(self, scores, rows)
    }

    /// A leaf's weight, given Newton's. For losses that bend much less at the start of a step than
    /// further on. Must be increasing, with 0 for 0, or monotone constraints will not hold.
    fn leaf_weight(&self, newton: f64) -> f64 {
        newton
    }

    /// Is a leaf's weight its rows' [`best_constant`](Self::best_constant) instead of Newton's? For
    /// losses without curvature. The penalties `l1` and `l2` then bear on splits only.
    fn renews_leaves(&self) -> bool {
        false
    }
}
