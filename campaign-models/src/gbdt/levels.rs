//! The best split of a node on a categorical column.
//!
//! With at most `max_onehot` levels in the node, each is tried against the rest. With more, they are
//! ordered by `G / (H + categorical_smoothing)` and every prefix of that order is tried (Fisher 1958:
//! the best subset is a prefix when there is no smoothing). Both sides' scores then have
//! `l2 + categorical_l2` in place of `l2`. Levels that the node has no rows of go where its missing
//! values go.
//!
//! Choosing among so many subsets finds a gain where there is none: if the levels differ by chance
//! alone, with gradients of variance `s2` times their hessian, those above the mean are on average
//! `sqrt(2 / pi)` standard errors above it and the others as far below. With `k` levels of equal
//! weight that makes an expected gain of `s2 (k - 1) / pi`, one level's worth being used up by the
//! mean. `chance_gain` times `k - 1` is subtracted, so that a column of many levels is not preferred
//! for being one. This is our own addition to the formula.

use super::cells::{Cell, add, minus};
use super::split::{BinTest, Candidate, Parent, Penalty};

/// A node whose levels are tried.
struct Node<'a> {
    parent: &'a Parent<'a>,
    missing: Cell,
}

/// The best set found so far, by position in a scan.
#[derive(Default)]
struct Best {
    gain: f64,
    found: Option<(usize, bool, Cell)>,
}

/// The best set of levels. The histogram has a bin per level and ends with that of missing values.
pub(super) fn best_levels(histogram: &[Cell], parent: &Parent<'_>) -> Option<Candidate> {
    let Parent { rules, scale, .. } = parent;
    let (&missing, bins) = histogram.split_last()?;
    let node = Node { parent, missing };
    let levels = || (0_u32..).zip(bins.iter().copied());
    let is_there = |cell: &Cell| scale.rows(*cell) > 0;
    let mut chosen: Vec<(u32, Cell)> = levels().filter(|(_, cell)| is_there(cell)).collect();
    let onehot = chosen.len() <= rules.max_onehot;
    let best =
        if onehot { node.one_against_the_rest(&chosen) } else { node.ordered_subsets(&mut chosen) };
    let (position, missing_left, left) = best.found?;
    if onehot && position < chosen.len() {
        chosen = vec![chosen[position]];
    } else {
        chosen.truncate(position + 1);
    }
    let mut among: Vec<u32> = chosen.iter().map(|(level, _)| *level).collect();
    if missing_left {
        among.extend(levels().filter(|(_, cell)| !is_there(cell)).map(|(level, _)| level));
    }
    among.sort_unstable();
    Some(Candidate { gain: best.gain, test: BinTest::Among(among), missing_left, left })
}

/// What a split is measured against: the score of the node, and the penalty of its children.
#[derive(Clone, Copy)]
struct Against {
    whole: f64,
    penalty: Penalty,
}

impl Node<'_> {
    fn against(&self, chance: f64, categorical_l2: f64) -> Against {
        let Parent { total, rules, scale, bounds, .. } = self.parent;
        let penalty = rules.penalty(*bounds);
        let sums = scale.sums(*total);
        // A gain is half of the children's scores less this.
        let whole = penalty.score(sums.g, sums.h) + 2.0 * chance;
        Against { whole, penalty: Penalty { l2: penalty.l2 + categorical_l2, ..penalty } }
    }

    fn offer(
        &self,
        best: &mut Best,
        Against { whole, penalty }: Against,
        left: Cell,
        position: usize,
        missing_left: bool,
    ) {
        let Parent { total, rules, scale, .. } = self.parent;
        let (l, r) = (scale.sums(left), scale.sums(minus(*total, left)));
        if !rules.allow(l) || !rules.allow(r) {
            return;
        }
        let children = penalty.score(l.g, l.h) + penalty.score(r.g, r.h);
        if let Some(gain) = rules.gain(whole, children)
            && (best.found.is_none() || gain > best.gain)
        {
            *best = Best { gain, found: Some((position, missing_left, left)) };
        }
    }

    /// Offers one set of present levels as the left side, with the missing on the right and on the
    /// left.
    fn offer_both(&self, best: &mut Best, against: Against, present: Cell, position: usize) {
        let Parent { total, scale, .. } = self.parent;
        if scale.rows(self.missing) == 0 {
            let right = scale.raw(minus(*total, present)).1;
            let heavier = scale.raw(present).1 >= right;
            self.offer(best, against, present, position, heavier);
        } else {
            self.offer(best, against, present, position, false);
            let mut left = present;
            add(&mut left, self.missing);
            self.offer(best, against, left, position, true);
        }
    }

    /// Each level as a side; at the position after the last, all levels against the missing values.
    fn one_against_the_rest(&self, levels: &[(u32, Cell)]) -> Best {
        let against = self.against(0.0, 0.0);
        let mut best = Best::default();
        for (i, (_, cell)) in levels.iter().enumerate() {
            self.offer_both(&mut best, against, *cell, i);
        }
        self.offer(&mut best, against, minus(self.parent.total, self.missing), levels.len(), false);
        best
    }

    /// Orders the levels by smoothed mean and tries every prefix.
    fn ordered_subsets(&self, levels: &mut [(u32, Cell)]) -> Best {
        let Parent { rules, scale, .. } = self.parent;
        let chance = rules.chance_gain * (levels.len() as f64 - 1.0).max(0.0);
        let against = self.against(chance, rules.categorical_l2);
        let mean = |cell: &Cell| {
            let sums = scale.sums(*cell);
            sums.g / (sums.h + rules.categorical_smoothing)
        };
        // Stable: equal means stay in the order of the levels.
        levels.sort_by(|a, b| mean(&a.1).total_cmp(&mean(&b.1)));
        let mut best = Best::default();
        let mut present = Cell::default();
        for (i, (_, cell)) in levels.iter().enumerate() {
            add(&mut present, *cell);
            self.offer_both(&mut best, against, present, i);
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::super::cells::{Scale, sum};
    use super::super::split::Rules;
    use super::super::split::tests::{RULES, bins, parent};
    use super::*;

    /// The best set of levels with so many rows of hessian 1 and this sum of gradients.
    fn best(sums: &[(f64, u32)], rules: Rules) -> Option<Candidate> {
        let (histogram, scale, total) = bins(sums);
        best_levels(&histogram, &Parent { total, ..parent(&rules, &scale) })
    }

    #[test]
    fn levels_by_order_and_one_against_the_rest() {
        let sums = [(5.0, 2), (-5.0, 2), (0.0, 0), (6.0, 2), (0.0, 0)];
        let ordered = best(&sums, RULES).unwrap();
        // Level 1 is lowest; level 2 is absent and follows the heavier side, the right.
        assert_eq!((ordered.test, ordered.missing_left), (BinTest::Among(vec![1]), false));
        let onehot = Rules { max_onehot: 3, ..RULES };
        let one = best(&sums, onehot).unwrap();
        assert_eq!((one.test, one.gain), (BinTest::Among(vec![1]), ordered.gain));
        // The missing values are like level 1: they and the absent level join it.
        let found = best(&[(5.0, 2), (-5.0, 2), (0.0, 0), (6.0, 2), (-9.0, 3)], RULES).unwrap();
        assert_eq!((found.test, found.missing_left), (BinTest::Among(vec![1, 2]), true));
        // One level and missing values: present against missing.
        let found = best(&[(5.0, 2), (-9.0, 3)], onehot).unwrap();
        assert_eq!((found.test, found.missing_left), (BinTest::Among(vec![0]), false));
    }

    #[test]
    fn chance_gain_is_what_noise_gains() {
        use campaign_core::rand::RngExt;
        use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(17);
        let (k, rows, runs) = (60, 25, 400);
        let gains = (0..runs).map(|_| {
            // Gradients uniform on (-1, 1): variance 1/3 per row of hessian 1.
            let derivatives: Vec<[f64; 2]> =
                (0..k * rows).map(|_| [rng.random::<f64>() * 2.0 - 1.0, 1.0]).collect();
            let scale = Scale::new(&derivatives).unwrap();
            let cells: Vec<Cell> = derivatives.iter().map(|row| scale.cell(0, row)).collect();
            let mut histogram: Vec<Cell> = cells.chunks(rows).map(sum).collect();
            histogram.push(Cell::default());
            let rules = Rules { l2: 0.0, ..RULES };
            let parent = Parent { total: sum(&cells), ..parent(&rules, &scale) };
            best_levels(&histogram, &parent).unwrap().gain
        });
        let mean = gains.sum::<f64>() / f64::from(runs);
        let expected = (k as f64 - 1.0) / 3.0 / std::f64::consts::PI;
        // A gain is half a sum of k squares of half-normal means: its relative standard deviation is
        // about sqrt(2 (pi - 2) / k) = 0.2, that of the mean of the runs 0.01. Picking the best
        // prefix rather than the one at the mean adds a little, which 5 % cover.
        assert!((mean / expected - 1.0).abs() < 0.05, "{mean} {expected}");
    }

    #[test]
    fn chance_gain_is_subtracted_for_each_level_but_one() {
        let gain = |chance_gain| {
            let rules = Rules { chance_gain, ..RULES };
            best(&[(5.0, 2), (-5.0, 2), (6.0, 2), (0.0, 0)], rules).map(|best| best.gain)
        };
        let without = gain(0.0).unwrap();
        assert!((gain(1.5).unwrap() - (without - 3.0)).abs() < 1e-12);
        assert_eq!(gain(without), None);
    }
}
