//! The tree-structured Parzen estimator.

use campaign_core::rand::Rng;

use super::error::TuneError;
use super::parzen::Parzen;
use super::space::Space;

/// Settings of the tree-structured Parzen estimator.
///
/// Trials are parted into the best and the rest, a density is estimated of either, and of a number of
/// draws from the density of the best the one is tried where the ratio of the two is largest: that is
/// where the expected improvement is. Kernels are products over all parameters, so that what goes
/// together is found together; a kernel as wide as the space keeps every value possible.
///
/// # Source
/// Bergstra, Bardenet, Bengio & Kégl 2011, section 4; product kernels as in Falkner, Klein & Hutter 2018
/// (BOHB); bandwidth (Scott's rule with a floor) and weights after the multivariate sampler of Akiba et al.
/// 2019, "Optuna", with narrower kernels and more trials among the best.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Tpe {
    /// Trials drawn from the whole space before anything is estimated. Default 10.
    pub startup: usize,
    /// Share of the trials that count as the best, in `(0, 1)`; at most 25 do. Default 0.2.
    pub best: f64,
    /// Draws among which one is chosen. Default 24.
    pub candidates: usize,
}

impl Default for Tpe {
    fn default() -> Self {
        Self { startup: 10, best: 0.2, candidates: 24 }
    }
}

impl Tpe {
    /// Sets [`startup`](Self::startup).
    #[must_use]
    pub fn with_startup(mut self, startup: usize) -> Self {
        self.startup = startup;
        self
    }

    /// Sets [`best`](Self::best).
    #[must_use]
    pub fn with_best(mut self, best: f64) -> Self {
        self.best = best;
        self
    }

    /// Sets [`candidates`](Self::candidates).
    #[must_use]
    pub fn with_candidates(mut self, candidates: usize) -> Self {
        self.candidates = candidates;
        self
    }

    pub(super) fn check(&self) -> Result<(), TuneError> {
        let whole = |v: usize| v as f64;
        for (setting, got, holds, expected) in [
            ("startup", whole(self.startup), self.startup >= 2, "at least 2"),
            ("best", self.best, self.best > 0.0 && self.best < 1.0, "between 0 and 1"),
            ("candidates", whole(self.candidates), self.candidates >= 1, "at least 1"),
        ] {
            if !holds {
                return Err(TuneError::Setting { setting, got, expected });
            }
        }
        Ok(())
    }

    /// Coordinates to try next.
    ///
    /// `seen` are coordinates and values in the order they were tried, infinity for those that failed;
    /// `pending` are tried now, and count as bad so that a batch spreads.
    pub(super) fn propose(
        &self,
        space: &Space,
        seen: &[(&[f64], f64)],
        pending: &[Vec<f64>],
        rng: &mut dyn Rng,
    ) -> Vec<f64> {
        let mut order: Vec<usize> = (0..seen.len()).collect();
        order.sort_by(|&a, &b| seen[a].1.total_cmp(&seen[b].1).then(a.cmp(&b)));
        let n_best = ((self.best * seen.len() as f64).ceil() as usize).clamp(1, 25);
        let (best, rest) = order.split_at(n_best.min(order.len()));
        let part = |of: &[usize]| {
            let mut of = of.to_vec();
            // In the order tried, for the weights below.
            of.sort_unstable();
            of.into_iter().map(|at| seen[at].0).collect::<Vec<_>>()
        };
        let (best, mut rest) = (part(best), part(rest));
        rest.extend(pending.iter().map(Vec::as_slice));
        let good = Parzen::new(space, &best, &weights(best.len()));
        let bad = Parzen::new(space, &rest, &weights(rest.len()));
        let mut chosen = (f64::NEG_INFINITY, Vec::new());
        for _ in 0..self.candidates {
            let at = good.sample(rng);
            let gain = good.ln_density(&at) - bad.ln_density(&at);
            if gain > chosen.0 || chosen.1.is_empty() {
                chosen = (gain, at);
            }
        }
        chosen.1
    }
}

/// The latest 25 count fully, older ones less and less.
fn weights(n: usize) -> Vec<f64> {
    let old = n.saturating_sub(25);
    let ramp = |i: usize| if i < old { (1.0 + i as f64) / n as f64 } else { 1.0 };
    (0..n).map(|i| ramp(i).min(1.0)).collect()
}
