//! Times, zones and periods.

use campaign_core::time::zone;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

use super::parse::{number, parse_date};
use super::{DateError, DateOrder, Written};

/// A date with an optional time of day and an optional zone, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The date.
    pub date: Written,
    /// The time of day, if there was one.
    pub time: Option<Time>,
    /// The offset from UTC or the zone, if there was one.
    pub zone: Option<TimeZone>,
}

impl Stamp {
    /// The instant: at the zone that was written, else at `default`. Without a time of day it is the
    /// first instant of the day. A time that occurs twice is the first one.
    ///
    /// # Errors
    /// As [`Written::resolve`], and [`DateError::Zone`].
    pub fn instant(
        &self,
        order: Option<DateOrder>,
        default: &TimeZone,
    ) -> Result<Timestamp, DateError> {
        let date = self.date.resolve(order)?;
        let at = DateTime::from_parts(date, self.time.unwrap_or_else(Time::midnight));
        let zone = self.zone.as_ref().unwrap_or(default);
        at.to_zoned_datetime(zone.clone()).map(|z| z.timestamp()).map_err(|_| DateError::Zone)
    }
}

/// Reads a date that may be followed by a time and a zone: `2026-07-03 11:02:00 -0400`,
/// `2026-07-03T11:02:00.123Z`, `7/3/2026 1:02 PM`, `2026-07-03|11`,
/// `2026-07-03 11:02:00 America/New_York`.
///
/// # Errors
/// As [`parse_date`], and [`DateError::Time`], [`DateError::Zone`].
pub fn parse_stamp(text: &str) -> Result<Stamp, DateError> {
    let text = text.trim();
    if let Some(stamp) = epoch(text) {
        return Ok(stamp);
    }
    let (date, rest) = split_time(text);
    let date = parse_date(date)?;
    if rest.is_empty() {
        return Ok(Stamp { date, time: None, zone: None });
    }
    let (clock, mut suffix) = split_clock(rest);
    let mut hours_added = 0;
    for (mark, afternoon) in [("AM", false), ("PM", true)] {
        let head = suffix.get(..2).unwrap_or_default();
        if head.eq_ignore_ascii_case(mark) {
            let hour: i8 = clock.split(':').next().and_then(|h| h.parse().ok()).unwrap_or(99);
            if !(1..=12).contains(&hour) {
                return Err(DateError::Time);
            }
            hours_added = match (afternoon, hour) {
                (true, 12) => 0,
                (true, _) => 12,
                (false, 12) => -12,
                (false, _) => 0,
            };
            suffix = suffix.get(2..).unwrap_or_default().trim();
        }
    }
    let time = parse_clock(clock, hours_added)?;
    let zone = if suffix.is_empty() { None } else { Some(parse_zone(suffix)?) };
    Ok(Stamp { date, time: Some(time), zone })
}

/// Seconds or milliseconds since 1970 in this century: ten or thirteen digits.
fn epoch(text: &str) -> Option<Stamp> {
    // dlt writes fractions of seconds.
    let text = text
        .split_once('.')
        .filter(|(whole, _)| whole.len() == 10)
        .map_or(text, |(whole, _)| whole);
    if !matches!(text.len(), 10 | 13) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = text.parse().ok().filter(|_| text.starts_with(['1', '2']))?;
    let at = if text.len() == 10 {
        Timestamp::from_second(number)
    } else {
        Timestamp::from_millisecond(number)
    };
    let at = Offset::UTC.to_datetime(at.ok()?);
    Some(Stamp { date: Written::Date(at.date()), time: Some(at.time()), zone: Some(TimeZone::UTC) })
}

/// Where the date ends and the time begins.
fn split_time(text: &str) -> (&str, &str) {
    if let Some((date, hour)) = text.split_once('|') {
        return (date, hour.trim());
    }
    let Some(colon) = text.find(':') else { return (text, "") };
    let before = text.get(..colon).unwrap_or_default();
    let start = before.rfind([' ', 'T', 't', '\u{202f}', '\u{a0}']).unwrap_or(0);
    let date = text.get(..start).unwrap_or_default();
    let time = text.get(start..).unwrap_or_default();
    let is_gap = |c: char| c.is_whitespace() || matches!(c, 'T' | 't');
    (date.trim().trim_end_matches(','), time.trim_start_matches(is_gap))
}

fn split_clock(text: &str) -> (&str, &str) {
    let end =
        text.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.')).unwrap_or(text.len());
    (text.get(..end).unwrap_or_default(), text.get(end..).unwrap_or_default().trim())
}

fn parse_clock(text: &str, hours_added: i8) -> Result<Time, DateError> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = whole.split(':');
    let mut next = |needed: bool| match parts.next() {
        Some(part) => number(part, 2).map(|n| n as i8).map_err(|_| DateError::Time),
        None if needed => Err(DateError::Time),
        None => Ok(0),
    };
    let (hour, minute, second) = (next(true)?, next(false)?, next(false)?);
    if parts.next().is_some() || fraction.len() > 9 {
        return Err(DateError::Time);
    }
    let nanos = format!("{fraction:0<9}").parse::<i32>().map_err(|_| DateError::Time)?;
    Time::new(hour + hours_added, minute, second, nanos).map_err(|_| DateError::Time)
}

/// `Z`, `UTC`, `-0400`, `+02:00`, or an IANA name.
pub(crate) fn parse_zone(text: &str) -> Result<TimeZone, DateError> {
    let text = text.trim();
    if matches!(text, "Z" | "z" | "UTC" | "GMT") {
        return Ok(TimeZone::UTC);
    }
    let sign = match text.as_bytes().first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return zone(text).map_err(|_| DateError::Zone),
    };
    let digits: String = text.chars().skip(1).filter(|c| *c != ':').collect();
    let part =
        |range: core::ops::Range<usize>| digits.get(range).and_then(|d| d.parse::<i32>().ok());
    let (hours, minutes) = match digits.len() {
        2 => (part(0..2), Some(0)),
        4 => (part(0..2), part(2..4)),
        _ => (None, None),
    };
    let (Some(hours), Some(minutes)) = (hours, minutes) else { return Err(DateError::Zone) };
    if !(0..60).contains(&minutes) || !(0..=23).contains(&hours) {
        return Err(DateError::Zone);
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60))
        .map(TimeZone::fixed)
        .map_err(|_| DateError::Zone)
}

/// Reads `September 1, 2026 - September 30, 2026`, `2026-09-01 - 2026-09-30` or one day.
pub(crate) fn parse_period(text: &str) -> Option<(Date, Date)> {
    period(text, None)
}

/// The same where the order of day and month is known unless the period itself proves one.
pub(crate) fn period(text: &str, order: Option<DateOrder>) -> Option<(Date, Date)> {
    let text = text.trim().trim_matches('"');
    if let Ok(day) = parse_date(text) {
        let day = day.resolve(order).ok()?;
        return Some((day, day));
    }
    let written = |text: &str| parse_date(text.trim()).ok();
    let (start, end) = [" - ", " \u{2013} ", " to ", "/", ",", "-"].iter().find_map(|gap| {
        let (start, end) = text.split_once(gap)?;
        Some((written(start)?, written(end)?))
    })?;
    let order = start.evidence().or(end.evidence()).or(order);
    let (start, end) = (start.resolve(order).ok()?, end.resolve(order).ok()?);
    (start <= end).then_some((start, end))
}

/// The first instant after a day, in a zone.
pub(crate) fn end_of(date: Date, zone: &TimeZone) -> Option<Timestamp> {
    let next = date.checked_add(1.day()).ok()?;
    next.to_zoned_datetime(zone.clone()).ok().map(|z| z.timestamp())
}
