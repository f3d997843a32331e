//! Searching the settings of boosted trees: the numbers are those of plain fits, the search beats
//! random search, and the report says when it was for nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use campaign_core::ndarray::Array2;
use campaign_core::rand::{Rng, RngExt};
use campaign_core::{Column, Dataset};
use campaign_models::metrics::{Bootstrap, Outcomes};
use campaign_models::tune::{
    GbdtObjective, Limits, MeasureError, Point, Sampler, Schedule, Space, Study, StudyConfig, Tpe,
    TuneReport, Verdict,
};
use campaign_models::{GbdtConfig, Metric, Objective, ShuffledFolds};
use common::rng;
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

/// A product, a step and noise.
fn made(rows: usize, noise: f64, seed: u64) -> Dataset {
    let mut rng = rng(seed);
    let x = Array2::from_shape_fn((rows, 4), |_| 2.0 * rng.random::<f64>() - 1.0);
    let of = |r: campaign_core::ndarray::ArrayView1<'_, f64>| {
        2.0 * r[0] * r[1] + f64::from(u8::from(r[2] > 0.3))
    };
    let signal: Vec<f64> = x.rows().into_iter().map(of).collect();
    let y = signal.iter().map(|s| s + noise * (rng.random::<f64>() - 0.5)).collect();
    let columns = (0..4).map(|c| Column::numeric(format!("x{c}"))).collect();
    Dataset::new(columns, x).unwrap().with_target(y).unwrap()
}

fn splits(data: &Dataset, k: usize) -> Vec<(Dataset, Dataset)> {
    let folds = ShuffledFolds::new(data, k, &mut rng(1)).unwrap();
    (0..k).map(|fold| folds.split(fold).unwrap()).collect()
}

fn point() -> Point {
    Point::new().number("learning_rate", 0.2).integer("max_leaves", 9).number("row_sample", 0.7)
}

#[test]
fn a_measurement_is_the_mean_of_plain_fits() {
    let splits = splits(&made(400, 1.0, 1), 3);
    let base = GbdtConfig::new(Objective::Squared).with_trees(20);
    let objective = GbdtObjective::new(base.clone(), Metric::Rmse, &splits).unwrap();
    let got = objective.measure(&point(), 0.5, &mut rng(3)).unwrap();
    let seed = rng(3).next_u64();
    let config =
        base.with_learning_rate(0.2).with_max_leaves(9).with_row_sample(0.7).with_trees(10);
    let mut sum = 0.0;
    for (split, (train, valid)) in splits.iter().enumerate() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed.wrapping_add(split as u64));
        let model = config.fit(train, None, &mut rng).unwrap();
        let predicted = model.predict_dataset(valid).unwrap();
        sum += Metric::Rmse.evaluate(valid.target().unwrap(), &predicted, None).unwrap();
    }
    assert_eq!(got.to_bits(), (sum / 3.0).to_bits());
    // A metric of which more is better is negated.
    let binary = splits.iter().map(|(t, v)| {
        let binary = |d: &Dataset| {
            let y = d.target().unwrap().iter().map(|y| f64::from(u8::from(*y > 0.5))).collect();
            d.clone().with_target(y).unwrap()
        };
        (binary(t), binary(v))
    });
    let binary: Vec<_> = binary.collect();
    let base = GbdtConfig::new(Objective::Logistic).with_trees(20);
    let auc = GbdtObjective::new(base, Metric::Auc, &binary).unwrap();
    let value = auc.measure(&point(), 1.0, &mut rng(3)).unwrap();
    assert!((-1.0..-0.6).contains(&value), "{value}");
}

#[test]
fn more_trees_go_on_to_the_bits_of_a_fit_from_the_beginning() {
    let splits = splits(&made(300, 1.0, 2), 2);
    let base = GbdtConfig::new(Objective::Squared).with_trees(27).with_row_sample(0.6);
    let begin = || GbdtObjective::new(base.clone(), Metric::Mae, &splits).unwrap();
    let (going_on, anew) = (begin(), begin());
    for budget in [1.0 / 9.0, 1.0 / 3.0, 1.0] {
        let value = going_on.measure(&point(), budget, &mut rng(4)).unwrap();
        let fresh = begin().measure(&point(), budget, &mut rng(4)).unwrap();
        assert_eq!(value.to_bits(), fresh.to_bits());
    }
    // Fewer trees than there are, or as many, cannot be gone on to.
    let full = anew.measure(&point(), 1.0, &mut rng(4)).unwrap();
    let third = anew.measure(&point(), 1.0 / 3.0, &mut rng(4)).unwrap();
    let ninth = anew.measure(&point(), 1.0 / 9.0, &mut rng(4)).unwrap();
    assert_eq!(
        ninth.to_bits(),
        begin().measure(&point(), 1.0 / 9.0, &mut rng(4)).unwrap().to_bits()
    );
    assert!(full < third && third < ninth);
    // So a study with rungs is the same after a stop that lost what was kept.
    let config = StudyConfig::default().with_schedule(Schedule::Halving { factor: 3, rungs: 3 });
    let space = Space::new().log_uniform("learning_rate", 0.01, 0.5).integer("max_leaves", 2, 15);
    let study = || Study::new(space.clone(), config.clone(), &mut rng(5)).unwrap();
    let mut whole = study();
    whole.run(Limits::cost(6.0), |p, b, r| going_on.measure(p, b, r));
    let mut stopped = study();
    for cost in [1.0, 2.5, 6.0] {
        let objective = begin();
        stopped.run(Limits::cost(cost), |p, b, r| objective.measure(p, b, r));
    }
    assert_eq!(whole, stopped);
}

/// In 15 of 20 seeds or more, which random search itself would reach one time in 48 (sign test).
#[test]
fn beats_random_search_on_boosted_trees() {
    let data = made(240, 1.0, 3);
    let splits = splits(&data, 2);
    let base = GbdtConfig::new(Objective::Squared).with_trees(12);
    let objective = GbdtObjective::new(base, Metric::Rmse, &splits).unwrap();
    let space = Space::new()
        .log_uniform("learning_rate", 0.005, 1.0)
        .log_integer("max_leaves", 2, 64)
        .log_integer("min_child_rows", 1, 100)
        .log_uniform("l2", 0.01, 100.0)
        .choice("growth", ["leaf_wise", "depth_wise"]);
    let found = |sampler, seed| {
        let config = StudyConfig::default().with_sampler(sampler);
        let mut study = Study::new(space.clone(), config, &mut rng(seed)).unwrap();
        study.run(Limits::trials(60), |p, b, r| objective.measure(p, b, r));
        study.best().unwrap().value().unwrap()
    };
    let pairs: Vec<(f64, f64)> = (0..20)
        .map(|seed| (found(Sampler::Tpe(Tpe::default()), seed), found(Sampler::Random, seed)))
        .collect();
    let wins = pairs.iter().filter(|(tpe, random)| tpe < random).count();
    println!("{wins} of 20, (found, by random search): {pairs:.4?}");
    assert!(wins >= 15, "{wins} of 20: {pairs:?}");
}

/// Searches on three quarters of the training rows and judges on the hold-out.
fn report(data: &Dataset, holdout: &Dataset, base: GbdtConfig, seed: u64) -> TuneReport {
    let splits = splits(data, 3);
    let objective = GbdtObjective::new(base.clone(), Metric::Rmse, &splits).unwrap();
    let space = GbdtObjective::default_space();
    let mut study = Study::new(space, StudyConfig::default(), &mut rng(seed)).unwrap();
    study.run(Limits::trials(30), |p, b, r| objective.measure(p, b, r));
    let tuned = objective.config_at(&study.best().unwrap().point).unwrap();
    let predict = |config: &GbdtConfig| {
        let model = config.fit(data, None, &mut rng(9)).unwrap();
        model.predict_dataset(holdout).unwrap()
    };
    let (defaults, tuned) = (predict(&base), predict(&tuned));
    let outcomes = Outcomes::of(holdout).unwrap();
    let bootstrap = Bootstrap::rows();
    TuneReport::new(Metric::Rmse, &outcomes, &defaults, &tuned, &bootstrap, &mut rng(1)).unwrap()
}

#[test]
fn the_report_says_when_tuning_helped_and_when_it_did_not() {
    let base = GbdtConfig::new(Objective::Squared).with_trees(40);
    // Far too slow a learner by default.
    let slow = base.clone().with_learning_rate(0.005);
    let helped = report(&made(600, 0.5, 4), &made(600, 0.5, 5), slow, 1);
    assert_eq!(helped.verdict, Verdict::Helped);
    assert!(helped.tuned < helped.defaults && helped.difference.high < 0.0);
    assert!(helped.to_string().ends_with("tuning helped"), "{helped}");
    // Nothing but noise, and defaults that predict its mean.
    let noise = |seed| {
        let data = made(600, 1.0, seed);
        let mut rng = rng(100 + seed);
        let y = (0..600).map(|_| rng.random::<f64>()).collect();
        data.with_target(y).unwrap()
    };
    let careful = base.clone().with_learning_rate(0.001).with_max_leaves(2);
    let report = report(&noise(6), &noise(7), careful, 2);
    assert_ne!(report.verdict, Verdict::Helped, "{report}");
    assert!(!report.to_string().ends_with("tuning helped"), "{report}");
    // By hand: worse by far, and the same.
    let y: Vec<f64> = (0..100).map(f64::from).collect();
    let worse: Vec<f64> = (0..100).map(|i| f64::from(i) + f64::from(i % 7) + 1.0).collect();
    let of = |metric, defaults: &[f64], tuned: &[f64]| {
        let b = Bootstrap::rows();
        TuneReport::new(metric, &Outcomes::new(&y), defaults, tuned, &b, &mut rng(1)).unwrap()
    };
    assert_eq!(of(Metric::Mae, &y, &worse).verdict, Verdict::Harmed);
    assert_eq!(of(Metric::Mae, &worse, &y).verdict, Verdict::Helped);
    assert_eq!(of(Metric::Mae, &worse, &worse).verdict, Verdict::NoDifference);
}

#[test]
fn a_metric_of_which_more_is_better_is_read_the_other_way() {
    let y: Vec<f64> = (0..200).map(|i| f64::from(i % 2)).collect();
    let good: Vec<f64> = (0..200).map(|i| f64::from(i % 2) + f64::from(i % 7) / 10.0).collect();
    let bad: Vec<f64> = (0..200).map(|i| f64::from(i % 7)).collect();
    let of = |defaults: &[f64], tuned: &[f64]| {
        let b = Bootstrap::rows();
        TuneReport::new(Metric::Auc, &Outcomes::new(&y), defaults, tuned, &b, &mut rng(1)).unwrap()
    };
    assert_eq!(of(&bad, &good).verdict, Verdict::Helped);
    assert_eq!(of(&good, &bad).verdict, Verdict::Harmed);
}

#[test]
fn the_base_is_a_point_and_wrong_parameters_are_named() {
    let splits = splits(&made(60, 1.0, 8), 2);
    let base = GbdtConfig::new(Objective::Squared).with_trees(3).with_max_leaves(20);
    let objective = GbdtObjective::new(base.clone(), Metric::Rmse, &splits).unwrap();
    let space = GbdtObjective::default_space().choice("growth", ["leaf_wise", "depth_wise"]);
    let start = objective.start(&space).unwrap();
    assert_eq!(start.get_integer("max_leaves"), Some(20));
    assert_eq!(format!("{:?}", objective.config_at(&start).unwrap()), format!("{base:?}"));
    assert!(Study::new(space, StudyConfig::default().with_start(start), &mut rng(1)).is_ok());
    for point in [
        Point::new().number("max_bins", 9.0),
        Point::new().number("max_leaves", 9.5),
        Point::new().integer("max_leaves", -1),
        Point::new().choice("growth", "sideways"),
        Point::new().choice("l2", "much"),
    ] {
        let error = objective.measure(&point, 1.0, &mut rng(1)).unwrap_err();
        assert!(matches!(error, MeasureError::Parameter { .. }), "{error}");
    }
    let depth = Space::new().integer("max_depth", 2, 9);
    assert!(matches!(objective.start(&depth), Err(MeasureError::Parameter { .. })));
    let deep = objective.config_at(&Point::new().integer("max_depth", 4)).unwrap();
    assert_eq!(deep.max_depth, Some(4));
    let wild = objective.measure(&Point::new().number("l2", -1.0), 1.0, &mut rng(1)).unwrap_err();
    assert!(matches!(wild, MeasureError::Fit { split: 0, .. }), "{wild}");
    let auc = GbdtObjective::new(base.clone(), Metric::Auc, &splits).unwrap();
    let error = auc.measure(&Point::new(), 1.0, &mut rng(1)).unwrap_err();
    assert!(matches!(error, MeasureError::Metric { split: 0, .. }), "{error}");
    let stopping = base.clone().with_early_stopping(Some(3));
    let error = GbdtObjective::new(stopping, Metric::Rmse, &splits).unwrap_err();
    assert_eq!(error, MeasureError::EarlyStopping);
    assert_eq!(GbdtObjective::new(base, Metric::Rmse, &[]).unwrap_err(), MeasureError::NoSplits);
}
