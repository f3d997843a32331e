//! Trailing sums and lags per entity-day with gaps, one request per row: our engine over Parquet, the
//! SQL RANGE frames of DataFusion over the same file in the same run, and the local engine from memory.
//!
//! `CAMPAIGN_BENCH_ROWS` (200,000 by default) entity-days; `CAMPAIGN_BENCH_MEMORY` MiB for either
//! engine, where it is set. Rows of an entity stand together, with `CAMPAIGN_BENCH_BY_DAY=1` those of
//! a day. Prints CPU (user and system) and wall seconds, ours the best of three. Each writes a Parquet
//! file.
//!
//! ```text
//! CAMPAIGN_BENCH_ROWS=10000000 cargo bench -p campaign-features --features datafusion --bench engine
//! ```

#[cfg(not(feature = "datafusion"))]
fn main() {}

#[cfg(feature = "datafusion")]
fn main() {
    if let Err(error) = datafusion::run() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}

#[cfg(feature = "datafusion")]
mod datafusion {
    use std::error::Error;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Instant;

    use campaign_core::rand::Rng;
    use campaign_features::engine::arrow::{request_batches, source_batches, write_parquet};
    use campaign_features::engine::datafusion::{DataFusionEngine, ParquetInput};
    use campaign_features::engine::local;
    use campaign_features::feature::source::{Requests, Row, Sources, SourcesBuilder, Unit};
    use campaign_features::feature::spec::FeatureSpec;
    use datafusion::dataframe::DataFrameWriteOptions;
    use datafusion::execution::memory_pool::FairSpillPool;
    use datafusion::execution::runtime_env::RuntimeEnvBuilder;
    use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
    use rand_xoshiro::Xoshiro256PlusPlus;
    use rand_xoshiro::rand_core::SeedableRng;

    type Outcome<T> = Result<T, Box<dyn Error>>;

    const MEASURES: [&str; 4] = ["spend", "impressions", "clicks", "conversions"];
    const DAYS: i32 = 365;
    const FIRST: i32 = 19_000;

    /// Entity-days of a year, a tenth of them missing.
    fn panel(rows: usize, by_day: bool) -> Outcome<(Sources, Requests)> {
        let rng = &mut Xoshiro256PlusPlus::seed_from_u64(1);
        let mut builder = SourcesBuilder::new(["ad"])?;
        let measures = MEASURES.map(|name| (name, Unit::Count));
        let source = builder.source("ads", &["ad"], &measures, &[])?;
        let ads = rows * 10 / 9 / DAYS as usize + 1;
        let mut rows = Vec::new();
        for ad in 0..ads {
            rows.extend((0..DAYS).filter(|_| rng.next_u64() % 10 > 0).map(|day| (ad, day)));
        }
        if by_day {
            rows.sort_by_key(|&(_, day)| day);
        }
        for (ad, day) in rows {
            let name = format!("{ad:08}");
            let mut values = [None; 4];
            values.fill_with(|| Some((rng.next_u64() % 1_000_000) as i64));
            let day = FIRST + day;
            source.push(&Row {
                keys: &[Some(&*name)],
                day,
                known_at: i64::from(day) * 86_400_000_000,
                fact: None,
                measures: &values,
                attributes: &[],
            })?;
        }
        let sources = builder.finish()?;
        let mut requests = sources.requests();
        let of = &sources.sources[0];
        for (&key, &day) in of.keys[0].iter().zip(&of.day) {
            requests.push(&[key], day, i64::from(day) * 86_400_000_000)?;
        }
        Ok((sources, requests))
    }

    /// Names of columns, measures, and the days before the day of decision that are summed.
    type Column = (&'static str, &'static str, (i32, i32));

    const ONE: [Column; 1] = [("spend_7d", "spend", (7, 1))];
    const SIX: [Column; 6] = [
        ("spend_7d", "spend", (7, 1)),
        ("impressions_7d", "impressions", (7, 1)),
        ("clicks_7d", "clicks", (7, 1)),
        ("conversions_7d", "conversions", (7, 1)),
        ("spend_1", "spend", (1, 1)),
        ("spend_7", "spend", (7, 7)),
    ];

    fn spec(columns: &[Column]) -> Outcome<FeatureSpec> {
        let features = columns.iter().map(|(name, measure, (from, to))| {
            format!(
                "[[features]]\nname = \"{name}\"\nkind = \"aggregate\"\nentity = \"ad\"\n\
                 source = \"ads\"\nstatistic = \"sum\"\nmeasure = \"{measure}\"\n\
                 window = \"{to}to{from}d\"\n"
            )
        });
        Ok(FeatureSpec::from_toml(&features.collect::<String>())?)
    }

    fn sql(columns: &[Column]) -> String {
        let columns = columns.iter().map(|(name, measure, (from, to))| {
            format!(
                ", SUM({measure}) OVER (PARTITION BY ad ORDER BY day RANGE BETWEEN INTERVAL \
                 '{from}' DAY PRECEDING AND INTERVAL '{to}' DAY PRECEDING) AS {name}"
            )
        });
        format!("SELECT ad, day{} FROM ads", columns.collect::<String>())
    }

    /// CPU seconds of this process so far; 0 where the system does not tell.
    fn cpu() -> f64 {
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default().split(' ');
        let ticks: f64 = fields.skip(12).take(2).filter_map(|t| t.parse::<f64>().ok()).sum();
        ticks / 100.0
    }

    /// CPU and wall seconds of the run that took least CPU.
    fn measure(
        name: &str,
        times: usize,
        mut work: impl FnMut() -> Outcome<()>,
    ) -> Outcome<(f64, f64)> {
        let mut best = (f64::INFINITY, f64::INFINITY);
        for _ in 0..times {
            let (cpu_before, wall) = (cpu(), Instant::now());
            work()?;
            let took = (cpu() - cpu_before, wall.elapsed().as_secs_f64());
            if took.0 < best.0 {
                best = took;
            }
        }
        println!("{name}: {:.2} CPU s, {:.2} s", best.0, best.1);
        Ok(best)
    }

    async fn range_frames(
        events: &Path,
        out: &Path,
        query: &str,
        memory: Option<usize>,
    ) -> Outcome<()> {
        let mut runtime = RuntimeEnvBuilder::new();
        if let Some(bytes) = memory {
            runtime = runtime.with_memory_pool(Arc::new(FairSpillPool::new(bytes)));
        }
        let config = SessionConfig::new().with_target_partitions(2);
        let context = SessionContext::new_with_config_rt(config, runtime.build_arc()?);
        let path = events.to_string_lossy();
        context.register_parquet("ads", path, ParquetReadOptions::default()).await?;
        let options = DataFrameWriteOptions::new().with_single_file_output(true);
        context.sql(query).await?.write_parquet(&out.to_string_lossy(), options, None).await?;
        Ok(())
    }

    fn number(variable: &str) -> Option<usize> {
        std::env::var(variable).ok().and_then(|text| text.parse().ok())
    }

    pub(crate) fn run() -> Outcome<()> {
        let (sources, requests) = panel(
            number("CAMPAIGN_BENCH_ROWS").unwrap_or(200_000),
            number("CAMPAIGN_BENCH_BY_DAY") == Some(1),
        )?;
        let memory = number("CAMPAIGN_BENCH_MEMORY").map(|mib| mib << 20);
        let dir = tempfile::tempdir()?;
        let (events, asked) = (dir.path().join("ads.parquet"), dir.path().join("asked.parquet"));
        write_parquet(&events, source_batches(&sources, &sources.sources[0], 65_536)?)?;
        write_parquet(&asked, request_batches(&sources, &requests, 65_536)?)?;
        println!("{} entity-days", requests.len());

        let schema = sources.schema();
        let plan = spec(&SIX)?.compile(&schema)?;
        measure("4 sums and 2 lags, local engine, columns in memory", 3, || {
            local::run(&plan, &sources, &requests)?;
            Ok(())
        })?;
        drop((sources, requests));
        let input = ParquetInput::new([asked.to_string_lossy()])
            .with_source("ads", [events.to_string_lossy()]);
        let mut engine = DataFusionEngine::new().with_partitions(2);
        if let Some(bytes) = memory {
            engine = engine.with_memory_limit(bytes);
        }
        let runtime = tokio::runtime::Runtime::new()?;
        for (what, columns) in [("1 sum", &ONE[..]), ("4 sums and 2 lags", &SIX[..])] {
            let (spec, query) = (spec(columns)?, sql(columns));
            let out = dir.path().join("out.parquet");
            let ours = measure(&format!("{what}, DataFusionEngine"), 3, || {
                engine.write(&spec, &schema, &input, &out)?;
                Ok(())
            })?;
            let out = dir.path().join("range.parquet");
            let theirs = measure(&format!("{what}, RANGE frames"), 1, || {
                runtime.block_on(range_frames(&events, &out, &query, memory))
            })?;
            println!("{:.1} times CPU, {:.1} times wall", theirs.0 / ours.0, theirs.1 / ours.1);
        }
        Ok(())
    }
}
