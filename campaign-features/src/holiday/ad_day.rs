//! Days that matter to advertisers, by rule or by table.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::family::{fathers_day, mothers_day};
use super::region::Region;
use super::table::table;

/// A day or season on which shops advertise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum AdDay {
    /// 14 February.
    Valentines,
    /// 8 March.
    WomensDay,
    /// Easter Sunday of the Western churches.
    Easter,
    /// By country: the second Sunday of May in most; without a region the United States'.
    MothersDay,
    /// By country: the third Sunday of June in most; without a region the United States'.
    FathersDay,
    /// Amazon's Prime Day, by table, 2015 to 2025; the United States' days.
    PrimeDay,
    /// Amazon's sale of October, by table, 2022 to 2025.
    PrimeBigDealDays,
    /// 15 July to Labor Day, in the United States and Canada: a convention of this crate.
    BackToSchool,
    /// 31 October.
    Halloween,
    /// 11 November.
    SinglesDay,
    /// The fourth Thursday of November.
    Thanksgiving,
    /// The day after Thanksgiving.
    BlackFriday,
    /// The Monday after Thanksgiving.
    CyberMonday,
    /// 24 December.
    ChristmasEve,
    /// 31 December.
    NewYearsEve,
    /// The first day of the Chinese year, by table.
    LunarNewYear,
    /// The month of fasting, from its first day to the eve of Eid al-Fitr, by table; the sighting of
    /// the moon may move it by a day.
    Ramadan,
    /// The first day of Eid al-Fitr, by table.
    EidAlFitr,
    /// The first day of Eid al-Adha, by table.
    EidAlAdha,
    /// Diwali as kept in India, by table, 2001 to 2035.
    Diwali,
}

/// The days from `first` to `last`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Window {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
}

impl Window {
    /// Days from `first` to `last`.
    #[must_use]
    pub const fn new(first: Date, last: Date) -> Self {
        Self { first, last }
    }

    /// Whether a day is one of them.
    #[must_use]
    pub fn contains(&self, day: Date) -> bool {
        self.first <= day && day <= self.last
    }
}

/// Prime Day in the United States.
///
/// # Source
/// The announcements of the retailer for each year: 2017 from the evening of the 10th on; 2020 moved to
/// October.
const PRIME_DAYS: [(i16, i8, i8, i8); 11] = [
    (2015, 7, 15, 15),
    (2016, 7, 12, 12),
    (2017, 7, 10, 11),
    (2018, 7, 16, 17),
    (2019, 7, 15, 16),
    (2020, 10, 13, 14),
    (2021, 6, 21, 22),
    (2022, 7, 12, 13),
    (2023, 7, 11, 12),
    (2024, 7, 16, 17),
    (2025, 7, 8, 11),
];

/// Prime Early Access Sale (2022) and Prime Big Deal Days; same source.
const BIG_DEAL_DAYS: [(i16, i8, i8, i8); 4] =
    [(2022, 10, 11, 12), (2023, 10, 10, 11), (2024, 10, 8, 9), (2025, 10, 7, 8)];

impl AdDay {
    /// Every one.
    pub const ALL: [Self; 20] = [
        Self::Valentines,
        Self::WomensDay,
        Self::Easter,
        Self::MothersDay,
        Self::FathersDay,
        Self::PrimeDay,
        Self::PrimeBigDealDays,
        Self::BackToSchool,
        Self::Halloween,
        Self::SinglesDay,
        Self::Thanksgiving,
        Self::BlackFriday,
        Self::CyberMonday,
        Self::ChristmasEve,
        Self::NewYearsEve,
        Self::LunarNewYear,
        Self::Ramadan,
        Self::EidAlFitr,
        Self::EidAlAdha,
        Self::Diwali,
    ];

    /// Those of [`ad_days`].
    pub const STANDARD: [Self; 9] = [
        Self::Valentines,
        Self::MothersDay,
        Self::Halloween,
        Self::SinglesDay,
        Self::Thanksgiving,
        Self::BlackFriday,
        Self::CyberMonday,
        Self::ChristmasEve,
        Self::NewYearsEve,
    ];

    /// The name used in files and column names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valentines => "valentines",
            Self::WomensDay => "womens-day",
            Self::Easter => "easter",
            Self::MothersDay => "mothers-day",
            Self::FathersDay => "fathers-day",
            Self::PrimeDay => "prime-day",
            Self::PrimeBigDealDays => "prime-big-deal-days",
            Self::BackToSchool => "back-to-school",
            Self::Halloween => "halloween",
            Self::SinglesDay => "singles-day",
            Self::Thanksgiving => "thanksgiving",
            Self::BlackFriday => "black-friday",
            Self::CyberMonday => "cyber-monday",
            Self::ChristmasEve => "christmas-eve",
            Self::NewYearsEve => "new-years-eve",
            Self::LunarNewYear => "lunar-new-year",
            Self::Ramadan => "ramadan",
            Self::EidAlFitr => "eid-al-fitr",
            Self::EidAlAdha => "eid-al-adha",
            Self::Diwali => "diwali",
        }
    }

    /// The days that begin in a year, ascending; a year of the Gregorian calendar may have two
    /// Ramadans. `None` where neither rule nor table tells: an unknown Prime Day, a country whose
    /// Mother's Day is not listed.
    ///
    /// # Examples
    /// ```
    /// use campaign_features::holiday::{AdDay, Region};
    /// use jiff::civil::date;
    /// let britain: Region = "GB-ENG".parse()?;
    /// let day = AdDay::MothersDay.windows(2026, Some(britain));
    /// assert_eq!(day.map(|days| days[0].first), Some(date(2026, 3, 15)));
    /// assert_eq!(AdDay::PrimeDay.windows(2014, None), Some(vec![]));
    /// assert_eq!(AdDay::PrimeDay.windows(2030, None), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn windows(self, year: i16, region: Option<Region>) -> Option<Vec<Window>> {
        let country = region.map_or("US", |region| region.country().code());
        let thanksgiving = || nth(year, 11, 4, Weekday::Thursday);
        let day = match self {
            Self::Valentines => fixed(year, 2, 14),
            Self::WomensDay => fixed(year, 3, 8),
            Self::Easter => easter(year, 0),
            Self::MothersDay => mothers_day(country, year),
            Self::FathersDay => fathers_day(country, year),
            Self::Halloween => fixed(year, 10, 31),
            Self::SinglesDay => fixed(year, 11, 11),
            Self::Thanksgiving => thanksgiving(),
            Self::BlackFriday => later(thanksgiving(), 1),
            Self::CyberMonday => later(thanksgiving(), 4),
            Self::ChristmasEve => fixed(year, 12, 24),
            Self::NewYearsEve => fixed(year, 12, 31),
            Self::PrimeDay => return listed(&PRIME_DAYS, year),
            Self::PrimeBigDealDays => return listed(&BIG_DEAL_DAYS, year),
            Self::BackToSchool if matches!(country, "US" | "CA") => {
                let last = nth(year, 9, 1, Weekday::Monday)?;
                return Some(vec![Window { first: fixed(year, 7, 15)?, last }]);
            }
            Self::BackToSchool => None,
            Self::Ramadan => return ramadan(year),
            Self::LunarNewYear | Self::EidAlFitr | Self::EidAlAdha | Self::Diwali => {
                return moving(self.name(), year);
            }
        };
        day.map(|day| vec![Window { first: day, last: day }])
    }
}

fn listed(days: &[(i16, i8, i8, i8)], year: i16) -> Option<Vec<Window>> {
    let (first, last) = (days.first()?.0, days.last()?.0);
    if year > last {
        return None;
    }
    if year < first {
        return Some(Vec::new());
    }
    let of_year = days.iter().filter(|(y, ..)| *y == year);
    let window = |&(y, month, from, to): &(i16, i8, i8, i8)| {
        Some(Window { first: fixed(y, month, from)?, last: fixed(y, month, to)? })
    };
    of_year.map(window).collect()
}

fn moving(key: &str, year: i16) -> Option<Vec<Window>> {
    let (moving, days) = table().moving(key)?;
    let known = (moving.first..=moving.last).contains(&year);
    let of_year = days.iter().filter(|day| day.year() == year);
    known.then(|| of_year.map(|&day| Window { first: day, last: day }).collect())
}

/// From each first day to the eve of the next feast.
fn ramadan(year: i16) -> Option<Vec<Window>> {
    let (_, ends) = table().moving("eid-al-fitr")?;
    let begins = moving("ramadan", year)?;
    let window = |begin: Window| {
        let end = ends.iter().find(|end| **end > begin.first)?;
        Some(Window { first: begin.first, last: end.yesterday().ok()? })
    };
    begins.into_iter().map(window).collect()
}

/// The days of [`AdDay::STANDARD`] in the United States, ascending: Valentine's Day, Mother's Day
/// (second Sunday of May), Halloween, Singles' Day, Thanksgiving (fourth Thursday of November), Black
/// Friday, Cyber Monday, Christmas Eve and New Year's Eve.
#[must_use]
pub fn ad_days(year: i16) -> Vec<Date> {
    let windows = AdDay::STANDARD.iter().filter_map(|day| day.windows(year, None)).flatten();
    let mut days: Vec<Date> = windows.map(|window| window.first).collect();
    days.sort_unstable();
    days
}

pub(super) fn fixed(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok()
}

fn nth(year: i16, month: i8, n: i8, weekday: Weekday) -> Option<Date> {
    fixed(year, month, 1)?.nth_weekday_of_month(n, weekday).ok()
}

pub(super) fn nth_sunday(year: i16, month: i8, n: i8) -> Option<Date> {
    nth(year, month, n, Weekday::Sunday)
}

fn later(day: Option<Date>, days: i32) -> Option<Date> {
    day?.checked_add(days.days()).ok()
}

pub(super) fn easter(year: i16, days: i32) -> Option<Date> {
    later(easter_sunday(year), days)
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
