//! Sources and requests from record batches.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Date32Type, Int64Type, TimestampMicrosecondType, UInt64Type};
use campaign_core::ids::IdError;

use super::names::{CUTOFF, DAY, FACT, KNOWN_AT, REQUEST, Role, STANDS, TARGET_DAY, instant};
use crate::engine::EngineError;
use crate::feature::FeatureError;
use crate::feature::source::{MeasureColumn, NONE, NOT_REPORTED, Requests, Source, Sources};
use crate::texts::Texts;

/// Collects sources out of batches, in memory.
///
/// # Examples
/// ```
/// # use campaign_features::engine::arrow::{SourcesReader, source_batches};
/// # use campaign_features::feature::source::{Row, SourcesBuilder, Unit};
/// let mut builder = SourcesBuilder::new(["ad"])?;
/// let ads = builder.source("ads", &["ad"], &[("clicks", Unit::Count)], &[])?;
/// ads.push(&Row { keys: &[Some("a")], day: 1, known_at: 2, fact: None, measures: &[Some(3)], attributes: &[] })?;
/// let sources = builder.finish()?;
/// let mut reader = SourcesReader::new(["ad"]);
/// for batch in source_batches(&sources, &sources.sources[0], 1024)? {
///     reader.push("ads", &batch?)?;
/// }
/// assert_eq!(reader.finish()?, sources);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct SourcesReader {
    kinds: Vec<Arc<str>>,
    names: Vec<Texts>,
    sources: Vec<Growing>,
}

#[derive(Debug, Default)]
struct Growing {
    source: Source,
    values: Vec<Texts>,
}

impl SourcesReader {
    /// No rows yet, for these entity kinds.
    #[must_use]
    pub fn new<'a>(kinds: impl IntoIterator<Item = &'a str>) -> Self {
        let kinds: Vec<Arc<str>> = kinds.into_iter().map(Into::into).collect();
        let names = kinds.iter().map(|_| Texts::default()).collect();
        Self { kinds, names, sources: Vec::new() }
    }

    /// Adds rows of a source; its first batch says what columns it has.
    ///
    /// # Errors
    /// [`EngineError::Column`], [`EngineError::Type`] or [`EngineError::Missing`] with the column;
    /// what was pushed before is then of no use.
    pub fn push(&mut self, name: &str, batch: &RecordBatch) -> Result<(), EngineError> {
        let known = self.sources.iter().position(|growing| *growing.source.name == *name);
        let index = match known {
            Some(index) => index,
            None => {
                let growing = Growing::declared(name, batch, self.kinds.len())?;
                self.sources.push(growing);
                self.sources.len() - 1
            }
        };
        let Some(Growing { source, values }) = self.sources.get_mut(index) else { return Ok(()) };
        let table = Table { name, batch };
        let before = source.len();
        for (kind, (kind_name, names)) in self.kinds.iter().zip(&mut self.names).enumerate() {
            let declared = before == 0 || source.keys.get(kind).is_some_and(|k| !k.is_empty());
            if !declared || table.find(kind_name).is_none() {
                continue;
            }
            if let Some(keys) = source.keys.get_mut(kind) {
                table.codes(kind_name, names, keys)?;
            }
        }
        table.days(DAY, &mut source.day)?;
        table.instants(KNOWN_AT, &mut source.known_at)?;
        let facts = table.column(FACT, &DataType::UInt64, "an integer")?;
        table.whole(FACT, &facts)?;
        source.fact.extend(facts.as_primitive::<UInt64Type>().values());
        if table.find(STANDS).is_some() {
            let stands = table.column(STANDS, &DataType::Boolean, "true or false")?;
            table.whole(STANDS, &stands)?;
            source.stands.resize(before, true);
            source.stands.extend(stands.as_boolean().iter().flatten());
        } else if !source.stands.is_empty() {
            source.stands.resize(source.day.len(), true);
        }
        for (measure, values) in source.measure_names.iter().zip(&mut source.measures) {
            let column = table.column(&measure.name, &DataType::Int64, "an integer")?;
            let column = column.as_primitive::<Int64Type>();
            match column.null_count() {
                0 => values.extend_from_slice(column.values()),
                _ => values.extend(column.iter().map(|value| value.unwrap_or(NOT_REPORTED))),
            }
        }
        let attributes = source.attribute_names.iter().zip(&mut source.attributes);
        for ((name, codes), names) in attributes.zip(values) {
            table.codes(name, names, codes)?;
        }
        Ok(())
    }

    /// Sorts the names and checks the values.
    ///
    /// # Errors
    /// [`EngineError::Feature`].
    pub fn finish(self) -> Result<Sources, EngineError> {
        let mut sources: Vec<Source> = Vec::new();
        let (orders, names): (Vec<_>, Vec<_>) = self.names.iter().map(sorted).unzip();
        for Growing { mut source, values } in self.sources {
            for (keys, order) in source.keys.iter_mut().zip(&orders) {
                renumber(keys, order);
            }
            for (codes, names) in source.attributes.iter_mut().zip(&values) {
                let (order, names) = sorted(names);
                renumber(codes, &order);
                source.vocabularies.push(names);
            }
            sources.push(source);
        }
        let sources = Sources { kinds: self.kinds, names, sources };
        sources.check()?;
        Ok(sources)
    }
}

impl Growing {
    fn declared(name: &str, batch: &RecordBatch, kinds: usize) -> Result<Self, EngineError> {
        let mut growing = Self::default();
        growing.source.name = name.into();
        growing.source.keys = vec![Vec::new(); kinds];
        for field in batch.schema().fields() {
            match Role::of(name, field)? {
                Role::Measure(unit) => {
                    let name = field.name().as_str().into();
                    growing.source.measure_names.push(MeasureColumn { name, unit });
                    growing.source.measures.push(Vec::new());
                }
                role @ (Role::Attribute | Role::Personal) => {
                    if role == Role::Personal {
                        growing.source.sensitive.push(field.name().as_str().into());
                    }
                    growing.source.attribute_names.push(field.name().as_str().into());
                    growing.source.attributes.push(Vec::new());
                    growing.values.push(Texts::default());
                }
                Role::Key | Role::Other => {}
            }
        }
        Ok(growing)
    }
}

/// Adds requests for these sources; the column `request` is not needed, rows stand in their order.
///
/// # Errors
/// [`EngineError::Column`], [`EngineError::Type`] or [`EngineError::Missing`].
pub fn push_requests(
    sources: &Sources,
    requests: &mut Requests,
    batch: &RecordBatch,
) -> Result<(), EngineError> {
    let table = Table { name: REQUEST, batch };
    let before = requests.len();
    table.days(DAY, &mut requests.day)?;
    table.instants(CUTOFF, &mut requests.cutoff)?;
    for (kind, name) in sources.kinds.iter().enumerate() {
        let Some(keys) = requests.keys.get_mut(kind) else { continue };
        if table.find(name).is_none() {
            if !keys.is_empty() {
                keys.resize(requests.day.len(), NONE);
            }
            continue;
        }
        keys.resize(before, NONE);
        let column = table.column(name, &DataType::Utf8, "text")?;
        // Neighbouring rows mostly have one key.
        let mut last = (None, NONE);
        keys.extend(column.as_string::<i32>().iter().map(|key| {
            if key != last.0 {
                last = (key, key.map_or(NONE, |key| sources.key(kind, key)));
            }
            last.1
        }));
    }
    if table.find(TARGET_DAY).is_some() {
        requests.target_day.extend_from_slice(
            requests.day.get(requests.target_day.len()..before).unwrap_or_default(),
        );
        table.days(TARGET_DAY, &mut requests.target_day)?;
    } else if !requests.target_day.is_empty() {
        requests.target_day.extend_from_slice(requests.day.get(before..).unwrap_or_default());
    }
    Ok(())
}

/// A batch of a table with a name for errors.
struct Table<'a> {
    name: &'a str,
    batch: &'a RecordBatch,
}

impl Table<'_> {
    fn find(&self, column: &str) -> Option<&ArrayRef> {
        self.batch.column_by_name(column)
    }

    fn column(
        &self,
        column: &str,
        kind: &DataType,
        expected: &'static str,
    ) -> Result<ArrayRef, EngineError> {
        let array = self.find(column).ok_or_else(|| EngineError::Column {
            table: self.name.to_owned(),
            column: column.to_owned(),
        })?;
        let wrong = || EngineError::Type {
            table: self.name.to_owned(),
            column: column.to_owned(),
            got: array.data_type().to_string(),
            expected,
        };
        let (from, to) = (array.data_type(), kind);
        let text = |kind: &DataType| {
            matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
        };
        let alike = match to {
            DataType::Utf8 => {
                text(from) || matches!(from, DataType::Dictionary(_, values) if text(values))
            }
            DataType::Int64 | DataType::UInt64 => from.is_integer(),
            DataType::Date32 => matches!(from, DataType::Date32 | DataType::Date64),
            DataType::Timestamp(..) => matches!(from, DataType::Timestamp(..)),
            _ => from == to,
        };
        if !alike {
            return Err(wrong());
        }
        let made = cast(array, to).map_err(|_| wrong())?;
        // A cast gives null for what does not fit.
        if made.logical_null_count() != array.logical_null_count() {
            return Err(wrong());
        }
        Ok(made)
    }

    fn whole(&self, column: &str, array: &ArrayRef) -> Result<(), EngineError> {
        let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0);
        match nulls.and_then(|nulls| nulls.iter().position(|valid| !valid)) {
            Some(row) => Err(EngineError::Missing {
                table: self.name.to_owned(),
                column: column.to_owned(),
                row,
            }),
            None => Ok(()),
        }
    }

    fn days(&self, column: &str, out: &mut Vec<i32>) -> Result<(), EngineError> {
        let array = self.column(column, &DataType::Date32, "a date")?;
        self.whole(column, &array)?;
        out.extend(array.as_primitive::<Date32Type>().values());
        Ok(())
    }

    fn instants(&self, column: &str, out: &mut Vec<i64>) -> Result<(), EngineError> {
        let array = self.column(column, &instant(), "an instant")?;
        self.whole(column, &array)?;
        out.extend(array.as_primitive::<TimestampMicrosecondType>().values());
        Ok(())
    }

    fn codes(
        &self,
        column: &str,
        names: &mut Texts,
        out: &mut Vec<u32>,
    ) -> Result<(), EngineError> {
        let array = self.column(column, &DataType::Utf8, "text")?;
        out.reserve(array.len());
        // Neighbouring rows mostly say the same.
        let mut last = (None, NONE);
        for name in array.as_string::<i32>() {
            if name != last.0 {
                let code = name.map(|name| names.code(name).ok_or(IdError::TooMany));
                last = (name, code.transpose().map_err(FeatureError::from)?.unwrap_or(NONE));
            }
            out.push(last.1);
        }
        Ok(())
    }
}

/// Per name its place in order, and the names in order.
fn sorted(names: &Texts) -> (Vec<u32>, Vec<Arc<str>>) {
    let (sorted, place) = names.sorted();
    (place, sorted.into_iter().map(Arc::from).collect())
}

fn renumber(codes: &mut [u32], order: &[u32]) {
    for code in codes {
        *code = order.get(*code as usize).copied().unwrap_or(NONE);
    }
}
