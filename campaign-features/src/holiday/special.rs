//! The special days of some regions, and how far the next and the last are.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::Date;

use super::ad_day::AdDay;
use super::calendar::{UserCalendar, UserDay};
use super::region::{HolidayError, Region};

/// Which special days are known: public holidays of regions, ad days, days of one's own.
///
/// # Examples
/// ```
/// use campaign_features::holiday::{Holidays, UserDay};
/// use jiff::civil::date;
/// let days = Holidays::new(["DE-BY".parse()?]).with_day(date(2026, 7, 7));
/// assert_eq!(days.days_to_next(date(2026, 7, 1), 28), Some(6));
/// assert_eq!(days.days_since_last(date(2026, 7, 1), 28), Some(27)); // Corpus Christi
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Holidays {
    regions: Vec<Region>,
    ad_days: Vec<AdDay>,
    calendar: UserCalendar,
}

impl Default for Holidays {
    /// The United States, the United Kingdom and Germany.
    fn default() -> Self {
        Self::new(["US", "GB", "DE"].iter().filter_map(|code| code.parse().ok()))
    }
}

impl Holidays {
    /// The holidays of some regions, and [`AdDay::STANDARD`].
    #[must_use]
    pub fn new(regions: impl IntoIterator<Item = Region>) -> Self {
        let mut regions: Vec<Region> = regions.into_iter().collect();
        regions.sort_unstable();
        regions.dedup();
        Self { regions, ad_days: AdDay::STANDARD.to_vec(), calendar: UserCalendar::new() }
    }

    /// Knows these ad days instead. Those that differ between countries are taken of every region, or
    /// of the United States where no region is known.
    #[must_use]
    pub fn with_ad_days(mut self, days: impl IntoIterator<Item = AdDay>) -> Self {
        self.ad_days = days.into_iter().collect();
        self.ad_days.sort_unstable();
        self.ad_days.dedup();
        self
    }

    /// Adds a day of the user's own: a sale, a launch. It must have been planned before any day it
    /// is to help predict; nothing here can check that.
    #[must_use]
    pub fn with_day(mut self, day: Date) -> Self {
        self.calendar = self.calendar.with(UserDay::new(day));
        self
    }

    /// Adds a calendar; of its days those count that are kept in one of the regions, and where no
    /// region is known, all.
    #[must_use]
    pub fn with_calendar(mut self, calendar: &UserCalendar) -> Self {
        self.calendar = self.calendar.merged(calendar);
        self
    }

    /// The regions, ascending.
    #[must_use]
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// The ad days, ascending.
    #[must_use]
    pub fn ad_days(&self) -> &[AdDay] {
        &self.ad_days
    }

    /// Whether the table of public holidays reaches a day for every region.
    #[must_use]
    pub fn covers(&self, day: Date) -> bool {
        self.regions.iter().all(|region| region.covers(day))
    }

    /// Whether a day is a holiday of a region.
    ///
    /// # Errors
    /// [`HolidayError::Years`].
    pub fn is_holiday(&self, region: Region, day: Date) -> Result<bool, HolidayError> {
        region.is_holiday(day)
    }

    /// Whether a day is one of the ad days.
    #[must_use]
    pub fn is_ad_day(&self, day: Date) -> bool {
        self.ad(day, day).contains(&day)
    }

    /// Whether a day is one of the user's own.
    #[must_use]
    pub fn is_user_day(&self, day: Date) -> bool {
        self.own(day, day).next().is_some()
    }

    /// Every special day from `first` to `last`, ascending: holidays of all regions as far as they are
    /// known, ad days and the user's own.
    #[must_use]
    pub fn between(&self, first: Date, last: Date) -> Vec<Date> {
        let mut days = self.ad(first, last);
        for region in &self.regions {
            days.extend(region.within(first, last).map(|holiday| holiday.date));
        }
        for own in self.own(first, last) {
            days.extend(each(own.first.max(first), own.last.min(last)));
        }
        days.into_iter().collect()
    }

    /// Days from a day to the next special one, 0 on one; `None` if there is none in `reach` days.
    #[must_use]
    pub fn days_to_next(&self, day: Date, reach: u16) -> Option<u16> {
        let next = *self.between(day, day.saturating_add(i64::from(reach).days())).first()?;
        u16::try_from((next - day).get_days()).ok()
    }

    /// Days from the last special day to a day, 0 on one; `None` if there is none in `reach` days.
    #[must_use]
    pub fn days_since_last(&self, day: Date, reach: u16) -> Option<u16> {
        let last = *self.between(day.saturating_sub(i64::from(reach).days()), day).last()?;
        u16::try_from((day - last).get_days()).ok()
    }

    fn own(&self, first: Date, last: Date) -> impl Iterator<Item = &UserDay> {
        self.calendar.days().iter().filter(move |own| {
            let kept = || self.regions.iter().any(|region| own.is_kept_in(*region));
            own.first <= last && first <= own.last && (self.regions.is_empty() || kept())
        })
    }

    /// The ad days of a range.
    fn ad(&self, first: Date, last: Date) -> BTreeSet<Date> {
        let mut regions: Vec<Option<Region>> =
            self.regions.iter().map(|region| Some(region.country())).collect();
        regions.dedup();
        if regions.is_empty() {
            regions.push(None);
        }
        let mut days = BTreeSet::new();
        // A season may have begun in the year before.
        let years = first.year().saturating_sub(1)..=last.year();
        for year in years {
            for day in &self.ad_days {
                for region in &regions {
                    for window in day.windows(year, *region).unwrap_or_default() {
                        days.extend(each(window.first.max(first), window.last.min(last)));
                    }
                }
            }
        }
        days
    }
}

/// Every day from one to another.
fn each(first: Date, last: Date) -> impl Iterator<Item = Date> {
    first.series(1.day()).take_while(move |day| *day <= last)
}
