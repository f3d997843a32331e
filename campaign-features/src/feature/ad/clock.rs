//! When each row decides.

use std::collections::HashMap;

use campaign_core::time::TimeError;
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::observation::{date_of, day_number};

/// Cut-offs per zone and day of decision, each computed once.
pub(super) struct Clock<'a> {
    zones: &'a [TimeZone],
    time: Time,
    lead: i32,
    as_of: Option<Timestamp>,
    known: HashMap<(usize, i32), Timestamp>,
}

impl<'a> Clock<'a> {
    pub(super) fn new(
        zones: &'a [TimeZone],
        time: Time,
        lead: u16,
        as_of: Option<Timestamp>,
    ) -> Self {
        Self { zones, time, lead: i32::from(lead), as_of, known: HashMap::new() }
    }

    /// The day of decision of a row, and its cut-off.
    pub(super) fn decision(
        &mut self,
        zone: usize,
        day: Date,
    ) -> Result<(i32, Timestamp), TimeError> {
        let decided = day_number(day) - self.lead;
        if let Some(&cutoff) = self.known.get(&(zone, decided)) {
            return Ok((decided, cutoff));
        }
        let start = start_of(&self.zones[zone], decided, self.time).ok_or(TimeError::Range(day))?;
        let cutoff = self.as_of.map_or(start, |as_of| start.min(as_of));
        self.known.insert((zone, decided), cutoff);
        Ok((decided, cutoff))
    }
}

/// The instant of a civil time on a day; within a gap, the first instant after it that has the same
/// distance to the gap's start, and within a fold the earlier one.
pub(super) fn start_of(zone: &TimeZone, day: i32, time: Time) -> Option<Timestamp> {
    let civil = date_of(day)?.to_datetime(time);
    Some(civil.to_zoned_datetime(zone.clone()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn midnights_and_mornings() {
        let zones = [campaign_core::time::zone("America/Sao_Paulo").unwrap(), TimeZone::UTC];
        let mut clock = Clock::new(&zones, Time::midnight(), 0, None);
        // Midnight of this day was skipped: the day began at 01:00, offset -2.
        let (day, cutoff) = clock.decision(0, date(2018, 11, 4)).unwrap();
        assert_eq!((day, cutoff.to_string().as_str()), (17_839, "2018-11-04T03:00:00Z"));
        let as_of = "2026-03-01T12:00:00Z".parse().unwrap();
        let mut clock = Clock::new(&zones, Time::constant(9, 30, 0, 0), 2, Some(as_of));
        let cut =
            |clock: &mut Clock<'_>, d| clock.decision(1, date(2026, 3, d)).unwrap().1.to_string();
        assert_eq!(cut(&mut clock, 3), "2026-03-01T09:30:00Z");
        assert_eq!(cut(&mut clock, 4), "2026-03-01T12:00:00Z");
        assert!(clock.decision(1, Date::MIN).is_err());
    }
}
