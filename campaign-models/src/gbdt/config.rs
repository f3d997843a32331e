//! What to train.

use std::sync::Arc;

use super::constraints::Monotone;
use super::error::FitError;
use super::loss::{Loss, Objective};
use super::sample::Goss;
use super::split::Rules;
use super::unseen::UnseenLevels;

/// Which leaf is split next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Growth {
    /// The one whose split gains most (Ke et al. 2017).
    LeafWise,
    /// One of those nearest to the root, and of these the one whose split gains most: with
    /// [`max_depth`](GbdtConfig::max_depth) and as many leaves as that allows, level by level.
    DepthWise,
}

/// How to grow a [`Gbdt`](super::Gbdt).
///
/// A plain struct: nothing is checked before [`fit`](Self::fit), which names the field at fault.
///
/// # Examples
/// ```
/// use campaign_models::{GbdtConfig, Objective};
/// let config = GbdtConfig::new(Objective::Logistic).with_trees(500).with_early_stopping(Some(50));
/// assert_eq!(config.max_leaves, 31);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GbdtConfig {
    /// What is minimised.
    pub loss: Arc<dyn Loss>,
    /// Most trees to grow. Default 100.
    pub trees: usize,
    /// Factor on every leaf, in `(0, 1]`. Default 0.1.
    pub learning_rate: f64,
    /// Most leaves of a tree, at least 2. Default 31.
    pub max_leaves: usize,
    /// Most splits on a path from the root; `None` for no limit. Default `None`.
    pub max_depth: Option<usize>,
    /// Which leaf is split next. Default leaf-wise.
    pub growth: Growth,
    /// Most bins of a numeric column, 2 to 255; missing values have one more. Default 255.
    pub max_bins: usize,
    /// Fewest training rows in a leaf, at least 1. Default 20.
    pub min_child_rows: usize,
    /// Smallest sum of hessians in a leaf. Default 0.001.
    pub min_child_hessian: f64,
    /// L1 penalty on leaf weights (alpha). Default 0.
    pub l1: f64,
    /// L2 penalty on leaf weights (lambda). Default 1.
    pub l2: f64,
    /// Gain that a split must exceed (gamma). Default 0.
    pub min_gain: f64,
    /// Share of the rows each tree sees, drawn without replacement, in `(0, 1]`. Default 1.
    pub row_sample: f64,
    /// Draws each tree's rows by their gradients instead. `row_sample` must then be 1, and the loss one
    /// that does not [renew leaves](Loss::renews_leaves). Default `None`.
    pub goss: Option<Goss>,
    /// Share of the columns each tree sees, in `(0, 1]`. Default 1.
    pub column_sample: f64,
    /// Added to `l2` where the gain of a split on levels is computed. Default 10.
    pub categorical_l2: f64,
    /// Added to a level's hessian where levels are ordered by gradient over hessian, so that rare
    /// levels stand in the middle. Default 10.
    pub categorical_smoothing: f64,
    /// With at most this many levels in a node, each level is tried against all others instead of
    /// ordered subsets. Default 4.
    pub max_onehot: usize,
    /// Subtracted from the gain of an ordered subset: this many times the gain that as many levels
    /// are expected to have if they differ by chance alone. 0 for none. Default 1.
    pub categorical_penalty: f64,
    /// Numeric columns along which predictions may only rise or only fall. Default none.
    pub monotone: Vec<(Arc<str>, Monotone)>,
    /// Groups of columns: those on a path from the root share a group, and a column of no group goes
    /// with no other. Empty for no constraint, which is the default.
    pub interactions: Vec<Vec<Arc<str>>>,
    /// What a model does with a level that no training row had. Default: as with a missing value.
    pub unseen_levels: UnseenLevels,
    /// Stop after this many trees without a smaller validation loss, and keep the trees up to the
    /// best; needs a validation set, which must be later than the training data where both have days.
    /// Default `None`.
    pub early_stopping: Option<usize>,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $setter:ident $field:ident: $type:ty;)*) => {
        impl GbdtConfig {$(
            $(#[$doc])*
            #[must_use]
            pub fn $setter(mut self, $field: $type) -> Self {
                self.$field = $field;
                self
            }
        )*}
    };
}

setters! {
    /// Sets [`trees`](Self::trees).
    with_trees trees: usize;
    /// Sets [`learning_rate`](Self::learning_rate).
    with_learning_rate learning_rate: f64;
    /// Sets [`max_leaves`](Self::max_leaves).
    with_max_leaves max_leaves: usize;
    /// Sets [`max_depth`](Self::max_depth).
    with_max_depth max_depth: Option<usize>;
    /// Sets [`growth`](Self::growth).
    with_growth growth: Growth;
    /// Sets [`max_bins`](Self::max_bins).
    with_max_bins max_bins: usize;
    /// Sets [`min_child_rows`](Self::min_child_rows).
    with_min_child_rows min_child_rows: usize;
    /// Sets [`min_child_hessian`](Self::min_child_hessian).
    with_min_child_hessian min_child_hessian: f64;
    /// Sets [`l1`](Self::l1).
    with_l1 l1: f64;
    /// Sets [`l2`](Self::l2).
    with_l2 l2: f64;
    /// Sets [`min_gain`](Self::min_gain).
    with_min_gain min_gain: f64;
    /// Sets [`row_sample`](Self::row_sample).
    with_row_sample row_sample: f64;
    /// Sets [`goss`](Self::goss).
    with_goss goss: Option<Goss>;
    /// Sets [`column_sample`](Self::column_sample).
    with_column_sample column_sample: f64;
    /// Sets [`categorical_l2`](Self::categorical_l2).
    with_categorical_l2 categorical_l2: f64;
    /// Sets [`categorical_smoothing`](Self::categorical_smoothing).
    with_categorical_smoothing categorical_smoothing: f64;
    /// Sets [`max_onehot`](Self::max_onehot).
    with_max_onehot max_onehot: usize;
    /// Sets [`categorical_penalty`](Self::categorical_penalty).
    with_categorical_penalty categorical_penalty: f64;
    /// Sets [`unseen_levels`](Self::unseen_levels).
    with_unseen_levels unseen_levels: UnseenLevels;
    /// Sets [`early_stopping`](Self::early_stopping).
    with_early_stopping early_stopping: Option<usize>;
}

impl GbdtConfig {
    /// The defaults for a loss of this crate.
    #[must_use]
    pub fn new(objective: Objective) -> Self {
        Self {
            loss: Arc::new(objective),
            trees: 100,
            learning_rate: 0.1,
            max_leaves: 31,
            max_depth: None,
            growth: Growth::LeafWise,
            max_bins: 255,
            min_child_rows: 20,
            min_child_hessian: 1e-3,
            l1: 0.0,
            l2: 1.0,
            min_gain: 0.0,
            row_sample: 1.0,
            goss: None,
            column_sample: 1.0,
            categorical_l2: 10.0,
            categorical_smoothing: 10.0,
            max_onehot: 4,
            categorical_penalty: 1.0,
            monotone: Vec::new(),
            interactions: Vec::new(),
            unseen_levels: UnseenLevels::AsMissing,
            early_stopping: None,
        }
    }

    /// Sets [`loss`](Self::loss), to one's own.
    #[must_use]
    pub fn with_loss(self, loss: Arc<dyn Loss>) -> Self {
        Self { loss, ..self }
    }

    /// Adds a column to [`monotone`](Self::monotone).
    #[must_use]
    pub fn with_monotone(mut self, column: impl Into<Arc<str>>, direction: Monotone) -> Self {
        self.monotone.push((column.into(), direction));
        self
    }

    /// Adds a group to [`interactions`](Self::interactions).
    #[must_use]
    pub fn with_interaction<N: Into<Arc<str>>>(
        mut self,
        columns: impl IntoIterator<Item = N>,
    ) -> Self {
        self.interactions.push(columns.into_iter().map(Into::into).collect());
        self
    }

    pub(super) fn rules(&self) -> Rules {
        Rules {
            l1: self.l1,
            l2: self.l2,
            min_gain: self.min_gain,
            min_child_rows: u32::try_from(self.min_child_rows).unwrap_or(u32::MAX),
            min_child_hessian: self.min_child_hessian,
            categorical_l2: self.categorical_l2,
            categorical_smoothing: self.categorical_smoothing,
            max_onehot: self.max_onehot,
            // Set by the grower for each tree.
            chance_gain: 0.0,
        }
    }

    pub(super) fn check(&self) -> Result<(), FitError> {
        self.loss.check()?;
        let Goss { top, other } = self.goss.unwrap_or(Goss { top: 0.0, other: 1.0 });
        let share = |v: f64| v > 0.0 && v <= 1.0;
        let penalty = |v: f64| v >= 0.0 && v.is_finite();
        let whole = |v: usize| v as f64;
        let checks = [
            ("learning_rate", self.learning_rate, share(self.learning_rate), "in (0, 1]"),
            ("row_sample", self.row_sample, share(self.row_sample), "in (0, 1]"),
            ("goss.top", top, (0.0..1.0).contains(&top), "in [0, 1)"),
            (
                "goss.other",
                other,
                share(other) && top + other <= 1.0,
                "positive and with top at most 1",
            ),
            (
                "row_sample",
                self.row_sample,
                self.goss.is_none() || self.row_sample == 1.0,
                "1 where rows are drawn by gradient",
            ),
            (
                "goss.top",
                top,
                self.goss.is_none() || !self.loss.renews_leaves(),
                "none, for the loss has gradients of one size",
            ),
            ("column_sample", self.column_sample, share(self.column_sample), "in (0, 1]"),
            ("l1", self.l1, penalty(self.l1), "finite and not negative"),
            ("l2", self.l2, penalty(self.l2), "finite and not negative"),
            ("min_gain", self.min_gain, penalty(self.min_gain), "finite and not negative"),
            (
                "min_child_hessian",
                self.min_child_hessian,
                penalty(self.min_child_hessian),
                "finite and not negative",
            ),
            (
                "categorical_l2",
                self.categorical_l2,
                penalty(self.categorical_l2),
                "finite and not negative",
            ),
            (
                "categorical_smoothing",
                self.categorical_smoothing,
                penalty(self.categorical_smoothing),
                "finite and not negative",
            ),
            (
                "categorical_penalty",
                self.categorical_penalty,
                penalty(self.categorical_penalty),
                "finite and not negative",
            ),
            ("max_leaves", whole(self.max_leaves), self.max_leaves >= 2, "at least 2"),
            (
                "max_bins",
                whole(self.max_bins),
                (2..=255).contains(&self.max_bins),
                "between 2 and 255",
            ),
            ("min_child_rows", whole(self.min_child_rows), self.min_child_rows >= 1, "at least 1"),
            (
                "early_stopping",
                self.early_stopping.map_or(1.0, whole),
                self.early_stopping != Some(0),
                "at least 1",
            ),
        ];
        match checks.into_iter().find(|(_, _, ok, _)| !ok) {
            None => Ok(()),
            Some((parameter, got, _, expected)) => {
                Err(FitError::Config { parameter, got, expected })
            }
        }
    }
}
