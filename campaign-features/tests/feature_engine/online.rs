//! The same rows told to an online store.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]

use std::sync::Arc;

use campaign_features::feature::FeatureTable;
use campaign_features::feature::plan::Plan;
use campaign_features::feature::source::{NONE, Sources};
use campaign_features::store::{Event, OnlineStore, StoreConfig};

/// A store that was told every version known by an instant, in the order of the rows; none says that a fact
/// is not so.
pub fn store(plan: &Plan, sources: &Sources, today: i32, known_by: i64) -> OnlineStore {
    let config = StoreConfig::new(today)
        .with_keys(64)
        .with_open_facts(4096)
        .with_late_days(400)
        .with_read_back(64)
        .with_days_ahead(30);
    let mut store = OnlineStore::new(Arc::new(plan.clone()), config).unwrap();
    for (kind, names) in sources.names.iter().enumerate() {
        for name in names {
            store.insert_key(kind, name).unwrap();
        }
    }
    for (s, source) in sources.sources.iter().enumerate() {
        for row in 0..source.len() {
            // Of a fact that leaves an entity the store learns by its next version.
            let stands = source.stands.get(row).copied().unwrap_or(true);
            if source.known_at[row] > known_by || !stands {
                continue;
            }
            let keys: Vec<u32> =
                source.keys.iter().map(|keys| keys.get(row).copied().unwrap_or(NONE)).collect();
            let measures: Vec<i64> = source.measures.iter().map(|m| m[row]).collect();
            let attributes: Vec<u32> = source.attributes.iter().map(|a| a[row]).collect();
            store
                .update(&Event {
                    source: s as u32,
                    keys: &keys,
                    day: source.day[row],
                    known_at: source.known_at[row],
                    fact: source.fact[row],
                    stands,
                    measures: &measures,
                    attributes: &attributes,
                })
                .unwrap();
        }
    }
    store
}

/// The store's row of the same keys and day has the same bits as a row of the table.
pub fn assert_same_row(store: &OnlineStore, table: &FeatureTable, row: usize) {
    let requests = table.requests();
    let keys: Vec<u32> =
        requests.keys.iter().map(|keys| keys.get(row).copied().unwrap_or(NONE)).collect();
    let mut out = vec![0.0; table.columns().len()];
    store.row_into(&keys, requests.day[row], &mut store.scratch(), &mut out).unwrap();
    for ((online, offline), column) in out.iter().zip(table.values().row(row)).zip(table.columns())
    {
        let same = online.to_bits() == offline.to_bits() || online.is_nan() && offline.is_nan();
        assert!(same, "row {row}, {}: {online} online, {offline} offline", column.name);
    }
}
