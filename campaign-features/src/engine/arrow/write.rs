//! Sources, requests and tables as record batches.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int32Array, Int64Array,
    RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array,
};
use arrow::datatypes::{DataType, Field, Schema};
use campaign_core::error::check_length;
use campaign_core::{Column, ColumnKind};

use super::names::{CUTOFF, DAY, FACT, KNOWN_AT, REQUEST, Role, STANDS, TARGET_DAY, instant};
use crate::engine::EngineError;
use crate::engine::error::failed;
use crate::feature::source::{NOT_REPORTED, Requests, Source, Sources};
use crate::feature::{FeatureError, FeatureTable};

/// Rows of one source, a batch at a time.
///
/// # Errors
/// [`EngineError::Feature`] if the sources are not in order.
pub fn source_batches<'a>(
    sources: &'a Sources,
    source: &'a Source,
    rows: usize,
) -> Result<impl Iterator<Item = Result<RecordBatch, EngineError>> + 'a, EngineError> {
    sources.check()?;
    let kinds: Vec<usize> = (0..sources.kinds.len())
        .filter(|&kind| source.keys.get(kind).is_some_and(|k| !k.is_empty() || source.is_empty()))
        .collect();
    let mut fields: Vec<Field> =
        kinds.iter().filter_map(|&k| Some(Role::Key.field(sources.kinds.get(k)?))).collect();
    fields.push(Field::new(DAY, DataType::Date32, false));
    fields.push(Field::new(KNOWN_AT, instant(), false));
    fields.push(Field::new(FACT, DataType::UInt64, false));
    if !source.stands.is_empty() {
        fields.push(Field::new(STANDS, DataType::Boolean, false));
    }
    fields.extend(source.measure_names.iter().map(|m| Role::Measure(m.unit).field(&m.name)));
    fields.extend(source.attribute_names.iter().map(|name| match source.is_sensitive(name) {
        true => Role::Personal.field(name),
        false => Role::Attribute.field(name),
    }));
    let schema = Arc::new(Schema::new(fields));
    Ok(chunks(source.len(), rows).map(move |range| {
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
        for &kind in &kinds {
            let keys = source.keys.get(kind).map_or(&[][..], Vec::as_slice);
            columns.push(texts(part(keys, &range), sources.names.get(kind)));
        }
        columns.push(Arc::new(Date32Array::from(part(&source.day, &range).to_vec())));
        columns.push(instants(part(&source.known_at, &range)));
        columns.push(Arc::new(UInt64Array::from(part(&source.fact, &range).to_vec())));
        if !source.stands.is_empty() {
            columns.push(Arc::new(BooleanArray::from(part(&source.stands, &range).to_vec())));
        }
        for measure in &source.measures {
            let values = part(measure, &range).iter();
            columns.push(Arc::new(Int64Array::from_iter(
                values.map(|&value| (value != NOT_REPORTED).then_some(value)),
            )));
        }
        for (codes, names) in source.attributes.iter().zip(&source.vocabularies) {
            columns.push(texts(part(codes, &range), Some(names)));
        }
        RecordBatch::try_new(Arc::clone(&schema), columns).map_err(failed("record batch"))
    }))
}

/// Requests, a batch at a time; `request` counts them from 0.
///
/// # Errors
/// [`EngineError::Feature`] if they are not in order.
pub fn request_batches<'a>(
    sources: &'a Sources,
    requests: &'a Requests,
    rows: usize,
) -> Result<impl Iterator<Item = Result<RecordBatch, EngineError>> + 'a, EngineError> {
    requests.check()?;
    check_length("key columns", requests.keys.len(), sources.kinds.len())
        .map_err(FeatureError::from)?;
    let schema = Arc::new(Schema::new(request_fields(&sources.kinds, requests)));
    Ok(chunks(requests.len(), rows).map(move |range| {
        let columns = request_columns(&sources.names, requests, &range);
        RecordBatch::try_new(Arc::clone(&schema), columns).map_err(failed("record batch"))
    }))
}

fn request_fields(kinds: &[Arc<str>], requests: &Requests) -> Vec<Field> {
    let mut fields = vec![Field::new(REQUEST, DataType::UInt64, false)];
    for (kind, keys) in kinds.iter().zip(&requests.keys) {
        if !keys.is_empty() || requests.is_empty() {
            fields.push(Role::Key.field(kind));
        }
    }
    fields.push(Field::new(DAY, DataType::Date32, false));
    fields.push(Field::new(CUTOFF, instant(), false));
    if !requests.target_day.is_empty() {
        fields.push(Field::new(TARGET_DAY, DataType::Date32, false));
    }
    fields
}

fn request_columns(
    names: &[Vec<Arc<str>>],
    requests: &Requests,
    range: &Range<usize>,
) -> Vec<ArrayRef> {
    let ids = UInt64Array::from_iter_values(range.clone().map(|row| row as u64));
    let mut columns: Vec<ArrayRef> = vec![Arc::new(ids)];
    for (kind, keys) in requests.keys.iter().enumerate() {
        if !keys.is_empty() || requests.is_empty() {
            columns.push(texts(part(keys, range), names.get(kind)));
        }
    }
    columns.push(Arc::new(Date32Array::from(part(&requests.day, range).to_vec())));
    columns.push(instants(part(&requests.cutoff, range)));
    if !requests.target_day.is_empty() {
        columns.push(Arc::new(Date32Array::from(part(&requests.target_day, range).to_vec())));
    }
    columns
}

/// A table, a batch at a time: the columns of its requests, then its features.
///
/// A missing number is null; a categorical column is a dictionary of its levels.
///
/// # Errors
/// [`EngineError::Engine`] from a batch that Arrow refuses.
pub fn table_batches(
    table: &FeatureTable,
    rows: usize,
) -> impl Iterator<Item = Result<RecordBatch, EngineError>> + '_ {
    let requests = table.requests();
    let mut fields = request_fields(table.kinds(), requests);
    fields.extend(table.columns().iter().map(feature_field));
    let schema = Arc::new(Schema::new(fields));
    chunks(table.n_rows(), rows).map(move |range| {
        let mut columns = request_columns(table.names(), requests, &range);
        for (c, column) in table.columns().iter().enumerate() {
            let values = range.clone().filter_map(|row| table.values().get((row, c)).copied());
            columns.push(feature_array(column, values)?);
        }
        RecordBatch::try_new(Arc::clone(&schema), columns).map_err(failed("record batch"))
    })
}

/// The field of a feature.
pub(crate) fn feature_field(column: &Column) -> Field {
    let kind = match &column.kind {
        ColumnKind::Categorical { .. } => {
            DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
        }
        ColumnKind::Numeric => DataType::Float64,
    };
    Field::new(&*column.name, kind, true)
}

/// The values of a feature; NaN is null.
pub(crate) fn feature_array(
    column: &Column,
    values: impl Iterator<Item = f64>,
) -> Result<ArrayRef, EngineError> {
    Ok(match &column.kind {
        ColumnKind::Numeric => {
            Arc::new(Float64Array::from_iter(values.map(|v| (!v.is_nan()).then_some(v))))
        }
        ColumnKind::Categorical { levels } => {
            let codes = Int32Array::from_iter(values.map(|v| (!v.is_nan()).then_some(v as i32)));
            let levels = StringArray::from_iter_values(levels.iter());
            let array = DictionaryArray::try_new(codes, Arc::new(levels));
            Arc::new(array.map_err(failed("levels"))?)
        }
    })
}

/// Ranges of so many rows; an empty one if there are none, so that the columns are told.
fn chunks(n: usize, rows: usize) -> impl Iterator<Item = Range<usize>> {
    let rows = rows.max(1);
    (0..n.div_ceil(rows).max(1)).map(move |chunk| chunk * rows..((chunk + 1) * rows).min(n))
}

fn part<'a, T>(values: &'a [T], range: &Range<usize>) -> &'a [T] {
    values.get(range.clone()).unwrap_or_default()
}

fn instants(values: &[i64]) -> ArrayRef {
    Arc::new(TimestampMicrosecondArray::from(values.to_vec()).with_timezone("UTC"))
}

fn texts(codes: &[u32], names: Option<&Vec<Arc<str>>>) -> ArrayRef {
    let name = |code: &u32| names.and_then(|names| names.get(*code as usize));
    Arc::new(StringArray::from_iter(codes.iter().map(|code| name(code).map(|name| &**name))))
}
