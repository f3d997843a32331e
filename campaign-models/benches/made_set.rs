//! A made table of 500,000 rows and 40 columns, a tenth of them missing: training on the
//! first 100,000, judged on the last 100,000. CPU seconds on one thread, wall seconds on all.
//!
//! `tests/reference/made_set.py DIR` writes the table and times LightGBM on it; then
//!
//! ```text
//! CAMPAIGN_MADE_SET=DIR cargo bench -p campaign-models --bench made_set
//! ```

#![allow(missing_docs)]

mod made_table;

use std::time::Instant;

use campaign_core::Model;
use campaign_models::{GbdtConfig, Metric, Objective};
use made_table::{Failure, cpu, made_table};
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let (before, begun) = (cpu(), Instant::now());
    let result = work();
    println!("{what}: {:.2} CPU s, {:.2} s", cpu() - before, begun.elapsed().as_secs_f64());
    result
}

fn main() -> Result<(), Failure> {
    let rows: usize = std::env::var("MADE_SET_ROWS").map_or(Ok(100_000), |rows| rows.parse())?;
    let Some([train, test]) = made_table(rows)? else { return Ok(()) };
    let (test, target) = (test.features(), test.target().unwrap_or_default());

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
