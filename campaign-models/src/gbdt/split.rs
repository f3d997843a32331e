//! The best split of a node on one column.
//!
//! With `G`, `H` the sums of gradients and hessians, a node scores `G^2 / (H + l2)`, and a split
//! gains
//!
//! ```text
//! gain = 1/2 [ G_L^2 / (H_L + l2) + G_R^2 / (H_R + l2) - G^2 / (H + l2) ]
//! ```
//!
//! which must exceed `min_gain` (Chen & Guestrin 2016, eq. 7). The first candidate wins a tie.
//!
//! Missing values are tried on both sides, also alone against all present values. Where a node has
//! none, they will follow the side with the larger sum of hessians (left on a tie).
//!
//! Levels: with at most `max_onehot` of them in the node, each is tried against the rest. With
//! more, they are ordered by `G / (H + categorical_smoothing)` and every prefix of that order is
//! tried (Fisher 1958: the best subset is a prefix when there is no smoothing). Both sides' scores
//! then have `l2 + categorical_l2` in place of `l2`. Levels that the node has no rows of go where
//! its missing values go.
//!
//! Choosing among so many subsets finds a gain where there is none: if the levels differ by chance
//! alone, with gradients of variance `s2` times their hessian, those above the mean are on average
//! `sqrt(2 / pi)` standard errors above it and the others as far below. With `k` levels of equal
//! weight that makes an expected gain of `s2 (k - 1) / pi`, one level's worth being used up by the
//! mean. `chance_gain` times `k - 1` is subtracted, so that a column of many levels is not preferred
//! for being one. This is our own addition to the formula.

use super::histogram::Sums;

/// What a split must keep to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub(super) l2: f64,
    pub(super) min_gain: f64,
    pub(super) min_child_rows: u32,
    pub(super) min_child_hessian: f64,
    pub(super) categorical_l2: f64,
    pub(super) categorical_smoothing: f64,
    pub(super) max_onehot: usize,
    /// Gain that an ordered subset is expected to have by chance, per level but one.
    pub(super) chance_gain: f64,
}

/// Which bins go left.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum BinTest {
    /// Bins up to this one.
    UpTo(usize),
    /// These bins, ascending.
    Among(Vec<u32>),
}

/// A split that may be made.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    pub(super) gain: f64,
    pub(super) test: BinTest,
    pub(super) missing_left: bool,
    pub(super) left: Sums,
    pub(super) right: Sums,
}

/// Below this share of the children's scores a gain is rounding noise of the sums.
const NOISE: f64 = 1e-12;

/// `G^2 / (H + l2)`, and 0 for nothing.
#[inline]
pub(super) fn score(sums: Sums, l2: f64) -> f64 {
    let denominator = sums.h + l2;
    if denominator > 0.0 { sums.g * sums.g / denominator } else { 0.0 }
}

/// `-G / (H + l2)`, the weight of a leaf (Chen & Guestrin 2016, eq. 5), and 0 for nothing.
#[inline]
pub(super) fn leaf_weight(sums: Sums, l2: f64) -> f64 {
    let denominator = sums.h + l2;
    if denominator > 0.0 { -sums.g / denominator } else { 0.0 }
}

impl Rules {
    fn allow(&self, side: Sums) -> bool {
        side.n >= self.min_child_rows && side.h >= self.min_child_hessian
    }

    /// Could any split of such a node be allowed?
    pub(super) fn divisible(&self, node: Sums) -> bool {
        u64::from(node.n) >= 2 * u64::from(self.min_child_rows)
            && node.h >= 2.0 * self.min_child_hessian
    }

    /// The gain of a split, if it is allowed and gains enough.
    #[inline]
    fn gain(&self, parent: f64, left: Sums, right: Sums, l2: f64) -> Option<f64> {
        if !self.allow(left) || !self.allow(right) {
            return None;
        }
        let children = score(left, l2) + score(right, l2);
        let gain = 0.5 * (children - parent);
        (gain > self.min_gain && gain > NOISE * children && gain.is_finite()).then_some(gain)
    }
}

/// The best test found so far, by position in a scan.
#[derive(Default)]
struct Best {
    gain: f64,
    found: Option<(usize, bool, Sums)>,
}

impl Best {
    fn offer(&mut self, gain: Option<f64>, position: usize, missing_left: bool, left: Sums) {
        if let Some(gain) = gain
            && (self.found.is_none() || gain > self.gain)
        {
            self.gain = gain;
            self.found = Some((position, missing_left, left));
        }
    }
}

/// Offers one set of present bins as the left side, with the missing on the right and on the left.
#[inline]
fn offer_both(
    best: &mut Best,
    rules: &Rules,
    (total, parent, l2): (Sums, f64, f64),
    (present, missing): (Sums, Sums),
    position: usize,
) {
    let right = total.minus(present);
    if missing.n == 0 {
        let gain = rules.gain(parent, present, right, l2);
        best.offer(gain, position, present.h >= right.h, present);
    } else {
        best.offer(rules.gain(parent, present, right, l2), position, false, present);
        let left = present.plus(missing);
        let right = total.minus(left);
        best.offer(rules.gain(parent, left, right, l2), position, true, left);
    }
}

/// The best threshold on a numeric column. The histogram ends with the bin of missing values.
pub(super) fn best_threshold(histogram: &[Sums], total: Sums, rules: &Rules) -> Option<Candidate> {
    let (&missing, bins) = histogram.split_last()?;
    let parent = score(total, rules.l2);
    let mut best = Best::default();
    let mut present = Sums::default();
    for (b, &bin) in bins.iter().enumerate() {
        // A threshold after an empty bin parts the rows like the one before it.
        if bin.n > 0 {
            present = present.plus(bin);
            offer_both(&mut best, rules, (total, parent, rules.l2), (present, missing), b);
        }
    }
    let (b, missing_left, left) = best.found?;
    let right = total.minus(left);
    Some(Candidate { gain: best.gain, test: BinTest::UpTo(b), missing_left, left, right })
}

/// The best set of levels. The histogram has a bin per level and ends with that of missing values.
pub(super) fn best_levels(histogram: &[Sums], total: Sums, rules: &Rules) -> Option<Candidate> {
    let (&missing, bins) = histogram.split_last()?;
    let levels = || (0_u32..).zip(bins.iter().copied());
    let mut chosen: Vec<(u32, Sums)> = levels().filter(|(_, sums)| sums.n > 0).collect();
    let onehot = chosen.len() <= rules.max_onehot;
    let best = if onehot {
        one_against_the_rest(&chosen, missing, total, rules)
    } else {
        ordered_subsets(&mut chosen, missing, total, rules)
    };
    let (position, missing_left, left) = best.found?;
    if onehot && position < chosen.len() {
        chosen = vec![chosen[position]];
    } else {
        chosen.truncate(position + 1);
    }
    let mut among: Vec<u32> = chosen.iter().map(|(level, _)| *level).collect();
    if missing_left {
        among.extend(levels().filter(|(_, sums)| sums.n == 0).map(|(level, _)| level));
    }
    among.sort_unstable();
    let right = total.minus(left);
    Some(Candidate { gain: best.gain, test: BinTest::Among(among), missing_left, left, right })
}

/// Each level as a side; at the position after the last, all levels against the missing values.
fn one_against_the_rest(levels: &[(u32, Sums)], missing: Sums, total: Sums, rules: &Rules) -> Best {
    let parent = score(total, rules.l2);
    let mut best = Best::default();
    for (i, (_, sums)) in levels.iter().enumerate() {
        offer_both(&mut best, rules, (total, parent, rules.l2), (*sums, missing), i);
    }
    let present = total.minus(missing);
    best.offer(rules.gain(parent, present, missing, rules.l2), levels.len(), false, present);
    best
}

/// Orders the levels by smoothed mean and tries every prefix.
fn ordered_subsets(levels: &mut [(u32, Sums)], missing: Sums, total: Sums, rules: &Rules) -> Best {
    let chance = rules.chance_gain * (levels.len() as f64 - 1.0).max(0.0);
    // A gain is half of the children's scores less this.
    let parent = score(total, rules.l2) + 2.0 * chance;
    let l2 = rules.l2 + rules.categorical_l2;
    let mean = |sums: &Sums| sums.g / (sums.h + rules.categorical_smoothing);
    // Stable: equal means stay in the order of the levels.
    levels.sort_by(|a, b| mean(&a.1).total_cmp(&mean(&b.1)));
    let mut best = Best::default();
    let mut present = Sums::default();
    for (i, (_, sums)) in levels.iter().enumerate() {
        present = present.plus(*sums);
        offer_both(&mut best, rules, (total, parent, l2), (present, missing), i);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules {
        l2: 1.0,
        min_gain: 0.0,
        min_child_rows: 1,
        min_child_hessian: 0.0,
        categorical_l2: 0.0,
        categorical_smoothing: 0.0,
        max_onehot: 0,
        chance_gain: 0.0,
    };

    fn sums(g: f64, n: u32) -> Sums {
        Sums { g, h: f64::from(n), n }
    }

    fn total(histogram: &[Sums]) -> Sums {
        histogram.iter().fold(Sums::default(), |a, b| a.plus(*b))
    }

    #[test]
    fn gain_and_weight_by_hand() {
        // Left: G = -6, H = 2; right: G = 4, H = 3; l2 = 1.
        let histogram = [sums(-6.0, 2), sums(4.0, 3), sums(0.0, 0)];
        let best = best_threshold(&histogram, total(&histogram), &RULES).unwrap();
        let expected = 0.5 * (36.0 / 3.0 + 16.0 / 4.0 - 4.0 / 6.0);
        assert!((best.gain - expected).abs() < 1e-12);
        assert_eq!(best.test, BinTest::UpTo(0));
        // Nothing missing: the side with the larger hessian sum.
        assert!(!best.missing_left);
        assert_eq!(leaf_weight(best.left, 1.0), 2.0);
        assert_eq!(leaf_weight(best.right, 1.0), -1.0);
    }

    #[test]
    fn missing_values_find_their_side() {
        for (g, left) in [(-9.0, true), (9.0, false)] {
            let histogram = [sums(-6.0, 2), sums(6.0, 2), sums(g, 3)];
            let best = best_threshold(&histogram, total(&histogram), &RULES).unwrap();
            assert_eq!((best.test, best.missing_left), (BinTest::UpTo(0), left));
        }
        // Only the missing differ: all present values stand on the left.
        let histogram = [sums(1.0, 2), sums(1.0, 2), sums(-9.0, 3)];
        let best = best_threshold(&histogram, total(&histogram), &RULES).unwrap();
        assert_eq!((best.test, best.missing_left), (BinTest::UpTo(1), false));
    }

    #[test]
    fn rules_are_kept() {
        let histogram = [sums(-6.0, 2), sums(4.0, 3), sums(0.0, 0)];
        let with = |rules: Rules| best_threshold(&histogram, total(&histogram), &rules);
        assert!(with(Rules { min_child_rows: 3, ..RULES }).is_none());
        assert!(with(Rules { min_child_hessian: 2.5, ..RULES }).is_none());
        assert!(with(Rules { min_gain: 8.0, ..RULES }).is_none());
        assert!(with(Rules { min_gain: 7.6, ..RULES }).is_some());
    }

    #[test]
    fn no_split_without_a_difference() {
        // 0.1 is not a dyadic number, so the sums carry rounding noise.
        let bin = Sums { g: 0.1, h: 0.3, n: 3 };
        let histogram = [bin, bin, bin, Sums::default()];
        let rules = Rules { l2: 0.0, ..RULES };
        assert_eq!(best_threshold(&histogram, total(&histogram), &rules), None);
    }

    #[test]
    fn levels_by_order_and_one_against_the_rest() {
        let histogram = [sums(5.0, 2), sums(-5.0, 2), sums(0.0, 0), sums(6.0, 2), sums(0.0, 0)];
        let best = best_levels(&histogram, total(&histogram), &RULES).unwrap();
        // Level 1 is lowest; level 2 is absent and follows the heavier side, the right.
        assert_eq!(best.test, BinTest::Among(vec![1]));
        assert!(!best.missing_left);
        let onehot = Rules { max_onehot: 3, ..RULES };
        let one = best_levels(&histogram, total(&histogram), &onehot).unwrap();
        assert_eq!((one.test, one.gain), (BinTest::Among(vec![1]), best.gain));
        // The missing values are like level 1: they and the absent level join it.
        let histogram = [sums(5.0, 2), sums(-5.0, 2), sums(0.0, 0), sums(6.0, 2), sums(-9.0, 3)];
        let best = best_levels(&histogram, total(&histogram), &RULES).unwrap();
        assert_eq!((best.test, best.missing_left), (BinTest::Among(vec![1, 2]), true));
        // One level and missing values: present against missing.
        let histogram = [sums(5.0, 2), sums(-9.0, 3)];
        let best = best_levels(&histogram, total(&histogram), &onehot).unwrap();
        assert_eq!((best.test, best.missing_left), (BinTest::Among(vec![0]), false));
    }

    #[test]
    fn chance_gain_is_what_noise_gains() {
        use campaign_core::rand::RngExt;
        use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(17);
        let (k, rows, runs) = (60, 25, 400);
        let gains = (0..runs).map(|_| {
            // Gradients uniform on (-1, 1): variance 1/3 per row of hessian 1.
            let mut level = || {
                let g = (0..rows).map(|_| rng.random::<f64>() * 2.0 - 1.0).sum();
                Sums { g, h: f64::from(rows), n: rows }
            };
            let mut histogram: Vec<Sums> = (0..k).map(|_| level()).collect();
            histogram.push(Sums::default());
            let rules = Rules { l2: 0.0, ..RULES };
            best_levels(&histogram, total(&histogram), &rules).unwrap().gain
        });
        let mean = gains.sum::<f64>() / f64::from(runs);
        let expected = f64::from(k - 1) / 3.0 / std::f64::consts::PI;
        // A gain is half a sum of k squares of half-normal means: its relative standard deviation is
        // about sqrt(2 (pi - 2) / k) = 0.2, that of the mean of the runs 0.01. Picking the best
        // prefix rather than the one at the mean adds a little, which 5 % cover.
        assert!((mean / expected - 1.0).abs() < 0.05, "{mean} {expected}");
    }

    #[test]
    fn chance_gain_is_subtracted_for_each_level_but_one() {
        let histogram = [sums(5.0, 2), sums(-5.0, 2), sums(6.0, 2), sums(0.0, 0)];
        let gain = |chance_gain| {
            let rules = Rules { chance_gain, ..RULES };
            best_levels(&histogram, total(&histogram), &rules).map(|best| best.gain)
        };
        let without = gain(0.0).unwrap();
        assert!((gain(1.5).unwrap() - (without - 3.0)).abs() < 1e-12);
        assert_eq!(gain(without), None);
    }
}
