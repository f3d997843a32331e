//! Schedulers and executors that know the replay operator.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::start_server;

use super::codec::Codec;
use crate::engine::datafusion::on_threads;
use crate::engine::{Cause, EngineError};

/// A scheduler of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduler {
    bind: SocketAddr,
    host: String,
    executor_timeout: u64,
}

impl Scheduler {
    /// A scheduler that listens at `bind` and that others reach as `host`.
    #[must_use]
    pub fn new(bind: SocketAddr, host: impl Into<String>) -> Self {
        Self { bind, host: host.into(), executor_timeout: 30 }
    }

    /// After how many seconds without a heartbeat an executor counts as lost; 30 by default.
    ///
    /// Executors send one every third of it, see [`Executor::with_heartbeat`].
    #[must_use]
    pub fn with_executor_timeout(mut self, seconds: u64) -> Self {
        self.executor_timeout = seconds.max(1);
        self
    }

    /// Runs until the process ends.
    ///
    /// # Errors
    /// [`EngineError::Engine`] if it cannot start or stops.
    pub fn run(self) -> Result<(), EngineError> {
        on_threads(async move {
            let config = SchedulerConfig {
                bind_host: self.bind.ip().to_string(),
                bind_port: self.bind.port(),
                external_host: self.host,
                executor_timeout_seconds: self.executor_timeout,
                expire_dead_executor_interval_seconds: (self.executor_timeout / 3).max(1),
                no_executors_grace_period_seconds: self.executor_timeout,
                // What an executor cannot do is not tried over and over.
                task_max_failures: 2,
                stage_max_failures: 2,
                override_physical_codec: Some(Arc::new(Codec::default())),
                ..SchedulerConfig::default()
            };
            let cluster = BallistaCluster::new_from_config(&config).await.map_err(stopped)?;
            start_server(cluster, self.bind, Arc::new(config)).await.map_err(stopped)
        })
    }
}

/// An executor of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executor {
    scheduler: (String, u16),
    host: String,
    bind: String,
    ports: (u16, u16),
    cores: usize,
    work: Option<PathBuf>,
    memory: Option<u64>,
    heartbeat: u64,
}

impl Executor {
    /// An executor of the scheduler at this host and port, that others reach as `host` at two ports:
    /// for data and for tasks.
    #[must_use]
    pub fn new(scheduler: (&str, u16), host: impl Into<String>, ports: (u16, u16)) -> Self {
        Self {
            scheduler: (scheduler.0.to_owned(), scheduler.1),
            host: host.into(),
            bind: "0.0.0.0".to_owned(),
            ports,
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            work: None,
            memory: None,
            heartbeat: 10,
        }
    }

    /// The address it listens at; all of them by default.
    #[must_use]
    pub fn with_bind(mut self, address: impl Into<String>) -> Self {
        self.bind = address.into();
        self
    }

    /// How many tasks it runs at a time; by default one per core.
    #[must_use]
    pub fn with_cores(mut self, cores: usize) -> Self {
        self.cores = cores.max(1);
        self
    }

    /// The folder for what is shuffled and spilled.
    #[must_use]
    pub fn with_work_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.work = Some(dir.into());
        self
    }

    /// At most so many bytes for what is sorted and held; by default seven tenths of the machine's.
    #[must_use]
    pub fn with_memory_limit(mut self, bytes: u64) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// Every how many seconds it says that it lives; 10 by default.
    #[must_use]
    pub fn with_heartbeat(mut self, seconds: u64) -> Self {
        self.heartbeat = seconds.max(1);
        self
    }

    /// Runs until the process ends.
    ///
    /// # Errors
    /// [`EngineError::Engine`] if it cannot start or reach the scheduler.
    pub fn run(self) -> Result<(), EngineError> {
        on_threads(async move {
            let config = ExecutorProcessConfig {
                bind_host: self.bind,
                external_host: Some(self.host),
                port: self.ports.0,
                grpc_port: self.ports.1,
                scheduler_host: self.scheduler.0,
                scheduler_port: self.scheduler.1,
                scheduler_connect_timeout_seconds: 20,
                vcores: self.cores,
                work_dir: self.work.map(|dir| dir.to_string_lossy().into_owned()),
                memory_pool_size: self.memory,
                executor_heartbeat_interval_seconds: self.heartbeat,
                override_physical_codec: Some(Arc::new(Codec::default())),
                ..ExecutorProcessConfig::default()
            };
            start_executor_process(Arc::new(config)).await.map_err(stopped)
        })
    }
}

fn stopped(error: impl Into<Cause>) -> EngineError {
    EngineError::Engine { step: "process of a cluster", source: error.into() }
}
