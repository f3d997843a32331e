//! Entities in turns, where memory does not hold the rows of all at a time.
//!
//! The names of each entity kind are cut into ranges. In each turn DataFusion scans for one range, the
//! local engine reads what is asked of it, and the numbers go to a file. In the end the files are read
//! beside the requests: each holds the numbers of its requests in their order.

mod names;

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::ops::Range;
use std::sync::Arc;

use datafusion::prelude::SessionContext;

use self::names::Names;
use super::memory::Work;
use super::output::Sink;
use super::spool::Spool;
use crate::engine::error::failed;
use crate::engine::{EngineError, local};
use crate::feature::FeatureError;
use crate::feature::plan::{DatedTable, EntityPlan};
use crate::feature::source::Requests;

/// The most turns of one kind: sorting all rows once takes less than more scans.
const MOST_TURNS: usize = 8;

/// What was read of one entity kind.
pub(super) struct Told {
    kind: usize,
    width: usize,
    /// By code of the key.
    turn: Vec<usize>,
    files: Vec<Numbers>,
}

/// Reads every entity kind, in no fewer turns than these.
///
/// # Errors
/// [`EngineError::Memory`] if it would take too many turns.
pub(super) async fn told(work: &Work<'_>, least: usize) -> Result<Vec<Told>, EngineError> {
    let mut told = Vec::new();
    for entity in work.plan.entities() {
        told.push(kind(work, entity, least).await?);
    }
    Ok(told)
}

async fn kind(work: &Work<'_>, entity: &EntityPlan, least: usize) -> Result<Told, EngineError> {
    let kind = entity.kind();
    let names = work.asked.keys.get(kind).map_or(&[][..], |codes| codes.names());
    let keys = work.asked.requests.keys.get(kind).map_or(&[][..], Vec::as_slice);
    let mut told =
        Told { kind, width: entity.n_reads(), turn: vec![0; names.len()], files: Vec::new() };
    let names = Names::new(names, keys);
    let need = work.need(std::slice::from_ref(entity), entity.n_reads()).await?;
    let turns = (need / work.free().max(1) + 1).max(least);
    if turns > MOST_TURNS {
        return Err(EngineError::Memory(format!("{turns} turns")));
    }
    let mut waiting = VecDeque::from(names.all(turns));
    while let Some(range) = waiting.pop_front() {
        // Of nobody nothing is known: these requests go with the first.
        let first = told.files.is_empty();
        let is_in = |key: u32| names.is_in(&range, key).unwrap_or(first);
        match numbers(work, entity, keys, is_in, names.ends(&range)).await {
            Ok(numbers) => {
                for &code in names.codes(range) {
                    if let Some(turn) = told.turn.get_mut(code) {
                        *turn = told.files.len();
                    }
                }
                told.files.push(Numbers::write(work.context, &numbers)?);
            }
            Err(EngineError::Memory(_))
                if range.len() > 1 && told.files.len() + waiting.len() + 2 <= MOST_TURNS =>
            {
                for half in names.cut(range, 2).into_iter().rev() {
                    waiting.push_front(half);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(told)
}

/// What is read for the requests whose keys are in this turn, between these two names.
async fn numbers(
    work: &Work<'_>,
    entity: &EntityPlan,
    keys: &[u32],
    is_in: impl Fn(u32) -> bool,
    ends: (&str, &str),
) -> Result<Vec<f64>, EngineError> {
    let all = &work.asked.requests;
    let n = keys.iter().filter(|&&key| is_in(key)).count();
    let _held = work.reserve(n * BYTES_PER_REQUEST + work.cells(n, entity.n_reads()))?;
    let mut requests = Requests::new(all.keys.len());
    requests.day.reserve_exact(n);
    requests.cutoff.reserve_exact(n);
    if let Some(own) = requests.keys.get_mut(entity.kind()) {
        own.reserve_exact(n);
        for ((&key, &day), &cutoff) in keys.iter().zip(&all.day).zip(&all.cutoff) {
            if is_in(key) {
                own.push(key);
                requests.day.push(day);
                requests.cutoff.push(cutoff);
            }
        }
    }
    let (sources, _rows) = work.rows(std::slice::from_ref(entity)).read(Some(ends)).await?;
    Ok(local::reads(entity, &sources, &requests)?)
}

/// Key, day and cutoff.
const BYTES_PER_REQUEST: usize = 16;

/// Hands on requests with their features, and says how many there are.
pub(super) async fn hand_on(
    mut work: Work<'_>,
    mut told: Vec<Told>,
    sink: &mut dyn Sink,
) -> Result<u64, EngineError> {
    let (plan, requests) = (work.plan, Arc::clone(&work.asked.requests));
    let width = plan.columns().len();
    let mut batches = work.asked.batches(work.context, work.input).await?;
    let mut rows = 0;
    while let Some(batch) = batches.next("requests").await? {
        let now = rows..rows + batch.num_rows();
        rows = now.end;
        let days = requests.described_days().get(now.clone()).ok_or_else(changed)?;
        let dated = DatedTable::new(plan, days.iter().copied());
        let reads = told.iter_mut().map(|told| told.next(&requests, now.clone()));
        let reads = reads.collect::<Result<Vec<_>, _>>()?;
        let mut features = vec![f64::NAN; days.len() * width];
        let mut of = Vec::with_capacity(told.len());
        for (row, &day) in days.iter().enumerate() {
            of.clear();
            of.extend(told.iter().zip(&reads).map(|(told, reads)| {
                reads.get(row * told.width..(row + 1) * told.width).unwrap_or_default()
            }));
            let line = features.get_mut(row * width..(row + 1) * width).unwrap_or_default();
            plan.assemble(&of, dated.row(day), line).map_err(FeatureError::from)?;
        }
        sink.take(&batch, &features)?;
    }
    if rows == requests.len() { Ok(rows as u64) } else { Err(changed()) }
}

/// The files of the requests are not what they were when they were read first.
pub(super) fn changed() -> EngineError {
    EngineError::Engine { step: "requests", source: "their files have changed meanwhile".into() }
}

impl Told {
    /// The numbers of these requests, the next ones.
    fn next(&mut self, requests: &Requests, rows: Range<usize>) -> Result<Vec<f64>, EngineError> {
        let mut numbers = Vec::with_capacity(rows.len() * self.width);
        let keys = requests.keys.get(self.kind).and_then(|keys| keys.get(rows));
        for &key in keys.ok_or_else(changed)? {
            let turn = self.turn.get(key as usize).copied().unwrap_or(0);
            let file = self.files.get_mut(turn).ok_or_else(changed)?;
            file.read(self.width, &mut numbers).map_err(failed("spooling"))?;
        }
        Ok(numbers)
    }
}

/// Numbers in a file, one after the other.
struct Numbers {
    file: BufReader<File>,
    _spool: Spool,
}

impl Numbers {
    fn write(context: &SessionContext, numbers: &[f64]) -> Result<Self, EngineError> {
        let spool = Spool::new(context)?;
        let written = || -> io::Result<File> {
            let mut file = BufWriter::new(File::create(&spool.path)?);
            for number in numbers {
                file.write_all(&number.to_le_bytes())?;
            }
            file.flush()?;
            File::open(&spool.path)
        };
        let file = BufReader::new(written().map_err(failed("spooling"))?);
        Ok(Self { file, _spool: spool })
    }

    fn read(&mut self, n: usize, into: &mut Vec<f64>) -> io::Result<()> {
        for _ in 0..n {
            let mut bytes = [0; 8];
            self.file.read_exact(&mut bytes)?;
            into.push(f64::from_le_bytes(bytes));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
