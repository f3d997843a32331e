//! Intervals of one width around a point prediction.

use campaign_core::{Error, PredictiveDistribution};

use super::error::ConformalError;
use super::score::{check_coverage, check_lengths, distribution, finite, rank, select};

/// Split-conformal intervals around a model's predictions.
///
/// From absolute residuals `r_i = |y_i - p_i|` on rows the model was not trained on, the half width
/// is the `ceil((n + 1) coverage)`-th smallest. If those rows and a new one are exchangeable, the
/// new target lies in `p ± half width` with a probability of at least `coverage`, and with
/// continuous residuals at most `coverage + 1 / (n + 1)`. The probability is over calibration set and
/// new row together: it is not a promise for one channel or one level of spend, nor under drift.
///
/// With scales (any positive guess at each row's spread) the residuals are divided by them and the
/// half width is multiplied by the new row's: wide where the guess is large.
///
/// # Source
/// Vovk, Gammerman & Shafer 2005; Lei et al. 2018, theorem 2.2 (split conformal) and section 5.2
/// (scaled residuals).
///
/// # Examples
/// ```
/// use campaign_models::SplitConformal;
/// // Nine residuals: 1 to 9. ceil(10 * 0.8) = 8, so the half width is the eighth.
/// let target: Vec<f64> = (1..=9).map(f64::from).collect();
/// let intervals = SplitConformal::fit(&target, &[0.0; 9], 0.8)?;
/// assert_eq!(intervals.interval(20.0), (12.0, 28.0));
/// # Ok::<(), campaign_models::conformal::ConformalError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct SplitConformal {
    coverage: f64,
    half_width: f64,
    rows: usize,
}

impl SplitConformal {
    /// Calibrates on targets and predictions of rows that did not train the model.
    ///
    /// # Errors
    /// [`ConformalError`] for a coverage outside `(0, 1)`, lengths that differ, a number that is not
    /// finite, or fewer rows than `coverage / (1 - coverage)`.
    ///
    /// # Complexity
    /// `O(n)`.
    pub fn fit(target: &[f64], prediction: &[f64], coverage: f64) -> Result<Self, ConformalError> {
        Self::calibrate(target, prediction, None, coverage)
    }

    /// As [`fit`](Self::fit), with a guess at each row's spread; use
    /// [`interval_scaled`](Self::interval_scaled) with the new row's.
    ///
    /// # Errors
    /// As [`fit`](Self::fit), and for a scale that is not positive and finite.
    pub fn fit_scaled(
        target: &[f64],
        prediction: &[f64],
        scale: &[f64],
        coverage: f64,
    ) -> Result<Self, ConformalError> {
        Self::calibrate(target, prediction, Some(scale), coverage)
    }

    fn calibrate(
        target: &[f64],
        prediction: &[f64],
        scale: Option<&[f64]>,
        coverage: f64,
    ) -> Result<Self, ConformalError> {
        check_coverage(coverage)?;
        let rows = target.len();
        check_lengths(rows, &[("prediction", prediction.len())])?;
        check_lengths(rows, &[("scale", scale.map_or(rows, <[f64]>::len))])?;
        let mut residuals = Vec::with_capacity(rows);
        for (index, (y, p)) in target.iter().zip(prediction).enumerate() {
            let spread = scale.map_or(1.0, |s| s[index]);
            let residual = (y - p).abs() / spread;
            finite("target", index, *y)?;
            finite("prediction", index, *p)?;
            if !(spread > 0.0 && spread.is_finite()) {
                let (what, expected) = ("scale", "positive and finite");
                return Err(ConformalError::Value { what, index, value: spread, expected });
            }
            finite("residual", index, residual)?;
            residuals.push(residual);
        }
        let half_width = select(&mut residuals, rank(rows, coverage)?);
        Ok(Self { coverage, half_width, rows })
    }

    /// The coverage asked for.
    #[must_use]
    pub fn coverage(&self) -> f64 {
        self.coverage
    }

    /// How far the interval reaches on either side of a prediction (of scale 1).
    #[must_use]
    pub fn half_width(&self) -> f64 {
        self.half_width
    }

    /// How many rows it was calibrated on.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The interval around a prediction.
    #[must_use]
    pub fn interval(&self, prediction: f64) -> (f64, f64) {
        (prediction - self.half_width, prediction + self.half_width)
    }

    /// The interval around a prediction whose spread is guessed to be `scale`.
    #[must_use]
    pub fn interval_scaled(&self, prediction: f64, scale: f64) -> (f64, f64) {
        (prediction - self.half_width * scale, prediction + self.half_width * scale)
    }

    /// The intervals of many predictions as a distribution whose quantiles at `(1 - coverage) / 2`
    /// and `(1 + coverage) / 2` are their ends.
    ///
    /// The interval covers as stated; that each tail holds half of the rest is an assumption of
    /// symmetry.
    ///
    /// # Errors
    /// [`Error::NonFinite`] for a prediction that is not finite.
    pub fn distribution(&self, predictions: &[f64]) -> Result<PredictiveDistribution, Error> {
        distribution(self.coverage, predictions.iter().map(|p| self.interval(*p)))
    }
}
