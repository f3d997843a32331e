//! Submits the replay of each entity kind to a cluster and takes only what balances.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ballista_core::config::BallistaConfig;
use ballista_core::execution_plans::execute_physical_plan;
use ballista_core::extension::SessionConfigExt;
use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::UInt64Type;
use datafusion::physical_plan::{ExecutionPlan, execute_stream_partitioned};
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion_proto::protobuf::PhysicalPlanNode;
use futures::TryStreamExt;

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
        self.run_into(spec, schema, input, &plan, &mut file)?;
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
        let until = Instant::now() + self.deadline;
        let programs = Program::all(spec, schema)?;
        on_threads(async {
            let work = self.parts_and_join(programs, input, plan, until, sink);
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
        until: Instant,
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
            let spool = self.attempts(&context, &replay, &program, &sent, until).await?;
            parts.push(Part::file(&context, &spool.path).await?);
            spools.push(spool);
        }
        together::run(&context, input, plan, parts, horizon.requests, sink).await
    }

    async fn attempts(
        &self,
        context: &SessionContext,
        replay: &Arc<dyn ExecutionPlan>,
        program: &Program,
        sent: &Ledger,
        until: Instant,
    ) -> Result<Spool, EngineError> {
        let mut attempt = 1;
        loop {
            match self.attempt(context, Arc::clone(replay), program, sent).await {
                Ok(spool) => return Ok(spool),
                // What the replay itself refuses, it refuses again.
                Err(EngineError::Feature(error)) => return Err(error.into()),
                Err(error) => {
                    tracing::warn!(attempt, %error, "a cluster job failed");
                    let pause = Duration::from_millis(500) * attempt as u32;
                    if attempt >= self.attempts || Instant::now() + pause >= until {
                        let last = Box::new(error);
                        return Err(EngineError::Cluster { attempts: attempt, last });
                    }
                    tokio::time::sleep(pause).await;
                    attempt += 1;
                }
            }
        }
    }

    /// One job: its values go to a file of this machine, and count only if they balance.
    async fn attempt(
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
        let mut stream = execute_physical_plan::<PhysicalPlanNode>(
            self.url.clone(),
            &BallistaConfig::default(),
            replay,
            &codec,
            session(),
            config,
        )
        .await
        .map_err(failed("cluster job"))?;
        let mut file = ParquetFile::create(&spool.path);
        let mut seen = Ledger::new(program.shape().measures);
        while let Some(batch) = stream.try_next().await.map_err(failed("cluster job"))? {
            let internal = || EngineError::Engine {
                step: "cluster job",
                source: "its columns are not those that were asked for".into(),
            };
            let [requests, _, balance] = batch.columns() else { return Err(internal()) };
            let requests = requests.as_primitive_opt::<UInt64Type>().ok_or_else(internal)?;
            let balance = balance.as_binary_opt::<i32>().ok_or_else(internal)?;
            for bytes in balance.iter().flatten() {
                let part = Ledger::from_bytes(program.shape().measures, bytes);
                seen.add(&part.ok_or_else(internal)?);
            }
            requests.iter().flatten().for_each(|id| seen.result(id));
            file.write(&batch)?;
        }
        if let Some((bucket, what, expected, got)) = sent.difference(&seen) {
            return Err(EngineError::Unbalanced { bucket, what, expected, got });
        }
        let (expected, got) = (sent.asked(), seen.results());
        if expected != got {
            let what = "results".to_owned();
            return Err(EngineError::Unbalanced {
                bucket: 0,
                what,
                expected: expected.0,
                got: got.0,
            });
        }
        file.finish()?;
        Ok(spool)
    }
}

/// Counts what goes in, in this process, so that nothing of it depends on the cluster.
async fn count(
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
