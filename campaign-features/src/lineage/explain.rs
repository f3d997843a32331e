//! From a value to the rows it rests on, and back.

use std::collections::HashMap;
use std::sync::Arc;

use campaign_core::Error;
use campaign_core::error::check_length;

use crate::feature::plan::{Cause, Part, Plan};
use crate::feature::source::{NONE, NOT_REPORTED, Requests, Source, Sources};
use crate::ingest::Origin;

/// One request: whose features, decided when, knowing what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request<'a> {
    /// The key of each entity kind of the plan's schema.
    pub keys: &'a [u32],
    /// The day of decision.
    pub day: i32,
    /// What was known at or before this instant is seen.
    pub cutoff: i64,
}

/// What a row does for a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Role {
    /// Its measure or attribute enters the value.
    Counts,
    /// It withdraws a fact that would count otherwise.
    Withdraws,
}

/// Where the rows of all sources were read: per source, one entry per row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origins {
    /// By source and row; an absent source or row has no known origin.
    pub of: Vec<Vec<Option<Origin>>>,
}

/// A source row that a value rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Row {
    /// The source's name.
    pub source: Arc<str>,
    /// The row of its columns.
    pub row: usize,
    /// Which fact it is a version of.
    pub fact: u64,
    /// Which version: how many earlier ones of the fact the entity has.
    pub version: usize,
    /// The day it happened.
    pub day: i32,
    /// When the version became known.
    pub known_at: i64,
    /// What it does.
    pub role: Role,
    /// The file and row it was read from, where that is known.
    pub origin: Option<Origin>,
}

/// What a value rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Explanation {
    /// The column.
    pub column: Arc<str>,
    /// Every source row whose content enters it, by source and row.
    pub rows: Vec<Row>,
    /// Whether it rests on the calendar alone.
    pub calendar: bool,
    /// The version of this crate, which computed it.
    pub code: &'static str,
}

/// Names every source row that enters one value: rows of the requested entities, within the reach of
/// the column's windows, that report what the column reads, each the latest version known at the
/// cut-off.
///
/// What decides only whether a total is 0 or missing (that anything was reported before the window)
/// is not named. For what depends on where in a window something happened (extremes, trends, the time
/// since an event), the rows of the whole window are named.
///
/// # Errors
/// [`Error::Length`] unless `request.keys` and `sources` follow the plan's schema,
/// [`Error::OutOfRange`] for a column that the plan does not have.
///
/// # Complexity
/// O(rows of the sources the column reads).
pub fn explain(
    plan: &Plan,
    sources: &Sources,
    origins: &Origins,
    request: &Request<'_>,
    column: usize,
) -> Result<Explanation, Error> {
    check(plan, sources, request.keys.len())?;
    let Some(name) = plan.columns().get(column).map(|c| Arc::clone(&c.name)) else {
        return Err(Error::OutOfRange {
            what: "column",
            index: 0,
            value: column as f64,
            low: 0.0,
            high: plan.columns().len() as f64 - 1.0,
        });
    };
    let causes = plan.causes(column);
    let mut rows = Vec::new();
    for cause in &causes {
        let Some(source) = sources.sources.get(cause.source) else { continue };
        let Some(&key) = request.keys.get(cause.kind) else { continue };
        for (row, version, replaced_at) in versions(source, cause.kind, key) {
            let seen = Seen { row, replaced_at };
            if let Some(role) = seen.role(source, cause, request.day, request.cutoff) {
                let origin = origins.of.get(cause.source).and_then(|of| of.get(row)?.clone());
                rows.push((
                    cause.source,
                    Row {
                        source: Arc::clone(&source.name),
                        row,
                        fact: at(&source.fact, row),
                        version,
                        day: at(&source.day, row),
                        known_at: at(&source.known_at, row),
                        role,
                        origin,
                    },
                ));
            }
        }
    }
    rows.sort_by_key(|(source, row)| (*source, row.row, row.role));
    rows.dedup_by_key(|(source, row)| (*source, row.row));
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    let calendar = causes.is_empty();
    Ok(Explanation { column: name, rows, calendar, code: env!("CARGO_PKG_VERSION") })
}

/// Names the requests of which some column rests on a source row, in ascending order: those that a
/// correction of what the row says can change. A correction of its day or keys changes also those
/// that rest on the corrected row.
///
/// # Errors
/// As [`explain`].
///
/// # Complexity
/// O(rows of the source + requests * columns).
pub fn dependents(
    plan: &Plan,
    sources: &Sources,
    requests: &Requests,
    source: usize,
    row: usize,
) -> Result<Vec<usize>, Error> {
    check(plan, sources, requests.keys.len())?;
    let Some(rows) = sources.sources.get(source) else { return Ok(Vec::new()) };
    let mut causes: Vec<Cause> = Vec::new();
    for cause in (0..plan.columns().len()).flat_map(|column| plan.causes(column)) {
        if cause.source == source && !causes.contains(&cause) {
            causes.push(cause);
        }
    }
    // When the row is replaced depends on the kind whose rows are looked at.
    let mut seen: HashMap<usize, (u32, Seen)> = HashMap::new();
    for cause in &causes {
        let key =
            rows.keys.get(cause.kind).map_or(NONE, |keys| keys.get(row).copied().unwrap_or(NONE));
        if key == NONE || seen.contains_key(&cause.kind) {
            continue;
        }
        let mine = versions(rows, cause.kind, key).find(|(r, _, _)| *r == row);
        if let Some((row, _, replaced_at)) = mine {
            seen.insert(cause.kind, (key, Seen { row, replaced_at }));
        }
    }
    let mut found = Vec::new();
    for request in 0..requests.len() {
        let rests = causes.iter().any(|cause| {
            let asked = requests.keys.get(cause.kind).and_then(|keys| keys.get(request));
            seen.get(&cause.kind).is_some_and(|(key, seen)| {
                let (day, cutoff) = (at(&requests.day, request), at(&requests.cutoff, request));
                asked == Some(key) && seen.role(rows, cause, day, cutoff).is_some()
            })
        });
        if rests {
            found.push(request);
        }
    }
    Ok(found)
}

fn check(plan: &Plan, sources: &Sources, keys: usize) -> Result<(), Error> {
    check_length("keys", keys, plan.schema().kinds.len())?;
    check_length("sources", sources.sources.len(), plan.schema().sources.len())
}

fn at<T: Copy + Default>(column: &[T], row: usize) -> T {
    column.get(row).copied().unwrap_or_default()
}

/// A row and the instant from which on a later version of its fact counts.
#[derive(Debug, Clone, Copy)]
struct Seen {
    row: usize,
    replaced_at: i64,
}

impl Seen {
    /// What the row does for a value with this cause, if anything.
    fn role(&self, source: &Source, cause: &Cause, day: i32, cutoff: i64) -> Option<Role> {
        let row = self.row;
        let known = at(&source.known_at, row) <= cutoff;
        let counts = cause.lasting || cutoff < self.replaced_at;
        if !(known && counts && cause.sees(at(&source.day, row), day)) {
            return None;
        }
        let attribute =
            |a: usize| source.attributes.get(a).and_then(|codes| codes.get(row)).copied();
        if cause.filter.is_some_and(|(a, code)| attribute(a) != Some(code)) {
            return None;
        }
        if source.stands.get(row) == Some(&false) {
            return (!cause.lasting).then_some(Role::Withdraws);
        }
        let reports = match cause.part {
            Part::Fact => true,
            Part::Measure(m) => {
                let value = source.measures.get(m).and_then(|values| values.get(row));
                value.is_some_and(|v| *v != NOT_REPORTED)
            }
            Part::Attribute(a) => attribute(a).is_some_and(|code| code != NONE),
        };
        reports.then_some(Role::Counts)
    }
}

/// The rows of one entity: each with the number of earlier versions of its fact, and the instant at
/// which the next one became known. Of rows that say the same at the same instant, the last counts.
fn versions(
    source: &Source,
    kind: usize,
    key: u32,
) -> impl Iterator<Item = (usize, usize, i64)> + use<> {
    let mut rows: Vec<(u64, i64, usize)> = Vec::new();
    if let Some(keys) = source.keys.get(kind).filter(|_| key != NONE) {
        let mine = keys.iter().enumerate().filter(|(_, k)| **k == key);
        rows.extend(mine.map(|(row, _)| (at(&source.fact, row), at(&source.known_at, row), row)));
        rows.sort_unstable();
    }
    let mut versions = Vec::with_capacity(rows.len());
    let mut version = 0;
    for (i, &(fact, known_at, row)) in rows.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|before| rows.get(before));
        version = match before {
            Some(before) if before.0 != fact => 0,
            Some(before) if before.1 != known_at => version + 1,
            _ => version,
        };
        let next = rows.get(i + 1).filter(|next| next.0 == fact);
        versions.push((row, version, next.map_or(i64::MAX, |next| next.1)));
    }
    versions.into_iter()
}
