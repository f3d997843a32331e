//! How an ad wears out.

use serde::{Deserialize, Serialize};

/// Wear by impressions and by age.
///
/// # Source
/// The hyperbolic form is our choice: unlike an exponential it keeps revenue concave in spend. That
/// ads wear out by repetition and by time is in Naik, Mantrala, Sawyer (1998), *Planning Media
/// Schedules in the Presence of Dynamic Advertising Quality*, Marketing Science 17(3).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fatigue {
    /// Impressions after which half of what can wear out has worn out.
    pub half_impressions: f64,
    /// The share that never wears out by impressions, from 0 to 1.
    pub floor: f64,
    /// Days after which age has halved the ad's effect.
    pub age_half_life_days: f64,
}

impl Default for Fatigue {
    fn default() -> Self {
        Self { half_impressions: 150_000.0, floor: 0.35, age_half_life_days: 240.0 }
    }
}

impl Fatigue {
    /// What impressions have left of the ad: `f + (1 − f) / (1 + n / L)`.
    #[must_use]
    pub fn by_impressions(&self, shown: f64) -> f64 {
        self.floor + (1.0 - self.floor) / (1.0 + shown / self.half_impressions)
    }

    /// What age has left of the ad: `2^(−days / half-life)`; 1 before the launch.
    #[must_use]
    pub fn by_age(&self, days: f64) -> f64 {
        (-days.max(0.0) / self.age_half_life_days).exp2()
    }

    /// Derivative of `J·φ(n + m·J)` in `J`.
    pub(crate) fn marginal(&self, shown: f64, days_shown: f64, j: f64) -> f64 {
        let a = 1.0 + shown / self.half_impressions;
        let b = a + days_shown * j / self.half_impressions;
        self.floor + (1.0 - self.floor) * a / (b * b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn wear_only_grows(n in 0.0..1e7f64, more in 0.0..1e7f64, age in 0.0..500.0f64) {
            let law = Fatigue::default();
            prop_assert!(law.by_impressions(n + more) <= law.by_impressions(n));
            prop_assert!(law.by_impressions(n) > law.floor && law.by_impressions(n) <= 1.0);
            prop_assert!(law.by_age(age + 1.0) < law.by_age(age));
        }

        #[test]
        fn marginal_is_the_slope(n in 0.0..1e6f64, m in 0.0..30.0f64, j in 1.0..1e5f64) {
            let law = Fatigue::default();
            let value = |j: f64| j * law.by_impressions(n + m * j);
            let h = j * 1e-5;
            let numeric = (value(j + h) - value(j - h)) / (2.0 * h);
            prop_assert!((numeric - law.marginal(n, m, j)).abs() < 1e-6);
        }
    }

    #[test]
    fn halves_where_it_says() {
        let law = Fatigue { half_impressions: 100.0, floor: 0.5, age_half_life_days: 10.0 };
        assert_eq!(law.by_impressions(0.0), 1.0);
        assert_eq!(law.by_impressions(100.0), 0.75);
        assert_eq!(law.by_age(20.0), 0.25);
        assert_eq!(law.by_age(-5.0), 1.0);
    }
}
