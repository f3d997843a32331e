//! Nelder-Mead around the best trial.

#![cfg(feature = "argmin")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::convert::Infallible;

use campaign_core::rand::{Rng, RngExt};
use campaign_models::tune::{Limits, Point, Space, Study, StudyConfig, TuneError};
use common::rng;

/// Least at x = 2, rate = e^-3, kind = b, n = 3, the value there 0; on a slope towards `y = 1`.
fn bowl(point: &Point) -> f64 {
    let x = point.get_number("x").unwrap() - 2.0;
    let rate = point.get_number("rate").unwrap().ln() + 3.0;
    let kind = if point.get_choice("kind") == Some("b") { 0.0 } else { 5.0 };
    let n = (point.get_integer("n").unwrap() - 3).pow(2) as f64;
    x * x + 2.0 * rate * rate + x * rate + kind + n + 1.0 - point.get_number("y").unwrap()
}

fn space() -> Space {
    Space::new()
        .uniform("x", -5.0, 5.0)
        .log_uniform("rate", 1e-4, 1.0)
        .uniform("y", 0.0, 1.0)
        .choice("kind", ["a", "b"])
        .integer("n", 1, 5)
}

fn study(trials: usize) -> Study {
    let mut study = Study::new(space(), StudyConfig::default(), &mut rng(3)).unwrap();
    study.run(Limits::trials(trials), |p, _, _| Ok::<_, Infallible>(bowl(p)));
    study
}

#[test]
fn polishing_ends_at_the_bottom_of_the_bowl_and_at_the_edge_of_the_space() {
    let study = study(60);
    let best = study.best().unwrap();
    let polished = study.polish(200, |p, budget, _| {
        assert_eq!(budget, 1.0);
        assert!((0.0..=1.0).contains(&p.get_number("y").unwrap()));
        Ok::<_, Infallible>(bowl(p))
    });
    let polished = polished.unwrap();
    assert_eq!(bowl(&polished.point), polished.value);
    for name in ["kind", "n"] {
        assert_eq!(polished.point.get(name), best.point.get(name));
    }
    // What the best trial's whole number and choice leave.
    let n = (best.point.get_integer("n").unwrap() - 3).pow(2) as f64;
    let kind = if best.point.get_choice("kind") == Some("b") { 0.0 } else { 5.0 };
    assert!(best.value().unwrap() - n - kind > 0.01);
    assert!(polished.value - n - kind < 1e-3, "{polished:?}");
    assert!(polished.evaluations <= 200);
}

#[test]
fn evaluations_are_counted_and_luck_is_the_trials_own() {
    let mut noisy = Study::new(space(), StudyConfig::default(), &mut rng(4)).unwrap();
    let measure = |p: &Point, _: f64, rng: &mut dyn Rng| {
        Ok::<_, Infallible>(bowl(p) + 100.0 * rng.random::<f64>())
    };
    noisy.run(Limits::trials(30), measure);
    let best = noisy.best().unwrap();
    let luck = best.value().unwrap() - bowl(&best.point);
    let calls = std::cell::Cell::new(0);
    let polished = noisy.polish(25, |p, budget, rng| {
        calls.set(calls.get() + 1);
        measure(p, budget, rng)
    });
    let polished = polished.unwrap();
    assert_eq!((polished.evaluations, calls.get()), (calls.get(), 25));
    assert!((polished.value - bowl(&polished.point) - luck).abs() < 1e-9);
    // Nothing to spend, or nothing that works: the best trial as it is.
    let none = noisy.polish(0, measure).unwrap();
    assert_eq!((none.point, none.evaluations), (best.point.clone(), 0));
    let broken = noisy.polish(20, |_, _, _| Err("broken")).unwrap();
    assert_eq!((Some(broken.value), broken.point), (best.value(), best.point.clone()));
}

#[test]
fn nothing_to_polish_is_said() {
    let measure = |p: &Point, _: f64, _: &mut dyn Rng| Ok::<_, Infallible>(bowl(p));
    let empty = Study::new(space(), StudyConfig::default(), &mut rng(1)).unwrap();
    assert_eq!(empty.polish(9, measure).unwrap_err(), TuneError::NoTrials);
    let whole = Space::new().integer("n", 1, 5);
    let mut study = Study::new(whole, StudyConfig::default(), &mut rng(1)).unwrap();
    study.run(Limits::trials(3), |_, _, _| Ok::<_, Infallible>(1.0));
    let error = study.polish(9, |_, _, _| Ok::<_, Infallible>(1.0)).unwrap_err();
    assert_eq!(error, TuneError::NothingToMove);
}
