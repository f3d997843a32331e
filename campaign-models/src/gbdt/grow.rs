//! One tree, leaf by leaf: the leaf with the largest gain is split first (Ke et al. 2017).
//!
//! Ties: between columns the first in name order, between leaves the older one. After a split the
//! smaller child's histogram is summed and the larger one's obtained by subtraction.

use rayon::prelude::*;

use super::bins::{BinnedColumn, Bins, Codes};
use super::config::GbdtConfig;
use super::histogram::{Sums, accumulate, split_columns, subtract};
use super::loss::Derivatives;
use super::split::{BinTest, Candidate, Rules, best_levels, best_threshold, leaf_weight};
use super::tree::{Child, Leaf, Node, Test, Tree};

/// Fewer cells than this are summed on one thread, for the hand-over costs more.
const PARALLEL_CELLS: usize = 1 << 15;

/// What every tree of a fit shares.
pub(super) struct Grower<'a> {
    /// In name order.
    columns: &'a [BinnedColumn],
    /// Position of each of `columns` in the model's input.
    positions: &'a [usize],
    rules: Rules,
    max_leaves: usize,
    max_depth: usize,
    learning_rate: f64,
    categorical_penalty: f64,
    offsets: Vec<usize>,
    spare: Vec<Vec<Sums>>,
    gathered: Vec<Derivatives>,
    right_rows: Vec<u32>,
}

/// A leaf that may still be split.
struct Open {
    start: usize,
    len: usize,
    depth: usize,
    sums: Sums,
    /// The node and side that lead here; `None` for the root.
    parent: Option<(usize, bool)>,
    histogram: Option<Vec<Sums>>,
    best: Option<(usize, Candidate)>,
}

/// A tree and, for each leaf, where its rows stand in the row list.
pub(super) struct Grown {
    pub(super) tree: Tree,
    pub(super) ranges: Vec<std::ops::Range<usize>>,
}

impl<'a> Grower<'a> {
    pub(super) fn new(
        columns: &'a [BinnedColumn],
        positions: &'a [usize],
        config: &GbdtConfig,
    ) -> Self {
        let mut offsets = vec![0];
        let mut end = 0;
        for column in columns {
            end += column.bins.len() + 1;
            offsets.push(end);
        }
        Self {
            columns,
            positions,
            rules: config.rules(),
            max_leaves: config.max_leaves,
            max_depth: config.max_depth.unwrap_or(usize::MAX),
            learning_rate: config.learning_rate,
            categorical_penalty: config.categorical_penalty,
            offsets,
            spare: Vec::new(),
            gathered: Vec::new(),
            right_rows: Vec::new(),
        }
    }

    /// Grows a tree on `rows`, which it reorders, and the columns of which `used` is true.
    pub(super) fn grow(
        &mut self,
        rows: &mut [u32],
        derivatives: &[Derivatives],
        used: &[bool],
    ) -> Grown {
        self.gather(rows, derivatives);
        let sums = Sums::of(&self.gathered);
        self.rules.chance_gain = self.chance_gain(sums);
        let mut root = Open {
            start: 0,
            len: rows.len(),
            depth: 0,
            sums,
            parent: None,
            histogram: None,
            best: None,
        };
        if self.splittable(&root) {
            self.search(rows, used, &mut root, None);
        }
        let mut open = vec![root];
        let mut nodes: Vec<Node> = Vec::new();
        while open.len() < self.max_leaves {
            let Some((at, column, candidate)) = take_best(&mut open) else { break };
            let (left, right) = self.split(rows, &open[at], column, &candidate, nodes.len());
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
                self.search_children(rows, derivatives, used, &mut open, (at, last), histogram);
            } else {
                self.spare.extend(histogram);
            }
        }
        self.close(rows, derivatives, open, nodes)
    }

    /// What noise gains per level: see `split`. The gradients' variance per hessian is taken over
    /// the whole tree, signal included, so it is rather too large than too small. Rows are taken as
    /// independent, whatever their weights.
    fn chance_gain(&self, sums: Sums) -> f64 {
        let squares: f64 = self.gathered.iter().map(|[g, _]| g * g).sum();
        let variance = if sums.h > 0.0 { squares / sums.h } else { 0.0 };
        self.categorical_penalty * variance / std::f64::consts::PI
    }

    fn splittable(&self, leaf: &Open) -> bool {
        leaf.depth < self.max_depth && self.rules.divisible(leaf.sums)
    }

    /// Brings the derivatives of rows next to each other, once for all columns.
    fn gather(&mut self, rows: &[u32], derivatives: &[Derivatives]) {
        self.gathered.clear();
        self.gathered.extend(rows.iter().map(|&r| derivatives[r as usize]));
    }

    /// Histogram and best split of `small`; with `large` also those of its sibling, whose
    /// histogram is its parent's until then.
    fn search(&mut self, rows: &[u32], used: &[bool], small: &mut Open, large: Option<&mut Open>) {
        let size = self.offsets.last().copied().unwrap_or(0);
        let mut fresh = self.spare.pop().unwrap_or_default();
        fresh.clear();
        fresh.resize(size, Sums::default());
        let rows = &rows[small.start..small.start + small.len];
        let (columns, rules, derivatives) = (self.columns, self.rules, &self.gathered);
        let fresh_parts = split_columns(&mut fresh, &self.offsets);
        let (small_sums, small_open) = (small.sums, self.splittable(small));
        let large_sums = large.as_ref().filter(|l| self.splittable(l)).map(|l| l.sums);
        let mut large = large;
        let large_parts: Vec<Option<&mut [Sums]>> = match (&mut large, large_sums) {
            (Some(Open { histogram: Some(parent), .. }), Some(_)) => {
                split_columns(parent, &self.offsets).into_iter().map(Some).collect()
            }
            _ => (0..columns.len()).map(|_| None).collect(),
        };
        let tasks: Vec<_> = fresh_parts
            .into_iter()
            .zip(large_parts)
            .enumerate()
            .filter(|(c, _)| used.get(*c) == Some(&true))
            .collect();
        let task = |(c, (fresh, large)): (usize, (&mut [Sums], Option<&mut [Sums]>))| {
            let column = &columns[c];
            match &column.codes {
                Codes::Narrow(codes) => accumulate(codes, rows, derivatives, fresh),
                Codes::Wide(codes) => accumulate(codes, rows, derivatives, fresh),
            }
            let best = |histogram: &[Sums], sums: Sums| match column.bins {
                Bins::Numeric(_) => best_threshold(histogram, sums, &rules),
                Bins::Levels(_) => best_levels(histogram, sums, &rules),
            };
            let of_large = large.zip(large_sums).and_then(|(histogram, sums)| {
                subtract(histogram, fresh);
                best(histogram, sums)
            });
            let of_small = if small_open { best(fresh, small_sums) } else { None };
            (c, of_small, of_large)
        };
        // The results stand in column order either way.
        let found: Vec<_> = if rows.len() * tasks.len() < PARALLEL_CELLS {
            tasks.into_iter().map(task).collect()
        } else {
            tasks.into_par_iter().map(task).collect()
        };
        for (c, of_small, of_large) in found {
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
        derivatives: &[Derivatives],
        used: &[bool],
        open: &mut [Open],
        (left, right): (usize, usize),
        histogram: Option<Vec<Sums>>,
    ) {
        if !self.splittable(&open[left]) && !self.splittable(&open[right]) {
            self.spare.extend(histogram);
            return;
        }
        let Ok([a, b]) = open.get_disjoint_mut([left, right]) else { return };
        let (small, large) = if a.len <= b.len { (a, b) } else { (b, a) };
        self.gather(&rows[small.start..small.start + small.len], derivatives);
        large.histogram = histogram;
        self.search(rows, used, small, Some(large));
        for leaf in [small, large] {
            if leaf.best.is_none() {
                self.spare.extend(leaf.histogram.take());
            }
        }
    }

    /// Reorders a leaf's rows by a split, each side in its old order.
    fn split(
        &mut self,
        rows: &mut [u32],
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
        let part = &mut rows[leaf.start..leaf.start + leaf.len];
        let n_left = match &binned.codes {
            Codes::Narrow(codes) => partition(part, codes, &goes_left, &mut self.right_rows),
            Codes::Wide(codes) => partition(part, codes, &goes_left, &mut self.right_rows),
        };
        let child = |start, len, sums, is_left| Open {
            start,
            len,
            depth: leaf.depth + 1,
            sums,
            parent: Some((node, is_left)),
            histogram: None,
            best: None,
        };
        (
            child(leaf.start, n_left, candidate.left, true),
            child(leaf.start + n_left, leaf.len - n_left, candidate.right, false),
        )
    }

    fn node(&self, leaf: &Open, column: usize, candidate: Candidate) -> Node {
        let test = match candidate.test {
            BinTest::UpTo(bin) => Test::Threshold(self.columns[column].bins.threshold(bin)),
            BinTest::Among(levels) => Test::Levels(levels),
        };
        Node {
            feature: self.positions[column] as u32,
            test,
            missing_left: candidate.missing_left,
            // Set when the children are known.
            left: Child(0),
            right: Child(0),
            gain: candidate.gain,
            cover: leaf.sums.h,
            rows: leaf.sums.n,
        }
    }

    /// Leaf values, summed anew over each leaf's rows so that they carry no subtraction error.
    fn close(
        &mut self,
        rows: &[u32],
        derivatives: &[Derivatives],
        open: Vec<Open>,
        mut nodes: Vec<Node>,
    ) -> Grown {
        let mut leaves = Vec::with_capacity(open.len());
        let mut ranges = Vec::with_capacity(open.len());
        let mut children = Vec::with_capacity(open.len() + nodes.len());
        for (index, leaf) in open.into_iter().enumerate() {
            let range = leaf.start..leaf.start + leaf.len;
            self.gather(&rows[range.clone()], derivatives);
            let sums = Sums::of(&self.gathered);
            let value = self.learning_rate * leaf_weight(sums, self.rules.l2);
            leaves.push(Leaf { value, cover: sums.h, rows: sums.n });
            ranges.push(range);
            children.push((leaf.parent, Child::leaf(index)));
            self.spare.extend(leaf.histogram);
        }
        for (parent, child) in children {
            if let Some((node, is_left)) = parent {
                link(&mut nodes, node, is_left, child);
            }
        }
        Grown { tree: Tree { nodes, leaves }, ranges }
    }
}

fn link(nodes: &mut [Node], node: usize, is_left: bool, child: Child) {
    let node = &mut nodes[node];
    *(if is_left { &mut node.left } else { &mut node.right }) = child;
}

fn keep_better(best: &mut Option<(usize, Candidate)>, column: usize, candidate: Option<Candidate>) {
    if let Some(candidate) = candidate
        && best.as_ref().is_none_or(|(_, b)| candidate.gain > b.gain)
    {
        *best = Some((column, candidate));
    }
}

fn take_best(open: &mut [Open]) -> Option<(usize, usize, Candidate)> {
    let mut best: Option<(usize, f64)> = None;
    for (at, leaf) in open.iter().enumerate() {
        if let Some((_, candidate)) = &leaf.best
            && best.is_none_or(|(_, gain)| candidate.gain > gain)
        {
            best = Some((at, candidate.gain));
        }
    }
    let (at, _) = best?;
    let (column, candidate) = open[at].best.take()?;
    Some((at, column, candidate))
}

/// Moves the rows that go left to the front; answers how many they are.
fn partition<T: Copy + Into<usize>>(
    rows: &mut [u32],
    codes: &[T],
    goes_left: &[bool],
    right: &mut Vec<u32>,
) -> usize {
    right.clear();
    let mut n_left = 0;
    for i in 0..rows.len() {
        let row = rows[i];
        let code: usize = codes[row as usize].into();
        if goes_left[code] {
            rows[n_left] = row;
            n_left += 1;
        } else {
            right.push(row);
        }
    }
    rows[n_left..].copy_from_slice(right);
    n_left
}
