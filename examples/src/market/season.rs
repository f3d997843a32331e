//! Weeks and holidays.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A day of every year around which people buy more, or less.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// Its name.
    pub name: String,
    /// Which day.
    pub on: Rule,
    /// Demand on the day itself, as a multiple of a normal day.
    pub factor: f64,
    /// Days before and after over which the effect fades linearly to nothing.
    pub spread: u8,
}

/// How a holiday is found in a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rule {
    /// The same date every year.
    Fixed {
        /// Month, from 1.
        month: i8,
        /// Day of the month, from 1.
        day: i8,
    },
    /// Days after the fourth Thursday of November: 1 is Black Friday, 4 is Cyber Monday.
    AfterThanksgiving {
        /// How many.
        days: i8,
    },
}

impl Rule {
    /// The date in a year; `None` where that year has no such date.
    #[must_use]
    pub fn in_year(self, year: i16) -> Option<Date> {
        match self {
            Self::Fixed { month, day } => Date::new(year, month, day).ok(),
            Self::AfterThanksgiving { days } => {
                let thursday = Date::new(year, 11, 1)
                    .ok()?
                    .nth_weekday_of_month(4, jiff::civil::Weekday::Thursday)
                    .ok()?;
                thursday.checked_add(jiff::Span::new().days(i64::from(days))).ok()
            }
        }
    }
}

/// Demand on a date by holidays alone: the product of all holidays that reach it.
#[must_use]
pub fn holidays(list: &[Holiday], date: Date) -> f64 {
    list.iter()
        .flat_map(|holiday| [-1, 0, 1].map(|shift| (holiday, shift)))
        .filter_map(|(holiday, shift)| {
            let day = holiday.on.in_year(date.year().checked_add(shift)?)?;
            let away = f64::from(super::truth::days_between(date, day).unsigned_abs());
            let weight = 1.0 - away / (f64::from(holiday.spread) + 1.0);
            (weight > 0.0).then_some(1.0 + (holiday.factor - 1.0) * weight)
        })
        .product()
}

/// A weekly pattern scaled to a mean of 1, Monday first.
#[must_use]
pub fn weekly(pattern: [f64; 7]) -> [f64; 7] {
    let mean = pattern.iter().sum::<f64>() / 7.0;
    pattern.map(|day| day / mean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn weekly_mean_is_one() {
        let week = weekly([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        assert!((week.iter().sum::<f64>() / 7.0 - 1.0).abs() < 1e-15);
        assert_eq!(week[0], 0.25);
    }

    #[test]
    fn black_friday_moves() {
        // Published dates: 2025-11-28, 2026-11-27; Cyber Monday 2026-11-30.
        let friday = Rule::AfterThanksgiving { days: 1 };
        assert_eq!(friday.in_year(2025), Some(date(2025, 11, 28)));
        assert_eq!(friday.in_year(2026), Some(date(2026, 11, 27)));
        let monday = Rule::AfterThanksgiving { days: 4 };
        assert_eq!(monday.in_year(2026), Some(date(2026, 11, 30)));
        assert_eq!(Rule::Fixed { month: 2, day: 29 }.in_year(2026), None);
    }

    #[test]
    fn holidays_fade_and_reach_over_the_turn_of_the_year() {
        let on = Rule::Fixed { month: 1, day: 1 };
        let list = [Holiday { name: "New Year".into(), on, factor: 0.6, spread: 1 }];
        let at = |m, d, y| holidays(&list, date(y, m, d));
        assert_eq!(at(1, 1, 2026), 0.6);
        assert_eq!(at(12, 31, 2026), 0.8);
        assert_eq!(at(1, 2, 2026), 0.8);
        assert_eq!(at(1, 3, 2026), 1.0);
        assert_eq!(at(7, 1, 2026), 1.0);
    }
}
