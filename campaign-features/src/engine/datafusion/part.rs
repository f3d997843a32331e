//! Rows of one source in columns, with codes instead of names.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrowPrimitiveType, AsArray, PrimitiveArray, RecordBatch, StringArray,
};
use datafusion::arrow::datatypes::{Date32Type, Int64Type, TimestampMicrosecondType, UInt64Type};

use super::codes::Codes;
use super::group::missing;
use super::program::unknown;
use super::run::failed;
use super::together::internal;
use crate::engine::EngineError;
use crate::engine::arrow::{DAY, FACT, KNOWN_AT};
use crate::feature::source::{NONE, NOT_REPORTED, Source};
use crate::feature::spec::SourceSchema;

/// What the columns of [`tables::events`](super::tables::events) are.
#[derive(Clone)]
pub(super) struct Layout {
    /// The kinds whose keys are read.
    kinds: Vec<usize>,
    /// Per entity kind, the codes of the keys that are asked for.
    asked: Arc<Vec<Codes>>,
    /// Names of attributes, and the codes of their values.
    attributes: Arc<Vec<(Arc<str>, Codes)>>,
    measures: usize,
    stands: bool,
}

impl Layout {
    pub(super) fn new(
        source: &SourceSchema,
        kinds: Vec<usize>,
        asked: Arc<Vec<Codes>>,
        stands: bool,
    ) -> Self {
        let attributes = source.attributes.iter();
        let attributes = attributes.map(|a| (Arc::clone(&a.name), a.vocabulary.iter().collect()));
        let attributes = Arc::new(attributes.collect());
        Self { kinds, asked, attributes, measures: source.measures.len(), stands }
    }
}

/// Rows of one source. A key that nobody asks for is nobody's.
pub(super) struct Part {
    pub(super) rows: Source,
    layout: Layout,
    /// Whether keys of every kind ascend so far, so that rows need not be put in order.
    in_order: bool,
}

impl Part {
    pub(super) fn new(layout: Layout) -> Self {
        let rows = Source {
            keys: vec![Vec::new(); layout.asked.len()],
            measures: vec![Vec::new(); layout.measures],
            attributes: vec![Vec::new(); layout.attributes.len()],
            ..Source::default()
        };
        Self { rows, layout, in_order: true }
    }

    /// Adds rows of [`tables::events`](super::tables::events).
    pub(super) fn push(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        let mut columns = batch.columns().iter();
        let mut next = || columns.next().ok_or_else(internal);
        let Self { rows, layout, in_order } = self;
        for &kind in &layout.kinds {
            if let (Some(codes), Some(out)) = (layout.asked.get(kind), rows.keys.get_mut(kind)) {
                let last = out.len().saturating_sub(1);
                push_codes(next()?.as_string(), out, |name| Ok(codes.find(name).unwrap_or(NONE)))?;
                *in_order &= out.get(last..).is_none_or(|new| new.is_sorted());
            }
        }
        push(&mut rows.day, whole(DAY, next()?.as_primitive::<Date32Type>())?);
        let known_at = next()?.as_primitive::<TimestampMicrosecondType>();
        push(&mut rows.known_at, whole(KNOWN_AT, known_at)?);
        push(&mut rows.fact, whole(FACT, next()?.as_primitive::<UInt64Type>())?);
        if layout.stands {
            rows.stands.extend(next()?.as_boolean().iter().map(|stands| stands != Some(false)));
        }
        for out in &mut rows.measures {
            let values = next()?.as_primitive::<Int64Type>();
            if values.null_count() == 0 {
                push(out, values.values());
            } else {
                make_room(out, values.len());
                out.extend(values.iter().map(|value| value.unwrap_or(NOT_REPORTED)));
            }
        }
        for ((name, codes), out) in layout.attributes.iter().zip(&mut rows.attributes) {
            push_codes(next()?.as_string(), out, |value| {
                codes.find(value).ok_or_else(|| failed("replay")(unknown(name, value)))
            })?;
        }
        Ok(())
    }

    /// Puts rows under these.
    pub(super) fn append(&mut self, part: Self) {
        let (own, rows) = (&mut self.rows, part.rows);
        self.in_order &= part.in_order;
        for (of, out) in rows.keys.into_iter().zip(&mut own.keys) {
            let next = of.first().copied();
            self.in_order &= next.is_none_or(|next| out.last().is_none_or(|last| *last <= next));
            move_to(of, out);
        }
        move_to(rows.day, &mut own.day);
        move_to(rows.known_at, &mut own.known_at);
        move_to(rows.fact, &mut own.fact);
        move_to(rows.stands, &mut own.stands);
        for (of, out) in rows.measures.into_iter().zip(&mut own.measures) {
            move_to(of, out);
        }
        for (of, out) in rows.attributes.into_iter().zip(&mut own.attributes) {
            move_to(of, out);
        }
    }

    /// Bytes that its columns take, twice where they have yet to be put in order.
    pub(super) fn bytes(&self) -> usize {
        let Source { keys, day, known_at, fact, stands, measures, attributes, .. } = &self.rows;
        let codes = keys.iter().chain(attributes).map(|codes| codes.capacity() * 4);
        let measures = measures.iter().map(|values| values.capacity() * 8);
        let bytes = (day.capacity() * 4 + stands.capacity())
            + (known_at.capacity() + fact.capacity()) * 8
            + codes.chain(measures).sum::<usize>();
        if self.in_order { bytes } else { 2 * bytes }
    }
}

/// Adds the code of every row.
pub(super) fn push_codes(
    column: &StringArray,
    out: &mut Vec<u32>,
    mut code: impl FnMut(&str) -> Result<u32, EngineError>,
) -> Result<(), EngineError> {
    make_room(out, column.len());
    // Files often have the rows of one key beside each other.
    let mut last = (None, NONE);
    for name in column {
        if name != last.0 {
            last = (name, name.map_or(Ok(NONE), &mut code)?);
        }
        out.push(last.1);
    }
    Ok(())
}

/// Adds values.
pub(super) fn push<T: Copy>(out: &mut Vec<T>, values: &[T]) {
    make_room(out, values.len());
    out.extend_from_slice(values);
}

/// Grows by a quarter, where vectors of themselves would by as much again: what stands empty counts
/// as memory in use.
fn make_room<T>(out: &mut Vec<T>, more: usize) {
    if out.capacity() - out.len() < more {
        out.reserve_exact(more.max(out.len() / 4));
    }
}

fn move_to<T: Copy>(of: Vec<T>, out: &mut Vec<T>) {
    if out.is_empty() {
        *out = of;
    } else {
        out.reserve_exact(of.len());
        out.extend_from_slice(&of);
    }
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
