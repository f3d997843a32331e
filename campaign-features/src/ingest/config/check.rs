//! The configuration, checked.

use std::collections::BTreeMap;

use campaign_core::ids::IdError;
use campaign_core::money::MoneyError;
use campaign_core::time::TimeError;
use campaign_core::{BrandId, Currency};
use thiserror::Error;

use super::IngestConfig;
use crate::channel::ChannelError;
use crate::ingest::date::DateOrder;
use crate::ingest::layout::Clock;
use crate::ingest::mapping::MappingError;
use crate::ingest::number::DecimalMark;

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
