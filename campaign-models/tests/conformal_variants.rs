//! CQR, Mondrian, CV+, adaptive and weighted intervals: coverage in simulation, definitions by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use campaign_core::Error;
use campaign_core::ndarray::Array2;
use campaign_core::rand::RngExt;
use campaign_models::conformal::{
    AdaptiveConformal, Basis, ConformalError, ConformalQuantiles, CvPlus, Fallback, IntervalScore,
    MondrianConformal, WeightedConformal, likelihood_ratio,
};
use common::rng;
use proptest::prelude::*;
use rand_xoshiro::Xoshiro256PlusPlus;

const COVERAGE: f64 = 0.9;

/// Skewed noise around 0.
fn noise(rng: &mut Xoshiro256PlusPlus) -> f64 {
    rng.random::<f64>().powi(3) - 0.25
}

/// A row of a group: target, a low and a high prediction that are wrong in a way of their own. The
/// spread is the group's: 1, 2, 4, 8.
fn row(group: u32, rng: &mut Xoshiro256PlusPlus) -> (f64, f64, f64) {
    let spread = f64::from(1_u32 << group) * (0.5 + rng.random::<f64>());
    let mean = 10.0 * rng.random::<f64>();
    (mean + spread * noise(rng), mean - 0.3 * spread, mean + 0.2)
}

struct Rows {
    y: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
    groups: Vec<u32>,
}

/// Groups in the ratio 8 : 4 : 2 : 1 (of 15), so that the noisiest is the rarest.
fn rows(n: usize, rng: &mut Xoshiro256PlusPlus) -> Rows {
    let mut r = Rows { y: vec![], low: vec![], high: vec![], groups: vec![] };
    for _ in 0..n {
        let group = match rng.random_range(0..15) {
            0..8 => 0,
            8..12 => 1,
            12..14 => 2,
            _ => 3,
        };
        let (y, low, high) = row(group, rng);
        r.y.push(y);
        r.low.push(low);
        r.high.push(high);
        r.groups.push(group);
    }
    r
}

/// Four standard errors of a share.
fn tolerance(share: f64, trials: f64) -> f64 {
    4.0 * (share * (1.0 - share) / trials).sqrt()
}

/// The law of coverage over calibration sets of `n` rows and a new one.
fn exact(n: usize) -> f64 {
    ((n as f64 + 1.0) * COVERAGE).ceil() / (n as f64 + 1.0)
}

#[test]
fn quantiles_cover_exactly_and_each_end_by_itself() {
    let (n, trials) = (60, 20_000);
    let mut rng = rng(11);
    let (mut hits, mut below, mut above) = (0.0, 0.0, 0.0);
    for _ in 0..trials {
        let r = rows(n, &mut rng);
        let c = ConformalQuantiles::fit(&r.y, &r.low, &r.high, COVERAGE).unwrap();
        let e = ConformalQuantiles::fit_per_end(&r.y, &r.low, &r.high, COVERAGE).unwrap();
        let new = rows(1, &mut rng);
        let (y, l, h) = (new.y[0], new.low[0], new.high[0]);
        let (low, high) = c.interval(l, h);
        hits += f64::from(u8::from(low <= y && y <= high));
        let (low, high) = e.interval(l, h);
        below += f64::from(u8::from(y < low));
        above += f64::from(u8::from(y > high));
    }
    let trials = f64::from(trials);
    let law = exact(n);
    assert!((hits / trials - law).abs() < tolerance(law, trials), "{}", hits / trials);
    // Each end fails with a probability of 1 - ceil(61 * 0.95) / 61.
    let law = 1.0 - 58.0 / 61.0;
    for misses in [below, above] {
        assert!((misses / trials - law).abs() < tolerance(law, trials), "{}", misses / trials);
    }
}

/// The bar: 90 ± 1 % overall and in each group, where one margin for all fails.
#[test]
fn every_group_is_covered_and_one_margin_for_all_does_not_do_it() {
    let (sets, n, fresh) = (40, 6_000, 6_000);
    let mut rng = rng(12);
    let mut hits = [0.0; 4];
    let mut pooled_hits = [0.0; 4];
    let mut seen = [0.0; 4];
    for _ in 0..sets {
        let r = rows(n, &mut rng);
        let refuse = Fallback::Refuse;
        let m = MondrianConformal::fit(&r.y, &r.low, &r.high, &r.groups, COVERAGE, refuse).unwrap();
        let pooled = ConformalQuantiles::fit(&r.y, &r.low, &r.high, COVERAGE).unwrap();
        let new = rows(fresh, &mut rng);
        for i in 0..fresh {
            let (group, at) = (new.groups[i], new.groups[i] as usize);
            let ((low, high), basis) = m.interval(group, new.low[i], new.high[i]).unwrap();
            assert_eq!(basis, Basis::Group);
            seen[at] += 1.0;
            hits[at] += f64::from(u8::from(low <= new.y[i] && new.y[i] <= high));
            let (low, high) = pooled.interval(new.low[i], new.high[i]);
            pooled_hits[at] += f64::from(u8::from(low <= new.y[i] && new.y[i] <= high));
        }
    }
    let total: f64 = seen.iter().sum();
    let overall = hits.iter().sum::<f64>() / total;
    assert!((overall - COVERAGE).abs() < 0.01, "{overall}");
    for group in 0..4 {
        let got = hits[group] / seen[group];
        assert!((got - COVERAGE).abs() < 0.01, "group {group}: {got}");
        // Four standard errors: fresh rows, and calibration sets of the group's size.
        let calibrated = seen[group] * n as f64 / fresh as f64;
        let error = tolerance(COVERAGE, seen[group]).hypot(tolerance(COVERAGE, calibrated));
        // A set of n rows covers up to 1 / (n + 1) more.
        let excess = f64::from(sets) / calibrated;
        assert!((got - COVERAGE).abs() < error + excess, "group {group}: {got}, {error}");
    }
    // The same rows under one margin: right on average, wrong in the groups.
    let overall = pooled_hits.iter().sum::<f64>() / total;
    assert!((overall - COVERAGE).abs() < 0.01, "{overall}");
    assert!(pooled_hits[0] / seen[0] > 0.95, "{}", pooled_hits[0] / seen[0]);
    assert!(pooled_hits[3] / seen[3] < 0.8, "{}", pooled_hits[3] / seen[3]);
}

#[test]
fn groups_without_a_margin_follow_the_stated_fallback() {
    // Group 0 errs by 1 to 9, group 1 by 30 twice, group 2 by 11 to 19.
    let mut y: Vec<f64> = (1..=9).map(f64::from).collect();
    y.extend([30.0, 30.0]);
    y.extend((11..=19).map(f64::from));
    let groups: Vec<u32> = [vec![0; 9], vec![1; 2], vec![2; 9]].concat();
    let zero = vec![0.0; 20];
    let fit = |fallback| MondrianConformal::fit(&y, &zero, &zero, &groups, 0.8, fallback);
    let refused = fit(Fallback::Refuse).unwrap_err();
    assert_eq!(refused, ConformalError::TooFewInGroup { group: 1, got: 2, needed: 4 });
    // Pooled: the ceil(21 * 0.8) = 17th smallest of all, 1..9, 11..19, 30, 30: 18.
    let pooled = fit(Fallback::Pooled).unwrap();
    assert_eq!(pooled.margins().collect::<Vec<_>>(), [(0, 8.0), (2, 18.0)]);
    assert_eq!(pooled.interval(1, 0.0, 0.0).unwrap(), ((-18.0, 18.0), Basis::Fallback));
    assert_eq!(pooled.interval(77, 1.0, 2.0).unwrap(), ((-17.0, 20.0), Basis::Fallback));
    let d = pooled.distribution(&[0, 1], &[0.0, 5.0], &[0.0, 6.0]).unwrap();
    assert_eq!((d.interval(0, 0.8), d.interval(1, 0.8)), (Some((-8.0, 8.0)), Some((-13.0, 24.0))));
    // Widest: group 0 with larger errors than all together.
    let y: Vec<f64> = (1..=9).map(|i| 100.0 * f64::from(i)).chain([0.0; 30]).collect();
    let groups: Vec<u32> = [vec![4; 9], vec![5; 30]].concat();
    let zero = vec![0.0; 39];
    let fit = |fallback| MondrianConformal::fit(&y, &zero, &zero, &groups, 0.8, fallback).unwrap();
    assert_eq!(fit(Fallback::Widest).interval(6, 0.0, 0.0).unwrap().0, (-800.0, 800.0));
    assert_eq!(fit(Fallback::Pooled).interval(6, 0.0, 0.0).unwrap().0, (-200.0, 200.0));
    let refuse = fit(Fallback::Refuse);
    assert!(matches!(refuse.interval(6, 0.0, 0.0), Err(Error::Missing(_))));
    assert!(refuse.distribution(&[6], &[0.0], &[0.0]).is_err());
}

/// Least squares through the origin, so that leaving rows out matters.
fn slope(rows: &[(f64, f64)], without: impl Fn(usize) -> bool) -> f64 {
    let kept = rows.iter().enumerate().filter(|(i, _)| !without(*i)).map(|(_, r)| r);
    let (xy, xx) = kept.fold((0.0, 0.0), |(xy, xx), (x, y)| (xy + x * y, xx + x * x));
    xy / xx
}

#[test]
fn cv_plus_and_jackknife_plus_cover() {
    let (n, trials) = (50, 6_000);
    for folds in [5, n] {
        let mut rng = rng(13);
        let mut hits = 0.0;
        for _ in 0..trials {
            let mut draw = || {
                let x = 1.0 + rng.random::<f64>();
                (x, 2.0 * x + x * noise(&mut rng))
            };
            let rows: Vec<(f64, f64)> = (0..n).map(|_| draw()).collect();
            let fold_of: Vec<usize> = (0..n).map(|i| i % folds).collect();
            let slopes: Vec<f64> =
                (0..folds).map(|fold| slope(&rows, |i| fold_of[i] == fold)).collect();
            let y: Vec<f64> = rows.iter().map(|r| r.1).collect();
            let p: Vec<f64> =
                rows.iter().zip(&fold_of).map(|((x, _), fold)| slopes[*fold] * x).collect();
            let cv = CvPlus::fit(&y, &p, &fold_of, COVERAGE).unwrap();
            let (x, y) = draw();
            let at: Vec<f64> = slopes.iter().map(|slope| slope * x).collect();
            let (low, high) = cv.interval(&at).unwrap();
            hits += f64::from(u8::from(low <= y && y <= high));
            assert!(cv.guaranteed() <= 0.8 + 1e-12);
        }
        let trials = f64::from(trials);
        let got = hits / trials;
        // A stable model: ceil(51 * 0.9) / 51 = 0.902, as for held-out rows.
        assert!((got - exact(n)).abs() < 0.01 + tolerance(exact(n), trials), "{folds}: {got}");
    }
}

#[test]
fn cv_plus_by_definition() {
    let y = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0];
    let p = [2.0, 0.0, 9.0, 1.0, 10.0, 20.0];
    let fold_of = [0, 1, 2, 0, 1, 2];
    // Residuals 1, 2, 5, 7, 6, 12.
    let cv = CvPlus::fit(&y, &p, &fold_of, 0.7).unwrap();
    // ceil(7 * 0.7) = 5. Upper ends: 101, 202, 305, 107, 206, 312; lower: 99, 198, 295, 93, 194, 288.
    // floor(7 * 0.3) = 2nd smallest.
    assert_eq!(cv.interval(&[100.0, 200.0, 300.0]).unwrap(), (99.0, 305.0));
    let at = Array2::from_shape_vec((2, 3), vec![100.0, 200.0, 300.0, 0.0, 0.0, 0.0]).unwrap();
    let d = cv.distribution(at.view()).unwrap();
    assert_eq!(d.interval(0, 0.7), Some((99.0, 305.0)));
    assert_eq!(d.interval(1, 0.7), Some((-7.0, 7.0)));
    assert!(matches!(cv.interval(&[0.0]), Err(Error::Length { got: 1, expected: 3, .. })));
    assert!(matches!(cv.interval(&[0.0, f64::NAN, 0.0]), Err(Error::NonFinite { index: 1, .. })));
    for fold_of in [[0; 6], [0, 1, 3, 0, 1, 3], [1, 2, 1, 2, 1, 2]] {
        assert!(matches!(CvPlus::fit(&y, &p, &fold_of, 0.7), Err(ConformalError::State(_))));
    }
    let few = CvPlus::fit(&y, &p, &fold_of, 0.9).unwrap_err();
    assert_eq!(few, ConformalError::TooFewRows { got: 6, needed: 9 });
}

proptest! {
    /// Proposition 4.1 of Gibbs & Candès 2021: for any sequence at all.
    #[test]
    fn adaptive_misses_are_bounded_for_any_sequence(
        targets in prop::collection::vec(-1e3_f64..1e3, 200..400),
        step in 0.005_f64..0.3,
        trend in -50.0_f64..50.0,
    ) {
        let start: Vec<f64> = (0..30).map(f64::from).collect();
        let zero = [0.0; 30];
        let mut c = AdaptiveConformal::fit(&start, &zero, &zero, COVERAGE, step).unwrap();
        let mut misses = 0.0;
        for (t, y) in targets.iter().enumerate() {
            let hit = c.observe(y + trend * t as f64, 0.0, 1.0).unwrap();
            misses += f64::from(u8::from(!hit));
        }
        let t = targets.len() as f64;
        let bound = (COVERAGE.max(1.0 - COVERAGE) + step) / (step * t);
        prop_assert!((misses / t - 0.1).abs() <= bound + 1e-12, "{} {bound}", misses / t);
    }
}

#[test]
fn adaptive_margins_hold_coverage_where_fixed_ones_lose_it() {
    let mut rng = rng(14);
    let start: Vec<f64> = (0..500).map(|_| noise(&mut rng)).collect();
    let zero = vec![0.0; 500];
    let fixed = ConformalQuantiles::fit(&start, &zero, &zero, COVERAGE).unwrap();
    let mut one = AdaptiveConformal::fit(&start, &zero, &zero, COVERAGE, 0.02).unwrap();
    let steps = [0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128];
    let mut many = AdaptiveConformal::with_steps(&start, &zero, &zero, COVERAGE, &steps).unwrap();
    let mut hits = [0.0; 3];
    let rows = 20_000;
    for t in 0..rows {
        // The spread triples and comes back, four times.
        let phase = f64::from(t) / f64::from(rows) * 4.0 * std::f64::consts::TAU;
        let y = (2.0 - phase.cos()) * noise(&mut rng);
        let (low, high) = fixed.interval(0.0, 0.0);
        hits[0] += f64::from(u8::from(low <= y && y <= high));
        hits[1] += f64::from(u8::from(one.observe(y, 0.0, 0.0).unwrap()));
        hits[2] += f64::from(u8::from(many.observe(y, 0.0, 0.0).unwrap()));
    }
    let share = hits.map(|h| h / f64::from(rows));
    assert!(share[0] < 0.8, "{share:?}");
    // The bound of proposition 4.1 is 0.0023 here; the mean of several steps has none proven.
    assert!((share[1] - COVERAGE).abs() <= 0.92 / (0.02 * f64::from(rows)), "{share:?}");
    assert!((share[2] - COVERAGE).abs() < 0.01, "{share:?}");
}

#[test]
fn adaptive_states_are_as_defined() {
    let start: Vec<f64> = (1..=99).map(f64::from).collect();
    let zero = [0.0; 99];
    let mut c = AdaptiveConformal::fit(&start, &zero, &zero, COVERAGE, 0.06).unwrap();
    assert_eq!(c.margin(), 90.0);
    assert_eq!(c.distribution(&[1.0], &[2.0]).unwrap().interval(0, 0.9), Some((-89.0, 92.0)));
    // A miss: 0.1 + 0.06 (0.1 - 1) = 0.046; the window is now 2..=99 and 1000, and the margin the
    // ceil(100 * 0.954) = 96th smallest: 97.
    assert!(!c.observe(1e3, 0.0, 0.0).unwrap());
    assert!((c.miscoverage() - 0.046).abs() < 1e-12);
    assert_eq!(c.margin(), 97.0);
    // Another: below 0, where no finite interval is right.
    assert!(!c.observe(-1e3, 0.0, 0.0).unwrap());
    assert_eq!(c.interval(5.0, 5.0), (f64::NEG_INFINITY, f64::INFINITY));
    assert!(matches!(c.distribution(&[1.0], &[2.0]), Err(Error::NonFinite { index: 0, .. })));
    assert!(c.observe(1e9, 0.0, 0.0).unwrap());
    // Bad input changes nothing.
    let before = c.clone();
    assert!(c.observe(f64::NAN, 0.0, 0.0).is_err());
    assert!(c.observe(0.0, f64::INFINITY, 0.0).is_err());
    assert!(c.observe(f64::MAX, -f64::MAX, -f64::MAX).is_err());
    assert_eq!(c, before);
}

/// Rows of `x` in 0..1 whose noise grows with `x`; old rows crowd at small `x`, new ones at large.
fn shifted(new: bool, rng: &mut Xoshiro256PlusPlus) -> (f64, f64) {
    let u = rng.random::<f64>().sqrt();
    let x = if new { u } else { 1.0 - u };
    (x, (0.1 + 2.0 * x) * noise(rng))
}

#[test]
fn weights_restore_coverage_under_covariate_shift() {
    let (n, trials) = (400, 8_000);
    let mut rng = rng(15);
    let (mut weighted, mut plain, mut endless) = (0.0, 0.0, 0.0);
    // Densities 2 (1 - x) and 2 x: the ratio is x / (1 - x), which is that of their mixture's
    // probability x of being new.
    for _ in 0..trials {
        let rows: Vec<_> = (0..n).map(|_| shifted(false, &mut rng)).collect();
        let x: Vec<f64> = rows.iter().map(|r| r.0).collect();
        let y: Vec<f64> = rows.iter().map(|r| r.1).collect();
        let zero = vec![0.0; n];
        let w = likelihood_ratio(&x, 1e12).unwrap();
        let c = WeightedConformal::fit(&y, &zero, &zero, &w, COVERAGE).unwrap();
        assert!(c.effective_rows() < n as f64);
        let (x, y) = shifted(true, &mut rng);
        let weight = likelihood_ratio(&[x], 1e12).unwrap()[0];
        match c.interval(0.0, 0.0, weight).unwrap() {
            Some((low, high)) => weighted += f64::from(u8::from(low <= y && y <= high)),
            None => {
                weighted += 1.0;
                endless += 1.0;
            }
        }
        let c = ConformalQuantiles::fit(&y_of(&rows), &zero, &zero, COVERAGE).unwrap();
        let (low, high) = c.interval(0.0, 0.0);
        plain += f64::from(u8::from(low <= y && y <= high));
    }
    let trials = f64::from(trials);
    let got = weighted / trials;
    assert!(got > COVERAGE - tolerance(COVERAGE, trials), "{got}");
    // Above by no more than the intervals without an end and the weight of one row.
    assert!(got < COVERAGE + 0.01 + endless / trials + tolerance(COVERAGE, trials), "{got}");
    assert!(endless / trials < 0.1, "{endless}");
    assert!(plain / trials < 0.8, "{}", plain / trials);
}

fn y_of(rows: &[(f64, f64)]) -> Vec<f64> {
    rows.iter().map(|r| r.1).collect()
}

proptest! {
    #[test]
    fn equal_weights_are_plain_conformal(
        y in prop::collection::vec(-10.0_f64..10.0, 20..60),
        weight in 0.01_f64..50.0,
    ) {
        let n = y.len();
        let (low, high) = (vec![-1.0; n], vec![0.5; n]);
        let plain = ConformalQuantiles::fit(&y, &low, &high, 0.8).unwrap();
        let w = WeightedConformal::fit(&y, &low, &high, &vec![weight; n], 0.8).unwrap();
        prop_assert_eq!(w.interval(3.0, 4.0, weight).unwrap(), Some(plain.interval(3.0, 4.0)));
        prop_assert!((w.effective_rows() - n as f64).abs() < 1e-6);
    }

    /// One margin for one group is that of all rows; two groups are as if calibrated apart.
    #[test]
    fn groups_are_calibrated_apart(
        y in prop::collection::vec(-10.0_f64..10.0, 40..80),
        split in 10_usize..30,
    ) {
        let n = y.len();
        let (low, high) = (vec![-1.0; n], vec![0.5; n]);
        let groups: Vec<u32> = (0..n).map(|i| u32::from(i >= split)).collect();
        let m = MondrianConformal::fit(&y, &low, &high, &groups, 0.8, Fallback::Refuse).unwrap();
        for (group, range) in [(0, 0..split), (1, split..n)] {
            let (y, low, high) = (&y[range.clone()], &low[range.clone()], &high[range]);
            let own = ConformalQuantiles::fit(y, low, high, 0.8).unwrap();
            prop_assert_eq!(m.interval(group, 2.0, 3.0).unwrap().0, own.interval(2.0, 3.0));
        }
    }
}

#[test]
fn crossing_ends_meet_in_the_middle() {
    // All targets lie 5 inside of both ends: the margin is -5.
    let c = ConformalQuantiles::fit(&[0.0; 9], &[-5.0; 9], &[5.0; 9], 0.8).unwrap();
    assert_eq!(c.margins(), (-5.0, -5.0));
    assert_eq!(c.interval(10.0, 30.0), (15.0, 25.0));
    assert_eq!(c.interval(10.0, 12.0), (11.0, 11.0));
    assert_eq!(c.interval(12.0, 10.0), (11.0, 11.0));
    let d = c.distribution(&[10.0], &[12.0]).unwrap();
    assert_eq!(d.interval(0, 0.8), Some((11.0, 11.0)));
}

#[test]
fn bad_input_is_named() {
    let (y, zero) = ([0.0; 9], [0.0; 9]);
    let few = ConformalQuantiles::fit(&y, &zero, &zero, 0.95).unwrap_err();
    assert_eq!(few.to_string(), "9 calibration rows, expected at least 19 for this coverage");
    assert!(ConformalQuantiles::fit_per_end(&y, &zero, &zero, 0.9).is_err());
    for coverage in [0.0, 1.0, f64::NAN] {
        let error = ConformalQuantiles::fit(&y, &zero, &zero, coverage).unwrap_err();
        assert!(matches!(error, ConformalError::Coverage(_)));
    }
    let error = ConformalQuantiles::fit(&y, &zero, &[0.0], 0.5).unwrap_err();
    assert!(matches!(error, ConformalError::Length { what: "high", got: 1, expected: 9 }));
    let mut bad = zero;
    bad[4] = f64::INFINITY;
    let error = ConformalQuantiles::fit(&y, &bad, &zero, 0.5).unwrap_err();
    assert!(matches!(error, ConformalError::Value { what: "low", index: 4, .. }));
    let error = ConformalQuantiles::fit(&[f64::MAX; 9], &[0.0; 9], &[f64::MIN; 9], 0.5);
    assert!(matches!(error, Err(ConformalError::Value { what: "score", .. })));

    let weights = |w: &[f64]| WeightedConformal::fit(&y, &zero, &zero, w, 0.5).unwrap_err();
    assert!(matches!(weights(&[0.0; 9]), ConformalError::Weights(_)));
    assert!(matches!(weights(&[f64::MAX; 9]), ConformalError::Weights(_)));
    assert!(matches!(weights(&[-1.0; 9]), ConformalError::Value { what: "weights", .. }));
    assert!(matches!(weights(&[1.0]), ConformalError::Length { what: "weights", .. }));
    let c = WeightedConformal::fit(&y, &zero, &zero, &[1.0; 9], 0.5).unwrap();
    assert!(c.interval(0.0, 0.0, -1.0).is_err());
    let error = c.distribution(&[0.0; 2], &[0.0; 2], &[0.0, 1e9]).unwrap_err();
    assert!(matches!(error, Error::NonFinite { what: "interval", index: 1, .. }));
    assert!(likelihood_ratio(&[0.2, 1.5], 10.0).is_err());
    assert!(likelihood_ratio(&[0.2], 0.0).is_err());
    assert_eq!(likelihood_ratio(&[0.5, 1.0], 10.0).unwrap(), [1.0, 10.0]);

    let steps = |s: &[f64]| AdaptiveConformal::with_steps(&y, &zero, &zero, 0.8, s).unwrap_err();
    assert_eq!(steps(&[]), ConformalError::NoSteps);
    assert!(matches!(steps(&[0.1, 0.0]), ConformalError::Value { what: "steps", index: 1, .. }));
    assert!(IntervalScore::of(&[], &[]).is_err());
    assert!(IntervalScore::of(&[1.0], &[]).is_err());
}

#[cfg(feature = "serde")]
#[test]
fn saved_states_read_back_and_damaged_ones_do_not() {
    use serde_json::{from_str, to_string};
    let y: Vec<f64> = (0..30).map(f64::from).collect();
    let (zero, groups) = (vec![0.0; 30], vec![3; 30]);
    let c = ConformalQuantiles::fit(&y, &zero, &zero, 0.9).unwrap();
    let text = to_string(&c).unwrap();
    assert_eq!(from_str::<ConformalQuantiles>(&text).unwrap(), c);
    assert!(from_str::<ConformalQuantiles>(&text.replace("0.9", "1.9")).is_err());
    assert!(from_str::<ConformalQuantiles>(&text.replace("30", "3")).is_err());
    let m = MondrianConformal::fit(&y, &zero, &zero, &groups, 0.9, Fallback::Widest).unwrap();
    let text = to_string(&m).unwrap();
    assert_eq!(from_str::<MondrianConformal>(&text).unwrap(), m);
    assert!(from_str::<MondrianConformal>(&text.replace("widest", "refuse")).is_err());
    let folds: Vec<usize> = (0..30).map(|i| i % 3).collect();
    let cv = CvPlus::fit(&y, &zero, &folds, 0.9).unwrap();
    let text = to_string(&cv).unwrap();
    assert_eq!(from_str::<CvPlus>(&text).unwrap(), cv);
    assert!(from_str::<CvPlus>(&text.replace("[2,", "[3,")).is_err());
    assert!(from_str::<CvPlus>(&text.replace("[2,5.0]", "[2,-5.0]")).is_err());
    let w = WeightedConformal::fit(&y, &zero, &zero, &[2.0; 30], 0.9).unwrap();
    let text = to_string(&w).unwrap();
    assert_eq!(from_str::<WeightedConformal>(&text).unwrap(), w);
    assert!(from_str::<WeightedConformal>(&text.replace("[0.0,1.0,", "[0.0,99.0,")).is_err());
    assert!(from_str::<WeightedConformal>(&text.replace("[2.0,4.0,", "[-2.0,4.0,")).is_err());
    let mut a = AdaptiveConformal::with_steps(&y, &zero, &zero, 0.9, &[0.01, 0.1]).unwrap();
    a.observe(40.0, 0.0, 0.0).unwrap();
    let text = to_string(&a).unwrap();
    let mut b: AdaptiveConformal = from_str(&text).unwrap();
    assert_eq!(a, b);
    assert_eq!(a.observe(3.0, 0.0, 0.0), b.observe(3.0, 0.0, 0.0));
    assert_eq!(a, b);
    assert!(from_str::<AdaptiveConformal>(&text.replace("\"step\":0.1", "\"step\":-0.1")).is_err());
}
