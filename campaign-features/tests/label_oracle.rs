//! Labels against a scan over all versions, bit for bit.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "feature_engine/market.rs"]
mod market;

use std::collections::BTreeMap;

use campaign_features::label::{LabelSpec, Target};
use jiff::Timestamp;
use market::{Ask, DAY, FIRST, Version, asks, requests, sources, versions};
use proptest::prelude::*;

/// The total of a measure over the days from the one asked for on, and whether any fact reports it.
fn scan(all: &[Version], ask: &Ask, measure: usize, horizon: i32, as_of: i64) -> Option<i128> {
    let mut latest: BTreeMap<(i32, &str), &Version> = BTreeMap::new();
    let mine = |v: &&Version| v.source == "ads" && v.ad == ask.ad && v.known_at <= as_of;
    for v in all.iter().filter(mine) {
        let slot = latest.entry((v.day, v.fact.unwrap_or(""))).or_insert(v);
        if v.known_at > slot.known_at {
            *slot = v;
        }
    }
    let within = |v: &&&Version| ask.day <= v.day && v.day < ask.day + horizon;
    let reported = latest.values().filter(within).filter_map(|v| v.measures[measure]);
    reported.map(i128::from).reduce(|a, b| a + b)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equal_to_the_scan(
        seed in any::<u64>(), quarters in 0..200i64, horizon in 1..9u16, maturity in 0..9u16,
    ) {
        let (all, asks) = (versions(seed, 200), asks(seed));
        let sources = sources(&all);
        let requests = requests(&sources, &asks);
        let as_of = i64::from(FIRST) * DAY + quarters * (DAY / 4);
        let label = |target| {
            let spec = LabelSpec::new("ad", "ads", target).with_horizon(horizon);
            let now = Timestamp::from_microsecond(as_of).unwrap();
            spec.with_maturity(maturity).at(&sources, &requests, now).unwrap()
        };
        let sum = label(Target::Sum { measure: "spend".into() });
        let rate = label(Target::Rate { numerator: "clicks".into(), denominator: "spend".into() });
        for (row, ask) in asks.iter().enumerate() {
            let days = i64::from(ask.day) + i64::from(horizon) + i64::from(maturity);
            let mature = days * DAY <= as_of;
            prop_assert_eq!(sum.mature()[row], mature);
            let of = |measure| scan(&all, ask, measure, i32::from(horizon), as_of);
            let spend = of(0).map(|micros| micros as f64 / 1e6);
            let expected = spend.filter(|_| mature).map(|spend| (spend, 1.0));
            prop_assert_eq!(sum.get(row), expected, "{:?}", ask);
            let clicks = of(1).unwrap_or(0) as f64;
            let spend = spend.filter(|&spend| mature && spend > 0.0);
            prop_assert_eq!(rate.get(row), spend.map(|spend| (clicks / spend, spend)), "{:?}", ask);
        }
    }

    /// What becomes known after the instant asked for changes no label.
    #[test]
    fn the_future_changes_nothing(seed in any::<u64>(), days in 0..50i64) {
        let (all, asks) = (versions(seed, 200), asks(seed));
        let as_of = i64::from(FIRST) * DAY + days * DAY;
        let mut known = all.clone();
        known.retain(|v| v.known_at <= as_of);
        let labels = |all: &[Version]| {
            // By name: codes change with the names there are.
            let sources = sources(all);
            let target = Target::Sum { measure: "spend".into() };
            let spec = LabelSpec::new("ad", "ads", target).with_horizon(3);
            let now = Timestamp::from_microsecond(as_of).unwrap();
            let labels = spec.at(&sources, &requests(&sources, &asks), now).unwrap();
            (0..asks.len()).map(|row| labels.get(row)).collect::<Vec<_>>()
        };
        prop_assert_eq!(labels(&all), labels(&known));
    }
}
