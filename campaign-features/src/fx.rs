//! Dated exchange rates.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

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
        column: &'static str,
        /// What stands there.
        value: String,
        /// What should.
        expected: &'static str,
    },
    /// A column is missing.
    #[error("no column {0}: expected date,base,quote,rate")]
    Column(&'static str),
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

/// A rate and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rate {
    /// Units of the currency asked for per unit of the amount's.
    pub rate: Decimal,
    /// The day it was quoted for: earlier than the day asked for if it was carried forward.
    pub quoted: Date,
}

/// Exchange rates by pair and day.
///
/// A pair is looked up as it stands, then the other way round (the reciprocal), then through one
/// common currency, in the order of their codes; all on one day.
///
/// # Examples
/// ```
/// use campaign_features::fx::FxTable;
/// use jiff::civil::date;
/// let table = FxTable::from_csv("date,base,quote,rate\n2026-05-04,EUR,USD,1.25\n")?;
/// let rate = table.rate("USD".parse()?, "EUR".parse()?, date(2026, 5, 4), 0)?;
/// assert_eq!(rate.rate.to_string(), "0.8");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FxTable {
    days: BTreeMap<Date, BTreeMap<(Currency, Currency), Decimal>>,
}

impl FxTable {
    /// No rates.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a CSV with the columns `date,base,quote,rate` in any order: one `base` buys `rate`
    /// `quote`. Other columns, such as `source`, are left alone.
    ///
    /// # Errors
    /// [`FxError`], with line and column.
    pub fn from_csv(text: &str) -> Result<Self, FxError> {
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let header = reader.headers().cloned().unwrap_or_default();
        let column = |name: &'static str| {
            let found = header.iter().position(|h| h.eq_ignore_ascii_case(name));
            found.ok_or(FxError::Column(name))
        };
        let (date, base, quote, rate) =
            (column("date")?, column("base")?, column("quote")?, column("rate")?);
        let mut table = Self::new();
        for row in reader.records() {
            let row = row.unwrap_or_default();
            let line = row.position().map_or(0, csv::Position::line);
            let cell = |index: usize| row.get(index).unwrap_or_default();
            let bad = |column, index: usize, expected| FxError::Cell {
                line,
                column,
                value: cell(index).to_owned(),
                expected,
            };
            let day: Date =
                cell(date).parse().map_err(|_| bad("date", date, "a date such as 2026-05-04"))?;
            let code = |name, index: usize| {
                cell(index).parse::<Currency>().map_err(|_| bad(name, index, "an ISO 4217 code"))
            };
            let (base, quote) = (code("base", base)?, code("quote", quote)?);
            let expected = "a positive decimal number";
            let value = Decimal::from_str_exact(cell(rate))
                .ok()
                .filter(|value| *value > Decimal::ZERO)
                .ok_or_else(|| bad("rate", rate, expected))?;
            match table.days.entry(day).or_default().entry((base, quote)) {
                Entry::Vacant(free) => {
                    free.insert(value);
                }
                Entry::Occupied(same) if *same.get() == value => {}
                Entry::Occupied(_) => {
                    return Err(FxError::Conflict { line, base, quote, date: day });
                }
            }
        }
        Ok(table)
    }

    /// Adds or replaces a rate.
    #[must_use]
    pub fn with_rate(mut self, date: Date, base: Currency, quote: Currency, rate: Decimal) -> Self {
        self.days.entry(date).or_default().insert((base, quote), rate);
        self
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

    /// The rate of a day, or of the latest of the `carry_days` days before it.
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
            return Ok(Rate { rate: Decimal::ONE, quoted: date });
        }
        let earliest = date.checked_sub(i64::from(carry_days).days()).unwrap_or(Date::MIN);
        self.days
            .range(earliest..=date)
            .rev()
            .find_map(|(day, rates)| {
                on_day(rates, from, to).map(|rate| Rate { rate, quoted: *day })
            })
            .ok_or(FxError::Missing { from, to, date })
    }
}

fn on_day(
    rates: &BTreeMap<(Currency, Currency), Decimal>,
    from: Currency,
    to: Currency,
) -> Option<Decimal> {
    let direct = |from, to| {
        let back = || Decimal::ONE.checked_div(*rates.get(&(to, from))?);
        rates.get(&(from, to)).copied().or_else(back).filter(|rate| *rate > Decimal::ZERO)
    };
    let through = |pivot| direct(from, pivot)?.checked_mul(direct(pivot, to)?);
    direct(from, to).or_else(|| {
        let mut pivots: Vec<Currency> = rates.keys().flat_map(|(a, b)| [*a, *b]).collect();
        pivots.sort_unstable();
        pivots.dedup();
        pivots.into_iter().find_map(through)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn code(code: &str) -> Currency {
        code.parse().unwrap()
    }

    const TABLE: &str = "\u{feff}date,base,quote,rate,source\n2026-05-01,EUR,USD,1.25,bank\n\
                         2026-05-01,EUR,GBP,0.8,bank\n2026-05-04,EUR,USD,1.2,bank\n";

    #[test]
    fn direct_reciprocal_and_through_a_common_currency() {
        let table = FxTable::from_csv(TABLE).unwrap();
        let day = date(2026, 5, 1);
        for (from, to, rate) in [
            ("EUR", "USD", "1.25"),
            ("USD", "EUR", "0.8"),
            ("USD", "GBP", "0.64"),
            ("USD", "USD", "1"),
        ] {
            let got = table.rate(code(from), code(to), day, 0).unwrap();
            assert_eq!(got.rate.normalize().to_string(), rate, "{from} {to}");
        }
    }

    #[test]
    fn missing_names_currency_and_day_unless_carried() {
        let table = FxTable::from_csv(TABLE).unwrap();
        let (eur, usd, day) = (code("EUR"), code("USD"), date(2026, 5, 3));
        let missing = table.rate(eur, usd, day, 1).unwrap_err();
        assert_eq!(missing.to_string(), "no exchange rate from EUR to USD on 2026-05-03");
        let carried = table.rate(eur, usd, day, 2).unwrap();
        assert_eq!((carried.rate.to_string().as_str(), carried.quoted), ("1.25", date(2026, 5, 1)));
        // Never backwards from a later day.
        assert!(table.rate(eur, usd, date(2026, 4, 30), 9).is_err());
    }

    #[test]
    fn bad_tables() {
        for (text, part) in [
            ("date,base,rate\n", "no column quote"),
            ("date,base,quote,rate\n2026-05-01,EUR,USD,x\n", "line 2, column rate: \"x\""),
            ("date,base,quote,rate\n2026-05-01,EUR,USD,-1\n", "column rate"),
            ("date,base,quote,rate\n1.5.26,EUR,USD,1\n", "column date"),
            ("date,base,quote,rate\n2026-05-01,EURO,USD,1\n", "column base"),
            ("date,base,quote,rate\n2026-05-01\n", "column base"),
            ("date,base,quote,rate\n2026-05-01,EUR,USD,1\n2026-05-01,EUR,USD,2\n", "line 3"),
        ] {
            let error = FxTable::from_csv(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        assert!(FxTable::from_csv("").is_err());
    }
}
