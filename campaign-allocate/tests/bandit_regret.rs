//! Regret in simulation, against the rule of a well-known tutorial as negative control.

#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_range_loop)]

use campaign_allocate::{BetaThompson, Ucb1};
use campaign_core::rand::{RngExt, SeedableRng};
use campaign_core::{Arm, Bandit, Context, Feedback};
use rand_xoshiro::Xoshiro256PlusPlus;

const RATES: [f64; 10] = [0.02, 0.35, 0.05, 0.1, 0.2, 0.08, 0.5, 0.15, 0.3, 0.25];
const BEST: f64 = 0.5;
const ROUNDS: usize = 10_000;
const SEEDS: u64 = 40;
/// The naive rule settles on an arm by luck, so that its regret varies much from seed to seed.
const NAIVE_SEEDS: u64 = 300;

/// Regret after each tenth of the rounds.
fn run(
    seed: u64,
    mut choose: impl FnMut(usize, &mut Xoshiro256PlusPlus) -> usize,
    mut learn: impl FnMut(usize, f64),
) -> Vec<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let (mut regret, mut path) = (0.0, Vec::new());
    for round in 0..ROUNDS {
        let arm = choose(round, &mut rng);
        let reward = f64::from(u8::from(rng.random::<f64>() < RATES[arm]));
        learn(arm, reward);
        regret += BEST - RATES[arm];
        if (round + 1) % (ROUNDS / 10) == 0 {
            path.push(regret);
        }
    }
    path
}

fn run_bandit(bandit: &mut dyn Bandit, seed: u64) -> Vec<f64> {
    let bandit = core::cell::RefCell::new(bandit);
    let mut scratch = bandit.borrow().scratch();
    let choose = |_: usize, rng: &mut Xoshiro256PlusPlus| {
        bandit.borrow().select(&Context::none(), rng, &mut scratch).unwrap().index()
    };
    run(seed, choose, |arm, reward| {
        bandit.borrow_mut().update(&Feedback::new(Arm(arm as u32), reward)).unwrap();
    })
}

/// argmax(pulls / sqrt(2 ln(i + 1)) + U(0, 1)) from i = 1: it counts pulls and never looks at rewards.
fn run_naive(seed: u64) -> Vec<f64> {
    let pulls = core::cell::RefCell::new([0.0_f64; 10]);
    let choose = |round: usize, rng: &mut Xoshiro256PlusPlus| {
        let scale = (2.0 * ((round + 2) as f64).ln()).sqrt();
        let pulls = pulls.borrow();
        let (mut best, mut highest) = (0, f64::NEG_INFINITY);
        for (arm, n) in pulls.iter().enumerate() {
            let index = n / scale + rng.random::<f64>();
            if index > highest {
                (best, highest) = (arm, index);
            }
        }
        best
    };
    run(seed, choose, |arm, _| pulls.borrow_mut()[arm] += 1.0)
}

/// Mean and standard error of the final regret, and mean regret of the first and last tenth of the rounds.
fn summary(paths: &[Vec<f64>]) -> (f64, f64, f64, f64) {
    let n = paths.len() as f64;
    let mean = |f: &dyn Fn(&Vec<f64>) -> f64| paths.iter().map(f).sum::<f64>() / n;
    let last = mean(&|p| p[9]);
    let variance = mean(&|p| (p[9] - last).powi(2)) * n / (n - 1.0);
    (last, (variance / n).sqrt(), mean(&|p| p[0]), mean(&|p| p[9] - p[8]))
}

#[test]
fn regret_grows_slowly_and_far_less_than_the_naive_rule() {
    let naive: Vec<_> = (0..NAIVE_SEEDS).map(run_naive).collect();
    let (naive_mean, naive_se, naive_first, naive_tail) = summary(&naive);
    // Linear: the last tenth costs as much as the first (5 standard errors of a tenth).
    assert!((naive_tail - naive_first).abs() < 5.0 * naive_se / 10.0 + 0.05 * naive_first);
    let thompson: Vec<_> =
        (0..SEEDS).map(|s| run_bandit(&mut BetaThompson::new(10, 1.0, 1.0).unwrap(), s)).collect();
    let ucb: Vec<_> = (0..SEEDS).map(|s| run_bandit(&mut Ucb1::new(10).unwrap(), s)).collect();
    for (name, paths) in [("thompson", thompson), ("ucb1", ucb)] {
        let (mean, se, first, tail) = summary(&paths);
        // The gap must exceed what chance explains: both means at 4 standard errors.
        assert!(
            4.0 * (mean + 4.0 * se) < naive_mean - 4.0 * naive_se,
            "{name}: {mean} ± {se}, naive {naive_mean} ± {naive_se}"
        );
        assert!(3.0 * tail < first, "{name}: first tenth {first}, last {tail}");
    }
}
