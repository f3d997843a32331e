//! Turns give what the local engine gives of all rows at a time.

use super::*;
use crate::engine::arrow::{request_batches, source_batches, write_parquet};
use crate::engine::datafusion::memory::Work;
use crate::engine::datafusion::run::on_threads;
use crate::engine::datafusion::{DataFusionEngine, ParquetInput, output};
use crate::feature::FeatureTable;
use crate::feature::source::{NONE, Row, Sources, SourcesBuilder, Unit};
use crate::feature::spec::FeatureSpec;

const DAY: i64 = 86_400_000_000;

/// So many rows each of 64 ads in 4 channels, day by day, of `most` those of ad 40.
fn rows(each: i32, most: i32) -> Sources {
    let mut builder = SourcesBuilder::new(["ad", "channel"]).unwrap();
    let measures = [("spend", Unit::Count), ("clicks", Unit::Count)];
    let ads = builder.source("ads", &["ad", "channel"], &measures, &["format"]).unwrap();
    for day in 0..each.max(most) {
        for ad in (0..64).filter(|&ad| day < if ad == 40 { most } else { each }) {
            ads.push(&Row {
                keys: &[Some(&format!("ad {ad}")), Some(["a", "b", "c", "d"][ad % 4])],
                day,
                known_at: i64::from(day + 1) * DAY,
                fact: None,
                measures: &[Some(i64::from(day) * 7 + ad as i64), Some(3)],
                attributes: &[Some(["video", "image"][ad % 2])],
            })
            .unwrap();
        }
    }
    builder.finish().unwrap()
}

/// What the local engine makes, what turns make, and how many turns each kind took.
fn both(sources: &Sources, limit: usize) -> (FeatureTable, FeatureTable, Vec<usize>) {
    let mut requests = sources.requests();
    for day in 0..30 {
        for ad in 0..64 {
            // Every ninth is nobody's.
            let ad = if (ad + day) % 9 == 0 { NONE } else { sources.key(0, &format!("ad {ad}")) };
            let channel = sources.key(1, ["a", "b", "c", "d"][day as usize % 4]);
            // Some know all there is.
            let known = if day % 2 == 0 { day } else { 9999 };
            requests.push(&[ad, channel], day, i64::from(known) * DAY).unwrap();
        }
    }
    let spec = FeatureSpec::from_toml(
        "[[features]]\nkind = \"aggregate\"\nentity = \"ad\"\nsource = \"ads\"\n\
         statistic = \"sum\"\nmeasure = \"spend\"\nwindow = \"7d\"\n\
         [[features]]\nkind = \"share\"\nentity = \"ad\"\nof = \"channel\"\nsource = \"ads\"\n\
         measure = \"spend\"\nwindow = \"14d\"\n\
         [[features]]\nkind = \"latest\"\nentity = \"ad\"\nsource = \"ads\"\n\
         attribute = \"format\"\n\
         [[features]]\nkind = \"calendar\"\nfield = \"month\"\n",
    )
    .unwrap();
    let plan = spec.compile(&sources.schema()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let events = source_batches(sources, &sources.sources[0], 1000).unwrap();
    write_parquet(&path("ads.parquet"), events).unwrap();
    let asked = request_batches(sources, &requests, 100).unwrap();
    write_parquet(&path("asked.parquet"), asked).unwrap();
    let input = ParquetInput::new([path("asked.parquet").to_string_lossy()])
        .with_source("ads", [path("ads.parquet").to_string_lossy()]);
    let engine = DataFusionEngine::new().with_partitions(2).with_memory_limit(limit);
    let mut turns = Vec::new();
    let table = output::table(&plan, |sink| {
        on_threads(async {
            let context = engine.context()?;
            let mut work = Work::new(&context, &input, &plan).await?.unwrap();
            work.asked.let_go();
            let told = told(&work, 1).await?;
            turns.extend(told.iter().map(|told| told.files.len()));
            hand_on(work, told, sink).await
        })
    });
    (local::run(&plan, sources, &requests).unwrap(), table.unwrap(), turns)
}

fn assert_same(expected: &FeatureTable, got: &FeatureTable) {
    assert_eq!(expected.n_rows(), got.n_rows());
    let known = expected.values().iter().filter(|value| !value.is_nan()).count();
    assert!(known > 6000, "{known} values say something");
    for (a, b) in expected.values().iter().zip(got.values()) {
        assert!(a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(), "{a}, {b}");
    }
}

#[test]
fn turns_give_what_all_at_a_time_gives() {
    let sources = rows(120, 120);
    let (expected, got, turns) = both(&sources, 64 << 20);
    assert_eq!(turns, [1, 1]);
    assert_same(&expected, &got);
    let (expected, got, turns) = both(&sources, 400_000);
    assert!(turns.iter().all(|turns| (2..=MOST_TURNS).contains(turns)), "{turns:?}");
    assert_same(&expected, &got);
}

#[test]
fn a_range_that_does_not_fit_is_halved() {
    // Ranges are cut by requests; here one ad has half of all rows, which are no more than there.
    let even = both(&rows(122, 122), 560_000).2;
    let (expected, got, turns) = both(&rows(60, 4000), 560_000);
    assert!(turns[0] > even[0], "{turns:?}, {even:?}");
    assert_same(&expected, &got);
}
