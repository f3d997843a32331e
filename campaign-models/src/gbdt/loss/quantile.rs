//! The pinball loss, whose best constant is a quantile (Koenker & Bassett 1978).

use super::{Derivatives, LossRows, rowwise};

pub(super) fn derivatives_into(
    level: f64,
    scores: &[f64],
    rows: LossRows<'_>,
    out: &mut [Derivatives],
) {
    rowwise::derivatives(scores, rows, out, |s, y| [if y > s { -level } else { 1.0 - level }, 1.0]);
}

pub(super) fn mean(level: f64, scores: &[f64], rows: LossRows<'_>) -> f64 {
    rowwise::mean(
        scores,
        rows,
        |s, y| if y > s { level * (y - s) } else { (1.0 - level) * (s - y) },
    )
}

/// The smallest difference of target and score that is not below a share `level` of the weight.
pub(super) fn best_constant(level: f64, scores: &[f64], rows: LossRows<'_>) -> f64 {
    let residuals = rows.targets.iter().zip(scores).map(|(y, s)| y - s);
    let mut pairs: Vec<(f64, f64)> = residuals.zip(rows.weights.iter().copied()).collect();
    weighted_quantile(level, &mut pairs)
}

/// Of values and their weights, which it reorders: a selection that halves what is left each time.
fn weighted_quantile(level: f64, pairs: &mut [(f64, f64)]) -> f64 {
    let mut wanted = level * pairs.iter().map(|(_, weight)| weight).sum::<f64>();
    let mut left = pairs;
    while left.len() > 1 {
        let middle = left.len() / 2;
        let (below, at, _) = left.select_nth_unstable_by(middle, |a, b| a.0.total_cmp(&b.0));
        let at = *at;
        let lower: f64 = below.iter().map(|(_, weight)| weight).sum();
        if wanted <= lower {
            left = &mut left[..middle];
        } else if wanted <= lower + at.1 {
            return at.0;
        } else {
            wanted -= lower + at.1;
            left = &mut left[middle + 1..];
        }
    }
    // Rounding may leave nothing: then it is the last that was looked at.
    left.first().map_or(0.0, |(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quantiles_by_hand() {
        let unit = |values: &[f64]| values.iter().map(|v| (*v, 1.0)).collect::<Vec<_>>();
        let ten: Vec<f64> = (1..=10).rev().map(f64::from).collect();
        assert_eq!(weighted_quantile(0.9, &mut unit(&ten)), 9.0);
        assert_eq!(weighted_quantile(0.5, &mut unit(&ten)), 5.0);
        assert_eq!(weighted_quantile(0.01, &mut unit(&ten)), 1.0);
        assert_eq!(weighted_quantile(0.99, &mut unit(&ten)), 10.0);
        assert_eq!(weighted_quantile(0.5, &mut [(1.0, 8.0), (2.0, 1.0), (3.0, 1.0)]), 1.0);
    }

    proptest! {
        /// Against a search over all values: none has a smaller pinball loss.
        #[test]
        fn no_value_does_better(
            rows in prop::collection::vec((-20_i32..20, 1_u32..5), 1..60),
            level in 0.02_f64..0.98,
        ) {
            let targets: Vec<f64> = rows.iter().map(|(y, _)| f64::from(*y)).collect();
            let weights: Vec<f64> = rows.iter().map(|(_, w)| f64::from(*w)).collect();
            let rows = LossRows::new(&targets, &weights);
            let scores = vec![0.5; targets.len()];
            let at = |c: f64| mean(level, &vec![0.5 + c; targets.len()], rows);
            let best = at(best_constant(level, &scores, rows));
            for y in &targets {
                prop_assert!(best <= at(y - 0.5) + 1e-12);
            }
        }
    }
}
