//! What a decision must satisfy to be logged.

use serde_json::Value;
use thiserror::Error;

use super::reason::Reason;
use super::record::Decision;

/// Inputs may be nested this deep; readers of JSON commonly stop at 128.
const DEPTH: usize = 64;

/// The largest integer up to which doubles, and so JSON numbers, hold every one.
const EXACT: u64 = 1 << 53;

/// Why a decision cannot be logged.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum DecisionError {
    /// A text that must say something is blank.
    #[error("{field} is blank")]
    Blank {
        /// Where.
        field: String,
    },
    /// JSON cannot hold this number.
    #[error("{field} is {value}, expected a finite number")]
    NonFinite {
        /// Where.
        field: String,
        /// The number.
        value: f64,
    },
    /// Not a probability.
    #[error("{field} is {value}, expected a probability")]
    Probability {
        /// Where.
        field: String,
        /// The number.
        value: f64,
    },
    /// An integer that a JSON number, which is a double, would change.
    #[error("{field} is {value}, which a JSON number cannot hold exactly; give it as text")]
    Inexact {
        /// Where.
        field: String,
        /// The integer.
        value: String,
    },
    /// An input is nested deeper than readers of JSON accept.
    #[error("{field} is nested deeper than {DEPTH} levels")]
    Depth {
        /// Where.
        field: String,
    },
    /// A reason whose own numbers contradict it.
    #[error("{field} does not hold: {observed} {relation} {threshold} is false", relation = relation.words())]
    False {
        /// Where.
        field: String,
        /// What was observed.
        observed: f64,
        /// How it was said to stand to the threshold.
        relation: super::Relation,
        /// The threshold.
        threshold: f64,
    },
}

impl Decision {
    /// Checks that the decision can be written down and read back without loss, and that its reasons
    /// are true of their own numbers.
    ///
    /// # Errors
    /// [`DecisionError`] with the place of the first fault.
    pub fn check(&self) -> Result<(), DecisionError> {
        for (field, text) in [
            ("id", &self.id),
            ("actor", &self.actor),
            ("subject", &self.subject),
            ("action", &self.action),
        ] {
            not_blank(|| field.to_owned(), text)?;
        }
        if let Some((name, number)) = self.non_finite.first_key_value() {
            let field = format!("inputs.{name}");
            return Err(DecisionError::NonFinite { field, value: number.0 });
        }
        check_reasons("reasons", &self.reasons)?;
        for (name, value) in &self.inputs {
            check_value(&|| format!("inputs.{name}"), value, DEPTH)?;
        }
        for (index, alternative) in self.alternatives.iter().enumerate() {
            let at = format!("alternatives[{index}]");
            not_blank(|| format!("{at}.action"), &alternative.action)?;
            finite(|| format!("{at}.value"), alternative.value)?;
            probability(|| format!("{at}.probability"), alternative.probability)?;
            check_reasons(&format!("{at}.reasons"), &alternative.reasons)?;
        }
        Ok(())
    }
}

fn check_reasons(at: &str, reasons: &[Reason]) -> Result<(), DecisionError> {
    for (index, reason) in reasons.iter().enumerate() {
        let place = |field: &str| format!("{at}[{index}].{field}");
        not_blank(|| place("metric"), &reason.metric)?;
        finite(|| place("observed"), Some(reason.observed))?;
        finite(|| place("expected"), reason.expected)?;
        finite(|| place("threshold"), Some(reason.threshold))?;
        probability(|| place("evidence.probability"), reason.evidence.probability)?;
        probability(|| place("evidence.p_value"), reason.evidence.p_value)?;
        if let Some(n) = reason.evidence.n.filter(|n| *n > EXACT) {
            return Err(DecisionError::Inexact {
                field: place("evidence.n"),
                value: n.to_string(),
            });
        }
        if !reason.holds() {
            let Reason { observed, relation, threshold, .. } = *reason;
            let field = format!("{at}[{index}]");
            return Err(DecisionError::False { field, observed, relation, threshold });
        }
    }
    Ok(())
}

fn check_value(
    place: &dyn Fn() -> String,
    value: &Value,
    depth: usize,
) -> Result<(), DecisionError> {
    if depth == 0 {
        return Err(DecisionError::Depth { field: place() });
    }
    match value {
        Value::Number(number) => {
            let large = number.as_u64().is_some_and(|n| n > EXACT)
                || number.as_i64().is_some_and(|n| n.unsigned_abs() > EXACT);
            if !large || canonical(number).as_deref() == Some(number.to_string().as_str()) {
                Ok(())
            } else {
                Err(DecisionError::Inexact { field: place(), value: number.to_string() })
            }
        }
        Value::Array(items) => items.iter().enumerate().try_for_each(|(index, item)| {
            check_value(&|| format!("{}[{index}]", place()), item, depth - 1)
        }),
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            check_value(&|| format!("{}.{name}", place()), member, depth - 1)
        }),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

fn canonical(number: &serde_json::Number) -> Option<String> {
    serde_json_canonicalizer::to_string(number).ok()
}

fn not_blank(field: impl Fn() -> String, text: &str) -> Result<(), DecisionError> {
    if text.trim().is_empty() { Err(DecisionError::Blank { field: field() }) } else { Ok(()) }
}

fn finite(field: impl Fn() -> String, value: Option<f64>) -> Result<(), DecisionError> {
    match value.filter(|v| !v.is_finite()) {
        Some(value) => Err(DecisionError::NonFinite { field: field(), value }),
        None => Ok(()),
    }
}

fn probability(field: impl Fn() -> String, value: Option<f64>) -> Result<(), DecisionError> {
    finite(&field, value)?;
    match value.filter(|v| !(0.0..=1.0).contains(v)) {
        Some(value) => Err(DecisionError::Probability { field: field(), value }),
        None => Ok(()),
    }
}
