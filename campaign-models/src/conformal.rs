//! Intervals that hold their coverage whatever the model.

use campaign_core::ndarray::Array2;
use campaign_core::{Error, PredictiveDistribution};
use thiserror::Error as ThisError;

/// Why intervals could not be calibrated.
#[derive(Debug, Clone, PartialEq, ThisError)]
#[non_exhaustive]
pub enum ConformalError {
    /// A coverage that is none.
    #[error("coverage is {0}, expected a number between 0 and 1")]
    Coverage(f64),
    /// Parts of different lengths.
    #[error("{what} has length {got}, expected {expected}")]
    Length {
        /// Which part.
        what: &'static str,
        /// Its length.
        got: usize,
        /// The length of the targets.
        expected: usize,
    },
    /// A number that cannot be.
    #[error("{what}[{index}] is {value}, expected {expected}")]
    Value {
        /// Which part.
        what: &'static str,
        /// Position, from 0.
        index: usize,
        /// The value.
        value: f64,
        /// What was expected.
        expected: &'static str,
    },
    /// Too few rows for the coverage: only an infinite interval would hold it.
    #[error("{got} calibration rows, expected at least {needed} for this coverage")]
    TooFewRows {
        /// How many there are.
        got: usize,
        /// How many are needed.
        needed: usize,
    },
}

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
        if !(coverage > 0.0 && coverage < 1.0) {
            return Err(ConformalError::Coverage(coverage));
        }
        let rows = target.len();
        let parts = [("prediction", prediction.len()), ("scale", scale.map_or(rows, <[f64]>::len))];
        for (what, got) in parts {
            if got != rows {
                return Err(ConformalError::Length { what, got, expected: rows });
            }
        }
        let mut residuals = Vec::with_capacity(rows);
        for (index, (y, p)) in target.iter().zip(prediction).enumerate() {
            let spread = scale.map_or(1.0, |s| s[index]);
            let residual = (y - p).abs() / spread;
            let finite = "a finite number";
            for (what, value, ok, expected) in [
                ("target", *y, y.is_finite(), finite),
                ("prediction", *p, p.is_finite(), finite),
                ("scale", spread, spread > 0.0 && spread.is_finite(), "positive and finite"),
                ("residual", residual, residual.is_finite(), finite),
            ] {
                if !ok {
                    return Err(ConformalError::Value { what, index, value, expected });
                }
            }
            residuals.push(residual);
        }
        // Rounding noise of the product must not push an exact rank one further.
        let rank = ((rows as f64 + 1.0) * coverage - 1e-9).ceil().max(1.0);
        if rank > rows as f64 {
            let needed = (coverage / (1.0 - coverage) - 1e-9).ceil();
            return Err(ConformalError::TooFewRows { got: rows, needed: needed as usize });
        }
        let (_, half_width, _) =
            residuals.select_nth_unstable_by(rank as usize - 1, f64::total_cmp);
        Ok(Self { coverage, half_width: *half_width, rows })
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
        // Rounded as `PredictiveDistribution::interval` rounds, so that it finds these levels.
        let tail = ((1.0 - self.coverage) / 2.0 * 1e12).round() / 1e12;
        let ends = |(row, column): (usize, usize)| {
            let (low, high) = self.interval(predictions[row]);
            if column == 0 { low } else { high }
        };
        let values = Array2::from_shape_fn((predictions.len(), 2), ends);
        PredictiveDistribution::quantiles(vec![tail, 1.0 - tail], values)
    }
}
