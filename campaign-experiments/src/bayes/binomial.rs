//! Comparing conversion rates by their Beta posteriors.

use super::beta::Logit;
use super::compare::{Lane, compare};
use super::lift;
use super::posterior::{Beta, between};
use crate::error::ExperimentError;

/// What one arm saw: conversions among trials.
///
/// Both may be fractional, as platforms with modelled conversions report them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "RawCounts"))]
pub struct Counts {
    conversions: f64,
    trials: f64,
}

/// What is read of [`Counts`], before the check.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
struct RawCounts {
    conversions: f64,
    trials: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<RawCounts> for Counts {
    type Error = ExperimentError;
    fn try_from(raw: RawCounts) -> Result<Self, ExperimentError> {
        Self::new(raw.conversions, raw.trials)
    }
}

impl Counts {
    /// Checks and keeps the two numbers.
    ///
    /// # Errors
    /// [`ExperimentError::Count`] for a negative, NaN or infinite number,
    /// [`ExperimentError::Conversions`] for more conversions than trials.
    pub fn new(conversions: f64, trials: f64) -> Result<Self, ExperimentError> {
        for (what, value) in [("conversions", conversions), ("trials", trials)] {
            if !(value.is_finite() && value >= 0.0) {
                return Err(ExperimentError::Count { what, value });
            }
        }
        if conversions > trials {
            return Err(ExperimentError::Conversions { conversions, trials });
        }
        Ok(Self { conversions, trials })
    }

    /// Conversions.
    #[must_use]
    pub const fn conversions(&self) -> f64 {
        self.conversions
    }

    /// Trials.
    #[must_use]
    pub const fn trials(&self) -> f64 {
        self.trials
    }

    /// Conversions per trial; `None` without trials.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        (self.trials > 0.0).then(|| self.conversions / self.trials)
    }
}

/// `P(theta_b > theta_a)`.
///
/// # Complexity
/// One quadrature of about ten panels, whatever the counts.
///
/// # Allocation
/// None.
///
/// # Examples
/// ```
/// use campaign_experiments::{Beta, bayes::probability_greater};
/// // Beta(2, 1) against the uniform: the integral of 2 x^2 is 2/3.
/// let p = probability_greater(&Beta::new(2.0, 1.0)?, &Beta::uniform());
/// assert!((p - 2.0 / 3.0).abs() < 1e-14);
/// # Ok::<(), campaign_experiments::ExperimentError>(())
/// ```
#[must_use]
pub fn probability_greater(b: &Beta, a: &Beta) -> f64 {
    pair(b, a).0
}

/// What choosing `b` is expected to lose against `a`: `E[max(theta_a - theta_b, 0)]`.
///
/// # Units
/// Those of the rate.
///
/// # Allocation
/// None.
#[must_use]
pub fn expected_loss(b: &Beta, a: &Beta) -> f64 {
    pair(b, a).1
}

fn pair(b: &Beta, a: &Beta) -> (f64, f64) {
    let mut lanes = [Lane::new(*a.law()), Lane::new(*b.law())];
    compare(&mut lanes);
    let [_, b] = lanes;
    (b.p_best, b.loss)
}

/// `P(theta_b / theta_a - 1 <= lift)`; 0 for a lift of -1 or less.
#[must_use]
pub fn lift_cdf(b: &Beta, a: &Beta, lift: f64) -> f64 {
    if lift.is_nan() {
        lift
    } else if lift <= -1.0 {
        0.0
    } else if lift == f64::INFINITY {
        1.0
    } else {
        lift::cdf(b.law(), a.law(), 1.0 + lift)
    }
}

/// The relative lift `theta_b / theta_a - 1` below which lies the mass `level`.
///
/// # Errors
/// [`ExperimentError::Between`] unless `0 < level < 1`.
///
/// # Complexity
/// About ten evaluations of [`lift_cdf`], each a quadrature over quadratures.
pub fn lift_quantile(b: &Beta, a: &Beta, level: f64) -> Result<f64, ExperimentError> {
    between("level", level, 0.0, 1.0)?;
    Ok(lift::ratio_quantile(b.law(), a.law(), level) - 1.0)
}

/// Which of several arms is best, and what choosing each would lose.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Comparison {
    /// Probability that an arm has the highest rate; adds up to 1.
    pub p_best: Vec<f64>,
    /// Expected loss of choosing an arm: `E[max_j theta_j - theta_i]`, in units of the rate.
    pub expected_loss: Vec<f64>,
}

impl Comparison {
    /// Compares the posteriors of two arms or more by one quadrature.
    ///
    /// # Errors
    /// [`ExperimentError::Arms`] for fewer than two arms.
    ///
    /// # Examples
    /// ```
    /// use campaign_experiments::{Beta, Comparison};
    /// let same = Comparison::new(&[Beta::uniform(); 4])?;
    /// assert!(same.p_best.iter().all(|p| (p - 0.25).abs() < 1e-14));
    /// // The largest of four uniforms is 4/5 on average.
    /// assert!((same.expected_loss[0] - 0.3).abs() < 1e-14);
    /// # Ok::<(), campaign_experiments::ExperimentError>(())
    /// ```
    pub fn new(posteriors: &[Beta]) -> Result<Self, ExperimentError> {
        if posteriors.len() < 2 {
            return Err(ExperimentError::Arms { got: posteriors.len(), expected: 2 });
        }
        let mut lanes: Vec<Lane> = posteriors.iter().map(|p| Lane::new(*p.law())).collect();
        compare(&mut lanes);
        Ok(Self {
            p_best: lanes.iter().map(|l| l.p_best).collect(),
            expected_loss: lanes.iter().map(|l| l.loss).collect(),
        })
    }

    /// The arm most likely to be best; of equals the first.
    #[must_use]
    pub fn best(&self) -> usize {
        let mut best = 0;
        for (arm, p) in self.p_best.iter().enumerate() {
            if self.p_best.get(best).is_none_or(|top| p > top) {
                best = arm;
            }
        }
        best
    }
}

/// A workspace for many comparisons of the same number of arms.
pub(crate) struct Comparer {
    pub(crate) lanes: Vec<Lane>,
}

impl Comparer {
    pub(crate) fn new(n_arms: usize) -> Self {
        Self { lanes: vec![Lane::new(Logit::new(1.0, 1.0)); n_arms] }
    }

    /// Compares posteriors given by their shapes, which the caller has checked.
    pub(crate) fn run(&mut self, shapes: impl Iterator<Item = (f64, f64)>) -> &[Lane] {
        for (lane, (a, b)) in self.lanes.iter_mut().zip(shapes) {
            lane.law = Logit::new(a, b);
        }
        compare(&mut self.lanes);
        &self.lanes
    }
}
