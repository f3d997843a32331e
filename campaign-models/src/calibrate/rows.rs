//! The rows a calibrator is fitted on, checked.

use super::error::CalibrationError;

/// Prediction, target and weight of the rows that count.
pub(super) struct Row {
    pub(super) p: f64,
    pub(super) y: f64,
    pub(super) w: f64,
}

/// What a part's numbers must be.
pub(super) struct Rule {
    pub(super) holds: fn(f64) -> bool,
    pub(super) expected: &'static str,
}

pub(super) const FINITE: Rule = Rule { holds: f64::is_finite, expected: "a finite number" };
pub(super) const SHARE: Rule =
    Rule { holds: |v| (0.0..=1.0).contains(&v), expected: "a number between 0 and 1" };
pub(super) const BINARY: Rule = Rule { holds: |v| v == 0.0 || v == 1.0, expected: "0 or 1" };
const WEIGHT: Rule =
    Rule { holds: |v| v >= 0.0 && v.is_finite(), expected: "a finite number that is not negative" };

fn check(what: &'static str, values: &[f64], rule: &Rule) -> Result<(), CalibrationError> {
    match values.iter().position(|v| !(rule.holds)(*v)) {
        None => Ok(()),
        Some(index) => {
            let (value, expected) = (values[index], rule.expected);
            Err(CalibrationError::Value { what, index, value, expected })
        }
    }
}

/// Checked rows of positive weight, in order.
pub(super) fn rows(
    prediction: &[f64],
    target: &[f64],
    weights: Option<&[f64]>,
    predictions: &Rule,
    targets: &Rule,
) -> Result<Vec<Row>, CalibrationError> {
    let expected = prediction.len();
    let lengths = [("target", target.len()), ("weights", weights.map_or(expected, <[f64]>::len))];
    for (what, got) in lengths {
        if got != expected {
            return Err(CalibrationError::Length { what, got, expected });
        }
    }
    check("prediction", prediction, predictions)?;
    check("target", target, targets)?;
    check("weights", weights.unwrap_or(&[]), &WEIGHT)?;
    let row = |(i, (&p, &y)): (usize, (&f64, &f64))| Row { p, y, w: weights.map_or(1.0, |w| w[i]) };
    let rows: Vec<Row> =
        prediction.iter().zip(target).enumerate().map(row).filter(|r| r.w > 0.0).collect();
    if rows.is_empty() {
        return Err(CalibrationError::NoRows);
    }
    let finite = |v: f64| if v.is_finite() { Ok(()) } else { Err(CalibrationError::Overflow) };
    finite(rows.iter().map(|r| r.w).sum())?;
    finite(rows.iter().map(|r| (r.w * r.y).abs()).sum())?;
    Ok(rows)
}
