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
/// A header is this mapping's if it has every column that is named; the comparison ignores case,
/// accents and `_`. Columns that are not named are reported as unknown.
///
/// # Examples
/// ```
/// use campaign_features::ingest::Mapping;
/// let mapping = Mapping::from_toml(r#"
///     name = "posters"
///     currency = "EUR"
///     period = { start = "2026-05-01", end = "2026-05-31" }
///     value_per_conversion = 12.5
///     [columns]
///     "Panel" = "ad"
///     "Rent cents" = { role = "spend", unit = "cents" }
///     "Calls" = "conversions"
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
}

/// What a column means: a role, or a role with a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
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
        if self.period.is_none() && !self.columns.values().any(dated) {
            return Err(MappingError::NoDay);
        }
        if self.compose.values().any(Vec::is_empty) {
            return Err(MappingError::Compose);
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
        let wanted: Vec<(HeaderCell, MappedColumn)> =
            self.columns.iter().map(|(h, c)| (HeaderCell::new(h), *c)).collect();
        let composed = self.composing();
        let present = |name: &str| header.iter().any(|cell| cell.name == name);
        let whole = wanted.iter().all(|(cell, _)| present(&cell.name));
        if !whole || !composed.into_iter().all(|name| present(&name)) {
            return None;
        }
        let mut columns = Vec::with_capacity(header.len());
        for cell in header {
            let mapped = wanted.iter().find(|(w, _)| w.name == cell.name).map(|(_, c)| *c);
            columns.push(Column {
                header: cell.text.as_str().into(),
                name: cell.name.as_str().into(),
                role: mapped.map_or(Role::Unknown, |c| c.role()),
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
        layout.level = Some(match self.output {
            MappedOutput::Conversions => Level::Order,
            MappedOutput::Web => Level::Session,
            MappedOutput::Records if self.compose.contains_key(&ComposedId::Ad) => Level::Ad,
            MappedOutput::Records => finest(&layout),
        });
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
mod tests {
    use super::*;

    #[test]
    fn mappings_that_cannot_be_used() {
        let whole = "name = \"p\"\nperiod = { start = \"2026-05-01\", end = \"2026-05-31\" }\n";
        let columns = "[columns]\nA = \"ad\"\n";
        assert!(Mapping::from_toml(&format!("{whole}{columns}")).is_ok());
        for (text, part) in [
            (format!("{whole}[columns]\n"), "no columns"),
            (format!("name = \"p\"\n{columns}"), "no column is the day"),
            (format!("name = \" \"\n{columns}"), "source id"),
            (format!("{whole}currency = \"EURO\"\n{columns}"), "EURO"),
            (format!("{whole}zone = \"Mars/X\"\n{columns}"), "Mars/X"),
            (format!("{whole}typo = 1\n{columns}"), "typo"),
            (format!("{whole}[columns]\nA = \"advert\"\n"), "not readable"),
            (format!("{whole}{columns}[compose]\nad = []\n"), "composed of no columns"),
            (whole.replace("05-31", "04-01") + columns, "not two dates in order"),
        ] {
            let error = Mapping::from_toml(&text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn composed_ids_and_units() {
        let mapping = Mapping::from_toml(
            "name = \"p\"\n[columns]\nDay = \"day\"\n\"Rent ct\" = { role = \"spend\", unit = \"cents\" }\n\
             [compose]\nad = [\"Town\", \"Panel\"]\n",
        )
        .unwrap();
        let config = super::super::IngestConfig::new("b").with_mapping(mapping);
        let mut ingest = super::super::Ingest::new(config).unwrap();
        ingest.read_bytes("p.csv", b"Town,Panel,Day,Rent ct\nUlm,3,2026-05-04,1250\n");
        let out = ingest.finish().unwrap();
        let row = &out.records[0];
        assert_eq!((row.ad.as_ref().unwrap().as_str(), row.spend.0), ("Ulm/3", 12_500_000));
        assert_eq!(out.sources[0].level, Some(Level::Ad));
        assert_eq!(out.sources[0].unknown_columns, ["Panel", "Town"]);
    }
}
