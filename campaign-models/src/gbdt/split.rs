//! What a split is, and what makes one good.
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

use super::cells::{Cell, Sums};

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
    /// The sums of the rows that go left.
    pub(super) left: Cell,
}

/// Below this share of the children's scores a gain is rounding noise.
pub(super) const NOISE: f64 = 1e-12;

/// `G^2 / (H + l2)`, and 0 for nothing.
#[inline]
pub(super) fn score(g: f64, h: f64, l2: f64) -> f64 {
    let denominator = h + l2;
    if denominator > 0.0 { g * g / denominator } else { 0.0 }
}

/// `-G / (H + l2)`, the weight of a leaf (Chen & Guestrin 2016, eq. 5), and 0 for nothing.
#[inline]
pub(super) fn leaf_weight(g: f64, h: f64, l2: f64) -> f64 {
    let denominator = h + l2;
    if denominator > 0.0 { -g / denominator } else { 0.0 }
}

impl Rules {
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
    use super::super::cells::{Cell, Scale, add};
    use super::*;

    pub(in super::super) const RULES: Rules = Rules {
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

    #[test]
    fn scores_and_weights_by_hand() {
        assert_eq!((score(-6.0, 2.0, 1.0), score(0.0, 0.0, 0.0)), (12.0, 0.0));
        assert_eq!((leaf_weight(-6.0, 2.0, 1.0), leaf_weight(4.0, 3.0, 1.0)), (2.0, -1.0));
        assert_eq!(leaf_weight(1.0, 0.0, 0.0), 0.0);
    }
}
