//! Coverage where the mix of rows shifts.

use campaign_core::error::check_length;
use campaign_core::{Error, PredictiveDistribution};

use super::error::ConformalError;
use super::score::{check_coverage, check_lengths, distribution, finite, scores, widen};

/// Likelihood ratios from the probabilities of a classifier that tells new rows from calibration rows.
///
/// With `p` the predicted probability that a row is a new one, its weight is
/// `p / (1 - p)`, at most `most`. The constant share of classes cancels in [`WeightedConformal`]. The
/// classifier must not be trained on the rows it weighs.
///
/// # Errors
/// [`Error::OutOfRange`] for a probability outside `0..=1`, or for a `most` that is not positive.
///
/// # Source
/// Tibshirani, Barber, Candès & Ramdas 2019, section 2.3. The cap is ours: one row of nearly certain
/// membership would otherwise outweigh all others.
pub fn likelihood_ratio(probability: &[f64], most: f64) -> Result<Vec<f64>, Error> {
    if !(most > 0.0 && most.is_finite()) {
        let (what, index, low) = ("most", 0, f64::MIN_POSITIVE);
        return Err(Error::OutOfRange { what, index, value: most, low, high: f64::MAX });
    }
    let ratio = |(index, &value): (usize, &f64)| {
        if !(0.0..=1.0).contains(&value) {
            let what = "probability";
            return Err(Error::OutOfRange { what, index, value, low: 0.0, high: 1.0 });
        }
        Ok((value / (1.0 - value)).min(most))
    };
    probability.iter().enumerate().map(ratio).collect()
}

/// Conformal intervals for rows drawn from another mix than the calibration rows.
///
/// Next month has more mobile, a new country, a larger budget: features shift, while the law of the
/// target given the features stays. Each calibration score counts with the row's likelihood ratio (how
/// much more likely such a row is now than then), and the new row's own ratio counts as a score of
/// infinity. With the true ratios coverage is as stated for the new mix; with estimated ones it is as
/// good as they are. A row so unlike the calibration rows that its weight alone exceeds
/// `1 - coverage` of the total has no finite interval, which is said.
///
/// # Source
/// Tibshirani, Barber, Candès & Ramdas 2019, "Conformal prediction under covariate shift", corollary 1;
/// scores as in [`ConformalQuantiles`](super::ConformalQuantiles).
///
/// # Examples
/// ```
/// use campaign_models::conformal::WeightedConformal;
/// let target: Vec<f64> = (1..=9).map(f64::from).collect();
/// let zero = [0.0; 9];
/// // Rows with large errors are twice as likely now as they were.
/// let weights = [1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0];
/// let intervals = WeightedConformal::fit(&target, &zero, &zero, &weights, 0.7)?;
/// // 0.7 of a total of 13 + 2 is 10.5: the weights up to 8 sum to 11.
/// assert_eq!(intervals.interval(20.0, 20.0, 2.0)?, Some((12.0, 28.0)));
/// // A row that the calibration rows say nothing about.
/// assert_eq!(intervals.interval(20.0, 20.0, 100.0)?, None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Saved"))]
pub struct WeightedConformal {
    coverage: f64,
    /// Ascending.
    scores: Vec<f64>,
    /// Sum of the weights up to and with each score.
    cumulative: Vec<f64>,
    effective_rows: f64,
}

impl WeightedConformal {
    /// Calibrates on rows that trained no model, with the likelihood ratio of each.
    ///
    /// # Errors
    /// [`ConformalError`] for a coverage outside `(0, 1)`, lengths that differ, a number that is not
    /// finite, a negative weight, or weights that do not sum to a positive finite number.
    ///
    /// # Complexity
    /// `O(n ln n)`.
    pub fn fit(
        target: &[f64],
        low: &[f64],
        high: &[f64],
        weights: &[f64],
        coverage: f64,
    ) -> Result<Self, ConformalError> {
        check_coverage(coverage)?;
        check_lengths(target.len(), &[("weights", weights.len())])?;
        let mut rows: Vec<(f64, f64)> =
            scores(target, low, high)?.into_iter().zip(weights.iter().copied()).collect();
        for (index, &value) in weights.iter().enumerate() {
            finite("weights", index, value)?;
            if value < 0.0 {
                let (what, expected) = ("weights", "a number that is not negative");
                return Err(ConformalError::Value { what, index, value, expected });
            }
        }
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut total = 0.0;
        let cumulative: Vec<f64> = rows
            .iter()
            .map(|(_, weight)| {
                total += weight;
                total
            })
            .collect();
        if !(total > 0.0 && total.is_finite()) {
            return Err(ConformalError::Weights(total));
        }
        // Of shares, so that squares of large weights stay finite.
        let effective_rows = 1.0 / rows.iter().map(|(_, w)| (w / total).powi(2)).sum::<f64>();
        let scores = rows.into_iter().map(|(score, _)| score).collect();
        Ok(Self { coverage, scores, cumulative, effective_rows })
    }

    /// The coverage asked for.
    #[must_use]
    pub fn coverage(&self) -> f64 {
        self.coverage
    }

    /// How many rows of equal weight would say as much (Kish 1965): `(Σ w)² / Σ w²`.
    #[must_use]
    pub fn effective_rows(&self) -> f64 {
        self.effective_rows
    }

    /// The interval of a row with these predictions and this likelihood ratio; `None` if only an
    /// infinite one would cover as stated.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a weight that is negative or not finite.
    ///
    /// # Complexity
    /// `O(ln n)`.
    pub fn interval(&self, low: f64, high: f64, weight: f64) -> Result<Option<(f64, f64)>, Error> {
        if !(weight >= 0.0 && weight.is_finite()) {
            let (what, index, low, high) = ("weight", 0, 0.0, f64::MAX);
            return Err(Error::OutOfRange { what, index, value: weight, low, high });
        }
        let total = self.cumulative.last().copied().unwrap_or(0.0) + weight;
        // Rounding noise of the sums must not push an exact share one score further.
        let needed = self.coverage * total * (1.0 - 1e-12);
        let at = self.cumulative.partition_point(|sum| *sum < needed);
        Ok(self.scores.get(at).map(|&margin| widen(low, high, margin, margin)))
    }

    /// The intervals of many rows as a distribution whose quantiles at `(1 - coverage) / 2` and
    /// `(1 + coverage) / 2` are their ends.
    ///
    /// # Errors
    /// [`Error::Length`] for parts of different lengths, [`Error::NonFinite`] with the row for a
    /// prediction that is not finite or a row without a finite interval, [`Error::OutOfRange`] for a
    /// weight that is negative or not finite.
    pub fn distribution(
        &self,
        low: &[f64],
        high: &[f64],
        weights: &[f64],
    ) -> Result<PredictiveDistribution, Error> {
        check_length("high", high.len(), low.len())?;
        check_length("weights", weights.len(), low.len())?;
        let mut intervals = Vec::with_capacity(low.len());
        for (index, ((low, high), &value)) in low.iter().zip(high).zip(weights).enumerate() {
            let interval = self.interval(*low, *high, value).map_err(|_| {
                let (what, low, high) = ("weights", 0.0, f64::MAX);
                Error::OutOfRange { what, index, value, low, high }
            })?;
            intervals.push(interval.unwrap_or((f64::NEG_INFINITY, f64::INFINITY)));
        }
        distribution(self.coverage, intervals.into_iter())
    }
}

/// As read, before it is checked.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    coverage: f64,
    scores: Vec<f64>,
    cumulative: Vec<f64>,
    effective_rows: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<Saved> for WeightedConformal {
    type Error = ConformalError;

    fn try_from(saved: Saved) -> Result<Self, ConformalError> {
        let Saved { coverage, scores, cumulative, effective_rows } = saved;
        check_coverage(coverage)?;
        check_lengths(scores.len(), &[("cumulative", cumulative.len())])?;
        for (what, values) in [("scores", &scores), ("cumulative", &cumulative)] {
            values.iter().enumerate().try_for_each(|(index, v)| finite(what, index, *v))?;
            if !values.is_sorted() {
                return Err(ConformalError::State("scores or summed weights do not rise"));
            }
        }
        let total = cumulative.last().copied().unwrap_or(0.0);
        let first = cumulative.first().copied().unwrap_or(0.0);
        if !(total > 0.0 && first >= 0.0 && effective_rows > 0.0) {
            return Err(ConformalError::Weights(total));
        }
        Ok(Self { coverage, scores, cumulative, effective_rows })
    }
}
