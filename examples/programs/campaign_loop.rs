//! One whole cycle: exports in, a budget plan with reasons out, and a page to look at.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use campaign_examples::cycle::{self, Config, Goal, Run, parse_date};
use campaign_examples::program::{self, Failure, Stages};
use clap::Parser;
use jiff::civil::Date;

/// Exports in, a defended budget out.
#[derive(Parser)]
#[command(name = "campaign_loop", version)]
struct Arguments {
    /// Folder (or file) of exports [default: the bundled sample]
    #[arg(long)]
    data: Option<PathBuf>,
    /// Configuration [default: campaign.toml in the data folder, if there is one]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where to write records, features, model, plan, decisions and report
    #[arg(long, default_value = "out")]
    out: PathBuf,
    /// Seed of everything random
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Stand on this day: later rows are not read [default: the day after the last one]
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    as_of: Option<Date>,
    /// What the budget is to bring [default: the configuration's]
    #[arg(long)]
    objective: Option<Goal>,
    /// Target ROAS or CPA [default: the configuration's, or the account's own average]
    #[arg(long, value_name = "X")]
    target: Option<f64>,
    /// Print the answer as one JSON object
    #[arg(long)]
    json: bool,
    /// Write a commented configuration for your own files to this folder, and stop
    #[arg(long, value_name = "DIR")]
    init: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    program::run(|| body(arguments))
}

fn body(arguments: Arguments) -> Result<(), Failure> {
    if let Some(folder) = &arguments.init {
        let path = cycle::write_template(folder)?;
        return program::print(&format!("wrote {}\n", path.display()));
    }
    let bundled = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let data = arguments.data.unwrap_or(bundled);
    let beside = data.join("campaign.toml");
    let config = arguments.config.or_else(|| beside.is_file().then_some(beside));
    let mut config = config.map_or_else(|| Ok(Config::default()), |path| Config::read(&path))?;
    if let Some(goal) = arguments.objective {
        config.objective.goal = goal;
    }
    config.objective.target = arguments.target.or(config.objective.target);
    config.check()?;

    let mut stages = Stages::new();
    let run = Run { config, data, as_of: arguments.as_of, seed: arguments.seed };
    let answer = cycle::run(&run, &arguments.out, &mut stages)?;
    stages.finish();
    if arguments.json {
        program::print_json(&answer)
    } else {
        program::print(&cycle::summary(&answer, &arguments.out))
    }
}
