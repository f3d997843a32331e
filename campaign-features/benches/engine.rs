//! Four trailing 7-day sums per entity-day with gaps: our operator in DataFusion, the SQL RANGE frames
//! of DataFusion over the same files in the same run, and the local engine from memory.
//!
//! `CAMPAIGN_BENCH_ROWS` (200,000 by default) entity-days. Prints CPU seconds (user and system) of the
//! best of three; both engines write a Parquet file.
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
    use std::time::Instant;

    use campaign_core::rand::Rng;
    use campaign_features::engine::arrow::{request_batches, source_batches, write_parquet};
    use campaign_features::engine::datafusion::{DataFusionEngine, ParquetInput};
    use campaign_features::engine::local;
    use campaign_features::feature::source::{Requests, Row, Sources, SourcesBuilder, Unit};
    use campaign_features::feature::spec::FeatureSpec;
    use datafusion::dataframe::DataFrameWriteOptions;
    use datafusion::prelude::{ParquetReadOptions, SessionConfig, SessionContext};
    use rand_xoshiro::Xoshiro256PlusPlus;
    use rand_xoshiro::rand_core::SeedableRng;

    type Outcome<T> = Result<T, Box<dyn Error>>;

    const MEASURES: [&str; 4] = ["spend", "impressions", "clicks", "conversions"];
    const DAYS: i32 = 365;
    const FIRST: i32 = 19_000;

    /// Entity-days of a year, a tenth of them missing.
    fn panel(rows: usize) -> Outcome<(Sources, Requests)> {
        let rng = &mut Xoshiro256PlusPlus::seed_from_u64(1);
        let mut builder = SourcesBuilder::new(["ad"])?;
        let measures = MEASURES.map(|name| (name, Unit::Count));
        let source = builder.source("ads", &["ad"], &measures, &[])?;
        let ads = rows * 10 / 9 / DAYS as usize + 1;
        for ad in 0..ads {
            let name = format!("{ad:08}");
            for day in (0..DAYS).filter(|_| rng.next_u64() % 10 > 0).collect::<Vec<_>>() {
                let mut values = [None; 4];
                values.fill_with(|| Some((rng.next_u64() % 1_000_000) as i64));
                let known_at = i64::from(FIRST + day) * 86_400_000_000;
                let keys = &[Some(&*name)];
                let fact = None;
                let day = FIRST + day;
                source.push(&Row {
                    keys,
                    day,
                    known_at,
                    fact,
                    measures: &values,
                    attributes: &[],
                })?;
            }
        }
        let sources = builder.finish()?;
        let mut requests = sources.requests();
        let of = &sources.sources[0];
        for (&key, &day) in of.keys[0].iter().zip(&of.day) {
            requests.push(&[key], day, i64::from(day) * 86_400_000_000)?;
        }
        Ok((sources, requests))
    }

    fn spec() -> Outcome<FeatureSpec> {
        let mut text = String::new();
        for measure in MEASURES {
            text += &format!(
                "[[features]]\nkind = \"aggregate\"\nentity = \"ad\"\nsource = \"ads\"\n\
                 statistic = \"sum\"\nmeasure = \"{measure}\"\nwindow = \"7d\"\n"
            );
        }
        Ok(FeatureSpec::from_toml(&text)?)
    }

    /// CPU seconds of this process so far; 0 where the system does not tell.
    fn cpu() -> f64 {
        let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default().split(' ');
        let ticks: f64 = fields.skip(12).take(2).filter_map(|t| t.parse::<f64>().ok()).sum();
        ticks / 100.0
    }

    fn measure(name: &str, mut work: impl FnMut() -> Outcome<()>) -> Outcome<f64> {
        let mut best = (f64::INFINITY, f64::INFINITY);
        for _ in 0..3 {
            let (cpu_before, wall) = (cpu(), Instant::now());
            work()?;
            let took = (cpu() - cpu_before, wall.elapsed().as_secs_f64());
            if took.0 < best.0 {
                best = took;
            }
        }
        println!("{name}: {:.2} CPU s, {:.2} s", best.0, best.1);
        Ok(best.0)
    }

    async fn range_frames(events: &Path, out: &Path) -> Outcome<()> {
        let context =
            SessionContext::new_with_config(SessionConfig::new().with_target_partitions(2));
        let path = events.to_string_lossy();
        context.register_parquet("ads", path, ParquetReadOptions::default()).await?;
        let sums = MEASURES.map(|m| {
            format!(
                "SUM({m}) OVER (PARTITION BY ad ORDER BY day RANGE BETWEEN INTERVAL '7' DAY \
                 PRECEDING AND INTERVAL '1' DAY PRECEDING) AS {m}"
            )
        });
        let query = format!("SELECT ad, day, {} FROM ads", sums.join(", "));
        let options = DataFrameWriteOptions::new().with_single_file_output(true);
        context.sql(&query).await?.write_parquet(&out.to_string_lossy(), options, None).await?;
        Ok(())
    }

    pub(crate) fn run() -> Outcome<()> {
        let rows = std::env::var("CAMPAIGN_BENCH_ROWS").ok().and_then(|rows| rows.parse().ok());
        let (sources, requests) = panel(rows.unwrap_or(200_000))?;
        let dir = tempfile::tempdir()?;
        let (events, asked) = (dir.path().join("ads.parquet"), dir.path().join("asked.parquet"));
        write_parquet(&events, source_batches(&sources, &sources.sources[0], 65_536)?)?;
        write_parquet(&asked, request_batches(&sources, &requests, 65_536)?)?;
        println!("{} entity-days", requests.len());

        let (spec, schema) = (spec()?, sources.schema());
        let plan = spec.compile(&schema)?;
        measure("local engine, columns in memory", || {
            local::run(&plan, &sources, &requests)?;
            Ok(())
        })?;
        drop((sources, requests));
        let input = ParquetInput::new([asked.to_string_lossy()])
            .with_source("ads", [events.to_string_lossy()]);
        let engine = DataFusionEngine::new().with_partitions(2);
        let out = dir.path().join("out.parquet");
        let ours = measure("replay in DataFusion, Parquet to Parquet", || {
            engine.write(&spec, &schema, &input, &out)?;
            Ok(())
        })?;
        let runtime = tokio::runtime::Runtime::new()?;
        let out = dir.path().join("range.parquet");
        let theirs = measure("RANGE frames in DataFusion, Parquet to Parquet", || {
            runtime.block_on(range_frames(&events, &out))
        })?;
        println!("{:.1} times", theirs / ours);
        Ok(())
    }
}
