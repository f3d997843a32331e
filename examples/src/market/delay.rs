//! How long after the click an order comes.

use serde::{Deserialize, Serialize};

use super::error::MarketError;

/// The law of the delay between click and order, in whole days of 24 hours.
///
/// Every law is cut off after its last day and scaled to add up to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum DelayLaw {
    /// One weight per day, from day 0; any scale.
    Discrete {
        /// The weights.
        weights: Vec<f64>,
    },
    /// `P(d) ∝ p·(1 − p)ᵈ`.
    Geometric {
        /// Probability of no further day.
        p: f64,
        /// The last day.
        days: u32,
    },
    /// A Weibull law in continuous days, cut into whole days:
    /// `P(d) ∝ exp(−(d / scale)^shape) − exp(−((d + 1) / scale)^shape)`.
    Weibull {
        /// Shape; below 1, most orders come at once and a few come late.
        shape: f64,
        /// Scale, in days.
        scale: f64,
        /// The last day.
        days: u32,
    },
}

impl DelayLaw {
    /// The probability of each delay, from day 0 on.
    ///
    /// # Errors
    /// [`MarketError::Range`] for parameters that give no law.
    ///
    /// # Examples
    /// ```
    /// use campaign_examples::market::DelayLaw;
    /// let law = DelayLaw::Discrete { weights: vec![2.0, 1.0, 1.0] };
    /// assert_eq!(law.probabilities()?, [0.5, 0.25, 0.25]);
    /// # Ok::<(), campaign_examples::market::MarketError>(())
    /// ```
    pub fn probabilities(&self) -> Result<Vec<f64>, MarketError> {
        let weights: Vec<f64> = match self {
            Self::Discrete { weights } => weights.clone(),
            Self::Geometric { p, days } => {
                inside("delay.geometric.p", *p, f64::MIN_POSITIVE, 1.0)?;
                last_day(*days)?;
                (0..=*days)
                    .scan(*p, |mass, _| Some(core::mem::replace(mass, *mass * (1.0 - p))))
                    .collect()
            }
            Self::Weibull { shape, scale, days } => {
                inside("delay.weibull.shape", *shape, 0.05, 20.0)?;
                inside("delay.weibull.scale", *scale, 1e-3, 1e4)?;
                last_day(*days)?;
                let survival = |d: u32| (-(f64::from(d) / scale).powf(*shape)).exp();
                (0..=*days).map(|d| survival(d) - survival(d + 1)).collect()
            }
        };
        for &weight in &weights {
            inside("delay weight", weight, 0.0, f64::MAX)?;
        }
        let total: f64 = weights.iter().sum();
        inside("sum of the delay weights", total, f64::MIN_POSITIVE, f64::MAX)?;
        Ok(weights.iter().map(|weight| weight / total).collect())
    }
}

/// The first day whose cumulative probability exceeds `u`.
#[must_use]
pub fn quantile(probabilities: &[f64], u: f64) -> usize {
    let mut cumulative = 0.0;
    let last = probabilities.len().saturating_sub(1);
    probabilities
        .iter()
        .position(|p| {
            cumulative += p;
            u < cumulative
        })
        .unwrap_or(last)
}

fn last_day(days: u32) -> Result<(), MarketError> {
    inside("the last day of the delay", f64::from(days), 0.0, 366.0)
}

fn inside(what: &'static str, value: f64, low: f64, high: f64) -> Result<(), MarketError> {
    super::error::in_range(what, value, low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_law_adds_up_to_one() {
        let laws = [
            DelayLaw::Discrete { weights: vec![0.5, 0.0, 3.0] },
            DelayLaw::Geometric { p: 0.4, days: 20 },
            DelayLaw::Geometric { p: 1.0, days: 3 },
            DelayLaw::Weibull { shape: 0.6, scale: 1.5, days: 28 },
        ];
        for law in laws {
            let p = law.probabilities().unwrap();
            assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{law:?}");
            assert!(p.iter().all(|&p| p >= 0.0));
        }
    }

    #[test]
    fn weibull_against_scipy() {
        // scipy.stats.weibull_min(0.6, scale=1.5): diff of cdf at 0..=4, over cdf(4).
        let law = DelayLaw::Weibull { shape: 0.6, scale: 1.5, days: 3 };
        let expected =
            [0.6509040875724653, 0.1818682513410513, 0.1018755467609026, 0.0653521143255807];
        for (p, e) in law.probabilities().unwrap().iter().zip(expected) {
            assert!((p - e).abs() < 1e-12, "{p} {e}");
        }
    }

    #[test]
    fn geometric_by_hand() {
        let p = DelayLaw::Geometric { p: 0.5, days: 2 }.probabilities().unwrap();
        for (p, e) in p.iter().zip([4.0 / 7.0, 2.0 / 7.0, 1.0 / 7.0]) {
            assert!((p - e).abs() < 1e-15);
        }
    }

    #[test]
    fn quantiles_cover_every_day_in_proportion() {
        let p = [0.25, 0.0, 0.75];
        assert_eq!([0.0, 0.249, 0.25, 0.999].map(|u| quantile(&p, u)), [0, 0, 2, 2]);
        // A cumulative sum that ends below 1 by rounding still gives a day.
        assert_eq!(quantile(&[0.5, 0.499_999_9], 0.999_999_99), 1);
    }

    #[test]
    fn laws_that_are_none_are_refused() {
        for law in [
            DelayLaw::Discrete { weights: vec![] },
            DelayLaw::Discrete { weights: vec![0.0] },
            DelayLaw::Discrete { weights: vec![1.0, -1.0] },
            DelayLaw::Discrete { weights: vec![f64::NAN] },
            DelayLaw::Geometric { p: 0.0, days: 4 },
            DelayLaw::Geometric { p: 0.5, days: u32::MAX },
            DelayLaw::Weibull { shape: f64::INFINITY, scale: 1.0, days: 4 },
        ] {
            assert!(matches!(law.probabilities(), Err(MarketError::Range { .. })), "{law:?}");
        }
    }
}
