//! Samples, tables, policy and state: what holds for all input, and what bad input gets.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use campaign_core::ndarray::array;
use campaign_core::{Column, Dataset, DriftReport, DriftState, DriftTest, Error};
use campaign_drift::fdr::{benjamini_hochberg, benjamini_hochberg_by_name};
use campaign_drift::ks::ks_sorted;
use campaign_drift::{
    DriftError, FeatureDrift, KsMethod, Monitor, PageHinkley, PageHinkleyConfig, RetrainConfig,
    RetrainPolicy, Thresholds, Why, ks_two_sample,
};
use jiff::civil::{Date, date};
use proptest::prelude::*;

fn sample() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![-1e3..1e3, (-3_i8..3).prop_map(f64::from)], 1..60)
}

proptest! {
    #[test]
    fn ks_is_a_distance_that_ignores_order(a in sample(), b in sample()) {
        for method in [KsMethod::Exact, KsMethod::Asymptotic] {
            let test = ks_two_sample(&a, &b, method).unwrap();
            prop_assert!((0.0..=1.0).contains(&test.statistic));
            prop_assert!((0.0..=1.0).contains(&test.p_value));
            let mut reversed = a.clone();
            reversed.reverse();
            prop_assert_eq!(ks_two_sample(&reversed, &b, method).unwrap(), test);
            let swapped = ks_two_sample(&b, &a, method).unwrap();
            prop_assert_eq!(swapped.statistic, test.statistic);
            prop_assert_eq!(swapped.p_value, test.p_value);
            let same = ks_two_sample(&a, &a, method).unwrap();
            prop_assert_eq!((same.statistic, same.p_value), (0.0, 1.0));
            // Only the order of the values counts.
            let scaled = |v: &[f64]| v.iter().map(|x| 4.0 * x).collect::<Vec<_>>();
            prop_assert_eq!(ks_two_sample(&scaled(&a), &scaled(&b), method).unwrap(), test);
        }
    }

    #[test]
    fn bad_values_are_named(
        mut a in sample(), at in 0_usize..60,
        bad in prop::sample::select(vec![f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
    ) {
        let good = a.clone();
        let at = at % a.len();
        a[at] = bad;
        let error = ks_two_sample(&good, &a, KsMethod::Auto).unwrap_err();
        let named = matches!(error, DriftError::NonFinite { what: "current", index, .. } if index == at);
        prop_assert!(named);
    }

    #[test]
    fn adjusted_p_values_equal_the_definition(p in prop::collection::vec(0.0..1.0, 0..30)) {
        let adjusted = benjamini_hochberg(&p).unwrap();
        let k = p.len() as f64;
        for (i, q) in adjusted.iter().enumerate() {
            // The least level at which the step-up procedure rejects p[i].
            let naive = p.iter().filter(|other| **other >= p[i]).map(|other| {
                other * k / p.iter().filter(|x| *x <= other).count() as f64
            }).fold(1.0, f64::min);
            prop_assert!((q - naive).abs() < 1e-14);
        }
    }

    #[test]
    fn a_resumed_test_is_bit_for_bit_one_that_never_stopped(
        stream in prop::collection::vec(-1e3..1e3, 1..120), stop in 0_usize..120, sd in 0.1..500.0,
    ) {
        let mut whole = PageHinkleyConfig::for_deviation(sd).with_warmup(5).build().unwrap();
        let mut part = whole;
        for (t, x) in stream.iter().enumerate() {
            if t == stop % stream.len() {
                let text = serde_json::to_string(&part).unwrap();
                part = serde_json::from_str::<PageHinkley>(&text).unwrap();
            }
            prop_assert_eq!(whole.observe(*x), part.observe(*x));
            prop_assert_eq!(whole.report().statistic.to_bits(), part.report().statistic.to_bits());
        }
        prop_assert_eq!(whole, part);
    }

    #[test]
    fn page_hinkley_equals_the_sum_less_its_minimum(
        stream in prop::collection::vec(-10.0..10.0, 1..80), tolerance in 0.0..2.0,
    ) {
        let mut test = PageHinkleyConfig::new(tolerance, 1e9).build().unwrap();
        let (mut sum, mut least, mut fall, mut most) = (0.0, 0.0_f64, 0.0, 0.0_f64);
        for (t, x) in stream.iter().enumerate() {
            test.observe(*x).unwrap();
            let mean = stream[..=t].iter().sum::<f64>() / (t + 1) as f64;
            sum += x - mean - tolerance;
            least = least.min(sum);
            fall += x - mean + tolerance;
            most = most.max(fall);
            let expected = (sum - least).max(most - fall);
            prop_assert!((test.report().statistic - expected).abs() < 1e-9);
        }
    }
}

#[test]
fn adjusted_p_values_equal_scipy() {
    // tests/reference/fdr.py
    let p = [
        0.0001, 0.0344, 1.0, 0.0298, 0.759, 0.0278, 0.6528, 0.0201, 0.5719, 0.0095, 0.4262, 0.0019,
        0.324, 0.0004, 0.0459,
    ];
    let scipy = [
        0.0015,
        0.0645,
        1.0,
        0.06385714285714286,
        0.8132142857142857,
        0.06385714285714286,
        0.7532307692307693,
        0.0603,
        0.7148749999999999,
        0.035625,
        0.5811818181818181,
        0.0095,
        0.486,
        0.003,
        0.07650000000000001,
    ];
    for (got, expected) in benjamini_hochberg(&p).unwrap().iter().zip(scipy) {
        assert!((got - expected).abs() < 1e-15);
    }
    for bad in [-0.1, 1.1, f64::NAN] {
        let error = benjamini_hochberg(&[0.5, bad]).unwrap_err();
        assert!(matches!(error, DriftError::PValue { index: 1, .. }), "{error}");
    }
    assert_eq!(
        benjamini_hochberg_by_name(&[("b", 0.04), ("a", 0.03)]).unwrap(),
        [("b", 0.04), ("a", 0.04)]
    );
    assert!(benjamini_hochberg_by_name(&[("a", 0.1), ("a", 0.2)]).is_err());
}

#[test]
fn samples_that_cannot_be_tested() {
    let auto = KsMethod::Auto;
    assert_eq!(ks_two_sample(&[], &[1.0], auto), Err(DriftError::Empty("reference")));
    assert_eq!(ks_two_sample(&[1.0], &[], auto), Err(DriftError::Empty("current")));
    assert_eq!(
        ks_sorted(&[1.0], &[2.0, 3.0, 1.0], auto),
        Err(DriftError::Unsorted { what: "current", index: 2 })
    );
    let (a, b) = (vec![0.0; 60_000], vec![0.0; 59_999]);
    assert!(matches!(ks_sorted(&a, &b, KsMethod::Exact), Err(DriftError::TooLarge { .. })));
    assert!(!ks_sorted(&a, &b, auto).unwrap().exact);
    let one = ks_two_sample(&[1.0], &[2.0], KsMethod::Asymptotic).unwrap();
    assert!((0.0..=1.0).contains(&one.p_value));
}

#[test]
fn page_hinkley_latches_and_refuses() {
    let mut test: Box<dyn DriftTest> =
        Box::new(PageHinkleyConfig::new(0.5, 5.0).with_warmup(3).build().unwrap());
    let states: Vec<DriftState> = [0.0, 0.0, 0.0, 0.0, 4.0, 4.0, 4.0, 0.0]
        .iter()
        .map(|x| test.observe(*x).unwrap())
        .collect();
    use DriftState::{Drift, Stable, Warmup, Warning};
    assert_eq!(states, [Warmup, Warmup, Stable, Stable, Warning, Warning, Drift, Drift]);
    let before = test.report();
    for bad in [f64::NAN, f64::INFINITY] {
        assert!(matches!(test.observe(bad), Err(Error::NonFinite { .. })));
    }
    assert_eq!(test.report(), before);
    test.reset();
    assert_eq!(test.report(), DriftReport::new(Warmup, 0.0, 5.0, 0));
    // Values so large that their sum overflows.
    test.observe(f64::MAX).unwrap();
    assert!(test.observe(-f64::MAX).is_err());
    assert_eq!(test.report().n, 1);

    for bad in [
        PageHinkleyConfig::new(-1.0, 1.0),
        PageHinkleyConfig::new(f64::NAN, 1.0),
        PageHinkleyConfig::new(0.0, 0.0),
        PageHinkleyConfig::for_deviation(f64::INFINITY),
        PageHinkleyConfig::new(0.0, 1.0).with_warning(0.0),
        PageHinkleyConfig::new(0.0, 1.0).with_warning(1.5),
    ] {
        assert!(matches!(bad.build(), Err(DriftError::Setting { .. })), "{bad:?}");
    }
    let text = serde_json::to_string(&PageHinkleyConfig::new(0.5, 5.0).build().unwrap()).unwrap();
    for (from, to) in [("\"0.5\"", "\"-1\""), ("\"mean\":\"0\"", "\"mean\":\"NaN\"")] {
        assert!(text.contains(from), "{text}");
        assert!(serde_json::from_str::<PageHinkley>(&text.replace(from, to)).is_err());
    }
}

#[test]
fn tables_are_matched_by_name() {
    let levels = |names: &[&str]| names.iter().map(|n| (*n).into()).collect::<Vec<_>>();
    let table = |a: &str, level_names: &[&str], rows| {
        let columns = vec![Column::numeric(a), Column::categorical("kind", levels(level_names))];
        Dataset::new(columns, rows).unwrap()
    };
    let nan = f64::NAN;
    let before =
        table("x", &["video", "image"], array![[1.0, 0.0], [2.0, 1.0], [nan, 1.0], [4.0, nan]]);
    // The same levels in another order, with the same shares.
    let now =
        table("x", &["image", "video"], array![[1.0, 1.0], [nan, 0.0], [nan, 0.0], [nan, nan]]);
    let rows = Monitor::default().compare(&before, &now).unwrap();
    assert_eq!((rows[0].n_reference, rows[0].n_current), (3, 1));
    assert_eq!((rows[0].missing_reference, rows[0].missing_change()), (0.25, 0.5));
    assert!(rows[0].missing_changed && rows[0].statistic.is_some());
    assert_eq!((rows[1].psi, rows[1].p, rows[1].drifted), (Some(0.0), None, false));

    let other = table("y", &["video"], array![[1.0, 0.0]]);
    let error = Monitor::default().compare(&before, &other).unwrap_err();
    assert!(matches!(error, DriftError::MissingFeature { from: "current", .. }), "{error}");
    let kind =
        Dataset::new(vec![Column::numeric("x"), Column::numeric("kind")], array![[1.0, 0.0]]);
    let error = Monitor::default().compare(&before, &kind.unwrap()).unwrap_err();
    assert_eq!(error, DriftError::KindChanged("kind".into()));

    let compare =
        |a: &[(&str, &[f64])], b: &[(&str, &[f64])]| Monitor::default().compare_columns(a, b);
    let x: &[f64] = &[1.0, 2.0];
    assert!(matches!(
        compare(&[("x", x), ("x", x)], &[("x", x)]),
        Err(DriftError::DuplicateFeature(_))
    ));
    assert!(matches!(
        compare(&[("x", x)], &[("x", x), ("y", x)]),
        Err(DriftError::MissingFeature { from: "reference", .. })
    ));
    assert_eq!(compare(&[("x", x)], &[("x", &[])]), Err(DriftError::Empty("current")));
    assert!(matches!(
        compare(&[("x", x)], &[("x", &[1.0, f64::INFINITY])]),
        Err(DriftError::Value { row: 1, table: "current", .. })
    ));
    // A column that is missing altogether has no test, and the others keep theirs.
    let gone = compare(&[("x", x), ("y", x)], &[("x", &[nan, nan]), ("y", x)]).unwrap();
    assert!(
        gone[0].p_adjusted.is_none() && gone[0].missing_changed && gone[1].p_adjusted == Some(1.0)
    );
    let monitor = Monitor::new(Thresholds::default().with_fdr(1.5));
    assert!(matches!(monitor.compare_columns(&[], &[]), Err(DriftError::Setting { .. })));
}

/// A row whose feature moved by `shift` of 100 values.
fn rows(shift: f64) -> Vec<FeatureDrift> {
    let before: Vec<f64> = (0..400).map(f64::from).collect();
    let now: Vec<f64> = before.iter().map(|x| x + shift).collect();
    Monitor::default()
        .compare_columns(
            &[("spend", &before), ("age", &before)],
            &[("spend", &now), ("age", &before)],
        )
        .unwrap()
}

fn day(k: i8) -> Date {
    date(2026, 5, k)
}

#[test]
fn policy_says_why_and_why_not() {
    let mut policy = RetrainConfig::default().with_cool_down_days(10).build().unwrap();
    let (calm, moved) = (rows(0.0), rows(120.0));
    let quiet = policy.check(day(1), &calm, None).unwrap();
    assert!(!quiet.retrain);
    assert_eq!(
        quiet.why[0].to_string(),
        "none of 2 features has drifted (largest KS statistic 0.000, 0.1 would matter)"
    );
    let first = policy.check(day(2), &moved, None).unwrap();
    assert!(!first.retrain);
    assert_eq!(
        first.why[0].to_string(),
        "spend has drifted (KS statistic 0.300), persistence 1 of 2"
    );
    // A calm check in between starts the count afresh.
    assert!(!policy.check(day(3), &calm, None).unwrap().retrain);
    assert!(!policy.check(day(4), &moved, None).unwrap().retrain);
    let second = policy.check(day(5), &moved, None).unwrap();
    assert!(second.retrain && second.why[0].speaks_for() == Some(true));
    // As long as nobody retrains it keeps saying so; then the cool-down begins.
    assert!(policy.check(day(6), &moved, None).unwrap().retrain);
    policy.retrained(day(6));
    assert!(policy.state().runs.is_empty());
    policy.check(day(7), &moved, None).unwrap();
    let cooling = policy.check(day(15), &moved, None).unwrap();
    assert!(!cooling.retrain);
    let texts: Vec<String> = cooling.why.iter().map(ToString::to_string).collect();
    assert!(
        texts[0].starts_with("spend has drifted at 2 checks in a row (2 asked for)"),
        "{texts:?}"
    );
    assert_eq!(texts[1], "cool-down until 2026-05-16: last retrained on 2026-05-06");
    assert!(policy.check(day(16), &moved, None).unwrap().retrain);
    for why in &cooling.why {
        assert!(why.reason().holds(), "{}", why.reason());
    }
}

#[test]
fn an_alarm_of_the_kpi_needs_no_persistence_but_the_cool_down() {
    let alarm = DriftReport::new(DriftState::Drift, 13.0, 12.0, 80);
    let mut policy = RetrainConfig::default().build().unwrap();
    let calm = rows(0.0);
    let warning = DriftReport::new(DriftState::Warning, 9.0, 12.0, 79);
    assert!(!policy.check(day(1), &calm, Some(warning)).unwrap().retrain);
    let decision = policy.check(day(2), &calm, Some(alarm)).unwrap();
    assert!(decision.retrain);
    assert_eq!(decision.why, [Why::Kpi { statistic: 13.0, threshold: 12.0, n: 80 }]);
    policy.retrained(day(2));
    assert!(!policy.check(day(3), &calm, Some(alarm)).unwrap().retrain);
    // Without any features at all the policy still answers.
    assert_eq!(policy.check(day(4), &[], None).unwrap().why.len(), 2);
}

#[test]
fn a_check_counts_once_and_state_survives() {
    let mut policy = RetrainConfig::default().build().unwrap();
    let moved = rows(120.0);
    policy.check(day(2), &moved, None).unwrap();
    let before = policy.clone();
    for again in [day(2), day(1)] {
        let error = policy.check(again, &moved, None).unwrap_err();
        assert_eq!(error, DriftError::Day { day: again, last: day(2) });
    }
    let twice = [moved[0].clone(), moved[0].clone()];
    assert!(
        matches!(policy.check(day(3), &twice, None), Err(DriftError::DuplicateFeature(n)) if n == "spend")
    );
    assert_eq!(policy, before);
    let text = serde_json::to_string(&policy).unwrap();
    let mut resumed: RetrainPolicy = serde_json::from_str(&text).unwrap();
    assert_eq!(resumed, policy);
    let mut turned = moved.clone();
    turned.reverse();
    assert_eq!(resumed.check(day(3), &turned, None), policy.check(day(3), &moved, None));
    for config in [
        RetrainConfig::default().with_persistence(0),
        RetrainConfig::default().with_min_features(0),
    ] {
        assert!(config.build().is_err());
    }
    let mut two =
        RetrainConfig::default().with_persistence(1).with_min_features(2).build().unwrap();
    let decision = two.check(day(3), &moved, None).unwrap();
    assert!(
        !decision.retrain && decision.why.contains(&Why::TooFewFeatures { features: 1, needed: 2 })
    );
}

#[test]
fn a_feature_gone_missing_is_pointed_out_without_a_retraining() {
    let nan = f64::NAN;
    let rows = Monitor::default()
        .compare_columns(&[("x", &[1.0, 2.0, 3.0])], &[("x", &[nan, nan, nan])])
        .unwrap();
    let mut policy = RetrainConfig::default().with_persistence(1).build().unwrap();
    let decision = policy.check(day(1), &rows, None).unwrap();
    assert!(!decision.retrain);
    let last = decision.why.last().unwrap();
    assert_eq!(last.speaks_for(), None);
    assert_eq!(
        last.to_string(),
        "the missing share of x went from 0.0% to 100.0%: check the data first"
    );
}
