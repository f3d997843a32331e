//! A tree as the explanations read it: shares of cover, and where a path tests a column again.

use crate::gbdt::tree::{Node, Test, Tree, zero_as_missing};

use super::quadrature::{LANES, Lanes, Points};

/// What sends a value to the right, where the simple comparison does not say it all.
#[derive(Debug, Clone)]
enum Special {
    /// Comparison where zero is missing too.
    NonZero,
    /// One bit per level, set for those that go left.
    Among(Box<[u64]>),
}

/// A test, owned and flat.
#[derive(Debug, Clone)]
struct Decision {
    threshold: f64,
    column: u32,
    missing_left: bool,
}

impl Decision {
    #[inline(always)]
    fn sends_right(&self, x: f64) -> bool {
        // Both are false for NaN. Two comparisons and a choice, no branch.
        let (above, up_to) = (x > self.threshold, x <= self.threshold);
        if self.missing_left { above } else { !up_to }
    }

    fn sends_right_by(&self, special: &Special, x: f64) -> bool {
        match special {
            Special::NonZero => self.sends_right(zero_as_missing(x)),
            Special::Among(bits) => {
                let level = x as u32;
                // A cast saturates and makes 0 of NaN; a number that is no level goes with the missing.
                let word = bits.get((level / 64) as usize).filter(|_| f64::from(level) == x);
                !word.map_or(self.missing_left, |word| word >> (level % 64) & 1 == 1)
            }
        }
    }
}

/// An inner node. Where it stands, its numbers and those of the edge that leads to it stand too.
#[derive(Debug, Clone)]
pub(super) struct PathNode {
    pub(super) column: u32,
    /// What part of the node's cover goes left and right.
    pub(super) share: [f64; 2],
    /// Where the children's numbers stand: nodes first, then leaves.
    pub(super) child: [u32; 2],
    /// The node above; itself for the root.
    pub(super) parent: u32,
    /// The node or leaf below the last edge on the way here that belongs to a node of the same column;
    /// [`TOP`] if there is none.
    pub(super) same: u32,
    /// Which [`Shape`] it has while the row follows the path's tests of the column.
    pub(super) shape: u32,
}

/// The root stands where no edge leads.
pub(super) const TOP: u32 = 0;

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

/// One tree. Nodes stand before their children, and those with two leaves after all others.
#[derive(Debug, Clone)]
pub(super) struct PathTree {
    decisions: Vec<Decision>,
    special: Vec<(usize, Special)>,
    pub(super) nodes: Vec<PathNode>,
    /// How many nodes have a child that is a node.
    pub(super) n_inner: usize,
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
        let has_node = |node: &Node| node.left.index().is_ok() || node.right.index().is_ok();
        let (mut order, bottom): (Vec<usize>, Vec<usize>) =
            (0..n).partition(|&at| has_node(&tree.nodes[at]));
        let n_inner = order.len();
        order.extend(bottom);
        let mut place = vec![0; n];
        order.iter().enumerate().for_each(|(at, &node)| place[node] = at);

        let mut parent = vec![TOP; n];
        // Distinct columns on the way to a node, its own among them.
        let mut depth = vec![1_usize; n];
        let mut products = vec![1.0];
        let mut nodes: Vec<PathNode> = Vec::with_capacity(n);
        for (at, &from) in order.iter().enumerate() {
            let node = &tree.nodes[from];
            let child = [node.left, node.right]
                .map(|child| child.index().map_or_else(|leaf| n + leaf, |node| place[node]));
            let same = same_column(&nodes, node.feature, at, parent[at]);
            let mut shape = FIRST;
            if same != TOP {
                let above = &nodes[parent[same as usize] as usize];
                let share = above.share[usize::from(above.child[1] == same)];
                shape = FIRST + products.len() as u32;
                products.push(products[(above.shape - FIRST) as usize] * share);
            }
            if at > 0 {
                depth[at] = depth[parent[at] as usize] + usize::from(same == TOP);
            }
            for child in child {
                if let Some(parent) = parent.get_mut(child) {
                    *parent = at as u32;
                }
            }
            nodes.push(PathNode {
                column: node.feature,
                share: shares(tree, node),
                child: child.map(|child| child as u32),
                parent: parent[at],
                same,
                shape,
            });
        }
        let values: Vec<f64> = tree.leaves.iter().map(|leaf| leaf.value).collect();
        let mut decisions = Vec::with_capacity(n);
        let mut special = Vec::new();
        for (at, &from) in order.iter().enumerate() {
            let Node { feature: column, missing_left, test, .. } = &tree.nodes[from];
            let (threshold, more) = read_test(test, n_levels[*column as usize], *missing_left);
            special.extend(more.map(|more| (at, more)));
            decisions.push(Decision { threshold, column: *column, missing_left: *missing_left });
        }
        let degree = depth.into_iter().max().unwrap_or_default();
        let mean = mean(&nodes, &values);
        Self { decisions, special, nodes, n_inner, values, degree, products, mean }
    }

    /// Which way each node sends a row: 1 for right.
    pub(super) fn decide(&self, row: &[f64], right: &mut [u8]) {
        for (decision, right) in self.decisions.iter().zip(right.iter_mut()) {
            *right = u8::from(decision.sends_right(row[decision.column as usize]));
        }
        for (at, special) in &self.special {
            let decision = &self.decisions[*at];
            let x = row[decision.column as usize];
            right[*at] = u8::from(decision.sends_right_by(special, x));
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

/// A test's threshold, and what else there is to it.
fn read_test(test: &Test, n_levels: u32, missing_left: bool) -> (f64, Option<Special>) {
    match test {
        Test::Threshold(threshold) => (*threshold, None),
        Test::NonZero(threshold) => (*threshold, Some(Special::NonZero)),
        Test::Levels(levels) => {
            let words = n_levels.div_ceil(64) as usize;
            let mut bits = vec![0_u64; words];
            // Past the last level, numbers go with the missing.
            let beyond = (n_levels as usize..words * 64).filter(|_| missing_left);
            for level in levels.iter().map(|&level| level as usize).chain(beyond) {
                bits[level / 64] |= 1 << (level % 64);
            }
            (0.0, Some(Special::Among(bits.into())))
        }
    }
}

/// The node below the last edge on the way up from `at` that belongs to a node of this column.
fn same_column(nodes: &[PathNode], column: u32, at: usize, parent: u32) -> u32 {
    let (mut at, mut above) = (at as u32, parent);
    while at != TOP {
        let node = &nodes[above as usize];
        if node.column == column {
            break;
        }
        (at, above) = (above, node.parent);
    }
    at
}

/// What part of the cover each child has; by rows where there is no cover, halves where there is
/// neither.
fn shares(tree: &Tree, node: &Node) -> [f64; 2] {
    let part = |of: [f64; 2]| {
        let [left, right] = of.map(|size| size.max(0.0));
        let total = left + right;
        (total > 0.0 && total.is_finite()).then(|| {
            let left = left / total;
            [left, 1.0 - left]
        })
    };
    let sizes = [node.left, node.right].map(|child| match child.index() {
        Ok(node) => (tree.nodes[node].cover, tree.nodes[node].rows),
        Err(leaf) => (tree.leaves[leaf].cover, tree.leaves[leaf].rows),
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
