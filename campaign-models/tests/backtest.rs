//! A backtest's numbers against the same work done by hand.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::ops::ControlFlow;

use campaign_core::ndarray::Array2;
use campaign_core::rand::RngExt;
use campaign_core::{Column, Dataset, Model};
use campaign_models::validate::{BacktestError, BacktestReport};
use campaign_models::{
    Backtest, Bootstrap, FitError, GbdtConfig, Metric, Naive, Objective, Prior, TemporalSplit,
    TemporalWindows,
};
use common::rng;
use jiff::ToSpan;
use jiff::civil::{Date, date};

fn day(offset: usize) -> Date {
    date(2026, 1, 1).checked_add((offset as i64).days()).unwrap()
}

/// 84 days of 6 ads with a level per ad, a week and noise; the 0/1 target is whether the amount is
/// above 12.
fn data(binary: bool) -> Dataset {
    let mut rng = rng(3);
    let n = 84 * 6;
    let x = Array2::from_shape_fn((n, 2), |(row, c)| match c {
        0 => (row % 6) as f64,
        _ => (row / 6 % 7) as f64,
    });
    let mut noise = || rng.random::<f64>() * 2.0 - 1.0;
    let amount = x.rows().into_iter().map(|x| 10.0 + x[0] + f64::from(x[1] > 4.0) * 3.0 + noise());
    let target = amount.map(|y| if binary { f64::from(y > 12.0) } else { y }).collect();
    Dataset::new(vec![Column::numeric("ad"), Column::numeric("weekday")], x)
        .and_then(|d| d.with_target(target))
        .and_then(|d| d.with_days((0..n).map(|row| day(row / 6)).collect()))
        .and_then(|d| d.with_groups((0..n).map(|row| (row % 6) as u32).collect()))
        .and_then(|d| d.with_weights((0..n).map(|row| 1.0 + (row % 3) as f64).collect()))
        .unwrap()
}

fn fit(objective: Objective) -> impl FnMut(&Dataset) -> Result<Box<dyn Model>, FitError> {
    move |train| {
        let config = GbdtConfig::new(objective).with_trees(30);
        Ok(Box::new(config.fit(train, None, &mut rng(1))?) as Box<dyn Model>)
    }
}

fn run() -> BacktestReport {
    let windows = TemporalWindows::at([day(42), day(56), day(70)]).with_purge_days(7);
    Backtest::new(windows, [Metric::Rmse, Metric::Wape])
        .run(&data(false), fit(Objective::Squared))
        .unwrap()
}

#[test]
fn every_line_equals_a_split_by_hand() {
    let data = data(false);
    let report = run();
    let (mut errors, mut weights) = (0.0, 0.0);
    for (line, (cutoff, until)) in report.lines.iter().zip([(42, 56), (56, 70), (70, 84)]) {
        let rows: Vec<usize> = (0..until * 6).collect();
        let split = TemporalSplit::new(&data.select(&rows).unwrap(), day(cutoff), 7).unwrap();
        let valid = split.valid();
        let config = GbdtConfig::new(Objective::Squared).with_trees(30);
        let model = config.fit(split.train(), None, &mut rng(1)).unwrap();
        let p = model.predict(valid.features()).unwrap().to_vec();
        let b = Prior::fit(split.train()).unwrap().predict(valid.features()).unwrap().to_vec();
        let (y, w) = (valid.target().unwrap(), valid.weights());
        for (evaluation, metric) in line.evaluations.iter().zip([Metric::Rmse, Metric::Wape]) {
            let evaluation = evaluation.unwrap();
            assert_eq!(evaluation.metric, metric);
            assert_eq!(evaluation.value, metric.evaluate(y, &p, w).unwrap());
            assert_eq!(evaluation.baseline, metric.evaluate(y, &b, w).unwrap());
        }
        assert_eq!((line.train.first, line.train.last), (day(0), day(cutoff - 8)));
        assert_eq!((line.valid.first, line.valid.last), (day(cutoff), day(until - 1)));
        assert_eq!((line.train.rows, line.valid.rows), ((cutoff - 7) * 6, 14 * 6));
        for (i, y) in y.iter().enumerate() {
            errors += w.unwrap()[i] * (y - p[i]) * (y - p[i]);
            weights += w.unwrap()[i];
        }
    }
    // The total is measured on all rows together.
    let total = report.total[0].unwrap();
    assert!((total.value - f64::sqrt(errors / weights)).abs() < 1e-12);
    assert_eq!(report.rows.len(), 42 * 6);
    assert_eq!(report.lines.len(), 3);
}

#[test]
fn the_table_can_be_read() {
    let report = run();
    let text = report.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 5, "{text}");
    assert!(lines[0].starts_with("cut-off     train days"), "{text}");
    assert!(lines[0].ends_with("RMSE (prior)         WAPE (prior)"), "{text}");
    let start = "2026-02-12  2026-01-01..2026-02-04      210  2026-02-12..2026-02-25       84";
    assert!(lines[1].starts_with(start), "{text}");
    assert!(lines[4].starts_with("all  "), "{text}");
    // Columns stand under each other.
    assert!(lines.iter().all(|line| line.len() == lines[0].len()), "{text}");
}

#[test]
fn intervals_are_drawn_in_blocks_over_all_cut_offs() {
    let report = run();
    let plain = report.total[0].unwrap();
    let bootstrap = Bootstrap::moving_blocks(7).with_replications(200);
    let report = report.with_intervals(&bootstrap, &mut rng(5)).unwrap();
    let total = report.total[0].unwrap();
    assert_eq!((total.value, total.baseline), (plain.value, plain.baseline));
    assert!(total.interval.unwrap().covers(total.value));
    assert_eq!(total.surely_beats_baseline(), Some(true));
    let text = report.to_string();
    assert!(text.lines().last().unwrap().starts_with("WAPE "), "{text}");
    assert!(text.contains("difference ["), "{text}");
}

#[test]
fn the_same_week_is_a_stronger_baseline_than_the_mean() {
    let windows = TemporalWindows::every(35, 14).with_purge_days(7);
    let against = |naive| {
        let backtest = Backtest::new(windows.clone(), [Metric::Mae]).with_naive(naive);
        backtest.run(&data(false), fit(Objective::Squared)).unwrap().total[0].unwrap()
    };
    let (prior, weekly) = (against(Naive::Prior), against(Naive::weekly()));
    assert_eq!(prior.value, weekly.value);
    // The difference of two uniform noises of width 2 has mean absolute value 2/3.
    assert!(weekly.baseline < 0.8 && prior.baseline > 1.5, "{weekly} {prior}");
    assert!(weekly.beats_baseline());
}

#[test]
fn a_metric_without_a_value_is_missing_on_its_line_alone() {
    // From day 42 to 55 all targets are 1.
    let binary = data(true);
    let target = binary.target().unwrap().iter().enumerate();
    let target = target.map(|(row, y)| if (252..336).contains(&row) { 1.0 } else { *y }).collect();
    let binary = binary.with_target(target).unwrap();
    let windows = TemporalWindows::at([day(42), day(56)]);
    let backtest = Backtest::new(windows, [Metric::Auc, Metric::LogLoss, Metric::Ndcg { k: 5 }]);
    let report = backtest.run(&binary, fit(Objective::Logistic)).unwrap();
    assert!(report.lines[0].evaluations[0].is_none() && report.lines[0].evaluations[1].is_some());
    assert!(report.lines[1].evaluations[0].is_some() && report.total[0].is_some());
    assert!(report.to_string().lines().nth(1).unwrap().contains(" - "));
    // Groups of a ranking are judged per cut-off: the total is the mean over 12 of them.
    let ndcg = |e: &[Option<campaign_models::Evaluation>]| e[2].unwrap().value;
    let mean = (ndcg(&report.lines[0].evaluations) + ndcg(&report.lines[1].evaluations)) / 2.0;
    let groups_of_line = |line: usize| {
        let rows = report.rows.iter().filter(|r| r.window == line && r.target > 0.0);
        let mut groups: Vec<_> = rows.map(|r| (r.group, r.weight.to_bits())).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    };
    assert_eq!(groups_of_line(0), groups_of_line(1));
    assert!((ndcg(&report.total) - mean).abs() < 1e-12);
}

#[test]
fn an_observer_may_end_it() {
    let windows = TemporalWindows::every(35, 7);
    let mut seen = 0;
    let predict = |train: &Dataset, valid: &Dataset| -> Result<Vec<f64>, FitError> {
        let mean = Prior::fit(train).unwrap().mean();
        Ok(vec![mean; valid.n_rows()])
    };
    let report = Backtest::new(windows, [Metric::Rmse])
        .run_observed(&data(false), predict, &mut |line| {
            assert!(line.evaluations[0].is_some());
            seen += 1;
            if seen == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    assert_eq!((seen, report.lines.len(), report.rows.len()), (3, 3, 3 * 7 * 6));
    let total = report.total[0].unwrap();
    assert_eq!(total.value, total.baseline);
}

#[cfg(feature = "serde")]
#[test]
fn a_report_is_data() {
    let report = run();
    let text = serde_json::to_string(&report).unwrap();
    assert!(text.contains(r#""cutoff":"2026-02-12""#), "{}", &text[..300]);
    assert_eq!(serde_json::from_str::<BacktestReport>(&text).unwrap(), report);
}

#[test]
fn what_fails_is_named_with_its_cut_off() {
    let data = data(false);
    let at = || TemporalWindows::at([day(42), day(56)]);
    let text = |result: Result<BacktestReport, BacktestError>| result.unwrap_err().to_string();
    let backtest = Backtest::new(at(), [Metric::Rmse]);
    // Targets that the loss refuses: the fit fails.
    let failed = text(backtest.run(&data, fit(Objective::Logistic)));
    assert!(failed.starts_with("cut-off 2026-02-12: row 0 of the training data"), "{failed}");
    let column = Naive::GroupedMean { column: "no".into(), smoothing: 0.0 };
    let failed = text(backtest.clone().with_naive(column).run(&data, fit(Objective::Squared)));
    assert_eq!(failed, r#"cut-off 2026-02-12, baseline: there is no categorical column "no""#);
    let auc = Backtest::new(at(), [Metric::Auc]).run(&data, fit(Objective::Squared));
    assert!(text(auc).contains("expected 0 or 1"));
    let short = |_: &Dataset, _: &Dataset| Ok::<_, FitError>(vec![1.0]);
    let short = backtest.run_observed(&data, short, &mut |_| ControlFlow::Continue(()));
    assert_eq!(text(short), "cut-off 2026-02-12: prediction has length 1, expected 84");
    let exposed = data.clone().with_offset(vec![0.5; data.n_rows()]).unwrap();
    let unseen = backtest.run(&exposed, fit(Objective::Squared));
    assert!(matches!(unseen, Err(BacktestError::Offset)));
    let none = Backtest::new(at(), []).run(&data, fit(Objective::Squared));
    assert!(matches!(none, Err(BacktestError::NoMetrics)));
    let none = Backtest::new(TemporalWindows::at([]), [Metric::Mae]);
    assert!(matches!(none.run(&data, fit(Objective::Squared)), Err(BacktestError::NoCutoffs)));
    let late = Backtest::new(TemporalWindows::at([day(99)]), [Metric::Mae]);
    assert_eq!(text(late.run(&data, fit(Objective::Squared))), "no row is from 2026-04-10 on");
    let blind = Dataset::new(vec![], Array2::zeros((0, 0))).unwrap();
    assert!(matches!(backtest.run(&blind, fit(Objective::Squared)), Err(BacktestError::NoTarget)));
}
