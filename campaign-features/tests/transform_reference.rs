//! Transforms against numbers of `tests/reference/transforms.py`, which states their sources.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use campaign_features::feature::transform::adstock::{Adstock, GeometricState, carry};
use campaign_features::feature::transform::fourier::Fourier;
use campaign_features::feature::transform::saturation::Saturation;

fn fixture(name: &str) -> Vec<Vec<String>> {
    let path = format!("{}/tests/data/transforms/{name}.csv", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn number(row: &[String], column: usize) -> f64 {
    row[column].parse().unwrap()
}

fn close(got: f64, expected: f64, relative: f64) -> bool {
    (got - expected).abs() <= relative * expected.abs().max(1e-300)
}

#[test]
fn adstock_equals_robyn() {
    let rows = fixture("adstock");
    let mut cases = 0;
    for group in rows.chunk_by(|a, b| a[..4] == b[..4]) {
        let (a, b) = (number(&group[0], 1), number(&group[0], 2));
        let adstock = match group[0][0].as_str() {
            "geometric" => Adstock::Geometric { theta: a },
            "weibull_cdf" => Adstock::WeibullCdf { shape: a, scale: b },
            _ => Adstock::WeibullPdf { shape: a, scale: b },
        };
        let window: usize = group[0][3].parse().unwrap();
        assert_eq!(group.len(), window);
        let x: Vec<f64> = group.iter().map(|row| number(row, 5)).collect();
        let weights = adstock.weights(window).unwrap();
        let spread = adstock.apply(&x, window).unwrap();
        for (t, row) in group.iter().enumerate() {
            // Weights are at most 1; the least of a density is exactly 0 after stretching.
            assert!((weights[t] - number(row, 6)).abs() <= 1e-11, "{adstock:?} {window} {t}");
            let decayed = number(row, 7);
            let scale = x[..=t].iter().sum::<f64>();
            assert!(
                (spread.decayed[t] - decayed).abs() <= 1e-11 * scale,
                "{adstock:?} {window} {t}"
            );
            assert!((carry(&weights, &x[..=t]) - decayed).abs() <= 1e-11 * scale);
            assert_eq!(spread.instant[t], x[t] * weights[0]);
        }
        let inflation = spread.decayed.iter().sum::<f64>() / x.iter().sum::<f64>();
        assert_eq!(spread.inflation(&x), inflation);
        cases += 1;
    }
    assert_eq!(cases, 5 * (3 + 2 * 7 * 4) + 3 + 2 * 3 * 2);
}

#[test]
fn geometric_online_is_batch() {
    let x: Vec<f64> = (0..500).map(|t| f64::from(t * 7919 % 101) * 0.37).collect();
    for theta in [0.0, 0.3, 0.85, 0.999] {
        let batch = Adstock::Geometric { theta }.apply(&x, x.len()).unwrap();
        let mut state = GeometricState::new(theta).unwrap();
        for (t, x) in x.iter().enumerate() {
            assert_eq!(state.step(*x).to_bits(), batch.decayed[t].to_bits());
        }
    }
}

#[test]
fn saturation_equals_robyn_and_pymc() {
    for row in fixture("saturation") {
        let (a, b) = (number(&row, 1), number(&row, 2));
        let curve = match row[0].as_str() {
            "hill" => Saturation::hill_at(a, b, &[0.0, 170.25, 200.0, 12.0]).unwrap(),
            "michaelis_menten" => Saturation::MichaelisMenten { limit: a, half: b },
            "logistic" => Saturation::Logistic { rate: a },
            _ => Saturation::Tanh { limit: a, cost: b },
        };
        let (got, expected) = (curve.value(number(&row, 3)), number(&row, 4));
        assert!(close(got, expected, 1e-13), "{row:?} {got}");
    }
}

#[test]
fn fourier_equals_forty_digits() {
    for row in fixture("fourier") {
        let waves = Fourier::new(number(&row, 0), 3).unwrap();
        let day: i32 = row[1].parse().unwrap();
        let k: usize = row[2].parse().unwrap();
        let mut out = [0.0; 6];
        waves.write(day, &mut out);
        assert!((out[2 * k - 2] - number(&row, 3)).abs() <= 1e-14, "{row:?} {out:?}");
        assert!((out[2 * k - 1] - number(&row, 4)).abs() <= 1e-14, "{row:?} {out:?}");
    }
}

#[test]
fn shares_above_a_cap_equal_sums_over_scipy() {
    use campaign_features::feature::transform::cap::Exposures;
    for row in fixture("frequency_cap") {
        let (shape, mean) = (number(&row, 0), number(&row, 1));
        let law = Exposures::new(mean, shape).unwrap();
        let cap = row[2].parse().unwrap();
        assert!(close(law.frequency(), number(&row, 3), 1e-12), "{row:?}");
        assert!((law.share_above(cap) - number(&row, 4)).abs() <= 1e-13, "{row:?}");
        let again = Exposures::from_frequency(law.frequency(), shape).unwrap();
        assert!(close(again.mean(), mean, 1e-9), "{row:?} {again:?}");
        assert!((again.share_above(cap) - number(&row, 4)).abs() <= 1e-9, "{row:?}");
    }
}
