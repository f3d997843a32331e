//! What the exports do not say themselves.

mod check;
mod source;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};

pub use check::ConfigError;
pub(crate) use check::{Defaults, Settings};
pub use source::SourceDefaults;

use super::mapping::Mapping;
use crate::channel::ChannelRules;
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
