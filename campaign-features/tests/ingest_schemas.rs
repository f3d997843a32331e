//! Exports of 2025 and 2026 in versions that the adapters had not seen, and those that used to be refused:
//! each holds the same hand-made account, of two rows.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use campaign_core::Micros;
use campaign_features::ingest::{Ingest, IngestConfig, Ingested, Kind, Level, SourceReport};

fn read(names: &[&str]) -> Ingested {
    let mut ingest = Ingest::new(IngestConfig::new("acme")).unwrap();
    for name in names {
        let path = format!("{}/tests/data/schemas/{name}.csv", env!("CARGO_MANIFEST_DIR"));
        ingest.read_bytes(name, &std::fs::read(path).unwrap());
    }
    let out = ingest.finish().unwrap();
    assert!(out.sources.iter().all(SourceReport::balances));
    out
}

fn money(text: &str) -> Micros {
    text.parse().unwrap()
}

/// A file with its platform, level, currency, clicks and revenue.
type Expected =
    (&'static str, &'static str, Level, Option<&'static str>, u64, Option<&'static str>);

/// Two rows of 12.50 and 2.25, 1,000 and 100 impressions, two conversions: what differs is stated. X
/// counts all clicks, where others count links.
const REPORTS: [Expected; 35] = [
    ("meta_ui_2025", "meta_ads", Level::Campaign, Some("USD"), 11, Some("50")),
    ("meta_api_v22", "meta_ads", Level::Ad, Some("USD"), 11, Some("50")),
    ("supermetrics_fb", "meta_ads", Level::Ad, Some("USD"), 11, Some("50")),
    ("google_ui_2025_pmax", "google_ads", Level::Campaign, Some("USD"), 11, Some("50")),
    ("google_asset_group", "google_ads", Level::Campaign, Some("USD"), 11, Some("50")),
    ("google_api_v19", "google_ads", Level::Campaign, Some("USD"), 11, Some("50")),
    ("google_json", "google_ads", Level::Campaign, Some("USD"), 11, Some("50")),
    ("tiktok_ui_2025", "tiktok_ads", Level::Ad, Some("USD"), 11, Some("50")),
    ("tiktok_smart_plus", "tiktok_ads", Level::Ad, Some("USD"), 11, None),
    ("tiktok_airbyte", "tiktok_ads", Level::Ad, None, 11, None),
    ("tiktok_structs", "tiktok_ads", Level::Ad, None, 11, None),
    ("tiktok_ja_shift_jis", "tiktok_ads", Level::Ad, Some("USD"), 11, None),
    ("ms_ui_2025", "microsoft_ads", Level::Campaign, Some("USD"), 11, Some("50")),
    ("ms_api", "microsoft_ads", Level::Campaign, Some("USD"), 11, Some("50")),
    ("li_ui_2025", "linkedin_ads", Level::AdGroup, Some("USD"), 11, Some("50")),
    ("li_api_2025", "linkedin_ads", Level::Ad, None, 11, Some("50")),
    ("linkedin_parts", "linkedin_ads", Level::Ad, None, 11, None),
    ("linkedin_range_parts", "linkedin_ads", Level::AdGroup, None, 11, None),
    ("linkedin_raw", "linkedin_ads", Level::AdGroup, None, 11, Some("50")),
    ("amz_v3_sp", "amazon_ads", Level::Ad, Some("USD"), 11, Some("50")),
    ("amz_sb_v3", "amazon_ads", Level::Campaign, Some("USD"), 11, Some("50")),
    ("amz_ui_unified", "amazon_ads", Level::AdGroup, Some("USD"), 11, Some("50")),
    ("amz_dsp_v3", "amazon_ads", Level::Ad, Some("USD"), 11, Some("50")),
    ("amazon_airbyte", "amazon_ads", Level::Ad, Some("USD"), 11, Some("50")),
    ("apple_v5", "apple_search_ads", Level::AdGroup, Some("USD"), 11, None),
    ("apple_ui", "apple_search_ads", Level::Campaign, Some("USD"), 11, None),
    ("snap_ui_2025", "snapchat_ads", Level::Ad, Some("USD"), 11, Some("50")),
    ("snap_api", "snapchat_ads", Level::Ad, None, 11, Some("50")),
    ("pin_ui_2025", "pinterest_ads", Level::Ad, Some("USD"), 11, Some("50")),
    ("pin_api_v5", "pinterest_ads", Level::Ad, None, 11, Some("50")),
    ("reddit_ui_2025", "reddit_ads", Level::Ad, Some("USD"), 11, None),
    ("reddit_api_v3", "reddit_ads", Level::Ad, Some("USD"), 11, None),
    ("x_ui_2025", "x_ads", Level::Ad, Some("USD"), 13, Some("50")),
    ("x_api", "x_ads", Level::Ad, Some("USD"), 13, Some("50")),
    ("linkedin_spend", "linkedin_ads", Level::AdGroup, Some("USD"), 11, None),
];

#[test]
fn every_report_comes_to_the_same_account() {
    for (name, platform, level, code, clicks, revenue) in REPORTS {
        let out = read(&[name]);
        let report = &out.sources[0];
        assert_eq!(report.platform.as_deref(), Some(platform), "{name}");
        assert_eq!((report.level, report.rejected), (Some(level), 0), "{name}: {:?}", out.rejects);
        let records = out.records.iter();
        let days: Vec<String> = records.clone().map(|r| r.date.to_string()).collect();
        assert_eq!(days[0], "2026-05-04", "{name}");
        assert_eq!(days.len(), 2, "{name}: {:?}", out.records);
        let spend: Vec<Micros> = records.clone().map(|r| r.spend).collect();
        assert_eq!(spend.iter().map(|m| m.0).sum::<i64>(), money("14.75").0, "{name}");
        assert!(spend.contains(&money("12.5")), "{name}");
        assert!(records.clone().all(|r| r.currency.map(|c| c.code()) == code), "{name}");
        assert_eq!(records.clone().filter_map(|r| r.impressions).sum::<u64>(), 1100, "{name}");
        assert_eq!(records.clone().filter_map(|r| r.clicks).sum::<u64>(), clicks, "{name}");
        let conversions = records.clone().filter_map(|r| r.conversions).reduce(|a, b| a + b);
        let stated = (name != "linkedin_spend").then_some(2.0);
        assert_eq!(conversions, stated, "{name}");
        let worth = records.filter_map(|r| r.revenue).map(|m| m.0).reduce(|a, b| a + b);
        assert_eq!(worth.map(Micros), revenue.map(money), "{name}");
    }
}

#[test]
fn rows_of_several_levels_have_their_own() {
    let out = read(&["amazon_airbyte"]);
    // The row of an ad that does not name it has the id of the record.
    let ads: Vec<&str> =
        out.records.iter().filter_map(|r| r.ad.as_ref()).map(|id| id.as_str()).collect();
    assert_eq!(ads, ["30", "31"]);
    assert_eq!((out.sources[0].rows_in, out.coverage.rows_of_other_levels), (5, 3));
    // Campaigns and ad groups say no more than their ads.
    assert_eq!((out.coverage.unallocated_records, out.conflicts.len()), (0, 0));
    let ads: Vec<_> = read(&["x_api"]).records.into_iter().filter_map(|r| r.ad).collect();
    assert_eq!(ads.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["3", "4"]);
}

#[test]
fn conversions_without_spend_join_what_was_spent() {
    for names in
        [["linkedin_conversions", "linkedin_spend"], ["linkedin_spend", "linkedin_conversions"]]
    {
        let out = read(&names);
        let of_day: Vec<_> = out.records.iter().map(|r| (r.conversions, r.revenue)).collect();
        // Demo and signup of the first day; the second lies outside the report.
        assert_eq!(of_day, [(Some(5.0), Some(money("40"))), (None, None)]);
        let report = out.sources.iter().find(|s| s.file == "linkedin_conversions").unwrap();
        assert_eq!((report.rows_in, report.ok, report.conversions), (2, 2, Some(5.0)));
        let join = &out.coverage.joins[0];
        assert_eq!((join.owed, join.joined), (1, 1));
    }
}

#[test]
fn orders_and_deals() {
    for (name, orders, first) in [
        ("shopify_orders", 2.0, "2026-05-04T14:00:00Z"),
        ("shopify_fivetran", 2.0, "2026-05-04T14:00:00Z"),
        ("woo", 2.0, "2026-05-04T10:00:00Z"),
        ("google_offline", 2.0, "2026-05-04T14:00:00Z"),
        // Its template writes the month first and the zone as an offset.
        ("ms_offline", 2.0, "2026-05-04T15:00:00Z"),
        ("meta_offline", 2.0, "2026-05-04T10:00:00Z"),
        ("hubspot_deals", 1.0, "2026-05-04T10:00:00Z"),
        ("hubspot_api", 1.0, "2026-05-04T10:00:00Z"),
        ("sf_soql", 1.0, "2026-05-04T00:00:00Z"),
    ] {
        let out = read(&[name]);
        let report = &out.sources[0];
        assert_eq!((report.platform.as_deref(), report.rejected), (Some("crm"), 0), "{name}");
        assert_eq!(report.conversions, Some(orders), "{name}");
        assert_eq!(report.revenue.get("USD".parse().ok()), money("50"), "{name}");
        assert_eq!(out.conversions[0].at.to_string(), first, "{name}");
    }
}

#[test]
fn what_other_platforms_export_is_not_claimed() {
    // Rows of several platforms are left to a mapping.
    assert_eq!(read(&["funnel"]).sources[0].kind, Kind::Unrecognised);
    for text in [
        "日付,キャンペーン名,広告グループ名,コスト,インプレッション数,クリック数,コンバージョン数\n2026-05-04,夏,G,525,1000,10,2\n",
        "Day,Campaign,Campaign ID,Displays,Clicks,Post-Click Conversions,View-Through Conversions\n2026-05-04,A,1,100,1,1,1\n",
        "Day,Campaign,Campaign ID,Ad set name,Cost,Impressions,Clicks,Conversions\n2026-05-04,A,1,S,5,100,1,0\n",
        "Year,Month,Day,Employee,Amount,Department\n2026,5,4,Ann,50,Sales\n",
        "id,created_at,payload\n1,2026-05-04,\"{\"\"cost\"\":5,\"\"clicks\"\":2,\"\"campaign_id\"\":3}\"\n",
    ] {
        let mut ingest = Ingest::new(IngestConfig::new("acme")).unwrap();
        ingest.read_bytes("export.csv", text.as_bytes());
        assert_eq!(ingest.finish().unwrap().sources[0].kind, Kind::Unrecognised, "{text}");
    }
}
