//! The search beats random search at equal budget, and its answers depend on nothing but the seed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::convert::Infallible;
use std::f64::consts::{PI, TAU};
use std::ops::ControlFlow;

use campaign_core::rand::{Rng, RngExt};
use campaign_models::tune::{
    Limits, Point, Sampler, Schedule, Space, Stop, Study, StudyConfig, Tpe, TuneError, Value,
};
use common::rng;

type Answer = Result<f64, Infallible>;

fn number(point: &Point, name: &str) -> f64 {
    point.get_number(name).unwrap()
}

/// Branin & Hoo 1972; three minima of 0.397887.
fn branin(point: &Point) -> f64 {
    let (x, y) = (number(point, "x"), number(point, "y"));
    (y - 5.1 / (4.0 * PI * PI) * x * x + 5.0 / PI * x - 6.0).powi(2)
        + 10.0 * (1.0 - 1.0 / (8.0 * PI)) * x.cos()
        + 10.0
}

fn branin_space() -> Space {
    Space::new().uniform("x", -5.0, 10.0).uniform("y", 0.0, 15.0)
}

/// Hartmann 1972 in six dimensions; least -3.32237.
fn hartmann6(point: &Point) -> f64 {
    const A: [[f64; 6]; 4] = [
        [10.0, 3.0, 17.0, 3.5, 1.7, 8.0],
        [0.05, 10.0, 17.0, 0.1, 8.0, 14.0],
        [3.0, 3.5, 1.7, 10.0, 17.0, 8.0],
        [17.0, 8.0, 0.05, 10.0, 0.1, 14.0],
    ];
    const P: [[f64; 6]; 4] = [
        [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
        [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
        [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
        [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
    ];
    let x: Vec<f64> = (0..6).map(|i| number(point, &format!("x{i}"))).collect();
    let term = |(weight, (a, p)): (f64, ([f64; 6], [f64; 6]))| {
        let distance: f64 = (0..6).map(|i| a[i] * (x[i] - p[i]).powi(2)).sum();
        weight * (-distance).exp()
    };
    -[1.0, 1.2, 3.0, 3.2].into_iter().zip(A.into_iter().zip(P)).map(term).sum::<f64>()
}

fn hartmann_space() -> Space {
    (0..6).fold(Space::new(), |space, i| space.uniform(format!("x{i}"), 0.0, 1.0))
}

/// Every kind of parameter, and noise as large as a tenth of a typical difference.
fn mixed(point: &Point) -> f64 {
    let rate = (number(point, "rate") / 0.05).ln().powi(2);
    let leaves = (number(point, "leaves") / 24.0).ln().powi(2);
    let depth = (number(point, "depth") - 6.0).abs() / 4.0;
    let share = ((number(point, "share") - 0.7) * TAU).cos();
    let kind = match point.get_choice("kind").unwrap() {
        "a" => 0.0,
        "b" => 1.0,
        "c" => 0.6,
        _ => 2.0,
    };
    rate + 0.5 * leaves + depth - share + kind
}

fn mixed_space() -> Space {
    Space::new()
        .log_uniform("rate", 0.001, 1.0)
        .log_integer("leaves", 2, 512)
        .integer("depth", 1, 20)
        .uniform("share", 0.2, 1.0)
        .choice("kind", ["a", "b", "c", "d"])
}

fn search(
    space: Space,
    sampler: Sampler,
    trials: usize,
    seed: u64,
    measure: impl Fn(&Point, f64, &mut dyn Rng) -> Answer + Sync,
) -> Study {
    let config = StudyConfig::default().with_sampler(sampler);
    let mut study = Study::new(space, config, &mut rng(seed)).unwrap();
    assert_eq!(study.run(Limits::trials(trials), measure), Stop::Trials);
    study
}

/// In how many of 20 seeds the default search ends below random search of as many trials, judged by
/// `truth` at the point each would hand out.
fn wins(
    space: &Space,
    trials: usize,
    measure: impl Fn(&Point, f64, &mut dyn Rng) -> Answer + Sync + Copy,
    truth: impl Fn(&Point) -> f64,
) -> usize {
    let found = |sampler, seed| {
        let study = search(space.clone(), sampler, trials, seed, measure);
        truth(&study.best().unwrap().point)
    };
    let tpe = Sampler::Tpe(Tpe::default());
    let pairs: Vec<(f64, f64)> =
        (0..20).map(|seed| (found(tpe, seed), found(Sampler::Random, seed))).collect();
    let wins = pairs.iter().filter(|(tpe, random)| tpe < random).count();
    println!("{wins} of 20, (found, by random search): {pairs:.3?}");
    wins
}

/// Fifteen of twenty: by chance alone one time in 48 (sign test, P = 0.0207).
const ENOUGH: usize = 15;

#[test]
fn beats_random_search_on_branin() {
    let wins = wins(&branin_space(), 60, |p, _, _| Ok(branin(p)), branin);
    assert!(wins >= ENOUGH, "{wins} of 20");
}

#[test]
fn beats_random_search_on_hartmann6() {
    let wins = wins(&hartmann_space(), 100, |p, _, _| Ok(hartmann6(p)), hartmann6);
    assert!(wins >= ENOUGH, "{wins} of 20");
}

#[test]
fn beats_random_search_on_a_noisy_mixed_function() {
    let noisy = |p: &Point, _: f64, rng: &mut dyn Rng| Ok(mixed(p) + 0.4 * rng.random::<f64>());
    let wins = wins(&mixed_space(), 60, noisy, mixed);
    assert!(wins >= ENOUGH, "{wins} of 20");
}

#[test]
fn threads_and_stops_do_not_change_the_trials() {
    let schedules = [
        Schedule::Full,
        Schedule::Halving { factor: 3, rungs: 3 },
        Schedule::Hyperband { factor: 2, rungs: 3 },
    ];
    // A tenth of the trials fail, so that failures are part of what is the same.
    let measure = |p: &Point, budget: f64, rng: &mut dyn Rng| {
        let noise = rng.random::<f64>();
        if noise < 0.1 { Err("no luck") } else { Ok(mixed(p) + noise / budget) }
    };
    for schedule in schedules {
        let config = StudyConfig::default().with_schedule(schedule);
        let begin = || Study::new(mixed_space(), config.clone(), &mut rng(5)).unwrap();
        let mut whole = begin();
        whole.run(Limits::cost(20.0), measure);
        assert!(whole.trials().len() >= 20, "{schedule:?}");
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let mut other = begin();
            pool.install(|| other.run(Limits::cost(20.0), measure));
            assert_eq!(other, whole, "{threads} threads");
        }
        // Stopped after every number of trials, in the middle of batches too, and gone on with.
        let mut stopped = begin();
        for trials in 1..whole.trials().len() {
            stopped.run(Limits::trials(trials), measure);
            #[cfg(feature = "serde")]
            {
                stopped = Study::from_json(&stopped.to_json().unwrap()).unwrap();
            }
        }
        stopped.run(Limits::cost(20.0), measure);
        assert_eq!(stopped, whole, "{schedule:?}");
        let mut other = Study::new(mixed_space(), config.clone(), &mut rng(6)).unwrap();
        other.run(Limits::cost(20.0), measure);
        assert_ne!(other, whole);
    }
}

#[test]
fn halving_gives_the_best_of_each_rung_more() {
    let schedule = Schedule::Halving { factor: 3, rungs: 3 };
    let config = StudyConfig::default().with_sampler(Sampler::Random).with_schedule(schedule);
    let mut study = Study::new(branin_space(), config, &mut rng(3)).unwrap();
    study.run(Limits::trials(9), |p, budget, _| Ok::<_, Infallible>(branin(p) / budget));
    let trials = study.trials();
    let mut order: Vec<usize> = (0..9).collect();
    order.sort_by(|&a, &b| branin(&trials[a].point).total_cmp(&branin(&trials[b].point)));
    for (rank, &at) in order.iter().enumerate() {
        let budgets: Vec<f64> = trials[at].measurements.iter().map(|m| m.budget).collect();
        let all = [1.0 / 9.0, 1.0 / 3.0, 1.0];
        let expected = if rank == 0 {
            3
        } else if rank < 3 {
            2
        } else {
            1
        };
        assert_eq!(budgets, all[..expected]);
    }
    // 9 ninths, 3 thirds, 1.
    assert!((study.cost() - 3.0).abs() < 1e-12);
    assert_eq!(study.best().unwrap().point, trials[order[0]].point);
    assert_eq!(study.best_so_far().len(), 1);
}

#[test]
fn hyperband_runs_brackets_of_every_length() {
    let schedule = Schedule::Hyperband { factor: 3, rungs: 3 };
    let config = StudyConfig::default().with_schedule(schedule);
    let mut study = Study::new(branin_space(), config, &mut rng(3)).unwrap();
    // Li et al. 2018, table 1's rule for R = 9, eta = 3: 9, 5 and 3 trials from 1/9, 1/3 and 1.
    study.run(Limits::trials(17), |p, _, _| Ok::<_, Infallible>(branin(p)));
    let first: Vec<f64> = study.trials().iter().map(|t| t.measurements[0].budget).collect();
    assert_eq!(first, [vec![1.0 / 9.0; 9], vec![1.0 / 3.0; 5], vec![1.0; 3]].concat());
    let full = study.trials().iter().filter(|t| t.value().is_some()).count();
    assert_eq!(full, 1 + 1 + 3);
}

#[test]
fn proposals_stay_in_the_space_and_start_where_told() {
    let start = Point::new()
        .number("rate", 0.1)
        .integer("leaves", 31)
        .integer("depth", 20)
        .number("share", 1.0)
        .choice("kind", "d");
    let config = StudyConfig::default().with_start(start.clone()).with_batch(3);
    let mut study = Study::new(mixed_space(), config, &mut rng(1)).unwrap();
    // Values that pull towards the upper ends.
    study.run(Limits::trials(80), |p, _, _| {
        let sum: f64 = ["rate", "leaves", "depth", "share"].iter().map(|n| number(p, n)).sum();
        Ok::<_, Infallible>(-sum)
    });
    assert_eq!(study.trials()[0].point, start);
    for trial in study.trials() {
        let p = &trial.point;
        assert!((0.001..=1.0).contains(&number(p, "rate")));
        assert!((2..=512).contains(&p.get_integer("leaves").unwrap()));
        assert!((1..=20).contains(&p.get_integer("depth").unwrap()));
        assert!((0.2..=1.0).contains(&number(p, "share")));
        assert!(["a", "b", "c", "d"].contains(&p.get_choice("kind").unwrap()));
    }
    assert!(number(&study.best().unwrap().point, "leaves") > 450.0);
    let slice = study.slice("depth");
    assert_eq!((slice.len(), slice[0].0.clone()), (80, Value::Integer(20)));
    assert!(study.slice("nothing").is_empty());
    let best = study.best_so_far();
    assert!(best.windows(2).all(|pair| pair[1].best <= pair[0].best));
    assert_eq!(best.last().unwrap().best, study.best().unwrap().value().unwrap());
}

#[test]
fn random_draws_are_even_over_ranges_and_their_logarithms() {
    let mut rng = rng(8);
    let space = mixed_space();
    let n = 20_000;
    let points: Vec<Point> = (0..n).map(|_| space.sample(&mut rng)).collect();
    let share = |holds: &dyn Fn(&Point) -> bool| {
        points.iter().filter(|p| holds(p)).count() as f64 / f64::from(n)
    };
    for (got, expected) in [
        (share(&|p| number(p, "rate") < 0.001 * 10_f64.sqrt()), 1.0 / 6.0),
        (share(&|p| number(p, "depth") == 1.0), 0.05),
        (share(&|p| number(p, "depth") == 20.0), 0.05),
        (share(&|p| number(p, "share") < 0.4), 0.25),
        (share(&|p| p.get_choice("kind") == Some("c")), 0.25),
        // From 1.5 to 2.5 of 1.5 to 512.5, by logarithms.
        (share(&|p| number(p, "leaves") == 2.0), (2.5_f64 / 1.5).ln() / (512.5_f64 / 1.5).ln()),
    ] {
        let error = 4.0 * (expected * (1.0 - expected) / f64::from(n)).sqrt();
        assert!((got - expected).abs() < error, "{got} {expected}");
    }
}

#[test]
fn limits_and_observers_stop() {
    let measure = |p: &Point, _: f64, _: &mut dyn Rng| Ok::<_, Infallible>(branin(p));
    let begin = || Study::new(branin_space(), StudyConfig::default(), &mut rng(2)).unwrap();
    let mut study = begin();
    assert_eq!(study.run(Limits::default(), measure), Stop::Trials);
    assert_eq!(
        study.run(Limits::time(std::time::Duration::ZERO).with_trials(9), measure),
        Stop::Time
    );
    assert!(study.trials().is_empty() && study.best().is_none());
    assert_eq!(study.run(Limits::cost(5.0), measure), Stop::Cost);
    assert_eq!(study.trials().len(), 8);
    let mut batches = 0;
    let mut observer = |_: &Study| {
        batches += 1;
        if batches == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    assert_eq!(begin().run_observed(Limits::trials(99), measure, &mut observer), Stop::Observer);
    assert_eq!(batches, 3);
    // Nothing works: the search ends all the same.
    let mut hopeless = begin();
    assert_eq!(
        hopeless.run(Limits::trials(30), |_, _, _| Ok::<_, Infallible>(f64::NAN)),
        Stop::Trials
    );
    assert!(hopeless.best().is_none());
    let outcome = hopeless.trials()[0].measurements[0].outcome.clone();
    assert_eq!(outcome, Err("the value is NaN, expected a finite number".to_owned()));
}

#[test]
fn bad_settings_are_named() {
    let error = |space, config| Study::new(space, config, &mut rng(1)).unwrap_err();
    let config = StudyConfig::default;
    assert_eq!(error(Space::new(), config()), TuneError::EmptySpace);
    let twice = Space::new().uniform("x", 0.0, 1.0).integer("x", 0, 1);
    assert_eq!(error(twice, config()), TuneError::DuplicateParameter("x".into()));
    for space in [
        Space::new().uniform("x", 1.0, 1.0),
        Space::new().uniform("x", f64::NAN, 1.0),
        Space::new().uniform("x", f64::MIN, f64::MAX),
        Space::new().log_uniform("x", 0.0, 1.0),
        Space::new().integer("x", 3, 2),
        Space::new().integer("x", i64::MIN, i64::MAX),
        Space::new().log_integer("x", 0, 5),
        Space::new().choice("x", ["a"]),
        Space::new().choice("x", ["a", "a"]),
    ] {
        assert!(matches!(error(space, config()), TuneError::Range { .. }));
    }
    for (bad, name) in [
        (config().with_batch(0), "batch"),
        (config().with_sampler(Sampler::Tpe(Tpe::default().with_startup(1))), "startup"),
        (config().with_sampler(Sampler::Tpe(Tpe::default().with_best(1.0))), "best"),
        (config().with_sampler(Sampler::Tpe(Tpe::default().with_candidates(0))), "candidates"),
        (config().with_schedule(Schedule::Halving { factor: 1, rungs: 2 }), "factor"),
        (config().with_schedule(Schedule::Hyperband { factor: 2, rungs: 1 }), "rungs"),
        (config().with_schedule(Schedule::Hyperband { factor: 9, rungs: 4_000_000_000 }), "rungs"),
    ] {
        let got = error(branin_space(), bad);
        assert!(matches!(got, TuneError::Setting { setting, .. } if setting == name), "{got}");
    }
    for point in [
        Point::new().number("x", 0.0),
        Point::new().number("x", 0.0).number("y", 99.0),
        Point::new().number("x", 0.0).integer("y", 1),
        Point::new().number("x", 0.0).number("y", 1.0).number("z", 1.0),
        Point::new().number("x", 0.0).number("y", 1.0).number("y", 1.0),
    ] {
        let got = error(branin_space(), config().with_start(point));
        assert!(matches!(got, TuneError::Point { .. }));
    }
}

#[cfg(feature = "serde")]
#[test]
fn damaged_logs_are_refused() {
    use campaign_models::tune::LogError;
    let study = search(branin_space(), Sampler::Random, 5, 1, |p, _, _| Ok(branin(p)));
    let json = study.to_json().unwrap();
    assert_eq!(Study::from_json(&json).unwrap(), study);
    let read = |from: &str, to: &str| {
        assert!(json.contains(from), "{from} in {json}");
        Study::from_json(&json.replace(from, to)).unwrap_err()
    };
    assert!(matches!(read("campaign-study", "else"), LogError::Format(_)));
    let version = read("\"version\":1", "\"version\":2");
    assert_eq!(version.to_string(), "log version is 2, expected 1");
    assert!(matches!(read("\"batch\":4", "\"batch\":0"), LogError::Study(_)));
    assert!(matches!(read("\"low\":-5.0", "\"low\":9.99"), LogError::Trial { trial: 0, .. }));
    assert!(matches!(read("\"budget\":1.0", "\"budget\":0.5"), LogError::Trial { .. }));
    for end in (0..json.len()).step_by(7) {
        assert!(Study::from_json(&json[..end]).is_err());
    }
}
