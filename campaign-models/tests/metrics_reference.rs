//! Metrics against scikit-learn 1.9.1 (tests/reference/metrics.py), against pairs, and on bad input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use campaign_models::metrics::MetricError;
use campaign_models::{Evaluation, Metric};
use proptest::prelude::*;

/// The generator of the reference script.
fn uniforms(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let next = || {
        state = (state * 1_103_515_245 + 12_345) % (1 << 31);
        state as f64 / (1_u64 << 31) as f64
    };
    std::iter::repeat_with(next).take(n).collect()
}

#[test]
fn values_equal_scikit_learn() {
    let u = uniforms(600, 7);
    let p: Vec<f64> = u[..200].iter().map(|u| (u * 20.0).floor() / 20.0).collect();
    let y: Vec<f64> =
        u[200..400].iter().zip(&p).map(|(u, p)| f64::from(*u < 0.2 + 0.6 * p)).collect();
    let w: Vec<f64> = u[400..].iter().map(|u| (u * 4.0).floor()).collect();
    let mut yr: Vec<f64> = u[..200].iter().map(|u| 10.0 * u - 3.0).collect();
    let pr: Vec<f64> = yr.iter().zip(&u[200..400]).map(|(y, u)| y + 2.0 * u - 1.0).collect();
    yr.iter_mut().step_by(10).for_each(|y| *y = 0.0);
    for (metric, y, p, plain, weighted) in [
        (Metric::Auc, &y, &p, 0.7403846153846153, 0.746096414765406),
        (Metric::LogLoss, &y, &p, 0.9609853221947179, 1.0221951982844506),
        (Metric::Brier, &y, &p, 0.214, 0.20943076923076923),
        (Metric::Rmse, &yr, &pr, 0.9706274726443898, 0.9965789661193996),
        (Metric::Mae, &yr, &pr, 0.6771780420746655, 0.6990514429200154),
        (Metric::Mape, &yr, &pr, 2.4863416336673474, 2.416193777968096),
        (Metric::Wape, &yr, &pr, 0.25799663871479234, 0.2599030689724696),
    ] {
        for (weights, expected) in [(None, plain), (Some(&w[..]), weighted)] {
            let value = metric.evaluate(y, p, weights).unwrap();
            assert!((value - expected).abs() < 1e-12 * (1.0 + expected), "{metric} {value}");
        }
    }
}

proptest! {
    #[test]
    fn auc_is_the_share_of_pairs_in_order(
        rows in prop::collection::vec((any::<bool>(), 0_i32..12, 0_u8..4), 1..60)
    ) {
        let y: Vec<f64> = rows.iter().map(|r| f64::from(r.0)).collect();
        let p: Vec<f64> = rows.iter().map(|r| f64::from(r.1)).collect();
        let w: Vec<f64> = rows.iter().map(|r| f64::from(r.2)).collect();
        let (mut above, mut pairs) = (0.0, 0.0);
        for i in 0..rows.len() {
            for j in 0..rows.len() {
                if y[i] == 1.0 && y[j] == 0.0 {
                    pairs += w[i] * w[j];
                    above += w[i] * w[j] * if p[i] > p[j] { 1.0 } else if p[i] == p[j] { 0.5 } else { 0.0 };
                }
            }
        }
        match Metric::Auc.evaluate(&y, &p, Some(&w)) {
            Ok(auc) => prop_assert!((auc - above / pairs).abs() < 1e-12),
            Err(_) => prop_assert_eq!(pairs, 0.0),
        }
    }

    #[test]
    fn nothing_panics(
        y in prop::collection::vec(any::<f64>(), 0..5),
        p in prop::collection::vec(any::<f64>(), 0..5),
        w in prop::option::of(prop::collection::vec(any::<f64>(), 0..5)),
    ) {
        for metric in [
            Metric::Auc, Metric::LogLoss, Metric::Brier, Metric::Rmse, Metric::Mae, Metric::Mape,
            Metric::Wape,
        ] {
            let _ = metric.evaluate(&y, &p, w.as_deref());
        }
    }
}

#[test]
fn what_is_wrong_is_named() {
    let error = |metric: Metric, y: &[f64], p: &[f64], w: Option<&[f64]>| {
        metric.evaluate(y, p, w).unwrap_err().to_string()
    };
    assert_eq!(
        error(Metric::Rmse, &[1.0, 2.0], &[1.0], None),
        "prediction has length 1, expected 2"
    );
    assert_eq!(
        error(Metric::Auc, &[1.0, 0.5], &[1.0, 1.0], None),
        "target[1] is 0.5, expected 0 or 1"
    );
    assert_eq!(
        error(Metric::LogLoss, &[1.0], &[1.5], None),
        "prediction[0] is 1.5, expected a number between 0 and 1"
    );
    assert_eq!(
        error(Metric::Mae, &[f64::NAN], &[1.0], None),
        "target[0] is NaN, expected a finite number"
    );
    assert_eq!(
        error(Metric::Auc, &[1.0, 1.0], &[0.1, 0.2], None),
        "AUC is not defined: all targets are of one class"
    );
    assert_eq!(
        error(Metric::Mape, &[0.0, 0.0], &[0.1, 0.2], None),
        "MAPE is not defined: every target is 0"
    );
    assert_eq!(
        error(Metric::Brier, &[], &[], None),
        "Brier is not defined: no row has a positive weight"
    );
    let negative = Metric::Mae.evaluate(&[1.0], &[1.0], Some(&[-1.0]));
    assert!(matches!(negative, Err(MetricError::Value { what: "weights", index: 0, .. })));
}

#[test]
fn a_baseline_is_beaten_in_the_right_direction() {
    let auc = Evaluation { metric: Metric::Auc, value: 0.8, baseline: 0.5 };
    let rmse = Evaluation { metric: Metric::Rmse, value: 0.8, baseline: 0.5 };
    assert!(auc.beats_baseline() && !rmse.beats_baseline());
    let equal = Evaluation { metric: Metric::Rmse, value: 0.5, baseline: 0.5 };
    assert!(!equal.beats_baseline());
    assert_eq!(format!("{:>9}", Metric::LogLoss), " log-loss");
}
