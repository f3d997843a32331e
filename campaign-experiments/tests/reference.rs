//! Probabilities, losses, quantiles and lifts equal numbers of 36 digits that
//! `tests/reference/bayes.py` made by other means.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use campaign_experiments::bayes::{expected_loss, lift_cdf, lift_quantile, probability_greater};
use campaign_experiments::{Beta, Comparison};

fn rows(text: &str) -> impl Iterator<Item = (Vec<&str>, &str)> {
    text.lines().skip(1).map(|line| (line.split(',').collect(), line))
}

fn number(text: &str) -> f64 {
    text.parse().unwrap()
}

fn beta(a: &str, b: &str) -> Beta {
    Beta::new(number(a), number(b)).unwrap()
}

/// The largest error so far, and where.
#[derive(Default, Debug)]
#[allow(dead_code, reason = "the place is read by Debug, in a failure")]
struct Worst(f64, String);

impl Worst {
    fn see(&mut self, error: f64, at: &str) {
        assert!(error.is_finite(), "{at}");
        if error > self.0 {
            *self = Self(error, at.to_owned());
        }
    }
}

#[test]
fn two_arms() {
    let [mut p_abs, mut p_rel, mut loss_abs] = [(); 3].map(|()| Worst::default());
    let mut cases = 0;
    for (c, line) in rows(include_str!("data/pairs.csv")) {
        let (a, b) = (beta(c[0], c[1]), beta(c[2], c[3]));
        let p = number(c[4]);
        let got = probability_greater(&b, &a);
        p_abs.see((got - p).abs(), line);
        p_rel.see((got / p - 1.0).abs(), line);
        assert!((probability_greater(&a, &b) - (1.0 - p)).abs() < 1e-10, "{line}");
        let scale = a.mean().max(b.mean());
        loss_abs.see((expected_loss(&b, &a) - number(c[5])).abs() / scale, line);
        loss_abs.see((expected_loss(&a, &b) - number(c[6])).abs() / scale, line);
        cases += 1;
    }
    println!("P(B > A): absolute {p_abs:?}\nrelative {p_rel:?}\nloss over mean: {loss_abs:?}");
    assert!(p_abs.0 < 1e-10 && p_rel.0 < 1e-10 && loss_abs.0 < 1e-10);
    assert_eq!(cases, 26);
}

#[test]
fn quantiles() {
    let (mut worst, mut tail, mut cases) = (Worst::default(), Worst::default(), 0);
    for (c, line) in rows(include_str!("data/quantiles.csv")) {
        let law = beta(c[0], c[1]);
        let (level, x) = (number(c[2]), number(c[3]));
        worst.see((law.quantile(level).unwrap() / x - 1.0).abs(), line);
        tail.see((law.cdf(x) - level).abs(), line);
        tail.see((law.sf(x) - number(c[4])).abs(), line);
        cases += 1;
    }
    println!("quantile: relative {worst:?}\ndistribution function: absolute {tail:?}");
    assert!(worst.0 < 1e-12 && tail.0 < 1e-10);
    assert_eq!(cases, 50);
}

#[test]
fn lifts() {
    let (mut worst, mut back, mut cases) = (Worst::default(), Worst::default(), 0);
    for (c, line) in rows(include_str!("data/lifts.csv")) {
        let (a, b) = (beta(c[0], c[1]), beta(c[2], c[3]));
        let (lift, level) = (number(c[4]), number(c[5]));
        worst.see((lift_cdf(&b, &a, lift) - level).abs(), line);
        back.see((lift_quantile(&b, &a, level).unwrap() - lift).abs(), line);
        cases += 1;
    }
    println!("lift: distribution function {worst:?}\nquantile {back:?}");
    assert!(worst.0 < 1e-10 && back.0 < 1e-10);
    assert_eq!(cases, 30);
}

#[test]
fn many_arms() {
    let (mut worst, mut cases) = (Worst::default(), 0);
    for (c, line) in rows(include_str!("data/best.csv")) {
        let arms: Vec<Beta> = c[0]
            .split(';')
            .map(|arm| arm.split_once(' ').map(|(a, b)| beta(a, b)).unwrap())
            .collect();
        let got = Comparison::new(&arms).unwrap();
        let p: Vec<f64> = c[1].split(';').map(number).collect();
        assert_eq!(p.len(), arms.len());
        for (got, p) in got.p_best.iter().zip(p) {
            worst.see((got - p).abs(), line);
        }
        if let Ok(highest) = c[2].parse::<f64>() {
            for (loss, arm) in got.expected_loss.iter().zip(&arms) {
                worst.see((loss - (highest - arm.mean())).abs(), line);
            }
        }
        cases += 1;
    }
    println!("many arms: {worst:?}");
    assert!(worst.0 < 1e-10);
    assert_eq!(cases, 7);
}
