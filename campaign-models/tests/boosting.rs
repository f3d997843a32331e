//! The boosting loop: by hand, monotone, stopped early, observed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::ops::ControlFlow;

use campaign_core::ndarray::Array2;
use campaign_core::rand::RngExt;
use campaign_core::{Column, Dataset, Model};
use campaign_models::{Evaluation, GbdtConfig, Metric, Objective, Prior};
use common::{made_up, rng};

#[test]
fn two_trees_by_hand() {
    // Mean 3. First tree at x <= 2.5: residuals (y - 3) sum to -6 over 2 rows and 6 over 2, with
    // l2 = 1 leaves weigh -6 / 3 = -2 and 2, times 0.5. Then scores are 2 and 4, targets 0 and 6:
    // residual sums are -4 and 4, leaves -4/3 and 4/3, times 0.5.
    let x = Array2::from_shape_vec((4, 1), vec![1.0, 2.0, 3.0, 4.0]).unwrap();
    let data = Dataset::new(vec![Column::numeric("x")], x)
        .and_then(|d| d.with_target(vec![0.0, 0.0, 6.0, 6.0]))
        .unwrap();
    let config = GbdtConfig::new(Objective::Squared)
        .with_trees(2)
        .with_learning_rate(0.5)
        .with_max_leaves(2)
        .with_min_child_rows(1);
    let model = config.fit(&data, None, &mut rng(1)).unwrap();
    assert_eq!(model.base_score(), 3.0);
    let expected = 3.0 - 1.0 - 2.0 / 3.0;
    assert!((model.predict_row(&[2.5]).unwrap() - expected).abs() < 1e-12);
    assert!((model.predict_row(&[2.6]).unwrap() - (6.0 - expected)).abs() < 1e-12);
    let importance = &model.importance()[0];
    // 1/2 (36/3 + 36/3 - 0) and 1/2 (16/3 + 16/3 - 0).
    assert!((importance.gain - (12.0 + 16.0 / 3.0)).abs() < 1e-12);
    assert_eq!((importance.splits, importance.cover), (2, 8.0));
}

#[test]
fn one_logistic_leaf_by_hand() {
    // Base: log-odds of 1/4. In the leaf x > 2.5: p = 1/4 for both rows, targets 1 and 0, so
    // G = -3/4 + 1/4 = -1/2 and H = 2 * 3/16; weight = (1/2) / (3/8 + 1) = 4/11.
    let x = Array2::from_shape_vec((4, 1), vec![1.0, 2.0, 3.0, 4.0]).unwrap();
    let data = Dataset::new(vec![Column::numeric("x")], x)
        .and_then(|d| d.with_target(vec![0.0, 0.0, 1.0, 0.0]))
        .unwrap();
    let config = GbdtConfig::new(Objective::Logistic)
        .with_trees(1)
        .with_learning_rate(1.0)
        .with_max_leaves(2)
        .with_min_child_rows(2);
    let model = config.fit(&data, None, &mut rng(1)).unwrap();
    let score = (1.0_f64 / 3.0).ln() + 4.0 / 11.0;
    assert!((model.score_row(&[4.0]).unwrap() - score).abs() < 1e-12);
    assert!((model.predict_row(&[4.0]).unwrap() - 1.0 / (1.0 + (-score).exp())).abs() < 1e-12);
}

#[test]
fn training_loss_decreases_with_every_tree() {
    for loss in [Objective::Squared, Objective::Logistic] {
        let data = made_up(2_000, 4, loss == Objective::Logistic, 3);
        let mut losses = Vec::new();
        let mut observer = |p: campaign_models::gbdt::Progress| {
            losses.push(p.train_loss);
            ControlFlow::Continue(())
        };
        let config = GbdtConfig::new(loss).with_trees(60);
        let model = config.fit_observed(&data, None, &mut rng(1), &mut observer).unwrap();
        assert_eq!((losses.len(), model.n_trees()), (60, 60));
        assert!(losses.windows(2).all(|pair| pair[1] < pair[0]), "{losses:?}");
        // An observed model is the same model.
        let unseen = config.fit(&data, None, &mut rng(1)).unwrap();
        assert_eq!(
            unseen.predict(data.features()).unwrap(),
            model.predict(data.features()).unwrap()
        );
    }
}

#[test]
fn early_stopping_keeps_the_best_trees() {
    let data = made_up(6_000, 4, true, 3);
    let train = data.select(&(0..4_000).collect::<Vec<_>>()).unwrap();
    let valid = data.select(&(4_000..6_000).collect::<Vec<_>>()).unwrap();
    let config = GbdtConfig::new(Objective::Logistic).with_trees(1_000).with_learning_rate(0.2);
    let mut losses = Vec::new();
    let mut observer = |p: campaign_models::gbdt::Progress| {
        losses.push(p.valid_loss.unwrap());
        ControlFlow::Continue(())
    };
    let stopped = config
        .clone()
        .with_early_stopping(Some(15))
        .fit_observed(&train, Some(&valid), &mut rng(1), &mut observer)
        .unwrap();
    let best = (1..=losses.len()).min_by(|a, b| losses[a - 1].total_cmp(&losses[b - 1])).unwrap();
    assert_eq!(stopped.n_trees(), best);
    assert_eq!(losses.len(), best + 15);
    assert!(best > 3 && losses.len() < 1_000);
    // The reported loss is that of the predictions, and the best trees are a prefix.
    let p = stopped.predict(valid.features()).unwrap().to_vec();
    let loss = Metric::LogLoss.evaluate(valid.target().unwrap(), &p, valid.weights()).unwrap();
    assert!((loss - losses[best - 1]).abs() < 1e-12);
    let prefix = config.with_trees(best).fit(&train, None, &mut rng(1)).unwrap();
    assert_eq!(prefix.predict(valid.features()).unwrap().to_vec(), p);
}

#[test]
fn noise_is_not_learnt_when_stopped_early() {
    // Targets that have nothing to do with the column: the best number of trees is none or few.
    let mut r = rng(12);
    let x = Array2::from_shape_fn((4_000, 1), |_| r.random::<f64>());
    let y = (0..4_000).map(|_| f64::from(r.random::<bool>())).collect();
    let data = Dataset::new(vec![Column::numeric("x")], x).and_then(|d| d.with_target(y)).unwrap();
    let train = data.select(&(0..2_000).collect::<Vec<_>>()).unwrap();
    let valid = data.select(&(2_000..4_000).collect::<Vec<_>>()).unwrap();
    let config = GbdtConfig::new(Objective::Logistic).with_early_stopping(Some(20));
    let model = config.fit(&train, Some(&valid), &mut rng(1)).unwrap();
    assert!(model.n_trees() < 5, "{}", model.n_trees());
}

#[test]
fn an_observer_can_end_the_fit() {
    let data = made_up(500, 3, false, 3);
    let mut observer = |p: campaign_models::gbdt::Progress| {
        if p.trees == 7 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let config = GbdtConfig::new(Objective::Squared);
    let model = config.fit_observed(&data, None, &mut rng(1), &mut observer).unwrap();
    assert_eq!(model.n_trees(), 7);
}

#[test]
fn depth_and_leaves_are_limits() {
    let data = made_up(3_000, 4, false, 3);
    let splits = |config: GbdtConfig| -> usize {
        let model = config.with_trees(1).fit(&data, None, &mut rng(1)).unwrap();
        model.importance().iter().map(|f| f.splits).sum()
    };
    let base = || GbdtConfig::new(Objective::Squared);
    assert_eq!(splits(base().with_max_leaves(9)), 8);
    assert_eq!(splits(base().with_max_leaves(500).with_max_depth(Some(1))), 1);
    assert_eq!(splits(base().with_max_leaves(500).with_max_depth(Some(3))), 7);
    assert_eq!(splits(base().with_min_gain(1e9)), 0);
}

#[test]
fn single_rows_equal_batches_and_beat_the_prior() {
    for loss in [Objective::Squared, Objective::Logistic] {
        let data = made_up(6_000, 4, loss == Objective::Logistic, 30);
        let train = data.select(&(0..4_000).collect::<Vec<_>>()).unwrap();
        let test = data.select(&(4_000..6_000).collect::<Vec<_>>()).unwrap();
        let model = GbdtConfig::new(loss).fit(&train, None, &mut rng(1)).unwrap();
        let batch = model.predict(test.features()).unwrap().to_vec();
        for (row, p) in test.features().rows().into_iter().zip(&batch) {
            let single = model.predict_row(row.as_slice().unwrap()).unwrap();
            assert_eq!(single.to_bits(), p.to_bits());
        }
        let prior = Prior::fit(&train).unwrap().predict(test.features()).unwrap().to_vec();
        let metric = if loss == Objective::Squared { Metric::Rmse } else { Metric::LogLoss };
        let (y, w) = (test.target().unwrap(), test.weights());
        let evaluation = Evaluation::new(metric, y, &batch, &prior, w).unwrap();
        assert!(evaluation.beats_baseline(), "{evaluation}");
    }
}

#[test]
fn sampling_rows_and_columns_still_learns() {
    let data = made_up(4_000, 4, false, 30);
    let config = GbdtConfig::new(Objective::Squared).with_row_sample(0.5).with_column_sample(0.5);
    let model = config.fit(&data, None, &mut rng(1)).unwrap();
    let p = model.predict(data.features()).unwrap().to_vec();
    let prior = vec![model.base_score(); 4_000];
    let (y, w) = (data.target().unwrap(), data.weights());
    let evaluation = Evaluation::new(Metric::Rmse, y, &p, &prior, w).unwrap();
    assert!(evaluation.value < 0.7 * evaluation.baseline, "{evaluation}");
}

#[test]
fn many_levels_do_not_win_by_chance() {
    // 300 levels of 13 training rows each, of which every seventh is a little better.
    let data = made_up(6_000, 4, true, 30);
    let train = data.select(&(0..4_000).collect::<Vec<_>>()).unwrap();
    let test = data.select(&(4_000..6_000).collect::<Vec<_>>()).unwrap();
    let prior = Prior::fit(&train).unwrap().predict(test.features()).unwrap().to_vec();
    let evaluate = |penalty| {
        let config = GbdtConfig::new(Objective::Logistic).with_categorical_penalty(penalty);
        let model = config.fit(&train, None, &mut rng(1)).unwrap();
        let p = model.predict(test.features()).unwrap().to_vec();
        let (y, w) = (test.target().unwrap(), test.weights());
        (Evaluation::new(Metric::LogLoss, y, &p, &prior, w).unwrap(), model.importance())
    };
    let (with, importance) = evaluate(1.0);
    let (without, greedy) = evaluate(0.0);
    assert!(with.beats_baseline() && !without.beats_baseline(), "{with}; {without}");
    // The column with the strongest effect comes first, not the one with the most levels.
    assert_eq!((importance[0].name.as_ref(), greedy[0].name.as_ref()), ("x0", "creative"));
}
