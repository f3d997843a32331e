//! Dates and times as platforms write them.

mod parse;
mod stamp;
#[cfg(test)]
mod tests;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub(crate) use parse::month;
pub use parse::parse_date;
pub use stamp::{Stamp, parse_stamp};
pub(crate) use stamp::{end_of, parse_period, parse_zone, period};

/// Which part of `05/10/2026` is the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// 5 October.
    DayFirst,
    /// May 10th.
    MonthFirst,
}

/// Why a text is no date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DateError {
    /// Not a date in a known form.
    #[error("not a date in a known form")]
    Syntax,
    /// No such day.
    #[error("no such day")]
    Calendar,
    /// Day and month cannot be told apart, in this file.
    #[error("day and month cannot be told apart: state the date order of this source")]
    Ambiguous,
    /// Not a time in a known form.
    #[error("not a time in a known form")]
    Time,
    /// A time that the zone's clocks skipped, or a zone that does not exist.
    #[error("no such time in its zone")]
    Zone,
}

/// A date as written, before the file's order of day and month is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Only one reading.
    Date(Date),
    /// Two numbers that could be day and month.
    Pair {
        /// The first number.
        first: i8,
        /// The second number.
        second: i8,
        /// The year.
        year: i16,
    },
}

impl Written {
    /// What this date proves about the order in its file: a part above 12 is the day.
    #[must_use]
    pub const fn evidence(&self) -> Option<DateOrder> {
        match *self {
            Self::Pair { first, second, .. } if first > 12 && second <= 12 => {
                Some(DateOrder::DayFirst)
            }
            Self::Pair { first, second, .. } if second > 12 && first <= 12 => {
                Some(DateOrder::MonthFirst)
            }
            _ => None,
        }
    }

    /// The date, given the order of its file.
    ///
    /// # Errors
    /// [`DateError::Ambiguous`] where the order matters and is unknown, [`DateError::Calendar`].
    pub fn resolve(self, order: Option<DateOrder>) -> Result<Date, DateError> {
        let (first, second, year) = match self {
            Self::Date(date) => return Ok(date),
            Self::Pair { first, second, year } => (first, second, year),
        };
        let same = (first == second).then_some(DateOrder::DayFirst);
        let (day, month) = match order.or(same).or(self.evidence()) {
            Some(DateOrder::DayFirst) => (first, second),
            Some(DateOrder::MonthFirst) => (second, first),
            None => return Err(DateError::Ambiguous),
        };
        Date::new(year, month, day).map_err(|_| DateError::Calendar)
    }
}
