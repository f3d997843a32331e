//! Google, Microsoft, LinkedIn, Amazon and Apple Search Ads: exports and tables of connectors, each with
//! what must come out.
//!
//! `CAMPAIGN_DATA` names the folder of public data sets; a test that needs it says so and passes.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::collections::BTreeMap;
use std::path::PathBuf;

use campaign_core::Micros;
use campaign_features::ingest::{Ingest, IngestConfig, Ingested, Kind, Level, SourceReport};

fn read(files: &[(&str, &str)], config: IngestConfig) -> Ingested {
    let mut ingest = Ingest::new(config).unwrap();
    for (name, text) in files {
        ingest.read_bytes(name, text.as_bytes());
    }
    let out = ingest.finish().unwrap();
    assert!(out.sources.iter().all(SourceReport::balances));
    out
}

fn one(text: &str) -> Ingested {
    read(&[("x.csv", text)], IngestConfig::new("acme"))
}

fn file(name: &str) -> String {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn money(text: &str) -> Micros {
    text.parse().unwrap()
}

fn counts(report: &SourceReport) -> [u64; 5] {
    [report.rows_in, report.ok, report.rejected, report.duplicate, report.skipped]
}

fn recognised(out: &Ingested) -> (&str, Kind, Option<Level>) {
    let report = &out.sources[0];
    (report.platform.as_deref().unwrap_or("nothing"), report.kind, report.level)
}

fn folder() -> Option<PathBuf> {
    let found = std::env::var_os("CAMPAIGN_DATA");
    let found = found.map(|root| PathBuf::from(root).join("ad-platform-exports"));
    let found = found.filter(|path| path.is_dir());
    if found.is_none() {
        eprintln!("CAMPAIGN_DATA names no folder with ad-platform-exports: nothing was tested");
    }
    found
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
            assert_eq!((report.rejected, report.duplicate), (0, 0), "{file}");
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
