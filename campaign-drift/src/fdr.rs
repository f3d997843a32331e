//! The false discovery rate of many tests at once.

use crate::error::DriftError;

/// Benjamini-Hochberg adjusted p-values, in the order of the input: rejecting those of at most `q`
/// keeps the expected share of false rejections at or below `q`, for independent or positively
/// dependent tests.
///
/// # Errors
/// [`DriftError::PValue`] for a value outside `0..=1`.
///
/// # Allocation
/// The answer and an order.
///
/// # Complexity
/// `O(k log k)`.
///
/// # Examples
/// ```
/// use campaign_drift::fdr::benjamini_hochberg;
/// assert_eq!(benjamini_hochberg(&[0.01, 0.5, 0.02])?, [0.03, 0.5, 0.03]);
/// # Ok::<(), campaign_drift::DriftError>(())
/// ```
///
/// # Source
/// Benjamini and Hochberg (1995), in the step-up form `min over j >= i of p_(j) k / j`.
pub fn benjamini_hochberg(p_values: &[f64]) -> Result<Vec<f64>, DriftError> {
    if let Some((index, &value)) =
        p_values.iter().enumerate().find(|(_, p)| !(0.0..=1.0).contains(*p))
    {
        return Err(DriftError::PValue { index, value });
    }
    let mut order: Vec<(usize, f64)> = p_values.iter().copied().enumerate().collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    let count = p_values.len() as f64;
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least = 1.0_f64;
    for (rank, (index, p)) in order.iter().enumerate().rev() {
        least = least.min(p * count / (rank + 1) as f64);
        if let Some(cell) = adjusted.get_mut(*index) {
            *cell = least;
        }
    }
    Ok(adjusted)
}

/// As [`benjamini_hochberg`], of named tests; the answer is in the order of the input.
///
/// # Errors
/// As [`benjamini_hochberg`], and [`DriftError::DuplicateFeature`] for a name that occurs twice.
pub fn benjamini_hochberg_by_name<'a>(
    tests: &[(&'a str, f64)],
) -> Result<Vec<(&'a str, f64)>, DriftError> {
    let mut names: Vec<&str> = tests.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    if let Some([name, _]) = names.array_windows().find(|[a, b]| a == b) {
        return Err(DriftError::DuplicateFeature((*name).to_owned()));
    }
    let p: Vec<f64> = tests.iter().map(|(_, p)| *p).collect();
    let adjusted = benjamini_hochberg(&p)?;
    Ok(tests.iter().map(|(name, _)| *name).zip(adjusted).collect())
}
