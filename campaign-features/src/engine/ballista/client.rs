//! Submits the replay of each entity kind to a cluster and takes only what balances.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ballista_core::extension::SessionConfigExt;
use datafusion::dataframe::DataFrame;
use datafusion::physical_plan::{ExecutionPlan, execute_stream_partitioned};
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::TryStreamExt;

use super::balance::{self, Failures, Patience};
use super::job::Job;
use crate::engine::EngineError;
use crate::engine::datafusion::output::{self, Sink};
use crate::engine::datafusion::together::{self, Replays};
use crate::engine::datafusion::{
    Columns, DataFusionEngine, Ledger, ParquetInput, Program, Spool, compile, failed, on_threads,
    tables,
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

    /// After so long there is an error, whatever the cluster does. The job that was given up is
    /// cancelled there, for which a scheduler that does not answer gets two seconds more.
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
        let plan = compile(spec, schema)?;
        output::file(&plan, out, |sink| self.run_into(spec, input, &plan, &mut |_, _| {}, sink))
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
        let plan = compile(spec, schema)?;
        output::table(&plan, |sink| self.run_into(spec, input, &plan, failures, sink))
    }

    fn run_into(
        &self,
        spec: &FeatureSpec,
        input: &ParquetInput,
        plan: &Plan,
        failures: Failures<'_>,
        sink: &mut dyn Sink,
    ) -> Result<u64, EngineError> {
        let until = Instant::now() + self.deadline;
        let programs = Program::all(spec, plan)?;
        on_threads(async {
            let context = self.local.context()?;
            let under_way = Mutex::new(None);
            let mut there = There {
                engine: self,
                context: &context,
                patience: Patience { attempts: self.attempts, until },
                failures,
                under_way: &under_way,
            };
            let work = together::run(&context, input, plan, &programs, &mut there, sink);
            match tokio::time::timeout_at(until.into(), work).await {
                Ok(result) => result,
                Err(_) => {
                    let job = held(&under_way).take();
                    if let Some(job) = job {
                        job.cancel().await;
                    }
                    Err(EngineError::Deadline { seconds: self.deadline.as_secs_f64() })
                }
            }
        })
    }
}

/// Replays on a cluster.
struct There<'a> {
    engine: &'a BallistaEngine,
    context: &'a SessionContext,
    patience: Patience,
    failures: Failures<'a>,
    under_way: &'a Mutex<Option<Job>>,
}

impl Replays for There<'_> {
    async fn spool(
        &mut self,
        rows: DataFrame,
        program: &Arc<Program>,
    ) -> Result<Spool, EngineError> {
        let scan = rows.clone().create_physical_plan().await.map_err(failed("planning"))?;
        let sent = count(self.context, scan, program).await?;
        let partitions = self.engine.local.partitions();
        let replay = tables::replay(rows, Arc::clone(program), partitions, true).await;
        let replay = replay.map_err(failed("planning"))?;
        let (engine, context, under_way) = (self.engine, self.context, self.under_way);
        let job = || engine.job(context, Arc::clone(&replay), program, &sent, under_way);
        balance::again(self.patience, &mut *self.failures, job).await
    }
}

impl BallistaEngine {
    /// One job: its values go to a file of this machine, and count only if they balance.
    async fn job(
        &self,
        context: &SessionContext,
        replay: Arc<dyn ExecutionPlan>,
        program: &Program,
        sent: &Ledger,
        under_way: &Mutex<Option<Job>>,
    ) -> Result<Spool, EngineError> {
        let spool = Spool::new(context)?;
        let config = SessionConfig::new_with_ballista()
            .with_target_partitions(self.local.partitions())
            // With it a job hangs when an executor is lost (Ballista issue 1986).
            .with_ballista_adaptive_query_planner(false);
        let mut job = Job::submit(&self.url, replay, &config).await?;
        *held(under_way) = Some(job.clone());
        let taken = match job.output().await {
            Ok(values) => balance::take(values, program.shape().measures, sent, spool).await,
            Err(error) => Err(error),
        };
        *held(under_way) = None;
        match &taken {
            Ok(_) => job.clean().await,
            Err(_) => job.cancel().await,
        }
        taken
    }
}

fn held(under_way: &Mutex<Option<Job>>) -> MutexGuard<'_, Option<Job>> {
    under_way.lock().unwrap_or_else(PoisonError::into_inner)
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
