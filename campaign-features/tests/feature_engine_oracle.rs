//! The engine against a scan over all versions, bit for bit: restatements, late data, ties in time,
//! versions known before their day, strangers, any order of rows and requests, any number of threads.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "feature_engine/market.rs"]
mod market;

use campaign_core::ColumnKind;
use campaign_core::rand::RngExt;
use campaign_features::engine::local;
use campaign_features::feature::FeatureTable;
use campaign_features::feature::spec::FeatureSpec;
use market::{Ask, Cell, Version, asks, honest, naive, requests, sources, spec, versions};
use proptest::prelude::*;

fn cells(table: &FeatureTable) -> Vec<Vec<Cell>> {
    let row = |row: campaign_core::ndarray::ArrayView1<'_, f64>| {
        let cell = |(value, column): (&f64, &campaign_core::Column)| match &column.kind {
            ColumnKind::Categorical { levels } if !value.is_nan() => {
                Cell::Level(levels[*value as usize].to_string())
            }
            _ => market::number(*value),
        };
        row.iter().zip(table.columns()).map(cell).collect()
    };
    table.values().rows().into_iter().map(row).collect()
}

fn run(all: &[Version], asks: &[Ask], spec: &FeatureSpec) -> Vec<Vec<Cell>> {
    let sources = sources(all);
    sources.check().unwrap();
    let plan = spec.compile(&sources.schema()).unwrap();
    cells(&local::run(&plan, &sources, requests(&sources, asks)).unwrap())
}

fn spec_for(all: &[Version], ttl: Option<u16>) -> FeatureSpec {
    let _ = all;
    spec(ttl)
}

fn shuffled<T>(items: &mut [T], seed: u64) {
    let rng = &mut market::rng(seed);
    for i in (1..items.len()).rev() {
        items.swap(i, rng.random_range(0..=i));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equal_to_the_scan(seed in any::<u64>(), ttl in prop_oneof![Just(None), (6u16..20).prop_map(Some)]) {
        let (all, asks) = (versions(seed, 120), asks(seed));
        let spec = spec_for(&all, ttl);
        let got = run(&all, &asks, &spec);
        let names: Vec<_> = spec.names().collect();
        for (ask, got) in asks.iter().zip(got) {
            let expected = naive(&all, &spec, ask, honest);
            for ((name, got), expected) in names.iter().zip(got).zip(expected) {
                prop_assert_eq!(got, expected, "{} at {:?}", name, ask);
            }
        }
    }

    #[test]
    fn no_order_matters(seed in any::<u64>()) {
        let (mut all, mut asks) = (versions(seed, 120), asks(seed));
        let spec = spec_for(&all, None);
        let one = run(&all, &asks, &spec);
        shuffled(&mut all, seed);
        prop_assert_eq!(&run(&all, &asks, &spec), &one);
        let mut place: Vec<usize> = (0..asks.len()).collect();
        shuffled(&mut place, seed);
        asks = place.iter().map(|&i| asks[i]).collect();
        let moved = run(&all, &asks, &spec);
        for (moved, &i) in moved.iter().zip(&place) {
            prop_assert_eq!(moved, &one[i]);
        }
    }
}

/// Ads renamed so that their order turns round: each keeps its rows.
#[test]
fn no_name_of_an_entity_matters() {
    let turned = |ad: &str| -> &'static str {
        ["z4", "y3", "x2", "w1", "stranger"]
            [["a1", "a2", "a3", "a4"].iter().position(|name| *name == ad).unwrap_or(4)]
    };
    for seed in 0..60 {
        let (mut all, mut asks) = (versions(seed, 120), asks(seed));
        let spec = spec(None);
        let before = run(&all, &asks, &spec);
        all.iter_mut().for_each(|version| version.ad = turned(version.ad));
        asks.iter_mut().for_each(|ask| ask.ad = turned(ask.ad));
        assert_eq!(run(&all, &asks, &spec), before, "seed {seed}");
    }
}

/// One version per fact, known before anyone asks: the history that is taken in at once.
fn plain(seed: u64) -> (Vec<Version>, Vec<Ask>) {
    let mut all = versions(seed, 120);
    let mut facts = std::collections::BTreeSet::new();
    all.retain(|v| facts.insert((v.source, v.ad, v.day)));
    all.sort_by_key(|v| (v.ad, v.day));
    for v in &mut all {
        v.known_at = i64::from(v.day) * market::DAY;
        v.fact = None;
    }
    let mut asks = asks(seed);
    asks.sort_by_key(|ask| (ask.ad, ask.day));
    for ask in &mut asks {
        ask.cutoff = i64::from(ask.day) * market::DAY;
    }
    (all, asks)
}

/// The columns of a spec that need nothing but sums of unfiltered lanes of one kind.
fn sums_of_ads(spec: &FeatureSpec) -> FeatureSpec {
    use campaign_features::feature::spec::Definition;
    let plain = |d: &Definition| match d {
        Definition::Aggregate(a) => &*a.entity == "ad" && a.filter.is_none(),
        Definition::Rate { entity, .. } => &**entity == "ad",
        _ => false,
    };
    FeatureSpec::new(spec.features.iter().filter(|f| plain(&f.definition)).cloned())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn plain_histories_equal_the_scan(seed in any::<u64>()) {
        let (all, asks) = plain(seed);
        let spec = sums_of_ads(&spec(None));
        prop_assert!(spec.features.len() > 150);
        for (ask, got) in asks.iter().zip(run(&all, &asks, &spec)) {
            prop_assert_eq!(got, naive(&all, &spec, ask, honest), "{:?}", ask);
        }
    }
}

#[test]
fn no_number_of_threads_matters() {
    let (all, asks) = (versions(5, 3_000), (0..200).flat_map(asks).collect::<Vec<_>>());
    let spec = spec(None);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(&all, &asks, &spec))
    };
    let one = on(1);
    assert!(one.len() > 4_000);
    for threads in [2, 4] {
        assert_eq!(on(threads), one, "{threads} threads");
    }
}
