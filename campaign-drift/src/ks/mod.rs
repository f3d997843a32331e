//! The two-sample Kolmogorov-Smirnov test.
//!
//! | file | what it does |
//! |---|---|
//! | `statistic` | kernel: the statistic of two sorted samples, as an integer |
//! | `exact` | kernel: exact p-value by lattice paths |
//! | `asymptotic` | kernel: p-value of large samples |
//! | `stirling` | kernel: binomial probabilities |

mod asymptotic;
mod exact;
mod statistic;
mod stirling;

pub use asymptotic::one_sample_tail;
pub use statistic::distance;

use crate::error::{DriftError, check_sample, check_sorted};

/// Up to this sample size [`KsMethod::Auto`] is exact.
pub const MAX_AUTO_EXACT: usize = 10_000;

/// Largest least common multiple of the sizes for an exact p-value of samples of different size.
const MAX_LATTICE: u64 = i32::MAX as u64;

/// How the p-value is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum KsMethod {
    /// Exact up to [`MAX_AUTO_EXACT`] values in the larger sample, else asymptotic.
    #[default]
    Auto,
    /// From the exact law of samples without ties; conservative where there are ties.
    Exact,
    /// From the one-sample law at the size `n m / (n + m)`.
    Asymptotic,
}

/// What the test found.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct KsResult {
    /// The largest distance between the two empirical distribution functions, in `0..=1`. It is an
    /// effect size of its own: no event has shares in the two samples that differ by more, if the
    /// event is of the form "at most x".
    pub statistic: f64,
    /// Probability of a distance at least as large if both samples come from one continuous law.
    pub p_value: f64,
    /// Whether the p-value is exact.
    pub exact: bool,
    /// Size of the reference sample.
    pub n_reference: usize,
    /// Size of the current sample.
    pub n_current: usize,
}

/// Tests whether two samples come from one law, two-sided.
///
/// Statistic and p-value equal those of `scipy.stats.ks_2samp` with the same method.
///
/// # Errors
/// [`DriftError::Empty`], [`DriftError::NonFinite`] with the index of the value, and
/// [`DriftError::TooLarge`] for [`KsMethod::Exact`] beyond a lattice of 2^31 points.
///
/// # Allocation
/// A sorted copy of each sample; for an exact p-value of samples of different size two rows of the
/// smaller one.
///
/// # Complexity
/// `O(n log n + m log m)` and, where exact, at most `O(D n m)`.
///
/// # Examples
/// ```
/// use campaign_drift::{KsMethod, ks_two_sample};
/// let reference = [0.1, 0.4, 0.5, 0.9, 1.3, 1.6];
/// let current = [1.1, 1.2, 1.8, 2.0, 2.4];
/// let test = ks_two_sample(&reference, &current, KsMethod::Auto)?;
/// assert!((test.statistic - 4.0 / 6.0).abs() < 1e-15);
/// # assert!(test.exact && test.p_value > 0.05);
/// # Ok::<(), campaign_drift::DriftError>(())
/// ```
pub fn ks_two_sample(
    reference: &[f64],
    current: &[f64],
    method: KsMethod,
) -> Result<KsResult, DriftError> {
    check_sample("reference", reference)?;
    check_sample("current", current)?;
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        values
    };
    test(&sorted(reference), &sorted(current), method)
}

/// As [`ks_two_sample`], of samples that are sorted.
///
/// # Errors
/// As [`ks_two_sample`], and [`DriftError::Unsorted`].
pub fn ks_sorted(
    reference: &[f64],
    current: &[f64],
    method: KsMethod,
) -> Result<KsResult, DriftError> {
    for (what, values) in [("reference", reference), ("current", current)] {
        check_sample(what, values)?;
        check_sorted(what, values)?;
    }
    test(reference, current, method)
}

/// The test of samples that were checked.
pub(crate) fn test(
    reference: &[f64],
    current: &[f64],
    method: KsMethod,
) -> Result<KsResult, DriftError> {
    let (n, m) = (reference.len() as u64, current.len() as u64);
    let d = distance(reference, current);
    let statistic = d as f64 / (n as f64 * m as f64);
    let exact = match method {
        KsMethod::Auto => n.max(m) <= MAX_AUTO_EXACT as u64,
        KsMethod::Exact => true,
        KsMethod::Asymptotic => false,
    };
    let p_value = if exact {
        if n / statistic::gcd(n, m) > MAX_LATTICE / m {
            let (reference, current) = (reference.len(), current.len());
            return Err(DriftError::TooLarge { reference, current, limit: MAX_LATTICE });
        }
        let mut scratch = vec![0.0; exact::scratch_len(n, m)];
        exact::tail(n, m, d, &mut scratch)
    } else {
        // Two samples of one value have an effective size of 1/2, which rounds to no sample at all.
        let size = (n as f64 * m as f64 / (n as f64 + m as f64)).round_ties_even().max(1.0);
        one_sample_tail(size as u64, statistic)
    };
    Ok(KsResult {
        statistic,
        p_value,
        exact,
        n_reference: reference.len(),
        n_current: current.len(),
    })
}
