//! The plan over Parquet files gives the bits of the local engine.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]
#![cfg(feature = "datafusion")]

mod engine_common;

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int64Type, UInt64Type};
use campaign_features::engine::arrow::{read_parquet, request_batches, write_parquet};
use campaign_features::engine::datafusion::{DataFusionEngine, ParquetInput};
use campaign_features::engine::{EngineError, local};
use campaign_features::feature::source::{Row, SourcesBuilder, Unit};
use campaign_features::feature::spec::FeatureSpec;
use datafusion::prelude::{ParquetReadOptions, SessionContext};
use engine_common::{Case, FIRST, assert_same, below, files, random, spec};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

#[test]
fn parquet_gives_the_bits_of_memory() {
    for seed in 0..4 {
        let case = random(seed, 30, 60, 700);
        let schema = case.sources.schema();
        let plan = spec().compile(&schema).unwrap();
        let expected = local::run(&plan, &case.sources, &case.requests).unwrap();
        let known = expected.values().iter().filter(|v| !v.is_nan()).count();
        assert!(known > 2000, "{known} values say something");
        let dir = tempfile::tempdir().unwrap();
        let input = files(&case, dir.path());
        for partitions in [1, 3] {
            let engine = DataFusionEngine::new().with_partitions(partitions);
            let got = engine.run(&spec(), &schema, &input).unwrap();
            assert_same(&expected, &got);
        }
    }
}

/// Requests come out by ascending identity, whatever it is; where they do not stand so, by the operator.
#[test]
fn requests_have_any_identity() {
    let case = random(3, 20, 40, 500);
    let schema = case.sources.schema();
    let plan = spec().compile(&schema).unwrap();
    let expected = local::run(&plan, &case.sources, &case.requests).unwrap();
    let dir = tempfile::tempdir().unwrap();
    files(&case, dir.path());
    let identified = |name: &str, of: fn(u64) -> u64| {
        let batches = request_batches(&case.sources, &case.requests, 77).unwrap().map(|batch| {
            let batch = batch?;
            let ids = batch.column(0).as_primitive::<UInt64Type>().unary::<_, UInt64Type>(of);
            let mut columns = batch.columns().to_vec();
            columns[0] = Arc::new(ids);
            Ok(RecordBatch::try_new(batch.schema(), columns).unwrap())
        });
        let asked = dir.path().join(name);
        write_parquet(&asked, batches).unwrap();
        let mut input = ParquetInput::new([asked.to_str().unwrap()]);
        for source in &case.sources.sources {
            let path = dir.path().join(format!("{}-*.parquet", source.name));
            input = input.with_source(&source.name, [path.to_str().unwrap()]);
        }
        input
    };
    let engine = DataFusionEngine::new().with_partitions(3);
    let forwards = identified("forwards.parquet", |id| 5 + 7 * id);
    assert_same(&expected, &engine.run(&spec(), &schema, &forwards).unwrap());
    let backwards = identified("backwards.parquet", |id| 9_000 - 7 * id);
    let got = engine.run(&spec(), &schema, &backwards).unwrap();
    assert_eq!(got.n_rows(), 500);
    let rows = expected.values().rows().into_iter().zip(got.values().rows().into_iter().rev());
    for (row, (a, b)) in rows.enumerate() {
        for (a, b) in a.iter().zip(b) {
            assert!(a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(), "row {row}: {a}, {b}");
        }
    }
}

/// Facts of one version each, one per ad and day, with gaps; each ad is asked about on each day.
fn plain(ads: usize, days: i32) -> (Case, FeatureSpec) {
    let rng = &mut Xoshiro256PlusPlus::seed_from_u64(11);
    let mut builder = SourcesBuilder::new(["ad"]).unwrap();
    let source = builder.source("ads", &["ad"], &[("spend", Unit::Millionth)], &[]).unwrap();
    for ad in 0..ads {
        for day in 0..days {
            if below(rng, 5) == 0 || (10..40).contains(&day) && ad % 2 == 0 {
                continue;
            }
            let row = Row {
                keys: &[Some(&format!("ad {ad:04}"))],
                day: FIRST + day,
                known_at: i64::from(FIRST + day) * 86_400_000_000,
                fact: Some(""),
                measures: &[Some(below(rng, 90_000_000) as i64)],
                attributes: &[],
            };
            source.push(&row).unwrap();
        }
    }
    let sources = builder.finish().unwrap();
    let mut requests = sources.requests();
    for ad in 0..ads {
        for day in 0..days {
            let key = sources.key(0, &format!("ad {ad:04}"));
            requests.push(&[key], FIRST + day, i64::MAX / 2).unwrap();
        }
    }
    let sum = |window: &str| {
        format!(
            "[[features]]\nkind = \"aggregate\"\nentity = \"ad\"\nsource = \"ads\"\n\
             statistic = \"sum\"\nmeasure = \"spend\"\nwindow = \"{window}\"\n"
        )
    };
    let spec = FeatureSpec::from_toml(&(sum("7d") + &sum("8to14d"))).unwrap();
    (Case { sources, requests }, spec)
}

/// DataFusion's own sums of day totals from `furthest` to `nearest` days back, by a join: its RANGE
/// frames that end before the current row keep a stale sum where they become empty (issue 24184).
fn sql(dir: &Path, query: &str) -> Vec<(u64, Option<i64>)> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let batches = runtime.block_on(async {
        let context = SessionContext::new();
        let options = ParquetReadOptions::default;
        let asked = dir.join("requests.parquet");
        context.register_parquet("asked", asked.to_str().unwrap(), options()).await.unwrap();
        for n in 0..3 {
            let name = format!("ads{n}");
            let path = dir.join(format!("ads-{n}.parquet"));
            context.register_parquet(&name, path.to_str().unwrap(), options()).await.unwrap();
        }
        context.sql(query).await.unwrap().collect().await.unwrap()
    });
    let mut rows = Vec::new();
    for batch in &batches {
        let ids = batch.column(0).as_primitive::<UInt64Type>();
        let sums = batch.column(1).as_primitive::<Int64Type>();
        rows.extend(ids.values().iter().copied().zip(sums));
    }
    rows.sort_unstable();
    rows
}

const EVENTS: &str =
    "(SELECT * FROM ads0 UNION ALL SELECT * FROM ads1 UNION ALL SELECT * FROM ads2)";

#[test]
fn sums_are_those_of_range_frames() {
    let (case, spec) = plain(40, 90);
    let dir = tempfile::tempdir().unwrap();
    let input = files(&case, dir.path());
    let schema = case.sources.schema();
    let got = DataFusionEngine::new().run(&spec, &schema, &input).unwrap();
    let ours = got.values().column(0);
    // A day without a row gets one, since RANGE frames stand at rows only.
    let rows = sql(
        dir.path(),
        &format!(
            "SELECT a.request, SUM(e.spend) OVER (PARTITION BY a.ad ORDER BY a.day RANGE BETWEEN \
             INTERVAL '7' DAY PRECEDING AND INTERVAL '1' DAY PRECEDING) AS total \
             FROM asked a LEFT JOIN {EVENTS} e ON a.ad = e.ad AND a.day = e.day"
        ),
    );
    assert_eq!(rows.len(), ours.len());
    let mut known = 0;
    for ((id, total), &ours) in rows.into_iter().zip(ours) {
        match total {
            Some(total) => {
                known += 1;
                assert_eq!(total as f64 / 1e6, ours, "request {id}");
            }
            // An empty frame is 0 once anything is known of the ad.
            None => assert!(ours.is_nan() || ours == 0.0, "request {id}: {ours}"),
        }
    }
    assert!(known > 2000);
}

#[test]
fn lagged_frames_become_empty() {
    let (case, spec) = plain(40, 90);
    let dir = tempfile::tempdir().unwrap();
    let input = files(&case, dir.path());
    let schema = case.sources.schema();
    let got = DataFusionEngine::new().run(&spec, &schema, &input).unwrap();
    let ours = got.values().column(1);
    let rows = sql(
        dir.path(),
        &format!(
            "SELECT a.request, SUM(e.spend) FROM asked a LEFT JOIN {EVENTS} e ON a.ad = e.ad \
             AND e.day >= a.day - INTERVAL '14' DAY AND e.day <= a.day - INTERVAL '8' DAY \
             GROUP BY a.request"
        ),
    );
    let mut empty = 0;
    for ((id, total), &ours) in rows.into_iter().zip(ours) {
        match total {
            Some(total) => assert_eq!(total as f64 / 1e6, ours, "request {id}"),
            None if ours == 0.0 => empty += 1,
            None => assert!(ours.is_nan(), "request {id}: {ours}"),
        }
    }
    assert!(empty > 200, "{empty} frames are empty after ones that were not");
}

#[test]
fn an_input_larger_than_the_limit_is_spilled() {
    let case = random(7, 2000, 120, 30_000);
    let schema = case.sources.schema();
    // A channel's rows alone are more than the limit, an ad's are not.
    let mut spec = spec();
    spec.features.retain(|feature| !feature.name().contains("channel"));
    let plan = spec.compile(&schema).unwrap();
    let expected = local::run(&plan, &case.sources, &case.requests).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let input = files(&case, dir.path());
    let rows: usize =
        case.sources.sources.iter().map(campaign_features::feature::source::Source::len).sum();
    // Key, day, instant, identity and two measures of each row take 40 bytes, and as many to be put in
    // order: in eight turns there is no room for them.
    let limit = 3 << 20;
    assert!(rows * 80 > 8 * limit, "{rows} rows");
    let spill = tempfile::tempdir().unwrap();
    let engine = DataFusionEngine::new()
        .with_partitions(2)
        .with_memory_limit(limit)
        .with_spill_dir(spill.path());
    assert_same(&expected, &engine.run(&spec, &schema, &input).unwrap());
    let written = dir.path().join("features.parquet");
    assert_eq!(engine.write(&spec, &schema, &input, &written).unwrap(), 30_000);
    // Here there is.
    let turns = engine.clone().with_memory_limit(4 * limit);
    assert_same(&expected, &turns.run(&spec, &schema, &input).unwrap());
    // With channels there is an error, not a wrong number.
    match engine.run(&engine_common::spec(), &schema, &input) {
        Err(EngineError::Memory(_)) => {}
        other => panic!("{:?}", other.map(|table| table.n_rows())),
    }
    match engine.with_memory_limit(20_000).run(&spec, &schema, &input) {
        Err(EngineError::Memory(_)) => {}
        other => panic!("{:?}", other.map(|table| table.n_rows())),
    }
}

/// Sums of spend alone come out of files that have no clicks.
#[test]
fn what_no_feature_needs_is_not_read() {
    let case = random(9, 20, 40, 300);
    let schema = case.sources.schema();
    let spec = FeatureSpec::from_toml(
        "[[features]]\nkind = \"aggregate\"\nentity = \"ad\"\nsource = \"ads\"\n\
         statistic = \"mean\"\nmeasure = \"spend\"\nwindow = \"7d\"\n",
    )
    .unwrap();
    let plan = spec.compile(&schema).unwrap();
    let expected = local::run(&plan, &case.sources, &case.requests).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let input = files(&case, dir.path());
    for n in 0..3 {
        let path = dir.path().join(format!("ads-{n}.parquet"));
        let without: Vec<_> = read_parquet(&path, 1000)
            .unwrap()
            .map(|batch| {
                let mut batch = batch.unwrap();
                batch.remove_column(batch.schema().index_of("clicks").unwrap());
                Ok(batch)
            })
            .collect();
        write_parquet(&path, without).unwrap();
    }
    assert_same(&expected, &DataFusionEngine::new().run(&spec, &schema, &input).unwrap());
}

#[test]
fn a_written_file_holds_the_table() {
    let case = random(5, 20, 40, 300);
    let dir = tempfile::tempdir().unwrap();
    let input = files(&case, dir.path());
    let engine = DataFusionEngine::new().with_partitions(2);
    let schema = engine.schema(&input).unwrap();
    assert_eq!(schema, case.sources.schema());
    let path = dir.path().join("features.parquet");
    assert_eq!(engine.write(&spec(), &schema, &input, &path).unwrap(), 300);
    let plan = spec().compile(&schema).unwrap();
    let expected = local::run(&plan, &case.sources, &case.requests).unwrap();
    let mut at = 0;
    for batch in read_parquet(&path, 77).unwrap() {
        let batch = batch.unwrap();
        for (c, column) in plan.columns().iter().enumerate() {
            let array = batch.column_by_name(&column.name).unwrap();
            for row in 0..batch.num_rows() {
                let value = expected.values()[(at + row, c)];
                assert_eq!(array.is_null(row), value.is_nan(), "{}", column.name);
                if let Some(array) = array.as_primitive_opt::<Float64Type>()
                    && !value.is_nan()
                {
                    assert_eq!(array.value(row).to_bits(), value.to_bits());
                }
            }
        }
        at += batch.num_rows();
    }
    assert_eq!(at, 300);
}

#[test]
fn what_is_wrong_is_said() {
    let case = random(5, 5, 20, 30);
    let dir = tempfile::tempdir().unwrap();
    let input = files(&case, dir.path());
    let schema = case.sources.schema();
    let engine = DataFusionEngine::new();
    // No such file.
    let lost = ParquetInput::new(["/nowhere/requests.parquet"]);
    let error = engine.run(&spec(), &schema, &lost).unwrap_err();
    assert!(matches!(error, EngineError::Engine { .. }), "{error}");
    // Not a Parquet file.
    let text = dir.path().join("text.parquet");
    std::fs::write(&text, "no parquet").unwrap();
    let broken = ParquetInput::new([text.to_str().unwrap()]);
    assert!(engine.run(&spec(), &schema, &broken).is_err());
    // A value that the schema does not have.
    let mut fewer = schema.clone();
    fewer.sources[0].attributes[0].vocabulary.pop();
    let error = engine.run(&spec(), &fewer, &input).unwrap_err();
    assert!(error.to_string().contains("vocabulary"), "{error}");
    // A request that stands twice.
    let asked = dir.path().join("requests.parquet");
    let again = dir.path().join("requests again.parquet");
    std::fs::copy(&asked, &again).unwrap();
    let mut double = ParquetInput::new([asked.to_str().unwrap(), again.to_str().unwrap()]);
    for source in &case.sources.sources {
        double = double.with_source(
            &source.name,
            [dir.path().join(format!("{}-0.parquet", source.name)).to_str().unwrap()],
        );
    }
    match engine.run(&spec(), &schema, &double) {
        Err(EngineError::Requests { .. }) => {}
        other => panic!("{:?}", other.map(|table| table.n_rows())),
    }
    // Nothing half-written is left behind.
    let out = dir.path().join("out.parquet");
    assert!(engine.write(&spec(), &fewer, &input, &out).is_err());
    assert!(
        std::fs::read_dir(dir.path())
            .unwrap()
            .all(|entry| { !entry.unwrap().file_name().to_string_lossy().starts_with("out") })
    );
}
