//! Rates of few trials, drawn towards a prior.

use super::error::{TransformError, length, parameter};

/// A rate drawn towards a prior: (num + s p) / (den + s).
///
/// # Units
/// The strength s is in units of the denominator: so many trials (or so much money, for a return on
/// spend) weigh as much as the prior.
///
/// # Examples
/// ```
/// use campaign_features::feature::transform::smoothing::Smoothing;
/// let smoothing = Smoothing::new(0.02, 100.0)?;
/// assert_eq!(smoothing.rate(0.0, 0.0), 0.02);
/// assert_eq!(smoothing.rate(8.0, 100.0), 0.05);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Smoothing {
    /// p: the rate where there are no trials.
    pub prior: f64,
    /// s: the weight of the prior, 0 or more.
    pub strength: f64,
}

impl Smoothing {
    /// A prior rate and its weight.
    ///
    /// # Errors
    /// [`TransformError::Parameter`].
    pub fn new(prior: f64, strength: f64) -> Result<Self, TransformError> {
        let smoothing = Self { prior, strength };
        smoothing.check().map(|()| smoothing)
    }

    /// Checks the parameters.
    ///
    /// # Errors
    /// [`TransformError::Parameter`].
    pub fn check(&self) -> Result<(), TransformError> {
        parameter("prior", self.prior, self.prior.is_finite(), "a finite number")?;
        let valid = self.strength >= 0.0 && self.strength.is_finite();
        parameter("strength", self.strength, valid, "0 or more")
    }

    /// The rate; NaN if a number is NaN, or if the denominator and the strength do not add up to more
    /// than 0.
    #[must_use]
    pub fn rate(&self, num: f64, den: f64) -> f64 {
        let weight = den + self.strength;
        if weight > 0.0 { (num + self.prior * self.strength) / weight } else { f64::NAN }
    }

    /// The prior of a set of rates by empirical Bayes: the beta distribution with the mean and the
    /// spread between the rows, `prior` = a / (a + b) and `strength` = a + b.
    ///
    /// With N = Σ n, p = Σ x / N, S = Σ n (x / n − p)² over the K rows with trials, the correlation
    /// within rows is ρ = (S / (p (1 − p)) − (K − 1)) / Σ (1 − n / N)(n − 1), and a + b = 1 / ρ − 1.
    /// Where the rows differ by no more than chance, ρ would not be positive: the strength is at most N,
    /// which draws every row to the common rate. Fit it to training rows only.
    ///
    /// # Errors
    /// [`TransformError::Length`]; [`TransformError::NonFinite`]; [`TransformError::Range`] unless
    /// 0 ≤ x ≤ n; [`TransformError::TooFew`] unless two rows have trials and one of them more than one;
    /// [`TransformError::Parameter`] if all trials succeed or all fail.
    ///
    /// # Source
    /// Kleinman (1973), "Proportions with extraneous variance: single and independent samples", JASA
    /// 68, section 3, weights n.
    pub fn fit(successes: &[f64], trials: &[f64]) -> Result<Self, TransformError> {
        length("trials", trials.len(), successes.len())?;
        super::error::finite("successes", successes)?;
        super::error::finite("trials", trials)?;
        for (row, (&x, &n)) in successes.iter().zip(trials).enumerate() {
            if n < 0.0 {
                return Err(TransformError::Range {
                    what: "trials",
                    row,
                    value: n,
                    expected: "0 or more",
                });
            }
            if !(0.0..=n).contains(&x) {
                return Err(TransformError::Range {
                    what: "successes",
                    row,
                    value: x,
                    expected: "0 to trials",
                });
            }
        }
        let rows = || successes.iter().zip(trials).filter(|(_, n)| **n > 0.0);
        let total: f64 = rows().map(|(_, n)| n).sum();
        let mean = rows().map(|(x, _)| x).sum::<f64>() / total;
        let groups = rows().count();
        let reach: f64 = rows().map(|(_, n)| (1.0 - n / total) * (n - 1.0)).sum();
        if groups < 2 || reach <= 0.0 {
            let what = "rows with trials, one of them with more than one trial";
            return Err(TransformError::TooFew { what, got: groups, needed: 2 });
        }
        parameter("rate", mean, mean > 0.0 && mean < 1.0, "neither 0 nor 1 over all rows")?;
        let spread: f64 = rows().map(|(x, n)| n * (x / n - mean).powi(2)).sum();
        let rho = (spread / (mean * (1.0 - mean)) - (groups as f64 - 1.0)) / reach;
        let rho = rho.clamp(1.0 / (1.0 + total), 1.0);
        Self::new(mean, 1.0 / rho - 1.0)
    }
}

/// As it is written, before it is checked.
#[derive(serde::Deserialize)]
#[serde(remote = "Smoothing", deny_unknown_fields)]
struct Written {
    prior: f64,
    strength: f64,
}

impl<'de> serde::Deserialize<'de> for Smoothing {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = Written::deserialize(from)?;
        read.check().map_err(<D::Error as serde::de::Error>::custom)?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The moment equation the other way round: with the fitted ρ, the expected spread of
        /// beta-binomial rows, summed row by row from their variances, is the observed one.
        #[test]
        fn moments_match(rows in proptest::collection::vec((0..30_u32, 0..30_u32), 3..30)) {
            let x: Vec<f64> = rows.iter().map(|r| f64::from(r.0)).collect();
            let n: Vec<f64> = rows.iter().map(|r| f64::from(r.0 + r.1)).collect();
            let Ok(fitted) = Smoothing::fit(&x, &n) else { return Ok(()) };
            let (p, rho) = (fitted.prior, 1.0 / (1.0 + fitted.strength));
            let total: f64 = n.iter().sum();
            let variance = |n: f64| p * (1.0 - p) / n * (1.0 + (n - 1.0) * rho);
            let positive = || n.iter().copied().filter(|n| *n > 0.0);
            let of_mean: f64 = positive().map(|n| (n / total).powi(2) * variance(n)).sum();
            let expected: f64 = positive().map(|n| n * variance(n)).sum::<f64>() - total * of_mean;
            let observed: f64 = x.iter().zip(&n).filter(|(_, n)| **n > 0.0)
                .map(|(x, n)| n * (x / n - p).powi(2)).sum();
            if rho < 1.0 - 1e-9 && fitted.strength < total * (1.0 - 1e-9) {
                prop_assert!((expected - observed).abs() <= 1e-9 * observed.max(1.0));
            } else {
                prop_assert!(fitted.strength <= total * (1.0 + 1e-9));
            }
        }
    }

    /// Rows of Beta(2, 8) and 5 to 44 trials: ρ = 1 / 11. Over 60 samples of 400 rows the mean estimate
    /// is within four of its standard errors of it, plus 1 / 400 of it for the bias of a ratio.
    #[test]
    fn the_prior_is_found_again() {
        use rand_xoshiro::rand_core::{Rng, SeedableRng};
        let mut rng = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(11);
        let mut uniform = || ((rng.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
        let samples = 60;
        let mut estimates = Vec::new();
        for _ in 0..samples {
            let (mut x, mut n) = (Vec::new(), Vec::new());
            for row in 0..400 {
                // Gamma variables of whole shapes are sums of exponential ones.
                let mut gamma = |shape| -> f64 { (0..shape).map(|_| -uniform().ln()).sum() };
                let (a, b) = (gamma(2), gamma(8));
                let trials = 5 + row % 40;
                x.push((0..trials).filter(|_| uniform() < a / (a + b)).count() as f64);
                n.push(f64::from(trials));
            }
            estimates.push(1.0 / (1.0 + Smoothing::fit(&x, &n).unwrap().strength));
        }
        let count = f64::from(samples);
        let mean = estimates.iter().sum::<f64>() / count;
        let squares: f64 = estimates.iter().map(|rho| (rho - mean).powi(2)).sum();
        let error = (squares / (count - 1.0) / count).sqrt();
        let truth = 1.0 / 11.0;
        assert!((mean - truth).abs() <= 4.0 * error + truth / 400.0, "{mean} ± {error}");
    }

    #[test]
    fn equal_rows_draw_fully() {
        let fitted = Smoothing::fit(&[5.0; 10], &[50.0; 10]).unwrap();
        assert!((fitted.strength - 500.0).abs() < 1e-9 && (fitted.prior - 0.1).abs() < 1e-15);
        let fitted = Smoothing::fit(&[0.0, 50.0], &[50.0, 50.0]).unwrap();
        assert_eq!(fitted.strength, 0.0);
        assert_eq!(fitted.rate(0.0, 50.0), 0.0);
    }

    #[test]
    fn bad_input() {
        assert!(Smoothing::fit(&[1.0], &[]).is_err());
        assert!(Smoothing::fit(&[], &[]).is_err());
        assert!(Smoothing::fit(&[1.0], &[2.0]).is_err());
        assert!(Smoothing::fit(&[1.0, 0.0], &[1.0, 1.0]).is_err());
        assert!(Smoothing::fit(&[0.0, 0.0], &[10.0, 10.0]).is_err());
        let error = Smoothing::fit(&[1.0, 3.0], &[2.0, 2.0]).unwrap_err();
        assert_eq!(error.to_string(), "successes[1] is 3, expected 0 to trials");
        assert!(Smoothing::fit(&[1.0, f64::NAN], &[2.0, 2.0]).is_err());
        assert!(Smoothing::fit(&[0.0, 0.0], &[2.0, -2.0]).is_err());
        assert!(Smoothing::new(f64::NAN, 1.0).is_err() && Smoothing::new(0.1, -1.0).is_err());
        assert!(Smoothing { prior: 0.1, strength: 0.0 }.rate(0.0, 0.0).is_nan());
        assert!(Smoothing { prior: 0.1, strength: 1.0 }.rate(f64::NAN, 5.0).is_nan());
    }
}
