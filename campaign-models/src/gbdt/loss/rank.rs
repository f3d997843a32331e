//! LambdaRank: scores that put the better rows of a group first.
//!
//! Of two rows of a group with different targets, the loss is `ln(1 + e^(s_worse - s_better))` times
//! how much NDCG changes if the two change places (Burges 2010, "From RankNet to LambdaRank to
//! LambdaMART", 4). Pairs count if at least one of them is among the first `truncation`. A row's gain
//! is `2^y - 1`, its discount at place `i` from 0 is `1 / log2(i + 2)`. A group's derivatives are
//! divided by the best DCG it can have, so that groups count alike.

use super::{Derivatives, LossRows};

/// The largest target: its gain is 2^31.
const MAX: f64 = 31.0;

pub(super) fn refuses(target: f64) -> Option<&'static str> {
    (!(0.0..=MAX).contains(&target)).then_some("a number between 0 and 31")
}

fn gain(target: f64) -> f64 {
    target.exp2() - 1.0
}

fn discount(place: usize) -> f64 {
    1.0 / ((place + 2) as f64).log2()
}

/// The sum of discounted gains of the first places, in this order.
fn dcg(truncation: usize, gains: impl Iterator<Item = f64>) -> f64 {
    gains.take(truncation).enumerate().map(|(place, gain)| gain * discount(place)).sum()
}

/// One group at a time, with room for its places.
struct Ranking<'a> {
    scores: &'a [f64],
    targets: &'a [f64],
    truncation: usize,
    /// Rows of a group by score, the best first; of equal ones the earlier.
    order: Vec<u32>,
    gains: Vec<f64>,
}

impl<'a> Ranking<'a> {
    fn new(truncation: usize, scores: &'a [f64], rows: LossRows<'a>) -> Self {
        Self { scores, targets: rows.targets, truncation, order: Vec::new(), gains: Vec::new() }
    }

    /// The best DCG of the group; `None` where no order is better than another.
    fn begin(&mut self, group: &[u32]) -> Option<f64> {
        self.gains.clear();
        self.gains.extend(group.iter().map(|row| gain(self.targets[*row as usize])));
        self.gains.sort_unstable_by(|a, b| b.total_cmp(a));
        if self.gains.first() == self.gains.last() {
            return None;
        }
        self.order.clear();
        self.order.extend_from_slice(group);
        let score = |row: &u32| self.scores[*row as usize];
        self.order.sort_by(|a, b| score(b).total_cmp(&score(a)));
        Some(dcg(self.truncation, self.gains.iter().copied()))
    }

    fn gains_in_order(&self) -> impl Iterator<Item = f64> {
        self.order.iter().map(|row| gain(self.targets[*row as usize]))
    }
}

pub(super) fn derivatives_into(
    truncation: usize,
    scores: &[f64],
    rows: LossRows<'_>,
    out: &mut [Derivatives],
) {
    out.fill([0.0; 2]);
    let mut ranking = Ranking::new(truncation, scores, rows);
    for group in rows.groups.into_iter().flat_map(super::Groups::iter) {
        let Some(best) = ranking.begin(group) else { continue };
        let gains: Vec<f64> = ranking.gains_in_order().collect();
        let order = &ranking.order;
        for first in 0..order.len().min(truncation) {
            for second in first + 1..order.len() {
                if gains[first] == gains[second] {
                    continue;
                }
                let change = (gains[first] - gains[second]).abs()
                    * (discount(first) - discount(second))
                    / best;
                let (better, worse) =
                    if gains[first] > gains[second] { (first, second) } else { (second, first) };
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
    let mut ranking = Ranking::new(truncation, scores, rows);
    let (mut sum, mut total) = (0.0, 0.0);
    for group in rows.groups.into_iter().flat_map(super::Groups::iter) {
        let Some(best) = ranking.begin(group) else { continue };
        let weight: f64 = group.iter().map(|row| rows.weights[*row as usize]).sum();
        let weight = weight / group.len() as f64;
        sum += weight * (1.0 - dcg(truncation, ranking.gains_in_order()) / best);
        total += weight;
    }
    if total > 0.0 { sum / total } else { 0.0 }
}
