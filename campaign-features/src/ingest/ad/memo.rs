//! What was read before in a file and need not be read again.

use campaign_core::Currency;
use jiff::Timestamp;

use super::Days;
use super::prints::{Nulls, cells};
use crate::ingest::hash::{Fingerprint, PrintMap};
use crate::ingest::layout::{Layout, Role};
use crate::ingest::plan::{Named, Plan};
use crate::ingest::row::{Fault, RowReader};
use crate::ingest::texts::Symbol;

/// What was read before in a file and need not be read again.
#[derive(Debug, Clone)]
pub(crate) struct Memo {
    /// What rows of this file have in common.
    pub(super) base: Fingerprint,
    pub(super) broken_by: Symbol,
    days: PrintMap<(Days, bool)>,
    known: PrintMap<Option<Timestamp>>,
    pub(super) profiles: PrintMap<(u32, Option<Currency>)>,
    dated: Vec<Named>,
    known_at: Option<usize>,
    pub(super) open: Vec<u64>,
}

/// How many times and days are kept.
const MOST_TIMES: usize = 1 << 14;

impl Memo {
    pub(crate) fn new(layout: &Layout, plan: &Plan, broken_by: Symbol) -> Self {
        let mut base = Fingerprint::new();
        base.bytes(0, layout.platform.as_bytes());
        let roles =
            [Role::Day, Role::Hour, Role::Start, Role::End, Role::Until, Role::Week, Role::Month];
        let dated = roles.iter().enumerate();
        let dated = dated.filter_map(|(seed, role)| Some((plan.positions.of(*role)?, seed as u64)));
        Self {
            base,
            broken_by,
            days: PrintMap::default(),
            known: PrintMap::default(),
            profiles: PrintMap::default(),
            dated: dated.collect(),
            known_at: plan.positions.of(Role::KnownAt),
            open: Vec::with_capacity(plan.open.len()),
        }
    }

    pub(super) fn days(&mut self, reader: &mut RowReader<'_, '_>) -> Result<Days, Fault> {
        let key = cells(reader.cells, &self.dated, Nulls::In).finish();
        if let Some((days, several)) = self.days.get(&key) {
            reader.seen.periods += u64::from(*several);
            return Ok(*days);
        }
        let before = reader.seen.periods;
        let days = reader.days()?;
        if self.days.len() >= MOST_TIMES {
            self.days.clear();
        }
        self.days.insert(key, (days, reader.seen.periods > before));
        Ok(days)
    }

    pub(super) fn known(&mut self, reader: &RowReader<'_, '_>) -> Result<Option<Timestamp>, Fault> {
        let Some(index) = self.known_at else { return Ok(None) };
        let key = cells(reader.cells, &[(index, 0)], Nulls::In).finish();
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let known = reader.known_at()?;
        if self.known.len() >= MOST_TIMES {
            self.known.clear();
        }
        self.known.insert(key, known);
        Ok(known)
    }
}
