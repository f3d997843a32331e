//! Every total of the public tables.

use std::collections::BTreeMap;

use campaign_core::Micros;
use campaign_features::ingest::{Ingest, IngestConfig, Kind};

use super::{folder, money};

fn repeated(path: &std::path::Path) -> u64 {
    let text = std::fs::read_to_string(path).unwrap();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let rows: Vec<Vec<String>> =
        reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
    let distinct: std::collections::BTreeSet<_> = rows.iter().collect();
    (rows.len() - distinct.len()) as u64
}

#[test]
fn every_total_of_google_microsoft_and_linkedin() {
    let Some(root) = folder() else { return };
    let mut totals = csv::Reader::from_path(root.join("totals.csv")).unwrap();
    let header = totals.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = totals.records().map(Result::unwrap).collect();
    let mut checked = 0;
    for platform in ["google_ads", "microsoft_ads", "linkedin_ads"] {
        let mut ingest = Ingest::new(IngestConfig::new("b")).unwrap();
        ingest.read_path(root.join(platform)).unwrap();
        let out = ingest.finish().unwrap();
        let reports: BTreeMap<&str, _> = out.sources.iter().map(|s| (s.file.as_str(), s)).collect();
        for row in &rows {
            let cell = |name: &str| {
                let at = header.iter().position(|h| h == name).unwrap();
                row.get(at).filter(|text| !text.is_empty())
            };
            if cell("platform") != Some(platform) {
                continue;
            }
            let file = cell("file").unwrap();
            let report = reports[file];
            assert_eq!(report.platform.as_deref(), Some(platform), "{file}");
            assert!(report.balances(), "{file}");
            assert_eq!(report.rows_in.to_string(), cell("rows").unwrap(), "{file}");
            assert_eq!(report.rejected, 0, "{file}");
            // The only duplicates are rows that stand in the file twice.
            let twice =
                if file.ends_with(".gz") { 0 } else { repeated(&root.join(platform).join(file)) };
            assert_eq!(report.duplicate, twice, "{file}");
            let facts = ["stats", "report", "analytics"].iter().any(|part| file.contains(part));
            assert_eq!(report.kind == Kind::Facts, facts, "{file}");
            assert_eq!(report.kind == Kind::Entities, !facts, "{file}");
            let number = |name| cell(name).map(|text| text.parse::<f64>().unwrap());
            let spend = Micros(report.spend.0.values().map(|m| m.0).sum());
            for name in ["spend", "cost_in_local_currency"] {
                if let Some(text) = cell(name) {
                    assert_eq!(spend, money(text), "{file}");
                }
            }
            if let Some(micros) = number("cost_micros") {
                assert_eq!(spend, Micros(micros as i64), "{file}");
            }
            assert_eq!(report.clicks, number("clicks").map(|n| n as u64), "{file}");
            assert_eq!(report.impressions, number("impressions").map(|n| n as u64), "{file}");
            if let Some(conversions) = number("conversions") {
                assert_eq!(report.conversions, Some(conversions), "{file}");
            }
            checked += 1;
        }
    }
    assert_eq!(checked, 11 + 12 + 9);
}
