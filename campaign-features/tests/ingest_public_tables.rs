//! Tables that no one here made: every total must come out to the digit.
//!
//! `CAMPAIGN_DATA` names the folder of public data sets; a run without it says so and passes.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::collections::BTreeMap;
use std::path::PathBuf;

use campaign_core::Micros;
use campaign_features::ingest::{Ingest, IngestConfig, Ingested, Kind, Mapping};

fn folder(name: &str) -> Option<PathBuf> {
    let found = std::env::var_os("CAMPAIGN_DATA").map(|root| PathBuf::from(root).join(name));
    let found = found.filter(|path| path.is_dir());
    if found.is_none() {
        eprintln!("CAMPAIGN_DATA names no folder {name}: nothing was tested");
    }
    found
}

fn read(path: &std::path::Path, config: IngestConfig) -> Ingested {
    let mut ingest = Ingest::new(config).unwrap();
    let mut seen = 0;
    ingest.read_path_with(path, &mut |progress| seen = progress.done).unwrap();
    let out = ingest.finish().unwrap();
    assert_eq!(seen, out.sources.len());
    assert!(out.sources.iter().all(|s| s.balances()));
    out
}

#[test]
fn every_total_of_meta_google_tiktok_and_ga4() {
    let Some(root) = folder("ad-platform-exports") else { return };
    let out = read(&root, IngestConfig::new("b"));
    let reports: BTreeMap<&str, _> = out.sources.iter().map(|s| (s.file.as_str(), s)).collect();
    let mut totals = csv::Reader::from_path(root.join("totals.csv")).unwrap();
    let header = totals.headers().unwrap().clone();
    let mut checked = 0;
    for row in totals.records().map(Result::unwrap) {
        let cell = |name: &str| {
            let at = header.iter().position(|h| h == name).unwrap();
            row.get(at).filter(|text| !text.is_empty())
        };
        let (platform, file) = (cell("platform").unwrap(), cell("file").unwrap());
        if !["facebook_ads", "google_ads", "tiktok_ads", "ga4"].contains(&platform) {
            continue;
        }
        let report = reports[format!("{platform}/{file}").as_str()];
        assert_eq!(report.rows_in.to_string(), cell("rows").unwrap(), "{file}");
        assert_eq!((report.rejected, report.duplicate), (0, 0), "{file}");
        let entities = file.contains("history") || file.contains("advertiser");
        assert_eq!(report.kind, if entities { Kind::Entities } else { Kind::Facts }, "{file}");
        let number = |name| cell(name).map(|text| text.parse::<f64>().unwrap());
        let whole = |name| number(name).map(|n| n as u64);
        let spend = Micros(report.spend.0.values().map(|m| m.0).sum());
        if let Some(text) = cell("spend") {
            assert_eq!(spend, text.parse().unwrap(), "{file}");
        }
        if let Some(micros) = number("cost_micros") {
            assert_eq!(spend, Micros(micros as i64), "{file}");
        }
        let clicks = whole("clicks").or(whole("inline_link_clicks"));
        assert_eq!(report.clicks, clicks, "{file}");
        assert_eq!(report.impressions, whole("impressions"), "{file}");
        let amounts = file.contains("action_values");
        let conversions = number("conversions").or(number("conversion"));
        let conversions = conversions.or(number("value").filter(|_| !amounts));
        if platform != "ga4" {
            assert_eq!(report.conversions, conversions, "{file}");
        }
        let revenue = cell("conversions_value").or(cell("value").filter(|_| amounts));
        if let Some(text) = revenue {
            let sum = Micros(report.revenue.0.values().map(|m| m.0).sum());
            assert_eq!(sum, text.parse().unwrap(), "{file}");
        }
        checked += 1;
    }
    assert_eq!(checked, 33);

    // The finest level alone is in the records, apart from what only coarser tables have.
    let sum = |source: &str| {
        let rows = out.records.iter().filter(|r| r.source.as_str() == source);
        let rows = rows.filter(|r| !campaign_features::reconcile::is_unallocated(r));
        rows.fold((0, Micros::ZERO), |(n, sum), r| (n + 1, sum.checked_add(r.spend).unwrap()))
    };
    assert_eq!(sum("meta_ads"), (10, "643.63".parse().unwrap()));
    assert_eq!(sum("google_ads"), (10, Micros::ZERO));
    assert_eq!(sum("tiktok_ads"), (4, "2.66".parse().unwrap()));
    // The currency and zone of the account tables reach the rows; CAN is no currency.
    let google = |r: &&campaign_core::Record| r.source.as_str() == "google_ads" && r.ad.is_some();
    let google = out.records.iter().find(google).unwrap();
    assert_eq!(google.currency.unwrap().code(), "USD");
    // The cells of this table's only row stand one column to the left from the sixth on, so that its
    // time_zone cell is empty: the zone is not known, rather than guessed.
    assert_eq!(google.zone, None);
    assert_eq!(google.ad_group.as_ref().unwrap().as_str(), "100031227574");
    let tiktok: Vec<_> = out.records.iter().filter(|r| r.source.as_str() == "tiktok_ads").collect();
    let tiktok: Vec<_> = tiktok.into_iter().filter(|r| r.ad.is_some()).collect();
    let of = |account: &str| {
        tiktok.iter().find(|r| r.account.as_ref().is_some_and(|a| a.as_str() == account)).unwrap()
    };
    assert_eq!(of("1").currency.unwrap().code(), "USD");
    assert_eq!(of("1").zone.as_deref(), Some("Etc/GMT+5"));
    assert_eq!(of("2").currency, None);
    assert!(tiktok.iter().all(|r| r.creative.is_some()));
    let meta = |r: &&campaign_core::Record| r.source.as_str() == "meta_ads" && r.ad.is_some();
    let meta = out.records.iter().find(meta).unwrap();
    assert!(meta.ad_name.is_some() && meta.campaign_name.is_some());
}

#[test]
fn a_table_without_days_through_a_mapping() {
    let Some(root) = folder("facebook-ad-conversions") else { return };
    let mapping = Mapping::from_toml(
        r#"
        name = "facebook_conversions"
        currency = "USD"
        period = { start = "2017-08-17", end = "2017-08-30" }
        value_per_conversion = 100.0
        [columns]
        ad_id = "ad"
        xyz_campaign_id = "campaign"
        fb_campaign_id = "ad_group"
        age = "audience"
        gender = "audience"
        interest = "audience"
        Impressions = "impressions"
        Clicks = "clicks"
        Spent = "spend"
        Total_Conversion = "metric"
        Approved_Conversion = "conversions"
        "#,
    )
    .unwrap();
    let out = read(&root, IngestConfig::new("b").with_mapping(mapping));
    let report = out.sources.iter().find(|s| s.rows_in > 0).unwrap();
    assert_eq!((report.rows_in, report.ok), (1143, 1143));
    assert_eq!((report.impressions, report.clicks), (Some(213_434_828), Some(38_165)));
    assert_eq!(report.conversions, Some(1079.0));
    let spend = report.spend.get("USD".parse().ok());
    assert_eq!((spend.0 + 5_000) / 10_000, 5_870_523);
    let of_ad = |r: &&campaign_core::Record| r.ad.as_ref().is_some_and(|a| a.as_str() == "708746");
    let first = out.records.iter().find(of_ad).unwrap();
    assert_eq!(first.audience.as_ref().unwrap().as_str(), "age=30-34;gender=M;interest=15");
    assert_eq!(first.breakdown.as_deref(), Some("period=2017-08-17/2017-08-30"));
    assert_eq!(first.known_at.to_string(), "2017-08-31T00:00:00Z");
    let revenue: i64 = out.records.iter().filter_map(|r| r.revenue).map(|m| m.0).sum();
    assert_eq!(revenue, 107_900_000_000);
}

#[test]
fn what_is_not_known_is_said_and_not_fatal() {
    let folder = tempfile::tempdir().unwrap();
    let table = "panel,week of,rent,passers\n7,2026-05-04,120.50,9000\n";
    std::fs::write(folder.path().join("billboards.csv"), table).unwrap();
    let out = read(folder.path(), IngestConfig::new("b"));
    assert!(out.sources.iter().all(|s| s.kind == Kind::Unrecognised));
    assert!(out.sources.iter().all(|s| s.problem.is_some() && s.rows_in == 0 && s.skipped > 0));
}
