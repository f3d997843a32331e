//! A made table of 500,000 rows and 40 columns, a tenth of them missing: training on the
//! first 100,000, judged on the last 100,000. CPU seconds on one thread, wall seconds on all.
//!
//! `tests/reference/made_set.py DIR` writes the table and times LightGBM on it; then
//!
//! ```text
//! CAMPAIGN_MADE_SET=DIR cargo bench -p campaign-models --bench made_set
//! ```

#![allow(missing_docs)]

use std::path::Path;
use std::time::Instant;

use campaign_core::ndarray::{Array2, s};
use campaign_core::{Column, Dataset, Model};
use campaign_models::{GbdtConfig, Metric, Objective};
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

type Failure = Box<dyn std::error::Error>;

const COLUMNS: usize = 40;

/// User and system time of this process.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

fn numbers(path: &Path) -> Result<Vec<f64>, Failure> {
    let bytes = std::fs::read(path)?;
    let words = bytes.chunks_exact(4).filter_map(|word| word.try_into().ok());
    Ok(words.map(|word| f64::from(f32::from_le_bytes(word))).collect())
}

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let (before, begun) = (cpu(), Instant::now());
    let result = work();
    println!("{what}: {:.2} CPU s, {:.2} s", cpu() - before, begun.elapsed().as_secs_f64());
    result
}

fn main() -> Result<(), Failure> {
    let Ok(dir) = std::env::var("CAMPAIGN_MADE_SET") else {
        println!("CAMPAIGN_MADE_SET names no folder: nothing measured");
        return Ok(());
    };
    let rows: usize = std::env::var("MADE_SET_ROWS").map_or(Ok(100_000), |rows| rows.parse())?;
    let x = numbers(&Path::new(&dir).join("x.f32"))?;
    let x = Array2::from_shape_vec((x.len() / COLUMNS, COLUMNS), x)?;
    let y = numbers(&Path::new(&dir).join("y.f32"))?;
    let columns: Vec<Column> = (0..COLUMNS).map(|c| Column::numeric(format!("x{c:02}"))).collect();
    let train = Dataset::new(columns, x.slice(s![..rows, ..]).to_owned())?;
    let train = train.with_target(y[..rows].to_vec())?;
    let (test, target) = (x.slice(s![400_000.., ..]), &y[400_000..]);

    let config = GbdtConfig::new(Objective::Logistic).with_trees(200).with_max_leaves(63);
    let fit = || config.fit(&train, None, &mut Xoshiro256PlusPlus::seed_from_u64(1));
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let model = timed("train, 1 thread", || alone.install(fit))?;
    timed("train, all threads", fit)?;
    let mut out = vec![0.0; target.len()];
    timed("predict 100,000 rows, 1 thread", || {
        alone.install(|| model.predict_into(test, &mut out))
    })?;
    timed("row by row", || -> Result<(), Failure> {
        for (row, out) in test.rows().into_iter().zip(&mut out) {
            *out = model.predict_row(row.as_slice().ok_or("rows stand together")?)?;
        }
        Ok(())
    })?;
    let auc = Metric::Auc.evaluate(target, &out, None)?;
    let loss = Metric::LogLoss.evaluate(target, &out, None)?;
    println!("AUC {auc:.5}, log-loss {loss:.5}");
    Ok(())
}
