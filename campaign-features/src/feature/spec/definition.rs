//! A column, and a whole spec.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::calendar::CalendarField;
use super::super::creative::TextField;
use super::super::error::FeatureError;
use super::super::holiday::{Holidays, Region};
use super::super::plan::{Plan, Window};
use super::aggregate::Aggregate;
use super::schema::Schema;

/// What a column holds.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields))]
#[non_exhaustive]
pub enum Definition {
    /// A statistic of day totals over a window.
    Aggregate(Aggregate),
    /// `(numerator + prior * strength) / (denominator + strength)`, both totals over one window; NaN
    /// where that is not finite or a total is NaN.
    Rate {
        /// Whose.
        entity: Arc<str>,
        /// From which source.
        source: Arc<str>,
        /// The measure that is divided.
        numerator: Arc<str>,
        /// The measure it is divided by.
        denominator: Arc<str>,
        /// Over which days.
        window: Window,
        /// The rate that is expected before anything is known.
        #[cfg_attr(feature = "serde", serde(default))]
        prior: f64,
        /// How much of the denominator the prior weighs; 0 smooths nothing.
        #[cfg_attr(feature = "serde", serde(default))]
        strength: f64,
    },
    /// An entity's total as a share of that of another kind of entity of the same request; NaN where
    /// that is not finite.
    Share {
        /// Whose.
        entity: Arc<str>,
        /// As a share of whose.
        of: Arc<str>,
        /// From which source.
        source: Arc<str>,
        /// The measure.
        measure: Arc<str>,
        /// Over which days.
        window: Window,
    },
    /// What an attribute is known to be: that of the latest day, then the latest known. Categorical.
    Latest {
        /// Whose.
        entity: Arc<str>,
        /// From which source.
        source: Arc<str>,
        /// The attribute.
        attribute: Arc<str>,
        /// How old it may be.
        #[cfg_attr(feature = "serde", serde(default = "ever"))]
        window: Window,
    },
    /// A field of the latest known text under an attribute.
    Text {
        /// Whose.
        entity: Arc<str>,
        /// From which source.
        source: Arc<str>,
        /// The attribute.
        attribute: Arc<str>,
        /// The field.
        field: TextField,
    },
    /// A number per value of the latest known attribute, such as an encoding fitted elsewhere.
    Encoded {
        /// Whose.
        entity: Arc<str>,
        /// From which source.
        source: Arc<str>,
        /// The attribute.
        attribute: Arc<str>,
        /// What each value stands for.
        values: BTreeMap<Arc<str>, f64>,
        /// What any other value, or none, stands for; missing without it.
        #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
        other: Option<f64>,
    },
    /// Days since the first day on which a measure is known to have grown; NaN before.
    Age {
        /// Whose.
        entity: Arc<str>,
        /// From which source.
        source: Arc<str>,
        /// The measure.
        measure: Arc<str>,
    },
    /// How many values of an attribute occur among the facts of a window.
    Distinct {
        /// Whose.
        entity: Arc<str>,
        /// From which source.
        source: Arc<str>,
        /// The attribute.
        attribute: Arc<str>,
        /// Over which days.
        window: Window,
        /// How many values one entity may have ever; more are an error, not a wrong number.
        most: u16,
    },
    /// The share of the people reached who saw more than `cap` impressions, from impressions per
    /// person and a gamma mix of Poisson frequencies; NaN where that is not above 1.
    FrequencyCap {
        /// Whose.
        entity: Arc<str>,
        /// From which source.
        source: Arc<str>,
        /// The measure of impressions.
        impressions: Arc<str>,
        /// The measure of people reached.
        people: Arc<str>,
        /// Over which days; people reached do not add up over days, so that one day is meant.
        window: Window,
        /// The cap.
        cap: u32,
        /// The shape of the gamma mix: the smaller, the more uneven.
        shape: f64,
    },
    /// Where the described day stands in the calendar.
    Calendar {
        /// The field.
        field: CalendarField,
    },
    /// 1 on a holiday of a region.
    Holiday {
        /// The region.
        region: Region,
    },
    /// 1 on a day on which shops advertise.
    AdDay,
    /// 1 on a day given by the caller.
    UserDay,
    /// Days to the next special day, 0 on one, at most 28.
    DaysToHoliday,
    /// Days since the last special day, 0 on one, at most 28.
    DaysSinceHoliday,
    /// The sine or cosine of the day's phase in a season: `sin(2 pi order t / period)` with `t` in
    /// days since 1970-01-01.
    Fourier {
        /// Days of the season.
        period: f64,
        /// Which harmonic, from 1 on.
        order: u16,
        /// Cosine instead of sine.
        #[cfg_attr(feature = "serde", serde(default))]
        cosine: bool,
    },
    /// Two other numeric features combined; NaN where that is not finite.
    Cross {
        /// How.
        operation: Arithmetic,
        /// The first feature's name.
        left: Arc<str>,
        /// The second feature's name.
        right: Arc<str>,
    },
    /// Other categorical features combined into one whose levels are the pairs, `a|b`.
    CrossLevels {
        /// The first feature's name.
        left: Arc<str>,
        /// The second feature's name.
        right: Arc<str>,
    },
}

/// How two numbers make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Arithmetic {
    /// `left * right`.
    Product,
    /// `left / right`.
    Ratio,
    /// `left - right`.
    Difference,
    /// `left + right`.
    Sum,
}

#[cfg(feature = "serde")]
fn ever() -> Window {
    Window::EVER
}

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
            Definition::Encoded { entity, source, attribute, .. } => {
                format!("{entity}_{source}_{attribute}_encoded")
            }
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
            Definition::CrossLevels { left, right } => format!("{left}_and_{right}"),
        }
        .into()
    }
}

/// The columns of a table.
///
/// # Examples
/// ```
/// # #[cfg(feature = "serde")] {
/// use campaign_features::feature::spec::FeatureSpec;
/// let spec = FeatureSpec::from_toml(r#"
///     [[features]]
///     name = "spend_7d"
///     kind = "aggregate"
///     entity = "ad"
///     source = "ads"
///     statistic = "sum"
///     measure = "spend"
///     window = "7d"
///
///     [[features]]
///     kind = "calendar"
///     field = "month"
/// "#)?;
/// assert_eq!(spec.names().map(|n| n.to_string()).collect::<Vec<_>>(), ["spend_7d", "month"]);
/// # }
/// # Ok::<(), campaign_features::feature::FeatureError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct FeatureSpec {
    /// Days after which what happened is no longer seen; `None` sees everything.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub ttl: Option<u16>,
    /// The special days that holiday features look up.
    #[cfg_attr(feature = "serde", serde(default))]
    pub holidays: Holidays,
    /// Fixed levels of categorical columns, by column name; another value is missing.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "BTreeMap::is_empty"))]
    pub levels: BTreeMap<Arc<str>, Vec<Arc<str>>>,
    /// The columns.
    pub features: Vec<Feature>,
}

impl FeatureSpec {
    /// These columns, in this order.
    #[must_use]
    pub fn new(features: impl IntoIterator<Item = impl Into<Feature>>) -> Self {
        Self { features: features.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Adds a column.
    #[must_use]
    pub fn with(mut self, feature: impl Into<Feature>) -> Self {
        self.features.push(feature.into());
        self
    }

    /// Sees nothing that happened more than so many days before the day of decision.
    #[must_use]
    pub fn with_ttl(mut self, days: u16) -> Self {
        self.ttl = Some(days);
        self
    }

    /// The special days that holiday features look up.
    #[must_use]
    pub fn with_holidays(mut self, holidays: Holidays) -> Self {
        self.holidays = holidays;
        self
    }

    /// Fixes the levels of a categorical column.
    #[must_use]
    pub fn with_levels(
        mut self,
        column: impl Into<Arc<str>>,
        levels: impl IntoIterator<Item = Arc<str>>,
    ) -> Self {
        self.levels.insert(column.into(), levels.into_iter().collect());
        self
    }

    /// The columns' names.
    pub fn names(&self) -> impl Iterator<Item = Arc<str>> {
        self.features.iter().map(Feature::name)
    }

    /// Checks every name against what there is and lays out what is kept and read.
    ///
    /// # Errors
    /// [`FeatureError::Unknown`] with the feature and the name, [`FeatureError::Twice`],
    /// [`FeatureError::Spec`].
    pub fn compile(&self, schema: &Schema) -> Result<Plan, FeatureError> {
        Plan::compile(self, schema)
    }

    /// Reads a spec.
    ///
    /// # Errors
    /// [`FeatureError::Parse`] with the line and what was expected.
    #[cfg(feature = "serde")]
    pub fn from_toml(text: &str) -> Result<Self, FeatureError> {
        toml::from_str(text).map_err(|error| FeatureError::Parse(error.to_string()))
    }

    /// Writes it as it is read.
    ///
    /// # Errors
    /// [`FeatureError::Parse`] for numbers that TOML does not have.
    #[cfg(feature = "serde")]
    pub fn to_toml(&self) -> Result<String, FeatureError> {
        toml::to_string(self).map_err(|error| FeatureError::Parse(error.to_string()))
    }
}
