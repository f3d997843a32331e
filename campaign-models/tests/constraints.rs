//! Monotone and interaction constraints, penalties and the order of growth.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use campaign_core::ndarray::Array2;
use campaign_core::rand::RngExt;
use campaign_core::{Column, Dataset, Model};
use campaign_models::{FitError, Gbdt, GbdtConfig, Growth, Metric, Monotone, Objective};
use common::{levels, rng};
use serde_json::Value;

/// Spend and price that pull one way on the whole and the other way in places, a third number that
/// acts together with spend, and a channel.
fn market(rows: usize, seed: u64) -> Dataset {
    let mut rng = rng(seed);
    let x = Array2::from_shape_fn((rows, 4), |(_, c)| match c {
        _ if rng.random::<f64>() < 0.08 => f64::NAN,
        3 => f64::from(rng.random_range(0_i32..6)),
        _ => rng.random::<f64>() * 10.0,
    });
    let number = |x: f64| if x.is_nan() { 4.0 } else { x };
    let mut target = Vec::with_capacity(rows);
    for row in x.rows() {
        let (spend, price, other) = (number(row[0]), number(row[1]), number(row[2]));
        let wave = (spend * 2.0).sin() * 2.0 - (price * 1.5).cos();
        let score = 0.3 * spend - 0.4 * price + wave + (other - 5.0) * (spend - 5.0) * 0.2;
        let noise: f64 = (0..6).map(|_| rng.random::<f64>() - 0.5).sum();
        target.push(score + noise + if row[3] == 2.0 { 1.0 } else { 0.0 });
    }
    let mut columns: Vec<Column> = ["spend", "price", "other"].map(Column::numeric).into();
    columns.push(Column::categorical("channel", levels(6)));
    Dataset::new(columns, x).unwrap().with_target(target).unwrap()
}

fn constrained(loss: Objective) -> GbdtConfig {
    GbdtConfig::new(loss)
        .with_trees(60)
        .with_max_leaves(24)
        .with_monotone("spend", Monotone::Increasing)
        .with_monotone("price", Monotone::Decreasing)
}

/// Predictions along one column of otherwise random rows, ascending; as many as violate `sign`.
fn violations(model: &Gbdt, column: usize, sign: f64, scans: usize, seed: u64) -> usize {
    const STEPS: usize = 25;
    let mut rng = rng(seed);
    let mut found = 0;
    for _ in 0..scans {
        let mut row: Vec<f64> = (0..3).map(|_| rng.random::<f64>() * 12.0 - 1.0).collect();
        row.push(f64::from(rng.random_range(-1_i32..7)));
        if rng.random::<f64>() < 0.2 {
            row[(column + 1) % 4] = f64::NAN;
        }
        let mut at: Vec<f64> = (0..STEPS).map(|_| rng.random::<f64>() * 12.0 - 1.0).collect();
        at.sort_by(f64::total_cmp);
        let x =
            Array2::from_shape_fn((STEPS, 4), |(i, c)| if c == column { at[i] } else { row[c] });
        let predicted = model.predict(x.view()).unwrap();
        let pairs = predicted.as_slice().unwrap().windows(2);
        found += usize::from(pairs.map(|pair| sign * (pair[1] - pair[0])).any(|step| step < 0.0));
    }
    found
}

/// So many scans of each constrained column of each model.
fn scan(scans: usize) {
    for (i, growth) in [Growth::LeafWise, Growth::DepthWise].into_iter().enumerate() {
        for (loss, l1) in
            [(Objective::Squared, 0.0), (Objective::Squared, 4.0), (Objective::Logistic, 0.0)]
        {
            let mut data = market(4_000, 7 + i as u64);
            if loss == Objective::Logistic {
                let target = data.target().unwrap().iter().map(|y| f64::from(*y > 1.0)).collect();
                data = data.with_target(target).unwrap();
            }
            let config = constrained(loss).with_l1(l1).with_growth(growth).with_min_child_rows(3);
            let model = config.fit(&data, None, &mut rng(1)).unwrap();
            assert_eq!(violations(&model, 0, 1.0, scans, 11), 0);
            assert_eq!(violations(&model, 1, -1.0, scans, 12), 0);
            assert!(violations(&model, 2, 1.0, scans, 13) > 0, "the third column is free");
        }
    }
}

#[test]
fn monotone_columns_are_monotone() {
    scan(1_000);
}

#[test]
#[ignore = "a minute: 1,080,000 scans"]
fn monotone_columns_are_monotone_a_million_times() {
    scan(90_000);
}

#[test]
fn a_free_model_is_not_monotone() {
    let data = market(4_000, 7);
    let config = GbdtConfig::new(Objective::Squared).with_trees(60).with_max_leaves(24);
    let model = config.fit(&data, None, &mut rng(1)).unwrap();
    assert!(violations(&model, 0, 1.0, 200, 11) > 100);
}

/// Of a target that is monotone but for noise, a constraint costs nothing.
#[test]
fn a_true_constraint_helps() {
    let make = |seed| {
        let data = market(1_500, seed);
        let mut rng = rng(seed + 100);
        let x = data.features();
        let noise = |_: &usize| (0..6).map(|_| rng.random::<f64>() - 0.5).sum::<f64>() * 3.0;
        let noise: Vec<f64> = (0..1_500).collect::<Vec<_>>().iter().map(noise).collect();
        let number = |x: f64| if x.is_nan() { 4.0 } else { x };
        let truth: Vec<f64> =
            x.rows().into_iter().map(|r| number(r[0]).sqrt() - 0.3 * number(r[1])).collect();
        let target = truth.iter().zip(noise).map(|(t, n)| t + n).collect();
        (data.with_target(target).unwrap(), truth)
    };
    let ((train, _), (test, truth)) = (make(1), make(2));
    let rmse = |config: &GbdtConfig| {
        let model = config.fit(&train, None, &mut rng(1)).unwrap();
        let predicted = model.predict_dataset(&test).unwrap();
        Metric::Rmse.evaluate(&truth, &predicted, None).unwrap()
    };
    let free = GbdtConfig::new(Objective::Squared).with_trees(60).with_max_leaves(24);
    let (constrained, free) = (rmse(&constrained(Objective::Squared)), rmse(&free));
    assert!(constrained < 0.85 * free, "{constrained} {free}");
}

fn trees(model: &Gbdt) -> Vec<Value> {
    let saved: Value = serde_json::from_str(&model.to_json().unwrap()).unwrap();
    saved["payload"]["trees"].as_array().unwrap().clone()
}

/// The columns on each path from a root to a leaf.
fn paths(tree: &Value) -> Vec<Vec<u64>> {
    let nodes = tree["nodes"].as_array().unwrap();
    let mut waiting = if nodes.is_empty() { vec![] } else { vec![(0, Vec::new())] };
    let mut paths = Vec::new();
    while let Some((at, mut path)) = waiting.pop() {
        let node: &Value = &nodes[at];
        path.push(node["feature"].as_u64().unwrap());
        for side in ["left", "right"] {
            match usize::try_from(node[side].as_i64().unwrap()) {
                Ok(child) => waiting.push((child, path.clone())),
                Err(_) => paths.push(path.clone()),
            }
        }
    }
    paths
}

#[test]
fn interactions_stay_in_their_groups() {
    let data = market(4_000, 3);
    let config = GbdtConfig::new(Objective::Squared).with_trees(40);
    let grouped = config.clone().with_interaction(["spend", "price"]);
    let grouped = grouped.with_interaction(["price", "channel"]);
    let model = grouped.fit(&data, None, &mut rng(1)).unwrap();
    let all: Vec<_> = trees(&model).iter().flat_map(paths).collect();
    assert!(all.len() > 200);
    // `other` stands in no group, so it is alone.
    let allowed: [&[u64]; 3] = [&[0, 1], &[1, 3], &[2]];
    for path in &all {
        let within = |group: &&[u64]| path.iter().all(|column| group.contains(column));
        assert!(allowed.iter().any(within), "{path:?}");
    }
    for column in 0..4 {
        assert!(all.iter().any(|path| path.contains(&column)), "{column} is used");
    }
    let free = config.fit(&data, None, &mut rng(1)).unwrap();
    let mixed = |path: &Vec<u64>| path.contains(&2) && path.contains(&0);
    assert!(trees(&free).iter().flat_map(paths).any(|path| mixed(&path)));
}

#[test]
fn depth_wise_fills_levels() {
    let data = market(4_000, 3);
    let config = GbdtConfig::new(Objective::Squared).with_trees(5).with_max_leaves(11);
    let depths = |growth| -> Vec<usize> {
        let model = config.clone().with_growth(growth).fit(&data, None, &mut rng(1)).unwrap();
        trees(&model).iter().flat_map(paths).map(|path| path.len()).collect()
    };
    // Eleven leaves: five on the third level, six on the fourth.
    assert_eq!(depths(Growth::DepthWise).iter().filter(|depth| **depth == 3).count(), 25);
    assert_eq!(depths(Growth::DepthWise).iter().filter(|depth| **depth == 4).count(), 30);
    assert!(depths(Growth::LeafWise).iter().any(|depth| *depth > 4));
}

/// One split on one column: the weights are those of the soft threshold.
#[test]
fn l1_by_hand() {
    let x = Array2::from_shape_fn((6, 1), |(row, _)| f64::from(row >= 3));
    let data = Dataset::new(vec![Column::numeric("x")], x).unwrap();
    let data = data.with_target(vec![0.0, 0.0, 0.0, 6.0, 6.0, 6.0]).unwrap();
    let fit = |l1| {
        let config = GbdtConfig::new(Objective::Squared).with_trees(1).with_learning_rate(1.0);
        let config = config.with_min_child_rows(1).with_l2(0.0).with_l1(l1);
        let model = config.fit(&data, None, &mut rng(1)).unwrap();
        [model.predict_row(&[0.0]).unwrap(), model.predict_row(&[1.0]).unwrap()]
    };
    assert_eq!(fit(0.0), [0.0, 6.0]);
    // The mean is 3; gradients sum to 9 and -9, hessians to 3: weights -(9 - 3) / 3 and 2.
    assert_eq!(fit(3.0), [1.0, 5.0]);
    assert_eq!(fit(9.0), [3.0, 3.0]);
}

#[test]
fn wrong_constraints_are_named() {
    let data = market(200, 3);
    let error = |config: GbdtConfig| config.fit(&data, None, &mut rng(1)).unwrap_err();
    let config = || GbdtConfig::new(Objective::Squared);
    let unknown = error(config().with_monotone("cost", Monotone::Increasing));
    assert_eq!(
        unknown.to_string(),
        r#"monotone names column "cost", which the training data do not have"#
    );
    let unknown = error(config().with_interaction(["spend", "cost"]));
    assert!(matches!(unknown, FitError::UnknownColumn { parameter: "interactions", .. }));
    let categorical = error(config().with_monotone("channel", Monotone::Increasing));
    assert!(matches!(categorical, FitError::NotNumeric { .. }), "{categorical}");
    let both = config().with_monotone("spend", Monotone::Increasing);
    let both = error(both.with_monotone("spend", Monotone::Decreasing));
    assert!(matches!(both, FitError::Contradiction { .. }), "{both}");
    assert!(matches!(error(config().with_l1(-1.0)), FitError::Config { parameter: "l1", .. }));
}
