//! A made table of 100,000 rows and 20 columns.

use campaign_core::ndarray::Array2;
use campaign_core::{Column, Dataset};

pub(crate) const ROWS: usize = 100_000;
const COLUMNS: usize = 20;

/// SplitMix64 (Steele, Lea & Flood 2014).
fn uniforms(n: usize) -> Vec<f64> {
    (1..=n as u64)
        .map(|i| {
            let mut z = i.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        })
        .collect()
}

pub(crate) fn made_up() -> Dataset {
    let u = uniforms(ROWS * (COLUMNS + 1));
    let x = Array2::from_shape_fn((ROWS, COLUMNS), |(r, c)| u[r * COLUMNS + c]);
    let target = x.rows().into_iter().zip(&u[ROWS * COLUMNS..]).map(|(row, noise)| {
        let score = 2.0 * (6.0 * row[0]).sin() + 3.0 * row[1] * row[2] - row[3] - 0.5;
        f64::from(*noise < 1.0 / (1.0 + (-score).exp()))
    });
    let target = target.collect();
    let columns = (0..COLUMNS).map(|c| Column::numeric(format!("x{c:02}"))).collect();
    Dataset::new(columns, x).and_then(|d| d.with_target(target)).expect("made-up data are sound")
}
