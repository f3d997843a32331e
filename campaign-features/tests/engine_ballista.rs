//! A cluster on loopback, its processes this very binary: the bits of the local engine, or an error
//! in time, whatever dies.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]
#![cfg(feature = "ballista")]

mod engine_common;

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use campaign_features::engine::ballista::{BallistaEngine, Executor, Scheduler};
use campaign_features::engine::datafusion::ParquetInput;
use campaign_features::engine::{EngineError, local};
use campaign_features::feature::FeatureTable;
use campaign_features::feature::spec::Schema;
use engine_common::{Case, assert_same, files, random, spec};

const LOCAL: &str = "127.0.0.1";

/// Not a test: what a process started by the tests below does.
#[test]
fn process() {
    let role = std::env::var("CAMPAIGN_ROLE").unwrap_or_default();
    let text = std::env::var("CAMPAIGN_PORTS").unwrap_or_default();
    let ports: Vec<u16> = text.split(' ').filter_map(|port| port.parse().ok()).collect();
    let work = std::env::var("CAMPAIGN_WORK").unwrap_or_default();
    match role.as_str() {
        "scheduler" => {
            let at = SocketAddr::from((Ipv4Addr::LOCALHOST, ports[0]));
            Scheduler::new(at, LOCAL).with_executor_timeout(6).run().unwrap();
        }
        "executor" => Executor::new((LOCAL, ports[0]), LOCAL, (ports[1], ports[2]))
            .with_bind(LOCAL)
            .with_cores(1)
            .with_heartbeat(2)
            .with_work_dir(work)
            .run()
            .unwrap(),
        // One that does not know our operator.
        "stranger" => {
            let config = ballista_executor::executor_process::ExecutorProcessConfig {
                external_host: Some(LOCAL.into()),
                port: ports[1],
                grpc_port: ports[2],
                scheduler_host: LOCAL.into(),
                scheduler_port: ports[0],
                scheduler_connect_timeout_seconds: 20,
                vcores: 1,
                work_dir: Some(work),
                executor_heartbeat_interval_seconds: 2,
                ..Default::default()
            };
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let running = ballista_executor::executor_process::start_executor_process;
            runtime.block_on(running(Arc::new(config))).unwrap();
        }
        _ => {}
    }
}

/// One cluster at a time: the machine of a test is small.
static ONE: Mutex<()> = Mutex::new(());

struct Cluster {
    port: u16,
    scheduler: Child,
    executors: Vec<Child>,
    work: tempfile::TempDir,
    _one: MutexGuard<'static, ()>,
}

fn free_port() -> u16 {
    TcpListener::bind((LOCAL, 0)).unwrap().local_addr().unwrap().port()
}

fn start(role: &str, ports: &[u16], work: &Path) -> Child {
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "process", "--nocapture"])
        .env("CAMPAIGN_ROLE", role)
        .env("CAMPAIGN_PORTS", ports.join(" "))
        .env("CAMPAIGN_WORK", work)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

impl Cluster {
    fn new(roles: &[&str]) -> Self {
        let one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let work = tempfile::tempdir().unwrap();
        let port = free_port();
        let scheduler = start("scheduler", &[port], work.path());
        let begun = Instant::now();
        while TcpStream::connect((LOCAL, port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(60), "no scheduler");
            std::thread::sleep(Duration::from_millis(50));
        }
        let mut cluster = Self { port, scheduler, executors: Vec::new(), work, _one: one };
        for role in roles {
            cluster.join(role);
        }
        cluster
    }

    fn join(&mut self, role: &str) {
        let work = self.work.path().join(format!("{}", self.executors.len()));
        std::fs::create_dir_all(&work).unwrap();
        self.executors.push(start(role, &[self.port, free_port(), free_port()], &work));
    }

    /// Folders of the stages of jobs that executors hold files of.
    fn stages(&self) -> Vec<PathBuf> {
        let within = |dirs: Vec<PathBuf>| -> Vec<PathBuf> {
            // What is gone by now has nothing in it.
            let entries = dirs.iter().filter_map(|dir| std::fs::read_dir(dir).ok()).flatten();
            entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
        };
        within(within(within(vec![self.work.path().to_path_buf()])))
    }

    fn wait_until_forgotten(&self) {
        let begun = Instant::now();
        while !self.stages().is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", self.stages());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn engine(&self) -> BallistaEngine {
        BallistaEngine::new(format!("http://{LOCAL}:{}", self.port)).with_partitions(4)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for child in self.executors.iter_mut().chain([&mut self.scheduler]) {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

struct Prepared {
    schema: Schema,
    input: ParquetInput,
    expected: FeatureTable,
    _dir: tempfile::TempDir,
}

fn prepared(case: &Case) -> Prepared {
    let schema = case.sources.schema();
    let plan = spec().compile(&schema).unwrap();
    let expected = local::run(&plan, &case.sources, &case.requests).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let input = files(case, dir.path());
    Prepared { schema, input, expected, _dir: dir }
}

#[test]
fn two_executors_give_the_bits_of_memory() {
    let prepared = prepared(&random(1, 30, 60, 700));
    let cluster = Cluster::new(&["executor", "executor"]);
    let engine = cluster.engine().with_deadline(Duration::from_secs(240));
    let got = engine.run(&spec(), &prepared.schema, &prepared.input).unwrap();
    assert_same(&prepared.expected, &got);
    cluster.wait_until_forgotten();
}

#[test]
fn a_job_given_up_is_cancelled() {
    let prepared = prepared(&random(2, 300, 200, 20_000));
    let mut cluster = Cluster::new(&[]);
    // Nobody is there to work on it, so that it cannot end before it is given up.
    let engine = cluster.engine().with_deadline(Duration::from_secs(3));
    let given_up = engine.run(&spec(), &prepared.schema, &prepared.input);
    assert!(matches!(given_up, Err(EngineError::Deadline { .. })));
    cluster.join("executor");
    cluster.join("executor");
    // A job that was still wanted would be worked on first, and nobody would have its files removed.
    let engine = cluster.engine().with_deadline(Duration::from_secs(120));
    let got = engine.run(&spec(), &prepared.schema, &prepared.input).unwrap();
    assert_same(&prepared.expected, &got);
    cluster.wait_until_forgotten();
}

#[test]
fn a_killed_executor_never_changes_a_bit() {
    let prepared = prepared(&random(2, 300, 200, 20_000));
    let deadline = Duration::from_secs(60);
    let (mut right, mut refused) = (0, Vec::new());
    for round in 0..6u64 {
        let mut cluster = Cluster::new(&["executor", "executor"]);
        let engine = cluster.engine().with_deadline(deadline);
        std::thread::sleep(Duration::from_secs(2));
        let begun = Instant::now();
        let got = std::thread::scope(|scope| {
            let job = scope.spawn(|| engine.run(&spec(), &prepared.schema, &prepared.input));
            // From early in the first stage to late in the last.
            std::thread::sleep(Duration::from_millis(600 + 500 * round));
            let early = !job.is_finished();
            cluster.executors[0].kill().unwrap();
            cluster.executors[0].wait().unwrap();
            cluster.join("executor");
            (early, job.join().unwrap())
        });
        let took = begun.elapsed();
        assert!(took < deadline + Duration::from_secs(15), "round {round}: {took:?}");
        eprintln!("round {round}: killed mid-job: {}, {took:?}, {:?}", got.0, got.1.as_ref().err());
        match got.1 {
            Ok(table) => {
                right += 1;
                assert_same(&prepared.expected, &table);
            }
            Err(error @ (EngineError::Cluster { .. } | EngineError::Deadline { .. })) => {
                refused.push(error.to_string());
            }
            Err(other) => panic!("round {round}: {other}"),
        }
    }
    assert_eq!(right + refused.len(), 6);
}

#[test]
fn without_executors_there_is_an_error_in_time() {
    let prepared = prepared(&random(3, 5, 20, 20));
    let cluster = Cluster::new(&[]);
    let begun = Instant::now();
    let engine = cluster.engine().with_deadline(Duration::from_secs(10));
    let got = engine.run(&spec(), &prepared.schema, &prepared.input);
    assert!(matches!(got, Err(EngineError::Deadline { .. } | EngineError::Cluster { .. })));
    assert!(begun.elapsed() < Duration::from_secs(25));
}

#[test]
fn without_a_scheduler_there_is_an_error() {
    let prepared = prepared(&random(3, 5, 20, 20));
    let engine = BallistaEngine::new(format!("http://{LOCAL}:{}", free_port()))
        .with_attempts(2)
        .with_deadline(Duration::from_secs(30));
    match engine.run(&spec(), &prepared.schema, &prepared.input) {
        Err(EngineError::Cluster { attempts: 2, last }) => {
            assert!(matches!(*last, EngineError::Engine { .. }), "{last}");
        }
        other => panic!("{:?}", other.map(|table| table.n_rows())),
    }
}

#[test]
fn a_killed_scheduler_is_an_error_in_time() {
    let prepared = prepared(&random(2, 300, 200, 20_000));
    let mut cluster = Cluster::new(&["executor", "executor"]);
    std::thread::sleep(Duration::from_secs(2));
    let engine = cluster.engine().with_deadline(Duration::from_secs(20)).with_attempts(2);
    let begun = Instant::now();
    let got = std::thread::scope(|scope| {
        let job = scope.spawn(|| engine.run(&spec(), &prepared.schema, &prepared.input));
        std::thread::sleep(Duration::from_millis(1200));
        cluster.scheduler.kill().unwrap();
        job.join().unwrap()
    });
    assert!(begun.elapsed() < Duration::from_secs(40));
    match got {
        Ok(table) => assert_same(&prepared.expected, &table),
        Err(EngineError::Deadline { .. } | EngineError::Cluster { .. }) => {}
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn an_executor_without_the_operator_is_an_error_in_time() {
    let prepared = prepared(&random(3, 5, 20, 20));
    let cluster = Cluster::new(&["stranger"]);
    let engine = cluster.engine().with_deadline(Duration::from_secs(40)).with_attempts(1);
    let begun = Instant::now();
    let got = engine.run(&spec(), &prepared.schema, &prepared.input);
    eprintln!("{:?}", got.as_ref().err());
    assert!(matches!(got, Err(EngineError::Deadline { .. } | EngineError::Cluster { .. })));
    assert!(begun.elapsed() < Duration::from_secs(55));
}
