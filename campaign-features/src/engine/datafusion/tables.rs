//! Parquet files as the input of the replay.

use std::sync::Arc;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::{DataType, Int64Type, UInt64Type};
use datafusion::common::ScalarValue;
use datafusion::dataframe::DataFrame;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, cast, ident, lit};
use datafusion::physical_expr::LexOrdering;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::{ExecutionPlan, Partitioning};
use datafusion::prelude::{ParquetReadOptions, SessionContext};
use futures::TryStreamExt;

use super::group::REQUEST;
use super::operator::{ReplayExec, by_key};
use super::program::Program;
use crate::engine::arrow::{CUTOFF, DAY, FACT, KNOWN_AT, REQUEST as REQUEST_ID, STANDS, instant};

/// Where the rows of sources and requests stand.
///
/// Files, folders or globs of Parquet files, all of a source with one schema. What columns they
/// have is stated at [`crate::engine::arrow`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ParquetInput {
    pub(crate) sources: Vec<(Arc<str>, Vec<String>)>,
    pub(crate) requests: Vec<String>,
}

impl ParquetInput {
    /// Requests in files of these paths or URLs, and no sources yet.
    #[must_use]
    pub fn new(requests: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { sources: Vec::new(), requests: requests.into_iter().map(Into::into).collect() }
    }

    /// Adds the files of a source.
    #[must_use]
    pub fn with_source(
        mut self,
        name: &str,
        files: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.sources.push((name.into(), files.into_iter().map(Into::into).collect()));
        self
    }

    fn files(&self, source: &str) -> Vec<String> {
        let of = self.sources.iter().filter(|(name, _)| &**name == source);
        of.flat_map(|(_, files)| files.iter().cloned()).collect()
    }
}

/// What is to be known of the requests before they are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Horizon {
    cutoff: i64,
    pub(crate) requests: u64,
    /// Whether `request` counts them from 0 in the order of the files.
    pub(crate) counted: bool,
}

/// Requests as they stand.
pub(crate) async fn requests(context: &SessionContext, input: &ParquetInput) -> Result<DataFrame> {
    context.read_parquet(input.requests.clone(), ParquetReadOptions::default()).await
}

/// A context that reads files one after the other, over the same memory.
pub(crate) fn in_turn(context: &SessionContext) -> SessionContext {
    let config = context.copied_config().with_target_partitions(1);
    SessionContext::new_with_config_rt(config, context.runtime_env())
}

/// Looks the requests over.
pub(crate) async fn horizon(context: &SessionContext, input: &ParquetInput) -> Result<Horizon> {
    let columns = vec![
        cast(ident(REQUEST_ID), DataType::UInt64).alias("request"),
        cast(cast(ident(CUTOFF), instant()), DataType::Int64).alias("cutoff"),
    ];
    let table = requests(&in_turn(context), input).await?.select(columns)?;
    let mut stream = table.execute_stream().await?;
    let mut horizon = Horizon { cutoff: i64::MIN, requests: 0, counted: true };
    while let Some(batch) = stream.try_next().await? {
        let [ids, cutoffs] = batch.columns() else { continue };
        let ids = ids.as_primitive_opt::<UInt64Type>().into_iter().flatten();
        for (id, expected) in ids.zip(horizon.requests..) {
            horizon.counted &= id == Some(expected);
        }
        let cutoffs = cutoffs.as_primitive_opt::<Int64Type>().into_iter().flatten().flatten();
        horizon.cutoff = cutoffs.fold(horizon.cutoff, i64::max);
        horizon.requests += batch.num_rows() as u64;
    }
    Ok(horizon)
}

/// Events of every source that has keys of this kind, and the requests, under each other.
///
/// Left out is only what no request sees: rows without a key, and those known after the last
/// cutoff. A row of a later day than any request's may take an earlier version's place, so days are
/// no reason to leave a row out.
pub(crate) async fn rows(
    context: &SessionContext,
    input: &ParquetInput,
    program: &Program,
    horizon: Horizon,
) -> Result<DataFrame> {
    let shape = program.shape();
    let kind = program.kind();
    let text = || lit(ScalarValue::Utf8(None));
    let mut all = {
        let mut columns = fixed(kind, lit(REQUEST), CUTOFF);
        columns.push(lit(ScalarValue::UInt64(None)).alias("fact"));
        columns.push(cast(ident(REQUEST_ID), DataType::UInt64).alias("request"));
        columns.push(lit(ScalarValue::Boolean(None)).alias("stands"));
        for m in 0..shape.measures {
            columns.push(lit(ScalarValue::Int64(None)).alias(format!("m{m}")));
        }
        columns.extend((0..shape.attributes).map(|a| text().alias(format!("a{a}"))));
        requests(context, input).await?.select(columns)?
    };
    for (index, source) in shape.sources.iter().enumerate() {
        let files = input.files(&source.name);
        if files.is_empty() || !program.uses(index) {
            continue;
        }
        let table = context.read_parquet(files, ParquetReadOptions::default()).await?;
        let cutoff = ScalarValue::TimestampMicrosecond(Some(horizon.cutoff), Some("UTC".into()));
        let seen = cast(ident(KNOWN_AT), instant()).lt_eq(lit(cutoff));
        let seen = ident(kind).is_not_null().and(seen);
        let mut columns = fixed(kind, lit(index as i32), KNOWN_AT);
        columns.push(cast(ident(FACT), DataType::UInt64).alias("fact"));
        columns.push(lit(ScalarValue::UInt64(None)).alias("request"));
        let stands = table.schema().has_column_with_unqualified_name(STANDS);
        let stands = if stands { ident(STANDS) } else { lit(ScalarValue::Boolean(None)) };
        columns.push(stands.alias("stands"));
        for m in 0..shape.measures {
            let value = match source.measures.get(m) {
                Some(measure) => cast(ident(&**measure), DataType::Int64),
                None => lit(ScalarValue::Int64(None)),
            };
            columns.push(value.alias(format!("m{m}")));
        }
        for a in 0..shape.attributes {
            let value = match source.attributes.get(a) {
                Some((attribute, _)) => cast(ident(&**attribute), DataType::Utf8),
                None => text(),
            };
            columns.push(value.alias(format!("a{a}")));
        }
        all = all.union(table.filter(seen)?.select(columns)?)?;
    }
    Ok(all)
}

/// The replay of one kind over its rows.
pub(crate) async fn replay(
    rows: DataFrame,
    program: Arc<Program>,
    partitions: usize,
    balance: bool,
    sorted: bool,
) -> Result<Arc<dyn ExecutionPlan>> {
    let rows = rows.create_physical_plan().await?;
    let key = Arc::new(Column::new("key", 0));
    let hashed = RepartitionExec::try_new(rows, Partitioning::Hash(vec![key], partitions.max(1)))?;
    if !sorted {
        return Ok(Arc::new(ReplayExec::new(Arc::new(hashed), program, balance, sorted)));
    }
    let order = LexOrdering::new([by_key()])
        .ok_or_else(|| datafusion::error::DataFusionError::Internal("an empty order".into()))?;
    let by_key = SortExec::new(order, Arc::new(hashed)).with_preserve_partitioning(true);
    Ok(Arc::new(ReplayExec::new(Arc::new(by_key), program, balance, sorted)))
}

fn fixed(kind: &str, source: Expr, at: &str) -> Vec<Expr> {
    vec![
        cast(ident(kind), DataType::Utf8).alias("key"),
        source.alias("source"),
        cast(ident(DAY), DataType::Date32).alias("day"),
        cast(ident(at), instant()).alias("at"),
    ]
}
