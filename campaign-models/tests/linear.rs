//! Linear baselines: scikit-learn's numbers (tests/reference/linear.py, scikit-learn 1.9.1), and what
//! cannot be fitted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use campaign_core::ndarray::{Array2, array};
use campaign_core::{Column, Dataset, Model};
use campaign_models::linear::{Effect, Family, LinearConfig, LinearError};
use common::{levels, made_up};

/// The generator of the script.
fn uniforms(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut next = || {
        state = (state * 1_103_515_245 + 12_345) % (1 << 31);
        state as f64 / f64::from(1_u32 << 31)
    };
    (0..n).map(|_| next()).collect()
}

const ROWS: usize = 240;

fn data(family: Family) -> Dataset {
    let all = uniforms(6 * ROWS, 11);
    let u = |column: usize, row: usize| all[column * ROWS + row];
    let mut x = Array2::zeros((ROWS, 3));
    let (mut target, mut weights) = (Vec::new(), Vec::new());
    for row in 0..ROWS {
        let x0 = 4.0 * u(0, row) - 2.0;
        let missing = u(2, row) < 0.15;
        let x1 = if missing { f64::NAN } else { 5000.0 + 300.0 * u(1, row) + 50.0 * x0 };
        let level = if row % 11 == 0 { f64::NAN } else { (3.0 * u(3, row)).floor() };
        let signal = 0.8 * x0
            + if level == 1.0 { 0.7 } else { -0.2 }
            + if missing { 0.5 } else { (x1 - 5150.0) / 300.0 };
        x[[row, 0]] = x0;
        x[[row, 1]] = x1;
        x[[row, 2]] = level;
        weights.push(0.5 + (3.0 * u(4, row)).floor());
        target.push(match family {
            Family::Binomial => f64::from(u(5, row) < 1.0 / (1.0 + (-signal).exp())),
            Family::Poisson => (3.0 * u(5, row) * (0.5 * signal).exp()).floor(),
            _ => signal + u(5, row) - 0.5,
        });
    }
    let columns = vec![
        Column::numeric("ctr"),
        Column::numeric("spend"),
        Column::categorical("channel", levels(3)),
    ];
    Dataset::new(columns, x)
        .and_then(|d| d.with_target(target))
        .and_then(|d| d.with_weights(weights))
        .unwrap()
}

#[test]
fn scores_are_scikit_learns() {
    let config = |family, l1, l2| LinearConfig::new(family).with_l1(l1).with_l2(l2);
    for (config, want) in [
        (
            config(Family::Gaussian, 0.0, 0.0),
            [0.07149964814, -0.1930335558, 0.6433167438, -0.9509307207, -1.130921558, 2.11428777],
        ),
        (
            config(Family::Gaussian, 0.0, 0.05),
            [0.05928874188, -0.157549184, 0.6197027122, -0.9111327461, -1.108103147, 2.073228375],
        ),
        (
            config(Family::Gaussian, 0.1, 0.05),
            [0.1591985352, -0.06899578254, 0.2894153743, -0.9601652889, -0.884648309, 1.791568265],
        ),
        (
            config(Family::Binomial, 0.0, 0.0),
            [-0.5726211382, -0.8232262894, 2.125918545, -0.2493438782, -2.076951651, 2.443517029],
        ),
        (
            config(Family::Binomial, 0.0, 0.05),
            [-0.5133119776, -0.4629919257, 1.318259129, -0.2996449471, -1.552138245, 1.860371845],
        ),
        (
            config(Family::Binomial, 0.02, 0.05),
            [-0.2585561132, -0.4563601935, 0.9435108254, -0.3994279156, -1.21212191, 1.475732863],
        ),
        (
            config(Family::Poisson, 0.0, 0.05),
            [0.05227153175, -0.2169176009, 0.2853490179, -1.009308026, -0.9570123826, 1.593694019],
        ),
    ] {
        let data = data(config.family);
        let model = config.fit(&data).unwrap();
        let predicted = model.predict(data.features()).unwrap();
        for (row, want) in want.into_iter().enumerate() {
            let want = config.family.link().prediction(want);
            assert!((predicted[row] - want).abs() < 1e-6, "{config:?}: {} {want}", predicted[row]);
        }
        assert_eq!(model.predict_dataset(&data).unwrap(), predicted.to_vec());
        let first: Vec<f64> = data.features().row(0).to_vec();
        assert_eq!(model.predict_row(&first), Ok(predicted[0]));
    }
}

#[test]
fn an_l1_penalty_drops_columns() {
    let data = data(Family::Gaussian);
    let slopes = |l1| {
        let model = LinearConfig::new(Family::Gaussian).with_l1(l1).fit(&data).unwrap();
        model.effects().iter().filter(|effect| !is_nothing(effect)).count()
    };
    fn is_nothing(effect: &Effect) -> bool {
        match effect {
            Effect::Quantity { slope, missing, .. } => *slope == 0.0 && *missing == 0.0,
            Effect::Levels { levels, missing, .. } => {
                levels.iter().chain([missing]).all(|effect| *effect == 0.0)
            }
        }
    }
    assert_eq!([0.0, 0.5, 0.6, 100.0].map(slopes), [3, 2, 1, 0]);
}

#[test]
fn a_fit_does_not_depend_on_scale_or_order_of_columns() {
    let data = data(Family::Binomial);
    let config = LinearConfig::new(Family::Binomial).with_l1(0.01);
    let predicted = config.fit(&data).unwrap().predict_dataset(&data).unwrap();
    let permuted = common::permuted(&data, &[2, 0, 1]);
    let mut scaled = data.features().to_owned();
    scaled.column_mut(1).mapv_inplace(|x| 1e6 * x - 3e9);
    let scaled = Dataset::new(data.columns().to_vec(), scaled)
        .and_then(|d| d.with_target(data.target().unwrap().to_vec()))
        .and_then(|d| d.with_weights(data.weights().unwrap().to_vec()))
        .unwrap();
    for other in [permuted, scaled] {
        let again = config.fit(&other).unwrap().predict_dataset(&other).unwrap();
        for (a, b) in predicted.iter().zip(again) {
            assert!((a - b).abs() < 1e-8, "{a} {b}");
        }
    }
}

#[test]
fn an_offset_is_exposure() {
    // Counts of rate 2 a unit in one channel and 6 in the other, over different exposures.
    let x = Array2::from_shape_fn((40, 1), |(row, _)| f64::from(row % 2 == 0));
    let exposure: Vec<f64> = (0..40).map(|row| 1.0 + f64::from(row) * 100.0).collect();
    let rate = |row: usize| if row.is_multiple_of(2) { 6.0 } else { 2.0 };
    let counts = (0..40).map(|row| exposure[row] * rate(row)).collect();
    let data = Dataset::new(vec![Column::categorical("channel", levels(2))], x)
        .and_then(|d| d.with_target(counts))
        .and_then(|d| d.with_offset(exposure.iter().map(|e| e.ln()).collect()))
        .unwrap();
    let model = LinearConfig::new(Family::Poisson).with_l2(0.0).fit(&data).unwrap();
    assert!((model.predict_row(&[1.0]).unwrap() - 6.0).abs() < 1e-8);
    assert!((model.predict_row(&[0.0]).unwrap() - 2.0).abs() < 1e-8);
    let predicted = model.predict_dataset(&data).unwrap();
    assert!((predicted[38] - 6.0 * exposure[38]).abs() < 1e-4);
}

#[test]
fn what_training_did_not_see() {
    let x = array![[1.0, 0.0, 5.0], [2.0, 0.0, 5.0], [3.0, 1.0, 5.0], [4.5, 1.0, 5.0]];
    let columns = vec![
        Column::numeric("spend"),
        Column::categorical("channel", levels(3)),
        Column::numeric("constant"),
    ];
    let data = Dataset::new(columns, x).unwrap().with_target(vec![1.0, 2.0, 5.0, 6.0]).unwrap();
    for l2 in [0.0, 0.1] {
        let model = LinearConfig::new(Family::Gaussian).with_l2(l2).fit(&data).unwrap();
        let at = |spend, channel, constant| model.predict_row(&[spend, channel, constant]).unwrap();
        let average = 0.5 * (at(2.0, 0.0, 5.0) + at(2.0, 1.0, 5.0));
        for unseen in [2.0, 3.0, 0.5, -1.0, f64::NAN, f64::INFINITY] {
            assert!((at(2.0, unseen, 5.0) - average).abs() < 1e-12, "{unseen}");
        }
        // No training row was missing: one counts as the mean.
        assert!((at(f64::NAN, 0.0, 5.0) - at(2.625, 0.0, 5.0)).abs() < 1e-12);
        assert_eq!(at(2.0, 0.0, f64::INFINITY), at(2.0, 0.0, 5.0));
    }
}

#[test]
fn without_a_penalty_some_data_have_no_answer() {
    let fit = |family, x: Array2<f64>, y: Vec<f64>, l2| {
        let columns: Vec<Column> =
            (0..x.ncols()).map(|i| Column::numeric(format!("x{i}"))).collect();
        let data = Dataset::new(columns, x).unwrap().with_target(y).unwrap();
        LinearConfig::new(family).with_l2(l2).fit(&data)
    };
    let collinear = array![[1.0, 2.0, 0.3], [2.0, 4.0, 0.1], [3.0, 6.0, 0.9], [4.0, 8.0, 0.2]];
    let y = || vec![0.0, 1.0, 0.0, 1.0];
    for family in [Family::Gaussian, Family::Binomial] {
        let error = fit(family, collinear.clone(), y(), 0.0).unwrap_err();
        assert_eq!(error, LinearError::Collinear { term: "x1".into() });
        assert!(fit(family, collinear.clone(), y(), 1e-3).is_ok());
    }
    // Parted perfectly; parted but for one value on the boundary; not parted.
    let one = |x: [f64; 4]| Array2::from_shape_vec((4, 1), x.to_vec()).unwrap();
    let parted = |x, y: [f64; 4]| fit(Family::Binomial, one(x), y.to_vec(), 0.0);
    assert_eq!(parted([1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 1.0, 1.0]), Err(LinearError::Separated));
    assert_eq!(parted([1.0, 2.0, 2.0, 4.0], [0.0, 0.0, 1.0, 1.0]), Err(LinearError::Separated));
    assert!(parted([1.0, 2.0, 3.0, 4.0], [0.0, 1.0, 0.0, 1.0]).is_ok());
    assert!(
        fit(Family::Binomial, one([1.0, 2.0, 3.0, 4.0]), vec![0.0, 0.0, 1.0, 1.0], 1e-4).is_ok()
    );
    // A level whose counts are all 0 has no finite log-rate.
    let counts = fit(Family::Poisson, one([0.0, 0.0, 1.0, 1.0]), vec![0.0, 0.0, 1.0, 3.0], 0.0);
    assert_eq!(counts, Err(LinearError::Separated));
    // Names a level as such.
    let k = vec![Column::categorical("k", levels(2)), Column::categorical("l", levels(2))];
    let x = array![[0.0, 0.0], [1.0, 1.0], [0.0, 0.0], [1.0, 1.0]];
    let data = Dataset::new(k, x).unwrap().with_target(vec![1.0, 2.0, 3.0, 4.5]).unwrap();
    let error = LinearConfig::new(Family::Gaussian).with_l2(0.0).fit(&data).unwrap_err();
    assert_eq!(
        error.to_string(),
        "l = level 1 is a linear combination of other columns; drop it or set a penalty"
    );
}

#[test]
fn bad_input_is_named() {
    let data = data(Family::Gaussian);
    let config = LinearConfig::new(Family::Gaussian);
    for (config, parameter) in [
        (config.clone().with_l1(-1.0), "l1"),
        (config.clone().with_l2(f64::NAN), "l2"),
        (config.clone().with_tolerance(0.0), "tolerance"),
        (config.clone().with_max_iterations(0), "max_iterations"),
    ] {
        match config.fit(&data) {
            Err(LinearError::Config { parameter: got, .. }) => assert_eq!(got, parameter),
            other => panic!("{parameter}: {other:?}"),
        }
    }
    let fit = |x: Array2<f64>, y: Vec<f64>, family| {
        let columns: Vec<Column> =
            (0..x.ncols()).map(|i| Column::numeric(format!("x{i}"))).collect();
        Dataset::new(columns, x)
            .unwrap()
            .with_target(y)
            .map(|d| LinearConfig::new(family).fit(&d))
            .unwrap()
    };
    let x = || array![[1.0], [2.0]];
    assert_eq!(fit(x(), vec![3.0, 3.0], Family::Gaussian), Err(LinearError::ConstantTarget(3.0)));
    assert_eq!(fit(x(), vec![1.0, 1.0], Family::Binomial), Err(LinearError::ConstantTarget(1.0)));
    let target = |row, value, expected| Err(LinearError::Target { row, value, expected });
    assert_eq!(
        fit(x(), vec![0.0, 1.5], Family::Binomial),
        target(1, 1.5, "a number between 0 and 1")
    );
    assert_eq!(
        fit(x(), vec![-1.0, 1.0], Family::Poisson),
        target(0, -1.0, "a number that is not negative")
    );
    let huge = array![[f64::MAX], [-f64::MAX]];
    assert_eq!(fit(huge, vec![0.0, 1.0], Family::Gaussian), Err(LinearError::NonFinite));
    assert_eq!(fit(x(), vec![f64::MAX, -f64::MAX], Family::Gaussian), Err(LinearError::NonFinite));
    let empty = Dataset::new(vec![], Array2::zeros((0, 0))).unwrap();
    assert_eq!(config.fit(&empty), Err(LinearError::NoTarget));
    assert_eq!(config.fit(&empty.with_target(vec![]).unwrap()), Err(LinearError::NoRows));
    let wide = Column::categorical("k", levels(5000));
    let x = Array2::from_shape_fn((5000, 1), |(row, _)| row as f64);
    let wide = Dataset::new(vec![wide], x).unwrap();
    let wide = wide.with_target((0..5000).map(f64::from).collect()).unwrap();
    assert_eq!(config.fit(&wide), Err(LinearError::TooWide { got: 5000, max: 4096 }));
    let one = LinearConfig::new(Family::Poisson).with_max_iterations(1);
    let error = one.fit(&self::data(Family::Poisson)).unwrap_err();
    assert_eq!(error, LinearError::NotConverged { iterations: 1 });
    // Nothing but the intercept.
    let none = Dataset::new(vec![], Array2::zeros((4, 0))).unwrap();
    let none = none.with_target(vec![0.0, 1.0, 1.0, 1.0]).unwrap();
    for l1 in [0.0, 0.1] {
        let model = LinearConfig::new(Family::Binomial).with_l1(l1).fit(&none).unwrap();
        assert!((model.predict_row(&[]).unwrap() - 0.75).abs() < 1e-9);
        let predicted = model.predict(Array2::zeros((2, 0)).view()).unwrap();
        assert_eq!(predicted[0], model.predict_row(&[]).unwrap());
    }
}

#[test]
fn beats_the_prior_on_made_up_data() {
    let (train, test) = (made_up(3_000, 3, true, 1), made_up(2_000, 3, true, 2));
    let model = LinearConfig::new(Family::Binomial).with_l2(0.01).fit(&train).unwrap();
    let predicted = model.predict_dataset(&test).unwrap();
    let auc =
        campaign_models::Metric::Auc.evaluate(test.target().unwrap(), &predicted, None).unwrap();
    assert!(auc > 0.6, "{auc}");
}

#[cfg(feature = "serde")]
#[test]
fn saved_models_predict_the_same_bits() {
    use campaign_models::{LinearModel, SavedError};
    let data = data(Family::Binomial);
    let model = LinearConfig::new(Family::Binomial).fit(&data).unwrap();
    let saved = model.to_json().unwrap();
    assert_eq!(LinearModel::from_json(&saved).unwrap(), model);
    let changed = saved.replacen("\"slope\":", "\"slope\":1", 1);
    assert!(matches!(LinearModel::from_json(&changed), Err(SavedError::Checksum { .. })));
    let later = saved.replacen("\"version\":1", "\"version\":2", 1);
    assert!(matches!(LinearModel::from_json(&later), Err(SavedError::Version { got: 2, .. })));
    let other = saved.replacen("campaign-linear", "campaign-gbdt", 1);
    assert!(matches!(LinearModel::from_json(&other), Err(SavedError::Format { .. })));
    // A level fewer than the column has.
    let short = saved.replacen(",\"level 2\"", "", 1);
    assert_ne!(short, saved);
    let error = LinearModel::from_json(&short).unwrap_err();
    assert!(error.to_string().contains("does not fit its column"), "{error}");
}
