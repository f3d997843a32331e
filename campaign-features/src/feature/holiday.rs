//! Holidays and days that matter to advertisers, by rule.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

/// Where holidays are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Region {
    /// United States: federal holidays and the days they are observed on.
    #[cfg_attr(feature = "serde", serde(rename = "US"))]
    UnitedStates,
    /// United Kingdom: bank holidays of all its countries, with substitute days.
    #[cfg_attr(feature = "serde", serde(rename = "GB"))]
    UnitedKingdom,
    /// England: bank holidays, with substitute days.
    #[cfg_attr(feature = "serde", serde(rename = "GB-ENG"))]
    England,
    /// Germany: holidays of all its states.
    #[cfg_attr(feature = "serde", serde(rename = "DE"))]
    Germany,
}

impl Region {
    /// Every region.
    pub const ALL: [Self; 4] =
        [Self::UnitedStates, Self::UnitedKingdom, Self::England, Self::Germany];

    /// ISO 3166 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::UnitedStates => "US",
            Self::UnitedKingdom => "GB",
            Self::England => "GB-ENG",
            Self::Germany => "DE",
        }
    }

    /// The holidays of a year, ascending.
    ///
    /// Equal to python-holidays 0.109 for the years 2000 to 2050. Beyond them the rules of today
    /// are carried on.
    #[must_use]
    pub fn holidays(self, year: i16) -> Vec<Date> {
        let mut days = match self {
            Self::UnitedStates => united_states(year),
            Self::UnitedKingdom => united_kingdom(year),
            Self::England => {
                let mut days = united_kingdom(year);
                days.extend([easter(year, 1), nth(year, 8, -1, Weekday::Monday)]);
                days
            }
            Self::Germany => germany(year),
        };
        days.sort_unstable();
        days.dedup();
        days.into_iter().flatten().filter(|day| day.year() == year).collect()
    }
}

/// Days on which shops advertise, ascending: Valentine's Day, Mother's Day (second Sunday of May),
/// Halloween, Singles' Day, Thanksgiving (fourth Thursday of November), Black Friday, Cyber Monday,
/// Christmas Eve and New Year's Eve.
#[must_use]
pub fn ad_days(year: i16) -> Vec<Date> {
    let thanksgiving = nth(year, 11, 4, Weekday::Thursday);
    let days = [
        fixed(year, 2, 14),
        nth(year, 5, 2, Weekday::Sunday),
        fixed(year, 10, 31),
        fixed(year, 11, 11),
        thanksgiving,
        later(thanksgiving, 1),
        later(thanksgiving, 4),
        fixed(year, 12, 24),
        fixed(year, 12, 31),
    ];
    let mut days: Vec<Date> = days.into_iter().flatten().collect();
    days.sort_unstable();
    days
}

/// Easter Sunday of the Gregorian calendar.
///
/// # Source
/// The anonymous rule printed in Nature 13 (1876), p. 487, in the form of J. Meeus, Astronomical
/// Algorithms (1991), chapter 8.
#[must_use]
pub fn easter_sunday(year: i16) -> Option<Date> {
    let y = i32::from(year);
    if y < 1583 {
        return None;
    }
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let n = h + l - 7 * m + 114;
    Date::new(year, (n / 31) as i8, (n % 31 + 1) as i8).ok()
}

/// Which special days a spec knows.
///
/// # Examples
/// ```
/// use campaign_features::feature::{Holidays, Region};
/// use jiff::civil::date;
/// let days = Holidays::new([Region::Germany]).with_day(date(2026, 9, 1));
/// assert!(days.is_holiday(Region::Germany, date(2026, 10, 3)));
/// assert!(days.is_ad_day(date(2026, 11, 27)) && days.is_user_day(date(2026, 9, 1)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Holidays {
    regions: Vec<Region>,
    days: BTreeSet<Date>,
}

impl Default for Holidays {
    /// The United States, the United Kingdom and Germany.
    fn default() -> Self {
        Self::new([Region::UnitedStates, Region::UnitedKingdom, Region::Germany])
    }
}

impl Holidays {
    /// The holidays of some regions.
    #[must_use]
    pub fn new(regions: impl IntoIterator<Item = Region>) -> Self {
        let mut regions: Vec<Region> = regions.into_iter().collect();
        regions.sort_unstable();
        regions.dedup();
        Self { regions, days: BTreeSet::new() }
    }

    /// Adds a day of the user's own: a sale, a launch. It must have been planned before any day it
    /// is to help predict; nothing here can check that.
    #[must_use]
    pub fn with_day(mut self, day: Date) -> Self {
        self.days.insert(day);
        self
    }

    /// The regions, ascending.
    #[must_use]
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// Whether a day is a holiday of a region.
    #[must_use]
    pub fn is_holiday(&self, region: Region, day: Date) -> bool {
        region.holidays(day.year()).binary_search(&day).is_ok()
    }

    /// Whether a day is one of [`ad_days`].
    #[must_use]
    pub fn is_ad_day(&self, day: Date) -> bool {
        ad_days(day.year()).binary_search(&day).is_ok()
    }

    /// Whether a day is one of the user's own.
    #[must_use]
    pub fn is_user_day(&self, day: Date) -> bool {
        self.days.contains(&day)
    }

    /// Every special day from `first` to `last`, ascending: holidays of all regions, ad days and
    /// the user's own.
    #[must_use]
    pub fn between(&self, first: Date, last: Date) -> Vec<Date> {
        let mut days: Vec<Date> = (first.year()..=last.year())
            .flat_map(|year| {
                let regions = self.regions.iter().flat_map(move |region| region.holidays(year));
                regions.chain(ad_days(year))
            })
            .chain(self.days.iter().copied())
            .filter(|day| first <= *day && *day <= last)
            .collect();
        days.sort_unstable();
        days.dedup();
        days
    }
}

fn fixed(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok()
}

fn nth(year: i16, month: i8, n: i8, weekday: Weekday) -> Option<Date> {
    fixed(year, month, 1)?.nth_weekday_of_month(n, weekday).ok()
}

fn later(day: Option<Date>, days: i32) -> Option<Date> {
    day?.checked_add(days.days()).ok()
}

fn easter(year: i16, days: i32) -> Option<Date> {
    later(easter_sunday(year), days)
}

fn united_states(year: i16) -> Vec<Option<Date>> {
    let mut days = vec![
        nth(year, 1, 3, Weekday::Monday),
        nth(year, 2, 3, Weekday::Monday),
        nth(year, 5, -1, Weekday::Monday),
        nth(year, 9, 1, Weekday::Monday),
        nth(year, 10, 2, Weekday::Monday),
        nth(year, 11, 4, Weekday::Thursday),
    ];
    // Of a holiday on a weekend, the nearest working day is off too; that of New Year's Day may be
    // the last day of this year.
    let mut dated = vec![
        fixed(year, 1, 1),
        fixed(year, 7, 4),
        fixed(year, 11, 11),
        fixed(year, 12, 25),
        year.checked_add(1).and_then(|next| fixed(next, 1, 1)),
    ];
    if year >= 2021 {
        dated.push(fixed(year, 6, 19));
    }
    for day in dated.into_iter().flatten() {
        days.push(Some(day));
        match day.weekday() {
            Weekday::Saturday => days.push(later(Some(day), -1)),
            Weekday::Sunday => days.push(later(Some(day), 1)),
            _ => {}
        }
    }
    days
}

fn united_kingdom(year: i16) -> Vec<Option<Date>> {
    let new_year = fixed(year, 1, 1);
    let christmas = fixed(year, 12, 25);
    let boxing = later(christmas, 1);
    let may_day = match year {
        // Moved to the anniversary of the end of the war in Europe.
        2020 => fixed(year, 5, 8),
        _ => nth(year, 5, 1, Weekday::Monday),
    };
    let spring = match year {
        // Moved for jubilees.
        2002 | 2012 => fixed(year, 6, 4),
        2022 => fixed(year, 6, 2),
        _ => nth(year, 5, -1, Weekday::Monday),
    };
    let mut days = vec![new_year, easter(year, -2), may_day, spring, christmas, boxing];
    days.push(match new_year.map(Date::weekday) {
        Some(Weekday::Saturday) => later(new_year, 2),
        Some(Weekday::Sunday) => later(new_year, 1),
        _ => None,
    });
    match christmas.map(Date::weekday) {
        Some(Weekday::Friday) => days.push(later(christmas, 3)),
        Some(Weekday::Saturday) => days.extend([later(christmas, 2), later(christmas, 3)]),
        Some(Weekday::Sunday) => days.push(later(christmas, 2)),
        _ => {}
    }
    // Days of one year only: jubilees, a wedding, a funeral, a coronation.
    days.extend(match year {
        2002 => vec![fixed(year, 6, 3)],
        2011 => vec![fixed(year, 4, 29)],
        2012 => vec![fixed(year, 6, 5)],
        2022 => vec![fixed(year, 6, 3), fixed(year, 9, 19)],
        2023 => vec![fixed(year, 5, 8)],
        _ => vec![],
    });
    days
}

fn germany(year: i16) -> Vec<Option<Date>> {
    let mut days = vec![
        fixed(year, 1, 1),
        easter(year, -2),
        easter(year, 1),
        fixed(year, 5, 1),
        easter(year, 39),
        easter(year, 50),
        fixed(year, 10, 3),
        fixed(year, 12, 25),
        fixed(year, 12, 26),
    ];
    if year == 2017 {
        // Five hundred years of the Reformation, a holiday in all states that year.
        days.push(fixed(year, 10, 31));
    }
    days
}
