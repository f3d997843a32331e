//! Saved models come back bit for bit, and damaged ones are refused.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use campaign_core::rand::RngExt;
use campaign_core::{Column, Model};
use campaign_models::gbdt::{FORMAT_VERSION, LoadError};
use campaign_models::{Gbdt, GbdtConfig, Objective, SavedError, SchemaError};
use common::{levels, made_up, rng};
use serde_json::{Value, json};

fn model(loss: Objective) -> (Gbdt, campaign_core::Dataset) {
    let data = made_up(1_500, 4, loss == Objective::Logistic, 8);
    let config = GbdtConfig::new(loss).with_trees(15);
    (config.fit(&data, None, &mut rng(1)).unwrap(), data)
}

fn small() -> Gbdt {
    let data = made_up(200, 2, false, 8);
    GbdtConfig::new(Objective::Squared).with_trees(2).fit(&data, None, &mut rng(1)).unwrap()
}

#[test]
fn round_trip_is_bit_equal() {
    for loss in [Objective::Squared, Objective::Logistic] {
        let (model, data) = model(loss);
        let saved = model.to_json().unwrap();
        let loaded = Gbdt::from_json(&saved).unwrap();
        let a = model.predict(data.features()).unwrap();
        let b = loaded.predict(data.features()).unwrap();
        assert!(a.iter().zip(&b).all(|(a, b)| a.to_bits() == b.to_bits()));
        assert_eq!(loaded.to_json().unwrap(), saved);
        assert_eq!(loaded.importance(), model.importance());
        assert_eq!(loaded.columns(), data.columns());
        // A formatter may change the spaces.
        let value: Value = serde_json::from_str(&saved).unwrap();
        assert!(Gbdt::from_json(&serde_json::to_string_pretty(&value).unwrap()).is_ok());
    }
}

#[test]
fn losses_come_back_with_their_parameters() {
    let data = made_up(300, 2, true, 8).with_groups((0..300).map(|row| row / 5).collect()).unwrap();
    for (loss, name) in [
        (Objective::Poisson, "poisson"),
        (Objective::Tweedie { power: 1.25 }, "tweedie (power 1.25)"),
        (Objective::Quantile { level: 0.1 }, "quantile (level 0.1)"),
        (Objective::Huber { delta: 0.1 }, "huber (delta 0.1)"),
        (Objective::LambdaRank { truncation: 3 }, "lambda_rank (truncation 3)"),
    ] {
        let model = GbdtConfig::new(loss).with_trees(3).fit(&data, None, &mut rng(1)).unwrap();
        let loaded = Gbdt::from_json(&model.to_json().unwrap()).unwrap();
        assert_eq!((loaded.loss(), loaded.loss().to_string()), (model.loss(), name.to_string()));
        assert_eq!(loaded.predict_dataset(&data), model.predict_dataset(&data));
    }
    let gamma = forged(|p| p["loss"]["link"] = json!("probit"));
    assert!(matches!(gamma, Err(LoadError::Saved(SavedError::Json(_)))));
    let infinite = forged(|p| p["loss"]["parameters"] = json!([["power", null]]));
    assert!(matches!(infinite, Err(LoadError::Saved(SavedError::Json(_)))));
}

#[test]
fn seen_levels_must_be_those_of_the_columns() {
    for seen in [
        json!([]),
        json!([{"column": 2, "seen": vec![true; 5]}]),
        json!([{"column": 2, "seen": vec![true; 4]}, {"column": 3, "seen": vec![true; 300]}]),
        json!([{"column": 3, "seen": vec![true; 300]}, {"column": 2, "seen": vec![true; 5]}]),
    ] {
        let loaded = forged(|p| p["seen_levels"] = seen.clone());
        assert!(matches!(loaded, Err(LoadError::SeenLevels)), "{seen}");
    }
    let seen =
        json!([{"column": 2, "seen": vec![true; 5]}, {"column": 3, "seen": vec![false; 300]}]);
    let model = forged(|p| p["seen_levels"] = seen).unwrap();
    assert!(model.predict_row(&[0.0, 0.0, 4.0, f64::NAN]).is_ok());
    assert!(model.predict_row(&[0.0, 0.0, 4.0, 0.0]).is_err());
}

#[test]
fn the_schema_is_checked() {
    let (model, data) = model(Objective::Squared);
    assert_eq!(model.check_schema(data.columns()), Ok(()));
    assert_eq!(
        model.predict_dataset(&data).unwrap(),
        model.predict(data.features()).unwrap().to_vec()
    );
    let order: Vec<usize> = (0..data.columns().len()).rev().collect();
    let other = common::permuted(&data, &order);
    assert!(matches!(model.predict_dataset(&other), Err(SchemaError::Name { index: 0, .. })));
    let mut columns = data.columns().to_vec();
    columns[4] = Column::categorical("channel", levels(6));
    assert!(matches!(model.check_schema(&columns), Err(SchemaError::Level { index: 5, .. })));
    columns[4] = Column::numeric("channel");
    assert!(matches!(model.check_schema(&columns), Err(SchemaError::Kind { .. })));
}

/// Changes the payload and mends the checksum, so that only the structural checks stand.
fn forged(change: impl FnOnce(&mut Value)) -> Result<Gbdt, LoadError> {
    let mut value: Value = serde_json::from_str(&small().to_json().unwrap()).unwrap();
    change(&mut value["payload"]);
    for _ in 0..2 {
        match Gbdt::from_json(&value.to_string()) {
            Err(LoadError::Saved(SavedError::Checksum { got, .. })) => value["sha256"] = got.into(),
            other => return other,
        }
    }
    Gbdt::from_json(&value.to_string())
}

#[test]
fn the_forger_can_load_what_is_sound() {
    let changed = forged(|p| p["base_score"] = json!(7.5)).unwrap();
    assert_eq!(changed.base_score(), 7.5);
}

#[test]
fn trees_that_are_none_are_refused() {
    type Change = fn(&mut Value);
    let tree: [(&str, Change); 9] = [
        ("a node leads back", |p| p["trees"][0]["nodes"][1]["left"] = json!(1)),
        ("a node leads back", |p| p["trees"][1]["nodes"][1]["right"] = json!(0)),
        ("a child does not exist", |p| p["trees"][0]["nodes"][0]["left"] = json!(1_000)),
        ("a child does not exist", |p| p["trees"][0]["nodes"][0]["left"] = json!(i32::MIN)),
        ("a child has two parents", |p| {
            let left = p["trees"][0]["nodes"][0]["left"].clone();
            p["trees"][0]["nodes"][0]["right"] = left;
        }),
        ("a feature does not exist", |p| p["trees"][0]["nodes"][0]["feature"] = json!(99)),
        ("there is not one leaf more than nodes", |p| p["trees"][0]["leaves"] = json!([])),
        ("a test does not fit its column's kind", |p| {
            p["columns"][0]["kind"] = json!({"categorical": {"levels": ["x"]}});
            p["trees"][0]["nodes"][0]["feature"] = json!(0);
            p["trees"][0]["nodes"][0]["test"] = json!({"threshold": 0.0});
        }),
        ("a level does not exist", |p| {
            p["trees"][0]["nodes"][0]["feature"] = json!(2);
            p["trees"][0]["nodes"][0]["test"] = json!({"levels": [5]});
        }),
    ];
    for (problem, change) in tree {
        match forged(change) {
            Err(LoadError::Tree { problem: got, .. }) => assert_eq!(got, problem),
            other => panic!("{problem}: {other:?}"),
        }
    }
    let unsorted = forged(|p| {
        p["trees"][0]["nodes"][0]["feature"] = json!(2);
        p["trees"][0]["nodes"][0]["test"] = json!({"levels": [3, 1]});
    });
    assert!(matches!(unsorted, Err(LoadError::Tree { .. })));
    let twice = forged(|p| p["columns"][1]["name"] = json!("x0"));
    assert!(matches!(twice, Err(LoadError::DuplicateColumn(_))));
    let unknown = forged(|p| p["extra"] = json!(1));
    assert!(matches!(unknown, Err(LoadError::Saved(SavedError::Json(_)))));
}

#[test]
fn the_envelope_is_checked() {
    let saved = small().to_json().unwrap();
    let with = |key: &str, to: Value| {
        let mut value: Value = serde_json::from_str(&saved).unwrap();
        value[key] = to;
        Gbdt::from_json(&value.to_string())
    };
    assert!(matches!(
        with("format", json!("other")),
        Err(LoadError::Saved(SavedError::Format { .. }))
    ));
    let next = FORMAT_VERSION + 1;
    assert!(
        matches!(with("version", json!(next)), Err(LoadError::Saved(SavedError::Version { got, .. })) if got == next)
    );
    assert!(matches!(
        with("sha256", json!("00")),
        Err(LoadError::Saved(SavedError::Checksum { .. }))
    ));
    assert!(matches!(Gbdt::from_json(""), Err(LoadError::Saved(SavedError::Json(_)))));
    let nan = saved.replacen("\"value\":", "\"value\":1e999,\"was\":", 1);
    assert!(matches!(Gbdt::from_json(&nan), Err(LoadError::Saved(SavedError::Json(_)))));
}

#[test]
fn mutations_never_panic_and_never_change_an_answer() {
    let model = small();
    let saved = model.to_json().unwrap().into_bytes();
    let x = made_up(50, 2, false, 77);
    let expected = model.predict(x.features()).unwrap();
    let mut r = rng(4);
    let mut refused = 0;
    for _ in 0..4_000 {
        let mut bytes = saved.clone();
        for _ in 0..r.random_range(1..4_u32) {
            let at = r.random_range(0..bytes.len());
            match r.random_range(0..4_u32) {
                0 => bytes.truncate(at.max(1)),
                1 => bytes[at] = b"0123456789-.e,:{}[]\"x"[r.random_range(0..21_usize)],
                2 => {
                    bytes.remove(at);
                }
                _ => bytes.insert(at, b"0123456789-{}[]\","[r.random_range(0..17_usize)]),
            }
        }
        let Ok(text) = String::from_utf8(bytes) else { continue };
        match Gbdt::from_json(&text) {
            Err(_) => refused += 1,
            // A digit beyond a number's precision may change without changing the number.
            Ok(loaded) => assert_eq!(loaded.predict(x.features()).unwrap(), expected),
        }
    }
    assert!(refused > 3_500, "{refused}");
}

#[test]
fn forged_numbers_never_panic() {
    // Any integer in the trees replaced by any other, checksum mended: refused, or it predicts.
    let value: Value = serde_json::from_str(&small().to_json().unwrap()).unwrap();
    let n_nodes = value["payload"]["trees"][0]["nodes"].as_array().unwrap().len();
    let x = made_up(20, 2, false, 77);
    let (mut r, mut loaded) = (rng(6), 0);
    for _ in 0..600 {
        let node = r.random_range(0..n_nodes);
        let key = ["feature", "left", "right", "rows"][r.random_range(0..4_usize)];
        let to: i64 =
            [-3, -1, 0, 1, 2, 3, 5, 40, 2_147_483_647, -2_147_483_648][r.random_range(0..10_usize)];
        if let Ok(model) = forged(|p| p["trees"][0]["nodes"][node][key] = json!(to)) {
            loaded += 1;
            assert!(model.predict(x.features()).unwrap().iter().all(|p| p.is_finite()));
        }
    }
    assert!(loaded > 20, "{loaded}");
}
