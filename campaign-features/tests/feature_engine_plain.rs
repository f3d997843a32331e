//! The shortcuts of a history that nothing restates against the same history told version by version.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use campaign_features::feature::plan::{
    EntityEvents, EntityRequests, ReplayScratch, Window, replay, replay_plainly,
};
use campaign_features::feature::source::{NONE, NOT_REPORTED, Row, Sources, SourcesBuilder, Unit};
use campaign_features::feature::spec::{Aggregate, FeatureSpec, Statistic};
use proptest::prelude::*;

/// Days since the row before, spend, clicks, and whether the format is the one that features ask for.
type Event = (i32, Option<i64>, Option<i64>, bool);

fn sources(first: i32, events: &[Event]) -> Sources {
    let mut builder = SourcesBuilder::new(["ad"]).unwrap();
    let measures = [("spend", Unit::Millionth), ("clicks", Unit::Count)];
    let ads = builder.source("ads", &["ad"], &measures, &["format"]).unwrap();
    let mut day = first;
    for &(gap, spend, clicks, video) in events {
        day += gap;
        ads.push(&Row {
            keys: &[Some("1")],
            day,
            known_at: i64::from(day) + 1,
            fact: None,
            measures: &[spend, clicks],
            attributes: &[Some(if video { "video" } else { "image" })],
        })
        .unwrap();
    }
    builder.finish().unwrap()
}

fn window() -> impl Strategy<Value = Window> {
    prop_oneof![
        (1u16..9).prop_map(Window::trailing),
        (1u16..9).prop_map(Window::lag),
        (1u16..5).prop_map(|near| Window::between(near, near + 3)),
        Just(Window::EVER),
    ]
}

fn feature() -> impl Strategy<Value = Aggregate> {
    let sum = |measure| Aggregate::new("ad", "ads", Statistic::Sum, measure, Window::EVER);
    let count = |measure| Aggregate::new("ad", "ads", Statistic::Count, measure, Window::EVER);
    let facts = Aggregate::facts("ad", "ads", Window::EVER);
    let of = prop_oneof![
        prop_oneof![Just("spend"), Just("clicks")].prop_map(sum),
        prop_oneof![Just("spend"), Just("clicks")].prop_map(count),
        Just(facts),
    ];
    (of, window(), any::<bool>()).prop_map(|(mut of, window, filtered)| {
        of.window = window;
        if filtered { of.with_filter("format", "video") } else { of }
    })
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shortcuts_change_no_bit(
        events in prop::collection::vec((
            // Days that repeat, follow and lie far apart.
            prop_oneof![2 => Just(0), 6 => Just(1), 2 => 2..60],
            prop_oneof![4 => (-9i64..9).prop_map(|n| Some(n * 333_333)), 1 => Just(None)],
            prop_oneof![9 => (0i64..9).prop_map(Some), 1 => Just(None)],
            any::<bool>(),
        ), 0..60),
        complete in any::<bool>(),
        asked in prop::collection::vec(prop_oneof![8 => 0..3, 1 => 3..400], 1..60),
        first in -40..9i32,
        mut features in prop::collection::vec(feature(), 1..7),
        ttl in prop_oneof![2 => Just(None), 1 => (9u16..20).prop_map(Some)],
        scans in any::<bool>(),
    ) {
        let mut events = events;
        if complete {
            for (_, spend, clicks, _) in &mut events {
                (*spend, *clicks) = (spend.or(Some(7)), clicks.or(Some(7)));
            }
        }
        // A filter on a format that no row has is refused.
        events.extend([(1, Some(1), Some(1), false), (1, Some(1), Some(1), true)]);
        if scans {
            let trend = Statistic::Trend;
            features.push(Aggregate::new("ad", "ads", trend, "clicks", Window::trailing(5)));
        }
        let mut named = std::collections::HashSet::new();
        features.retain(|feature| named.insert(format!("{feature:?}")));
        let mut spec = FeatureSpec::new(features);
        spec.ttl = ttl;
        let sources = sources(3, &events);
        let plan = spec.compile(&sources.schema()).unwrap();
        let source = &sources.sources[0];
        let mut decided = first;
        let day: Vec<i32> = asked.iter().map(|gap| { decided += gap; decided }).collect();
        let cutoff: Vec<i64> = day.iter().map(|&day| i64::from(day)).collect();
        let span = (decided - first) as usize;
        let entity = plan.entities()[0].with_days(span + plan.entities()[0].reach() as usize + 1);
        let (columns, rows) = ([source.columns()], 0..source.len());
        let events = EntityEvents { sources: &columns, rows: std::slice::from_ref(&rows) };
        let asks = EntityRequests { day: &day, cutoff: &cutoff };
        let scratch = &mut ReplayScratch::new();
        let mut short = vec![1.0; day.len() * entity.n_reads()];
        let mut told = vec![2.0; short.len()];
        // What an earlier entity left behind is of no account.
        let earlier = EntityRequests { day: &[9, 40], cutoff: &[9, 40] };
        replay(&entity, &events, &earlier, scratch, &mut vec![0.0; 2 * entity.n_reads()]).unwrap();
        replay(&entity, &events, &asks, scratch, &mut short).unwrap();
        replay_plainly(&entity, &events, &asks, scratch, &mut told).unwrap();
        prop_assert_eq!(bits(&short), bits(&told));
    }
}

#[test]
fn columns_of_another_shape_are_an_error() {
    let sources = sources(0, &[(1, Some(1), None, true); 4]);
    let sum = Aggregate::new("ad", "ads", Statistic::Sum, "clicks", Window::trailing(3));
    let plan = FeatureSpec::new([sum]).compile(&sources.schema()).unwrap();
    let entity = &plan.entities()[0];
    let whole = sources.sources[0].columns();
    assert_eq!((whole.measures[1][0], sources.sources[0].keys[0][0]), (NOT_REPORTED, 0));
    let run = |change: &dyn Fn(&mut campaign_features::feature::source::Columns<'_>)| {
        let mut columns = [whole.clone()];
        change(&mut columns[0]);
        let events = EntityEvents { sources: &columns, rows: std::slice::from_ref(&(0..4)) };
        let asks = EntityRequests { day: &[5], cutoff: &[NONE.into()] };
        let mut out = [0.0];
        replay(entity, &events, &asks, &mut ReplayScratch::new(), &mut out).map(|()| out[0])
    };
    assert!(run(&|_| ()).unwrap().is_nan());
    assert!(run(&|columns| columns.measures.truncate(1)).is_err());
    assert!(run(&|columns| columns.attributes.clear()).is_err());
    assert!(run(&|columns| columns.fact = &columns.fact[1..]).is_err());
    let none = EntityEvents { sources: &[], rows: &[] };
    let asks = EntityRequests { day: &[5], cutoff: &[5] };
    assert!(replay(entity, &none, &asks, &mut ReplayScratch::new(), &mut [0.0]).is_err());
}
