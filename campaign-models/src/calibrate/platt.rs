//! Platt scaling.

use super::Calibrator;
use super::error::CalibrationError;
use super::logistic::{Point, fit, sigmoid};
use super::rows::{BINARY, FINITE, SHARE, rows};

/// What the sigmoid is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum PlattInput {
    /// The prediction itself, any finite number.
    Score,
    /// The log-odds of the prediction, which is a probability. With a slope of 1 and an intercept of 0
    /// it changes nothing, which a sigmoid of the probability itself cannot do.
    LogOdds,
}

/// A sigmoid of the prediction: `1 / (1 + exp(-(slope s + intercept)))`.
///
/// Fitted by maximum likelihood on targets drawn in from 0 and 1, to `1 / (n0 + 2)` and
/// `(n1 + 1) / (n1 + 2)` with `n0`, `n1` the weights of either class, so that few rows or separated
/// classes do not make it infinitely steep.
///
/// # Source
/// Platt 1999, section 2.2, with the targets there; Lin, Lin & Weng 2007 on how to fit it (their `A` and `B` are `-slope` and
/// `-intercept`).
///
/// # Examples
/// ```
/// use campaign_models::calibrate::{Calibrator, Platt, PlattInput};
/// let scores = [-2.0, -1.0, 0.0, 1.0, 2.0, 3.0];
/// let platt = Platt::fit(&scores, &[0.0, 0.0, 1.0, 0.0, 1.0, 1.0], None, PlattInput::Score)?;
/// assert!(platt.slope() > 0.0 && platt.calibrate(3.0) > 0.7);
/// # Ok::<(), campaign_models::calibrate::CalibrationError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Saved"))]
pub struct Platt {
    slope: f64,
    intercept: f64,
    input: PlattInput,
}

/// Log-odds, of probabilities at least one rounding away from 0 and 1.
fn log_odds(p: f64) -> f64 {
    let p = p.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
    (p / (1.0 - p)).ln()
}

impl PlattInput {
    fn score(self, prediction: f64) -> f64 {
        match self {
            Self::Score => prediction,
            Self::LogOdds => log_odds(prediction),
        }
    }
}

impl Platt {
    /// Fits on targets (0 or 1) and predictions of rows that did not train the model. Rows of weight 0
    /// are left out.
    ///
    /// # Errors
    /// [`CalibrationError`] for lengths that differ, a target that is not 0 or 1, a prediction that is
    /// not finite (or no probability, for [`PlattInput::LogOdds`]), a negative weight, or no row of
    /// positive weight.
    ///
    /// # Complexity
    /// `O(n)` per Newton step, usually fewer than ten.
    pub fn fit(
        prediction: &[f64],
        target: &[f64],
        weights: Option<&[f64]>,
        input: PlattInput,
    ) -> Result<Self, CalibrationError> {
        let allowed = if input == PlattInput::Score { FINITE } else { SHARE };
        let rows = rows(prediction, target, weights, &allowed, &BINARY)?;
        let of = |class: f64| rows.iter().filter(|r| r.y == class).map(|r| r.w).sum::<f64>();
        let (n0, n1) = (of(0.0), of(1.0));
        let goal = |y: f64| if y == 1.0 { (n1 + 1.0) / (n1 + 2.0) } else { 1.0 / (n0 + 2.0) };
        // Centred and scaled, so that scores far from 0 or of any unit are fitted alike.
        let scores: Vec<f64> = rows.iter().map(|r| input.score(r.p)).collect();
        let (low, high) = scores
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), s| (a.min(*s), b.max(*s)));
        let (middle, half) = (low / 2.0 + high / 2.0, high / 2.0 - low / 2.0);
        let unit = if half > 0.0 { half } else { 1.0 };
        let point = |(s, r): (&f64, &super::rows::Row)| {
            let x = if half > 0.0 { [(s - middle) / unit, 1.0] } else { [0.0, 1.0] };
            Point { x, y: goal(r.y), w: r.w }
        };
        let points: Vec<Point<2>> = scores.iter().zip(&rows).map(point).collect();
        // Neither is possible: equal scores have an empty column, and no target is 0 or 1.
        let [steepness, level] = fit(&points, [0.0; 2]).map_err(|_| CalibrationError::Overflow)?;
        let slope = steepness / unit;
        let intercept = level - slope * middle;
        if slope.is_finite() && intercept.is_finite() {
            Ok(Self { slope, intercept, input })
        } else {
            Err(CalibrationError::Overflow)
        }
    }

    /// How steep the sigmoid is; negative if higher predictions mean fewer positives.
    #[must_use]
    pub fn slope(&self) -> f64 {
        self.slope
    }

    /// The log-odds at a score of 0.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// What the sigmoid is taken of.
    #[must_use]
    pub fn input(&self) -> PlattInput {
        self.input
    }
}

impl Calibrator for Platt {
    fn calibrate(&self, prediction: f64) -> f64 {
        sigmoid(self.slope * self.input.score(prediction) + self.intercept)
    }
}

/// As read, before it is checked.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    slope: f64,
    intercept: f64,
    input: PlattInput,
}

#[cfg(feature = "serde")]
impl TryFrom<Saved> for Platt {
    type Error = CalibrationError;

    fn try_from(Saved { slope, intercept, input }: Saved) -> Result<Self, CalibrationError> {
        if slope.is_finite() && intercept.is_finite() {
            Ok(Self { slope, intercept, input })
        } else {
            Err(CalibrationError::State("slope or intercept is not finite"))
        }
    }
}
