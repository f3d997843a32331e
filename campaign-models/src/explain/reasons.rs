//! Why this row is predicted what it is, in numbers and in words.

use std::fmt;
use std::sync::Arc;

use campaign_core::error::check_length;
use campaign_core::{Column, ColumnKind};

use super::error::ExplainError;
use crate::gbdt::{Gbdt, Link};

/// What a row has in a column.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ReasonValue {
    /// A number.
    Number(f64),
    /// A level, by name.
    Level(Arc<str>),
    /// A number in a categorical column that is no level's index; the model takes it as missing.
    NoLevel(f64),
    /// Nothing.
    Missing,
}

/// One column's part in a prediction.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct FeatureReason {
    /// The column's name.
    pub name: Arc<str>,
    /// What the row has there.
    pub value: ReasonValue,
    /// What it adds to the score.
    pub contribution: f64,
    /// By what it multiplies the odds ([`Link::Logit`]) or the prediction ([`Link::Log`]).
    pub factor: Option<f64>,
    /// The prediction if the score lacked this contribution.
    pub without: f64,
}

/// Why a row is predicted what it is: each column's part, the largest first.
///
/// The parts are Shapley values, which add up to the score. They say what the model made of the row,
/// not what would happen if the row were changed.
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, ndarray::Array2};
/// use campaign_models::explain::{Reasons, TreeShap};
/// use campaign_models::{GbdtConfig, Objective};
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
///
/// let x = Array2::from_shape_fn((400, 1), |(row, _)| (row % 2) as f64);
/// let y = (0..400).map(|row| f64::from(row % (if row % 2 == 0 { 4 } else { 5 }) == 0)).collect();
/// let format = Column::categorical("format", vec!["image".into(), "video".into()]);
/// let data = Dataset::new(vec![format], x)?.with_target(y)?;
/// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
/// let model = GbdtConfig::new(Objective::Logistic).fit(&data, None, &mut rng)?;
///
/// let shap = TreeShap::new(&model);
/// let row = [1.0];
/// let reasons = Reasons::new(&model, &row, shap.base_value(), &shap.explain_row(&row)?)?;
/// assert!(reasons.top(3).to_string().contains("format is video: lowers the odds by"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Reasons {
    /// What is predicted.
    pub prediction: f64,
    /// What would be where no column is known.
    pub base_prediction: f64,
    /// The score that the prediction stands for.
    pub score: f64,
    /// The score where no column is known.
    pub base_score: f64,
    /// Every column's part, largest first, then by name.
    pub features: Vec<FeatureReason>,
    #[cfg_attr(feature = "serde", serde(skip))]
    link: Link,
}

impl Reasons {
    /// Puts a row's Shapley values into words.
    ///
    /// # Shapes
    /// `row` and `values` have one entry per column of the model; `base_value` belongs to `values`
    /// ([`TreeShap::base_value`](super::TreeShap::base_value) or
    /// [`InterventionalShap::base_value`](super::InterventionalShap::base_value)).
    ///
    /// # Errors
    /// [`ExplainError`] for other lengths, and for values that do not add up to the row's score.
    pub fn new(
        model: &Gbdt,
        row: &[f64],
        base_value: f64,
        values: &[f64],
    ) -> Result<Self, ExplainError> {
        let score = model.score_row(row)?;
        check_length("values", values.len(), row.len())?;
        let sum = base_value + values.iter().sum::<f64>();
        let size = score.abs() + base_value.abs() + values.iter().map(|v| v.abs()).sum::<f64>();
        if (sum - score).abs() > 1e-9 * (1.0 + size) || !sum.is_finite() {
            return Err(ExplainError::NotAdditive { sum, score });
        }
        let link = model.loss().link();
        let reason = |((column, &x), &contribution): ((&Column, &f64), &f64)| FeatureReason {
            name: Arc::clone(&column.name),
            value: value(&column.kind, x),
            contribution,
            factor: (link != Link::Identity).then(|| contribution.exp()),
            without: link.prediction(score - contribution),
        };
        let mut features: Vec<_> =
            model.columns().iter().zip(row).zip(values).map(reason).collect();
        let size = |reason: &FeatureReason| reason.contribution.abs();
        features.sort_by(|a, b| size(b).total_cmp(&size(a)).then_with(|| a.name.cmp(&b.name)));
        Ok(Self {
            prediction: link.prediction(score),
            base_prediction: link.prediction(base_value),
            score,
            base_score: base_value,
            features,
            link,
        })
    }

    /// The strongest reasons as text: a line for the prediction, one for each of the `n` largest parts
    /// that are not 0 (or what rounding leaves of it), and one for the rest.
    ///
    /// A probability is given in percent. On a logit scale a part multiplies the odds, on a log scale
    /// the prediction, and otherwise it is added.
    pub fn top(&self, n: usize) -> impl fmt::Display + '_ {
        fmt::from_fn(move |f| {
            let (told, rest) = self.features.split_at(n.min(self.features.len()));
            let [got, base] = [self.prediction, self.base_prediction].map(|p| self.amount(p));
            write!(f, "predicted {got}, from {base} where nothing is known")?;
            for reason in told.iter().filter(|reason| self.matters(reason.contribution)) {
                write!(f, "\n{} {}: ", reason.name, reason.value)?;
                self.write_effect(f, reason.contribution)?;
                write!(f, " ({} without it)", self.amount(reason.without))?;
            }
            let rest: Vec<f64> =
                rest.iter().map(|r| r.contribution).filter(|c| self.matters(*c)).collect();
            if !rest.is_empty() {
                let columns = if rest.len() == 1 { "column" } else { "columns" };
                write!(f, "\nthe rest ({} {columns}): ", rest.len())?;
                self.write_effect(f, rest.iter().sum())?;
            }
            Ok(())
        })
    }

    /// Whether a part is more than what is left of rounding.
    fn matters(&self, contribution: f64) -> bool {
        contribution.abs() > 1e-9 * (1.0 + self.score.abs())
    }

    /// A prediction: a share as percent.
    fn amount(&self, prediction: f64) -> String {
        match self.link {
            Link::Logit => format!("{}%", short(100.0 * prediction)),
            _ => short(prediction),
        }
    }

    fn write_effect(&self, f: &mut fmt::Formatter<'_>, contribution: f64) -> fmt::Result {
        if !self.matters(contribution) {
            return f.write_str("changes nothing");
        }
        let what = if self.link == Link::Logit { "odds" } else { "prediction" };
        let verb = if contribution < 0.0 { "lowers" } else { "raises" };
        if self.link == Link::Identity {
            return write!(f, "{verb} the {what} by {}", short(contribution.abs()));
        }
        let factor = contribution.exp();
        if factor >= 2.0 {
            write!(f, "makes the {what} {} times as high", short(factor))
        } else if factor <= 0.01 {
            write!(f, "lowers the {what} by more than 99%")
        } else {
            write!(f, "{verb} the {what} by {}%", short(100.0 * contribution.exp_m1().abs()))
        }
    }
}

impl fmt::Display for ReasonValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(x) => write!(f, "is {}", long(*x)),
            Self::Level(level) => write!(f, "is {level}"),
            Self::NoLevel(x) => write!(f, "is {}, which is no level", long(*x)),
            Self::Missing => f.write_str("is missing"),
        }
    }
}

fn value(kind: &ColumnKind, x: f64) -> ReasonValue {
    match kind {
        _ if x.is_nan() => ReasonValue::Missing,
        ColumnKind::Numeric => ReasonValue::Number(x),
        ColumnKind::Categorical { levels } => {
            // A cast saturates; what it changes is no level.
            let level = levels.get(x as usize).filter(|_| x as usize as f64 == x);
            level.map_or(ReasonValue::NoLevel(x), |level| ReasonValue::Level(Arc::clone(level)))
        }
    }
}

/// Three significant digits, for effects.
fn short(x: f64) -> String {
    digits(x, 3)
}

/// Six significant digits, for values.
fn long(x: f64) -> String {
    digits(x, 6)
}

/// At most so many significant digits, whole digits all, without superfluous zeros.
fn digits(x: f64, most: i32) -> String {
    let size = x.abs();
    if x == 0.0 {
        return "0".to_owned();
    }
    if !(1e-6..1e15).contains(&size) {
        return if size.is_finite() {
            format!("{x:.*e}", most as usize - 1)
        } else {
            x.to_string()
        };
    }
    let decimals = (most - 1 - size.log10().floor() as i32).max(0) as usize;
    let text = format!("{x:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(link: Link, base_score: f64, parts: &[f64], n: usize) -> String {
        let score = base_score + parts.iter().sum::<f64>();
        let reason = |(i, &contribution): (usize, &f64)| FeatureReason {
            name: format!("x{i}").into(),
            value: ReasonValue::Number(1234.5678),
            contribution,
            factor: None,
            without: link.prediction(score - contribution),
        };
        let reasons = Reasons {
            prediction: link.prediction(score),
            base_prediction: link.prediction(base_score),
            score,
            base_score,
            features: parts.iter().enumerate().map(reason).collect(),
            link,
        };
        reasons.top(n).to_string()
    }

    #[test]
    fn sentences() {
        assert_eq!(
            text(Link::Identity, 10.0, &[2.5, -0.012_345, 0.0], 9),
            "predicted 12.5, from 10 where nothing is known\n\
             x0 is 1234.57: raises the prediction by 2.5 (9.99 without it)\n\
             x1 is 1234.57: lowers the prediction by 0.0123 (12.5 without it)"
        );
        // Odds of 1 to 49, three times as high, then half as high.
        let odds = |x: f64| x.ln();
        assert_eq!(
            text(
                Link::Logit,
                odds(1.0 / 49.0),
                &[odds(3.0), odds(0.5), odds(1.1), odds(1.0 / 1.1)],
                2
            ),
            "predicted 2.97%, from 2% where nothing is known\n\
             x0 is 1234.57: makes the odds 3 times as high (1.01% without it)\n\
             x1 is 1234.57: lowers the odds by 50% (5.77% without it)\n\
             the rest (2 columns): changes nothing"
        );
        assert_eq!(
            text(Link::Log, 0.0, &[-5.0, 0.5], 1),
            "predicted 0.0111, from 1 where nothing is known\n\
             x0 is 1234.57: lowers the prediction by more than 99% (1.65 without it)\n\
             the rest (1 column): raises the prediction by 64.9%"
        );
        assert_eq!(text(Link::Log, 0.0, &[], 3), "predicted 1, from 1 where nothing is known");
    }

    #[test]
    fn numbers_are_short() {
        for (x, expected) in [
            (0.0, "0"),
            (-1234.5678, "-1235"),
            (0.012_345, "0.0123"),
            (99.96, "100"),
            (3.0, "3"),
            (1e-9, "1.00e-9"),
            (1e300, "1.00e300"),
        ] {
            assert_eq!(short(x), expected);
        }
        assert_eq!(long(f64::INFINITY), "inf");
    }
}
