//! Means over seeds and how sure they are.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// A mean with its 95 % confidence interval; the ends are unknown with fewer than two values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The mean.
    pub mean: f64,
    /// The lower end.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
}

impl Interval {
    fn around(mean: f64, error: Option<f64>) -> Self {
        Self { mean, low: error.map(|e| mean - e), high: error.map(|e| mean + e) }
    }
}

/// The mean of independent values: Student's t with one degree of freedom less than values.
///
/// Without values the mean is no number.
#[must_use]
pub fn mean_interval(values: &[f64]) -> Interval {
    let mean = mean(values);
    Interval::around(mean, half_width(values.iter().map(|v| v - mean)))
}

/// The ratio of the means of paired values, by the delta method: `Σa / Σb`, whose error is that of
/// the mean of `(aᵢ − ratio·bᵢ) / mean(b)`.
///
/// `None` if there are no pairs, or if the mean of `b` is not positive: a share of no gain means
/// nothing.
///
/// # Source
/// Cochran (1977), *Sampling Techniques*, 3rd ed., section 6.4.
#[must_use]
pub fn ratio_interval(a: &[f64], b: &[f64]) -> Option<Interval> {
    let (top, bottom) = (mean(a), mean(b));
    let positive = bottom > 0.0 && top.is_finite();
    positive.then(|| {
        let ratio = top / bottom;
        let residuals = a.iter().zip(b).map(|(a, b)| (a - ratio * b) / bottom);
        Interval::around(ratio, half_width(residuals))
    })
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Half the width of the interval, given residuals whose mean is 0.
fn half_width(residuals: impl ExactSizeIterator<Item = f64>) -> Option<f64> {
    let n = residuals.len();
    let freedom = n.checked_sub(1).filter(|freedom| *freedom > 0)? as f64;
    let variance = residuals.map(|r| r * r).sum::<f64>() / freedom;
    let t = StudentsT::new(0.0, 1.0, freedom).ok()?.inverse_cdf(0.975);
    Some(t * (variance / n as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_scipy() {
        // scipy.stats.t.interval(0.95, 4, loc=x.mean(), scale=scipy.stats.sem(x)).
        let found = mean_interval(&[2.1, 2.5, 1.9, 2.8, 2.2]);
        assert!((found.mean - 2.3).abs() < 1e-12);
        assert!((found.low.unwrap() - 1.861_005_483_457_255_8).abs() < 1e-9, "{found:?}");
        assert!((found.high.unwrap() - 2.738_994_516_542_541).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn ratios_by_hand() {
        // Proportional pairs leave nothing to chance.
        let exact = ratio_interval(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]).unwrap();
        assert_eq!((exact.mean, exact.low, exact.high), (0.5, Some(0.5), Some(0.5)));
        // Residuals ∓1/4: sample variance 1/8, error √(1/16) = 1/4, t(0.975, 1) = 12.7062047362.
        let two = ratio_interval(&[0.0, 2.0], &[2.0, 2.0]).unwrap();
        assert_eq!(two.mean, 0.5);
        assert!((two.high.unwrap() - (0.5 + 12.706_204_736_2 * 0.5)).abs() < 1e-6, "{two:?}");
    }

    #[test]
    fn too_little_to_tell() {
        assert_eq!(mean_interval(&[1.5]), Interval { mean: 1.5, low: None, high: None });
        assert!(mean_interval(&[]).mean.is_nan());
        assert_eq!(ratio_interval(&[], &[]), None);
        assert_eq!(ratio_interval(&[1.0], &[0.0]), None);
        assert_eq!(ratio_interval(&[1.0], &[-1.0]), None);
    }
}
