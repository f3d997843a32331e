//! Features of the day alone, each day computed once.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::observation::day_number;
use super::spec::{Feature, FeatureSpec};

/// How far holidays are looked for.
const REACH: i32 = 28;

pub(super) struct Dated {
    column: HashMap<Feature, usize>,
    days: HashMap<Date, Vec<f64>>,
}

impl Dated {
    pub(super) fn new(spec: &FeatureSpec, days: impl Iterator<Item = Date>) -> Self {
        let features: Vec<Feature> =
            spec.features.iter().copied().filter(|f| of(spec, *f, Date::ZERO).is_some()).collect();
        let mut out = Self {
            column: features.iter().enumerate().map(|(i, &feature)| (feature, i)).collect(),
            days: HashMap::new(),
        };
        for day in days {
            out.days.entry(day).or_insert_with(|| {
                features.iter().map(|&f| of(spec, f, day).unwrap_or(f64::NAN)).collect()
            });
        }
        out
    }

    pub(super) fn value(&self, feature: Feature, day: Date) -> f64 {
        let value = || self.days.get(&day)?.get(*self.column.get(&feature)?).copied();
        value().unwrap_or(f64::NAN)
    }
}

/// `None` for a feature that is not of the day alone.
fn of(spec: &FeatureSpec, feature: Feature, day: Date) -> Option<f64> {
    let flag = |yes: bool| f64::from(u8::from(yes));
    let holidays = &spec.holidays;
    Some(match feature {
        Feature::Calendar(field) => field.of(day),
        Feature::Holiday(region) => flag(holidays.is_holiday(region, day)),
        Feature::AdDay => flag(holidays.is_ad_day(day)),
        Feature::UserDay => flag(holidays.is_user_day(day)),
        Feature::DaysToHoliday => {
            let days = holidays.between(day, day.saturating_add(REACH.days()));
            distance(day, days.first().copied())
        }
        Feature::DaysSinceHoliday => {
            let days = holidays.between(day.saturating_sub(REACH.days()), day);
            distance(day, days.last().copied())
        }
        _ => return None,
    })
}

fn distance(day: Date, other: Option<Date>) -> f64 {
    let days = other.map(|other| (day_number(other) - day_number(day)).abs());
    f64::from(days.unwrap_or(REACH))
}
