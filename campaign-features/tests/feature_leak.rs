//! Whatever is hidden from a row may change: the row stays the same, bit for bit. And the same test
//! on builders that leak does find the leak.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]

mod feature_common;

use campaign_core::AdId;
use campaign_core::rand::RngExt;
use campaign_features::feature::ad::{FeatureSpec, Holidays};
use feature_common::{
    Cell, Decision, Market, Sees, an_hour_late, cells, decision, described, honest,
    ignores_known_at, measures, naive, observation, rng, rows, spec, takes_the_day,
};
use jiff::civil::{Date, date};
use proptest::prelude::*;

/// Hidden observations changed, removed and added, at random.
fn tampered(market: &Market, d: &Decision, seed: u64) -> Market {
    let rng = &mut rng(seed);
    let hidden = |o: &campaign_features::feature::ad::Observation| {
        o.day >= d.decided || o.known_at > d.cutoff
    };
    let mut out = market.clone();
    out.observations.retain_mut(|o| {
        if !hidden(o) {
            return true;
        }
        match rng.random_range(0..3) {
            0 => return false,
            1 => o.measures = measures(rng),
            _ => {}
        }
        true
    });
    out.observations.extend((0..80).map(|_| observation(rng)).filter(hidden));
    out.described.retain(|x| x.known_at <= d.cutoff || rng.random());
    out.described.extend((0..4).map(|_| described(rng)).filter(|x| x.known_at > d.cutoff));
    out.without_ties();
    out
}

/// A row that looks back on something, and the market before and after tampering.
fn case(seed: u64, lead: u16) -> (Market, Market, (AdId, Date), Decision) {
    let market = Market::random(seed, 250);
    let rows = rows();
    let row = rows[rng(seed ^ 0x5eed).random_range(0..rows.len())].clone();
    let d = decision(&row.0, row.1, i32::from(lead), None);
    let other = tampered(&market, &d, seed.wrapping_add(1));
    (market, other, row, d)
}

fn library(market: &Market, spec: &FeatureSpec, row: &(AdId, Date)) -> Vec<Cell> {
    // With other rows around it, so that nothing leaks from row to row either.
    let mut all = rows();
    all.push(row.clone());
    cells(&market.build(spec, &all)).pop().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn what_is_hidden_does_not_matter(seed in any::<u64>(), lead in prop_oneof![Just(0u16), 0..9u16]) {
        let (before, after, row, _) = case(seed, lead);
        let spec = spec().with_lead(lead);
        prop_assert_eq!(library(&before, &spec, &row), library(&after, &spec, &row));
    }
}

/// How many of `cases` random cases show a difference when rows are made by `sees`.
fn caught(sees: Sees, cases: u64) -> usize {
    let holidays = Holidays::new(["DE".parse().unwrap()]).with_day(date(2026, 3, 20));
    let spec = spec();
    (0..cases)
        .filter(|&seed| {
            let (before, after, (ad, _), d) = case(seed, 0);
            let make = |market| naive(market, spec.features(), &holidays, &ad, &d, sees);
            make(&before) != make(&after)
        })
        .count()
}

#[test]
fn the_test_finds_leaks() {
    // As many cases as above. Few rows have an observation in the very place where a small leak
    // looks, so that one case in a hundred is asked for; the large leak shows in most.
    let cases = 400;
    assert_eq!(caught(honest, cases), 0);
    for (leak, least) in [(ignores_known_at as Sees, 200), (takes_the_day, 4), (an_hour_late, 4)] {
        let caught = caught(leak, cases);
        assert!(caught >= least, "caught {caught} of {cases}, expected at least {least}");
    }
}
