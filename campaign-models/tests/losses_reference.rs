//! Every loss on data that its training did not see, beside LightGBM 4.7.0 with the same settings
//! (`tests/reference/losses.py`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use campaign_core::ndarray::Array2;
use campaign_core::{Column, Dataset};
use campaign_models::gbdt::{Groups, LossRows};
use campaign_models::{GbdtConfig, Loss, Objective};
use common::rng;

/// Columns of the file: three features, exposure, targets.
const EXPOSURE: usize = 3;
const REAL: usize = 4;
const FRACTION: usize = 5;
const COUNT: usize = 6;
const AMOUNT: usize = 7;
const GRADE: usize = 8;
const REVENUE: usize = 9;

fn rows() -> Vec<Vec<f64>> {
    let mut reader = csv::Reader::from_reader(&include_bytes!("data/losses.csv")[..]);
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

fn data(rows: &[Vec<f64>], target: usize) -> Dataset {
    let x = Array2::from_shape_fn((rows.len(), 3), |(row, c)| rows[row][c]);
    let columns = (0..3).map(|c| Column::numeric(format!("x{c}"))).collect();
    let of = |c: usize| rows.iter().map(|row| row[c]).collect::<Vec<f64>>();
    let data = Dataset::new(columns, x)
        .and_then(|d| d.with_target(of(target)))
        .and_then(|d| d.with_groups((0..rows.len() as u32).map(|row| row / 10).collect()))
        .unwrap();
    if target == COUNT {
        data.with_offset(of(EXPOSURE).iter().map(|units| units.ln()).collect()).unwrap()
    } else {
        data
    }
}

#[test]
fn held_out_losses_are_lightgbms() {
    let rows = rows();
    let (train, test) = rows.split_at(1_000);
    // LightGBM's loss, and that of the best constant.
    for (loss, target, lightgbm, constant) in [
        (Objective::Squared, REAL, 1.60512, 4.28227),
        (Objective::Logistic, FRACTION, 0.62897, 0.67527),
        (Objective::Poisson, COUNT, -9.29207, -7.46254),
        (Objective::Gamma, AMOUNT, 3.85168, 4.09836),
        (Objective::Tweedie { power: 1.5 }, REVENUE, 21.89408, 23.35582),
        (Objective::Quantile { level: 0.9 }, REAL, 0.29812, 0.46133),
        (Objective::Huber { delta: 1.0 }, REAL, 0.77555, 1.89371),
        (Objective::LambdaRank { truncation: 5 }, GRADE, 0.15373, 0.47437),
    ] {
        let config = GbdtConfig::new(loss).with_max_leaves(8);
        let model = config.fit(&data(train, target), None, &mut rng(1)).unwrap();
        let test = data(test, target);
        let offset = test.offset().map_or(vec![0.0; 1_000], <[f64]>::to_vec);
        let score = |row: usize| {
            let x = test.features();
            model.score_row(x.row(row).as_slice().unwrap()).unwrap() + offset[row]
        };
        let scores: Vec<f64> = (0..1_000).map(score).collect();
        let (weights, groups) = (vec![1.0; 1_000], Groups::new(test.groups().unwrap()));
        let rows = LossRows::new(test.target().unwrap(), &weights).with_groups(Some(&groups));
        let got = loss.mean(&scores, rows);
        // What LightGBM gains over a constant, less a twentieth or more a tenth: rankings are better.
        let (gained, gain) = (constant - got, constant - lightgbm);
        println!("{loss:?}: {got:.5}, LightGBM {lightgbm}, gain {:.3} of its", gained / gain);
        assert!(gained > 0.95 * gain, "{loss:?}: {got}, LightGBM {lightgbm}");
        assert!(gained < 1.1 * gain, "{loss:?}: {got}, LightGBM {lightgbm}");
    }
}
