//! All rows of a part in memory, grouped by counting instead of sorted.

use std::collections::HashMap;
use std::ops::Range;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::partition;
use datafusion::error::{DataFusionError, Result};

use super::group::{Columns, Group};
use super::ledger::Ledger;
use super::program::{Program, Runner};
use crate::engine::group::Groups;
use crate::feature::source::NONE;

/// Rows of one part as they arrive, each with the code of its key.
#[derive(Debug)]
pub(crate) struct Held {
    codes: HashMap<Box<str>, u32>,
    rows: Group,
    /// Per source, and of the requests, the codes of the rows' keys.
    keys: Vec<Vec<u32>>,
    asked: Vec<u32>,
}

impl Held {
    pub(crate) fn new(program: &Program) -> Self {
        Self {
            codes: HashMap::new(),
            rows: Group::new(program.shape()),
            keys: vec![Vec::new(); program.shape().sources.len()],
            asked: Vec::new(),
        }
    }

    pub(crate) fn push(
        &mut self,
        batch: &RecordBatch,
        program: &Program,
        ledger: Option<&mut Ledger>,
    ) -> Result<()> {
        let columns = Columns::of(batch, program.shape())?;
        if let Some(ledger) = ledger {
            columns.count(program.shape(), ledger)?;
        }
        let Some(key) = batch.columns().first() else { return Ok(()) };
        for rows in partition(std::slice::from_ref(key))?.ranges() {
            let code = match columns.key(rows.start) {
                None => NONE,
                Some(key) => match self.codes.get(key) {
                    Some(&code) => code,
                    None => {
                        let code = u32::try_from(self.codes.len()).ok().filter(|c| *c != NONE);
                        let code = code.ok_or_else(|| {
                            DataFusionError::ResourcesExhausted("too many keys in a part".into())
                        })?;
                        self.codes.insert(key.into(), code);
                        code
                    }
                },
            };
            self.rows.extend(&columns, program.shape(), rows)?;
            for (keys, events) in self.keys.iter_mut().zip(&self.rows.events) {
                keys.resize(events.day.len(), code);
            }
            self.asked.resize(self.rows.ids.len(), code);
        }
        Ok(())
    }

    /// Bytes that are held, and as many again for putting them in order.
    pub(crate) fn bytes(&self) -> usize {
        let keys: usize = self.keys.iter().map(|keys| keys.capacity() * 4).sum();
        2 * (self.rows.bytes() + keys + self.asked.capacity() * 4) + self.codes.len() * 64
    }

    /// Puts the rows in the order of their keys.
    pub(crate) fn grouped(mut self) -> Grouped {
        let names = self.codes.len();
        drop(self.codes);
        let groups = (self.keys.iter().zip(&mut self.rows.events))
            .map(|(keys, events)| {
                let groups = Groups::new(keys, names);
                if groups.order.is_some() {
                    events.day = groups.gather(&events.day).into_owned();
                    events.known_at = groups.gather(&events.known_at).into_owned();
                    events.fact = groups.gather(&events.fact).into_owned();
                    events.stands = groups.gather(&events.stands).into_owned();
                    for column in &mut events.measures {
                        *column = groups.gather(column).into_owned();
                    }
                    for column in &mut events.attributes {
                        *column = groups.gather(column).into_owned();
                    }
                }
                groups
            })
            .collect();
        let asked = Groups::new(&self.asked, names);
        if asked.order.is_some() {
            self.rows.ids = asked.gather(&self.rows.ids).into_owned();
            self.rows.day = asked.gather(&self.rows.day).into_owned();
            self.rows.cutoff = asked.gather(&self.rows.cutoff).into_owned();
        }
        Grouped { rows: self.rows, groups, asked, next: 0 }
    }
}

/// Rows in the order of their keys, read key by key.
#[derive(Debug)]
pub(crate) struct Grouped {
    rows: Group,
    groups: Vec<Groups>,
    asked: Groups,
    next: usize,
}

impl Grouped {
    /// Replays keys until there are values of so many requests; `false` at the end.
    pub(crate) fn fill(
        &mut self,
        program: &Program,
        runner: &mut Runner,
        most: usize,
        ids: &mut Vec<u64>,
        values: &mut Vec<f64>,
    ) -> Result<bool> {
        let columns: Vec<_> = self.rows.events.iter().map(|events| events.columns()).collect();
        let mut ranges: Vec<Range<usize>> = Vec::with_capacity(columns.len());
        while ids.len() < most {
            if self.next >= self.asked.len() {
                return Ok(false);
            }
            let asked = self.asked.range(self.next);
            // The last group is of nobody, of whom nothing is known.
            let nobody = self.next + 1 == self.asked.len();
            ranges.clear();
            for groups in &self.groups {
                ranges.push(if nobody { 0..0 } else { groups.range(self.next) });
            }
            self.next += 1;
            if asked.is_empty() {
                continue;
            }
            let day = self.rows.day.get(asked.clone()).unwrap_or_default();
            let cutoff = self.rows.cutoff.get(asked.clone()).unwrap_or_default();
            let start = values.len();
            values.resize(start + asked.len() * program.width(), f64::NAN);
            let out = values.get_mut(start..).unwrap_or_default();
            runner.run(program, &columns, &ranges, (day, cutoff), out)?;
            ids.extend_from_slice(self.rows.ids.get(asked).unwrap_or_default());
        }
        Ok(true)
    }
}
