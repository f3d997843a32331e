//! The requests in memory.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type, TimestampMicrosecondType, UInt64Type};
use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::prelude::SessionContext;
use futures::stream;

use super::batches::Batches;
use super::codes::Codes;
use super::part::{push, push_codes, whole};
use super::run::failed;
use super::tables::{self, ParquetInput};
use crate::engine::EngineError;
use crate::engine::arrow::{CUTOFF, DAY, REQUEST, TARGET_DAY, instant};
use crate::feature::plan::Plan;
use crate::feature::source::Requests;

/// The requests in columns, and, while there is room, as they stand in their files.
pub(super) struct Asked {
    pub(super) requests: Arc<Requests>,
    /// Per entity kind, the codes of its keys.
    pub(super) keys: Arc<Vec<Codes>>,
    batches: Option<Vec<RecordBatch>>,
    /// Bytes of the batches.
    held: MemoryReservation,
}

impl Asked {
    /// Reads them; `None` if they do not ascend by `request`.
    pub(super) async fn read(
        context: &SessionContext,
        input: &ParquetInput,
        plan: &Plan,
        memory: &MemoryReservation,
    ) -> Result<Option<Self>, EngineError> {
        let kinds = &plan.schema().kinds;
        let mut keys = vec![Codes::default(); kinds.len()];
        let mut requests = Requests::new(kinds.len());
        let (mut batches, held) = (Some(Vec::new()), memory.new_empty());
        let mut from = Batches::new(in_turn(context, input).await?);
        let (mut names, mut last) = (0, None);
        while let Some(batch) = from.next("requests").await? {
            let ids = column(&batch, REQUEST, &DataType::UInt64)?;
            let ids = whole(REQUEST, ids.as_primitive::<UInt64Type>())?;
            let ascend = ids.is_sorted_by(|a, b| a < b);
            if !ascend || last.zip(ids.first()).is_some_and(|(last, first)| last >= *first) {
                return Ok(None);
            }
            last = ids.last().copied().or(last);
            for entity in plan.entities() {
                let kind = entity.kind();
                let Some(name) = kinds.get(kind) else { continue };
                let of = column(&batch, name, &DataType::Utf8)?;
                if let (Some(codes), Some(out)) = (keys.get_mut(kind), requests.keys.get_mut(kind))
                {
                    push_codes(of.as_string(), out, |name| codes.code(name))?;
                }
            }
            let days = column(&batch, DAY, &DataType::Date32)?;
            push(&mut requests.day, whole(DAY, days.as_primitive::<Date32Type>())?);
            let cutoffs = column(&batch, CUTOFF, &instant())?;
            let cutoffs = cutoffs.as_primitive::<TimestampMicrosecondType>();
            push(&mut requests.cutoff, whole(CUTOFF, cutoffs)?);
            if batch.column_by_name(TARGET_DAY).is_some() {
                let days = column(&batch, TARGET_DAY, &DataType::Date32)?;
                push(
                    &mut requests.target_day,
                    whole(TARGET_DAY, days.as_primitive::<Date32Type>())?,
                );
            }
            // With what vectors have beyond their ends.
            let columns = 5 * (4 + plan.entities().len());
            let now = keys.iter().map(Codes::bytes).sum::<usize>();
            let bytes = batch.num_rows() * columns + now - names;
            names = now;
            if memory.try_grow(bytes).is_err() {
                (batches, _) = (None, held.free());
                memory.try_grow(bytes).map_err(failed("requests"))?;
            }
            match &mut batches {
                Some(kept) if held.try_grow(batch.get_array_memory_size()).is_ok() => {
                    kept.push(batch)
                }
                _ => (batches, _) = (None, held.free()),
            }
        }
        let (requests, keys) = (Arc::new(requests), Arc::new(keys));
        Ok(Some(Self { requests, keys, batches, held }))
    }

    /// The latest cutoff.
    pub(super) fn cutoff(&self) -> i64 {
        self.requests.cutoff.iter().copied().max().unwrap_or(i64::MIN)
    }

    /// Whether keys of every kind ascend, so that rows of entities need not be put in order.
    pub(super) fn in_order(&self) -> bool {
        self.requests.keys.iter().all(|keys| keys.is_sorted())
    }

    /// Keeps no batches any more.
    pub(super) fn let_go(&mut self) {
        (self.batches, _) = (None, self.held.free());
    }

    /// The requests as they stand, from the first: those that were kept, or else out of the files.
    pub(super) async fn batches(
        &mut self,
        context: &SessionContext,
        input: &ParquetInput,
    ) -> Result<Batches, EngineError> {
        let stream = match self.batches.take().and_then(stream_of) {
            Some(stream) => stream,
            None => in_turn(context, input).await?,
        };
        Ok(Batches::new(stream))
    }
}

fn stream_of(batches: Vec<RecordBatch>) -> Option<SendableRecordBatchStream> {
    let schema = batches.first()?.schema();
    let batches = stream::iter(batches.into_iter().map(Ok));
    Some(Box::pin(RecordBatchStreamAdapter::new(schema, batches)))
}

/// The files one after the other, so that requests come in their order.
async fn in_turn(
    context: &SessionContext,
    input: &ParquetInput,
) -> Result<SendableRecordBatchStream, EngineError> {
    let config = context.copied_config().with_target_partitions(1);
    let context = SessionContext::new_with_config_rt(config, context.runtime_env());
    let table = tables::requests(&context, input).await.map_err(failed("requests"))?;
    table.execute_stream().await.map_err(failed("requests"))
}

/// A column as this type.
fn column(batch: &RecordBatch, name: &str, to: &DataType) -> Result<ArrayRef, EngineError> {
    let column = batch.column_by_name(name).ok_or_else(|| EngineError::Column {
        table: "requests".to_owned(),
        column: name.to_owned(),
    })?;
    cast(column, to).map_err(|error| failed("requests")(error.into()))
}
