//! What may be varied.

use std::sync::Arc;

use campaign_core::rand::{Rng, RngExt};

use super::error::TuneError;
use super::point::{Point, Value};

/// The values a parameter may take, ends included.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum Range {
    /// Any number.
    Uniform {
        /// Smallest.
        low: f64,
        /// Largest.
        high: f64,
    },
    /// Any positive number; equal ratios are equally likely.
    LogUniform {
        /// Smallest, above 0.
        low: f64,
        /// Largest.
        high: f64,
    },
    /// A whole number.
    Integer {
        /// Smallest.
        low: i64,
        /// Largest.
        high: i64,
    },
    /// A positive whole number; equal ratios are about equally likely.
    LogInteger {
        /// Smallest, at least 1.
        low: i64,
        /// Largest.
        high: i64,
    },
    /// One of several names without order.
    Choice(Arc<[Arc<str>]>),
}

/// Whole numbers up to here are exact as floats.
const EXACT: i64 = 1 << 53;

impl Range {
    fn check(&self, parameter: &Arc<str>) -> Result<(), TuneError> {
        let exact = |v: &i64| (-EXACT..=EXACT).contains(v);
        let (holds, expected) = match self {
            Self::Uniform { low, high } => {
                (low < high && (high - low).is_finite(), "finite numbers with low < high")
            }
            Self::LogUniform { low, high } => {
                (0.0 < *low && low < high && high.is_finite(), "finite numbers with 0 < low < high")
            }
            Self::Integer { low, high } => {
                (low < high && exact(low) && exact(high), "low < high, both within 2^53 of 0")
            }
            Self::LogInteger { low, high } => {
                (1 <= *low && low < high && exact(high), "1 <= low < high <= 2^53")
            }
            Self::Choice(names) => {
                let mut sorted: Vec<_> = names.iter().collect();
                sorted.sort_unstable();
                sorted.dedup();
                (names.len() > 1 && sorted.len() == names.len(), "2 or more different names")
            }
        };
        let parameter = Arc::clone(parameter);
        if holds { Ok(()) } else { Err(TuneError::Range { parameter, expected }) }
    }

    /// Where the search moves: bounds of numbers (or their logarithms), or a count of choices.
    pub(super) fn axis(&self) -> Axis {
        let ends = |low: f64, high: f64| Axis::Line { low, high };
        match self {
            Self::Uniform { low, high } => ends(*low, *high),
            Self::LogUniform { low, high } => ends(low.ln(), high.ln()),
            // Half a step beyond either end, so that the ends are as likely as the rest.
            Self::Integer { low, high } => ends(*low as f64 - 0.5, *high as f64 + 0.5),
            Self::LogInteger { low, high } => {
                ends((*low as f64 - 0.5).ln(), (*high as f64 + 0.5).ln())
            }
            Self::Choice(names) => Axis::Names(names.len()),
        }
    }

    /// The value at a coordinate of the axis.
    pub(super) fn value(&self, at: f64) -> Value {
        match self {
            Self::Uniform { low, high } => Value::Number(at.clamp(*low, *high)),
            // The exponential of a logarithm may round beyond an end.
            Self::LogUniform { low, high } => Value::Number(at.exp().clamp(*low, *high)),
            Self::Integer { low, high } => Value::Integer((at.round() as i64).clamp(*low, *high)),
            Self::LogInteger { low, high } => {
                Value::Integer((at.exp().round() as i64).clamp(*low, *high))
            }
            Self::Choice(names) => {
                let at = (at as usize).min(names.len().saturating_sub(1));
                Value::Choice(names.get(at).cloned().unwrap_or_else(|| "".into()))
            }
        }
    }

    /// The coordinate of a value that lies in the range.
    pub(super) fn coordinate(&self, value: &Value) -> Option<f64> {
        let inside = |v: f64, low: f64, high: f64| (low..=high).contains(&v).then_some(v);
        match (self, value) {
            (Self::Uniform { low, high }, Value::Number(v)) => inside(*v, *low, *high),
            (Self::LogUniform { low, high }, Value::Number(v)) => {
                inside(*v, *low, *high).map(f64::ln)
            }
            (Self::Integer { low, high }, Value::Integer(v)) => {
                (low..=high).contains(&v).then_some(*v as f64)
            }
            (Self::LogInteger { low, high }, Value::Integer(v)) => {
                (low..=high).contains(&v).then(|| (*v as f64).ln())
            }
            (Self::Choice(names), Value::Choice(name)) => {
                names.iter().position(|n| n == name).map(|at| at as f64)
            }
            _ => None,
        }
    }

    /// The part of the axis that becomes one value, for ranges of separate values.
    pub(super) fn cell(&self, at: f64) -> Option<(f64, f64)> {
        match (self, self.value(at)) {
            (Self::Integer { .. }, Value::Integer(v)) => Some((v as f64 - 0.5, v as f64 + 0.5)),
            (Self::LogInteger { .. }, Value::Integer(v)) => {
                Some(((v as f64 - 0.5).ln(), (v as f64 + 0.5).ln()))
            }
            _ => None,
        }
    }
}

/// A parameter as the search sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Axis {
    /// Numbers between two ends.
    Line { low: f64, high: f64 },
    /// So many names, by index.
    Names(usize),
}

/// Named ranges: what may be varied.
///
/// # Examples
/// ```
/// use campaign_models::tune::Space;
/// let space = Space::new()
///     .log_uniform("learning_rate", 0.01, 0.3)
///     .log_integer("max_leaves", 7, 127)
///     .uniform("row_sample", 0.5, 1.0)
///     .choice("growth", ["leaf_wise", "depth_wise"]);
/// assert_eq!(space.parameters().len(), 4);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct Space {
    parameters: Vec<(Arc<str>, Range)>,
}

impl Space {
    /// A space without parameters. Nothing is checked before a [`Study`](super::Study) begins.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a parameter.
    #[must_use]
    pub fn with(mut self, name: impl Into<Arc<str>>, range: Range) -> Self {
        self.parameters.push((name.into(), range));
        self
    }

    /// Adds any number from `low` to `high`.
    #[must_use]
    pub fn uniform(self, name: impl Into<Arc<str>>, low: f64, high: f64) -> Self {
        self.with(name, Range::Uniform { low, high })
    }

    /// Adds a positive number from `low` to `high`, searched by its logarithm.
    #[must_use]
    pub fn log_uniform(self, name: impl Into<Arc<str>>, low: f64, high: f64) -> Self {
        self.with(name, Range::LogUniform { low, high })
    }

    /// Adds a whole number from `low` to `high`.
    #[must_use]
    pub fn integer(self, name: impl Into<Arc<str>>, low: i64, high: i64) -> Self {
        self.with(name, Range::Integer { low, high })
    }

    /// Adds a positive whole number from `low` to `high`, searched by its logarithm.
    #[must_use]
    pub fn log_integer(self, name: impl Into<Arc<str>>, low: i64, high: i64) -> Self {
        self.with(name, Range::LogInteger { low, high })
    }

    /// Adds one of several names.
    #[must_use]
    pub fn choice<N: Into<Arc<str>>>(
        self,
        name: impl Into<Arc<str>>,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        self.with(name, Range::Choice(names.into_iter().map(Into::into).collect()))
    }

    /// The parameters and their ranges, in the order they were added.
    #[must_use]
    pub fn parameters(&self) -> &[(Arc<str>, Range)] {
        &self.parameters
    }

    pub(super) fn check(&self) -> Result<(), TuneError> {
        if self.parameters.is_empty() {
            return Err(TuneError::EmptySpace);
        }
        for (at, (name, range)) in self.parameters.iter().enumerate() {
            if self.parameters.iter().take(at).any(|(other, _)| other == name) {
                return Err(TuneError::DuplicateParameter(Arc::clone(name)));
            }
            range.check(name)?;
        }
        Ok(())
    }

    /// A point drawn from the whole space.
    #[must_use]
    pub fn sample(&self, rng: &mut dyn Rng) -> Point {
        self.point(&self.sample_coordinates(rng))
    }

    pub(super) fn sample_coordinates(&self, rng: &mut dyn Rng) -> Vec<f64> {
        let draw = |(_, range): &(Arc<str>, Range)| match range.axis() {
            Axis::Line { low, high } => low + (high - low) * rng.random::<f64>(),
            Axis::Names(n) => (rng.random::<f64>() * n as f64).floor(),
        };
        self.parameters.iter().map(draw).collect()
    }

    pub(super) fn point(&self, coordinates: &[f64]) -> Point {
        let value =
            |((name, range), at): (&(Arc<str>, Range), &f64)| (name.clone(), range.value(*at));
        Point { values: self.parameters.iter().zip(coordinates).map(value).collect() }
    }

    /// The coordinates of a point.
    pub(super) fn coordinates(&self, point: &Point) -> Result<Vec<f64>, TuneError> {
        if let Some((name, _)) =
            point.values.iter().find(|(name, _)| !self.parameters.iter().any(|(n, _)| n == name))
        {
            let (parameter, expected) = (Arc::clone(name), "a parameter of the space");
            return Err(TuneError::Point { parameter, expected });
        }
        let coordinate = |(name, range): &(Arc<str>, Range)| {
            let missing = "one value within its range and of its kind";
            let error = TuneError::Point { parameter: Arc::clone(name), expected: missing };
            point.get(name).and_then(|value| range.coordinate(value)).ok_or(error)
        };
        let all: Vec<f64> = self.parameters.iter().map(coordinate).collect::<Result<_, _>>()?;
        if point.values.len() > all.len() {
            let expected = "one value per parameter";
            let parameter = point.values.last().map_or_else(|| "".into(), |(name, _)| name.clone());
            return Err(TuneError::Point { parameter, expected });
        }
        Ok(all)
    }
}
