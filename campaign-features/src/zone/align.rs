//! Amounts of one zone's days as amounts of another's.

use std::collections::BTreeMap;

use campaign_core::Micros;
use campaign_core::money::MoneyError;
use campaign_core::time::{AccountDay, TimeError};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use super::split::{divide, split};

/// Why amounts cannot be aligned.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum AlignError {
    /// The interval does not end after it starts.
    #[error("the interval from {start} to {end} is empty")]
    Interval {
        /// Its first instant.
        start: Timestamp,
        /// The first instant after it.
        end: Timestamp,
    },
    /// A zone or day that cannot be had.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// An amount that does not fit.
    #[error("{date}: {error}")]
    Money {
        /// The day.
        date: Date,
        /// What is wrong.
        error: MoneyError,
    },
    /// A record whose zone is not known.
    #[error("record {record} of {date} has no time zone: its hours are not known")]
    NoZone {
        /// The record, by its position.
        record: usize,
        /// Its day.
        date: Date,
    },
    /// A record of more than one day.
    #[error("record {record} of {date} spans several days: {breakdown}")]
    Period {
        /// The record, by its position.
        record: usize,
        /// Its first day.
        date: Date,
        /// Its breakdown, which states the period.
        breakdown: String,
    },
    /// A count that does not fit.
    #[error("record {record}: {field} is {value}, which cannot be divided exactly")]
    Count {
        /// The record, by its position.
        record: usize,
        /// The field.
        field: &'static str,
        /// Its value.
        value: f64,
    },
}

/// An amount of the interval `[start, end)`, in any exact unit: micros, impressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measured {
    /// The first instant.
    pub start: Timestamp,
    /// The first instant after.
    pub end: Timestamp,
    /// How much.
    pub amount: i64,
}

impl Measured {
    /// An amount of an interval.
    #[must_use]
    pub const fn new(start: Timestamp, end: Timestamp, amount: i64) -> Self {
        Self { start, end, amount }
    }
}

/// How an aligned amount came about.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Alignment {
    /// Every interval that it was measured for lies within the day: nothing was assumed.
    Exact,
    /// Intervals that reach beyond the day were divided by time, as if their amounts were spread evenly.
    Apportioned {
        /// Of a day: the part of its measured time that lies in such intervals. Of a record: the part of
        /// the record's day that it stands for.
        share: f64,
    },
}

/// What falls on one day of a zone.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct AlignedDay {
    /// The day.
    pub day: AccountDay,
    /// The amount.
    pub amount: i64,
    /// How it came about.
    pub alignment: Alignment,
    /// Measured time over the length of the day; below 1 at the ends of a series, above 1 where
    /// intervals overlap.
    pub covered: f64,
}

/// Days of a zone as intervals.
///
/// # Errors
/// [`AlignError::Time`] at the ends of the calendar.
pub fn days(
    amounts: impl IntoIterator<Item = (Date, i64)>,
    zone: &TimeZone,
) -> Result<Vec<Measured>, AlignError> {
    let day = |(date, amount)| {
        let day = AccountDay::new(date, zone)?;
        Ok(Measured::new(day.start(), day.end(), amount))
    };
    amounts.into_iter().map(day).collect()
}

/// Hours, each given by its first instant, as intervals.
///
/// # Errors
/// [`AlignError::Interval`] at the end of time.
pub fn hours(
    amounts: impl IntoIterator<Item = (Timestamp, i64)>,
) -> Result<Vec<Measured>, AlignError> {
    let hour = |(start, amount): (Timestamp, i64)| {
        let end = start.checked_add(SignedDuration::from_hours(1));
        let end = end.map_err(|_| AlignError::Interval { start, end: start })?;
        Ok(Measured::new(start, end, amount))
    };
    amounts.into_iter().map(hour).collect()
}

/// Moves amounts of intervals to the days of a zone, by overlap.
///
/// An interval that lies in one day counts there, exactly. One that lies in several is divided by the
/// seconds of overlap, rounded by largest remainders so that its parts add up to it; the days it touches
/// are marked. Daily amounts cannot be moved to another zone otherwise: which hours they fell in is lost.
/// Give hours where there are any: they are exact wherever the zones differ by whole hours.
///
/// # Units
/// Amounts are whole numbers of any unit (micros, counts), and their sum is kept.
///
/// # Errors
/// [`AlignError`].
///
/// # Complexity
/// O(Σ days per interval · log days).
///
/// # Examples
/// ```
/// use campaign_features::zone::{Alignment, align, days};
/// use campaign_core::time::zone;
/// use jiff::civil::date;
/// let spend = [(date(2026, 5, 4), 24_000_000)];
/// let utc = align(&days(spend, &zone("America/New_York")?)?, &zone("UTC")?)?;
/// assert_eq!(utc.iter().map(|day| day.amount).collect::<Vec<_>>(), [20_000_000, 4_000_000]);
/// assert!(matches!(utc[0].alignment, Alignment::Apportioned { share: 1.0 }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn align(measured: &[Measured], zone: &TimeZone) -> Result<Vec<AlignedDay>, AlignError> {
    struct Sum {
        day: AccountDay,
        amount: Micros,
        seconds: f64,
        divided: f64,
    }
    let mut sums: BTreeMap<Date, Sum> = BTreeMap::new();
    for one in measured {
        let parts = split(one.start, one.end, zone)?;
        let amounts = divide(one.amount, &parts);
        let divided = parts.len() > 1;
        for (part, amount) in parts.iter().zip(amounts) {
            let date = part.day.date();
            let sum = sums.entry(date).or_insert(Sum {
                day: part.day,
                amount: Micros::ZERO,
                seconds: 0.0,
                divided: 0.0,
            });
            let added = sum.amount.checked_add(Micros(amount));
            sum.amount = added.map_err(|error| AlignError::Money { date, error })?;
            sum.seconds += part.seconds;
            sum.divided += if divided { part.seconds } else { 0.0 };
        }
    }
    let aligned = |sum: Sum| AlignedDay {
        day: sum.day,
        amount: sum.amount.0,
        alignment: if sum.divided > 0.0 {
            Alignment::Apportioned { share: sum.divided / sum.seconds }
        } else {
            Alignment::Exact
        },
        covered: sum.seconds / (sum.day.hours() * 3600.0),
    };
    Ok(sums.into_values().map(aligned).collect())
}
