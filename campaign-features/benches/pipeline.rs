//! Raw exports of ten platforms to records to a feature table, as one run of a program would do it.
//!
//! `PIPELINE_ROWS` (default 200,000) sets the rows of all exports together; 10,000,000 is the size quoted.
//! The exports are made before the clock starts, in the folder for temporary files, and removed at the
//! end. One figure per line: what, CPU seconds (user and system, all threads), wall seconds; then the peak
//! of resident memory.
//!
//! ```text
//! PIPELINE_ROWS=10000000 cargo bench -p campaign-features --bench pipeline
//! ```

#[path = "pipeline/exports.rs"]
mod exports;

use std::time::Instant;

use campaign_features::channel::{ChannelRule, ChannelRules};
use campaign_features::engine::local;
use campaign_features::feature::source::{Decision, RecordSources};
use campaign_features::feature::spec::FeatureSpec;
use campaign_features::fx::FxTable;
use campaign_features::ingest::{Ingest, IngestConfig, IngestError};

type Failure = Box<dyn std::error::Error>;

fn status(of: &str, field: &str) -> String {
    let text = std::fs::read_to_string(of).unwrap_or_default();
    text.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default().trim().to_owned()
}

/// CPU seconds of this process, all threads.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

struct Clock(f64, Instant);

impl Clock {
    fn start() -> Self {
        Self(cpu(), Instant::now())
    }

    fn lap(&mut self, what: &str) {
        let (seconds, peak) =
            (self.1.elapsed().as_secs_f64(), status("/proc/self/status", "VmHWM:"));
        println!("{what}: {:.2} CPU s, {seconds:.2} s, peak memory {peak}", cpu() - self.0);
        *self = Self::start();
    }
}

/// What a team states once: currencies of exports that name none, rates, channels.
fn config() -> Result<IngestConfig, Failure> {
    let mut rates = String::from("date,base,quote,rate\n");
    for day in exports::days() {
        let cents = 5 + day.day_of_year() % 11;
        rates.push_str(&format!("{day},EUR,USD,1.{cents:02}\n{day},GBP,USD,1.2{cents:02}\n"));
    }
    let rules = exports::SOURCES.iter().flat_map(|source| {
        let of = |channel: &str| ChannelRule::new(channel).with_source(*source);
        [
            of("brand").with_campaign("*brand*"),
            of("prospecting").with_campaign("*prospecting*"),
            of(source),
        ]
    });
    Ok(IngestConfig::from_toml(
        r#"
        brand = "acme"
        [sources.snapchat_ads]
        currency = "USD"
        [sources.pinterest_ads]
        currency = "USD"
        [sources.reddit_ads]
        currency = "USD"
        [sources.tiktok_ads]
        currency = "USD"
        zone = "America/New_York"
        [sources.meta_ads]
        zone = "America/New_York"
        "#,
    )?
    .with_reporting_currency("USD")
    .with_fx(FxTable::from_csv(&rates)?)
    .with_channels(ChannelRules::new(rules)))
}

/// What a model of the next day asks of each ad.
fn spec() -> Result<FeatureSpec, Failure> {
    let mut text = String::new();
    let mut add = |kind: &str, of: &str, window: &str| {
        text.push_str(&format!(
            "[[features]]\nkind = \"{kind}\"\nentity = \"ad\"\nsource = \"records\"\nwindow = \"{window}\"\n{of}\n"
        ));
    };
    let sum = |measure: &str| format!("statistic = \"sum\"\nmeasure = \"{measure}\"");
    for measure in ["spend", "impressions", "clicks", "conversions"] {
        add("aggregate", &sum(measure), "7d");
        add("aggregate", &sum(measure), "lag1");
    }
    add("aggregate", &sum("spend"), "28d");
    add("aggregate", &sum("revenue"), "28d");
    for (numerator, denominator) in [("clicks", "impressions"), ("conversions", "clicks")] {
        let of = format!("numerator = \"{numerator}\"\ndenominator = \"{denominator}\"");
        add("rate", &of, "28d");
    }
    Ok(FeatureSpec::from_toml(&text)?)
}

fn main() -> Result<(), Failure> {
    let rows = std::env::var("PIPELINE_ROWS").ok().and_then(|text| text.parse().ok());
    let folder = tempfile::tempdir()?;
    let (rows, bytes) = exports::write(folder.path(), rows.unwrap_or(200_000))?;
    println!("{rows} rows of {} platforms, {:.2} GB", exports::SOURCES.len(), bytes as f64 / 1e9);
    let (mut whole, mut clock) = (Clock::start(), Clock::start());

    let mut ingest = Ingest::new(config()?)?;
    ingest.read_path(folder.path())?;
    clock.lap("read");

    let mut records = RecordSources::new()?;
    let rest = ingest.finish_into(&mut |version| {
        records.push(&version.record).map_err(|error| IngestError::Io {
            path: "records".to_owned(),
            reason: error.to_string(),
        })
    })?;
    let taken = (rest.coverage.rows_in, rest.coverage.ok, rest.coverage.rejected);
    assert_eq!(taken, (rows, rows, 0), "{:?}", rest.rejects.first());
    clock.lap("records, into columns");

    let sources = records.finish()?;
    let plan = spec()?.compile(&sources.schema())?;
    let requests = sources.record_days(&["ad"], &Decision::default())?;
    clock.lap("requests");
    let table = local::run(&plan, &sources, requests)?;
    clock.lap("features");
    println!("{} rows of {} features", table.n_rows(), table.columns().len());
    whole.lap("whole");
    Ok(())
}
