//! Daily records and a spec in, one table of features out.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use campaign_examples::engines::Engine;
use campaign_examples::program::{self, Failure, OrFail as _, Stages, Whole};
use campaign_features::engine::arrow::{table_batches, write_parquet};
use campaign_features::feature::FeatureTable;
use campaign_features::feature::source::{Decision, RECORD_KINDS, RecordSources};
use campaign_features::feature::spec::FeatureSpec;
use campaign_features::ingest::read_records;
use clap::Parser;
use serde::Serialize;

/// The columns that a spec declares, one row per entity and day of the records, each made of what was
/// known when that day began.
#[derive(Parser)]
#[command(name = "features", version)]
struct Arguments {
    /// Records, as `ingest` writes them
    records: PathBuf,
    /// The spec
    spec: PathBuf,
    /// Earlier versions of the records, as `ingest --history` writes them
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// Rows per what and day, such as ad or ad,campaign [default: every kind of entity that the spec names]
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    per: Vec<String>,
    /// Zone in which days begin, where a record names none
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    zone: String,
    /// Where to write the table, as .csv or .parquet
    #[arg(long, value_name = "FILE", default_value = "features.csv")]
    out: PathBuf,
    /// What runs the plan: local, datafusion or ballista://HOST:PORT (a build with the feature)
    #[arg(long, default_value = "local")]
    engine: Engine,
    /// Folder for what other engines read; executors of a cluster have to see it [default: that of
    /// the system for temporary files]
    #[arg(long, value_name = "DIR")]
    shared: Option<PathBuf>,
    /// Print the answer as one JSON object
    #[arg(long)]
    json: bool,
}

/// What the program answers.
#[derive(Serialize)]
struct Answer<'a> {
    records: u64,
    versions: u64,
    rows: usize,
    columns: Vec<Described<'a>>,
    out: &'a Path,
    seconds: Vec<(&'static str, f64)>,
}

/// A column, and how often nothing is known of it.
#[derive(Serialize)]
struct Described<'a> {
    name: &'a str,
    missing: f64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    program::run(|| body(&arguments))
}

fn body(arguments: &Arguments) -> Result<(), Failure> {
    let spec = FeatureSpec::from_toml(&program::read_text(&arguments.spec)?)
        .map_err(|error| Failure::at(&arguments.spec, error))?;
    let zone = campaign_core::time::zone(&arguments.zone).or_fail("--zone")?;
    let format = Format::of(&arguments.out)?;
    let mut stages = Stages::new();
    stages.begin("reading");
    let mut builder = RecordSources::new().or_fail("records")?;
    let records = read(&arguments.records, &mut builder)?;
    let history = arguments.history.as_deref().map(|path| read(path, &mut builder));
    let versions = records + history.transpose()?.unwrap_or(0);
    let sources = builder.finish().or_fail("records")?;

    stages.begin("features");
    let plan =
        spec.compile(&sources.schema()).map_err(|error| Failure::at(&arguments.spec, error))?;
    let kinds = kinds(arguments, plan.entities().iter().map(|entity| entity.name()));
    let requests = sources.record_days(&kinds, &Decision::new(zone)).or_fail("--per")?;
    let shared = arguments.shared.as_deref();
    let table = arguments.engine.run(&spec, &plan, &sources, &requests, shared)?;

    stages.begin("writing");
    format.write(&table, &arguments.out)?;
    stages.finish();
    let missing = |column| {
        let column = table.values().column(column);
        column.iter().filter(|value| value.is_nan()).count() as f64 / column.len().max(1) as f64
    };
    let columns = table.columns().iter().enumerate();
    let answer = Answer {
        records,
        versions,
        rows: table.n_rows(),
        columns: columns
            .map(|(i, column)| Described { name: &column.name, missing: missing(i) })
            .collect(),
        out: &arguments.out,
        seconds: stages.seconds().to_vec(),
    };
    if arguments.json { program::print_json(&answer) } else { program::print(&summary(&answer)) }
}

/// Takes the records of a file in, and counts them.
fn read(path: &Path, into: &mut RecordSources) -> Result<u64, Failure> {
    let file = File::open(path).map_err(|error| Failure::at(path, error))?;
    let mut rows = 0;
    for record in read_records(BufReader::with_capacity(1 << 20, file)) {
        let record = record.map_err(|error| Failure::at(path, error))?;
        into.push(&record).map_err(|error| Failure::at(path, error))?;
        rows += 1;
    }
    Ok(rows)
}

/// What rows are about: what was asked for, else what the spec names, in the order of the records'.
fn kinds<'a>(arguments: &'a Arguments, named: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    if !arguments.per.is_empty() {
        return arguments.per.iter().map(String::as_str).collect();
    }
    let named: Vec<&str> = named.collect();
    if named.is_empty() {
        return vec![RECORD_KINDS[0]];
    }
    RECORD_KINDS.into_iter().filter(|kind| named.contains(kind)).collect()
}

/// How the table is written.
#[derive(Clone, Copy)]
enum Format {
    Csv,
    Parquet,
}

impl Format {
    fn of(path: &Path) -> Result<Self, Failure> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("csv") => Ok(Self::Csv),
            Some("parquet") => Ok(Self::Parquet),
            _ => Err(Failure::at(path, "expected a name that ends in .csv or .parquet")),
        }
    }

    fn write(self, table: &FeatureTable, path: &Path) -> Result<(), Failure> {
        match self {
            Self::Csv => {
                let mut out = BufWriter::with_capacity(1 << 20, Whole::create(path)?);
                table.write_csv(&mut out).map_err(|error| Failure::at(path, error))?;
                out.into_inner().map_err(|error| Failure::at(path, error))?.keep()
            }
            Self::Parquet => {
                let batches = table_batches(table, ROW_GROUP);
                write_parquet(path, batches).map_err(|error| Failure::at(path, error))?;
                Ok(())
            }
        }
    }
}

/// Rows of one row group.
const ROW_GROUP: usize = 1 << 17;

/// What a person wants to know first.
fn summary(answer: &Answer<'_>) -> String {
    let mut lines = vec![format!(
        "{} records in {} versions: {} rows of {} columns",
        answer.records,
        answer.versions,
        answer.rows,
        answer.columns.len()
    )];
    for Described { name, missing } in &answer.columns {
        lines.push(format!("{name}: {:.1} % not known", 100.0 * missing));
    }
    lines.push(format!("features: {}", answer.out.display()));
    lines.join("\n") + "\n"
}
