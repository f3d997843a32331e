//! Choosing among arms and learning from what the choice brought.

use jiff::Timestamp;
use ndarray::ArrayView2;
use rand::Rng;
use thiserror::Error as ThisError;

use crate::error::{Error, Result, check_length};

/// An arm, by its index in the bandit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Arm(pub u32);

impl Arm {
    /// The arm as a slice index.
    #[inline]
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What is known when an arm is chosen. Borrowed, so that making one allocates nothing.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Context<'a> {
    /// Features of the occasion (user, page, hour); empty for a bandit without context.
    pub features: &'a [f64],
    /// Features of the arms, `(n_arms, d)`.
    pub arm_features: Option<ArrayView2<'a, f64>>,
    /// Which arms may be chosen, one flag per arm; `None` means all of them.
    pub eligible: Option<&'a [bool]>,
}

impl<'a> Context<'a> {
    /// No features, every arm eligible.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// A context with features of the occasion.
    #[must_use]
    pub fn new(features: &'a [f64]) -> Self {
        Self { features, ..Self::default() }
    }

    /// Adds one row of features per arm.
    #[must_use]
    pub fn with_arm_features(mut self, arm_features: ArrayView2<'a, f64>) -> Self {
        self.arm_features = Some(arm_features);
        self
    }

    /// Restricts the choice to the arms whose flag is true (the others are paused, or capped).
    #[must_use]
    pub fn with_eligible(mut self, eligible: &'a [bool]) -> Self {
        self.eligible = Some(eligible);
        self
    }

    /// Whether an arm may be chosen. An arm beyond the mask may not.
    #[inline]
    #[must_use]
    pub fn is_eligible(&self, arm: usize) -> bool {
        self.eligible.is_none_or(|mask| mask.get(arm).copied().unwrap_or(false))
    }

    /// Checks the context against the bandit's sizes and that some arm is eligible.
    ///
    /// # Errors
    /// [`Error::Length`] if the features or the mask have the wrong length,
    /// [`Error::NoEligibleArm`] if no arm may be chosen.
    #[inline]
    pub fn check(&self, n_arms: usize, n_features: usize) -> Result<()> {
        check_length("context.features", self.features.len(), n_features)?;
        if let Some(mask) = self.eligible {
            check_length("context.eligible", mask.len(), n_arms)?;
        }
        if (0..n_arms).any(|arm| self.is_eligible(arm)) {
            Ok(())
        } else {
            Err(Error::NoEligibleArm)
        }
    }
}

/// What a choice brought.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Feedback<'a> {
    /// The arm that was played.
    pub arm: Arm,
    /// The features it was chosen with.
    pub features: &'a [f64],
    /// The reward.
    pub reward: f64,
    /// How many observations this one stands for; 1 unless set.
    pub weight: f64,
    /// The probability with which the arm was chosen, where the policy needs it (EXP3).
    pub propensity: Option<f64>,
    /// What the play cost; 0 unless set.
    pub cost: f64,
    /// When it happened, where the policy discounts the past.
    pub at: Option<Timestamp>,
}

impl<'a> Feedback<'a> {
    /// One observation of weight 1 without cost, propensity or time.
    #[must_use]
    pub const fn new(arm: Arm, reward: f64) -> Self {
        Self { arm, features: &[], reward, weight: 1.0, propensity: None, cost: 0.0, at: None }
    }

    /// Sets the features the arm was chosen with.
    #[must_use]
    pub const fn with_features(mut self, features: &'a [f64]) -> Self {
        self.features = features;
        self
    }

    /// Sets how many observations this one stands for.
    #[must_use]
    pub const fn with_weight(mut self, weight: f64) -> Self {
        self.weight = weight;
        self
    }

    /// Sets the probability with which the arm was chosen.
    #[must_use]
    pub const fn with_propensity(mut self, propensity: f64) -> Self {
        self.propensity = Some(propensity);
        self
    }

    /// Sets the cost of the play.
    #[must_use]
    pub const fn with_cost(mut self, cost: f64) -> Self {
        self.cost = cost;
        self
    }

    /// Sets the time of the play.
    #[must_use]
    pub const fn with_time(mut self, at: Timestamp) -> Self {
        self.at = Some(at);
        self
    }

    /// Checks the feedback against the bandit's sizes.
    ///
    /// # Errors
    /// [`Error::UnknownArm`], [`Error::Length`] or [`Error::NonFinite`]; [`Error::OutOfRange`] for a
    /// negative weight or cost or a propensity outside `(0, 1]`.
    pub fn check(&self, n_arms: usize, n_features: usize) -> Result<()> {
        let arm = self.arm.index();
        if arm >= n_arms {
            return Err(Error::UnknownArm { arm, n_arms });
        }
        check_length("feedback.features", self.features.len(), n_features)?;
        let finite = |what, value: f64| {
            if value.is_finite() { Ok(()) } else { Err(Error::NonFinite { what, index: 0, value }) }
        };
        let range = |what, value: f64, low: f64, high: f64| {
            finite(what, value)?;
            if (low..=high).contains(&value) {
                Ok(())
            } else {
                Err(Error::OutOfRange { what, index: 0, value, low, high })
            }
        };
        finite("feedback.reward", self.reward)?;
        range("feedback.weight", self.weight, 0.0, f64::MAX)?;
        range("feedback.cost", self.cost, 0.0, f64::MAX)?;
        self.propensity.map_or(Ok(()), |p| range("feedback.propensity", p, f64::MIN_POSITIVE, 1.0))
    }
}

/// An arm together with the probability with which it was chosen: what a decision log may record
/// and an off-policy evaluation may use.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Choice {
    arm: Arm,
    propensity: f64,
}

impl Choice {
    /// Pairs an arm with its probability.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `0 < propensity <= 1`: an arm of probability 0 cannot have been
    /// chosen.
    pub fn new(arm: Arm, propensity: f64) -> Result<Self> {
        if propensity > 0.0 && propensity <= 1.0 {
            Ok(Self { arm, propensity })
        } else {
            let (what, low, high) = ("propensity", f64::MIN_POSITIVE, 1.0);
            Err(Error::OutOfRange { what, index: 0, value: propensity, low, high })
        }
    }

    /// The arm.
    #[must_use]
    pub const fn arm(&self) -> Arm {
        self.arm
    }

    /// The probability with which it was chosen, in `(0, 1]`.
    #[must_use]
    pub const fn propensity(&self) -> f64 {
        self.propensity
    }
}

/// Working space that a caller owns, one per thread, so that choosing allocates nothing.
///
/// [`Bandit::scratch`] makes one of the right size. It carries no state between calls.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    numbers: Vec<f64>,
}

impl Scratch {
    /// Space for `n` numbers. The one allocation.
    #[must_use]
    pub fn new(n: usize) -> Self {
        Self { numbers: vec![0.0; n] }
    }

    /// How many numbers it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Lends the first `n` numbers, their content unspecified.
    ///
    /// # Errors
    /// [`Error::Scratch`] if there are fewer.
    #[inline]
    pub fn take(&mut self, n: usize) -> Result<&mut [f64]> {
        let got = self.numbers.len();
        self.numbers.get_mut(..n).ok_or(Error::Scratch { got, needed: n })
    }
}

/// A policy that chooses an arm and learns from feedback.
///
/// `select` takes `&self`: a server shares one bandit among its threads and each thread brings its
/// own generator and scratch. Rewards may come late and in batches; a reward that comes twice is the
/// caller's to recognise, by event id.
///
/// # Examples
/// A stranger's bandit, in a few lines:
/// ```
/// use campaign_core::{Arm, Bandit, Context, Error, Feedback, Result, Scratch};
/// use campaign_core::rand::{Rng, RngExt};
///
/// /// Every eligible arm with the same probability.
/// struct Uniform(usize);
///
/// impl Uniform {
///     fn eligible(&self, context: &Context<'_>) -> Result<impl Iterator<Item = usize>> {
///         context.check(self.0, 0)?;
///         let context = *context;
///         Ok((0..self.0).filter(move |&arm| context.is_eligible(arm)))
///     }
/// }
///
/// impl Bandit for Uniform {
///     fn n_arms(&self) -> usize { self.0 }
///     fn scratch(&self) -> Scratch { Scratch::new(0) }
///     fn select(&self, context: &Context<'_>, mut rng: &mut dyn Rng, _: &mut Scratch) -> Result<Arm> {
///         let n = self.eligible(context)?.count();
///         let chosen = self.eligible(context)?.nth(rng.random_range(0..n));
///         chosen.map(|arm| Arm(arm as u32)).ok_or(Error::NoEligibleArm)
///     }
///     fn probabilities_into(&self, context: &Context<'_>, _: &mut Scratch, out: &mut [f64]) -> Result<()> {
///         let n = self.eligible(context)?.count();
///         out.fill(0.0);
///         for arm in self.eligible(context)? { out[arm] = 1.0 / n as f64 }
///         Ok(())
///     }
///     fn update(&mut self, feedback: &Feedback<'_>) -> Result<()> { feedback.check(self.0, 0) }
/// }
///
/// let bandit: Box<dyn Bandit> = Box::new(Uniform(3));
/// let mut p = [0.0; 3];
/// let context = Context::none().with_eligible(&[true, false, true]);
/// bandit.probabilities_into(&context, &mut bandit.scratch(), &mut p)?;
/// assert_eq!(p, [0.5, 0.0, 0.5]);
/// # Ok::<(), Error>(())
/// ```
pub trait Bandit: Send + Sync {
    /// How many arms there are.
    fn n_arms(&self) -> usize;

    /// How many features a [`Context`] must carry; 0 for a bandit without context.
    fn n_features(&self) -> usize {
        0
    }

    /// Working space for [`select`](Self::select) and
    /// [`probabilities_into`](Self::probabilities_into), at the present number of arms.
    ///
    /// # Allocation
    /// The scratch.
    fn scratch(&self) -> Scratch;

    /// Chooses an arm. The hot path.
    ///
    /// # Errors
    /// [`Error::NoEligibleArm`], [`Error::Length`] for a context of the wrong size, [`Error::Scratch`]
    /// when arms were added after the scratch was made.
    ///
    /// # Allocation
    /// None, errors included.
    fn select(
        &self,
        context: &Context<'_>,
        rng: &mut dyn Rng,
        scratch: &mut Scratch,
    ) -> Result<Arm>;

    /// The exact law of [`select`](Self::select): the probability of each arm in this context.
    ///
    /// # Shapes
    /// `out` has `n_arms` entries; they are non-negative, add up to 1, and are 0 where an arm is not
    /// eligible.
    ///
    /// # Errors
    /// As [`select`](Self::select).
    ///
    /// # Allocation
    /// None.
    fn probabilities_into(
        &self,
        context: &Context<'_>,
        scratch: &mut Scratch,
        out: &mut [f64],
    ) -> Result<()>;

    /// Learns from what a choice brought.
    ///
    /// # Errors
    /// As [`Feedback::check`], and what the policy itself demands (a reward in `[0, 1]`, a
    /// propensity). The state is then unchanged.
    ///
    /// # Allocation
    /// None.
    fn update(&mut self, feedback: &Feedback<'_>) -> Result<()>;
}

/// State that can be added up: what two servers learnt apart equals what one would have learnt from
/// both streams.
pub trait Merge: Sized {
    /// Adds the observations of `other` to `self`.
    ///
    /// # Errors
    /// [`MergeError`] if the two were not made alike; `self` is then unchanged.
    fn merge(&mut self, other: &Self) -> core::result::Result<(), MergeError>;
}

/// Why two states cannot be added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum MergeError {
    /// They have different numbers of arms, features or bins.
    #[error("{what}: {ours} here, {theirs} there")]
    Shape {
        /// What differs.
        what: &'static str,
        /// Ours.
        ours: usize,
        /// Theirs.
        theirs: usize,
    },
    /// They were configured differently.
    #[error("{0} was configured differently")]
    Config(&'static str),
    /// For implementations outside this workspace.
    #[error("{0}")]
    Custom(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feedback_is_checked() {
        let ok = Feedback::new(Arm(1), 0.5).with_propensity(1.0).with_cost(2.0).with_weight(0.0);
        assert_eq!(ok.check(2, 0), Ok(()));
        assert_eq!(ok.check(1, 0), Err(Error::UnknownArm { arm: 1, n_arms: 1 }));
        assert!(ok.check(2, 3).is_err());
        for bad in [
            ok.with_weight(-1.0),
            ok.with_cost(f64::INFINITY),
            ok.with_propensity(0.0),
            ok.with_propensity(1.1),
            ok.with_propensity(f64::NAN),
            Feedback::new(Arm(0), f64::NAN),
        ] {
            assert!(bad.check(2, 0).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_choice_has_a_possible_propensity() {
        assert!(Choice::new(Arm(0), 0.0).is_err());
        assert!(Choice::new(Arm(0), f64::NAN).is_err());
        assert_eq!(
            Choice::new(Arm(3), 0.25).map(|c| (c.arm(), c.propensity())),
            Ok((Arm(3), 0.25))
        );
    }

    #[test]
    fn scratch_says_when_it_is_too_small() {
        let mut scratch = Scratch::new(4);
        assert_eq!(scratch.take(4).map(|s| s.len()), Ok(4));
        assert_eq!(scratch.take(5).err(), Some(Error::Scratch { got: 4, needed: 5 }));
    }

    #[test]
    fn a_context_without_an_eligible_arm_is_refused() {
        let none = [false, false];
        assert_eq!(Context::none().with_eligible(&none).check(2, 0), Err(Error::NoEligibleArm));
        assert_eq!(Context::none().check(0, 0), Err(Error::NoEligibleArm));
        assert!(Context::none().with_eligible(&none).check(3, 0).is_err());
    }
}
