//! Rows that another row repeats or restates.
//!
//! The key of a row is made of all its dimensions, its measure of all its metrics and attributes; columns
//! that no adapter knows are one or the other as [`super::open`] decides.
//!
//! - Same key, same measure: the later row is a duplicate, in whatever file it stands.
//! - Same key, other measure, two files: the version that became known later stands and the other is
//!   restated; where the files do not say when, the file read later stands.
//! - Same key, other measure, one file that states different known-at times: likewise.
//! - Same key, other measure, one file, no such times: the last stands, as if the file were several read
//!   one after the other; the others are duplicates, counted as conflicting, because the file does not say
//!   which is right.
//!
//! Rows that were not yet known at the `as_of` asked for take no part: what is known later changes
//! nothing of what was known then.

mod versions;

use std::collections::HashMap;

use jiff::Timestamp;

use super::hash::{Print, PrintMap};
use super::open::{Dimensions, Open, OpenRow};

pub(crate) use versions::{Version, settle};

/// What became of an accepted row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Live,
    Duplicate,
    Restated,
    /// Not yet known at the `as_of` asked for.
    Later,
}

/// An accepted row.
#[derive(Debug, Clone)]
pub(crate) struct Slot<T> {
    pub(crate) file: usize,
    pub(crate) key: Print,
    pub(crate) measure: u64,
    pub(crate) known: Option<Timestamp>,
    /// Hashes of the cells whose columns are open: see [`super::open`].
    pub(crate) open: Box<[u64]>,
    pub(crate) state: State,
    pub(crate) conflicting: bool,
    pub(crate) item: T,
}

impl<T> Slot<T> {
    /// An accepted row, from its file, key, measure and known-at.
    pub(crate) fn new(
        (file, key, measure, known): (usize, Print, u64, Option<Timestamp>),
        item: T,
    ) -> Self {
        let open = Box::default();
        Self { file, key, measure, known, open, state: State::Live, conflicting: false, item }
    }

    /// With the cells of open columns.
    pub(crate) fn with_open(mut self, open: Box<[u64]>) -> Self {
        self.open = open;
        self
    }

    pub(crate) fn is_live(&self) -> bool {
        self.state == State::Live
    }

    fn version(&self) -> Version {
        let known = self.known.and_then(|known| i64::try_from(known.as_nanosecond()).ok());
        Version { file: u32::try_from(self.file).unwrap_or(u32::MAX), measure: self.measure, known }
    }
}

/// The rows that stand, over all files.
#[derive(Debug, Clone)]
pub(crate) struct Ledger<T> {
    pub(crate) slots: Vec<Slot<T>>,
}

impl<T> Default for Ledger<T> {
    fn default() -> Self {
        Self { slots: Vec::new() }
    }
}

impl<T> Ledger<T> {
    pub(crate) fn push(&mut self, slot: Slot<T>) {
        self.slots.push(slot);
    }

    /// The rows that stand.
    pub(crate) fn live(&self) -> impl Iterator<Item = &Slot<T>> {
        self.slots.iter().filter(|slot| slot.is_live())
    }

    /// Sets aside what was not yet known, and compares the other rows with each other, file by file in
    /// reading order. Called once, when every file is read: only then the known-at of every row is.
    pub(crate) fn settle(
        &mut self,
        open: &HashMap<usize, Open>,
        mut later: impl FnMut(&Slot<T>) -> bool,
    ) {
        for slot in &mut self.slots {
            if later(slot) {
                slot.state = State::Later;
            }
        }
        let live = self.slots.iter().filter(|slot| slot.is_live());
        let rows = live.map(|s| OpenRow { file: s.file, key: s.key, cells: &s.open });
        let dimensions = Dimensions::new(rows, open, &|_, _| false);
        for slot in self.slots.iter_mut().filter(|slot| !slot.open.is_empty()) {
            if let Some(open) = open.get(&slot.file) {
                (slot.key, slot.measure) =
                    dimensions.complete(open, slot.key, slot.measure, &slot.open);
            }
        }
        let mut groups: PrintMap<Vec<usize>> = PrintMap::default();
        for (index, slot) in self.slots.iter().enumerate() {
            groups.entry(slot.key).or_default().push(index);
        }
        let mut fates = Vec::new();
        for group in groups.into_values().filter(|group| group.len() > 1) {
            // What is set aside is compared with itself only, for the accounting.
            for state in [State::Live, State::Later] {
                let slots = group.iter().filter_map(|i| Some((*i, self.slots.get(*i)?)));
                let (rows, versions): (Vec<usize>, Vec<Version>) = slots
                    .filter(|(_, slot)| slot.state == state)
                    .map(|(index, slot)| (index, slot.version()))
                    .unzip();
                settle(&versions, state, &mut fates);
                for (index, fate) in rows.into_iter().zip(&fates) {
                    if let Some(slot) = self.slots.get_mut(index) {
                        (slot.state, slot.conflicting) = (fate.state, fate.conflicting);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(ledger: &mut Ledger<()>, file: usize, rows: &[(u64, u64, Option<i64>)]) {
        for (key, measure, known) in rows {
            let known = known.map(|s| Timestamp::from_second(s).unwrap());
            ledger.push(Slot::new((file, Print([*key; 2]), *measure, known), ()));
        }
    }

    fn states(ledger: &Ledger<()>) -> String {
        states_at(ledger, i64::MAX)
    }

    fn states_at(ledger: &Ledger<()>, as_of: i64) -> String {
        let mut ledger = ledger.clone();
        ledger.settle(&HashMap::new(), |slot| {
            slot.known.is_some_and(|known| known.as_second() > as_of)
        });
        let letter = |s: &Slot<()>| match (s.state, s.conflicting) {
            (State::Live, _) => 'l',
            (State::Duplicate, true) => 'c',
            (State::Duplicate, false) => 'd',
            (State::Restated, _) => 'r',
            (State::Later, _) => 'a',
        };
        ledger.slots.iter().map(letter).collect()
    }

    #[test]
    fn within_a_file() {
        let mut ledger = Ledger::default();
        file(&mut ledger, 0, &[(1, 1, None), (1, 1, None), (2, 1, None), (2, 2, None)]);
        assert_eq!(states(&ledger), "ldcl");
        let mut ledger = Ledger::default();
        file(&mut ledger, 0, &[(1, 1, Some(5)), (1, 2, Some(9)), (2, 1, Some(5)), (2, 2, Some(5))]);
        assert_eq!(states(&ledger), "rlcl");
    }

    #[test]
    fn between_files() {
        let mut ledger = Ledger::default();
        file(&mut ledger, 0, &[(1, 1, None), (2, 1, None), (2, 2, None), (3, 1, None)]);
        file(&mut ledger, 1, &[(1, 7, None), (2, 1, None), (2, 2, None), (3, 1, None)]);
        // 1 is restated, 2 and 3 are there already.
        assert_eq!(states(&ledger), "rclllcdd");
        // The same file again changes nothing.
        file(&mut ledger, 2, &[(1, 7, None), (2, 1, None), (2, 2, None), (3, 1, None)]);
        assert_eq!(states(&ledger), "rclllcdd".to_owned() + "dcdd");
    }

    #[test]
    fn an_older_version_read_later_does_not_stand() {
        let mut ledger = Ledger::default();
        file(&mut ledger, 0, &[(1, 1, Some(9))]);
        file(&mut ledger, 1, &[(1, 2, Some(5))]);
        file(&mut ledger, 2, &[(1, 3, Some(10))]);
        assert_eq!(states(&ledger), "rrl");
    }

    #[test]
    fn what_is_known_later_takes_no_part() {
        let mut ledger = Ledger::default();
        file(&mut ledger, 0, &[(1, 1, Some(1)), (2, 1, Some(1)), (3, 1, Some(9)), (3, 2, Some(1))]);
        file(&mut ledger, 1, &[(1, 2, Some(9)), (2, 1, Some(9))]);
        file(&mut ledger, 2, &[(1, 3, Some(2)), (2, 2, Some(9))]);
        assert_eq!(states_at(&ledger, 5), "rlalarla");
        assert_eq!(states(&ledger), "rrlrldrl");
    }
}
