//! The normal distribution between two ends.

use campaign_core::rand::{Rng, RngExt};
use statrs::function::erf::erf;

/// Normal between two ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Truncated {
    mean: f64,
    sd: f64,
    low: f64,
    high: f64,
    /// The untruncated probability between the ends.
    whole: f64,
}

impl Truncated {
    /// With a mean between the ends.
    pub(super) fn new(mean: f64, sd: f64, low: f64, high: f64) -> Self {
        let open = Self { mean, sd, low, high, whole: 1.0 };
        Self { whole: open.mass(low, high), ..open }
    }

    fn mass(&self, low: f64, high: f64) -> f64 {
        let z = |at: f64| (at - self.mean) / (self.sd * std::f64::consts::SQRT_2);
        (erf(z(high)) - erf(z(low))) / 2.0
    }

    /// The logarithm of the density.
    pub(super) fn ln_density(&self, at: f64) -> f64 {
        let z = (at - self.mean) / self.sd;
        -z * z / 2.0 - (self.sd * std::f64::consts::TAU.sqrt() * self.whole).ln()
    }

    /// The logarithm of the probability of a part between the ends.
    pub(super) fn ln_mass(&self, low: f64, high: f64) -> f64 {
        let part = self.mass(low.max(self.low), high.min(self.high));
        // Far in a tail the difference of two error functions is 0; the smallest float stands in.
        (part.max(f64::MIN_POSITIVE) / self.whole).ln()
    }

    /// A draw.
    pub(super) fn sample(&self, rng: &mut dyn Rng) -> f64 {
        // The mean lies between the ends, which are at least as far apart as a few sd or the sd is
        // the whole width: at least a third of the draws fall inside.
        for _ in 0..100 {
            let (u, v) = (1.0 - rng.random::<f64>(), rng.random::<f64>());
            let z = (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos();
            let at = self.mean + self.sd * z;
            if (self.low..=self.high).contains(&at) {
                return at;
            }
        }
        self.mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

    #[test]
    fn densities_integrate_to_one_and_draws_follow_them() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        for (mean, sd) in [(0.0, 1.0), (0.9, 0.3), (-1.0, 2.0)] {
            let t = Truncated::new(mean, sd, -1.0, 1.0);
            let n = 2_000;
            let at = |i: usize| -1.0 + 2.0 * (i as f64 + 0.5) / n as f64;
            let whole: f64 = (0..n).map(|i| t.ln_density(at(i)).exp() * 2.0 / n as f64).sum();
            assert!((whole - 1.0).abs() < 1e-6, "{whole}");
            let half: f64 = (0..n / 2).map(|i| t.ln_density(at(i)).exp() * 2.0 / n as f64).sum();
            assert!((t.ln_mass(-1.0, 0.0).exp() - half).abs() < 1e-6);
            let draws = 20_000;
            let below = (0..draws).filter(|_| t.sample(&mut rng) < 0.0).count() as f64;
            // Four standard errors.
            let error = 4.0 * (half * (1.0 - half) / f64::from(draws)).sqrt();
            assert!((below / f64::from(draws) - half).abs() < error);
        }
    }
}
