//! CV+ and the jackknife+.

use campaign_core::error::{check_finite, check_length};
use campaign_core::ndarray::ArrayView2;
use campaign_core::{Error, PredictiveDistribution};

use super::error::ConformalError;
use super::score::{check_coverage, check_lengths, distribution, finite, rank, select, widen};

/// Intervals from cross-validation: every row trains and every row calibrates.
///
/// With `m_k` the model trained without fold `k`, `R_i` the absolute residual of row `i` under the model
/// that did not see it, the interval at `x` reaches from the `floor((n + 1) (1 - coverage))`-th smallest
/// of `m_k(i)(x) - R_i` to the `ceil((n + 1) coverage)`-th smallest of `m_k(i)(x) + R_i`. With one row
/// per fold it is the jackknife+.
///
/// In practice it covers as stated; what is proven is less, see [`guaranteed`](Self::guaranteed).
///
/// # Source
/// Barber, Candès, Ramdas & Tibshirani 2021, "Predictive inference with the jackknife+", eq. 11 and
/// theorems 1 and 4.
///
/// # Examples
/// ```
/// use campaign_models::conformal::CvPlus;
/// // Residuals 1 to 9 in three folds whose models predict 10, 20 and 30 at the new row.
/// let target: Vec<f64> = (1..=9).map(f64::from).collect();
/// let fold_of = [0, 0, 0, 1, 1, 1, 2, 2, 2];
/// let intervals = CvPlus::fit(&target, &[0.0; 9], &fold_of, 0.8)?;
/// // Lower ends 9 8 7, 16 15 14, 23 22 21: the second smallest. Upper: 11 12 13, 24 25 26, 37 38 39.
/// assert_eq!(intervals.interval(&[10.0, 20.0, 30.0])?, (8.0, 38.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Saved"))]
pub struct CvPlus {
    coverage: f64,
    /// Of each row: its fold and its absolute residual.
    residuals: Vec<(usize, f64)>,
    #[cfg_attr(feature = "serde", serde(skip))]
    folds: usize,
}

impl CvPlus {
    /// Takes the residuals of cross-validation.
    ///
    /// # Shapes
    /// `out_of_fold[i]` is the prediction for row `i` by the model trained without fold `fold_of[i]`;
    /// folds are numbered from 0 without gaps.
    ///
    /// # Errors
    /// [`ConformalError`] for a coverage outside `(0, 1)`, lengths that differ, a number that is not
    /// finite, fewer than 2 folds, a fold without rows, or fewer rows than `coverage / (1 - coverage)`.
    pub fn fit(
        target: &[f64],
        out_of_fold: &[f64],
        fold_of: &[usize],
        coverage: f64,
    ) -> Result<Self, ConformalError> {
        let rows = target.len();
        check_lengths(rows, &[("out_of_fold", out_of_fold.len()), ("fold_of", fold_of.len())])?;
        let mut residuals = Vec::with_capacity(rows);
        for (index, ((y, p), fold)) in target.iter().zip(out_of_fold).zip(fold_of).enumerate() {
            let residual = (y - p).abs();
            finite("target", index, *y)?;
            finite("out_of_fold", index, *p)?;
            finite("residual", index, residual)?;
            residuals.push((*fold, residual));
        }
        Self::checked(coverage, residuals)
    }

    fn checked(coverage: f64, residuals: Vec<(usize, f64)>) -> Result<Self, ConformalError> {
        check_coverage(coverage)?;
        rank(residuals.len(), coverage)?;
        let mut seen: Vec<usize> = residuals.iter().map(|r| r.0).collect();
        seen.sort_unstable();
        seen.dedup();
        if seen.len() < 2 || seen.iter().enumerate().any(|(at, fold)| at != *fold) {
            let problem = "expected 2 or more folds, numbered from 0 without gaps";
            return Err(ConformalError::State(problem));
        }
        Ok(Self { coverage, residuals, folds: seen.len() })
    }

    /// The coverage asked for.
    #[must_use]
    pub fn coverage(&self) -> f64 {
        self.coverage
    }

    /// The coverage that is proven for exchangeable rows and any model that does not depend on their
    /// order: with `a = 1 - coverage`, `1 - 2a` for the jackknife+ and for `k` folds
    /// `1 - 2a - min(2 (1 - 1/k) / (n/k + 1), (1 - k/n) / (k + 1))`.
    #[must_use]
    pub fn guaranteed(&self) -> f64 {
        let (n, k) = (self.residuals.len() as f64, self.folds as f64);
        let excess = (2.0 * (1.0 - 1.0 / k) / (n / k + 1.0)).min((1.0 - k / n) / (k + 1.0));
        (1.0 - 2.0 * (1.0 - self.coverage) - excess).max(0.0)
    }

    /// The interval at a row from the predictions of all folds' models there.
    ///
    /// # Errors
    /// [`Error::Length`] if there is not one prediction per fold, [`Error::NonFinite`].
    ///
    /// # Complexity
    /// `O(n)`, and as much memory; [`distribution`](Self::distribution) keeps it between rows.
    pub fn interval(&self, fold_predictions: &[f64]) -> Result<(f64, f64), Error> {
        self.interval_in(fold_predictions, &mut Vec::new())
    }

    fn interval_in(&self, predictions: &[f64], ends: &mut Vec<f64>) -> Result<(f64, f64), Error> {
        check_length("fold_predictions", predictions.len(), self.folds)?;
        check_finite("fold_predictions", predictions)?;
        let rank = rank(self.residuals.len(), self.coverage)
            .map_err(|_| Error::Custom("too few rows for the coverage"))?;
        // The lower end is the upper end of the mirrored problem.
        let mut end = |sign: f64| {
            ends.clear();
            ends.extend(self.residuals.iter().map(|(fold, r)| sign * predictions[*fold] + r));
            sign * select(ends, rank)
        };
        let (low, high) = (end(-1.0), end(1.0));
        Ok(widen(low, high, 0.0, 0.0))
    }

    /// The intervals of many rows as a distribution whose quantiles at `(1 - coverage) / 2` and
    /// `(1 + coverage) / 2` are their ends.
    ///
    /// # Shapes
    /// `fold_predictions` is `(rows, folds)`.
    ///
    /// # Errors
    /// As [`interval`](Self::interval).
    pub fn distribution(
        &self,
        fold_predictions: ArrayView2<'_, f64>,
    ) -> Result<PredictiveDistribution, Error> {
        let (mut ends, mut row_of) = (Vec::new(), Vec::new());
        let mut intervals = Vec::with_capacity(fold_predictions.nrows());
        for row in fold_predictions.rows() {
            row_of.clear();
            row_of.extend(row);
            intervals.push(self.interval_in(&row_of, &mut ends)?);
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
    residuals: Vec<(usize, f64)>,
}

#[cfg(feature = "serde")]
impl TryFrom<Saved> for CvPlus {
    type Error = ConformalError;

    fn try_from(Saved { coverage, residuals }: Saved) -> Result<Self, ConformalError> {
        if residuals.iter().any(|(_, r)| !(r.is_finite() && *r >= 0.0)) {
            return Err(ConformalError::State("a residual is negative or not finite"));
        }
        Self::checked(coverage, residuals)
    }
}
