//! Prediction of many rows: each tree parts a block of rows the way it parted its training rows.
//!
//! Values become codes first, a byte each: how many of the model's thresholds on that column are
//! below. Then a node's test is a loop over the rows that reached it, with everything but the rows'
//! codes at hand, where a walk row by row would wait for each node. Rows add their trees' values in
//! the order of the trees, so that the scores are those of the walks, bit for bit.

use super::tree::{Child, Test, Tree, zero_as_missing};

/// The code of a missing value.
const MISSING: u8 = u8::MAX;

/// Rows of a block.
const ROWS: usize = 2048;

/// Codes of a block; with more columns it has fewer rows.
const CODES: usize = 1 << 16;

/// Fewer rows than this are not worth a block: walks are faster.
pub(super) const FEWEST: usize = 256;

/// Ranges of rows that wait while others are parted. The larger part waits and the smaller is parted
/// on, so each is at most half of the one that waits before it.
const WAITING: usize = ROWS.ilog2() as usize + 1;

/// A column that some node tests.
#[derive(Debug, Clone)]
struct Tested {
    column: usize,
    codes: Codes,
}

/// What the codes of a column stand for.
#[derive(Debug, Clone)]
enum Codes {
    /// How many of these, ascending, are below the value.
    Thresholds(Vec<f64>),
    /// The same, where zero is missing.
    NonZero(Vec<f64>),
    /// A level of so many.
    Levels(u8),
}

impl Codes {
    #[inline]
    fn of(&self, x: f64) -> u8 {
        let below = |thresholds: &[f64]| thresholds.partition_point(|t| *t < x) as u8;
        match self {
            _ if x.is_nan() => MISSING,
            Self::Thresholds(thresholds) => below(thresholds),
            Self::NonZero(_) if zero_as_missing(x).is_nan() => MISSING,
            Self::NonZero(thresholds) => below(thresholds),
            Self::Levels(levels) => {
                let level = x as u8;
                if f64::from(level) == x && level < *levels { level } else { MISSING }
            }
        }
    }
}

/// A node or leaf.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Left are codes up to `bound` once `shift` is added, 1 where missing values go left: their code
    /// then becomes the lowest.
    UpTo {
        tested: u32,
        bound: u8,
        shift: u8,
        left: u32,
        right: u32,
    },
    /// Left are the codes in the set of this number.
    Among {
        tested: u32,
        set: u32,
        left: u32,
        right: u32,
    },
    Leaf(f64),
}

/// Trees, for blocks of rows.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    tested: Vec<Tested>,
    steps: Vec<Step>,
    roots: Vec<u32>,
    sets: Vec<[u64; 4]>,
}

impl Batch {
    /// `None` where a column has more thresholds or levels than codes, or a block would be small.
    pub(super) fn new(trees: &[Tree], n_levels: &[u32]) -> Option<Self> {
        let tested = tested(trees, n_levels)?;
        if CODES / tested.len().max(1) < FEWEST {
            return None;
        }
        let mut batch = Self { tested, steps: Vec::new(), roots: Vec::new(), sets: Vec::new() };
        trees.iter().try_for_each(|tree| batch.push(tree))?;
        Some(batch)
    }

    fn push(&mut self, tree: &Tree) -> Option<()> {
        let root = self.steps.len();
        // Nodes stand before leaves, so that the first is the root.
        self.roots.push(root as u32);
        let at = |child: Child| match child.index() {
            Ok(node) => (root + node) as u32,
            Err(leaf) => (root + tree.nodes.len() + leaf) as u32,
        };
        for node in &tree.nodes {
            let column = node.feature as usize;
            let tested = self.tested.binary_search_by_key(&column, |tested| tested.column).ok()?;
            let (left, right) = (at(node.left), at(node.right));
            let step = match (&node.test, &self.tested[tested].codes) {
                (Test::Threshold(t), Codes::Thresholds(thresholds))
                | (Test::NonZero(t), Codes::NonZero(thresholds)) => {
                    let shift = u8::from(node.missing_left);
                    let bound = thresholds.partition_point(|other| other < t) as u8 + shift;
                    Step::UpTo { tested: tested as u32, bound, shift, left, right }
                }
                (Test::Levels(levels), Codes::Levels(_)) => {
                    let mut set = [0; 4];
                    let missing = node.missing_left.then_some(u32::from(MISSING));
                    for code in levels.iter().copied().chain(missing) {
                        *set.get_mut(code as usize / 64)? |= 1 << (code % 64);
                    }
                    self.sets.push(set);
                    let set = self.sets.len() as u32 - 1;
                    Step::Among { tested: tested as u32, set, left, right }
                }
                _ => return None,
            };
            self.steps.push(step);
        }
        self.steps.extend(tree.leaves.iter().map(|leaf| Step::Leaf(leaf.value)));
        Some(())
    }

    /// Adds the trees to the scores of rows that stand one after another, `width` numbers each. Does
    /// not allocate.
    pub(super) fn add_scores(&self, rows: &[f64], width: usize, scores: &mut [f64]) {
        let block = ROWS.min(CODES / self.tested.len().max(1));
        let mut codes = [0; CODES];
        for (rows, scores) in rows.chunks(block * width).zip(scores.chunks_mut(block)) {
            self.encode(rows, width, scores.len(), &mut codes);
            self.add(&codes, scores);
        }
    }

    /// Codes column after column.
    fn encode(&self, rows: &[f64], width: usize, n: usize, codes: &mut [u8; CODES]) {
        for (tested, codes) in self.tested.iter().zip(codes.chunks_exact_mut(n)) {
            for (row, code) in rows.chunks_exact(width).zip(codes) {
                *code = tested.codes.of(row[tested.column]);
            }
        }
    }

    /// Adds each tree's value to each row's score.
    fn add(&self, codes: &[u8; CODES], scores: &mut [f64]) {
        let n = scores.len();
        let column = |tested: u32| &codes[tested as usize * n..][..n];
        let mut rows = [[0; ROWS]; 2];
        let mut waiting = [Part::default(); WAITING];
        for &root in &self.roots {
            for (row, at) in rows[0].iter_mut().zip(0..n as u16) {
                *row = at;
            }
            let mut part = Part { step: root, start: 0, end: n, side: 0 };
            let mut n_waiting = 0;
            loop {
                let [a, b] = &mut rows;
                let (from, to) = if part.side == 0 { (a, b) } else { (b, a) };
                let (from, to) = (&from[part.start..part.end], &mut to[part.start..part.end]);
                let (n_left, left, right) = match self.steps[part.step as usize] {
                    Step::Leaf(value) => {
                        from.iter().for_each(|row| scores[usize::from(*row)] += value);
                        if n_waiting == 0 {
                            break;
                        }
                        n_waiting -= 1;
                        part = waiting[n_waiting];
                        continue;
                    }
                    Step::UpTo { tested, bound, shift, left, right } => {
                        let goes = |code: u8| code.wrapping_add(shift) <= bound;
                        (part_rows(from, to, column(tested), goes), left, right)
                    }
                    Step::Among { tested, set, left, right } => {
                        let set = &self.sets[set as usize];
                        let goes = |code: u8| set[usize::from(code / 64)] >> (code % 64) & 1 == 1;
                        (part_rows(from, to, column(tested), goes), left, right)
                    }
                };
                let (middle, side) = (part.start + n_left, 1 - part.side);
                let left = Part { step: left, start: part.start, end: middle, side };
                let right = Part { step: right, start: middle, end: part.end, side };
                let left_is_smaller = n_left < part.end - middle;
                let (small, large) = if left_is_smaller { (left, right) } else { (right, left) };
                part = if small.start == small.end {
                    large
                } else {
                    waiting[n_waiting] = large;
                    n_waiting += 1;
                    small
                };
            }
        }
    }
}

/// Rows on their way through a tree: where they stand, in which of the two lists.
#[derive(Debug, Clone, Copy, Default)]
struct Part {
    step: u32,
    start: usize,
    end: usize,
    side: usize,
}

/// Writes the rows that go left to the front of `to` and the others to its end; gives how many go left.
#[inline(always)]
fn part_rows(from: &[u16], to: &mut [u16], codes: &[u8], goes: impl Fn(u8) -> bool) -> usize {
    let (mut left, mut right) = (0, to.len());
    for &row in from {
        let goes_left = usize::from(goes(codes[usize::from(row)]));
        // Both places are still free; the next row overwrites the wrong one.
        to[left] = row;
        to[right - 1] = row;
        left += goes_left;
        right -= 1 - goes_left;
    }
    left
}

/// The columns that nodes test, ascending, with what their codes stand for.
fn tested(trees: &[Tree], n_levels: &[u32]) -> Option<Vec<Tested>> {
    let mut thresholds: Vec<Vec<f64>> = vec![Vec::new(); n_levels.len()];
    let mut is_tested = vec![false; n_levels.len()];
    let mut non_zero = vec![false; n_levels.len()];
    for node in trees.iter().flat_map(|tree| &tree.nodes) {
        let column = node.feature as usize;
        *is_tested.get_mut(column)? = true;
        match node.test {
            Test::Threshold(t) => thresholds[column].push(t),
            Test::NonZero(t) => {
                thresholds[column].push(t);
                non_zero[column] = true;
            }
            Test::Levels(_) => {}
        }
    }
    let mut all = Vec::new();
    for (column, mut thresholds) in thresholds.into_iter().enumerate() {
        if !is_tested[column] {
            continue;
        }
        let codes = if n_levels[column] > 0 {
            Codes::Levels(u8::try_from(n_levels[column]).ok()?)
        } else {
            thresholds.sort_by(f64::total_cmp);
            thresholds.dedup();
            if thresholds.len() >= usize::from(MISSING) {
                return None;
            }
            if non_zero[column] {
                Codes::NonZero(thresholds)
            } else {
                Codes::Thresholds(thresholds)
            }
        };
        all.push(Tested { column, codes });
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::super::predict::Forest;
    use super::super::tree::{Leaf, Node};
    use super::*;

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
                let mut parted = [0.0; 10];
                Batch::new(&trees, &[0]).unwrap().add_scores(&xs, 1, &mut parted);
                assert_eq!(parted.as_slice(), want);
            }
        }
        // A column of both kinds has no codes that serve both.
        let mut plain = tree(4.0, true);
        plain.nodes[0].test = Test::Threshold(4.0);
        assert!(Batch::new(&[plain, tree(4.0, true)], &[0]).is_none());
    }
}
