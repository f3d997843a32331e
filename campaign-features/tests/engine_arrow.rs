//! Tables through record batches and Parquet files and back.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]
#![cfg(feature = "datafusion")]

mod engine_common;

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use campaign_features::engine::EngineError;
use campaign_features::engine::arrow::{
    SourcesReader, push_requests, read_parquet, request_batches, source_batches, table_batches,
    write_parquet,
};
use campaign_features::engine::local;
use engine_common::{random, spec};

#[test]
fn sources_and_requests_come_back() {
    for seed in 0..5 {
        let case = random(seed, 20, 40, 90);
        let dir = tempfile::tempdir().unwrap();
        let mut reader = SourcesReader::new(["ad", "channel"]);
        for source in &case.sources.sources {
            let path = dir.path().join("source.parquet");
            let rows = write_parquet(&path, source_batches(&case.sources, source, 100).unwrap());
            assert_eq!(rows.unwrap(), source.len() as u64);
            for batch in read_parquet(&path, 33).unwrap() {
                reader.push(&source.name, &batch.unwrap()).unwrap();
            }
        }
        let sources = reader.finish().unwrap();
        assert_eq!(sources, case.sources);
        let mut requests = sources.requests();
        for batch in request_batches(&case.sources, &case.requests, 40).unwrap() {
            push_requests(&sources, &mut requests, &batch.unwrap()).unwrap();
        }
        assert_eq!(requests, case.requests);
    }
}

#[test]
fn a_table_of_features_has_nulls_and_levels() {
    let case = random(1, 20, 40, 90);
    let plan = spec().compile(&case.sources.schema()).unwrap();
    let table = local::run(&plan, &case.sources, &case.requests).unwrap();
    let mut rows = 0;
    for batch in table_batches(&table, 64) {
        let batch = batch.unwrap();
        for (c, column) in table.columns().iter().enumerate() {
            let array = batch.column_by_name(&column.name).unwrap();
            for row in 0..batch.num_rows() {
                assert_eq!(array.is_null(row), table.values()[(rows + row, c)].is_nan());
            }
        }
        rows += batch.num_rows();
    }
    assert_eq!(rows, 90);
}

#[test]
fn columns_that_are_not_right_are_named() {
    let case = random(1, 3, 10, 5);
    let source = &case.sources.sources[0];
    let batch = source_batches(&case.sources, source, 1000).unwrap().next().unwrap().unwrap();
    let with = |name: &str, column: ArrayRef| {
        let schema = batch.schema();
        let columns = schema.fields().iter().zip(batch.columns()).map(|(field, old)| {
            let new = if field.name() == name { Arc::clone(&column) } else { Arc::clone(old) };
            let field = field.as_ref().clone().with_data_type(new.data_type().clone());
            (Arc::new(field.with_nullable(true)), new)
        });
        let (fields, columns): (Vec<_>, Vec<_>) = columns.unzip();
        RecordBatch::try_new(Arc::new(arrow::datatypes::Schema::new(fields)), columns).unwrap()
    };
    let push = |batch: &RecordBatch| SourcesReader::new(["ad", "channel"]).push("ads", batch);
    let n = batch.num_rows();

    let mut fewer = batch.clone();
    fewer.remove_column(batch.schema().index_of("known_at").unwrap());
    match push(&fewer) {
        Err(EngineError::Column { column, .. }) => assert_eq!(column, "known_at"),
        other => panic!("{other:?}"),
    }
    let texts = Arc::new(StringArray::from(vec!["2024-01-01"; n]));
    match push(&with("day", texts)) {
        Err(EngineError::Type { column, .. }) => assert_eq!(column, "day"),
        other => panic!("{other:?}"),
    }
    let missing = Arc::new(Date32Array::from(vec![None; n]));
    match push(&with("day", missing)) {
        Err(EngineError::Missing { column, row: 0, .. }) => assert_eq!(column, "day"),
        other => panic!("{other:?}"),
    }
    // -1 is no identity.
    let negative = Arc::new(Int64Array::from(vec![-1; n]));
    match push(&with("fact", negative)) {
        Err(EngineError::Type { column, .. }) => assert_eq!(column, "fact"),
        other => panic!("{other:?}"),
    }
    // Too large to be summed.
    let mut reader = SourcesReader::new(["ad", "channel"]);
    reader.push("ads", &with("spend", Arc::new(Int64Array::from(vec![i64::MAX; n])))).unwrap();
    assert!(matches!(reader.finish(), Err(EngineError::Feature(_))));
    // Text as a dictionary, dates of 64 bits and narrower integers are the same.
    let key = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    for (name, kind) in [("ad", &key), ("day", &DataType::Date64), ("clicks", &DataType::Int32)] {
        let mut reader = SourcesReader::new(["ad", "channel"]);
        let column = cast(batch.column_by_name(name).unwrap(), kind).unwrap();
        reader.push("ads", &with(name, column)).unwrap();
        assert_eq!(reader.finish().unwrap().sources[0], source.clone(), "{name}");
    }
}

#[test]
fn a_file_that_fails_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.parquet");
    assert!(matches!(write_parquet(&path, []), Err(EngineError::File { .. })));
    let case = random(1, 3, 10, 5);
    let batches = request_batches(&case.sources, &case.requests, 2).unwrap();
    let failing = batches.chain([Err(EngineError::Thread)]);
    assert!(matches!(write_parquet(&path, failing), Err(EngineError::Thread)));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    assert!(matches!(read_parquet(&path, 9).err(), Some(EngineError::File { .. })));
}
