//! Days of accounts: hours to days of a zone, and days of one zone to those of another.
//!
//! A day is [`AccountDay`](campaign_core::time::AccountDay): a civil date in a zone with its interval of
//! 23, 24 or 25 hours. An amount of such an interval never changes its date in silence: [`align`] divides
//! it by overlap and says so.

mod align;
mod records;
mod split;

pub use align::{AlignError, AlignedDay, Alignment, Measured, align, days, hours};
pub use records::{AlignedRecord, align_records};
pub use split::{Part, split};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The day on which an instant falls, in a zone.
///
/// # Examples
/// ```
/// use campaign_features::zone::day_of;
/// let zone = campaign_core::time::zone("Etc/GMT+5")?;
/// assert_eq!(day_of("2026-05-04T04:59:59Z".parse()?, &zone).to_string(), "2026-05-03");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn day_of(instant: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(instant).date()
}

/// Sums a measure of hours, each given by its first instant, into days of a zone, in the order of the
/// days.
///
/// A day has 23, 24 or 25 hours, and 23.5 or 24.5 where clocks move by half an hour; an hour that
/// spans midnight of such a zone counts on the day on which it begins.
///
/// # Examples
/// ```
/// use campaign_features::zone::sum_by_day;
/// let zone = campaign_core::time::zone("America/New_York")?;
/// let hours = [("2026-05-04T03:00:00Z".parse()?, 1.0), ("2026-05-04T04:00:00Z".parse()?, 2.0)];
/// let days = sum_by_day(hours, &zone);
/// assert_eq!(days.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn sum_by_day(
    hours: impl IntoIterator<Item = (Timestamp, f64)>,
    zone: &TimeZone,
) -> std::collections::BTreeMap<Date, f64> {
    let mut out = std::collections::BTreeMap::new();
    for (hour, value) in hours {
        *out.entry(day_of(hour, zone)).or_insert(0.0) += value;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn both_clock_changes() {
        for (name, spring, autumn) in [
            ("America/New_York", date(2026, 3, 8), date(2026, 11, 1)),
            ("Europe/Berlin", date(2026, 3, 29), date(2026, 10, 25)),
        ] {
            let zone = campaign_core::time::zone(name).unwrap();
            let start: Timestamp = "2026-01-01T12:00:00Z".parse().unwrap();
            let hours = (0..8000).map(|h| (start + jiff::SignedDuration::from_hours(h), 1.0));
            let days = sum_by_day(hours, &zone);
            let (first, last) = (*days.keys().next().unwrap(), *days.keys().last().unwrap());
            for (day, hours) in &days {
                let expected = match *day {
                    d if d == spring => 23.0,
                    d if d == autumn => 25.0,
                    _ => 24.0,
                };
                if *day != first && *day != last {
                    assert_eq!(*hours, expected, "{name} {day}");
                }
            }
            assert_eq!(days.values().sum::<f64>(), 8000.0);
        }
    }
}
