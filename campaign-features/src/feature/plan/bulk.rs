//! A history that nothing restates, taken in at once.
//!
//! Where every fact has one version, rows ascend by day, and each request knows all that happened
//! before its day, telling the history request by request changes nothing: what a request reads are
//! totals of days before its own. Then all rows are added first and all requests read after, by the
//! same ring and the same reads.

use super::super::source::{Columns, NOT_REPORTED};
use super::entity::{EntityPlan, SourceLanes};
use super::replay::{EntityEvents, EntityRequests};

/// Where a lane's numbers come from.
#[derive(Debug, Clone, Copy)]
enum Feed<'a> {
    Value(&'a [i64]),
    Reports(&'a [i64]),
    Facts,
}

/// Takes in every row before `last` if the history is plain; else `false`, with the state in any
/// condition.
pub(super) fn load(
    plan: &EntityPlan,
    events: &EntityEvents<'_>,
    requests: &EntityRequests<'_>,
    last: i32,
    state: &mut [i64],
) -> bool {
    if !requests.day.is_sorted() {
        return false;
    }
    for (s, (columns, rows)) in events.sources.iter().zip(events.rows).enumerate() {
        let Some(Some(lanes)) = plan.sources.get(s) else { continue };
        if rows.is_empty() {
            continue;
        }
        if !plain(lanes, columns, rows.clone(), requests)
            || !add(lanes, columns, rows.clone(), last, state)
        {
            return false;
        }
    }
    true
}

fn plain(
    lanes: &SourceLanes,
    columns: &Columns<'_>,
    rows: core::ops::Range<usize>,
    requests: &EntityRequests<'_>,
) -> bool {
    let sums_only = lanes.distinct.is_empty()
        && lanes.latest.is_empty()
        && lanes.ages.is_empty()
        && lanes.lanes.len() <= MOST_LANES
        && lanes.lanes.iter().all(|lane| lane.filter.is_none());
    let (Some(day), Some(known_at), Some(fact)) = (
        columns.day.get(rows.clone()),
        columns.known_at.get(rows.clone()),
        columns.fact.get(rows.clone()),
    ) else {
        return false;
    };
    if !sums_only
        || columns.stands.is_some()
        || columns.check(&rows).is_err()
        || !day.is_sorted()
        || !fact.is_sorted_by(|a, b| a < b)
    {
        return false;
    }
    let (mut row, mut latest) = (0, i64::MIN);
    for (&decided, &cutoff) in requests.day.iter().zip(requests.cutoff) {
        while row < day.len() && day[row] < decided {
            latest = latest.max(known_at[row]);
            row += 1;
        }
        if latest > cutoff {
            return false;
        }
    }
    true
}

/// How many lanes of one source are taken in at once.
const MOST_LANES: usize = 64;

fn add(
    lanes: &SourceLanes,
    columns: &Columns<'_>,
    rows: core::ops::Range<usize>,
    last: i32,
    state: &mut [i64],
) -> bool {
    let measures = lanes.measures;
    let mut feeds = [Feed::Facts; MOST_LANES];
    for (feed, lane) in feeds.iter_mut().zip(&lanes.lanes) {
        let column = |m: usize| columns.measures.get(m).and_then(|c| c.get(rows.clone()));
        *feed = match lane.value {
            m if m < measures => match column(m) {
                Some(column) => Feed::Value(column),
                None => return false,
            },
            m if m < 2 * measures => match column(m - measures) {
                Some(column) => Feed::Reports(column),
                None => return false,
            },
            _ => Feed::Facts,
        };
    }
    let feeds = &feeds[..lanes.lanes.len()];
    let days = &columns.day[rows.clone()];
    let n = days.partition_point(|&day| day < last);
    // A bound of all that the plain path would have added up.
    let mut magnitude = (n as u64).saturating_mul(measures as u64 + 1);
    for column in &columns.measures {
        for &value in column[rows.clone()].iter().take(n) {
            let value = if value == NOT_REPORTED { 0 } else { value.unsigned_abs() };
            magnitude = magnitude.saturating_add(value);
        }
    }
    let ring = &lanes.ring;
    if ring.grow(state, magnitude).is_err() {
        return false;
    }
    for (row, &day) in days.iter().enumerate().take(n) {
        let (_, newest, _) = ring.open(state, i64::from(day));
        let totals = ring.row_mut(state, newest);
        for (total, feed) in totals.iter_mut().zip(feeds) {
            *total += match feed {
                Feed::Value(column) if column[row] == NOT_REPORTED => 0,
                Feed::Value(column) => column[row],
                Feed::Reports(column) => i64::from(column[row] != NOT_REPORTED),
                Feed::Facts => 1,
            };
        }
    }
    true
}
