//! From a row's values to codes.

use super::super::tree::{Test, Tree, zero_as_missing};
use super::{MISSING, PLANES};

/// Thresholds of a block, and blocks of a column.
const BLOCK: usize = 16;

/// The most thresholds of a column: so many and one more codes, and one for missing values.
const MOST: usize = 254;

/// Thresholds in ascending order, in blocks, and the last of each but the last block. What is not
/// there is infinity, which no value is above.
#[derive(Debug, Clone)]
struct Thresholds {
    ends: [f64; BLOCK],
    blocks: Vec<[f64; BLOCK]>,
}

/// How many thresholds are below.
#[inline(always)]
fn count_below(thresholds: &[f64; BLOCK], x: f64) -> usize {
    let below: u64 = thresholds.iter().map(|t| u64::from(*t < x)).sum();
    below as usize
}

impl Thresholds {
    fn new(sorted: &[f64]) -> Self {
        // One block more than is full, for values above every threshold.
        let mut blocks = vec![[f64::INFINITY; BLOCK]; sorted.len() / BLOCK + 1];
        let mut ends = [f64::INFINITY; BLOCK];
        for (at, t) in sorted.iter().enumerate() {
            blocks[at / BLOCK][at % BLOCK] = *t;
            if at % BLOCK == BLOCK - 1 {
                ends[at / BLOCK] = *t;
            }
        }
        Self { ends, blocks }
    }

    /// How many are below the value. Comparisons side by side, no branch.
    #[inline(always)]
    fn below(&self, x: f64) -> u8 {
        let block = count_below(&self.ends, x);
        let within = self.blocks.get(block).map_or(0, |block| count_below(block, x));
        (block * BLOCK + within) as u8
    }
}

/// A numeric column. It has two planes: in the first missing values have the highest code, in the
/// second the lowest and all others are one higher.
#[derive(Debug, Clone)]
struct Numbers {
    column: usize,
    zero_is_missing: bool,
    sorted: Vec<f64>,
    thresholds: Thresholds,
}

impl Numbers {
    #[inline(always)]
    fn codes(&self, row: &[f64]) -> [u8; 2] {
        let x = row.get(self.column).copied().unwrap_or(f64::NAN);
        let x = if self.zero_is_missing { zero_as_missing(x) } else { x };
        let missing = if x.is_nan() { MISSING } else { 0 };
        let below = self.thresholds.below(x);
        [below | missing, below.wrapping_add(1) & !missing]
    }
}

/// A categorical column: a level's code is its index, that of a number that is none is [`MISSING`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Levels {
    column: usize,
    n: u8,
}

impl Levels {
    #[inline(always)]
    pub(super) fn code(self, row: &[f64]) -> u8 {
        let x = row.get(self.column).copied().unwrap_or(f64::NAN);
        let level = x as u8;
        if f64::from(level) == x && level < self.n { level } else { MISSING }
    }
}

/// A node's test on codes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum CodedTest {
    /// Codes of this plane up to the bound go left.
    UpTo { plane: u8, bound: u8 },
    /// These codes of this column of levels go left.
    Among { levels: usize, codes: Vec<u8> },
}

/// The columns that nodes test.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    numbers: Vec<Numbers>,
    levels: Vec<Levels>,
}

impl Columns {
    /// `None` where a column has more thresholds or levels than codes, or there are too many columns.
    pub(super) fn new(trees: &[Tree], n_levels: &[u32]) -> Option<Self> {
        // Of each column: thresholds where zero is a number, and where it is missing.
        let mut thresholds = vec![[Vec::new(), Vec::new()]; n_levels.len()];
        let mut has_levels = vec![false; n_levels.len()];
        for node in trees.iter().flat_map(|tree| &tree.nodes) {
            let column = node.feature as usize;
            match node.test {
                Test::Threshold(t) => thresholds.get_mut(column)?[0].push(t),
                Test::NonZero(t) => thresholds.get_mut(column)?[1].push(t),
                Test::Levels(_) => *has_levels.get_mut(column)? = true,
            }
        }
        let (mut numbers, mut levels) = (Vec::new(), Vec::new());
        for (column, kinds) in thresholds.into_iter().enumerate() {
            for (mut sorted, zero_is_missing) in kinds.into_iter().zip([false, true]) {
                if sorted.is_empty() {
                    continue;
                }
                sorted.sort_by(f64::total_cmp);
                sorted.dedup();
                if sorted.len() > MOST {
                    return None;
                }
                let thresholds = Thresholds::new(&sorted);
                numbers.push(Numbers { column, zero_is_missing, sorted, thresholds });
            }
            if has_levels[column] {
                let n = u8::try_from(n_levels[column]).ok()?;
                levels.push(Levels { column, n });
            }
        }
        let columns = Self { numbers, levels };
        (columns.n_planes() + columns.levels.len() <= PLANES).then_some(columns)
    }

    /// How many planes numbers have.
    pub(super) fn n_planes(&self) -> usize {
        2 * self.numbers.len()
    }

    pub(super) fn levels(&self) -> &[Levels] {
        &self.levels
    }

    /// A node's test; `None` for one that [`new`](Self::new) has not seen.
    pub(super) fn test(&self, feature: u32, test: &Test, missing_left: bool) -> Option<CodedTest> {
        let column = feature as usize;
        let (threshold, zero_is_missing) = match test {
            Test::Threshold(t) => (*t, false),
            Test::NonZero(t) => (*t, true),
            Test::Levels(set) => {
                let levels = self.levels.binary_search_by_key(&column, |l| l.column).ok()?;
                let missing = missing_left.then_some(u32::from(MISSING));
                let codes = set.iter().copied().chain(missing);
                let codes = codes.map(|code| u8::try_from(code).ok()).collect::<Option<_>>()?;
                return Some(CodedTest::Among { levels, codes });
            }
        };
        let key = (column, zero_is_missing);
        let at = self.numbers.binary_search_by_key(&key, |n| (n.column, n.zero_is_missing)).ok()?;
        let below = self.numbers[at].sorted.partition_point(|other| *other < threshold);
        let second = usize::from(missing_left);
        let (plane, bound) = (2 * at + second, below + second);
        Some(CodedTest::UpTo { plane: u8::try_from(plane).ok()?, bound: u8::try_from(bound).ok()? })
    }

    /// A row's codes in the planes of numbers.
    #[inline(always)]
    pub(super) fn encode(&self, row: &[f64], codes: &mut [u8; PLANES]) {
        let (pairs, _) = codes.as_chunks_mut::<2>();
        for (numbers, pair) in self.numbers.iter().zip(pairs) {
            *pair = numbers.codes(row);
        }
    }

    /// Codes of many rows, plane after plane, levels last.
    #[inline(always)]
    pub(super) fn encode_block<const ROWS: usize>(
        &self,
        rows: &[f64],
        width: usize,
        planes: &mut [[u8; ROWS]; PLANES],
    ) {
        let (pairs, _) = planes.as_chunks_mut::<2>();
        for (numbers, [first, second]) in self.numbers.iter().zip(pairs) {
            for ((row, first), second) in rows.chunks_exact(width).zip(first).zip(second) {
                [*first, *second] = numbers.codes(row);
            }
        }
        for (levels, plane) in self.levels.iter().zip(&mut planes[self.n_planes()..]) {
            for (row, code) in rows.chunks_exact(width).zip(plane) {
                *code = levels.code(row);
            }
        }
    }
}
