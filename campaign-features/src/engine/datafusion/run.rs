//! Runs a plan over Parquet files in this process.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Schema as ArrowSchema};
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};

use super::place;
use super::program::Program;
use super::spool::Spool;
use super::tables::{self, ParquetInput};
use super::together::{self, Part, Sink};
use crate::engine::EngineError;
use crate::engine::arrow::{ParquetFile, feature_array, feature_field, push_requests};
use crate::feature::plan::Plan;
use crate::feature::source::Sources;
use crate::feature::spec::{FeatureSpec, Schema};
use crate::feature::{FeatureError, FeatureTable};

/// Runs plans over Parquet files of any size on the cores of this machine.
///
/// DataFusion scans, filters, repartitions by entity and sorts, spilling to disk where memory is
/// limited; the replay of each entity's rows is the one that the local engine runs, so results are
/// equal to the bit. An entity's rows have to fit into memory; an input need not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFusionEngine {
    memory: Option<usize>,
    partitions: usize,
    spill: Option<PathBuf>,
}

impl Default for DataFusionEngine {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { memory: None, partitions: cores, spill: None }
    }
}

impl DataFusionEngine {
    /// All cores, no limit of memory.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// At most so many bytes of memory for what is sorted, joined and held per entity.
    ///
    /// What sorts do not fit is spilled to disk. Buffers of the reader and writer of files, some
    /// megabytes per partition, are not counted.
    #[must_use]
    pub fn with_memory_limit(mut self, bytes: usize) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// Into how many parts entities are split; results do not depend on it.
    #[must_use]
    pub fn with_partitions(mut self, partitions: usize) -> Self {
        self.partitions = partitions.max(1);
        self
    }

    /// The folder for what is spilled; by default that of the system for temporary files.
    #[must_use]
    pub fn with_spill_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.spill = Some(dir.into());
        self
    }

    #[cfg(feature = "ballista")]
    pub(crate) fn partitions(&self) -> usize {
        self.partitions
    }

    pub(crate) fn context(&self) -> Result<SessionContext, EngineError> {
        let mut config = SessionConfig::new().with_target_partitions(self.partitions);
        let options = config.options_mut();
        // A sort-merge join spills, a hash join does not.
        options.optimizer.prefer_hash_join = false;
        options.execution.parquet.schema_force_view_types = false;
        // What follows does not work between the processes of a cluster.
        options.optimizer.enable_round_robin_repartition = false;
        options.optimizer.enable_dynamic_filter_pushdown = false;
        if let Some(bytes) = self.memory {
            // Each sorting partition sets this much aside for its merge.
            let aside = bytes / self.partitions.max(1) / 16;
            options.execution.sort_spill_reservation_bytes = aside.min(10 << 20);
        }
        if let Some(bytes) = self.memory {
            // A sort has to hold a batch or two at the least.
            let rows = bytes / self.partitions.max(1) / 4096;
            config = config.with_batch_size(rows.clamp(128, 8192));
        }
        let mut runtime = RuntimeEnvBuilder::new();
        if let Some(bytes) = self.memory {
            runtime = runtime.with_memory_pool(Arc::new(FairSpillPool::new(bytes)));
        }
        if let Some(dir) = &self.spill {
            runtime = runtime.with_temp_file_path(dir);
        }
        let runtime = runtime.build_arc().map_err(failed("setting up"))?;
        Ok(SessionContext::new_with_config_rt(config, runtime))
    }

    /// Computes the features of every request and writes them, by ascending `request`, to a
    /// Parquet file, a row group at a time. Returns how many rows it has.
    ///
    /// # Errors
    /// [`EngineError`]; the file is then not there, or as it was.
    pub fn write(
        &self,
        spec: &FeatureSpec,
        schema: &Schema,
        input: &ParquetInput,
        out: &Path,
    ) -> Result<u64, EngineError> {
        let plan = spec.compile(schema)?;
        let mut file = Features { file: ParquetFile::create(out), plan: &plan };
        self.run_into(spec, schema, input, &plan, &mut file)?;
        file.file.finish()
    }

    /// Computes the features of every request, by ascending `request`, in memory.
    ///
    /// # Errors
    /// [`EngineError`].
    pub fn run(
        &self,
        spec: &FeatureSpec,
        schema: &Schema,
        input: &ParquetInput,
    ) -> Result<FeatureTable, EngineError> {
        let plan = spec.compile(schema)?;
        let mut rows = Collected::default();
        self.run_into(spec, schema, input, &plan, &mut rows)?;
        rows.table(&plan)
    }

    fn run_into(
        &self,
        spec: &FeatureSpec,
        schema: &Schema,
        input: &ParquetInput,
        plan: &Plan,
        sink: &mut dyn Sink,
    ) -> Result<u64, EngineError> {
        let programs = Program::all(spec, schema)?;
        let mut sink = Counted { sink, rows: 0 };
        on_threads(async {
            let context = self.context()?;
            let horizon = tables::horizon(&context, input).await.map_err(failed("requests"))?;
            // Counting rows into place is several times as fast as sorting, where there is room.
            for sorted in [false, true] {
                let mut plans = Vec::new();
                for program in &programs {
                    let rows = tables::rows(&context, input, program, horizon).await;
                    let rows = rows.map_err(failed("reading sources"))?;
                    let program = Arc::clone(program);
                    let replay = tables::replay(rows, program, self.partitions, false, sorted);
                    plans.push(replay.await.map_err(failed("planning"))?);
                }
                let requests = horizon.requests;
                let result = if horizon.counted && !sorted {
                    place::run(&context, input, plan, plans, requests, &mut sink).await
                } else {
                    let (mut parts, mut spools) = (Vec::new(), Vec::new());
                    for plan in plans {
                        let spool = match Spool::fill(&context, plan).await {
                            Err(EngineError::Memory(_)) if !sorted => break,
                            spool => spool?,
                        };
                        parts.push(Part::file(&context, &spool.path).await?);
                        spools.push(spool);
                    }
                    if parts.len() < programs.len() {
                        continue;
                    }
                    together::run(&context, input, plan, parts, requests, &mut sink).await
                };
                match result {
                    Err(EngineError::Memory(_)) if !sorted && sink.rows == 0 => {}
                    result => return result,
                }
            }
            Err(EngineError::Thread)
        })
    }
}

/// Counts what was handed on, after which nothing can be begun anew.
struct Counted<'a> {
    sink: &'a mut dyn Sink,
    rows: usize,
}

impl Sink for Counted<'_> {
    fn take(&mut self, requests: &RecordBatch, features: Vec<f64>) -> Result<(), EngineError> {
        self.rows += 1;
        self.sink.take(requests, features)
    }
}

/// Features on their way into a file.
pub(crate) struct Features<'a> {
    pub(crate) file: ParquetFile<'a>,
    pub(crate) plan: &'a Plan,
}

impl Sink for Features<'_> {
    fn take(&mut self, requests: &RecordBatch, features: Vec<f64>) -> Result<(), EngineError> {
        let mut fields: Vec<_> = requests.schema().fields().iter().cloned().collect();
        let mut columns = requests.columns().to_vec();
        let width = self.plan.columns().len();
        for (c, column) in self.plan.columns().iter().enumerate() {
            fields.push(Arc::new(feature_field(column)));
            let values = features.iter().skip(c).step_by(width).copied();
            columns.push(feature_array(column, values)?);
        }
        let batch = RecordBatch::try_new(Arc::new(ArrowSchema::new(fields)), columns);
        self.file.write(&batch.map_err(|error| failed("features")(error.into()))?)
    }
}

/// Features in memory.
#[derive(Default)]
pub(crate) struct Collected {
    requests: Vec<RecordBatch>,
    values: Vec<f64>,
}

impl Sink for Collected {
    fn take(&mut self, requests: &RecordBatch, features: Vec<f64>) -> Result<(), EngineError> {
        self.requests.push(requests.clone());
        self.values.extend(features);
        Ok(())
    }
}

impl Collected {
    pub(crate) fn table(self, plan: &Plan) -> Result<FeatureTable, EngineError> {
        let kinds = plan.schema().kinds.clone();
        let mut names = Vec::new();
        for kind in &kinds {
            let mut known = BTreeSet::new();
            for column in self.requests.iter().filter_map(|batch| batch.column_by_name(kind)) {
                let text = cast(column, &DataType::Utf8);
                let text = text.map_err(|error| failed("requests")(error.into()))?;
                let keys = text.as_string_opt::<i32>().into_iter().flatten().flatten();
                known.extend(keys.map(Arc::<str>::from));
            }
            names.push(known.into_iter().collect());
        }
        let sources = Sources { kinds, names, sources: Vec::new() };
        let mut requests = sources.requests();
        for batch in &self.requests {
            push_requests(&sources, &mut requests, batch)?;
        }
        Ok(FeatureTable::new(plan, &sources, &requests, self.values)?)
    }
}

/// Runs a future to its end on threads of its own, so that it may be called from anywhere.
pub(crate) fn on_threads<T: Send>(
    future: impl Future<Output = Result<T, EngineError>> + Send,
) -> Result<T, EngineError> {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                // Plans are walked by recursion.
                .thread_stack_size(8 << 20)
                .build();
            let runtime = runtime.map_err(|error| EngineError::Engine {
                step: "starting threads",
                source: Box::new(error),
            })?;
            runtime.block_on(future)
        });
        thread.join().map_err(|_| EngineError::Thread)?
    })
}

/// An error of DataFusion as one of ours.
pub(crate) fn failed(step: &'static str) -> impl Fn(DataFusionError) -> EngineError {
    move |error| match error.find_root() {
        DataFusionError::ResourcesExhausted(message) => EngineError::Memory(message.clone()),
        DataFusionError::External(cause) => match cause.downcast_ref::<FeatureError>() {
            Some(refused) => EngineError::Feature(refused.clone()),
            None => EngineError::Engine { step, source: Box::new(error) },
        },
        _ => EngineError::Engine { step, source: Box::new(error) },
    }
}
