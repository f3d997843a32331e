//! Features on a Ballista cluster on loopback, compared to the bit with the local engine's.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use campaign_examples::cluster::{self, Cluster, Node, Size};
use campaign_examples::program::{self, Failure, OrFail as _, Stages};
use campaign_features::engine::arrow::{request_batches, source_batches, write_parquet};
use campaign_features::engine::ballista::BallistaEngine;
use campaign_features::engine::datafusion::ParquetInput;
use campaign_features::engine::local;
use campaign_features::feature::FeatureTable;
use clap::Parser;
use serde::Serialize;

/// Starts a scheduler and executors, runs four sums over 7 days and two lags of each ad-day there and
/// in this process, and compares every bit; or keeps the cluster up for other programs.
#[derive(Parser)]
#[command(name = "feature_cluster", version, args_conflicts_with_subcommands = true)]
struct Arguments {
    /// About how many rows the panel gets
    #[arg(long, default_value_t = 10_000_000, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    rows: u64,
    /// A panel in Parquet (columns ad, campaign, channel, day, known_at, fact, spend, clicks,
    /// impressions, conversions); made there of --rows rows if there is none
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Seed of the panel
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Processes that compute
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=64))]
    executors: u64,
    /// Tasks at a time of each
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=256))]
    cores: u64,
    /// Memory of each, in MiB
    #[arg(long, default_value_t = 2048, value_parser = clap::value_parser!(u64).range(16..=1_048_576))]
    memory: u64,
    /// Seconds after which the cluster is given up
    #[arg(long, default_value_t = 1800, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    deadline: u64,
    /// Print where the cluster is, as ballista://HOST:PORT, and keep it up until this program is ended
    #[arg(long, conflicts_with_all = ["data", "json"])]
    serve: bool,
    /// Print the answer as one JSON object
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    node: Option<Node>,
}

/// What the program answers.
#[derive(Serialize)]
struct Answer {
    rows: usize,
    features: usize,
    executors: u64,
    /// The local engine, its columns in memory.
    local_seconds: f64,
    /// The cluster, Parquet to values in this process, the count of what goes in included.
    cluster_seconds: f64,
    /// Whether every bit is the same; all NaN are one missing value.
    equal: bool,
    /// How often the job was begun.
    attempts: usize,
}

fn main() -> ExitCode {
    let mut arguments = Arguments::parse();
    let node = arguments.node.take();
    program::run(|| match node {
        Some(node) => node.run(),
        None => body(&arguments),
    })
}

fn body(arguments: &Arguments) -> Result<(), Failure> {
    let mut stages = Stages::new();
    let folder = tempfile::tempdir().or_fail("a temporary folder")?;
    let kept = arguments.data.as_deref();
    let events = kept.map_or_else(|| folder.path().join("ads.parquet"), PathBuf::from);
    let asked = folder.path().join("requests.parquet");

    // First of all, because its processes remove the folder if this one is killed.
    stages.begin("starting the cluster");
    let executors = usize::try_from(arguments.executors).or_fail("--executors")?;
    let cores = usize::try_from(arguments.cores).or_fail("--cores")?;
    let size = Size { executors, cores, memory: arguments.memory << 20 };
    let running = Cluster::start(size, folder.path())?;
    if arguments.serve {
        stages.finish();
        program::print(&format!("{}\n", running.url().replace("http://", "ballista://")))?;
        loop {
            std::thread::park();
        }
    }

    stages.begin("the panel");
    let rows = usize::try_from(arguments.rows).or_fail("--rows")?;
    let sources = if events.exists() {
        cluster::read(&events)?
    } else {
        let sources = cluster::make(rows, arguments.seed)?;
        for source in &sources.sources {
            let batches = source_batches(&sources, source, BATCH).or_fail("the panel")?;
            write_parquet(&events, batches).or_fail("the panel")?;
        }
        sources
    };
    let requests = cluster::ask(&sources)?;
    let batches = request_batches(&sources, &requests, BATCH).or_fail("the requests")?;
    write_parquet(&asked, batches).or_fail("the requests")?;

    stages.begin("local engine");
    let (spec, schema) = (cluster::features()?, sources.schema());
    let plan = spec.compile(&schema).or_fail("the features")?;
    let begun = Instant::now();
    let expected = local::run(&plan, &sources, &requests).or_fail("the local engine")?;
    let local_seconds = begun.elapsed().as_secs_f64();
    drop((sources, requests));

    stages.begin("cluster");
    let input =
        ParquetInput::new([asked.to_string_lossy()]).with_source("ads", [events.to_string_lossy()]);
    let engine = BallistaEngine::new(running.url())
        .with_partitions(executors * cores * 2)
        .with_deadline(Duration::from_secs(arguments.deadline));
    let mut failures = 0;
    let mut failed = |attempt: usize, error: &campaign_features::engine::EngineError| {
        failures = attempt;
        stages.say(format_args!("attempt {attempt} does not count: {error}"));
    };
    let begun = Instant::now();
    let got = engine.run_with(&spec, &schema, &input, &mut failed).or_fail("the cluster")?;
    let cluster_seconds = begun.elapsed().as_secs_f64();
    drop(running);
    stages.finish();

    let answer = Answer {
        rows: expected.n_rows(),
        features: expected.columns().len(),
        executors: arguments.executors,
        local_seconds,
        cluster_seconds,
        equal: same(&expected, &got),
        attempts: failures + 1,
    };
    if arguments.json {
        program::print_json(&answer)?;
    } else {
        program::print(&summary(&answer))?;
    }
    if answer.equal {
        Ok(())
    } else {
        Err(Failure::new("the cluster's features are not the local engine's"))
    }
}

/// Rows per batch and row group.
const BATCH: usize = 262_144;

/// Whether two tables have the same columns and the same bits.
fn same(a: &FeatureTable, b: &FeatureTable) -> bool {
    let bits = |v: &f64| if v.is_nan() { f64::NAN.to_bits() } else { v.to_bits() };
    a.columns() == b.columns()
        && a.values().dim() == b.values().dim()
        && a.values().iter().map(bits).eq(b.values().iter().map(bits))
        && (0..a.n_rows()).all(|row| a.key(0, row) == b.key(0, row) && a.day(row) == b.day(row))
}

fn summary(answer: &Answer) -> String {
    let Answer { rows, features, executors, local_seconds, cluster_seconds, equal, attempts } =
        answer;
    let equal = if *equal { "equal to the bit" } else { "NOT EQUAL" };
    let attempts = if *attempts == 1 { "one attempt" } else { &*format!("{attempts} attempts") };
    format!(
        "{rows} rows, {features} features: {equal}\n\
         local engine: {local_seconds:.2} s\n\
         cluster of {executors} executors: {cluster_seconds:.2} s, {attempts}\n"
    )
}
