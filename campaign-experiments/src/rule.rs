//! A decision rule with its look schedule.

use crate::bayes::{Beta, Comparison, Counts, between};
use crate::error::ExperimentError;

/// When the test is looked at. Part of the rule: each further look is another chance to accept by
/// mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LookSchedule {
    /// Days from one look to the next; the first look is after that many days.
    pub every_days: u32,
    /// How many looks there are; the last one ends the test.
    pub looks: u32,
}

impl LookSchedule {
    /// One look, at the end.
    #[must_use]
    pub const fn once(after_days: u32) -> Self {
        Self { every_days: after_days, looks: 1 }
    }

    /// A look each day, for `looks` days.
    #[must_use]
    pub const fn daily(looks: u32) -> Self {
        Self { every_days: 1, looks }
    }

    /// The number of the look due `days` full days after the start, the first being 1; `None` on days
    /// without a look.
    ///
    /// # Examples
    /// ```
    /// use campaign_experiments::LookSchedule;
    /// let weekly = LookSchedule { every_days: 7, looks: 4 };
    /// assert_eq!(weekly.look_after(14), Some(2));
    /// assert_eq!(weekly.look_after(15), None);
    /// assert_eq!(weekly.look_after(35), None);
    /// ```
    #[must_use]
    pub const fn look_after(&self, days: u32) -> Option<u32> {
        if self.every_days == 0 || days == 0 || !days.is_multiple_of(self.every_days) {
            return None;
        }
        let look = days / self.every_days;
        if look <= self.looks { Some(look) } else { None }
    }
}

/// What the rule says at a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase", tag = "verdict", content = "arm"))]
#[non_exhaustive]
pub enum Verdict {
    /// This arm is accepted and the test ends.
    Accept(usize),
    /// The control is the best arm: every challenger is rejected and the test ends. Only in a test
    /// with a control.
    Reject,
    /// Not yet: go on to the next look.
    Continue,
    /// The last look passed without a decision.
    Inconclusive,
}

/// The rule of a test.
///
/// An arm is accepted at a look when its probability of being the best exceeds `threshold`, every arm
/// has `min_trials`, and, where a limit is set, its expected loss is at most `max_expected_loss`.
///
/// # Examples
/// ```
/// use campaign_experiments::{Counts, DecisionRule, LookSchedule, Verdict};
/// let rule = DecisionRule::new(LookSchedule::daily(14)).with_control(0).with_min_trials(500.0);
/// let arms = [Counts::new(20.0, 1000.0)?, Counts::new(45.0, 1000.0)?];
/// let assessment = rule.decide(&arms, 3)?;
/// assert_eq!(assessment.verdict, Verdict::Accept(1));
/// # Ok::<(), campaign_experiments::ExperimentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DecisionRule {
    /// Accept above this probability of being best; 0.95 unless set.
    pub threshold: f64,
    /// Trials that every arm must have before anything is decided; 0 unless set.
    pub min_trials: f64,
    /// Largest expected loss of an arm that is accepted, in units of the rate; no limit unless set.
    pub max_expected_loss: Option<f64>,
    /// The arm that stays if no challenger is accepted; none unless set.
    pub control: Option<usize>,
    /// When the test is looked at.
    pub looks: LookSchedule,
    /// The prior of every arm; uniform unless set.
    pub prior: Beta,
}

impl DecisionRule {
    /// Accept above 0.95 under a uniform prior, with these looks.
    #[must_use]
    pub fn new(looks: LookSchedule) -> Self {
        Self {
            threshold: 0.95,
            min_trials: 0.0,
            max_expected_loss: None,
            control: None,
            looks,
            prior: Beta::uniform(),
        }
    }

    /// Sets the probability above which an arm is accepted.
    #[must_use]
    pub const fn with_threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }

    /// Sets the trials that every arm must have.
    #[must_use]
    pub const fn with_min_trials(mut self, min_trials: f64) -> Self {
        self.min_trials = min_trials;
        self
    }

    /// Sets the largest expected loss of an accepted arm.
    #[must_use]
    pub const fn with_max_expected_loss(mut self, loss: f64) -> Self {
        self.max_expected_loss = Some(loss);
        self
    }

    /// Names the control.
    #[must_use]
    pub const fn with_control(mut self, arm: usize) -> Self {
        self.control = Some(arm);
        self
    }

    /// Sets the prior.
    #[must_use]
    pub const fn with_prior(mut self, prior: Beta) -> Self {
        self.prior = prior;
        self
    }

    /// Checks the rule against a number of arms.
    ///
    /// # Errors
    /// [`ExperimentError`] naming what is wrong.
    pub fn check(&self, n_arms: usize) -> Result<(), ExperimentError> {
        if n_arms < 2 {
            return Err(ExperimentError::Arms { got: n_arms, expected: 2 });
        }
        between("threshold", self.threshold, 0.5, 1.0)?;
        for (what, value) in [
            ("min_trials", self.min_trials),
            ("max_expected_loss", self.max_expected_loss.unwrap_or(0.0)),
        ] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(ExperimentError::Count { what, value });
            }
        }
        match self.control {
            Some(arm) if arm >= n_arms => return Err(ExperimentError::UnknownArm { arm, n_arms }),
            _ => {}
        }
        for (what, value) in [("looks", self.looks.looks), ("every_days", self.looks.every_days)] {
            if value == 0 {
                return Err(ExperimentError::Zero(what));
            }
        }
        Ok(())
    }

    /// Judges the counts at a look, the first being look 1.
    ///
    /// # Errors
    /// [`ExperimentError`] for a rule, a number of arms or a look that cannot be.
    pub fn decide(&self, arms: &[Counts], look: u32) -> Result<Assessment, ExperimentError> {
        self.check(arms.len())?;
        if look == 0 || look > self.looks.looks {
            return Err(ExperimentError::Look { look, looks: self.looks.looks });
        }
        let posteriors =
            arms.iter().map(|arm| self.prior.updated(arm)).collect::<Result<Vec<_>, _>>()?;
        let comparison = Comparison::new(&posteriors)?;
        let best = comparison.best();
        let enough = arms.iter().all(|arm| arm.trials() >= self.min_trials);
        let p = comparison.p_best.get(best).copied().unwrap_or(0.0);
        let loss = comparison.expected_loss.get(best).copied().unwrap_or(0.0);
        let verdict = match self.judge(best, p, loss) {
            Some(verdict) if enough => verdict,
            _ if look == self.looks.looks => Verdict::Inconclusive,
            _ => Verdict::Continue,
        };
        Ok(Assessment { verdict, look, best, enough_trials: enough, posteriors, comparison })
    }

    /// What the best arm's figures say, trials aside.
    pub(crate) fn judge(&self, best: usize, p_best: f64, loss: f64) -> Option<Verdict> {
        if p_best <= self.threshold || self.max_expected_loss.is_some_and(|max| loss > max) {
            return None;
        }
        Some(if self.control == Some(best) { Verdict::Reject } else { Verdict::Accept(best) })
    }
}

/// What a look found.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Assessment {
    /// The verdict.
    pub verdict: Verdict,
    /// Which look it was.
    pub look: u32,
    /// The arm most likely to be best.
    pub best: usize,
    /// Whether every arm had the trials the rule asks for.
    pub enough_trials: bool,
    /// The posterior of each arm.
    pub posteriors: Vec<Beta>,
    /// Probability of being best and expected loss of each arm.
    pub comparison: Comparison,
}
