//! Why a market cannot be made, run or asked.

use campaign_core::Error;
use campaign_core::money::MoneyError;
use campaign_core::time::TimeError;
use jiff::civil::Date;
use thiserror::Error as ThisError;

/// Why a market cannot be made, run or asked.
#[derive(Debug, Clone, PartialEq, ThisError)]
#[non_exhaustive]
pub enum MarketError {
    /// A number outside its range, or no number.
    #[error("{what} is {value}, expected {low} to {high}")]
    Range {
        /// What it is.
        what: &'static str,
        /// Its value.
        value: f64,
        /// Least allowed.
        low: f64,
        /// Most allowed.
        high: f64,
    },
    /// Something the configuration names but does not have, or has none of.
    #[error("the market has no {kind} {name:?}")]
    Unknown {
        /// The kind of thing.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// Two things share a name.
    #[error("there are two {kind} {name:?}")]
    Twice {
        /// The kind of thing.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// Two channels of one platform that do not share their account, its currency and its zone: one
    /// export file has one of each.
    #[error("channels {one:?} and {other:?} are of one platform but not of one account")]
    Accounts {
        /// A channel.
        one: String,
        /// The other.
        other: String,
    },
    /// A plan or a list of bounds without one number per ad.
    #[error("{what} has {got} numbers, the market has {expected} ads")]
    Length {
        /// What it is.
        what: &'static str,
        /// Its length.
        got: usize,
        /// The number of ads.
        expected: usize,
    },
    /// A spend, or a bound, that is negative or no number.
    #[error("{what} of ad {ad} is {value}, expected a finite number that is not negative")]
    Spend {
        /// Spend or which bound.
        what: &'static str,
        /// The ad's position.
        ad: usize,
        /// The number.
        value: f64,
    },
    /// Spend on an ad that does not exist yet.
    #[error("ad {ad} cannot spend before its launch")]
    NotLaunched {
        /// The ad's position.
        ad: usize,
    },
    /// Days must be run one after the other.
    #[error("the next day of the market is {expected}, got {got}")]
    Date {
        /// The date asked for.
        got: Date,
        /// The market's today.
        expected: Date,
    },
    /// No plan keeps the bounds and spends the budget.
    #[error("a budget of {budget} cannot be spent within bounds that add up to {low} to {high}")]
    Budget {
        /// The budget.
        budget: f64,
        /// Sum of the lower bounds.
        low: f64,
        /// Sum of the upper bounds.
        high: f64,
    },
    /// The end of the calendar.
    #[error("the market has reached the end of the calendar")]
    Calendar,
    /// An export could not be written as text.
    #[error("{file} could not be written: {message}")]
    Export {
        /// The file.
        file: String,
        /// Why.
        message: String,
    },
    /// A zone or a day.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// An amount.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A curve.
    #[error(transparent)]
    Core(#[from] Error),
}

pub(crate) fn in_range(
    what: &'static str,
    value: f64,
    low: f64,
    high: f64,
) -> Result<(), MarketError> {
    if value >= low && value <= high {
        Ok(())
    } else {
        Err(MarketError::Range { what, value, low, high })
    }
}
