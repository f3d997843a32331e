//! Submits the replay of each entity kind to a cluster and takes only what balances.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ballista_core::config::BallistaConfig;
use ballista_core::execution_plans::execute_physical_plan;
use ballista_core::extension::SessionConfigExt;
use datafusion::physical_plan::{ExecutionPlan, execute_stream_partitioned};
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion_proto::protobuf::PhysicalPlanNode;
use futures::TryStreamExt;

use super::balance::{self, Failures, Patience};
use super::codec::Codec;
use crate::engine::EngineError;
use crate::engine::arrow::ParquetFile;
use crate::engine::datafusion::{
    Collected, Columns, DataFusionEngine, Features, Ledger, ParquetInput, Part, Program, Sink,
    Spool, failed, on_threads, replay, requests_horizon, rows, together,
};
use crate::feature::FeatureTable;
use crate::feature::plan::Plan;
use crate::feature::spec::{FeatureSpec, Schema};

/// Runs plans over Parquet files on a cluster.
///
/// The files have to be readable under the same paths by the executors and by this process, which
/// counts what goes in, and in the end joins what was read of each entity kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BallistaEngine {
    url: String,
    deadline: Duration,
    attempts: usize,
    local: DataFusionEngine,
}

impl BallistaEngine {
    /// The cluster whose scheduler is at this URL, such as `http://scheduler:50050`; ten minutes for
    /// all, three attempts, and as many parts as this machine has cores.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            deadline: Duration::from_secs(600),
            attempts: 3,
            local: DataFusionEngine::new(),
        }
    }

    /// After so long there is an error, whatever the cluster does. A job that was given up may run on
    /// there.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How many times a job is begun at most, each time from scratch.
    #[must_use]
    pub fn with_attempts(mut self, attempts: usize) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// Into how many parts files and entities are split: a few per core of the cluster.
    #[must_use]
    pub fn with_partitions(mut self, partitions: usize) -> Self {
        self.local = self.local.with_partitions(partitions);
        self
    }

    /// Computes the features of every request and writes them, by ascending `request`, to a
    /// Parquet file of this machine.
    ///
    /// # Errors
    /// [`EngineError::Deadline`], [`EngineError::Cluster`] with the last attempt's error, and those of
    /// [`DataFusionEngine::write`].
    pub fn write(
        &self,
        spec: &FeatureSpec,
        schema: &Schema,
        input: &ParquetInput,
        out: &Path,
    ) -> Result<u64, EngineError> {
        let plan = spec.compile(schema)?;
        let mut file = Features { file: ParquetFile::create(out), plan: &plan };
        self.run_into(spec, schema, input, &plan, &mut |_, _| {}, &mut file)?;
        file.file.finish()
    }

    /// Computes the features of every request, by ascending `request`, in memory.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn run(
        &self,
        spec: &FeatureSpec,
        schema: &Schema,
        input: &ParquetInput,
    ) -> Result<FeatureTable, EngineError> {
        self.run_with(spec, schema, input, &mut |_, _| {})
    }

    /// As [`run`](Self::run); `failures` is told the number of each attempt that failed, from 1, and
    /// why. A plan of several entity kinds is as many jobs, each with attempts of its own.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn run_with(
        &self,
        spec: &FeatureSpec,
        schema: &Schema,
        input: &ParquetInput,
        failures: &mut (dyn FnMut(usize, &EngineError) + Send),
    ) -> Result<FeatureTable, EngineError> {
        let plan = spec.compile(schema)?;
        let mut rows = Collected::default();
        self.run_into(spec, schema, input, &plan, failures, &mut rows)?;
        rows.table(&plan)
    }

    fn run_into(
        &self,
        spec: &FeatureSpec,
        schema: &Schema,
        input: &ParquetInput,
        plan: &Plan,
        failures: Failures<'_>,
        sink: &mut dyn Sink,
    ) -> Result<u64, EngineError> {
        let until = Instant::now() + self.deadline;
        let patience = Patience { attempts: self.attempts, until };
        let programs = Program::all(spec, schema)?;
        on_threads(async {
            let work = self.parts_and_join(programs, input, plan, (patience, failures), sink);
            match tokio::time::timeout_at(until.into(), work).await {
                Ok(result) => result,
                Err(_) => Err(EngineError::Deadline { seconds: self.deadline.as_secs_f64() }),
            }
        })
    }

    async fn parts_and_join(
        &self,
        programs: Vec<Arc<Program>>,
        input: &ParquetInput,
        plan: &Plan,
        (patience, failures): (Patience, Failures<'_>),
        sink: &mut dyn Sink,
    ) -> Result<u64, EngineError> {
        let context = self.local.context()?;
        let horizon = requests_horizon(&context, input).await.map_err(failed("requests"))?;
        let (mut parts, mut spools) = (Vec::new(), Vec::new());
        for program in programs {
            let rows = rows(&context, input, &program, horizon).await;
            let rows = rows.map_err(failed("reading sources"))?;
            let scan = rows.clone().create_physical_plan().await.map_err(failed("planning"))?;
            let sent = count(&context, scan, &program).await?;
            let replay =
                replay(rows, Arc::clone(&program), self.local.partitions(), true, true).await;
            let replay = replay.map_err(failed("planning"))?;
            let job = || self.job(&context, Arc::clone(&replay), &program, &sent);
            let spool = balance::again(patience, failures, job).await?;
            parts.push(Part::file(&context, &spool.path).await?);
            spools.push(spool);
        }
        together::run(&context, input, plan, parts, horizon.requests, sink).await
    }

    /// One job: its values go to a file of this machine, and count only if they balance.
    async fn job(
        &self,
        context: &SessionContext,
        replay: Arc<dyn ExecutionPlan>,
        program: &Program,
        sent: &Ledger,
    ) -> Result<Spool, EngineError> {
        let spool = Spool::new(context)?;
        let config = SessionConfig::new_with_ballista()
            .with_target_partitions(self.local.partitions())
            // With it a job hangs when an executor is lost (Ballista issue 1986).
            .with_ballista_adaptive_query_planner(false);
        let codec = Codec::default();
        let values = execute_physical_plan::<PhysicalPlanNode>(
            self.url.clone(),
            &BallistaConfig::default(),
            replay,
            &codec,
            session(),
            config,
        )
        .await
        .map_err(failed("cluster job"))?;
        balance::take(values, program.shape().measures, sent, spool).await
    }
}

/// Counts what goes in, in this process, so that nothing of it depends on the cluster.
pub(super) async fn count(
    context: &SessionContext,
    scan: Arc<dyn ExecutionPlan>,
    program: &Arc<Program>,
) -> Result<Ledger, EngineError> {
    let streams = execute_stream_partitioned(scan, context.task_ctx());
    let tasks: Vec<_> = (streams.map_err(failed("counting"))?.into_iter())
        .map(|mut stream| {
            let program = Arc::clone(program);
            tokio::spawn(async move {
                let mut ledger = Ledger::new(program.shape().measures);
                while let Some(batch) = stream.try_next().await? {
                    Columns::of(&batch, program.shape())?.count(program.shape(), &mut ledger)?;
                }
                Ok(ledger)
            })
        })
        .collect();
    let mut all = Ledger::new(program.shape().measures);
    for task in tasks {
        let ledger = task.await.map_err(|_| EngineError::Thread)?;
        all.add(&ledger.map_err(failed("counting"))?);
    }
    Ok(all)
}

/// A name for a session that no other client has.
fn session() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.map_or(0, |since| since.as_nanos());
    format!("campaign-{}-{now}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
