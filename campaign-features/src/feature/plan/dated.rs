//! Numbers of the described day alone, each day computed once.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::super::calendar::CalendarField;
use super::super::holiday::{Holidays, Region};
use super::Plan;

/// How far holidays are looked for.
const REACH: i32 = 28;

/// A number of a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum DatedFeature {
    Calendar(CalendarField),
    Holiday(Region),
    AdDay,
    UserDay,
    DaysToHoliday,
    DaysSinceHoliday,
    Fourier { period: f64, order: u16, cosine: bool },
}

impl DatedFeature {
    fn of(self, holidays: &Holidays, number: i32, day: Date) -> f64 {
        let flag = |yes: bool| f64::from(u8::from(yes));
        match self {
            Self::Calendar(field) => field.of(day),
            // A day beyond the table is not known to be one.
            Self::Holiday(region) => holidays.is_holiday(region, day).map_or(f64::NAN, flag),
            Self::AdDay => flag(holidays.is_ad_day(day)),
            Self::UserDay => flag(holidays.is_user_day(day)),
            Self::DaysToHoliday => {
                let days = holidays.between(day, day.saturating_add(REACH.days()));
                distance(number, days.first())
            }
            Self::DaysSinceHoliday => {
                let days = holidays.between(day.saturating_sub(REACH.days()), day);
                distance(number, days.last())
            }
            Self::Fourier { period, order, cosine } => {
                let phase = core::f64::consts::TAU * f64::from(order) * f64::from(number) / period;
                if cosine { phase.cos() } else { phase.sin() }
            }
        }
    }
}

fn distance(number: i32, other: Option<&Date>) -> f64 {
    let days = other.map(|other| (day_number(*other) - number).abs());
    f64::from(days.unwrap_or(REACH))
}

/// Days since 1970-01-01.
pub fn day_number(day: Date) -> i32 {
    (day.duration_since(EPOCH).as_secs() / 86_400) as i32
}

/// The day at a day number; `None` beyond the calendar.
pub fn date_of(day: i32) -> Option<Date> {
    EPOCH.checked_add(jiff::SignedDuration::from_hours(24 * i64::from(day))).ok()
}

const EPOCH: Date = Date::constant(1970, 1, 1);

impl Plan {
    /// How many numbers of the described day the columns are made of.
    #[must_use]
    pub fn n_dated(&self) -> usize {
        self.dated.len()
    }

    /// The numbers of a day; NaN for a day beyond the calendar.
    ///
    /// # Shapes
    /// `out` has [`n_dated`](Self::n_dated) entries; what lies beyond is left alone.
    ///
    /// # Complexity
    /// Holidays are looked up by rule, so that this is worth keeping per day: [`DatedTable`].
    pub fn dated_into(&self, day: i32, out: &mut [f64]) {
        let date = date_of(day);
        for (slot, feature) in out.iter_mut().zip(&self.dated) {
            *slot = date.map_or(f64::NAN, |date| feature.of(&self.holidays, day, date));
        }
    }
}

/// The numbers of a plan's described days, each computed once.
#[derive(Debug, Clone, Default)]
pub struct DatedTable {
    width: usize,
    line: HashMap<i32, usize>,
    values: Vec<f64>,
}

impl DatedTable {
    /// A table of these days.
    #[must_use]
    pub fn new(plan: &Plan, days: impl IntoIterator<Item = i32>) -> Self {
        let mut table = Self { width: plan.n_dated(), ..Self::default() };
        if table.width == 0 {
            return table;
        }
        for day in days {
            let next = table.line.len();
            if let std::collections::hash_map::Entry::Vacant(line) = table.line.entry(day) {
                line.insert(next);
                let start = table.values.len();
                table.values.resize(start + table.width, f64::NAN);
                plan.dated_into(day, &mut table.values[start..]);
            }
        }
        table
    }

    /// The numbers of a day; empty for one that is not in the table.
    #[must_use]
    pub fn row(&self, day: i32) -> &[f64] {
        let line = if self.width == 0 { None } else { self.line.get(&day) };
        let range = line.map(|line| line * self.width..(line + 1) * self.width);
        range.and_then(|range| self.values.get(range)).unwrap_or_default()
    }
}
