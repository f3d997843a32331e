//! The default engine: columns in memory, all cores of the machine.

use std::borrow::Cow;
use std::sync::Arc;

use rayon::prelude::*;

use super::group::Groups;
use crate::feature::plan::{
    DatedTable, EntityEvents, EntityPlan, EntityRequests, MOST_KINDS, Plan, ReplayScratch, replay,
};
use crate::feature::source::{Columns, NONE, Requests, Source, Sources};
use crate::feature::{FeatureError, FeatureTable};

/// Makes the table of a plan's columns, one row per request in the order of the requests.
///
/// Runs on the threads of the rayon pool it is called in; the result does not depend on how many
/// there are. The table keeps the requests: given by reference they are copied, given as they are or
/// as an [`Arc`] they are not.
///
/// # Errors
/// [`FeatureError::Kernel`] for columns of the wrong shape or totals that could overflow,
/// [`FeatureError::SameInstant`] for two versions of a fact that cannot be ordered.
///
/// # Complexity
/// O(n + r) memory and O(n log n + r log r) time within each entity for n rows and r requests,
/// O(n + r) where they stand in order.
pub fn run(
    plan: &Plan,
    sources: &Sources,
    requests: impl Into<Arc<Requests>>,
) -> Result<FeatureTable, FeatureError> {
    let requests = requests.into();
    requests.check()?;
    let reads = plan.entities().iter().map(|entity| entity.n_reads());
    // The kind with the most to read goes last: its pass writes the table itself.
    let last = reads.enumerate().max_by_key(|&(_, n)| n).map(|(e, _)| e);
    let mut others: Vec<Option<Reads>> = Vec::new();
    for (e, entity) in plan.entities().iter().enumerate() {
        others.push(match last {
            Some(last) if last == e => None,
            _ => Some(Reads::new(entity, sources, &requests)?),
        });
    }
    let dated = DatedTable::new(plan, requests.described_days().iter().copied());
    let width = plan.columns().len();
    let make_row = |request: usize, own: &[f64], out: &mut [f64]| -> Result<(), FeatureError> {
        let mut slices = [&[][..]; MOST_KINDS];
        for (slot, other) in slices.iter_mut().zip(&others) {
            *slot = match other {
                Some(reads) => reads.of(request),
                None => own,
            };
        }
        let day = requests.described_days()[request];
        let used = plan.entities().len();
        Ok(plan.assemble(&slices[..used.min(MOST_KINDS)], dated.row(day), out)?)
    };
    let mut values = vec![0.0; requests.len() * width];
    let mut order = None;
    match last.and_then(|last| plan.entities().get(last)) {
        Some(entity) => {
            order =
                each(entity, sources, &requests, width, plan.is_direct(), &mut values, make_row)?;
        }
        None => {
            for (request, out) in values.chunks_mut(width.max(1)).enumerate() {
                make_row(request, &[], out)?;
            }
        }
    }
    if let Some(order) = order {
        values = in_order(&order, width, &values);
    }
    FeatureTable::new(plan, sources, requests, values)
}

/// What was read of one entity kind.
struct Reads {
    width: usize,
    values: Vec<f64>,
    /// Per request, its line.
    line: Option<Vec<u32>>,
}

impl Reads {
    fn new(
        entity: &EntityPlan,
        sources: &Sources,
        requests: &Requests,
    ) -> Result<Self, FeatureError> {
        let width = entity.n_reads();
        let mut values = vec![0.0; requests.len() * width];
        let order = each(entity, sources, requests, width, true, &mut values, |_, _, _| Ok(()))?;
        let line = order.map(|order| {
            let mut line = vec![0; order.len()];
            for (place, &request) in order.iter().enumerate() {
                line[request as usize] = place as u32;
            }
            line
        });
        Ok(Self { width, values, line })
    }

    fn of(&self, request: usize) -> &[f64] {
        let line = self.line.as_ref().map_or(request, |line| line[request] as usize);
        &self.values[line * self.width..(line + 1) * self.width]
    }
}

/// One source's rows by entity.
struct Grouped<'a> {
    source: &'a Source,
    groups: Groups,
    day: Cow<'a, [i32]>,
    known_at: Cow<'a, [i64]>,
    fact: Cow<'a, [u64]>,
    stands: Cow<'a, [bool]>,
    measures: Vec<Cow<'a, [i64]>>,
    attributes: Vec<Cow<'a, [u32]>>,
}

impl<'a> Grouped<'a> {
    fn new(source: &'a Source, kind: usize, names: usize) -> Self {
        let keys = source.keys.get(kind).map_or(&[][..], Vec::as_slice);
        let groups = Groups::new(keys, names);
        Self {
            day: groups.gather(&source.day),
            known_at: groups.gather(&source.known_at),
            fact: groups.gather(&source.fact),
            stands: if source.stands.is_empty() {
                Cow::Borrowed(&[])
            } else {
                groups.gather(&source.stands)
            },
            measures: source.measures.iter().map(|m| groups.gather(m)).collect(),
            attributes: source.attributes.iter().map(|a| groups.gather(a)).collect(),
            groups,
            source,
        }
    }

    fn columns(&self) -> Columns<'_> {
        Columns {
            day: &self.day,
            known_at: &self.known_at,
            fact: &self.fact,
            stands: (!self.source.stands.is_empty()).then_some(&*self.stands),
            measures: self.measures.iter().map(|m| &**m).collect(),
            attributes: self.attributes.iter().map(|a| &**a).collect(),
        }
    }
}

/// Entities whose requests are neighbours, and where their rows of the table go.
struct Task<'a> {
    groups: core::ops::Range<usize>,
    out: &'a mut [f64],
}

/// Runs every entity of one kind; `row` makes a row of `width` numbers from what was read, which
/// itself is the row where that is `direct`. Gives the request behind each row, or `None` where that is the order of the requests.
fn each(
    entity: &EntityPlan,
    sources: &Sources,
    requests: &Requests,
    width: usize,
    direct: bool,
    out: &mut [f64],
    row: impl Fn(usize, &[f64], &mut [f64]) -> Result<(), FeatureError> + Sync,
) -> Result<Option<Vec<u32>>, FeatureError> {
    let kind = entity.kind();
    let names = sources.names.get(kind).map_or(0, Vec::len);
    let none;
    let keys = match requests.keys.get(kind).filter(|keys| !keys.is_empty()) {
        Some(keys) => keys,
        None => {
            none = vec![NONE; requests.len()];
            &none
        }
    };
    let asked = Groups::new(keys, names);
    let (day, cutoff) = (asked.gather(&requests.day), asked.gather(&requests.cutoff));
    let used: Vec<Option<Grouped<'_>>> = (sources.sources.iter().enumerate())
        .map(|(s, source)| entity.uses(s).then(|| Grouped::new(source, kind, names)))
        .collect();
    let empty = Source::default();
    let columns: Vec<Columns<'_>> = used
        .iter()
        .map(|used| used.as_ref().map_or_else(|| empty.columns(), Grouped::columns))
        .collect();
    let span = |group: usize| {
        let days = &day[asked.range(group)];
        let least = days.iter().min().copied().unwrap_or(0);
        let most = days.iter().max().copied().unwrap_or(0);
        (i64::from(most) - i64::from(least)) as usize
    };
    let longest = (0..asked.len()).map(span).max().unwrap_or(0);
    let plan = entity.with_days(longest + entity.reach() as usize + 1);

    let mut tasks = Vec::new();
    let mut rest = out;
    let mut first = 0;
    for group in 0..asked.len() {
        let rows = asked.range(group).end - asked.range(first).start;
        if rows >= TASK_ROWS || group + 1 == asked.len() {
            let (now, later) = rest.split_at_mut(rows * width);
            tasks.push(Task { groups: first..group + 1, out: now });
            (rest, first) = (later, group + 1);
        }
    }
    let reads = plan.n_reads();
    tasks.into_par_iter().try_for_each_init(
        || (ReplayScratch::new(), Vec::new(), Vec::new()),
        |(scratch, own, rows), task| -> Result<(), FeatureError> {
            let mut rest = task.out;
            for group in task.groups {
                let range = asked.range(group);
                if range.is_empty() {
                    continue;
                }
                rows.clear();
                // The last group is of requests without a key: nothing is known of it.
                rows.extend(used.iter().map(|used| match used {
                    Some(used) if group + 1 < asked.len() => used.groups.range(group),
                    _ => 0..0,
                }));
                let events = EntityEvents { sources: &columns, rows };
                let asks =
                    EntityRequests { day: &day[range.clone()], cutoff: &cutoff[range.clone()] };
                let (lines, later) = rest.split_at_mut(range.len() * width);
                rest = later;
                if direct {
                    replay(&plan, &events, &asks, scratch, lines)?;
                    continue;
                }
                own.clear();
                own.resize(range.len() * reads, 0.0);
                replay(&plan, &events, &asks, scratch, own)?;
                let lines = lines.chunks_mut(width.max(1));
                for ((place, out), i) in range.zip(lines).zip(0..) {
                    let request = asked.order.as_ref().map_or(place, |o| o[place] as usize);
                    row(request, &own[i * reads..(i + 1) * reads], out)?;
                }
            }
            Ok(())
        },
    )?;
    Ok(asked.order)
}

/// Rows of one piece of work.
const TASK_ROWS: usize = 8192;

/// Rows made in another order, each put where its request stands.
fn in_order(order: &[u32], width: usize, values: &[f64]) -> Vec<f64> {
    let mut line = vec![0u32; order.len()];
    for (place, &request) in order.iter().enumerate() {
        line[request as usize] = place as u32;
    }
    let mut out = vec![0.0; values.len()];
    out.par_chunks_mut(width.max(1)).zip(line.par_iter()).for_each(|(out, &line)| {
        let from = line as usize * width;
        out.copy_from_slice(&values[from..from + width]);
    });
    out
}
