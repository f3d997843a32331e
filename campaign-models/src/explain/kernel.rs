//! Shapley values of one tree for one row.
//!
//! A leaf's value counts where each column on its path is either known and the row passes its tests,
//! or unknown and chance leads through. Let every column be known with chance `t`, independently. The
//! mean value of the tree is then a polynomial in `t`, and the Shapley value of a column is the
//! integral over `t` of its derivative by that column's chance (Owen 1972, "Multilinear extensions of
//! games", theorem 5). The degree is below the number of distinct columns on a path, so a few
//! Gauss-Legendre points give the integral exactly. At each point one walk down (the chance to reach
//! a node) and one up (the mean value below it) do for all columns at once.

use super::paths::{DEAD, PathNode, PathTree, Shape, edge};
use super::quadrature::{LANES, Lanes};

/// Room for one tree.
#[derive(Debug, Clone, Default)]
pub(super) struct Walk {
    /// Which way each node sends the row.
    pub(super) right: Vec<u8>,
    /// Whether the row passes every test of its column up to and with this edge.
    passed: Vec<bool>,
    /// Chance to reach a node or leaf, times the point's weight.
    reach: Vec<Lanes>,
    /// Mean value below a node or leaf.
    below: Vec<Lanes>,
    /// Chance to leave the row's way at a node.
    away: Vec<Lanes>,
}

impl Walk {
    pub(super) fn new(nodes: usize) -> Self {
        let slots = 2 * nodes + 1;
        Self {
            right: vec![0; nodes],
            passed: vec![true; 2 * nodes + 2],
            reach: vec![[0.0; LANES]; slots],
            below: vec![[0.0; LANES]; slots],
            away: vec![[0.0; LANES]; nodes],
        }
    }

    /// What a node's factors are for this row.
    #[inline(always)]
    pub(super) fn shape<'s>(&self, node: &PathNode, shapes: &'s [Shape]) -> &'s Shape {
        let live = self.passed[node.same as usize];
        &shapes[if live { node.shape } else { DEAD } as usize]
    }

    /// Puts the leaves' values where [`up`](Self::up) reads them.
    pub(super) fn set_leaves(&mut self, tree: &PathTree) {
        for (below, &value) in self.below[tree.nodes.len()..].iter_mut().zip(&tree.values) {
            *below = [value; LANES];
        }
    }

    /// The chance to reach each node.
    #[inline(always)]
    pub(super) fn down(&mut self, tree: &PathTree, shapes: &[Shape], weight: Lanes) {
        self.reach[0] = weight;
        for (at, node) in tree.nodes.iter().enumerate() {
            let right = usize::from(self.right[at]);
            let live = self.passed[node.same as usize];
            self.passed[edge(at, right)] = live;
            self.passed[edge(at, 1 - right)] = false;
            let shape = self.shape(node, shapes);
            let (reach, share) = (self.reach[at], node.share[1 - right]);
            let away: Lanes = std::array::from_fn(|q| share * shape.away[q]);
            let left_behind: Lanes = std::array::from_fn(|q| reach[q] * away[q]);
            self.away[at] = away;
            self.reach[node.child[1 - right] as usize] = left_behind;
            self.reach[node.child[right] as usize] =
                std::array::from_fn(|q| reach[q] - left_behind[q]);
        }
    }

    /// Adds each node's part to its column's value, last node first.
    #[inline(always)]
    pub(super) fn up(
        &mut self,
        tree: &PathTree,
        shapes: &[Shape],
        mut add: impl FnMut(usize, Lanes),
    ) {
        for (at, node) in tree.nodes.iter().enumerate().rev() {
            let right = usize::from(self.right[at]);
            let shape = self.shape(node, shapes);
            let (reach, away) = (self.reach[at], self.away[at]);
            let along = self.below[node.child[right] as usize];
            let off = self.below[node.child[1 - right] as usize];
            let share = node.share[1 - right];
            let more: Lanes = std::array::from_fn(|q| along[q] - off[q]);
            self.below[at] = std::array::from_fn(|q| along[q] - away[q] * more[q]);
            add(at, std::array::from_fn(|q| reach[q] * (share * shape.slope[q]) * more[q]));
        }
    }
}
