//! Google, Microsoft, LinkedIn, Amazon and Apple Search Ads: exports and tables of connectors, each with
//! what must come out.
//!
//! `CAMPAIGN_DATA` names the folder of public data sets; a test that needs it says so and passes.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

mod amazon;
mod apple;
mod google;
mod headers;
mod linkedin;
mod microsoft;
mod totals;

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
