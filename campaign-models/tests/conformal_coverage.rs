//! Conformal intervals hold their coverage in simulation, and refuse what they cannot promise.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use campaign_core::rand::RngExt;
use campaign_models::SplitConformal;
use campaign_models::conformal::ConformalError;
use common::rng;

/// Coverage of fresh calibration sets, one fresh row each, so that every trial is independent and the
/// law is exactly `ceil((n + 1) coverage) / (n + 1)`.
fn simulate(n: usize, coverage: f64, scaled: bool, seed: u64) -> (f64, f64) {
    let mut rng = rng(seed);
    let trials = 20_000;
    let mut hits = 0;
    for _ in 0..trials {
        // Skewed noise whose spread depends on the row, around a wrong model's prediction.
        let mut row = || {
            let spread = 0.5 + 2.0 * rng.random::<f64>();
            let noise: f64 = rng.random::<f64>().powi(3) - 0.2;
            let prediction = rng.random::<f64>() * 10.0;
            (prediction + 0.3 + spread * noise, prediction, spread)
        };
        let rows: Vec<_> = (0..n).map(|_| row()).collect();
        let part = |f: fn(&(f64, f64, f64)) -> f64| rows.iter().map(f).collect::<Vec<f64>>();
        let (y, p, s) = (part(|r| r.0), part(|r| r.1), part(|r| r.2));
        let (target, prediction, spread) = row();
        let (low, high) = if scaled {
            let c = SplitConformal::fit_scaled(&y, &p, &s, coverage).unwrap();
            c.interval_scaled(prediction, spread)
        } else {
            SplitConformal::fit(&y, &p, coverage).unwrap().interval(prediction)
        };
        hits += u32::from((low..=high).contains(&target));
    }
    let exact = ((n as f64 + 1.0) * coverage).ceil() / (n as f64 + 1.0);
    (f64::from(hits) / f64::from(trials), exact)
}

#[test]
fn coverage_is_exact_in_simulation() {
    for (n, coverage) in [(19, 0.9), (50, 0.8), (60, 0.95)] {
        for scaled in [false, true] {
            let (got, exact) = simulate(n, coverage, scaled, 3);
            assert!(exact >= coverage);
            // Four standard errors of a share of 20 000.
            let error = 4.0 * (exact * (1.0 - exact) / 20_000.0_f64).sqrt();
            assert!((got - exact).abs() < error, "n {n}, scaled {scaled}: {got} {exact}");
        }
    }
}

#[test]
fn ranks_by_hand() {
    let y: Vec<f64> = (1..=19).rev().map(f64::from).collect();
    let half_width = |coverage| SplitConformal::fit(&y, &[0.0; 19], coverage).unwrap().half_width();
    // ceil(20 c): 18, 19, 1, 10.
    assert_eq!([0.9, 0.95, 0.001, 0.5].map(half_width), [18.0, 19.0, 1.0, 10.0]);
    let few = SplitConformal::fit(&y, &[0.0; 19], 0.96).unwrap_err();
    assert_eq!(few, ConformalError::TooFewRows { got: 19, needed: 24 });
    assert!(SplitConformal::fit(&[1.0; 24], &[0.0; 24], 0.96).is_ok());
}

#[test]
fn intervals_come_out_as_distributions() {
    let y: Vec<f64> = (1..=19).map(f64::from).collect();
    let c = SplitConformal::fit(&y, &[0.0; 19], 0.9).unwrap();
    let d = c.distribution(&[100.0, 50.0]).unwrap();
    assert_eq!(d.interval(0, 0.9), Some((82.0, 118.0)));
    assert_eq!(d.interval(1, 0.9), Some((32.0, 68.0)));
    assert!(c.distribution(&[f64::NAN]).is_err());
}

#[test]
fn bad_input_is_named() {
    let fit = |y: &[f64], p: &[f64], c| SplitConformal::fit(y, p, c).unwrap_err();
    for coverage in [0.0, 1.0, -1.0, f64::NAN] {
        assert!(matches!(fit(&[1.0], &[1.0], coverage), ConformalError::Coverage(_)));
    }
    assert!(matches!(fit(&[1.0], &[], 0.5), ConformalError::Length { what: "prediction", .. }));
    assert!(matches!(fit(&[], &[], 0.5), ConformalError::TooFewRows { got: 0, needed: 1 }));
    let nan = fit(&[1.0, f64::NAN], &[1.0, 1.0], 0.5);
    assert!(matches!(nan, ConformalError::Value { what: "target", index: 1, .. }));
    let scale = SplitConformal::fit_scaled(&[1.0], &[1.0], &[0.0], 0.5).unwrap_err();
    assert!(matches!(scale, ConformalError::Value { what: "scale", .. }), "{scale}");
    let overflow = fit(&[f64::MAX], &[-f64::MAX], 0.5);
    assert!(matches!(overflow, ConformalError::Value { what: "residual", .. }));
}
