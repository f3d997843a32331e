//! Records to features: what a record becomes, and which rows it asks for.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use campaign_core::{Micros, Record};
use campaign_features::engine::local;
use campaign_features::feature::FeatureError;
use campaign_features::feature::plan::{Window, day_number};
use campaign_features::feature::source::{Decision, RECORD_KINDS, RecordSources};
use campaign_features::feature::spec::{Aggregate, FeatureSpec, Statistic};
use campaign_features::ingest::{Ingest, IngestConfig, SourceDefaults};
use jiff::civil::date;

fn records(zone: &str) -> Vec<Record> {
    let meta = "Day,Campaign ID,Ad ID,Amount spent (EUR),Impressions,Exported at\n\
                2026-03-28,9,7,1.5,10,2026-03-29T06:00:00Z\n\
                2026-03-29,9,7,2,20,2026-03-30T06:00:00Z\n\
                2026-03-30,9,7,4,40,2026-03-31T06:00:00Z\n\
                2026-03-30,9,8,8,80,2026-03-31T06:00:00Z\n";
    let restated = "Day,Campaign ID,Ad ID,Amount spent (EUR),Impressions,Exported at\n\
                    2026-03-28,9,7,100,10,2026-03-30T12:00:00Z\n";
    let config = IngestConfig::new("acme")
        .with_source("meta_ads", SourceDefaults::new().with_zone(zone))
        .with_history(true);
    let mut ingest = Ingest::new(config).unwrap();
    ingest.read_bytes("a.csv", meta.as_bytes());
    ingest.read_bytes("b.csv", restated.as_bytes());
    let mut all = Vec::new();
    let rest = ingest.finish_into(&mut |version| {
        all.push(version.record);
        Ok(())
    });
    assert_eq!(rest.unwrap().sources[0].restated, 1);
    all
}

#[test]
fn each_day_sees_what_was_known_when_it_began() {
    let mut sources = RecordSources::new().unwrap();
    for record in records("Europe/Berlin").iter().rev() {
        sources.push(record).unwrap();
    }
    let sources = sources.finish().unwrap();
    let requests = sources.record_days(&["ad", "campaign"], &Decision::default()).unwrap();
    assert_eq!(requests.len(), 4);
    // The 29th begins at 23:00 UTC the day before, the 30th, after the change of clocks, at 22:00.
    let hour = |cutoff: i64| cutoff.div_euclid(3_600_000_000).rem_euclid(24);
    assert_eq!(requests.cutoff.iter().map(|&c| hour(c)).collect::<Vec<_>>(), [23, 23, 22, 22]);
    let sum = |entity, window| Aggregate::new(entity, "records", Statistic::Sum, "spend", window);
    let spec = FeatureSpec::new([
        sum("ad", Window::trailing(7)),
        sum("campaign", Window::trailing(7)),
        sum("ad", Window::lag(2)),
    ]);
    let table = local::run(&spec.compile(&sources.schema()).unwrap(), &sources, &requests).unwrap();
    let rows: Vec<_> = (0..table.n_rows())
        .map(|row| {
            let ad = table.key(0, row).unwrap().to_string();
            let values: Vec<f64> = table.values().row(row).to_vec();
            (ad, table.day(row).unwrap(), values)
        })
        .collect();
    let nan = f64::NAN;
    let expected = [
        ("meta_ads/7", date(2026, 3, 28), [nan, nan, nan]),
        // The first day's row is exported at 06:00 UTC, when the second day has begun.
        ("meta_ads/7", date(2026, 3, 29), [nan, nan, nan]),
        // Its restatement comes after the third day has begun.
        ("meta_ads/7", date(2026, 3, 30), [1.5, 1.5, 1.5]),
        ("meta_ads/8", date(2026, 3, 30), [nan, 1.5, nan]),
    ];
    for ((ad, day, values), (expected_ad, expected_day, expected)) in rows.iter().zip(expected) {
        assert_eq!((ad.as_str(), *day), (expected_ad, expected_day));
        let same = |(a, b): (&f64, f64)| *a == b || (a.is_nan() && b.is_nan());
        assert!(values.iter().zip(expected).all(same), "{ad} {day}: {values:?}");
    }
    // A day later both the restatement and the second day are known.
    let mut later = sources.requests();
    let day = day_number(date(2026, 4, 1));
    let mut keys = vec![campaign_features::feature::source::NONE; RECORD_KINDS.len()];
    keys[0] = sources.key(0, "meta_ads/7");
    later.push(&keys, day, i64::from(day) * 86_400_000_000).unwrap();
    let table = local::run(&spec.compile(&sources.schema()).unwrap(), &sources, &later).unwrap();
    assert_eq!(table.values()[(0, 0)], 106.0);
}

#[test]
fn amounts_of_two_currencies_are_not_added() {
    let mut two = records("UTC");
    two[3].currency = Some("USD".parse().unwrap());
    let mut sources = RecordSources::new().unwrap();
    let failed = two.iter().map(|record| sources.push(record)).find_map(Result::err).unwrap();
    assert!(matches!(failed, FeatureError::Currencies { row: 3, first_row: 0, .. }), "{failed}");
    // A record without money can be added to any.
    two[3].spend = Micros::ZERO;
    sources.push(&two[3]).unwrap();
}

#[test]
fn a_kind_that_nobody_names_is_an_error() {
    let sources = RecordSources::new().unwrap().finish().unwrap();
    let failed = sources.record_days(&["keyword"], &Decision::default()).unwrap_err();
    assert!(failed.to_string().starts_with("entity kind \"keyword\""), "{failed}");
    // No records ask for no rows.
    assert!(sources.record_days(&["ad"], &Decision::default()).unwrap().is_empty());
}
