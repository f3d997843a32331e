//! Shapley values against the definition: every subset of columns, every path of the saved trees.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use campaign_core::Dataset;
use campaign_core::ndarray::{Array2, ArrayView1, s};
use campaign_core::rand::RngExt;
use campaign_models::explain::{InterventionalShap, TreeShap};
use campaign_models::{Gbdt, GbdtConfig, Objective};
use common::rng;
use serde_json::Value;

/// A saved tree, walked by other code than the crate's.
struct Trees(Vec<Value>);

impl Trees {
    fn new(model: &Gbdt) -> Self {
        let saved: Value = serde_json::from_str(&model.to_json().unwrap()).unwrap();
        Self(saved["payload"]["trees"].as_array().unwrap().clone())
    }

    /// The score's mean where only these columns are known, by cover.
    fn known(&self, row: &[f64], set: usize) -> f64 {
        self.0
            .iter()
            .map(|tree| below(tree, 0, row, set, tree["nodes"] == Value::Array(vec![])))
            .sum()
    }
}

fn goes_left(node: &Value, x: f64) -> bool {
    if x.is_nan() {
        return node["missing_left"].as_bool().unwrap();
    }
    match node["test"]["threshold"].as_f64() {
        Some(threshold) => x <= threshold,
        None => node["test"]["levels"].as_array().unwrap().iter().any(|l| l.as_f64() == Some(x)),
    }
}

fn below(tree: &Value, child: i64, row: &[f64], set: usize, only_a_leaf: bool) -> f64 {
    if child < 0 || only_a_leaf {
        return tree["leaves"][if only_a_leaf { 0 } else { (-1 - child) as usize }]["value"]
            .as_f64()
            .unwrap();
    }
    let node = &tree["nodes"][child as usize];
    let feature = node["feature"].as_u64().unwrap() as usize;
    let sides = [node["left"].as_i64().unwrap(), node["right"].as_i64().unwrap()];
    if set >> feature & 1 == 1 {
        let side = usize::from(!goes_left(node, row[feature]));
        return below(tree, sides[side], row, set, false);
    }
    let cover = |child: i64| match child {
        0.. => tree["nodes"][child as usize]["cover"].as_f64().unwrap(),
        _ => tree["leaves"][(-1 - child) as usize]["cover"].as_f64().unwrap(),
    };
    let [left, right] = sides.map(|side| (cover(side), below(tree, side, row, set, false)));
    (left.0 * left.1 + right.0 * right.1) / (left.0 + right.0)
}

/// Shapley values of a game over `n` players, by the sum over subsets.
fn shapley(n: usize, game: &[f64]) -> Vec<f64> {
    let factorial = |k: usize| (1..=k).map(|i| i as f64).product::<f64>();
    let value = |i: usize| {
        let without = (0..game.len()).filter(|set| set >> i & 1 == 0);
        let part = |set: usize| {
            let size = set.count_ones() as usize;
            let weight = factorial(size) * factorial(n - size - 1) / factorial(n);
            weight * (game[set | 1 << i] - game[set])
        };
        without.map(part).sum()
    };
    (0..n).map(value).collect()
}

/// Interaction values off the diagonal, by the sum over subsets.
fn interaction(n: usize, game: &[f64], i: usize, j: usize) -> f64 {
    let factorial = |k: usize| (1..=k).map(|i| i as f64).product::<f64>();
    let (i, j) = (1 << i, 1 << j);
    let without = (0..game.len()).filter(|set| set & (i | j) == 0);
    let part = |set: usize| {
        let size = set.count_ones() as usize;
        let weight = factorial(size) * factorial(n - size - 2) / (2.0 * factorial(n - 1));
        weight * (game[set | i | j] - game[set | i] - game[set | j] + game[set])
    };
    without.map(part).sum()
}

/// Rows of the data and rows with missing values, unseen levels and numbers that are no level.
fn probes(data: &Dataset, n: usize, seed: u64) -> Array2<f64> {
    let mut rng = rng(seed);
    let width = data.columns().len();
    let mut x = data.features().slice(s![..n, ..]).to_owned();
    for mut row in x.rows_mut() {
        for c in 0..width {
            if rng.random::<f64>() < 0.15 {
                row[c] = f64::NAN;
            }
        }
    }
    x
}

fn check(model: &Gbdt, x: &Array2<f64>) {
    let (trees, shap) = (Trees::new(model), TreeShap::new(model));
    let n = x.ncols();
    let values = shap.explain(x.view()).unwrap();
    let pairs = shap.interactions(x.view()).unwrap();
    for (r, row) in x.rows().into_iter().enumerate() {
        let row = row.to_vec();
        let game: Vec<f64> = (0..1 << n).map(|set| trees.known(&row, set)).collect();
        assert!((shap.base_value() - model.base_score() - game[0]).abs() < 1e-9);
        for (i, expected) in shapley(n, &game).into_iter().enumerate() {
            let got = values[[r, i]];
            assert!((got - expected).abs() < 1e-9, "row {r}, column {i}: {got}, {expected}");
            for j in (0..n).filter(|&j| j != i) {
                let (got, expected) = (pairs[[r, i, j]], interaction(n, &game, i, j));
                assert!((got - expected).abs() < 1e-9, "row {r}, {i}, {j}: {got}, {expected}");
            }
            let sum = pairs.slice(s![r, i, ..]).sum();
            assert!((sum - values[[r, i]]).abs() < 1e-9);
        }
        let sum = shap.base_value() + values.row(r).sum();
        assert!((sum - model.score_row(&row).unwrap()).abs() < 1e-9);
    }
}

#[test]
fn values_equal_the_sum_over_subsets() {
    for (loss, numeric, depth, leaves, seed) in [
        (Objective::Squared, 2, None, 63, 1),
        (Objective::Logistic, 5, Some(6), 64, 2),
        (Objective::Logistic, 7, None, 31, 3),
    ] {
        let data = common::made_up(800, numeric, loss == Objective::Logistic, seed);
        let model = GbdtConfig::new(loss)
            .with_trees(6)
            .with_max_leaves(leaves)
            .with_max_depth(depth)
            .with_min_child_rows(5)
            .fit(&data, None, &mut rng(1))
            .unwrap();
        check(&model, &probes(&data, 6, seed));
    }
}

#[test]
fn values_against_a_background_equal_the_sum_over_subsets() {
    for (loss, numeric, leaves, seed) in [
        (Objective::Squared, 2, 63, 1),
        (Objective::Logistic, 5, 31, 2),
        (Objective::Logistic, 7, 63, 3),
    ] {
        let data = common::made_up(800, numeric, loss == Objective::Logistic, seed);
        let model = GbdtConfig::new(loss)
            .with_trees(8)
            .with_max_leaves(leaves)
            .with_min_child_rows(5)
            .fit(&data, None, &mut rng(1))
            .unwrap();
        let all = probes(&data, 12, seed);
        let (x, background) = (all.slice(s![..5, ..]), all.slice(s![5.., ..]));
        let shap = InterventionalShap::new(&model, background).unwrap();
        let values = shap.explain(x).unwrap();
        let n = x.ncols();
        for (r, row) in x.rows().into_iter().enumerate() {
            let mixed = |set: usize| {
                let score = |other: ArrayView1<'_, f64>| {
                    let pick = |c: usize| if set >> c & 1 == 1 { row[c] } else { other[c] };
                    model.score_row(&(0..n).map(pick).collect::<Vec<_>>()).unwrap()
                };
                background.rows().into_iter().map(score).sum::<f64>() / background.nrows() as f64
            };
            let game: Vec<f64> = (0..1 << n).map(mixed).collect();
            assert!((shap.base_value() - game[0]).abs() < 1e-9);
            for (i, expected) in shapley(n, &game).into_iter().enumerate() {
                let got = values[[r, i]];
                assert!((got - expected).abs() < 1e-9, "row {r}, column {i}: {got}, {expected}");
            }
            let sum = shap.base_value() + values.row(r).sum();
            assert!((sum - model.score_row(&row.to_vec()).unwrap()).abs() < 1e-9);
        }
    }
}
