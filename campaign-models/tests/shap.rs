//! Shapley values against the definition: every subset of columns, every path of the saved trees.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use campaign_core::ndarray::{Array2, ArrayView1, s};
use campaign_core::rand::RngExt;
use campaign_core::{Column, Dataset, Error};
use campaign_models::explain::{ExplainError, InterventionalShap, TreeShap};
use campaign_models::{Gbdt, GbdtConfig, Objective};
use common::rng;
use proptest::prelude::*;
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
    // The columns of this file have at most 300 levels.
    let level = || (0..300).any(|level| f64::from(level) == x);
    match node["test"]["threshold"].as_f64() {
        Some(threshold) if !x.is_nan() => x <= threshold,
        None if level() => {
            node["test"]["levels"].as_array().unwrap().iter().any(|l| l.as_f64() == Some(x))
        }
        _ => node["missing_left"].as_bool().unwrap(),
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

/// Rows of the data, some of their values missing, others that are no level or infinite.
fn probes(data: &Dataset, n: usize, seed: u64) -> Array2<f64> {
    let mut rng = rng(seed);
    let width = data.columns().len();
    let mut x = data.features().slice(s![..n, ..]).to_owned();
    for mut row in x.rows_mut() {
        for c in 0..width {
            match rng.random_range(0..30_u32) {
                0..5 => row[c] = f64::NAN,
                5 => row[c] = 2.5,
                6 => row[c] = f64::INFINITY,
                7 => row[c] = -1.0,
                _ => {}
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

fn model(data: &Dataset, objective: Objective, leaves: usize, trees: usize) -> Gbdt {
    let config = GbdtConfig::new(objective)
        .with_trees(trees)
        .with_max_leaves(leaves)
        .with_min_child_rows(3)
        .with_categorical_penalty(0.0);
    config.fit(data, None, &mut rng(1)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    // With two categorical columns there are up to ten.
    #[test]
    fn values_equal_the_sum_over_subsets(
        numeric in 1_usize..9,
        leaves in 2_usize..64,
        binary: bool,
        seed in 0_u64..1_000,
    ) {
        let data = common::made_up(300, numeric, binary, seed);
        let objective = if binary { Objective::Logistic } else { Objective::Squared };
        check(&model(&data, objective, leaves, 3), &probes(&data, 2, seed));
    }

    #[test]
    fn values_against_a_background_equal_the_sum_over_subsets(
        numeric in 1_usize..9,
        leaves in 2_usize..64,
        binary: bool,
        seed in 0_u64..1_000,
    ) {
        let data = common::made_up(300, numeric, binary, seed);
        let objective = if binary { Objective::Logistic } else { Objective::Squared };
        let all = probes(&data, 6, seed);
        check_against_background(&model(&data, objective, leaves, 3), &all);
    }
}

/// Explains the first two rows against the others.
fn check_against_background(model: &Gbdt, all: &Array2<f64>) {
    let (x, background) = (all.slice(s![..2, ..]), all.slice(s![2.., ..]));
    let shap = InterventionalShap::new(model, background).unwrap();
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

/// A tree that is one path: each column in turn has to be 1 for the next to matter.
fn chain(width: usize) -> (Gbdt, Array2<f64>) {
    let mut rng = rng(7);
    let x = Array2::from_shape_fn((4_000, width), |_| f64::from(rng.random::<f64>() < 0.9));
    let ones = |row: ArrayView1<'_, f64>| row.iter().take_while(|x| **x == 1.0).count() as f64;
    let y = x.rows().into_iter().map(|row| ones(row).powi(2)).collect();
    let columns = (0..width).map(|c| Column::numeric(format!("x{c:02}"))).collect();
    let data = Dataset::new(columns, x.clone()).and_then(|d| d.with_target(y)).unwrap();
    (model(&data, Objective::Squared, width + 1, 1), x)
}

#[test]
fn a_path_of_sixteen_columns_is_exact() {
    let (model, x) = chain(16);
    let (trees, shap) = (Trees::new(&model), TreeShap::new(&model));
    let mut depth = 0;
    let mut at = 0;
    while at >= 0 {
        let node = &trees.0[0]["nodes"][at as usize];
        at = node["left"].as_i64().unwrap().max(node["right"].as_i64().unwrap());
        depth += 1;
    }
    assert_eq!(depth, 16, "the tree is a path");
    // All ones, and a zero half way.
    for zero in [16, 8] {
        let row: Vec<f64> = (0..16).map(|c| f64::from(u8::from(c != zero))).collect();
        let game: Vec<f64> = (0..1 << 16).map(|set| trees.known(&row, set)).collect();
        let got = shap.explain_row(&row).unwrap();
        for (got, expected) in got.iter().zip(shapley(16, &game)) {
            assert!((got - expected).abs() < 1e-9 * (1.0 + expected.abs()), "{got} {expected}");
        }
        let mut pairs = vec![0.0; 256];
        shap.interactions_into(&row, &mut shap.workspace(), &mut pairs).unwrap();
        for (i, j) in [(0, 1), (0, 15), (7, 8), (14, 15)] {
            let expected = interaction(16, &game, i, j);
            assert!((pairs[16 * i + j] - expected).abs() < 1e-9 * (1.0 + expected.abs()));
        }
    }
    let values = shap.explain(x.slice(s![..50, ..])).unwrap();
    for (row, values) in x.rows().into_iter().zip(values.rows()) {
        let sum = shap.base_value() + values.sum();
        assert!((sum - model.score_row(&row.to_vec()).unwrap()).abs() < 1e-9);
    }
}

#[test]
fn long_paths_add_up() {
    // 200 columns on one path: an integral of degree 199, and weights down to 1 / 200!.
    let (model, x) = chain(200);
    let some = x.slice(s![..20, ..]);
    let background = x.slice(s![20..30, ..]);
    let shap = TreeShap::new(&model);
    let against = InterventionalShap::new(&model, background).unwrap();
    let values = [shap.explain(some).unwrap(), against.explain(some).unwrap()];
    for (values, base) in values.iter().zip([shap.base_value(), against.base_value()]) {
        for (row, values) in some.rows().into_iter().zip(values.rows()) {
            let score = model.score_row(&row.to_vec()).unwrap();
            assert!((base + values.sum() - score).abs() < 1e-9 * (1.0 + score.abs()));
        }
    }
    let row = some.row(0).to_vec();
    let mut pairs = vec![0.0; 200 * 200];
    shap.interactions_into(&row, &mut shap.workspace(), &mut pairs).unwrap();
    for (value, pairs) in values[0].row(0).iter().zip(pairs.chunks_exact(200)) {
        assert!((pairs.iter().sum::<f64>() - value).abs() < 1e-9 * (1.0 + value.abs()));
    }
}

#[test]
fn one_row_a_block_and_threads_give_the_same_bits() {
    let data = common::made_up(500, 6, true, 11);
    let model = model(&data, Objective::Logistic, 31, 20);
    let (x, background) = (data.features(), data.features().slice_move(s![..9, ..]));
    let shap = TreeShap::new(&model);
    let against = InterventionalShap::new(&model, background).unwrap();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            (shap.explain(x).unwrap(), shap.interactions(x).unwrap(), against.explain(x).unwrap())
        })
    };
    let one = run(1);
    assert!(one == run(2) && one == run(5));
    for (r, row) in x.rows().into_iter().enumerate() {
        let row = row.to_vec();
        assert_eq!(shap.explain_row(&row).unwrap(), one.0.row(r).to_vec());
        assert_eq!(against.explain_row(&row).unwrap(), one.2.row(r).to_vec());
    }
}

#[test]
fn models_without_trees_columns_or_splits() {
    let data = common::made_up(50, 1, false, 1);
    let flat = data.clone().with_target(vec![3.0; 50]).unwrap();
    let no_columns = Dataset::new(vec![], Array2::zeros((50, 0)))
        .and_then(|d| d.with_target(data.target().unwrap().to_vec()))
        .unwrap();
    for (data, trees) in [(&data, 0), (&flat, 3), (&no_columns, 3)] {
        let model = model(data, Objective::Squared, 4, trees);
        let shap = TreeShap::new(&model);
        let x = data.features();
        assert!(shap.explain(x).unwrap().iter().all(|v| *v == 0.0));
        assert!(shap.interactions(x).unwrap().iter().all(|v| *v == 0.0));
        let against = InterventionalShap::new(&model, x).unwrap();
        assert!(against.explain(x).unwrap().iter().all(|v| *v == 0.0));
        let score = model.score_row(&x.row(0).to_vec()).unwrap();
        assert!((shap.base_value() - score).abs() < 1e-12);
        assert!((against.base_value() - score).abs() < 1e-12);
    }
}

#[test]
fn wrong_shapes_and_workspaces_are_refused() {
    let data = common::made_up(200, 3, false, 1);
    let (small, large) =
        (model(&data, Objective::Squared, 2, 2), model(&data, Objective::Squared, 40, 2));
    let x = data.features();
    let (shap, other) = (TreeShap::new(&large), TreeShap::new(&small));
    let mut out = vec![0.0; 10];
    let two = x.slice(s![..2, ..]);
    let refused = shap.explain_into(two, &mut other.workspace(), &mut out);
    assert!(matches!(refused, Err(Error::Scratch { .. })));
    assert!(shap.explain_into(two, &mut shap.workspace(), &mut out).is_ok());
    let refused = shap.explain_into(two, &mut shap.workspace(), &mut out[..9]);
    assert!(matches!(refused, Err(Error::Length { .. })));
    let mut pairs = vec![0.0; 25];
    let row = x.row(0).to_vec();
    assert!(shap.interactions_into(&row[..4], &mut shap.workspace(), &mut pairs).is_err());
    assert!(shap.interactions_into(&row, &mut shap.workspace(), &mut pairs[..24]).is_err());
    assert!(shap.interactions_into(&row, &mut other.workspace(), &mut pairs).is_err());
    assert!(shap.explain_row(&row[..4]).is_err());
    assert_eq!(shap.explain(x.slice(s![..5, ..]).t()), Err(Error::Layout));
    let none = InterventionalShap::new(&large, x.slice(s![..0, ..]));
    assert!(matches!(none, Err(ExplainError::NoRows("background"))));
    assert!(InterventionalShap::new(&large, x.slice(s![.., ..3])).is_err());
    let against = InterventionalShap::new(&large, two).unwrap();
    let other = InterventionalShap::new(&small, two).unwrap();
    let refused = against.explain_into(two, &mut other.workspace(), &mut out);
    assert!(matches!(refused, Err(Error::Scratch { .. })));
}
