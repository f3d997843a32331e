//! Reports of three levels of one account, read together: "69.96 of 211.12 missing".

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]

use campaign_core::Micros;
use campaign_features::fx::FxTable;
use campaign_features::ingest::{Ingest, IngestConfig, Ingested, Level, SourceDefaults};
use campaign_features::reconcile::{ConflictKind, Metric, is_unallocated};
use jiff::civil::date;

const ADS: &[u8] = include_bytes!("data/levels_ads.csv");
const CAMPAIGNS: &[u8] = include_bytes!("data/levels_campaigns.csv");
const ACCOUNT: &[u8] = include_bytes!("data/levels_account.csv");

fn config() -> IngestConfig {
    let stated = SourceDefaults::new().with_currency("EUR").with_zone("Europe/Berlin");
    IngestConfig::new("acme").with_source("google_ads", stated)
}

fn read(config: IngestConfig, files: &[(&str, &[u8])]) -> Ingested {
    let mut ingest = Ingest::new(config).unwrap();
    for (name, bytes) in files {
        ingest.read_bytes(name, bytes);
    }
    let out = ingest.finish().unwrap();
    for source in &out.sources {
        assert_eq!((source.rejected, source.platform.as_deref()), (0, Some("google_ads")));
    }
    out
}

const FILES: [(&str, &[u8]); 3] =
    [("account.csv", ACCOUNT), ("ads.csv", ADS), ("campaigns.csv", CAMPAIGNS)];

#[test]
fn what_only_coarser_reports_have_is_in_the_records() {
    let out = read(config(), &FILES);
    let levels: Vec<_> = out.sources.iter().map(|source| source.level).collect();
    assert_eq!(levels, [Some(Level::Account), Some(Level::Ad), Some(Level::Campaign)]);
    let first = |day| out.records.iter().filter(move |r| r.date == day);
    let sum = |day| first(day).map(|r| r.spend.0).sum::<i64>();
    assert_eq!(sum(date(2026, 9, 1)), 211_120_000);
    let missing: Vec<_> = out
        .records
        .iter()
        .filter(|r| is_unallocated(r))
        .map(|r| {
            let campaign = r.campaign.as_ref().map_or("", |id| id.as_str());
            (campaign, r.spend.to_string(), r.impressions, r.clicks)
        })
        .collect();
    let expected = [
        // The account has 4.96 that no campaign has, and its impressions and clicks are all told.
        ("", "4.96".to_owned(), Some(20), Some(0)),
        ("71", "5".to_owned(), Some(30), Some(1)),
        ("72", "60".to_owned(), Some(4000), Some(2)),
    ];
    assert_eq!(missing, expected);
    assert_eq!(out.coverage.unallocated_records, 3);
    assert!(out.records.is_sorted_by_key(|r| (r.date, r.campaign.clone(), r.ad.clone())));
    let known: Vec<_> = first(date(2026, 9, 1))
        .filter(|r| is_unallocated(r))
        .map(|r| r.known_at.to_string())
        .collect();
    assert_eq!(known[0], "2026-09-03T06:00:00Z");
    assert_eq!(known[1], "2026-09-03T05:00:00Z");
}

#[test]
fn both_sides_stand_in_the_coverage() {
    let out = read(config(), &FILES);
    let spend = out.coverage.levels.iter().find(|b| b.metric == Metric::Spend).unwrap();
    // On the second day the ads have one euro more than the account.
    assert_eq!((spend.days, spend.total, spend.finest), (2, 220_120_000, 151_160_000));
    assert_eq!((spend.unallocated, spend.excess), (69_960_000, 1_000_000));
    let [conflict] = &out.conflicts[..] else { panic!("{:?}", out.conflicts) };
    assert_eq!((conflict.level, conflict.date), (Level::Account, date(2026, 9, 2)));
    let kind = ConflictKind::Exceeds { metric: Metric::Spend, parts: 10_000_000, total: 9_000_000 };
    assert_eq!(conflict.kind, kind);
    let join = out.coverage.joins.iter().find(|join| join.what.starts_with("total")).unwrap();
    assert_eq!((join.owed, join.joined), (5, 4));
    assert_eq!((out.coverage.level_conflicts, out.coverage.levels_not_compared.clone()), (1, None));
    let json = serde_json::to_value(&out.coverage).unwrap();
    assert_eq!(json["levels"][0]["currency"], "EUR");
}

#[test]
fn the_order_of_files_changes_nothing_and_reading_twice_neither() {
    let once = read(config(), &FILES);
    let mut files = FILES.to_vec();
    files.reverse();
    assert_eq!(read(config(), &files).records, once.records);
    files.extend(FILES);
    let twice = read(config(), &files);
    assert_eq!((&twice.records, &twice.coverage.levels), (&once.records, &once.coverage.levels));
}

#[test]
fn only_where_asked_and_in_the_reporting_currency() {
    let out = read(config().with_unallocated(false), &FILES);
    assert!(out.records.iter().all(|r| !is_unallocated(r)) && out.conflicts.is_empty());
    assert_eq!((out.records.len(), out.coverage.levels.len()), (3, 0));
    let rates = FxTable::from_csv("Date,USD\n2026-09-01,1.5\n2026-09-02,1.5\n").unwrap();
    let out = read(config().with_reporting_currency("USD").with_fx(rates), &FILES);
    let sum: i64 = out
        .records
        .iter()
        .filter(|r| r.date == date(2026, 9, 1))
        .map(|r| r.reporting.unwrap().spend.0)
        .sum();
    assert_eq!(sum, 316_680_000);
    let currency = out.coverage.joins.iter().find(|j| j.what.contains("reporting")).unwrap();
    assert_eq!((currency.owed, currency.joined), (6, 6));
}

#[test]
fn ads_alone_owe_nothing() {
    let out = read(config(), &[("ads.csv", ADS)]);
    assert_eq!((out.coverage.unallocated_records, out.coverage.levels.len()), (0, 0));
    assert!(out.coverage.joins.is_empty());
    assert_eq!(out.records.iter().map(|r| r.spend).max(), Some(Micros(100_000_000)));
}
