//! Models of other libraries predict what those libraries and an independent reading of the same
//! files predict. Files and numbers: tests/reference/import.py (LightGBM 4.7.0, XGBoost 3.2.0).
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::Path;
use std::sync::Arc;

use campaign_core::ndarray::Array2;
use campaign_core::rand::{Rng, RngExt};
use campaign_core::{Column, ColumnKind, Model};
use campaign_models::explain::TreeShap;
use campaign_models::gbdt::ImportError;
use campaign_models::{Gbdt, SchemaError};
use common::{levels, rng};
use serde::Deserialize;

const LIGHTGBM: [&str; 8] = [
    "lightgbm_binary_frame.txt",
    "lightgbm_sigmoid_no_missing.txt",
    "lightgbm_poisson_zero_missing.txt",
    "lightgbm_forest.txt",
    "lightgbm_tweedie_dart.txt",
    "lightgbm_quantile.txt",
    "lightgbm_cross_entropy.txt",
    "lightgbm_lambdarank.txt",
];
const XGBOOST: [&str; 6] = [
    "xgboost_logistic_frame.json",
    "xgboost_squared.json",
    "xgboost_poisson_dart.json",
    "xgboost_gamma.json",
    "xgboost_logitraw.json",
    "xgboost_rank.json",
];

#[derive(Deserialize)]
struct Expected {
    x: Vec<Vec<Option<f64>>>,
    score: Vec<f64>,
    prediction: Vec<f64>,
    library: Vec<f64>,
    contributions: Vec<Vec<f64>>,
}

fn read(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/import");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// XGBoost's files do not say the levels unless trained from a data frame.
fn columns() -> Vec<Column> {
    vec![
        Column::numeric("spend"),
        Column::numeric("clicks"),
        Column::numeric("balance"),
        Column::categorical("channel", levels(4)),
        Column::categorical("creative", levels(40)),
    ]
}

fn import(name: &str, text: &str) -> Result<Gbdt, ImportError> {
    if name.starts_with("lightgbm") {
        Gbdt::from_lightgbm(text, None)
    } else if name.ends_with("frame.json") {
        Gbdt::from_xgboost(text, None)
    } else {
        Gbdt::from_xgboost(text, Some(&columns()))
    }
}

fn expected(name: &str) -> Expected {
    let stem = name.rsplit_once('.').unwrap().0;
    serde_json::from_str(&read(&format!("{stem}.expected.json"))).unwrap()
}

fn close(got: f64, want: f64, tolerance: f64) -> bool {
    (got - want).abs() <= tolerance * want.abs().max(1.0)
}

#[test]
fn predictions_are_the_librarys() {
    for name in LIGHTGBM.into_iter().chain(XGBOOST) {
        let model = import(name, &read(name)).unwrap();
        let expected = expected(name);
        let width = model.n_features();
        let x: Vec<f64> = expected.x.iter().flatten().map(|x| x.unwrap_or(f64::NAN)).collect();
        // Enough rows for prediction in blocks.
        let n = expected.x.len();
        let rows: Vec<f64> = x.iter().copied().cycle().take(4 * n * width).collect();
        let rows = Array2::from_shape_vec((4 * n, width), rows).unwrap();
        let blocks = model.predict(rows.view()).unwrap();
        assert!(n > 100, "{name}");
        for (i, row) in x.chunks_exact(width).enumerate() {
            let (score, prediction) =
                (model.score_row(row).unwrap(), model.predict_row(row).unwrap());
            assert!(close(score, expected.score[i], 1e-12), "{name}: {row:?} {score}");
            assert!(close(prediction, expected.prediction[i], 1e-12), "{name}: {row:?}");
            // XGBoost adds in single precision.
            let tolerance = if name.starts_with("xgboost") { 5e-7 } else { 1e-12 };
            assert!(close(prediction, expected.library[i], tolerance), "{name}: {row:?}");
            for block in 0..4 {
                assert_eq!(blocks[block * n + i].to_bits(), prediction.to_bits(), "{name}");
            }
        }
    }
}

#[test]
fn what_a_file_says_of_columns_is_kept() {
    let names =
        |model: &Gbdt| model.columns().iter().map(|c| c.name.to_string()).collect::<Vec<_>>();
    let of = |model: &Gbdt, column: usize| match &model.columns()[column].kind {
        ColumnKind::Categorical { levels } => levels.to_vec(),
        ColumnKind::Numeric => vec![],
    };
    for name in ["lightgbm_binary_frame.txt", "xgboost_logistic_frame.json"] {
        let model = import(name, &read(name)).unwrap();
        assert_eq!(names(&model), ["spend", "clicks", "balance", "channel", "creative"]);
        assert_eq!(of(&model, 3), ["display", "search", "social", "video"].map(Arc::from));
        assert_eq!(of(&model, 4).len(), 40);
        assert_eq!(of(&model, 4)[39].as_ref(), "ad 39");
        // Other levels than the file's.
        let error = match name.starts_with("lightgbm") {
            true => Gbdt::from_lightgbm(&read(name), Some(&columns())).unwrap_err(),
            false => Gbdt::from_xgboost(&read(name), Some(&columns())).unwrap_err(),
        };
        assert!(
            matches!(error, ImportError::Schema(SchemaError::Level { index: 0, .. })),
            "{error}"
        );
    }
    let coded = import(LIGHTGBM[1], &read(LIGHTGBM[1])).unwrap();
    assert_eq!(names(&coded)[0], "Column_0");
    assert_eq!(of(&coded, 3), ["0", "1", "2", "3"].map(Arc::from));
    let named = Gbdt::from_lightgbm(&read(LIGHTGBM[1]), Some(&columns())).unwrap();
    assert_eq!(named.columns(), columns());
    let row = [0.3, 2.0, f64::NAN, 1.0, 7.0];
    assert_eq!(named.score_row(&row), coded.score_row(&row));
    let unknown = Gbdt::from_xgboost(&read(XGBOOST[1]), None).unwrap_err();
    assert!(matches!(unknown, ImportError::UnknownLevels { .. }), "{unknown}");
}

#[test]
fn gains_and_covers_are_imported() {
    for name in LIGHTGBM.into_iter().chain(XGBOOST) {
        let importance = import(name, &read(name)).unwrap().importance();
        assert!(importance[0].gain > importance[1].gain && importance[1].cover > 0.0, "{name}");
    }
    let text = read("lightgbm_quantile.txt");
    let gains: f64 = text
        .lines()
        .filter_map(|line| line.strip_prefix("split_gain="))
        .flat_map(|line| line.split(' '))
        .map(|gain| gain.parse::<f64>().unwrap())
        .sum();
    let model = import("lightgbm_quantile.txt", &text).unwrap();
    let got: f64 = model.importance().iter().map(|column| column.gain).sum();
    assert!(close(got, gains, 1e-12), "{got} {gains}");
    assert_eq!(model.importance().iter().map(|column| column.splits).sum::<usize>(), 70);
}

#[test]
fn contributions_are_the_librarys() {
    for name in ["lightgbm_quantile.txt"].into_iter().chain(XGBOOST) {
        let model = import(name, &read(name)).unwrap();
        let shap = TreeShap::new(&model);
        let expected = expected(name);
        assert_eq!(expected.contributions.len(), 20);
        for (row, want) in expected.x.iter().zip(&expected.contributions) {
            let row: Vec<f64> = row.iter().map(|x| x.unwrap_or(f64::NAN)).collect();
            let values = shap.explain_row(&row).unwrap();
            // In single precision there.
            for (got, want) in values.iter().chain([&shap.base_value()]).zip(want) {
                assert!(close(*got, *want, 2e-6), "{name}: {row:?} {values:?} {want}");
            }
        }
    }
}

#[test]
fn imported_models_save_and_load() {
    for name in [LIGHTGBM[2], XGBOOST[0]] {
        let model = import(name, &read(name)).unwrap();
        let saved = model.to_json().unwrap();
        let loaded = Gbdt::from_json(&saved).unwrap();
        assert_eq!(loaded.to_json().unwrap(), saved);
        for row in [[0.3, 2.0, 0.0, 1.0, 7.0], [f64::NAN, 0.0, -0.5, f64::NAN, 39.0]] {
            assert_eq!(loaded.score_row(&row), model.score_row(&row));
        }
        assert_eq!(loaded.loss(), model.loss());
    }
}

#[test]
fn older_forms_are_read() {
    let text = read("lightgbm_quantile.txt");
    let model = import("lightgbm_quantile.txt", &text).unwrap();
    let older = text.replace("version=v4", "version=v3").replace("is_linear=0\n", "");
    let windows = text.replace('\n', "\r\n");
    let row = [0.3, 2.0, 0.0, 1.0, 7.0];
    for text in [older, windows] {
        let other = Gbdt::from_lightgbm(&text, None).unwrap();
        assert_eq!(other.score_row(&row), model.score_row(&row));
    }
    let json = read("xgboost_squared.json");
    let model = import("xgboost_squared.json", &json).unwrap();
    // Before 3.1 the first score stood without brackets, before 2.0 directions were true and false.
    let mut value: serde_json::Value = serde_json::from_str(&json).unwrap();
    let base = value["learner"]["learner_model_param"]["base_score"].as_str().unwrap();
    value["learner"]["learner_model_param"]["base_score"] = base.trim_matches(['[', ']']).into();
    let trees = &mut value["learner"]["gradient_booster"]["model"]["trees"];
    for tree in trees.as_array_mut().unwrap() {
        for left in tree["default_left"].as_array_mut().unwrap() {
            *left = (left.as_u64() == Some(1)).into();
        }
    }
    let other = import("xgboost_squared.json", &value.to_string()).unwrap();
    assert_eq!(other.to_json().unwrap(), model.to_json().unwrap());
}

#[test]
fn what_is_not_supported_is_named() {
    let text = read("lightgbm_binary_frame.txt");
    for (from, to, what) in [
        ("version=v4", "version=v2", "the version"),
        ("num_class=1", "num_class=3", "the number of classes"),
        ("num_tree_per_iteration=1", "num_tree_per_iteration=3", "trees per iteration"),
        ("objective=binary sigmoid:1", "objective=multiclass num_class:3", "the objective"),
        ("objective=binary sigmoid:1", "objective=cross_entropy_lambda", "the objective"),
        ("objective=binary sigmoid:1", "objective=regression sqrt", "the objective"),
        ("is_linear=0", "is_linear=1", "is_linear of a tree"),
    ] {
        assert!(text.contains(from));
        match Gbdt::from_lightgbm(&text.replace(from, to), None) {
            Err(ImportError::Unsupported { what: got, .. }) => assert_eq!(got, what),
            other => panic!("{what}: {other:?}"),
        }
    }
    let json = read("xgboost_logistic_frame.json");
    for (from, to, what) in [
        (r#""name":"gbtree""#, r#""name":"gblinear""#, "the booster"),
        (r#""num_class":"0""#, r#""num_class":"3""#, "the number of classes"),
        (r#""num_target":"1""#, r#""num_target":"2""#, "the number of targets"),
        ("binary:logistic", "multi:softprob", "the objective"),
        ("binary:logistic", "binary:hinge", "the objective"),
        (r#""size_leaf_vector":"1""#, r#""size_leaf_vector":"3""#, "the size of leaves"),
    ] {
        assert!(json.contains(from));
        match Gbdt::from_xgboost(&json.replace(from, to), None) {
            Err(ImportError::Unsupported { what: got, .. }) => assert_eq!(got, what),
            other => panic!("{what}: {other:?}"),
        }
    }
    // What a linear booster writes in place of trees.
    let linear = r#"{"learner": {"gradient_booster": {"model": {"weights": [1, 2]}, "name": "gblinear"},
        "learner_model_param": {"base_score": "0.5", "num_class": "0", "num_feature": "1"},
        "objective": {"name": "reg:squarederror"}}}"#;
    let error = Gbdt::from_xgboost(linear, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"the booster is "gblinear", which is not supported, expected gbtree or dart"#
    );
}

#[test]
fn damage_is_named() {
    let text = read("lightgbm_quantile.txt");
    let error = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        Gbdt::from_lightgbm(&text.replacen(from, to, 1), None).unwrap_err().to_string()
    };
    assert_eq!(error("end of trees", ""), r#"the header has no "end of trees""#);
    assert_eq!(error("tree\n", ""), r#"the header, "first line": got "version=v4", expected tree"#);
    assert_eq!(
        error("Tree=3", "Tree=4"),
        r#"tree 3, "Tree": got "4", expected trees numbered from 0"#
    );
    assert_eq!(
        error("num_leaves=8", "num_leaves=9"),
        r#"tree 0, "leaf_value": 8 entries, expected 9"#
    );
    assert_eq!(
        error("max_feature_idx=4", "max_feature_idx=5"),
        r#"the header, "feature_names": 5 entries, expected 6"#
    );
    assert_eq!(
        error("left_child=1", "left_child=0"),
        "tree 3: a child has two parents or leads back"
    );
    assert_eq!(error("left_child=1", "left_child=90"), "tree 3: a child does not exist");
    assert_eq!(
        error("split_feature=", "split_feature=7 "),
        r#"tree 0, "split_feature": 8 entries, expected 7"#
    );
    assert_eq!(error("Column_1", "Column_0"), r#"two columns are called "Column_0""#);
    let first = text.lines().find_map(|line| line.strip_prefix("leaf_value=")).unwrap();
    let value = first.split(' ').next().unwrap();
    assert_eq!(
        error(value, "nan"),
        "tree 0: a leaf's value or cover is not a finite number, or below 0"
    );
    assert_eq!(error(value, "x"), r#"tree 0, "leaf_value": got "x", expected a number"#);

    let json: serde_json::Value =
        serde_json::from_str(&read("xgboost_logistic_frame.json")).unwrap();
    let error = |path: &str, to: serde_json::Value| {
        let mut json = json.clone();
        *json.pointer_mut(&format!("/learner/{path}")).expect(path) = to;
        Gbdt::from_xgboost(&json.to_string(), None).unwrap_err().to_string()
    };
    let tree = "gradient_booster/model/trees/2";
    let broken = |list: &str, to: i64| error(&format!("{tree}/{list}"), to.into());
    assert_eq!(broken("left_children/0", 0), "tree 2: a child has two parents or leads back");
    assert_eq!(broken("right_children/0", 900), "tree 2: a child does not exist");
    assert_eq!(broken("split_indices/0", 9), "tree 2: a feature does not exist");
    assert_eq!(broken("categories_sizes/0", 900), "tree 2: a set of levels does not exist");
    assert_eq!(broken("categories_nodes/0", 900), "tree 2: a node does not exist");
    assert_eq!(broken("categories/0", 40), "tree 2: a level does not exist");
    assert_eq!(
        error(&format!("{tree}/split_type"), vec![0].into()),
        r#"tree 2, "split_type": 1 entries, expected 15"#
    );
    assert_eq!(
        error("learner_model_param/base_score", "[1E0]".into()),
        r#"the header, "base_score": got "[1E0]", expected one that its link can give"#
    );
    assert_eq!(
        error("learner_model_param/base_score", "[1E-1,2E-1]".into()),
        r#"the header, "base_score": got "[1E-1,2E-1]", expected one number"#
    );
    assert_eq!(
        error("feature_names", vec!["a"].into()),
        r#"the header, "feature_names": 1 entries, expected 5"#
    );
}

/// One to three bytes of a file changed, cut or doubled.
fn mutated(bytes: &[u8], r: &mut impl Rng) -> Vec<u8> {
    const OTHERS: &[u8] = b"0123456789-.eE,:{}[]\"=_ \nvnaif\xff";
    let mut bytes = bytes.to_vec();
    for _ in 0..r.random_range(1..4_u32) {
        let at = r.random_range(0..bytes.len());
        match r.random_range(0..12_u32) {
            0 => bytes.truncate(at.max(1)),
            1 => drop(bytes.remove(at)),
            2 => {
                let end = (at + r.random_range(1..200_usize)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            3 => bytes.insert(at, OTHERS[r.random_range(0..OTHERS.len())]),
            // Most often a digit for a digit: files that still read, and say something else.
            _ => match (at..bytes.len()).find(|at| bytes[*at].is_ascii_digit()) {
                Some(at) => bytes[at] = b'0' + r.random_range(0..10_u8),
                None => bytes[at] = OTHERS[r.random_range(0..OTHERS.len())],
            },
        }
    }
    bytes
}

/// Damaged files are refused or predict; gives how many of each.
fn mutations(n: usize, seed: u64) -> (usize, usize) {
    let files: Vec<_> =
        LIGHTGBM.into_iter().chain(XGBOOST).map(|name| (name, read(name))).collect();
    let mut r = rng(seed);
    let (mut refused, mut imported) = (0, 0);
    for i in 0..n {
        let (name, text) = &files[i % files.len()];
        let Ok(text) = String::from_utf8(mutated(text.as_bytes(), &mut r)) else { continue };
        match import(name, &text) {
            Err(error) => {
                refused += 1;
                assert!(!error.to_string().is_empty());
            }
            Ok(model) => {
                imported += 1;
                let row = [0.3, 2.0, 0.0, 1.0, 7.0];
                assert!(!model.score_row(&row).unwrap().is_nan());
            }
        }
    }
    (refused, imported)
}

#[test]
fn mutations_never_panic() {
    let (refused, imported) = mutations(6_000, 1);
    assert!(refused > 1_500 && imported > 1_500, "{refused} {imported}");
}

#[test]
#[ignore = "a hundred thousand files: a quarter of a minute, many times that on a busy machine"]
fn a_hundred_thousand_mutations_never_panic() {
    let (refused, imported) = mutations(100_000, 2);
    assert!(refused > 25_000 && imported > 25_000, "{refused} {imported}");
}
