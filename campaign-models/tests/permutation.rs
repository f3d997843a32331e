//! Permutation importance against its exact mean, and its interval against simulation.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use campaign_core::ndarray::{Array2, ArrayView2};
use campaign_core::rand::RngExt;
use campaign_core::{Column, Dataset, Model, Result};
use campaign_models::Metric;
use campaign_models::explain::{ExplainError, PermutationConfig, permutation_importance};
use campaign_models::metrics::MetricError;
use common::rng;

/// Twice the first column; the second is not looked at.
struct Twice;

impl Model for Twice {
    fn n_features(&self) -> usize {
        2
    }
    fn predict_into(&self, x: ArrayView2<'_, f64>, out: &mut [f64]) -> Result<()> {
        for (row, out) in campaign_core::model::rows(&x, 2, out.len())?.chunks_exact(2).zip(out) {
            *out = 2.0 * row[0];
        }
        Ok(())
    }
}

fn squared_error(y: &[f64], p: &[f64], w: Option<&[f64]>) -> std::result::Result<f64, MetricError> {
    Metric::Rmse.evaluate(y, p, w).map(|rmse| rmse * rmse)
}

/// Uniform columns of width 1; targets are twice the first and uniform noise of width 1.
fn data(n: usize, seed: u64) -> Dataset {
    let mut rng = rng(seed);
    let x = Array2::from_shape_fn((n, 2), |_| rng.random::<f64>());
    let y = x.rows().into_iter().map(|row| 2.0 * row[0] + rng.random::<f64>() - 0.5).collect();
    let columns = vec![Column::numeric("used"), Column::numeric("unused")];
    Dataset::new(columns, x).and_then(|d| d.with_target(y)).unwrap()
}

#[test]
fn the_mean_is_that_of_all_shuffles() {
    let data = data(60, 1);
    let config = PermutationConfig::default().with_repeats(2_000).with_resamples(2);
    let got = permutation_importance(&Twice, &data, &squared_error, &config, &mut rng(2)).unwrap();
    assert_eq!((got[0].name.as_ref(), got[1].name.as_ref()), ("used", "unused"));
    // Each row gets each value with equal chance, so that the mean over all shuffles is
    // mean((2 x' - y)^2) over all pairs, less the plain error.
    let x = data.features().column(0).to_vec();
    let y = data.target().unwrap();
    let error = |x: f64, y: f64| (2.0 * x - y) * (2.0 * x - y);
    let pairs = x.iter().flat_map(|&x| y.iter().map(move |&y| error(x, y)));
    let plain: f64 = x.iter().zip(y).map(|(&x, &y)| error(x, y)).sum();
    let exact = pairs.sum::<f64>() / 3_600.0 - plain / 60.0;
    let spread = got[0].repeats.iter().map(|v| (v - got[0].mean).powi(2)).sum::<f64>() / 1_999.0;
    let distance = (got[0].mean - exact).abs() / (spread / 2_000.0).sqrt();
    assert!(distance < 4.0, "{} is {distance} standard errors from {exact}", got[0].mean);
    assert_eq!((got[1].mean, got[1].low, got[1].high), (0.0, 0.0, 0.0));
}

#[test]
fn intervals_cover() {
    // In the population, shuffling adds 2 * 2^2 * var(x) = 8 / 12.
    let truth = 8.0 / 12.0;
    let config = PermutationConfig::default();
    let sets = 400;
    let covered = (0..sets).filter(|&seed| {
        let data = data(120, 100 + seed);
        let got =
            permutation_importance(&Twice, &data, &squared_error, &config, &mut rng(seed)).unwrap();
        got[0].low <= truth && truth <= got[0].high
    });
    // 90 % is the level; the binomial error is 1.5 %, and four of them are let pass.
    let covered = covered.count();

    assert!((336..=384).contains(&covered), "{covered} of {sets}");
}

#[test]
fn groups_are_drawn_whole() {
    let few = data(10, 3);
    let rows: Vec<usize> = (0..400).map(|row| row % 10).collect();
    let copies = few.select(&rows).unwrap();
    let run = |data: &Dataset| {
        let config = PermutationConfig::default().with_level(0.99);
        permutation_importance(&Twice, data, &squared_error, &config, &mut rng(4))
            .unwrap()
            .remove(0)
    };
    let width = |data: &Dataset| {
        let got = run(data);
        got.high - got.low
    };
    // Forty copies of a row say nothing new.
    let groups = rows.iter().map(|&row| row as u32).collect();
    let (alone, grouped) = (width(&copies), width(&copies.clone().with_groups(groups).unwrap()));
    assert!(grouped > 2.0 * alone, "{grouped} {alone}");
    // One group is always drawn, and nothing varies.
    let one = run(&copies.with_groups(vec![7; 400]).unwrap());
    assert!((one.high - one.mean).abs() < 1e-12 && (one.low - one.mean).abs() < 1e-12);
}

#[test]
fn neither_column_order_nor_threads_matter() {
    let data = common::made_up(400, 3, true, 5);
    let model = campaign_models::GbdtConfig::new(campaign_models::Objective::Logistic)
        .with_trees(10)
        .fit(&data, None, &mut rng(1))
        .unwrap();
    let auc = |y: &[f64], p: &[f64], w: Option<&[f64]>| Metric::Auc.evaluate(y, p, w);
    let config = PermutationConfig::default().with_higher_is_better(true).with_repeats(3);
    let run = |model: &dyn Model, data: &Dataset, threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| permutation_importance(model, data, &auc, &config, &mut rng(6)).unwrap())
    };
    let expected = run(&model, &data, 1);
    assert!(expected[0].mean > 0.02 && expected[0].low < expected[0].high);
    assert_eq!(run(&model, &data, 4), expected);
    let order = [4, 2, 0, 3, 1];
    let permuted = common::permuted(&data, &order);
    let model = campaign_models::GbdtConfig::new(campaign_models::Objective::Logistic)
        .with_trees(10)
        .fit(&permuted, None, &mut rng(1))
        .unwrap();
    assert_eq!(run(&model, &permuted, 2), expected);
}

#[test]
fn bad_input_is_named() {
    let run = |data: &Dataset, config: PermutationConfig| {
        permutation_importance(&Twice, data, &squared_error, &config, &mut rng(1))
    };
    let config = PermutationConfig::default();
    for (config, parameter) in [
        (config.with_repeats(0), "repeats"),
        (config.with_resamples(1), "resamples"),
        (config.with_level(1.0), "level"),
        (config.with_level(f64::NAN), "level"),
    ] {
        let error = run(&data(10, 1), config).unwrap_err();
        assert!(matches!(error, ExplainError::Parameter { parameter: p, .. } if p == parameter));
    }
    let columns = || vec![Column::numeric("a"), Column::numeric("b")];
    let bare = Dataset::new(columns(), Array2::zeros((3, 2))).unwrap();
    assert_eq!(run(&bare, config), Err(ExplainError::NoTarget));
    let empty = Dataset::new(columns(), Array2::zeros((0, 2))).unwrap();
    assert_eq!(run(&empty, config), Err(ExplainError::NoRows("data")));
    let one_class = bare.with_target(vec![1.0; 3]).unwrap();
    let auc = |y: &[f64], p: &[f64], w: Option<&[f64]>| Metric::Auc.evaluate(y, p, w);
    let error = permutation_importance(&Twice, &one_class, &auc, &config, &mut rng(1));
    assert!(matches!(error, Err(ExplainError::Metric(_))));
}
