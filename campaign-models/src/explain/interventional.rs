//! Exact Shapley values of boosted trees against background rows.

use campaign_core::Result;
use campaign_core::error::check_length;
use campaign_core::model::rows;
use campaign_core::ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::error::ExplainError;
use super::pairs::Pair;
use super::paths::PathTree;
use crate::gbdt::Gbdt;

/// A tree and which way each of its nodes sends each background row.
#[derive(Debug, Clone)]
struct Prepared {
    tree: PathTree,
    /// Background row after background row, one entry per node.
    background: Vec<u8>,
}

/// Exact Shapley values of a [`Gbdt`] against background rows ("interventional"), on the scale of its
/// score.
///
/// Where a column is not known, it takes the value of a background row; the answer is the mean over
/// the background rows. So a column that the model does not use gets exactly 0, however much it goes
/// along with others, while the path-dependent values ([`TreeShap`](super::TreeShap)) need no
/// background. Per row, [`base_value`](Self::base_value) and the columns' values add up to
/// [`Gbdt::score_row`].
///
/// # Source
/// Lundberg et al. 2020, "From local explanations to global understanding with explainable AI for
/// trees", algorithm 3. A leaf that takes `a` columns from the row and `b` from the background, and to
/// which the others lead either way, gives `(a - 1)! b! / (a + b)!` of its value to each of the former
/// and takes `a! (b - 1)! / (a + b)!` from each of the latter.
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, ndarray::{Array2, s}};
/// use campaign_models::{GbdtConfig, Objective, explain::InterventionalShap};
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
///
/// let x = Array2::from_shape_fn((100, 1), |(row, _)| row as f64);
/// let y = (0..100).map(|row| row as f64).collect();
/// let data = Dataset::new(vec![Column::numeric("clicks")], x)?.with_target(y)?;
/// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
/// let model = GbdtConfig::new(Objective::Squared).fit(&data, None, &mut rng)?;
///
/// let shap = InterventionalShap::new(&model, data.features().slice(s![..10, ..]))?;
/// let value = shap.explain_row(&[90.0])?[0];
/// assert!((shap.base_value() + value - model.score_row(&[90.0])?).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct InterventionalShap {
    trees: Vec<Prepared>,
    n_features: usize,
    n_background: usize,
    base_value: f64,
    most_nodes: usize,
    degree: usize,
}

/// Room to work in, so that explaining does not allocate. Made by [`InterventionalShap::workspace`].
#[derive(Debug, Clone)]
pub struct InterventionalWorkspace {
    right: Vec<u8>,
    pair: Pair,
}

impl InterventionalShap {
    /// Prepares the trees of a model and walks them with the background rows.
    ///
    /// # Shapes
    /// `background` is `(rows, n_features)` with at least one row, row-major contiguous.
    ///
    /// # Errors
    /// [`ExplainError`] for other shapes, or no row.
    ///
    /// # Complexity
    /// Memory: one byte per node and background row. A hundred or so rows, drawn at random, are usual.
    pub fn new(
        model: &Gbdt,
        background: ArrayView2<'_, f64>,
    ) -> std::result::Result<Self, ExplainError> {
        let n_features = model.columns().len();
        let n_background = background.nrows();
        let rows = rows(&background, n_features, n_background)?;
        if n_background == 0 {
            return Err(ExplainError::NoRows("background"));
        }
        let n_levels = crate::gbdt::level_counts(model.columns());
        let mut sum = 0.0;
        let prepare = |tree| {
            let tree = PathTree::new(tree, &n_levels);
            let n = tree.nodes.len();
            let mut background = vec![0; n * n_background];
            if n > 0 {
                let ways = background.chunks_exact_mut(n);
                for (row, right) in rows.chunks_exact(n_features).zip(ways) {
                    tree.decide(row, right);
                    sum += tree.value(right);
                }
            } else {
                sum += tree.mean * n_background as f64;
            }
            Prepared { tree, background }
        };
        let trees: Vec<Prepared> = model.trees().iter().map(prepare).collect();
        let most = |size: fn(&PathTree) -> usize| {
            trees.iter().map(|t| size(&t.tree)).max().unwrap_or_default()
        };
        let (most_nodes, degree) = (most(|tree| tree.nodes.len()), most(|tree| tree.degree));
        let base_value = model.base_score() + sum / n_background as f64;
        Ok(Self { trees, n_features, n_background, base_value, most_nodes, degree })
    }

    /// The mean score of the background rows.
    #[must_use]
    pub fn base_value(&self) -> f64 {
        self.base_value
    }

    /// Room for one thread.
    #[must_use]
    pub fn workspace(&self) -> InterventionalWorkspace {
        InterventionalWorkspace {
            right: vec![0; self.most_nodes],
            pair: Pair::new(self.n_features, self.degree),
        }
    }

    /// One value per column for one row.
    ///
    /// # Errors
    /// [`campaign_core::Error::Length`] if the row has not one number per column.
    ///
    /// # Allocation
    /// A workspace and the answer; [`explain_into`](Self::explain_into) does without.
    pub fn explain_row(&self, row: &[f64]) -> Result<Vec<f64>> {
        check_length("row", row.len(), self.n_features)?;
        let mut out = vec![0.0; self.n_features];
        self.values_of(row, &mut self.workspace(), &mut out);
        Ok(out)
    }

    /// One value per row and column, on one thread, in a workspace of the caller's.
    ///
    /// # Shapes
    /// `x` is `(rows, n_features)`, row-major contiguous; `out` has `rows * n_features` entries, row
    /// after row.
    ///
    /// # Errors
    /// [`campaign_core::Error::Length`] and [`campaign_core::Error::Layout`] for other shapes, and
    /// [`campaign_core::Error::Scratch`] for a workspace of another, larger model; `out` is then
    /// unchanged.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Complexity
    /// Per row, tree and background row: the leaves that a mix of the two rows can reach, times the
    /// columns in which they part.
    pub fn explain_into(
        &self,
        x: ArrayView2<'_, f64>,
        workspace: &mut InterventionalWorkspace,
        out: &mut [f64],
    ) -> Result<()> {
        let rows = rows(&x, self.n_features, x.nrows())?;
        check_length("out", out.len(), rows.len())?;
        let sizes = [
            (workspace.right.len(), self.most_nodes),
            (workspace.pair.n_features(), self.n_features),
            (workspace.pair.most_forks(), self.degree),
        ];
        if let Some((got, needed)) = sizes.into_iter().find(|(got, needed)| got < needed) {
            return Err(campaign_core::Error::Scratch { got, needed });
        }
        let width = self.n_features.max(1);
        for (row, out) in rows.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
            self.values_of(row, workspace, out);
        }
        Ok(())
    }

    /// One value per row and column, on all threads of the current `rayon` pool, with the same bits on
    /// any number of them.
    ///
    /// # Shapes
    /// `x` is `(rows, n_features)`, row-major contiguous, and so is the answer.
    ///
    /// # Errors
    /// [`campaign_core::Error::Length`] and [`campaign_core::Error::Layout`] for other shapes.
    ///
    /// # Allocation
    /// The answer and a workspace per task.
    pub fn explain(&self, x: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let rows = rows(&x, self.n_features, x.nrows())?;
        let mut out = Array2::zeros(x.raw_dim());
        let width = self.n_features.max(1);
        if let Some(out) = out.as_slice_mut() {
            out.par_chunks_mut(width).zip(rows.par_chunks(width)).for_each_init(
                || self.workspace(),
                |workspace, (out, row)| self.values_of(row, workspace, out),
            );
        }
        Ok(out)
    }

    fn values_of(&self, row: &[f64], workspace: &mut InterventionalWorkspace, out: &mut [f64]) {
        out.fill(0.0);
        let InterventionalWorkspace { right, pair } = workspace;
        for Prepared { tree, background } in &self.trees {
            let n = tree.nodes.len();
            if n == 0 {
                continue;
            }
            tree.decide(row, right);
            for background in background.chunks_exact(n) {
                pair.add(tree, &right[..n], background, out);
            }
        }
        let n = self.n_background as f64;
        out.iter_mut().for_each(|value| *value /= n);
    }
}
