//! A value for every parameter.

use std::sync::Arc;

/// A parameter's value.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(untagged))]
pub enum Value {
    /// Of an integer range.
    Integer(i64),
    /// Of a uniform range.
    Number(f64),
    /// Of a choice.
    Choice(Arc<str>),
}

/// A value for every parameter.
///
/// # Examples
/// ```
/// use campaign_models::tune::Point;
/// let point = Point::new().number("learning_rate", 0.1).integer("max_leaves", 31);
/// assert_eq!(point.get_number("learning_rate"), Some(0.1));
/// assert_eq!(point.get_integer("max_leaves"), Some(31));
/// assert_eq!(point.to_string(), "learning_rate = 0.1, max_leaves = 31");
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Point {
    pub(super) values: Vec<(Arc<str>, Value)>,
}

impl Point {
    /// A point without values, to be given some.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a number.
    #[must_use]
    pub fn number(mut self, name: impl Into<Arc<str>>, value: f64) -> Self {
        self.values.push((name.into(), Value::Number(value)));
        self
    }

    /// Adds a whole number.
    #[must_use]
    pub fn integer(mut self, name: impl Into<Arc<str>>, value: i64) -> Self {
        self.values.push((name.into(), Value::Integer(value)));
        self
    }

    /// Adds a choice.
    #[must_use]
    pub fn choice(mut self, name: impl Into<Arc<str>>, value: impl Into<Arc<str>>) -> Self {
        self.values.push((name.into(), Value::Choice(value.into())));
        self
    }

    /// The values in the order of the space.
    #[must_use]
    pub fn values(&self) -> &[(Arc<str>, Value)] {
        &self.values
    }

    /// The value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(n, _)| n.as_ref() == name).map(|(_, value)| value)
    }

    /// A number, whole or not.
    #[must_use]
    pub fn get_number(&self, name: &str) -> Option<f64> {
        match self.get(name)? {
            Value::Number(v) => Some(*v),
            Value::Integer(v) => Some(*v as f64),
            Value::Choice(_) => None,
        }
    }

    /// A whole number.
    #[must_use]
    pub fn get_integer(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Value::Integer(v) => Some(*v),
            _ => None,
        }
    }

    /// A choice.
    #[must_use]
    pub fn get_choice(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Value::Choice(name) => Some(name),
            _ => None,
        }
    }
}

impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, (name, value)) in self.values.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            write!(f, "{comma}{name} = ")?;
            match value {
                Value::Integer(v) => write!(f, "{v}")?,
                Value::Number(v) => write!(f, "{v}")?,
                Value::Choice(v) => write!(f, "{v}")?,
            }
        }
        Ok(())
    }
}
