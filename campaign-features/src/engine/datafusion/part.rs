//! Rows of one source in columns, with codes instead of names.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, PrimitiveArray, RecordBatch, StringArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Int64Type, TimestampMicrosecondType, UInt64Type,
};

use super::group::missing;
use super::program::unknown;
use super::run::failed;
use super::together::internal;
use crate::engine::EngineError;
use crate::engine::arrow::{DAY, FACT, KNOWN_AT};
use crate::feature::source::{NONE, NOT_REPORTED, Source};
use crate::feature::spec::SourceSchema;

/// Rows of one source with codes of their own.
#[derive(Clone)]
pub(super) struct Part {
    pub(super) rows: Source,
    keys: Vec<Codes>,
    values: Vec<Codes>,
}

impl Part {
    pub(super) fn new(kinds: usize, measures: usize, attributes: usize) -> Self {
        let rows = Source {
            keys: vec![Vec::new(); kinds],
            measures: vec![Vec::new(); measures],
            attributes: vec![Vec::new(); attributes],
            ..Source::default()
        };
        Self {
            rows,
            keys: vec![Codes::default(); kinds],
            values: vec![Codes::default(); attributes],
        }
    }

    /// Adds rows of [`tables::events`].
    pub(super) fn push(
        &mut self,
        batch: &RecordBatch,
        kinds: &[usize],
        stands: bool,
    ) -> Result<(), EngineError> {
        let mut columns = batch.columns().iter();
        let mut next = || columns.next().ok_or_else(internal);
        let Self { rows, keys, values } = self;
        for &kind in kinds {
            if let (Some(codes), Some(out)) = (keys.get_mut(kind), rows.keys.get_mut(kind)) {
                codes.extend(next()?.as_string(), out)?;
            }
        }
        rows.day.extend_from_slice(whole(DAY, next()?.as_primitive::<Date32Type>())?);
        let known_at = next()?.as_primitive::<TimestampMicrosecondType>();
        rows.known_at.extend_from_slice(whole(KNOWN_AT, known_at)?);
        rows.fact.extend_from_slice(whole(FACT, next()?.as_primitive::<UInt64Type>())?);
        if stands {
            rows.stands.extend(next()?.as_boolean().iter().map(|stands| stands != Some(false)));
        }
        for out in &mut rows.measures {
            let values = next()?.as_primitive::<Int64Type>();
            if values.null_count() == 0 {
                out.extend_from_slice(values.values());
            } else {
                out.extend(values.iter().map(|value| value.unwrap_or(NOT_REPORTED)));
            }
        }
        for (codes, out) in values.iter_mut().zip(&mut rows.attributes) {
            codes.extend(next()?.as_string(), out)?;
        }
        Ok(())
    }

    /// Puts rows under these; names get the codes of `keys` and of the schema.
    pub(super) fn append(
        &mut self,
        part: Self,
        keys: &mut [Codes],
        schema: &SourceSchema,
    ) -> Result<(), EngineError> {
        let own = &mut self.rows;
        for (((of, codes), into), out) in
            part.rows.keys.into_iter().zip(&part.keys).zip(keys).zip(&mut own.keys)
        {
            let code = codes.names().iter().map(|name| into.code(name));
            recode(of, &code.collect::<Result<Vec<_>, _>>()?, out);
        }
        for (((of, codes), schema), out) in part
            .rows
            .attributes
            .into_iter()
            .zip(&part.values)
            .zip(&schema.attributes)
            .zip(&mut own.attributes)
        {
            let known: HashMap<_, _> = schema.vocabulary.iter().zip(0u32..).collect();
            let code = codes
                .names()
                .iter()
                .map(|value| known.get(value).copied().ok_or_else(|| unknown(&schema.name, value)));
            recode(of, &code.collect::<Result<Vec<_>, _>>().map_err(failed("replay"))?, out);
        }
        move_to(part.rows.day, &mut own.day);
        move_to(part.rows.known_at, &mut own.known_at);
        move_to(part.rows.fact, &mut own.fact);
        move_to(part.rows.stands, &mut own.stands);
        for (of, out) in part.rows.measures.into_iter().zip(&mut own.measures) {
            move_to(of, out);
        }
        Ok(())
    }

    /// Bytes that its columns take.
    pub(super) fn bytes(&self) -> usize {
        let Source { keys, day, known_at, fact, stands, measures, attributes, .. } = &self.rows;
        let codes = keys.iter().chain(attributes).map(|codes| codes.capacity() * 4);
        let measures = measures.iter().map(|values| values.capacity() * 8);
        let names = self.keys.iter().chain(&self.values).map(|codes| codes.names().len() * 64);
        (day.capacity() * 4 + stands.capacity())
            + (known_at.capacity() + fact.capacity()) * 8
            + codes.chain(measures).chain(names).sum::<usize>()
    }
}

/// Codes of names in the order in which they came.
#[derive(Debug, Clone, Default)]
pub(super) struct Codes {
    known: HashMap<Arc<str>, u32>,
    names: Vec<Arc<str>>,
}

impl Codes {
    /// The names, by their codes.
    pub(super) fn names(&self) -> &[Arc<str>] {
        &self.names
    }

    fn code(&mut self, name: &str) -> Result<u32, EngineError> {
        if let Some(&code) = self.known.get(name) {
            return Ok(code);
        }
        let code = u32::try_from(self.names.len()).ok().filter(|code| *code != NONE);
        let code = code.ok_or_else(|| EngineError::Memory("too many names".to_owned()))?;
        let name: Arc<str> = name.into();
        self.names.push(Arc::clone(&name));
        self.known.insert(name, code);
        Ok(code)
    }

    /// Adds the code of every row.
    pub(super) fn extend(
        &mut self,
        column: &StringArray,
        out: &mut Vec<u32>,
    ) -> Result<(), EngineError> {
        out.reserve(column.len());
        // Files often have the rows of one key beside each other.
        let mut last = (None, NONE);
        for name in column {
            if name != last.0 {
                last = (name, name.map_or(Ok(NONE), |name| self.code(name))?);
            }
            out.push(last.1);
        }
        Ok(())
    }
}

fn recode(of: Vec<u32>, codes: &[u32], out: &mut Vec<u32>) {
    let code = |code: u32| codes.get(code as usize).copied().unwrap_or(NONE);
    out.extend(of.into_iter().map(code));
}

fn move_to<T: Copy>(of: Vec<T>, out: &mut Vec<T>) {
    if out.is_empty() {
        *out = of;
    } else {
        out.extend_from_slice(&of);
    }
}

/// A column as this type.
pub(super) fn column(
    batch: &RecordBatch,
    name: &str,
    to: &DataType,
) -> Result<ArrayRef, EngineError> {
    let column = batch.column_by_name(name).ok_or_else(|| EngineError::Column {
        table: "requests".to_owned(),
        column: name.to_owned(),
    })?;
    cast(column, to).map_err(|error| failed("requests")(error.into()))
}

/// The values of a column without a null.
pub(super) fn whole<'a, T: ArrowPrimitiveType>(
    name: &str,
    column: &'a PrimitiveArray<T>,
) -> Result<&'a [T::Native], EngineError> {
    match column.null_count() {
        0 => Ok(column.values()),
        _ => Err(failed("replay")(missing(name))),
    }
}
