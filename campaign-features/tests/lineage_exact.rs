//! After a correction of a source row exactly the rows that rest on it change, and the difference of
//! two manifests names them. The oracle is brute force: correct, compute again, compare every bit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

mod store_common;

use std::collections::BTreeSet;
use std::sync::Arc;

use campaign_features::engine;
use campaign_features::feature::FeatureTable;
use campaign_features::feature::plan::{Plan, Window};
use campaign_features::feature::source::{NOT_REPORTED, Requests, Sources};
use campaign_features::feature::spec::{Aggregate, Definition, Feature, FeatureSpec, Statistic};
#[cfg(feature = "serde")]
use campaign_features::lineage::table_rows;
use campaign_features::lineage::{Origin, Origins, Request, Role, dependents, explain};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use store_common::*;

/// Columns whose value changes with every change of what they read.
fn additive() -> FeatureSpec {
    let mut features: Vec<Feature> = Vec::new();
    for entity in KINDS {
        for window in [Window::lag(1), Window::trailing(7), Window::between(8, 14)] {
            for measure in ["spend", "impressions", "clicks"] {
                let sum = Aggregate::new(entity, "ads", Statistic::Sum, measure, window);
                features.push(sum.into());
            }
        }
    }
    for entity in &KINDS[..2] {
        let window = Window::trailing(7);
        features.push(Aggregate::new(*entity, "orders", Statistic::Sum, "revenue", window).into());
    }
    let share = Definition::Share {
        entity: "ad".into(),
        of: "channel".into(),
        source: "ads".into(),
        measure: "spend".into(),
        window: Window::trailing(7),
    };
    features.push(share.into());
    FeatureSpec::new(features)
}

fn compiled(spec: &FeatureSpec) -> Plan {
    spec.compile(&schema()).unwrap()
}

/// A log without rows that stand twice, in columns.
fn input(seed: u64, facts: u64) -> Sources {
    let mut log = random_log(&mut Xoshiro256PlusPlus::seed_from_u64(seed), facts);
    let mut seen = BTreeSet::new();
    log.retain(|told| seen.insert((told.fact, told.known_at)));
    sources(&log)
}

fn asked() -> Requests {
    let mut requests = Requests::new(KINDS.len());
    for ad in 0..ADS {
        for day in [FIRST + 9, FIRST + 20, FIRST + 33, TODAY] {
            for after in [0, 7000, 30_000] {
                requests.push(&keys_of(ad), day, i64::from(day) * 1000 + after).unwrap();
            }
        }
    }
    requests
}

fn table(plan: &Plan, sources: &Sources, requests: &Requests) -> FeatureTable {
    engine::local::run(plan, sources, requests).unwrap()
}

/// The rows of two tables that differ in any bit.
fn changed(a: &FeatureTable, b: &FeatureTable) -> Vec<usize> {
    let differ = |(x, y): (&f64, &f64)| x.to_bits() != y.to_bits() && !(x.is_nan() && y.is_nan());
    let rows = a.values().outer_iter().zip(b.values().outer_iter()).enumerate();
    rows.filter(|(_, (x, y))| x.iter().zip(y).any(differ)).map(|(row, _)| row).collect()
}

/// Other numbers wherever the row reports any.
fn correct(sources: &Sources, source: usize, row: usize) -> Sources {
    let mut corrected = sources.clone();
    for (m, column) in corrected.sources[source].measures.iter_mut().enumerate() {
        if column[row] != NOT_REPORTED {
            column[row] += 1_000_003 * (m as i64 + 1);
        }
    }
    corrected
}

#[test]
fn exactly_the_dependent_rows_change() {
    let plan = compiled(&additive());
    let requests = asked();
    let (mut corrections, mut none, mut some) = (0, 0, 0);
    for seed in 0..3 {
        let sources = input(seed, 90);
        let before = table(&plan, &sources, &requests);
        for source in 0..2 {
            for row in 0..sources.sources[source].len() {
                let after = table(&plan, &correct(&sources, source, row), &requests);
                let changed = changed(&before, &after);
                let mut expected = dependents(&plan, &sources, &requests, source, row).unwrap();
                if !sources.sources[source].stands[row] {
                    // What is withdrawn counts nothing, whatever it says.
                    expected.clear();
                }
                assert_eq!(changed, expected, "seed {seed}, source {source}, row {row}");
                corrections += 1;
                none += usize::from(expected.is_empty());
                some += usize::from(!expected.is_empty());
            }
        }
    }
    assert!(
        none > 50 && some > 50,
        "{corrections} corrections: {some} with effect, {none} without"
    );
}

#[test]
fn no_statistic_changes_without_being_named() {
    let plan = compiled(&spec());
    let requests = asked();
    let mut effects = 0;
    for seed in 10..12 {
        let sources = input(seed, 80);
        let before = table(&plan, &sources, &requests);
        for row in 0..sources.sources[0].len() {
            let mut corrected = correct(&sources, 0, row);
            let format = &mut corrected.sources[0].attributes[0][row];
            *format = if *format == u32::MAX { 0 } else { (*format + 1) % 3 };
            let changed = changed(&before, &table(&plan, &corrected, &requests));
            let named: BTreeSet<usize> = [&sources, &corrected]
                .into_iter()
                .flat_map(|s| dependents(&plan, s, &requests, 0, row).unwrap())
                .collect();
            effects += changed.len();
            for request in changed {
                assert!(named.contains(&request), "seed {seed}, row {row}, request {request}");
            }
        }
    }
    assert!(effects > 1000, "{effects}");
}

#[test]
fn explaining_and_depending_are_inverse() {
    let plan = compiled(&spec());
    let sources = input(20, 60);
    let requests = asked();
    let origins = Origins {
        of: (sources.sources.iter().enumerate())
            .map(|(s, source)| {
                let file: Arc<str> = format!("{s}.csv").into();
                (0..source.len())
                    .map(|row| Some(Origin { file: Arc::clone(&file), row: row as u64 + 2 }))
                    .collect()
            })
            .collect(),
    };
    let mut pairs = BTreeSet::new();
    for request in 0..requests.len() {
        let keys: Vec<u32> = requests.keys.iter().map(|keys| keys[request]).collect();
        let asked =
            Request { keys: &keys, day: requests.day[request], cutoff: requests.cutoff[request] };
        for column in 0..plan.columns().len() {
            let explanation = explain(&plan, &sources, &origins, &asked, column).unwrap();
            for row in explanation.rows {
                let source = sources.sources.iter().position(|s| s.name == row.source).unwrap();
                let origin = row.origin.unwrap();
                assert_eq!(
                    (&*origin.file, origin.row as usize),
                    (&*format!("{source}.csv"), row.row + 2)
                );
                assert!(row.day < asked.day && row.known_at <= asked.cutoff);
                pairs.insert((source, row.row, request));
            }
        }
    }
    let mut expected = BTreeSet::new();
    for (source, columns) in sources.sources.iter().enumerate() {
        for row in 0..columns.len() {
            let found = dependents(&plan, &sources, &requests, source, row).unwrap();
            expected.extend(found.into_iter().map(|request| (source, row, request)));
        }
    }
    assert!(!pairs.is_empty());
    assert_eq!(pairs, expected);
}

#[test]
fn a_sum_is_the_sum_of_the_rows_it_names() {
    let plan = compiled(&additive());
    let sources = input(30, 90);
    let requests = asked();
    let table = table(&plan, &sources, &requests);
    let column =
        plan.columns().iter().position(|c| &*c.name == "channel_ads_spend_sum_7d").unwrap();
    let (mut restated, mut withdrawn) = (0, 0);
    for request in 0..requests.len() {
        let keys: Vec<u32> = requests.keys.iter().map(|keys| keys[request]).collect();
        let asked =
            Request { keys: &keys, day: requests.day[request], cutoff: requests.cutoff[request] };
        let explained = explain(&plan, &sources, &Origins::default(), &asked, column).unwrap();
        let counted = explained.rows.iter().filter(|row| row.role == Role::Counts);
        let sum: i64 = counted.map(|row| sources.sources[0].measures[0][row.row]).sum();
        let value = table.values()[[request, column]];
        assert_eq!(if value.is_nan() { 0.0 } else { value }, sum as f64 / 1e6);
        restated += explained.rows.iter().filter(|row| row.version > 0).count();
        withdrawn += explained.rows.iter().filter(|row| row.role == Role::Withdraws).count();
    }
    assert!(restated > 20 && withdrawn > 5, "{restated} {withdrawn}");
}

#[test]
fn bad_requests_are_refused() {
    let plan = compiled(&additive());
    let sources = input(40, 5);
    let ask = |keys: &[u32], column| {
        let request = Request { keys, day: TODAY, cutoff: 0 };
        explain(&plan, &sources, &Origins::default(), &request, column)
    };
    assert!(ask(&[0], 0).is_err());
    assert!(ask(&[0; 3], plan.columns().len()).is_err());
    assert!(ask(&[u32::MAX; 3], 0).unwrap().rows.is_empty());
    assert!(ask(&[77; 3], 0).unwrap().rows.is_empty());
    let requests = asked();
    assert_eq!(dependents(&plan, &sources, &requests, 9, 0), Ok(Vec::new()));
    assert_eq!(dependents(&plan, &sources, &requests, 0, 9999), Ok(Vec::new()));
    assert!(dependents(&plan, &sources, &Requests::new(1), 0, 0).is_err());
}

#[test]
#[cfg(feature = "serde")]
fn the_difference_of_manifests_names_the_rows() {
    use campaign_features::lineage::{
        Archive, Code, Content, ContentDiff, Digest, Manifest, column_digests, source_rows,
    };
    let plan = compiled(&additive());
    let sources = input(50, 90);
    let requests = asked();
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::open(dir.path()).unwrap();
    let manifest = |sources: &Sources| {
        let table = table(&plan, sources, &requests);
        let rows = table_rows(&table).unwrap();
        archive.put_rows(&rows).unwrap();
        let mut output = Content::of_rows(&rows);
        output.columns = column_digests(&table);
        let spec = Digest::of(additive().to_toml().unwrap().as_bytes());
        let mut manifest =
            Manifest::new(spec, Code::this(None)).with_output("features", output).unwrap();
        for (s, source) in sources.sources.iter().enumerate() {
            let rows = source_rows(sources, s).unwrap();
            archive.put_rows(&rows).unwrap();
            manifest =
                manifest.with_input(source.name.to_string(), Content::of_rows(&rows)).unwrap();
        }
        archive.put(&manifest).unwrap();
        (manifest, table)
    };
    let (before, old) = manifest(&sources);
    assert_eq!(manifest(&sources).0.id().unwrap(), before.id().unwrap());
    // Two rows are corrected.
    let corrected: Vec<usize> = (0..sources.sources[0].len())
        .filter(|&row| sources.sources[0].stands[row] && sources.sources[0].measures[0][row] > 0)
        .filter(|&row| !dependents(&plan, &sources, &requests, 0, row).unwrap().is_empty())
        .take(2)
        .collect();
    let mut sources_after = sources.clone();
    for &row in &corrected {
        sources_after = correct(&sources_after, 0, row);
    }
    let (after, new) = manifest(&sources_after);
    let names: Vec<String> = {
        let index = table_rows(&old).unwrap();
        let later = table_rows(&new).unwrap();
        index.iter().filter(|(n, d)| later.get(n) != Some(*d)).map(|(n, _)| n.to_owned()).collect()
    };
    let expected: BTreeSet<usize> = (corrected.iter())
        .flat_map(|&row| dependents(&plan, &sources, &requests, 0, row).unwrap())
        .collect();
    assert_eq!(changed(&old, &new), expected.iter().copied().collect::<Vec<_>>());
    let diff = before.diff(&after, &archive).unwrap();
    assert_eq!(diff.inputs.keys().collect::<Vec<_>>(), ["ads"]);
    match &diff.inputs["ads"] {
        ContentDiff::Changed { rows: Some(rows), .. } => {
            assert_eq!(rows.changed.len(), 2);
            assert!(rows.added.is_empty() && rows.removed.is_empty());
        }
        other => panic!("{other:?}"),
    }
    match &diff.outputs["features"] {
        ContentDiff::Changed { rows: Some(rows), columns } => {
            assert_eq!(rows.changed, names);
            assert_eq!(rows.changed.len(), expected.len());
            assert!(columns.iter().any(|c| c == "ad_ads_spend_sum_7d"));
            assert!(!columns.iter().any(|c| c.contains("orders")));
        }
        other => panic!("{other:?}"),
    }
}
