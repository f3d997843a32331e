//! The holiday table against python-holidays 0.109, every region, day and name of 2000 to 2050.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]

use std::collections::BTreeSet;

use campaign_features::holiday::{
    AdDay, HolidayError, Holidays, Region, UserCalendar, ad_days, easter_sunday, holidays,
    is_holiday,
};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use sha2::{Digest, Sha256};

/// Made by tests/reference/make_holidays.py from the library's answers.
const DIGESTS: &str = include_str!("data/holiday_digests.csv");
const ALIASES: &str = include_str!("data/holiday_aliases.csv");

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

fn rows(text: &str) -> impl Iterator<Item = Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<_> = reader.records().map(|row| row.unwrap()).collect();
    rows.into_iter().map(|row| row.iter().map(str::to_owned).collect())
}

#[test]
fn every_day_and_name_of_every_region() {
    let mut codes = Vec::new();
    for row in rows(DIGESTS) {
        let region = region(&row[0]);
        assert_eq!(region.code(), row[0]);
        let (first, last): (i16, i16) = (row[2].parse().unwrap(), row[3].parse().unwrap());
        assert_eq!(region.years(), (first, last), "{region}");
        let (mut hash, mut count) = (Sha256::new(), 0_usize);
        for holiday in holidays(region, date(first, 1, 1)..=date(last, 12, 31)).unwrap() {
            hash.update(format!("{}\t{}\n", holiday.date, holiday.names.join("; ")));
            count += 1;
        }
        assert_eq!(count.to_string(), row[1], "{region}");
        let digest: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, row[4], "{region}");
        codes.push(row[0].clone());
    }
    assert_eq!(codes.len(), 901);
    assert!(Region::all().map(Region::code).eq(codes.iter().map(String::as_str)));
}

#[test]
fn every_alias() {
    let mut count = 0;
    for row in rows(ALIASES) {
        assert_eq!(region(&row[0]).code(), row[1]);
        assert_eq!(region(&format!(" {} ", row[0].to_uppercase())).code(), row[1]);
        count += 1;
    }
    assert_eq!(count, 1314);
    for (alias, code) in
        [("UK", "GB"), ("USA-California", "US-CA"), ("deu-bayern", "DE-BY"), ("us-ny", "US-NY")]
    {
        assert_eq!(region(alias).code(), code);
    }
    for unknown in ["", "-", "XX", "US-", "US-XX", "DE-BY-", "U", "\u{0}"] {
        assert_eq!(unknown.parse::<Region>(), Err(HolidayError::Region(unknown.to_owned())));
    }
}

#[test]
fn tricky_days() {
    for (code, day, holiday) in [
        // Coronation of Charles III; funeral of Elizabeth II; not a holiday the year after.
        ("GB", date(2023, 5, 8), true),
        ("GB-SCT", date(2022, 9, 19), true),
        ("GB", date(2024, 5, 8), false),
        // Easter Monday in England, not in Scotland.
        ("GB-ENG", date(2026, 4, 6), true),
        ("GB-SCT", date(2026, 4, 6), false),
        // Five hundred years of the Reformation: everywhere in Germany, in 2017 only.
        ("DE-BY", date(2017, 10, 31), true),
        ("DE-BY", date(2018, 10, 31), false),
        ("DE-BB", date(2018, 10, 31), true),
        // Juneteenth is a federal holiday since 2021.
        ("US", date(2020, 6, 19), false),
        ("US", date(2021, 6, 18), true),
        // New Year's Day 2028 is a Saturday, observed on the Friday of the year before.
        ("US", date(2027, 12, 31), true),
        ("JP", date(2019, 5, 1), true),
        ("CA-QC", date(2026, 6, 24), true),
        ("CA-ON", date(2026, 6, 24), false),
    ] {
        assert_eq!(is_holiday(region(code), day), Ok(holiday), "{code} {day}");
    }
    assert_eq!(region("GB").names(date(2023, 5, 8)).unwrap(), ["Coronation of Charles III"]);
    assert!(region("US").names(date(2026, 3, 3)).unwrap().is_empty());
}

#[test]
fn beyond_the_table_nothing_is_known() {
    let us = region("US");
    for day in [Date::MIN, date(1999, 12, 31), date(2051, 1, 1), Date::MAX] {
        assert!(matches!(us.is_holiday(day), Err(HolidayError::Years { first: 2000, .. })));
        assert!(us.names(day).is_err() && !us.covers(day));
        assert!(us.holidays(day..=date(2026, 1, 1)).is_err());
    }
    // Sri Lanka's days are announced, and known to 2026.
    assert!(region("LK").is_holiday(date(2027, 1, 14)).is_err());
    assert!(region("LK").is_holiday(date(2026, 1, 14)).is_ok());
    assert_eq!(us.holidays(date(2026, 2, 1)..=date(2026, 1, 1)).unwrap().count(), 0);
}

#[test]
fn shopping_days_stand_beside_thanksgiving() {
    for year in 2000..=2050 {
        let all = region("US").holidays(date(year, 1, 1)..=date(year, 12, 31)).unwrap();
        let thanksgiving = all.filter(|day| day.names == ["Thanksgiving Day"]).map(|day| day.date);
        let [thanksgiving] = thanksgiving.collect::<Vec<_>>()[..] else { panic!("{year}") };
        let of = |day: AdDay| day.windows(year, None).unwrap()[0].first;
        assert_eq!(of(AdDay::Thanksgiving), thanksgiving);
        assert_eq!(of(AdDay::BlackFriday), thanksgiving + 1.day());
        assert_eq!(of(AdDay::CyberMonday), thanksgiving + 4.days());
        let days = ad_days(year);
        assert!(days.is_sorted() && days.len() == 9 && days.contains(&of(AdDay::BlackFriday)));
    }
    assert!(!ad_days(2026).contains(&date(2026, 11, 29)));
}

/// Where a country keeps a day of such a name as a public holiday, the rule must give it.
#[test]
fn family_days_agree_with_public_holidays_of_that_name() {
    let mut checked = 0;
    for country in Region::all().filter(|region| region.country() == *region) {
        for (name, day) in
            [("Mother's Day", AdDay::MothersDay), ("Father's Day", AdDay::FathersDay)]
        {
            for year in 2010..=2026 {
                let Some(rule) = day.windows(year, Some(country)) else { continue };
                if !country.covers(date(year, 1, 1)) {
                    continue;
                }
                let all = country.holidays(date(year, 1, 1)..=date(year, 12, 31)).unwrap();
                let named: Vec<Date> =
                    all.filter(|h| h.names.contains(&name)).map(|h| h.date).collect();
                if !named.is_empty() {
                    assert!(named.contains(&rule[0].first), "{country} {name} {year} {named:?}");
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 10, "{checked}");
}

#[test]
fn moving_feasts() {
    let of = |day: AdDay, year| {
        let windows = day.windows(year, None).unwrap();
        windows.iter().map(|w| (w.first, w.last)).collect::<Vec<_>>()
    };
    assert_eq!(of(AdDay::LunarNewYear, 2026), [(date(2026, 2, 17), date(2026, 2, 17))]);
    assert_eq!(of(AdDay::Ramadan, 2026), [(date(2026, 2, 18), date(2026, 3, 19))]);
    // Two months of fasting begin in 2030, the second ends in 2031.
    assert_eq!(
        of(AdDay::Ramadan, 2030),
        [(date(2030, 1, 5), date(2030, 2, 3)), (date(2030, 12, 26), date(2031, 1, 23))]
    );
    assert_eq!(of(AdDay::EidAlFitr, 2026), [(date(2026, 3, 20), date(2026, 3, 20))]);
    assert_eq!(of(AdDay::Diwali, 2026), [(date(2026, 11, 8), date(2026, 11, 8))]);
    assert_eq!(AdDay::Diwali.windows(2036, None), None);
    for year in 2000..=2050 {
        for (first, last) in of(AdDay::Ramadan, year) {
            let days = (last - first).get_days() + 1;
            assert!((29..=30).contains(&days), "{first} {days}");
        }
        let [(new_year, _)] = of(AdDay::LunarNewYear, year)[..] else { panic!("{year}") };
        assert!(date(year, 1, 21) <= new_year && new_year <= date(year, 2, 21));
        assert_eq!(region("CN").is_holiday(new_year), Ok(true));
    }
    assert_eq!(of(AdDay::PrimeDay, 2020), [(date(2020, 10, 13), date(2020, 10, 14))]);
    assert_eq!(of(AdDay::PrimeDay, 2014), []);
    assert_eq!(AdDay::PrimeDay.windows(2026, None), None);
    assert_eq!(of(AdDay::BackToSchool, 2026), [(date(2026, 7, 15), date(2026, 9, 7))]);
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
    let days = Holidays::new([region("DE")]).with_day(date(2026, 7, 7));
    let (first, last) = (date(2026, 7, 7), date(2026, 10, 31));
    assert_eq!(days.between(first, last), [first, date(2026, 10, 3), last]);
    assert_eq!(days.between(first.saturating_add(1.day()), date(2026, 10, 2)), []);
    assert_eq!(days.between(last, first), []);
    for year in [i16::MIN, -9999, 0, 1582, 9999, i16::MAX] {
        let _ = ad_days(year);
        for day in AdDay::ALL {
            let _ = day.windows(year, Some(region("GB")));
        }
    }
    assert!(days.between(date(9999, 12, 1), Date::MAX).len() >= 2);
    assert!(!days.covers(Date::MAX));
}

/// Lead, lag and ranges against a scan of every day.
#[test]
fn lead_and_lag_are_those_of_a_scan() {
    let calendar = UserCalendar::from_csv(
        "date,end,name,region\n2025-12-20,2026-01-02,Sale,GB-ENG\n2026-06-15,,Launch,\n2026-06-20,,X,US\n",
    )
    .unwrap();
    let days = Holidays::new([region("GB-ENG"), region("DE")])
        .with_ad_days(AdDay::ALL)
        .with_calendar(&calendar);
    assert!(!days.is_user_day(date(2026, 6, 20)) && days.is_user_day(date(2026, 1, 1)));
    let (first, last) = (date(2025, 10, 1), date(2027, 3, 1));
    let special: BTreeSet<Date> = first
        .series(1.day())
        .take_while(|day| *day <= last)
        .filter(|day| {
            days.regions().iter().any(|region| region.is_holiday(*day).unwrap())
                || days.is_ad_day(*day)
                || days.is_user_day(*day)
        })
        .collect();
    assert_eq!(days.between(first, last), special.iter().copied().collect::<Vec<_>>());
    for day in date(2026, 1, 1).series(1.day()).take(365) {
        let next = (0..=20_u16).find(|n| special.contains(&(day + i64::from(*n).days())));
        let back = (0..=20_u16).find(|n| special.contains(&(day - i64::from(*n).days())));
        assert_eq!(days.days_to_next(day, 20), next, "{day}");
        assert_eq!(days.days_since_last(day, 20), back, "{day}");
    }
}
