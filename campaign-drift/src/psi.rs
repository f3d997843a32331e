//! The population stability index.

use crate::effect::quantile;

/// The population stability index of two sorted samples over `bins` bins that hold equal shares of
/// the reference: `sum (c - r) ln(c / r)` over the bins' shares `r` and `c`.
///
/// Half a value is added to every bin of both samples, so that an empty bin gives a large number
/// rather than an infinite one; the index of small samples is therefore not 0 even where nothing
/// changed. A reference with few distinct values has fewer bins. `None` for an empty sample or fewer
/// than two bins asked for.
///
/// # Allocation
/// Two lists of `bins` numbers.
///
/// # Examples
/// ```
/// use campaign_drift::psi::population_stability_index;
/// let reference: Vec<f64> = (0..1000).map(f64::from).collect();
/// let current: Vec<f64> = (200..1200).map(f64::from).collect();
/// let index = population_stability_index(&reference, &current, 10);
/// assert!(index.is_some_and(|i| i > 0.25));
/// ```
///
/// # Source
/// Siddiqi (2006); Jeffreys' divergence (1946) of the binned shares.
#[must_use]
pub fn population_stability_index(reference: &[f64], current: &[f64], bins: usize) -> Option<f64> {
    if bins < 2 || reference.is_empty() || current.is_empty() {
        return None;
    }
    let mut edges = Vec::with_capacity(bins - 1);
    for k in 1..bins {
        edges.push(quantile(reference, k as f64 / bins as f64)?);
    }
    edges.dedup();
    Some(divergence(&counts(reference, &edges), &counts(current, &edges)))
}

/// Values up to each edge and above the last.
fn counts(sorted: &[f64], edges: &[f64]) -> Vec<usize> {
    let mut counts = Vec::with_capacity(edges.len() + 1);
    let mut before = 0;
    for edge in edges {
        let up_to = sorted.partition_point(|v| v <= edge);
        counts.push(up_to - before);
        before = up_to;
    }
    counts.push(sorted.len() - before);
    counts
}

/// The index from counts per bin.
pub(crate) fn divergence(reference: &[usize], current: &[usize]) -> f64 {
    let share = |counts: &[usize], count: usize| {
        let total: usize = counts.iter().sum();
        (count as f64 + 0.5) / (total as f64 + 0.5 * counts.len() as f64)
    };
    let terms = reference.iter().zip(current).map(|(&r, &c)| {
        let (r, c) = (share(reference, r), share(current, c));
        (c - r) * (c / r).ln()
    });
    terms.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_by_hand() {
        // Counts 2, 2 against 0, 4, half a value added: shares 1/2, 1/2 and 1/10, 9/10.
        let expected = -0.4 * 0.2_f64.ln() + 0.4 * 1.8_f64.ln();
        let index = population_stability_index(&[1.0, 2.0, 3.0, 4.0], &[5.0; 4], 2);
        assert!(index.is_some_and(|i| (i - expected).abs() < 1e-15), "{index:?}");
        let same = population_stability_index(&[1.0, 1.0, 1.0], &[1.0, 1.0, 1.0], 10);
        assert_eq!(same, Some(0.0));
        assert_eq!(population_stability_index(&[], &[1.0], 10), None);
        assert_eq!(population_stability_index(&[1.0], &[1.0], 1), None);
    }
}
