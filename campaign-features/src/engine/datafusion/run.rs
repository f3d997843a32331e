//! Runs a plan over Parquet files in this process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::dataframe::DataFrame;
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};

use super::memory;
use super::output::{self, Sink};
use super::program::{Program, compile};
use super::spool::Spool;
use super::tables::{self, ParquetInput};
use super::together::{self, Replays};
use crate::engine::EngineError;
use crate::feature::plan::Plan;
use crate::feature::spec::{FeatureSpec, Schema};
use crate::feature::{FeatureError, FeatureTable};

/// Runs plans over Parquet files of any size on the cores of this machine.
///
/// DataFusion scans and filters. Where an eighth of all rows fits into memory the local engine computes,
/// range of entities by range; else DataFusion splits and sorts by entity, spilling to disk, and the same
/// replay of each entity's rows follows, so results are equal to the bit. An entity's rows have to fit
/// into memory; an input need not.
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

    /// Into how many parts files and, where they are sorted, entities are split: fewer where the memory
    /// limit leaves less than 32 MiB for each. Results do not depend on it.
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

    /// Into how many parts rows are split. Sorts of parts that run at a time share the memory, and each
    /// has to hold something.
    pub(crate) fn partitions(&self) -> usize {
        let room = self.memory.map_or(usize::MAX, |bytes| bytes / LEAST_PER_PART);
        self.partitions.min(room.max(1))
    }

    pub(crate) fn context(&self) -> Result<SessionContext, EngineError> {
        let partitions = self.partitions();
        let mut config = SessionConfig::new().with_target_partitions(partitions);
        let options = config.options_mut();
        // A sort-merge join spills, a hash join does not.
        options.optimizer.prefer_hash_join = false;
        options.execution.parquet.schema_force_view_types = false;
        // What follows does not work between the processes of a cluster.
        options.optimizer.enable_round_robin_repartition = false;
        options.optimizer.enable_dynamic_filter_pushdown = false;
        let mut runtime = RuntimeEnvBuilder::new();
        if let Some(bytes) = self.memory {
            // Each sorting partition sets this much aside for its merge.
            options.execution.sort_spill_reservation_bytes =
                (bytes / partitions / 16).min(10 << 20);
            // A sort has to hold a batch or two at the least.
            config = config.with_batch_size((bytes / partitions / 4096).clamp(128, 8192));
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
        let plan = compile(spec, schema)?;
        output::file(&plan, out, |sink| self.run_into(spec, input, &plan, sink))
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
        let plan = compile(spec, schema)?;
        output::table(&plan, |sink| self.run_into(spec, input, &plan, sink))
    }

    fn run_into(
        &self,
        spec: &FeatureSpec,
        input: &ParquetInput,
        plan: &Plan,
        sink: &mut dyn Sink,
    ) -> Result<u64, EngineError> {
        let programs = Program::all(spec, plan)?;
        on_threads(async {
            let context = self.context()?;
            // Many times as fast as sorting, where it takes a few turns at most.
            if let Some(rows) = memory::run(&context, input, plan, sink).await? {
                return Ok(rows);
            }
            let mut here = Here { context: &context, partitions: self.partitions() };
            together::run(&context, input, plan, &programs, &mut here, sink).await
        })
    }
}

/// Bytes of memory for each part, if there are several.
const LEAST_PER_PART: usize = 32 << 20;

/// Replays in this process.
struct Here<'a> {
    context: &'a SessionContext,
    partitions: usize,
}

impl Replays for Here<'_> {
    async fn spool(
        &mut self,
        rows: DataFrame,
        program: &Arc<Program>,
    ) -> Result<Spool, EngineError> {
        let replay = tables::replay(rows, Arc::clone(program), self.partitions, false).await;
        Spool::fill(self.context, replay.map_err(failed("planning"))?).await
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
