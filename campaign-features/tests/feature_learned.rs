//! Encodings and bounded crossings: learned from a training table without a look at a row's own label,
//! then constants of the spec, in every engine and online.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "feature_engine/market.rs"]
mod market;
#[path = "feature_engine/online.rs"]
mod online;

use std::collections::BTreeMap;

use campaign_core::digest::Digest;
use campaign_core::rand::RngExt;
use campaign_core::{Column, ColumnKind};
use campaign_features::engine::local;
use campaign_features::feature::plan::Window;
use campaign_features::feature::source::{Requests, Row, Sources, SourcesBuilder};
use campaign_features::feature::spec::{
    Arithmetic, Definition, Feature, FeatureSpec, Fitted, LevelBound, LevelEncoding,
    LevelSmoothing, OTHER_LEVEL, Outcomes, TrainingView,
};
use campaign_features::feature::transform::encoding::EncodingKind;
use campaign_features::feature::transform::smoothing::Smoothing;
use campaign_features::feature::{FeatureError, FeatureTable};
use proptest::prelude::*;

const DAYS: i32 = 12;
const FOLDS: u32 = 3;
const CHANNELS: [&str; 4] = ["mail", "search", "social", "tv"];

/// Ads that state a channel and a format on some days.
fn sources(seed: u64) -> Sources {
    let rng = &mut market::rng(seed);
    let mut builder = SourcesBuilder::new(["ad"]).unwrap();
    let ads = builder.source("ads", &["ad"], &[], &["channel", "format"]).unwrap();
    for ad in 0..6 {
        for day in 0..DAYS {
            let channel = CHANNELS.get(rng.random_range(0..5_usize)).copied();
            let format = market::FORMATS.get(rng.random_range(0..4_usize)).copied();
            let row = Row {
                keys: &[Some(&format!("ad {ad}"))],
                day,
                known_at: i64::from(day),
                fact: None,
                measures: &[],
                attributes: &[channel, format],
            };
            ads.push(&row).unwrap();
        }
    }
    builder.finish().unwrap()
}

fn latest(attribute: &str) -> Feature {
    let definition = Definition::Latest {
        entity: "ad".into(),
        source: "ads".into(),
        attribute: attribute.into(),
        window: Window::EVER,
    };
    Feature::named(attribute, definition)
}

fn encodings() -> Vec<LevelEncoding> {
    let fixed = |strength, prior| LevelSmoothing::Fixed { strength, prior };
    let mut all = Vec::new();
    for of in ["channel", "both"] {
        for kind in [EncodingKind::Target, EncodingKind::Count, EncodingKind::Frequency] {
            for smoothing in
                [LevelSmoothing::Fitted, fixed(0.0, None), fixed(2.0, None), fixed(1.5, Some(0.25))]
            {
                let one = LevelEncoding::new(of, kind).with_smoothing(smoothing);
                all.extend([one.clone(), one.with_folds("ad", FOLDS)]);
            }
        }
    }
    all
}

fn spec() -> FeatureSpec {
    let bound = Some(LevelBound::new(3).with_at_least(2));
    let both = Definition::CrossLevels { left: "channel".into(), right: "format".into(), bound };
    let mut spec =
        FeatureSpec::new([latest("channel"), latest("format"), Feature::named("both", both)]);
    for (i, encoding) in encodings().into_iter().enumerate() {
        spec = spec.with(Feature::named(format!("e{i}"), Definition::Encoding(encoding)));
    }
    spec.with(Feature::named(
        "product",
        Definition::Cross { operation: Arithmetic::Sum, left: "e0".into(), right: "e1".into() },
    ))
}

struct Case {
    sources: Sources,
    table: FeatureTable,
    labels: Vec<f64>,
    weights: Vec<f64>,
    known_at: Vec<i64>,
}

fn asked(sources: &Sources, order: &[usize]) -> Requests {
    let mut requests = sources.requests();
    for &i in order {
        let (ad, day) = (i as u32 % 6, 1 + (i as i32 / 6) % DAYS);
        requests.push(&[ad], day, i64::from(day)).unwrap();
    }
    requests
}

fn case(seed: u64, order: &[usize]) -> Case {
    let sources = sources(seed);
    let plan = spec().before_fit().compile(&sources.schema()).unwrap();
    let table = local::run(&plan, &sources, asked(&sources, order)).unwrap();
    // By row number, so that another order has the same rows. Eighths add up exactly.
    let of = |i: &usize| {
        let rng = &mut market::rng(seed ^ ((*i as u64 + 1) << 20));
        let label = match rng.random_range(0..6) {
            0 => f64::NAN,
            _ => f64::from(rng.random_range(0..9)) / 8.0,
        };
        let known = match rng.random_range(0..8) {
            0 => i64::MAX,
            late => (*i as i64 / 6) % i64::from(DAYS) + late,
        };
        (label, f64::from(rng.random_range(0..4)), known)
    };
    let rows: Vec<_> = order.iter().map(of).collect();
    Case {
        sources,
        table,
        labels: rows.iter().map(|r| r.0).collect(),
        weights: rows.iter().map(|r| r.1).collect(),
        known_at: rows.iter().map(|r| r.2).collect(),
    }
}

impl Case {
    fn fit(&self) -> Fitted {
        let outcomes = Outcomes {
            labels: &self.labels,
            weights: Some(&self.weights),
            known_at: Some(&self.known_at),
        };
        spec().fit(&self.table, &outcomes).unwrap()
    }
}

fn name_of(column: &Column, value: f64) -> Option<&str> {
    match &column.kind {
        ColumnKind::Categorical { levels } if !value.is_nan() => Some(&levels[value as usize]),
        _ => None,
    }
}

/// The number of a level from the rows that are seen.
fn plainly(
    case: &Case,
    e: &LevelEncoding,
    levels: &[Option<usize>],
    level: usize,
    seen: &[usize],
) -> f64 {
    let target = e.statistic == EncodingKind::Target;
    let mut sums: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    for &row in seen {
        if let Some(level) = levels[row].filter(|_| !target || !case.labels[row].is_nan()) {
            let sum = sums.entry(level).or_default();
            sum.1 += case.weights[row];
            if target {
                sum.0 += case.weights[row] * case.labels[row];
            }
        }
    }
    let all = sums.values().fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
    let own = sums.get(&level).copied().unwrap_or_default();
    let (x, n): (Vec<f64>, Vec<f64>) = sums.values().copied().unzip();
    let mean = all.0 / all.1;
    let (strength, prior) = match e.smoothing {
        LevelSmoothing::Fitted => {
            Smoothing::fit(&x, &n).map_or((all.1, mean), |s| (s.strength, s.prior))
        }
        LevelSmoothing::Fixed { strength, prior } => (strength, prior.unwrap_or(mean)),
        _ => panic!("no oracle"),
    };
    match e.statistic {
        EncodingKind::Target if own.1 == 0.0 => prior,
        EncodingKind::Target if strength == 0.0 => own.0 / own.1,
        EncodingKind::Target => (own.0 + prior * strength) / (own.1 + strength),
        EncodingKind::Count => own.1,
        EncodingKind::Frequency => own.1 / all.1,
        _ => panic!("no oracle"),
    }
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_row_by_brute_force(seed in any::<u64>()) {
        let order: Vec<usize> = (0..6 * DAYS as usize).collect();
        let case = case(seed, &order);
        let fitted = case.fit();
        let later = local::run(
            &fitted.spec.compile(&case.sources.schema()).unwrap(), &case.sources, case.table.requests(),
        ).unwrap();
        let fold = |row: usize| {
            let digest = Digest::of(case.table.key(0, row).unwrap().as_bytes());
            let first: [u8; 8] = digest.as_bytes()[..8].try_into().unwrap();
            u64::from_be_bytes(first) % u64::from(FOLDS)
        };
        let at = |row: usize| case.table.requests().cutoff[row];
        for (i, e) in encodings().into_iter().enumerate() {
            let training = &fitted.training;
            let of = training.columns().iter().position(|c| c.name == e.of).unwrap();
            let code = |value: &f64| (!value.is_nan()).then_some(*value as usize);
            let levels: Vec<Option<usize>> = training.values().column(of).iter().map(code).collect();
            let (got, later) = (training.column(&format!("e{i}")).unwrap(), later.column(&format!("e{i}")).unwrap());
            let rows: Vec<usize> = (0..levels.len()).collect();
            for (row, level) in levels.iter().enumerate() {
                let target = e.statistic == EncodingKind::Target;
                let sees = |other: &usize| match e.training {
                    TrainingView::Time => {
                        let known = case.known_at[*other];
                        at(*other) < at(row) && (!target || known <= at(row) && known < i64::MAX)
                    }
                    _ => !target || fold(*other) != fold(row),
                };
                let Some(level) = level else {
                    prop_assert!(got[row].is_nan() && later[row].is_nan());
                    continue;
                };
                let seen: Vec<usize> = rows.iter().copied().filter(sees).collect();
                let expected = plainly(&case, &e, &levels, *level, &seen);
                prop_assert!(same(got[row], expected), "{:?} row {}: {} {}", e, row, got[row], expected);
                let expected = plainly(&case, &e, &levels, *level, &rows);
                prop_assert!(same(later[row], expected), "{:?} row {}: {} {}", e, row, later[row], expected);
            }
        }
        // What rests on encodings rests on those of the training rows.
        let (a, b) = (fitted.training.column("e0").unwrap(), fitted.training.column("e1").unwrap());
        for ((sum, a), b) in fitted.training.column("product").unwrap().into_iter().zip(a).zip(b) {
            prop_assert!(same(sum, a + b));
        }
    }

    /// Another label of a row leaves every bit of its own training row.
    #[test]
    fn a_row_has_not_seen_its_own_label(seed in any::<u64>(), pick in any::<prop::sample::Index>(), label in 0.0..1.0_f64) {
        let order: Vec<usize> = (0..6 * DAYS as usize).collect();
        let mut case = case(seed, &order);
        let before = case.fit();
        let row = pick.index(order.len());
        case.labels[row] = label;
        let after = case.fit();
        let bits = |fitted: &Fitted| fitted.training.values().row(row).mapv(f64::to_bits);
        prop_assert_eq!(bits(&before), bits(&after));
    }

    #[test]
    fn no_order_matters(seed in any::<u64>()) {
        let mut order: Vec<usize> = (0..6 * DAYS as usize).collect();
        let one = case(seed, &order).fit();
        let rng = &mut market::rng(seed);
        for i in (1..order.len()).rev() {
            order.swap(i, rng.random_range(0..=i));
        }
        let other = case(seed, &order).fit();
        prop_assert_eq!(&one.spec, &other.spec);
        for (to, &from) in order.iter().enumerate() {
            let bits = |fitted: &Fitted, row| fitted.training.values().row(row).mapv(f64::to_bits);
            prop_assert_eq!(bits(&one, from), bits(&other, to));
        }
    }

    #[test]
    fn the_frequent_pairs_are_kept(seed in any::<u64>()) {
        let order: Vec<usize> = (0..6 * DAYS as usize).collect();
        let case = case(seed, &order);
        let fitted = case.fit();
        let pair = |row: usize| {
            let of = |c: usize| name_of(&case.table.columns()[c], case.table.values()[(row, c)]);
            Some(format!("{}|{}", of(0)?, of(1)?))
        };
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for pair in order.iter().filter_map(|&row| pair(row)) {
            *counts.entry(pair).or_default() += 1;
        }
        let mut ranked: Vec<_> = counts.into_iter().filter(|(_, n)| *n >= 2).collect();
        ranked.sort_by_key(|(name, n)| (usize::MAX - n, name.clone()));
        let kept: Vec<String> = ranked.into_iter().take(3).map(|(name, _)| name).collect();
        for table in [
            &fitted.training,
            &local::run(&fitted.spec.compile(&case.sources.schema()).unwrap(), &case.sources, case.table.requests()).unwrap(),
        ] {
            for row in 0..order.len() {
                let got = name_of(&table.columns()[2], table.values()[(row, 2)]);
                let expected = pair(row).map(|pair| match kept.contains(&pair) {
                    true => pair,
                    false => OTHER_LEVEL.to_owned(),
                });
                prop_assert_eq!(got.map(str::to_owned), expected);
            }
        }
    }
}

/// A later market: new values, a fitted spec that was saved, the same numbers online.
#[test]
fn later_tables_and_online_rows_use_what_was_learned() {
    let order: Vec<usize> = (0..6 * DAYS as usize).collect();
    let fitted = case(3, &order).fit();
    let spec = fitted.training.fixed(&fitted.spec);
    #[cfg(feature = "serde")]
    let spec = {
        let saved = FeatureSpec::from_toml(&spec.to_toml().unwrap()).unwrap();
        assert_eq!(saved, spec);
        saved
    };
    let mut builder = SourcesBuilder::new(["ad"]).unwrap();
    let ads = builder.source("ads", &["ad"], &[], &["channel", "format"]).unwrap();
    for (ad, channel, format) in [
        ("n0", Some("radio"), Some("video")),
        ("n1", Some("search"), Some("video")),
        ("n2", None, None),
    ] {
        let (keys, attributes) = (&[Some(ad)], &[channel, format]);
        ads.push(&Row { keys, day: 50, known_at: 50, fact: None, measures: &[], attributes })
            .unwrap();
    }
    let sources = builder.finish().unwrap();
    let plan = spec.compile(&sources.schema()).unwrap();
    let mut requests = sources.requests();
    for ad in 0..3 {
        requests.push(&[ad], 51, 60).unwrap();
    }
    let table = local::run(&plan, &sources, &requests).unwrap();
    // A channel that was never seen is no level of a fixed column, but the prior of an encoding.
    assert!(table.column("channel").unwrap()[0].is_nan());
    assert_eq!(name_of(&table.columns()[2], table.values()[(0, 2)]), Some(OTHER_LEVEL));
    for (i, e) in encodings().iter().enumerate() {
        let Definition::Encoding(learned) = &spec.features[3 + i].definition else { panic!() };
        let learned = learned.fitted.as_ref().unwrap();
        let got = table.column(&format!("e{i}")).unwrap();
        assert!(got[2].is_nan());
        if &*e.of == "channel" {
            assert_eq!((got[0], got[1]), (learned.unseen, learned.values["search"]));
            assert_ne!(got[0], got[1]);
        }
    }
    let store = online::store(&plan, &sources, 51, 60);
    for row in 0..3 {
        online::assert_same_row(&store, &table, row);
    }
}

#[test]
fn what_cannot_be_learned() {
    let order: Vec<usize> = (0..30).collect();
    let case = case(1, &order);
    let schema = case.sources.schema();
    let unfitted = spec().compile(&schema).unwrap_err();
    assert!(
        matches!(&unfitted, FeatureError::Spec { reason, .. } if reason.contains("fit")),
        "{unfitted}"
    );
    let with = |encoding: LevelEncoding| {
        FeatureSpec::new([latest("channel"), Feature::named("e", Definition::Encoding(encoding))])
    };
    let base = with(LevelEncoding::target("channel")).before_fit();
    let table =
        local::run(&base.compile(&schema).unwrap(), &case.sources, case.table.requests()).unwrap();
    let labels = vec![0.5; 30];
    let known = vec![0; 30];
    let fit = |encoding, labels: &[f64]| {
        let outcomes = Outcomes { labels, weights: None, known_at: Some(&known) };
        with(encoding).fit(&table, &outcomes).unwrap_err()
    };
    let target = || LevelEncoding::target("channel");
    assert!(matches!(fit(target(), &labels[1..]), FeatureError::Kernel(_)));
    assert!(matches!(fit(target(), &[2.0; 30]), FeatureError::Transform { .. }));
    assert!(matches!(fit(target(), &[f64::INFINITY; 30]), FeatureError::Transform { .. }));
    assert!(matches!(fit(target(), &[f64::NAN; 30]), FeatureError::Spec { .. }));
    assert!(matches!(fit(target().with_folds("ad", 1), &labels), FeatureError::Spec { .. }));
    assert!(matches!(fit(target().with_folds("shop", 3), &labels), FeatureError::Unknown { .. }));
    assert!(matches!(fit(LevelEncoding::target("format"), &labels), FeatureError::Unknown { .. }));
    let negative = LevelSmoothing::Fixed { strength: -1.0, prior: None };
    assert!(matches!(
        fit(target().with_smoothing(negative), &labels),
        FeatureError::Transform { .. }
    ));
    let timeless = Outcomes { labels: &labels, ..Outcomes::default() };
    assert!(matches!(with(target()).fit(&table, &timeless), Err(FeatureError::Spec { .. })));
    assert!(with(target().with_folds("ad", 2)).fit(&table, &timeless).is_ok());
}
