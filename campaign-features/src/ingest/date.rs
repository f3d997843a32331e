//! Dates and times as platforms write them.

use campaign_core::time::zone;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use thiserror::Error;

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

const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "janv", "gen", "sty"],
    &["feb", "fev", "fevr", "lut"],
    &["mar", "marz", "mars", "mrz", "mrt"],
    &["apr", "abr", "avr", "kwi"],
    &["may", "mai", "mayo", "mag", "mei", "maggio", "maio", "maj"],
    &["jun", "juin", "giu", "cze"],
    &["jul", "juil", "lug", "lip"],
    &["aug", "ago", "aout", "sie"],
    &["sep", "sept", "set", "wrz"],
    &["oct", "okt", "ott", "out", "paz"],
    &["nov", "lis"],
    &["dec", "dic", "dez", "gru"],
];

const FULL_MONTHS: [&[&str]; 12] = [
    &["january", "januar", "enero", "janvier", "gennaio", "janeiro", "januari", "stycznia"],
    &["february", "februar", "febrero", "fevrier", "febbraio", "fevereiro", "februari", "lutego"],
    &["march", "marz", "marzo", "mars", "marco", "maart", "marca"],
    &["april", "abril", "avril", "aprile", "kwietnia"],
    &["may", "mai", "mayo", "maja"],
    &["june", "juni", "junio", "juin", "giugno", "junho", "czerwca"],
    &["july", "juli", "julio", "juillet", "luglio", "julho", "lipca"],
    &["august", "agosto", "aout", "augustus", "augusti", "sierpnia"],
    &["september", "septiembre", "setiembre", "septembre", "settembre", "setembro", "wrzesnia"],
    &["october", "oktober", "octubre", "octobre", "ottobre", "outubro", "pazdziernika"],
    &["november", "noviembre", "novembre", "novembro", "listopada"],
    &["december", "dezember", "diciembre", "decembre", "dicembre", "dezembro", "grudnia"],
];

pub(crate) fn month(name: &str) -> Option<i8> {
    let name = super::header::normal(name.trim_end_matches('.'));
    let of = |table: &[&[&str]; 12]| table.iter().position(|m| m.contains(&name.as_str()));
    of(&MONTHS).or_else(|| of(&FULL_MONTHS)).and_then(|index| i8::try_from(index + 1).ok())
}

/// Reads a date without a time: `2026-09-30`, `20260930`, `30/09/2026`, `9/30/2026`, `30.09.2026`,
/// `Sep 30, 2026`, `30 Sept 2026`, month names in English, Spanish, German, French, Italian,
/// Portuguese, Dutch, Polish and Swedish.
///
/// Numbers with points are day first; with slashes or dashes and the year last the order is open.
/// Years have four digits.
///
/// # Errors
/// [`DateError::Syntax`], [`DateError::Calendar`].
pub fn parse_date(text: &str) -> Result<Written, DateError> {
    if let Some(date) = iso(text.as_bytes()) {
        return day(date.0, date.1, date.2);
    }
    let text = without_weekday(text.trim()).trim_end_matches('.');
    let bytes = text.as_bytes();
    if bytes.len() == 8 && bytes.iter().all(u8::is_ascii_digit) {
        return ymd(text.get(..4), text.get(4..6), text.get(6..));
    }
    for separator in ['-', '/', '.'] {
        let mut parts = text.split(separator).map(str::trim);
        let (a, b, c, more) = (parts.next(), parts.next(), parts.next(), parts.next());
        let (Some(a), Some(b), Some(c), None) = (a, b, c, more) else { continue };
        if !b.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        if a.len() == 4 {
            return ymd(Some(a), Some(b), Some(c));
        }
        if c.len() == 4 {
            let (first, second) = (number(a, 2)?, number(b, 2)?);
            let (first, second) = (first as i8, second as i8);
            let year = number(c, 4)?;
            if separator == '.' {
                return day(year, second, first);
            }
            if !(1..=31).contains(&first) || !(1..=31).contains(&second) {
                return Err(DateError::Calendar);
            }
            if first > 12 && second > 12 {
                return Err(DateError::Calendar);
            }
            return Ok(Written::Pair { first, second, year });
        }
    }
    worded(text)
}

/// `2026/05/04(月)` without the day of the week.
fn without_weekday(text: &str) -> &str {
    let inner = text.strip_suffix([')', '）']).and_then(|text| text.rsplit_once(['(', '（']));
    let named =
        inner.filter(|(_, day)| day.chars().count() <= 3 && day.chars().all(char::is_alphabetic));
    named.map_or(text, |(date, _)| date.trim_end())
}

/// Year, month and day of `2026-09-30`.
fn iso(text: &[u8]) -> Option<(i16, i8, i8)> {
    let [y3, y2, y1, y0, b'-', m1, m0, b'-', d1, d0] = text else { return None };
    let digits = [y3, y2, y1, y0, m1, m0, d1, d0];
    if !digits.iter().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let [y3, y2, y1, y0, m1, m0, d1, d0] = digits.map(|byte| i16::from(byte - b'0'));
    let two = |tens: i16, ones: i16| (tens * 10 + ones) as i8;
    Some((y3 * 1000 + y2 * 100 + y1 * 10 + y0, two(m1, m0), two(d1, d0)))
}

/// How days of the week before a date begin, in the languages of the months; names of two letters are
/// whole.
const WEEKDAYS: [&str; 54] = [
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "mo", "di", "mi", "do", "fr", "sa", "so",
    "mit", "die", "don", "fre", "sam", "son", "lun", "mar", "mie", "jue", "vie", "sab", "dom",
    "mer", "jeu", "ven", "dim", "gio", "seg", "ter", "qua", "qui", "sex", "ma", "wo", "vr", "za",
    "zo", "maa", "woe", "pon", "wto", "sro", "czw", "pia", "nie", "tis", "ons", "tor", "lor",
];

/// `Sep 5, 2026`, `5 Sep 2026`, `5. September 2026`, `5 de septiembre de 2026`, `5-Sep-2026`, `Mon, Sep
/// 5, 2026`, `2026年9月5日`.
fn worded(text: &str) -> Result<Written, DateError> {
    if let Some((year, rest)) = text.split_once(['年', '년']) {
        let (month, rest) = rest.split_once(['月', '월']).ok_or(DateError::Syntax)?;
        let last = rest.trim().strip_suffix(['日', '일']).ok_or(DateError::Syntax)?;
        return ymd(Some(year.trim()), Some(month.trim()), Some(last.trim()));
    }
    let split = |c: char| c.is_whitespace() || c == ',' || c == '-';
    let is_part = |part: &&str| !matches!(*part, "" | "de" | "den");
    let mut parts = text.split(split).filter(is_part).peekable();
    // Before a number, `mar` is a month.
    let weekday = |part: &&str| {
        let name = super::header::normal(part.trim_end_matches('.'));
        WEEKDAYS.contains(&name.get(..3).unwrap_or(&name))
    };
    let four = text.split(split).filter(is_part).count() == 4;
    if four && parts.peek().is_some_and(weekday) {
        parts.next();
    }
    let (a, b, c, more) = (parts.next(), parts.next(), parts.next(), parts.next());
    let (Some(a), Some(b), Some(c), None) = (a, b, c, more) else {
        return Err(DateError::Syntax);
    };
    let year = if c.len() == 4 { number(c, 4)? } else { return Err(DateError::Syntax) };
    if let Some(month) = month(a) {
        return day(year, month, number(ordinal(b), 2)? as i8);
    }
    let month = month(b).ok_or(DateError::Syntax)?;
    day(year, month, number(ordinal(a), 2)? as i8)
}

/// `5.`, `5th` and `1er` without what makes a number of them.
fn ordinal(text: &str) -> &str {
    let ends = [".", "st", "nd", "rd", "th", "er"];
    ends.iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text)
}

fn number(text: &str, longest: usize) -> Result<i16, DateError> {
    let digits =
        !text.is_empty() && text.len() <= longest && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().map_err(|_| DateError::Syntax) } else { Err(DateError::Syntax) }
}

fn ymd(y: Option<&str>, m: Option<&str>, d: Option<&str>) -> Result<Written, DateError> {
    let part = |text: Option<&str>, longest| number(text.unwrap_or_default(), longest);
    day(part(y, 4)?, part(m, 2)? as i8, part(d, 2)? as i8)
}

fn day(year: i16, month: i8, day: i8) -> Result<Written, DateError> {
    // Years before the trade began are damaged cells; so are those of far futures.
    if !(1990..=2200).contains(&year) {
        return Err(DateError::Calendar);
    }
    Date::new(year, month, day).map(Written::Date).map_err(|_| DateError::Calendar)
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn read(text: &str, order: Option<DateOrder>) -> Result<Date, DateError> {
        parse_date(text)?.resolve(order)
    }

    #[test]
    fn forms_of_public_fixtures() {
        for (text, expected) in [
            ("20260901", date(2026, 9, 1)),
            ("2026-09-30", date(2026, 9, 30)),
            ("2026/9/3", date(2026, 9, 3)),
            ("30/09/2026", date(2026, 9, 30)),
            ("9/30/2026", date(2026, 9, 30)),
            ("05.10.2026", date(2026, 10, 5)),
            ("Sep 5, 2026", date(2026, 9, 5)),
            ("September 5, 2026", date(2026, 9, 5)),
            ("1 Sept 2026", date(2026, 9, 1)),
            ("5. März 2026", date(2026, 3, 5)),
            ("5 de septiembre de 2026", date(2026, 9, 5)),
            ("5 août 2026", date(2026, 8, 5)),
            ("5-Sep-2026", date(2026, 9, 5)),
            ("Sat, Sep 5, 2026", date(2026, 9, 5)),
            ("mar., 1 sept 2026", date(2026, 9, 1)),
            ("2026年9月5日", date(2026, 9, 5)),
            ("2026/09/05", date(2026, 9, 5)),
            ("05/05/2026", date(2026, 5, 5)),
        ] {
            assert_eq!(read(text, None), Ok(expected), "{text}");
        }
    }

    #[test]
    fn ambiguous_until_the_order_is_known() {
        assert_eq!(read("05/10/2026", None), Err(DateError::Ambiguous));
        assert_eq!(read("05/10/2026", Some(DateOrder::DayFirst)), Ok(date(2026, 10, 5)));
        assert_eq!(read("05/10/2026", Some(DateOrder::MonthFirst)), Ok(date(2026, 5, 10)));
        // Under a stated order the other one is no day.
        assert_eq!(read("30/09/2026", Some(DateOrder::MonthFirst)), Err(DateError::Calendar));
    }

    #[test]
    fn what_is_no_date() {
        for text in [
            "",
            "2026-13-01",
            "2026-02-30",
            "31/31/2026",
            "99999999",
            "9/1/26",
            "Foo 5, 2026",
            "2026",
            "Total",
            "2026-09-01-02",
            "0000-01-01",
            "1 Sept",
            "--",
            "5/Sep/26",
            "Foo, Sep 5, 2026",
            "Sat, Sep 5",
            "2026年9月",
            "2026年13月5日",
        ] {
            assert!(read(text, Some(DateOrder::DayFirst)).is_err(), "{text}");
        }
    }

    #[test]
    fn stamps() {
        let new_york = zone("America/New_York").unwrap();
        for (text, expected) in [
            ("2026-07-03 11:02:00 -0400", "2026-07-03T15:02:00Z"),
            ("2026-07-03T11:02:00Z", "2026-07-03T11:02:00Z"),
            ("2026-07-03T11:02:00.5+02:00", "2026-07-03T09:02:00.5Z"),
            ("2026-07-03 11:02:00", "2026-07-03T15:02:00Z"),
            ("2026-07-03", "2026-07-03T04:00:00Z"),
            ("2021-09-15 5:00:00", "2021-09-15T09:00:00Z"),
            ("2026-07-03|13", "2026-07-03T17:00:00Z"),
            ("Jul 3, 2026 1:02:03 PM", "2026-07-03T17:02:03Z"),
            ("Jul 3, 2026, 12:02 am", "2026-07-03T04:02:00Z"),
            ("7/31/2026 11:02", "2026-07-31T15:02:00Z"),
            ("2026-07-03 11:02:00 Europe/Berlin", "2026-07-03T09:02:00Z"),
            ("1783076520", "2026-07-03T11:02:00Z"),
            ("1783076520500", "2026-07-03T11:02:00.5Z"),
        ] {
            let at = parse_stamp(text).and_then(|s| s.instant(None, &new_york));
            assert_eq!(at.map(|t| t.to_string()), Ok(expected.to_owned()), "{text}");
        }
        for text in
            ["2026-07-03 25:00:00", "2026-07-03 1:2:3:4", "2026-07-03 11:00 Mars/X", "11:00"]
        {
            assert!(parse_stamp(text).is_err(), "{text}");
        }
    }

    #[test]
    fn periods() {
        let september = Some((date(2026, 9, 1), date(2026, 9, 30)));
        assert_eq!(parse_period("September 1, 2026 - September 30, 2026"), september);
        assert_eq!(parse_period("2026-09-01/2026-09-30"), september);
        assert_eq!(parse_period("Campaign report"), None);
        assert_eq!(parse_period("9/1/2026,9/30/2026"), september);
        assert_eq!(parse_period("Sep 1, 2026-Sep 30, 2026"), september);
        assert_eq!(parse_period("20260901-20260930"), september);
        assert_eq!(parse_period("9/1/2026,9/3/2026"), None);
        let three = Some((date(2026, 9, 1), date(2026, 9, 3)));
        assert_eq!(period("9/1/2026,9/3/2026", Some(DateOrder::MonthFirst)), three);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,30}", digits in "[0-9/.: |TZ+-]{0,24}") {
            for text in [text, digits] {
                if let Ok(stamp) = parse_stamp(&text) {
                    let _ = stamp.instant(Some(DateOrder::DayFirst), &TimeZone::UTC);
                }
                let _ = parse_period(&text);
            }
        }
    }
}
