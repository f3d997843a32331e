//! Rows in memory, of all entities or of some at a time: DataFusion scans, the local engine computes.

use std::sync::Arc;

use datafusion::execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryReservation};
use datafusion::prelude::SessionContext;

use super::asked::Asked;
use super::output::Sink;
use super::rows::Rows;
use super::run::failed;
use super::tables::{self, ParquetInput};
use super::turns;
use crate::engine::{EngineError, local};
use crate::feature::FeatureTable;
use crate::feature::plan::{EntityPlan, Plan};

/// Hands on requests with their features in the order of the files, and says how many there are;
/// `None` if they do not ascend by `request`, or if there is no room, and nothing was handed on.
pub(super) async fn run(
    context: &SessionContext,
    input: &ParquetInput,
    plan: &Plan,
    sink: &mut dyn Sink,
) -> Result<Option<u64>, EngineError> {
    let mut work = match Work::new(context, input, plan).await {
        Ok(Some(work)) => work,
        Ok(None) | Err(EngineError::Memory(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let need = work.need(plan.entities(), work.width()).await?;
    if need > work.free() {
        work.asked.let_go();
    }
    let mut least = 1;
    if need <= work.free() {
        match work.whole().await {
            Ok(table) => return work.hand_on(&table, sink).await.map(Some),
            Err(EngineError::Memory(_)) => work.asked.let_go(),
            Err(error) => return Err(error),
        }
        least = 2;
    }
    match turns::told(&work, least).await {
        Ok(told) => turns::hand_on(work, told, sink).await.map(Some),
        Err(EngineError::Memory(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A plan, what it is asked, and the memory for it.
pub(super) struct Work<'a> {
    pub(super) context: &'a SessionContext,
    pub(super) input: &'a ParquetInput,
    pub(super) plan: &'a Plan,
    pub(super) asked: Asked,
    memory: MemoryReservation,
}

impl<'a> Work<'a> {
    /// Reads the requests; `None` if they do not ascend by `request`.
    pub(super) async fn new(
        context: &'a SessionContext,
        input: &'a ParquetInput,
        plan: &'a Plan,
    ) -> Result<Option<Self>, EngineError> {
        let memory = MemoryConsumer::new("all rows").register(&context.runtime_env().memory_pool);
        let asked = Asked::read(context, input, plan, &memory).await?;
        Ok(asked.map(|asked| Self { context, input, plan, asked, memory }))
    }

    /// Bytes not in use.
    pub(super) fn free(&self) -> usize {
        let pool = &self.context.runtime_env().memory_pool;
        match pool.memory_limit() {
            MemoryLimit::Finite(bytes) => bytes.saturating_sub(pool.reserved()),
            _ => usize::MAX,
        }
    }

    /// About how many bytes the rows of these kinds take, and `width` numbers per request.
    pub(super) async fn need(
        &self,
        entities: &[EntityPlan],
        width: usize,
    ) -> Result<usize, EngineError> {
        let mut need = 0usize;
        for (index, source) in self.plan.schema().sources.iter().enumerate() {
            let kinds = entities.iter().filter(|entity| entity.uses(index)).count();
            if kinds == 0 {
                continue;
            }
            let rows = tables::count(self.context, self.input, source).await;
            let rows = rows.map_err(failed("reading sources"))?.unwrap_or(0);
            let row = 21 + 4 * (kinds + source.attributes.len()) + 8 * source.measures.len();
            need = need.saturating_add(rows.saturating_mul(row));
        }
        let times = if self.asked.in_order() { 1 } else { 2 };
        Ok(need.saturating_mul(times).saturating_add(self.cells(self.asked.requests.len(), width)))
    }

    /// Bytes of `width` numbers per request: where requests do not stand by entity, these numbers are
    /// put into their order, and before them the requests into that of the entities.
    pub(super) fn cells(&self, requests: usize, width: usize) -> usize {
        let times = if self.asked.in_order() { 1 } else { 2 };
        requests.saturating_mul(times * 8 * (width + 1))
    }

    /// Numbers per request where all are made at a time.
    fn width(&self) -> usize {
        let reads = self.plan.entities().iter().map(EntityPlan::n_reads).sum::<usize>();
        self.plan.columns().len() + if self.plan.is_direct() { 0 } else { reads }
    }

    /// Sets memory aside.
    pub(super) fn reserve(&self, bytes: usize) -> Result<MemoryReservation, EngineError> {
        let memory = self.memory.new_empty();
        memory.try_grow(bytes).map_err(failed("memory"))?;
        Ok(memory)
    }

    /// Rows of these kinds.
    pub(super) fn rows<'b>(&'b self, entities: &'b [EntityPlan]) -> Rows<'b> {
        Rows {
            context: self.context,
            input: self.input,
            schema: self.plan.schema(),
            entities,
            asked: &self.asked,
            memory: &self.memory,
        }
    }

    /// All rows at a time.
    async fn whole(&self) -> Result<FeatureTable, EngineError> {
        let (sources, _held) = self.rows(self.plan.entities()).read(None).await?;
        let _values = self.reserve(self.cells(self.asked.requests.len(), self.width()))?;
        Ok(local::run(self.plan, &sources, Arc::clone(&self.asked.requests))?)
    }

    async fn hand_on(
        mut self,
        table: &FeatureTable,
        sink: &mut dyn Sink,
    ) -> Result<u64, EngineError> {
        let width = self.plan.columns().len();
        let mut values = table.values().as_slice().unwrap_or_default();
        let mut batches = self.asked.batches(self.context, self.input).await?;
        let mut rows = 0;
        while let Some(batch) = batches.next("requests").await? {
            let now = values.split_off(..batch.num_rows() * width).ok_or_else(turns::changed)?;
            sink.take(&batch, now)?;
            rows += batch.num_rows() as u64;
        }
        if values.is_empty() { Ok(rows) } else { Err(turns::changed()) }
    }
}
