//! A law fixed until the next batch of updates, chosen from in constant time.

use campaign_core::rand::{Rng, RngExt};
use campaign_core::{Arm, Bandit, Choice, Context, Error, Result, Scratch};

/// A probability per arm with an alias table, so that a choice and its exact propensity cost the same for any
/// number of arms.
///
/// # Allocation
/// At construction and when rebuilt with more arms than ever before; else none.
///
/// # Complexity
/// `choose` O(1) with one 64-bit random number; `rebuild` O(arms).
///
/// # Source
/// Vose, M. D. (1991), *IEEE Transactions on Software Engineering* 17, 972–975.
///
/// # Examples
/// ```
/// use campaign_allocate::FrozenPolicy;
/// use campaign_core::rand::SeedableRng;
///
/// let mut policy = FrozenPolicy::new(&[0.2, 0.0, 0.8])?;
/// let mut rng = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(7);
/// let choice = policy.choose(&mut rng)?;
/// assert_eq!(choice.propensity(), policy.probabilities()[choice.arm().index()]);
/// policy.rebuild(&[0.5, 0.5, 0.0])?;
/// # Ok::<(), campaign_core::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct FrozenPolicy {
    probability: Vec<f64>,
    threshold: Vec<f64>,
    alias: Vec<u32>,
    // Indices of arms below their share from the front, above from the back.
    work: Vec<u32>,
    law: Vec<f64>,
}

/// How far from 1 the probabilities may add up to.
const SUM_TOLERANCE: f64 = 1e-9;

impl FrozenPolicy {
    /// A policy with these probabilities.
    ///
    /// # Errors
    /// As [`rebuild`](Self::rebuild).
    pub fn new(probabilities: &[f64]) -> Result<Self> {
        let mut policy = Self::default();
        policy.rebuild(probabilities)?;
        Ok(policy)
    }

    /// An empty policy with room for that many arms.
    #[must_use]
    pub fn with_capacity(n_arms: usize) -> Self {
        Self {
            probability: Vec::with_capacity(n_arms),
            threshold: Vec::with_capacity(n_arms),
            alias: Vec::with_capacity(n_arms),
            work: Vec::with_capacity(n_arms),
            law: Vec::with_capacity(n_arms),
        }
    }

    /// Replaces the probabilities, scaled to add up to 1.
    ///
    /// # Errors
    /// [`Error::NoEligibleArm`] for an empty slice, [`Error::OutOfRange`] for an entry outside `[0, 1]` or a sum
    /// further than 1e-9 from 1, and beyond 2³² − 1 arms. The policy is then unchanged.
    pub fn rebuild(&mut self, probabilities: &[f64]) -> Result<()> {
        super::check_n_arms(probabilities.len())?;
        if probabilities.is_empty() {
            return Err(Error::NoEligibleArm);
        }
        if let Some(index) = probabilities.iter().position(|p| !(0.0..=1.0).contains(p)) {
            let (what, value) = ("probabilities", probabilities[index]);
            return Err(Error::OutOfRange { what, index, value, low: 0.0, high: 1.0 });
        }
        let sum: f64 = probabilities.iter().sum();
        let (low, high) = (1.0 - SUM_TOLERANCE, 1.0 + SUM_TOLERANCE);
        if !(low..=high).contains(&sum) {
            let what = "sum of probabilities";
            return Err(Error::OutOfRange { what, index: 0, value: sum, low, high });
        }
        self.probability.clear();
        self.probability.extend(probabilities.iter().map(|p| (p / sum).min(1.0)));
        self.build_table();
        Ok(())
    }

    /// Freezes the law of a bandit in a context.
    ///
    /// # Errors
    /// As [`Bandit::probabilities_into`] and [`rebuild`](Self::rebuild). The policy is then unchanged.
    pub fn freeze(
        &mut self,
        bandit: &dyn Bandit,
        context: &Context<'_>,
        scratch: &mut Scratch,
    ) -> Result<()> {
        let mut law = core::mem::take(&mut self.law);
        law.clear();
        law.resize(bandit.n_arms(), 0.0);
        let built = bandit.probabilities_into(context, scratch, &mut law);
        let built = built.and_then(|()| self.rebuild(&law));
        self.law = law;
        built
    }

    /// How many arms there are.
    #[must_use]
    pub fn n_arms(&self) -> usize {
        self.probability.len()
    }

    /// The probability of each arm.
    #[must_use]
    pub fn probabilities(&self) -> &[f64] {
        &self.probability
    }

    /// Chooses an arm and says with what probability.
    ///
    /// # Errors
    /// [`Error::NoEligibleArm`] if the policy is empty.
    ///
    /// # Allocation
    /// None.
    #[inline]
    pub fn choose<R: Rng + ?Sized>(&self, rng: &mut R) -> Result<Choice> {
        let mut rng = rng;
        // The whole part is the column, the fraction decides between it and its alias.
        let place = RngExt::random::<f64>(&mut rng) * self.probability.len() as f64;
        let column = place as usize;
        let Some((&threshold, &alias)) = self.threshold.get(column).zip(self.alias.get(column))
        else {
            return Err(Error::NoEligibleArm);
        };
        let arm = if place - (column as f64) < threshold { column as u32 } else { alias };
        Choice::new(Arm(arm), self.probability.get(arm as usize).copied().unwrap_or(0.0))
    }

    fn build_table(&mut self) {
        let n = self.probability.len();
        self.threshold.clear();
        self.threshold.extend(self.probability.iter().map(|p| p * n as f64));
        self.alias.clear();
        self.alias.extend(0..n as u32);
        self.work.clear();
        self.work.resize(n, 0);
        let (mut small, mut large) = (0, n);
        for (arm, &share) in self.threshold.iter().enumerate() {
            if share < 1.0 {
                self.work[small] = arm as u32;
                small += 1;
            } else {
                large -= 1;
                self.work[large] = arm as u32;
            }
        }
        // Each small column is filled up by a large one, which then may be small itself.
        let largest =
            (0..n).fold(0, |m, a| if self.probability[a] > self.probability[m] { a } else { m });
        while small > 0 && large < n {
            small -= 1;
            let (poor, rich) = (self.work[small] as usize, self.work[large] as usize);
            self.alias[poor] = rich as u32;
            self.threshold[rich] -= 1.0 - self.threshold[poor];
            if self.threshold[rich] < 1.0 {
                large += 1;
                self.work[small] = rich as u32;
                small += 1;
            }
        }
        // What rounding left over. A column that should be full keeps itself; an arm of
        // probability 0 must not come out whatever the rounding.
        for &arm in self.work[..small].iter().chain(&self.work[large..]) {
            let arm = arm as usize;
            if self.probability[arm] == 0.0 {
                self.alias[arm] = largest as u32;
            } else {
                self.threshold[arm] = 1.0;
            }
        }
    }
}
