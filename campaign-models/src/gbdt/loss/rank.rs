//! LambdaRank: scores that put the better rows of a group first.
//!
//! Of two rows of a group with different targets, the loss is `ln(1 + e^(s_worse - s_better))` times
//! how much the NDCG of the first `truncation` places changes if the two change places (Burges 2010,
//! "From RankNet to LambdaRank to LambdaMART", 4). A row's gain is `2^y - 1`, the discount of place
//! `i` from 0 is `1 / log2(i + 2)`.

use super::{Derivatives, Groups, LossRows};

/// The largest target: its gain is 2^31.
const MAX: f64 = 31.0;

pub(super) fn refuses(target: f64) -> Option<&'static str> {
    (!(0.0..=MAX).contains(&target)).then_some("a number between 0 and 31")
}

/// The order of one group after another.
struct Ranking<'a> {
    scores: &'a [f64],
    targets: &'a [f64],
    truncation: usize,
    /// Rows of the group by score, the best first; of equal ones the earlier.
    order: Vec<u32>,
    /// Of the rows in that order.
    gains: Vec<f64>,
    /// Of the places, 0 from `truncation` on.
    discounts: Vec<f64>,
    /// The largest DCG that any order has.
    best: f64,
}

impl<'a> Ranking<'a> {
    fn new(truncation: usize, scores: &'a [f64], targets: &'a [f64]) -> Self {
        let (order, gains, discounts) = (Vec::new(), Vec::new(), Vec::new());
        Self { scores, targets, truncation, order, gains, discounts, best: 0.0 }
    }

    /// Turns to a group; is any order of it better than another?
    fn begin(&mut self, group: &[u32]) -> bool {
        while self.discounts.len() < group.len() {
            let place = self.discounts.len();
            let discount = 1.0 / ((place + 2) as f64).log2();
            self.discounts.push(if place < self.truncation { discount } else { 0.0 });
        }
        let (scores, targets) = (self.scores, self.targets);
        let gain = |row: &u32| targets[*row as usize].exp2() - 1.0;
        self.gains.clear();
        self.gains.extend(group.iter().map(gain));
        self.gains.sort_unstable_by(|a, b| b.total_cmp(a));
        if self.gains.first() == self.gains.last() {
            return false;
        }
        self.best = self.dcg();
        self.order.clear();
        self.order.extend_from_slice(group);
        self.order.sort_by(|a, b| scores[*b as usize].total_cmp(&scores[*a as usize]));
        self.gains.clear();
        self.gains.extend(self.order.iter().map(gain));
        true
    }

    fn dcg(&self) -> f64 {
        self.gains.iter().zip(&self.discounts).map(|(gain, discount)| gain * discount).sum()
    }

    /// How much NDCG changes if two places change their rows.
    fn change(&self, first: usize, second: usize) -> f64 {
        let gain = self.gains[first] - self.gains[second];
        (gain * (self.discounts[first] - self.discounts[second])).abs() / self.best
    }
}

pub(super) fn derivatives_into(
    truncation: usize,
    scores: &[f64],
    rows: LossRows<'_>,
    out: &mut [Derivatives],
) {
    out.fill([0.0; 2]);
    let mut ranking = Ranking::new(truncation, scores, rows.targets);
    for group in rows.groups.into_iter().flat_map(Groups::iter) {
        if !ranking.begin(group) {
            continue;
        }
        let Ranking { order, gains, .. } = &ranking;
        for first in 0..order.len().min(truncation) {
            for second in first + 1..order.len() {
                if gains[first] == gains[second] {
                    continue;
                }
                let change = ranking.change(first, second);
                let in_order = gains[first] > gains[second];
                let (better, worse) = if in_order { (first, second) } else { (second, first) };
                let (better, worse) = (order[better] as usize, order[worse] as usize);
                // The chance given to the wrong order.
                let wrong = 1.0 / (1.0 + (scores[better] - scores[worse]).exp());
                let (gradient, hessian) = (change * wrong, change * wrong * (1.0 - wrong));
                out[better] = [out[better][0] - gradient, out[better][1] + hessian];
                out[worse] = [out[worse][0] + gradient, out[worse][1] + hessian];
            }
        }
    }
    for ([gradient, hessian], weight) in out.iter_mut().zip(rows.weights) {
        *gradient *= weight;
        *hessian *= weight;
    }
}

/// 1 less the mean NDCG of the groups in which rows differ, each with its rows' mean weight.
pub(super) fn mean(truncation: usize, scores: &[f64], rows: LossRows<'_>) -> f64 {
    let mut ranking = Ranking::new(truncation, scores, rows.targets);
    let (mut sum, mut total) = (0.0, 0.0);
    for group in rows.groups.into_iter().flat_map(Groups::iter) {
        if !ranking.begin(group) {
            continue;
        }
        let weight: f64 = group.iter().map(|row| rows.weights[*row as usize]).sum();
        let weight = weight / group.len() as f64;
        sum += weight * (1.0 - ranking.dcg() / ranking.best);
        total += weight;
    }
    if total > 0.0 { sum / total } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_pair_by_hand() {
        // Equal scores: row 0 stands first, wrongly. Gains 0 and 3, discounts 1 and 1 / log2(3).
        let (targets, weights) = ([0.0, 2.0], [1.0, 2.0]);
        let groups = Groups::new(&[5, 5]);
        let rows = LossRows::new(&targets, &weights).with_groups(Some(&groups));
        let mut d = [[0.0; 2]; 2];
        derivatives_into(30, &[0.5, 0.5], rows, &mut d);
        let change = 1.0 - 1.0 / 3.0_f64.log2();
        let expected = [[change / 2.0, change / 4.0], [-change, change / 2.0]];
        for (got, expected) in d.iter().flatten().zip(expected.iter().flatten()) {
            assert!((got - expected).abs() < 1e-15, "{d:?}");
        }
        assert!((mean(30, &[0.5, 0.5], rows) - change).abs() < 1e-15);
        assert_eq!(mean(30, &[0.5, 0.6], rows), 0.0);
    }

    /// NDCG of rows in an order, from its definition.
    fn ndcg(truncation: usize, order: &[usize], targets: &[f64]) -> f64 {
        let dcg = |order: &[usize]| -> f64 {
            let places = order.iter().take(truncation).enumerate();
            places.map(|(i, row)| (2_f64.powf(targets[*row]) - 1.0) / ((i + 2) as f64).log2()).sum()
        };
        let mut best = order.to_vec();
        best.sort_by(|a, b| targets[*b].total_cmp(&targets[*a]));
        dcg(order) / dcg(&best)
    }

    proptest! {
        /// Against places changed one pair after the other, and NDCG computed anew.
        #[test]
        fn every_pair_counts_what_ndcg_changes(
            rows in prop::collection::vec((0_u8..4, -2.0_f64..2.0), 2..9),
            truncation in 1_usize..6,
        ) {
            let targets: Vec<f64> = rows.iter().map(|(y, _)| f64::from(*y)).collect();
            let scores: Vec<f64> = rows.iter().map(|(_, s)| *s).collect();
            prop_assume!(targets.iter().any(|y| *y != targets[0]));
            let n = targets.len();
            let mut order: Vec<usize> = (0..n).collect();
            order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
            let at = ndcg(truncation, &order, &targets);
            let mut expected = vec![[0.0; 2]; n];
            for i in 0..n {
                for j in 0..n {
                    let (better, worse) = (order[i], order[j]);
                    if targets[better] <= targets[worse] {
                        continue;
                    }
                    let mut changed = order.clone();
                    changed.swap(i, j);
                    let change = (ndcg(truncation, &changed, &targets) - at).abs();
                    let wrong = 1.0 / (1.0 + (scores[better] - scores[worse]).exp());
                    expected[better][0] -= change * wrong;
                    expected[worse][0] += change * wrong;
                    expected[better][1] += change * wrong * (1.0 - wrong);
                    expected[worse][1] += change * wrong * (1.0 - wrong);
                }
            }
            let (weights, groups) = (vec![1.0; n], Groups::new(&vec![3; n]));
            let rows = LossRows::new(&targets, &weights).with_groups(Some(&groups));
            let mut got = vec![[0.0; 2]; n];
            derivatives_into(truncation, &scores, rows, &mut got);
            for (got, expected) in got.iter().flatten().zip(expected.iter().flatten()) {
                prop_assert!((got - expected).abs() < 1e-12, "{got} {expected}");
            }
            prop_assert!((mean(truncation, &scores, rows) - (1.0 - at)).abs() < 1e-12);
        }
    }
}
