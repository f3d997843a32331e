//! Rows of people enter a source only with consent, every other one is counted, and a table is then that of
//! the permitted rows alone, bit for bit.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "feature_engine/market.rs"]
mod market;

use campaign_core::rand::RngExt;
use campaign_core::{Consent, ConsentLedger, Purpose, Sensitive};
use campaign_features::engine::local;
use campaign_features::feature::source::{
    ConsentFilter, ConsentReport, Row, Sources, SourcesBuilder, Subject, Unit,
};
use jiff::Timestamp;
use market::{Version, asks, requests, spec, versions};
use proptest::prelude::*;

const PEOPLE: [&str; 5] = ["ada", "bob", "eve", "kim", "lea"];

fn at(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap()
}

/// What everybody said: given, with or without an end, or withdrawn.
type Said = Vec<(&'static str, bool, i64, Option<i64>)>;

fn said(seed: u64) -> Said {
    let mut rng = market::rng(seed ^ 0xc0);
    let mut said = Said::new();
    for _ in 0..14 {
        let from = i64::from(market::FIRST + rng.random_range(-3..market::SPAN)) * market::DAY;
        let lasts = rng.random_range(1..20_i64) * market::DAY;
        let until = (rng.random_range(0..3) == 0).then_some(from + lasts);
        // The last of them never says anything.
        said.push((PEOPLE[rng.random_range(0..4_usize)], rng.random_range(0..3) > 0, from, until));
    }
    // Of two statements at one instant the stricter counts, which is the ledger's own test.
    said.sort_by_key(|s| (s.0, s.2));
    said.dedup_by_key(|s| (s.0, s.2));
    said
}

fn ledger(said: &Said) -> ConsentLedger {
    let mut ledger = ConsentLedger::new();
    for &(person, allowed, from, until) in said {
        let (purpose, from, until) = (Purpose::ADVERTISING, at(from), until.map(at));
        let consent = Consent { purpose, allowed, from, until };
        ledger.record(&Sensitive::new(person), consent).unwrap();
    }
    ledger
}

/// Quarter by quarter of a day, which is as fine as statements and events are.
fn allows(said: &Said, person: &str, from: i64, to: i64) -> bool {
    let mut now = from;
    loop {
        let last = said.iter().filter(|s| s.0 == person && s.2 <= now).max_by_key(|s| s.2);
        if !last.is_some_and(|s| s.1 && s.3.is_none_or(|until| now < until)) {
            return false;
        }
        if now >= to {
            return true;
        }
        now = (now + market::DAY / 4).min(to);
    }
}

fn person(version: &Version) -> (&'static str, i64) {
    // One fact is of one person and has one instant, whatever its version.
    let fact = version.fact.map_or(0, |fact| fact.len() + usize::from(fact == "y"));
    let ad = market::ADS.iter().position(|ad| *ad == version.ad).unwrap();
    (PEOPLE[(version.day as usize + ad + fact) % 5], i64::from(version.day) * market::DAY)
}

fn declared() -> SourcesBuilder {
    let mut builder = SourcesBuilder::new(["ad", "channel"]).unwrap();
    for (name, measures) in [
        ("ads", [("spend", Unit::Millionth), ("clicks", Unit::Count)]),
        ("orders", [("revenue", Unit::Millionth), ("units", Unit::Count)]),
    ] {
        builder.source(name, &["ad", "channel"], &measures, &["format"]).unwrap();
    }
    builder
}

fn filtered(all: &[Version], ledger: &ConsentLedger, used_at: i64) -> (Sources, ConsentReport) {
    let mut builder = declared();
    let mut filter = ConsentFilter::new(ledger, Purpose::ADVERTISING, at(used_at));
    for v in all {
        let (person, happened) = person(v);
        let subject = Subject { id: Sensitive::new(person), at: at(happened), attributes: &[] };
        let row = Row {
            keys: &[Some(v.ad), Some(v.channel)],
            day: v.day,
            known_at: v.known_at,
            fact: v.fact,
            measures: &v.measures,
            attributes: &[v.format],
        };
        builder.get(v.source).unwrap().push_permitted(&row, &subject, &mut filter).unwrap();
    }
    (builder.finish().unwrap(), filter.report().clone())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_table_is_that_of_permitted_rows(seed in any::<u64>(), after in 0..40_i64) {
        let (all, asks, said) = (versions(seed, 120), asks(seed), said(seed));
        let used_at = (i64::from(market::FIRST) + after) * market::DAY;
        let (got, report) = filtered(&all, &ledger(&said), used_at);
        let (mut used, mut without, mut withdrawn) = (0, 0, 0);
        let permitted = |v: &&Version| {
            let (person, happened) = person(v);
            *match (
                allows(&said, person, happened, happened),
                allows(&said, person, happened, used_at.max(happened)),
            ) {
                (true, true) => &mut used,
                (true, false) => &mut withdrawn,
                (false, _) => &mut without,
            } += 1;
            allows(&said, person, happened, used_at.max(happened))
        };
        let permitted: Vec<Version> = all.iter().filter(permitted).cloned().collect();
        prop_assert_eq!((report.used, report.without, report.withdrawn), (used, without, withdrawn));
        prop_assert_eq!(report.rows, all.len() as u64);
        let expected = market::sources(&permitted);
        prop_assert_eq!(&got, &expected);
        let plan = spec(None).compile(&got.schema()).unwrap();
        let table = |sources| local::run(&plan, sources, requests(sources, &asks)).unwrap();
        let bits = |s| table(s).values().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&got), bits(&expected));
    }
}

/// What somebody took back is read by no later request: neither sums nor what lasts.
#[test]
fn withdrawal_leaves_no_trace() {
    let june = i64::from(market::FIRST + 30) * market::DAY;
    let given = |from| Consent::given(Purpose::ADVERTISING, at(from));
    let mut ledger = ConsentLedger::new();
    ledger.record(&Sensitive::new("ada"), given(0)).unwrap();
    let mut all: Vec<Version> = (0..9).flat_map(|seed| versions(seed, 400)).collect();
    market::without_ties(&mut all);
    all.retain(|v| person(v).0 == "ada");
    assert!(all.len() > 10, "{}", all.len());
    let (before, report) = filtered(&all, &ledger, june);
    assert_eq!((report.used, report.withdrawn), (all.len() as u64, 0));
    assert!(before.sources.iter().any(|s| !s.is_empty()));
    let withdrawn = Consent::withdrawn(Purpose::ADVERTISING, at(june));
    ledger.record(&Sensitive::new("ada"), withdrawn).unwrap();
    let (after, report) = filtered(&all, &ledger, june);
    assert_eq!((report.used, report.withdrawn), (0, all.len() as u64));
    assert!(after.sources.iter().all(|s| s.is_empty() && s.vocabularies[0].is_empty()));
    assert!(after.names.iter().all(Vec::is_empty));
    // Another purpose was never allowed.
    let mut filter = ConsentFilter::new(&ledger, Purpose::PERSONALISATION, at(june));
    assert!(!filter.admits(&Sensitive::new("ada"), at(1)));
    assert_eq!(filter.report().without, 1);
}
