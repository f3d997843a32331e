//! Impressions beyond a frequency cap.

use super::error::{TransformError, parameter};

/// The share of impressions beyond the cap: Σ max(f − cap, 0) n_f / Σ f n_f, where n_f people saw f
/// impressions; `people[0]` saw one. NaN without impressions.
///
/// # Examples
/// ```
/// use campaign_features::feature::transform::cap::share_above;
/// // Ten people saw one impression, one saw five: two of fifteen are beyond three.
/// assert_eq!(share_above(&[10, 0, 0, 0, 1], 3), 2.0 / 15.0);
/// ```
#[must_use]
pub fn share_above(people: &[u64], cap: u32) -> f64 {
    let (mut above, mut all) = (0_u128, 0_u128);
    // Neither can overflow: a slice is shorter than 2^63, a count below 2^64.
    for (frequency, &people) in (1_u64..).zip(people) {
        all = all.saturating_add(u128::from(frequency) * u128::from(people));
        let over = frequency.saturating_sub(u64::from(cap));
        above = above.saturating_add(u128::from(over) * u128::from(people));
    }
    above as f64 / all as f64
}

/// Impressions per person, gamma-distributed from person to person: the Poisson-gamma law, where only
/// totals and no histogram is known.
///
/// P(0) = (1 + m / k)^(−k), P(x + 1) = P(x) (k + x) / (x + 1) · m / (k + m), for a mean m over the whole
/// audience, reached or not, and a shape k: the smaller, the more the few see the most.
///
/// # Source
/// Ehrenberg (1959), "The pattern of consumer purchases" (the negative binomial law); Goerg (2014),
/// "Estimating reach curves from one data point" (its use for reach and frequency).
///
/// # Examples
/// ```
/// use campaign_features::feature::transform::cap::Exposures;
/// let law = Exposures::from_frequency(2.5, 0.8)?;
/// assert!((law.frequency() - 2.5).abs() < 1e-12);
/// assert!(law.share_above(3) < law.share_above(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exposures {
    mean: f64,
    shape: f64,
}

impl Exposures {
    /// A mean per person of the audience, and a shape.
    ///
    /// # Errors
    /// [`TransformError::Parameter`] unless the mean is within 1e-9 to 1e6, the shape within 1e-3 to 1e6.
    pub fn new(mean: f64, shape: f64) -> Result<Self, TransformError> {
        parameter("mean", mean, (1e-9..=1e6).contains(&mean), "1e-9 to 1e6")?;
        parameter("shape", shape, (1e-3..=1e6).contains(&shape), "1e-3 to 1e6")?;
        Ok(Self { mean, shape })
    }

    /// The law with a given frequency (impressions per person reached) and shape, found by bisection.
    ///
    /// # Errors
    /// [`TransformError::Parameter`] unless a mean within the bounds of [`new`](Self::new) has that
    /// frequency; a frequency of 1 or less has none.
    pub fn from_frequency(frequency: f64, shape: f64) -> Result<Self, TransformError> {
        let (mut low, mut high) = (Self::new(1e-9, shape)?, Self::new(1e6, shape)?);
        let valid = frequency > low.frequency() && frequency <= high.frequency();
        parameter("frequency", frequency, valid, "above 1, and not beyond a mean of 1e6")?;
        // The frequency grows with the mean; halving in logarithms, to the last bit.
        for _ in 0..200 {
            let middle = Self::new((low.mean * high.mean).sqrt(), shape)?;
            if middle.frequency() < frequency { low = middle } else { high = middle }
        }
        Ok(high)
    }

    /// Mean impressions per person of the audience.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// The share of the audience reached at least once.
    #[must_use]
    pub fn reached(&self) -> f64 {
        -(-self.shape * (self.mean / self.shape).ln_1p()).exp_m1()
    }

    /// Impressions per person reached.
    #[must_use]
    pub fn frequency(&self) -> f64 {
        self.mean / self.reached()
    }

    /// The share of impressions beyond the cap: 1 − Σ over x < cap of P(X > x) / m.
    ///
    /// # Complexity
    /// O(cap).
    #[must_use]
    pub fn share_above(&self, cap: u32) -> f64 {
        let (m, k) = (self.mean, self.shape);
        let mut beyond = self.reached();
        let mut mass = 1.0 - beyond;
        let mut below = 0.0;
        for x in 0..cap {
            below += beyond;
            mass *= (k + f64::from(x)) / (f64::from(x) + 1.0) * (m / (k + m));
            beyond = (beyond - mass).max(0.0);
            if beyond == 0.0 {
                break;
            }
        }
        (1.0 - below / m).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histograms() {
        assert!(share_above(&[], 1).is_nan() && share_above(&[0, 0], 1).is_nan());
        assert_eq!(share_above(&[1, 2, 3], 0), 1.0);
        assert_eq!(share_above(&[5], 1), 0.0);
        assert_eq!(share_above(&[0, 0, 1], 1), 2.0 / 3.0);
        assert_eq!(share_above(&[u64::MAX, u64::MAX], 1), 1.0 / 3.0);
    }

    #[test]
    fn bad_parameters() {
        for (mean, shape) in [(0.0, 1.0), (f64::NAN, 1.0), (1.0, 0.0), (1.0, f64::INFINITY)] {
            assert!(Exposures::new(mean, shape).is_err(), "{mean} {shape}");
        }
        for frequency in [0.5, 1.0, f64::NAN, f64::INFINITY, 1e300] {
            assert!(Exposures::from_frequency(frequency, 1.0).is_err(), "{frequency}");
        }
    }

    #[test]
    fn edges() {
        let law = Exposures::new(3.0, 1.0).unwrap();
        assert_eq!(law.share_above(0), 1.0);
        assert!(law.share_above(u32::MAX) < 1e-12);
        // Geometric: P(X > x) = (3/4)^(x + 1).
        assert!((law.share_above(4) - 0.75_f64.powi(4)).abs() < 1e-14);
    }
}
