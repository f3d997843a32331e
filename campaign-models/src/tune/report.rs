//! Whether the search helped.

use std::fmt;

use campaign_core::rand::Rng;

use crate::metrics::{Bootstrap, Interval, Metric, MetricError, Outcomes};

/// What a search brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Verdict {
    /// The interval of the difference lies on the better side of 0.
    Helped,
    /// It holds 0: keep the defaults, they are simpler.
    NoDifference,
    /// It lies on the worse side: the search followed noise.
    Harmed,
}

/// The defaults and what a search found, on rows that took part in neither.
///
/// Both models are fitted on the same rows and judged on the same hold-out, resampled together: a search
/// always improves its own numbers, and only rows it has not seen tell whether that is worth anything.
///
/// # Examples
/// ```
/// use campaign_models::metrics::{Bootstrap, Metric, Outcomes};
/// use campaign_models::tune::{TuneReport, Verdict};
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
/// let target: Vec<f64> = (0..200).map(|i| f64::from(i % 10)).collect();
/// let defaults: Vec<f64> = target.iter().enumerate().map(|(i, y)| y + (i % 3) as f64 - 1.0).collect();
/// let tuned: Vec<f64> = defaults.iter().rev().copied().rev().collect();
/// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
/// let outcomes = Outcomes::new(&target);
/// let report =
///     TuneReport::new(Metric::Rmse, &outcomes, &defaults, &tuned, &Bootstrap::rows(), &mut rng)?;
/// assert_eq!(report.verdict, Verdict::NoDifference);
/// # Ok::<(), campaign_models::metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TuneReport {
    /// What was measured.
    pub metric: Metric,
    /// Its value for the defaults.
    pub defaults: f64,
    /// Its value for what was found.
    pub tuned: f64,
    /// The interval of `tuned - defaults`.
    pub difference: Interval,
    /// What that says.
    pub verdict: Verdict,
}

impl TuneReport {
    /// From predictions for hold-out rows by the model of the defaults and the model of the best trial.
    ///
    /// # Errors
    /// As [`Bootstrap::paired`].
    pub fn new(
        metric: Metric,
        holdout: &Outcomes<'_>,
        defaults: &[f64],
        tuned: &[f64],
        bootstrap: &Bootstrap,
        rng: &mut dyn Rng,
    ) -> Result<Self, MetricError> {
        let (_, difference) = bootstrap.paired(metric, holdout, tuned, defaults, rng)?;
        let sign = if metric.higher_is_better() { 1.0 } else { -1.0 };
        let (one, other) = (sign * difference.low, sign * difference.high);
        let verdict = match (one.min(other) > 0.0, one.max(other) < 0.0) {
            (true, _) => Verdict::Helped,
            (_, true) => Verdict::Harmed,
            _ => Verdict::NoDifference,
        };
        let (defaults, tuned) =
            (metric.measure(holdout, defaults)?, metric.measure(holdout, tuned)?);
        Ok(Self { metric, defaults, tuned, difference, verdict })
    }
}

impl fmt::Display for TuneReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { metric, defaults, tuned, difference: d, verdict } = self;
        write!(f, "{metric} {tuned:.4} tuned, {defaults:.4} by default, difference ")?;
        write!(f, "{:+.4} ({:+.4} to {:+.4}): ", tuned - defaults, d.low, d.high)?;
        f.write_str(match verdict {
            Verdict::Helped => "tuning helped",
            Verdict::NoDifference => "tuning did not help",
            Verdict::Harmed => "tuning harmed",
        })
    }
}
