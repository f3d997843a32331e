//! One tree, leaf by leaf: the leaf with the largest gain is split first (Ke et al. 2017).
//!
//! Ties: between columns the first in name order, between leaves the older one. After a split the
//! smaller child's histogram is summed and the larger one's obtained by subtraction.

use std::ops::Range;

use rayon::prelude::*;

use super::bins::{BinnedColumn, Bins, Codes};
use super::cells::{Cell, Scale, minus, sum};
use super::config::{GbdtConfig, Growth};
use super::constraints::{Bounds, Constraints};
use super::histogram::{Block, blocks, subtract};
use super::levels::best_levels;
use super::loss::{Derivatives, Loss};
use super::open::{Limits, Open, keep_better, take_best};
use super::partition::partition;
use super::split::{BinTest, Candidate, Parent, Rules};
use super::threshold::best_threshold;
use super::tree::{Child, Leaf, Node, Test, Tree};

/// Fewer cells than this are summed on one thread, for the hand-over costs more.
const PARALLEL_CELLS: usize = 1 << 15;

/// What every tree of a fit shares.
pub(super) struct Grower<'a> {
    /// In name order.
    columns: &'a [BinnedColumn],
    /// Position of each of `columns` in the model's input.
    positions: &'a [usize],
    constraints: &'a Constraints,
    loss: &'a dyn Loss,
    rules: Rules,
    growth: Growth,
    max_leaves: usize,
    max_depth: usize,
    learning_rate: f64,
    categorical_penalty: f64,
    /// Of the columns in `used`.
    blocks: Vec<Block<'a>>,
    used: Vec<usize>,
    scale: Scale,
    /// Each training row's derivatives.
    cells: Vec<Cell>,
    /// Those of a node's rows.
    gathered: Vec<Cell>,
    spare: Vec<Vec<Cell>>,
    right_rows: Vec<u32>,
}

/// A tree and, for each leaf, where its rows stand in the row list.
pub(super) struct Grown {
    pub(super) tree: Tree,
    pub(super) ranges: Vec<Range<usize>>,
    /// The same of the rows it was not grown on.
    pub(super) others: Vec<Range<usize>>,
}

impl<'a> Grower<'a> {
    pub(super) fn new(
        columns: &'a [BinnedColumn],
        positions: &'a [usize],
        constraints: &'a Constraints,
        config: &'a GbdtConfig,
    ) -> Self {
        Self {
            columns,
            positions,
            constraints,
            loss: &*config.loss,
            growth: config.growth,
            rules: config.rules(),
            max_leaves: config.max_leaves,
            max_depth: config.max_depth.unwrap_or(usize::MAX),
            learning_rate: config.learning_rate,
            categorical_penalty: config.categorical_penalty,
            blocks: Vec::new(),
            used: Vec::new(),
            scale: Scale::default(),
            cells: Vec::new(),
            gathered: Vec::new(),
            spare: Vec::new(),
            right_rows: Vec::new(),
        }
    }

    /// Grows a tree on `rows` and the columns `used`, in ascending order, and brings `rows` and `others`,
    /// on which it does not look, into the order of its leaves; `None` if the derivatives cannot be
    /// summed.
    pub(super) fn grow(
        &mut self,
        rows: &mut [u32],
        others: &mut [u32],
        derivatives: &[Derivatives],
        used: &[usize],
    ) -> Option<Grown> {
        self.begin(derivatives, used)?;
        let total = self.gather(rows);
        self.rules.chance_gain = self.chance_gain(rows, derivatives);
        let mut root = Open {
            rows: 0..rows.len(),
            others: 0..others.len(),
            depth: 0,
            limits: Limits { total, bounds: Bounds::NONE, groups: self.constraints.all_groups() },
            parent: None,
            histogram: None,
            best: None,
        };
        if self.splittable(&root) {
            self.search(rows, &mut root, None);
        }
        let mut open = vec![root];
        let mut nodes: Vec<Node> = Vec::new();
        while open.len() < self.max_leaves {
            let Some((at, column, candidate)) = take_best(&mut open, self.growth) else { break };
            let lists = (&mut *rows, &mut *others);
            let (left, right) = self.split(lists, &open[at], column, &candidate, nodes.len());
            if let Some((parent, is_left)) = open[at].parent {
                let child = Child::node(nodes.len());
                link(&mut nodes, parent, is_left, child);
            }
            nodes.push(self.node(&open[at], column, candidate));
            let histogram = open[at].histogram.take();
            open[at] = left;
            open.push(right);
            if open.len() < self.max_leaves {
                let last = open.len() - 1;
                self.search_children(rows, &mut open, (at, last), histogram);
            } else {
                self.spare.extend(histogram);
            }
        }
        Some(self.close(rows, derivatives, open, nodes))
    }

    /// Takes over a tree's derivatives and columns.
    fn begin(&mut self, derivatives: &[Derivatives], used: &[usize]) -> Option<()> {
        self.scale = Scale::new(derivatives)?;
        let rows = derivatives.iter().enumerate();
        self.cells.clear();
        self.cells.extend(rows.map(|(row, derivatives)| self.scale.cell(row, derivatives)));
        if self.used != used {
            self.used = used.to_vec();
            self.blocks = blocks(self.columns, used);
            // Of another length.
            self.spare.clear();
        }
        Some(())
    }

    /// What noise gains per level: see `levels`. The gradients' variance per hessian is taken over
    /// the whole tree, signal included, so it is rather too large than too small. Rows are taken as
    /// independent, whatever their weights.
    fn chance_gain(&self, rows: &[u32], derivatives: &[Derivatives]) -> f64 {
        let (mut squares, mut hessian) = (0.0, 0.0);
        for &row in rows {
            let [g, h] = derivatives[row as usize];
            squares += g * g;
            hessian += h;
        }
        let variance = if hessian > 0.0 { squares / hessian } else { 0.0 };
        self.categorical_penalty * variance / std::f64::consts::PI
    }

    fn splittable(&self, leaf: &Open) -> bool {
        leaf.depth < self.max_depth && self.rules.divisible(self.scale.sums(leaf.limits.total))
    }

    /// Brings the derivatives of rows next to each other, once for all columns; gives their sum.
    fn gather(&mut self, rows: &[u32]) -> Cell {
        self.gathered.clear();
        self.gathered.extend(rows.iter().map(|&row| self.cells[row as usize]));
        sum(&self.gathered)
    }

    /// Histogram and best split of `small`; with `large` also those of its sibling, whose
    /// histogram is its parent's until then.
    fn search(&mut self, rows: &[u32], small: &mut Open, mut large: Option<&mut Open>) {
        let size = self.blocks.iter().map(Block::len).sum();
        let mut fresh = self.spare.pop().unwrap_or_default();
        // Each block clears what it looks at.
        fresh.resize(size, Cell::default());
        let rows = &rows[small.rows.clone()];
        let (columns, rules, scale, cells) =
            (self.columns, &self.rules, &self.scale, &self.gathered);
        let small_limits = self.splittable(small).then_some(&small.limits);
        let (parent, large_limits) = match large.as_deref_mut() {
            Some(large) if self.splittable(large) => {
                (large.histogram.as_deref_mut().unwrap_or_default(), Some(&large.limits))
            }
            _ => (Default::default(), None),
        };
        let best = |c: usize, histogram: &[Cell], limits: &Limits| {
            if !self.constraints.allow(limits.groups.as_deref(), c) {
                return None;
            }
            let monotone = self.constraints.monotone(c);
            let Limits { total, bounds, .. } = *limits;
            let parent = Parent { total, rules, scale, bounds, monotone };
            match columns[c].bins {
                Bins::Numeric(_) => best_threshold(histogram, &parent),
                Bins::Levels(_) => best_levels(histogram, &parent),
            }
        };
        let task = |(block, fresh, parent): (&Block<'_>, &mut [Cell], &mut [Cell])| {
            block.sum(rows, cells, fresh);
            let mut siblings = block.columns(parent);
            let found = block.columns(fresh).map(|(c, fresh)| {
                let sibling = siblings.next().zip(large_limits);
                let of_large = sibling.and_then(|((_, sibling), limits)| {
                    subtract(sibling, fresh);
                    best(c, sibling, limits)
                });
                (c, small_limits.and_then(|limits| best(c, fresh, limits)), of_large)
            });
            found.collect::<Vec<_>>()
        };
        let tasks = parts(&self.blocks, &mut fresh, parent);
        let found: Vec<_> = if rows.len() * self.used.len() < PARALLEL_CELLS {
            tasks.into_iter().map(task).collect()
        } else {
            tasks.into_par_iter().map(task).collect()
        };
        for (c, of_small, of_large) in found.into_iter().flatten() {
            keep_better(&mut small.best, c, of_small);
            if let Some(large) = &mut large {
                keep_better(&mut large.best, c, of_large);
            }
        }
        small.histogram = Some(fresh);
    }

    fn search_children(
        &mut self,
        rows: &[u32],
        open: &mut [Open],
        (left, right): (usize, usize),
        histogram: Option<Vec<Cell>>,
    ) {
        if !self.splittable(&open[left]) && !self.splittable(&open[right]) {
            self.spare.extend(histogram);
            return;
        }
        let Ok([a, b]) = open.get_disjoint_mut([left, right]) else { return };
        let (small, large) = if a.rows.len() <= b.rows.len() { (a, b) } else { (b, a) };
        self.gather(&rows[small.rows.clone()]);
        large.histogram = histogram;
        self.search(rows, small, Some(large));
        for leaf in [small, large] {
            if leaf.best.is_none() {
                self.spare.extend(leaf.histogram.take());
            }
        }
    }

    /// Reorders a leaf's rows by a split, each side in its old order.
    fn split(
        &mut self,
        (rows, others): (&mut [u32], &mut [u32]),
        leaf: &Open,
        column: usize,
        candidate: &Candidate,
        node: usize,
    ) -> (Open, Open) {
        let binned = &self.columns[column];
        let mut goes_left = vec![false; binned.bins.len() + 1];
        match &candidate.test {
            BinTest::UpTo(bin) => goes_left.iter_mut().take(bin + 1).for_each(|g| *g = true),
            BinTest::Among(levels) => {
                for &level in levels {
                    goes_left[level as usize] = true;
                }
            }
        }
        if let Some(missing) = goes_left.last_mut() {
            *missing = candidate.missing_left;
        }
        let mut part = |list: &mut [u32], range: &Range<usize>| {
            let part = &mut list[range.clone()];
            let n_left = match &binned.codes {
                Codes::Narrow(codes) => partition(part, codes, &goes_left, &mut self.right_rows),
                Codes::Wide(codes) => partition(part, codes, &goes_left, &mut self.right_rows),
            };
            let middle = range.start + n_left;
            (range.start..middle, middle..range.end)
        };
        let (left_rows, right_rows) = part(rows, &leaf.rows);
        let (left_others, right_others) = part(others, &leaf.others);
        let right_total = minus(leaf.limits.total, candidate.left);
        let penalty = self.rules.penalty(leaf.limits.bounds);
        let weight = |total: Cell| {
            let sums = self.scale.sums(total);
            penalty.weight(sums.g, sums.h)
        };
        let (left_bounds, right_bounds) = leaf.limits.bounds.of_children(
            self.constraints.monotone(column),
            (weight(candidate.left), weight(right_total)),
        );
        let groups = self.constraints.with(&leaf.limits.groups, column);
        let child = |rows, others, total, bounds, is_left| Open {
            rows,
            others,
            depth: leaf.depth + 1,
            limits: Limits { total, bounds, groups: groups.clone() },
            parent: Some((node, is_left)),
            histogram: None,
            best: None,
        };
        (
            child(left_rows, left_others, candidate.left, left_bounds, true),
            child(right_rows, right_others, right_total, right_bounds, false),
        )
    }

    fn node(&self, leaf: &Open, column: usize, candidate: Candidate) -> Node {
        let test = match candidate.test {
            BinTest::UpTo(bin) => Test::Threshold(self.columns[column].bins.threshold(bin)),
            BinTest::Among(levels) => Test::Levels(levels),
        };
        let sums = self.scale.sums(leaf.limits.total);
        Node {
            feature: self.positions[column] as u32,
            test,
            missing_left: candidate.missing_left,
            // Set when the children are known.
            left: Child(0),
            right: Child(0),
            gain: candidate.gain,
            cover: sums.h,
            rows: sums.n,
        }
    }

    /// Leaf values, summed anew over each leaf's rows in floating point, so that they carry no rounding of the
    /// scale.
    fn close(
        &mut self,
        rows: &[u32],
        derivatives: &[Derivatives],
        open: Vec<Open>,
        mut nodes: Vec<Node>,
    ) -> Grown {
        let mut leaves = Vec::with_capacity(open.len());
        let (mut ranges, mut others) = (Vec::new(), Vec::new());
        let mut children = Vec::with_capacity(open.len() + nodes.len());
        for (index, leaf) in open.into_iter().enumerate() {
            let (mut g, mut h) = (0.0, 0.0);
            for &row in &rows[leaf.rows.clone()] {
                let [gradient, hessian] = derivatives[row as usize];
                g += gradient;
                h += hessian;
            }
            let newton = self.rules.penalty(leaf.limits.bounds).weight(g, h);
            let value = self.learning_rate * self.loss.leaf_weight(newton);
            leaves.push(Leaf { value, cover: h, rows: self.scale.rows(leaf.limits.total) });
            ranges.push(leaf.rows);
            others.push(leaf.others);
            children.push((leaf.parent, Child::leaf(index)));
            self.spare.extend(leaf.histogram);
        }
        for (parent, child) in children {
            if let Some((node, is_left)) = parent {
                link(&mut nodes, node, is_left, child);
            }
        }
        Grown { tree: Tree { nodes, leaves }, ranges, others }
    }
}

/// Lends each block its part of a histogram, and of a second one unless that is empty.
fn parts<'b, 'a, 'h>(
    blocks: &'b [Block<'a>],
    mut fresh: &'h mut [Cell],
    mut parent: &'h mut [Cell],
) -> Vec<(&'b Block<'a>, &'h mut [Cell], &'h mut [Cell])> {
    let part = |block: &'b Block<'a>| {
        let own = fresh.split_off_mut(..block.len()).unwrap_or_default();
        let of_parent = parent.split_off_mut(..block.len()).unwrap_or_default();
        (block, own, of_parent)
    };
    blocks.iter().map(part).collect()
}

fn link(nodes: &mut [Node], node: usize, is_left: bool, child: Child) {
    let node = &mut nodes[node];
    *(if is_left { &mut node.left } else { &mut node.right }) = child;
}
