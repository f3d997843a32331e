//! UCB1: optimism in the face of uncertainty.

use campaign_core::rand::Rng;
use campaign_core::{Arm, Bandit, Context, Error, Feedback, Merge, MergeError, Result, Scratch};

/// UCB1: plays the arm with the highest `mean + √(2 ln t / n)`.
///
/// `n` is the weight of the feedback on the arm and `t` that of all arms. An eligible arm without
/// feedback comes first; ties go to the lowest index. The choice is not random, so its law is a point
/// mass.
///
/// Between two updates the same arm is chosen; where feedback comes late, many choices in a row are alike.
///
/// # Units
/// Rewards in `[0, 1]`.
///
/// # Source
/// Auer, P., Cesa-Bianchi, N. and Fischer, P. (2002), *Machine Learning* 47, 235–256, fig. 1.
///
/// # Examples
/// ```
/// use campaign_allocate::Ucb1;
/// use campaign_core::rand::SeedableRng;
/// use campaign_core::{Arm, Bandit, Context, Feedback};
///
/// let mut bandit = Ucb1::new(2)?;
/// let (mut rng, mut scratch) = (rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(1), bandit.scratch());
/// bandit.update(&Feedback::new(Arm(0), 1.0))?;
/// // The other arm was not played yet.
/// assert_eq!(bandit.select(&Context::none(), &mut rng, &mut scratch)?, Arm(1));
/// # Ok::<(), campaign_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "State", into = "State"))]
pub struct Ucb1 {
    weight: Vec<f64>,
    reward: Vec<f64>,
}

impl Ucb1 {
    /// A bandit that has seen nothing.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] beyond 2³² − 1 arms.
    pub fn new(n_arms: usize) -> Result<Self> {
        super::check_n_arms(n_arms)?;
        Ok(Self { weight: vec![0.0; n_arms], reward: vec![0.0; n_arms] })
    }

    /// Adds an arm that has seen nothing.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] beyond 2³² − 1 arms.
    pub fn add_arm(&mut self) -> Result<Arm> {
        super::check_n_arms(self.weight.len() + 1)?;
        let arm = Arm(self.weight.len() as u32);
        self.weight.push(0.0);
        self.reward.push(0.0);
        Ok(arm)
    }

    /// The weight of the feedback on each arm.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weight
    }

    /// The weighted sum of rewards of each arm.
    #[must_use]
    pub fn rewards(&self) -> &[f64] {
        &self.reward
    }

    fn best(&self, context: &Context<'_>) -> Result<Arm> {
        context.check(self.weight.len(), 0)?;
        let total: f64 = self.weight.iter().sum();
        // ln t is negative while less than one whole observation was seen.
        let exploration = 2.0 * total.max(1.0).ln();
        let (mut best, mut best_index) = (None, f64::NEG_INFINITY);
        for (arm, (&weight, &reward)) in self.weight.iter().zip(&self.reward).enumerate() {
            if !context.is_eligible(arm) {
                continue;
            }
            if weight == 0.0 {
                return Ok(Arm(arm as u32));
            }
            let index = reward / weight + (exploration / weight).sqrt();
            if best.is_none() || index > best_index {
                (best, best_index) = (Some(Arm(arm as u32)), index);
            }
        }
        best.ok_or(Error::NoEligibleArm)
    }
}

impl Bandit for Ucb1 {
    fn n_arms(&self) -> usize {
        self.weight.len()
    }

    /// Empty: this policy needs no working space, and so never answers [`Error::Scratch`].
    fn scratch(&self) -> Scratch {
        Scratch::new(0)
    }

    fn select(&self, context: &Context<'_>, _: &mut dyn Rng, _: &mut Scratch) -> Result<Arm> {
        self.best(context)
    }

    fn probabilities_into(
        &self,
        context: &Context<'_>,
        _: &mut Scratch,
        out: &mut [f64],
    ) -> Result<()> {
        campaign_core::error::check_length("out", out.len(), self.weight.len())?;
        let best = self.best(context)?;
        out.fill(0.0);
        out[best.index()] = 1.0;
        Ok(())
    }

    fn update(&mut self, feedback: &Feedback<'_>) -> Result<()> {
        super::check_feedback(feedback, self.weight.len())?;
        let arm = feedback.arm.index();
        super::check_evidence(self.weight[arm] + feedback.weight, arm)?;
        self.weight[arm] += feedback.weight;
        self.reward[arm] += feedback.weight * feedback.reward;
        Ok(())
    }
}

impl Merge for Ucb1 {
    fn merge(&mut self, other: &Self) -> core::result::Result<(), MergeError> {
        super::check_merge(self.weight.len(), other.weight.len())?;
        super::add_all(&mut self.weight, &other.weight);
        super::add_all(&mut self.reward, &other.reward);
        Ok(())
    }
}

/// What is saved.
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    format: u32,
    weight: Vec<f64>,
    reward: Vec<f64>,
}

#[cfg(feature = "serde")]
impl From<Ucb1> for State {
    fn from(bandit: Ucb1) -> Self {
        Self { format: super::FORMAT, weight: bandit.weight, reward: bandit.reward }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<State> for Ucb1 {
    type Error = super::StateError;
    fn try_from(state: State) -> core::result::Result<Self, super::StateError> {
        super::state::check_format(state.format)?;
        super::state::check_lengths(state.weight.len(), state.reward.len())?;
        for (arm, (&weight, &reward)) in state.weight.iter().zip(&state.reward).enumerate() {
            super::state::check_count("weight", arm, weight, super::MOST_EVIDENCE)?;
            // Sums of products round apart by a little.
            super::state::check_count("reward", arm, reward, weight * (1.0 + 1e-9))?;
        }
        Ok(Self { weight: state.weight, reward: state.reward })
    }
}
