//! What the exports do not say themselves.

use std::collections::BTreeMap;

use campaign_core::ids::IdError;
use campaign_core::money::MoneyError;
use campaign_core::time::TimeError;
use campaign_core::{BrandId, Currency};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};
use thiserror::Error;

use super::date::DateOrder;
use super::layout::Clock;
use super::mapping::{Mapping, MappingError};
use super::number::DecimalMark;
use crate::channel::{ChannelError, ChannelRules};
use crate::fx::FxTable;

/// What the exports do not say themselves: whose they are, currencies, zones, rules.
///
/// # Examples
/// ```
/// use campaign_features::ingest::IngestConfig;
/// let config = IngestConfig::from_toml(r#"
///     brand = "acme"
///     reporting_currency = "EUR"
///     [sources.google_ads]
///     currency = "USD"
///     zone = "America/New_York"
///     [[channels]]
///     source = "google_ads"
///     campaign = "*brand*"
///     channel = "brand search"
/// "#)?;
/// assert_eq!(config.channels.rules.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct IngestConfig {
    /// The brand whose exports these are; `default` where a TOML configuration names none.
    #[serde(default = "unnamed")]
    pub brand: String,
    /// Defaults per platform (`meta_ads`, `google_ads`, `microsoft_ads`, or what
    /// [`platform`](super::adapter::Adapter::platform) of another adapter says, or a mapping's name).
    #[serde(default)]
    pub sources: BTreeMap<String, SourceDefaults>,
    /// The currency in which accounts are compared; without it nothing is converted.
    #[serde(default)]
    pub reporting_currency: Option<String>,
    /// How many days an exchange rate may be carried forward.
    #[serde(default)]
    pub fx_carry_days: u16,
    /// Exchange rates; not part of a TOML configuration, because they are data.
    #[serde(skip)]
    pub fx: Option<FxTable>,
    /// Campaign to channel, first match wins.
    #[serde(default)]
    pub channels: ChannelRules,
    /// Tables of other systems.
    #[serde(default)]
    pub mappings: Vec<Mapping>,
    /// Rows that became known later are left out.
    #[serde(default, deserialize_with = "instant")]
    pub as_of: Option<Timestamp>,
    /// Whether superseded versions of records are kept and given on.
    #[serde(default)]
    pub history: bool,
    /// Whether what only coarser reports have becomes records of its own: see
    /// [`crate::reconcile::Levels`].
    #[serde(default = "yes")]
    pub unallocated: bool,
    /// Meta's action types that count as conversions, the first that a row's ad and day has.
    #[serde(default = "purchases")]
    pub meta_actions: Vec<String>,
    /// Stages at which a deal of a CRM is won, by their names or ids.
    #[serde(default = "won")]
    pub won_stages: Vec<String>,
    /// The largest text that is read from one file, in bytes.
    #[serde(default = "four_gib")]
    pub max_bytes: u64,
}

fn unnamed() -> String {
    "default".to_owned()
}

const fn yes() -> bool {
    true
}

fn purchases() -> Vec<String> {
    [
        "omni_purchase",
        "purchase",
        "offsite_conversion.fb_pixel_purchase",
        "onsite_conversion.purchase",
    ]
    .map(str::to_owned)
    .into()
}

fn won() -> Vec<String> {
    [
        "closed won",
        "won",
        "gewonnen",
        "abgeschlossen und gewonnen",
        "cierre ganado",
        "cerrado ganado",
        "ganado",
        "ferme gagne",
        "conclu gagne",
        "gagne",
    ]
    .map(str::to_owned)
    .into()
}

const fn four_gib() -> u64 {
    1 << 32
}

/// What the exports of one platform do not say.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SourceDefaults {
    /// The account, where the export names none.
    pub account: Option<String>,
    /// The account's currency, where the export names none.
    pub currency: Option<String>,
    /// The account's IANA time zone, where the export names none.
    pub zone: Option<String>,
    /// The order of day and month, where a file leaves it open.
    pub date_order: Option<DateOrder>,
    /// The decimal mark, where a file leaves it open.
    pub decimal_mark: Option<DecimalMark>,
    /// What a conversion is worth, in currency units, where the source has no revenue.
    pub value_per_conversion: Option<f64>,
    /// Columns that no adapter knows and that tell rows apart, though no file shows it.
    pub dimensions: Vec<String>,
    /// Whose hours the tables of this source have, where it is not what the platform does by default.
    pub clock: Option<Clock>,
}

impl SourceDefaults {
    /// Nothing stated.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// States the currency.
    #[must_use]
    pub fn with_currency(mut self, code: impl Into<String>) -> Self {
        self.currency = Some(code.into());
        self
    }

    /// States the time zone.
    #[must_use]
    pub fn with_zone(mut self, name: impl Into<String>) -> Self {
        self.zone = Some(name.into());
        self
    }

    /// States the account.
    #[must_use]
    pub fn with_account(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// States the order of day and month.
    #[must_use]
    pub const fn with_date_order(mut self, order: DateOrder) -> Self {
        self.date_order = Some(order);
        self
    }

    /// States that a column tells rows apart, where no file shows it by itself.
    #[must_use]
    pub fn with_dimension(mut self, header: impl Into<String>) -> Self {
        self.dimensions.push(header.into());
        self
    }

    /// States whose hours they are.
    #[must_use]
    pub const fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// States what a conversion is worth.
    #[must_use]
    pub const fn with_value_per_conversion(mut self, units: f64) -> Self {
        self.value_per_conversion = Some(units);
        self
    }
}

/// Why a configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Not TOML, or not these keys.
    #[error("the configuration is not readable: {0}")]
    Toml(String),
    /// The brand.
    #[error("brand: {0}")]
    Brand(#[from] IdError),
    /// A currency.
    #[error("{key}: {error}")]
    Currency {
        /// Where it stands.
        key: String,
        /// What is wrong.
        error: MoneyError,
    },
    /// A time zone.
    #[error("{key}: {error}")]
    Zone {
        /// Where it stands.
        key: String,
        /// What is wrong.
        error: TimeError,
    },
    /// Something is stated of a source that neither an adapter nor a mapping has.
    #[error("sources.{name}: no adapter and no mapping has this source, expected one of {known}")]
    Source {
        /// What is stated.
        name: String,
        /// The sources that there are.
        known: String,
    },
    /// A number that has no meaning there.
    #[error("{key} is {value}, expected a finite number that is not negative")]
    Number {
        /// Where it stands.
        key: String,
        /// What stands there.
        value: f64,
    },
    /// A mapping.
    #[error("mapping {name}: {error}")]
    Mapping {
        /// Its name.
        name: String,
        /// What is wrong.
        error: MappingError,
    },
    /// A channel rule.
    #[error(transparent)]
    Channel(#[from] ChannelError),
}

impl IngestConfig {
    /// Defaults for a brand.
    #[must_use]
    pub fn new(brand: impl Into<String>) -> Self {
        Self {
            brand: brand.into(),
            sources: BTreeMap::new(),
            reporting_currency: None,
            fx_carry_days: 0,
            fx: None,
            channels: ChannelRules::default(),
            mappings: Vec::new(),
            as_of: None,
            history: false,
            unallocated: true,
            meta_actions: purchases(),
            won_stages: won(),
            max_bytes: four_gib(),
        }
    }

    /// Reads TOML.
    ///
    /// # Errors
    /// [`ConfigError::Toml`]; values are checked by `Ingest::new`.
    pub fn from_toml(text: &str) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error| ConfigError::Toml(error.to_string()))
    }

    /// States what a platform's exports do not say.
    #[must_use]
    pub fn with_source(mut self, platform: impl Into<String>, defaults: SourceDefaults) -> Self {
        self.sources.insert(platform.into(), defaults);
        self
    }

    /// Asks for amounts in a currency.
    #[must_use]
    pub fn with_reporting_currency(mut self, code: impl Into<String>) -> Self {
        self.reporting_currency = Some(code.into());
        self
    }

    /// Gives the exchange rates.
    #[must_use]
    pub fn with_fx(mut self, table: FxTable) -> Self {
        self.fx = Some(table);
        self
    }

    /// Lets an exchange rate stand for up to this many later days.
    #[must_use]
    pub const fn with_fx_carry_days(mut self, days: u16) -> Self {
        self.fx_carry_days = days;
        self
    }

    /// Gives the channel rules.
    #[must_use]
    pub fn with_channels(mut self, rules: ChannelRules) -> Self {
        self.channels = rules;
        self
    }

    /// Adds a mapping.
    #[must_use]
    pub fn with_mapping(mut self, mapping: Mapping) -> Self {
        self.mappings.push(mapping);
        self
    }

    /// Asks for the superseded versions of records too.
    #[must_use]
    pub const fn with_history(mut self, kept: bool) -> Self {
        self.history = kept;
        self
    }

    /// Names the stages at which a deal is won.
    #[must_use]
    pub fn with_won_stages<S: Into<String>>(mut self, stages: impl IntoIterator<Item = S>) -> Self {
        self.won_stages = stages.into_iter().map(Into::into).collect();
        self
    }

    /// Says whether what only coarser reports have becomes records of its own.
    #[must_use]
    pub const fn with_unallocated(mut self, booked: bool) -> Self {
        self.unallocated = booked;
        self
    }

    /// Leaves out what became known later.
    #[must_use]
    pub const fn with_as_of(mut self, instant: Timestamp) -> Self {
        self.as_of = Some(instant);
        self
    }
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    use serde::de::Error as _;
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| {
        let day = text.parse::<Date>().ok().filter(|_| text.len() == 10);
        match day.and_then(|d| d.to_zoned_datetime(TimeZone::UTC).ok()) {
            Some(midnight) => Ok(midnight.timestamp()),
            None => text.parse().map_err(D::Error::custom),
        }
    })
    .transpose()
}

/// A checked configuration.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) brand: BrandId,
    pub(crate) reporting: Option<Currency>,
    pub(crate) sources: BTreeMap<String, Defaults>,
}

/// Checked defaults of one platform.
#[derive(Debug, Clone, Default)]
pub(crate) struct Defaults {
    pub(crate) account: Option<String>,
    pub(crate) currency: Option<Currency>,
    pub(crate) zone: Option<String>,
    pub(crate) date_order: Option<DateOrder>,
    pub(crate) decimal_mark: Option<DecimalMark>,
    pub(crate) value_per_conversion: Option<f64>,
    pub(crate) clock: Option<Clock>,
}

impl IngestConfig {
    pub(crate) fn check(&self, platforms: &[&str]) -> Result<Settings, ConfigError> {
        let currency = |key: &str, code: &Option<String>| {
            let parse = |code: &String| {
                code.parse::<Currency>()
                    .map_err(|error| ConfigError::Currency { key: key.to_owned(), error })
            };
            code.as_ref().map(parse).transpose()
        };
        let mut sources = BTreeMap::new();
        for (name, stated) in &self.sources {
            let key = |what: &str| format!("sources.{name}.{what}");
            let mapped = self.mappings.iter().map(|mapping| mapping.name.trim());
            let known: Vec<&str> = platforms.iter().copied().chain(mapped).collect();
            if !known.contains(&name.as_str()) {
                return Err(ConfigError::Source { name: name.clone(), known: known.join(", ") });
            }
            if let Some(zone) = &stated.zone {
                campaign_core::time::zone(zone)
                    .map_err(|error| ConfigError::Zone { key: key("zone"), error })?;
            }
            check_worth(&key("value_per_conversion"), stated.value_per_conversion)?;
            let defaults = Defaults {
                account: stated.account.clone(),
                currency: currency(&key("currency"), &stated.currency)?,
                zone: stated.zone.clone(),
                date_order: stated.date_order,
                decimal_mark: stated.decimal_mark,
                value_per_conversion: stated.value_per_conversion,
                clock: stated.clock,
            };
            sources.insert(name.clone(), defaults);
        }
        for mapping in &self.mappings {
            let name = mapping.name.clone();
            check_worth(&format!("mapping {name}"), mapping.value_per_conversion)?;
            mapping.check().map_err(|error| ConfigError::Mapping { name, error })?;
        }
        self.channels.check()?;
        Ok(Settings {
            brand: BrandId::new(&self.brand)?,
            reporting: currency("reporting_currency", &self.reporting_currency)?,
            sources,
        })
    }
}

fn check_worth(key: &str, value: Option<f64>) -> Result<(), ConfigError> {
    match value {
        Some(value) if !(value.is_finite() && value >= 0.0) => {
            Err(ConfigError::Number { key: key.to_owned(), value })
        }
        _ => Ok(()),
    }
}
