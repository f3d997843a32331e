//! When rows decide, and what they may know by then.

use std::collections::HashMap;
use std::sync::Arc;

use campaign_core::time::TimeError;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::super::error::FeatureError;
use super::super::plan::date_of;

/// When a row that stands for a day decides.
///
/// Its day of decision lies `lead` days before the day it stands for. Its cut-off is `time` on the day
/// of decision in the zone of its account (the first instant after it where the clocks skip it), or
/// `as_of` if that is earlier.
///
/// # Examples
/// ```
/// use campaign_features::feature::source::Decision;
/// use jiff::{civil::Time, tz::TimeZone};
/// let morning = Decision::new(TimeZone::UTC).with_time(Time::constant(9, 30, 0, 0)).with_lead(1);
/// assert_eq!(morning.lead, 1);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Decision {
    /// The zone of accounts that state none.
    pub zone: TimeZone,
    /// How many days before the day a row stands for.
    pub lead: u16,
    /// The time of the day of decision.
    pub time: Time,
    /// What became known later is not seen, whatever the day.
    pub as_of: Option<Timestamp>,
}

impl Default for Decision {
    fn default() -> Self {
        Self::new(TimeZone::UTC)
    }
}

impl Decision {
    /// When the day itself begins; `zone` is that of accounts that state none.
    #[must_use]
    pub const fn new(zone: TimeZone) -> Self {
        Self { zone, lead: 0, time: Time::midnight(), as_of: None }
    }

    /// Decides so many days ahead, in training as in scoring.
    #[must_use]
    pub const fn with_lead(mut self, days: u16) -> Self {
        self.lead = days;
        self
    }

    /// Decides at this time of the day, such as after the morning's exports.
    #[must_use]
    pub const fn with_time(mut self, time: Time) -> Self {
        self.time = time;
        self
    }

    /// Uses nothing that became known after this instant.
    #[must_use]
    pub const fn with_as_of(mut self, as_of: Timestamp) -> Self {
        self.as_of = Some(as_of);
        self
    }
}

/// Instants of a civil time by day and zone, each computed once.
pub(crate) struct Clock<'a> {
    zone: &'a TimeZone,
    time: Time,
    names: &'a [Arc<str>],
    known: HashMap<(u32, i32), i64>,
}

impl<'a> Clock<'a> {
    /// `names` are those of zone codes; any other code means `zone`.
    pub(crate) fn new(zone: &'a TimeZone, time: Time, names: &'a [Arc<str>]) -> Self {
        Self { zone, time, names, known: HashMap::new() }
    }

    /// The instant in microseconds since 1970, UTC.
    pub(crate) fn at(&mut self, zone: u32, day: i32) -> Result<i64, FeatureError> {
        if let Some(&instant) = self.known.get(&(zone, day)) {
            return Ok(instant);
        }
        let named = self.names.get(zone as usize).map(|name| campaign_core::time::zone(name));
        let instant = instant(day, self.time, named.transpose()?.as_ref().unwrap_or(self.zone))?;
        self.known.insert((zone, day), instant);
        Ok(instant)
    }
}

fn instant(day: i32, time: Time, zone: &TimeZone) -> Result<i64, FeatureError> {
    let range = || TimeError::Range(if day < 0 { Date::MIN } else { Date::MAX });
    let civil = date_of(day).ok_or_else(range)?.to_datetime(time);
    let zoned = civil.to_zoned_datetime(zone.clone()).map_err(|_| range())?;
    Ok(zoned.timestamp().as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnights_that_are_skipped_and_codes_without_a_name() {
        let names = ["America/Sao_Paulo".into()];
        let utc = TimeZone::UTC;
        let mut clock = Clock::new(&utc, Time::midnight(), &names);
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_microsecond();
        // The 4th of November 2018 began at 01:00 there.
        assert_eq!(clock.at(0, 17_839).unwrap(), at("2018-11-04T03:00:00Z"));
        assert_eq!(clock.at(u32::MAX, 17_839).unwrap(), at("2018-11-04T00:00:00Z"));
        assert_eq!(clock.at(0, 17_839).unwrap(), at("2018-11-04T03:00:00Z"));
        for day in [i32::MIN, i32::MAX] {
            assert!(matches!(clock.at(0, day), Err(FeatureError::Time(TimeError::Range(_)))));
        }
        let mars = ["Mars/Olympus".into()];
        assert!(Clock::new(&utc, Time::midnight(), &mars).at(0, 1).is_err());
    }
}
