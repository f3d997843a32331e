//! Isotonic regression.

use super::Calibrator;
use super::error::CalibrationError;
use super::rows::{FINITE, rows};

/// The rising curve nearest to the targets.
///
/// Among all non-decreasing functions of the prediction, the one with the least weighted squared error;
/// linear between the predictions it was fitted on, constant beyond them. Rows of equal prediction
/// count as one with their mean. It may give exactly 0 or 1, for which a log-loss is endless if it is
/// wrong; and it makes ties, which lowers an AUC a little.
///
/// # Source
/// Pool adjacent violators: Ayer et al. 1955; for probabilities: Zadrozny & Elkan 2002. Interpolation
/// and ties as in scikit-learn's `IsotonicRegression(out_of_bounds="clip")`.
///
/// # Examples
/// ```
/// use campaign_models::calibrate::{Calibrator, Isotonic};
/// let curve = Isotonic::fit(&[0.0, 0.25, 0.5, 0.75], &[0.0, 1.0, 0.0, 1.0], None)?;
/// // The second and third row violate the order and share their mean.
/// assert_eq!([-1.0, 0.125, 0.375, 0.625].map(|p| curve.calibrate(p)), [0.0, 0.25, 0.5, 0.75]);
/// # Ok::<(), campaign_models::calibrate::CalibrationError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Saved"))]
pub struct Isotonic {
    /// Strictly ascending predictions.
    x: Vec<f64>,
    /// What they become, ascending.
    y: Vec<f64>,
}

/// A run of equal or pooled predictions.
struct Block {
    first: f64,
    last: f64,
    mean: f64,
    weight: f64,
}

impl Isotonic {
    /// Fits on targets and predictions of rows that did not train the model. Rows of weight 0 are
    /// left out.
    ///
    /// # Errors
    /// [`CalibrationError`] for lengths that differ, a prediction or target that is not finite, a
    /// negative weight, or no row of positive weight.
    ///
    /// # Complexity
    /// `O(n ln n)`.
    pub fn fit(
        prediction: &[f64],
        target: &[f64],
        weights: Option<&[f64]>,
    ) -> Result<Self, CalibrationError> {
        let mut rows = rows(prediction, target, weights, &FINITE, &FINITE)?;
        // Stable, so that equal predictions are summed in row order; -0 and 0 are equal.
        rows.sort_by(|a, b| a.p.partial_cmp(&b.p).unwrap_or(std::cmp::Ordering::Equal));
        let points = rows.chunk_by(|a, b| a.p == b.p).map(|tied| {
            let weight: f64 = tied.iter().map(|r| r.w).sum();
            let mean = tied.iter().map(|r| r.w / weight * r.y).sum();
            Block { first: tied[0].p, last: tied[0].p, mean, weight }
        });
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for block in pool(points) {
            x.push(block.first);
            y.push(block.mean);
            if block.last > block.first {
                x.push(block.last);
                y.push(block.mean);
            }
        }
        Ok(Self { x, y })
    }

    /// The corners of the curve, ascending: predictions and what they become.
    #[must_use]
    pub fn corners(&self) -> (&[f64], &[f64]) {
        (&self.x, &self.y)
    }
}

/// Merges neighbours until means rise.
fn pool(points: impl Iterator<Item = Block>) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for mut new in points {
        while let Some(before) = blocks.pop_if(|before| before.mean >= new.mean) {
            let weight = before.weight + new.weight;
            let share = new.weight / weight;
            let mean = before.mean + share * (new.mean - before.mean);
            new = Block { first: before.first, last: new.last, mean, weight };
        }
        blocks.push(new);
    }
    blocks
}

impl Calibrator for Isotonic {
    fn calibrate(&self, prediction: f64) -> f64 {
        if prediction.is_nan() {
            return prediction;
        }
        let right = self.x.partition_point(|x| *x < prediction);
        match (right.checked_sub(1), self.x.get(right)) {
            // At or below the first.
            (None, _) => self.y.first().copied().unwrap_or(f64::NAN),
            (Some(left), None) => self.y[left],
            (Some(left), Some(x)) => {
                // Halves, so that corners at either end of the floats have a distance.
                let width = x / 2.0 - self.x[left] / 2.0;
                let share = (prediction / 2.0 - self.x[left] / 2.0) / width;
                let (from, to) = (self.y[left], self.y[right]);
                if from == to { from } else { from * (1.0 - share) + to * share }
            }
        }
    }
}

/// As read, before it is checked.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    x: Vec<f64>,
    y: Vec<f64>,
}

#[cfg(feature = "serde")]
impl TryFrom<Saved> for Isotonic {
    type Error = CalibrationError;

    fn try_from(Saved { x, y }: Saved) -> Result<Self, CalibrationError> {
        let rising = x.is_sorted_by(|a, b| a < b) && y.is_sorted_by(|a, b| a <= b);
        let finite = x.iter().chain(&y).all(|v| v.is_finite());
        if x.is_empty() || x.len() != y.len() || !rising || !finite {
            return Err(CalibrationError::State("the corners of the curve do not rise"));
        }
        Ok(Self { x, y })
    }
}
