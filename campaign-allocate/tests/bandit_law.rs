//! `probabilities_into` is the law of `select`, and `choose` follows its table.

#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_range_loop)]

use campaign_allocate::{BetaThompson, FrozenPolicy, Ucb1};
use campaign_core::rand::{Rng, SeedableRng};
use campaign_core::{Arm, Bandit, Context, Error, Feedback, Scratch};
use proptest::prelude::*;
use rand_xoshiro::Xoshiro256PlusPlus;

/// A bandit whose arms have these posteriors: the prior is the smallest shape.
fn posterior(shapes: &[(f64, f64)]) -> BetaThompson {
    let least = shapes.iter().flat_map(|s| [s.0, s.1]).fold(f64::INFINITY, f64::min);
    let mut bandit = BetaThompson::new(shapes.len(), least, least).unwrap();
    for (arm, &(a, b)) in shapes.iter().enumerate() {
        let arm = Arm(arm as u32);
        bandit.update(&Feedback::new(arm, 1.0).with_weight(a - least)).unwrap();
        bandit.update(&Feedback::new(arm, 0.0).with_weight(b - least)).unwrap();
    }
    bandit
}

fn law(bandit: &dyn Bandit, context: &Context<'_>) -> Vec<f64> {
    let mut p = vec![f64::NAN; bandit.n_arms()];
    bandit.probabilities_into(context, &mut bandit.scratch(), &mut p).unwrap();
    p
}

/// Chi-square over the arms expected at least 5 times, the rest pooled; and its degrees of freedom.
fn chi_square(counts: &[u64], p: &[f64]) -> (f64, usize) {
    let n: u64 = counts.iter().sum();
    let (mut chi, mut cells, mut rest) = (0.0, 0, (0.0, 0.0));
    for (&count, &p) in counts.iter().zip(p) {
        let expected = p * n as f64;
        if expected >= 5.0 {
            chi += (count as f64 - expected).powi(2) / expected;
            cells += 1;
        } else {
            rest = (rest.0 + count as f64, rest.1 + expected);
        }
    }
    if rest.1 >= 5.0 {
        chi += (rest.0 - rest.1).powi(2) / rest.1;
        cells += 1;
    } else {
        // Too rare for chi-square: Poisson, mean below 5, exceeds 22 less than once in 1e7.
        assert!(rest.0 <= 22.0, "{rest:?}");
    }
    (chi, cells - 1)
}

/// A bound exceeded with probability below 1e-5 at each of 1..=30 degrees of freedom: Wilson and Hilferty
/// (1931) at 4.5 standard deviations.
fn chi_bound(df: usize) -> f64 {
    let k = 2.0 / (9.0 * df as f64);
    df as f64 * (1.0 - k + 4.5 * k.sqrt()).powi(3)
}

fn draws(bandit: &dyn Bandit, context: &Context<'_>, seed: u64, n: u64) -> Vec<u64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut scratch = bandit.scratch();
    let mut counts = vec![0; bandit.n_arms()];
    for _ in 0..n {
        counts[bandit.select(context, &mut rng, &mut scratch).unwrap().index()] += 1;
    }
    counts
}

const POSTERIORS: [&[(f64, f64)]; 6] = [
    &[(1.0, 1.0); 5],
    &[(3.0, 8.0), (5.0, 6.0), (1.0, 1.0), (30.0, 45.0)],
    &[(0.05, 0.05), (0.3, 2.0), (0.5, 0.5), (2.0, 0.2)],
    &[(0.01, 0.01); 3],
    &[(40.0, 900.0), (45.0, 880.0), (3.0, 60.0), (1.0, 1.0), (0.2, 9.0), (500.0, 9e3)],
    &[(2e5, 1e6), (2.001e5, 1e6), (2.0, 10.0), (1e-3, 1e-2)],
];

#[test]
fn thompson_selects_with_its_law() {
    for (seed, shapes) in POSTERIORS.iter().enumerate() {
        let bandit = posterior(shapes);
        let mask: Vec<bool> = (0..shapes.len()).map(|arm| arm != 1).collect();
        for context in [Context::none(), Context::none().with_eligible(&mask)] {
            let p = law(&bandit, &context);
            let counts = draws(&bandit, &context, 100 + seed as u64, 1_000_000);
            for arm in 0..shapes.len() {
                assert_eq!(p[arm] > 0.0, context.is_eligible(arm));
                assert!(context.is_eligible(arm) || counts[arm] == 0);
            }
            let (chi, df) = chi_square(&counts, &p);
            assert!(chi < chi_bound(df), "{shapes:?}: chi-square {chi} at {df}: {counts:?} {p:?}");
        }
    }
}

#[test]
fn the_chi_square_test_can_fail() {
    // A law that is off by half a percent of one arm.
    let bandit = posterior(&[(1.0, 1.0); 2]);
    let counts = draws(&bandit, &Context::none(), 5, 1_000_000);
    assert!(chi_square(&counts, &[0.5, 0.5]).0 < chi_bound(1));
    assert!(chi_square(&counts, &[0.5025, 0.4975]).0 > chi_bound(1));
}

/// SciPy 1.17: `tests/reference/beta_best.py`.
#[test]
fn thompson_law_equals_reference() {
    for (shapes, reference) in REFERENCE {
        let p = law(&posterior(shapes), &Context::none());
        for (got, want) in p.iter().zip(reference) {
            assert!((got - want).abs() < 1e-9, "{shapes:?}: {p:?}, expected {reference:?}");
        }
    }
}

type Reference = (&'static [(f64, f64)], &'static [f64]);

const REFERENCE: [Reference; 7] = [
    (&[(3.0, 8.0), (5.0, 6.0)], &[0.1749226006192, 0.8250773993808]),
    (&[(1.0, 1.0), (1.0, 1.0), (1.0, 1.0)], &[0.3333333333333, 0.3333333333333, 0.3333333333333]),
    (&[(0.5, 0.5), (0.3, 2.0)], &[0.8163344334625, 0.1836655665375]),
    (&[(0.05, 0.05), (2.0, 3.0), (0.5, 4.0)], &[0.5095917190657, 0.4399079620154, 0.0505003189189]),
    (
        &[(40.0, 900.0), (45.0, 880.0), (3.0, 60.0), (1.0, 1.0)],
        &[0.0075027620948, 0.0232139973351, 0.029092264853, 0.9401909757171],
    ),
    (
        &[(2.0, 1.0), (200.0, 100.0), (2000.0, 1000.0)],
        &[0.5399890287809, 0.2384451830163, 0.221565788202],
    ),
    (
        &[(1.0, 50.0), (1.0, 60.0), (2.0, 90.0), (1.0, 10.0), (30.0, 2000.0)],
        &[0.0943069701939, 0.0669486662669, 0.1043364114004, 0.715763751923, 0.0186442002158],
    ),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn two_whole_numbered_arms_equal_the_closed_form(a in 1_u32..60, b in 1_u32..60, c in 1_u32..60, d in 1_u32..60) {
        // Cook, J. D. (2005): P(X > Y) as a finite sum; logarithms of factorials by addition.
        let log_factorial = |n: u32| (1..=n).map(|k| f64::from(k).ln()).sum::<f64>();
        let log_beta = |x: u32, y: u32| log_factorial(x - 1) + log_factorial(y - 1) - log_factorial(x + y - 1);
        let term = |i: u32| {
            (log_beta(c + i, d + b) - f64::from(b + i).ln() - log_beta(1 + i, b) - log_beta(c, d)).exp()
        };
        let exact: f64 = (0..a).map(term).sum();
        let p = law(&posterior(&[(a.into(), b.into()), (c.into(), d.into())]), &Context::none());
        prop_assert!((p[0] - exact).abs() < 1e-10, "{} {exact}", p[0]);
        prop_assert!((p[0] + p[1] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn laws_add_up_and_do_not_depend_on_order(
        shapes in prop::collection::vec((-3.0..5.0f64, -3.0..5.0f64), 1..12),
        mask in prop::collection::vec(any::<bool>(), 12),
        turn in 0_usize..12,
    ) {
        let shapes: Vec<(f64, f64)> =
            shapes.iter().map(|s| (10f64.powf(s.0), 10f64.powf(s.1))).collect();
        let mut mask = mask[..shapes.len()].to_vec();
        mask[0] = true;
        let p = law(&posterior(&shapes), &Context::none().with_eligible(&mask));
        prop_assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        prop_assert!(p.iter().zip(&mask).all(|(&p, &m)| p >= 0.0 && (m || p == 0.0)));
        let turn = turn % shapes.len();
        let (mut turned, mut turned_mask, mut turned_p) = (shapes, mask, p);
        turned.rotate_left(turn);
        turned_mask.rotate_left(turn);
        turned_p.rotate_left(turn);
        let again = law(&posterior(&turned), &Context::none().with_eligible(&turned_mask));
        for (a, b) in again.iter().zip(&turned_p) {
            prop_assert!((a - b).abs() < 1e-12, "{again:?} {turned_p:?}");
        }
    }

    #[test]
    fn ucb_law_is_a_point_mass_on_what_it_selects(
        feedback in prop::collection::vec((0_u32..6, 0.0..1.0f64, 0.0..3.0f64), 0..60),
        mask in prop::collection::vec(any::<bool>(), 6),
    ) {
        let mut bandit = Ucb1::new(6).unwrap();
        for &(arm, reward, weight) in &feedback {
            bandit.update(&Feedback::new(Arm(arm), reward).with_weight(weight)).unwrap();
        }
        let mut mask = mask;
        mask[3] = true;
        let context = Context::none().with_eligible(&mask);
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let arm = bandit.select(&context, &mut rng, &mut bandit.scratch()).unwrap().index();
        let p = law(&bandit, &context);
        prop_assert!(mask[arm] && (0..6).all(|i| p[i] == f64::from(u8::from(i == arm))));
        // By the book.
        let (n, s) = (bandit.weights(), bandit.rewards());
        let t: f64 = n.iter().sum();
        let index = |i: usize| if n[i] == 0.0 { f64::INFINITY } else { s[i] / n[i] + (2.0 * t.max(1.0).ln() / n[i]).sqrt() };
        let best = (0..6).filter(|&i| mask[i]).rev().max_by(|&i, &j| index(i).total_cmp(&index(j))).unwrap();
        prop_assert_eq!(arm, best);
    }
}

#[test]
fn frozen_policies_follow_their_table() {
    let skewed: Vec<f64> =
        (0..10).map(|k| 0.5_f64.powi(k + 1) / (1.0 - 0.5_f64.powi(10))).collect();
    let mut policy = FrozenPolicy::default();
    for (seed, p) in
        [&skewed[..], &[0.0, 1.0, 0.0], &[1.0], &[0.1; 10], &[0.3, 0.0, 0.7]].iter().enumerate()
    {
        policy.rebuild(p).unwrap();
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed as u64);
        let mut counts = vec![0; p.len()];
        for _ in 0..1_000_000 {
            let choice = policy.choose(&mut rng as &mut dyn Rng).unwrap();
            assert_eq!(choice.propensity(), policy.probabilities()[choice.arm().index()]);
            counts[choice.arm().index()] += 1;
        }
        assert!(counts.iter().zip(*p).all(|(&c, &p)| p > 0.0 || c == 0));
        let (chi, df) = chi_square(&counts, p);
        assert!(df == 0 || chi < chi_bound(df), "{p:?}: {chi} {counts:?}");
    }
}

#[test]
fn a_bad_table_is_refused_and_changes_nothing() {
    let mut policy = FrozenPolicy::new(&[0.25, 0.75]).unwrap();
    for bad in [&[0.5, 0.4][..], &[-0.5, 1.5], &[f64::NAN, 1.0], &[]] {
        assert!(policy.rebuild(bad).is_err(), "{bad:?}");
        assert_eq!(policy.probabilities(), [0.25, 0.75]);
    }
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    assert_eq!(FrozenPolicy::default().choose(&mut rng), Err(Error::NoEligibleArm));
    let bandit = posterior(&[(2.0, 1.0), (1.0, 1.0)]);
    policy.freeze(&bandit, &Context::none(), &mut bandit.scratch()).unwrap();
    assert!((policy.probabilities()[0] - 2.0 / 3.0).abs() < 1e-12);
    assert!(policy.freeze(&bandit, &Context::none(), &mut Scratch::new(0)).is_err());
    assert_eq!(policy.n_arms(), 2);
}

proptest! {
    #[test]
    fn tables_carry_exactly_their_probabilities(weights in prop::collection::vec(0.0..1.0f64, 1..40), zeros in prop::collection::vec(any::<bool>(), 40)) {
        let mut p: Vec<f64> = weights.iter().zip(&zeros).map(|(&w, &z)| if z { 0.0 } else { w }).collect();
        p[0] += 0.1;
        let sum: f64 = p.iter().sum();
        p.iter_mut().for_each(|p| *p /= sum);
        let policy = FrozenPolicy::new(&p).unwrap();
        // A generator that runs once through an even grid shows the area of each arm in the table.
        struct Grid(u64);
        impl campaign_core::rand::TryRng for Grid {
            type Error = core::convert::Infallible;
            fn try_next_u32(&mut self) -> Result<u32, Self::Error> { Ok((self.try_next_u64()? >> 32) as u32) }
            fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
                self.0 = self.0.wrapping_add(1 << 48);
                Ok(self.0)
            }
            fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Self::Error> { dst.fill(0); Ok(()) }
        }
        let mut grid = Grid(1 << 47);
        let mut counts = vec![0_u32; p.len()];
        for _ in 0..1 << 16 {
            counts[policy.choose(&mut grid).unwrap().arm().index()] += 1;
        }
        let n = p.len() as f64;
        for (&count, &p) in counts.iter().zip(&p) {
            // Each column boundary may misplace one point of the grid.
            prop_assert!((f64::from(count) / 65536.0 - p).abs() <= 2.0 * n / 65536.0);
            prop_assert!(p > 0.0 || count == 0);
        }
    }
}
