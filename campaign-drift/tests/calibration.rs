//! Error rates by seeded simulation. Every tolerance is four standard errors of the binomial.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use campaign_core::{DriftState, DriftTest};
use campaign_drift::fdr::benjamini_hochberg;
use campaign_drift::{Direction, KsMethod, PageHinkleyConfig, ks_two_sample};
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

fn rng(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

fn normal(rng: &mut Xoshiro256PlusPlus) -> f64 {
    StandardNormal.sample(rng)
}

/// Four standard errors of a share `p` in `n` trials.
fn tolerance(p: f64, n: u32) -> f64 {
    4.0 * (p * (1.0 - p) / f64::from(n)).sqrt()
}

#[test]
fn p_values_are_uniform_without_a_change() {
    let sims = 4000;
    for (n, m, method) in
        [(300, 211, KsMethod::Exact), (300, 211, KsMethod::Asymptotic), (200, 200, KsMethod::Exact)]
    {
        let mut rng = rng(7);
        let p: Vec<f64> = (0..sims)
            .map(|_| {
                let mut draw = |n| (0..n).map(|_| normal(&mut rng)).collect::<Vec<f64>>();
                let (a, b) = (draw(n), draw(m));
                ks_two_sample(&a, &b, method).unwrap().p_value
            })
            .collect();
        for level in [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9] {
            let share = p.iter().filter(|p| **p <= level).count() as f64 / f64::from(sims);
            // Never too often; too rarely only by what the steps of the statistic account for.
            assert!(
                share <= level + tolerance(level, sims),
                "{n} {m} {method:?}: {share} at {level}"
            );
            let step = if n == m { 0.12 * level + 0.01 } else { 0.03 };
            assert!(
                share >= level - step - tolerance(level, sims),
                "{n} {m} {method:?}: {share} at {level}"
            );
        }
    }
}

#[test]
fn ties_make_the_p_value_conservative() {
    let (sims, mut rng) = (2000, rng(8));
    let mut hits = 0;
    for _ in 0..sims {
        let mut draw = |n| (0..n).map(|_| f64::from(rng.random_range(0..4_u8))).collect::<Vec<_>>();
        let (a, b) = (draw(150), draw(100));
        hits += u32::from(ks_two_sample(&a, &b, KsMethod::Exact).unwrap().p_value <= 0.05);
    }
    assert!(f64::from(hits) / f64::from(sims) <= 0.05);
}

#[test]
fn false_discovery_rate_is_kept() {
    // 20 features, 6 of them shifted; the share of false discoveries, averaged, is at most
    // 0.1 * 14 / 20 for independent tests.
    let (sims, mut rng) = (400_u32, rng(9));
    let (mut share, mut found) = (0.0, 0_u32);
    for _ in 0..sims {
        let p: Vec<f64> = (0..20)
            .map(|feature| {
                let shift = if feature < 6 { 0.45 } else { 0.0 };
                let a: Vec<f64> = (0..120).map(|_| normal(&mut rng)).collect();
                let b: Vec<f64> = (0..119).map(|_| normal(&mut rng) + shift).collect();
                ks_two_sample(&a, &b, KsMethod::Auto).unwrap().p_value
            })
            .collect();
        let adjusted = benjamini_hochberg(&p).unwrap();
        let hits = |range: core::ops::Range<usize>| {
            adjusted[range].iter().filter(|p| **p <= 0.1).count() as u32
        };
        let (right, wrong) = (hits(0..6), hits(6..20));
        found += right;
        share += f64::from(wrong) / f64::from((right + wrong).max(1));
    }
    let share = share / f64::from(sims);
    println!(
        "false discovery rate {share:.4}, power {:.3}",
        f64::from(found) / f64::from(6 * sims)
    );
    // A share lies in 0..=1, so its variance is at most mean (1 - mean).
    assert!(share <= 0.07 + tolerance(0.07, sims), "{share}");
    assert!(share >= 0.03, "{share}: the simulation has lost its teeth");
    assert!(found > 3 * sims, "{found}");
}

/// Share of streams of `n` values with an alarm, and the mean delay of those that alarm at or after
/// `change`, from which on the mean is `shift`.
fn alarms(
    config: PageHinkleyConfig,
    sims: u32,
    n: usize,
    change: usize,
    shift: f64,
) -> (f64, f64, f64) {
    let mut rng = rng(11);
    let (mut early, mut late, mut delay) = (0_u32, 0_u32, 0_usize);
    for _ in 0..sims {
        let mut test = config.build().unwrap();
        for t in 0..n {
            let x = normal(&mut rng) + if t >= change { shift } else { 0.0 };
            if test.observe(x).unwrap() == DriftState::Drift {
                if t < change {
                    early += 1;
                } else {
                    (late, delay) = (late + 1, delay + t - change);
                }
                break;
            }
        }
    }
    let share = |k| f64::from(k) / f64::from(sims);
    (share(early), share(late), delay as f64 / f64::from(late.max(1)))
}

#[test]
fn page_hinkley_false_alarms_and_delay() {
    // For a known mean and a drift of -d per step of unit variance, Siegmund's approximation of the
    // mean time between false alarms of a one-sided cumulative sum is
    // (exp(2 d (h + 1.166)) - 1 - 2 d (h + 1.166)) / (2 d^2): 5,700 for d = 1/4, h = 12. With the
    // waiting time about exponential, 100 values alarm at rate 1 - exp(-100 / 5700 * 2), both sides
    // together, 3.5 %; the running mean, which follows the stream, can only make alarms rarer.
    let sims = 4000;
    let (early, _, _) = alarms(PageHinkleyConfig::for_deviation(1.0), sims, 100, 100, 0.0);
    println!("false alarms within 100 values: {early:.4}");
    assert!(early <= 0.035 + tolerance(0.035, sims), "{early}");

    // A shift of one deviation after 200 values: each value then adds about 3/4, so the threshold is
    // passed after about 16, a few more because the mean follows.
    let (early, late, delay) = alarms(PageHinkleyConfig::for_deviation(1.0), sims, 300, 200, 1.0);
    println!("shift of 1: early {early:.4}, found {late:.4}, mean delay {delay:.1}");
    assert!(early <= 0.07 + tolerance(0.07, sims), "{early}");
    assert!(late + early > 0.999, "{late}");
    assert!((12.0..=22.0).contains(&delay), "{delay}");

    // A test for a rise does not see a fall.
    let up = PageHinkleyConfig::for_deviation(1.0).with_direction(Direction::Up);
    let (_, rise, _) = alarms(up, 500, 300, 200, 1.0);
    let (_, fall, _) = alarms(up, 500, 300, 200, -1.0);
    assert!(rise > 0.95 && fall < 0.01, "{rise} {fall}");
}
