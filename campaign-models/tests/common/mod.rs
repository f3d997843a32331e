//! Made-up data shared by the tests.
#![allow(dead_code)]

use campaign_core::ndarray::Array2;
use campaign_core::rand::RngExt;
use campaign_core::{Column, Dataset};
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
use std::sync::Arc;

pub(crate) fn rng(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

pub(crate) fn levels(n: usize) -> Arc<[Arc<str>]> {
    (0..n).map(|i| Arc::from(format!("level {i}"))).collect()
}

/// Numeric columns `x0`, `x1`, ... and two categorical ones (5 and 300 levels), a tenth missing,
/// weights between 0.5 and 1.5. The target is 0 or 1 if `binary`.
pub(crate) fn made_up(rows: usize, numeric: usize, binary: bool, seed: u64) -> Dataset {
    let mut rng = rng(seed);
    let width = numeric + 2;
    let mut x = Array2::zeros((rows, width));
    let mut target = Vec::with_capacity(rows);
    for mut row in x.rows_mut() {
        for c in 0..numeric {
            row[c] = rng.random::<f64>() * 4.0 - 2.0;
        }
        row[numeric] = f64::from(rng.random_range(0_u32..5));
        row[numeric + 1] = f64::from(rng.random_range(0_u32..300));
        let signal = (row[0] * 1.5).sin()
            + if row[numeric] == 2.0 { 1.0 } else { -0.3 }
            + if row[numeric + 1] % 7.0 == 0.0 { 0.8 } else { 0.0 };
        let noise = rng.random::<f64>();
        target.push(if binary {
            f64::from(noise < 1.0 / (1.0 + (-signal).exp()))
        } else {
            signal + noise - 0.5
        });
        for value in &mut row {
            if rng.random::<f64>() < 0.1 {
                *value = f64::NAN;
            }
        }
    }
    let weights = (0..rows).map(|_| 0.5 + rng.random::<f64>()).collect();
    let mut columns: Vec<Column> = (0..numeric).map(|c| Column::numeric(format!("x{c}"))).collect();
    columns.push(Column::categorical("channel", levels(5)));
    columns.push(Column::categorical("creative", levels(300)));
    Dataset::new(columns, x)
        .and_then(|d| d.with_target(target))
        .and_then(|d| d.with_weights(weights))
        .unwrap()
}

/// The same data with its columns in another order.
pub(crate) fn permuted(data: &Dataset, order: &[usize]) -> Dataset {
    let columns = order.iter().map(|&c| data.columns()[c].clone()).collect();
    let x = data.features();
    let x = Array2::from_shape_fn(x.dim(), |(row, c)| x[[row, order[c]]]);
    let mut d = Dataset::new(columns, x).unwrap();
    if let Some(target) = data.target() {
        d = d.with_target(target.to_vec()).unwrap();
    }
    if let Some(weights) = data.weights() {
        d = d.with_weights(weights.to_vec()).unwrap();
    }
    d
}
