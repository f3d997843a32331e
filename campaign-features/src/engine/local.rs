//! The default engine: columns in memory, all cores of the machine.

use core::ops::Range;
use std::sync::Arc;

use campaign_core::error::check_length;
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

/// What a plan reads of one entity kind, `(requests, n_reads)` in the order of the requests.
#[cfg(feature = "datafusion")]
pub(crate) fn reads(
    entity: &EntityPlan,
    sources: &Sources,
    requests: &Requests,
) -> Result<Vec<f64>, FeatureError> {
    let width = entity.n_reads();
    let mut values = vec![0.0; requests.len() * width];
    let order = each(entity, sources, requests, width, true, &mut values, |_, _, _| Ok(()))?;
    Ok(match order {
        Some(order) => in_order(&order, width, &values),
        None => values,
    })
}

/// One source's rows by entity.
struct Grouped<'a> {
    source: &'a Source,
    groups: Groups,
}

impl Grouped<'_> {
    fn new(source: &Source, kind: usize, names: usize) -> Result<Grouped<'_>, FeatureError> {
        source.columns().check(&(0..source.len()))?;
        let keys = source.keys.get(kind).map_or(&[][..], Vec::as_slice);
        if !keys.is_empty() {
            check_length("keys", keys.len(), source.len())?;
        }
        Ok(Grouped { source, groups: Groups::new(keys, names) })
    }

    /// The columns in which the rows of these groups stand one after the other: the source's own where
    /// they do so there, else a copy, for a copy of all groups would take as much memory as the source.
    fn columns<'a>(
        &'a self,
        groups: impl Iterator<Item = usize>,
        copy: &'a mut Source,
    ) -> Columns<'a> {
        let Some(order) = &self.groups.order else { return self.source.columns() };
        let rows: Vec<u32> =
            groups.flat_map(|group| &order[self.groups.range(group)]).copied().collect();
        copy.copy_rows(self.source, &rows);
        copy.columns()
    }

    /// Where the rows of the next group stand there, after `before` rows of the groups so far.
    fn rows(&self, group: usize, before: &mut usize) -> Range<usize> {
        let rows = self.groups.range(group);
        if self.groups.order.is_none() {
            return rows;
        }
        *before += rows.len();
        *before - rows.len()..*before
    }
}

/// Entities whose requests are neighbours, and where their rows of the table go.
struct Task<'a> {
    groups: Range<usize>,
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
        .map(|(s, source)| entity.uses(s).then(|| Grouped::new(source, kind, names)).transpose())
        .collect::<Result<_, _>>()?;
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
        let of = |used: &Grouped<'_>| used.groups.range(group).end - used.groups.range(first).start;
        let told: usize = used.iter().flatten().map(of).sum();
        if rows.max(told) >= TASK_ROWS || group + 1 == asked.len() {
            let (now, later) = rest.split_at_mut(rows * width);
            tasks.push(Task { groups: first..group + 1, out: now });
            (rest, first) = (later, group + 1);
        }
    }
    let reads = plan.n_reads();
    let empty = Source::default();
    // The last group is of requests without a key: nothing is known of it.
    let strangers = asked.len() - 1;
    tasks.into_par_iter().try_for_each_init(
        || (ReplayScratch::new(), Vec::new(), Vec::new(), vec![Source::default(); used.len()]),
        |(scratch, own, rows, copies), task| -> Result<(), FeatureError> {
            let groups = || task.groups.clone().filter(|&group| !asked.range(group).is_empty());
            let known = || groups().filter(|&group| group != strangers);
            let columns = used.iter().zip(copies).map(|(used, copy)| match used {
                Some(used) => used.columns(known(), copy),
                None => empty.columns(),
            });
            let columns: Vec<Columns<'_>> = columns.collect();
            let mut before = vec![0; used.len()];
            let mut rest = task.out;
            for group in groups() {
                let range = asked.range(group);
                rows.clear();
                rows.extend(used.iter().zip(&mut before).map(|(used, before)| match used {
                    Some(used) if group != strangers => used.rows(group, before),
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
