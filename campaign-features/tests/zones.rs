//! Alignment of zones against a count of minutes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]

use std::collections::BTreeMap;
use std::sync::Arc;

use campaign_core::money::apportion;
use campaign_core::record::Reporting;
use campaign_core::time::{AccountDay, zone};
use campaign_core::{BrandId, Micros, Record, SourceId};
use campaign_features::zone::{
    AlignError, Alignment, Measured, align, align_records, days, hours, split,
};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use proptest::prelude::*;

/// Whole hours, half hours, three quarters, both hemispheres, clock changes of half an hour.
const ZONES: [&str; 9] = [
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Etc/GMT+5",
    "Pacific/Apia",
];

/// Minutes of an interval per civil date of a zone.
fn minutes(start: Timestamp, end: Timestamp, to: &TimeZone) -> BTreeMap<Date, u32> {
    let mut out = BTreeMap::new();
    let mut at = start;
    while at < end {
        *out.entry(to.to_datetime(at).date()).or_insert(0) += 1;
        at += SignedDuration::from_mins(1);
    }
    out
}

/// Largest remainders on whole numbers, the first of equal ones first.
fn hamilton(total: i64, weights: &[u32]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|w| i128::from(*w)).sum();
    let magnitude = i128::from(total.unsigned_abs());
    let mut parts: Vec<(i128, i128)> = weights
        .iter()
        .map(|w| (magnitude * i128::from(*w) / sum, magnitude * i128::from(*w) % sum))
        .collect();
    let left = magnitude - parts.iter().map(|p| p.0).sum::<i128>();
    for _ in 0..left {
        let most = parts.iter().map(|p| p.1).max().unwrap();
        let one = parts.iter_mut().find(|p| p.1 == most).unwrap();
        *one = (one.0 + 1, -1);
    }
    parts.iter().map(|p| (p.0 * i128::from(total.signum())) as i64).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn days_are_divided_by_minutes(
        from in 0..ZONES.len(), to in 0..ZONES.len(), first in 0..700_i64,
        amounts in prop::collection::vec(-1_000_000_000..1_000_000_000_i64, 1..6),
    ) {
        let (from, to) = (zone(ZONES[from]).unwrap(), zone(ZONES[to]).unwrap());
        let dated: Vec<(Date, i64)> = (0..)
            .zip(&amounts)
            .map(|(n, amount)| (date(2025, 2, 1) + (first + n).days(), *amount))
            .collect();
        let mut expected: BTreeMap<Date, (i64, u32, u32)> = BTreeMap::new();
        for (day, amount) in &dated {
            let day = AccountDay::new(*day, &from).unwrap();
            let by_date = minutes(day.start(), day.end(), &to);
            let weights: Vec<u32> = by_date.values().copied().collect();
            for (date, part) in by_date.keys().zip(hamilton(*amount, &weights)) {
                let sum = expected.entry(*date).or_default();
                sum.0 += part;
                sum.1 += by_date[date];
                sum.2 += if weights.len() > 1 { by_date[date] } else { 0 };
            }
        }
        let got = align(&days(dated, &from).unwrap(), &to).unwrap();
        prop_assert_eq!(got.iter().map(|d| d.amount).sum::<i64>(), amounts.iter().sum::<i64>());
        prop_assert_eq!(got.len(), expected.len());
        for (day, (date, (amount, measured, divided))) in got.iter().zip(expected) {
            prop_assert_eq!((day.day.date(), day.amount), (date, amount));
            let length = (day.day.hours() * 60.0).round();
            prop_assert!((day.covered - f64::from(measured) / length).abs() < 1e-12);
            match day.alignment {
                Alignment::Exact => prop_assert_eq!(divided, 0),
                Alignment::Apportioned { share } => {
                    let expected = f64::from(divided) / f64::from(measured);
                    prop_assert!(divided > 0 && (share - expected).abs() < 1e-12);
                }
                _ => panic!("another alignment"),
            }
        }
    }

    #[test]
    fn hours_are_exact_where_zones_differ_by_whole_hours(
        to in 0..ZONES.len(), first in 0..9000_i64, count in 1..200_i64,
    ) {
        let name = ZONES[to];
        let to = zone(name).unwrap();
        let start: Timestamp = "2025-02-01T00:00:00Z".parse().unwrap();
        let at = |n: i64| start + SignedDuration::from_hours(first + n);
        let measured = hours((0..count).map(|n| (at(n), 1_000 + n))).unwrap();
        let got = align(&measured, &to).unwrap();
        let total: i64 = (0..count).map(|n| 1_000 + n).sum();
        prop_assert_eq!(got.iter().map(|d| d.amount).sum::<i64>(), total);
        let whole = ["UTC", "America/New_York", "Europe/Berlin", "Etc/GMT+5", "Pacific/Apia"];
        if whole.contains(&name) {
            let mut expected: BTreeMap<Date, i64> = BTreeMap::new();
            for n in 0..count {
                *expected.entry(to.to_datetime(at(n)).date()).or_default() += 1_000 + n;
            }
            let got_days: BTreeMap<Date, i64> =
                got.iter().map(|d| (d.day.date(), d.amount)).collect();
            prop_assert_eq!(got_days, expected);
            prop_assert!(got.iter().all(|d| d.alignment == Alignment::Exact));
        } else if count > 48 && name != "Australia/Lord_Howe" {
            // Lord Howe differs by whole hours in summer only.
            prop_assert!(got.iter().any(|d| d.alignment != Alignment::Exact));
        }
    }

    #[test]
    fn parts_tile_any_interval(to in 0..ZONES.len(), start in -4_000_000_000..4_000_000_000_i64,
                               seconds in 1..10_000_000_i64) {
        let to = zone(ZONES[to]).unwrap();
        let start = Timestamp::from_second(start).unwrap();
        let end = start + SignedDuration::from_secs(seconds);
        let parts = split(start, end, &to).unwrap();
        prop_assert_eq!(parts.iter().map(|p| p.seconds).sum::<f64>(), seconds as f64);
        prop_assert!(parts.iter().all(|p| p.seconds > 0.0));
        prop_assert!(parts.windows(2).all(|p| p[0].day.date() < p[1].day.date()));
        prop_assert!(parts[0].day.contains(start));
    }
}

#[test]
fn clock_changes_and_lost_days() {
    let (utc, new_york) = (zone("UTC").unwrap(), zone("America/New_York").unwrap());
    // 23 hours of which 19 lie on the 8th in UTC.
    let spring = days([(date(2026, 3, 8), 23_000)], &new_york).unwrap();
    let got = align(&spring, &utc).unwrap();
    assert_eq!(got.iter().map(|d| d.amount).collect::<Vec<_>>(), [19_000, 4_000]);
    // Samoa left out 30 December 2011: the day has no interval.
    let apia = zone("Pacific/Apia").unwrap();
    let lost = days([(date(2011, 12, 30), 5)], &apia).unwrap();
    assert!(matches!(align(&lost, &utc), Err(AlignError::Interval { .. })));
    // St John's once turned its clocks back from 00:01 to 23:01 of the day before.
    let st_johns = zone("America/St_Johns").unwrap();
    let night: Timestamp = "2010-11-07T01:00:00Z".parse().unwrap();
    let parts = split(night, night + SignedDuration::from_hours(48), &st_johns).unwrap();
    assert_eq!(parts.iter().map(|p| p.seconds / 60.0).sum::<f64>(), 48.0 * 60.0);
}

#[test]
fn bad_intervals() {
    let utc = zone("UTC").unwrap();
    let now: Timestamp = "2026-05-04T00:00:00Z".parse().unwrap();
    let backwards = Measured::new(now, now - SignedDuration::from_secs(1), 1);
    assert!(matches!(align(&[backwards], &utc), Err(AlignError::Interval { .. })));
    assert!(matches!(hours([(Timestamp::MAX, 1)]), Err(AlignError::Interval { .. })));
    assert!(days([(Date::MAX, 1)], &utc).is_err());
    let most = Measured::new(now, now + SignedDuration::from_hours(1), i64::MAX);
    let error = align(&[most, most], &utc).unwrap_err();
    assert!(matches!(error, AlignError::Money { .. }), "{error}");
    assert!(align(&[], &utc).unwrap().is_empty());
}

fn record(day: Date, own: Option<&str>) -> Record {
    Record {
        brand: BrandId::new("acme").unwrap(),
        source: SourceId::new("meta_ads").unwrap(),
        account: None,
        channel: None,
        campaign: None,
        campaign_name: None,
        ad_group: None,
        ad_group_name: None,
        ad: None,
        ad_name: None,
        creative: None,
        audience: None,
        country: None,
        breakdown: None,
        date: day,
        zone: own.map(Arc::from),
        currency: "USD".parse().ok(),
        spend: Micros(10_000_001),
        revenue: Some(Micros(7)),
        reporting: Some(Reporting {
            currency: "EUR".parse().unwrap(),
            rate: "0.5".parse().unwrap(),
            spend: Micros(5_000_001),
            revenue: Some(Micros(3)),
        }),
        impressions: Some(1001),
        clicks: Some(13),
        conversions: Some(2.5),
        video_views: None,
        attribution_window: None,
        known_at: "2026-06-01T00:00:00Z".parse().unwrap(),
    }
}

#[test]
fn parts_of_a_record_add_up_to_it() {
    let own = record(date(2026, 5, 4), Some("America/Los_Angeles"));
    let parts = align_records(std::slice::from_ref(&own), "Asia/Kolkata").unwrap();
    assert_eq!(parts.len(), 2);
    // Midnight in Los Angeles is 12:30 in India.
    let share = 11.5 / 24.0;
    assert_eq!(parts[0].alignment, Alignment::Apportioned { share });
    assert_eq!(
        parts.iter().map(|p| (p.record.date, p.of)).collect::<Vec<_>>(),
        [(date(2026, 5, 4), 0), (date(2026, 5, 5), 0)]
    );
    let weights = [11.5, 12.5];
    let spends: Vec<Micros> = parts.iter().map(|p| p.record.spend).collect();
    assert_eq!(spends, apportion(own.spend, &weights).unwrap());
    let sum = |of: &dyn Fn(&Record) -> f64| parts.iter().map(|p| of(&p.record)).sum::<f64>();
    assert_eq!(sum(&|r| r.spend.0 as f64), 10_000_001.0);
    assert_eq!(sum(&|r| r.revenue.unwrap().0 as f64), 7.0);
    assert_eq!(sum(&|r| r.reporting.unwrap().spend.0 as f64), 5_000_001.0);
    assert_eq!(sum(&|r| r.reporting.unwrap().revenue.unwrap().0 as f64), 3.0);
    assert_eq!(sum(&|r| r.impressions.unwrap() as f64), 1001.0);
    assert_eq!(sum(&|r| r.clicks.unwrap() as f64), 13.0);
    assert_eq!(sum(&|r| r.conversions.unwrap()), 2.5);
    assert!(parts.iter().all(|p| p.record.video_views.is_none()));
    assert!(parts.iter().all(|p| p.record.zone.as_deref() == Some("Asia/Kolkata")));
    assert!(parts.iter().all(|p| p.record.known_at == own.known_at));
}

#[test]
fn records_that_need_no_division_and_those_that_cannot_be_divided() {
    let same = record(date(2026, 1, 4), Some("Europe/Berlin"));
    // Paris keeps Berlin's hours.
    for to in ["Europe/Berlin", "Europe/Paris"] {
        let out = align_records(std::slice::from_ref(&same), to).unwrap();
        assert_eq!((out.len(), out[0].alignment), (1, Alignment::Exact));
        assert_eq!((out[0].record.date, out[0].record.spend), (same.date, same.spend));
    }
    let without = record(date(2026, 1, 4), None);
    let error = align_records(&[same.clone(), without], "UTC").unwrap_err();
    assert!(matches!(error, AlignError::NoZone { record: 1, .. }), "{error}");
    let mut month = same.clone();
    month.breakdown = Some("device=phone;period=2026-01-01/2026-01-31".into());
    assert!(matches!(align_records(&[month], "UTC"), Err(AlignError::Period { record: 0, .. })));
    let mut odd = same.clone();
    odd.conversions = Some(f64::NAN);
    assert!(matches!(
        align_records(&[odd], "UTC"),
        Err(AlignError::Count { field: "conversions", .. })
    ));
    let mut huge = same.clone();
    huge.clicks = Some(u64::MAX);
    assert!(matches!(align_records(&[huge], "UTC"), Err(AlignError::Count { .. })));
    assert!(matches!(align_records(&[same], "Mars/Olympus"), Err(AlignError::Time(_))));
}
