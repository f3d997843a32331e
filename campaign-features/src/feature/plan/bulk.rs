//! A history that nothing restates, taken in at once.
//!
//! Where every fact has one version, rows ascend by day, and each request knows all that happened
//! before its day, telling the history request by request changes nothing: what a request reads are
//! totals of days before its own. Then all rows are added first and all requests read after, from the
//! same state and by the same reads.

use core::ops::Range;

use super::super::source::{Columns, NOT_REPORTED};
use super::entity::{Delta, EntityPlan};
use super::lanes::{Lane, SourceLanes};
use super::replay::{EntityEvents, EntityRequests};

/// Working space.
#[derive(Debug, Clone, Default)]
pub(super) struct Scratch {
    rows: Vec<usize>,
    values: Vec<i64>,
    attributes: Vec<u32>,
}

/// Takes in every row before `last` if the history is plain; else `false`, with the state in any
/// condition.
pub(super) fn load(
    plan: &EntityPlan,
    events: &EntityEvents<'_>,
    requests: &EntityRequests<'_>,
    last: i32,
    state: &mut [i64],
    scratch: &mut Scratch,
) -> bool {
    if !requests.day.is_sorted() {
        return false;
    }
    for (s, (columns, rows)) in events.sources.iter().zip(events.rows).enumerate() {
        let Some(Some(lanes)) = plan.sources.get(s) else { continue };
        if rows.is_empty() {
            continue;
        }
        if !plain(columns, rows, requests) {
            return false;
        }
        let days = &columns.day[rows.clone()];
        let rows = rows.start..rows.start + days.partition_point(|&day| day < last);
        let added = match lanes.only_totals() {
            true => add(lanes, columns, rows, state, &mut scratch.rows),
            false => tell(lanes, columns, rows, state, scratch),
        };
        if !added {
            return false;
        }
    }
    true
}

fn plain(columns: &Columns<'_>, rows: &Range<usize>, requests: &EntityRequests<'_>) -> bool {
    if columns.stands.is_some() || columns.check(rows).is_err() {
        return false;
    }
    let (day, known_at) = (&columns.day[rows.clone()], &columns.known_at[rows.clone()]);
    if !day.is_sorted() || !columns.fact[rows.clone()].is_sorted_by(|a, b| a < b) {
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

/// Adds up lane by lane.
fn add(
    lanes: &SourceLanes,
    columns: &Columns<'_>,
    rows: Range<usize>,
    state: &mut [i64],
    slots: &mut Vec<usize>,
) -> bool {
    let measures = lanes.measures;
    // A bound of all that the path row by row would have added up: no value has bits that not one has.
    let n = rows.len() as u64;
    let mut magnitude = n.saturating_mul(measures as u64 + 1);
    for column in &columns.measures {
        let bits = column[rows.clone()].iter().fold(0, |bits, &v| bits | known(v).unsigned_abs());
        magnitude = magnitude.saturating_add(n.saturating_mul(bits));
    }
    if lanes.ring.grow(state, magnitude).is_err() {
        return false;
    }
    let days = &columns.day[rows.clone()];
    lanes.ring.lay(state, days, slots);
    for (place, lane) in lanes.lanes.iter().enumerate() {
        let column = |m: usize| columns.measures.get(m).map_or(&[][..], |c| &c[rows.clone()]);
        let filter = lane.filter.map(|(a, code)| (&columns.attributes[a][rows.clone()], code));
        let into = Into { state, slots, place, filter };
        match *lane {
            Lane { value: m, .. } if m < measures => into.sum(column(m), known),
            Lane { value: m, .. } if m < 2 * measures => {
                into.sum(column(m - measures), |value| i64::from(value != NOT_REPORTED));
            }
            Lane { .. } => into.sum(days, |_| 1),
        }
    }
    lanes.ring.fill_gaps(state, days);
    true
}

const fn known(value: i64) -> i64 {
    if value == NOT_REPORTED { 0 } else { value }
}

/// One lane of the rows of a ring.
struct Into<'a> {
    state: &'a mut [i64],
    slots: &'a [usize],
    place: usize,
    filter: Option<(&'a [u32], u32)>,
}

impl Into<'_> {
    /// Writes the running sum of a column.
    #[inline]
    fn sum<T: Copy>(self, column: &[T], value: impl Fn(T) -> i64) {
        let mut total = 0;
        let each = self.slots.iter().zip(column);
        match self.filter {
            None => {
                for (slot, &of) in each {
                    total += value(of);
                    self.state[slot + self.place] = total;
                }
            }
            Some((attributes, code)) => {
                for ((slot, &of), &attribute) in each.zip(attributes) {
                    total += if attribute == code { value(of) } else { 0 };
                    self.state[slot + self.place] = total;
                }
            }
        }
    }
}

/// Tells row by row, for what is no total.
fn tell(
    lanes: &SourceLanes,
    columns: &Columns<'_>,
    rows: Range<usize>,
    state: &mut [i64],
    scratch: &mut Scratch,
) -> bool {
    let Scratch { values, attributes, .. } = scratch;
    for row in rows {
        values.clear();
        values.extend(columns.measures.iter().map(|c| known(c[row])));
        values.extend(columns.measures.iter().map(|c| i64::from(c[row] != NOT_REPORTED)));
        values.push(1);
        attributes.clear();
        attributes.extend(columns.attributes.iter().map(|c| c[row]));
        let (day, known_at) = (columns.day[row], columns.known_at[row]);
        if lanes.apply(state, &Delta { day, known_at, values, attributes }).is_err() {
            return false;
        }
    }
    true
}
