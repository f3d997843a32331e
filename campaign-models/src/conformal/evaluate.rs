//! How good intervals are.

use super::error::ConformalError;
use super::score::{check_lengths, finite};

/// Coverage and width of intervals on rows whose targets are known.
///
/// # Examples
/// ```
/// use campaign_models::conformal::IntervalScore;
/// let score = IntervalScore::of(&[1.0, 5.0], &[(0.0, 2.0), (0.0, 4.0)])?;
/// assert_eq!((score.coverage, score.mean_width), (0.5, 3.0));
/// # Ok::<(), campaign_models::conformal::ConformalError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct IntervalScore {
    /// Share of targets within their interval, ends included.
    pub coverage: f64,
    /// Mean of `high - low`.
    pub mean_width: f64,
    /// How many rows.
    pub rows: usize,
}

impl IntervalScore {
    /// Of targets and their intervals.
    ///
    /// # Errors
    /// [`ConformalError`] without rows, for lengths that differ or a target that is not finite. An
    /// infinite interval is legal and makes the mean width infinite.
    pub fn of(target: &[f64], intervals: &[(f64, f64)]) -> Result<Self, ConformalError> {
        let rows = target.len();
        check_lengths(rows, &[("intervals", intervals.len())])?;
        if rows == 0 {
            return Err(ConformalError::TooFewRows { got: 0, needed: 1 });
        }
        let (mut hits, mut width) = (0_usize, 0.0);
        for (index, (y, (low, high))) in target.iter().zip(intervals).enumerate() {
            finite("target", index, *y)?;
            hits += usize::from(low <= y && y <= high);
            width += high - low;
        }
        let n = rows as f64;
        Ok(Self { coverage: hits as f64 / n, mean_width: width / n, rows })
    }
}
