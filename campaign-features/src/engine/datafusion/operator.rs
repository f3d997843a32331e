//! The replay of one entity kind as a DataFusion operator.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BinaryArray, FixedSizeListArray, Float64Array, RecordBatch, UInt64Array,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::compute::{SortOptions, partition};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_expr::{
    EquivalenceProperties, LexOrdering, OrderingRequirements, PhysicalExpr, PhysicalSortExpr,
};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, Distribution, ExecutionPlan, ExecutionPlanProperties,
    InputDistributionRequirements, PlanProperties, ReplaceChildrenOptions,
};
use futures::TryStreamExt;
use futures::stream::try_unfold;

use super::group::{Columns, Group};
use super::ledger::Ledger;
use super::program::{Program, Runner};

/// Reads rows grouped by key and writes, per request, what the plan reads of that key.
///
/// Its input is hash-partitioned and sorted by `key`: the operator holds the rows of one key at a time,
/// and DataFusion's sort, which spills, holds the rest. Rows of one key may come in any order: the
/// replay itself puts them in the order of the instants at which they became known.
///
/// Output: `request`, `values`; and where it balances, one row per partition with the ledger of
/// all rows that it saw in `balance` and no request.
#[derive(Debug, Clone)]
pub(crate) struct ReplayExec {
    input: Arc<dyn ExecutionPlan>,
    program: Arc<Program>,
    balance: bool,
    properties: Arc<PlanProperties>,
}

/// The operator's output: identity of the request, values read, ledger.
pub(crate) fn output_schema(width: usize) -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("request", DataType::UInt64, true),
        Field::new("values", DataType::FixedSizeList(item(), width as i32), true),
        Field::new("balance", DataType::Binary, true),
    ]))
}

fn item() -> FieldRef {
    Arc::new(Field::new("item", DataType::Float64, false))
}

impl ReplayExec {
    pub(crate) fn new(input: Arc<dyn ExecutionPlan>, program: Arc<Program>, balance: bool) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(output_schema(program.width())),
            datafusion::physical_plan::Partitioning::UnknownPartitioning(
                input.output_partitioning().partition_count(),
            ),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self { input, program, balance, properties: Arc::new(properties) }
    }

    #[cfg(feature = "ballista")]
    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    #[cfg(feature = "ballista")]
    pub(crate) fn balance(&self) -> bool {
        self.balance
    }
}

/// The key, ascending: the order in which the operator reads.
pub(crate) fn by_key() -> PhysicalSortExpr {
    PhysicalSortExpr::new(Arc::new(Column::new("key", 0)), SortOptions::new(false, true))
}

impl DisplayAs for ReplayExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReplayExec: {} values, balance={}", self.program.width(), self.balance)
    }
}

impl ExecutionPlan for ReplayExec {
    fn name(&self) -> &str {
        "ReplayExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn input_distribution_requirements(&self) -> InputDistributionRequirements {
        let key: Arc<dyn PhysicalExpr> = Arc::new(Column::new("key", 0));
        InputDistributionRequirements::new(vec![Distribution::KeyPartitioned(vec![key])])
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        vec![LexOrdering::new([by_key()]).map(OrderingRequirements::from)]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        match (children.pop(), children.is_empty()) {
            (Some(input), true) => {
                Ok(Arc::new(Self::new(input, Arc::clone(&self.program), self.balance)))
            }
            _ => Err(DataFusionError::Internal("replay has one input".into())),
        }
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mode = datafusion::physical_plan::ChildrenPropertiesMode::Recompute;
        self.replace_children(children, ReplaceChildrenOptions::new(mode))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let memory =
            MemoryConsumer::new(format!("ReplayExec[{partition}]")).register(context.memory_pool());
        // Taken before the sort below begins, which else takes all there is.
        let least = match context.memory_pool().memory_limit() {
            MemoryLimit::Finite(bytes) => {
                bytes / 4 / self.input.output_partitioning().partition_count().max(1)
            }
            _ => 0,
        };
        memory.try_grow(least)?;
        let batch = context.session_config().batch_size();
        let input = self.input.execute(partition, context)?;
        let state = State {
            runner: self.program.runner(),
            group: Group::new(self.program.shape()),
            ended: false,
            batch,
            program: Arc::clone(&self.program),
            ledger: self.balance.then(|| Ledger::new(self.program.shape().measures)),
            ids: Vec::new(),
            values: Vec::new(),
            memory,
            least,
            schema: self.schema(),
            width: self.program.width(),
        };
        let stream = try_unfold((input, Some(state)), |(mut input, state)| async move {
            let Some(mut state) = state else { return Ok(None) };
            while state.ids.len() < state.batch {
                if state.ended {
                    let ledger = state.ledger.take();
                    let batch = state.emit(ledger)?;
                    return Ok(Some((batch, (input, None))));
                }
                match input.try_next().await? {
                    Some(batch) => state.push(&batch)?,
                    None => {
                        state.ended = true;
                        state.flush()?;
                    }
                }
            }
            let batch = state.emit(None)?;
            Ok(Some((batch, (input, Some(state)))))
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.schema(), stream)))
    }
}

/// What one part holds: the rows of the key at hand, and values not yet handed on.
struct State {
    runner: Runner,
    group: Group,
    ended: bool,
    /// Values of so many requests are handed on together.
    batch: usize,
    program: Arc<Program>,
    ledger: Option<Ledger>,
    ids: Vec<u64>,
    values: Vec<f64>,
    memory: MemoryReservation,
    /// Bytes that it keeps for itself.
    least: usize,
    schema: SchemaRef,
    width: usize,
}

impl State {
    fn push(&mut self, batch: &RecordBatch) -> Result<()> {
        let program = Arc::clone(&self.program);
        let columns = Columns::of(batch, program.shape())?;
        let Some(key) = batch.columns().first() else { return Ok(()) };
        for rows in partition(std::slice::from_ref(key))?.ranges() {
            let key = columns.key(rows.start);
            if !self.group.is(key) {
                self.flush()?;
                self.group.start(key);
            }
            self.group.extend(&columns, program.shape(), rows)?;
        }
        let values = self.ids.capacity() * 8 + self.values.capacity() * 8;
        self.memory.try_resize(self.least.max(self.group.bytes() + values))
    }

    /// Replays the key at hand.
    fn flush(&mut self) -> Result<()> {
        let group = &self.group;
        if let Some(ledger) = &mut self.ledger {
            group.count(ledger);
        }
        if group.ids.is_empty() {
            return Ok(());
        }
        let start = self.values.len();
        self.values.resize(start + group.ids.len() * self.width, f64::NAN);
        let out = self.values.get_mut(start..).unwrap_or_default();
        group.run(&self.program, &mut self.runner, out)?;
        self.ids.extend_from_slice(&group.ids);
        Ok(())
    }

    fn emit(&mut self, ledger: Option<Ledger>) -> Result<RecordBatch> {
        let mut ids = std::mem::take(&mut self.ids).into_iter().map(Some).collect::<Vec<_>>();
        let mut values = std::mem::take(&mut self.values);
        let rows = ids.len();
        let mut balance: Vec<Option<Vec<u8>>> = vec![None; rows];
        if let Some(ledger) = ledger {
            ids.push(None);
            values.resize(values.len() + self.width, f64::NAN);
            balance.push(Some(ledger.to_bytes()));
        }
        let filled = NullBuffer::from_iter(ids.iter().map(Option::is_some));
        let values = FixedSizeListArray::try_new(
            item(),
            self.width as i32,
            Arc::new(Float64Array::from(values)),
            Some(filled),
        )?;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(UInt64Array::from(ids)),
            Arc::new(values),
            Arc::new(BinaryArray::from_iter(balance)),
        ];
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}
