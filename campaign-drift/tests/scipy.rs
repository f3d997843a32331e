//! Statistic and p-values equal SciPy's (1.17.1); `tests/reference/ks.py` made the numbers.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use campaign_drift::ks::one_sample_tail;
use campaign_drift::{KsMethod, ks_two_sample};

/// The stream that the script draws its samples from.
fn sample(n: usize, seed: u64, modulus: u64, shift: u64) -> Vec<f64> {
    let mut x = seed;
    (0..n)
        .map(|_| {
            x = (1_103_515_245 * x + 12_345) % (1 << 31);
            ((x >> 8) % modulus + shift) as f64 / 64.0
        })
        .collect()
}

#[test]
fn two_samples() {
    let (mut cases, mut exact_cases) = (0, 0);
    let mut worst = [0.0_f64; 2];
    for line in include_str!("data/ks.csv").lines().skip(1) {
        let cell: Vec<&str> = line.split(',').collect();
        let int = |k: usize| cell[k].parse::<u64>().unwrap();
        let (n, m, modulus, shift) = (int(0) as usize, int(1) as usize, int(2), int(3));
        let a = sample(n, 1, modulus, 0);
        let b = sample(m, 2, modulus, shift);
        let methods = [(KsMethod::Exact, 5), (KsMethod::Asymptotic, 6)];
        for (slot, (method, column)) in methods.into_iter().enumerate() {
            if cell[column].is_empty() {
                continue;
            }
            let expected: f64 = cell[column].parse().unwrap();
            let test = ks_two_sample(&a, &b, method).unwrap();
            let statistic: f64 = cell[4].parse().unwrap();
            assert!((test.statistic - statistic).abs() < 1e-14, "{line}");
            // SciPy answers 0 where the number is not one that a double can hold, or beyond n x^2 = 370.
            let error = if expected == 0.0 || test.p_value < 1e-300 {
                assert!(test.p_value < 1e-290 && expected < 1e-290, "{line}: {}", test.p_value);
                0.0
            } else {
                (test.p_value / expected - 1.0).abs()
            };
            assert!(error < 1e-10, "{line}: {} {error:e}", test.p_value);
            worst[slot] = worst[slot].max(error);
            exact_cases += usize::from(method == KsMethod::Exact);
        }
        let auto = ks_two_sample(&a, &b, KsMethod::Auto).unwrap();
        assert_eq!(auto.exact, n.max(m) <= 10_000);
        cases += 1;
    }
    println!("worst relative errors: exact {:e}, asymptotic {:e}", worst[0], worst[1]);
    assert_eq!((cases, exact_cases), (170, 146));
}

#[test]
fn one_sample_law() {
    let (mut cases, mut worst) = (0, (0.0_f64, ""));
    for line in include_str!("data/ks_law.csv").lines().skip(1) {
        let cell: Vec<&str> = line.split(',').collect();
        let (n, x): (u64, f64) = (cell[0].parse().unwrap(), cell[1].parse().unwrap());
        let expected: f64 = cell[2].parse().unwrap();
        let got = one_sample_tail(n, x);
        let error = if expected < 1e-290 { got - expected } else { (got / expected - 1.0).abs() };
        if error > worst.0 {
            worst = (error, line);
        }
        cases += 1;
    }
    println!("worst relative error: {:e} at {}", worst.0, worst.1);
    assert!(worst.0 < 1e-10, "{worst:?}");
    assert_eq!(cases, 553);
}
