//! What the reading of exports guarantees whatever the platform: streams, versions, findings, accounts.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

mod findings;
mod history;
mod records;
mod stream;

use campaign_features::ingest::{Ingest, IngestConfig, Ingested, SourceReport};

fn config() -> IngestConfig {
    IngestConfig::new("acme")
}

fn read_with(config: IngestConfig, files: &[(&str, &str)]) -> Ingested {
    let mut ingest = Ingest::new(config).unwrap();
    for (name, text) in files {
        ingest.read_bytes(name, text.as_bytes());
    }
    let out = ingest.finish().unwrap();
    assert!(out.sources.iter().all(SourceReport::balances));
    out
}

fn read(files: &[(&str, &str)]) -> Ingested {
    read_with(config(), files)
}

fn counts(report: &SourceReport) -> [u64; 5] {
    [report.rows_in, report.ok, report.rejected, report.duplicate, report.skipped]
}
