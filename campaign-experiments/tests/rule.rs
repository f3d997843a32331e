//! The rule, its false-accept rate and its calibration.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use campaign_experiments::{
    Assessment, Beta, Counts, DecisionRule, ExperimentError, LookSchedule, Null, Rate, Verdict,
    calibrated_threshold, false_accept_rate,
};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

fn rng(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

/// Four standard errors of a share `p` in `n` trials.
fn tolerance(p: f64, n: u32) -> f64 {
    4.0 * (p * (1.0 - p) / f64::from(n)).sqrt()
}

fn counts(pairs: &[(f64, f64)]) -> Vec<Counts> {
    pairs.iter().map(|(c, n)| Counts::new(*c, *n).unwrap()).collect()
}

#[test]
fn one_look_has_about_the_nominal_rate() {
    // With one look at large counts P(B > A) is about uniform under the null, so a challenger is
    // accepted at rate 0.05 against a control, and either of two equals at 0.10.
    let (sims, null) = (8000, Null::new(2, 0.1, 20_000));
    let once = DecisionRule::new(LookSchedule::once(14));
    let control = false_accept_rate(&once.with_control(0), null, sims, &mut rng(1)).unwrap();
    // The steps of the counts move the rate by less than 0.003.
    assert!((control.rate - 0.05).abs() < tolerance(0.05, sims) + 0.003, "{control:?}");
    let either = false_accept_rate(&once, null, sims, &mut rng(2)).unwrap();
    assert!((either.rate - 0.10).abs() < tolerance(0.10, sims) + 0.006, "{either:?}");
    assert!(control.low < control.rate && control.rate < control.high);
}

#[test]
fn looking_more_often_accepts_more_often() {
    let sims = 3000;
    let rate = |looks: u32| {
        let rule = DecisionRule::new(LookSchedule::daily(looks)).with_control(0);
        false_accept_rate(&rule, Null::new(2, 0.05, 28_000 / u64::from(looks)), sims, &mut rng(3))
            .unwrap()
    };
    let rates = [1, 4, 14, 28].map(rate);
    // Disjoint intervals: the rise is no accident of the simulation.
    for pair in rates.windows(2).take(2) {
        assert!(pair[0].high < pair[1].low, "{pair:?}");
    }
    assert!(rates[3].rate > rates[2].rate, "{rates:?}");
    assert!(rates[2].low > 0.12, "{rates:?}");
}

#[test]
fn ten_arms_peeked_at() {
    // The same simulation by hand, through `decide`.
    let rule = DecisionRule::new(LookSchedule::daily(3)).with_min_trials(800.0);
    let null = Null::new(10, 0.05, 500);
    let sims = 400;
    let fast = false_accept_rate(&rule, null, sims, &mut rng(4)).unwrap();
    let mut generator = rng(4);
    let mut hits = 0;
    for _ in 0..sims {
        use rand_distr::{Binomial, Distribution};
        let step = Binomial::new(500, 0.05).unwrap();
        let mut arms = [0.0; 10];
        for look in 1..=3_u32 {
            arms.iter_mut().for_each(|c| *c += step.sample(&mut generator) as f64);
            let seen: Vec<(f64, f64)> =
                arms.iter().map(|c| (*c, 500.0 * f64::from(look))).collect();
            if let Verdict::Accept(_) = rule.decide(&counts(&seen), look).unwrap().verdict {
                hits += 1;
                break;
            }
        }
    }
    assert_eq!(fast.hits, hits);
}

#[test]
fn a_calibrated_threshold_keeps_its_promise_on_fresh_simulations() {
    let rule = DecisionRule::new(LookSchedule::daily(14)).with_control(0);
    let null = Null::new(2, 0.05, 1000);
    let sims = 4000;
    let found = calibrated_threshold(&rule, null, 0.05, sims, &mut rng(5)).unwrap();
    assert!(found.threshold > 0.97 && found.threshold < 0.999, "{found:?}");
    assert!(found.false_accept.rate < 0.05);
    let fresh = rule.with_threshold(found.threshold);
    let fresh = false_accept_rate(&fresh, null, sims, &mut rng(6)).unwrap();
    // Calibrated below 0.05 with 95 % confidence, so a fresh rate is below it but for its own error.
    assert!(fresh.rate < 0.05 + tolerance(0.05, sims), "{fresh:?}");
    assert!(fresh.rate > 0.03, "{fresh:?}: far stricter than asked for");

    let few = calibrated_threshold(&rule, null, 0.05, 58, &mut rng(5)).unwrap_err();
    // 0.95^58 = 0.051 is not yet below 0.05; 0.95^59 is.
    assert_eq!(few, ExperimentError::TooFewSimulations { n_sims: 58, alpha: 0.05, needed: 59 });
    assert!(calibrated_threshold(&rule, null, 0.05, 59, &mut rng(5)).is_ok());
    // With a limit on the loss that nothing meets, any threshold will do.
    let strict = rule.with_max_expected_loss(0.0);
    let any = calibrated_threshold(&strict, null, 0.05, 100, &mut rng(5)).unwrap();
    assert_eq!(any.false_accept.hits, 0);
    assert!(strict.with_threshold(any.threshold).check(2).is_ok());
}

#[test]
fn same_seed_same_bits() {
    let rule = DecisionRule::new(LookSchedule::daily(5));
    let null = Null::new(3, 0.02, 2000);
    let run = || calibrated_threshold(&rule, null, 0.1, 300, &mut rng(9)).unwrap();
    assert_eq!(run().threshold.to_bits(), run().threshold.to_bits());
}

#[test]
fn clopper_pearson() {
    // R: binom.test(7, 50)$conf.int = 0.0581917 0.2673960; binom.test(0, 50) = 0 0.07112174.
    let r = Rate::new(7, 50).unwrap();
    assert!((r.low - 0.058_191_7).abs() < 1e-6 && (r.high - 0.267_396_0).abs() < 1e-6, "{r:?}");
    let r = Rate::new(0, 50).unwrap();
    assert!(r.low == 0.0 && (r.high - 0.071_121_74).abs() < 1e-8, "{r:?}");
    let r = Rate::new(50, 50).unwrap();
    assert!(r.high == 1.0 && (r.low - (1.0 - 0.071_121_74)).abs() < 1e-8, "{r:?}");
    assert_eq!(Rate::new(0, 0), Err(ExperimentError::Zero("n_sims")));
    assert!(Rate::new(2, 1).is_err());
}

#[test]
fn verdicts() {
    let rule = DecisionRule::new(LookSchedule::daily(3)).with_min_trials(900.0);
    let verdict = |rule: &DecisionRule, arms: &[(f64, f64)], look| -> Verdict {
        rule.decide(&counts(arms), look).unwrap().verdict
    };
    let clear = [(20.0, 1000.0), (60.0, 1000.0), (22.0, 1000.0)];
    assert_eq!(verdict(&rule, &clear, 1), Verdict::Accept(1));
    assert_eq!(verdict(&rule.with_control(0), &clear, 1), Verdict::Accept(1));
    assert_eq!(verdict(&rule.with_control(1), &clear, 1), Verdict::Reject);
    let close = [(20.0, 1000.0), (21.0, 1000.0)];
    assert_eq!(verdict(&rule, &close, 2), Verdict::Continue);
    assert_eq!(verdict(&rule, &close, 3), Verdict::Inconclusive);
    // One arm without enough trials holds everything up.
    let thin = [(2.0, 100.0), (60.0, 1000.0)];
    assert_eq!(verdict(&rule, &thin, 1), Verdict::Continue);
    assert_eq!(verdict(&rule, &thin, 3), Verdict::Inconclusive);
    assert_eq!(verdict(&rule.with_max_expected_loss(1e-30), &clear, 1), Verdict::Continue);
    assert_eq!(verdict(&rule.with_threshold(0.999_999_99), &clear, 1), Verdict::Continue);

    let a: Assessment = rule.decide(&counts(&clear), 1).unwrap();
    assert_eq!((a.best, a.look, a.enough_trials, a.posteriors.len()), (1, 1, true, 3));
    assert_eq!(serde_json::to_string(&a.verdict).unwrap(), r#"{"verdict":"accept","arm":1}"#);
    let text = serde_json::to_string(&rule).unwrap();
    assert_eq!(serde_json::from_str::<DecisionRule>(&text).unwrap(), rule);
}

#[test]
fn rules_and_worlds_that_cannot_be() {
    use ExperimentError as E;
    let rule = DecisionRule::new(LookSchedule::daily(3));
    let two = counts(&[(1.0, 10.0), (2.0, 10.0)]);
    for look in [0, 4] {
        assert_eq!(rule.decide(&two, look), Err(E::Look { look, looks: 3 }));
    }
    assert_eq!(rule.decide(&two[..1], 1), Err(E::Arms { got: 1, expected: 2 }));
    assert_eq!(rule.decide(&[], 1), Err(E::Arms { got: 0, expected: 2 }));
    assert_eq!(rule.with_control(2).decide(&two, 1), Err(E::UnknownArm { arm: 2, n_arms: 2 }));
    for bad in [0.5, 1.0, f64::NAN] {
        assert!(matches!(rule.with_threshold(bad).decide(&two, 1), Err(E::Between { .. })));
    }
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        assert!(rule.with_min_trials(bad).decide(&two, 1).is_err());
        assert!(rule.with_max_expected_loss(bad).decide(&two, 1).is_err());
    }
    assert_eq!(DecisionRule::new(LookSchedule::daily(0)).check(2), Err(E::Zero("looks")));
    assert_eq!(DecisionRule::new(LookSchedule::once(0)).check(2), Err(E::Zero("every_days")));
    let run = |null, n_sims| false_accept_rate(&rule, null, n_sims, &mut rng(1));
    assert!(matches!(run(Null::new(1, 0.1, 10), 10), Err(E::Arms { .. })));
    for rate in [0.0, 1.0, -0.1, f64::NAN] {
        assert!(matches!(run(Null::new(2, rate, 10), 10), Err(E::Between { .. })), "{rate}");
    }
    assert_eq!(run(Null::new(2, 0.1, 0), 10), Err(E::Zero("trials_per_look")));
    assert_eq!(run(Null::new(2, 0.1, 10), 0), Err(E::Zero("n_sims")));
    assert!(matches!(run(Null::new(2, 0.1, u64::MAX), 1), Err(E::Shape { .. })));
    assert!(serde_json::from_str::<Beta>(r#"{"alpha":-1,"beta":1}"#).is_err());
    assert!(serde_json::from_str::<Counts>(r#"{"conversions":2,"trials":1}"#).is_err());
}
