//! The negative Bernoulli log-likelihood, which for fractions is the cross-entropy.

use super::{Derivatives, Link, LossRows, rowwise};

/// Bound of the first score's probability away from 0 and 1, where the log-odds are infinite.
const MARGIN: f64 = 1e-9;

pub(super) fn derivatives_into(scores: &[f64], rows: LossRows<'_>, out: &mut [Derivatives]) {
    rowwise::derivatives(scores, rows, out, |s, y| {
        let p = Link::Logit.prediction(s);
        [p - y, p * (1.0 - p)]
    });
}

pub(super) fn mean(scores: &[f64], rows: LossRows<'_>) -> f64 {
    // ln(1 + e^s) without overflow for large s.
    rowwise::mean(scores, rows, |s, y| s.max(0.0) + (-s.abs()).exp().ln_1p() - y * s)
}

/// The constant at which the mean probability is the mean target.
pub(super) fn best_constant(scores: &[f64], rows: LossRows<'_>) -> f64 {
    let wanted = rowwise::mean(scores, rows, |_, y| y).clamp(MARGIN, 1.0 - MARGIN);
    let log_odds = (wanted / (1.0 - wanted)).ln();
    // Without offsets all scores are equal, and both ends of the range are the answer.
    let (low, high) = rowwise::range(scores.iter().copied());
    rowwise::root((log_odds - high, log_odds - low), |constant| {
        rowwise::mean(scores, rows, |s, _| Link::Logit.prediction(s + constant)) - wanted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_overflow_and_no_infinite_log_odds() {
        let at = |score: f64, target: f64| mean(&[score], LossRows::new(&[target], &[1.0]));
        assert_eq!((at(1e4, 0.0), at(-1e4, 0.0), at(1e4, 1.0)), (1e4, 0.0, 0.0));
        let base = best_constant(&[0.0, 0.0], LossRows::new(&[0.0, 0.0], &[1.0, 1.0]));
        assert!((Link::Logit.prediction(base) - MARGIN).abs() < 1e-15);
    }
}
