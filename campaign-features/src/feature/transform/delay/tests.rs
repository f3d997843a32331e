use super::fit::{monotone, t_975};
use super::*;
use proptest::prelude::*;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

const DAY: i64 = 86_400_000_000;

fn version(fact: u64, day: i64, hours: i64, value: i64) -> Version {
    Version { fact, began: day * DAY, known_at: day * DAY + hours * DAY / 24, value }
}

/// Values by scanning all versions for every day and age.
fn brute(versions: &[Version], maturity: i64, as_of: i64) -> Option<Vec<f64>> {
    let seen =
        |v: &&Version| v.began + maturity * DAY <= as_of && v.known_at <= v.began + maturity * DAY;
    let seen: Vec<&Version> = versions.iter().filter(seen).collect();
    let mut facts: Vec<u64> = seen.iter().map(|v| v.fact).collect();
    facts.sort_unstable();
    facts.dedup();
    let total = |age: i64| -> i64 {
        let value = |fact: &u64| {
            let known =
                seen.iter().filter(|v| v.fact == *fact && v.known_at <= v.began + age * DAY);
            known.max_by_key(|v| v.known_at).map_or(0, |v| v.value)
        };
        facts.iter().map(value).sum()
    };
    let all = total(maturity);
    (all > 0).then(|| (0..=maturity).map(|age| total(age) as f64 / all as f64).collect())
}

proptest! {
    #[test]
    fn shares_by_brute_force(
        rows in proptest::collection::vec((0..12_u64, 0..120_i64, 0..50_i64), 0..60),
        as_of in 0..20_i64,
    ) {
        let mut versions: Vec<Version> =
            rows.iter().map(|r| version(r.0, r.0 as i64 / 2, r.1, r.2)).collect();
        versions.sort_by_key(|v| (v.fact, v.known_at));
        versions.dedup_by_key(|v| (v.fact, v.known_at));
        let fitted = DelayFit::new(4).with_days(2).fit(&versions, as_of * DAY);
        let expected = brute(&versions, 4, as_of * DAY);
        match (fitted, expected) {
            (Ok(curve), Some(mut expected)) => {
                monotone(&mut expected);
                for (share, expected) in curve.shares().iter().zip(&expected) {
                    prop_assert!((share.share - expected).abs() < 1e-12);
                    prop_assert!(0.0 <= share.low && share.low <= share.share + 1e-12);
                    prop_assert!(share.share <= share.high + 1e-12 && share.high <= 1.0);
                }
                prop_assert!(curve.shares().is_sorted_by(|a, b| a.share <= b.share));
            }
            (Err(DelayError::TooFew { .. } | DelayError::Nothing(_)), _) => {}
            (fitted, expected) => prop_assert!(false, "{fitted:?} {expected:?}"),
        }
    }

    /// What is known after the cut-off, or comes after maturity, changes no bit.
    #[test]
    fn the_future_is_not_seen(
        rows in proptest::collection::vec((0..12_u64, 0..240_i64, 0..50_i64, 1..50_i64), 1..60),
        as_of in 4..12_i64,
    ) {
        let mut versions: Vec<Version> =
            rows.iter().map(|r| version(r.0, r.0 as i64 / 2, r.1, r.2)).collect();
        versions.sort_by_key(|v| (v.fact, v.known_at));
        versions.dedup_by_key(|v| (v.fact, v.known_at));
        let mut changed = versions.clone();
        for (v, row) in changed.iter_mut().zip(&rows) {
            if v.known_at > as_of * DAY || v.known_at > v.began + 4 * DAY {
                v.value += row.3;
            }
        }
        let fit = DelayFit::new(4).with_days(2);
        prop_assert_eq!(fit.fit(&versions, as_of * DAY), fit.fit(&changed, as_of * DAY));
    }

    /// Against the definition: the nearest sequence that never falls has, at each place, the greatest
    /// over beginnings of the least over ends of the means between.
    #[test]
    fn pooling_is_max_min(values in proptest::collection::vec(0..20_i32, 1..12)) {
        let values: Vec<f64> = values.into_iter().map(|v| f64::from(v) / 20.0).collect();
        let mut fitted = values.clone();
        fitted.push(1.0);
        monotone(&mut fitted);
        let mean = |i: usize, j: usize| values[i..=j].iter().sum::<f64>() / (j - i + 1) as f64;
        for at in 0..values.len() {
            let ends = at..values.len();
            let least = |i: usize| ends.clone().map(|j| mean(i, j)).fold(f64::INFINITY, f64::min);
            let expected = (0..=at).map(least).fold(f64::NEG_INFINITY, f64::max);
            prop_assert!((fitted[at] - expected).abs() < 1e-12, "{values:?} {fitted:?}");
        }
    }
}

#[test]
fn quantiles_of_t() {
    // scipy.stats.t.ppf(0.975, v)
    for (degrees, expected) in [
        (1.0, 12.706204736174694),
        (5.0, 2.5705818356363146),
        (6.0, 2.4469118511449786),
        (13.0, 2.1603686564627913),
        (29.0, 2.045229642132703),
        (100.0, 1.9839715185235518),
    ] {
        assert!((t_975(degrees) / expected - 1.0).abs() < 2e-4, "{degrees} {}", t_975(degrees));
    }
}

/// Conversions that come with a delay: each is known the next day with probability 0.35.
fn simulate(rng: &mut Xoshiro256PlusPlus, days: i64, maturity: i64) -> Vec<Version> {
    let mut uniform = || (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    let mut versions = Vec::new();
    for day in 0..days {
        let conversions = 20 + (uniform() * 60.0) as i64;
        let mut by_age = vec![0_i64; maturity as usize + 1];
        for _ in 0..conversions {
            let mut age = 1;
            while age <= maturity && uniform() >= 0.35 {
                age += 1;
            }
            by_age.iter_mut().skip(age as usize).for_each(|total| *total += 1);
        }
        let ages = (1_i64..).zip(&by_age[1..]);
        versions.extend(ages.map(|(age, &v)| version(day as u64, day, 24 * age, v)));
    }
    versions
}

/// The interval holds the true share in 95 % of 400 samples, within four standard deviations of a
/// binomial count plus a point for the curvature of a ratio at 30 days; matured values are unbiased.
#[test]
fn intervals_and_matured_values_are_calibrated() {
    let (samples, days, maturity) = (400, 30, 12_i64);
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
    let known = |age: i64| 1.0 - 0.65_f64.powi(age as i32);
    let mut inside = [0_u32; 4];
    let (mut matured, mut last) = (0.0, 0.0);
    for _ in 0..samples {
        let versions = simulate(&mut rng, days, maturity);
        let curve = DelayFit::new(maturity as u16).fit(&versions, (days + maturity) * DAY).unwrap();
        for (age, inside) in (1_i64..).zip(&mut inside) {
            let truth = known(age) / known(maturity);
            let share = curve.share(age);
            *inside += u32::from(share.low <= truth && truth <= share.high);
        }
        // New days, of which two days are known.
        let fresh = simulate(&mut rng, 5, maturity);
        for day in fresh.chunks(maturity as usize) {
            matured += curve.mature(day[1].value as f64, 2, 0.3).unwrap();
            last += day[maturity as usize - 1].value as f64;
        }
    }
    let n = f64::from(samples);
    let tolerance = 4.0 * (0.95 * 0.05 / n).sqrt() + 0.01;
    for (age, inside) in (1..).zip(inside) {
        let coverage = f64::from(inside) / n;
        assert!((coverage - 0.95).abs() <= tolerance, "age {age}: {coverage}");
    }
    // 2000 days of 50 conversions, of which 58 % are known at age 2: the relative standard deviation
    // of that share is sqrt(0.42 / 0.58 / 100 000) = 0.27 %. A curve's own, of 1500 conversions, is
    // 2.2 %, over 400 of them 0.11 %; together 0.29 %.
    assert!((matured / last - 1.0).abs() < 4.0 * 0.0029, "{}", matured / last);
}

#[test]
fn taking_back_is_made_monotone() {
    // Everything is known early, and a tenth taken back: the share never falls and never exceeds 1.
    let of_day =
        |day| [(24, 80), (48, 110), (72, 100)].map(|(hours, v)| version(day as u64, day, hours, v));
    let versions: Vec<Version> = (0..20).flat_map(of_day).collect();
    let curve = DelayFit::new(4).fit(&versions, 60 * DAY).unwrap();
    let shares: Vec<f64> = curve.shares().iter().map(|share| share.share).collect();
    assert_eq!(shares, [0.0, 0.8, 1.0, 1.0, 1.0]);
    assert_eq!(curve.days(), 20);
    assert_eq!(curve.as_of(), 60 * DAY);
    assert_eq!(curve.share(-1).share, 0.0);
    assert_eq!(curve.share(i64::MAX).share, 1.0);
}

#[test]
fn platforms_apart() {
    let rows = (0..40).map(|day| {
        let (name, hours) = if day % 2 == 0 { ("fast", 24) } else { ("slow", 72) };
        (name, version(day as u64, day, hours, 10))
    });
    let curves = DelayFit::new(5).fit_by(rows, 100 * DAY);
    assert_eq!(curves["fast"].as_ref().unwrap().share(1).share, 1.0);
    assert_eq!(curves["slow"].as_ref().unwrap().share(2).share, 0.0);
    assert_eq!(curves["slow"].as_ref().unwrap().share(3).share, 1.0);
}

#[test]
fn refusals() {
    let of_day = |day| [(24, 20), (48, 100)].map(|(hours, v)| version(day as u64, day, hours, v));
    let versions: Vec<Version> = (0..20).flat_map(of_day).collect();
    let fit = DelayFit::new(3);
    let curve = fit.fit(&versions, 60 * DAY).unwrap();
    assert_eq!(curve.mature(10.0, 2, 0.5), Ok(10.0));
    let error = curve.mature(10.0, 1, 0.5).unwrap_err();
    assert_eq!(error, DelayError::Incomplete { age: 1, share: 0.2, least: 0.5 });
    assert!(matches!(curve.mature(f64::NAN, 2, 0.5), Err(DelayError::NonFinite(_))));
    for least in [0.0, -1.0, 1.5, f64::NAN] {
        assert!(matches!(curve.mature(1.0, 2, least), Err(DelayError::Parameter { .. })));
    }
    assert_eq!(fit.fit(&versions, 10 * DAY), Err(DelayError::TooFew { got: 8, needed: 14 }));
    assert_eq!(fit.fit(&[], i64::MAX), Err(DelayError::TooFew { got: 0, needed: 14 }));
    assert!(matches!(DelayFit::new(0).fit(&versions, 0), Err(DelayError::Parameter { .. })));
    assert!(matches!(fit.with_days(1).fit(&versions, 0), Err(DelayError::Parameter { .. })));
    let nothing: Vec<Version> = (0..20).map(|d| version(d as u64, d, 24, -1)).collect();
    assert_eq!(fit.fit(&nothing, 60 * DAY), Err(DelayError::Nothing(-20.0)));
    // Two values at one instant, and another day.
    for other in [version(3, 3, 48, 7), version(3, 4, 49, 7)] {
        let mut versions = versions.clone();
        versions.push(other);
        let error = fit.fit(&versions, 60 * DAY).unwrap_err();
        assert!(matches!(error, DelayError::Contradiction { fact: 3, .. }), "{error}");
    }
    let extreme = [i64::MIN, -1, 0, i64::MAX].map(|t| Version {
        fact: t as u64,
        began: t,
        known_at: t.checked_neg().unwrap_or(0),
        value: t,
    });
    for as_of in [i64::MIN, 0, i64::MAX] {
        assert!(fit.fit(&extreme, as_of).is_err());
    }
}
