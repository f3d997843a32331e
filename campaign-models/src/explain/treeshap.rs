//! Exact Shapley values of boosted trees, path-dependent.

use campaign_core::Result;
use campaign_core::error::check_length;
use campaign_core::model::rows;
use campaign_core::ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::kernel::Walk;
use super::paths::{PathTree, Shape};
use super::quadrature::{LANES, Lanes, Points, points};
use crate::gbdt::Gbdt;

/// Numbers of room for the sums of a block of rows: a share of the nearest cache.
const SUMS: usize = 1 << 12;
/// Most rows of a block.
const ROWS: usize = 32;

/// A pass over one tree: where the polynomials are evaluated, and the factors there.
#[derive(Debug, Clone)]
pub(super) struct Pass {
    pub(super) weight: Lanes,
    pub(super) shapes: Vec<Shape>,
}

/// A tree with its passes.
#[derive(Debug, Clone)]
pub(super) struct Prepared {
    pub(super) tree: PathTree,
    pub(super) passes: Vec<Pass>,
}

/// Exact path-dependent Shapley values ("SHAP values") of a [`Gbdt`], on the scale of its score.
///
/// A column's value is what knowing it adds to the score, averaged over every order in which columns
/// could become known. Where a column is not known, both branches of its tests count, by their share
/// of the training data (sums of hessians, as XGBoost counts; training rows where those are zero). Per
/// row, [`base_value`](Self::base_value) and the columns' values add up to
/// [`Gbdt::score_row`].
///
/// A data set's offset is no part of it, and a level that the model refuses is explained as missing.
/// The values say what the model does, not what would happen if a column were changed.
///
/// # Source
/// Lundberg et al. 2020, "From local explanations to global understanding with explainable AI for
/// trees", algorithm 2. Computed otherwise than there: the Shapley value as an integral (Owen 1972,
/// theorem 5), taken by Gauss-Legendre points that are exact for the polynomial it is, so that a tree
/// costs one walk over its nodes per four points and four points do up to eight columns on a path.
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, ndarray::Array2};
/// use campaign_models::{GbdtConfig, Objective, explain::TreeShap};
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
///
/// let x = Array2::from_shape_fn((100, 2), |(row, c)| ((row * (c + 3)) % 50) as f64);
/// let y = x.rows().into_iter().map(|row| 2.0 * row[0]).collect();
/// let columns = vec![Column::numeric("clicks"), Column::numeric("noise")];
/// let data = Dataset::new(columns, x)?.with_target(y)?;
/// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
/// let model = GbdtConfig::new(Objective::Squared).fit(&data, None, &mut rng)?;
///
/// let shap = TreeShap::new(&model);
/// let row = [40.0, 3.0];
/// let values = shap.explain_row(&row)?;
/// assert!(values[0] > 10.0 * values[1].abs());
/// let sum = shap.base_value() + values[0] + values[1];
/// assert!((sum - model.score_row(&row)?).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct TreeShap {
    trees: Vec<Prepared>,
    pub(super) n_features: usize,
    base_value: f64,
    most_nodes: usize,
}

/// Room to work in, so that explaining does not allocate. Made by [`TreeShap::workspace`].
#[derive(Debug, Clone)]
pub struct ShapWorkspace {
    pub(super) walk: Walk,
    /// Per row of a block and column, the sums at each point.
    sums: Vec<Lanes>,
    /// Derivatives on the edges to nodes, for interactions.
    pub(super) slopes: Vec<Lanes>,
}

impl TreeShap {
    /// Prepares the trees of a model.
    ///
    /// # Complexity
    /// Time and memory of the order of the model's nodes, times an eighth of the most distinct columns
    /// on a path where that is above 8.
    #[must_use]
    pub fn new(model: &Gbdt) -> Self {
        let n_levels = crate::gbdt::level_counts(model.columns());
        let trees: Vec<Prepared> = model
            .trees()
            .iter()
            .map(|tree| {
                let tree = PathTree::new(tree, &n_levels);
                let pass =
                    |points: &Points| Pass { weight: points.weight, shapes: tree.shapes(points) };
                let passes = points(tree.degree).iter().map(pass).collect();
                Prepared { tree, passes }
            })
            .collect();
        let most_nodes = trees.iter().map(|t| t.tree.nodes.len()).max().unwrap_or_default();
        let base_value = model.base_score() + trees.iter().map(|t| t.tree.mean).sum::<f64>();
        Self { trees, n_features: model.columns().len(), base_value, most_nodes }
    }

    /// The score where no column is known: the mean over the training data, by cover.
    #[must_use]
    pub fn base_value(&self) -> f64 {
        self.base_value
    }

    /// How many columns a row has.
    #[must_use]
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    pub(super) fn trees(&self) -> &[Prepared] {
        &self.trees
    }

    /// Room for one thread.
    #[must_use]
    pub fn workspace(&self) -> ShapWorkspace {
        ShapWorkspace {
            walk: Walk::new(self.most_nodes),
            sums: vec![[0.0; LANES]; self.block() * self.n_features],
            slopes: vec![[0.0; LANES]; self.most_nodes],
        }
    }

    /// Rows that pass through a tree one after another, while its nodes are in the cache.
    fn block(&self) -> usize {
        (SUMS / (LANES * self.n_features.max(1))).clamp(1, ROWS)
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
        self.explain_rows(row, &mut self.workspace(), &mut out);
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
    /// Per row, the model's nodes times an eighth of the most distinct columns on a path, rounded up.
    pub fn explain_into(
        &self,
        x: ArrayView2<'_, f64>,
        workspace: &mut ShapWorkspace,
        out: &mut [f64],
    ) -> Result<()> {
        let rows = rows(&x, self.n_features, x.nrows())?;
        check_length("out", out.len(), rows.len())?;
        self.check_workspace(workspace)?;
        self.explain_rows(rows, workspace, out);
        Ok(())
    }

    /// One value per row and column, on all threads of the current `rayon` pool.
    ///
    /// The same bits on any number of threads, and as [`explain_row`](Self::explain_row) gives.
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
        let block = (ROWS * self.n_features).max(1);
        if let Some(out) = out.as_slice_mut() {
            out.par_chunks_mut(block).zip(rows.par_chunks(block)).for_each_init(
                || self.workspace(),
                |workspace, (out, rows)| self.explain_rows(rows, workspace, out),
            );
        }
        Ok(out)
    }

    pub(super) fn check_workspace(&self, workspace: &ShapWorkspace) -> Result<()> {
        let sizes = [
            (workspace.slopes.len(), self.most_nodes),
            (workspace.sums.len(), self.block() * self.n_features),
        ];
        match sizes.into_iter().find(|(got, needed)| got < needed) {
            Some((got, needed)) => Err(campaign_core::Error::Scratch { got, needed }),
            None => Ok(()),
        }
    }

    fn explain_rows(&self, rows: &[f64], workspace: &mut ShapWorkspace, out: &mut [f64]) {
        let width = self.n_features.max(1);
        let block = self.block() * width;
        for (rows, out) in rows.chunks(block).zip(out.chunks_mut(block)) {
            let ShapWorkspace { walk, sums, .. } = &mut *workspace;
            sums[..rows.len()].fill([0.0; LANES]);
            for Prepared { tree, passes } in &self.trees {
                if tree.nodes.is_empty() {
                    continue;
                }
                walk.set_leaves(tree);
                for (row, sums) in rows.chunks_exact(width).zip(sums.chunks_exact_mut(width)) {
                    tree.decide(row, &mut walk.right);
                    for Pass { weight, shapes } in passes {
                        walk.down(tree, shapes, *weight);
                        walk.up(tree, shapes, |node, part| {
                            let sum = &mut sums[tree.nodes[node].column as usize];
                            sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
                        });
                    }
                }
            }
            for (out, sum) in out.iter_mut().zip(sums.iter()) {
                *out = total(sum);
            }
        }
    }
}

pub(super) fn total(lanes: &Lanes) -> f64 {
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
}
