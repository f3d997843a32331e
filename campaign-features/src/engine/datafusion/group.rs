//! The rows of one key, taken out of record batches.

use std::ops::Range;

use datafusion::arrow::array::{
    Array, AsArray, BooleanArray, Int32Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::datatypes::{
    Date32Type, Int32Type, Int64Type, TimestampMicrosecondType, UInt64Type,
};
use datafusion::error::{DataFusionError, Result};

use super::ledger::{EventRow, Ledger, hash_key};
use super::program::{Program, Runner, Shape};
use crate::feature::source::{Columns as SourceColumns, NONE, NOT_REPORTED};

/// The source of a row that is a request.
pub(crate) const REQUEST: i32 = -1;

/// A batch with its columns at hand: events and requests of one entity kind under each other.
///
/// `key`, `source`, `day`, `at`, `id`, `stands`, then measures and attributes by their place in the
/// source. `source` is -1 for a request; then `at` is its cutoff and `id` its identity. Else `at` is
/// when the version became known and `id` the fact.
pub(crate) struct Columns<'a> {
    pub(crate) key: &'a StringArray,
    source: &'a Int32Array,
    day: &'a [i32],
    at: &'a [i64],
    id: &'a [u64],
    stands: &'a BooleanArray,
    measures: Vec<&'a Int64Array>,
    attributes: Vec<&'a StringArray>,
}

/// Columns before the measures.
const FIXED: usize = 6;

impl<'a> Columns<'a> {
    /// The columns of a batch of [`input_schema`]; another one is an error, and so is a missing
    /// day, instant or identity.
    pub(crate) fn of(batch: &'a RecordBatch, shape: &Shape) -> Result<Self> {
        let wrong = |column: usize| {
            let schema = batch.schema();
            let got = schema.fields().get(column).map(|f| f.to_string()).unwrap_or_default();
            DataFusionError::Execution(format!("replay: column {column} is {got:?}"))
        };
        let column = |c: usize| batch.columns().get(c).ok_or_else(|| wrong(c));
        let key = column(0)?.as_string_opt::<i32>().ok_or_else(|| wrong(0))?;
        let source = column(1)?.as_primitive_opt::<Int32Type>().ok_or_else(|| wrong(1))?;
        let day = column(2)?.as_primitive_opt::<Date32Type>().ok_or_else(|| wrong(2))?;
        let at = column(3)?.as_primitive_opt::<TimestampMicrosecondType>();
        let at = at.ok_or_else(|| wrong(3))?;
        let id = column(4)?.as_primitive_opt::<UInt64Type>().ok_or_else(|| wrong(4))?;
        let stands = column(5)?.as_boolean_opt().ok_or_else(|| wrong(5))?;
        let attributes = FIXED + shape.measures;
        let measures = (FIXED..attributes)
            .map(|c| column(c)?.as_primitive_opt::<Int64Type>().ok_or_else(|| wrong(c)))
            .collect::<Result<Vec<_>>>()?;
        let attributes = (attributes..attributes + shape.attributes)
            .map(|c| column(c)?.as_string_opt::<i32>().ok_or_else(|| wrong(c)))
            .collect::<Result<Vec<_>>>()?;
        for (name, nulls) in [
            ("source", source.null_count()),
            ("day", day.null_count()),
            ("known_at or cutoff", at.null_count()),
            ("fact or request", id.null_count()),
        ] {
            if nulls > 0 {
                return Err(missing(name));
            }
        }
        let (day, at, id) = (day.values(), at.values(), id.values());
        Ok(Self { key, source, day, at, id, stands, measures, attributes })
    }

    pub(crate) fn key(&self, row: usize) -> Option<&'a str> {
        self.key.is_valid(row).then(|| self.key.value(row))
    }

    fn measure(&self, m: usize, row: usize) -> i64 {
        match self.measures.get(m) {
            Some(column) if column.is_valid(row) => column.value(row),
            _ => NOT_REPORTED,
        }
    }

    fn stands(&self, row: usize) -> bool {
        self.stands.is_null(row) || self.stands.value(row)
    }

    /// The code of an attribute's value.
    fn attribute(&self, shape: &Shape, source: usize, a: usize, row: usize) -> Result<u32> {
        match self.attributes.get(a) {
            Some(column) if column.is_valid(row) => shape.code(source, a, column.value(row)),
            _ => Ok(NONE),
        }
    }

    /// Counts every row of the batch.
    #[cfg(feature = "ballista")]
    pub(crate) fn count(&self, shape: &Shape, ledger: &mut Ledger) -> Result<()> {
        let mut measures = Vec::new();
        let mut attributes = Vec::new();
        let rows = self.day.iter().zip(self.at).zip(self.id);
        for (row, ((&day, &at), &id)) in rows.enumerate() {
            let hash = hash_key(self.key(row));
            let source = self.source.value(row);
            if source == REQUEST {
                ledger.request(hash, id, day, at);
                continue;
            }
            let (source, layout) = shape.source(source)?;
            measures.clear();
            measures.extend((0..layout.measures).map(|m| self.measure(m, row)));
            attributes.clear();
            for a in 0..layout.attributes.len() {
                attributes.push(self.attribute(shape, source, a, row)?);
            }
            let event = EventRow {
                source,
                day,
                known_at: at,
                fact: id,
                stands: self.stands(row),
                measures: &measures,
                attributes: &attributes,
            };
            ledger.event(hash, event);
        }
        Ok(())
    }
}

/// Events of one source.
#[derive(Debug, Default)]
pub(crate) struct Events {
    pub(crate) day: Vec<i32>,
    pub(crate) known_at: Vec<i64>,
    pub(crate) fact: Vec<u64>,
    pub(crate) stands: Vec<bool>,
    /// One vector per measure.
    pub(crate) measures: Vec<Vec<i64>>,
    /// One vector per attribute.
    pub(crate) attributes: Vec<Vec<u32>>,
}

impl Events {
    /// The rows, lent.
    pub(crate) fn columns(&self) -> SourceColumns<'_> {
        SourceColumns {
            day: &self.day,
            known_at: &self.known_at,
            fact: &self.fact,
            stands: Some(&self.stands),
            measures: self.measures.iter().map(Vec::as_slice).collect(),
            attributes: self.attributes.iter().map(Vec::as_slice).collect(),
        }
    }
}

/// Events and requests of one key; the vectors are kept from key to key.
#[derive(Debug, Default)]
pub(crate) struct Group {
    key: Option<String>,
    started: bool,
    pub(crate) events: Vec<Events>,
    pub(crate) ids: Vec<u64>,
    pub(crate) day: Vec<i32>,
    pub(crate) cutoff: Vec<i64>,
}

impl Group {
    pub(crate) fn new(shape: &Shape) -> Self {
        let events = shape.sources.iter().map(|source| Events {
            measures: vec![Vec::new(); source.measures],
            attributes: vec![Vec::new(); source.attributes.len()],
            ..Events::default()
        });
        Self { events: events.collect(), ..Self::default() }
    }

    /// Whether rows of this key belong here.
    pub(crate) fn is(&self, key: Option<&str>) -> bool {
        self.started && self.key.as_deref() == key
    }

    pub(crate) fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Replays it; `out` has the program's width of entries per request.
    pub(crate) fn run(
        &self,
        program: &Program,
        runner: &mut Runner,
        out: &mut [f64],
    ) -> Result<()> {
        let columns: Vec<_> = self.events.iter().map(Events::columns).collect();
        // Of nobody nothing is known.
        let known = self.key.is_some();
        let all = |events: &Events| if known { 0..events.day.len() } else { 0..0 };
        let rows: Vec<_> = self.events.iter().map(all).collect();
        runner.run(program, &columns, &rows, (&self.day, &self.cutoff), out)
    }

    pub(crate) fn start(&mut self, key: Option<&str>) {
        self.started = true;
        match (key, &mut self.key) {
            (Some(key), Some(own)) => {
                own.clear();
                own.push_str(key);
            }
            (key, own) => *own = key.map(str::to_owned),
        }
        for events in &mut self.events {
            events.day.clear();
            events.known_at.clear();
            events.fact.clear();
            events.stands.clear();
            events.measures.iter_mut().for_each(Vec::clear);
            events.attributes.iter_mut().for_each(Vec::clear);
        }
        self.ids.clear();
        self.day.clear();
        self.cutoff.clear();
    }

    /// Adds rows, all of this key.
    pub(crate) fn extend(
        &mut self,
        columns: &Columns<'_>,
        shape: &Shape,
        rows: Range<usize>,
    ) -> Result<()> {
        let days = columns.day.get(rows.clone()).unwrap_or_default();
        let at = columns.at.get(rows.clone()).unwrap_or_default();
        let ids = columns.id.get(rows.clone()).unwrap_or_default();
        for (row, ((&day, &at), &id)) in rows.zip(days.iter().zip(at).zip(ids)) {
            let source = columns.source.value(row);
            if source == REQUEST {
                self.ids.push(id);
                self.day.push(day);
                self.cutoff.push(at);
                continue;
            }
            let (index, _) = shape.source(source)?;
            let Some(events) = self.events.get_mut(index) else { continue };
            events.day.push(day);
            events.known_at.push(at);
            events.fact.push(id);
            events.stands.push(columns.stands(row));
            for (m, values) in events.measures.iter_mut().enumerate() {
                values.push(columns.measure(m, row));
            }
            for (a, codes) in events.attributes.iter_mut().enumerate() {
                codes.push(columns.attribute(shape, index, a, row)?);
            }
        }
        Ok(())
    }

    /// Bytes that its vectors take.
    pub(crate) fn bytes(&self) -> usize {
        let events: usize = (self.events.iter())
            .map(|e| {
                e.day.capacity() * 5
                    + e.attributes.iter().map(|a| a.capacity() * 4).sum::<usize>()
                    + (e.known_at.capacity() + e.fact.capacity()) * 8
                    + e.measures.iter().map(|m| m.capacity() * 8).sum::<usize>()
            })
            .sum();
        events + self.ids.capacity() * 8 + self.day.capacity() * 4 + self.cutoff.capacity() * 8
    }

    /// Counts its rows.
    pub(crate) fn count(&self, ledger: &mut Ledger) {
        let hash = hash_key(self.key());
        let (mut measures, mut attributes) = (Vec::new(), Vec::new());
        for (source, events) in self.events.iter().enumerate() {
            let rows = events.day.iter().zip(&events.known_at).zip(&events.fact);
            let rows = rows.zip(&events.stands).enumerate();
            for (row, (((&day, &known_at), &fact), &stands)) in rows {
                measures.clear();
                measures.extend(events.measures.iter().filter_map(|m| m.get(row)));
                attributes.clear();
                attributes.extend(events.attributes.iter().filter_map(|a| a.get(row)));
                let (measures, attributes) = (&measures, &attributes);
                let event = EventRow { source, day, known_at, fact, stands, measures, attributes };
                ledger.event(hash, event);
            }
        }
        for ((&id, &day), &cutoff) in self.ids.iter().zip(&self.day).zip(&self.cutoff) {
            ledger.request(hash, id, day, cutoff);
        }
    }
}

pub(super) fn missing(column: &str) -> DataFusionError {
    DataFusionError::Execution(format!("replay: a row without {column}"))
}
