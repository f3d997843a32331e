//! Dated exchange rates.

mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use campaign_core::Currency;
use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;
use thiserror::Error;

/// Why a table of rates cannot be read, or a rate cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FxError {
    /// No rate for a day.
    #[error("no exchange rate from {from} to {to} on {date}")]
    Missing {
        /// The currency of the amount.
        from: Currency,
        /// The currency asked for.
        to: Currency,
        /// The day.
        date: Date,
    },
    /// A cell that cannot be read.
    #[error("line {line}, column {column}: {value:?}, expected {expected}")]
    Cell {
        /// The line, counted from 1.
        line: u64,
        /// The column.
        column: String,
        /// What stands there.
        value: String,
        /// What should.
        expected: &'static str,
    },
    /// A column is missing.
    #[error("no column {0}: expected date,base,quote,rate, or Date,USD,JPY,... per euro")]
    Column(&'static str),
    /// A wide table quotes its own base.
    #[error("a column {0} in a table of rates per {0}")]
    Base(Currency),
    /// Two rates for one pair and day.
    #[error("line {line}: another rate from {base} to {quote} on {date}")]
    Conflict {
        /// The line, counted from 1.
        line: u64,
        /// The base currency.
        base: Currency,
        /// The quote currency.
        quote: Currency,
        /// The day.
        date: Date,
    },
}

/// How a rate follows from the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Derivation {
    /// Of a currency to itself: 1.
    Same,
    /// As it is quoted.
    Direct,
    /// The reciprocal of the quote of the other way round.
    Inverse,
    /// Through a currency that both are quoted with.
    Cross(Currency),
}

/// A rate and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rate {
    /// Units of the currency asked for per unit of the amount's.
    pub rate: Decimal,
    /// The day it was quoted for: earlier than the day asked for if it was carried forward.
    pub quoted: Date,
    /// How it follows from the table.
    pub derivation: Derivation,
    /// What the table names as the source; of a cross rate that of its first leg, unless only the
    /// second names one.
    pub source: Option<Arc<str>>,
    /// The source of a cross rate's second leg, where it is another.
    pub second_source: Option<Arc<str>>,
}

/// A rate as it stands in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Quote {
    rate: Decimal,
    source: Option<Arc<str>>,
}

type Day = BTreeMap<(Currency, Currency), Quote>;

/// Exchange rates by pair and day.
///
/// A pair is looked up as it stands, then the other way round (the reciprocal), then through one
/// common currency, in the order of their codes; all on one day. Only where a day has none of these is
/// an earlier day tried.
///
/// # Examples
/// ```
/// use campaign_features::fx::{Derivation, FxTable};
/// use jiff::civil::date;
/// let table = FxTable::from_csv("date,base,quote,rate,source\n2026-05-04,EUR,USD,1.25,bank\n")?;
/// let rate = table.rate("USD".parse()?, "EUR".parse()?, date(2026, 5, 4), 0)?;
/// assert_eq!((rate.rate.to_string().as_str(), rate.derivation), ("0.8", Derivation::Inverse));
/// assert_eq!(rate.source.as_deref(), Some("bank"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FxTable {
    days: BTreeMap<Date, Day>,
    unknown: Vec<String>,
}

impl FxTable {
    /// No rates.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a CSV of one of two shapes, its columns in any order.
    ///
    /// Long: `date,base,quote,rate` and, if there is one, `source`; one `base` buys `rate` `quote`.
    /// Other columns are left alone.
    ///
    /// Wide, as the European Central Bank publishes it: `Date,USD,JPY,...`, one row a day, units of each
    /// currency per euro, `N/A` or nothing where there is none; the source is then `ECB`. Columns of
    /// currencies without an ISO 4217 code of today are left out and listed by
    /// [`FxTable::unknown_columns`].
    ///
    /// # Errors
    /// [`FxError`], with line and column.
    ///
    /// # Examples
    /// ```
    /// use campaign_features::fx::FxTable;
    /// let table = FxTable::from_csv("Date,USD,JPY,\n2026-05-04,1.25,160,\n2026-05-01,1.2,N/A,\n")?;
    /// assert_eq!(table.len(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_csv(text: &str) -> Result<Self, FxError> {
        read::from_csv(text)
    }

    /// Adds or replaces a rate.
    #[must_use]
    pub fn with_rate(mut self, date: Date, base: Currency, quote: Currency, rate: Decimal) -> Self {
        self.days.entry(date).or_default().insert((base, quote), Quote { rate, source: None });
        self
    }

    fn add(
        &mut self,
        line: u64,
        date: Date,
        (base, quote): (Currency, Currency),
        new: Quote,
    ) -> Result<(), FxError> {
        match self.days.entry(date).or_default().entry((base, quote)) {
            Entry::Vacant(free) => {
                free.insert(new);
            }
            Entry::Occupied(same) if same.get().rate == new.rate => {}
            Entry::Occupied(_) => return Err(FxError::Conflict { line, base, quote, date }),
        }
        Ok(())
    }

    /// How many rates there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.days.values().map(BTreeMap::len).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// The one currency that stands in every pair: what amounts can always be converted to. Of the two
    /// of a table with one pair it is the quote.
    #[must_use]
    pub fn shared_currency(&self) -> Option<Currency> {
        let mut pairs = self.days.values().flat_map(BTreeMap::keys);
        let &(base, quote) = pairs.next()?;
        let (mut base_in_all, mut quote_in_all) = (true, true);
        for pair in pairs {
            base_in_all &= pair.0 == base || pair.1 == base;
            quote_in_all &= pair.0 == quote || pair.1 == quote;
        }
        if quote_in_all { Some(quote) } else { base_in_all.then_some(base) }
    }

    /// Columns of a wide table that name no currency of today.
    #[must_use]
    pub fn unknown_columns(&self) -> &[String] {
        &self.unknown
    }

    /// The rate of a day, or of the latest of the `carry_days` days before it; never of a later day.
    ///
    /// # Errors
    /// [`FxError::Missing`].
    pub fn rate(
        &self,
        from: Currency,
        to: Currency,
        date: Date,
        carry_days: u16,
    ) -> Result<Rate, FxError> {
        if from == to {
            return Ok(Rate {
                rate: Decimal::ONE,
                quoted: date,
                derivation: Derivation::Same,
                source: None,
                second_source: None,
            });
        }
        let earliest = date.checked_sub(i64::from(carry_days).days()).unwrap_or(Date::MIN);
        let mut days = self.days.range(earliest..=date).rev();
        days.find_map(|(day, rates)| on_day(*day, rates, from, to)).ok_or(FxError::Missing {
            from,
            to,
            date,
        })
    }
}

/// A quote, or the reciprocal of the one the other way round.
fn leg(rates: &Day, from: Currency, to: Currency) -> Option<(Decimal, Derivation, &Quote)> {
    if let Some(quote) = rates.get(&(from, to)).filter(|quote| quote.rate > Decimal::ZERO) {
        return Some((quote.rate, Derivation::Direct, quote));
    }
    let quote = rates.get(&(to, from))?;
    let rate = Decimal::ONE.checked_div(quote.rate).filter(|rate| *rate > Decimal::ZERO)?;
    Some((rate, Derivation::Inverse, quote))
}

fn on_day(quoted: Date, rates: &Day, from: Currency, to: Currency) -> Option<Rate> {
    if let Some((rate, derivation, quote)) = leg(rates, from, to) {
        let source = quote.source.clone();
        return Some(Rate { rate, quoted, derivation, source, second_source: None });
    }
    let mut pivots: Vec<Currency> = rates.keys().flat_map(|(a, b)| [*a, *b]).collect();
    pivots.sort_unstable();
    pivots.dedup();
    pivots.into_iter().find_map(|pivot| {
        let (first, _, one) = leg(rates, from, pivot)?;
        let (second, _, two) = leg(rates, pivot, to)?;
        let rate = first.checked_mul(second).filter(|rate| *rate > Decimal::ZERO)?;
        let source = one.source.clone().or_else(|| two.source.clone());
        let second_source = two.source.clone().filter(|second| Some(second) != source.as_ref());
        let derivation = Derivation::Cross(pivot);
        Some(Rate { rate, quoted, derivation, source, second_source })
    })
}
