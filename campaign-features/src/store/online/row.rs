//! One row of the table, now.

use campaign_core::error::check_length;

use crate::feature::plan::{MOST_KINDS, ReadScratch};

use super::{Event, OnlineStore, UpdateError};

/// Working space for rows, one per thread that reads; made by [`OnlineStore::scratch`].
#[derive(Debug, Clone, Default)]
pub struct RowScratch {
    reads: Vec<f64>,
    /// Per entity kind.
    series: Vec<ReadScratch>,
}

impl OnlineStore {
    /// Working space for rows.
    #[must_use]
    pub fn scratch(&self) -> RowScratch {
        RowScratch {
            reads: vec![0.0; self.n_reads()],
            series: self.entities.iter().map(|e| e.plan.read_scratch()).collect(),
        }
    }

    fn n_reads(&self) -> usize {
        self.entities.iter().map(|e| e.plan.n_reads()).sum()
    }

    /// The features of these keys for decision day `day`: what happened before that day, knowing
    /// everything told so far.
    ///
    /// # Shapes
    /// `keys` has one code per entity kind of the plan's schema, [`Event::NO_KEY`] for one of whom
    /// nothing is known; `out` has one entry per column of the plan.
    ///
    /// # Errors
    /// [`UpdateError::Length`], [`UpdateError::Key`]; [`UpdateError::Kernel`] if the frames reach back
    /// to days that the state no longer holds one by one (see
    /// [`StoreConfig::with_read_back`](super::StoreConfig::with_read_back));
    /// [`UpdateError::Described`] for a day whose calendar was not prepared.
    ///
    /// # Allocation
    /// None.
    pub fn row_into(
        &self,
        keys: &[u32],
        day: i32,
        scratch: &mut RowScratch,
        out: &mut [f64],
    ) -> Result<(), UpdateError> {
        self.row_describing_into(keys, day, day, scratch, out)
    }

    /// As [`row_into`](Self::row_into), with another day for calendar features to describe: a row
    /// decided today about next week.
    ///
    /// # Errors
    /// As [`row_into`](Self::row_into).
    pub fn row_describing_into(
        &self,
        keys: &[u32],
        day: i32,
        described: i32,
        scratch: &mut RowScratch,
        out: &mut [f64],
    ) -> Result<(), UpdateError> {
        check_length("keys", keys.len(), self.keys.len())?;
        check_length("out", out.len(), self.plan.columns().len())?;
        check_length("scratch", scratch.reads.len(), self.n_reads())?;
        let dated = self.dated.row(described);
        if dated.len() != self.plan.n_dated() {
            let (first, last) = self.described;
            return Err(UpdateError::Described { day: described, first, last });
        }
        let mut reads: [&[f64]; MOST_KINDS] = [&[]; MOST_KINDS];
        let mut free = &mut scratch.reads[..];
        let each = self.entities.iter().zip(&mut reads);
        for ((entities, slot), series) in each.zip(&mut scratch.series) {
            let (mine, rest) = free.split_at_mut(entities.plan.n_reads());
            free = rest;
            let kind = entities.plan.kind();
            let key = keys.get(kind).copied().unwrap_or(Event::NO_KEY);
            let known = self.n_keys(kind);
            let state = if key == Event::NO_KEY {
                &entities.blank[..]
            } else {
                (entities.state(key).filter(|_| (key as usize) < known))
                    .ok_or(UpdateError::Key { kind, code: key, known })?
            };
            entities.plan.read_into(state, day, series, mine)?;
            *slot = mine;
        }
        let reads = reads.get(..self.entities.len()).unwrap_or_default();
        Ok(self.plan.assemble(reads, dated, out)?)
    }
}
