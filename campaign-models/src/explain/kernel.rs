//! Shapley values of one tree for one row.
//!
//! A leaf's value counts where each column on its path is either known and the row passes its tests,
//! or unknown and chance leads through. Let every column be known with chance `t`, independently. The
//! mean value of the tree is then a polynomial in `t`, and the Shapley value of a column is the
//! integral over `t` of its derivative by that column's chance (Owen 1972, "Multilinear extensions of
//! games", theorem 5). The degree is below the number of distinct columns on a path, so a few
//! Gauss-Legendre points give the integral exactly. At each point one walk down (the chance to reach
//! a node) and one up (the mean value below it) do for all columns at once.

use super::paths::{DEAD, PathNode, PathTree, Shape};
use super::quadrature::{LANES, Lanes};

/// The numbers of a node or leaf, at the points of a pass.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    /// On the way down the chance to get here, times the point's weight; on the way up the derivative
    /// of a walk's mean value by what the node's two sides differ in.
    reach: Lanes,
    /// Chance to leave the row's way here.
    away: Lanes,
    /// Mean value below.
    below: Lanes,
    /// Whether the row passes every test of the column above, up to and with the edge that leads here.
    passed: bool,
}

const ROOT: Slot =
    Slot { reach: [0.0; LANES], away: [0.0; LANES], below: [0.0; LANES], passed: true };

/// Room for one tree.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    /// Which way each node sends the row.
    pub(super) right: Vec<u8>,
    slots: Vec<Slot>,
}

impl Walk {
    pub(super) fn new(nodes: usize) -> Self {
        Self { right: vec![0; nodes], slots: vec![ROOT; 2 * nodes + 1] }
    }

    /// Puts the leaves' values where [`up`] reads them.
    pub(super) fn set_leaves(&mut self, tree: &PathTree) {
        for (slot, &value) in self.slots[tree.nodes.len()..].iter_mut().zip(&tree.values) {
            slot.below = [value; LANES];
        }
    }

    /// What a node's factors are for the row that went [`down`].
    #[inline(always)]
    pub(super) fn shape<'s>(&self, node: &PathNode, shapes: &'s [Shape]) -> &'s Shape {
        shape(node, &self.slots, shapes)
    }

    #[inline(always)]
    pub(super) fn down(&mut self, tree: &PathTree, shapes: &[Shape], weight: Lanes) {
        down(tree, &self.right, shapes, weight, &mut self.slots);
    }

    #[inline(always)]
    pub(super) fn up(&mut self, tree: &PathTree, shapes: &[Shape], add: impl FnMut(usize, Lanes)) {
        up(tree, &self.right, shapes, &mut self.slots, add);
    }
}

#[inline(always)]
fn shape<'s>(node: &PathNode, slots: &[Slot], shapes: &'s [Shape]) -> &'s Shape {
    let live = slots[node.same as usize].passed;
    &shapes[if live { node.shape } else { DEAD } as usize]
}

/// The chance to reach each node.
#[inline(always)]
fn down(tree: &PathTree, right: &[u8], shapes: &[Shape], weight: Lanes, slots: &mut [Slot]) {
    slots[0].reach = weight;
    for (at, (node, &right)) in tree.nodes[..tree.n_inner].iter().zip(right).enumerate() {
        let right = usize::from(right & 1);
        let passed = slots[node.same as usize].passed;
        let shape = shape(node, slots, shapes);
        let share = node.share[1 - right];
        let slot = &mut slots[at];
        let reach = slot.reach;
        let away: Lanes = std::array::from_fn(|q| share * shape.away[q]);
        let left_behind: Lanes = std::array::from_fn(|q| reach[q] * away[q]);
        slot.away = away;
        slot.reach = std::array::from_fn(|q| reach[q] * (share * shape.slope[q]));
        let along = &mut slots[node.child[right] as usize];
        along.reach = std::array::from_fn(|q| reach[q] - left_behind[q]);
        along.passed = passed;
        let off = &mut slots[node.child[1 - right] as usize];
        off.reach = left_behind;
        off.passed = false;
    }
}

/// Adds each node's part to its column's value: those with two leaves, then the others from the last
/// to the first.
#[inline(always)]
fn up(
    tree: &PathTree,
    right: &[u8],
    shapes: &[Shape],
    slots: &mut [Slot],
    mut add: impl FnMut(usize, Lanes),
) {
    let (inner, bottom) = tree.nodes.split_at(tree.n_inner);
    for (i, (node, &right)) in bottom.iter().zip(&right[tree.n_inner..]).enumerate() {
        let right = usize::from(right & 1);
        let along = slots[node.child[right] as usize].below[0];
        let more = along - slots[node.child[1 - right] as usize].below[0];
        let shape = shape(node, slots, shapes);
        let off = node.share[1 - right] * more;
        let slot = &mut slots[tree.n_inner + i];
        slot.below = std::array::from_fn(|q| along - off * shape.away[q]);
        let reach = slot.reach;
        add(tree.n_inner + i, std::array::from_fn(|q| reach[q] * (off * shape.slope[q])));
    }
    for (at, (node, &right)) in inner.iter().zip(right).enumerate().rev() {
        let right = usize::from(right & 1);
        let along = slots[node.child[right] as usize].below;
        let off = slots[node.child[1 - right] as usize].below;
        let more: Lanes = std::array::from_fn(|q| along[q] - off[q]);
        let slot = &mut slots[at];
        slot.below = std::array::from_fn(|q| along[q] - slot.away[q] * more[q]);
        add(at, std::array::from_fn(|q| slot.reach[q] * more[q]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::quadrature::points;
    use crate::gbdt::tree::{Child, Leaf, Node, Test, Tree};

    fn node(
        feature: u32,
        threshold: f64,
        left: Child,
        right: Child,
        cover: f64,
        rows: u32,
    ) -> Node {
        let test = Test::Threshold(threshold);
        Node { feature, test, missing_left: true, left, right, gain: 1.0, cover, rows }
    }

    fn leaf(value: f64, cover: f64, rows: u32) -> Leaf {
        Leaf { value, cover, rows }
    }

    fn values(tree: &Tree, row: &[f64]) -> (f64, Vec<f64>) {
        let tree = PathTree::new(tree, &[0, 0]);
        let mut walk = Walk::new(tree.nodes.len());
        walk.set_leaves(&tree);
        tree.decide(row, &mut walk.right);
        let mut values = vec![0.0; 2];
        for points in points(tree.degree) {
            let shapes = tree.shapes(&points);
            walk.down(&tree, &shapes, points.weight);
            walk.up(&tree, &shapes, |at, part| {
                values[tree.nodes[at].column as usize] += part.iter().sum::<f64>();
            });
        }
        (tree.mean, values)
    }

    /// `x0 <= 0`, then `x1 <= 0` and below it `x0 <= -1`.
    fn tree(covers: [f64; 4], rows: [u32; 4]) -> Tree {
        let nodes = vec![
            node(0, 0.0, Child::node(1), Child::leaf(0), covers.iter().sum(), rows.iter().sum()),
            node(
                1,
                0.0,
                Child::node(2),
                Child::leaf(1),
                covers[1..].iter().sum(),
                rows[1..].iter().sum(),
            ),
            node(
                0,
                -1.0,
                Child::leaf(2),
                Child::leaf(3),
                covers[2..].iter().sum(),
                rows[2..].iter().sum(),
            ),
        ];
        let values = [1.0, 2.0, 4.0, 8.0];
        let leaves = (0..4).map(|i| leaf(values[i], covers[i], rows[i])).collect();
        Tree { nodes, leaves }
    }

    #[test]
    fn branches_without_cover_are_neither_lost_nor_nan() {
        // Hessians of 0 everywhere: rows count.
        let (mean, got) = values(&tree([0.0; 4], [4, 2, 1, 1]), &[-2.0, -1.0]);
        // v() = 1/2 + 1/2 (1/2 * 2 + 1/2 * 6), v(0) = 1/2 * 2 + 1/2 * 4, v(1) = 1/2 + 1/2 * 6, v(01) = 4.
        assert!((mean - 2.5).abs() < 1e-15);
        let expected = [((3.0 - 2.5) + (4.0 - 3.5)) / 2.0, ((3.5 - 2.5) + (4.0 - 3.0)) / 2.0];
        assert!(got.iter().zip(expected).all(|(got, e)| (got - e).abs() < 1e-14), "{got:?}");
        // Nothing at all: halves.
        let (mean, _) = values(&tree([0.0; 4], [0; 4]), &[-2.0, -1.0]);
        assert_eq!(mean, 0.5 + 0.5 * (1.0 + 0.5 * 6.0));
        // No training row where this row goes.
        let (mean, got) = values(&tree([3.0, 1.0, 0.0, 0.0], [3, 1, 0, 0]), &[-2.0, -1.0]);
        assert_eq!(mean, 1.25);
        assert!(got.iter().all(|v| v.is_finite()));
        assert!((mean + got[0] + got[1] - 4.0).abs() < 1e-14);
        let (_, got) = values(&tree([1.0, 0.0, 0.0, 0.0], [1, 0, 0, 0]), &[-2.0, -1.0]);
        assert!(got.iter().all(|v| v.is_finite()));
        assert!((1.0 + got[0] + got[1] - 4.0).abs() < 1e-14, "{got:?}");
    }
}
