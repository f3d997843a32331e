//! What holds for all arms.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use campaign_experiments::bayes::{expected_loss, lift_cdf, probability_greater};
use campaign_experiments::{Beta, Comparison, Counts, DecisionRule, ExperimentError, LookSchedule};
use proptest::prelude::*;

fn shape() -> impl Strategy<Value = f64> {
    prop_oneof![0.05..2.0, 1.0..50.0, 50.0..5000.0, 1e5..1e8]
}

fn beta() -> impl Strategy<Value = Beta> {
    (shape(), shape()).prop_map(|(a, b)| Beta::new(a, b).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn probabilities_add_up_and_follow_the_arms(
        arms in prop::collection::vec(beta(), 2..14), turn in 0_usize..14,
    ) {
        let c = Comparison::new(&arms).unwrap();
        prop_assert!((c.p_best.iter().sum::<f64>() - 1.0).abs() < 1e-10);
        prop_assert!(c.p_best.iter().all(|p| (0.0..=1.0).contains(p)));
        prop_assert!(c.expected_loss.iter().all(|l| (0.0..=1.0).contains(l)));
        // E[max] is the same whichever arm it is told from.
        let highest: Vec<f64> = arms.iter().zip(&c.expected_loss).map(|(a, l)| a.mean() + l).collect();
        for h in &highest {
            prop_assert!((h - highest[0]).abs() < 1e-12, "{:?}", highest);
        }
        let mut turned = arms.clone();
        let turn = turn % arms.len();
        turned.rotate_left(turn);
        let other = Comparison::new(&turned).unwrap();
        for (k, p) in other.p_best.iter().enumerate() {
            prop_assert!((p - c.p_best[(k + turn) % arms.len()]).abs() < 1e-12);
        }
    }

    #[test]
    fn two_arms_agree_with_the_general_form(a in beta(), b in beta()) {
        let c = Comparison::new(&[a, b]).unwrap();
        prop_assert!((c.p_best[1] - probability_greater(&b, &a)).abs() < 1e-14);
        prop_assert!((c.expected_loss[1] - expected_loss(&b, &a)).abs() < 1e-14);
        // A lift above 0 is the same event.
        prop_assert!((1.0 - lift_cdf(&b, &a, 0.0) - c.p_best[1]).abs() < 1e-10);
        // E[(A - B)+] = m_A P(A' > B) - m_B P(A > B'), each law with one more success.
        let more = |x: &Beta| Beta::new(x.alpha() + 1.0, x.beta()).unwrap();
        let closed = a.mean() * probability_greater(&more(&a), &b)
            - b.mean() * probability_greater(&a, &more(&b));
        prop_assert!((c.expected_loss[1] - closed).abs() < 1e-10);
    }

    #[test]
    fn whole_shapes_have_a_closed_form(a in 1_u32..40, b in 1_u32..40, c in 1_u32..40, d in 1_u32..40) {
        // P(Beta(c, d) > Beta(a, b)) = sum over i < c of B(a + i, b + d) / ((d + i) B(1 + i, d) B(a, b)),
        // by the ratio of neighbouring terms.
        let [a, b, c, d] = [a, b, c, d].map(f64::from);
        // The term i = 0 is B(a, b + d) / B(a, b).
        let mut term: f64 = (0..d as u32).map(f64::from).map(|k| (b + k) / (a + b + k)).product();
        let mut sum = 0.0;
        let mut i = 0.0;
        while i < c {
            sum += term;
            term *= (a + i) / (a + b + d + i) * (d + i) / (i + 1.0);
            i += 1.0;
        }
        let p = probability_greater(&Beta::new(c, d).unwrap(), &Beta::new(a, b).unwrap());
        prop_assert!((p - sum).abs() < 1e-13, "{} {}", p, sum);
    }

    #[test]
    fn intervals_hold_their_mass(law in beta(), mass in 0.05_f64..0.99) {
        let (low, high) = law.interval(mass).unwrap();
        // Closer to 1 the rounding of the end itself moves more mass than that.
        prop_assume!(high < 1.0 - 1e-4);
        prop_assert!((law.cdf(low) - 0.5 * (1.0 - mass)).abs() < 1e-9);
        prop_assert!((law.sf(high) - 0.5 * (1.0 - mass)).abs() < 1e-9);
        match law.shortest_interval(mass) {
            Ok((l, h)) => {
                prop_assert!((law.cdf(h) - law.cdf(l) - mass).abs() < 1e-9);
                prop_assert!(h - l <= (high - low) * (1.0 + 1e-9));
            }
            Err(e) => {
                let two_modes = matches!(e, ExperimentError::TwoModes { .. });
                prop_assert!(two_modes && law.alpha() < 1.0 && law.beta() < 1.0);
            }
        }
    }

    #[test]
    fn bad_counts_are_refused(conversions in any::<f64>(), trials in any::<f64>()) {
        let fine = conversions.is_finite() && trials.is_finite() && 0.0 <= conversions && conversions <= trials;
        prop_assert_eq!(Counts::new(conversions, trials).is_ok(), fine);
        if let Ok(counts) = Counts::new(conversions, trials) {
            // Too many trials are a typed error, not a panic.
            let rule = DecisionRule::new(LookSchedule::once(7));
            let _ = rule.decide(&[counts, counts], 1);
        }
    }
}

#[test]
fn bad_input_is_named() {
    use ExperimentError as E;
    assert!(matches!(Counts::new(5.0, 4.0), Err(E::Conversions { .. })));
    assert!(matches!(Counts::new(-1.0, 4.0), Err(E::Count { what: "conversions", .. })));
    assert!(matches!(Counts::new(1.0, f64::NAN), Err(E::Count { what: "trials", .. })));
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e13] {
        assert!(matches!(Beta::new(bad, 1.0), Err(E::Shape { what: "alpha", .. })), "{bad}");
        assert!(matches!(Beta::new(1.0, bad), Err(E::Shape { what: "beta", .. })), "{bad}");
    }
    assert_eq!(Comparison::new(&[]), Err(E::Arms { got: 0, expected: 2 }));
    assert_eq!(Comparison::new(&[Beta::uniform()]), Err(E::Arms { got: 1, expected: 2 }));
    for level in [0.0, 1.0, -0.1, 1.1, f64::NAN] {
        assert!(matches!(Beta::uniform().quantile(level), Err(E::Between { .. })), "{level}");
        assert!(Beta::uniform().interval(level).is_err());
        assert!(Beta::uniform().shortest_interval(level).is_err());
    }
    let e = Counts::new(5.0, 4.0).unwrap_err();
    assert_eq!(e.to_string(), "5 conversions in 4 trials");
    // Zero trials everywhere is no evidence, and no error.
    let rule = DecisionRule::new(LookSchedule::daily(2));
    let none = [Counts::default(); 3];
    let a = rule.decide(&none, 1).unwrap();
    assert!(a.comparison.p_best.iter().all(|p| (p - 1.0 / 3.0).abs() < 1e-14));
}

#[test]
fn shortest_intervals_of_monotone_and_symmetric_densities() {
    let law = |a, b| Beta::new(a, b).unwrap();
    let near = |x: (f64, f64), y: (f64, f64)| (x.0 - y.0).abs() < 1e-7 && (x.1 - y.1).abs() < 1e-7;
    // Beta(1, 2) has the distribution function 1 - (1 - x)^2, Beta(2, 1) x^2.
    let root = 0.5_f64.sqrt();
    assert!(near(law(1.0, 2.0).shortest_interval(0.5).unwrap(), (0.0, 1.0 - root)));
    assert!(near(law(2.0, 1.0).shortest_interval(0.5).unwrap(), (root, 1.0)));
    assert!(near(law(1.0, 1.0).shortest_interval(0.5).unwrap(), (0.25, 0.75)));
    let (low, high) = law(0.5, 3.0).shortest_interval(0.9).unwrap();
    assert!(low == 0.0 && (law(0.5, 3.0).cdf(high) - 0.9).abs() < 1e-12);
    assert!(law(3.0, 0.5).shortest_interval(0.9).unwrap().1 == 1.0);
    // The symmetric one is its own equal-tailed interval.
    let s = law(7.0, 7.0);
    assert!(near(s.shortest_interval(0.9).unwrap(), s.interval(0.9).unwrap()));
    // Two ends of equal density.
    let t = law(3.0, 9.0);
    let (low, high) = t.shortest_interval(0.95).unwrap();
    assert!((t.pdf(low) / t.pdf(high) - 1.0).abs() < 1e-6);
}
