//! Exports and tables of Snapchat, Pinterest, Reddit, X, Meta, TikTok, GA4 and CRM systems, with sums made by
//! hand.
//!
//! The fixtures are made after documented columns and public fixtures; no row of them is real.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use campaign_core::{Micros, Record};
use campaign_features::ingest::{
    Ingest, IngestConfig, Ingested, Kind, Level, SourceDefaults, SourceReport,
};
use proptest::prelude::*;

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn read_with(names: &[&str], config: IngestConfig) -> Ingested {
    let mut ingest = Ingest::new(config).unwrap();
    for name in names {
        ingest.read_bytes(name, &bytes(name));
    }
    let out = ingest.finish().unwrap();
    assert!(out.sources.iter().all(SourceReport::balances));
    out
}

fn read(names: &[&str]) -> Ingested {
    read_with(names, IngestConfig::new("acme"))
}

fn money(text: &str) -> Micros {
    text.parse().unwrap()
}

fn code(text: &str) -> Option<campaign_core::Currency> {
    text.parse().ok()
}

fn counts(report: &SourceReport) -> [u64; 5] {
    [report.rows_in, report.ok, report.rejected, report.duplicate, report.skipped]
}

/// Platform, level, impressions and clicks.
type Seen<'a> = (&'a str, Option<Level>, Option<u64>, Option<u64>);

fn seen(report: &SourceReport) -> Seen<'_> {
    let platform = report.platform.as_deref().unwrap_or_default();
    (platform, report.level, report.impressions, report.clicks)
}

fn day(record: &Record) -> String {
    record.date.to_string()
}

#[test]
fn snapchat_export() {
    let out = read(&["snapchat_export.csv"]);
    let report = &out.sources[0];
    assert_eq!(counts(report), [3, 2, 1, 0, 1]);
    assert_eq!(seen(report), ("snapchat_ads", Some(Level::Ad), Some(6500), Some(120)));
    assert_eq!(report.spend.get(code("USD")), money("19.75"));
    assert_eq!(report.revenue.get(code("USD")), money("150"));
    assert_eq!(report.conversions, Some(3.0));
    assert!(report.unknown_columns.is_empty(), "{:?}", report.unknown_columns);
    let reject = &out.rejects[0];
    assert_eq!((reject.row, reject.column.as_str()), (4, "Paid Impressions"));
    // A period that ends at midnight ends with the day before.
    let first = &out.records[0];
    assert_eq!((day(first).as_str(), first.breakdown.as_deref()), ("2026-05-04", None));
    assert_eq!(first.attribution_window.as_deref(), Some("28-day swipe / 1-day view"));
}

#[test]
fn snapchat_hours_in_micros_become_days_of_the_account() {
    let tables = ["snapchat_ads.csv", "snapchat_squads.csv", "snapchat_campaigns.csv"];
    let mut files = vec!["snapchat_hourly.csv", "snapchat_accounts.csv"];
    files.extend(tables);
    let out = read(&files);
    assert_eq!(seen(&out.sources[0]), ("snapchat_ads", Some(Level::Ad), Some(1100), Some(21)));
    assert_eq!(out.sources[0].conversions, Some(1.0));
    let levels: Vec<_> = out.sources[1..].iter().map(|s| (s.kind, s.level)).collect();
    let entity = |level| (Kind::Entities, Some(level));
    let expected = [Level::Account, Level::Ad, Level::AdGroup, Level::Campaign].map(entity);
    assert_eq!(levels, expected);
    // 03:00 UTC is the evening before in Los Angeles.
    let rows: Vec<_> = out
        .records
        .iter()
        .map(|r| (day(r), r.ad.as_ref().unwrap().as_str(), r.spend, r.currency))
        .collect();
    let row = |day: &str, ad, spend, code| (day.to_owned(), ad, money(spend), code);
    let expected = [
        row("2026-05-03", "a-1", "1.25", code("USD")),
        // An ad that no table describes keeps its metrics; its account is not known.
        row("2026-05-04", "a-gone", "0.5", None),
        row("2026-05-04", "a-1", "2.25", code("USD")),
    ];
    assert_eq!(rows, expected);
    let first = out.records.iter().find(|r| day(r) == "2026-05-03").unwrap();
    assert_eq!(first.revenue, Some(money("25")));
    assert_eq!(
        (first.ad_name.as_deref(), first.campaign_name.as_deref()),
        (Some("Story A"), Some("Spring"))
    );
    assert_eq!(first.zone.as_deref(), Some("America/Los_Angeles"));
}

#[test]
fn pinterest_export_and_table_agree() {
    let export = read(&["pinterest_export.csv"]);
    let report = &export.sources[0];
    assert_eq!(counts(report), [3, 3, 0, 0, 1]);
    assert_eq!(seen(report), ("pinterest_ads", Some(Level::Ad), Some(19_900), Some(450)));
    assert_eq!(report.spend.get(code("EUR")), money("44"));
    assert_eq!(report.revenue.get(code("EUR")), money("107.50"));
    assert_eq!(report.conversions, Some(5.0));
    let table = read(&["pinterest_report.csv"]);
    let report = &table.sources[0];
    // The paid impressions and clicks, not the earned ones beside them.
    assert_eq!(seen(report), ("pinterest_ads", Some(Level::Ad), Some(11_100), Some(250)));
    assert_eq!(report.spend.first(), Some(money("25")));
    assert_eq!(report.revenue.first(), Some(money("107.5")));
    for (a, b) in export.records.iter().zip(&table.records) {
        assert_eq!((day(a), &a.ad, a.spend, a.revenue), (day(b), &b.ad, b.spend, b.revenue));
    }
    assert_eq!(table.records[0].zone.as_deref(), Some("UTC"));
}

#[test]
fn reddit_export_table_and_conversions() {
    let export = read(&["reddit_export.csv"]);
    let report = &export.sources[0];
    assert_eq!(counts(report), [2, 2, 0, 0, 2]);
    assert_eq!(seen(report), ("reddit_ads", Some(Level::Ad), Some(23_000), Some(180)));
    assert_eq!(report.spend.get(code("USD")), money("60"));
    assert_eq!(report.conversions, Some(3.0));
    assert_eq!(report.revenue.get(code("USD")), money("200"));
    assert!(report.notes.is_empty(), "{:?}", report.notes);
    let tables = read(&["reddit_report.csv", "reddit_conversions.csv"]);
    assert_eq!(seen(&tables.sources[0]), seen(report));
    assert_eq!(tables.sources[0].spend.first(), Some(money("60")));
    // Purchases count, leads do not; the second day is beyond the conversions' last.
    let of: Vec<_> = tables.records.iter().map(|r| (r.conversions, r.revenue)).collect();
    assert_eq!(of, [(Some(2.0), Some(money("140"))), (None, None)]);
}

#[test]
fn x_export_and_placements() {
    let out = read(&["x_export.csv"]);
    let report = &out.sources[0];
    assert_eq!(counts(report), [2, 2, 0, 0, 1]);
    assert_eq!(seen(report), ("x_ads", Some(Level::Ad), Some(15_500), Some(300)));
    assert_eq!(report.spend.get(code("GBP")), money("30"));
    let out = read(&["x_promoted_tweets.csv", "x_account.csv"]);
    assert_eq!(seen(&out.sources[0]), ("x_ads", Some(Level::Ad), Some(8300), Some(165)));
    assert_eq!(out.sources[0].spend.first(), Some(money("16.75")));
    // Days begin at 22:00 UTC in Berlin; both placements stand and add up.
    let rows: Vec<_> =
        out.records.iter().map(|r| (day(r), r.breakdown.clone().unwrap(), r.spend)).collect();
    let row = |day: &str, placement: &str, spend| {
        (day.to_owned(), format!("placement={placement}").into(), money(spend))
    };
    assert_eq!(
        rows,
        [
            row("2026-05-04", "ALL_ON_TWITTER", "9"),
            row("2026-05-04", "PUBLISHER_NETWORK", "6.75"),
            row("2026-05-05", "ALL_ON_TWITTER", "1"),
        ]
    );
}

#[test]
fn results_of_meta_count_by_their_kind() {
    let out = read(&["meta_results.csv"]);
    assert_eq!(counts(&out.sources[0]), [3, 3, 0, 0, 1]);
    assert_eq!(out.sources[0].spend.get(code("USD")), money("17.5"));
    let of = |out: &Ingested| -> Vec<_> { out.records.iter().map(|r| r.conversions).collect() };
    assert_eq!(of(&out), [Some(3.0), None, None]);
    let mut config = IngestConfig::new("acme");
    config.meta_actions = vec!["link_click".to_owned()];
    assert_eq!(of(&read_with(&["meta_results.csv"], config)), [None, Some(41.0), None]);
}

#[test]
fn actions_of_meta_in_a_cell() {
    let out = read(&["meta_api.csv"]);
    let report = &out.sources[0];
    assert_eq!(counts(report), [3, 2, 1, 0, 1]);
    assert_eq!(report.spend.get(code("USD")), money("16.5"));
    let reject = &out.rejects[0];
    assert_eq!(
        (reject.row, reject.column.as_str(), reject.value.as_str()),
        (4, "actions", "purchase: 3")
    );
    let (a, b) = (&out.records[0], &out.records[1]);
    assert_eq!((a.conversions, a.revenue), (Some(3.0), Some(money("180.4"))));
    assert_eq!(a.attribution_window.as_deref(), Some("1d_view,7d_click"));
    // A list without purchases says that there were none; no list of values says nothing.
    assert_eq!((b.conversions, b.revenue), (Some(0.0), None));
}

#[test]
fn tiktok_in_german() {
    let out = read(&["tiktok_de.csv"]);
    let report = &out.sources[0];
    assert_eq!(counts(report), [2, 2, 0, 0, 1]);
    assert_eq!(seen(report), ("tiktok_ads", Some(Level::Ad), Some(22_390), Some(438)));
    assert_eq!(report.spend.get(code("EUR")), money("1020"));
    assert_eq!(report.conversions, Some(30.0));
}

#[test]
fn of_two_compared_periods_the_first_is_read() {
    let out = read(&["ga4_compared.csv"]);
    let report = &out.sources[0];
    assert_eq!(counts(report), [2, 2, 0, 0, 11]);
    assert_eq!((report.conversions, report.revenue.first()), (Some(3.0), Some(money("310.4"))));
    assert_eq!(report.last_day.unwrap().to_string(), "2026-08-31");
    assert!(report.notes.iter().any(|n| n.starts_with("2 rows of another")), "{:?}", report.notes);
    let out = read(&["ga4_ranges.csv"]);
    assert_eq!(counts(&out.sources[0]), [2, 2, 0, 0, 4]);
    let sessions: u64 = out.web.iter().filter_map(|w| w.sessions).sum();
    assert_eq!((sessions, out.sources[0].conversions), (55, Some(2.0)));
}

#[test]
fn events_of_overlapping_tables_are_one() {
    for files in [["ga4_events.csv", "ga4_intraday.csv"], ["ga4_intraday.csv", "ga4_events.csv"]] {
        let out = read(&files);
        let rows = |of: fn(&SourceReport) -> u64| out.sources.iter().map(of).sum::<u64>();
        assert_eq!((rows(|s| s.rows_in), rows(|s| s.ok), rows(|s| s.duplicate)), (5, 3, 2));
        assert_eq!(out.web.len(), 1);
        let row = &out.web[0];
        assert_eq!((row.sessions, row.key_events), (Some(2), Some(2.0)));
        assert_eq!((row.revenue, row.currency), (Some(money("60")), code("USD")));
    }
}

#[test]
fn orders_of_shopify_by_their_payment() {
    let out = read(&["shopify_orders.csv"]);
    let report = &out.sources[0];
    assert_eq!(counts(report), [6, 5, 1, 0, 1]);
    let orders: Vec<_> = out
        .conversions
        .iter()
        .map(|c| (c.order.as_deref().unwrap(), c.value.unwrap(), c.at.to_string()))
        .collect();
    let order = |name, value, at: &str| (name, money(value), at.to_owned());
    let expected = [
        order("#2001", "100", "2026-07-03T15:02:00Z"),
        order("#2003", "49.5", "2026-07-03T17:02:00Z"),
    ];
    assert_eq!(orders, expected);
    assert_eq!(out.rejects[0].column, "Total");
    for why in ["1 orders are refunded", "1 orders are voided"] {
        assert!(report.notes.iter().any(|n| n.starts_with(why)), "{:?}", report.notes);
    }
}

#[test]
fn deals_of_hubspot_when_they_are_won() {
    let zone = SourceDefaults::new().with_zone("America/New_York");
    let config = || IngestConfig::new("acme").with_source("crm", zone.clone());
    let out = read_with(&["hubspot_deals.csv"], config());
    assert_eq!(counts(&out.sources[0]), [3, 3, 0, 0, 1]);
    assert_eq!(out.conversions.len(), 1);
    let deal = &out.conversions[0];
    assert_eq!((deal.value, deal.currency), (Some(money("1200")), code("EUR")));
    // The close date is one of the portal's zone.
    assert_eq!(deal.at.to_string(), "2026-06-03T03:30:00Z");
    assert_eq!(deal.click.as_deref(), Some("Cj0A"));
    let own = config().with_won_stages(["vertrag unterschrieben"]);
    let out = read_with(&["hubspot_deals.csv"], own);
    assert_eq!(out.conversions[0].order.as_deref(), Some("8803"));
}

#[test]
fn click_ids_name_their_platform_and_their_time() {
    let out = read(&["offline_clicks.csv"]);
    assert_eq!(counts(&out.sources[0]), [5, 5, 0, 0, 1]);
    let clicks: Vec<_> = out
        .conversions
        .iter()
        .map(|c| {
            let platform = c.platform.as_ref().unwrap().as_str();
            (c.click.as_deref().unwrap(), platform, c.clicked_at.map(|at| at.to_string()))
        })
        .collect();
    assert_eq!(
        clicks,
        [
            ("Cj0KA", "google_ads", None),
            ("fb.1.1777888800000.IwAR2F4", "meta_ads", Some("2026-05-04T10:00:00Z".to_owned())),
            ("0AAAA", "google_ads", None),
            ("E.C.P.abc", "tiktok_ads", None),
            ("ms1", "microsoft_ads", None),
        ]
    );
    assert_eq!(out.conversions[0].at.to_string(), "2026-05-05T00:30:00Z");
}

#[test]
fn every_total_of_pinterest() {
    let root = std::env::var_os("CAMPAIGN_DATA").map(std::path::PathBuf::from);
    let Some(root) = root.map(|r| r.join("ad-platform-exports")).filter(|r| r.is_dir()) else {
        eprintln!("CAMPAIGN_DATA names no folder ad-platform-exports: nothing was tested");
        return;
    };
    let mut ingest = Ingest::new(IngestConfig::new("b")).unwrap();
    ingest.read_path(root.join("pinterest_ads")).unwrap();
    let out = ingest.finish().unwrap();
    let mut totals = csv::Reader::from_path(root.join("totals.csv")).unwrap();
    let header = totals.headers().unwrap().clone();
    let mut checked = 0;
    for row in totals.records().map(Result::unwrap).filter(|r| &r[0] == "pinterest_ads") {
        let at = header.iter().position(|h| h == "spend_in_micro_dollar").unwrap();
        let report = out.sources.iter().find(|s| s.file == row[1]).unwrap();
        assert_eq!(report.rows_in.to_string(), row[2], "{}", report.file);
        assert_eq!(
            (report.ok, report.platform.as_deref()),
            (report.rows_in, Some("pinterest_ads"))
        );
        let facts = report.file.contains("report");
        assert_eq!(report.kind, if facts { Kind::Facts } else { Kind::Entities });
        let micros = row[at].parse::<f64>().unwrap_or(0.0) as i64;
        assert_eq!(report.spend.0.values().map(|m| m.0).sum::<i64>(), micros, "{}", report.file);
        checked += 1;
    }
    assert_eq!(checked, 13);
    // Five days of one promoted pin; keywords and targeting tell of the same money.
    let spend: i64 = out.records.iter().map(|r| r.spend.0).sum();
    assert_eq!((out.records.len(), Micros(spend)), (5, money("12375")));
}

/// A table with its columns in another order.
fn permuted(name: &str, seed: u64) -> Option<Vec<u8>> {
    let text = String::from_utf8(bytes(name)).ok()?;
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let rows: Vec<Vec<String>> =
        reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
    let mut order: Vec<usize> = (0..rows[0].len()).collect();
    order.sort_by_key(|i| (*i as u64 + 1).wrapping_mul(seed | 1).rotate_left(17));
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in &rows {
        writer.write_record(order.iter().map(|i| row[*i].as_str())).unwrap();
    }
    writer.into_inner().ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_order_of_columns_changes_nothing(seed in any::<u64>()) {
        for name in [
            "snapchat_export.csv", "snapchat_hourly.csv", "pinterest_export.csv",
            "pinterest_report.csv", "reddit_export.csv", "reddit_report.csv", "x_export.csv",
            "x_promoted_tweets.csv", "meta_results.csv", "meta_api.csv", "shopify_orders.csv",
            "hubspot_deals.csv", "offline_clicks.csv",
        ] {
            let mut ingest = Ingest::new(IngestConfig::new("acme")).unwrap();
            ingest.read_bytes(name, &permuted(name, seed).unwrap());
            let (out, plain) = (ingest.finish().unwrap(), read(&[name]));
            prop_assert_eq!(&out.records, &plain.records, "{}", name);
            prop_assert_eq!(&out.conversions, &plain.conversions, "{}", name);
            prop_assert_eq!(counts(&out.sources[0]), counts(&plain.sources[0]), "{}", name);
        }
    }
}
