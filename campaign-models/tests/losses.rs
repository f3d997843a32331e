//! Losses in training: quantiles, robustness, counts with exposure, ranking, one's own.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::ops::ControlFlow;
use std::sync::Arc;

use campaign_core::ndarray::Array2;
use campaign_core::rand::RngExt;
use campaign_core::{Column, Dataset};
use campaign_models::gbdt::{Derivatives, Link, LossRows, Progress};
use campaign_models::{FitError, GbdtConfig, Loss, Monotone, Objective};
use common::{made_up, rng};

fn fit(loss: Objective, data: &Dataset) -> Result<campaign_models::Gbdt, FitError> {
    GbdtConfig::new(loss).fit(data, None, &mut rng(1))
}

/// The made-up data with their target changed.
fn with_target(data: &Dataset, of: impl Fn(f64) -> f64) -> Dataset {
    let target = data.target().unwrap().iter().map(|y| of(*y)).collect();
    data.clone().with_target(target).unwrap()
}

#[test]
fn every_loss_learns_and_falls_with_every_tree() {
    let data = made_up(3_000, 4, false, 3);
    let positive = with_target(&data, |y| y.exp());
    let fraction = with_target(&data, |y| 1.0 / (1.0 + (-y).exp()));
    let often_zero = with_target(&data, |y| if y > 0.0 { y.exp() } else { 0.0 });
    let graded = with_target(&data, |y| (y + 2.0).round().clamp(0.0, 4.0))
        .with_groups((0..3_000).map(|row| row / 10).collect())
        .unwrap();
    for (loss, data, share) in [
        (Objective::Squared, &data, 0.5),
        (Objective::Logistic, &fraction, 0.98),
        (Objective::Poisson, &often_zero, 0.9),
        (Objective::Gamma, &positive, 0.8),
        (Objective::Tweedie { power: 1.5 }, &often_zero, 0.95),
        (Objective::Quantile { level: 0.8 }, &data, 0.6),
        (Objective::Huber { delta: 0.1 }, &data, 0.6),
        (Objective::LambdaRank { truncation: 5 }, &graded, 0.7),
    ] {
        let mut losses = Vec::new();
        let mut observer = |p: Progress| {
            losses.push(p.train_loss);
            ControlFlow::Continue(())
        };
        let config = GbdtConfig::new(loss).with_trees(60);
        config.fit_observed(data, None, &mut rng(1), &mut observer).unwrap();
        // NDCG moves in steps, and a renewed quantile is found on one leaf at a time.
        if !matches!(loss, Objective::LambdaRank { .. }) {
            assert!(losses.windows(2).all(|pair| pair[1] < pair[0]), "{loss:?}: {losses:?}");
        }
        assert!(losses[59] < share * losses[0], "{loss:?}: {} {}", losses[0], losses[59]);
    }
}

/// A column that matters, one that does not, and noise whose size grows with the first.
fn noisy(rows: usize, seed: u64) -> Dataset {
    let mut r = rng(seed);
    let x = Array2::from_shape_simple_fn((rows, 2), || r.random::<f64>());
    let y = x.rows().into_iter().map(|row| row[0] * (1.0 + 2.0 * (r.random::<f64>() - 0.5)));
    let y = y.map(|y| 1_000.0 * y).collect();
    Dataset::new(vec![Column::numeric("a"), Column::numeric("b")], x)
        .and_then(|d| d.with_target(y))
        .unwrap()
}

#[test]
fn quantiles_cover_their_share_in_and_out_of_sample() {
    let (train, test) = (noisy(4_000, 1), noisy(4_000, 2));
    for level in [0.1, 0.5, 0.9] {
        // Leaves of 200 rows: where they are few, their quantiles are rather their own than the truth's.
        let config = GbdtConfig::new(Objective::Quantile { level }).with_min_child_rows(200);
        let model = config.fit(&train, None, &mut rng(1)).unwrap();
        let covered = |data: &Dataset| {
            let p = model.predict_dataset(data).unwrap();
            let below = data.target().unwrap().iter().zip(&p).filter(|(y, p)| *y <= p).count();
            below as f64 / data.n_rows() as f64
        };
        // Five binomial standard errors; what the fit takes from its own rows is a little more.
        let error = 5.0 * (level * (1.0 - level) / 4_000.0_f64).sqrt();
        assert!((covered(&train) - level).abs() < 0.01, "{level}: {}", covered(&train));
        assert!((covered(&test) - level).abs() < error + 0.01, "{level}: {}", covered(&test));
        // The quantile at a is 1000 a (1 + 2 (level - 0.5)).
        for a in [0.2, 0.5, 0.8] {
            let (got, truth) = (model.predict_row(&[a, 0.5]).unwrap(), 2_000.0 * a * level);
            assert!((got - truth).abs() < 0.15 * 2_000.0 * a * (0.2 + level), "{level} {a}: {got}");
        }
    }
}

/// Renewed leaves and shortened steps too.
#[test]
fn every_loss_keeps_to_monotone_constraints() {
    let data = made_up(2_000, 4, false, 1);
    let amounts = with_target(&data, |y| (3.0 * y).exp());
    let counts = with_target(&data, |y| (3.0 * y).exp().floor());
    for (loss, data) in [
        (Objective::Quantile { level: 0.7 }, &data),
        (Objective::Huber { delta: 0.2 }, &data),
        (Objective::Poisson, &counts),
        (Objective::Gamma, &amounts),
        (Objective::Tweedie { power: 1.2 }, &counts),
    ] {
        let config = GbdtConfig::new(loss)
            .with_monotone("x0", Monotone::Decreasing)
            .with_monotone("x1", Monotone::Increasing);
        let model = config.fit(data, None, &mut rng(1)).unwrap();
        let splits = |name: &str| {
            model.importance().iter().find(|f| f.name.as_ref() == name).map_or(0, |f| f.splits)
        };
        assert!(splits("x0") > 10 && splits("x1") > 10, "{loss:?}");
        for row in data.features().rows().into_iter().take(200) {
            let mut row = row.to_vec();
            for (column, sign) in [(0, -1.0), (1, 1.0)] {
                let scan = (0..=40).map(|i| {
                    row[column] = -2.0 + 0.1 * f64::from(i);
                    sign * model.predict_row(&row).unwrap()
                });
                let scan: Vec<f64> = scan.collect();
                assert!(scan.windows(2).all(|pair| pair[0] <= pair[1]), "{loss:?}: {scan:?}");
            }
        }
    }
}

#[test]
fn a_renewed_tree_by_hand() {
    // One tree with leaves below and above 2.5. The median of all is 3 (the smallest that half are not
    // above), from there the left median is 2 below and the right one 17 above; half of each is added.
    let x = Array2::from_shape_vec((6, 1), vec![1.0, 2.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
    let data = Dataset::new(vec![Column::numeric("x")], x)
        .and_then(|d| d.with_target(vec![0.0, 1.0, 3.0, 20.0, 10.0, 40.0]))
        .unwrap();
    let config = GbdtConfig::new(Objective::Quantile { level: 0.5 })
        .with_trees(1)
        .with_learning_rate(0.5)
        .with_max_leaves(2)
        .with_min_child_rows(3);
    let model = config.fit(&data, None, &mut rng(1)).unwrap();
    assert_eq!(model.base_score(), 3.0);
    assert_eq!(model.predict_row(&[1.0]), Ok(3.0 - 0.5 * 2.0));
    assert_eq!(model.predict_row(&[4.0]), Ok(3.0 + 0.5 * 17.0));
}

#[test]
fn huber_does_not_follow_outliers() {
    // Every twentieth target is off by a million.
    let clean = noisy(4_000, 1);
    let spoilt = clean.target().unwrap().iter().enumerate();
    let spoilt = spoilt.map(|(row, y)| y + if row % 20 == 0 { 1e6 } else { 0.0 }).collect();
    let data = clean.clone().with_target(spoilt).unwrap();
    let error = |loss: Objective| {
        let p = fit(loss, &data).unwrap().predict_dataset(&clean).unwrap();
        p.iter().zip(clean.target().unwrap()).map(|(p, y)| (p - y).abs()).sum::<f64>() / 4_000.0
    };
    let (huber, squared) = (error(Objective::Huber { delta: 100.0 }), error(Objective::Squared));
    let constant = error_of_the_mean(&clean);
    assert!(huber < 0.8 * constant && squared > 10.0 * constant, "{huber} {squared} {constant}");
}

fn error_of_the_mean(data: &Dataset) -> f64 {
    let y = data.target().unwrap();
    let mean = y.iter().sum::<f64>() / y.len() as f64;
    y.iter().map(|y| (y - mean).abs()).sum::<f64>() / y.len() as f64
}

/// Counts whose rate is 0.2 or 1 per unit, over exposures from 1 to 100.
fn counts(rows: usize) -> Dataset {
    let mut r = rng(5);
    let (mut x, mut y, mut exposure) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rows {
        let a = f64::from(r.random_range(0_u32..2));
        let units = r.random_range(1_u32..=100);
        let rate = 0.2 + 0.8 * a;
        let count = (0..units * 20).filter(|_| r.random::<f64>() < rate / 20.0).count();
        x.push(a);
        y.push(count as f64);
        exposure.push(f64::from(units).ln());
    }
    Dataset::new(vec![Column::numeric("a")], Array2::from_shape_vec((rows, 1), x).unwrap())
        .and_then(|d| d.with_target(y))
        .and_then(|d| d.with_offset(exposure))
        .unwrap()
}

#[test]
fn exposure_is_an_offset() {
    let data = counts(2_000);
    let model = fit(Objective::Poisson, &data).unwrap();
    for (a, rate) in [(0.0, 0.2), (1.0, 1.0)] {
        // About 50 units a row and 1,000 rows: four standard errors of the rate.
        let error = 4.0 * (rate / 50_000.0_f64).sqrt();
        let got = model.predict_row(&[a]).unwrap();
        assert!((got - rate).abs() < error + 1e-3, "{a}: {got}");
    }
    // With the exposure it predicts counts: the rate times the units, to rounding.
    let p = model.predict_dataset(&data).unwrap();
    for (row, p) in p.iter().enumerate().step_by(97) {
        let rate = model.predict_row(&[data.features()[[row, 0]]]).unwrap();
        let expected = rate * data.offset().unwrap()[row].exp();
        assert!((p / expected - 1.0).abs() < 1e-12, "{p} {expected}");
    }
    // An offset that only one data set has is a mistake.
    let without = Dataset::new(data.columns().to_vec(), data.features().to_owned())
        .and_then(|d| d.with_target(data.target().unwrap().to_vec()))
        .unwrap();
    let config = GbdtConfig::new(Objective::Poisson);
    let error = config.fit(&data, Some(&without), &mut rng(1)).unwrap_err();
    assert_eq!(error, FitError::Offset);
}

#[test]
fn offsets_are_where_scores_start() {
    // With a learning rate of 1, no penalty and a leaf per row, squared loss ends at the target.
    let data = made_up(400, 3, false, 2);
    let offset: Vec<f64> = (0..400).map(|row| f64::from(row % 7) - 3.0).collect();
    let shifted = with_target(&data, |y| y);
    let shifted_target =
        data.target().unwrap().iter().zip(&offset).map(|(y, offset)| y + offset).collect();
    let shifted = shifted.with_target(shifted_target).and_then(|d| d.with_offset(offset)).unwrap();
    let (plain, with_offset) =
        (fit(Objective::Squared, &data).unwrap(), fit(Objective::Squared, &shifted).unwrap());
    let p = plain.predict_dataset(&data).unwrap();
    let q = with_offset.predict_dataset(&shifted).unwrap();
    for ((p, q), offset) in p.iter().zip(&q).zip(shifted.offset().unwrap()) {
        assert!((p + offset - q).abs() < 1e-9, "{p} {offset} {q}");
    }
    // Validation scores start there as well: its loss is that of the training rows.
    let mut seen = Vec::new();
    let mut observer = |p: Progress| {
        seen.push((p.train_loss, p.valid_loss.unwrap()));
        ControlFlow::Continue(())
    };
    let config = GbdtConfig::new(Objective::Squared).with_trees(3);
    config.fit_observed(&shifted, Some(&shifted), &mut rng(1), &mut observer).unwrap();
    assert!(seen.iter().all(|(train, valid)| (train - valid).abs() < 1e-12), "{seen:?}");
}

#[test]
fn overflow_is_a_typed_error() {
    let data = counts(200);
    let huge = data.clone().with_offset(vec![800.0; 200]).unwrap();
    for loss in [Objective::Poisson, Objective::Tweedie { power: 1.3 }] {
        let error = fit(loss, &huge).unwrap_err();
        assert!(matches!(error, FitError::Diverged { .. }), "{error}");
    }
    // Large but possible: targets from 0 to 1e300, and finite predictions.
    let targets = (0..200).map(|row| if row % 3 == 0 { 0.0 } else { 10.0_f64.powi(row) }).collect();
    let wide = data.with_target(targets).unwrap();
    for loss in [Objective::Poisson, Objective::Tweedie { power: 1.5 }] {
        match fit(loss, &wide) {
            Err(error) => assert!(matches!(error, FitError::Diverged { .. }), "{error}"),
            Ok(model) => {
                assert!(model.predict_dataset(&wide).unwrap().iter().all(|p| p.is_finite()));
            }
        }
    }
}

#[test]
fn parameters_and_groups_of_losses_are_checked() {
    let data = made_up(100, 2, false, 1);
    for (loss, name) in [
        (Objective::Tweedie { power: 1.0 }, "power"),
        (Objective::Tweedie { power: f64::NAN }, "power"),
        (Objective::Quantile { level: 0.0 }, "level"),
        (Objective::Quantile { level: 1.0 }, "level"),
        (Objective::Huber { delta: 0.0 }, "delta"),
        (Objective::Huber { delta: f64::INFINITY }, "delta"),
        (Objective::LambdaRank { truncation: 0 }, "truncation"),
    ] {
        let error = fit(loss, &data).unwrap_err();
        assert!(
            matches!(error, FitError::Config { parameter, .. } if parameter == name),
            "{error}"
        );
    }
    let graded = with_target(&data, f64::abs);
    let error = fit(Objective::LambdaRank { truncation: 3 }, &graded).unwrap_err();
    assert_eq!(error, FitError::NoGroups("training"));
    let error = fit(Objective::Gamma, &with_target(&data, |_| 0.0)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "row 0 of the training data: target is 0, expected a positive number"
    );
}

/// Pairs of a group, the better one by `x0`, in rows far apart.
#[test]
fn ranking_orders_within_groups_only() {
    let mut r = rng(3);
    let n = 2_000;
    // Groups differ in level, which is no use to the order within them.
    let x = Array2::from_shape_fn((n, 2), |(row, column)| match column {
        0 => r.random::<f64>(),
        _ => (row % 200) as f64,
    });
    let y = x.rows().into_iter().map(|row| (row[0] * 4.0).floor() + f64::from(row[1] > 100.0));
    let y = y.collect();
    let data = Dataset::new(vec![Column::numeric("quality"), Column::numeric("group")], x)
        .and_then(|d| d.with_target(y))
        .and_then(|d| d.with_groups((0..n as u32).map(|row| row % 200).collect()))
        .unwrap();
    let model = fit(Objective::LambdaRank { truncation: 10 }, &data).unwrap();
    let importance = model.importance();
    assert_eq!(importance[0].name.as_ref(), "quality");
    assert!(importance[1].gain < 0.01 * importance[0].gain, "{importance:?}");
    let scores: Vec<f64> =
        (0..10).map(|i| model.predict_row(&[0.05 + 0.1 * f64::from(i), 50.0]).unwrap()).collect();
    assert!(scores.windows(2).all(|pair| pair[0] <= pair[1]), "{scores:?}");
    // Groups by other numbers, rows in another order: the same model.
    let order: Vec<usize> = (0..n).map(|row| row * 7 % n).collect();
    let other = data.select(&order).unwrap();
    let groups = other.groups().unwrap().iter().map(|group| 1_000 - group).collect();
    let other =
        fit(Objective::LambdaRank { truncation: 10 }, &other.with_groups(groups).unwrap()).unwrap();
    let row = [0.33, 50.0];
    assert!((model.score_row(&row).unwrap() - other.score_row(&row).unwrap()).abs() < 0.2);
}

/// Half the squared error, as somebody else would write it.
#[derive(Debug)]
struct Own {
    broken: bool,
}

impl Loss for Own {
    fn name(&self) -> &str {
        "own"
    }
    fn parameters(&self) -> Vec<(&'static str, f64)> {
        vec![("factor", 0.5)]
    }
    fn link(&self) -> Link {
        Link::Log
    }
    fn derivatives_into(&self, scores: &[f64], rows: LossRows<'_>, out: &mut [Derivatives]) {
        for (i, d) in out.iter_mut().enumerate() {
            let w = if self.broken { -1.0 } else { rows.weights[i] };
            *d = [w * (scores[i] - rows.targets[i]), w];
        }
    }
    fn mean(&self, scores: &[f64], rows: LossRows<'_>) -> f64 {
        let total: f64 = rows.weights.iter().sum();
        let row = |i: usize| rows.weights[i] * (scores[i] - rows.targets[i]).powi(2);
        0.5 * (0..scores.len()).map(row).sum::<f64>() / total
    }
}

#[test]
fn a_loss_of_ones_own_is_trained_saved_and_loaded() {
    let data = made_up(2_000, 4, false, 6);
    let config = GbdtConfig::new(Objective::Squared);
    let built_in = config.fit(&data, None, &mut rng(1)).unwrap();
    let own = config.clone().with_loss(Arc::new(Own { broken: false }));
    let own = own.fit(&data, None, &mut rng(1)).unwrap();
    assert!((own.base_score() - built_in.base_score()).abs() < 1e-12);
    for row in data.features().rows().into_iter().take(100) {
        let row = row.as_slice().unwrap();
        let (own, built_in) = (own.predict_row(row).unwrap(), built_in.score_row(row).unwrap());
        assert!((own.ln() - built_in).abs() < 1e-9);
    }
    assert_eq!(own.loss().to_string(), "own (factor 0.5)");
    #[cfg(feature = "serde")]
    {
        let loaded = campaign_models::Gbdt::from_json(&own.to_json().unwrap()).unwrap();
        assert_eq!(loaded.loss(), own.loss());
        assert_eq!(loaded.predict_dataset(&data).unwrap(), own.predict_dataset(&data).unwrap());
    }
    let broken = config.with_loss(Arc::new(Own { broken: true }));
    let error = broken.fit(&data, None, &mut rng(1)).unwrap_err();
    assert!(matches!(error, FitError::Diverged { .. }), "{error}");
}
