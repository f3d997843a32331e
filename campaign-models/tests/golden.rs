//! Files saved by an earlier commit still load, predict the same and are written the same.
//!
//! A change of format raises the version; then the old files are to be refused by their version, or
//! read, and new ones written beside them:
//! `cargo test -p campaign-models --test golden -- --ignored` writes those that are not there.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::PathBuf;

use campaign_core::Dataset;
use campaign_models::gbdt::{FORMAT_VERSION, UnseenLevels};
use campaign_models::linear::{Family, LinearConfig};
use campaign_models::{Gbdt, GbdtConfig, LinearModel, Objective};
use common::{made_up, rng};

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/saved").join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap().trim_end().to_owned()
}

/// The rows that predictions are of: every level is one that training had.
fn rows() -> Dataset {
    made_up(600, 2, false, 20).select(&(0..40).collect::<Vec<_>>()).unwrap()
}

/// Are predictions those written beside a file? The last bit is the exponential function's, which is
/// the machine's.
fn check(name: &str, predicted: &[f64]) {
    let expected: Vec<f64> = serde_json::from_str(&read(&format!("{name}.predictions"))).unwrap();
    assert_eq!(predicted.len(), expected.len());
    for (got, want) in predicted.iter().zip(expected) {
        assert!((got - want).abs() <= 1e-14 * want.abs(), "{name}: {got} {want}");
    }
}

const TREES: [&str; 2] = ["gbdt_v2_logistic.json", "gbdt_v2_tweedie_seen_levels.json"];
const LINEAR: &str = "linear_v1_poisson.json";

#[test]
fn files_of_earlier_commits_still_load() {
    for name in TREES {
        let text = read(name);
        let model = Gbdt::from_json(&text).unwrap();
        assert_eq!(model.to_json().unwrap(), text, "{name} would be written otherwise");
        check(name, &model.predict_dataset(&rows()).unwrap());
    }
    let text = read(LINEAR);
    let model = LinearModel::from_json(&text).unwrap();
    assert_eq!(model.to_json().unwrap(), text);
    check(LINEAR, &model.predict_dataset(&rows()).unwrap());
    assert_eq!(
        FORMAT_VERSION, 2,
        "write files of the new version, and say what becomes of the old"
    );
}

#[test]
#[ignore = "writes the files that are missing"]
fn write_files() {
    let write = |name: &str, text: String, predicted: Vec<f64>| {
        if !path(name).exists() {
            std::fs::create_dir_all(path("")).unwrap();
            std::fs::write(path(name), text + "\n").unwrap();
            let predicted = serde_json::to_string(&predicted).unwrap() + "\n";
            std::fs::write(path(&format!("{name}.predictions")), predicted).unwrap();
        }
    };
    let trees = |objective, binary| {
        let data = made_up(600, 2, binary, 20);
        let positive = data.target().unwrap().iter().map(|y| y.abs()).collect();
        let data = data.with_target(positive).unwrap();
        let config = GbdtConfig::new(objective).with_trees(4).with_max_leaves(8);
        let config = match objective {
            Objective::Logistic => config,
            _ => config.with_unseen_levels(UnseenLevels::Refuse),
        };
        config.fit(&data, None, &mut rng(1)).unwrap()
    };
    for (name, objective) in
        [(TREES[0], Objective::Logistic), (TREES[1], Objective::Tweedie { power: 1.4 })]
    {
        let model = trees(objective, objective == Objective::Logistic);
        write(name, model.to_json().unwrap(), model.predict_dataset(&rows()).unwrap());
    }
    let data = made_up(600, 2, true, 20);
    let model = LinearConfig::new(Family::Poisson).with_l2(0.01).fit(&data).unwrap();
    write(LINEAR, model.to_json().unwrap(), model.predict_dataset(&rows()).unwrap());
}
