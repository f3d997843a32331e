//! Prediction on codes: values become bytes first, and trees compare bytes.
//!
//! A column's code is the number of the model's thresholds on it that are below the value, found once
//! per row instead of once per node. `columns` does that; `walk` takes a single row through all trees,
//! `blocks` many rows at once. Both add the trees' values in the order of the trees, as
//! [`Forest`](super::predict::Forest) does, so that all three give the same bits.

mod blocks;
mod columns;
mod walk;

use pulp::Arch;

use super::tree::Tree;
use blocks::Blocks;
use columns::Columns;
use walk::Walk;

/// The code that is above every other: a missing value where those go right.
const MISSING: u8 = u8::MAX;

/// Planes of codes, so that a byte numbers them.
const PLANES: usize = 256;

/// Trees whose columns have so few thresholds and levels that a byte can number them.
#[derive(Debug, Clone)]
pub(super) struct Coded {
    /// The widest instructions this machine has.
    arch: Arch,
    columns: Columns,
    walk: Walk,
    /// Where no tree has more than 256 leaves.
    blocks: Option<Blocks>,
}

impl Coded {
    /// `None` where bytes do not suffice.
    pub(super) fn new(trees: &[Tree], n_levels: &[u32]) -> Option<Self> {
        let columns = Columns::new(trees, n_levels)?;
        let walk = Walk::new(trees, &columns)?;
        let blocks = Blocks::new(trees, &columns);
        Some(Self { arch: Arch::new(), columns, walk, blocks })
    }

    /// A score that starts here, with all trees added. Does not allocate.
    pub(super) fn score(&self, start: f64, row: &[f64]) -> f64 {
        self.walk.score(start, row, &self.columns, self.arch)
    }

    /// Adds the trees to the scores of rows that stand one after another, `width` numbers each. Does
    /// not allocate.
    pub(super) fn add_scores(&self, rows: &[f64], width: usize, scores: &mut [f64]) {
        let added = match &self.blocks {
            Some(blocks) => blocks.add_scores(rows, width, scores, &self.columns, self.arch),
            None => 0,
        };
        let rows = rows.chunks_exact(width).zip(scores).skip(added);
        rows.for_each(|(row, score)| *score = self.score(*score, row));
    }
}

#[cfg(test)]
mod tests {
    use super::super::predict::Forest;
    use super::super::tree::{Child, Leaf, Node, Test};
    use super::*;
    use rand::RngExt;
    use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

    /// A tree whose leaves are split at random, on two columns of numbers and one of 200 levels.
    fn random_tree(leaves: usize, rng: &mut Xoshiro256PlusPlus) -> Tree {
        let leaf = |value| Leaf { value, cover: 1.0, rows: 1 };
        let mut tree = Tree { nodes: Vec::new(), leaves: vec![leaf(rng.random())] };
        // Where each leaf hangs.
        let mut parents: Vec<Option<(usize, bool)>> = vec![None];
        while tree.leaves.len() < leaves {
            let (at, new) = (rng.random_range(0..tree.leaves.len()), tree.leaves.len());
            let node = tree.nodes.len();
            match parents[at] {
                None => {}
                Some((parent, true)) => tree.nodes[parent].left = Child::node(node),
                Some((parent, false)) => tree.nodes[parent].right = Child::node(node),
            }
            let feature = rng.random_range(0..3);
            let test = match feature {
                0 => Test::Threshold(f64::from(rng.random_range(0_i32..254))),
                1 => Test::NonZero(f64::from(rng.random_range(-9_i32..9))),
                _ => Test::Levels((0..200).filter(|_| rng.random_bool(0.3)).collect()),
            };
            let (left, right) = (Child::leaf(at), Child::leaf(new));
            let missing_left = rng.random();
            tree.nodes.push(Node {
                feature,
                test,
                missing_left,
                left,
                right,
                gain: 1.0,
                cover: 2.0,
                rows: 2,
            });
            tree.leaves.push(leaf(rng.random()));
            parents[at] = Some((node, true));
            parents.push(Some((node, false)));
        }
        tree
    }

    /// More sets than a plane numbers, trees of more leaves than a byte numbers, more nodes than a page holds.
    #[test]
    fn codes_lead_where_values_lead() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
        let cases =
            [(1, 1, true), (9, 40, true), (3, 256, true), (20, 257, false), (30, 2_000, false)];
        for (trees, leaves, has_blocks) in cases {
            let trees: Vec<Tree> = (0..trees).map(|_| random_tree(leaves, &mut rng)).collect();
            let n_levels = [0, 0, 200];
            let (coded, forest) = (Coded::new(&trees, &n_levels).unwrap(), Forest::new(&trees));
            assert_eq!(coded.blocks.is_some(), has_blocks);
            let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 253.0, 200.0, 0.5];
            let rows: Vec<f64> = (0..3 * 300)
                .map(|at| match at % 3 {
                    _ if rng.random_bool(0.2) => odd[rng.random_range(0..odd.len())],
                    0 => rng.random_range(-2.0..256.0),
                    1 => f64::from(rng.random_range(-10_i32..10)),
                    _ => f64::from(rng.random_range(0_u8..200)),
                })
                .collect();
            let want: Vec<f64> =
                rows.chunks(3).map(|row| forest.score(0.25, row, &n_levels)).collect();
            let single: Vec<f64> = rows.chunks(3).map(|row| coded.score(0.25, row)).collect();
            assert_eq!(single, want);
            let mut scores = vec![0.25; 300];
            coded.add_scores(&rows, 3, &mut scores);
            assert_eq!(scores, want);
        }
    }

    #[test]
    fn what_bytes_cannot_number_has_no_codes() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(6);
        let trees = [random_tree(100, &mut rng)];
        assert!(Coded::new(&trees, &[0, 0, 255]).is_some());
        assert!(Coded::new(&trees, &[0, 0, 256]).is_none());
        let mut tree = random_tree(2, &mut rng);
        tree.nodes[0].feature = 0;
        let mut stumps = |n: i32| -> Vec<Tree> {
            let with = |t: i32| {
                tree.nodes[0].test = Test::Threshold(f64::from(t));
                tree.clone()
            };
            (0..n).map(with).collect()
        };
        assert!(Coded::new(&stumps(254), &[0]).is_some());
        assert!(Coded::new(&stumps(255), &[0]).is_none());
    }

    #[test]
    fn zero_goes_with_the_missing() {
        let leaf = |value| Leaf { value, cover: 1.0, rows: 1 };
        let tree = |t: f64, missing_left| Tree {
            nodes: vec![Node {
                feature: 0,
                test: Test::NonZero(t),
                missing_left,
                left: Child::leaf(0),
                right: Child::leaf(1),
                gain: 1.0,
                cover: 2.0,
                rows: 2,
            }],
            leaves: vec![leaf(1.0), leaf(2.0)],
        };
        // LightGBM's bound, and the first number beyond it.
        let edge = 1.0000000180025095e-35;
        let xs = [f64::NAN, -0.0, 0.0, edge, -edge, f64::next_up(edge), -1.0, -2.0, 3.0, 5.0];
        for t in [-1.5, 4.0] {
            for missing_left in [true, false] {
                let left = |i: usize, x: f64| if i < 5 { missing_left } else { x <= t };
                let want: Vec<f64> = xs
                    .iter()
                    .enumerate()
                    .map(|(i, &x)| if left(i, x) { 1.0 } else { 2.0 })
                    .collect();
                let trees = [tree(t, missing_left)];
                let forest = Forest::new(&trees);
                let walked = xs.map(|x| forest.score(0.0, &[x], &[0]));
                assert_eq!(walked.as_slice(), want);
                let coded = Coded::new(&trees, &[0]).unwrap();
                assert_eq!(xs.map(|x| coded.score(0.0, &[x])).as_slice(), want);
                let mut scores = [0.0; 100];
                coded.add_scores(&xs.repeat(10), 1, &mut scores);
                assert_eq!(scores.as_slice(), want.repeat(10));
            }
        }
        // A column of both kinds.
        let mut plain = tree(4.0, true);
        plain.nodes[0].test = Test::Threshold(4.0);
        let trees = [plain, tree(4.0, false)];
        let (coded, forest) = (Coded::new(&trees, &[0]).unwrap(), Forest::new(&trees));
        for x in xs {
            assert_eq!(coded.score(0.5, &[x]), forest.score(0.5, &[x], &[0]));
        }
    }
}
