//! The best split of a node on a numeric column.
//!
//! The kernel of training beside the histograms: sums up to each bin, then the children's scores of
//! all thresholds side by side, then the largest. With missing values in the node all that twice, for
//! either side they may go to.

use super::cells::{Cell, Scale, add, minus};
use super::constraints::Monotone;
use super::split::{BinTest, Candidate, Parent, Penalty};

/// Thresholds that are scored together.
const CHUNK: usize = 256;

/// Sums up to and with each bin of a chunk, in units of the scale.
struct Prefixes {
    g: [f64; CHUNK],
    h: [f64; CHUNK],
    n: [u32; CHUNK],
}

/// A node, in units of the scale.
struct Node {
    g: f64,
    h: f64,
    n: u32,
    penalty: Penalty,
    /// 1 or -1 if the right leaf's weight less the left one's must have that sign, else 0.
    sign: f64,
    min_rows: u32,
    min_hessian: f64,
}

/// The largest sum of scores so far, and after which bin.
#[derive(Clone, Copy)]
struct Best {
    scores: f64,
    bin: usize,
}

/// The best threshold on a column whose histogram ends with the bin of missing values.
pub(super) fn best_threshold(histogram: &[Cell], parent: &Parent<'_>) -> Option<Candidate> {
    let &Parent { total, rules, scale, .. } = parent;
    let (&missing, bins) = histogram.split_last()?;
    let (g, h) = scale.raw(total);
    let penalty = scale.raw_penalty(rules.penalty(parent.bounds));
    // Without a penalty, a side without hessian has no score.
    let least = if penalty.l2 > 0.0 { 0.0 } else { 1.0 };
    let node = Node {
        g,
        h,
        n: scale.rows(total),
        penalty,
        sign: parent.monotone.map_or(0.0, Monotone::sign),
        min_rows: rules.min_child_rows,
        min_hessian: scale.raw_hessian(rules.min_child_hessian).max(least),
    };
    let none = Best { scores: f64::NEG_INFINITY, bin: usize::MAX };
    let (mut right, mut left) = (none, none);
    let mut present = Cell::default();
    let mut prefixes = Prefixes { g: [0.0; CHUNK], h: [0.0; CHUNK], n: [0; CHUNK] };
    for (at, chunk) in bins.chunks(CHUNK).enumerate() {
        let first = present;
        present = prefixes.fill(chunk, first, scale);
        right = prefixes.best(chunk.len(), &node, node.min_rows, at * CHUNK, right);
        if scale.rows(missing) > 0 {
            let mut with_missing = first;
            add(&mut with_missing, missing);
            prefixes.fill(chunk, with_missing, scale);
            // Not the missing alone: that is a threshold above all present values.
            let least = node.min_rows.max(scale.rows(missing) + 1);
            left = prefixes.best(chunk.len(), &node, least, at * CHUNK, left);
        }
    }
    // On a tie the lower threshold, and there the missing on the right.
    let on_left =
        left.scores > right.scores || (left.scores == right.scores && left.bin < right.bin);
    let best = if on_left { left } else { right };
    if best.scores == f64::NEG_INFINITY {
        return None;
    }
    let whole = scale.score(penalty.score(g, h));
    let gain = rules.gain(whole, scale.score(best.scores))?;
    let mut sums = Cell::default();
    bins[..=best.bin].iter().for_each(|bin| add(&mut sums, *bin));
    let missing_left = if on_left {
        add(&mut sums, missing);
        true
    } else {
        let hessian = |cell| scale.raw(cell).1;
        scale.rows(missing) == 0 && hessian(sums) >= hessian(minus(total, sums))
    };
    Some(Candidate { gain, test: BinTest::UpTo(best.bin), missing_left, left: sums })
}

impl Prefixes {
    /// Sums over a chunk on top of what stands before it; gives the last.
    fn fill(&mut self, chunk: &[Cell], first: Cell, scale: &Scale) -> Cell {
        let mut sum = first;
        let places = self.g.iter_mut().zip(&mut self.h).zip(&mut self.n);
        for (bin, ((g, h), n)) in chunk.iter().zip(places) {
            add(&mut sum, *bin);
            (*g, *h) = scale.raw(sum);
            *n = scale.rows(sum);
        }
        sum
    }

    /// The largest sum of scores over the thresholds that are allowed and have `least` rows on their
    /// left, the first on a tie.
    fn best(&self, len: usize, node: &Node, least: u32, offset: usize, so_far: Best) -> Best {
        let (g, h, n) = (&self.g[..len], &self.h[..len], &self.n[..len]);
        // Rows and hessians only grow from bin to bin, so what is allowed stands together.
        let from = n.partition_point(|n| *n < least);
        let from = from.max(h.partition_point(|h| *h < node.min_hessian));
        let to = n.partition_point(|n| node.n - n >= node.min_rows);
        let to = to.min(h.partition_point(|h| node.h - h >= node.min_hessian));
        if from >= to {
            return so_far;
        }
        let mut scores = [0.0; CHUNK];
        let scores = &mut scores[..to - from];
        node.score(&g[from..to], &h[from..to], scores);
        let largest = largest(scores);
        if largest > so_far.scores {
            let at = scores.iter().position(|score| *score == largest).unwrap_or_default();
            return Best { scores: largest, bin: offset + from + at };
        }
        so_far
    }
}

impl Node {
    /// The sums of the children's scores, for each sums of the left one.
    fn score(&self, g: &[f64], h: &[f64], scores: &mut [f64]) {
        let lefts = g.iter().zip(h).zip(scores);
        if self.sign == 0.0 && self.penalty.is_plain() {
            let l2 = self.penalty.l2;
            for ((g, h), score) in lefts {
                let (other, left, right) = (self.g - g, h + l2, self.h - h + l2);
                // One division instead of two: a / l + b / r = (a r + b l) / (l r).
                *score = (g * g * right + other * other * left) / (left * right);
            }
            return;
        }
        for ((&g, &h), score) in lefts {
            let (other_g, other_h) = (self.g - g, self.h - h);
            let left = self.penalty.weight(g, h);
            let right = self.penalty.weight(other_g, other_h);
            let sum =
                self.penalty.score_at(g, h, left) + self.penalty.score_at(other_g, other_h, right);
            *score = if self.sign * (right - left) >= 0.0 { sum } else { f64::NEG_INFINITY };
        }
    }
}

/// The largest number, passing over those that are none; by lanes, for vector units.
fn largest(values: &[f64]) -> f64 {
    let larger = |a: f64, b: f64| if b > a { b } else { a };
    let (chunks, rest) = values.as_chunks::<8>();
    let mut lanes = [f64::NEG_INFINITY; 8];
    for chunk in chunks {
        for (lane, value) in lanes.iter_mut().zip(chunk) {
            *lane = larger(*lane, *value);
        }
    }
    lanes.iter().chain(rest).fold(f64::NEG_INFINITY, |a, b| larger(a, *b))
}

#[cfg(test)]
mod tests {
    use super::super::split::Rules;
    use super::super::split::tests::{RULES, bins, parent};
    use super::*;

    /// The best threshold of bins with so many rows of hessian 1 and this sum of gradients.
    fn best(sums: &[(f64, u32)], rules: Rules) -> Option<Candidate> {
        let (histogram, scale, total) = bins(sums);
        best_threshold(&histogram, &Parent { total, ..parent(&rules, &scale) })
    }

    #[test]
    fn gain_by_hand() {
        // Left: G = -6, H = 2; right: G = 4, H = 3; l2 = 1.
        let best = best(&[(-6.0, 2), (4.0, 3), (0.0, 0)], RULES).unwrap();
        let expected = 0.5 * (36.0 / 3.0 + 16.0 / 4.0 - 4.0 / 6.0);
        assert!((best.gain - expected).abs() < 1e-12);
        // Nothing missing: the side with the larger hessian sum.
        assert_eq!((best.test, best.missing_left), (BinTest::UpTo(0), false));
    }

    #[test]
    fn missing_values_find_their_side() {
        for (g, left) in [(-9.0, true), (9.0, false)] {
            let best = best(&[(-6.0, 2), (6.0, 2), (g, 3)], RULES).unwrap();
            assert_eq!((best.test, best.missing_left), (BinTest::UpTo(0), left));
        }
        // Only the missing differ: all present values stand on the left, also above an empty bin.
        for (sums, bin) in
            [([(1.0, 2), (1.0, 2), (-9.0, 3)], 1), ([(0.0, 0), (2.0, 4), (-9.0, 3)], 1)]
        {
            let best = best(&sums, RULES).unwrap();
            assert_eq!((best.test, best.missing_left), (BinTest::UpTo(bin), false));
        }
    }

    #[test]
    fn rules_are_kept() {
        let with = |rules: Rules| best(&[(-6.0, 2), (4.0, 3), (0.0, 0)], rules);
        assert!(with(Rules { min_child_rows: 3, ..RULES }).is_none());
        assert!(with(Rules { min_child_hessian: 2.5, ..RULES }).is_none());
        assert!(with(Rules { min_gain: 8.0, ..RULES }).is_none());
        assert!(with(Rules { min_gain: 7.6, ..RULES }).is_some());
    }

    #[test]
    fn no_split_without_a_difference() {
        // A third is not a dyadic number, so that the sums carry rounding.
        let same = (0.1, 3);
        let rules = Rules { l2: 0.0, ..RULES };
        assert_eq!(best(&[same, same, same, (0.0, 0)], rules), None);
    }

    /// More bins than are scored together, against every threshold one by one.
    #[test]
    fn many_bins() {
        let sums: Vec<(f64, u32)> =
            (0..700_u32).map(|b| (f64::from(b * b % 97) - 40.0, b * 7 % 5)).collect();
        let sums: Vec<_> =
            sums.iter().map(|&(g, n)| if n == 0 { (0.0, 0) } else { (g, n) }).collect();
        let (histogram, scale, total) = bins(&sums);
        let rules = Rules { min_child_rows: 9, ..RULES };
        let found =
            best_threshold(&histogram, &Parent { total, ..parent(&rules, &scale) }).unwrap();
        let score = |cell: Cell| {
            let sums = scale.sums(cell);
            (sums.n >= 9).then(|| sums.g * sums.g / (sums.h + 1.0))
        };
        let all = score(total).unwrap();
        let (&missing, bins) = histogram.split_last().unwrap();
        let mut left = Cell::default();
        let mut gains = Vec::new();
        for bin in bins {
            add(&mut left, *bin);
            let mut with_missing = left;
            add(&mut with_missing, missing);
            for left in [left, with_missing] {
                let both = score(left).zip(score(minus(total, left)));
                gains.extend(both.map(|(l, r)| 0.5 * (l + r - all)));
            }
        }
        let largest = gains.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        assert!((found.gain / largest - 1.0).abs() < 1e-12, "{} {largest}", found.gain);
    }
}
