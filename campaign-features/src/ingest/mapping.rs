//! Any other table, by a declaration.

use std::collections::BTreeMap;

use campaign_core::Currency;
use campaign_core::money::MoneyError;
use campaign_core::time::TimeError;
use jiff::civil::Date;
use serde::Deserialize;
use thiserror::Error;

use super::adapter::finest;
use super::date::DateOrder;
use super::header::HeaderCell;
use super::layout::{Clock, Column, Layout, Level, Output, Role};
use super::number::{DecimalMark, Unit};
use super::row::{RowReader, bare_id};

/// Says what the columns of a table mean, with constants for what has no column.
///
/// A header is this mapping's if it has every column that is named and not optional, by its name or an
/// alias; the comparison ignores case, accents and `_`. Columns that are not named are reported as
/// unknown. Everything that an adapter can say can be said here: roles (dimensions, attributes,
/// metrics, currency and zone columns), units, the attribution window, whose hours they are, the
/// level, other languages.
///
/// # Examples
/// ```
/// use campaign_features::ingest::Mapping;
/// let mapping = Mapping::from_toml(r#"
///     name = "posters"
///     currency = "EUR"
///     period = { start = "2026-05-01", end = "2026-05-31" }
///     value_per_conversion = 12.5
///     window = "7-day click"
///     optional = ["State"]
///     [columns]
///     "Panel" = "ad"
///     "Rent cents" = { role = "spend", unit = "cents" }
///     "Calls" = "conversions"
///     "State" = "attribute"
///     [aliases]
///     "Calls" = ["Anrufe", "Llamadas"]
///     [compose]
///     campaign = ["Town", "Quarter"]
/// "#)?;
/// assert_eq!(mapping.name, "posters");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Mapping {
    /// The `source` of the records.
    pub name: String,
    /// What rows become.
    #[serde(default)]
    pub output: MappedOutput,
    /// Column headers and what they mean.
    pub columns: BTreeMap<String, MappedColumn>,
    /// Ids made of several columns, joined by `/`.
    #[serde(default)]
    pub compose: BTreeMap<ComposedId, Vec<String>>,
    /// The currency of all amounts.
    #[serde(default)]
    pub currency: Option<String>,
    /// The account's time zone.
    #[serde(default)]
    pub zone: Option<String>,
    /// The account.
    #[serde(default)]
    pub account: Option<String>,
    /// The days that every row covers, for a table without days.
    #[serde(default)]
    pub period: Option<Period>,
    /// What a conversion is worth, in currency units, for a table without revenue.
    #[serde(default)]
    pub value_per_conversion: Option<f64>,
    /// The order of day and month.
    #[serde(default)]
    pub date_order: Option<DateOrder>,
    /// The decimal mark.
    #[serde(default)]
    pub decimal_mark: Option<DecimalMark>,
    /// Whose hours they are.
    #[serde(default)]
    pub clock: Clock,
    /// The attribution window of the conversions, for a table without such a column.
    #[serde(default)]
    pub window: Option<String>,
    /// The level of the rows, where it is not that of the finest thing the columns name; of a table
    /// of entities, what its rows describe.
    #[serde(default)]
    pub level: Option<Level>,
    /// Other names that the file may have for a column of `columns`: other languages, other versions.
    #[serde(default)]
    pub aliases: BTreeMap<String, Vec<String>>,
    /// Columns of `columns` that a file may lack.
    #[serde(default)]
    pub optional: Vec<String>,
}

/// Ids that can be composed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ComposedId {
    /// The account.
    Account,
    /// The campaign.
    Campaign,
    /// The ad group.
    AdGroup,
    /// The ad.
    Ad,
}

/// What the rows of a mapped table become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MappedOutput {
    /// Daily records.
    #[default]
    Records,
    /// Conversions.
    Conversions,
    /// Web sessions.
    Web,
    /// Descriptions of accounts, campaigns, ad groups or ads, by their `level`: names, currencies,
    /// zones, parents.
    Entities,
}

/// What a column means: a role, or a role with a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "expected what a column means, such as \"day\" or \"spend\" (the names of Role in snake case), or { role = ..., unit = ... }"
)]
#[non_exhaustive]
pub enum MappedColumn {
    /// Currency units, where it is an amount.
    Role(Role),
    /// With the unit of its amounts.
    Amount {
        /// What it means.
        role: Role,
        /// What its amounts count.
        unit: Unit,
    },
}

/// The days that every row of a table covers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// The first, as `2026-05-01`.
    pub start: String,
    /// The last.
    pub end: String,
}

/// Why a mapping cannot be used.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum MappingError {
    /// Not TOML, or not these keys.
    #[error("not readable: {0}")]
    Toml(String),
    /// No columns.
    #[error("no columns are named")]
    Empty,
    /// The name.
    #[error("the name {0:?} cannot be a source id")]
    Name(String),
    /// The currency.
    #[error(transparent)]
    Currency(#[from] MoneyError),
    /// The time zone.
    #[error(transparent)]
    Zone(#[from] TimeError),
    /// The period.
    #[error("the period {start:?} to {end:?} is not two dates in order")]
    Period {
        /// Its start.
        start: String,
        /// Its end.
        end: String,
    },
    /// Neither a column nor a constant tells the day.
    #[error("no column is the day, hour or start, and there is no period")]
    NoDay,
    /// A name under `aliases` or `optional` is no column.
    #[error("{0:?} stands under aliases or optional, but is no column")]
    NoColumn(String),
    /// A table of entities without an id.
    #[error("no column is the id of the entities")]
    NoId,
    /// Two columns that a table always has mean the same one thing.
    #[error("the columns {0:?} and {1:?} mean the same: make one optional, or an attribute")]
    Twice(String, String),
    /// A composed id is made of nothing.
    #[error("an id is composed of no columns")]
    Compose,
}

impl Mapping {
    /// A mapping of columns to roles.
    #[must_use]
    pub fn new<H: Into<String>>(
        name: impl Into<String>,
        columns: impl IntoIterator<Item = (H, Role)>,
    ) -> Self {
        let columns = columns.into_iter().map(|(h, role)| (h.into(), MappedColumn::Role(role)));
        Self {
            name: name.into(),
            output: MappedOutput::Records,
            columns: columns.collect(),
            compose: BTreeMap::new(),
            currency: None,
            zone: None,
            account: None,
            period: None,
            value_per_conversion: None,
            date_order: None,
            decimal_mark: None,
            clock: Clock::Account,
            window: None,
            level: None,
            aliases: BTreeMap::new(),
            optional: Vec::new(),
        }
    }

    /// Reads TOML.
    ///
    /// # Errors
    /// [`MappingError`].
    pub fn from_toml(text: &str) -> Result<Self, MappingError> {
        let mapping: Self =
            toml::from_str(text).map_err(|error| MappingError::Toml(error.to_string()))?;
        mapping.check()?;
        Ok(mapping)
    }

    pub(crate) fn days(&self) -> Option<(Date, Date)> {
        let period = self.period.as_ref()?;
        let (start, end) = (period.start.parse().ok()?, period.end.parse().ok()?);
        (start <= end).then_some((start, end))
    }

    pub(crate) fn check(&self) -> Result<(), MappingError> {
        if self.columns.is_empty() {
            return Err(MappingError::Empty);
        }
        if campaign_core::SourceId::new(&self.name).is_err() {
            return Err(MappingError::Name(self.name.clone()));
        }
        if let Some(code) = &self.currency {
            code.parse::<Currency>()?;
        }
        if let Some(zone) = &self.zone {
            campaign_core::time::zone(zone)?;
        }
        if let (Some(period), None) = (&self.period, self.days()) {
            let (start, end) = (period.start.clone(), period.end.clone());
            return Err(MappingError::Period { start, end });
        }
        let dated = |column: &MappedColumn| {
            matches!(
                column.role(),
                Role::Day | Role::Hour | Role::Start | Role::Week | Role::Month | Role::At
            )
        };
        let entities = self.output == MappedOutput::Entities;
        if !entities && self.period.is_none() && !self.columns.values().any(dated) {
            return Err(MappingError::NoDay);
        }
        if entities && !self.columns.values().any(|column| column.role() == Role::Id) {
            return Err(MappingError::NoId);
        }
        let known = |name: &&String| !self.columns.contains_key(*name);
        if let Some(name) = self.aliases.keys().chain(&self.optional).find(known) {
            return Err(MappingError::NoColumn(name.clone()));
        }
        if self.compose.values().any(Vec::is_empty) {
            return Err(MappingError::Compose);
        }
        let required = || self.columns.iter().filter(|(name, _)| !self.optional.contains(name));
        for (name, column) in required().filter(|(_, column)| !column.role().repeats()) {
            if let Some((first, _)) = required().find(|(_, other)| other.role() == column.role())
                && first != name
            {
                return Err(MappingError::Twice(first.clone(), name.clone()));
            }
        }
        Ok(())
    }

    /// The names of the columns that ids are composed of.
    pub(crate) fn composing(&self) -> Vec<String> {
        self.compose.values().flatten().map(|header| HeaderCell::new(header).name).collect()
    }

    /// An id composed of several columns; `None` if it is not composed or all of them are empty.
    pub(crate) fn composed(&self, id: ComposedId, reader: &RowReader<'_, '_>) -> Option<String> {
        let parts = self.compose.get(&id)?.iter().map(|header| {
            let name = HeaderCell::new(header).name;
            let index = reader.layout.columns.iter().position(|c| *c.name == *name);
            index.and_then(|index| reader.cells.get(index)).map_or("", |cell| bare_id(cell))
        });
        let parts: Vec<&str> = parts.collect();
        let joined = parts.join("/").replace(char::is_control, " ");
        parts.iter().any(|part| !part.is_empty()).then_some(joined)
    }

    /// The layout of a header, if it has every column that is named.
    pub(crate) fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        let mut wanted: Vec<(String, MappedColumn)> = Vec::with_capacity(self.columns.len());
        let composed = self.composing();
        let present = |name: &str| header.iter().any(|cell| cell.name == name);
        for (own, column) in &self.columns {
            let names = core::iter::once(own).chain(self.aliases.get(own).into_iter().flatten());
            match names.map(|name| HeaderCell::new(name).name).find(|name| present(name)) {
                Some(name) => wanted.push((name, *column)),
                None if self.optional.contains(own) => {}
                None => return None,
            }
        }
        if wanted.is_empty() || !composed.into_iter().all(|name| present(&name)) {
            return None;
        }
        let mut columns = Vec::with_capacity(header.len());
        for cell in header {
            let mapped = wanted.iter().find(|(name, _)| *name == cell.name).map(|(_, c)| *c);
            columns.push(Column {
                header: cell.text.as_str().into(),
                name: cell.name.as_str().into(),
                role: mapped.map_or_else(
                    || super::connector::role(&cell.name).unwrap_or(Role::Unknown),
                    |column| column.role(),
                ),
                unit: mapped.map_or(Unit::Units, |c| c.unit()),
                currency: cell.currency,
            });
        }
        let mut layout = Layout {
            platform: self.name.trim().into(),
            output: match self.output {
                MappedOutput::Records => Output::Records,
                MappedOutput::Conversions => Output::Conversions,
                MappedOutput::Web => Output::Web,
                MappedOutput::Entities => Output::Entities(self.level),
            },
            level: None,
            columns,
            clock: self.clock,
            window: self.window.as_deref().map(Into::into),
            zone: None,
            date_order: self.date_order,
            // A declaration outranks every guess.
            score: 1000 + wanted.len() as u32,
            notes: Vec::new(),
        };
        if self.output == MappedOutput::Entities {
            layout.level = self.level;
            return Some(layout);
        }
        layout.level = self.level.or(Some(match self.output {
            MappedOutput::Conversions => Level::Order,
            MappedOutput::Web => Level::Session,
            MappedOutput::Records if self.compose.contains_key(&ComposedId::Ad) => Level::Ad,
            MappedOutput::Records | MappedOutput::Entities => finest(&layout),
        }));
        Some(layout)
    }
}

impl MappedColumn {
    const fn role(&self) -> Role {
        match self {
            Self::Role(role) | Self::Amount { role, .. } => *role,
        }
    }

    const fn unit(&self) -> Unit {
        match self {
            Self::Role(_) => Unit::Units,
            Self::Amount { unit, .. } => *unit,
        }
    }
}

#[cfg(test)]
#[path = "mapping_tests.rs"]
mod tests;
