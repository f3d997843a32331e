//! Conformalized quantile regression.

use campaign_core::{Error, PredictiveDistribution};

use super::error::ConformalError;
use super::score::{check_coverage, distribution_of, rank, scores, select, widen};

/// Predicted quantiles, moved outwards (or inwards) until they cover as stated.
///
/// From scores `E_i = max(low_i - y_i, y_i - high_i)` on rows that trained neither model, the margin is
/// the `ceil((n + 1) coverage)`-th smallest, and the interval is `[low - margin, high + margin]`. It
/// follows the predicted quantiles: wide where they are far apart. The promise is that of
/// [`SplitConformal`](super::SplitConformal): at least `coverage` over calibration set and new row
/// together, at most `1 / (n + 1)` more if scores are continuous.
///
/// Where a negative margin makes the ends cross, both are put midway.
///
/// # Source
/// Romano, Patterson & Candès 2019, "Conformalized quantile regression", theorems 1 and 2.
///
/// # Examples
/// ```
/// use campaign_models::conformal::ConformalQuantiles;
/// // Nine targets that lie 1 to 9 above an interval from -1 to 0.
/// let target: Vec<f64> = (1..=9).map(f64::from).collect();
/// let intervals = ConformalQuantiles::fit(&target, &[-1.0; 9], &[0.0; 9], 0.8)?;
/// assert_eq!(intervals.interval(19.0, 21.0), (11.0, 29.0));
/// # Ok::<(), campaign_models::conformal::ConformalError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Saved"))]
pub struct ConformalQuantiles {
    coverage: f64,
    down: f64,
    up: f64,
    rows: usize,
}

impl ConformalQuantiles {
    /// Calibrates on targets and predicted quantiles of rows that did not train the models.
    ///
    /// The quantiles are usually those at `(1 - coverage) / 2` and `(1 + coverage) / 2`, but any pair
    /// will do.
    ///
    /// # Errors
    /// [`ConformalError`] for a coverage outside `(0, 1)`, lengths that differ, a number that is not
    /// finite, or fewer rows than `coverage / (1 - coverage)`.
    ///
    /// # Complexity
    /// `O(n)`.
    pub fn fit(
        target: &[f64],
        low: &[f64],
        high: &[f64],
        coverage: f64,
    ) -> Result<Self, ConformalError> {
        check_coverage(coverage)?;
        let mut scores = scores(target, low, high)?;
        let rows = scores.len();
        let margin = select(&mut scores, rank(rows, coverage)?);
        Ok(Self { coverage, down: margin, up: margin, rows })
    }

    /// As [`fit`](Self::fit), with a margin for each end: either end fails with a probability of at
    /// most `(1 - coverage) / 2`. Wider, for use where one side matters by itself.
    ///
    /// # Errors
    /// As [`fit`](Self::fit); it needs about twice the rows.
    pub fn fit_per_end(
        target: &[f64],
        low: &[f64],
        high: &[f64],
        coverage: f64,
    ) -> Result<Self, ConformalError> {
        check_coverage(coverage)?;
        // For its checks.
        scores(target, low, high)?;
        let rows = target.len();
        let rank = rank(rows, (1.0 + coverage) / 2.0)?;
        let mut below: Vec<f64> = low.iter().zip(target).map(|(low, y)| low - y).collect();
        let mut above: Vec<f64> = target.iter().zip(high).map(|(y, high)| y - high).collect();
        let (down, up) = (select(&mut below, rank), select(&mut above, rank));
        if !(down.is_finite() && up.is_finite()) {
            return Err(ConformalError::State("a margin is not finite"));
        }
        Ok(Self { coverage, down, up, rows })
    }

    /// The coverage asked for.
    #[must_use]
    pub fn coverage(&self) -> f64 {
        self.coverage
    }

    /// How far the lower and the upper end are moved outwards.
    #[must_use]
    pub fn margins(&self) -> (f64, f64) {
        (self.down, self.up)
    }

    /// How many rows it was calibrated on.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The interval of a row with these predicted quantiles.
    #[must_use]
    pub fn interval(&self, low: f64, high: f64) -> (f64, f64) {
        widen(low, high, self.down, self.up)
    }

    /// The intervals of many rows as a distribution whose quantiles at `(1 - coverage) / 2` and
    /// `(1 + coverage) / 2` are their ends.
    ///
    /// # Errors
    /// [`Error::Length`] if there is not one `high` per `low`, [`Error::NonFinite`] for a prediction
    /// that is not finite.
    pub fn distribution(&self, low: &[f64], high: &[f64]) -> Result<PredictiveDistribution, Error> {
        distribution_of(self.coverage, low, high, |_, low, high| self.interval(low, high))
    }
}

/// As read, before it is checked.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    coverage: f64,
    down: f64,
    up: f64,
    rows: usize,
}

#[cfg(feature = "serde")]
impl TryFrom<Saved> for ConformalQuantiles {
    type Error = ConformalError;

    fn try_from(saved: Saved) -> Result<Self, ConformalError> {
        let Saved { coverage, down, up, rows } = saved;
        check_coverage(coverage)?;
        rank(rows, coverage)?;
        super::score::finite("margins", 0, down)?;
        super::score::finite("margins", 1, up)?;
        Ok(Self { coverage, down, up, rows })
    }
}
