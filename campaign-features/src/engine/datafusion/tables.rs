//! Parquet files as the input of the replay.

use std::sync::Arc;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::ScalarValue;
use datafusion::dataframe::DataFrame;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, cast, ident, lit};
use datafusion::physical_expr::LexOrdering;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::repartition::RepartitionExec;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::statistics::{StatisticsArgs, StatisticsContext};
use datafusion::physical_plan::{ExecutionPlan, Partitioning};
use datafusion::prelude::{ParquetReadOptions, SessionContext};
use futures::TryStreamExt;

use super::group::REQUEST;
use super::operator::{ReplayExec, by_key};
use super::program::Program;
use crate::engine::arrow::{CUTOFF, DAY, FACT, KNOWN_AT, REQUEST as REQUEST_ID, STANDS, instant};
use crate::feature::spec::SourceSchema;

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
}

/// Requests as they stand.
pub(crate) async fn requests(context: &SessionContext, input: &ParquetInput) -> Result<DataFrame> {
    context.read_parquet(input.requests.clone(), ParquetReadOptions::default()).await
}

/// Looks the requests over.
pub(crate) async fn horizon(context: &SessionContext, input: &ParquetInput) -> Result<Horizon> {
    let cutoffs = cast(at(CUTOFF), DataType::Int64);
    let table = requests(context, input).await?.select(vec![cutoffs.alias(CUTOFF)])?;
    let mut stream = table.execute_stream().await?;
    let mut horizon = Horizon { cutoff: i64::MIN, requests: 0 };
    while let Some(batch) = stream.try_next().await? {
        let cutoffs = batch.columns().first().and_then(|c| c.as_primitive_opt::<Int64Type>());
        horizon.cutoff = cutoffs.into_iter().flatten().flatten().fold(horizon.cutoff, i64::max);
        horizon.requests += batch.num_rows() as u64;
    }
    Ok(horizon)
}

/// How many rows the files of a source have, as far as they say.
pub(super) async fn count(
    context: &SessionContext,
    input: &ParquetInput,
    source: &SourceSchema,
) -> Result<Option<usize>> {
    let files = input.files(&source.name);
    if files.is_empty() {
        return Ok(Some(0));
    }
    let table = context.read_parquet(files, ParquetReadOptions::default()).await?;
    let scan = table.create_physical_plan().await?;
    let known = StatisticsContext::new().compute(scan.as_ref(), &StatisticsArgs::new())?;
    Ok(known.num_rows.get_value().copied())
}

/// What a source says and a request may see.
pub(super) struct Events {
    /// A column of keys per kind asked for, day, when it became known, fact, `stands` if there is one,
    /// measures, attributes.
    pub(super) frame: DataFrame,
    /// Whether a column says which versions stand.
    pub(super) stands: bool,
}

/// Rows of a source; `None` if it has no files or no kinds are asked for.
///
/// Left out is only what became known after the last cutoff. A row of a later day than any request's
/// may take an earlier version's place, so days are no reason to leave a row out.
pub(super) async fn events(
    context: &SessionContext,
    input: &ParquetInput,
    source: &SourceSchema,
    kinds: &[&str],
    cutoff: i64,
) -> Result<Option<Events>> {
    let files = input.files(&source.name);
    if files.is_empty() || kinds.is_empty() {
        return Ok(None);
    }
    let table = context.read_parquet(files, ParquetReadOptions::default()).await?;
    let cutoff = ScalarValue::TimestampMicrosecond(Some(cutoff), Some("UTC".into()));
    let mut columns: Vec<Expr> = kinds.iter().copied().map(text).collect();
    columns.extend([date(), at(KNOWN_AT), id(FACT)]);
    let stands = table.schema().has_column_with_unqualified_name(STANDS);
    columns.extend(stands.then(|| ident(STANDS)));
    let measures = source.measures.iter();
    columns.extend(
        measures.map(|measure| cast(ident(&*measure.name), DataType::Int64).alias(&*measure.name)),
    );
    columns.extend(source.attributes.iter().map(|attribute| text(&attribute.name)));
    let seen = cast(ident(KNOWN_AT), instant()).lt_eq(lit(cutoff));
    Ok(Some(Events { frame: table.filter(seen)?.select(columns)?, stands }))
}

/// Events of every source that has keys of this kind, and the requests, under each other: `key`,
/// `source`, `day`, `at`, `id`, `stands`, measures, attributes.
///
/// Rows without a key are left out of the events: no request sees them.
pub(crate) async fn rows(
    context: &SessionContext,
    input: &ParquetInput,
    program: &Program,
    horizon: Horizon,
) -> Result<DataFrame> {
    let shape = program.shape();
    let kind = program.kind();
    let padded = |source: Expr, day: Expr, at: Expr, id: Expr, stands: Expr| {
        vec![
            text(kind).alias("key"),
            source.alias("source"),
            day.alias("day"),
            at.alias("at"),
            id.alias("id"),
            stands.alias("stands"),
        ]
    };
    let all_stand = || lit(ScalarValue::Boolean(None));
    let none = || lit(ScalarValue::Int64(None));
    let unstated = || lit(ScalarValue::Utf8(None));
    let mut columns = padded(lit(REQUEST), date(), at(CUTOFF), id(REQUEST_ID), all_stand());
    columns.extend((0..shape.measures).map(|m| none().alias(format!("m{m}"))));
    columns.extend((0..shape.attributes).map(|a| unstated().alias(format!("a{a}"))));
    let mut all = requests(context, input).await?.select(columns)?;
    for (index, source) in program.schema().sources.iter().enumerate() {
        if !program.uses(index) {
            continue;
        }
        let Some(Events { frame, stands }) =
            events(context, input, source, &[kind], horizon.cutoff).await?
        else {
            continue;
        };
        let stands = if stands { ident(STANDS) } else { all_stand() };
        let mut columns = padded(lit(index as i32), date(), at(KNOWN_AT), id(FACT), stands);
        for m in 0..shape.measures {
            let value = source.measures.get(m).map_or_else(none, |of| ident(&*of.name));
            columns.push(value.alias(format!("m{m}")));
        }
        for a in 0..shape.attributes {
            let value = source.attributes.get(a).map_or_else(unstated, |of| ident(&*of.name));
            columns.push(value.alias(format!("a{a}")));
        }
        all = all.union(frame.filter(ident(kind).is_not_null())?.select(columns)?)?;
    }
    Ok(all)
}

/// The replay of one kind over its rows.
pub(crate) async fn replay(
    rows: DataFrame,
    program: Arc<Program>,
    partitions: usize,
    balance: bool,
) -> Result<Arc<dyn ExecutionPlan>> {
    let rows = rows.create_physical_plan().await?;
    let key = Arc::new(Column::new("key", 0));
    let hashed = RepartitionExec::try_new(rows, Partitioning::Hash(vec![key], partitions.max(1)))?;
    let order = LexOrdering::new([by_key()])
        .ok_or_else(|| datafusion::error::DataFusionError::Internal("an empty order".into()))?;
    let by_key = SortExec::new(order, Arc::new(hashed)).with_preserve_partitioning(true);
    Ok(Arc::new(ReplayExec::new(Arc::new(by_key), program, balance)))
}

fn text(column: &str) -> Expr {
    cast(ident(column), DataType::Utf8).alias(column)
}

fn date() -> Expr {
    cast(ident(DAY), DataType::Date32).alias(DAY)
}

fn at(column: &str) -> Expr {
    cast(ident(column), instant()).alias(column)
}

fn id(column: &str) -> Expr {
    cast(ident(column), DataType::UInt64).alias(column)
}
