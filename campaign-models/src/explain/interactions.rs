//! Exact Shapley interaction values of boosted trees.

use campaign_core::Result;
use campaign_core::error::check_length;
use campaign_core::ndarray::{Array3, ArrayView2};
use rayon::prelude::*;

use super::kernel::Walk;
use super::paths::{PathTree, Shape, TOP};
use super::quadrature::Lanes;
use super::treeshap::{Pass, Prepared, ShapWorkspace, TreeShap, total};

impl TreeShap {
    /// How pairs of columns act together in one row's score, in a workspace of the caller's.
    ///
    /// The entry of two columns is half of what knowing both adds beyond what each adds alone,
    /// averaged over every order; a column's own entry is what is left of its value
    /// ([`explain_row`](Self::explain_row)). The matrix is symmetric and each of its rows adds up to
    /// the column's value.
    ///
    /// # Shapes
    /// `out` has `n_features * n_features` entries.
    ///
    /// # Errors
    /// [`campaign_core::Error::Length`] for other lengths and [`campaign_core::Error::Scratch`] for a
    /// workspace of another, larger model; `out` is then unchanged.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Complexity
    /// As the values, times the depth.
    ///
    /// # Source
    /// Lundberg et al. 2020, "From local explanations to global understanding with explainable AI for
    /// trees", equations 6 and 7; computed as the integral of second derivatives.
    pub fn interactions_into(
        &self,
        row: &[f64],
        workspace: &mut ShapWorkspace,
        out: &mut [f64],
    ) -> Result<()> {
        let width = self.n_features;
        check_length("row", row.len(), width)?;
        check_length("out", out.len(), width * width)?;
        self.check_workspace(workspace)?;
        self.interactions_of(row, workspace, out);
        Ok(())
    }

    /// How pairs of columns act together, row by row, on all threads of the current `rayon` pool. See
    /// [`interactions_into`](Self::interactions_into).
    ///
    /// # Shapes
    /// `x` is `(rows, n_features)`, row-major contiguous; the answer `(rows, n_features, n_features)`.
    ///
    /// # Errors
    /// [`campaign_core::Error::Length`] and [`campaign_core::Error::Layout`] for other shapes.
    ///
    /// # Allocation
    /// The answer and a workspace per task.
    pub fn interactions(&self, x: ArrayView2<'_, f64>) -> Result<Array3<f64>> {
        let width = self.n_features;
        let rows = campaign_core::model::rows(&x, width, x.nrows())?;
        let mut out = Array3::zeros((x.nrows(), width, width));
        if let (Some(out), true) = (out.as_slice_mut(), width > 0) {
            out.par_chunks_mut(width * width).zip(rows.par_chunks(width)).for_each_init(
                || self.workspace(),
                |workspace, (out, row)| self.interactions_of(row, workspace, out),
            );
        }
        Ok(out)
    }

    fn interactions_of(&self, row: &[f64], workspace: &mut ShapWorkspace, out: &mut [f64]) {
        let width = self.n_features;
        out.fill(0.0);
        let ShapWorkspace { walk, slopes, .. } = workspace;
        for Prepared { tree, passes } in self.trees() {
            if tree.nodes.is_empty() {
                continue;
            }
            walk.set_leaves(tree);
            tree.decide(row, &mut walk.right);
            for Pass { weight, shapes } in passes {
                walk.down(tree, shapes, *weight);
                walk.slopes_into(tree, shapes, slopes);
                walk.up(tree, shapes, |node, part| {
                    add_pairs(tree, slopes, node, part, out, width);
                });
            }
        }
        finish(out, width);
    }
}

/// Adds a node's part to its column's value and to the pairs with the columns above it.
///
/// A pair is complete only together with [`finish`]. Each edge above adds the change it makes to its
/// column's derivative, so that a column tested several times counts once, as last tested; pairs of a
/// column with itself land beside the diagonal's true value and are left out.
#[inline(always)]
fn add_pairs(
    tree: &PathTree,
    slopes: &[Lanes],
    node: usize,
    part: Lanes,
    out: &mut [f64],
    width: usize,
) {
    let column = tree.nodes[node].column as usize;
    let pairs = &mut out[column * width..][..width];
    pairs[column] += total(&part);
    let mut at = node;
    while at != TOP as usize {
        let slope = &slopes[at];
        at = tree.nodes[at].parent as usize;
        let above = tree.nodes[at].column as usize;
        if above != column {
            let both: Lanes = std::array::from_fn(|q| part[q] * slope[q]);
            pairs[above] += total(&both);
        }
    }
}

/// Makes the matrix symmetric and leaves on its diagonal what the pairs do not take of each value.
fn finish(out: &mut [f64], width: usize) {
    for i in 0..width {
        for j in 0..i {
            let both = 0.5 * (out[i * width + j] + out[j * width + i]);
            for at in [i * width + j, j * width + i] {
                out[at] = both;
            }
        }
    }
    for i in 0..width {
        let row = &mut out[i * width..][..width];
        let pairs: f64 = row.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, v)| v).sum();
        row[i] -= pairs;
    }
}

impl Walk {
    /// For the edge to each inner node, what it changes in the derivative by its column, relative to the
    /// chance to get there.
    fn slopes_into(&self, tree: &PathTree, shapes: &[Shape], slopes: &mut [Lanes]) {
        let n = tree.nodes.len();
        for (at, node) in tree.nodes[..tree.n_inner].iter().enumerate() {
            let right = usize::from(self.right[at]);
            let shape = self.shape(node, shapes);
            let share = node.share[1 - right];
            let [along, off] = [right, 1 - right].map(|side| node.child[side] as usize);
            if along < n {
                slopes[along] =
                    std::array::from_fn(|q| share * shape.slope[q] / (1.0 - share * shape.away[q]));
            }
            if off < n {
                slopes[off] = shape.off.map(|off| -off);
            }
        }
    }
}
