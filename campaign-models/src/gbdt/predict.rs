//! All trees flat in one array, for prediction.

use super::tree::{Child, Test, Tree};

const MISSING_LEFT: u32 = 1;
const LEVELS: u32 = 2;

/// Rows that walk a tree together, so that its nodes are still in cache for the next row.
const BLOCK: usize = 64;

#[derive(Debug, Clone, Copy)]
struct FlatNode {
    /// A threshold's bits, or where the words of a level set start (high half) and how many levels
    /// they cover (low half).
    test: u64,
    feature: u32,
    flags: u32,
    left: i32,
    right: i32,
}

/// Trees flattened. Children are node numbers, or complements of leaf numbers.
#[derive(Debug, Clone, Default)]
pub(super) struct Forest {
    nodes: Vec<FlatNode>,
    leaves: Vec<f64>,
    roots: Vec<i32>,
    words: Vec<u32>,
}

impl Forest {
    pub(super) fn new(trees: &[Tree]) -> Self {
        let mut forest = Self::default();
        trees.iter().for_each(|tree| forest.push(tree));
        forest
    }

    pub(super) fn push(&mut self, tree: &Tree) {
        let (first_node, first_leaf) = (self.nodes.len(), self.leaves.len());
        let child = |child: Child| match child.index() {
            Ok(node) => (first_node + node) as i32,
            Err(leaf) => !((first_leaf + leaf) as i32),
        };
        self.roots.push(child(if tree.nodes.is_empty() { Child::leaf(0) } else { Child::node(0) }));
        for node in &tree.nodes {
            let mut flags = if node.missing_left { MISSING_LEFT } else { 0 };
            let test = match &node.test {
                Test::Threshold(threshold) => threshold.to_bits(),
                Test::Levels(levels) => {
                    flags |= LEVELS;
                    self.push_levels(levels)
                }
            };
            let (left, right) = (child(node.left), child(node.right));
            self.nodes.push(FlatNode { test, feature: node.feature, flags, left, right });
        }
        self.leaves.extend(tree.leaves.iter().map(|leaf| leaf.value));
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

    #[inline]
    fn goes_left(&self, node: &FlatNode, x: f64, n_levels: &[u32]) -> bool {
        if node.flags & LEVELS == 0 {
            return if x.is_nan() {
                node.flags & MISSING_LEFT != 0
            } else {
                x <= f64::from_bits(node.test)
            };
        }
        // Casts saturate and NaN becomes 0, so each number that is no level must be caught first.
        let level = x as u32;
        let known = n_levels[node.feature as usize];
        if f64::from(level) != x || level >= known {
            return node.flags & MISSING_LEFT != 0;
        }
        let (start, covered) = ((node.test >> 32) as usize, node.test as u32);
        level < covered && self.words[start + (level / 32) as usize] >> (level % 32) & 1 == 1
    }

    #[inline]
    fn value(&self, root: i32, row: &[f64], n_levels: &[u32]) -> f64 {
        let mut at = root;
        while at >= 0 {
            let node = &self.nodes[at as usize];
            let left = self.goes_left(node, row[node.feature as usize], n_levels);
            at = if left { node.left } else { node.right };
        }
        self.leaves[!at as usize]
    }

    /// The score that the last tree adds to a row.
    pub(super) fn last_value(&self, row: &[f64], n_levels: &[u32]) -> f64 {
        self.roots.last().map_or(0.0, |&root| self.value(root, row, n_levels))
    }

    /// The score of one row: the base, then tree by tree.
    #[inline]
    pub(super) fn score(&self, base: f64, row: &[f64], n_levels: &[u32]) -> f64 {
        self.roots.iter().fold(base, |score, &root| score + self.value(root, row, n_levels))
    }

    /// The scores of rows that stand one after another, `width` numbers each.
    pub(super) fn scores_into(
        &self,
        base: f64,
        rows: &[f64],
        width: usize,
        n_levels: &[u32],
        out: &mut [f64],
    ) {
        out.fill(base);
        if width == 0 {
            // Nothing to test, so every tree is a single leaf.
            let score = self.score(base, &[], n_levels);
            out.fill(score);
            return;
        }
        for (rows, out) in rows.chunks(BLOCK * width).zip(out.chunks_mut(BLOCK)) {
            for &root in &self.roots {
                for (row, score) in rows.chunks_exact(width).zip(out.iter_mut()) {
                    *score += self.value(root, row, n_levels);
                }
            }
        }
    }
}
