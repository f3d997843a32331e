//! One entity's history, told in the order in which it became known.

use campaign_core::error::check_length;

use super::super::error::FeatureError;
use super::super::source::{Columns, NOT_REPORTED};
use super::bulk;
use super::entity::{Delta, EntityPlan};
use super::reader::ReadScratch;
use super::running;

/// One entity's rows of every source of the plan.
///
/// # Shapes
/// `sources` and `rows` have one entry per source of the plan's schema; the rows of the entity are
/// `rows[s]` of the columns of source `s`, in any order.
#[derive(Debug, Clone, Copy)]
pub struct EntityEvents<'a> {
    /// The columns.
    pub sources: &'a [Columns<'a>],
    /// Which rows are the entity's.
    pub rows: &'a [core::ops::Range<usize>],
}

/// One entity's requests, in any order.
///
/// # Shapes
/// Both have one entry per request.
///
/// # Units
/// Days since 1970-01-01; microseconds since then, UTC.
#[derive(Debug, Clone, Copy)]
pub struct EntityRequests<'a> {
    /// Days of decision: what happened before them is seen.
    pub day: &'a [i32],
    /// Cut-offs: what was known at or before them is seen.
    pub cutoff: &'a [i64],
}

/// Working space of [`replay`], kept between entities.
#[derive(Debug, Clone, Default)]
pub struct ReplayScratch {
    state: Vec<i64>,
    deltas: Vec<Settled>,
    values: Vec<i64>,
    attributes: Vec<u32>,
    order: Vec<u32>,
    versions: Vec<u32>,
    reads: ReadScratch,
    bulk: bulk::Scratch,
    running: running::Scratch,
}

/// One delta; its values and attributes stand at `index` of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Settled {
    known_at: i64,
    day: i32,
    source: u32,
    values: usize,
    attributes: usize,
}

impl ReplayScratch {
    /// Empty space, which grows to what the largest entity needs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// Reads what each request of one entity may see.
///
/// Versions of a fact are settled into changes (each minus the one it replaces), changes and requests
/// are merged by time, and each request reads the state as it then is. Everything is an exact integer
/// until it is read, so that neither the order of rows nor that of requests changes a bit.
///
/// # Shapes
/// `out` is `(requests, n_reads)`, row-major, in the order of the requests.
///
/// # Errors
/// [`FeatureError::SameInstant`] for two different versions of a fact known at the same instant,
/// [`FeatureError::Kernel`] for totals that could overflow, too many distinct values, or requests
/// that lie further apart than [`EntityPlan::days`] allows; see [`EntityPlan::with_days`].
///
/// # Complexity
/// O(n log n + r log r) for n rows and r requests where they are not in order, else O(n + r).
pub fn replay(
    plan: &EntityPlan,
    events: &EntityEvents<'_>,
    requests: &EntityRequests<'_>,
    scratch: &mut ReplayScratch,
    out: &mut [f64],
) -> Result<(), FeatureError> {
    check_length("cutoff", requests.cutoff.len(), requests.day.len())?;
    check_length("out", out.len(), requests.day.len() * plan.n_reads())?;
    check_length("sources", events.sources.len(), plan.sources.len())?;
    check_length("rows", events.rows.len(), events.sources.len())?;
    let Some(&last) = requests.day.iter().max() else { return Ok(()) };
    scratch.state.resize(plan.words(), 0);
    if bulk::is_plain(plan, events, requests) {
        let running = &mut scratch.running;
        if plan.reads_totals() && running::read(plan, events, requests, running, out).is_some() {
            return Ok(());
        }
        let ReplayScratch { state, order, reads, bulk, .. } = scratch;
        plan.reset(state)?;
        if bulk::load(plan, events, last, state, bulk) {
            order.clear();
            order.extend(0..requests.day.len() as u32);
            // A day that has left the state is the slower path's to judge.
            if plan.read_rows(state, requests.day, order, reads, out).is_ok() {
                return Ok(());
            }
        }
    }
    tell(plan, events, requests, last, scratch, out)
}

/// The history, version by version.
fn tell(
    plan: &EntityPlan,
    events: &EntityEvents<'_>,
    requests: &EntityRequests<'_>,
    last: i32,
    scratch: &mut ReplayScratch,
    out: &mut [f64],
) -> Result<(), FeatureError> {
    settle(plan, events, last, scratch)?;
    let ReplayScratch { state, deltas, values, attributes, order, reads, .. } = scratch;
    plan.reset(state)?;
    order.clear();
    order.extend(0..requests.day.len() as u32);
    if !requests.cutoff.is_sorted() {
        order.sort_by_key(|&r| requests.cutoff[r as usize]);
    }
    let (mut untold, mut rest) = (&deltas[..], &order[..]);
    while let Some(&first) = rest.first() {
        let cutoff = requests.cutoff[first as usize];
        let (told, later) = untold.split_at(untold.partition_point(|d| d.known_at <= cutoff));
        for settled in told {
            let source = settled.source as usize;
            let columns = &events.sources[source];
            let delta = Delta {
                day: settled.day,
                known_at: settled.known_at,
                values: &values[settled.values..settled.values + 2 * columns.measures.len() + 1],
                attributes: &attributes
                    [settled.attributes..settled.attributes + columns.attributes.len()],
            };
            let _ = plan.apply(state, source, &delta)?;
        }
        untold = later;
        // Up to the next change all requests read the same state.
        let change = untold.first().map(|d| d.known_at);
        let same = |&r: &u32| change.is_none_or(|change| requests.cutoff[r as usize] < change);
        let (now, later) = rest.split_at(rest.partition_point(same));
        plan.read_rows(state, requests.day, now, reads, out)?;
        rest = later;
    }
    Ok(())
}

/// [`replay`] without its shortcut, to be compared with it.
#[doc(hidden)]
pub fn replay_plainly(
    plan: &EntityPlan,
    events: &EntityEvents<'_>,
    requests: &EntityRequests<'_>,
    scratch: &mut ReplayScratch,
    out: &mut [f64],
) -> Result<(), FeatureError> {
    let Some(&last) = requests.day.iter().max() else { return Ok(()) };
    scratch.state.resize(plan.words(), 0);
    tell(plan, events, requests, last, scratch, out)
}

/// Versions to changes, sorted by when they became known.
fn settle(
    plan: &EntityPlan,
    events: &EntityEvents<'_>,
    last: i32,
    scratch: &mut ReplayScratch,
) -> Result<(), FeatureError> {
    let ReplayScratch { deltas, values, attributes, versions, .. } = scratch;
    deltas.clear();
    values.clear();
    attributes.clear();
    for (s, (columns, rows)) in events.sources.iter().zip(events.rows).enumerate() {
        if !plan.uses(s) || rows.is_empty() {
            continue;
        }
        columns.check(rows)?;
        versions.clear();
        versions.extend(rows.start as u32..rows.end as u32);
        let key = |row: u32| (columns.fact[row as usize], columns.known_at[row as usize]);
        if !versions.is_sorted_by_key(|&row| key(row)) {
            versions.sort_by_key(|&row| key(row));
        }
        let mut before: Option<usize> = None;
        for (i, &row) in versions.iter().enumerate() {
            let row = row as usize;
            let previous = before.filter(|&p| columns.fact[p] == columns.fact[row]);
            if let Some(&next) = versions.get(i + 1)
                && key(next) == key(row as u32)
            {
                if !columns.same(row, next as usize) {
                    return Err(FeatureError::SameInstant {
                        of: s,
                        day: columns.day[row],
                        known_at: columns.known_at[row],
                    });
                }
                continue;
            }
            before = Some(row);
            let mut push = |of: usize, sign: i64, minus: Option<usize>| {
                // What no request can see need not be told.
                if columns.day[of] >= last {
                    return;
                }
                deltas.push(Settled {
                    known_at: columns.known_at[row],
                    day: columns.day[of],
                    source: s as u32,
                    values: values.len(),
                    attributes: attributes.len(),
                });
                let value = |row: usize, m: usize| columns.measures[m][row];
                let known = |v: i64| if v == NOT_REPORTED { 0 } else { v };
                let reports = |v: i64| i64::from(v != NOT_REPORTED);
                for m in 0..columns.measures.len() {
                    let old = minus.map_or(0, |p| known(value(p, m)));
                    values.push((sign * known(value(of, m))).saturating_sub(old));
                }
                for m in 0..columns.measures.len() {
                    let old = minus.map_or(0, |p| reports(value(p, m)));
                    values.push(sign * reports(value(of, m)) - old);
                }
                let old = minus.map_or(0, |p| columns.stands(p));
                values.push(sign * columns.stands(of) - old);
                attributes.extend(columns.attributes.iter().map(|a| a[of]));
            };
            // A version that does not stand counts and states nothing, whatever its columns hold.
            let stands = columns.stands(row) == 1;
            match previous.filter(|&p| columns.stands(p) == 1) {
                Some(p) if stands && columns.same_place(p, row) => push(row, 1, Some(p)),
                replaced => {
                    if let Some(p) = replaced {
                        push(p, -1, None);
                    }
                    if stands {
                        push(row, 1, None);
                    }
                }
            }
        }
    }
    if !deltas.is_sorted_by_key(|d| d.known_at) {
        deltas.sort_by_key(|d| d.known_at);
    }
    Ok(())
}
