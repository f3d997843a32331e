//! Shapley values of imported models are XGBoost's and LightGBM's own. Numbers:
//! tests/reference/contributions.py (XGBoost 3.2.0, LightGBM 4.7.0).
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::Path;

use campaign_core::Column;
use campaign_models::Gbdt;
use campaign_models::explain::TreeShap;
use common::levels;
use serde::Deserialize;

#[derive(Deserialize)]
struct Peer {
    model: String,
    x: Vec<Vec<Option<f64>>>,
    /// Per row one value per column, and the base value.
    values: Vec<Vec<f64>>,
    pairs: Option<Vec<Vec<Vec<f64>>>>,
}

fn read(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn values_are_the_librarys() {
    let peers: Vec<Peer> = serde_json::from_str(&read("contributions.json")).unwrap();
    assert_eq!(peers.len(), 4);
    for peer in peers {
        let text = read(&format!("import/{}", peer.model));
        let columns = [
            Column::numeric("spend"),
            Column::numeric("clicks"),
            Column::numeric("balance"),
            Column::categorical("channel", levels(4)),
            Column::categorical("creative", levels(40)),
        ];
        let (model, tolerance) = if peer.model.starts_with("xgboost") {
            // Single precision there.
            (Gbdt::from_xgboost(&text, Some(&columns)).unwrap(), 2e-5)
        } else {
            (Gbdt::from_lightgbm(&text, None).unwrap(), 1e-9)
        };
        let shap = TreeShap::new(&model);
        for (r, (row, expected)) in peer.x.iter().zip(&peer.values).enumerate() {
            let row: Vec<f64> = row.iter().map(|v| v.unwrap_or(f64::NAN)).collect();
            let mut got = shap.explain_row(&row).unwrap();
            got.push(shap.base_value());
            for (c, (got, expected)) in got.iter().zip(expected).enumerate() {
                let close = (got - expected).abs() <= tolerance * (1.0 + expected.abs());
                assert!(close, "{}, row {r}, column {c}: {got}, {expected}", peer.model);
            }
            let Some(pairs) = &peer.pairs else { continue };
            let mut got = vec![0.0; 25];
            shap.interactions_into(&row, &mut shap.workspace(), &mut got).unwrap();
            for (got, expected) in got.iter().zip(pairs[r].iter().flatten()) {
                let close = (got - expected).abs() <= tolerance * (1.0 + expected.abs());
                assert!(close, "{}, row {r}: {got}, {expected}", peer.model);
            }
        }
    }
}
