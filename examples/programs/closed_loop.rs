//! The loop in control of the simulated market, beside baselines and an oracle.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use campaign_examples::control::{self, Answer, Episode, Policy, Run, Setup};
use campaign_examples::cycle::Config;
use campaign_examples::program::{self, Failure, Stages};
use clap::Parser;

/// Weeks of the simulated market under the loop, beside baselines and an oracle.
#[derive(Parser)]
#[command(name = "closed_loop", version)]
struct Arguments {
    /// Weeks under each policy
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=104))]
    weeks: u32,
    /// How many markets
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    seeds: u32,
    /// Seed of the first market; the others follow it
    #[arg(long, default_value_t = 101)]
    seed: u64,
    /// The loop's configuration [default: that of the bundled exports]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the comparison as one JSON object
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    program::run(|| body(&arguments))
}

fn body(arguments: &Arguments) -> Result<(), Failure> {
    let mut setup = Setup::bundled(arguments.weeks)?;
    if let Some(path) = &arguments.config {
        setup.config = Config::read(path)?;
    }
    let seeds: Option<Vec<u64>> =
        (0..u64::from(arguments.seeds)).map(|more| arguments.seed.checked_add(more)).collect();
    let seeds = seeds.ok_or_else(|| Failure::new("there are no seeds beyond 2^64 - 1"))?;

    let mut stages = Stages::new();
    stages.begin("weeks under each policy");
    let done = AtomicUsize::new(0);
    let observer = |episode: &Episode| {
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        let roas = |policy| episode.of(policy).map_or(f64::NAN, Run::roas);
        stages.say(format_args!(
            "{done} of {}: seed {}, ROAS of the loop {:.3}, of last week's split {:.3}",
            seeds.len(),
            episode.seed,
            roas(Policy::Loop),
            roas(Policy::LastWeek),
        ));
    };
    let episodes = control::run(&setup, &seeds, &observer)?;
    stages.finish();
    let answer = Answer::new(&episodes, stages.seconds());
    if arguments.json { program::print_json(&answer) } else { program::print(&answer.to_string()) }
}
