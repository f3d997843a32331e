//! Change, remove or add anything a request may not see, and its row stays bit for bit. The same
//! check catches views that leak.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "feature_engine/market.rs"]
mod market;

use campaign_core::rand::RngExt;
use campaign_features::engine::local;
use campaign_features::feature::spec::FeatureSpec;
use market::{
    Ask, Cell, Sees, Version, an_hour_late, asks, honest, ignores_known_at, naive, requests,
    sources, spec, takes_the_day, versions,
};
use proptest::prelude::*;

/// Everything a request does not see, made anew.
fn other_future(all: &[Version], ask: &Ask, seed: u64) -> Vec<Version> {
    let rng = &mut market::rng(seed);
    let mut out = Vec::new();
    for v in all {
        if honest(v, ask) {
            out.push(v.clone());
        } else if rng.random::<f64>() < 0.6 {
            let mut changed = v.clone();
            changed.measures = [Some(rng.random_range(0..1 << 40)), None];
            changed.format = Some(market::FORMATS[rng.random_range(0..3)]);
            changed.channel = market::CHANNELS[rng.random_range(0..2)];
            out.push(changed);
        }
    }
    for _ in 0..10 {
        let mut new = market::version(rng);
        new.fact = None;
        new.source = "orders";
        if !honest(&new, ask) {
            out.push(new);
        }
    }
    market::without_ties(&mut out);
    out
}

fn engine(all: &[Version], spec: &FeatureSpec, ask: &Ask) -> Vec<Cell> {
    let sources = sources(all);
    let plan = spec.compile(&sources.schema()).unwrap();
    let table = local::run(&plan, &sources, requests(&sources, &[*ask])).unwrap();
    let cell = |(value, column): (&f64, &campaign_core::Column)| match &column.kind {
        campaign_core::ColumnKind::Categorical { levels } if !value.is_nan() => {
            Cell::Level(levels[*value as usize].to_string())
        }
        _ => market::number(*value),
    };
    table.values().row(0).iter().zip(table.columns()).map(cell).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_future_changes_nothing(seed in any::<u64>()) {
        let (all, spec) = (versions(seed, 80), spec(None));
        for ask in asks(seed).iter().take(4) {
            let changed = other_future(&all, ask, seed ^ 0x5a);
            prop_assert_eq!(engine(&all, &spec, ask), engine(&changed, &spec, ask));
        }
    }
}

#[test]
fn leaks_are_caught() {
    let spec = spec(None);
    let caught = |sees: Sees| {
        (0..40u64).any(|seed| {
            let all = versions(seed, 80);
            asks(seed).iter().take(4).any(|ask| {
                let changed = other_future(&all, ask, seed ^ 0x5a);
                naive(&all, &spec, ask, sees) != naive(&changed, &spec, ask, sees)
            })
        })
    };
    assert!(!caught(honest));
    for (leak, name) in [
        (ignores_known_at as Sees, "known-at"),
        (takes_the_day, "the day itself"),
        (an_hour_late, "the minute"),
    ] {
        assert!(caught(leak), "a view that ignores {name} was not caught");
    }
}
