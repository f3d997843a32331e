//! The latest version of every fact that may still be restated: a table of fixed size.
//!
//! A restatement is the difference to the version it replaces, so that version must be at hand.
//! A fact whose day is too old to be restated is dropped.

use crate::hash;

const EMPTY: u32 = u32::MAX;

/// Words of a fact before its keys and measures: identity, source and day, known-at.
const HEAD: usize = 3;

/// One version of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fact<'a> {
    pub(crate) source: u32,
    pub(crate) fact: u64,
    pub(crate) day: i32,
    pub(crate) known_at: i64,
    /// Everything else that the version says.
    pub(crate) body: &'a [i64],
}

/// Facts by (source, fact), each in `HEAD + body` words of one flat block.
#[derive(Debug, Clone)]
pub(crate) struct FactTable {
    places: Vec<u32>,
    words: Vec<i64>,
    stride: usize,
    len: usize,
    capacity: usize,
}

impl FactTable {
    pub(crate) fn new(capacity: usize, body: usize) -> Self {
        let stride = HEAD + body;
        let places = (capacity * 2).next_power_of_two().max(2);
        Self {
            places: vec![EMPTY; places],
            words: vec![0; capacity * stride],
            stride,
            len: 0,
            capacity,
        }
    }

    pub(crate) const fn words_per_fact(body: usize) -> usize {
        HEAD + body
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) const fn capacity(&self) -> usize {
        self.capacity
    }

    pub(crate) fn get(&self, slot: u32) -> Option<Fact<'_>> {
        let start = slot as usize * self.stride;
        let [fact, source_day, known_at, body @ ..] = self.words.get(start..start + self.stride)?
        else {
            return None;
        };
        let (source, day) = ((*source_day >> 32) as u32, *source_day as i32);
        Some(Fact { source, fact: *fact as u64, day, known_at: *known_at, body })
    }

    /// Whether the slot holds this fact; reads no more than two words of it.
    fn holds(&self, slot: u32, source: u32, fact: u64) -> bool {
        let start = slot as usize * self.stride;
        matches!(self.words.get(start..start + 2),
            Some(&[f, s]) if f as u64 == fact && (s >> 32) as u32 == source)
    }

    /// The slot of a fact, or else the free place where it belongs.
    pub(crate) fn place(&self, source: u32, fact: u64) -> Result<u32, usize> {
        let mask = self.places.len() - 1;
        let mut at = hash::of_pair(u64::from(source), fact) as usize & mask;
        // At most half of the places are taken, so the loop ends.
        loop {
            match self.places.get(at) {
                Some(&EMPTY) | None => return Err(at),
                Some(&slot) if self.holds(slot, source, fact) => return Ok(slot),
                Some(_) => at = (at + 1) & mask,
            }
        }
    }

    pub(crate) const fn is_full(&self) -> bool {
        self.len == self.capacity
    }

    /// Puts a new fact at the place that [`place`](Self::place) gave; the caller saw that there is room.
    pub(crate) fn insert(&mut self, place: usize, fact: Fact<'_>) {
        let slot = self.len as u32;
        if let Some(at) = self.places.get_mut(place) {
            *at = slot;
            self.len += 1;
            self.replace(slot, fact);
        }
    }

    /// Overwrites the version in a slot.
    pub(crate) fn replace(&mut self, slot: u32, version: Fact<'_>) {
        let start = slot as usize * self.stride;
        if let Some([fact, source_day, known_at, body @ ..]) =
            self.words.get_mut(start..start + self.stride)
        {
            *fact = version.fact as i64;
            *source_day = (i64::from(version.source) << 32) | i64::from(version.day as u32);
            *known_at = version.known_at;
            for (to, from) in body.iter_mut().zip(version.body) {
                *to = *from;
            }
        }
    }

    /// Drops the facts of days before `oldest`, in O(capacity).
    pub(crate) fn retain_from(&mut self, oldest: i32) -> usize {
        let before = self.len;
        let mut kept = 0;
        for slot in 0..before {
            if self.get(slot as u32).is_some_and(|fact| fact.day >= oldest) {
                if kept != slot {
                    let start = slot * self.stride;
                    self.words.copy_within(start..start + self.stride, kept * self.stride);
                }
                kept += 1;
            }
        }
        if kept != before {
            self.len = kept;
            self.places.fill(EMPTY);
            for slot in 0..kept as u32 {
                let Some(fact) = self.get(slot) else { continue };
                if let Err(at) = self.place(fact.source, fact.fact)
                    && let Some(place) = self.places.get_mut(at)
                {
                    *place = slot;
                }
            }
        }
        before - kept
    }

    /// All facts, in the order of their slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Fact<'_>> {
        (0..self.len as u32).filter_map(|slot| self.get(slot))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn put(table: &mut FactTable, fact: Fact<'_>) -> bool {
        match table.place(fact.source, fact.fact) {
            Ok(slot) => table.replace(slot, fact),
            Err(_) if table.is_full() => return false,
            Err(place) => table.insert(place, fact),
        }
        true
    }

    proptest! {
        #[test]
        fn behaves_like_a_map(steps in prop::collection::vec(
            (0_u32..3, 0_u64..40, -5_i32..5, any::<i64>(), 0_u8..8), 0..200)) {
            let mut table = FactTable::new(32, 1);
            let mut map = BTreeMap::new();
            for (source, fact, day, value, kind) in steps {
                if kind == 0 {
                    let before = map.len();
                    map.retain(|_, (d, _)| *d >= day);
                    prop_assert_eq!(table.retain_from(day), before - map.len());
                } else {
                    let fits = map.contains_key(&(source, fact)) || map.len() < 32;
                    let body = [value];
                    let version = Fact { source, fact, day, known_at: value, body: &body };
                    prop_assert_eq!(put(&mut table, version), fits);
                    if fits {
                        map.insert((source, fact), (day, value));
                    }
                }
                prop_assert_eq!(table.len(), map.len());
                for source in 0..3 {
                    for fact in 0..40 {
                        let got = table.place(source, fact).ok().and_then(|slot| table.get(slot));
                        let got = got.map(|f| (f.day, f.body[0]));
                        prop_assert_eq!(got, map.get(&(source, fact)).copied());
                    }
                }
            }
        }
    }

    #[test]
    fn extreme_identities_come_back() {
        let mut table = FactTable::new(2, 2);
        let body = [i64::MIN, i64::MAX];
        for (source, fact, day) in [(u32::MAX, u64::MAX, i32::MIN), (0, 0, i32::MAX)] {
            let version = Fact { source, fact, day, known_at: i64::MIN, body: &body };
            assert!(put(&mut table, version));
            let slot = table.place(source, fact).unwrap();
            assert_eq!(table.get(slot), Some(version));
        }
        let third = Fact { source: 1, fact: 1, day: 0, known_at: 0, body: &body };
        assert!(!put(&mut table, third));
    }
}
