//! Coverage and width of intervals around boosted quantiles.
//!
//! The set of the peers is made by tests/reference/cover_set.py and read from the folder that
//! `CAMPAIGN_COVER_SET` names.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use campaign_core::ndarray::Array2;
use campaign_core::rand::{Rng, RngExt};
use campaign_core::{Column, Dataset, Model, PredictiveDistribution};
use campaign_models::conformal::{
    ConformalQuantiles, Fallback, IntervalScore, MondrianConformal, SplitConformal,
};
use campaign_models::{Gbdt, GbdtConfig, Objective, ShuffledFolds};
use common::rng;

const COVERAGE: f64 = 0.9;

fn dataset(rows: &[f64]) -> Dataset {
    let n = rows.len() / 7;
    let x = Array2::from_shape_fn((n, 6), |(row, column)| rows[7 * row + column]);
    let columns = (0..6).map(|c| Column::numeric(format!("x{c}"))).collect();
    let target = (0..n).map(|row| rows[7 * row + 6]).collect();
    Dataset::new(columns, x).unwrap().with_target(target).unwrap()
}

/// As the peer's script but for the number of trees, which there is 150.
fn fit(train: &Dataset, objective: Objective, trees: usize) -> Gbdt {
    let config = GbdtConfig::new(objective).with_max_leaves(15).with_learning_rate(0.05);
    config.with_trees(trees).with_l2(0.0).fit(train, None, &mut rng(1)).unwrap()
}

fn predict(model: &Gbdt, data: &Dataset) -> Vec<f64> {
    model.predict(data.features()).unwrap().to_vec()
}

fn score(test: &Dataset, intervals: Vec<(f64, f64)>) -> IntervalScore {
    IntervalScore::of(test.target().unwrap(), &intervals).unwrap()
}

#[test]
fn width_beside_the_peers() {
    let Some(folder) = std::env::var_os("CAMPAIGN_COVER_SET") else {
        println!("skipped: CAMPAIGN_COVER_SET names no folder");
        return;
    };
    let bytes = std::fs::read(std::path::Path::new(&folder).join("cover.f64")).unwrap();
    let (numbers, _) = bytes.as_chunks::<8>();
    let rows: Vec<f64> = numbers.iter().map(|b| f64::from_le_bytes(*b)).collect();
    let train = dataset(&rows[..7 * 4_000]);
    let calibration = dataset(&rows[7 * 4_000..7 * 5_000]);
    let test = dataset(&rows[7 * 5_000..]);
    assert_eq!(test.n_rows(), 20_000);
    let y = calibration.target().unwrap();

    let at = |level| fit(&train, Objective::Quantile { level }, 150);
    let (low, high) = (at(0.05), at(0.95));
    let (l, h) = (predict(&low, &test), predict(&high, &test));
    let pairs = || l.iter().zip(&h);
    let raw = score(&test, pairs().map(|(l, h)| (*l, *h)).collect());
    println!("quantiles as they are: {raw:?}");
    let cqr = ConformalQuantiles::fit(
        y,
        &predict(&low, &calibration),
        &predict(&high, &calibration),
        COVERAGE,
    )
    .unwrap();
    let cqr = score(&test, pairs().map(|(l, h)| cqr.interval(*l, *h)).collect());
    println!("CQR: {cqr:?}");

    let mean = fit(&train, Objective::Squared, 150);
    let p = predict(&mean, &test);
    let split = SplitConformal::fit(y, &predict(&mean, &calibration), COVERAGE).unwrap();
    let split = score(&test, p.iter().map(|p| split.interval(*p)).collect());
    println!("split: {split:?}");

    // Divided by a guess at each row's spread: trees on the absolute residuals of five folds.
    let folds = ShuffledFolds::new(&train, 5, &mut rng(2)).unwrap();
    let mut residual = vec![0.0; train.n_rows()];
    for fold in 0..5 {
        let (part, held) = folds.split(fold).unwrap();
        let p = predict(&fit(&part, Objective::Squared, 150), &held);
        let rows = folds.fold_of().iter().enumerate().filter(|(_, f)| **f == fold).map(|r| r.0);
        for ((row, p), y) in rows.zip(&p).zip(held.target().unwrap()) {
            residual[row] = (y - p).abs();
        }
    }
    let spread = fit(&train.clone().with_target(residual).unwrap(), Objective::Gamma, 50);
    let s = predict(&spread, &test);
    let known = (predict(&mean, &calibration), predict(&spread, &calibration));
    let scaled = SplitConformal::fit_scaled(y, &known.0, &known.1, COVERAGE).unwrap();
    let rows = p.iter().zip(&s);
    let scaled = score(&test, rows.map(|(p, s)| scaled.interval_scaled(*p, *s)).collect());
    println!("split, scaled: {scaled:?}");

    // Four standard errors of 20,000 rows and of a margin from 1,000.
    let error = 4.0 * (0.09_f64 / 20_000.0 + 0.09 / 1_001.0).sqrt();
    for score in [cqr, split, scaled] {
        assert!((score.coverage - COVERAGE).abs() < error, "{score:?}");
    }
    assert!(scaled.mean_width < split.mean_width && raw.coverage < COVERAGE);
}

/// The law of the peers' set: noise that grows with `|x3|`.
fn made(n: usize, rng: &mut impl Rng) -> Dataset {
    let mut normal = || {
        let (u, v) = (1.0 - rng.random::<f64>(), rng.random::<f64>());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    };
    let mut rows = Vec::with_capacity(7 * n);
    for _ in 0..n {
        let x: [f64; 6] = std::array::from_fn(|_| normal());
        let y = 2.0 * x[0].sin() + x[1] * x[2] + (0.5 + x[3].abs()) * normal();
        rows.extend(x);
        rows.push(y);
    }
    dataset(&rows)
}

/// Quiet, middling and noisy rows.
fn groups(data: &Dataset) -> Vec<u32> {
    let group = |x: &f64| if x.abs() < 0.4 { 0 } else { 1 + u32::from(x.abs() > 1.2) };
    data.features().column(3).iter().map(group).collect()
}

/// 90 ± 1 % over all rows by every method, and in each group by the one that promises it.
#[test]
fn boosted_intervals_cover_over_all_and_in_each_group() {
    let mut rng = rng(31);
    let train = made(1_500, &mut rng);
    let at = |level| fit(&train, Objective::Quantile { level }, 60);
    let (low, high) = (at(0.05), at(0.95));
    let (sets, n) = (44, 3_000);
    let (mut cqr_hits, mut hits, mut seen) = (0.0, [0.0; 3], [0.0; 3]);
    for _ in 0..sets {
        let [old, new] = [made(n, &mut rng), made(n, &mut rng)];
        let (l, h) = (predict(&low, &old), predict(&high, &old));
        let y = old.target().unwrap();
        let cqr = ConformalQuantiles::fit(y, &l, &h, COVERAGE).unwrap();
        let by_group =
            MondrianConformal::fit(y, &l, &h, &groups(&old), COVERAGE, Fallback::Refuse).unwrap();
        let (l, h) = (predict(&low, &new), predict(&high, &new));
        let (d, g) = (cqr.distribution(&l, &h).unwrap(), groups(&new));
        let m = by_group.distribution(&g, &l, &h).unwrap();
        for (row, y) in new.target().unwrap().iter().enumerate() {
            let inside = |d: &PredictiveDistribution| {
                let (low, high) = d.interval(row, COVERAGE).unwrap();
                f64::from(u8::from(low <= *y && *y <= high))
            };
            cqr_hits += inside(&d);
            hits[g[row] as usize] += inside(&m);
            seen[g[row] as usize] += 1.0;
        }
    }
    let total: f64 = seen.iter().sum();
    for got in [cqr_hits / total, hits.iter().sum::<f64>() / total] {
        assert!((got - COVERAGE).abs() < 0.01, "{got}");
    }
    for (group, (hits, seen)) in hits.iter().zip(seen).enumerate() {
        // Four standard errors of as many rows to calibrate as to judge, below the 1 %.
        let error = 4.0 * (2.0 * 0.09 / seen).sqrt();
        assert!(error < 0.01, "{error}");
        assert!((hits / seen - COVERAGE).abs() < error, "group {group}: {}", hits / seen);
    }
}
