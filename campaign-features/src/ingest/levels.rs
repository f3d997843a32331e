//! Which rows enter the records: the finest level, and one breakdown of it.
//!
//! Reports of several levels tell of the same money, so only one level of a source may enter. The finest
//! does: ad before ad group before campaign before account. Keywords and search terms come last, because
//! they cover only searches. Where every row of a source names its account, each account has its own
//! finest level. A table whose rows repeat the whole several times over enters nowhere.
//!
//! The same ad and day may also be reported by several breakdowns (by country, by region). Of those the
//! one with the fewest columns enters; of equally many the first by name.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::layout::Level;
use super::report::SourceReport;
use super::row::AdRow;
use super::store::Store;

type Group<'a> = (&'a str, Option<&'a str>);

/// What a row is about, and the day.
type Identity<'a> = (Group<'a>, Option<&'a str>, Date);

/// For each live row, in order, whether it enters.
pub(crate) fn choose(store: &Store) -> Vec<bool> {
    let rows = || store.ads.live().map(|slot| &slot.item);
    let mut by_account: HashMap<&str, bool> = HashMap::new();
    for row in rows() {
        *by_account.entry(&row.platform).or_insert(true) &= row.account_stated;
    }
    let group = |row: &'_ AdRow| -> (Arc<str>, Option<Arc<str>>) {
        let split = by_account.get(&*row.platform).copied().unwrap_or(false);
        (row.platform.clone(), if split { row.account.clone() } else { None })
    };
    let mut finest: HashMap<(Arc<str>, Option<Arc<str>>), Level> = HashMap::new();
    for row in rows() {
        let level = finest.entry(group(row)).or_insert(row.level);
        *level = (*level).max(row.level);
    }
    let of_level =
        |row: &AdRow| row.level > Level::Part && finest.get(&group(row)) == Some(&row.level);
    let mut breakdown: HashMap<Identity<'_>, (usize, &Arc<str>)> = HashMap::new();
    for row in rows().filter(|row| of_level(row)) {
        let rank = (columns(&row.broken_by), &row.broken_by);
        let best = breakdown.entry(identity(row)).or_insert(rank);
        *best = (*best).min(rank);
    }
    rows()
        .map(|row| {
            of_level(row)
                && breakdown.get(&identity(row)).is_none_or(|best| *best.1 == row.broken_by)
        })
        .collect()
}

fn columns(broken_by: &str) -> usize {
    if broken_by.is_empty() { 0 } else { broken_by.split(';').count() }
}

/// What a row is about, at its own level, and the day.
fn identity(row: &AdRow) -> Identity<'_> {
    let own = match row.level {
        Level::Ad => &row.ad,
        Level::AdGroup | Level::Keyword | Level::SearchTerm => &row.ad_group,
        Level::Campaign => &row.campaign,
        _ => &None,
    };
    ((&row.platform, row.account.as_deref()), own.as_deref(), row.day)
}

/// Says in the reports which rows did not enter.
pub(crate) fn note(store: &Store, chosen: &[bool], sources: &mut [SourceReport]) {
    let mut left_out: HashMap<usize, u64> = HashMap::new();
    for (slot, chosen) in store.ads.live().zip(chosen) {
        *left_out.entry(slot.file).or_default() += u64::from(!chosen);
    }
    for (index, report) in sources.iter_mut().enumerate() {
        if let Some(count) = left_out.get(&index).filter(|count| **count > 0) {
            report.notes.push(format!(
                "{count} rows are not in the records: a finer level or a plainer breakdown of the \
                 same money is, or they repeat it"
            ));
        }
    }
}
