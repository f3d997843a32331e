//! The ad account's day.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use thiserror::Error;

/// Why a day cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TimeError {
    /// Not a name of the IANA time zone database.
    #[error("{0:?} is not an IANA time zone")]
    Zone(String),
    /// The day lies outside what timestamps can express.
    #[error("{0} is outside the years that timestamps can express")]
    Range(Date),
}

/// Looks a time zone up by its IANA name (`Europe/Berlin`, `Etc/GMT+5`), in the database that is
/// compiled in, so that the answer is the same on every machine.
///
/// # Errors
/// [`TimeError::Zone`].
pub fn zone(name: &str) -> Result<TimeZone, TimeError> {
    TimeZone::get(name).map_err(|_| TimeError::Zone(name.to_owned()))
}

/// A civil day in a time zone: the instants `[start, end)`, 23, 24 or 25 hours long (and other
/// lengths where a zone changed its offset by less than an hour).
///
/// # Examples
/// ```
/// use campaign_core::time::{AccountDay, zone};
/// use jiff::civil::date;
/// let spring = AccountDay::new(date(2026, 3, 8), &zone("America/Los_Angeles")?)?;
/// assert_eq!(spring.hours(), 23.0);
/// assert_eq!(spring.start().to_string(), "2026-03-08T08:00:00Z");
/// # Ok::<(), campaign_core::time::TimeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountDay {
    date: Date,
    start: Timestamp,
    end: Timestamp,
}

impl AccountDay {
    /// A day of the calendar, in a zone.
    ///
    /// # Errors
    /// [`TimeError::Range`] at the ends of the calendar.
    pub fn new(date: Date, zone: &TimeZone) -> Result<Self, TimeError> {
        let range = |_| TimeError::Range(date);
        let start = date.to_zoned_datetime(zone.clone()).map_err(range)?;
        let next = date.checked_add(1.day()).map_err(range)?;
        let end = next.to_zoned_datetime(zone.clone()).map_err(range)?;
        Ok(Self { date, start: start.timestamp(), end: end.timestamp() })
    }

    /// The day an instant falls on, in a zone.
    ///
    /// # Errors
    /// [`TimeError::Range`] at the ends of the calendar.
    pub fn of(instant: Timestamp, zone: &TimeZone) -> Result<Self, TimeError> {
        Self::new(instant.to_zoned_datetime(zone.clone()).date(), zone)
    }

    /// The date.
    #[must_use]
    pub const fn date(&self) -> Date {
        self.date
    }

    /// The first instant.
    #[must_use]
    pub const fn start(&self) -> Timestamp {
        self.start
    }

    /// The first instant that no longer belongs to it.
    #[must_use]
    pub const fn end(&self) -> Timestamp {
        self.end
    }

    /// Whether an instant falls on it.
    #[must_use]
    pub fn contains(&self, instant: Timestamp) -> bool {
        self.start <= instant && instant < self.end
    }

    /// Its length in hours.
    #[must_use]
    pub fn hours(&self) -> f64 {
        self.end.duration_since(self.start).as_secs_f64() / 3600.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn both_clock_changes() {
        let la = zone("America/Los_Angeles").unwrap();
        for (day, hours) in
            [(date(2026, 3, 8), 23.0), (date(2026, 11, 1), 25.0), (date(2026, 7, 1), 24.0)]
        {
            assert_eq!(AccountDay::new(day, &la).unwrap().hours(), hours);
        }
        // Lord Howe moves by half an hour; Sao Paulo's midnight did not exist on 2018-11-04.
        let howe = zone("Australia/Lord_Howe").unwrap();
        assert_eq!(AccountDay::new(date(2026, 10, 4), &howe).unwrap().hours(), 23.5);
        let sao_paulo = zone("America/Sao_Paulo").unwrap();
        let gap = AccountDay::new(date(2018, 11, 4), &sao_paulo).unwrap();
        assert_eq!((gap.hours(), gap.start().to_string().as_str()), (23.0, "2018-11-04T03:00:00Z"));
    }

    #[test]
    fn days_tile_time() {
        let berlin = zone("Europe/Berlin").unwrap();
        let mut day = AccountDay::new(date(2026, 1, 1), &berlin).unwrap();
        for _ in 0..365 {
            let next = AccountDay::of(day.end(), &berlin).unwrap();
            assert_eq!(next.start(), day.end());
            assert!(day.contains(day.start()) && !day.contains(day.end()));
            day = next;
        }
        assert_eq!(day.date(), date(2027, 1, 1));
    }

    #[test]
    fn odd_zones_and_bad_names() {
        assert_eq!(
            AccountDay::new(date(2026, 1, 1), &zone("Etc/GMT+5").unwrap())
                .unwrap()
                .start()
                .to_string(),
            "2026-01-01T05:00:00Z"
        );
        assert_eq!(zone("Mars/Olympus"), Err(TimeError::Zone("Mars/Olympus".into())));
        assert!(AccountDay::new(Date::MAX, &TimeZone::UTC).is_err());
    }
}
