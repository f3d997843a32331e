//! All rows in memory: DataFusion scans, the local engine computes.

use std::collections::BTreeMap;

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Date32Type, TimestampMicrosecondType, UInt64Type};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::physical_plan::{SendableRecordBatchStream, execute_stream_partitioned};
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;
use tokio::task::JoinSet;

use super::output::Sink;
use super::part::{Codes, Part, column, whole};
use super::run::failed;
use super::tables::{self, ParquetInput};
use crate::engine::arrow::{CUTOFF, DAY, REQUEST, TARGET_DAY, instant};
use crate::engine::{EngineError, local};
use crate::feature::plan::Plan;
use crate::feature::source::{Requests, Sources};

/// Hands on requests with their features in the order of the files, and says how many there are;
/// `None` if `request` does not count them from 0.
///
/// # Errors
/// [`EngineError::Memory`] if there is no room, before anything is handed on.
pub(super) async fn run(
    context: &SessionContext,
    input: &ParquetInput,
    plan: &Plan,
    sink: &mut dyn Sink,
) -> Result<Option<u64>, EngineError> {
    let memory = MemoryConsumer::new("all rows").register(&context.runtime_env().memory_pool);
    let Some(mut asked) = asked(context, input, plan, &memory).await? else { return Ok(None) };
    let sources = sources(context, input, plan, &mut asked, &memory).await?;
    let width = plan.columns().len();
    // Rows are made in the order of entities and then put into that of the requests.
    let cells = asked.requests.len().checked_mul(width.saturating_mul(16));
    let cells = cells.ok_or_else(|| EngineError::Memory(format!("{width} columns of values")))?;
    memory.try_grow(cells).map_err(failed("memory"))?;
    let table = local::run(plan, &sources, &asked.requests)?;
    drop(sources);
    let values = table.values().as_slice().unwrap_or_default();
    let mut at = 0;
    for batch in asked.batches {
        let to = at + batch.num_rows() * width;
        sink.take(&batch, values.get(at..to).unwrap_or_default())?;
        at = to;
    }
    Ok(Some(asked.requests.len() as u64))
}

/// The requests, as they stand and in columns.
struct Asked {
    batches: Vec<RecordBatch>,
    requests: Requests,
    /// Per entity kind, the codes of its keys.
    keys: Vec<Codes>,
}

async fn asked(
    context: &SessionContext,
    input: &ParquetInput,
    plan: &Plan,
    memory: &MemoryReservation,
) -> Result<Option<Asked>, EngineError> {
    let kinds = &plan.schema().kinds;
    let mut asked = Asked {
        batches: Vec::new(),
        requests: Requests::new(kinds.len()),
        keys: vec![Codes::default(); kinds.len()],
    };
    let table = tables::requests(&tables::in_turn(context), input).await;
    let stream = table.map_err(failed("requests"))?.execute_stream().await;
    let mut stream = stream.map_err(failed("requests"))?;
    loop {
        let batch = match stream.try_next().await.map_err(failed("requests"))? {
            Some(batch) => batch,
            None if !asked.batches.is_empty() => break,
            // An empty result still has columns.
            None => RecordBatch::new_empty(stream.schema()),
        };
        let ids = column(&batch, REQUEST, &DataType::UInt64)?;
        let ids = whole(REQUEST, ids.as_primitive::<UInt64Type>())?;
        if ids.iter().zip(asked.requests.len() as u64..).any(|(&id, expected)| id != expected) {
            return Ok(None);
        }
        for entity in plan.entities() {
            let kind = entity.kind();
            let Some(name) = kinds.get(kind) else { continue };
            let keys = column(&batch, name, &DataType::Utf8)?;
            if let (Some(codes), Some(out)) =
                (asked.keys.get_mut(kind), asked.requests.keys.get_mut(kind))
            {
                codes.extend(keys.as_string(), out)?;
            }
        }
        let requests = &mut asked.requests;
        let days = column(&batch, DAY, &DataType::Date32)?;
        requests.day.extend_from_slice(whole(DAY, days.as_primitive::<Date32Type>())?);
        let cutoffs = column(&batch, CUTOFF, &instant())?;
        let cutoffs = cutoffs.as_primitive::<TimestampMicrosecondType>();
        requests.cutoff.extend_from_slice(whole(CUTOFF, cutoffs)?);
        if batch.column_by_name(TARGET_DAY).is_some() {
            let days = column(&batch, TARGET_DAY, &DataType::Date32)?;
            let days = days.as_primitive::<Date32Type>();
            requests.target_day.extend_from_slice(whole(TARGET_DAY, days)?);
        }
        let columns = 2 * (16 + 4 * plan.entities().len());
        let bytes = batch.get_array_memory_size() + batch.num_rows() * columns;
        memory.try_grow(bytes).map_err(failed("requests"))?;
        asked.batches.push(batch);
    }
    Ok(Some(asked))
}

/// Every source that the plan uses; of the others there are no rows.
async fn sources(
    context: &SessionContext,
    input: &ParquetInput,
    plan: &Plan,
    asked: &mut Asked,
    memory: &MemoryReservation,
) -> Result<Sources, EngineError> {
    let schema = plan.schema();
    let cutoff = asked.requests.cutoff.iter().copied().max().unwrap_or(i64::MIN);
    let mut sources = Vec::new();
    for (index, source) in schema.sources.iter().enumerate() {
        let kinds = plan.entities().iter().filter(|entity| entity.uses(index));
        let kinds: Vec<usize> = kinds.map(|entity| entity.kind()).collect();
        let mut all = Part::new(schema.kinds.len(), source.measures.len(), source.attributes.len());
        let named = kinds.iter().filter_map(|&kind| schema.kinds.get(kind));
        let named: Vec<&str> = named.map(|name| &**name).collect();
        if let Some(table) = tables::events(context, input, source, &named, cutoff)
            .await
            .map_err(failed("reading sources"))?
        {
            let scan = table.frame.create_physical_plan().await.map_err(failed("planning"))?;
            let streams = execute_stream_partitioned(scan, context.task_ctx());
            let mut tasks = JoinSet::new();
            for (place, stream) in
                streams.map_err(failed("reading sources"))?.into_iter().enumerate()
            {
                let part = all.clone();
                let read = read(stream, part, kinds.clone(), table.stands, memory.new_empty());
                tasks.spawn(async move { (place, read.await) });
            }
            for (part, held) in in_order(tasks).await? {
                all.append(part, &mut asked.keys, source)?;
                memory.grow(held.free());
            }
        }
        sources.push(all.rows);
    }
    let names = asked.keys.iter().map(|codes| codes.names().to_vec()).collect();
    Ok(Sources { kinds: schema.kinds.clone(), names, sources })
}

/// What every task gave, by place. After an error no task runs on: what follows needs its memory.
async fn in_order<T: 'static>(
    mut tasks: JoinSet<(usize, Result<T, EngineError>)>,
) -> Result<Vec<T>, EngineError> {
    let mut done = BTreeMap::new();
    while let Some(task) = tasks.join_next().await {
        let given = task.map_err(|_| EngineError::Thread);
        match given.and_then(|(place, given)| Ok((place, given?))) {
            Ok((place, given)) => done.insert(place, given),
            Err(error) => {
                tasks.shutdown().await;
                return Err(error);
            }
        };
    }
    Ok(done.into_values().collect())
}

/// Reads one stream to its end.
async fn read(
    mut stream: SendableRecordBatchStream,
    mut part: Part,
    kinds: Vec<usize>,
    stands: bool,
    memory: MemoryReservation,
) -> Result<(Part, MemoryReservation), EngineError> {
    while let Some(batch) = stream.try_next().await.map_err(failed("reading sources"))? {
        part.push(&batch, &kinds, stands)?;
        // As many again for putting them in order.
        memory.try_resize(2 * part.bytes()).map_err(failed("reading sources"))?;
    }
    Ok((part, memory))
}
