//! Runs the bundled market under its incumbent and writes what happened as exports.

use std::path::PathBuf;
use std::process::ExitCode;

use campaign_examples::market::config::Platform;
use campaign_examples::market::{DayOutcome, ExportOptions, Market, MarketConfig, export};
use campaign_examples::program::{self, Failure, OrFail, Stages};
use clap::Parser;
use serde::Serialize;

/// Sample exports from a simulated market.
#[derive(Parser)]
#[command(name = "make_exports", version)]
struct Arguments {
    /// Folder to write to
    #[arg(long)]
    out: PathBuf,
    /// Seed of the market
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Days to simulate
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// A market in TOML; what it leaves out is as in the bundled one
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Leave out the damaged and repeated rows
    #[arg(long)]
    clean: bool,
    /// Print what was written, and the truth behind it, as one JSON object
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Answer {
    files: Vec<File>,
    seed: u64,
    truth: TruthAnswer,
}

#[derive(Serialize)]
struct File {
    file: String,
    rows: usize,
    bytes: usize,
    rejected: usize,
    duplicates: usize,
}

#[derive(Serialize)]
struct TruthAnswer {
    currency: String,
    first_day: String,
    last_day: String,
    as_of: String,
    delay: Vec<f64>,
    channels: Vec<ChannelAnswer>,
    ads: Vec<AdAnswer>,
}

/// Amounts in the market's currency but for `billed`; revenue counts by the day of the click.
#[derive(Serialize)]
struct ChannelAnswer {
    channel: String,
    platform: Platform,
    account_currency: String,
    billed: f64,
    spend: f64,
    impressions: u64,
    clicks: u64,
    orders: u64,
    revenue: f64,
}

/// An ad's hidden rates when new, before wear, season, changes and the channel's pool.
#[derive(Serialize)]
struct AdAnswer {
    ad: String,
    name: String,
    channel: String,
    ctr: f64,
    cvr: f64,
    order_value: f64,
    launch_day: i32,
    expected_impressions: f64,
    spend: f64,
    revenue: f64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    program::run(|| body(&arguments))
}

fn body(arguments: &Arguments) -> Result<(), Failure> {
    let mut config = MarketConfig::default();
    if let Some(path) = &arguments.config {
        let text = program::read_text(path)?;
        config = toml::from_str(&text).map_err(|error| Failure::at(path, error))?;
    }
    let mut stages = Stages::new();
    stages.begin("simulate");
    let mut market = Market::new(config, arguments.seed).or_fail("making the market")?;
    let history = market.run_incumbent(arguments.days).or_fail("running the market")?;
    stages.say(format!("{} days, {} ads", history.len(), market.ads().len()));

    stages.begin("export");
    // The noon after the last day: all accounts have closed it.
    let today = market.today().or_fail("closing the last day")?;
    let noon = today.at(12, 0, 0, 0).to_zoned_datetime(jiff::tz::TimeZone::UTC);
    let as_of = noon.or_fail("closing the last day")?.timestamp();
    let mut options = ExportOptions::new(as_of);
    if !arguments.clean {
        options = options.with_dirt();
    }
    let files = market.export(&history, &options).or_fail("writing the exports")?;
    export::write(&arguments.out, &files).map_err(|error| Failure::at(&arguments.out, error))?;
    stages.say(format!("{} files in {}", files.len(), arguments.out.display()));
    stages.finish();

    if !arguments.json {
        let total: usize = files.iter().map(|file| file.bytes.len()).sum();
        let line =
            format!("wrote {} files, {total} bytes, to {}\n", files.len(), arguments.out.display());
        return program::print(&line);
    }
    let files = files.into_iter().map(|file| File {
        bytes: file.bytes.len(),
        file: file.name,
        rows: file.rows,
        rejected: file.rejected,
        duplicates: file.duplicates,
    });
    let truth = truth(&market, &history, as_of.to_string());
    program::print_json(&Answer { files: files.collect(), seed: arguments.seed, truth })
}

fn truth(market: &Market, history: &[DayOutcome], as_of: String) -> TruthAnswer {
    let truth = market.truth();
    let date = |day: Option<&DayOutcome>| day.map_or(String::new(), |day| day.date.to_string());
    let channels = truth.channels.iter().map(|channel| {
        let mut sum = ChannelAnswer {
            channel: channel.name.to_string(),
            platform: channel.platform,
            account_currency: channel.currency.code().to_owned(),
            billed: 0.0,
            spend: 0.0,
            impressions: 0,
            clicks: 0,
            orders: 0,
            revenue: 0.0,
        };
        let mut micros = 0_i64;
        for ad in history.iter().filter_map(|day| day.ads.get(channel.ads.clone())).flatten() {
            micros = micros.saturating_add(ad.cost.0);
            sum.spend += ad.spend;
            sum.impressions += ad.impressions;
            sum.clicks += ad.clicks;
            sum.orders += ad.orders;
            sum.revenue += ad.revenue;
        }
        sum.billed = campaign_core::Micros(micros).to_f64();
        sum
    });
    let ads = truth.ads.iter().zip(market.shown()).enumerate().map(|(index, (ad, &shown))| {
        let days = history.iter().filter_map(|day| day.ads.get(index));
        let (spend, revenue) =
            days.fold((0.0, 0.0), |(s, r), day| (s + day.spend, r + day.revenue));
        let channel = truth.channels.get(ad.channel);
        AdAnswer {
            ad: ad.id.to_string(),
            name: ad.name.to_string(),
            channel: channel.map_or(String::new(), |channel| channel.name.to_string()),
            ctr: ad.ctr,
            cvr: ad.cvr,
            order_value: ad.order_value,
            launch_day: ad.launch,
            expected_impressions: shown,
            spend,
            revenue,
        }
    });
    TruthAnswer {
        currency: truth.config.currency.clone(),
        first_day: date(history.first()),
        last_day: date(history.last()),
        as_of,
        delay: truth.delay.clone(),
        channels: channels.collect(),
        ads: ads.collect(),
    }
}
