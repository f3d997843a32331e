//! Facts that move from one entity to another.
//!
//! A kernel sees the rows of one entity. Where a later version of a fact names another entity, the
//! entity it leaves must be told: it gets a version that says that the fact does not stand.

use rayon::prelude::*;

use super::super::error::FeatureError;
use super::NONE;
use super::columns::{NOT_REPORTED, Source};

/// Adds a version that does not stand wherever a fact leaves an entity. A fact is numbered by the first
/// of its rows.
///
/// # Errors
/// [`FeatureError::SameInstant`] for two versions of a fact that name different entities at one
/// instant.
///
/// # Complexity
/// O(n log n), O(n) where versions stand in order.
pub(super) fn add_departures(source: &mut Source, of: usize) -> Result<(), FeatureError> {
    let mut several = vec![false; source.len()];
    for (row, &first) in source.fact.iter().enumerate() {
        if first != row as u64 {
            several[first as usize] = true;
        }
    }
    let versions = |row: &u32| several[source.fact[*row as usize] as usize];
    let mut order: Vec<u32> = (0..source.len() as u32).filter(versions).collect();
    let key = |row: u32| (source.fact[row as usize], source.known_at[row as usize]);
    if !order.is_sorted_by_key(|&row| key(row)) {
        order.par_sort_by_key(|&row| key(row));
    }
    let mut departures: Vec<(usize, usize)> = Vec::new();
    for pair in order.windows(2) {
        let (before, after) = (pair[0] as usize, pair[1] as usize);
        if source.fact[before] != source.fact[after] {
            continue;
        }
        let same = |keys: &Vec<u32>| keys.is_empty() || keys[before] == keys[after];
        if source.keys.iter().all(same) {
            continue;
        }
        if source.known_at[before] == source.known_at[after] {
            return Err(FeatureError::SameInstant {
                of,
                day: source.day[after],
                known_at: source.known_at[after],
            });
        }
        departures.push((before, after));
    }
    if departures.is_empty() {
        return Ok(());
    }
    if source.stands.is_empty() {
        source.stands = vec![true; source.len()];
    }
    for (before, after) in departures {
        for keys in source.keys.iter_mut().filter(|keys| !keys.is_empty()) {
            let left = keys[before];
            keys.push(if left == keys[after] { NONE } else { left });
        }
        source.day.push(source.day[before]);
        source.known_at.push(source.known_at[after]);
        source.fact.push(source.fact[before]);
        source.stands.push(false);
        source.measures.iter_mut().for_each(|m| m.push(NOT_REPORTED));
        for codes in &mut source.attributes {
            let stated = codes[before];
            codes.push(stated);
        }
    }
    Ok(())
}
