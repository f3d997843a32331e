//! How long and how often a creative has been shown.

use super::super::adstock::carry;
use super::super::error::{TransformError, parameter};

/// Whole days since the first impression, 0 on its day; NaN before it or without one.
///
/// # Examples
/// ```
/// use campaign_features::feature::transform::creative::fatigue::age_days;
/// assert_eq!(age_days(Some(20_570), 20_577), 7.0);
/// assert!(age_days(None, 20_577).is_nan());
/// ```
#[must_use]
pub fn age_days(first: Option<i32>, day: i32) -> f64 {
    match first {
        Some(first) if first <= day => f64::from(day) - f64::from(first),
        _ => f64::NAN,
    }
}

/// Impressions per person reached; NaN unless both are known, the reach is positive and the impressions
/// are not negative.
#[must_use]
pub fn frequency(impressions: f64, reach: f64) -> f64 {
    if reach > 0.0 && impressions >= 0.0 { impressions / reach } else { f64::NAN }
}

/// A rate of the last days over the rate of the first, drawn towards 1 where the last days are few:
/// `((num + p s) / (den + s)) / p` with `p = early_num / early_den` and s the strength in units of the
/// denominator.
///
/// Below 1 the creative does worse than when it was new. NaN if the early rate is not positive, or where
/// `den + s` is not.
#[must_use]
pub fn wear(recent: (f64, f64), early: (f64, f64), strength: f64) -> f64 {
    let prior = early.0 / early.1;
    let weight = recent.1 + strength;
    if prior > 0.0 && prior.is_finite() && weight > 0.0 {
        (recent.0 + prior * strength) / weight / prior
    } else {
        f64::NAN
    }
}

/// Exposure that is forgotten by half in a given number of days.
///
/// # Examples
/// ```
/// use campaign_features::feature::transform::creative::fatigue::Memory;
/// let memory = Memory::new(1.0, 3)?;
/// // 100 impressions three days ago, none, 10 yesterday.
/// assert!((memory.exposure(&[100.0, 0.0, 10.0]) - (25.0 + 10.0)).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Memory {
    weights: Vec<f64>,
}

impl Memory {
    /// A half-life in days, and how many days are looked back.
    ///
    /// # Errors
    /// [`TransformError::Parameter`] unless the half-life is positive and finite.
    pub fn new(half_life: f64, days: usize) -> Result<Self, TransformError> {
        let valid = half_life > 0.0 && half_life.is_finite();
        parameter("half_life", half_life, valid, "a positive number of days")?;
        let weight = |lag: usize| (-(lag as f64) / half_life).exp2();
        Ok(Self { weights: (0..days).map(weight).collect() })
    }

    /// The weights by lag, the first that of the day before.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// What is remembered of the days, oldest first and the last one yesterday:
    /// the sum of x 2^(−lag / half-life).
    ///
    /// # Allocation
    /// None.
    #[must_use]
    pub fn exposure(&self, days: &[f64]) -> f64 {
        carry(&self.weights, days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges() {
        assert!(age_days(Some(5), 4).is_nan());
        assert_eq!(age_days(Some(i32::MIN), i32::MAX), f64::from(u32::MAX));
        assert_eq!(frequency(30.0, 10.0), 3.0);
        assert!(frequency(30.0, 0.0).is_nan() && frequency(f64::NAN, 1.0).is_nan());
        assert_eq!(wear((0.0, 0.0), (5.0, 100.0), 10.0), 1.0);
        assert_eq!(wear((1.0, 64.0), (4.0, 64.0), 0.0), 0.25);
        assert!(wear((1.0, 100.0), (0.0, 100.0), 1.0).is_nan());
        assert!(wear((0.0, 0.0), (5.0, 100.0), 0.0).is_nan());
        assert!(Memory::new(0.0, 3).is_err() && Memory::new(f64::NAN, 3).is_err());
        assert_eq!(Memory::new(7.0, 0).unwrap().exposure(&[1.0]), 0.0);
    }
}
