//! The holiday rules against python-holidays 0.109 for every day of 2000 to 2050.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]

use std::collections::BTreeSet;

use campaign_features::feature::ad::{Holidays, Region, ad_days, easter_sunday};
use jiff::ToSpan;
use jiff::civil::{Date, date};

/// Made by tests/reference/make_holidays.py.
const REFERENCE: &str = include_str!("data/holidays.csv");

fn reference(code: &str) -> BTreeSet<Date> {
    REFERENCE
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .filter(|(region, _)| *region == code)
        .map(|(_, day)| day.parse().unwrap())
        .collect()
}

#[test]
fn every_region_and_year() {
    for region in Region::ALL {
        let expected = reference(region.code());
        // Six days a year are kept in all of the United Kingdom, more elsewhere.
        assert!(expected.len() > 51 * 6, "{} days of {}", expected.len(), region.code());
        let got: BTreeSet<Date> = (2000..=2050).flat_map(|year| region.holidays(year)).collect();
        let missing: Vec<_> = expected.difference(&got).collect();
        let extra: Vec<_> = got.difference(&expected).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{region:?}: -{missing:?} +{extra:?}");
    }
}

#[test]
fn shopping_days() {
    for (code, weekday) in [("black-friday", 5), ("cyber-monday", 1)] {
        let days = reference(code);
        assert_eq!(days.len(), 51);
        for day in days {
            assert!(ad_days(day.year()).contains(&day), "{code} {day}");
            assert_eq!(day.weekday().to_monday_one_offset(), weekday);
        }
    }
    let days = ad_days(2026);
    // The Sunday after Thanksgiving is not one of them; Mother's Day 2026 was the 10th of May.
    assert!(!days.contains(&date(2026, 11, 29)) && days.contains(&date(2026, 5, 10)));
    assert!(days.is_sorted() && days.len() == 9);
}

#[test]
fn easter() {
    // dateutil.easter of python-dateutil 2.9, Western method.
    for (year, month, day) in [
        (1583, 4, 10),
        (1818, 3, 22),
        (1999, 4, 4),
        (2000, 4, 23),
        (2008, 3, 23),
        (2024, 3, 31),
        (2025, 4, 20),
        (2026, 4, 5),
        (2038, 4, 25),
        (2285, 3, 22),
    ] {
        assert_eq!(easter_sunday(year), Some(date(year, month, day)));
    }
    assert_eq!(easter_sunday(1582), None);
}

#[test]
fn ranges_and_the_ends_of_the_calendar() {
    let days = Holidays::new([Region::Germany]).with_day(date(2026, 7, 7));
    let (first, last) = (date(2026, 7, 7), date(2026, 10, 31));
    assert_eq!(days.between(first, last), [first, date(2026, 10, 3), last]);
    assert_eq!(days.between(first.saturating_add(1.day()), date(2026, 10, 2)), []);
    assert_eq!(days.between(last, first), []);
    for year in [i16::MIN, -9999, 0, 1582, 9999, i16::MAX] {
        for region in Region::ALL {
            assert!(region.holidays(year).iter().all(|day| day.year() == year));
        }
        let _ = ad_days(year);
    }
    assert!(days.between(date(9999, 12, 1), Date::MAX).len() >= 4);
}
