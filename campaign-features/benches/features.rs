//! The feature engine at the size its users have, in CPU seconds of the whole process.
//!
//! `FEATURE_ROWS` (default 200,000) sets the rows of the panel; 10,000,000 is the size quoted. One
//! figure per line: what, CPU seconds, wall seconds; the best of three runs.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use campaign_core::rand::RngExt;
use campaign_features::engine::local;
use campaign_features::feature::asof::{NO_ROW, Versions, latest_known};
use campaign_features::feature::plan::{Days, Window, date_of};
use campaign_features::feature::source::{
    MeasureColumn, RecordSources, Requests, Source, Sources, Unit,
};
use campaign_features::feature::spec::{Adstock, Aggregate, Feature, FeatureSpec, Statistic};
use campaign_features::ingest::{Ingest, IngestConfig};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

type Failure = Box<dyn std::error::Error>;

const DAY: i64 = 86_400_000_000;
const DAYS: i32 = 365;
const FIRST: i32 = 20_089;
const MEASURES: [(&str, Unit); 4] = [
    ("spend", Unit::Millionth),
    ("clicks", Unit::Count),
    ("impressions", Unit::Count),
    ("conversions", Unit::Millionth),
];

/// CPU seconds of this process, all threads.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .map(|field| field.parse().unwrap_or(f64::NAN))
        .collect();
    (fields.get(11).unwrap_or(&f64::NAN) + fields.get(12).unwrap_or(&f64::NAN)) / 100.0
}

fn timed<T>(what: &str, mut run: impl FnMut() -> Result<T, Failure>) -> Result<(), Failure> {
    let mut best = (f64::INFINITY, f64::INFINITY);
    for _ in 0..3 {
        let (clock, before) = (Instant::now(), cpu());
        black_box(run()?);
        best = (best.0.min(cpu() - before), best.1.min(clock.elapsed().as_secs_f64()));
    }
    println!("{what}: {:.2} CPU s, {:.2} s", best.0, best.1);
    Ok(())
}

/// Ads with a row on nine of ten days, each known at the end of its day.
fn panel(rows: usize) -> Sources {
    let rng = &mut Xoshiro256PlusPlus::seed_from_u64(7);
    let ads = (rows as f64 / f64::from(DAYS) / 0.9).round() as u32;
    let mut source = Source { name: "ads".into(), ..Source::default() };
    source.measure_names =
        MEASURES.map(|(name, unit)| MeasureColumn { name: name.into(), unit }).to_vec();
    source.measures = vec![Vec::new(); MEASURES.len()];
    source.keys = vec![Vec::new()];
    for ad in 0..ads {
        for day in FIRST..FIRST + DAYS {
            if rng.random::<f64>() >= 0.9 {
                continue;
            }
            let clicks = rng.random_range(10..70);
            source.keys[0].push(ad);
            source.fact.push(source.day.len() as u64);
            source.day.push(day);
            source.known_at.push(i64::from(day + 1) * DAY);
            source.measures[0].push(clicks * rng.random_range(200_000..1_500_000));
            source.measures[1].push(clicks);
            source.measures[2].push(rng.random_range(1_800..2_200));
            source.measures[3].push(clicks / 30 * 1_000_000);
        }
    }
    let names = (0..ads).map(|ad| format!("{ad:08}").into()).collect();
    Sources { kinds: vec!["ad".into()], names: vec![names], sources: vec![source] }
}

/// One request per row: the day after it, at its first instant.
fn each_row(sources: &Sources) -> Requests {
    let source = &sources.sources[0];
    let mut requests = sources.requests();
    requests.keys[0] = source.keys[0].clone();
    requests.day = source.day.iter().map(|day| day + 1).collect();
    requests.cutoff = source.known_at.clone();
    requests
}

fn sum(measure: &str, window: Window) -> Feature {
    Aggregate::new("ad", "ads", Statistic::Sum, measure, window).into()
}

fn sums_and_lags() -> FeatureSpec {
    let spec = FeatureSpec::new(MEASURES.map(|(name, _)| sum(name, Window::trailing(7))));
    spec.with(sum("spend", Window::lag(1))).with(sum("spend", Window::lag(7)))
}

fn windows(rows: usize) -> Result<(), Failure> {
    let sources = panel(rows);
    let requests = Arc::new(each_row(&sources));
    let n = requests.len();
    let plan = sums_and_lags().compile(&sources.schema())?;
    timed(&format!("{n} rows, 4 sums over 7 days and 2 lags"), || {
        Ok(local::run(&plan, &sources, Arc::clone(&requests))?)
    })
}

/// The same with the rows in a Parquet file at first.
#[cfg(feature = "arrow")]
fn windows_from_parquet(rows: usize) -> Result<(), Failure> {
    use campaign_features::engine::arrow::{
        SourcesReader, read_parquet, source_batches, write_parquet,
    };
    let dir = tempfile::tempdir()?;
    let file = dir.path().join("ads.parquet");
    let sources = panel(rows);
    let n = write_parquet(&file, source_batches(&sources, &sources.sources[0], 65_536)?)?;
    drop(sources);
    timed(&format!("{n} rows, the same from Parquet"), || {
        let mut reader = SourcesReader::new(["ad"]);
        for batch in read_parquet(&file, 65_536)? {
            reader.push("ads", &batch?)?;
        }
        let sources = reader.finish()?;
        let plan = sums_and_lags().compile(&sources.schema())?;
        Ok(local::run(&plan, &sources, each_row(&sources))?)
    })
}

fn four_hundred(rows: usize) -> Result<(), Failure> {
    let sources = panel(rows);
    let requests = Arc::new(each_row(&sources));
    let n = requests.len();
    let statistics = [
        Statistic::Sum,
        Statistic::Mean,
        Statistic::Min,
        Statistic::Max,
        Statistic::Std,
        Statistic::Trend,
        Statistic::Ewma { half_life: 7.0 },
        Statistic::Adstock(Adstock::Geometric { theta: 0.5 }),
        Statistic::ActiveDays,
        Statistic::DaysSince,
    ];
    let mut features: Vec<Feature> = Vec::new();
    for (measure, _) in MEASURES {
        for window in [3, 7, 14, 21, 28] {
            for statistic in &statistics {
                for days in [Days::Reporting, Days::All] {
                    let window = Window::trailing(window);
                    let one = Aggregate::new("ad", "ads", statistic.clone(), measure, window);
                    features.push(one.with_days(days).into());
                }
            }
        }
    }
    let spec = FeatureSpec::new(features);
    let plan = spec.compile(&sources.schema())?;
    timed(&format!("{n} rows, {} features, scans over up to 28 days", plan.columns().len()), || {
        Ok(local::run(&plan, &sources, Arc::clone(&requests))?)
    })
}

/// Each row of the panel in three versions, and a tenth as many requests.
fn bitemporal(rows: usize) -> Result<(), Failure> {
    let sources = panel(rows);
    let source = &sources.sources[0];
    let n = source.len();
    let (mut day, mut known_at, mut value) = (Vec::new(), Vec::new(), Vec::new());
    let mut start = vec![0usize];
    for row in 0..n {
        if row > 0 && source.keys[0][row] != source.keys[0][row - 1] {
            start.push(3 * row);
        }
        for later in [1, 7, 28] {
            day.push(source.day[row]);
            known_at.push(i64::from(source.day[row] + later) * DAY);
            value.push(source.measures[0][row] + i64::from(later));
        }
    }
    start.push(3 * n);
    let ads = start.len() as u32 - 1;
    let rng = &mut Xoshiro256PlusPlus::seed_from_u64(3);
    let (mut entity, mut decided) = (Vec::new(), Vec::new());
    for _ in 0..n / 10 {
        entity.push(rng.random_range(0..ads));
        decided.push(FIRST + rng.random_range(0..DAYS) + 1);
    }
    let cutoff: Vec<i64> = decided.iter().map(|day| i64::from(day - 1) * DAY).collect();
    let versions = Versions { start: &start, day: &day, known_at: &known_at };
    let mut out = vec![NO_ROW; entity.len()];
    timed(&format!("{} requests on {} versions, sorted", entity.len(), day.len()), || {
        latest_known(&versions, &entity, &decided, &cutoff, 14, &mut out)?;
        Ok(out.iter().filter_map(|&row| value.get(row as usize)).sum::<i64>())
    })?;
    let order: Vec<u64> =
        day.iter().zip(&known_at).map(|(d, k)| (*d as u64) ^ (*k as u64)).collect();
    timed("sorting the versions by day and instant within each ad, beside that", || {
        let mut rows: Vec<u32> = (0..order.len() as u32).collect();
        for bounds in start.windows(2) {
            rows[bounds[0]..bounds[1]]
                .sort_unstable_by_key(|&row| (day[row as usize], known_at[row as usize]));
        }
        Ok(rows)
    })
}

/// Daily records one by one into columns, as an ingest gives them on.
fn emission(rows: usize) -> Result<(), Failure> {
    let mut export = String::from(
        "Day,Account ID,Campaign name,Campaign ID,Ad set ID,Ad ID,Ad name,Amount spent (EUR),\
         Impressions,Link clicks\n",
    );
    for ad in 0..500 {
        for day in FIRST..FIRST + 200 {
            let date = date_of(day).ok_or("beyond the calendar")?;
            let (campaign, set) = (ad / 20, ad / 5);
            export += &format!(
                "{date},act_77,Spring {campaign},1200{campaign:012},1201{set:012},1202{ad:012},\
                 Video {ad},12.50,1000,31\n"
            );
        }
    }
    let mut ingest = Ingest::new(IngestConfig::new("acme"))?;
    ingest.read_bytes("meta.csv", export.as_bytes());
    let records = ingest.finish()?.records;
    let rounds = rows.div_ceil(records.len().max(1));
    timed(&format!("{} records into columns", rounds * records.len()), || {
        let mut sources = RecordSources::new()?;
        for _ in 0..rounds {
            for record in &records {
                sources.push(record)?;
            }
        }
        Ok(sources)
    })
}

fn main() -> Result<(), Failure> {
    let rows = std::env::var("FEATURE_ROWS").ok().and_then(|n| n.parse().ok()).unwrap_or(200_000);
    windows(rows)?;
    #[cfg(feature = "arrow")]
    windows_from_parquet(rows)?;
    emission(rows / 2)?;
    bitemporal(rows)?;
    four_hundred(rows / 10)
}
