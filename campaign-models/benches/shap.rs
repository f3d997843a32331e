//! Shapley values on the made table of `benches/made_set.rs`: 200 trees of depth 6, CPU microseconds
//! per row on one thread. `tests/reference/shap_peers.py` times XGBoost, shap and LightGBM.
//!
//! ```text
//! CAMPAIGN_MADE_SET=DIR cargo bench -p campaign-models --bench shap
//! ```

#![allow(missing_docs)]

use std::path::Path;

use campaign_core::ndarray::{Array2, s};
use campaign_core::{Column, Dataset};
use campaign_models::explain::{InterventionalShap, TreeShap};
use campaign_models::{Gbdt, GbdtConfig, Growth, Objective};
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

type Failure = Box<dyn std::error::Error>;

const COLUMNS: usize = 40;
const RUNS: usize = 3;

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

/// The fastest of several runs.
fn timed(
    what: &str,
    rows: usize,
    mut work: impl FnMut() -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut best = f64::INFINITY;
    for _ in 0..RUNS {
        let before = cpu();
        work()?;
        best = best.min(cpu() - before);
    }
    println!("  {what}: {:.1} us per row", best / rows as f64 * 1e6);
    Ok(())
}

fn measure(model: &Gbdt, x: &Array2<f64>) -> Result<(), Failure> {
    let shap = TreeShap::new(model);
    let mut workspace = shap.workspace();
    let (many, few) = (x.slice(s![..10_000, ..]), x.slice(s![..2_000, ..]));
    let mut out = vec![0.0; many.len()];
    timed("values, rows together", many.nrows(), || {
        Ok(shap.explain_into(many, &mut workspace, &mut out)?)
    })?;
    timed("values, row by row", many.nrows(), || {
        for (row, out) in many.outer_iter().zip(out.chunks_exact_mut(COLUMNS)) {
            shap.explain_into(
                row.insert_axis(campaign_core::ndarray::Axis(0)),
                &mut workspace,
                out,
            )?;
        }
        Ok(())
    })?;
    let mut pairs = vec![0.0; COLUMNS * COLUMNS];
    timed("interactions", few.nrows(), || {
        for row in few.outer_iter() {
            let row = row.to_slice().ok_or("rows stand together")?;
            shap.interactions_into(row, &mut workspace, &mut pairs)?;
        }
        Ok(())
    })?;
    let background = x.slice(s![-100.., ..]);
    let shap = InterventionalShap::new(model, background)?;
    let mut workspace = shap.workspace();
    let mut out = vec![0.0; few.len()];
    timed("against 100 background rows", few.nrows(), || {
        Ok(shap.explain_into(few, &mut workspace, &mut out)?)
    })
}

fn main() -> Result<(), Failure> {
    let Ok(dir) = std::env::var("CAMPAIGN_MADE_SET") else {
        println!("CAMPAIGN_MADE_SET names no folder: nothing measured");
        return Ok(());
    };
    let x = numbers(&Path::new(&dir).join("x.f32"))?;
    let x = Array2::from_shape_vec((x.len() / COLUMNS, COLUMNS), x)?;
    let y = numbers(&Path::new(&dir).join("y.f32"))?;
    let columns: Vec<Column> = (0..COLUMNS).map(|c| Column::numeric(format!("x{c:02}"))).collect();
    let rows = 100_000;
    let train = Dataset::new(columns, x.slice(s![..rows, ..]).to_owned())?;
    let train = train.with_target(y[..rows].to_vec())?;
    let test = x.slice(s![400_000..410_000, ..]).to_owned();
    let leaves = GbdtConfig::new(Objective::Logistic).with_trees(200).with_max_leaves(63);
    let depth =
        leaves.clone().with_growth(Growth::DepthWise).with_max_depth(Some(6)).with_max_leaves(64);
    for (name, config) in [("depth 6", depth), ("63 leaves, leaf by leaf", leaves)] {
        let model = config.fit(&train, None, &mut Xoshiro256PlusPlus::seed_from_u64(1))?;
        println!("{name}");
        measure(&model, &test)?;
    }
    Ok(())
}
