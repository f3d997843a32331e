//! Partial dependence against scikit-learn, accumulated local effects against their definition.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use campaign_core::model::rows;
use campaign_core::ndarray::{Array2, ArrayView2, array};
use campaign_core::{Column, Dataset, Model, Result};
use campaign_models::explain::{
    ExplainError, Grid, accumulated_local_effects, individual_expectation, pair_dependence,
    partial_dependence,
};
use proptest::prelude::*;

/// A function of three columns.
struct Analytic<F>(F);

impl<F: Fn(&[f64]) -> f64 + Send + Sync> Model for Analytic<F> {
    fn n_features(&self) -> usize {
        3
    }
    fn predict_into(&self, x: ArrayView2<'_, f64>, out: &mut [f64]) -> Result<()> {
        for (row, out) in rows(&x, 3, out.len())?.chunks_exact(3).zip(out) {
            *out = self.0(row);
        }
        Ok(())
    }
}

/// That of `reference/partial_dependence.py`.
fn analytic() -> Analytic<impl Fn(&[f64]) -> f64 + Send + Sync> {
    Analytic(|row: &[f64]| {
        let [a, b, c] = [row[0], row[1], row[2]];
        (3.0 * a).sin() + a * b * b - if c > 1.0 { (-b).exp() } else { 0.5 * a }
    })
}

fn columns() -> Vec<Column> {
    ["a", "b", "c"].map(Column::numeric).to_vec()
}

/// The rows of `reference/partial_dependence.py`.
fn reference_rows(n: usize) -> Array2<f64> {
    let step = [0.618_033_988_749_894_9, 0.414_213_562_373_095_15, 0.732_050_807_568_877_2];
    Array2::from_shape_fn((n, 3), |(r, c)| {
        let x = ((r + 1) as f64 * step[c]) % 1.0 * (c + 1) as f64;
        if c == 2 { x.floor() } else { x }
    })
}

fn data() -> Dataset {
    Dataset::new(columns(), reference_rows(150)).unwrap()
}

fn close(got: &[f64], expected: &[f64]) {
    assert_eq!(got.len(), expected.len());
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() < 1e-12, "{got}, {expected}");
    }
}

// Numbers of `reference/partial_dependence.py` (scikit-learn 1.9.1).
#[test]
fn partial_dependence_equals_scikit_learn() {
    let first = partial_dependence(&analytic(), &data(), "a", &Grid::Even(5)).unwrap();
    close(
        &first.grid,
        &[
            0.05217022009904873,
            0.2766348311812426,
            0.5010994422634365,
            0.7255640533456303,
            0.9500286644278242,
        ],
    );
    close(
        &first.mean,
        &[
            0.05639196897896617,
            0.8630005313719662,
            1.3474706153610017,
            1.3963541143132658,
            1.086371632635628,
        ],
    );
    let weights = (1..=150).map(|r| 0.5 + f64::from(r % 7) / 4.0).collect();
    let weighted = data().with_weights(weights).unwrap();
    let second = partial_dependence(&analytic(), &weighted, "b", &Grid::Even(5)).unwrap();
    close(
        &second.mean,
        &[
            0.2005934478867041,
            0.45325886826269,
            0.8641461891139945,
            1.4472236062983608,
            2.2114183512090984,
        ],
    );
    let third = partial_dependence(&analytic(), &data(), "c", &Grid::Even(100)).unwrap();
    close(&third.grid, &[0.0, 1.0, 2.0]);
    close(&third.mean, &[1.077367129989016, 1.077367129989016, 0.8960935856690192]);
    let both = pair_dependence(&analytic(), &data(), ["a", "b"], &Grid::Even(3)).unwrap();
    close(&both.grids[1], &[0.10673862422574965, 1.0020920410530785, 1.8974454578804074]);
    close(
        both.mean.as_slice().unwrap(),
        &[
            -0.16632790718807494,
            0.0662274195456075,
            0.27550130126061684,
            0.5324905626164109,
            1.2107407222990987,
            2.585484609203376,
            -0.32086859668651235,
            0.8030763959451802,
            3.343290288038726,
        ],
    );
    let two = Dataset::new(columns(), reference_rows(2)).unwrap();
    let lines = individual_expectation(&analytic(), &two, "a", &Grid::Even(100)).unwrap();
    close(
        lines.predictions.as_slice().unwrap(),
        &[0.37574642077768844, 0.9475524536983877, 1.1804824490031534, 2.347725557891716],
    );
}

#[test]
fn many_rows_in_blocks_are_those_rows() {
    let data = Dataset::new(columns(), reference_rows(1_300)).unwrap();
    let grid = Grid::Values(vec![0.3, f64::NAN, 2.0]);
    let lines = individual_expectation(&analytic(), &data, "b", &grid).unwrap();
    for (r, row) in data.features().rows().into_iter().enumerate() {
        for (p, value) in [0.3, f64::NAN, 2.0].into_iter().enumerate() {
            let expected = (analytic().0)(&[row[0], value, row[2]]);
            assert_eq!(lines.predictions[[r, p]].to_bits(), expected.to_bits());
        }
    }
    let mean = partial_dependence(&analytic(), &data, "b", &grid).unwrap().mean;
    for (p, mean) in mean.iter().enumerate() {
        let expected = lines.predictions.column(p).mean().unwrap();
        assert!((mean - expected).abs() < 1e-12 || mean.is_nan() && p == 1);
    }
}

#[test]
fn levels_are_asked_one_by_one() {
    let mut columns = columns();
    columns[2] = Column::categorical("c", common::levels(4));
    let data = Dataset::new(columns, reference_rows(30)).unwrap();
    let curve = partial_dependence(&analytic(), &data, "c", &Grid::Even(2)).unwrap();
    assert_eq!(curve.grid, [0.0, 1.0, 2.0, 3.0]);
    let refused = accumulated_local_effects(&analytic(), &data, "c", 5);
    assert_eq!(refused, Err(ExplainError::NotNumeric("c".into())));
}

/// Accumulated local effects from their definition: for each interval every row is looked at.
fn by_definition(
    model: &dyn Fn(&[f64]) -> f64,
    data: &Dataset,
    column: usize,
    intervals: usize,
) -> (Vec<f64>, Vec<f64>) {
    let rows: Vec<Vec<f64>> = data.features().rows().into_iter().map(|r| r.to_vec()).collect();
    let known: Vec<&Vec<f64>> = rows.iter().filter(|row| !row[column].is_nan()).collect();
    let n = known.len();
    let mut edges = vec![known.iter().map(|r| r[column]).fold(f64::INFINITY, f64::min)];
    for k in 1..=intervals {
        // The smallest value that k of `intervals` parts of the rows do not exceed.
        let enough =
            |v: &f64| known.iter().filter(|r| r[column] <= *v).count() * intervals >= k * n;
        let all = known.iter().map(|r| r[column]).filter(enough);
        edges.push(all.fold(f64::INFINITY, f64::min));
    }
    edges.dedup();
    let set = |row: &[f64], value: f64| {
        let mut row = row.to_vec();
        row[column] = value;
        model(&row)
    };
    let (mut effect, mut mean) = (vec![0.0], 0.0);
    for (k, ends) in edges.windows(2).enumerate() {
        let inside = |r: &&&Vec<f64>| {
            (r[column] > ends[0] || k == 0 && r[column] == ends[0]) && r[column] <= ends[1]
        };
        let steps: Vec<f64> =
            known.iter().filter(inside).map(|r| set(r, ends[1]) - set(r, ends[0])).collect();
        let step = steps.iter().sum::<f64>() / steps.len() as f64;
        mean += steps.len() as f64 * (effect[k] + step / 2.0) / n as f64;
        effect.push(effect[k] + step);
    }
    effect.iter_mut().for_each(|e| *e -= mean);
    (edges, effect)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn local_effects_equal_their_definition(
        values in proptest::collection::vec((-5.0..5.0_f64, 0_i32..6, 0..10_i32), 2..60),
        intervals in 1_usize..12,
    ) {
        let x = Array2::from_shape_fn((values.len(), 3), |(r, c)| match c {
            0 => values[r].0,
            _ if c == 1 && values[r].2 == 0 => f64::NAN,
            1 => f64::from(values[r].1),
            _ => values[r].0 * 0.5 + f64::from(values[r].2),
        });
        let data = Dataset::new(columns(), x).unwrap();
        for (at, name) in ["a", "b"].into_iter().enumerate() {
            if data.features().column(at).iter().all(|x| x.is_nan()) {
                continue;
            }
            let model = |row: &[f64]| {
                let b = if row[1].is_nan() { 0.7 } else { row[1] };
                (analytic().0)(&[row[0], b, row[2]])
            };
            let got = accumulated_local_effects(&Analytic(model), &data, name, intervals).unwrap();
            let (edges, effect) = by_definition(&model, &data, at, intervals);
            prop_assert_eq!(&got.edges, &edges);
            prop_assert_eq!(got.rows.len() + 1, edges.len());
            for (got, expected) in got.effect.iter().zip(&effect) {
                prop_assert!((got - expected).abs() < 1e-9, "{} {}", got, expected);
            }
        }
    }
}

#[test]
fn local_effects_do_not_leave_the_data() {
    // b equals a, so a b grows with a by its own part alone: half of a^2.
    let x = Array2::from_shape_fn((2_001, 3), |(r, _)| r as f64 / 1_000.0);
    let data = Dataset::new(columns(), x).unwrap();
    let product = Analytic(|row: &[f64]| row[0] * row[1]);
    let ale = accumulated_local_effects(&product, &data, "a", 100).unwrap();
    let rise = ale.effect.last().unwrap() - ale.effect[0];
    assert!((rise - 2.0).abs() < 0.01, "{rise}");
    let pdp = partial_dependence(&product, &data, "a", &Grid::Values(vec![0.0, 2.0])).unwrap();
    assert!((pdp.mean[1] - pdp.mean[0] - 2.0).abs() < 1e-9, "2 times b's mean, 1");
    // At the middle the two differ: 0.5 of a^2 / 2 and 1 of a b's mean.
    let at = ale.edges.partition_point(|edge| *edge < 1.0);
    assert!((ale.effect[at] - ale.effect[0] - 0.5).abs() < 0.02);
}

#[test]
fn bad_input_is_named() {
    let pdp = |column: &str, grid| partial_dependence(&analytic(), &data(), column, &grid);
    assert_eq!(pdp("d", Grid::Even(5)), Err(ExplainError::NoSuchColumn("d".into())));
    assert!(matches!(pdp("a", Grid::Even(1)), Err(ExplainError::Parameter { .. })));
    assert!(matches!(pdp("a", Grid::Values(vec![])), Err(ExplainError::Parameter { .. })));
    let missing = Dataset::new(columns(), array![[f64::NAN, 1.0, 1.0]]).unwrap();
    let none = Err(ExplainError::NoValues("a".into()));
    assert_eq!(partial_dependence(&analytic(), &missing, "a", &Grid::Even(5)), none);
    assert!(accumulated_local_effects(&analytic(), &missing, "a", 5).is_err());
    assert!(accumulated_local_effects(&analytic(), &missing, "b", 0).is_err());
    // One distinct value: no interval, no effect.
    let flat = accumulated_local_effects(&analytic(), &missing, "b", 5).unwrap();
    assert_eq!((flat.edges, flat.effect, flat.rows), (vec![1.0], vec![0.0], vec![]));
    let empty = Dataset::new(columns(), Array2::zeros((0, 3))).unwrap();
    let none = Err(ExplainError::NoRows("data"));
    assert_eq!(partial_dependence(&analytic(), &empty, "a", &Grid::Even(5)), none);
    let weightless = data().with_weights(vec![0.0; 150]).unwrap();
    assert!(partial_dependence(&analytic(), &weightless, "a", &Grid::Even(5)).is_err());
    let narrow = Dataset::new(vec![Column::numeric("a")], array![[1.0]]).unwrap();
    let wrong = partial_dependence(&analytic(), &narrow, "a", &Grid::Values(vec![1.0]));
    assert!(matches!(wrong, Err(ExplainError::Model(campaign_core::Error::Length { .. }))));
}
