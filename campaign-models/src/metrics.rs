//! How good predictions are, beside a naive baseline's.
//!
//! Every metric takes targets, predictions and optional weights of one length. Rows of weight 0 do
//! not count.

use std::fmt;

use thiserror::Error;

/// Why a metric has no value.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum MetricError {
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
    /// A number outside what the metric is defined for.
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
    /// The metric is not defined for these targets.
    #[error("{metric} is not defined: {reason}")]
    Undefined {
        /// The metric.
        metric: Metric,
        /// Why not.
        reason: &'static str,
    },
}

/// A measure of predictions against targets.
///
/// | metric | formula, weights `w` summing to `W` | targets | predictions |
/// | --- | --- | --- | --- |
/// | AUC | P(a positive is ranked above a negative), ties count half | 0 or 1, both | any |
/// | log-loss | `-Σ w [y ln p + (1 - y) ln(1 - p)] / W`, natural logarithm | in 0..1 | in 0..1 |
/// | Brier | `Σ w (y - p)^2 / W` | in 0..1 | in 0..1 |
/// | RMSE | `sqrt(Σ w (y - p)^2 / W)` | any | any |
/// | MAE | `Σ w abs(y - p) / W` | any | any |
/// | MAPE | `Σ w abs((y - p) / y) / W` over rows with `y != 0` | any, one not 0 | any |
/// | WAPE | `Σ w abs(y - p) / Σ w abs(y)` | any, one not 0 | any |
///
/// MAPE leaves out rows whose target is 0, for it has no value there; say so beside the number.
/// WAPE keeps them. A fraction, not a percentage, comes out of both.
///
/// The log-loss clips predictions to `ε..1 - ε` with `ε = 2^-52`, as scikit-learn does.
///
/// # Examples
/// ```
/// use campaign_models::Metric;
/// let auc = Metric::Auc.evaluate(&[0.0, 0.0, 1.0, 1.0], &[0.1, 0.4, 0.35, 0.8], None)?;
/// assert_eq!(auc, 0.75);
/// # Ok::<(), campaign_models::metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Metric {
    /// Area under the ROC curve.
    Auc,
    /// Mean negative log-likelihood.
    LogLoss,
    /// Mean squared error of probabilities.
    Brier,
    /// Root of the mean squared error.
    Rmse,
    /// Mean absolute error.
    Mae,
    /// Mean absolute error relative to each target.
    Mape,
    /// Sum of absolute errors relative to the sum of targets.
    Wape,
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Auc => "AUC",
            Self::LogLoss => "log-loss",
            Self::Brier => "Brier",
            Self::Rmse => "RMSE",
            Self::Mae => "MAE",
            Self::Mape => "MAPE",
            Self::Wape => "WAPE",
        })
    }
}

impl Metric {
    /// Whether a larger value is better.
    #[must_use]
    pub fn higher_is_better(self) -> bool {
        self == Self::Auc
    }

    /// The metric's name in lower case without signs, as in files.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Auc => "auc",
            Self::LogLoss => "logloss",
            Self::Brier => "brier",
            Self::Rmse => "rmse",
            Self::Mae => "mae",
            Self::Mape => "mape",
            Self::Wape => "wape",
        }
    }

    /// The value of the metric.
    ///
    /// # Errors
    /// [`MetricError`] for lengths that differ, a number that is not finite or outside the metric's
    /// range, no row of positive weight, or targets for which the metric is not defined (AUC of one
    /// class, MAPE and WAPE of zeros).
    ///
    /// # Complexity
    /// `O(n ln n)` for AUC, `O(n)` for the others.
    pub fn evaluate(
        self,
        target: &[f64],
        prediction: &[f64],
        weights: Option<&[f64]>,
    ) -> Result<f64, MetricError> {
        let rows = self.rows(target, prediction, weights)?;
        let mean = |error: fn(f64, f64) -> f64| {
            let (sum, total) = rows
                .iter()
                .fold((0.0, 0.0), |(sum, total), &(y, p, w)| (sum + w * error(y, p), total + w));
            sum / total
        };
        match self {
            Self::Auc => auc(rows),
            Self::LogLoss => Ok(mean(|y, p| {
                let p = p.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
                -(y * p.ln() + (1.0 - y) * (1.0 - p).ln())
            })),
            Self::Brier => Ok(mean(|y, p| (y - p) * (y - p))),
            Self::Rmse => Ok(mean(|y, p| (y - p) * (y - p)).sqrt()),
            Self::Mae => Ok(mean(|y, p| (y - p).abs())),
            Self::Mape => {
                let rows = rows.iter().filter(|(y, ..)| *y != 0.0);
                ratio(self, rows.map(|(y, p, w)| (w * ((y - p) / y).abs(), *w)))
            }
            Self::Wape => {
                ratio(self, rows.iter().map(|(y, p, w)| (w * (y - p).abs(), w * y.abs())))
            }
        }
    }

    /// Checked rows of positive weight.
    fn rows(
        self,
        target: &[f64],
        prediction: &[f64],
        weights: Option<&[f64]>,
    ) -> Result<Vec<(f64, f64, f64)>, MetricError> {
        let expected = target.len();
        let lengths =
            [("prediction", prediction.len()), ("weights", weights.map_or(expected, <[f64]>::len))];
        for (what, got) in lengths {
            if got != expected {
                return Err(MetricError::Length { what, got, expected });
            }
        }
        let share = |v: f64| (0.0..=1.0).contains(&v);
        let (y_ok, y_expected): (fn(f64) -> bool, _) = match self {
            Self::Auc => (|v| v == 0.0 || v == 1.0, "0 or 1"),
            Self::LogLoss | Self::Brier => (share, "a number between 0 and 1"),
            _ => (f64::is_finite, "a finite number"),
        };
        let (p_ok, p_expected): (fn(f64) -> bool, _) = match self {
            Self::LogLoss | Self::Brier => (share, "a number between 0 and 1"),
            _ => (f64::is_finite, "a finite number"),
        };
        check("target", target, y_ok, y_expected)?;
        check("prediction", prediction, p_ok, p_expected)?;
        if let Some(weights) = weights {
            let ok = |v: f64| v.is_finite() && v >= 0.0;
            check("weights", weights, ok, "a finite number that is not negative")?;
        }
        let weight = |i: usize| weights.map_or(1.0, |w| w[i]);
        let rows: Vec<_> = (0..expected)
            .map(|i| (target[i], prediction[i], weight(i)))
            .filter(|(_, _, w)| *w > 0.0)
            .collect();
        if rows.is_empty() {
            let reason = "no row has a positive weight";
            return Err(MetricError::Undefined { metric: self, reason });
        }
        Ok(rows)
    }
}

fn check(
    what: &'static str,
    values: &[f64],
    ok: impl Fn(f64) -> bool,
    expected: &'static str,
) -> Result<(), MetricError> {
    match values.iter().position(|v| !ok(*v)) {
        None => Ok(()),
        Some(index) => Err(MetricError::Value { what, index, value: values[index], expected }),
    }
}

fn ratio(metric: Metric, terms: impl Iterator<Item = (f64, f64)>) -> Result<f64, MetricError> {
    let (above, below) = terms.fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
    if below > 0.0 {
        Ok(above / below)
    } else {
        Err(MetricError::Undefined { metric, reason: "every target is 0" })
    }
}

/// Σ over pairs of a positive and a negative, by one pass over the predictions in order.
fn auc(mut rows: Vec<(f64, f64, f64)>) -> Result<f64, MetricError> {
    rows.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (mut negatives, mut positives, mut above) = (0.0, 0.0, 0.0);
    for tied in rows.chunk_by(|a, b| a.1 == b.1) {
        let sum = |class: f64| tied.iter().filter(|r| r.0 == class).map(|r| r.2).sum::<f64>();
        let (n, p) = (sum(0.0), sum(1.0));
        above += p * (negatives + n / 2.0);
        negatives += n;
        positives += p;
    }
    if negatives == 0.0 || positives == 0.0 {
        let reason = "all targets are of one class";
        return Err(MetricError::Undefined { metric: Metric::Auc, reason });
    }
    Ok(above / (negatives * positives))
}

/// A metric of a model beside the same metric of a naive baseline on the same rows.
///
/// # Examples
/// ```
/// use campaign_models::{Evaluation, Metric};
/// let (target, model, prior) = ([1.0, 3.0], [1.5, 2.5], [2.0, 2.0]);
/// let evaluation = Evaluation::new(Metric::Rmse, &target, &model, &prior, None)?;
/// assert_eq!(evaluation.to_string(), "RMSE 0.5000 (baseline 1.0000)");
/// assert!(evaluation.beats_baseline());
/// # Ok::<(), campaign_models::metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Evaluation {
    /// What was measured.
    pub metric: Metric,
    /// The model's value.
    pub value: f64,
    /// The baseline's value.
    pub baseline: f64,
}

impl Evaluation {
    /// Measures a model's and a baseline's predictions.
    ///
    /// # Errors
    /// As [`Metric::evaluate`].
    pub fn new(
        metric: Metric,
        target: &[f64],
        prediction: &[f64],
        baseline: &[f64],
        weights: Option<&[f64]>,
    ) -> Result<Self, MetricError> {
        let value = metric.evaluate(target, prediction, weights)?;
        let baseline = metric.evaluate(target, baseline, weights)?;
        Ok(Self { metric, value, baseline })
    }

    /// Whether the model's value is better than the baseline's, by however little.
    #[must_use]
    pub fn beats_baseline(&self) -> bool {
        if self.metric.higher_is_better() {
            self.value > self.baseline
        } else {
            self.value < self.baseline
        }
    }
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:.4} (baseline {:.4})", self.metric, self.value, self.baseline)
    }
}
