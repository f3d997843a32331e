//! Kernel: the probability of being the best of K Beta posteriors, and what choosing each would lose.

use super::beta::{Logit, sigmoid};
use super::quadrature::{N, rule};

/// One arm in the quadrature: its law, its distribution function so far, and its values at the nodes
/// of the panel at hand.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    pub(crate) law: Logit,
    below: f64,
    density: [f64; N],
    cdf: [f64; N],
    pub(crate) p_best: f64,
    pub(crate) loss: f64,
}

impl Lane {
    pub(crate) fn new(law: Logit) -> Self {
        Self { law, below: 0.0, density: [0.0; N], cdf: [0.0; N], p_best: 0.0, loss: 0.0 }
    }
}

/// Fills `p_best` and `loss` of every lane:
/// `P(arm i is best) = int f_i prod_{j != i} F_j dy` and
/// `E[max - theta_i] = int F_i (1 - prod_{j != i} F_j) dx`, whose integrands are never negative.
///
/// Allocates nothing.
pub(crate) fn compare(lanes: &mut [Lane]) {
    let rule = rule();
    // Below the lowest value of some arm the product of the distribution functions is 0.
    let low = lanes.iter().map(|l| l.law.lo).fold(f64::NEG_INFINITY, f64::max);
    let high = lanes.iter().map(|l| l.law.hi).fold(f64::NEG_INFINITY, f64::max);
    let x_low = sigmoid(low);
    for lane in lanes.iter_mut() {
        let law = lane.law;
        (lane.p_best, lane.loss) = (0.0, 0.0);
        if law.hi <= low {
            lane.below = 1.0;
            lane.loss = x_low - law.a / (law.a + law.b);
        } else if low <= law.mode {
            (lane.below, lane.loss) = law.beyond(low, false, |y| x_low - sigmoid(y));
        } else {
            let (above, moment) = law.beyond(low, true, |y| sigmoid(y) - x_low);
            lane.below = (1.0 - above).max(0.0);
            lane.loss = x_low - law.a / (law.a + law.b) + moment;
        }
    }
    let mut start = low;
    while start < high {
        let width = lanes
            .iter()
            .filter(|l| start < l.law.hi)
            .map(|l| l.law.width(start, 1.0))
            .fold(high - start, f64::min);
        let half = 0.5 * width;
        let middle = start + half;
        for lane in lanes.iter_mut() {
            fill(lane, start, middle, half);
        }
        for m in 0..N {
            accumulate(lanes, m, half * rule.weight[m], middle + half * rule.node[m]);
        }
        // A width below the spacing of numbers cannot move `start`; nothing is left to add then.
        if start + width <= start {
            break;
        }
        start += width;
    }
    for lane in lanes {
        lane.p_best = lane.p_best.clamp(0.0, 1.0);
        lane.loss = lane.loss.max(0.0);
    }
}

/// Density and distribution function of one arm at the nodes of a panel.
fn fill(lane: &mut Lane, start: f64, middle: f64, half: f64) {
    if start >= lane.law.hi {
        lane.density = [0.0; N];
        lane.cdf = [1.0; N];
        return;
    }
    let rule = rule();
    for (density, node) in lane.density.iter_mut().zip(&rule.node) {
        *density = lane.law.density(middle + half * node);
    }
    let dot =
        |weights: &[f64; N]| -> f64 { weights.iter().zip(&lane.density).map(|(w, f)| w * f).sum() };
    for (cdf, weights) in lane.cdf.iter_mut().zip(&rule.running) {
        *cdf = (lane.below + half * dot(weights)).clamp(0.0, 1.0);
    }
    lane.below = (lane.below + half * dot(&rule.weight)).min(1.0);
}

/// Adds the contribution of node `m` to every lane.
fn accumulate(lanes: &mut [Lane], m: usize, weight: f64, y: f64) {
    let x = sigmoid(y);
    let dx = weight * x * (1.0 - x);
    let all: f64 = lanes.iter().map(|l| l.cdf[m]).product();
    if all > 0.0 {
        // No factor is 0, so each may be divided out.
        for lane in lanes {
            let others = (all / lane.cdf[m]).min(1.0);
            lane.p_best += weight * lane.density[m] * others;
            lane.loss += dx * lane.cdf[m] * (1.0 - others);
        }
        return;
    }
    for i in 0..lanes.len() {
        let others: f64 =
            lanes.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, l)| l.cdf[m]).product();
        let lane = &mut lanes[i];
        lane.p_best += weight * lane.density[m] * others;
        lane.loss += dx * lane.cdf[m] * (1.0 - others);
    }
}
