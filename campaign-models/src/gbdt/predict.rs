//! All trees flat in one array, for prediction.
//!
//! A step of a walk is a comparison and an addition, never a branch: a node's children stand side by
//! side, and a leaf leads to itself. So that the processor takes other steps while it waits for one,
//! a row walks several trees side by side.

use super::tree::{Child, Test, Tree, zero_as_missing};

/// The comparison is of the negated value; of levels, the set is of those that do not lead on.
const NEGATED: u32 = 1 << 31;
/// The test is for a set of levels.
const LEVELS: u32 = 1 << 30;
/// Zero is missing.
const NON_ZERO: u32 = 1 << 29;
/// The other bits of [`FlatNode::feature`].
const FEATURE: u32 = NON_ZERO - 1;

/// Trees that a row walks side by side.
const LANES: usize = 8;

#[derive(Debug, Clone, Copy)]
struct FlatNode {
    /// A threshold's bits, or where the words of a level set start (high half) and how many levels
    /// they cover (low half).
    test: u64,
    /// Which value is tested, and how.
    feature: u32,
    /// Where a walk goes; one further if the value is above the threshold. Missing values are not.
    next: u32,
}

/// Trees flattened.
#[derive(Debug, Clone, Default)]
pub(super) struct Forest {
    nodes: Vec<FlatNode>,
    /// What a walk that ends at a node adds to the score.
    values: Vec<f64>,
    roots: Vec<u32>,
    words: Vec<u32>,
    /// Some test is not a plain comparison.
    special: bool,
}

/// Of `x <= t` where missing values are above it: `-x > t'` for the next `t'` below `-t`.
fn threshold(t: f64, negated: bool) -> u64 {
    if negated { (-t).next_down().to_bits() } else { t.to_bits() }
}

impl Forest {
    pub(super) fn new(trees: &[Tree]) -> Self {
        let mut forest = Self::default();
        trees.iter().for_each(|tree| forest.push(tree));
        forest
    }

    pub(super) fn push(&mut self, tree: &Tree) {
        let root = self.nodes.len();
        self.roots.push(root as u32);
        let first = if tree.nodes.is_empty() { Child::leaf(0) } else { Child::node(0) };
        // What will stand at `root` and after it, in that order.
        let mut children = vec![first];
        let mut at = 0;
        while let Some(&child) = children.get(at) {
            match child.index() {
                Ok(node) => {
                    let node = &tree.nodes[node];
                    let next = (root + children.len()) as u32;
                    let mut feature = node.feature;
                    let mut negated = !node.missing_left;
                    let test = match &node.test {
                        Test::Threshold(t) => threshold(*t, negated),
                        Test::NonZero(t) => {
                            feature |= NON_ZERO;
                            self.special = true;
                            threshold(*t, negated)
                        }
                        Test::Levels(levels) => {
                            feature |= LEVELS;
                            self.special = true;
                            // Those that lead on are the set where the missing do not join it.
                            negated = !negated;
                            self.push_levels(levels)
                        }
                    };
                    if negated {
                        feature |= NEGATED;
                    }
                    let pair = [node.left, node.right];
                    children.extend(if node.missing_left { pair } else { [pair[1], pair[0]] });
                    self.nodes.push(FlatNode { test, feature, next });
                    self.values.push(0.0);
                }
                Err(leaf) => {
                    // Nothing is above infinity.
                    let test = f64::INFINITY.to_bits();
                    self.nodes.push(FlatNode { test, feature: 0, next: (root + at) as u32 });
                    self.values.push(tree.leaves[leaf].value);
                }
            }
            at += 1;
        }
    }

    fn push_levels(&mut self, levels: &[u32]) -> u64 {
        let start = self.words.len();
        let covered = levels.last().map_or(0, |last| last + 1);
        self.words.resize(start + covered.div_ceil(32) as usize, 0);
        for level in levels {
            self.words[start + (level / 32) as usize] |= 1 << (level % 32);
        }
        ((start as u64) << 32) | u64::from(covered)
    }

    /// Does this value of a categorical column lead on?
    fn level_leads_on(&self, node: &FlatNode, x: f64, n_levels: &[u32]) -> bool {
        // Casts saturate and NaN becomes 0, so each number that is no level must be caught first.
        let level = x as u32;
        if f64::from(level) != x || level >= n_levels[(node.feature & FEATURE) as usize] {
            return false;
        }
        let (start, covered) = ((node.test >> 32) as usize, node.test as u32);
        let among =
            level < covered && self.words[start + (level / 32) as usize] >> (level % 32) & 1 == 1;
        among != (node.feature & NEGATED != 0)
    }

    /// Takes walks to their leaves.
    #[inline(always)]
    fn walk<const N: usize>(&self, at: &mut [u32; N], row: &[f64], n_levels: &[u32]) {
        let above = |node: &FlatNode, x: f64| {
            let sign = u64::from(node.feature & NEGATED) << 32;
            f64::from_bits(x.to_bits() ^ sign) > f64::from_bits(node.test)
        };
        if !self.special {
            self.walk_by(at, row, above);
        } else {
            self.walk_by(at, row, |node, x| match node.feature & (LEVELS | NON_ZERO) {
                0 => above(node, x),
                NON_ZERO => above(node, zero_as_missing(x)),
                _ => self.level_leads_on(node, x, n_levels),
            });
        }
    }

    #[inline(always)]
    fn walk_by<const N: usize>(
        &self,
        at: &mut [u32; N],
        row: &[f64],
        leads_on: impl Fn(&FlatNode, f64) -> bool,
    ) {
        loop {
            let next = at.map(|at| {
                let node = &self.nodes[at as usize];
                let x = row[(node.feature & FEATURE) as usize];
                node.next + u32::from(leads_on(node, x))
            });
            if next == *at {
                return;
            }
            *at = next;
        }
    }

    /// The score that the last tree adds to a row.
    pub(super) fn last_value(&self, row: &[f64], n_levels: &[u32]) -> f64 {
        let last = self.roots.len().saturating_sub(1);
        self.add_trees(0.0, &self.roots[last..], row, n_levels)
    }

    /// The score of one row: the base, then tree by tree.
    #[inline]
    pub(super) fn score(&self, base: f64, row: &[f64], n_levels: &[u32]) -> f64 {
        self.add_trees(base, &self.roots, row, n_levels)
    }

    fn add_trees(&self, mut score: f64, roots: &[u32], row: &[f64], n_levels: &[u32]) -> f64 {
        if row.is_empty() {
            // Nothing to test: every tree is a leaf.
            return roots.iter().fold(score, |score, root| score + self.values[*root as usize]);
        }
        let (groups, rest) = roots.as_chunks::<LANES>();
        for group in groups {
            let mut at = *group;
            self.walk(&mut at, row, n_levels);
            at.iter().for_each(|leaf| score += self.values[*leaf as usize]);
        }
        for root in rest {
            let mut at = [*root];
            self.walk(&mut at, row, n_levels);
            score += self.values[at[0] as usize];
        }
        score
    }
}
