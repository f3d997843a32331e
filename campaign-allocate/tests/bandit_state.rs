//! Feedback, merging, saving, bad input.

#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_range_loop)]

use campaign_allocate::{BetaThompson, Ucb1};
use campaign_core::rand::SeedableRng;
use campaign_core::{Arm, Bandit, Context, Error, Feedback, Merge, MergeError, Scratch};
use proptest::prelude::*;
use rand_xoshiro::Xoshiro256PlusPlus;

fn bandits() -> [Box<dyn Bandit>; 2] {
    [Box::new(Ucb1::new(3).unwrap()), Box::new(BetaThompson::new(3, 1.0, 1.0).unwrap())]
}

#[test]
fn bad_feedback_is_refused() {
    for mut bandit in bandits() {
        let ok = Feedback::new(Arm(1), 0.5);
        for bad in [
            Feedback::new(Arm(3), 0.5),
            Feedback::new(Arm(1), 1.5),
            Feedback::new(Arm(1), -0.1),
            Feedback::new(Arm(1), f64::NAN),
            ok.with_weight(-1.0),
            ok.with_weight(f64::INFINITY),
            ok.with_weight(1e300),
            ok.with_features(&[1.0]),
        ] {
            assert!(bandit.update(&bad).is_err(), "{bad:?}");
        }
        assert_eq!(bandit.update(&ok), Ok(()));
    }
}

#[test]
fn refused_feedback_leaves_no_trace() {
    let mut thompson = BetaThompson::new(2, 0.5, 2.0).unwrap();
    let mut ucb = Ucb1::new(2).unwrap();
    let before = (thompson.clone(), ucb.clone());
    for bad in [Feedback::new(Arm(0), 2.0), Feedback::new(Arm(0), 1.0).with_weight(1e16)] {
        assert!(thompson.update(&bad).is_err() && ucb.update(&bad).is_err());
    }
    assert_eq!((thompson, ucb), before);
}

#[test]
fn bad_contexts_are_refused() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    for bandit in bandits() {
        let mut scratch = bandit.scratch();
        let mut p = [0.0; 3];
        for (context, error) in [
            (Context::none().with_eligible(&[false; 3]), Error::NoEligibleArm),
            (
                Context::none().with_eligible(&[true; 2]),
                Error::Length { what: "context.eligible", got: 2, expected: 3 },
            ),
            (Context::new(&[1.0]), Error::Length { what: "context.features", got: 1, expected: 0 }),
        ] {
            assert_eq!(bandit.select(&context, &mut rng, &mut scratch), Err(error));
            assert_eq!(bandit.probabilities_into(&context, &mut scratch, &mut p), Err(error));
        }
        let short = bandit.probabilities_into(&Context::none(), &mut scratch, &mut p[..2]);
        assert!(matches!(short, Err(Error::Length { what: "out", .. })));
    }
    assert_eq!(
        Ucb1::new(0).unwrap().select(&Context::none(), &mut rng, &mut Scratch::new(0)),
        Err(Error::NoEligibleArm)
    );
}

#[test]
fn priors_are_checked() {
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-9] {
        assert!(BetaThompson::new(2, bad, 1.0).is_err() && BetaThompson::new(2, 1.0, bad).is_err());
    }
}

#[test]
fn arms_can_be_added() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut bandit = BetaThompson::new(1, 1.0, 1.0).unwrap();
    let mut stale = bandit.scratch();
    assert_eq!(bandit.add_arm(), Ok(Arm(1)));
    let select = bandit.select(&Context::none(), &mut rng, &mut stale);
    assert!(matches!(select, Err(Error::Scratch { .. })));
    let mut p = [0.0; 2];
    let law = bandit.probabilities_into(&Context::none(), &mut stale, &mut p);
    assert!(matches!(law, Err(Error::Scratch { .. })));
    bandit.probabilities_into(&Context::none(), &mut bandit.scratch(), &mut p).unwrap();
    assert!((p[1] - 0.5).abs() < 1e-12);
    let mut ucb = Ucb1::new(1).unwrap();
    ucb.update(&Feedback::new(Arm(0), 1.0)).unwrap();
    assert_eq!(ucb.add_arm(), Ok(Arm(1)));
    assert_eq!(ucb.select(&Context::none(), &mut rng, &mut Scratch::new(0)), Ok(Arm(1)));
}

#[test]
fn posteriors_count_weights_and_fractions() {
    let mut bandit = BetaThompson::new(2, 1.0, 2.0).unwrap();
    bandit.update(&Feedback::new(Arm(0), 1.0).with_weight(3.0)).unwrap();
    bandit.update(&Feedback::new(Arm(0), 0.25)).unwrap();
    assert_eq!(bandit.posterior(Arm(0)), Some((4.25, 2.75)));
    assert_eq!(bandit.posterior(Arm(1)), Some((1.0, 2.0)));
    assert_eq!(bandit.posterior(Arm(2)), None);
}

proptest! {
    #[test]
    fn two_servers_know_what_one_would(stream in prop::collection::vec((0_u32..4, any::<bool>(), any::<bool>()), 0..200)) {
        let new = || (BetaThompson::new(4, 0.5, 0.5).unwrap(), Ucb1::new(4).unwrap());
        let (mut one, mut left, mut right) = (new(), new(), new());
        for &(arm, reward, to_left) in &stream {
            let feedback = Feedback::new(Arm(arm), f64::from(u8::from(reward)));
            for (thompson, ucb) in [&mut one, if to_left { &mut left } else { &mut right }] {
                thompson.update(&feedback).unwrap();
                ucb.update(&feedback).unwrap();
            }
        }
        left.0.merge(&right.0).unwrap();
        left.1.merge(&right.1).unwrap();
        prop_assert_eq!(left, one);
    }
}

#[test]
fn unlike_states_do_not_merge() {
    let mut a = BetaThompson::new(2, 1.0, 1.0).unwrap();
    let before = a.clone();
    let other_prior = BetaThompson::new(2, 1.0, 2.0).unwrap();
    let other_size = BetaThompson::new(3, 1.0, 1.0).unwrap();
    assert_eq!(a.merge(&other_prior), Err(MergeError::Config("the prior")));
    assert_eq!(a.merge(&other_size), Err(MergeError::Shape { what: "arms", ours: 2, theirs: 3 }));
    assert_eq!(a, before);
    assert!(Ucb1::new(2).unwrap().merge(&Ucb1::new(1).unwrap()).is_err());
}

#[cfg(feature = "serde")]
#[test]
fn states_are_saved_and_checked() {
    let mut thompson = BetaThompson::new(2, 0.5, 2.0).unwrap();
    thompson.update(&Feedback::new(Arm(0), 0.3).with_weight(0.7)).unwrap();
    let text = serde_json::to_string(&thompson).unwrap();
    assert_eq!(serde_json::from_str::<BetaThompson>(&text).unwrap(), thompson);
    let mut ucb = Ucb1::new(2).unwrap();
    ucb.update(&Feedback::new(Arm(0), 0.3).with_weight(0.7)).unwrap();
    let saved = serde_json::to_string(&ucb).unwrap();
    assert_eq!(serde_json::from_str::<Ucb1>(&saved).unwrap(), ucb);

    for (bad, message) in [
        (r#"{"format":9,"prior":[1,1],"successes":[0],"failures":[0]}"#, "format 9"),
        (r#"{"format":1,"prior":[0,1],"successes":[0],"failures":[0]}"#, "alpha"),
        (r#"{"format":1,"prior":[1,1],"successes":[0,1],"failures":[0]}"#, "2 and 1 arms"),
        (
            r#"{"format":1,"prior":[1,1],"successes":[-1],"failures":[0]}"#,
            "successes of arm 0 is -1",
        ),
        (r#"{"format":1,"prior":[1,1],"successes":[0],"failures":[1e300]}"#, "failures"),
        (r#"{"format":1,"prior":[1,1],"successes":[0],"failures":[0],"x":1}"#, "unknown field"),
        (r#"{"format":1,"prior":[1,1],"successes":[0]"#, "EOF"),
    ] {
        let error = serde_json::from_str::<BetaThompson>(bad).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
    for (bad, message) in [
        (r#"{"format":1,"weight":[1],"reward":[2]}"#, "reward of arm 0 is 2"),
        (r#"{"format":1,"weight":[1,1],"reward":[0]}"#, "2 and 1 arms"),
        (r#"{"format":0,"weight":[],"reward":[]}"#, "format 0"),
    ] {
        let error = serde_json::from_str::<Ucb1>(bad).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}
