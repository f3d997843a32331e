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

    #[test]
    fn reference_numbers() {
        // Hanley & McNeil 1982: AUC 0.893 of 58 normal and 51 abnormal images has error 0.032.
        assert!((auc_error(0.893, 51.0, 58.0) - 0.032).abs() < 5e-4);
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
