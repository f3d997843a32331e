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

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use jiff::Timestamp;

use super::open::{self, Open};

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
    pub(crate) key: u128,
    pub(crate) measure: u128,
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
        (file, key, measure, known): (usize, u128, u128, Option<Timestamp>),
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
}

/// Two independent 64-bit hashes: two of 10⁹ rows collide with a probability below 10⁻²⁰.
pub(crate) struct Fingerprint(DefaultHasher, DefaultHasher);

impl Fingerprint {
    pub(crate) fn new() -> Self {
        let (a, mut b) = (DefaultHasher::new(), DefaultHasher::new());
        b.write_u8(1);
        Self(a, b)
    }

    pub(crate) fn add(&mut self, part: impl Hash) {
        part.hash(&mut self.0);
        part.hash(&mut self.1);
    }

    pub(crate) fn finish(&self) -> u128 {
        (u128::from(self.0.finish()) << 64) | u128::from(self.1.finish())
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
        open::decide(&mut self.slots, open);
        // What is set aside is compared with itself only, for the accounting.
        for state in [State::Live, State::Later] {
            let mut standing: HashMap<u128, Vec<usize>> = HashMap::new();
            let mut next = 0;
            while let Some(file) = self.slots.get(next).map(|slot| slot.file) {
                let of_file = |slot: &&Slot<T>| slot.file == file;
                let end = next + self.slots.iter().skip(next).take_while(of_file).count();
                self.settle_file(next..end, state, &mut standing);
                next = end;
            }
        }
    }

    /// Compares the rows of one file with each other and with all before.
    fn settle_file(
        &mut self,
        range: Range<usize>,
        state: State,
        standing: &mut HashMap<u128, Vec<usize>>,
    ) {
        let mut order: Vec<u128> = Vec::new();
        let mut groups: HashMap<u128, Vec<usize>> = HashMap::new();
        let slots = self.slots.iter().enumerate().skip(range.start).take(range.len());
        for (index, slot) in slots.filter(|(_, slot)| slot.state == state) {
            let group = groups.entry(slot.key).or_default();
            if group.is_empty() {
                order.push(slot.key);
            }
            group.push(index);
        }
        for key in order {
            let group = groups.remove(&key).unwrap_or_default();
            let group = self.within(group);
            let before = standing.remove(&key).unwrap_or_default();
            let stand = self.between(before, group);
            standing.insert(key, stand);
        }
    }

    /// The rows of one file and key that stand.
    fn within(&mut self, group: Vec<usize>) -> Vec<usize> {
        if group.len() < 2 {
            return group;
        }
        let mut seen: Vec<u128> = Vec::new();
        let mut standing = Vec::new();
        let latest = group.iter().filter_map(|i| self.known(*i)).max();
        for index in group {
            let Some(measure) = self.slots.get(index).map(|s| s.measure) else { continue };
            if seen.contains(&measure) {
                self.mark(index, State::Duplicate);
            } else {
                seen.push(measure);
                standing.push(index);
            }
        }
        // Only where all say when, the later restates the earlier.
        let stated = standing.iter().all(|i| self.known(*i).is_some());
        if stated && standing.len() > 1 {
            let (stand, restated): (Vec<_>, Vec<_>) =
                standing.into_iter().partition(|i| self.known(*i) == latest);
            restated.into_iter().for_each(|i| self.mark(i, State::Restated));
            standing = stand;
        }
        let last = standing.split_off(standing.len().saturating_sub(1));
        for index in standing {
            self.mark(index, State::Duplicate);
            if let Some(slot) = self.slots.get_mut(index) {
                slot.conflicting = true;
            }
        }
        last
    }

    /// The rows of one key that stand after another file.
    fn between(&mut self, before: Vec<usize>, new: Vec<usize>) -> Vec<usize> {
        if before.is_empty() {
            return new;
        }
        let measure = |slots: &[Slot<T>], i: &usize| slots.get(*i).map(|s| s.measure);
        let old: Vec<_> = before.iter().map(|i| measure(&self.slots, i)).collect();
        if new.iter().all(|i| old.contains(&measure(&self.slots, i))) {
            new.into_iter().for_each(|i| self.mark(i, State::Duplicate));
            return before;
        }
        let latest =
            |ledger: &Self, rows: &[usize]| rows.iter().filter_map(|i| ledger.known(*i)).max();
        let stale = match (latest(self, &new), latest(self, &before)) {
            (Some(new), Some(old)) => new < old,
            _ => false,
        };
        let (standing, restated) = if stale { (before, new) } else { (new, before) };
        restated.into_iter().for_each(|i| self.mark(i, State::Restated));
        standing
    }

    fn known(&self, index: usize) -> Option<Timestamp> {
        self.slots.get(index).and_then(|slot| slot.known)
    }

    fn mark(&mut self, index: usize, state: State) {
        if let Some(slot) = self.slots.get_mut(index) {
            slot.state = state;
            slot.conflicting = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(ledger: &mut Ledger<()>, file: usize, rows: &[(u128, u128, Option<i64>)]) {
        for (key, measure, known) in rows {
            let known = known.map(|s| Timestamp::from_second(s).unwrap());
            ledger.push(Slot::new((file, *key, *measure, known), ()));
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
