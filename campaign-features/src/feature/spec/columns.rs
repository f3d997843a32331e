//! A whole spec.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::error::FeatureError;
use super::super::holiday::Holidays;
use super::super::plan::Plan;
use super::feature::Feature;
use super::schema::Schema;

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
