//! Calibration curves against scikit-learn and SciPy, by definition, and on bad input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use approx::assert_relative_eq;
use campaign_core::ndarray::{ArrayView2, array};
use campaign_core::rand::RngExt;
use campaign_core::{Model, Result};
use campaign_models::calibrate::{
    Beta, Calibrated, CalibrationError, Calibrator, Isotonic, Platt, PlattInput, Reliability,
};
use campaign_models::metrics::Metric;
use common::rng;
use proptest::prelude::*;

/// Made by tests/reference/calibration.py.
fn reference() -> serde_json::Value {
    serde_json::from_str(include_str!("data/calibration.json")).unwrap()
}

fn numbers(value: &serde_json::Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

#[test]
fn isotonic_equals_scikit_learn() {
    let r = reference();
    let [p, y, w, at] = ["p", "y", "w", "at"].map(|key| numbers(&r[key]));
    for (name, weights) in [("plain", None), ("weighted", Some(&w[..]))] {
        let curve = Isotonic::fit(&p, &y, weights).unwrap();
        for (at, expected) in at.iter().zip(numbers(&r["isotonic"][name])) {
            assert_relative_eq!(curve.calibrate(*at), expected, epsilon = 1e-12);
        }
    }
}

/// scikit-learn stops at a gradient of 1e-6, so agreement ends there.
#[test]
fn platt_equals_scikit_learn() {
    let r = reference();
    let [p, y, w] = ["p", "y", "w"].map(|key| numbers(&r[key]));
    for (name, weights, input) in [
        ("plain", None, PlattInput::Score),
        ("weighted", Some(&w[..]), PlattInput::Score),
        ("log_odds", None, PlattInput::LogOdds),
    ] {
        let platt = Platt::fit(&p, &y, weights, input).unwrap();
        let expected = &r["platt"][name];
        assert_relative_eq!(platt.slope(), expected["slope"].as_f64().unwrap(), epsilon = 1e-6);
        let intercept = expected["intercept"].as_f64().unwrap();
        assert_relative_eq!(platt.intercept(), intercept, epsilon = 1e-6);
    }
}

#[test]
fn beta_equals_a_bounded_optimiser() {
    let r = reference();
    let [p, y, w, bent] = ["p", "y", "w", "bent"].map(|key| numbers(&r[key]));
    for (name, y, weights) in
        [("plain", &y, None), ("weighted", &y, Some(&w[..])), ("edge", &bent, None)]
    {
        let beta = Beta::fit(&p, y, weights).unwrap();
        for (got, expected) in beta.coefficients().iter().zip(numbers(&r["beta"][name])) {
            assert_relative_eq!(*got, expected, epsilon = 1e-5);
        }
    }
    assert_eq!(Beta::fit(&p, &bent, None).unwrap().coefficients()[1], 0.0);
}

#[test]
fn bins_equal_scikit_learn_and_scipy() {
    let r = reference();
    let reliability = Reliability::equal_width(&numbers(&r["p"]), &numbers(&r["y"]), 7).unwrap();
    let expected = r["bins"].as_array().unwrap();
    assert_eq!(reliability.bins().len(), expected.len());
    let mut error = 0.0;
    for (bin, expected) in reliability.bins().iter().zip(expected) {
        let number = |key: &str| expected[key].as_f64().unwrap();
        assert_eq!(bin.rows as f64, number("rows"));
        assert_relative_eq!(bin.predicted, number("predicted"), epsilon = 1e-12);
        assert_relative_eq!(bin.observed, number("observed"), epsilon = 1e-12);
        assert_relative_eq!(bin.observed_low, number("low"), epsilon = 1e-12);
        assert_relative_eq!(bin.observed_high, number("high"), epsilon = 1e-12);
        error += number("rows") * (number("observed") - number("predicted")).abs() / 300.0;
    }
    assert_relative_eq!(reliability.expected_error(), error, epsilon = 1e-12);
}

/// A model whose log-odds are `1.8 x + 0.5` where the truth is `x`.
struct Overconfident;

fn sigmoid(s: f64) -> f64 {
    1.0 / (1.0 + (-s).exp())
}

impl Model for Overconfident {
    fn n_features(&self) -> usize {
        1
    }
    fn predict_into(&self, x: ArrayView2<'_, f64>, out: &mut [f64]) -> Result<()> {
        let rows = campaign_core::model::rows(&x, 1, out.len())?;
        out.iter_mut().zip(rows).for_each(|(p, x)| *p = sigmoid(1.8 * x + 0.5));
        Ok(())
    }
}

#[test]
fn every_calibrator_mends_an_overconfident_model_on_rows_it_has_not_seen() {
    let mut rng = rng(21);
    let mut draw = |n: usize| {
        let x: Vec<f64> = (0..n).map(|_| 6.0 * rng.random::<f64>() - 3.0).collect();
        let y: Vec<f64> =
            x.iter().map(|x| f64::from(u8::from(rng.random::<f64>() < sigmoid(*x)))).collect();
        (campaign_core::ndarray::Array2::from_shape_vec((n, 1), x).unwrap(), y)
    };
    let (x, y) = draw(8_000);
    let p = Overconfident.predict(x.view()).unwrap().to_vec();
    let models: [Box<dyn Model>; 3] = [
        Box::new(Calibrated::new(Overconfident, Isotonic::fit(&p, &y, None).unwrap())),
        Box::new(Calibrated::new(
            Overconfident,
            Platt::fit(&p, &y, None, PlattInput::LogOdds).unwrap(),
        )),
        Box::new(Calibrated::new(Overconfident, Beta::fit(&p, &y, None).unwrap())),
    ];
    let (x, y) = draw(8_000);
    let p = Overconfident.predict(x.view()).unwrap().to_vec();
    let error = |p: &[f64]| Reliability::equal_count(p, &y, 15).unwrap().expected_error();
    assert!(error(&p) > 0.08, "{}", error(&p));
    for model in models {
        let q = model.predict(x.view()).unwrap().to_vec();
        // By chance alone: the mean over 15 bins of 533 rows of about 0.8 standard errors of a share,
        // at most 0.8 * sqrt(0.25 / 533) = 0.017. Curves fitted on as many rows may double its square.
        assert!(error(&q) < 0.025, "{}", error(&q));
        let brier = |p: &[f64]| Metric::Brier.evaluate(&y, p, None).unwrap();
        assert!(brier(&q) < brier(&p) - 0.005);
    }
}

/// The least-squares rising fit by its min-max formula: `max over i <= k of min over j >= k of the
/// mean of i..=j`.
fn min_max(points: &[(f64, f64)]) -> Vec<f64> {
    let mean = |i: usize, j: usize| {
        let part = &points[i..=j];
        let w: f64 = part.iter().map(|p| p.1).sum();
        part.iter().map(|p| p.0 * p.1).sum::<f64>() / w
    };
    (0..points.len())
        .map(|k| {
            let least = |i| (k..points.len()).map(|j| mean(i, j)).fold(f64::INFINITY, f64::min);
            (0..=k).map(least).fold(f64::NEG_INFINITY, f64::max)
        })
        .collect()
}

proptest! {
    #[test]
    fn isotonic_is_the_min_max_formula_and_rises(
        rows in prop::collection::vec((-5.0_f64..5.0, 0.1_f64..3.0), 1..25),
    ) {
        let p: Vec<f64> = (0..rows.len()).map(|i| i as f64).collect();
        let y: Vec<f64> = rows.iter().map(|r| r.0).collect();
        let w: Vec<f64> = rows.iter().map(|r| r.1).collect();
        let curve = Isotonic::fit(&p, &y, Some(&w)).unwrap();
        for (p, expected) in p.iter().zip(min_max(&rows)) {
            prop_assert!((curve.calibrate(*p) - expected).abs() < 1e-9);
        }
        let fine: Vec<f64> = (-10..300).map(|i| curve.calibrate(f64::from(i) / 10.0)).collect();
        prop_assert!(fine.is_sorted_by(|a, b| a <= &(b + 1e-12)));
    }

    /// The gradient of the likelihood vanishes at what was fitted.
    #[test]
    fn platt_is_stationary(
        rows in prop::collection::vec((-3.0_f64..3.0, prop::bool::ANY), 4..40),
        shift in -1e3_f64..1e3,
        unit in 1e-3_f64..1e3,
    ) {
        let s: Vec<f64> = rows.iter().map(|r| shift + unit * r.0).collect();
        let y: Vec<f64> = rows.iter().map(|r| f64::from(u8::from(r.1))).collect();
        let platt = Platt::fit(&s, &y, None, PlattInput::Score).unwrap();
        let n1: f64 = y.iter().sum();
        let n0 = y.len() as f64 - n1;
        let (mut g0, mut g1) = (0.0, 0.0);
        for ((s, y), (x, _)) in s.iter().zip(&y).zip(&rows) {
            let goal = if *y == 1.0 { (n1 + 1.0) / (n1 + 2.0) } else { 1.0 / (n0 + 2.0) };
            let gap = platt.calibrate(*s) - goal;
            g0 += gap;
            g1 += gap * x;
        }
        prop_assert!(g0.abs() < 1e-6 && g1.abs() < 1e-6, "{g0} {g1}");
    }

    #[test]
    fn equal_counts_never_part_equal_predictions(
        codes in prop::collection::vec(0_u32..20, 1..120),
        bins in 1_usize..15,
    ) {
        let p: Vec<f64> = codes.iter().map(|c| f64::from(*c) / 20.0).collect();
        let y: Vec<f64> = codes.iter().map(|c| f64::from(c % 2)).collect();
        let r = Reliability::equal_count(&p, &y, bins).unwrap();
        prop_assert!(r.bins().len() <= bins);
        prop_assert_eq!(r.bins().iter().map(|b| b.rows).sum::<usize>(), p.len());
        prop_assert!(r.bins().windows(2).all(|pair| pair[0].high < pair[1].low));
        // None is larger than its share and what ties add to it.
        let most_tied = (0..20).map(|c| codes.iter().filter(|d| **d == c).count()).max().unwrap();
        let share = p.len().div_ceil(bins);
        prop_assert!(r.bins().iter().all(|b| b.rows <= share + most_tied));
    }
}

#[test]
fn a_calibrated_model_is_left_alone() {
    // Shares as targets that equal the predictions: the identity is the best curve of both families.
    let p: Vec<f64> = (1..100).map(|i| f64::from(i) / 100.0).collect();
    let beta = Beta::fit(&p, &p, None).unwrap();
    for (got, expected) in beta.coefficients().iter().zip([1.0, 1.0, 0.0]) {
        assert_relative_eq!(*got, expected, epsilon = 1e-9);
    }
    let curve = Isotonic::fit(&p, &p, None).unwrap();
    for p in [0.01, 0.123, 0.5, 0.987] {
        assert_relative_eq!(curve.calibrate(p), p, epsilon = 1e-12);
        assert_relative_eq!(beta.calibrate(p), p, epsilon = 1e-9);
    }
}

#[test]
fn edges_of_the_input() {
    // One row, one class, one prediction: the smoothed share, the share, the mean.
    let platt = Platt::fit(&[0.3; 8], &[1.0; 8], None, PlattInput::Score).unwrap();
    assert_relative_eq!(platt.calibrate(0.3), 0.9, epsilon = 1e-9);
    let platt = Platt::fit(&[1e300, -1e300], &[1.0, 0.0], None, PlattInput::Score).unwrap();
    assert!(platt.calibrate(1e300) > 0.6);
    let y = [1.0, 0.0, 0.0, 0.0];
    let beta = Beta::fit(&[0.3; 4], &y, None).unwrap();
    assert_relative_eq!(beta.calibrate(0.3), 0.25, epsilon = 1e-9);
    let beta = Beta::fit(&[0.0, 0.0, 1.0, 1.0], &[0.0, 1.0, 0.0, 1.0], None).unwrap();
    assert_relative_eq!(beta.calibrate(0.5), 0.5, epsilon = 1e-6);
    assert_eq!(Beta::fit(&[0.1, 0.9], &[0.0, 1.0], None), Err(CalibrationError::Separable));
    assert_eq!(Isotonic::fit(&[0.5], &[2.0], None).unwrap().calibrate(-9.0), 2.0);
    let wide = Isotonic::fit(&[f64::MIN, f64::MAX], &[0.0, 1.0], None).unwrap();
    assert_eq!([f64::MIN, 0.0, f64::MAX].map(|p| wide.calibrate(p)), [0.0, 0.5, 1.0]);
    // A row without weight is not there.
    let curve = Isotonic::fit(&[0.1, 0.2], &[0.0, 9.0], Some(&[1.0, 0.0])).unwrap();
    assert_eq!(curve.calibrate(0.2), 0.0);
    assert!(curve.calibrate(f64::NAN).is_nan() && platt.calibrate(f64::NAN).is_nan());
    assert!(beta.calibrate(f64::NAN).is_nan());
    // 0 and 1 and a bound: the lower bin has it.
    let r = Reliability::equal_width(&[0.0, 0.5, 1.0], &[0.0, 1.0, 1.0], 2).unwrap();
    assert_eq!((r.bins()[0].rows, r.bins()[1].rows), (2, 1));
    assert_relative_eq!(r.largest_error(), 0.25, epsilon = 1e-15);
}

#[test]
fn bad_input_is_named() {
    let error = Isotonic::fit(&[0.1], &[0.0, 1.0], None).unwrap_err();
    assert_eq!(error.to_string(), "target has length 2, expected 1");
    let error = Isotonic::fit(&[0.1, f64::NAN], &[0.0, 1.0], None).unwrap_err();
    assert!(matches!(error, CalibrationError::Value { what: "prediction", index: 1, .. }));
    let error = Platt::fit(&[0.1], &[0.5], None, PlattInput::Score).unwrap_err();
    assert_eq!(error.to_string(), "target[0] is 0.5, expected 0 or 1");
    assert!(Platt::fit(&[1.5], &[1.0], None, PlattInput::LogOdds).is_err());
    assert!(Beta::fit(&[1.5], &[1.0], None).is_err());
    let error = Beta::fit(&[0.5], &[1.0], Some(&[-1.0])).unwrap_err();
    assert!(matches!(error, CalibrationError::Value { what: "weights", .. }));
    assert_eq!(Beta::fit(&[], &[], None), Err(CalibrationError::NoRows));
    assert_eq!(Isotonic::fit(&[0.5], &[1.0], Some(&[0.0])), Err(CalibrationError::NoRows));
    let huge = Isotonic::fit(&[0.1, 0.2], &[f64::MAX, f64::MAX], None);
    assert_eq!(huge, Err(CalibrationError::Overflow));
    let error = Reliability::equal_count(&[0.5], &[1.0], 0);
    assert_eq!(error, Err(CalibrationError::NoBins));
    assert!(Reliability::equal_width(&[-0.1], &[1.0], 3).is_err());
    let model = Calibrated::new(Overconfident, Isotonic::fit(&[0.5], &[1.0], None).unwrap());
    let mut out = [7.0; 2];
    assert!(model.predict_into(array![[1.0]].view(), &mut out).is_err());
    assert_eq!(out, [7.0; 2]);
}

#[cfg(feature = "serde")]
#[test]
fn saved_curves_read_back_and_damaged_ones_do_not() {
    use serde_json::{from_str, to_string};
    let (p, y) = ([0.1, 0.2, 0.6, 0.8, 0.9], [0.0, 1.0, 0.0, 1.0, 1.0]);
    let curve = Isotonic::fit(&p, &y, None).unwrap();
    assert_eq!(from_str::<Isotonic>(&to_string(&curve).unwrap()).unwrap(), curve);
    for bad in [r#"{"x":[],"y":[]}"#, r#"{"x":[1,1],"y":[0,1]}"#, r#"{"x":[0,1],"y":[1,0]}"#] {
        assert!(from_str::<Isotonic>(bad).is_err(), "{bad}");
    }
    let platt = Platt::fit(&p, &y, None, PlattInput::LogOdds).unwrap();
    assert_eq!(from_str::<Platt>(&to_string(&platt).unwrap()).unwrap(), platt);
    let beta = Beta::fit(&p, &y, None).unwrap();
    assert_eq!(from_str::<Beta>(&to_string(&beta).unwrap()).unwrap(), beta);
    assert!(from_str::<Beta>(r#"{"a":-1.0,"b":1.0,"c":0.0}"#).is_err());
}
