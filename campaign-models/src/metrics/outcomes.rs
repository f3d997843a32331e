//! What happened, row by row.

use campaign_core::Dataset;
use jiff::civil::Date;

use super::error::MetricError;

/// What happened, to judge predictions by: targets and, where there are any, weights, groups and days.
///
/// # Examples
/// ```
/// use campaign_models::metrics::{Metric, Outcomes};
/// // Two auctions: in the first the creative that was clicked is ranked last.
/// let outcomes = Outcomes::new(&[1.0, 0.0, 1.0, 0.0]).with_groups(&[7, 7, 8, 8]);
/// let ndcg = Metric::Ndcg { k: 2 }.measure(&outcomes, &[0.1, 0.9, 0.8, 0.3])?;
/// assert!((ndcg - (1.0 / 3_f64.log2() + 1.0) / 2.0).abs() < 1e-12);
/// # Ok::<(), campaign_models::metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcomes<'a> {
    pub(super) target: &'a [f64],
    pub(super) weights: Option<&'a [f64]>,
    pub(super) groups: Option<&'a [u32]>,
    pub(super) days: Option<&'a [Date]>,
}

impl<'a> Outcomes<'a> {
    /// Targets alone. Lengths and values are checked where they are used.
    #[must_use]
    pub fn new(target: &'a [f64]) -> Self {
        Self { target, weights: None, groups: None, days: None }
    }

    /// Everything that a data set has.
    ///
    /// # Errors
    /// [`MetricError::Missing`] without a target.
    pub fn of(data: &'a Dataset) -> Result<Self, MetricError> {
        let missing = MetricError::Missing { what: "an evaluation", part: "a target" };
        let target = data.target().ok_or(missing)?;
        let (weights, groups, days) = (data.weights(), data.groups(), data.days());
        Ok(Self { target, weights, groups, days })
    }

    /// How much each row counts.
    #[must_use]
    pub fn with_weights(mut self, weights: &'a [f64]) -> Self {
        self.weights = Some(weights);
        self
    }

    /// The group of each row: the query of a ranking, or what is resampled as a whole.
    #[must_use]
    pub fn with_groups(mut self, groups: &'a [u32]) -> Self {
        self.groups = Some(groups);
        self
    }

    /// The day of each row.
    #[must_use]
    pub fn with_days(mut self, days: &'a [Date]) -> Self {
        self.days = Some(days);
        self
    }

    pub(crate) fn target(&self) -> &'a [f64] {
        self.target
    }

    pub(super) fn check_lengths(&self, prediction: &[f64]) -> Result<(), MetricError> {
        let expected = self.target.len();
        for (what, got) in [
            ("prediction", prediction.len()),
            ("weights", self.weights.map_or(expected, <[f64]>::len)),
            ("groups", self.groups.map_or(expected, <[u32]>::len)),
            ("days", self.days.map_or(expected, <[Date]>::len)),
        ] {
            if got != expected {
                return Err(MetricError::Length { what, got, expected });
            }
        }
        Ok(())
    }
}
