//! Days of one's own.

use jiff::civil::Date;
use serde::Deserialize;
use thiserror::Error;

use super::ad_day::Window;
use super::region::{HolidayError, Region};
use crate::lines::line_of;

/// Why a calendar cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CalendarError {
    /// A cell or value that cannot be read.
    #[error("{at} {number}, {column}: {value:?}, expected {expected}")]
    Cell {
        /// `line` of a CSV or `day` of a TOML list.
        at: &'static str,
        /// Which, counted from 1.
        number: u64,
        /// The column or key.
        column: &'static str,
        /// What stands there.
        value: String,
        /// What should.
        expected: &'static str,
    },
    /// No column `date`.
    #[error("no column date: expected date and, if wanted, end, name, region")]
    NoDate,
    /// Not TOML, or not these keys.
    #[error("the calendar is not readable: {0}")]
    Toml(String),
}

/// A day, or days, of one's own: a sale, a launch.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct UserDay {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// What it is called.
    pub name: Option<String>,
    /// Where it is kept; everywhere if not stated.
    pub region: Option<Region>,
}

impl UserDay {
    /// A day without a name, kept everywhere.
    #[must_use]
    pub const fn new(day: Date) -> Self {
        Self { first: day, last: day, name: None, region: None }
    }

    /// Whether it is kept in a region: stated for it, for the country it is a part of, or everywhere.
    #[must_use]
    pub fn is_kept_in(&self, region: Region) -> bool {
        self.region.is_none_or(|own| own.contains(region))
    }

    /// Its days.
    #[must_use]
    pub const fn window(&self) -> Window {
        Window::new(self.first, self.last)
    }
}

/// A list of days of one's own, ascending, each once.
///
/// They must have been planned before any day they are to help predict; nothing here can check that.
///
/// # Examples
/// ```
/// use campaign_features::holiday::UserCalendar;
/// let csv = "date,end,name,region\n2026-06-01,2026-06-07,Summer sale,DE\n2026-09-01,,Launch,\n";
/// let toml = r#"
///     [[days]]
///     date = "2026-06-01"
///     end = "2026-06-07"
///     name = "Summer sale"
///     region = "DE"
///     [[days]]
///     date = "2026-09-01"
///     name = "Launch"
/// "#;
/// assert_eq!(UserCalendar::from_csv(csv)?, UserCalendar::from_toml(toml)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(from = "Vec<UserDay>", into = "Vec<UserDay>"))]
pub struct UserCalendar {
    days: Vec<UserDay>,
}

impl UserCalendar {
    /// No days.
    #[must_use]
    pub const fn new() -> Self {
        Self { days: Vec::new() }
    }

    /// Adds a day.
    #[must_use]
    pub fn with(mut self, day: UserDay) -> Self {
        if let Err(at) = self.days.binary_search(&day) {
            self.days.insert(at, day);
        }
        self
    }

    /// Adds the days of another.
    #[must_use]
    pub fn merged(mut self, other: &Self) -> Self {
        self.days.extend_from_slice(&other.days);
        self.days.into()
    }

    /// The days.
    #[must_use]
    pub fn days(&self) -> &[UserDay] {
        &self.days
    }

    /// Reads a CSV with a column `date` and, if wanted, `end` (the last day), `name` and `region`, in
    /// any order; other columns are left alone, and so are rows without any cell.
    ///
    /// # Errors
    /// [`CalendarError`], with line and column.
    pub fn from_csv(text: &str) -> Result<Self, CalendarError> {
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let header = reader.headers().cloned().unwrap_or_default();
        let column = |name: &str| header.iter().position(|h| h.eq_ignore_ascii_case(name));
        let date = column("date").ok_or(CalendarError::NoDate)?;
        let (end, name, region) = (column("end"), column("name"), column("region"));
        let mut days = Vec::new();
        for row in reader.records() {
            let row = row.unwrap_or_default();
            if row.iter().all(str::is_empty) {
                continue;
            }
            let cell = |index: Option<usize>| {
                index.and_then(|index| row.get(index)).filter(|cell| !cell.is_empty())
            };
            let line = line_of(text, &row);
            let stated = Stated {
                date: cell(Some(date)).unwrap_or_default().to_owned(),
                end: cell(end).map(str::to_owned),
                name: cell(name).map(str::to_owned),
                region: cell(region).map(str::to_owned),
            };
            days.push(stated.check("line", line)?);
        }
        Ok(days.into())
    }

    /// Reads a TOML list `[[days]]` with the keys `date` and, if wanted, `end`, `name`, `region`.
    ///
    /// # Errors
    /// [`CalendarError`].
    pub fn from_toml(text: &str) -> Result<Self, CalendarError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Days {
            days: Vec<Stated>,
        }
        let read: Days =
            toml::from_str(text).map_err(|error| CalendarError::Toml(error.to_string()))?;
        let days = (1..).zip(read.days).map(|(number, day)| day.check("day", number));
        Ok(days.collect::<Result<Vec<_>, _>>()?.into())
    }
}

impl From<Vec<UserDay>> for UserCalendar {
    fn from(mut days: Vec<UserDay>) -> Self {
        days.sort_unstable();
        days.dedup();
        Self { days }
    }
}

impl From<UserCalendar> for Vec<UserDay> {
    fn from(calendar: UserCalendar) -> Self {
        calendar.days
    }
}

/// A day as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    date: String,
    end: Option<String>,
    name: Option<String>,
    region: Option<String>,
}

impl Stated {
    fn check(self, at: &'static str, number: u64) -> Result<UserDay, CalendarError> {
        let bad = |column, value: &str, expected| CalendarError::Cell {
            at,
            number,
            column,
            value: value.to_owned(),
            expected,
        };
        let date = |column, text: &str| {
            text.parse::<Date>().map_err(|_| bad(column, text, "a date such as 2026-05-04"))
        };
        let first = date("date", &self.date)?;
        let last = match &self.end {
            Some(end) => date("end", end)?,
            None => first,
        };
        if last < first {
            return Err(bad("end", &last.to_string(), "a day that is not before the first"));
        }
        let region = self.region.as_deref().map(|code| {
            code.parse::<Region>()
                .map_err(|_: HolidayError| bad("region", code, "a region such as US or DE-BY"))
        });
        Ok(UserDay { first, last, name: self.name, region: region.transpose()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn bad_calendars() {
        for (text, part) in [
            ("day\n", "no column date"),
            ("date\n1.5.26\n", "line 2, date: \"1.5.26\""),
            ("date,end\n2026-05-04,2026-05-03\n", "line 2, end"),
            ("date,region\n\n2026-05-04,XX\n", "line 3, region: \"XX\""),
            ("name,date\nx\n", "line 2, date: \"\""),
        ] {
            let error = UserCalendar::from_csv(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        for text in ["[[days]]\n", "[[days]]\ndate = '2026-05-04'\nwhat = 1\n", "days = 3", "="] {
            assert!(matches!(UserCalendar::from_toml(text), Err(CalendarError::Toml(_))), "{text}");
        }
        let error = UserCalendar::from_toml("[[days]]\ndate = '4 May'\n").unwrap_err();
        assert_eq!(error.to_string(), "day 1, date: \"4 May\", expected a date such as 2026-05-04");
        assert_eq!(UserCalendar::from_csv("date\n,\n").unwrap(), UserCalendar::new());
    }

    #[test]
    fn merged_days_stand_once_and_in_order() {
        let (a, b) = (UserDay::new(date(2026, 5, 4)), UserDay::new(date(2026, 1, 1)));
        let one = UserCalendar::new().with(a.clone()).with(b.clone()).with(a.clone());
        let two = UserCalendar::new().with(b.clone());
        assert_eq!(one.merged(&two).days(), [b, a]);
    }
}
