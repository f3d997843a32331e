//! Web analytics in other languages, and of Universal Analytics.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use campaign_core::Micros;
use campaign_features::ingest::{Ingest, IngestConfig, Ingested, Kind, SourceReport};

fn one(bytes: &[u8]) -> Ingested {
    let mut ingest = Ingest::new(IngestConfig::new("acme")).unwrap();
    ingest.read_bytes("export.csv", bytes);
    let out = ingest.finish().unwrap();
    assert!(out.sources.iter().all(SourceReport::balances));
    out
}

fn sample(name: &str) -> Ingested {
    let path = format!("{}/tests/data/schemas/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    one(&std::fs::read(path).unwrap())
}

#[test]
fn sessions_in_many_languages() {
    // Sessions, key events, revenue; the first row's channel or source; the first and last day.
    for (name, platform, sessions, events, revenue, from, days) in [
        ("ga4_nl", "ga4", 150, Some(4.0), "120.5", "Paid Search", ["2026-05-01", "2026-05-31"]),
        ("ga4_pt", "ga4", 150, Some(4.0), "120.5", "google", ["2026-05-01", "2026-05-31"]),
        ("ga4_ja", "ga4", 100, Some(3.0), "120", "google", ["2026-05-01", "2026-05-31"]),
        ("ga4_api", "ga4", 150, Some(2.0), "50", "google", ["2026-05-04", "2026-05-04"]),
        ("ga4_airbyte", "ga4", 150, Some(2.0), "0", "google", ["2026-05-04", "2026-05-04"]),
        ("ga4_explore", "ga4", 150, Some(2.0), "50", "google", ["2026-05-04", "2026-05-04"]),
        (
            "ua_ui",
            "universal_analytics",
            1324,
            Some(13.0),
            "1244.5",
            "google",
            ["2021-05-01", "2021-05-31"],
        ),
        (
            "ua_api",
            "universal_analytics",
            150,
            Some(3.0),
            "120.5",
            "google",
            ["2021-05-01", "2021-05-02"],
        ),
        (
            "ua_airbyte",
            "universal_analytics",
            100,
            None,
            "0",
            "google",
            ["2021-05-01", "2021-05-01"],
        ),
        (
            "ua_de",
            "universal_analytics",
            1204,
            Some(12.0),
            "1234.5",
            "google",
            ["2021-05-01", "2021-05-31"],
        ),
    ] {
        let out = sample(name);
        let report = &out.sources[0];
        assert_eq!(report.platform.as_deref(), Some(platform), "{name}");
        assert_eq!(report.rejected, 0, "{name}: {:?}", out.rejects);
        assert_eq!(out.web.iter().filter_map(|row| row.sessions).sum::<u64>(), sessions, "{name}");
        assert_eq!(report.conversions, events, "{name}");
        let total: i64 = report.revenue.0.values().map(|m| m.0).sum();
        assert_eq!(Micros(total), revenue.parse().unwrap(), "{name}");
        let first = &out.web[0];
        let source = first.channel_group.as_deref().or(first.utm_source.as_deref());
        assert_eq!(source, Some(from), "{name}");
        let span = [report.first_day, report.last_day].map(|day| day.unwrap().to_string());
        assert_eq!(span, days, "{name}");
    }
}

#[test]
fn the_table_by_day_behind_a_report_is_no_part_of_it() {
    let report = &sample("ua_ui").sources[0];
    assert_eq!((report.rows_in, report.ok), (2, 2));
    let note = "4 rows of a second table behind the report are not read";
    assert!(report.notes.iter().any(|said| said == note), "{:?}", report.notes);
    // A source that is called like a measure is none.
    let text = "Date,Source,Medium,Sessions,Transactions,Revenue\n\
        20210501,Users,mail,5,1,2\n20210501,Sessions,mail,5,1,2\n";
    let report = &one(text.as_bytes()).sources[0];
    assert_eq!((report.rows_in, report.ok, report.conversions), (2, 2, Some(2.0)));
}

#[test]
fn what_others_say_of_sources_is_not_claimed() {
    for text in [
        "Source,Medium,Sessions\na,b,3\n",
        "Source,Visits,Revenue\na,3,5\n",
        "Campaign,Sessions,Revenue\na,3,5\n",
        "Channel grouping,Users,Bounce rate\na,3,5%\n",
        "Label,Channel Type,Visits,Actions,Revenue,Bounce Rate\ngoogle,search,3,5,1,4%\n",
        "Day,Referrer source,UTM campaign medium,Sessions,Total sales\n2026-05-04,google,cpc,3,10\n",
        "Day,Marketing Channel,Visits,Orders,Revenue\n2026-05-04,Paid,3,1,10\n",
    ] {
        assert_eq!(one(text.as_bytes()).sources[0].kind, Kind::Unrecognised, "{text}");
    }
}
