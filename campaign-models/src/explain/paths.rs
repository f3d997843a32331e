//! A tree as the explanations read it: shares of cover, and where a path tests a column again.

use crate::gbdt::tree::{Test, Tree, zero_as_missing};

use super::quadrature::{LANES, Lanes, Points};

/// Which present values go left.
#[derive(Debug, Clone)]
enum Cut {
    UpTo(f64),
    NonZero(f64),
    /// One bit per level.
    Among(Box<[u64]>),
}

/// A test, owned and flat.
#[derive(Debug, Clone)]
struct Decision {
    column: u32,
    missing_left: bool,
    cut: Cut,
}

impl Decision {
    fn goes_right(&self, row: &[f64]) -> bool {
        let x = row[self.column as usize];
        let up_to = |x: f64, threshold: f64| x <= threshold || (self.missing_left && x.is_nan());
        let left = match &self.cut {
            Cut::UpTo(threshold) => up_to(x, *threshold),
            Cut::NonZero(threshold) => up_to(zero_as_missing(x), *threshold),
            Cut::Among(bits) => {
                let level = x as u32;
                // A cast saturates and makes 0 of NaN; a number that is no level goes with the missing.
                if f64::from(level) == x {
                    bits.get((level / 64) as usize)
                        .map_or(self.missing_left, |word| word >> (level % 64) & 1 == 1)
                } else {
                    self.missing_left
                }
            }
        };
        !left
    }
}

/// An edge of a tree by number: `2 * (node + 1)`, one more for the right one. 0 is above the root.
pub(super) type Edge = u32;

/// The edge above the root.
pub(super) const TOP: Edge = 0;

pub(super) fn edge(node: usize, right: usize) -> usize {
    2 * (node + 1) + right
}

/// An inner node.
#[derive(Debug, Clone)]
pub(super) struct PathNode {
    pub(super) column: u32,
    /// What part of the node's cover goes left and right.
    pub(super) share: [f64; 2],
    /// Where a child's numbers stand: nodes first, then leaves.
    pub(super) child: [u32; 2],
    /// The edge that leads here.
    pub(super) parent: Edge,
    /// The last edge on the way here that belongs to a node of the same column.
    pub(super) same: Edge,
    /// Which [`Shape`] it has while the row follows the path's tests of the column.
    pub(super) shape: u32,
}

/// What a node's factors are made of, at the points of a pass.
///
/// Let `z` be the product of the shares of the edges above that belong to the same column (1 if there
/// are none), and let each column be known with chance `t`. Seen at the node, where a row that is
/// known got here for certain and one that is not with chance `z`, the column is unknown with chance
/// `away = (1 - t) z / F`, `F = t + (1 - t) z`. The chance to leave the row's way is `away` times the
/// other child's share; `slope = z / F^2` times that share is its derivative by `t`, negated. And
/// `off = slope / away`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shape {
    pub(super) away: Lanes,
    pub(super) slope: Lanes,
    pub(super) off: Lanes,
}

/// The shape below a test of the same column that the row did not pass: nothing is left to know.
pub(super) const DEAD: u32 = 0;
const FIRST: u32 = 1;

/// One tree.
#[derive(Debug, Clone)]
pub(super) struct PathTree {
    decisions: Vec<Decision>,
    pub(super) nodes: Vec<PathNode>,
    pub(super) values: Vec<f64>,
    /// Most distinct columns on a path.
    pub(super) degree: usize,
    /// `z` of the shapes from [`FIRST`] on.
    products: Vec<f64>,
    /// Mean value by cover.
    pub(super) mean: f64,
}

impl PathTree {
    /// Reads a tree over columns with these counts of levels (0 for a numeric one).
    pub(super) fn new(tree: &Tree, n_levels: &[u32]) -> Self {
        let n = tree.nodes.len();
        let mut parent = vec![TOP; n];
        let mut nodes = Vec::with_capacity(n);
        let mut products = vec![1.0];
        // Distinct columns on the way to a node, its own among them.
        let mut depth = vec![1_usize; n];
        let mut degree = 0;
        for (at, node) in tree.nodes.iter().enumerate() {
            let slots = [node.left, node.right].map(|child| match child.index() {
                Ok(inner) => inner,
                Err(leaf) => n + leaf,
            });
            let share = shares(tree, slots);
            let same = same_column(&nodes, node.feature, parent[at]);
            let (mut shape, mut deepest) = (FIRST, 1);
            if parent[at] != TOP {
                deepest = depth[parent[at] as usize / 2 - 1] + usize::from(same == TOP);
            }
            if same != TOP {
                let above: &PathNode = &nodes[same as usize / 2 - 1];
                let z = products[(above.shape - FIRST) as usize] * above.share[same as usize % 2];
                shape = FIRST + products.len() as u32;
                products.push(z);
            }
            depth[at] = deepest;
            degree = degree.max(deepest);
            for (right, &slot) in slots.iter().enumerate() {
                if let Some(parent) = parent.get_mut(slot) {
                    *parent = edge(at, right) as Edge;
                }
            }
            let child = slots.map(|slot| slot as u32);
            let column = node.feature;
            nodes.push(PathNode { column, share, child, parent: parent[at], same, shape });
        }
        let decisions = tree.nodes.iter().map(|node| Decision {
            column: node.feature,
            missing_left: node.missing_left,
            cut: cut(&node.test, n_levels[node.feature as usize], node.missing_left),
        });
        let decisions = decisions.collect();
        let values: Vec<f64> = tree.leaves.iter().map(|leaf| leaf.value).collect();
        let mean = mean(&nodes, &values);
        Self { decisions, nodes, values, degree, products, mean }
    }

    /// Which way each node sends a row: 1 for right.
    pub(super) fn decide(&self, row: &[f64], right: &mut [u8]) {
        for (decision, right) in self.decisions.iter().zip(right) {
            *right = u8::from(decision.goes_right(row));
        }
    }

    /// The value of the leaf that a row reaches.
    pub(super) fn value(&self, right: &[u8]) -> f64 {
        let mut at = 0;
        while let (Some(node), Some(&right)) = (self.nodes.get(at), right.get(at)) {
            at = node.child[usize::from(right)] as usize;
        }
        self.values[at - self.nodes.len()]
    }

    /// The shapes at the points of a pass, as [`PathNode::shape`] numbers them.
    pub(super) fn shapes(&self, points: &Points) -> Vec<Shape> {
        let nothing = [0.0; LANES];
        let dead = Shape { away: [1.0; LANES], slope: nothing, off: nothing };
        let live = self.products.iter().map(|z| {
            let reached = points.at.map(|t| t + (1.0 - t) * z);
            Shape {
                away: std::array::from_fn(|q| (1.0 - points.at[q]) * z / reached[q]),
                slope: reached.map(|reached| z / (reached * reached)),
                off: std::array::from_fn(|q| 1.0 / ((1.0 - points.at[q]) * reached[q])),
            }
        });
        std::iter::once(dead).chain(live).collect()
    }
}

/// The level set as bits; levels that a column does not have go with the missing.
fn cut(test: &Test, n_levels: u32, missing_left: bool) -> Cut {
    match test {
        Test::Threshold(threshold) => Cut::UpTo(*threshold),
        Test::NonZero(threshold) => Cut::NonZero(*threshold),
        Test::Levels(levels) => {
            let words = n_levels.div_ceil(64) as usize;
            let mut bits = vec![0_u64; words];
            let beyond = (n_levels..words as u32 * 64).filter(|_| missing_left);
            for level in levels.iter().copied().chain(beyond) {
                bits[(level / 64) as usize] |= 1 << (level % 64);
            }
            Cut::Among(bits.into())
        }
    }
}

/// The last edge on the way up from `from` that belongs to a node of this column.
fn same_column(nodes: &[PathNode], column: u32, from: Edge) -> Edge {
    let mut at = from;
    while at != TOP {
        let node = &nodes[at as usize / 2 - 1];
        if node.column == column {
            break;
        }
        at = node.parent;
    }
    at
}

/// What part of the cover each child has; by rows where there is no cover, halves where there is
/// neither.
fn shares(tree: &Tree, slots: [usize; 2]) -> [f64; 2] {
    let part = |of: [f64; 2]| {
        let [left, right] = of.map(|size| size.max(0.0));
        let total = left + right;
        (total > 0.0 && total.is_finite()).then(|| {
            let left = left / total;
            [left, 1.0 - left]
        })
    };
    let sizes = slots.map(|slot| match tree.nodes.get(slot) {
        Some(node) => (node.cover, node.rows),
        None => {
            let leaf = &tree.leaves[slot - tree.nodes.len()];
            (leaf.cover, leaf.rows)
        }
    });
    part(sizes.map(|size| size.0))
        .or_else(|| part(sizes.map(|size| f64::from(size.1))))
        .unwrap_or([0.5; 2])
}

fn mean(nodes: &[PathNode], values: &[f64]) -> f64 {
    let mut means = vec![0.0; nodes.len()];
    means.extend_from_slice(values);
    for (at, node) in nodes.iter().enumerate().rev() {
        let [left, right] = node.child.map(|slot| means[slot as usize]);
        means[at] = node.share[0] * left + node.share[1] * right;
    }
    means.first().copied().unwrap_or_default()
}
