//! Features of the day alone, each day computed once.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::observation::day_number;
use super::spec::{Feature, FeatureSpec};

/// How far holidays are looked for.
const REACH: i32 = 28;

/// One line of values per distinct day.
pub(super) struct Dated {
    features: Vec<Feature>,
    line: HashMap<Date, usize>,
    values: Vec<Vec<f64>>,
}

impl Dated {
    pub(super) fn new(spec: &FeatureSpec) -> Self {
        let of_day = |feature: &Feature| of(spec, *feature, Date::ZERO).is_some();
        let features = spec.features.iter().copied().filter(of_day).collect();
        Self { features, line: HashMap::new(), values: Vec::new() }
    }

    /// The line of a day, computed at its first use.
    pub(super) fn line(&mut self, spec: &FeatureSpec, day: Date) -> usize {
        *self.line.entry(day).or_insert_with(|| {
            let value = |&feature: &Feature| of(spec, feature, day).unwrap_or(f64::NAN);
            self.values.push(self.features.iter().map(value).collect());
            self.values.len() - 1
        })
    }

    /// The place of a feature within every line.
    pub(super) fn place(&self, feature: Feature) -> usize {
        self.features.iter().position(|f| *f == feature).unwrap_or(usize::MAX)
    }

    pub(super) fn value(&self, line: usize, place: usize) -> f64 {
        let line = self.values.get(line);
        line.and_then(|line| line.get(place)).copied().unwrap_or(f64::NAN)
    }
}

/// `None` for a feature that is not of the day alone.
fn of(spec: &FeatureSpec, feature: Feature, day: Date) -> Option<f64> {
    let flag = |yes: bool| f64::from(u8::from(yes));
    let holidays = &spec.holidays;
    Some(match feature {
        Feature::Calendar(field) => field.of(day),
        // Beyond the table nothing is known.
        Feature::Holiday(region) => holidays.is_holiday(region, day).map_or(f64::NAN, flag),
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
