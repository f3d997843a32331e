//! How far estimates may be from what they estimate, as pure functions.

/// Standard error of an area under the ROC curve.
///
/// # Source
/// Hanley & McNeil 1982, eq. 1-2.
pub(super) fn auc_error(auc: f64, positives: f64, negatives: f64) -> f64 {
    let q1 = auc / (2.0 - auc);
    let q2 = 2.0 * auc * auc / (1.0 + auc);
    let variance = auc * (1.0 - auc)
        + (positives - 1.0) * (q1 - auc * auc)
        + (negatives - 1.0) * (q2 - auc * auc);
    (variance.max(0.0) / (positives * negatives)).sqrt()
}

/// Lower end of the Wilson interval of a share, `z` standard errors wide on each side.
pub(super) fn wilson_low(hits: f64, of: f64, z: f64) -> f64 {
    if of <= 0.0 {
        return 0.0;
    }
    let (p, z2) = (hits / of, z * z);
    let middle = p + z2 / (2.0 * of);
    let half = z * (p * (1.0 - p) / of + z2 / (4.0 * of * of)).sqrt();
    (middle - half) / (1.0 + z2 / of)
}

/// Bound on the probability, as minus its logarithm, of at least `count` rare events where `mean` are
/// expected.
///
/// # Source
/// Chernoff 1952, for the Poisson distribution.
pub(super) fn surprise(count: f64, mean: f64) -> f64 {
    if count <= mean { 0.0 } else { count * (count / mean).ln() - count + mean }
}

/// Coefficient of determination's standard error.
///
/// # Source
/// Olkin & Finn 1995, large samples.
pub(super) fn determination_error(r2: f64, rows: f64) -> f64 {
    (4.0 * r2.max(0.0)).sqrt() * (1.0 - r2) / rows.sqrt()
}

/// Each value's place among the sorted ones, 0 to 1, ties sharing theirs.
pub(super) fn midranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut place = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let middle = place as f64 + tied.len() as f64 / 2.0;
        tied.iter().for_each(|&row| ranks[row] = middle / values.len() as f64);
        place += tied.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Metric;
    use campaign_core::rand::RngExt;
    use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

    /// Scores with exponential distributions, for which the formula is exact: with rates 1 and `r` the
    /// AUC is `1 / (1 + r)`.
    #[test]
    fn the_error_of_an_auc_is_its_spread() {
        let (rate, n, sims) = (0.12, 60, 3_000);
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        let y: Vec<f64> = (0..n).map(|i| f64::from(i % 3 == 0)).collect();
        let (mut sum, mut squares) = (0.0, 0.0);
        for _ in 0..sims {
            let mut score = |y: &f64| {
                let unit = -(1.0 - rng.random::<f64>()).ln();
                if *y == 1.0 { unit / rate } else { unit }
            };
            let scores: Vec<f64> = y.iter().map(&mut score).collect();
            let auc = Metric::Auc.evaluate(&y, &scores, None).unwrap();
            sum += auc;
            squares += auc * auc;
        }
        let n = f64::from(sims);
        let (mean, auc) = (sum / n, 1.0 / (1.0 + rate));
        let spread = (squares / n - mean * mean).sqrt();
        let error = auc_error(auc, 20.0, 40.0);
        assert!((mean - auc).abs() < 4.0 * error / n.sqrt(), "{mean} {auc}");
        // A standard deviation of 3,000 draws has a relative error of about 1.3 %, more with long
        // tails.
        assert!((spread / error - 1.0).abs() < 0.06, "{spread} {error}");
    }

    #[test]
    fn reference_numbers() {
        // R: binom::binom.wilson(8, 10) gives 0.4901625 at 95 %.
        assert!((wilson_low(8.0, 10.0, 1.959964) - 0.4901625).abs() < 1e-6);
        assert_eq!(wilson_low(0.0, 0.0, 3.0), 0.0);
        assert_eq!(midranks(&[3.0, 1.0, 3.0, 2.0]), [0.75, 0.125, 0.75, 0.375]);
    }

    #[test]
    fn the_bound_holds_against_the_poisson_tail() {
        for mean in [0.05, 1.0, 7.5] {
            let mut term = f64::exp(-mean);
            let mut below = 0.0;
            for count in 0..30 {
                let bound = (-surprise(f64::from(count), mean)).exp();
                assert!(bound >= 1.0 - below - 1e-12, "{count} of {mean}: {bound}");
                below += term;
                term *= mean / f64::from(count + 1);
            }
        }
        assert!(surprise(3.0, 0.05) > 9.2 && surprise(2.0, 0.05) < 9.2);
    }
}
