//! What a source does not say itself.

use serde::Deserialize;

use crate::ingest::date::DateOrder;
use crate::ingest::layout::Clock;
use crate::ingest::number::DecimalMark;

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
