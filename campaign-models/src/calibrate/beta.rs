//! Beta calibration.

use super::Calibrator;
use super::error::CalibrationError;
use super::logistic::{Failure, Point, fit, loss, sigmoid};
use super::rows::{SHARE, rows};

/// The curve `1 / (1 + exp(-(a ln p - b ln(1 - p) + c)))` with `a, b >= 0`.
///
/// Exact if the predictions of either class follow beta distributions. With `a = b = 1, c = 0` it is the
/// identity, so that a model that is calibrated already is left alone; with `a = b` it is
/// [`Platt`](super::Platt) on log-odds; and `a` and `b` bend the lower and the upper end apart.
/// Predictions of 0 and 1 count as `2^-52` away from them.
///
/// # Source
/// Kull, Silva Filho & Flach 2017, "Beta calibration", section 3.2. They drop one coefficient after the
/// other where some are negative; here the best of the curves with `a, b >= 0` is taken.
///
/// # Examples
/// ```
/// use campaign_models::calibrate::{Beta, Calibrator};
/// let predicted = [0.05, 0.1, 0.3, 0.4, 0.6, 0.7, 0.9, 0.95];
/// let beta = Beta::fit(&predicted, &[0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0], None)?;
/// assert!(beta.calibrate(0.05) < 0.2 && beta.calibrate(0.95) > 0.8);
/// # Ok::<(), campaign_models::calibrate::CalibrationError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Saved"))]
pub struct Beta {
    a: f64,
    b: f64,
    c: f64,
}

/// `ln p` and `-ln(1 - p)`.
fn logs(p: f64) -> [f64; 2] {
    let p = p.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
    [p.ln(), -(-p).ln_1p()]
}

impl Beta {
    /// Fits on targets (0, 1 or shares between) and predicted probabilities of rows that did not train
    /// the model. Rows of weight 0 are left out.
    ///
    /// # Errors
    /// [`CalibrationError`] for lengths that differ, a number outside `0..=1`, a negative weight, no row
    /// of positive weight, or predictions that separate the targets.
    ///
    /// # Complexity
    /// `O(n)` per Newton step.
    pub fn fit(
        prediction: &[f64],
        target: &[f64],
        weights: Option<&[f64]>,
    ) -> Result<Self, CalibrationError> {
        let rows = rows(prediction, target, weights, &SHARE, &SHARE)?;
        let mut best: Option<(f64, [f64; 3])> = None;
        // The likelihood is concave: where the free optimum has both signs right it is the best, and
        // otherwise the best lies on an edge.
        for free in [[1.0, 1.0], [0.0, 1.0], [1.0, 0.0], [0.0, 0.0]] {
            let point = |row: &super::rows::Row| {
                let [low, high] = logs(row.p);
                Point { x: [free[0] * low, free[1] * high, 1.0], y: row.y, w: row.w }
            };
            let points: Vec<Point<3>> = rows.iter().map(point).collect();
            let beta = match fit(&points, [0.0; 3]) {
                Ok(beta) => beta,
                // One or two distinct predictions tell no shape; an edge with fewer coefficients does.
                Err(Failure::Dependent) => continue,
                Err(Failure::Separable) => return Err(CalibrationError::Separable),
            };
            if beta[0] < 0.0 || beta[1] < 0.0 {
                continue;
            }
            if free == [1.0, 1.0] {
                best = Some((0.0, beta));
                break;
            }
            let value = loss(&points, &beta);
            if best.is_none_or(|(least, _)| value < least) {
                best = Some((value, beta));
            }
        }
        match best {
            Some((_, [a, b, c])) => Ok(Self { a, b, c }),
            None => Err(CalibrationError::Separable),
        }
    }

    /// `a`, `b` and `c`.
    #[must_use]
    pub fn coefficients(&self) -> [f64; 3] {
        [self.a, self.b, self.c]
    }
}

impl Calibrator for Beta {
    fn calibrate(&self, prediction: f64) -> f64 {
        let [low, high] = logs(prediction);
        sigmoid(self.a * low + self.b * high + self.c)
    }
}

/// As read, before it is checked.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    a: f64,
    b: f64,
    c: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<Saved> for Beta {
    type Error = CalibrationError;

    fn try_from(Saved { a, b, c }: Saved) -> Result<Self, CalibrationError> {
        let ok = a >= 0.0 && b >= 0.0 && (a + b + c).is_finite();
        let wrong = "a or b is negative, or a coefficient is not finite";
        if ok { Ok(Self { a, b, c }) } else { Err(CalibrationError::State(wrong)) }
    }
}
