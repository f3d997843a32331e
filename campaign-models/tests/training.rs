//! The training API: going on from a model, bins made once, sampling by gradient, validation that is
//! later, unseen levels, an end from outside.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::ops::ControlFlow;

use campaign_core::ndarray::array;
use campaign_core::{Column, Dataset, Error, Model};
use campaign_models::gbdt::{FitOptions, Goss, LossRows, Progress, UnseenLevels};
use campaign_models::{FitError, Gbdt, GbdtConfig, Loss, Objective, SchemaError};
use common::{levels, made_up, rng};
use jiff::{ToSpan, civil::date};

fn bits(model: &Gbdt, data: &Dataset) -> Vec<u64> {
    model.predict_dataset(data).unwrap().iter().map(|p| p.to_bits()).collect()
}

/// Parts of one data set: the first rows, and the rest.
fn parts(data: &Dataset, first: usize) -> (Dataset, Dataset) {
    let rows: Vec<usize> = (0..data.n_rows()).collect();
    (data.select(&rows[..first]).unwrap(), data.select(&rows[first..]).unwrap())
}

#[test]
fn fifty_trees_and_fifty_are_a_hundred() {
    for loss in [
        Objective::Squared,
        Objective::Logistic,
        Objective::Quantile { level: 0.4 },
        Objective::Huber { delta: 0.2 },
    ] {
        let data = made_up(2_000, 4, loss == Objective::Logistic, 8);
        let offset = (0..2_000).map(|row| f64::from(row % 5) * 0.1).collect();
        let data = data.with_offset(offset).unwrap();
        let config = |trees| GbdtConfig::new(loss).with_trees(trees);
        let whole = config(100).fit(&data, None, &mut rng(1)).unwrap();
        let half = config(50).fit(&data, None, &mut rng(1)).unwrap();
        let both = config(50).continue_from(&half, &data, None, &mut rng(2)).unwrap();
        assert_eq!((half.n_trees(), both.n_trees()), (50, 100));
        assert_eq!(bits(&both, &data), bits(&whole, &data), "{loss:?}");
        assert_ne!(bits(&half, &data), bits(&whole, &data), "{loss:?}");
        #[cfg(feature = "serde")]
        assert_eq!(both.to_json().unwrap(), whole.to_json().unwrap());
    }
}

#[test]
fn going_on_counts_and_stops_like_one_fit() {
    let data = made_up(3_000, 4, true, 8);
    let (train, valid) = parts(&data, 2_000);
    let config = |trees| GbdtConfig::new(Objective::Logistic).with_trees(trees);
    let mut whole = Vec::new();
    let mut observer = |p: Progress| {
        whole.push((p.trees, p.train_loss.to_bits(), p.valid_loss.unwrap().to_bits()));
        ControlFlow::Continue(())
    };
    config(40).fit_observed(&train, Some(&valid), &mut rng(1), &mut observer).unwrap();
    let start = config(25).fit(&train, None, &mut rng(1)).unwrap();
    let mut rest = Vec::new();
    let mut observer = |p: Progress| {
        assert_eq!(p.of, 40);
        rest.push((p.trees, p.train_loss.to_bits(), p.valid_loss.unwrap().to_bits()));
        ControlFlow::Continue(())
    };
    let prepared = config(15).prepare(&train).unwrap();
    let options = || FitOptions::default().with_valid(&valid).with_start(&start);
    config(15)
        .fit_prepared(&prepared, options().with_observer(&mut observer), &mut rng(1))
        .unwrap();
    assert_eq!(rest, whole[25..]);
    // Trees after which nothing gets better are not kept, those of the start are.
    let overfit = config(400).with_learning_rate(0.5).fit(&train, None, &mut rng(1)).unwrap();
    let stopping = config(30).with_early_stopping(Some(5));
    let stopped = stopping.continue_from(&overfit, &train, Some(&valid), &mut rng(1)).unwrap();
    assert!((400..405).contains(&stopped.n_trees()), "{}", stopped.n_trees());
}

#[test]
fn a_model_of_other_columns_or_another_loss_is_not_continued() {
    let data = made_up(300, 2, false, 1);
    let config = GbdtConfig::new(Objective::Quantile { level: 0.5 });
    let model = config.fit(&data, None, &mut rng(1)).unwrap();
    let error = config.continue_from(&model, &made_up(300, 3, false, 1), None, &mut rng(1));
    assert_eq!(
        error.unwrap_err().to_string(),
        "the training data and the model to continue: 5 columns, expected 4"
    );
    let other = GbdtConfig::new(Objective::Quantile { level: 0.6 });
    let error = other.continue_from(&model, &data, None, &mut rng(1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the loss is quantile (level 0.6), the model to continue was trained with quantile (level 0.5)"
    );
}

#[test]
fn prepared_bins_give_the_same_bits() {
    let data = made_up(2_000, 4, true, 8);
    let weights = (0..2_000).map(|row| f64::from(row % 4)).collect();
    let data = data.with_weights(weights).unwrap();
    let base = GbdtConfig::new(Objective::Logistic).with_trees(20);
    let prepared = base.prepare(&data).unwrap();
    for config in [
        base.clone(),
        base.clone().with_max_leaves(7).with_row_sample(0.5).with_column_sample(0.5),
        base.clone().with_max_depth(Some(3)).with_l1(0.5),
    ] {
        let fit = config.fit(&data, None, &mut rng(3)).unwrap();
        let of_bins = config.fit_prepared(&prepared, FitOptions::default(), &mut rng(3)).unwrap();
        assert_eq!(bits(&fit, &data), bits(&of_bins, &data));
    }
    let coarse = base.with_max_bins(16);
    let error = coarse.fit_prepared(&prepared, FitOptions::default(), &mut rng(3)).unwrap_err();
    assert!(matches!(error, FitError::Config { parameter: "max_bins", .. }), "{error}");
}

#[test]
fn rows_drawn_by_gradient_learn_almost_as_much_as_all() {
    let data = made_up(16_000, 4, true, 8);
    let (train, test) = parts(&data, 12_000);
    let loss = |config: &GbdtConfig| {
        let p = config.fit(&train, None, &mut rng(1)).unwrap().predict_dataset(&test).unwrap();
        let rows = p.iter().zip(test.target().unwrap());
        rows.map(|(p, y)| -(y * p.ln() + (1.0 - y) * (1.0 - p).ln())).sum::<f64>() / 4_000.0
    };
    let base = GbdtConfig::new(Objective::Logistic).with_trees(60).with_max_leaves(8);
    let all = loss(&base);
    let drawn = loss(&base.clone().with_goss(Some(Goss { top: 0.2, other: 0.2 })));
    let nothing = loss(&base.with_trees(0));
    assert!(drawn < all + 0.1 * (nothing - all), "{all} {drawn} {nothing}");
}

#[test]
fn drawing_by_gradient_is_seeded_and_checked() {
    let data = made_up(2_000, 4, true, 8);
    let config = GbdtConfig::new(Objective::Logistic)
        .with_trees(15)
        .with_goss(Some(Goss { top: 0.1, other: 0.2 }));
    let of = |seed| bits(&config.fit(&data, None, &mut rng(seed)).unwrap(), &data);
    assert_eq!(of(7), of(7));
    assert_ne!(of(7), of(8));
    // Everything drawn is everything.
    let all = config.clone().with_goss(Some(Goss { top: 0.25, other: 0.75 }));
    let plain = config.clone().with_goss(None);
    assert_eq!(
        bits(&all.fit(&data, None, &mut rng(1)).unwrap(), &data),
        bits(&plain.fit(&data, None, &mut rng(1)).unwrap(), &data)
    );
    for (top, other, name) in [
        (1.0, 0.1, "goss.top"),
        (-0.1, 0.1, "goss.top"),
        (0.5, 0.0, "goss.other"),
        (0.5, 0.6, "goss.other"),
        (f64::NAN, 0.6, "goss.top"),
    ] {
        let config = config.clone().with_goss(Some(Goss { top, other }));
        let error = config.fit(&data, None, &mut rng(1)).unwrap_err();
        assert!(
            matches!(error, FitError::Config { parameter, .. } if parameter == name),
            "{error}"
        );
    }
    let quantile = GbdtConfig::new(Objective::Quantile { level: 0.5 }).with_goss(config.goss);
    let error = quantile.fit(&data, None, &mut rng(1)).unwrap_err();
    assert!(matches!(error, FitError::Config { parameter: "goss.top", .. }), "{error}");
    let both = config.with_row_sample(0.5).fit(&data, None, &mut rng(1)).unwrap_err();
    assert!(matches!(both, FitError::Config { parameter: "row_sample", .. }), "{both}");
}

#[test]
fn rows_not_drawn_are_scored_as_the_model_scores_them() {
    let data = made_up(3_000, 4, true, 8);
    let base = GbdtConfig::new(Objective::Logistic).with_trees(12);
    for config in [
        base.clone().with_row_sample(0.3),
        base.with_goss(Some(Goss { top: 0.1, other: 0.1 })).with_column_sample(0.5),
    ] {
        let mut last = f64::NAN;
        let mut observer = |p: Progress| {
            last = p.train_loss;
            ControlFlow::Continue(())
        };
        let model = config.fit_observed(&data, None, &mut rng(1), &mut observer).unwrap();
        let rows = data.features();
        let score = |row: usize| model.score_row(rows.row(row).as_slice().unwrap()).unwrap();
        let scores: Vec<f64> = (0..3_000).map(score).collect();
        let rows = LossRows::new(data.target().unwrap(), data.weights().unwrap());
        assert_eq!(Objective::Logistic.mean(&scores, rows).to_bits(), last.to_bits());
    }
}

#[test]
fn early_stopping_wants_validation_data_that_are_later() {
    let data = made_up(400, 2, false, 1);
    let days = (0..400).map(|row| date(2026, 1, 1) + (row / 10).days()).collect();
    let dated = data.clone().with_days(days).unwrap();
    let (early, late) = parts(&dated, 300);
    let config = GbdtConfig::new(Objective::Squared).with_trees(5);
    let stopping = config.clone().with_early_stopping(Some(2));
    assert!(stopping.fit(&early, Some(&late), &mut rng(1)).is_ok());
    let error = stopping.fit(&late, Some(&early), &mut rng(1)).unwrap_err();
    assert_eq!(
        error,
        FitError::ValidationNotLater {
            first_valid: date(2026, 1, 1),
            last_train: date(2026, 2, 9)
        }
    );
    // A shared day is not later.
    let (before, shared) = parts(&dated, 305);
    let error = stopping.fit(&before, Some(&shared), &mut rng(1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "validation data begin on 2026-01-31 and training data end on 2026-01-31; early stopping needs \
         validation data that are later"
    );
    // To be told of the loss, and without days, any order will do.
    assert!(config.fit(&late, Some(&early), &mut rng(1)).is_ok());
    let (first, rest) = parts(&data, 200);
    assert!(stopping.fit(&rest, Some(&first), &mut rng(1)).is_ok());
    // Rows that do not count have no day.
    let weights = (0..400).map(|row| f64::from(row < 300)).collect();
    let counted = dated.with_weights(weights).unwrap();
    assert!(stopping.fit(&counted, Some(&late), &mut rng(1)).is_ok());
}

/// Levels a, b, c, d, of which training rows have a and c.
fn with_levels(rows: &[f64]) -> Dataset {
    let columns = vec![Column::numeric("x"), Column::categorical("channel", levels(4))];
    let x = rows.iter().flat_map(|level| [level + 0.5, *level]).collect();
    Dataset::new(
        columns,
        campaign_core::ndarray::Array2::from_shape_vec((rows.len(), 2), x).unwrap(),
    )
    .and_then(|d| d.with_target(rows.iter().map(|l| if *l == 2.0 { 3.0 } else { 1.0 }).collect()))
    .unwrap()
}

#[test]
fn unseen_levels_are_missing_or_refused() {
    let seen: Vec<f64> = (0..60).map(|row| [0.0, 2.0, f64::NAN][row % 3]).collect();
    let train = with_levels(&seen);
    let config = GbdtConfig::new(Objective::Squared).with_interaction(["channel"]);
    let lenient = config.fit(&train, None, &mut rng(1)).unwrap();
    let missing = lenient.predict_row(&[f64::NAN, f64::NAN]).unwrap();
    for level in [1.0, 3.0, 9.0, -1.0, 0.5] {
        assert_eq!(lenient.predict_row(&[f64::NAN, level]), Ok(missing), "{level}");
    }
    let config = config.with_unseen_levels(UnseenLevels::Refuse);
    let strict = config.fit(&train, None, &mut rng(1)).unwrap();
    assert_eq!(lenient.unseen_levels(), UnseenLevels::AsMissing);
    let check = |strict: &Gbdt| {
        assert_eq!(strict.unseen_levels(), UnseenLevels::Refuse);
        assert_eq!(bits(strict, &train), bits(&lenient, &train));
        for level in [1.0, 3.0, 9.0, -1.0, 0.5, f64::INFINITY] {
            let refused = Error::UnseenLevel { row: 0, column: 1, value: level };
            assert_eq!(strict.predict_row(&[0.0, level]), Err(refused));
            assert_eq!(strict.score_row(&[0.0, level]), Err(refused));
            let x = array![[0.0, 2.0], [0.0, f64::NAN], [0.0, level]];
            let refused = Error::UnseenLevel { row: 2, column: 1, value: level };
            assert_eq!(strict.predict(x.view()), Err(refused));
        }
        let error = strict.predict_dataset(&with_levels(&[0.0, 2.0, 1.0])).unwrap_err();
        assert!(matches!(error, SchemaError::UnseenLevel { row: 2, .. }));
        assert_eq!(
            error.to_string(),
            r#"row 2, column "channel": no training row had level "level 1""#
        );
    };
    check(&strict);
    #[cfg(feature = "serde")]
    check(&Gbdt::from_json(&strict.to_json().unwrap()).unwrap());
    // A model that goes on has also seen what it saw before.
    let more = with_levels(&[1.0; 30]);
    let both = config.continue_from(&strict, &more, None, &mut rng(1)).unwrap();
    assert!(both.predict_dataset(&train).is_ok() && both.predict_dataset(&more).is_ok());
    assert!(both.predict_row(&[0.0, 3.0]).is_err());
}

#[test]
fn columns_and_levels_are_found_by_name() {
    let data = made_up(600, 3, false, 3);
    let days = (0..600).map(|row| date(2026, 1, 1) + (row / 10).days()).collect();
    let data = data.with_offset(vec![0.5; 600]).and_then(|d| d.with_days(days)).unwrap();
    let lenient = GbdtConfig::new(Objective::Squared).with_trees(20);
    let strict = lenient.clone().with_unseen_levels(UnseenLevels::Refuse);
    let lenient = lenient.fit(&data, None, &mut rng(1)).unwrap();
    let strict = strict.fit(&data, None, &mut rng(1)).unwrap();
    // Columns the other way round with one more, and channels in another order with a new one.
    let (n, old) = (data.columns().len(), data.features());
    let mut columns: Vec<Column> = data.columns().iter().rev().cloned().collect();
    let mut names: Vec<_> = levels(5).iter().rev().cloned().collect();
    names.push("new".into());
    columns[1] = Column::categorical("channel", names);
    columns.push(Column::numeric("more"));
    let x = campaign_core::ndarray::Array2::from_shape_fn((600, n + 1), |(row, c)| match c {
        1 => 4.0 - old[[row, n - 2]],
        c if c < n => old[[row, n - 1 - c]],
        _ => 7.0,
    });
    let other = data.clone().with_features(columns.clone(), x.clone()).unwrap();
    assert!(matches!(lenient.predict_dataset(&other), Err(SchemaError::Count { .. })));
    assert_eq!(lenient.align(&other).unwrap().days(), data.days());
    assert_eq!(bits(&lenient, &lenient.align(&other).unwrap()), bits(&lenient, &data));
    assert_eq!(bits(&strict, &strict.align(&other).unwrap()), bits(&lenient, &data));
    // A row of the new channel is as one of none, or refused.
    let mut new = x;
    new[[9, 1]] = 5.0;
    let other = other.with_features(columns.clone(), new.clone()).unwrap();
    let aligned = lenient.align(&other).unwrap();
    assert!(aligned.features()[[9, n - 2]].is_nan());
    let error = strict.align(&other).unwrap_err();
    assert!(matches!(error, SchemaError::UnseenLevel { row: 9, .. }), "{error}");
    columns[1] = Column::numeric("channel");
    let error = lenient.align(&other.clone().with_features(columns.clone(), new.clone()).unwrap());
    assert!(matches!(error.unwrap_err(), SchemaError::Kind { .. }));
    columns[1] = Column::numeric("another");
    let error = lenient.align(&other.with_features(columns, new).unwrap()).unwrap_err();
    assert_eq!(error.to_string(), r#"there is no column "channel""#);
}

#[test]
fn an_observer_ends_a_fit_that_went_on() {
    let data = made_up(500, 3, false, 3);
    let config = GbdtConfig::new(Objective::Squared).with_trees(10);
    let start = config.fit(&data, None, &mut rng(1)).unwrap();
    let mut observer = |p: Progress| {
        if p.trees == 13 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let prepared = config.prepare(&data).unwrap();
    let options = FitOptions::default().with_start(&start).with_observer(&mut observer);
    let model = config.fit_prepared(&prepared, options, &mut rng(1)).unwrap();
    assert_eq!(model.n_trees(), 13);
}
