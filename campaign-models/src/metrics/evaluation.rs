//! A model's number beside a baseline's.

use std::fmt;

use campaign_core::rand::Rng;

use super::bootstrap::{Bootstrap, Interval};
use super::error::MetricError;
use super::metric::Metric;
use super::outcomes::Outcomes;

/// A metric of a model beside the same metric of a naive baseline on the same rows.
///
/// # Examples
/// ```
/// use campaign_models::{Evaluation, Metric};
/// let (target, model, prior) = ([1.0, 3.0], [1.5, 2.5], [2.0, 2.0]);
/// let evaluation = Evaluation::new(Metric::Rmse, &target, &model, &prior, None)?;
/// assert_eq!(evaluation.to_string(), "RMSE 0.5000 (baseline 1.0000)");
/// assert!(evaluation.beats_baseline());
/// # Ok::<(), campaign_models::metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Evaluation {
    /// What was measured.
    pub metric: Metric,
    /// The model's value.
    pub value: f64,
    /// The baseline's value.
    pub baseline: f64,
    /// Where the model's value lies, if it was asked for.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub interval: Option<Interval>,
    /// Where value less baseline lies, from the same resamples.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub difference: Option<Interval>,
}

impl Evaluation {
    /// Measures a model's and a baseline's predictions.
    ///
    /// # Errors
    /// As [`Metric::evaluate`].
    pub fn new(
        metric: Metric,
        target: &[f64],
        prediction: &[f64],
        baseline: &[f64],
        weights: Option<&[f64]>,
    ) -> Result<Self, MetricError> {
        let outcomes = Outcomes { weights, ..Outcomes::new(target) };
        Self::of(metric, &outcomes, prediction, baseline)
    }

    /// Measures a model's and a baseline's predictions, with groups where there are any.
    ///
    /// # Errors
    /// As [`Metric::measure`].
    pub fn of(
        metric: Metric,
        outcomes: &Outcomes<'_>,
        prediction: &[f64],
        baseline: &[f64],
    ) -> Result<Self, MetricError> {
        let value = metric.measure(outcomes, prediction)?;
        let baseline = metric.measure(outcomes, baseline)?;
        Ok(Self { metric, value, baseline, interval: None, difference: None })
    }

    /// As [`of`](Self::of), with the intervals of the value and of its difference to the baseline.
    ///
    /// # Errors
    /// As [`Bootstrap::paired`].
    pub fn with_intervals(
        metric: Metric,
        outcomes: &Outcomes<'_>,
        prediction: &[f64],
        baseline: &[f64],
        bootstrap: &Bootstrap,
        rng: &mut dyn Rng,
    ) -> Result<Self, MetricError> {
        let plain = Self::of(metric, outcomes, prediction, baseline)?;
        let (interval, difference) =
            bootstrap.paired(metric, outcomes, prediction, baseline, rng)?;
        Ok(Self { interval: Some(interval), difference: Some(difference), ..plain })
    }

    /// Whether the model's value is better than the baseline's, by however little.
    #[must_use]
    pub fn beats_baseline(&self) -> bool {
        if self.metric.higher_is_better() {
            self.value > self.baseline
        } else {
            self.value < self.baseline
        }
    }

    /// Whether the model is better all over the interval of the difference; `None` without one.
    #[must_use]
    pub fn surely_beats_baseline(&self) -> Option<bool> {
        let difference = self.difference?;
        Some(if self.metric.higher_is_better() {
            difference.low > 0.0
        } else {
            difference.high < 0.0
        })
    }
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:.4}", self.metric, self.value)?;
        if let Some(Interval { low, high, .. }) = self.interval {
            write!(f, " [{low:.4}, {high:.4}]")?;
        }
        write!(f, " (baseline {:.4}", self.baseline)?;
        if let Some(Interval { low, high, confidence }) = self.difference {
            write!(f, "; difference [{low:.4}, {high:.4}] at {confidence}")?;
        }
        f.write_str(")")
    }
}
