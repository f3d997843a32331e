//! How much a row's numbers still move after its day.

use std::collections::BTreeMap;

use campaign_core::Record;
use campaign_core::time::{AccountDay, zone};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::reconcile::Metric;

/// Ages, in days after the end of the row's day, at which [`restatements`] looks by default.
pub const AGES: [u16; 5] = [1, 3, 7, 14, 28];

/// How far a measure at an age was from what it came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Restatement {
    /// The source.
    pub source: String,
    /// The measure.
    pub metric: Metric,
    /// Days after the end of the row's day.
    pub age_days: u16,
    /// Facts that are old enough to be asked at this age.
    pub facts: u64,
    /// Of these, those of which nothing was known yet.
    pub unknown: u64,
    /// Of the others, those whose value changed later.
    pub changed: u64,
    /// Sum of the values at this age, in the units of [`Metric`]; 0 for what was not known.
    pub then: i64,
    /// Sum of the latest values.
    pub latest: i64,
    /// Sum of the distances between the two.
    pub moved: i64,
}

impl Restatement {
    /// `moved / |latest|`: the part of the value that still moved after this age; `None` where the
    /// latest values come to nothing.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        (self.latest != 0).then(|| self.moved as f64 / self.latest.unsigned_abs() as f64)
    }

    /// `then / latest`: how complete a source is at this age.
    #[must_use]
    pub fn completeness(&self) -> Option<f64> {
        (self.latest != 0).then(|| self.then as f64 / self.latest as f64)
    }
}

/// One version of one fact.
struct Version<'r> {
    known_at: Timestamp,
    record: &'r Record,
}

/// Measures how much values of the given ages still moved, per source and measure.
///
/// `versions` are records together with the versions they replaced: a fact is what has the same source,
/// ids, audience, country, breakdown and day. At an age of `n` days, a fact is worth what its latest
/// version known `n` days after the end of its day said (24 hours each; the day ends in the record's
/// zone, or in UTC). Only facts are asked that had reached that age when the source was last heard of, so
/// that a young source does not look settled. Compared is with the latest version, which may move again.
///
/// # Complexity
/// O(versions · (log versions + ages)).
#[must_use]
pub fn restatements<'r>(
    versions: impl IntoIterator<Item = &'r Record>,
    ages: &[u16],
) -> Vec<Restatement> {
    let mut sources: BTreeMap<&str, BTreeMap<_, Vec<Version<'r>>>> = BTreeMap::new();
    for record in versions {
        let ids = (&record.account, &record.campaign, &record.ad_group, &record.ad);
        let key = (record.date, ids, &record.audience, &record.country, &record.breakdown);
        let facts = sources.entry(record.source.as_str()).or_default();
        facts.entry(key).or_default().push(Version { known_at: record.known_at, record });
    }
    let mut zones: BTreeMap<&str, TimeZone> = BTreeMap::new();
    let mut out = Vec::new();
    for (source, facts) in sources {
        let heard = facts.values().flatten().map(|version| version.known_at).max();
        let mut sums: BTreeMap<(Metric, u16), Restatement> = BTreeMap::new();
        for (key, mut versions) in facts {
            // Of versions known at one instant the last given stands.
            versions.sort_by_key(|version| version.known_at);
            let Some(latest) = versions.last() else { continue };
            let zone = latest.record.zone.as_deref().map_or(TimeZone::UTC, |name| {
                let known = || zone(name).unwrap_or(TimeZone::UTC);
                zones.entry(name).or_insert_with(known).clone()
            });
            let Ok(day) = AccountDay::new(key.0, &zone) else { continue };
            for &age in ages {
                let after = SignedDuration::from_hours(24 * i64::from(age));
                let Ok(at) = day.end().checked_add(after) else { continue };
                if heard.is_none_or(|heard| heard < at) {
                    continue;
                }
                let known = versions.partition_point(|version| version.known_at <= at);
                let then = known.checked_sub(1).and_then(|index| versions.get(index));
                for metric in Metric::ALL {
                    let Some(last) = metric.of(latest.record) else { continue };
                    let sum = sums.entry((metric, age)).or_insert_with(|| Restatement {
                        source: source.to_owned(),
                        metric,
                        age_days: age,
                        facts: 0,
                        unknown: 0,
                        changed: 0,
                        then: 0,
                        latest: 0,
                        moved: 0,
                    });
                    let value = then.and_then(|version| metric.of(version.record));
                    sum.facts += 1;
                    sum.unknown += u64::from(value.is_none());
                    sum.changed += u64::from(value.is_some_and(|value| value != last));
                    let value = value.unwrap_or(0);
                    sum.then = sum.then.saturating_add(value);
                    sum.latest = sum.latest.saturating_add(last);
                    let moved = i64::try_from(last.abs_diff(value)).unwrap_or(i64::MAX);
                    sum.moved = sum.moved.saturating_add(moved);
                }
            }
        }
        out.extend(sums.into_values());
    }
    out
}
