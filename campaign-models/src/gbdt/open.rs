//! Leaves of a tree under way, and which is split next.

use std::ops::Range;

use super::cells::Cell;
use super::config::Growth;
use super::constraints::Bounds;
use super::split::Candidate;

/// A leaf that may still be split.
pub(super) struct Open {
    /// Its rows in the row list.
    pub(super) rows: Range<usize>,
    /// Its rows among those that the tree is not grown on.
    pub(super) others: Range<usize>,
    pub(super) depth: usize,
    pub(super) limits: Limits,
    /// The node and side that lead here; `None` for the root.
    pub(super) parent: Option<(usize, bool)>,
    pub(super) histogram: Option<Vec<Cell>>,
    pub(super) best: Option<(usize, Candidate)>,
}

/// What limits the splits of a leaf.
pub(super) struct Limits {
    pub(super) total: Cell,
    pub(super) bounds: Bounds,
    /// The groups of columns to choose from, if columns have groups.
    pub(super) groups: Option<Vec<usize>>,
}

/// Keeps the larger gain; on a tie the first column, whatever order they come in.
pub(super) fn keep_better(
    best: &mut Option<(usize, Candidate)>,
    column: usize,
    candidate: Option<Candidate>,
) {
    if let Some(candidate) = candidate
        && best.as_ref().is_none_or(|(at, kept)| {
            candidate.gain > kept.gain || (candidate.gain == kept.gain && column < *at)
        })
    {
        *best = Some((column, candidate));
    }
}

/// The leaf to be split next; the older one on a tie.
pub(super) fn take_best(open: &mut [Open], growth: Growth) -> Option<(usize, usize, Candidate)> {
    let mut best: Option<(usize, usize, f64)> = None;
    for (at, leaf) in open.iter().enumerate() {
        let Some((_, candidate)) = &leaf.best else { continue };
        let depth = if growth == Growth::DepthWise { leaf.depth } else { 0 };
        if best.is_none_or(|(_, least, gain)| {
            depth < least || (depth == least && candidate.gain > gain)
        }) {
            best = Some((at, depth, candidate.gain));
        }
    }
    let (at, ..) = best?;
    let (column, candidate) = open[at].best.take()?;
    Some((at, column, candidate))
}
