//! Rows of sources in memory.

use std::collections::BTreeMap;

use datafusion::execution::memory_pool::MemoryReservation;
use datafusion::logical_expr::{ident, lit};
use datafusion::physical_plan::{SendableRecordBatchStream, execute_stream_partitioned};
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;
use tokio::task::JoinSet;

use super::asked::Asked;
use super::part::{Layout, Part};
use super::run::failed;
use super::tables::{self, ParquetInput};
use crate::engine::EngineError;
use crate::feature::plan::EntityPlan;
use crate::feature::source::{Source, Sources};
use crate::feature::spec::Schema;

/// What is to be read for these entity kinds.
pub(super) struct Rows<'a> {
    pub(super) context: &'a SessionContext,
    pub(super) input: &'a ParquetInput,
    pub(super) schema: &'a Schema,
    pub(super) entities: &'a [EntityPlan],
    pub(super) asked: &'a Asked,
    pub(super) memory: &'a MemoryReservation,
}

impl Rows<'_> {
    /// Every source that a kind uses, and what holds the memory of its rows; of the others there are
    /// no rows. With `names`, rows of the one kind there is whose name is neither before the first nor
    /// after the second.
    pub(super) async fn read(
        &self,
        names: Option<(&str, &str)>,
    ) -> Result<(Sources, Vec<MemoryReservation>), EngineError> {
        let (mut sources, mut held) = (Vec::new(), Vec::new());
        for index in 0..self.schema.sources.len() {
            sources.push(match self.source(index, names).await? {
                Some((part, memory)) => {
                    held.push(memory);
                    part.rows
                }
                None => {
                    Source { keys: vec![Vec::new(); self.schema.kinds.len()], ..Source::default() }
                }
            });
        }
        let names = self.asked.keys.iter().map(|codes| codes.names().to_vec()).collect();
        Ok((Sources { kinds: self.schema.kinds.clone(), names, sources }, held))
    }

    async fn source(
        &self,
        index: usize,
        names: Option<(&str, &str)>,
    ) -> Result<Option<(Part, MemoryReservation)>, EngineError> {
        let Some(source) = self.schema.sources.get(index) else { return Ok(None) };
        let kinds = self.entities.iter().filter(|entity| entity.uses(index));
        let kinds: Vec<usize> = kinds.map(EntityPlan::kind).collect();
        let of = kinds.iter().filter_map(|&kind| self.schema.kinds.get(kind));
        let of: Vec<&str> = of.map(|name| &**name).collect();
        let cutoff = self.asked.cutoff();
        let table = tables::events(self.context, self.input, source, &of, cutoff).await;
        let Some(table) = table.map_err(failed("reading sources"))? else { return Ok(None) };
        let mut frame = table.frame;
        if let (Some((first, last)), Some(kind)) = (names, of.first()) {
            // Files that are ordered by it are read in part.
            let range = ident(*kind).gt_eq(lit(first)).and(ident(*kind).lt_eq(lit(last)));
            frame = frame.filter(range).map_err(failed("planning"))?;
        }
        let layout = Layout::new(source, kinds, self.asked.keys.clone(), table.stands);
        let scan = frame.create_physical_plan().await.map_err(failed("planning"))?;
        let streams = execute_stream_partitioned(scan, self.context.task_ctx());
        let mut tasks = JoinSet::new();
        for (place, stream) in streams.map_err(failed("reading sources"))?.into_iter().enumerate() {
            let read = read(stream, Part::new(layout.clone()), self.memory.new_empty());
            tasks.spawn(async move { (place, read.await) });
        }
        let (mut all, memory) = (Part::new(layout), self.memory.new_empty());
        for (part, held) in in_order(tasks).await? {
            all.append(part);
            memory.grow(held.free());
        }
        memory.try_resize(all.bytes()).map_err(failed("reading sources"))?;
        Ok(Some((all, memory)))
    }
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
    memory: MemoryReservation,
) -> Result<(Part, MemoryReservation), EngineError> {
    while let Some(batch) = stream.try_next().await.map_err(failed("reading sources"))? {
        part.push(&batch)?;
        memory.try_resize(part.bytes()).map_err(failed("reading sources"))?;
    }
    Ok((part, memory))
}
