//! A region and its public holidays.

use core::fmt;
use core::ops::RangeInclusive;
use core::str::FromStr;

use jiff::civil::Date;
use thiserror::Error;

use super::table::{RegionEntry, table};

/// Why a public holiday cannot be told.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HolidayError {
    /// Not a code or alias of the table.
    #[error("{0:?} is no region: expected a country such as US, or a part of one such as DE-BY")]
    Region(String),
    /// The table does not reach the day.
    #[error("the holidays of {region} on {date} are not known, only those of {first} to {last}")]
    Years {
        /// The region.
        region: Region,
        /// The day.
        date: Date,
        /// The first year that is known.
        first: i16,
        /// The last.
        last: i16,
    },
}

/// A country or a part of one, where public holidays are kept.
///
/// Parses from ISO 3166 codes (`US`, `USA`, `US-CA`, `DE-BY`) and the names that python-holidays has
/// (`UnitedKingdom`, `UK`, `DE-Bayern`), whatever the case of the letters; prints and serialises as its
/// code. Some parts have no ISO code (`DE-Augsburg`). Regions are ordered by their codes.
///
/// # Examples
/// ```
/// use campaign_features::holiday::Region;
/// use jiff::civil::date;
/// let bavaria: Region = "DE-Bayern".parse()?;
/// assert_eq!(bavaria.code(), "DE-BY");
/// assert!(bavaria.is_holiday(date(2026, 1, 6))?);
/// assert_eq!(bavaria.names(date(2026, 1, 6))?, ["Epiphany"]);
/// assert!(!bavaria.country().is_holiday(date(2026, 1, 6))?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "&'static str"))]
pub struct Region(u16);

/// A public holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Holiday {
    /// The day.
    pub date: Date,
    /// What it is called, in English where the source has that; a day may be several holidays.
    pub names: &'static [&'static str],
}

impl Region {
    /// Every country and subdivision, by code.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        (0..table().regions.len()).map(|at| Self(at as u16))
    }

    fn entry(self) -> Option<&'static RegionEntry> {
        table().regions.get(usize::from(self.0))
    }

    /// The code, such as `US` or `US-CA`.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.entry().map_or("", |entry| &entry.code)
    }

    /// The country it is a part of, or itself.
    #[must_use]
    pub fn country(self) -> Self {
        self.entry().map_or(self, |entry| Self(entry.parent))
    }

    /// Whether another region is this one or a part of it.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self == other || self == other.country()
    }

    /// The first and the last year that are known.
    #[must_use]
    pub fn years(self) -> (i16, i16) {
        self.entry().map_or((1, 0), |entry| table().years(entry))
    }

    /// Whether the table reaches a day.
    #[must_use]
    pub fn covers(self, date: Date) -> bool {
        let (first, last) = self.years();
        (first..=last).contains(&date.year())
    }

    fn check(self, date: Date) -> Result<(), HolidayError> {
        let (first, last) = self.years();
        if self.covers(date) {
            Ok(())
        } else {
            Err(HolidayError::Years { region: self, date, first, last })
        }
    }

    /// Whether a day is a public holiday: those of the country and, for a subdivision, its own.
    ///
    /// # Errors
    /// [`HolidayError::Years`].
    ///
    /// # Complexity
    /// O(log days), without allocation after the first use of the region.
    pub fn is_holiday(self, date: Date) -> Result<bool, HolidayError> {
        self.check(date)?;
        Ok(self.entry().is_some_and(|entry| table().days(entry).days.binary_search(&date).is_ok()))
    }

    /// What a day is called; empty if it is no public holiday.
    ///
    /// # Errors
    /// [`HolidayError::Years`].
    pub fn names(self, date: Date) -> Result<&'static [&'static str], HolidayError> {
        self.check(date)?;
        let Some(entry) = self.entry() else { return Ok(&[]) };
        let days = table().days(entry);
        Ok(days.days.binary_search(&date).map_or(&[], |at| names(entry, at)))
    }

    /// The holidays of a range of days, ascending.
    ///
    /// # Errors
    /// [`HolidayError::Years`] if the table does not reach an end of the range.
    pub fn holidays(
        self,
        range: RangeInclusive<Date>,
    ) -> Result<impl Iterator<Item = Holiday>, HolidayError> {
        let (first, last) = range.into_inner();
        self.check(first)?;
        self.check(last)?;
        Ok(self.within(first, last))
    }

    /// The holidays from one day to another that are known.
    pub(super) fn within(self, first: Date, last: Date) -> impl Iterator<Item = Holiday> {
        self.entry().into_iter().flat_map(move |entry| {
            let days = &table().days(entry).days;
            let from = days.partition_point(|day| *day < first);
            let to = days.partition_point(|day| *day <= last).max(from);
            (from..to).filter_map(move |at| {
                Some(Holiday { date: *days.get(at)?, names: names(entry, at) })
            })
        })
    }
}

/// The names of the day at a position.
fn names(entry: &'static RegionEntry, at: usize) -> &'static [&'static str] {
    let days = table().days(entry);
    let start = |at: usize| days.starts.get(at).map_or(0, |start| *start as usize);
    days.names.get(start(at)..start(at + 1)).unwrap_or_default()
}

/// Whether a day is a public holiday of a region, as [`Region::is_holiday`].
///
/// # Errors
/// [`HolidayError::Years`].
pub fn is_holiday(region: Region, date: Date) -> Result<bool, HolidayError> {
    region.is_holiday(date)
}

/// The public holidays of a region in a range of days, as [`Region::holidays`].
///
/// # Errors
/// [`HolidayError::Years`].
pub fn holidays(
    region: Region,
    range: RangeInclusive<Date>,
) -> Result<impl Iterator<Item = Holiday>, HolidayError> {
    region.holidays(range)
}

impl FromStr for Region {
    type Err = HolidayError;
    fn from_str(code: &str) -> Result<Self, HolidayError> {
        table().position(code).map(Self).ok_or_else(|| HolidayError::Region(code.to_owned()))
    }
}

impl TryFrom<String> for Region {
    type Error = HolidayError;
    fn try_from(code: String) -> Result<Self, HolidayError> {
        code.parse()
    }
}

impl From<Region> for &'static str {
    fn from(region: Region) -> &'static str {
        region.code()
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}
