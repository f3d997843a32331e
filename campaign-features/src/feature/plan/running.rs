//! Totals of a plain history, from running sums by day.
//!
//! Where nothing but totals is read, the days from the furthest that the first request sees to the
//! last request are all that has to be laid out, lane by lane: a total is the difference of two entries
//! of one lane, at the same distance from each day of decision.

use core::ops::Range;

use super::super::source::Columns;
use super::entity::{EntityPlan, Read};
use super::frame::Reach;
use super::lanes::SourceLanes;
use super::read::Statistic;
use super::replay::{EntityEvents, EntityRequests};

/// Working space.
#[derive(Debug, Clone, Default)]
pub(super) struct Scratch {
    /// Per lane and day, the sum up to it; at first a lane of nothing, then one of how many rows there
    /// are.
    sums: Vec<i64>,
    /// Which of these lanes is that of each lane of the source.
    lane: Vec<usize>,
    /// Per row its day.
    place: Vec<u32>,
    /// Per request its day, counted from the first request.
    asked: Vec<u32>,
}

const NOTHING: usize = 0;
const ROWS: usize = 1;

/// Which days are laid out.
struct Days {
    first: i64,
    count: usize,
    /// How many days of decision there are from the first request to the last.
    asked: usize,
    /// How many days before a day of decision are laid out.
    before: usize,
}

impl Days {
    /// `None` if there are so many that they would take longer than the rows and the requests.
    fn new(plan: &EntityPlan, requests: &EntityRequests<'_>, rows: usize) -> Option<Self> {
        let (first, last) = (*requests.day.first()?, *requests.day.last()?);
        let before = plan.reach as usize + 1;
        let asked = usize::try_from(i64::from(last) - i64::from(first)).ok()? + 1;
        let count = asked - 1 + before;
        let worth = 4 * (rows + requests.day.len()) + 64;
        (count <= worth).then_some(Self {
            first: i64::from(first) - before as i64,
            count,
            asked,
            before,
        })
    }

    /// The sums of a lane up to the day so far back from each day of decision.
    fn back<'a>(&self, sums: &'a [i64], lane: usize, days: i64) -> Option<&'a [i64]> {
        let from = self.before.checked_sub(usize::try_from(days).ok()?)?;
        sums.get(lane * self.count..(lane + 1) * self.count)?.get(from..from + self.asked)
    }
}

/// What bounds a frame, in days back from the day of decision; `None` is the beginning.
type Between = (i64, Option<i64>);

/// The frame of a reach, and that in which a report makes a sum known: as
/// [`Bounds::of`](super::frame::Bounds::of) has them.
fn frames(reach: Reach) -> (Between, Between) {
    let before = |days: u32| i64::from(days) + 1;
    let frame = (i64::from(reach.nearest), reach.furthest.map(before));
    match reach.furthest == Some(reach.nearest) {
        true => (frame, frame),
        false => (frame, (1, reach.ttl.map(before))),
    }
}

impl EntityPlan {
    /// Whether nothing but totals is read.
    pub(super) fn reads_totals(&self) -> bool {
        self.groups.iter().flat_map(|group| &group.reads).all(|(_, read)| match read {
            Read::Lane(read) => matches!(read.statistic, Statistic::Sum | Statistic::Count),
            _ => false,
        })
    }
}

/// Reads every request of a plan that [`reads_totals`](EntityPlan::reads_totals), of rows that are
/// plain; `None` where that is not worth it or sums could overflow.
pub(super) fn read(
    plan: &EntityPlan,
    events: &EntityEvents<'_>,
    requests: &EntityRequests<'_>,
    scratch: &mut Scratch,
    out: &mut [f64],
) -> Option<()> {
    let n = events.rows.iter().map(ExactSizeIterator::len).sum();
    let days = Days::new(plan, requests, n)?;
    let first = *requests.day.first()?;
    scratch.asked.clear();
    scratch.asked.extend(requests.day.iter().map(|&day| day.wrapping_sub(first) as u32));
    for (s, (columns, rows)) in events.sources.iter().zip(events.rows).enumerate() {
        let Some(Some(lanes)) = plan.sources.get(s) else { continue };
        if lanes.magnitude(columns, rows) >= i64::MAX as u64 {
            return None;
        }
        add(lanes, columns, rows, &days, scratch);
        let Scratch { sums, lane, asked, .. } = scratch;
        let between = |lane: usize, (high, low): Between| {
            let low = match low {
                Some(low) => days.back(sums, lane, low),
                None => days.back(sums, NOTHING, 1),
            };
            Some((days.back(sums, lane, high)?, low?))
        };
        for group in plan.groups.iter().filter(|group| group.source == s) {
            let (frame, known) = frames(group.reach);
            for (slot, read) in &group.reads {
                let Read::Lane(read) = read else { return None };
                let (high, low) = between(*lane.get(read.lane)?, frame)?;
                let (known_high, known_low) = between(*lane.get(read.reports)?, known)?;
                let each = out.get_mut(*slot..)?.iter_mut().step_by(plan.n_reads).zip(&*asked);
                let is_count = matches!(read.statistic, Statistic::Count);
                each.for_each(|(out, &at)| {
                    let at = at as usize;
                    let total = high[at].wrapping_sub(low[at]);
                    *out = match is_count {
                        true => total as f64,
                        false => read.units(known_high[at] > known_low[at], total),
                    };
                });
            }
        }
    }
    Some(())
}

/// The sums of all lanes of a source.
fn add(
    lanes: &SourceLanes,
    columns: &Columns<'_>,
    rows: &Range<usize>,
    days: &Days,
    scratch: &mut Scratch,
) {
    let Scratch { sums, lane: of, place, .. } = scratch;
    let day = columns.day.get(rows.clone()).unwrap_or_default();
    let number = |day: i32| i64::from(day) - days.first;
    let early = day.partition_point(|&day| number(day) <= 0);
    let seen = day.partition_point(|&day| number(day) < days.count as i64);
    let (early, later) = (rows.start..rows.start + early, rows.start + early..rows.start + seen);
    place.clear();
    place.extend(day[early.len()..seen].iter().map(|&day| number(day) as u32));
    sums.clear();
    sums.resize((ROWS + 1) * days.count, 0);
    let rows_of_day = &mut sums[ROWS * days.count..];
    place.iter().for_each(|&place| put(rows_of_day, place, 1));
    accumulate(rows_of_day, early.len() as i64);
    of.clear();
    for lane in &lanes.lanes {
        if lanes.counts_rows(lane, columns, rows) {
            of.push(ROWS);
            continue;
        }
        let from = sums.len();
        of.push(from / days.count);
        sums.resize(from + days.count, 0);
        let sums = &mut sums[from..];
        let (mut before, mut place) = (0, place.iter());
        lanes.each_value(lane, columns, &early, |value| before += value);
        lanes.each_value(lane, columns, &later, |value| {
            place.next().into_iter().for_each(|&place| put(sums, place, value));
        });
        accumulate(sums, before);
    }
}

#[inline(always)]
fn put(sums: &mut [i64], place: u32, value: i64) {
    if let Some(sum) = sums.get_mut(place as usize) {
        *sum += value;
    }
}

fn accumulate(sums: &mut [i64], before: i64) {
    let mut total = before;
    for sum in sums {
        total += *sum;
        *sum = total;
    }
}
