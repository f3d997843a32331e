//! Puts what was read of each entity kind beside its request, in memory.

use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, UInt64Type};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;

use super::run::failed;
use super::tables::{self, ParquetInput};
use super::together::{Checked, Sink, features, internal, numbers};
use crate::engine::EngineError;
use crate::feature::plan::Plan;

/// The values of one entity kind, request by request.
struct Placed {
    width: usize,
    values: Vec<f64>,
    there: Vec<bool>,
    _memory: MemoryReservation,
}

/// Hands on requests that are counted from 0, in their order, with their features.
pub(crate) async fn run(
    context: &SessionContext,
    input: &ParquetInput,
    plan: &Plan,
    plans: Vec<Arc<dyn ExecutionPlan>>,
    requests: u64,
    sink: &mut dyn Sink,
) -> Result<u64, EngineError> {
    let mut checked = Checked::new(requests);
    let mut placed = Vec::new();
    for plan in plans {
        placed.push(place(context, plan, requests, &checked).await?);
    }
    let in_turn = tables::in_turn(context);
    let table = tables::requests(&in_turn, input).await.map_err(failed("requests"))?;
    let mut stream = table.execute_stream().await.map_err(failed("requests"))?;
    let mut at = 0;
    let mut any = false;
    loop {
        let batch = match stream.try_next().await.map_err(failed("requests"))? {
            Some(batch) => batch,
            None if any => break,
            // An empty result still has columns.
            None => RecordBatch::new_empty(stream.schema()),
        };
        any = true;
        let values = placed.iter().map(|p| Some((p.width, p.values.get(at * p.width..)?)));
        let values = values.collect::<Option<Vec<_>>>().ok_or_else(internal)?;
        let whole = |row| placed.iter().all(|p| p.there.get(at + row) == Some(&true));
        let features = features(&batch, plan, &values, whole, &mut checked)?;
        sink.take(&batch, features)?;
        at += batch.num_rows();
    }
    checked.all()
}

async fn place(
    context: &SessionContext,
    plan: Arc<dyn ExecutionPlan>,
    requests: u64,
    checked: &Checked,
) -> Result<Placed, EngineError> {
    let width = match plan.schema().field(1).data_type() {
        DataType::FixedSizeList(_, width) => usize::try_from(*width).map_err(|_| internal())?,
        _ => return Err(internal()),
    };
    let too_many = || EngineError::Memory(format!("{requests} requests of {width} values"));
    let rows = usize::try_from(requests).map_err(|_| too_many())?;
    let cells = rows.checked_mul(width).ok_or_else(too_many)?;
    let memory =
        MemoryConsumer::new("values of requests").register(&context.runtime_env().memory_pool);
    let bytes = cells.checked_mul(8).and_then(|bytes| bytes.checked_add(rows));
    memory.try_grow(bytes.ok_or_else(too_many)?).map_err(failed("replay"))?;
    let mut placed =
        Placed { width, values: vec![f64::NAN; cells], there: vec![false; rows], _memory: memory };
    let stream = execute_stream(plan, context.task_ctx());
    let mut stream = stream.map_err(failed("replay"))?;
    while let Some(batch) = stream.try_next().await.map_err(failed("replay"))? {
        let [ids, lists, ..] = batch.columns() else { return Err(internal()) };
        let ids = ids.as_primitive_opt::<UInt64Type>().ok_or_else(internal)?;
        let lists = lists.as_fixed_size_list_opt().ok_or_else(internal)?;
        let (_, values) = numbers(lists).ok_or_else(internal)?;
        for (row, id) in ids.iter().enumerate() {
            let Some(id) = id else { continue };
            let slot = usize::try_from(id).map_err(|_| checked.fault(id))?;
            match placed.there.get_mut(slot) {
                Some(there) if !*there && lists.is_valid(row) => *there = true,
                _ => return Err(checked.fault(id)),
            }
            let from = values.get(row * width..(row + 1) * width).ok_or_else(internal)?;
            let to = placed.values.get_mut(slot * width..(slot + 1) * width);
            to.ok_or_else(internal)?.copy_from_slice(from);
        }
    }
    Ok(placed)
}
