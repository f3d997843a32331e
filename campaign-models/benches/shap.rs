//! Shapley values on the made table of `benches/made_set.rs`: 200 trees of depth 6, CPU microseconds
//! per row on one thread. `tests/reference/shap_peers.py` times XGBoost, shap and LightGBM.
//!
//! ```text
//! CAMPAIGN_MADE_SET=DIR cargo bench -p campaign-models --bench shap
//! ```

#![allow(missing_docs)]

mod made_table;

use campaign_core::ndarray::{ArrayView2, Axis, s};
use campaign_models::explain::{InterventionalShap, TreeShap};
use campaign_models::{Gbdt, GbdtConfig, Growth, Objective};
use made_table::{COLUMNS, Failure, cpu, made_table};
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

const RUNS: usize = 3;

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

fn measure(model: &Gbdt, x: ArrayView2<'_, f64>) -> Result<(), Failure> {
    let shap = TreeShap::new(model);
    let mut workspace = shap.workspace();
    let (many, few) = (x.slice(s![..10_000, ..]), x.slice(s![..2_000, ..]));
    let mut out = vec![0.0; many.len()];
    timed("values, rows together", many.nrows(), || {
        Ok(shap.explain_into(many, &mut workspace, &mut out)?)
    })?;
    timed("values, row by row", many.nrows(), || {
        for (row, out) in many.outer_iter().zip(out.chunks_exact_mut(COLUMNS)) {
            shap.explain_into(row.insert_axis(Axis(0)), &mut workspace, out)?;
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
    let Some([train, test]) = made_table(100_000)? else { return Ok(()) };
    let leaves = GbdtConfig::new(Objective::Logistic).with_trees(200).with_max_leaves(63);
    let depth =
        leaves.clone().with_growth(Growth::DepthWise).with_max_depth(Some(6)).with_max_leaves(64);
    for (name, config) in [("depth 6", depth), ("63 leaves, leaf by leaf", leaves)] {
        let model = config.fit(&train, None, &mut Xoshiro256PlusPlus::seed_from_u64(1))?;
        println!("{name}");
        measure(&model, test.features())?;
    }
    Ok(())
}
