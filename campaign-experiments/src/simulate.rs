//! How often a rule accepts by mistake, by simulation.

use rand::Rng;
use rand_distr::{Binomial, Distribution};

use crate::bayes::{Beta, Comparer, between};
use crate::error::ExperimentError;
use crate::rule::{DecisionRule, Verdict};

/// A world in which no arm is better than another.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Null {
    /// Number of arms.
    pub n_arms: usize,
    /// Their common conversion rate.
    pub base_rate: f64,
    /// New trials of each arm between two looks.
    pub trials_per_look: u64,
}

impl Null {
    /// Checks nothing yet; [`false_accept_rate`] does.
    #[must_use]
    pub const fn new(n_arms: usize, base_rate: f64, trials_per_look: u64) -> Self {
        Self { n_arms, base_rate, trials_per_look }
    }
}

/// A simulated rate with its binomial confidence interval.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Rate {
    /// Simulations in which it happened.
    pub hits: u32,
    /// Simulations.
    pub n_sims: u32,
    /// `hits / n_sims`.
    pub rate: f64,
    /// Lower end of the 95 % interval of Clopper and Pearson (1934).
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Rate {
    /// The rate of `hits` in `n_sims`.
    ///
    /// # Errors
    /// [`ExperimentError::Zero`] without simulations, [`ExperimentError::Conversions`] for more hits
    /// than simulations.
    pub fn new(hits: u32, n_sims: u32) -> Result<Self, ExperimentError> {
        if n_sims == 0 {
            return Err(ExperimentError::Zero("n_sims"));
        }
        let (k, n) = (f64::from(hits), f64::from(n_sims));
        if hits > n_sims {
            return Err(ExperimentError::Conversions { conversions: k, trials: n });
        }
        let low = if hits == 0 { 0.0 } else { Beta::new(k, n - k + 1.0)?.quantile(0.025)? };
        let high = if hits == n_sims { 1.0 } else { upper(k, n, 0.025)? };
        Ok(Self { hits, n_sims, rate: k / n, low, high })
    }
}

/// The one-sided upper limit of Clopper and Pearson at level `1 - tail`.
fn upper(hits: f64, n: f64, tail: f64) -> Result<f64, ExperimentError> {
    Ok(1.0 - Beta::new(n - hits, hits + 1.0)?.quantile(tail)?)
}

/// How often the rule accepts an arm although none is better, over its whole look schedule.
///
/// # Errors
/// [`ExperimentError`] for a rule or a world that cannot be, or no simulations.
///
/// # Complexity
/// `n_sims * looks` comparisons of `n_arms` posteriors.
///
/// # Examples
/// ```
/// use campaign_experiments::{DecisionRule, LookSchedule, Null, false_accept_rate};
/// use rand::SeedableRng;
/// let mut rng = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(1);
/// let rule = DecisionRule::new(LookSchedule::daily(14)).with_control(0);
/// let peeking = false_accept_rate(&rule, Null::new(2, 0.05, 1000), 500, &mut rng)?;
/// // 14 looks at "P > 0.95" accept far more often than one time in twenty.
/// assert!(peeking.low > 0.05);
/// # Ok::<(), campaign_experiments::ExperimentError>(())
/// ```
pub fn false_accept_rate<R: Rng + ?Sized>(
    rule: &DecisionRule,
    null: Null,
    n_sims: u32,
    rng: &mut R,
) -> Result<Rate, ExperimentError> {
    let mut world = World::new(rule, null)?;
    let mut hits = 0;
    for _ in 0..n_sims {
        let accepted = world.run(rng, |best, p, loss| match rule.judge(best, p, loss) {
            Some(Verdict::Accept(_)) => Some(true),
            Some(_) => Some(false),
            None => None,
        });
        hits += u32::from(accepted == Some(true));
    }
    Rate::new(hits, n_sims)
}

/// A threshold found by [`calibrated_threshold`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Calibration {
    /// The threshold to put into the rule.
    pub threshold: f64,
    /// The rate of the simulations that it was found with, so a little optimistic; the upper end of
    /// its one-sided 95 % limit is at most `alpha` by construction.
    pub false_accept: Rate,
}

/// The smallest threshold for which the simulations show, with 95 % confidence, that the rule accepts
/// by mistake at most at rate `alpha` over its whole schedule.
///
/// Each simulated test is reduced to the highest probability of being best that an acceptable arm
/// reached at any look; the threshold is an order statistic of those. It holds for this base rate and
/// traffic. In a test with a control the early end by rejection is ignored, which can only raise the
/// threshold.
///
/// # Errors
/// As [`false_accept_rate`]; [`ExperimentError::Between`] unless `0 < alpha < 1`;
/// [`ExperimentError::TooFewSimulations`] if even no acceptance at all would not show `alpha`.
pub fn calibrated_threshold<R: Rng + ?Sized>(
    rule: &DecisionRule,
    null: Null,
    alpha: f64,
    n_sims: u32,
    rng: &mut R,
) -> Result<Calibration, ExperimentError> {
    between("alpha", alpha, 0.0, 1.0)?;
    let mut world = World::new(rule, null)?;
    let n = f64::from(n_sims);
    // With k acceptances the limit is the 95 % quantile of Beta(k + 1, n - k); with none it is
    // 1 - 0.05^(1/n).
    let needed = (0.05_f64.ln() / (-alpha).ln_1p()).ceil().min(f64::from(u32::MAX)) as u32;
    if n_sims < needed {
        return Err(ExperimentError::TooFewSimulations { n_sims, alpha, needed });
    }
    let mut highest = Vec::with_capacity(n_sims as usize);
    for _ in 0..n_sims {
        let mut top = 0.0_f64;
        world.run(rng, |best, p, loss| {
            let acceptable =
                rule.control != Some(best) && rule.max_expected_loss.is_none_or(|max| loss <= max);
            if acceptable {
                top = top.max(p);
            }
            None::<()>
        });
        highest.push(top);
    }
    highest.sort_unstable_by(|a, b| b.total_cmp(a));
    let (mut low, mut high) = (0_u32, n_sims);
    // The largest number of acceptances whose upper limit is still at most alpha.
    while high - low > 1 {
        let k = low + (high - low) / 2;
        if upper(f64::from(k), n, 0.05)? <= alpha { low = k } else { high = k }
    }
    // Acceptance is strict, so the threshold may equal the first value that must not be accepted.
    // The rule itself takes no threshold of 0.5 or less.
    let threshold = highest.get(low as usize).copied().unwrap_or(0.0).max(0.5 + f64::EPSILON);
    let hits = highest.iter().take_while(|p| **p > threshold).count() as u32;
    Ok(Calibration { threshold, false_accept: Rate::new(hits, n_sims)? })
}

/// Draws tests in which no arm is better.
struct World<'a> {
    rule: &'a DecisionRule,
    looks: u32,
    trials_per_look: f64,
    step: Binomial,
    conversions: Vec<f64>,
    comparer: Comparer,
}

impl<'a> World<'a> {
    fn new(rule: &'a DecisionRule, null: Null) -> Result<Self, ExperimentError> {
        rule.check(null.n_arms)?;
        between("base_rate", null.base_rate, 0.0, 1.0)?;
        if null.trials_per_look == 0 {
            return Err(ExperimentError::Zero("trials_per_look"));
        }
        // The largest posterior must be one that can be compared.
        let trials = null.trials_per_look as f64 * f64::from(rule.looks.looks);
        Beta::new(rule.prior.alpha() + trials, rule.prior.beta() + trials)?;
        let between = ExperimentError::Between {
            what: "base_rate",
            value: null.base_rate,
            low: 0.0,
            high: 1.0,
        };
        Ok(Self {
            rule,
            looks: rule.looks.looks,
            trials_per_look: null.trials_per_look as f64,
            step: Binomial::new(null.trials_per_look, null.base_rate).map_err(|_| between)?,
            conversions: vec![0.0; null.n_arms],
            comparer: Comparer::new(null.n_arms),
        })
    }

    /// One test: calls `at_look(best, p_best, expected_loss)` at each look with enough trials, until
    /// it answers or the looks end.
    fn run<R: Rng + ?Sized, T>(
        &mut self,
        rng: &mut R,
        mut at_look: impl FnMut(usize, f64, f64) -> Option<T>,
    ) -> Option<T> {
        self.conversions.fill(0.0);
        let (alpha, beta) = (self.rule.prior.alpha(), self.rule.prior.beta());
        for look in 1..=self.looks {
            for conversions in &mut self.conversions {
                *conversions += self.step.sample(rng) as f64;
            }
            let trials = self.trials_per_look * f64::from(look);
            if trials < self.rule.min_trials {
                continue;
            }
            let shapes = self.conversions.iter().map(|c| (alpha + c, beta + (trials - c)));
            let lanes = self.comparer.run(shapes);
            let mut best = 0;
            for (arm, lane) in lanes.iter().enumerate() {
                if lanes.get(best).is_none_or(|top| lane.p_best > top.p_best) {
                    best = arm;
                }
            }
            let answer = lanes.get(best).and_then(|l| at_look(best, l.p_best, l.loss));
            if answer.is_some() {
                return answer;
            }
        }
        None
    }
}
