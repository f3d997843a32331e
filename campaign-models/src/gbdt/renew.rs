//! Leaf values that are the best constants of their rows, for losses without curvature.

use std::ops::Range;

use rayon::prelude::*;

use super::config::GbdtConfig;
use super::constraints::{Bounds, Constraints, Monotone};
use super::grow::Grown;
use super::loss::{Loss, LossRows};
use super::prepare::Prepared;

/// What all trees of a fit share.
pub(super) struct Renewal<'a> {
    loss: &'a dyn Loss,
    learning_rate: f64,
    /// Of each column in the model's input.
    monotone: Vec<Option<Monotone>>,
}

impl<'a> Renewal<'a> {
    pub(super) fn new(
        config: &'a GbdtConfig,
        train: &Prepared<'_>,
        constraints: &Constraints,
    ) -> Self {
        let mut monotone = vec![None; train.order.len()];
        for (place, &position) in train.order.iter().enumerate() {
            monotone[position] = constraints.monotone(place);
        }
        Self { loss: &*config.loss, learning_rate: config.learning_rate, monotone }
    }

    /// Replaces the leaf values of a tree grown on the rows of `bag`, which it has put in order.
    pub(super) fn renew(&self, grown: &mut Grown, bag: &[u32], scores: &[f64], rows: LossRows<'_>) {
        let best = |range: Range<usize>| {
            let picked = &bag[range];
            let of =
                |from: &[f64]| picked.iter().map(|row| from[*row as usize]).collect::<Vec<_>>();
            let (targets, weights) = (of(rows.targets), of(rows.weights));
            self.loss.best_constant(&of(scores), LossRows::new(&targets, &weights))
        };
        let bounds = self.bounds(grown, &best);
        let leaves = grown.tree.leaves.par_iter_mut().zip(&grown.ranges).zip(bounds);
        leaves.for_each(|((leaf, range), Bounds { low, high })| {
            leaf.value = self.learning_rate * best(range.clone()).max(low).min(high);
        });
    }

    /// The bounds of the leaves, as the grower's but between best constants.
    fn bounds(&self, grown: &Grown, best: &impl Fn(Range<usize>) -> f64) -> Vec<Bounds> {
        let (nodes, n_leaves) = (&grown.tree.nodes, grown.tree.leaves.len());
        let mut of_leaves = vec![Bounds::NONE; n_leaves];
        let direction = |feature: u32| self.monotone.get(feature as usize).copied().flatten();
        if nodes.iter().all(|node| direction(node.feature).is_none()) {
            return of_leaves;
        }
        // A node's rows stand together; children come after their node.
        let mut ranges = vec![0..0; nodes.len()];
        for (at, node) in nodes.iter().enumerate().rev() {
            let [left, right] = [node.left, node.right].map(|child| match child.index() {
                Ok(node) => ranges[node].clone(),
                Err(leaf) => grown.ranges[leaf].clone(),
            });
            ranges[at] = left.start.min(right.start)..left.end.max(right.end);
        }
        let range = |child: super::tree::Child| match child.index() {
            Ok(node) => ranges[node].clone(),
            Err(leaf) => grown.ranges[leaf].clone(),
        };
        let mut of_nodes = vec![Bounds::NONE; nodes.len()];
        for (at, node) in nodes.iter().enumerate() {
            let bounds = of_nodes[at];
            let within = |child| best(range(child)).max(bounds.low).min(bounds.high);
            let direction = direction(node.feature);
            let weights = match direction {
                Some(_) => (within(node.left), within(node.right)),
                None => (0.0, 0.0),
            };
            let (left, right) = bounds.of_children(direction, weights);
            for (child, bounds) in [(node.left, left), (node.right, right)] {
                match child.index() {
                    Ok(node) => of_nodes[node] = bounds,
                    Err(leaf) => of_leaves[leaf] = bounds,
                }
            }
        }
        of_leaves
    }
}
