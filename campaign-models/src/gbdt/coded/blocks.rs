//! Blocks of rows through each tree at once.
//!
//! Every node of a tree is evaluated for every row of the block, as whole vectors of bytes: which rows
//! reach it, and which of them go right. That is more comparisons than a row's path has, but one
//! instruction makes 16 or 32 of them, and none waits for another's outcome. A row's leaf is the number
//! of leaves that it passed on its left.
//!
//! The idea to evaluate all nodes and find the leaf from their outcomes is that of QuickScorer (Lucchese
//! et al. 2015), with one byte per row and node here instead of one bit per leaf.

use pulp::{Arch, NullaryFnOnce};

use super::super::tree::{Child, Tree};
use super::PLANES;
use super::columns::{CodedTest, Columns};

/// Rows of a block.
const ROWS: usize = 128;

/// With fewer rows than this left, walks are faster.
const FEWEST: usize = 64;

/// Nodes of a tree, so that a byte numbers them and the leaves.
const NODES: usize = 256;

/// Where it is written which rows reach a leaf, which nobody reads.
const UNREAD: u8 = u8::MAX;

/// One byte per row: 255 for yes.
type Mask = [u8; ROWS];

#[derive(Debug, Clone, Copy)]
struct Node {
    plane: u8,
    bound: u8,
    left: u8,
    right: u8,
    /// Leaves below the left child.
    passed: u8,
    /// Which of [`Blocks::sets`] it tests, if it tests levels.
    set: u32,
}

/// [`Node::set`] of a node that tests numbers.
const NO_SET: u32 = u32::MAX;

/// Those codes that go left or those that go right, whichever are fewer.
#[derive(Debug, Clone)]
struct Set {
    codes: Vec<u8>,
    /// 255 if the others go right.
    others: u8,
}

/// A tree: where its nodes and its leaves, from left to right, end in the vectors of all.
#[derive(Debug, Clone, Copy)]
struct Ends {
    nodes: usize,
    leaves: usize,
}

/// Trees, for blocks of rows.
#[derive(Debug, Clone)]
pub(super) struct Blocks {
    nodes: Vec<Node>,
    values: Vec<f64>,
    trees: Vec<Ends>,
    sets: Vec<Set>,
}

impl Blocks {
    /// `None` for a tree of more than 256 leaves.
    pub(super) fn new(trees: &[Tree], columns: &Columns) -> Option<Self> {
        let (nodes, values) = (Vec::new(), Vec::new());
        let mut blocks = Self { nodes, values, trees: Vec::new(), sets: Vec::new() };
        trees.iter().try_for_each(|tree| blocks.push(tree, columns))?;
        Some(blocks)
    }

    fn push(&mut self, tree: &Tree, columns: &Columns) -> Option<()> {
        if tree.leaves.len() > NODES {
            return None;
        }
        // Leaves below each node; children stand after their parents.
        let mut below = vec![0_usize; tree.nodes.len()];
        for (at, node) in tree.nodes.iter().enumerate().rev() {
            let count = |child: Child| child.index().map_or(1, |node| below[node]);
            below[at] = count(node.left) + count(node.right);
        }
        for node in &tree.nodes {
            let slot = |child: Child| child.index().map_or(UNREAD, |node| node as u8);
            let (plane, bound, set) =
                match columns.test(node.feature, &node.test, node.missing_left)? {
                    CodedTest::UpTo { plane, bound } => (usize::from(plane), bound, NO_SET),
                    CodedTest::Among { levels, codes } => {
                        self.sets.push(Set::new(codes));
                        (columns.n_planes() + levels, 0, self.sets.len() as u32 - 1)
                    }
                };
            let passed = node.left.index().map_or(1, |node| below[node]);
            self.nodes.push(Node {
                plane: u8::try_from(plane).ok()?,
                bound,
                left: slot(node.left),
                right: slot(node.right),
                passed: u8::try_from(passed).ok()?,
                set,
            });
        }
        let mut waiting = vec![if tree.nodes.is_empty() { Child::leaf(0) } else { Child::node(0) }];
        while let Some(child) = waiting.pop() {
            match child.index() {
                Ok(node) => waiting.extend([tree.nodes[node].right, tree.nodes[node].left]),
                Err(leaf) => self.values.push(tree.leaves.get(leaf)?.value),
            }
        }
        self.trees.push(Ends { nodes: self.nodes.len(), leaves: self.values.len() });
        Some(())
    }

    /// Adds the trees to the scores of the first rows, and gives how many: all but a few.
    pub(super) fn add_scores(
        &self,
        rows: &[f64],
        width: usize,
        scores: &mut [f64],
        columns: &Columns,
        arch: Arch,
    ) -> usize {
        let last = scores.len() % ROWS;
        let n = if last < FEWEST { scores.len() - last } else { scores.len() };
        if n > 0 {
            let (rows, scores) = (&rows[..n * width], &mut scores[..n]);
            arch.dispatch(AddScores { blocks: self, columns, rows, width, scores });
        }
        n
    }
}

impl Set {
    fn new(left: Vec<u8>) -> Self {
        if left.len() <= PLANES / 2 {
            return Self { codes: left, others: yes(true) };
        }
        let right = (0..=u8::MAX).filter(|code| !left.contains(code));
        Self { codes: right.collect(), others: yes(false) }
    }

    /// Which rows go right.
    #[inline(always)]
    fn right(&self, codes: &Mask) -> Mask {
        let mut right = [self.others; ROWS];
        for &among in &self.codes {
            for (right, code) in right.iter_mut().zip(codes) {
                *right ^= yes(*code == among);
            }
        }
        right
    }
}

#[inline(always)]
fn yes(is: bool) -> u8 {
    if is { u8::MAX } else { 0 }
}

/// The work of [`Blocks::add_scores`], with the machine's widest instructions.
struct AddScores<'a> {
    blocks: &'a Blocks,
    columns: &'a Columns,
    rows: &'a [f64],
    width: usize,
    scores: &'a mut [f64],
}

impl NullaryFnOnce for AddScores<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { blocks, columns, rows, width, scores } = self;
        let mut planes = [[0; ROWS]; PLANES];
        let mut reached = [[0; ROWS]; NODES];
        for (rows, scores) in rows.chunks(ROWS * width).zip(scores.chunks_mut(ROWS)) {
            columns.encode_block(rows, width, &mut planes);
            let mut start = Ends { nodes: 0, leaves: 0 };
            for &end in &blocks.trees {
                let nodes = &blocks.nodes[start.nodes..end.nodes];
                let values = &blocks.values[start.leaves..end.leaves];
                let leaves = leaves(nodes, &blocks.sets, &planes, &mut reached);
                for (score, leaf) in scores.iter_mut().zip(&leaves) {
                    *score += values[usize::from(*leaf)];
                }
                start = end;
            }
        }
    }
}

/// The number of each row's leaf, counted from the left.
#[inline(always)]
fn leaves(
    nodes: &[Node],
    sets: &[Set],
    planes: &[Mask; PLANES],
    reached: &mut [Mask; NODES],
) -> Mask {
    let mut leaves = [0; ROWS];
    reached[0] = [u8::MAX; ROWS];
    for (here, node) in (0..NODES).zip(nodes) {
        let codes = &planes[usize::from(node.plane)];
        let here = reached[here];
        let mut right = match sets.get(node.set as usize) {
            None => codes.map(|code| yes(code > node.bound)),
            Some(set) => set.right(codes),
        };
        let mut left = here;
        for row in 0..ROWS {
            right[row] &= here[row];
            left[row] ^= right[row];
            leaves[row] += right[row] & node.passed;
        }
        reached[usize::from(node.left)] = left;
        reached[usize::from(node.right)] = right;
    }
    leaves
}
