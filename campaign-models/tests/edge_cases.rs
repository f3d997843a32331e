//! Odd and bad input: a sane model or a typed error.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use campaign_core::ndarray::{Array2, array};
use campaign_core::{Column, Dataset, Error, Model};
use campaign_models::{FitError, Gbdt, GbdtConfig, Objective};
use common::{levels, made_up, rng};

fn one_column(x: Vec<f64>, y: Vec<f64>) -> Dataset {
    let x = Array2::from_shape_vec((x.len(), 1), x).unwrap();
    Dataset::new(vec![Column::numeric("x")], x).and_then(|d| d.with_target(y)).unwrap()
}

fn fit(config: &GbdtConfig, data: &Dataset) -> Result<Gbdt, FitError> {
    config.fit(data, None, &mut rng(1))
}

fn loose(loss: Objective) -> GbdtConfig {
    GbdtConfig::new(loss).with_min_child_rows(1).with_min_child_hessian(0.0).with_trees(20)
}

#[test]
fn constant_targets_are_predicted() {
    let x: Vec<f64> = (0..60).map(f64::from).collect();
    for y in [0.0, 1.0, 0.1] {
        for loss in [Objective::Squared, Objective::Logistic] {
            let model = fit(&loose(loss), &one_column(x.clone(), vec![y; 60])).unwrap();
            let p = model.predict_row(&[3.0]).unwrap();
            assert!((p - y).abs() < 1e-6, "{loss:?} {y} {p}");
        }
    }
}

#[test]
fn one_row_one_level_nothing_present() {
    let one = one_column(vec![2.0], vec![5.0]);
    assert_eq!(fit(&loose(Objective::Squared), &one).unwrap().predict_row(&[9.0]), Ok(5.0));
    let nothing = one_column(vec![f64::NAN; 40], (0..40).map(f64::from).collect());
    let model = fit(&loose(Objective::Squared), &nothing).unwrap();
    assert!((model.predict_row(&[1.0]).unwrap() - 19.5).abs() < 1e-9);
    assert_eq!(model.importance()[0].splits, 0);
    for n_levels in [0, 1] {
        let value = if n_levels == 0 { f64::NAN } else { 0.0 };
        let x = Array2::from_elem((40, 1), value);
        let single = Dataset::new(vec![Column::categorical("k", levels(n_levels))], x)
            .and_then(|d| d.with_target((0..40).map(f64::from).collect()))
            .unwrap();
        let model = fit(&loose(Objective::Squared), &single).unwrap();
        assert!((model.predict_row(&[0.0]).unwrap() - 19.5).abs() < 1e-9);
    }
    let none = Dataset::new(vec![], Array2::zeros((3, 0)))
        .and_then(|d| d.with_target(vec![1.0, 2.0, 3.0]))
        .unwrap();
    let model = fit(&loose(Objective::Squared), &none).unwrap();
    assert_eq!(model.predict(Array2::zeros((2, 0)).view()).unwrap().to_vec(), [2.0, 2.0]);
}

#[test]
fn missing_values_carry_their_own_signal() {
    let x = (0..90).map(|i| if i % 3 == 0 { f64::NAN } else { f64::from(i) }).collect();
    let y = (0..90).map(|i| if i % 3 == 0 { 7.0 } else { 1.0 }).collect();
    let model = fit(&loose(Objective::Squared).with_trees(200), &one_column(x, y)).unwrap();
    assert!((model.predict_row(&[f64::NAN]).unwrap() - 7.0).abs() < 1e-3);
    assert!((model.predict_row(&[50.0]).unwrap() - 1.0).abs() < 1e-3);
}

#[test]
fn numbers_that_are_no_level_are_missing() {
    let x =
        Array2::from_shape_fn((90, 1), |(i, _)| if i % 9 == 8 { f64::NAN } else { (i % 3) as f64 });
    let y = (0..90).map(|i| if i % 9 == 8 { 5.0 } else { (i % 3) as f64 }).collect();
    let data = Dataset::new(vec![Column::categorical("k", levels(4))], x)
        .and_then(|d| d.with_target(y))
        .unwrap();
    let model = fit(&loose(Objective::Squared).with_trees(100), &data).unwrap();
    let missing = model.predict_row(&[f64::NAN]).unwrap();
    assert!((missing - 5.0).abs() < 0.05, "{missing}");
    // Level 3 exists but never occurred; 4 is unseen; the rest are no indices at all.
    for value in [3.0, 4.0, 1e18, -1.0, 0.5, f64::INFINITY, f64::NEG_INFINITY, 4_294_967_296.0] {
        assert_eq!(model.predict_row(&[value]).unwrap(), missing, "{value}");
    }
    assert!((model.predict_row(&[0.0]).unwrap() - missing).abs() > 1.0);
}

#[test]
fn infinite_input_is_answered() {
    let x: Vec<f64> = (0..60).map(f64::from).collect();
    let model = fit(&loose(Objective::Squared), &one_column(x.clone(), x)).unwrap();
    let at = |x: f64| model.predict_row(&[x]).unwrap();
    assert_eq!((at(f64::INFINITY), at(f64::NEG_INFINITY)), (at(1e300), at(-1e300)));
    assert!(at(1e300) > at(-1e300));
}

#[test]
fn rows_of_weight_zero_are_as_if_absent() {
    let data = made_up(2_000, 3, true, 4);
    let keep: Vec<usize> = (0..2_000).filter(|row| row % 3 != 0).collect();
    let weights = (0..2_000).map(|row| if row % 3 != 0 { 2.0 } else { 0.0 }).collect();
    let weighted = data.clone().with_weights(weights).unwrap();
    let dropped = weighted.select(&keep).unwrap();
    let config = GbdtConfig::new(Objective::Logistic).with_row_sample(0.5);
    let a = fit(&config, &weighted).unwrap().predict(data.features()).unwrap();
    let b = fit(&config, &dropped).unwrap().predict(data.features()).unwrap();
    assert!(a.iter().zip(&b).all(|(a, b)| a.to_bits() == b.to_bits()));
}

#[test]
fn whole_weights_are_repetitions() {
    let data = made_up(600, 3, false, 4);
    let counts: Vec<f64> = (0..600).map(|row| f64::from(1 + row % 3)).collect();
    let repeated: Vec<usize> =
        (0..600).flat_map(|row| std::iter::repeat_n(row, counts[row] as usize)).collect();
    let weighted = data.clone().with_weights(counts).unwrap();
    let repeated = data.with_weights(vec![1.0; 600]).unwrap().select(&repeated).unwrap();
    // Rows are counted differently, so only the sum of hessians (here: of weights) may limit, and
    // the noise that the penalty on levels is measured by differs: rows are taken as independent.
    let config = loose(Objective::Squared)
        .with_min_child_hessian(20.0)
        .with_max_leaves(8)
        .with_categorical_penalty(0.0);
    let a = fit(&config, &weighted).unwrap().predict(weighted.features()).unwrap();
    let b = fit(&config, &repeated).unwrap().predict(weighted.features()).unwrap();
    for (a, b) in a.iter().zip(&b) {
        assert!((a - b).abs() < 1e-9, "{a} {b}");
    }
}

#[test]
fn bad_data_is_refused_by_type() {
    let c = GbdtConfig::new(Objective::Logistic);
    let blank = Dataset::new(vec![Column::numeric("x")], array![[1.0]]).unwrap();
    assert_eq!(fit(&c, &blank).unwrap_err(), FitError::NoTarget("training"));
    assert_eq!(fit(&c, &one_column(vec![], vec![])).unwrap_err(), FitError::NoRows("training"));
    let weightless = one_column(vec![1.0], vec![1.0]).with_weights(vec![0.0]).unwrap();
    assert_eq!(fit(&c, &weightless).unwrap_err(), FitError::NoRows("training"));
    let outside = fit(&c, &one_column(vec![1.0, 2.0], vec![0.0, 1.5])).unwrap_err();
    assert_eq!(
        outside.to_string(),
        "row 1 of the training data: target is 1.5, expected a number between 0 and 1"
    );
    // NaN and infinite targets cannot even be put into a data set.
    assert!(blank.clone().with_target(vec![f64::NAN]).is_err());
    assert!(blank.with_target(vec![f64::INFINITY]).is_err());
    let good = one_column(vec![1.0, 2.0], vec![0.0, 1.0]);
    let early = c.clone().with_early_stopping(Some(3));
    assert_eq!(fit(&early, &good).unwrap_err(), FitError::NoValidation);
    let other = Dataset::new(vec![Column::numeric("y")], array![[1.0]])
        .and_then(|d| d.with_target(vec![1.0]))
        .unwrap();
    let schema = c.fit(&good, Some(&other), &mut rng(1)).unwrap_err();
    assert!(matches!(schema, FitError::Schema(_)), "{schema}");
    let no_target = Dataset::new(vec![Column::numeric("x")], array![[1.0]]).unwrap();
    let error = c.fit(&good, Some(&no_target), &mut rng(1)).unwrap_err();
    assert_eq!(error, FitError::NoTarget("validation"));
}

#[test]
fn huge_numbers_end_in_an_error_or_finite_predictions() {
    for (y, w) in [(f64::MAX, 1.0), (1e200, 1.0), (1.0, f64::MAX), (1e160, 1e160), (1e-300, 1e-300)]
    {
        let data = one_column(vec![-f64::MAX, 0.0, f64::MAX, 1.0], vec![y, -y, y, -y])
            .with_weights(vec![w; 4])
            .unwrap();
        match fit(&loose(Objective::Squared).with_l2(0.0), &data) {
            Err(error) => assert!(matches!(error, FitError::Diverged { .. }), "{error}"),
            Ok(model) => assert!(model.predict_row(&[0.5]).unwrap().is_finite()),
        }
    }
}

#[test]
fn parameters_are_checked_by_name() {
    let data = one_column(vec![1.0, 2.0], vec![0.0, 1.0]);
    let base = || GbdtConfig::new(Objective::Squared);
    for (config, name) in [
        (base().with_learning_rate(0.0), "learning_rate"),
        (base().with_learning_rate(f64::NAN), "learning_rate"),
        (base().with_row_sample(1.1), "row_sample"),
        (base().with_column_sample(-0.5), "column_sample"),
        (base().with_l2(-1.0), "l2"),
        (base().with_min_gain(f64::INFINITY), "min_gain"),
        (base().with_min_child_hessian(f64::NAN), "min_child_hessian"),
        (base().with_categorical_l2(-1.0), "categorical_l2"),
        (base().with_categorical_smoothing(-1.0), "categorical_smoothing"),
        (base().with_categorical_penalty(f64::NAN), "categorical_penalty"),
        (base().with_max_leaves(1), "max_leaves"),
        (base().with_max_bins(256), "max_bins"),
        (base().with_max_bins(1), "max_bins"),
        (base().with_min_child_rows(0), "min_child_rows"),
        (base().with_early_stopping(Some(0)), "early_stopping"),
        (base().with_trees(usize::MAX), "trees"),
    ] {
        match fit(&config, &data).unwrap_err() {
            FitError::Config { parameter, .. } => assert_eq!(parameter, name),
            other => panic!("{name}: {other}"),
        }
    }
    // Extreme but legal.
    let extreme = base()
        .with_max_leaves(usize::MAX)
        .with_trees(3)
        .with_max_depth(Some(0))
        .with_min_child_rows(usize::MAX);
    assert_eq!(fit(&extreme, &data).unwrap().predict_row(&[1.0]), Ok(0.5));
    assert_eq!(fit(&base().with_trees(0), &data).unwrap().n_trees(), 0);
}

#[test]
fn too_many_levels_is_an_error_and_many_are_not() {
    let with = |n: usize| {
        let x = Array2::from_shape_fn((400, 1), |(row, _)| (row % 400) as f64);
        Dataset::new(vec![Column::categorical("k", levels(n))], x)
            .and_then(|d| d.with_target((0..400).map(|row| f64::from(row % 2)).collect()))
            .unwrap()
    };
    assert!(fit(&loose(Objective::Squared), &with(65_535)).is_ok());
    let error = fit(&loose(Objective::Squared), &with(65_536)).unwrap_err();
    assert!(matches!(error, FitError::TooManyLevels { levels: 65_536, max: 65_535, .. }));
}

#[test]
fn shapes_are_checked() {
    let model = fit(&loose(Objective::Squared), &made_up(100, 2, false, 1)).unwrap();
    let length = |result: campaign_core::Result<_>| matches!(result, Err(Error::Length { .. }));
    assert!(length(model.predict(Array2::zeros((3, 5)).view()).map(drop)));
    assert!(length(model.predict_row(&[0.0; 3]).map(drop)));
    let mut out = [1.0; 2];
    assert!(length(model.predict_into(Array2::zeros((3, 4)).view(), &mut out)));
    let turned = Array2::zeros((4, 3)).reversed_axes();
    assert_eq!(model.predict(turned.view()), Err(Error::Layout));
    assert_eq!(out, [1.0; 2]);
    assert!(model.predict(Array2::zeros((0, 4)).view()).unwrap().is_empty());
}
