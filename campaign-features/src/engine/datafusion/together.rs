//! Puts what was read of each entity kind beside its request.

use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, FixedSizeListArray, RecordBatch, UInt64Array};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type, Float64Type, UInt64Type};
use datafusion::arrow::error::ArrowError;
use datafusion::common::JoinType;
use datafusion::dataframe::DataFrame;
use datafusion::error::Result;
use datafusion::logical_expr::ident;
use datafusion::prelude::{ParquetReadOptions, SessionContext};

use super::batches::Batches;
use super::output::Sink;
use super::program::Program;
use super::run::failed;
use super::spool::Spool;
use super::tables::{self, ParquetInput};
use crate::engine::EngineError;
use crate::engine::arrow::{DAY, REQUEST, TARGET_DAY};
use crate::feature::FeatureError;
use crate::feature::plan::{DatedTable, Plan};

/// Requests with the values of every kind, by ascending request.
async fn joined(
    context: &SessionContext,
    input: &ParquetInput,
    spools: &[Spool],
) -> Result<DataFrame> {
    let mut all = tables::requests(context, input).await?;
    for (index, spool) in spools.iter().enumerate() {
        let (id, values) = (format!("request{index}"), format!("values{index}"));
        let any_name = ParquetReadOptions::default().file_extension("");
        let part = context
            .read_parquet(spool.path.to_string_lossy().as_ref(), any_name)
            .await?
            .filter(ident("request").is_not_null())?
            .select(vec![ident("request").alias(&id), ident("values").alias(&values)])?;
        all = all.join(part, JoinType::Left, &[REQUEST], &[&id], None)?;
    }
    all.sort(vec![ident(REQUEST).sort(true, true)])
}

/// What replays one entity kind.
pub(crate) trait Replays: Send {
    /// The values of every request among these rows.
    fn spool(
        &mut self,
        rows: DataFrame,
        program: &Arc<Program>,
    ) -> impl Future<Output = Result<Spool, EngineError>> + Send;
}

/// Hands on requests and features by ascending `request`, and checks that each request came out
/// once and whole. Returns how many there are.
pub(crate) async fn run(
    context: &SessionContext,
    input: &ParquetInput,
    plan: &Plan,
    programs: &[Arc<Program>],
    replays: &mut impl Replays,
    sink: &mut dyn Sink,
) -> Result<u64, EngineError> {
    let horizon = tables::horizon(context, input).await.map_err(failed("requests"))?;
    let mut spools = Vec::new();
    for program in programs {
        let rows = tables::rows(context, input, program, horizon).await;
        spools.push(replays.spool(rows.map_err(failed("reading sources"))?, program).await?);
    }
    let frame = joined(context, input, &spools).await.map_err(failed("planning"))?;
    let mut batches = Batches::new(frame.execute_stream().await.map_err(failed("replay"))?);
    let mut checked = Checked { rows: 0, last: None, expected: horizon.requests };
    while let Some(batch) = batches.next("replay").await? {
        let (requests, features) = features(&batch, plan, spools.len(), &mut checked)?;
        sink.take(&requests, &features)?;
    }
    checked.all()
}

/// Requests seen so far, in ascending order.
struct Checked {
    rows: u64,
    last: Option<u64>,
    expected: u64,
}

impl Checked {
    fn fault(&self, request: u64) -> EngineError {
        EngineError::Requests { expected: self.expected, got: self.rows, request }
    }

    fn row(&mut self, request: u64, whole: bool) -> Result<(), EngineError> {
        if !whole || self.last.is_some_and(|last| last >= request) {
            return Err(self.fault(request));
        }
        self.last = Some(request);
        self.rows += 1;
        Ok(())
    }

    /// How many there were, if that is all.
    fn all(&self) -> Result<u64, EngineError> {
        if self.rows == self.expected {
            Ok(self.rows)
        } else {
            Err(self.fault(self.last.unwrap_or(0)))
        }
    }
}

/// The columns of the requests of a joined batch, and their features row by row.
fn features(
    batch: &RecordBatch,
    plan: &Plan,
    kinds: usize,
    checked: &mut Checked,
) -> Result<(RecordBatch, Vec<f64>), EngineError> {
    let arrow = |error: ArrowError| failed("replay")(error.into());
    let own = batch.num_columns().checked_sub(2 * kinds).ok_or_else(internal)?;
    let requests = batch.project(&(0..own).collect::<Vec<_>>()).map_err(arrow)?;
    let lists = (0..kinds)
        .map(|kind| batch.columns().get(own + 2 * kind + 1)?.as_fixed_size_list_opt())
        .collect::<Option<Vec<&FixedSizeListArray>>>()
        .ok_or_else(internal)?;
    let values = lists.iter().map(|list| numbers(list)).collect::<Option<Vec<_>>>();
    let values = values.ok_or_else(internal)?;
    let ids = cast(requests.column_by_name(REQUEST).ok_or_else(internal)?, &DataType::UInt64);
    let ids = ids.map_err(arrow)?;
    let ids: &UInt64Array = ids.as_primitive_opt::<UInt64Type>().ok_or_else(internal)?;
    let described = requests.column_by_name(TARGET_DAY).or(requests.column_by_name(DAY));
    let days = cast(described.ok_or_else(internal)?, &DataType::Date32).map_err(arrow)?;
    let days = days.as_primitive_opt::<Date32Type>().ok_or_else(internal)?.values();
    let dated = DatedTable::new(plan, days.iter().copied());
    let width = plan.columns().len();
    let mut out = vec![f64::NAN; requests.num_rows() * width];
    let mut reads: Vec<&[f64]> = Vec::with_capacity(values.len());
    for (row, &day) in days.iter().enumerate() {
        checked.row(ids.value(row), lists.iter().all(|list| list.is_valid(row)))?;
        reads.clear();
        for (width, values) in &values {
            reads.push(values.get(row * width..(row + 1) * width).ok_or_else(internal)?);
        }
        let line = out.get_mut(row * width..(row + 1) * width).unwrap_or_default();
        plan.assemble(&reads, dated.row(day), line).map_err(FeatureError::from)?;
    }
    Ok((requests, out))
}

/// The values of lists, one list after the other, and how many each has.
fn numbers(list: &FixedSizeListArray) -> Option<(usize, &[f64])> {
    let width = usize::try_from(list.value_length()).ok()?;
    let values = list.values().as_primitive_opt::<Float64Type>()?.values();
    let from = if list.is_empty() { 0 } else { usize::try_from(list.value_offset(0)).ok()? };
    Some((width, values.get(from..)?))
}

pub(super) fn internal() -> EngineError {
    EngineError::Engine {
        step: "replay",
        source: "the columns that came out are not those that were asked for".into(),
    }
}
