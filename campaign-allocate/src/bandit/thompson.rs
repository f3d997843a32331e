//! Thompson sampling for Bernoulli rewards.

use campaign_core::rand::Rng;
use campaign_core::{Arm, Bandit, Context, Error, Feedback, Merge, MergeError, Result, Scratch};

use super::{beta, law};

/// Thompson sampling with independent Beta posteriors: draws a rate for each eligible arm from its
/// posterior and plays the arm with the highest.
///
/// A reward `r` in `[0, 1]` with weight `w` adds `w·r` to the arm's successes and `w·(1 − r)` to its
/// failures. For rewards of 0 and 1 that is the Bayes posterior. A reward in between counts as that share of a
/// success: the posterior has the right mean and never less spread than a draw of 0 or 1 with probability `r`
/// would leave on average, and no random number is spent on it (Agrawal and Goyal 2012, §1.2, toss a coin
/// instead).
///
/// [`probabilities_into`](Bandit::probabilities_into) is the exact law of [`select`](Bandit::select),
/// by quadrature of `∫ fᵢ ∏ Fⱼ` over the eligible arms. It costs far more than a choice: a log that
/// needs the propensity of every choice freezes the law once per batch of updates with [`FrozenPolicy`](super::FrozenPolicy).
///
/// # Units
/// Rewards in `[0, 1]`.
///
/// # Allocation
/// None but in constructors and [`add_arm`](Self::add_arm).
///
/// # Complexity
/// `select` O(arms); `probabilities_into` O(panels × arms), where the number of panels grows with how
/// different the posteriors' widths are.
///
/// # Source
/// Thompson, W. R. (1933), *Biometrika* 25, 285–294; Agrawal, S. and Goyal, N. (2012), *COLT*, alg. 1.
///
/// # Examples
/// ```
/// use campaign_allocate::BetaThompson;
/// use campaign_core::{Arm, Bandit, Context, Feedback};
///
/// let mut bandit = BetaThompson::new(2, 1.0, 1.0)?;
/// bandit.update(&Feedback::new(Arm(0), 1.0))?; // Beta(2, 1) against Beta(1, 1)
/// let mut p = [0.0; 2];
/// bandit.probabilities_into(&Context::none(), &mut bandit.scratch(), &mut p)?;
/// assert!((p[0] - 2.0 / 3.0).abs() < 1e-12);
/// # Ok::<(), campaign_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "State", into = "State"))]
pub struct BetaThompson {
    prior: (f64, f64),
    successes: Vec<f64>,
    failures: Vec<f64>,
}

/// The shapes of a prior must lie in this range.
const SHAPE: (f64, f64) = (1e-3, 1e9);

impl BetaThompson {
    /// A bandit whose arms all have the prior `Beta(alpha, beta)`; `Beta(1, 1)` is uniform.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless both shapes lie in `[0.001, 1e9]`, and beyond 2³² − 1 arms.
    pub fn new(n_arms: usize, alpha: f64, beta: f64) -> Result<Self> {
        super::check_n_arms(n_arms)?;
        check_shape("alpha", alpha)?;
        check_shape("beta", beta)?;
        let zeros = vec![0.0; n_arms];
        Ok(Self { prior: (alpha, beta), successes: zeros.clone(), failures: zeros })
    }

    /// Adds an arm with the common prior.
    ///
    /// Scratch made before is then too small and answered with [`Error::Scratch`].
    ///
    /// # Errors
    /// [`Error::OutOfRange`] beyond 2³² − 1 arms.
    pub fn add_arm(&mut self) -> Result<Arm> {
        super::check_n_arms(self.successes.len() + 1)?;
        let arm = Arm(self.successes.len() as u32);
        self.successes.push(0.0);
        self.failures.push(0.0);
        Ok(arm)
    }

    /// The shapes of an arm's posterior; `None` if there is no such arm.
    #[must_use]
    pub fn posterior(&self, arm: Arm) -> Option<(f64, f64)> {
        let successes = self.successes.get(arm.index())?;
        let failures = self.failures.get(arm.index())?;
        Some((self.prior.0 + successes, self.prior.1 + failures))
    }

    fn shapes(&self, arm: usize) -> (f64, f64) {
        (self.prior.0 + self.successes[arm], self.prior.1 + self.failures[arm])
    }
}

fn check_shape(what: &'static str, value: f64) -> Result<()> {
    let (low, high) = SHAPE;
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(Error::OutOfRange { what, index: 0, value, low, high })
    }
}

impl Bandit for BetaThompson {
    fn n_arms(&self) -> usize {
        self.successes.len()
    }

    fn scratch(&self) -> Scratch {
        Scratch::new(law::scratch_len(self.successes.len()))
    }

    fn select(
        &self,
        context: &Context<'_>,
        rng: &mut dyn Rng,
        scratch: &mut Scratch,
    ) -> Result<Arm> {
        let n_arms = self.successes.len();
        context.check(n_arms, 0)?;
        // Nothing is kept there; the size is checked so that a stale scratch shows at once.
        scratch.take(law::scratch_len(n_arms))?;
        let (mut best, mut highest) = (None, f64::NEG_INFINITY);
        for arm in 0..n_arms {
            if context.is_eligible(arm) {
                let (alpha, beta) = self.shapes(arm);
                let draw = beta::log_odds(alpha, beta, rng);
                if best.is_none() || draw > highest {
                    (best, highest) = (Some(Arm(arm as u32)), draw);
                }
            }
        }
        best.ok_or(Error::NoEligibleArm)
    }

    fn probabilities_into(
        &self,
        context: &Context<'_>,
        scratch: &mut Scratch,
        out: &mut [f64],
    ) -> Result<()> {
        let n_arms = self.successes.len();
        context.check(n_arms, 0)?;
        campaign_core::error::check_length("out", out.len(), n_arms)?;
        let scratch = scratch.take(law::scratch_len(n_arms))?;
        let shapes = |arm: usize| context.is_eligible(arm).then(|| self.shapes(arm));
        law::probability_of_largest(n_arms, shapes, scratch, out);
        Ok(())
    }

    fn update(&mut self, feedback: &Feedback<'_>) -> Result<()> {
        super::check_feedback(feedback, self.successes.len())?;
        let arm = feedback.arm.index();
        super::check_evidence(self.successes[arm] + self.failures[arm] + feedback.weight, arm)?;
        self.successes[arm] += feedback.weight * feedback.reward;
        self.failures[arm] += feedback.weight * (1.0 - feedback.reward);
        Ok(())
    }
}

impl Merge for BetaThompson {
    fn merge(&mut self, other: &Self) -> core::result::Result<(), MergeError> {
        super::check_merge(self.successes.len(), other.successes.len())?;
        if self.prior != other.prior {
            return Err(MergeError::Config("the prior"));
        }
        super::add_all(&mut self.successes, &other.successes);
        super::add_all(&mut self.failures, &other.failures);
        Ok(())
    }
}

/// What is saved.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    format: u32,
    prior: (f64, f64),
    successes: Vec<f64>,
    failures: Vec<f64>,
}

#[cfg(feature = "serde")]
impl From<BetaThompson> for State {
    fn from(bandit: BetaThompson) -> Self {
        let BetaThompson { prior, successes, failures } = bandit;
        Self { format: super::FORMAT, prior, successes, failures }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<State> for BetaThompson {
    type Error = super::StateError;
    fn try_from(state: State) -> core::result::Result<Self, super::StateError> {
        super::state::check_format(state.format)?;
        super::state::check_lengths(state.successes.len(), state.failures.len())?;
        let mut bandit = Self::new(state.successes.len(), state.prior.0, state.prior.1)
            .map_err(super::StateError::Invalid)?;
        for (arm, (&s, &f)) in state.successes.iter().zip(&state.failures).enumerate() {
            super::state::check_count("successes", arm, s, super::MOST_EVIDENCE)?;
            super::state::check_count("failures", arm, f, super::MOST_EVIDENCE)?;
        }
        bandit.successes = state.successes;
        bandit.failures = state.failures;
        Ok(bandit)
    }
}
