//! A wide export of ads, as rows per second: read, checked, deduplicated, counted; then as records.
//!
//! `tests/reference/ingest_polars.py` does the same with polars on the file that this bench leaves in the
//! folder for temporary files.

use std::fmt::Write;
use std::hint::black_box;

use campaign_features::ingest::{Ingest, IngestConfig};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const ROWS: u64 = 300_000;
const ADS: u64 = 5_000;

/// A report of 24 columns and about 230 bytes per row.
fn export() -> String {
    let mut out = String::from(
        "Day,Customer ID,Account name,Campaign ID,Campaign,Campaign status,Ad group ID,Ad group,Ad ID,\
         Ad name,Device,Network,Currency code,Time zone,Impr.,Clicks,Cost,Conversions,Conv. value,Views,\
         CTR,Avg. CPC,View-through conv.,All conv.\n",
    );
    let mut state = 88_172_645_463_325_252_u64;
    for row in 0..ROWS {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let (ad, day) = (row % ADS, row / ADS);
        let (campaign, group, account) = (ad / 40, ad / 8, 100 + ad / 2000);
        let (impressions, cents) = (state % 10_000, state % 97);
        let clicks = impressions / 37;
        let (conversions, device) = (clicks / 11, ["Computers", "Mobile phones", "Tablets"]);
        let device = device.get((ad % 3) as usize).copied().unwrap_or_default();
        // A string takes whatever is written.
        let _ = writeln!(
            out,
            "2026-{:02}-{:02},{account}-555-{account},Account {account},{},Campaign {campaign} spring \
             sale,Enabled,{},Ad group {group},{},Running shoes {ad},{device},Google search,EUR,\
             Europe/Berlin,{impressions},{clicks},{}.{cents:02},{conversions}.50,{}.25,{},{}.{cents:02}%,\
             0.{cents:02},{},{conversions}.00",
            1 + day / 28,
            1 + day % 28,
            18_000_000_000 + campaign,
            140_000_000_000 + group,
            600_000_000_000 + ad,
            clicks * 3,
            conversions * 40,
            impressions / 3,
            clicks % 100,
            conversions % 7,
        );
    }
    out
}

fn ingest(c: &mut Criterion) {
    let text = export();
    let path = std::env::temp_dir().join("campaign_ingest_bench.csv");
    if std::fs::write(&path, &text).is_err() {
        return;
    }
    let read = || {
        let mut ingest = Ingest::new(IngestConfig::new("acme")).ok()?;
        ingest.read_path(&path).ok()?;
        Some(ingest)
    };
    let mut group = c.benchmark_group("ingest");
    group.throughput(Throughput::Elements(ROWS)).sample_size(10);
    group.bench_function("read", |b| b.iter(|| black_box(read())));
    group.bench_function("read_and_emit", |b| {
        b.iter(|| {
            let mut count = 0;
            let mut each = |_| {
                count += 1;
                Ok(())
            };
            let done = read().map(|ingest| ingest.finish_into(&mut each).is_ok());
            black_box((count, done))
        });
    });
    group.finish();
}

criterion_group!(benches, ingest);
criterion_main!(benches);
