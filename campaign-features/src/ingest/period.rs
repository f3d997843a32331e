//! The days that a row covers.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::date::{month, parse_date, period};
use super::layout::{Clock, Role};
use super::row::{Fault, RowReader};

/// The days of a row that names its week or month; `None` where the table has neither column.
pub(crate) fn read(reader: &RowReader<'_, '_>) -> Result<Option<(Date, Date)>, Fault> {
    let weekly = reader.positions.of(Role::Week).is_some();
    if !weekly && reader.positions.of(Role::Month).is_none() {
        return Ok(None);
    }
    let (role, expected) =
        if weekly { (Role::Week, "the first day of a week") } else { (Role::Month, "a month") };
    let missing = || reader.fault(role, expected, "no value".to_owned());
    let text = reader.text(role).ok_or_else(missing)?;
    if text.len() > 16
        && let Some(days) = period(text, reader.style.order)
    {
        return Ok(Some(days));
    }
    if !weekly && let Some(days) = month_of(text) {
        return Ok(Some(days));
    }
    let first = reader.date(role)?.ok_or_else(missing)?;
    if weekly {
        let last = first.checked_add(6.days());
        return last.map(|last| Some((first, last))).map_err(|error| {
            let reason = error.to_string();
            reader.fault(role, expected, reason)
        });
    }
    Ok(Some((first.first_of_month(), first.last_of_month())))
}

/// The days of `2024-01`, `2024/1`, `01/2024`, `202401`, `Jan 2024` or `January 2024`.
pub(crate) fn month_of(text: &str) -> Option<(Date, Date)> {
    let text = text.trim();
    let first = |year: &str, month: &str| {
        let whole = format!("{year}-{month}-1");
        parse_date(&whole).ok()?.resolve(None).ok()
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let day = if text.len() == 6 && digits(text) {
        first(text.get(..4)?, text.get(4..)?)
    } else {
        let (a, b) = text.rsplit_once([' ', '-', '/', '.'])?;
        let a = a.trim().trim_end_matches(" de").trim_end_matches(',');
        match (digits(a), digits(b)) {
            (true, true) if a.len() == 4 => first(a, b),
            (true, true) if b.len() == 4 => first(b, a),
            (false, true) if b.len() == 4 => first(b, &month(a)?.to_string()),
            _ => None,
        }
    }?;
    Some((day, day.last_of_month()))
}

impl RowReader<'_, '_> {
    /// The days a row covers, and the hour for hours of UTC.
    pub(crate) fn days(&mut self) -> Result<(Date, Date, Option<Timestamp>), Fault> {
        if self.positions.of(Role::Hour).is_some() {
            let Some(stamp) = self.stamp(Role::Hour)? else {
                let reason = "no value".to_owned();
                return Err(self.fault(Role::Hour, "a date and time", reason));
            };
            let resolved = stamp.date.resolve(self.style.order);
            let day = resolved
                .map_err(|error| self.fault(Role::Hour, "a date and time", error.to_string()))?;
            let hour = match self.layout.clock {
                // A day without a time is a day, not its first hour.
                Clock::Utc if stamp.time.is_some() => self.instant(Role::Hour, &TimeZone::UTC)?,
                _ => None,
            };
            return Ok((day, day, hour));
        }
        if self.positions.of(Role::Day).is_some() {
            // `2026-07-01 - 2026-07-31`, where the export was not split by day.
            if let Some(text) = self.text(Role::Day)
                && text.len() > 16
                && let Some((first, last)) = period(text, self.style.order)
            {
                self.seen.periods += u64::from(first != last);
                return Ok((first, last, None));
            }
            let day = self.date(Role::Day)?;
            let day = day.ok_or_else(|| self.fault(Role::Day, "a date", "no value".to_owned()))?;
            return Ok((day, day, None));
        }
        if let Some(days) = read(self)? {
            self.seen.periods += 1;
            return Ok((days.0, days.1, None));
        }
        let (start, end) = match self.date(Role::Start)? {
            Some(start) => match self.date(Role::End)? {
                Some(end) => (start, end),
                None => (start, self.until()?.unwrap_or(start)),
            },
            None => self.style.period.ok_or_else(|| {
                let reason = "neither the row nor the file says which day it is".to_owned();
                self.fault(Role::Start, "a date", reason)
            })?,
        };
        if end < start {
            let reason = format!("ends before it starts ({start})");
            return Err(self.fault(Role::End, "a date not before the start", reason));
        }
        self.seen.periods += u64::from(start != end);
        Ok((start, end, None))
    }

    /// The last day before the instant at which the period ends.
    fn until(&self) -> Result<Option<Date>, Fault> {
        let Some(stamp) = self.stamp(Role::Until)? else { return Ok(None) };
        let day = self.date(Role::Until)?;
        let midnight = stamp.time.is_some_and(|time| time == jiff::civil::Time::midnight());
        match day {
            Some(day) if midnight => day
                .yesterday()
                .map(Some)
                .map_err(|error| self.fault(Role::Until, "a date and time", error.to_string())),
            day => Ok(day),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn months() {
        let february = Some((date(2024, 2, 1), date(2024, 2, 29)));
        for text in
            ["2024-02", "2024/2", "02/2024", "202402", "Feb 2024", "February 2024", "fev. de 2024"]
        {
            assert_eq!(month_of(text), february, "{text}");
        }
        for text in ["2024-02-01", "2024-13", "24-02", "2024", "", "Foo 2024", "9/1/2026", "202400"]
        {
            assert_eq!(month_of(text), None, "{text}");
        }
    }

    #[test]
    fn a_month_of_rows() {
        let config = crate::ingest::IngestConfig::new("b");
        let mut ingest = crate::ingest::Ingest::new(config).unwrap();
        let export = "Month,Campaign,Currency code,Cost,Impr.\n2024-01,A,EUR,5.5,10\n,A,EUR,1,1\n\
                      2024-02-01,A,EUR,6,9\n";
        ingest.read_bytes("g.csv", export.as_bytes());
        let out = ingest.finish().unwrap();
        assert_eq!((out.sources[0].ok, out.sources[0].rejected), (2, 1));
        assert_eq!(&*out.rejects[0].column, "Month");
        let days: Vec<_> = out.records.iter().filter_map(|r| r.breakdown.as_deref()).collect();
        assert_eq!(days, ["period=2024-01-01/2024-01-31", "period=2024-02-01/2024-02-29"]);
    }
}
