//! Rows that a reader must reject or drop.

use campaign_core::rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::Job;
use super::table::Table;
use crate::market::stream::{Purpose, stream};

/// Adds a few repeated rows, and a few copies of rows with one cell spoilt.
///
/// `spoilt` names a column and what stands in it instead. Each added row follows the row it was made
/// from. Rows are chosen by the market's seed and the file.
pub(super) fn soil(
    job: &Job<'_>,
    file: u64,
    table: &mut Table,
    repeats: usize,
    spoilt: &[(&str, &str)],
) {
    if !job.options.dirt {
        return;
    }
    let mut rng = stream(job.market.seed(), Purpose::Dirt, [file, 0, 0]);
    for _ in 0..repeats {
        if insert(table, &mut rng, |_| {}) {
            table.duplicates += 1;
        }
    }
    for (column, text) in spoilt {
        let Some(index) = table.header.iter().position(|name| name == column) else { continue };
        let spoil = |row: &mut Vec<String>| {
            if let Some(cell) = row.get_mut(index) {
                (*text).clone_into(cell);
            }
        };
        if insert(table, &mut rng, spoil) {
            table.rejected += 1;
        }
    }
}

fn insert(
    table: &mut Table,
    rng: &mut Xoshiro256PlusPlus,
    change: impl FnOnce(&mut Vec<String>),
) -> bool {
    if table.rows.is_empty() {
        return false;
    }
    let index = rng.random_range(0..table.rows.len());
    let Some(mut row) = table.rows.get(index).cloned() else { return false };
    change(&mut row);
    table.rows.insert(index + 1, row);
    true
}
