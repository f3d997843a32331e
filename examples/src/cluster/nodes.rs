//! Processes of the cluster: started, watched, and ended with the program whatever ends it.

use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use campaign_features::engine::ballista::{Executor, Scheduler};
use clap::Subcommand;

use crate::program::{Failure, OrFail as _};

const LOCAL: &str = "127.0.0.1";
const PATIENCE: Duration = Duration::from_secs(60);

/// What a process of the cluster is told on its command line.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Node {
    /// Runs the scheduler
    #[command(hide = true)]
    Scheduler {
        /// The port it listens at
        port: u16,
        /// The folder to remove in the end
        work: PathBuf,
    },
    /// Runs an executor
    #[command(hide = true)]
    Executor {
        /// The port of the scheduler
        scheduler: u16,
        /// The port for data
        data: u16,
        /// The port for tasks
        tasks: u16,
        /// Tasks at a time
        cores: usize,
        /// Bytes of memory
        memory: u64,
        /// The folder to remove in the end, the executor's own in it
        work: PathBuf,
    },
}

impl Node {
    /// Does the node's work until the program that started it is gone.
    ///
    /// # Errors
    /// If it cannot start or stops early.
    pub fn run(self) -> Result<(), Failure> {
        let (Self::Scheduler { work, .. } | Self::Executor { work, .. }) = &self;
        let work = work.clone();
        std::thread::spawn(move || {
            if let Err(failure) = self.serve() {
                eprintln!("error: {failure}");
                std::process::exit(2);
            }
        });
        // The program holds the other end and never writes: its end, by a signal too, ends the input.
        let mut byte = [0];
        while std::io::stdin().read(&mut byte).or_fail("waiting for the end")? > 0 {}
        // Often it is gone already; a job in flight may still add to it.
        for _ in 0..3 {
            if std::fs::remove_dir_all(&work).is_ok() || !work.exists() {
                break;
            }
        }
        std::process::exit(0)
    }

    fn serve(self) -> Result<(), Failure> {
        match self {
            Self::Scheduler { port, .. } => {
                Scheduler::new(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), LOCAL).run()
            }
            Self::Executor { scheduler, data, tasks, cores, memory, work } => {
                let own = work.join(format!("executor-{data}"));
                std::fs::create_dir_all(&own).map_err(|error| Failure::at(&own, error))?;
                Executor::new((LOCAL, scheduler), LOCAL, (data, tasks))
                    .with_bind(LOCAL)
                    .with_cores(cores)
                    .with_memory_limit(memory)
                    .with_work_dir(own)
                    .run()
            }
        }
        .or_fail("a node of the cluster")
    }

    fn arguments(&self) -> Vec<String> {
        match self {
            Self::Scheduler { port, work } => {
                vec!["scheduler".into(), port.to_string(), text(work)]
            }
            Self::Executor { scheduler, data, tasks, cores, memory, work } => {
                let numbers = [scheduler, data, tasks].map(u16::to_string);
                let mut all = vec!["executor".to_owned()];
                all.extend(numbers);
                all.extend([cores.to_string(), memory.to_string(), text(work)]);
                all
            }
        }
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// How large a cluster is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// How many executors.
    pub executors: usize,
    /// Tasks at a time of each.
    pub cores: usize,
    /// Bytes of memory of each.
    pub memory: u64,
}

/// A running cluster; its processes end when it is dropped.
#[derive(Debug)]
pub struct Cluster {
    port: u16,
    nodes: Vec<Child>,
}

impl Cluster {
    /// Starts the processes, which are this program with other arguments, and waits for them.
    /// Files go to `work`, which is removed if the program ends without dropping the cluster.
    ///
    /// # Errors
    /// If a process does not come up.
    pub fn start(size: Size, work: &Path) -> Result<Self, Failure> {
        let work = work.to_path_buf();
        let port = free_port()?;
        let mut cluster = Self { port, nodes: Vec::new() };
        cluster.add(&Node::Scheduler { port, work: work.clone() })?;
        cluster.wait(port)?;
        let mut ports = Vec::new();
        for _ in 0..size.executors.max(1) {
            let (data, tasks) = (free_port()?, free_port()?);
            let (cores, memory) = (size.cores.max(1), size.memory);
            let work = work.clone();
            cluster.add(&Node::Executor { scheduler: port, data, tasks, cores, memory, work })?;
            ports.extend([data, tasks]);
        }
        for port in ports {
            cluster.wait(port)?;
        }
        Ok(cluster)
    }

    /// Where the scheduler is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{LOCAL}:{}", self.port)
    }

    fn add(&mut self, node: &Node) -> Result<(), Failure> {
        let program = std::env::current_exe().or_fail("starting the cluster")?;
        let mut command = Command::new(program);
        command.args(node.arguments()).stdin(Stdio::piped()).stdout(Stdio::null());
        // An interrupt of the terminal is for the program; its end is theirs.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        self.nodes.push(command.spawn().or_fail("starting the cluster")?);
        Ok(())
    }

    /// Waits until something listens at a port.
    fn wait(&mut self, port: u16) -> Result<(), Failure> {
        let begun = Instant::now();
        let at = SocketAddr::from((IpAddr::V4(Ipv4Addr::LOCALHOST), port));
        while TcpStream::connect_timeout(&at, Duration::from_secs(1)).is_err() {
            for node in &mut self.nodes {
                if let Some(status) = node.try_wait().or_fail("starting the cluster")? {
                    return Err(Failure::new(format_args!(
                        "a node of the cluster ended: {status}"
                    )));
                }
            }
            if begun.elapsed() > PATIENCE {
                return Err(Failure::new(format_args!("nothing listens at {at}")));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for node in self.nodes.iter_mut().rev() {
            // One that is gone already needs neither.
            let _ = node.kill();
            let _ = node.wait();
        }
    }
}

fn free_port() -> Result<u16, Failure> {
    let listener = TcpListener::bind((LOCAL, 0)).or_fail("finding a port")?;
    Ok(listener.local_addr().or_fail("finding a port")?.port())
}
