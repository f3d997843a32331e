//! A column and its name.

use std::sync::Arc;

use super::aggregate::Aggregate;
use super::definition::{Arithmetic, Definition};

/// A column with its name.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Feature {
    /// Its name; made from the definition where it is not given.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub name: Option<Arc<str>>,
    /// What it holds.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub definition: Definition,
}

impl From<Definition> for Feature {
    fn from(definition: Definition) -> Self {
        Self { name: None, definition }
    }
}

impl From<Aggregate> for Feature {
    fn from(aggregate: Aggregate) -> Self {
        Definition::Aggregate(aggregate).into()
    }
}

impl Feature {
    /// A definition with a name.
    #[must_use]
    pub fn named(name: impl Into<Arc<str>>, definition: impl Into<Self>) -> Self {
        Self { name: Some(name.into()), ..definition.into() }
    }

    /// The column's name.
    #[must_use]
    pub fn name(&self) -> Arc<str> {
        if let Some(name) = &self.name {
            return Arc::clone(name);
        }
        match &self.definition {
            Definition::Aggregate(aggregate) => aggregate.name(),
            Definition::Rate {
                entity, source, numerator, denominator, window, strength, ..
            } => {
                let smooth = if *strength == 0.0 { "" } else { "_smoothed" };
                format!("{entity}_{source}_{numerator}_per_{denominator}_{window}{smooth}")
            }
            Definition::Share { entity, of, source, measure, window } => {
                format!("{entity}_{source}_{measure}_share_of_{of}_{window}")
            }
            Definition::Latest { entity, source, attribute, window } => match window.furthest() {
                None => format!("{entity}_{source}_{attribute}"),
                Some(_) => format!("{entity}_{source}_{attribute}_{window}"),
            },
            Definition::Text { entity, source, attribute, field } => {
                format!("{entity}_{source}_{attribute}_{}", field.name())
            }
            Definition::Guessed { entity, source, attribute, guess } => {
                format!("{entity}_{source}_{attribute}_{}", guess.name())
            }
            Definition::Tag { entity, source, attribute, key } => {
                format!("{entity}_{source}_{attribute}_{key}")
            }
            Definition::Encoded { entity, source, attribute, .. } => {
                format!("{entity}_{source}_{attribute}_encoded")
            }
            Definition::Demographic { entity, source, attribute, .. } => {
                format!("{entity}_{source}_{attribute}_place")
            }
            Definition::Encoding(encoding) => encoding.name(),
            Definition::Age { entity, source, measure } => {
                format!("{entity}_{source}_{measure}_age")
            }
            Definition::Distinct { entity, source, attribute, window, .. } => {
                format!("{entity}_{source}_{attribute}_distinct_{window}")
            }
            Definition::FrequencyCap { entity, source, window, cap, .. } => {
                format!("{entity}_{source}_above_cap{cap}_{window}")
            }
            Definition::Calendar { field } => field.name().to_owned(),
            Definition::Holiday { region } => {
                format!("holiday_{}", region.code().to_lowercase().replace('-', "_"))
            }
            Definition::AdDay => "ad_day".to_owned(),
            Definition::UserDay => "user_day".to_owned(),
            Definition::DaysToHoliday => "days_to_holiday".to_owned(),
            Definition::DaysSinceHoliday => "days_since_holiday".to_owned(),
            Definition::Fourier { period, order, cosine } => {
                let wave = if *cosine { "cos" } else { "sin" };
                format!("{wave}{order}_{period}d")
            }
            Definition::Cross { operation, left, right } => {
                let operation = match operation {
                    Arithmetic::Product => "times",
                    Arithmetic::Ratio => "per",
                    Arithmetic::Difference => "minus",
                    Arithmetic::Sum => "plus",
                };
                format!("{left}_{operation}_{right}")
            }
            Definition::CrossLevels { left, right, bound } => match bound {
                None => format!("{left}_and_{right}"),
                Some(bound) => format!("{left}_and_{right}_top{}", bound.most),
            },
        }
        .into()
    }
}
