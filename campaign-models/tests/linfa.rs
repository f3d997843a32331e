//! Fits and predictions through linfa's traits are those of this crate's own methods.
#![cfg(feature = "linfa")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use campaign_core::ndarray::{Array1, Array2, array, s};
use campaign_core::{Column, Dataset, Model};
use campaign_models::gbdt::Goss;
use campaign_models::linear::{Family, LinearConfig};
use campaign_models::linfa::{LinfaError, Seeded, classification_tree};
use campaign_models::{GbdtConfig, Metric, Objective, Prior};
use common::{made_up, rng};
use linfa::DatasetBase;
use linfa::traits::{Fit, Predict};
use linfa_trees::DecisionTree;

/// Three numeric columns with missing values, without the categorical ones.
fn numeric(rows: usize, binary: bool, seed: u64) -> Dataset {
    let all = made_up(rows, 3, binary, seed);
    let x = all.features().slice(s![.., ..3]).to_owned();
    // linfa's weights are in single precision.
    let weights = all.weights().unwrap().iter().map(|w| f64::from(*w as f32)).collect();
    Dataset::new(all.columns()[..3].to_vec(), x)
        .and_then(|d| d.with_target(all.target().unwrap().to_vec()))
        .and_then(|d| d.with_weights(weights))
        .unwrap()
}

fn linfas(data: &Dataset) -> linfa::Dataset<f64, f64, campaign_core::ndarray::Ix1> {
    let names: Vec<String> = data.columns().iter().map(|c| c.name.to_string()).collect();
    let weights: Array1<f32> = data.weights().unwrap().iter().map(|w| *w as f32).collect();
    DatasetBase::new(data.features().to_owned(), Array1::from(data.target().unwrap().to_vec()))
        .with_weights(weights)
        .with_feature_names(names)
}

fn bits(of: &[f64]) -> Vec<u64> {
    of.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn trees_are_those_of_the_own_fit() {
    let data = numeric(1_000, true, 1);
    let config = GbdtConfig::new(Objective::Logistic).with_trees(20);
    let own = config.fit(&data, None, &mut rng(1)).unwrap();
    let model = Fit::fit(&config, &linfas(&data)).unwrap();
    assert_eq!(model.columns(), data.columns());
    let expected = own.predict_dataset(&data).unwrap();
    let predicted: Array1<f64> = Predict::predict(&model, &linfas(&data));
    assert_eq!(bits(predicted.as_slice().unwrap()), bits(&expected));
    // Another layout is copied.
    let columns_first = data.features().t().as_standard_layout().into_owned().reversed_axes();
    assert!(!columns_first.is_standard_layout());
    let predicted: Array1<f64> = Predict::predict(&model, &columns_first);
    assert_eq!(bits(predicted.as_slice().unwrap()), bits(&expected));
    // Another number of columns cannot be an error in linfa's traits.
    let predicted: Array1<f64> = Predict::predict(&model, &Array2::zeros((2, 5)));
    assert!(predicted.len() == 2 && predicted.iter().all(|p| p.is_nan()));
}

#[test]
fn what_is_random_needs_a_generator() {
    let data = linfas(&numeric(300, true, 1));
    let config = GbdtConfig::new(Objective::Logistic).with_trees(5);
    for (config, parameter) in [
        (config.clone().with_row_sample(0.5), "row_sample"),
        (config.clone().with_column_sample(0.5), "column_sample"),
        (config.clone().with_goss(Some(Goss { top: 0.2, other: 0.2 })), "goss"),
    ] {
        match Fit::fit(&config, &data) {
            Err(LinfaError::NoGenerator(got)) => assert_eq!(got, parameter),
            other => panic!("{parameter}: {other:?}"),
        }
        let own = numeric(300, true, 1);
        let expected = config.fit(&own, None, &mut rng(7)).unwrap().predict_dataset(&own).unwrap();
        let seeded = Seeded::new(config, rng(7));
        for _ in 0..2 {
            let predicted: Array1<f64> = Predict::predict(&seeded.fit(&data).unwrap(), &data);
            assert_eq!(bits(predicted.as_slice().unwrap()), bits(&expected));
        }
    }
}

#[test]
fn linear_models_are_those_of_the_own_fit() {
    let data = numeric(500, true, 1);
    let config = LinearConfig::new(Family::Binomial);
    let model = Fit::fit(&config, &linfas(&data)).unwrap();
    assert_eq!(model, config.fit(&data).unwrap());
    let predicted: Array1<f64> = Predict::predict(&model, &linfas(&data));
    assert_eq!(predicted.to_vec(), model.predict_dataset(&data).unwrap());
}

#[test]
fn labels_are_numbers_and_columns_have_names() {
    let x = Array2::from_shape_fn((50, 2), |(row, column)| (row * (column + 1)) as f64);
    let bools = DatasetBase::new(x.clone(), Array1::from_shape_fn(50, |row| row > 20));
    let counts = DatasetBase::new(x, Array1::from_shape_fn(50, |row| usize::from(row > 20)));
    let config = GbdtConfig::new(Objective::Logistic).with_trees(3).with_min_child_rows(5);
    let (a, b) = (Fit::fit(&config, &bools).unwrap(), Fit::fit(&config, &counts).unwrap());
    assert_eq!(a.columns()[1].name.as_ref(), "feature-1");
    assert_eq!(a.predict_row(&[30.0, 60.0]), b.predict_row(&[30.0, 60.0]));
    assert!(a.predict_row(&[30.0, 60.0]).unwrap() > a.predict_row(&[3.0, 6.0]).unwrap());
}

#[test]
fn bad_records_are_named() {
    let config = GbdtConfig::new(Objective::Squared);
    let infinite = DatasetBase::new(array![[1.0], [f64::INFINITY]], array![0.0, 1.0]);
    assert!(matches!(Fit::fit(&config, &infinite), Err(LinfaError::Dataset(_))));
    let nan = DatasetBase::new(array![[1.0], [2.0]], array![0.0, f64::NAN]);
    assert!(matches!(Fit::fit(&config, &nan), Err(LinfaError::Dataset(_))));
    let empty = DatasetBase::new(Array2::<f64>::zeros((0, 1)), Array1::<f64>::zeros(0));
    assert!(matches!(Fit::fit(&config, &empty), Err(LinfaError::Gbdt(_))));
    let linear = LinearConfig::new(Family::Gaussian);
    assert!(matches!(Fit::fit(&linear, &empty), Err(LinfaError::Linear(_))));
}

#[test]
fn a_tree_of_linfa_is_a_baseline() {
    let present = |data: &Dataset| {
        let complete = |row: &usize| data.features().row(*row).iter().all(|x| !x.is_nan());
        let rows: Vec<usize> = (0..data.n_rows()).filter(complete).collect();
        data.select(&rows).unwrap()
    };
    let (train, test) = (present(&numeric(2_000, true, 1)), present(&numeric(2_000, true, 2)));
    let parameters = || DecisionTree::params().max_depth(Some(3));
    let models: [Box<dyn Model>; 2] = [
        Box::new(classification_tree(&train, parameters()).unwrap()),
        Box::new(Prior::fit(&train).unwrap()),
    ];
    let auc = |model: &dyn Model| {
        let predicted = model.predict(test.features()).unwrap().to_vec();
        Metric::Auc.evaluate(test.target().unwrap(), &predicted, None).unwrap()
    };
    let [tree, prior] = [0, 1].map(|i| auc(&models[i]));
    assert!(tree > 0.6 && prior == 0.5, "{tree} {prior}");
    let mut out = [0.0; 3];
    assert!(models[0].predict_into(Array2::zeros((3, 4)).view(), &mut out).is_err());

    let with = |x: Array2<f64>, y: Vec<f64>| {
        let columns = (0..x.ncols()).map(|i| Column::numeric(format!("x{i}"))).collect();
        Dataset::new(columns, x).unwrap().with_target(y).unwrap()
    };
    let fit = |data: &Dataset| classification_tree(data, parameters()).unwrap_err();
    let missing = with(array![[1.0], [f64::NAN]], vec![0.0, 1.0]);
    assert!(matches!(fit(&missing), LinfaError::Missing { row: 1, column: 0 }));
    let third = with(array![[1.0], [2.0]], vec![0.0, 2.0]);
    assert!(matches!(fit(&third), LinfaError::NotBinary { row: 1, value: 2.0 }));
    assert!(matches!(fit(&with(Array2::zeros((0, 1)), vec![])), LinfaError::NoRows));
    let none = Dataset::new(vec![], Array2::zeros((2, 0))).unwrap();
    assert!(matches!(fit(&none), LinfaError::NoTarget));
    let refused = DecisionTree::params().min_impurity_decrease(-1.0);
    let good = with(array![[1.0], [2.0]], vec![0.0, 1.0]);
    assert!(matches!(classification_tree(&good, refused), Err(LinfaError::Linfa(_))));
    // Weights that vanish in single precision, and rows without weight.
    let tiny = good.with_weights(vec![1e-60, 1e-60]).unwrap();
    assert!(classification_tree(&tiny, parameters()).is_ok());
}
