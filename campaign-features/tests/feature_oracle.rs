//! Every feature of every row against the plain scan, bit for bit.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]

mod feature_common;

use campaign_core::AdId;
use campaign_features::feature::ad::Labels;
use campaign_features::feature::ad::Measure;
use feature_common::{Market, cells, decision, honest, naive, rows, spec};
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

fn holidays() -> campaign_features::feature::Holidays {
    campaign_features::feature::Holidays::new(["DE".parse().unwrap()]).with_day(date(2026, 3, 20))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn equals_the_scan(
        seed in any::<u64>(),
        lead in prop_oneof![Just(0u16), 0..9u16],
        as_of in proptest::option::of(0..40i64),
    ) {
        let market = Market::random(seed, 250);
        let as_of = as_of.map(|day| {
            Timestamp::from_second(1_772_500_000 + 86_400 * day).unwrap()
        });
        let mut spec = spec().with_lead(lead);
        if let Some(as_of) = as_of {
            spec = spec.with_as_of(as_of);
        }
        let rows = rows();
        let table = market.build(&spec, &rows);
        let got = cells(&table);
        for (r, (ad, day)) in rows.iter().enumerate() {
            let d = decision(ad, *day, i32::from(lead), as_of);
            prop_assert_eq!(table.cutoffs()[r], d.cutoff);
            let expected = naive(&market, spec.features(), &holidays(), ad, &d, honest);
            for (c, feature) in spec.features().iter().enumerate() {
                prop_assert_eq!(&got[r][c], &expected[c], "{} {} {:?}", ad, day, feature);
            }
        }
    }

    #[test]
    fn labels_equal_the_scan(seed in any::<u64>(), hours in 0..1200i64, maturity in 0..20u16) {
        let market = Market::random(seed, 250);
        let as_of = Timestamp::from_second(1_772_500_000 + 3600 * hours).unwrap();
        let rows = rows();
        let labels =
            Labels::at(&market.log().finish().unwrap(), &rows, as_of, maturity).unwrap();
        for (r, (ad, day)) in rows.iter().enumerate() {
            let mut spend: Option<i128> = None;
            for (i, o) in market.observations.iter().enumerate() {
                let newer = |(j, p): (usize, &campaign_features::feature::ad::Observation)| {
                    j != i && p.part.is_some() && (&p.ad, p.day, &p.part) == (&o.ad, o.day, &o.part)
                        && p.known_at > o.known_at && p.known_at <= as_of
                };
                let replaced = market.observations.iter().enumerate().any(newer);
                if (&o.ad, o.day) == (ad, *day) && o.known_at <= as_of && !replaced
                    && let Some(micros) = o.measures.spend
                {
                    spend = Some(spend.unwrap_or(0) + i128::from(micros.0));
                }
            }
            let got = labels.measure(Measure::Spend)[r];
            match spend {
                Some(micros) => prop_assert_eq!(got.to_bits(), (micros as f64 / 1e6).to_bits()),
                None => prop_assert!(got.is_nan()),
            }
            // The end of the day `maturity` days later is the start of the day after that.
            let ripe = decision(ad, *day, -i32::from(maturity) - 1, None).cutoff;
            prop_assert_eq!(labels.mature()[r], ripe <= as_of);
        }
    }

    #[test]
    fn order_of_input_and_rows_does_not_matter(seed in any::<u64>()) {
        use campaign_core::rand::RngExt;
        let market = Market::random(seed, 120);
        let mut shuffled = market.clone();
        let rng = &mut feature_common::rng(seed);
        for i in (1..shuffled.observations.len()).rev() {
            shuffled.observations.swap(i, rng.random_range(0..=i));
        }
        let (spec, rows) = (spec(), rows());
        let table = market.build(&spec, &rows);
        let other = shuffled.build(&spec, &rows);
        prop_assert_eq!(cells(&table), cells(&other));
        prop_assert_eq!(table.columns(), other.columns());
        prop_assert_eq!(table.keys(), other.keys());

        let back: Vec<_> = rows.iter().rev().cloned().collect();
        let mut reversed = cells(&market.build(&spec, &back));
        reversed.reverse();
        prop_assert_eq!(cells(&table), reversed);
    }

    /// Ads renamed so that their order turns round: each keeps its rows.
    #[test]
    fn names_of_ads_do_not_matter(seed in any::<u64>()) {
        let renamed = |ad: &AdId| {
            let turned = ad.as_str().bytes().map(|b| char::from(b'~' - (b - b' ')));
            AdId::new(turned.collect::<String>()).unwrap()
        };
        let market = Market::random(seed, 120);
        let spec = spec();
        let rows = rows();
        let table = cells(&market.build(&spec, &rows));
        let mut log = campaign_features::feature::ad::ObservationLog::new();
        for (ad, zone) in feature_common::ZONES {
            log.push_zone(&renamed(&AdId::new(ad).unwrap()), &zone.into(), true).unwrap();
        }
        for o in &market.observations {
            let mut o = o.clone();
            o.ad = renamed(&o.ad);
            log.push(o).unwrap();
        }
        for d in &market.described {
            log.describe(&d.creative, d.known_at, d.text.clone(), d.format.clone()).unwrap();
        }
        let new_rows: Vec<_> = rows.iter().map(|(ad, day)| (renamed(ad), *day)).collect();
        let other = spec.build(&log.finish().unwrap(), &new_rows).unwrap();
        prop_assert_eq!(table, cells(&other));
    }
}
