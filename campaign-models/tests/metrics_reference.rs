//! Metrics against scikit-learn 1.9.1 (tests/reference/metrics.py), against pairs, and on bad input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use campaign_models::metrics::{LiftTable, MetricError, Outcomes};
use campaign_models::{Evaluation, Metric};
use proptest::prelude::*;

/// The generator of the reference script.
fn uniforms(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let next = || {
        state = (state * 1_103_515_245 + 12_345) % (1 << 31);
        state as f64 / (1_u64 << 31) as f64
    };
    std::iter::repeat_with(next).take(n).collect()
}

#[test]
fn values_equal_scikit_learn() {
    let u = uniforms(600, 7);
    let p: Vec<f64> = u[..200].iter().map(|u| (u * 20.0).floor() / 20.0).collect();
    let y: Vec<f64> =
        u[200..400].iter().zip(&p).map(|(u, p)| f64::from(*u < 0.2 + 0.6 * p)).collect();
    let w: Vec<f64> = u[400..].iter().map(|u| (u * 4.0).floor()).collect();
    let mut yr: Vec<f64> = u[..200].iter().map(|u| 10.0 * u - 3.0).collect();
    let pr: Vec<f64> = yr.iter().zip(&u[200..400]).map(|(y, u)| y + 2.0 * u - 1.0).collect();
    yr.iter_mut().step_by(10).for_each(|y| *y = 0.0);
    let mu: Vec<f64> = u[200..400].iter().map(|u| 0.1 + 3.0 * u).collect();
    let counts: Vec<f64> =
        (0..200).map(|i| (4.0 * u[i] * u[400 + i] * u[200 + i].sqrt() * 2.0).floor()).collect();
    let amounts: Vec<f64> = counts.iter().map(|c| c + 0.5).collect();
    let tweedie = Metric::TweedieDeviance { power: 1.3 };
    for (metric, y, p, plain, weighted) in [
        (Metric::Auc, &y, &p, 0.7403846153846153, 0.746096414765406),
        (Metric::LogLoss, &y, &p, 0.9609853221947179, 1.0221951982844506),
        (Metric::Brier, &y, &p, 0.214, 0.20943076923076923),
        (Metric::Rmse, &yr, &pr, 0.9706274726443898, 0.9965789661193996),
        (Metric::Mae, &yr, &pr, 0.6771780420746655, 0.6990514429200154),
        (Metric::Mape, &yr, &pr, 2.4863416336673474, 2.416193777968096),
        (Metric::Wape, &yr, &pr, 0.25799663871479234, 0.2599030689724696),
        (Metric::PrAuc, &y, &p, 0.7395998284184773, 0.7479577288135155),
        (Metric::Ece, &y, &p, 0.07550000000000001, 0.10492307692307692),
        (Metric::Pinball { level: 0.9 }, &yr, &pr, 0.3402592803044244, 0.336386838041246),
        (Metric::PoissonDeviance, &counts, &mu, 1.613846188634971, 1.1937113600765206),
        (Metric::GammaDeviance, &amounts, &mu, 0.7866852954106217, 0.8264857483779668),
        (tweedie, &counts, &mu, 1.9019603617436511, 1.3210475431536224),
    ] {
        for (weights, expected) in [(None, plain), (Some(&w[..]), weighted)] {
            let value = metric.evaluate(y, p, weights).unwrap();
            assert!((value - expected).abs() < 1e-12 * (1.0 + expected), "{metric} {value}");
        }
    }
    // 25 queries of 8 rows, tied predictions among them; a query weighs as its number.
    let groups: Vec<u32> = (0..200).map(|i| i / 8).collect();
    let scores: Vec<f64> = mu.iter().map(|m| (m * 4.0).floor()).collect();
    let weights: Vec<f64> = groups.iter().map(|g| f64::from(g % 4)).collect();
    let plain = Outcomes::new(&counts).with_groups(&groups);
    let weighted = plain.with_weights(&weights);
    for (outcomes, k, expected) in [
        (&plain, 3, 0.5823637488932375),
        (&plain, 8, 0.7721594392394177),
        (&weighted, 3, 0.6244634049231576),
        (&weighted, 8, 0.7959346544686594),
    ] {
        let value = Metric::Ndcg { k }.measure(outcomes, &scores).unwrap();
        assert!((value - expected).abs() < 1e-12, "{k} {value}");
    }
}

proptest! {
    #[test]
    fn auc_is_the_share_of_pairs_in_order(
        rows in prop::collection::vec((any::<bool>(), 0_i32..12, 0_u8..4), 1..60)
    ) {
        let y: Vec<f64> = rows.iter().map(|r| f64::from(r.0)).collect();
        let p: Vec<f64> = rows.iter().map(|r| f64::from(r.1)).collect();
        let w: Vec<f64> = rows.iter().map(|r| f64::from(r.2)).collect();
        let (mut above, mut pairs) = (0.0, 0.0);
        for i in 0..rows.len() {
            for j in 0..rows.len() {
                if y[i] == 1.0 && y[j] == 0.0 {
                    pairs += w[i] * w[j];
                    above += w[i] * w[j] * if p[i] > p[j] { 1.0 } else if p[i] == p[j] { 0.5 } else { 0.0 };
                }
            }
        }
        match Metric::Auc.evaluate(&y, &p, Some(&w)) {
            Ok(auc) => prop_assert!((auc - above / pairs).abs() < 1e-12),
            Err(_) => prop_assert_eq!(pairs, 0.0),
        }
    }

    #[test]
    fn nothing_panics(
        y in prop::collection::vec(any::<f64>(), 0..5),
        p in prop::collection::vec(any::<f64>(), 0..5),
        w in prop::option::of(prop::collection::vec(any::<f64>(), 0..5)),
    ) {
        for metric in ALL {
            let _ = metric.evaluate(&y, &p, w.as_deref());
        }
        let _ = LiftTable::new(&y, &p, w.as_deref(), 3);
    }

    #[test]
    fn average_precision_is_a_sum_over_thresholds(
        rows in prop::collection::vec((any::<bool>(), 0_i32..9, 0_u8..4), 1..40)
    ) {
        let y: Vec<f64> = rows.iter().map(|r| f64::from(r.0)).collect();
        let p: Vec<f64> = rows.iter().map(|r| f64::from(r.1)).collect();
        let w: Vec<f64> = rows.iter().map(|r| f64::from(r.2)).collect();
        let at_least = |t: i32, positive: bool| {
            let taken = rows.iter().filter(|r| r.1 >= t && (r.0 || !positive));
            taken.map(|r| f64::from(r.2)).sum::<f64>()
        };
        let all = at_least(0, true);
        let expected: f64 = (0..9)
            .filter(|&t| at_least(t, false) > 0.0)
            .map(|t| {
                let recall = (at_least(t, true) - at_least(t + 1, true)) / all;
                recall * at_least(t, true) / at_least(t, false)
            })
            .sum();
        match Metric::PrAuc.evaluate(&y, &p, Some(&w)) {
            Ok(value) => prop_assert!((value - expected).abs() < 1e-12),
            Err(_) => prop_assert_eq!(all, 0.0),
        }
    }

    #[test]
    fn ndcg_of_ties_is_the_mean_over_their_orders(
        rows in prop::collection::vec((0_u8..4, 0_i32..3), 1..6), k in 1_usize..6
    ) {
        let y: Vec<f64> = rows.iter().map(|r| f64::from(r.0)).collect();
        let p: Vec<f64> = rows.iter().map(|r| f64::from(r.1)).collect();
        let gain = |order: &[usize]| {
            let places = order.iter().take(k).enumerate();
            places.map(|(place, &row)| y[row] / (place as f64 + 2.0).log2()).sum::<f64>()
        };
        let (mut sum, mut orders, mut best) = (0.0, 0.0, 0.0_f64);
        for order in permutations(rows.len()) {
            best = best.max(gain(&order));
            if order.windows(2).all(|pair| p[pair[0]] >= p[pair[1]]) {
                sum += gain(&order);
                orders += 1.0;
            }
        }
        match (Metric::Ndcg { k }).evaluate(&y, &p, None) {
            Ok(value) => prop_assert!((value - sum / orders / best).abs() < 1e-12),
            Err(_) => prop_assert_eq!(best, 0.0),
        }
    }

    #[test]
    fn lift_does_not_depend_on_the_order_of_rows(
        rows in prop::collection::vec((0_u8..3, 0_i32..6, 1_u8..4), 1..40), parts in 1_usize..8
    ) {
        let table = |rows: &[(u8, i32, u8)]| {
            let y: Vec<f64> = rows.iter().map(|r| f64::from(r.0)).collect();
            let p: Vec<f64> = rows.iter().map(|r| f64::from(r.1)).collect();
            let w: Vec<f64> = rows.iter().map(|r| f64::from(r.2)).collect();
            LiftTable::new(&y, &p, Some(&w), parts)
        };
        let mut backwards = rows.clone();
        backwards.reverse();
        let Ok(a) = table(&rows) else { return Ok(()); };
        let b = table(&backwards).unwrap();
        prop_assert_eq!(a.rows.len(), parts);
        for (i, (a, b)) in a.rows.iter().zip(&b.rows).enumerate() {
            prop_assert!((a.share - (i + 1) as f64 / parts as f64).abs() < 1e-9);
            prop_assert!((a.gain - b.gain).abs() < 1e-9 && (a.rate - b.rate).abs() < 1e-9);
        }
        // Each part has the same weight, so the mean of the rates is the rate of all.
        let mean = a.rows.iter().map(|r| r.rate).sum::<f64>() / parts as f64;
        prop_assert!((mean - a.rate).abs() < 1e-9);
        prop_assert!((a.rows[parts - 1].gain - 1.0).abs() < 1e-9);
    }
}

const ALL: [Metric; 14] = [
    Metric::Auc,
    Metric::PrAuc,
    Metric::LogLoss,
    Metric::Brier,
    Metric::Ece,
    Metric::Rmse,
    Metric::Mae,
    Metric::Mape,
    Metric::Wape,
    Metric::Pinball { level: 0.1 },
    Metric::PoissonDeviance,
    Metric::GammaDeviance,
    Metric::TweedieDeviance { power: 1.5 },
    Metric::Ndcg { k: 5 },
];

fn permutations(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![vec![]];
    }
    let insert = |rest: Vec<usize>| {
        (0..n).map(move |at| {
            let mut order = rest.clone();
            order.insert(at, n - 1);
            order
        })
    };
    permutations(n - 1).into_iter().flat_map(insert).collect()
}

#[test]
fn names_are_read_back() {
    for metric in ALL {
        assert_eq!(metric.key().parse(), Ok(metric));
    }
    assert_eq!(Metric::PrAuc.key(), "pr_auc");
    assert_eq!(Metric::Ndcg { k: 10 }.to_string(), "NDCG@10");
    for bad in ["", "AUC", "auc@1", "pinball", "pinball@x", "pinball@1", "ndcg@0", "ndcg@-1"] {
        assert!(bad.parse::<Metric>().is_err(), "{bad}");
    }
    let error = Metric::Pinball { level: 1.5 }.evaluate(&[1.0], &[1.0], None).unwrap_err();
    assert_eq!(error.to_string(), "level is 1.5, expected a number between 0 and 1");
}

#[cfg(feature = "serde")]
#[test]
fn metrics_and_evaluations_are_saved_by_name() {
    let evaluation =
        Evaluation::new(Metric::Pinball { level: 0.9 }, &[1.0], &[2.0], &[3.0], None).unwrap();
    let text = serde_json::to_string(&evaluation).unwrap();
    assert!(text.starts_with(r#"{"metric":"pinball@0.9","value":0.0"#), "{text}");
    assert_eq!(serde_json::from_str::<Evaluation>(&text).unwrap(), evaluation);
    assert!(serde_json::from_str::<Metric>("\"ndcg@0\"").is_err());
}

#[test]
fn what_is_wrong_is_named() {
    let error = |metric: Metric, y: &[f64], p: &[f64], w: Option<&[f64]>| {
        metric.evaluate(y, p, w).unwrap_err().to_string()
    };
    assert_eq!(
        error(Metric::Rmse, &[1.0, 2.0], &[1.0], None),
        "prediction has length 1, expected 2"
    );
    assert_eq!(
        error(Metric::Auc, &[1.0, 0.5], &[1.0, 1.0], None),
        "target[1] is 0.5, expected 0 or 1"
    );
    assert_eq!(
        error(Metric::LogLoss, &[1.0], &[1.5], None),
        "prediction[0] is 1.5, expected a number between 0 and 1"
    );
    assert_eq!(
        error(Metric::Mae, &[f64::NAN], &[1.0], None),
        "target[0] is NaN, expected a finite number"
    );
    assert_eq!(
        error(Metric::Auc, &[1.0, 1.0], &[0.1, 0.2], None),
        "AUC is not defined: all targets are of one class"
    );
    assert_eq!(
        error(Metric::Mape, &[0.0, 0.0], &[0.1, 0.2], None),
        "MAPE is not defined: every target is 0"
    );
    assert_eq!(
        error(Metric::Brier, &[], &[], None),
        "Brier is not defined: no row has a positive weight"
    );
    let negative = Metric::Mae.evaluate(&[1.0], &[1.0], Some(&[-1.0]));
    assert!(matches!(negative, Err(MetricError::Value { what: "weights", index: 0, .. })));
}

#[test]
fn a_baseline_is_beaten_in_the_right_direction() {
    let (y, good, bad) = ([0.0, 1.0, 1.0], [0.1, 0.6, 0.7], [0.9, 0.4, 0.5]);
    for metric in [Metric::Auc, Metric::PrAuc, Metric::LogLoss, Metric::Rmse, Metric::Ndcg { k: 3 }]
    {
        let beats = |p: &[f64], b: &[f64]| {
            Evaluation::new(metric, &y, p, b, None).unwrap().beats_baseline()
        };
        assert!(beats(&good, &bad), "{metric}");
        assert!(!beats(&bad, &good) && !beats(&good, &good), "{metric}");
    }
    assert_eq!(format!("{:>9}", Metric::LogLoss), " log-loss");
}

#[test]
fn a_lift_table_by_hand() {
    // Rates 1, 0.5 and 0 from the top; the tie at 0.5 is cut by the boundary between the parts.
    let y = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0];
    let p = [0.9, 0.9, 0.5, 0.5, 0.1, 0.1];
    let table = LiftTable::new(&y, &p, None, 2).unwrap();
    let (top, rest) = (table.rows[0], table.rows[1]);
    assert!((top.rate - 2.5 / 3.0).abs() < 1e-12 && (rest.rate - 0.5 / 3.0).abs() < 1e-12);
    assert!((top.lift - 5.0 / 3.0).abs() < 1e-12 && (top.gain - 2.5 / 3.0).abs() < 1e-12);
    assert!((top.predicted - 2.3 / 3.0).abs() < 1e-12);
    assert!((rest.share - 1.0).abs() < 1e-12 && (rest.cumulative_lift - 1.0).abs() < 1e-12);
    let text = table.to_string();
    assert_eq!(text.lines().nth(1), Some("  50%     0.7667    0.8333   1.67    83%         1.67"));
    let no_positive = LiftTable::new(&[0.0], &[0.5], None, 2).unwrap_err();
    assert_eq!(no_positive.to_string(), "a lift table needs a positive target");
    assert!(LiftTable::new(&y, &p, None, 0).is_err());
    assert!(LiftTable::new(&[-1.0], &[0.5], None, 1).is_err());
}
