//! Blocks of rows, single rows and the saved trees walked by hand: the same bits.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use campaign_core::ndarray::Array2;
use campaign_core::rand::{Rng, RngExt};
use campaign_core::{Column, Dataset, Model};
use campaign_models::{Gbdt, GbdtConfig, Objective};
use common::{levels, rng};
use serde_json::Value;

/// Columns: numbers of few values, numbers of many, levels. A target that depends on all.
fn table(rows: usize, n_levels: usize, seed: u64) -> Dataset {
    let mut rng = rng(seed);
    let x = Array2::from_shape_fn((rows, 3), |(_, c)| match c {
        _ if rng.random::<f64>() < 0.1 => f64::NAN,
        0 => f64::from(rng.random_range(0_i32..6)),
        1 => rng.random::<f64>() * 10.0 - 5.0,
        _ => rng.random_range(0..n_levels) as f64,
    });
    let number = |x: f64| if x.is_nan() { 2.0 } else { x };
    let target = x
        .rows()
        .into_iter()
        .map(|row| number(row[0]) + number(row[1]).sin() + (number(row[2]) * 1.7).cos() * 2.0);
    let target = target.collect();
    let level = Column::categorical("level", levels(n_levels));
    let columns = vec![Column::numeric("few"), Column::numeric("many"), level];
    Dataset::new(columns, x).unwrap().with_target(target).unwrap()
}

/// Rows as they come: also at thresholds, infinite, and with numbers that are no level.
fn odd_rows(model: &Gbdt, rows: usize, n_levels: usize) -> Array2<f64> {
    let mut rng = rng(8);
    let thresholds = thresholds(model);
    Array2::from_shape_fn((rows, 3), |(_, c)| {
        let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, f64::MAX, -1.0, 0.5, 1e9];
        match rng.random_range(0..4) {
            0 => odd[rng.random_range(0..odd.len())],
            1 if c < 2 => thresholds[rng.random_range(0..thresholds.len())],
            _ if c < 2 => rng.random::<f64>() * 12.0 - 6.0,
            _ => rng.random_range(0..n_levels) as f64,
        }
    })
}

fn trees(model: &Gbdt) -> Value {
    let mut saved: Value = serde_json::from_str(&model.to_json().unwrap()).unwrap();
    saved["payload"].take()
}

fn thresholds(model: &Gbdt) -> Vec<f64> {
    let payload = trees(model);
    let nodes = payload["trees"].as_array().unwrap().iter().flat_map(|t| t["nodes"].as_array());
    let thresholds = nodes.flatten().filter_map(|node| node["test"]["threshold"].as_f64());
    thresholds.chain([0.0]).collect()
}

/// The score by the words of the format: no code is shared with the crate.
fn by_hand(payload: &Value, row: &[f64], n_levels: usize) -> f64 {
    let mut score = payload["base_score"].as_f64().unwrap();
    for tree in payload["trees"].as_array().unwrap() {
        let nodes = tree["nodes"].as_array().unwrap();
        let mut at: i64 = if nodes.is_empty() { -1 } else { 0 };
        while let Ok(index) = usize::try_from(at) {
            let node = &nodes[index];
            let feature = node["feature"].as_u64().unwrap() as usize;
            let x = row[feature];
            let is_level = x >= 0.0 && x < n_levels as f64 && x.fract() == 0.0;
            let left = if x.is_nan() || (feature == 2 && !is_level) {
                node["missing_left"].as_bool().unwrap()
            } else if let Some(threshold) = node["test"]["threshold"].as_f64() {
                x <= threshold
            } else {
                let set = node["test"]["levels"].as_array().unwrap();
                set.iter().any(|level| level.as_f64() == Some(x))
            };
            at = node[if left { "left" } else { "right" }].as_i64().unwrap();
        }
        score += tree["leaves"][(-1 - at) as usize]["value"].as_f64().unwrap();
    }
    score
}

fn check(config: &GbdtConfig, n_levels: usize) {
    let data = table(3_000, n_levels, 5);
    let model = config.fit(&data, None, &mut rng(1) as &mut dyn Rng).unwrap();
    let payload = trees(&model);
    for rows in [1, 7, 255, 256, 257, 5_000] {
        let x = odd_rows(&model, rows, n_levels);
        let mut out = vec![f64::NAN; rows];
        model.predict_into(x.view(), &mut out).unwrap();
        for (row, out) in x.rows().into_iter().zip(out) {
            let row = row.as_slice().unwrap();
            let expected = by_hand(&payload, row, n_levels);
            assert_eq!(out.to_bits(), expected.to_bits(), "{row:?}: {out} {expected}");
            assert_eq!(model.score_row(row).unwrap().to_bits(), expected.to_bits(), "{row:?}");
        }
    }
}

#[test]
fn few_thresholds_and_levels() {
    let config = GbdtConfig::new(Objective::Squared).with_trees(9).with_max_leaves(12);
    check(&config.with_max_bins(60), 40);
}

#[test]
fn one_leaf() {
    check(&GbdtConfig::new(Objective::Squared).with_trees(3).with_min_gain(1e12), 4);
}

#[test]
fn many_thresholds_and_deep_trees() {
    let config = GbdtConfig::new(Objective::Squared).with_trees(40).with_max_leaves(200);
    check(&config.with_min_child_rows(1), 4);
}

/// More levels than a byte counts.
#[test]
fn many_levels() {
    check(&GbdtConfig::new(Objective::Squared).with_trees(9).with_max_leaves(40), 300);
}
