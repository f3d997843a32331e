//! Accounts whose rows contradict each other.

use std::collections::BTreeMap;

use campaign_core::{Currency, Record};
use serde::Serialize;

/// An account whose rows name several currencies or zones, or name one in some rows only.
///
/// Amounts of such an account must not be added up, and its days are not of one length and place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AccountConflict {
    /// The source.
    pub source: String,
    /// The account, if the rows name it.
    pub account: Option<String>,
    /// Records per currency code, `null` where it is not known.
    pub currencies: BTreeMap<String, u64>,
    /// Records per zone, `null` where it is not known.
    pub zones: BTreeMap<String, u64>,
}

/// Accounts with more than one currency or zone, counting the unknown one, by source and account.
#[must_use]
pub fn account_conflicts<'r>(
    records: impl IntoIterator<Item = &'r Record>,
) -> Vec<AccountConflict> {
    type Counts<K> = BTreeMap<Option<K>, u64>;
    let mut accounts: BTreeMap<_, (Counts<Currency>, Counts<&str>)> = BTreeMap::new();
    for record in records {
        let account = record.account.as_ref().map(|id| id.as_str());
        let (currencies, zones) = accounts.entry((record.source.as_str(), account)).or_default();
        *currencies.entry(record.currency).or_default() += 1;
        *zones.entry(record.zone.as_deref()).or_default() += 1;
    }
    let conflicts = accounts.into_iter().filter(|(_, (c, z))| c.len() > 1 || z.len() > 1);
    conflicts
        .map(|((source, account), (currencies, zones))| AccountConflict {
            source: source.to_owned(),
            account: account.map(str::to_owned),
            currencies: named(currencies.into_iter().map(|(c, n)| (c.map(Currency::code), n))),
            zones: named(zones.into_iter()),
        })
        .collect()
}

fn named<'a>(counts: impl Iterator<Item = (Option<&'a str>, u64)>) -> BTreeMap<String, u64> {
    counts.map(|(name, count)| (name.unwrap_or("null").to_owned(), count)).collect()
}
