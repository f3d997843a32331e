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

/// Whether telling the history request by request would change nothing.
pub(super) fn is_plain(
    plan: &EntityPlan,
    events: &EntityEvents<'_>,
    requests: &EntityRequests<'_>,
) -> bool {
    let sources = events.sources.iter().zip(events.rows).enumerate();
    let mut used = sources.filter_map(|(s, of)| Some((plan.sources.get(s)?.as_ref()?, of)));
    requests.day.is_sorted()
        && used.all(|(lanes, (columns, rows))| {
            rows.is_empty()
                || lanes.measures == columns.measures.len()
                    && lanes.attributes == columns.attributes.len()
                    && plain(columns, rows, requests)
        })
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

/// Takes in every row of a plain history before `last`; `false` where it does not fit, with the state
/// in any condition.
pub(super) fn load(
    plan: &EntityPlan,
    events: &EntityEvents<'_>,
    last: i32,
    state: &mut [i64],
    scratch: &mut Scratch,
) -> bool {
    for (s, (columns, rows)) in events.sources.iter().zip(events.rows).enumerate() {
        let Some(Some(lanes)) = plan.sources.get(s) else { continue };
        if rows.is_empty() {
            continue;
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

/// Adds up lane by lane.
fn add(
    lanes: &SourceLanes,
    columns: &Columns<'_>,
    rows: Range<usize>,
    state: &mut [i64],
    slots: &mut Vec<usize>,
) -> bool {
    if lanes.ring.grow(state, lanes.magnitude(columns, &rows)).is_err() {
        return false;
    }
    let days = &columns.day[rows.clone()];
    lanes.ring.lay(state, days, slots);
    for (place, lane) in lanes.lanes.iter().enumerate() {
        let (mut total, mut slots) = (0, slots.iter());
        lanes.each_value(lane, columns, &rows, |value| {
            total += value;
            if let Some(slot) = slots.next() {
                state[slot + place] = total;
            }
        });
    }
    lanes.ring.fill_gaps(state, days);
    true
}

impl SourceLanes {
    /// A bound of all that these rows add up to on the path row by row: no value has bits that not one
    /// has.
    pub(super) fn magnitude(&self, columns: &Columns<'_>, rows: &Range<usize>) -> u64 {
        let n = rows.len() as u64;
        columns.measures.iter().fold(n.saturating_mul(self.measures as u64 + 1), |sum, column| {
            let column = &column[rows.clone()];
            let bits = match bits(column) {
                bits if bits & MISSING == 0 => bits,
                _ => column.iter().fold(0, |bits, &v| bits | known(v).unsigned_abs()),
            };
            sum.saturating_add(n.saturating_mul(bits))
        })
    }

    /// Whether each row adds 1 to a lane.
    pub(super) fn counts_rows(
        &self,
        lane: &Lane,
        columns: &Columns<'_>,
        rows: &Range<usize>,
    ) -> bool {
        lane.filter.is_none()
            && match lane.value.checked_sub(self.measures) {
                None => false,
                Some(m) => {
                    let column = columns.measures.get(m).map(|c| &c[rows.clone()]);
                    column.is_none_or(|column| bits(column) & MISSING == 0)
                }
            }
    }

    /// Gives what each row adds to a lane.
    #[inline]
    pub(super) fn each_value(
        &self,
        lane: &Lane,
        columns: &Columns<'_>,
        rows: &Range<usize>,
        give: impl FnMut(i64),
    ) {
        let column = |m: usize| columns.measures.get(m).map_or(&[][..], |c| &c[rows.clone()]);
        let attribute = |a: usize| columns.attributes.get(a).map_or(&[][..], |c| &c[rows.clone()]);
        let filter = lane.filter.map(|(a, code)| (attribute(a), code));
        match lane.value {
            m if m < self.measures => filtered(column(m), filter, known, give),
            m if m < 2 * self.measures => {
                let reported = |value| i64::from(value != NOT_REPORTED);
                filtered(column(m - self.measures), filter, reported, give);
            }
            _ => filtered(&columns.day[rows.clone()], filter, |_| 1, give),
        }
    }
}

#[inline]
fn filtered<T: Copy>(
    column: &[T],
    filter: Option<(&[u32], u32)>,
    value: impl Fn(T) -> i64,
    mut give: impl FnMut(i64),
) {
    match filter {
        None => column.iter().for_each(|&of| give(value(of))),
        Some((attributes, code)) => {
            for (&of, &attribute) in column.iter().zip(attributes) {
                give(if attribute == code { value(of) } else { 0 });
            }
        }
    }
}

/// The bits of the magnitudes of all values together.
fn bits(column: &[i64]) -> u64 {
    column.iter().fold(0, |bits, v| bits | v.unsigned_abs())
}

/// The bit that only a value that is not reported has.
const MISSING: u64 = NOT_REPORTED.unsigned_abs();

const fn known(value: i64) -> i64 {
    if value == NOT_REPORTED { 0 } else { value }
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
