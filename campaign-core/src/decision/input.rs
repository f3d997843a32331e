//! What a decision saw, as JSON that hides nothing.

use serde_json::Value;

/// A JSON value, or the number that could not become one.
///
/// `serde_json` turns NaN into `null` without a word; an `Input` remembers it, so that the log can
/// refuse the decision and name the input.
///
/// # Examples
/// ```
/// use campaign_core::decision::Input;
/// assert_eq!(Input::from(2.5).value(), Ok(&2.5.into()));
/// assert!(Input::from([1.0, f64::INFINITY].as_slice()).value().is_err());
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Input(Result<Value, f64>);

impl Input {
    /// The value.
    ///
    /// # Errors
    /// The NaN or infinite number it was made from.
    pub fn value(&self) -> Result<&Value, f64> {
        self.0.as_ref().map_err(|number| *number)
    }

    pub(super) fn into_inner(self) -> Result<Value, f64> {
        self.0
    }
}

impl From<f64> for Input {
    fn from(number: f64) -> Self {
        Self(if number.is_finite() { Ok(as_read_back(number)) } else { Err(number) })
    }
}

impl From<&[f64]> for Input {
    fn from(numbers: &[f64]) -> Self {
        Self(match numbers.iter().find(|n| !n.is_finite()) {
            None => Ok(numbers.iter().copied().map(as_read_back).collect()),
            Some(&number) => Err(number),
        })
    }
}

impl From<Vec<f64>> for Input {
    fn from(numbers: Vec<f64>) -> Self {
        Self::from(numbers.as_slice())
    }
}

impl<T: Into<Input>> From<Option<T>> for Input {
    /// `None` is `null`: unknown, and said so.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self(Ok(Value::Null)), Into::into)
    }
}

impl From<Value> for Input {
    fn from(mut value: Value) -> Self {
        normalise(&mut value);
        Self(Ok(value))
    }
}

/// The value that reading the canonical text of a number gives: RFC 8785 writes 2.0 as `2`, which
/// `serde_json` reads as an integer and holds different from 2.0.
fn as_read_back(number: f64) -> Value {
    let text = serde_json_canonicalizer::to_string(&number).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or_else(|| Value::from(number))
}

fn normalise(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            if let Some(number) = number.as_f64() {
                *value = as_read_back(number);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(normalise),
        Value::Object(members) => members.values_mut().for_each(normalise),
        _ => {}
    }
}

macro_rules! from_json {
    ($($type:ty),*) => {$(
        impl From<$type> for Input {
            fn from(value: $type) -> Self {
                Self(Ok(Value::from(value)))
            }
        }
    )*};
}
from_json!(bool, i32, i64, u32, u64, usize, &str, String);
