//! What a split is, and what makes one good.
//!
//! With `G`, `H` the sums of gradients and hessians, a node scores `G^2 / (H + l2)`, and a split
//! gains
//!
//! ```text
//! gain = 1/2 [ G_L^2 / (H_L + l2) + G_R^2 / (H_R + l2) - G^2 / (H + l2) ]
//! ```
//!
//! which must exceed `min_gain` (Chen & Guestrin 2016, eq. 7). The first candidate wins a tie. With an
//! L1 penalty or bounds on the weights of leaves, a score is what the best allowed weight takes from
//! the loss, which is the same where neither matters.
//!
//! Missing values are tried on both sides, also alone against all present values. Where a node has
//! none, they will follow the side with the larger sum of hessians (left on a tie).

use super::cells::{Cell, Scale, Sums};
use super::constraints::{Bounds, Monotone};

/// What a split must keep to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub(super) l1: f64,
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

/// A node that is to be split, on a column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parent<'a> {
    pub(super) total: Cell,
    pub(super) rules: &'a Rules,
    pub(super) scale: &'a Scale,
    pub(super) bounds: Bounds,
    pub(super) monotone: Option<Monotone>,
}

/// A split that may be made.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidate {
    pub(super) gain: f64,
    pub(super) test: BinTest,
    pub(super) missing_left: bool,
    /// The sums of the rows that go left.
    pub(super) left: Cell,
}

/// Below this share of the children's scores a gain is rounding noise.
pub(super) const NOISE: f64 = 1e-12;

/// What keeps leaf weights small, in the units of the sums it is used with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Penalty {
    pub(super) l1: f64,
    pub(super) l2: f64,
    pub(super) bounds: Bounds,
}

impl Penalty {
    /// Is the score `G^2 / (H + l2)`?
    pub(super) fn is_plain(&self) -> bool {
        self.l1 == 0.0 && self.bounds == Bounds::NONE
    }

    /// The weight of a leaf within its bounds, `-T / (H + l2)` where that is (Chen & Guestrin 2016, eq.
    /// 5) with `T` the gradients brought nearer to 0 by `l1`, and 0 for nothing.
    #[inline]
    pub(super) fn weight(&self, g: f64, h: f64) -> f64 {
        let denominator = h + self.l2;
        let thresholded = (g.abs() - self.l1).max(0.0).copysign(g);
        let weight = if denominator > 0.0 { -thresholded / denominator } else { 0.0 };
        // Not `clamp`, which a bound that is not a number would end.
        weight.max(self.bounds.low).min(self.bounds.high)
    }

    /// What a leaf of this weight takes from twice the loss: `-(2 G w + (H + l2) w^2 + 2 l1 |w|)`.
    #[inline]
    pub(super) fn score_at(&self, g: f64, h: f64, weight: f64) -> f64 {
        -(weight * (2.0 * g + (h + self.l2) * weight) + 2.0 * self.l1 * weight.abs())
    }

    #[inline]
    pub(super) fn score(&self, g: f64, h: f64) -> f64 {
        if self.is_plain() {
            let denominator = h + self.l2;
            return if denominator > 0.0 { g * g / denominator } else { 0.0 };
        }
        self.score_at(g, h, self.weight(g, h))
    }
}

impl Rules {
    pub(super) fn penalty(&self, bounds: Bounds) -> Penalty {
        Penalty { l1: self.l1, l2: self.l2, bounds }
    }

    pub(super) fn allow(&self, side: Sums) -> bool {
        side.n >= self.min_child_rows && side.h >= self.min_child_hessian
    }

    /// Could any split of such a node be allowed?
    pub(super) fn divisible(&self, node: Sums) -> bool {
        u64::from(node.n) >= 2 * u64::from(self.min_child_rows)
            && node.h >= 2.0 * self.min_child_hessian
    }

    /// The gain of children with this sum of scores, if it is enough.
    pub(super) fn gain(&self, parent: f64, children: f64) -> Option<f64> {
        let gain = 0.5 * (children - parent);
        (gain > self.min_gain && gain > NOISE * children && gain.is_finite()).then_some(gain)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::cells::add;
    use super::*;

    pub(in super::super) const RULES: Rules = Rules {
        l1: 0.0,
        l2: 1.0,
        min_gain: 0.0,
        min_child_rows: 1,
        min_child_hessian: 0.0,
        categorical_l2: 0.0,
        categorical_smoothing: 0.0,
        max_onehot: 0,
        chance_gain: 0.0,
    };

    /// Bins of so many rows of hessian 1 and this sum of gradients each, their scale and their total.
    pub(in super::super) fn bins(sums: &[(f64, u32)]) -> (Vec<Cell>, Scale, Cell) {
        let row = |&(g, n): &(f64, u32)| (0..n).map(move |_| [g / f64::from(n), 1.0]);
        let rows: Vec<[f64; 2]> = sums.iter().flat_map(row).collect();
        let scale = Scale::new(&rows).unwrap();
        let mut total = Cell::default();
        let bin = |sums: &(f64, u32)| {
            let mut bin = Cell::default();
            row(sums).for_each(|row| add(&mut bin, scale.cell(0, &row)));
            add(&mut total, bin);
            bin
        };
        let bins = sums.iter().map(bin).collect();
        (bins, scale, total)
    }

    /// A node without rows, bounds or constraint.
    pub(in super::super) fn parent<'a>(rules: &'a Rules, scale: &'a Scale) -> Parent<'a> {
        Parent { total: [0; 2], rules, scale, bounds: Bounds::NONE, monotone: None }
    }

    #[test]
    fn scores_and_weights_by_hand() {
        let penalty = RULES.penalty(Bounds::NONE);
        assert_eq!((penalty.score(-6.0, 2.0), penalty.weight(-6.0, 2.0)), (12.0, 2.0));
        assert_eq!(penalty.weight(4.0, 3.0), -1.0);
        let nothing = Penalty { l2: 0.0, ..penalty };
        assert_eq!((nothing.score(0.0, 0.0), nothing.weight(1.0, 0.0)), (0.0, 0.0));
    }

    /// Against a search over weights: no weight within the bounds does better.
    #[test]
    fn weights_are_the_best_allowed() {
        for l1 in [0.0, 0.5, 3.0] {
            for (low, high) in [(-5.0, 5.0), (0.25, 5.0), (-0.5, -0.25), (-1.0, 0.125)] {
                let penalty = Penalty { l1, l2: 0.5, bounds: Bounds { low, high } };
                for (g, h) in [(-6.0, 2.0), (2.5, 2.0), (0.1, 4.0)] {
                    let grid = (0..=10_000).map(|i| low + (high - low) * f64::from(i) / 10_000.0);
                    let grid = grid.chain([0.0_f64.clamp(low, high)]);
                    let best = grid.map(|w| penalty.score_at(g, h, w)).fold(f64::MIN, f64::max);
                    let score = penalty.score(g, h);
                    assert!((-1e-12..1e-5).contains(&(score - best)), "{penalty:?} {g} {h}");
                    let objective = |w: f64| 2.0 * g * w + (h + 0.5) * w * w + 2.0 * l1 * w.abs();
                    let weight = penalty.weight(g, h);
                    assert!((score + objective(weight)).abs() < 1e-12);
                }
            }
        }
    }
}
