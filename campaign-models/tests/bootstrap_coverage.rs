//! Bootstrap intervals: how often they cover, against the law of their width.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use campaign_core::rand::RngExt;
use campaign_models::metrics::{Bootstrap, MetricError, Outcomes, Resample};
use campaign_models::{Evaluation, Metric};
use common::rng;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use rand_xoshiro::Xoshiro256PlusPlus;

fn normal(rng: &mut Xoshiro256PlusPlus) -> f64 {
    let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}

fn days(n: usize) -> Vec<Date> {
    (0..n).map(|i| date(2024, 1, 1).checked_add((i as i64).days()).unwrap()).collect()
}

/// Standard normal distribution function: Abramowitz & Stegun 1964, 7.1.26, good to 1.5e-7.
fn phi(x: f64) -> f64 {
    let z = x.abs() / 2.0_f64.sqrt();
    let t = 1.0 / (1.0 + 0.3275911 * z);
    let poly = t
        * (0.254829592
            + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
    let erf = 1.0 - poly * (-z * z).exp();
    0.5 * (1.0 + erf.copysign(x))
}

/// Mean absolute error of `10 + e` with `e` an AR(1) series: a mean whose truth is 10.
///
/// The law: an interval of nominal 90 % that estimates the share `r^2` of the variance covers with
/// probability `2 Φ(1.645 r) - 1`. With autocovariances `φ^k` and blocks of mean length b in n days, the
/// expected estimate is, of `(1 + φ) / (1 - φ)`: for moving blocks `(1 + φ) / (1 - φ) - 2 φ (1 - φ^b) / (b
/// (1 - φ)^2)`, for stationary ones `(1 + q φ) / (1 - q φ)` with `q = 1 - 1 / b`, for single rows 1; each less
/// what is lost to the sample mean, `b / n`, `(2 b - 1) / n` and `1 / n` of the variance.
#[test]
fn blocks_of_days_cover_a_series_with_memory_and_single_rows_do_not() {
    const F: f64 = 0.6;
    let (n, b, sims) = (1_000_usize, 25.0_f64, 600);
    let full = (1.0 + F) / (1.0 - F);
    let moving = full - 2.0 * F * (1.0 - F.powf(b)) / (b * (1.0 - F) * (1.0 - F));
    let q = F * (1.0 - 1.0 / b);
    let n_days = n as f64;
    let laws = [
        (Resample::Rows, 1.0 / full - 1.0 / n_days),
        (Resample::MovingBlocks { days: 25 }, moving / full - b / n_days),
        (
            Resample::StationaryBlocks { mean_days: b },
            (1.0 + q) / (1.0 - q) / full - (2.0 * b - 1.0) / n_days,
        ),
    ];
    let days = days(n);
    let prediction = vec![0.0; n];
    let mut covered = [0; 3];
    let mut rng = rng(11);
    for _ in 0..sims {
        let mut e = normal(&mut rng) / (1.0 - F * F).sqrt();
        let target: Vec<f64> = (0..n)
            .map(|_| {
                e = F * e + normal(&mut rng);
                20.0 + e
            })
            .collect();
        let outcomes = Outcomes::new(&target).with_days(&days);
        for (count, (resample, _)) in covered.iter_mut().zip(laws) {
            let bootstrap = Bootstrap::new(resample).with_confidence(0.9).with_replications(200);
            let interval =
                bootstrap.interval(Metric::Mae, &outcomes, &prediction, &mut rng).unwrap();
            *count += usize::from(interval.covers(20.0));
        }
    }
    for (count, (resample, share)) in covered.into_iter().zip(laws) {
        let law = 2.0 * phi(1.644854 * share.sqrt()) - 1.0;
        let coverage = count as f64 / f64::from(sims);
        let error = (law * (1.0 - law) / f64::from(sims)).sqrt();
        println!("{resample:?}: {coverage:.3} of nominal 0.9, law {law:.3}");
        // The law leaves out that the estimate varies and that 200 resamples are few: 0.01 for both.
        assert!((coverage - law).abs() < 3.0 * error + 0.01, "{resample:?} {coverage} {law}");
    }
}

/// Scores `N(δ y, 1)` have AUC `Φ(δ / √2)`.
#[test]
fn the_difference_of_two_rankings_is_covered() {
    let (n, sims) = (400, 500);
    let truth = phi(1.2 / 2.0_f64.sqrt());
    let difference = truth - phi(0.9 / 2.0_f64.sqrt());
    let bootstrap = Bootstrap::rows().with_confidence(0.9).with_replications(200);
    let mut rng = rng(12);
    let (mut value_covered, mut difference_covered, mut widths) = (0, 0, 0.0);
    for _ in 0..sims {
        let y: Vec<f64> = (0..n).map(|_| f64::from(rng.random::<f64>() < 0.4)).collect();
        // Two scores that share a part of their noise, as two models on the same rows do.
        let shared: Vec<f64> = y.iter().map(|_| normal(&mut rng)).collect();
        let mut score = |delta: f64| -> Vec<f64> {
            let noise = shared.iter().map(|s| 0.8 * s + 0.6 * normal(&mut rng));
            y.iter().zip(noise).map(|(y, e)| delta * y + e).collect()
        };
        let (a, b) = (score(1.2), score(0.9));
        let e = Evaluation::with_intervals(
            Metric::Auc,
            &Outcomes::new(&y),
            &a,
            &b,
            &bootstrap,
            &mut rng,
        )
        .unwrap();
        let (value, paired) = (e.interval.unwrap(), e.difference.unwrap());
        value_covered += usize::from(value.covers(truth));
        difference_covered += usize::from(paired.covers(difference));
        widths += (paired.high - paired.low) / (value.high - value.low) / f64::from(sims);
        assert_eq!(e.surely_beats_baseline(), Some(paired.low > 0.0));
    }
    let error = (0.9 * 0.1 / f64::from(sims)).sqrt();
    for covered in [value_covered, difference_covered] {
        let coverage = covered as f64 / f64::from(sims);
        println!("coverage {coverage:.3} of nominal 0.9");
        assert!((coverage - 0.9).abs() < 3.0 * error + 0.005, "{coverage}");
    }
    // Unpaired, the difference would be about √2 times as wide as either value.
    assert!(widths < 1.1, "{widths}");
}

/// Rows `u + e` of 60 groups of 10: group means vary by `1 + 1 / 10`, so single rows see the share
/// `(2 / 10) / 1.1` of the variance.
#[test]
fn groups_are_drawn_whole() {
    let sims = 500;
    let groups: Vec<u32> = (0..600).map(|i| i / 10).collect();
    let prediction = vec![0.0; 600];
    let mut rng = rng(13);
    let mut covered = [0; 2];
    for _ in 0..sims {
        let mut u = 0.0;
        let target: Vec<f64> = (0..600)
            .map(|i| {
                if i % 10 == 0 {
                    u = normal(&mut rng);
                }
                20.0 + u + normal(&mut rng)
            })
            .collect();
        let outcomes = Outcomes::new(&target).with_groups(&groups);
        for (count, bootstrap) in covered.iter_mut().zip([Bootstrap::groups(), Bootstrap::rows()]) {
            let bootstrap = bootstrap.with_confidence(0.9).with_replications(200);
            let interval =
                bootstrap.interval(Metric::Mae, &outcomes, &prediction, &mut rng).unwrap();
            *count += usize::from(interval.covers(20.0));
        }
    }
    for (count, share) in covered.into_iter().zip([59.0 / 60.0, 0.2 / 1.1]) {
        let law = 2.0 * phi(1.644854 * f64::sqrt(share)) - 1.0;
        let coverage = count as f64 / f64::from(sims);
        let error = (law * (1.0 - law) / f64::from(sims)).sqrt();
        println!("{coverage:.3} of nominal 0.9, law {law:.3}");
        assert!((coverage - law).abs() < 3.0 * error + 0.01, "{coverage} {law}");
    }
}

#[test]
fn the_seed_alone_decides() {
    let y: Vec<f64> = (0..90).map(|i| f64::from(i % 3 == 0)).collect();
    let p: Vec<f64> = (0..90).map(|i| f64::from((i * 7) % 10) / 10.0).collect();
    let days = days(90);
    let outcomes = Outcomes::new(&y).with_days(&days);
    let interval = |bootstrap: Bootstrap, seed| {
        bootstrap.interval(Metric::Auc, &outcomes, &p, &mut rng(seed)).unwrap()
    };
    for bootstrap in
        [Bootstrap::rows(), Bootstrap::moving_blocks(9), Bootstrap::stationary_blocks(9.0)]
    {
        assert_eq!(interval(bootstrap, 1), interval(bootstrap, 1));
        assert_ne!(interval(bootstrap, 1), interval(bootstrap, 2));
        let (wide, narrow) = (interval(bootstrap, 1), interval(bootstrap.with_confidence(0.5), 1));
        assert!(wide.low < narrow.low && narrow.high < wide.high);
    }
}

#[test]
fn what_cannot_be_drawn_is_named() {
    let (y, p) = ([0.0, 1.0, 1.0], [0.1, 0.2, 0.3]);
    let outcomes = Outcomes::new(&y);
    let error = |b: Bootstrap, o: &Outcomes<'_>, m| b.interval(m, o, &p, &mut rng(1)).unwrap_err();
    let missing = error(Bootstrap::moving_blocks(2), &outcomes, Metric::Mae);
    assert_eq!(missing.to_string(), "a bootstrap of blocks of days needs days");
    assert!(matches!(
        error(Bootstrap::groups(), &outcomes, Metric::Mae),
        MetricError::Missing { part: "groups", .. }
    ));
    let one = error(Bootstrap::groups(), &outcomes.with_groups(&[4, 4, 4]), Metric::Mae);
    assert!(matches!(one, MetricError::Missing { .. }));
    let short = error(Bootstrap::groups(), &outcomes.with_groups(&[4, 4]), Metric::Mae);
    assert!(matches!(short, MetricError::Length { what: "groups", .. }), "{short}");
    for bad in [
        Bootstrap::rows().with_replications(9),
        Bootstrap::rows().with_confidence(1.0),
        Bootstrap::rows().with_confidence(f64::NAN),
        Bootstrap::moving_blocks(0),
        Bootstrap::stationary_blocks(0.5),
        Bootstrap::stationary_blocks(f64::NAN),
    ] {
        assert!(matches!(error(bad, &outcomes, Metric::Mae), MetricError::Parameter { .. }));
    }
    // Of three rows with one negative, many resamples are of one class.
    let undefined = error(Bootstrap::rows(), &outcomes, Metric::Auc);
    assert!(matches!(undefined, MetricError::Resamples { replications: 1000, .. }), "{undefined}");
    // Rows drawn singly give the rows of a ranking different weights.
    let ranking = error(Bootstrap::rows(), &outcomes, Metric::Ndcg { k: 2 });
    assert!(ranking.to_string().ends_with("the rows of a group have different weights"));
}
