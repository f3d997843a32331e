//! Restatements against a plain recount, account conflicts, shared ids.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]

use campaign_core::{AccountId, AdId, BrandId, Micros, Record, SourceId};
use campaign_features::audit::{AGES, KeyKind, account_conflicts, key_overlap, restatements};
use campaign_features::ingest::{Ingest, IngestConfig};
use campaign_features::reconcile::Metric;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

fn record(day: i8, ad: &str, spend: i64, known_at: Timestamp) -> Record {
    Record {
        brand: BrandId::new("acme").unwrap(),
        source: SourceId::new("meta_ads").unwrap(),
        account: AccountId::new("1").ok(),
        channel: None,
        campaign: None,
        campaign_name: None,
        ad_group: None,
        ad_group_name: None,
        ad: AdId::new(ad).ok(),
        ad_name: None,
        creative: None,
        audience: None,
        country: None,
        breakdown: None,
        date: date(2026, 3, day),
        zone: Some("America/New_York".into()),
        currency: "USD".parse().ok(),
        spend: Micros(spend),
        revenue: None,
        reporting: None,
        impressions: None,
        clicks: None,
        conversions: None,
        video_views: None,
        attribution_window: None,
        known_at,
    }
}

/// The end of 8 March 2026 in New York, a day of 23 hours.
fn end() -> Timestamp {
    "2026-03-09T04:00:00Z".parse().unwrap()
}

#[test]
fn a_value_that_settles() {
    let at = |days: i64| end() + SignedDuration::from_hours(24 * days);
    let versions = [
        record(8, "7", 50, at(0)),
        record(8, "7", 80, at(2)),
        record(8, "7", 100, at(7)),
        // Another ad that is first heard of after four days.
        record(8, "8", 10, at(4)),
        // The source was heard of until 28 days after.
        record(20, "7", 1, at(28)),
    ];
    let rows = restatements(&versions, &AGES);
    let of =
        |age: u16| rows.iter().find(|r| (r.metric, r.age_days) == (Metric::Spend, age)).unwrap();
    let numbers = |age| {
        let r = of(age);
        ((r.facts, r.unknown, r.changed), (r.then, r.latest, r.moved))
    };
    assert_eq!(numbers(1), ((3, 2, 1), (50, 111, 61)));
    assert_eq!(numbers(3), ((3, 2, 1), (80, 111, 31)));
    // At exactly seven days the version of that instant is known.
    assert_eq!(numbers(7), ((3, 1, 0), (110, 111, 1)));
    assert_eq!(numbers(28), ((2, 0, 0), (110, 110, 0)));
    assert_eq!((of(28).rate(), of(28).completeness()), (Some(0.0), Some(1.0)));
    assert_eq!(of(1).rate(), Some(61.0 / 111.0));
    assert!(rows.iter().all(|r| r.metric == Metric::Spend));
    assert!(restatements([], &AGES).is_empty());
}

proptest! {
    #[test]
    fn as_a_scan_of_all_versions(
        versions in prop::collection::vec((1..20_i8, 0..2_u8, -100..100_i64, 0..60_i64), 1..25),
        age in 0..30_u16,
    ) {
        let start: Timestamp = "2026-03-01T05:00:00Z".parse().unwrap();
        let records: Vec<Record> = (0..)
            .zip(&versions)
            // Seconds apart, so that no two versions are known at one instant.
            .map(|(n, (day, ad, spend, days))| {
                let known = start + SignedDuration::from_secs(86_400 * days + n);
                record(*day, &ad.to_string(), *spend, known)
            })
            .collect();
        let heard = records.iter().map(|r| r.known_at).max().unwrap();
        let mut expected = (0_u64, 0_i64, 0_i64, 0_i64);
        for day in 1..20_i8 {
            for ad in ["0", "1"] {
                let of = |r: &&Record| r.date == date(2026, 3, day) && r.ad.as_ref().unwrap().as_str() == ad;
                let zone = campaign_core::time::zone("America/New_York").unwrap();
                let midnight = date(2026, 3, day + 1).to_zoned_datetime(zone).unwrap().timestamp();
                let at = midnight + SignedDuration::from_hours(24 * i64::from(age));
                let latest = records.iter().filter(of).max_by_key(|r| r.known_at);
                let then = records.iter().filter(of).filter(|r| r.known_at <= at).max_by_key(|r| r.known_at);
                if let Some(latest) = latest && heard >= at {
                    let then = then.map_or(0, |r| r.spend.0);
                    expected.0 += 1;
                    expected.1 += then;
                    expected.2 += latest.spend.0;
                    expected.3 += (latest.spend.0 - then).abs();
                }
            }
        }
        let rows = restatements(&records, &[age]);
        let got = rows.first().map_or((0, 0, 0, 0), |r| (r.facts, r.then, r.latest, r.moved));
        prop_assert_eq!(got, expected);
    }
}

#[test]
fn accounts_of_two_currencies_or_zones() {
    let clean = record(8, "7", 1, end());
    let mut other = clean.clone();
    assert!(account_conflicts([&clean, &other]).is_empty());
    other.currency = None;
    other.zone = Some("UTC".into());
    let conflicts = account_conflicts([&clean, &clean, &other]);
    let [conflict] = &conflicts[..] else { panic!("{conflicts:?}") };
    assert_eq!(conflict.account.as_deref(), Some("1"));
    assert_eq!((conflict.currencies["USD"], conflict.currencies["null"]), (2, 1));
    assert_eq!((conflict.zones["America/New_York"], conflict.zones["UTC"]), (2, 1));
}

#[test]
fn orders_of_two_systems() {
    let mut ingest = Ingest::new(IngestConfig::new("acme")).unwrap();
    let orders = "order_id,ordered_at,known_at,value,currency,utm_source,utm_content\n\
                  1001,2026-05-04T16:00:00Z,2026-05-05T06:00:00Z,180.40,USD,facebook,3201\n";
    let meta = "Day,Ad ID,Amount spent (USD)\n2026-05-04,3201,1\n2026-05-04,3202,1\n";
    ingest.read_bytes("o.csv", orders.as_bytes());
    ingest.read_bytes("m.csv", meta.as_bytes());
    let overlaps = key_overlap(&ingest.finish().unwrap());
    let [ads] = &overlaps[..] else { panic!("{overlaps:?}") };
    assert_eq!((ads.kind, ads.left.as_str(), ads.right.as_str()), (KeyKind::Ad, "crm", "meta_ads"));
    assert_eq!((ads.left_ids, ads.right_ids, ads.shared, ads.share()), (1, 2, 1, 1.0));
}
