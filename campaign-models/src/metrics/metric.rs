//! The metrics and what they are defined for.

use std::fmt;
use std::str::FromStr;

use super::error::MetricError;
use super::kernel::{self, Row};
use super::outcomes::Outcomes;

/// A measure of predictions against targets.
///
/// | metric | formula, weights `w` summing to `W` | targets | predictions |
/// | --- | --- | --- | --- |
/// | AUC | P(a positive is ranked above a negative), ties count half | 0 or 1, both | any |
/// | PR-AUC | average precision: `Σ (recall gained) (precision)` over thresholds | 0 or 1, a 1 | any |
/// | log-loss | `-Σ w [y ln p + (1 - y) ln(1 - p)] / W`, natural logarithm | in 0..1 | in 0..1 |
/// | Brier | `Σ w (y - p)^2 / W` | in 0..1 | in 0..1 |
/// | ECE | `Σ over bins of abs(Σ w (y - p)) / W`, ten equal parts of 0..1 | in 0..1 | in 0..1 |
/// | RMSE | `sqrt(Σ w (y - p)^2 / W)` | any | any |
/// | MAE | `Σ w abs(y - p) / W` | any | any |
/// | MAPE | `Σ w abs((y - p) / y) / W` over rows with `y != 0` | any, one not 0 | any |
/// | WAPE | `Σ w abs(y - p) / Σ w abs(y)` | any, one not 0 | any |
/// | pinball | `Σ w max(q (y - p), (q - 1)(y - p)) / W` at level `q` | any | any |
/// | deviance | mean unit deviance, variance `μ^power`: Poisson 1, Gamma 2, Tweedie between | ≥ 0, Gamma > 0 | > 0 |
/// | NDCG | mean over groups of `DCG / ideal DCG` of the first `k` | ≥ 0, one above | any |
///
/// MAPE leaves out rows whose target is 0, for it has no value there; say so beside the number.
/// WAPE keeps them. A fraction, not a percentage, comes out of both.
///
/// The log-loss clips predictions to `ε..1 - ε` with `ε = 2^-52`, as scikit-learn does.
///
/// The calibration error of rare events falls into one bin, where it is the difference of the means
/// alone.
///
/// NDCG: the gain of a row is its target over `log2(place + 1)`, places from 1 (give `2^grade - 1` as
/// targets for what LambdaRank is trained on); tied predictions share their places. Groups without a positive target have no ideal order and are
/// left out. A group counts with the weight of its rows, which must be one. Without groups all rows
/// are one.
///
/// # Examples
/// ```
/// use campaign_models::Metric;
/// let auc = Metric::Auc.evaluate(&[0.0, 0.0, 1.0, 1.0], &[0.1, 0.4, 0.35, 0.8], None)?;
/// assert_eq!(auc, 0.75);
/// assert_eq!("pinball@0.9".parse::<Metric>()?, Metric::Pinball { level: 0.9 });
/// # Ok::<(), campaign_models::metrics::MetricError>(())
/// ```
///
/// # Source
/// Deviance: Jørgensen 1987, "Exponential dispersion models". NDCG: Järvelin & Kekäläinen 2002, ties as
/// McSherry & Najork 2008. Calibration error: Naeini, Cooper & Hauskrecht 2015, on the probability of the
/// positive class.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "String", try_from = "String"))]
#[non_exhaustive]
pub enum Metric {
    /// Area under the ROC curve.
    Auc,
    /// Average precision: area under the steps of precision over recall.
    PrAuc,
    /// Mean negative log-likelihood.
    LogLoss,
    /// Mean squared error of probabilities.
    Brier,
    /// Expected calibration error.
    Ece,
    /// Root of the mean squared error.
    Rmse,
    /// Mean absolute error.
    Mae,
    /// Mean absolute error relative to each target.
    Mape,
    /// Sum of absolute errors relative to the sum of targets.
    Wape,
    /// Mean loss of a predicted quantile.
    Pinball {
        /// The quantile's level, between 0 and 1.
        level: f64,
    },
    /// Mean Poisson deviance.
    PoissonDeviance,
    /// Mean Gamma deviance.
    GammaDeviance,
    /// Mean Tweedie deviance.
    TweedieDeviance {
        /// Power of the variance, strictly between 1 and 2.
        power: f64,
    },
    /// Normalised discounted cumulative gain, by group.
    Ndcg {
        /// Places that count, from 1.
        k: usize,
    },
}

/// Names in texts and in files; parameters follow after `@`.
const NAMES: [(Metric, &str, &str); 11] = [
    (Metric::Auc, "AUC", "auc"),
    (Metric::PrAuc, "PR-AUC", "pr_auc"),
    (Metric::LogLoss, "log-loss", "logloss"),
    (Metric::Brier, "Brier", "brier"),
    (Metric::Ece, "ECE", "ece"),
    (Metric::Rmse, "RMSE", "rmse"),
    (Metric::Mae, "MAE", "mae"),
    (Metric::Mape, "MAPE", "mape"),
    (Metric::Wape, "WAPE", "wape"),
    (Metric::PoissonDeviance, "Poisson deviance", "poisson_deviance"),
    (Metric::GammaDeviance, "Gamma deviance", "gamma_deviance"),
];

impl Metric {
    /// Name in texts, name in files, parameter.
    fn names(self) -> (&'static str, &'static str, Option<f64>) {
        match self {
            Self::Pinball { level } => ("pinball", "pinball", Some(level)),
            Self::TweedieDeviance { power } => {
                ("Tweedie deviance", "tweedie_deviance", Some(power))
            }
            Self::Ndcg { k } => ("NDCG", "ndcg", Some(k as f64)),
            _ => {
                let found = NAMES.iter().find(|(metric, ..)| *metric == self);
                found.map_or(("", "", None), |(_, text, key)| (text, key, None))
            }
        }
    }

    /// Whether a larger value is better.
    #[must_use]
    pub fn higher_is_better(self) -> bool {
        matches!(self, Self::Auc | Self::PrAuc | Self::Ndcg { .. })
    }

    /// The metric's name as in files: lower case, parameters after `@`, as in `pinball@0.9`.
    #[must_use]
    pub fn key(self) -> String {
        let (_, key, parameter) = self.names();
        parameter.map_or_else(|| key.to_owned(), |value| format!("{key}@{value}"))
    }

    /// The value of the metric, without groups.
    ///
    /// # Errors
    /// [`MetricError`] for lengths that differ, a parameter out of range, a number that is not finite
    /// or outside the metric's range, no row of positive weight, or targets for which the metric is
    /// not defined (AUC of one class, MAPE and WAPE of zeros).
    ///
    /// # Complexity
    /// `O(n ln n)` for AUC, PR-AUC and NDCG, `O(n)` for the others.
    pub fn evaluate(
        self,
        target: &[f64],
        prediction: &[f64],
        weights: Option<&[f64]>,
    ) -> Result<f64, MetricError> {
        self.measure(&Outcomes { weights, ..Outcomes::new(target) }, prediction)
    }

    /// The value of the metric, with groups where there are any.
    ///
    /// # Errors
    /// As [`evaluate`](Self::evaluate).
    pub fn measure(self, outcomes: &Outcomes<'_>, prediction: &[f64]) -> Result<f64, MetricError> {
        self.value(&self.rows(outcomes, prediction)?)
    }

    /// Of rows as [`rows`](Self::rows) checked and ordered them, weights possibly changed since.
    pub(super) fn value(self, rows: &[Row]) -> Result<f64, MetricError> {
        let one_class = "all targets are of one class";
        let zeros = "every target is 0";
        let no_weight = "no row has a positive weight";
        let squared = |y: f64, p: f64| (y - p) * (y - p);
        let (value, reason) = match self {
            Self::Auc => (kernel::auc(rows), one_class),
            Self::PrAuc => (kernel::average_precision(rows), zeros),
            Self::LogLoss => {
                let loss = |y: f64, p: f64| {
                    let p = p.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
                    -(y * p.ln() + (1.0 - y) * (1.0 - p).ln())
                };
                (kernel::mean(rows, loss), no_weight)
            }
            Self::Brier => (kernel::mean(rows, squared), no_weight),
            Self::Ece => (kernel::calibration_error(rows), no_weight),
            Self::Rmse => (kernel::mean(rows, squared).map(f64::sqrt), no_weight),
            Self::Mae => (kernel::mean(rows, |y, p| (y - p).abs()), no_weight),
            Self::Mape => {
                let term = |r: &Row| match r.y {
                    0.0 => (0.0, 0.0),
                    y => (r.w * ((y - r.p) / y).abs(), r.w),
                };
                (kernel::ratio(rows, term), zeros)
            }
            Self::Wape => {
                let term = |r: &Row| (r.w * (r.y - r.p).abs(), r.w * r.y.abs());
                (kernel::ratio(rows, term), zeros)
            }
            Self::Pinball { level } => {
                let loss = |y: f64, p: f64| (level * (y - p)).max((level - 1.0) * (y - p));
                (kernel::mean(rows, loss), no_weight)
            }
            Self::PoissonDeviance => (deviance(rows, 1.0), no_weight),
            Self::GammaDeviance => (deviance(rows, 2.0), no_weight),
            Self::TweedieDeviance { power } => (deviance(rows, power), no_weight),
            Self::Ndcg { k } => match kernel::ndcg(rows, k) {
                Ok(value) => (Some(value), no_weight),
                Err(reason) => (None, reason),
            },
        };
        value.ok_or(MetricError::Undefined { metric: self, reason })
    }

    /// Checked rows of positive weight, in the order that the kernels want.
    pub(super) fn rows(
        self,
        outcomes: &Outcomes<'_>,
        prediction: &[f64],
    ) -> Result<Vec<Row>, MetricError> {
        self.check_parameter()?;
        outcomes.check_lengths(prediction)?;
        let any: Domain = (f64::is_finite, "a finite number");
        let share: Domain = (|v| (0.0..=1.0).contains(&v), "a number between 0 and 1");
        let positive: Domain = (|v| v.is_finite() && v > 0.0, "a finite number above 0");
        let not_negative: Domain =
            (|v| v.is_finite() && v >= 0.0, "a finite number that is not negative");
        let class: Domain = (|v| v == 0.0 || v == 1.0, "0 or 1");
        let (target_domain, prediction_domain) = match self {
            Self::Auc | Self::PrAuc => (class, any),
            Self::LogLoss | Self::Brier | Self::Ece => (share, share),
            Self::PoissonDeviance | Self::TweedieDeviance { .. } => (not_negative, positive),
            Self::GammaDeviance => (positive, positive),
            Self::Ndcg { .. } => (not_negative, any),
            _ => (any, any),
        };
        check("target", outcomes.target, target_domain)?;
        check("prediction", prediction, prediction_domain)?;
        check("weights", outcomes.weights.unwrap_or(&[]), not_negative)?;
        let at = |part: Option<&[u32]>, i: usize| part.and_then(|p| p.get(i).copied()).unwrap_or(0);
        let weight = |i: usize| outcomes.weights.map_or(1.0, |w| w[i]);
        let mut rows: Vec<Row> = (outcomes.target.iter().zip(prediction).enumerate())
            .map(|(i, (&y, &p))| {
                let (group, unit) = (at(outcomes.groups, i), i as u32);
                Row { y, p, w: weight(i), group, unit }
            })
            .filter(|row| row.w > 0.0)
            .collect();
        if rows.is_empty() {
            let reason = "no row has a positive weight";
            return Err(MetricError::Undefined { metric: self, reason });
        }
        match self {
            Self::Auc | Self::PrAuc => rows.sort_by(|a, b| a.p.total_cmp(&b.p)),
            Self::Ndcg { .. } => {
                rows.sort_by(|a, b| a.group.cmp(&b.group).then(b.p.total_cmp(&a.p)));
            }
            _ => {}
        }
        Ok(rows)
    }

    fn check_parameter(self) -> Result<(), MetricError> {
        let (ok, parameter, got, expected) = match self {
            Self::Pinball { level } => {
                (level > 0.0 && level < 1.0, "level", level, "a number between 0 and 1")
            }
            Self::TweedieDeviance { power } => {
                (power > 1.0 && power < 2.0, "power", power, "a number between 1 and 2")
            }
            Self::Ndcg { k } => (k > 0, "k", k as f64, "at least 1"),
            _ => return Ok(()),
        };
        if ok { Ok(()) } else { Err(MetricError::Parameter { parameter, got, expected }) }
    }
}

fn deviance(rows: &[Row], power: f64) -> Option<f64> {
    kernel::mean(rows, |y, p| kernel::unit_deviance(y, p, power))
}

/// Which numbers may stand somewhere, and their description.
type Domain = (fn(f64) -> bool, &'static str);

pub(super) fn check(
    what: &'static str,
    values: &[f64],
    (ok, expected): Domain,
) -> Result<(), MetricError> {
    match values.iter().enumerate().find(|(_, v)| !ok(**v)) {
        None => Ok(()),
        Some((index, &value)) => Err(MetricError::Value { what, index, value, expected }),
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.names() {
            (text, _, None) => f.pad(text),
            (text, _, Some(value)) => f.pad(&format!("{text}@{value}")),
        }
    }
}

impl FromStr for Metric {
    type Err = MetricError;

    /// Reads what [`key`](Self::key) writes.
    fn from_str(key: &str) -> Result<Self, MetricError> {
        let unknown = || MetricError::Unknown(key.to_owned());
        let Some((name, parameter)) = key.split_once('@') else {
            let found = NAMES.iter().find(|(.., name)| *name == key);
            return found.map(|(metric, ..)| *metric).ok_or_else(unknown);
        };
        let number = || parameter.parse::<f64>().map_err(|_| unknown());
        let metric = match name {
            "pinball" => Self::Pinball { level: number()? },
            "tweedie_deviance" => Self::TweedieDeviance { power: number()? },
            "ndcg" => Self::Ndcg { k: parameter.parse().map_err(|_| unknown())? },
            _ => return Err(unknown()),
        };
        metric.check_parameter()?;
        Ok(metric)
    }
}

impl From<Metric> for String {
    fn from(metric: Metric) -> Self {
        metric.key()
    }
}

impl TryFrom<String> for Metric {
    type Error = MetricError;

    fn try_from(key: String) -> Result<Self, MetricError> {
        key.parse()
    }
}
