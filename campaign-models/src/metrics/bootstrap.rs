//! How sure a metric is.

use campaign_core::rand::Rng;
use jiff::civil::Date;

use super::error::MetricError;
use super::kernel::Row;
use super::metric::Metric;
use super::outcomes::Outcomes;
use super::resample::Resample;

/// Where a number lies, with some confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How often such intervals cover, as a fraction.
    pub confidence: f64,
}

impl Interval {
    /// Whether it covers a value, ends included.
    #[must_use]
    pub fn covers(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

/// Percentile intervals of metrics by resampling the rows that were judged.
///
/// The model is not fitted again: an interval says how the number would vary over other rows to judge
/// on, not over other training data. Rows of one ad or of one day depend on each other; drawn singly
/// they give intervals that are too narrow, so draw groups, or blocks of days that are long against
/// the memory of the series (a week or two for most campaigns). Blocks need many of themselves: with
/// fewer than about ten blocks in the data, intervals are too narrow as well.
///
/// # Examples
/// ```
/// use campaign_models::metrics::{Bootstrap, Metric, Outcomes};
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
/// let target: Vec<f64> = (0..200).map(|i| f64::from(i % 3 == 0)).collect();
/// let predicted: Vec<f64> = (0..200).map(|i| if i % 6 < 3 { 0.2 } else { 0.4 }).collect();
/// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
/// let interval =
///     Bootstrap::rows().interval(Metric::Brier, &Outcomes::new(&target), &predicted, &mut rng)?;
/// assert!(interval.low < 0.24 && 0.24 < interval.high);
/// # Ok::<(), campaign_models::metrics::MetricError>(())
/// ```
///
/// # Source
/// Efron 1979, "Bootstrap methods"; for blocks of days Künsch 1989 and Politis & Romano 1994.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Bootstrap {
    /// What is drawn as a whole.
    pub resample: Resample,
    /// How many resamples are drawn, at least 10; 1000 by default.
    pub replications: usize,
    /// How often intervals should cover, between 0 and 1; 0.95 by default.
    pub confidence: f64,
}

/// An interval is refused where a larger share of resamples has no value.
const MAX_UNDEFINED: f64 = 0.05;

impl Bootstrap {
    /// Resamples of a kind.
    #[must_use]
    pub fn new(resample: Resample) -> Self {
        Self { resample, replications: 1000, confidence: 0.95 }
    }

    /// Draws single rows.
    #[must_use]
    pub fn rows() -> Self {
        Self::new(Resample::Rows)
    }

    /// Draws groups.
    #[must_use]
    pub fn groups() -> Self {
        Self::new(Resample::Groups)
    }

    /// Draws blocks of consecutive days.
    #[must_use]
    pub fn moving_blocks(days: usize) -> Self {
        Self::new(Resample::MovingBlocks { days })
    }

    /// Draws blocks of consecutive days of random length.
    #[must_use]
    pub fn stationary_blocks(mean_days: f64) -> Self {
        Self::new(Resample::StationaryBlocks { mean_days })
    }

    /// Sets how many resamples are drawn.
    #[must_use]
    pub fn with_replications(mut self, replications: usize) -> Self {
        self.replications = replications;
        self
    }

    /// Sets how often intervals should cover.
    #[must_use]
    pub fn with_confidence(mut self, confidence: f64) -> Self {
        self.confidence = confidence;
        self
    }

    /// The interval of a metric.
    ///
    /// # Errors
    /// As [`Metric::measure`]; and [`MetricError`] for a parameter out of range, outcomes without
    /// the groups or days that are drawn, fewer than two of them, or a metric that has no value in
    /// more than 5 % of the resamples (others are left out).
    ///
    /// # Complexity
    /// `O(replications * n)` after one evaluation.
    pub fn interval(
        &self,
        metric: Metric,
        outcomes: &Outcomes<'_>,
        prediction: &[f64],
        rng: &mut dyn Rng,
    ) -> Result<Interval, MetricError> {
        let [interval] = self.intervals(metric, outcomes, [prediction], |[value]| [value], rng)?;
        Ok(interval)
    }

    /// The intervals of a metric's value and of its difference to a baseline's, value less baseline,
    /// both from the same resamples.
    ///
    /// # Errors
    /// As [`interval`](Self::interval).
    pub fn paired(
        &self,
        metric: Metric,
        outcomes: &Outcomes<'_>,
        prediction: &[f64],
        baseline: &[f64],
        rng: &mut dyn Rng,
    ) -> Result<(Interval, Interval), MetricError> {
        let statistics = |[value, baseline]: [f64; 2]| [value, value - baseline];
        let both = [prediction, baseline];
        let [value, difference] = self.intervals(metric, outcomes, both, statistics, rng)?;
        Ok((value, difference))
    }

    fn intervals<const N: usize>(
        &self,
        metric: Metric,
        outcomes: &Outcomes<'_>,
        predictions: [&[f64]; N],
        statistics: impl Fn([f64; N]) -> [f64; N],
        rng: &mut dyn Rng,
    ) -> Result<[Interval; N], MetricError> {
        self.check()?;
        predictions.iter().try_for_each(|prediction| outcomes.check_lengths(prediction))?;
        let (unit_of, n_units) = self.units(outcomes)?;
        let mut originals: [Vec<Row>; N] = std::array::from_fn(|_| Vec::new());
        for (rows, prediction) in originals.iter_mut().zip(predictions) {
            *rows = metric.rows(outcomes, prediction)?;
            metric.value(rows)?;
            if let Some(unit_of) = &unit_of {
                rows.iter_mut().for_each(|row| {
                    row.unit = unit_of.get(row.unit as usize).copied().unwrap_or_default();
                });
            }
        }
        let mut resampled = originals.clone();
        let mut counts = vec![0; n_units];
        let mut drawn: [Vec<f64>; N] =
            std::array::from_fn(|_| Vec::with_capacity(self.replications));
        let mut undefined = 0;
        let mut why = "";
        for _ in 0..self.replications {
            self.resample.draw(rng, &mut counts);
            let mut values = [0.0; N];
            let mut defined = true;
            for ((rows, originals), value) in resampled.iter_mut().zip(&originals).zip(&mut values)
            {
                for (row, original) in rows.iter_mut().zip(originals) {
                    let count = counts.get(row.unit as usize).copied().unwrap_or_default();
                    row.w = original.w * f64::from(count);
                }
                match metric.value(rows) {
                    Ok(v) => *value = v,
                    Err(MetricError::Undefined { reason, .. }) => (defined, why) = (false, reason),
                    Err(error) => return Err(error),
                }
            }
            if defined {
                drawn.iter_mut().zip(statistics(values)).for_each(|(all, v)| all.push(v));
            } else {
                undefined += 1;
            }
        }
        let replications = self.replications;
        if undefined as f64 > MAX_UNDEFINED * replications as f64 {
            return Err(MetricError::Resamples { metric, undefined, replications, reason: why });
        }
        Ok(drawn.map(|values| percentiles(values, self.confidence)))
    }

    fn check(&self) -> Result<(), MetricError> {
        let error =
            |parameter, got, expected| Err(MetricError::Parameter { parameter, got, expected });
        if self.replications < 10 {
            return error("replications", self.replications as f64, "at least 10");
        }
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return error("confidence", self.confidence, "a number between 0 and 1");
        }
        match self.resample {
            Resample::MovingBlocks { days: 0 } => error("days", 0.0, "at least 1"),
            Resample::StationaryBlocks { mean_days }
                if !(mean_days.is_finite() && mean_days >= 1.0) =>
            {
                error("mean_days", mean_days, "a finite number of at least 1")
            }
            _ => Ok(()),
        }
    }

    /// The unit of each row (`None`: its own) and how many units there are.
    fn units(&self, outcomes: &Outcomes<'_>) -> Result<(Option<Vec<u32>>, usize), MetricError> {
        let missing = |what, part| MetricError::Missing { what, part };
        let (units, n) = match self.resample {
            Resample::Rows => (None, outcomes.target.len()),
            Resample::Groups => {
                let groups = outcomes.groups.ok_or(missing("a bootstrap of groups", "groups"))?;
                let (units, n) = ranks(groups);
                (Some(units), n)
            }
            Resample::MovingBlocks { .. } | Resample::StationaryBlocks { .. } => {
                let days: &[Date] =
                    outcomes.days.ok_or(missing("a bootstrap of blocks of days", "days"))?;
                let (units, n) = ranks(days);
                (Some(units), n)
            }
        };
        if n < 2 {
            return Err(missing("a bootstrap", "at least two rows, groups or days to draw from"));
        }
        Ok((units, n))
    }
}

/// Each entry's place among the distinct entries in order, and how many those are.
fn ranks<T: Copy + Ord>(entries: &[T]) -> (Vec<u32>, usize) {
    let mut distinct = entries.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let rank = |entry: &T| distinct.binary_search(entry).map_or(0, |place| place as u32);
    (entries.iter().map(rank).collect(), distinct.len())
}

/// The middle part of values, between order statistics by linear interpolation.
fn percentiles(mut values: Vec<f64>, confidence: f64) -> Interval {
    values.sort_by(f64::total_cmp);
    let at = |level: f64| {
        let place = level * (values.len().saturating_sub(1)) as f64;
        let below = values.get(place.floor() as usize).copied().unwrap_or(f64::NAN);
        let above = values.get(place.ceil() as usize).copied().unwrap_or(below);
        below + (above - below) * place.fract()
    };
    let tail = (1.0 - confidence) / 2.0;
    Interval { low: at(tail), high: at(1.0 - tail), confidence }
}
