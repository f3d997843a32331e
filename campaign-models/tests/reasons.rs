//! Reasons in words, and the data of plots.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use campaign_core::ndarray::{Array2, s};
use campaign_core::{Column, Dataset, Model};
use campaign_models::explain::{
    ExplainError, ReasonValue, Reasons, TreeShap, column_effects, pair_effects,
};
use campaign_models::{Gbdt, GbdtConfig, Objective};
use common::rng;

/// Spend, channel and a column that says nothing; the target is in powers of `e` of
/// `spend >= 5` (1) and `channel = social` (-2), from a base of 1.
fn fitted(objective: Objective) -> Gbdt {
    let x = Array2::from_shape_fn((400, 3), |(row, c)| match c {
        0 if row % 20 == 0 => f64::NAN,
        0 => (row / 2 % 10) as f64,
        1 => (row % 2) as f64,
        _ => 1.0,
    });
    let target = x.rows().into_iter().map(|row| {
        let score = f64::from(u8::from(row[0] >= 5.0)) - 2.0 * row[1] + 1.0;
        match objective {
            Objective::Logistic => 1.0 / (1.0 + (-score).exp()),
            Objective::Poisson => score.exp(),
            _ => score,
        }
    });
    let target = target.collect();
    let channel = Column::categorical("channel", vec!["search".into(), "social".into()]);
    let columns = vec![Column::numeric("spend_7d"), channel, Column::numeric("flat")];
    let data = Dataset::new(columns, x).and_then(|d| d.with_target(target)).unwrap();
    let config = GbdtConfig::new(objective).with_trees(300).with_l2(0.0).with_categorical_l2(0.0);
    config.fit(&data, None, &mut rng(1)).unwrap()
}

fn reasons(model: &Gbdt, row: &[f64]) -> Reasons {
    let shap = TreeShap::new(model);
    Reasons::new(model, row, shap.base_value(), &shap.explain_row(row).unwrap()).unwrap()
}

#[test]
fn parts_have_sign_size_and_meaning() {
    for (objective, link) in [
        (Objective::Squared, (|s| s) as fn(f64) -> f64),
        (Objective::Logistic, |s| 1.0 / (1.0 + (-s).exp())),
        (Objective::Poisson, f64::exp),
    ] {
        let model = fitted(objective);
        let row = [7.0, 1.0, 1.0];
        let got = reasons(&model, &row);
        assert!((got.prediction - model.predict_row(&row).unwrap()).abs() < 1e-12);
        assert!((got.base_prediction - link(got.base_score)).abs() < 1e-12);
        let names: Vec<&str> = got.features.iter().map(|f| f.name.as_ref()).collect();
        assert_eq!(names, ["channel", "spend_7d", "flat"]);
        let [channel, spend, flat] = &got.features[..] else { panic!() };
        assert_eq!(channel.value, ReasonValue::Level("social".into()));
        assert_eq!(spend.value, ReasonValue::Number(7.0));
        assert!(channel.contribution < -0.5 && spend.contribution > 0.2);
        assert_eq!((flat.contribution, flat.factor.unwrap_or(1.0)), (0.0, 1.0));
        for f in &got.features {
            assert!((f.without - link(got.score - f.contribution)).abs() < 1e-12);
            // A factor is what the odds or the prediction are divided by to be without the part.
            let change = match objective {
                Objective::Logistic => {
                    let odds = |p: f64| p / (1.0 - p);
                    odds(got.prediction) / odds(f.without)
                }
                _ => got.prediction / f.without,
            };
            match f.factor {
                Some(factor) => assert!((factor / change - 1.0).abs() < 1e-9),
                None => assert_eq!(objective, Objective::Squared),
            }
        }
    }
}

#[test]
fn text_is_plain() {
    let model = fitted(Objective::Squared);
    let text = |row: &[f64], n| reasons(&model, row).top(n).to_string();
    let lines = |row: &[f64], n| text(row, n).lines().map(str::to_owned).collect::<Vec<_>>();
    let got = lines(&[7.0, 1.0, 1.0], 2);
    assert_eq!(got.len(), 3, "{got:?}");
    assert!(got[0].starts_with("predicted ") && got[0].ends_with(" where nothing is known"));
    assert!(got[1].starts_with("channel is social: lowers the prediction by "), "{}", got[1]);
    assert!(got[1].ends_with(" without it)"), "{}", got[1]);
    assert!(got[2].starts_with("spend_7d is 7: raises the prediction by "), "{}", got[2]);
    let got = lines(&[7.0, 1.0, 1.0], 1);
    assert!(got[2].starts_with("the rest (1 column): raises the prediction by "), "{}", got[2]);
    let got = lines(&[f64::NAN, 0.5, 1.0], 2).join("\n");
    assert!(got.contains("spend_7d is missing: "), "{got}");
    assert!(got.contains("channel is 0.5, which is no level: "), "{got}");

    let got = reasons(&fitted(Objective::Logistic), &[7.0, 1.0, 1.0]).top(9).to_string();
    assert!(got.contains("channel is social: lowers the odds by ") && got.contains('%'), "{got}");
    let got = reasons(&fitted(Objective::Poisson), &[7.0, 0.0, 1.0]).top(9).to_string();
    assert!(got.contains("channel is search: raises the prediction by "), "{got}");
    assert!(!got.contains("flat"), "{got}");
}

#[test]
fn values_of_another_row_are_refused() {
    let model = fitted(Objective::Squared);
    let shap = TreeShap::new(&model);
    let values = shap.explain_row(&[7.0, 1.0, 1.0]).unwrap();
    let make = |row: &[f64], values: &[f64]| Reasons::new(&model, row, shap.base_value(), values);
    assert!(matches!(make(&[7.0, 0.0, 1.0], &values), Err(ExplainError::NotAdditive { .. })));
    assert!(matches!(make(&[7.0, 1.0, 1.0], &values[..2]), Err(ExplainError::Model(_))));
    assert!(matches!(make(&[7.0], &values), Err(ExplainError::Model(_))));
    let unknown = [f64::NAN, values[1], values[2]];
    assert!(matches!(make(&[7.0, 1.0, 1.0], &unknown), Err(ExplainError::NotAdditive { .. })));
}

#[test]
fn plots_have_their_data() {
    let data = common::made_up(300, 3, false, 4);
    let config = GbdtConfig::new(Objective::Squared).with_trees(20);
    let model = config.fit(&data, None, &mut rng(1)).unwrap();
    let (shap, x) = (TreeShap::new(&model), data.features());
    let values = shap.explain(x).unwrap();
    let effects = column_effects(model.columns(), x, values.view()).unwrap();
    assert_eq!(effects.len(), 5);
    assert!(effects.windows(2).all(|w| w[0].mean_size >= w[1].mean_size));
    for effect in &effects {
        let at = model.columns().iter().position(|c| c.name == effect.name).unwrap();
        let bits = |v: f64| v.to_bits();
        assert!(effect.values.iter().zip(x.column(at)).all(|(a, b)| bits(*a) == bits(*b)));
        assert_eq!(effect.effects, values.column(at).to_vec());
        let mean = effect.effects.iter().map(|v| v.abs()).sum::<f64>() / 300.0;
        assert!((effect.mean_size - mean).abs() < 1e-12);
    }
    let few = x.slice(s![..40, ..]);
    let pairs = shap.interactions(few).unwrap();
    let strength = pair_effects(model.columns(), pairs.view()).unwrap();
    assert!(!strength.is_empty() && strength.len() <= 10);
    assert!(strength.windows(2).all(|w| w[0].mean_size >= w[1].mean_size));
    let [a, b] = strength[0]
        .names
        .clone()
        .map(|name| model.columns().iter().position(|c| c.name == name).unwrap());
    let mean: f64 = (0..40).map(|r| pairs[[r, a, b]].abs() + pairs[[r, b, a]].abs()).sum();
    assert!((strength[0].mean_size - mean / 40.0).abs() < 1e-12);
    assert!(column_effects(&model.columns()[1..], x, values.view()).is_err());
    assert!(column_effects(model.columns(), few, values.view()).is_err());
    assert!(pair_effects(&model.columns()[1..], pairs.view()).is_err());
    assert_eq!(model.n_features(), 5);
}
