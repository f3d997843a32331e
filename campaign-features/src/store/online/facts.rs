//! The latest version of every fact that may still be restated: a table of fixed size.
//!
//! A restatement is the difference to the version it replaces, so that version must be at hand.
//! A fact whose day is too old to be restated is dropped.

use core::hint::black_box;

use crate::hash::{self, Seed};

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

/// How many places one word of tags tells of.
const GROUP: usize = 8;

/// Where a fact that is new belongs, and the tag it has there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    at: usize,
    tag: u8,
}

/// Facts by (source, fact), each in `HEAD + body` words of one flat block.
#[derive(Debug, Clone)]
pub(crate) struct FactTable {
    /// Per place a byte of the hash of the fact there, 0 where none is: so little that it mostly is at
    /// hand, and all that has to be read to know that a fact is new. A power of two of words; a word
    /// is filled from its low end, and when it is full, the next one follows.
    tags: Vec<u64>,
    /// Per place the slot of the fact; at least half as many places again as there may be facts.
    slots: Vec<u32>,
    /// Identities come from outside, and who does not know this cannot choose them for one place. No
    /// answer depends on it.
    seed: Seed,
    words: Vec<i64>,
    stride: usize,
    len: usize,
    capacity: usize,
}

impl FactTable {
    pub(crate) fn new(capacity: usize, body: usize) -> Self {
        let stride = HEAD + body;
        let groups = (capacity + capacity / 2).div_ceil(GROUP).next_power_of_two();
        Self {
            tags: vec![0; groups],
            slots: vec![0; groups * GROUP],
            seed: Seed::random(),
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

    /// The slot of a fact, or else where it belongs.
    #[inline]
    pub(crate) fn place(&self, source: u32, fact: u64) -> Result<u32, Place> {
        let hash = hash::of_pair(self.seed, u64::from(source), fact);
        let tag = ((hash >> 56) as u8).max(1);
        let mask = self.tags.len() - 1;
        let mut group = hash as usize & mask;
        // There are more places than facts, so the loop ends.
        while let Some(&tags) = self.tags.get(group) {
            let mut alike = zeros(tags ^ (LOW * u64::from(tag)));
            while alike != 0 {
                match self.slots.get(group * GROUP + byte(alike)) {
                    Some(&slot) if self.holds(slot, source, fact) => return Ok(slot),
                    _ => alike &= alike - 1,
                }
            }
            let free = zeros(tags);
            if free != 0 {
                return Err(Place { at: group * GROUP + byte(free), tag });
            }
            group = (group + 1) & mask;
        }
        Err(Place { at: 0, tag })
    }

    /// Asks early for what looking this fact up and holding it will need.
    #[inline]
    pub(crate) fn touch(&self, source: u32, fact: u64) {
        let slot = match self.place(source, fact) {
            Ok(slot) => Some(slot),
            Err(place) => self.slots.get(place.at).copied(),
        };
        black_box(slot);
    }

    pub(crate) const fn is_full(&self) -> bool {
        self.len == self.capacity
    }

    /// Overwrites the version in a slot, or puts a new fact where [`place`](Self::place) said it
    /// belongs, for which the caller saw that there is room. Gives the body, to be written.
    #[inline]
    pub(crate) fn hold(
        &mut self,
        place: Result<u32, Place>,
        source: u32,
        fact: u64,
        day: i32,
        known_at: i64,
    ) -> &mut [i64] {
        let slot = match place {
            Ok(slot) => slot,
            Err(place) => {
                self.lead(place, self.len as u32);
                self.len += 1;
                self.len as u32 - 1
            }
        };
        let start = slot as usize * self.stride;
        let Some([fact_word, source_day, known, body @ ..]) =
            self.words.get_mut(start..start + self.stride)
        else {
            return &mut [];
        };
        *fact_word = fact as i64;
        *source_day = (i64::from(source) << 32) | i64::from(day as u32);
        *known = known_at;
        body
    }

    #[inline]
    fn lead(&mut self, Place { at, tag }: Place, slot: u32) {
        if let (Some(tags), Some(place)) = (self.tags.get_mut(at / GROUP), self.slots.get_mut(at)) {
            *tags |= u64::from(tag) << (at % GROUP * 8);
            *place = slot;
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
            self.tags.fill(0);
            for slot in 0..kept as u32 {
                let Some(Fact { source, fact, .. }) = self.get(slot) else { continue };
                if let Err(place) = self.place(source, fact) {
                    self.lead(place, slot);
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

const LOW: u64 = 0x0101_0101_0101_0101;

/// The high bits of the bytes that are 0, and of no others: a place that was never led to has no slot.
#[inline]
const fn zeros(bytes: u64) -> u64 {
    const REST: u64 = LOW * 0x7f;
    !(((bytes & REST) + REST) | bytes | REST)
}

/// Which byte the lowest bit is of.
#[inline]
const fn byte(bits: u64) -> usize {
    bits.trailing_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn put(table: &mut FactTable, fact: Fact<'_>) -> bool {
        let place = table.place(fact.source, fact.fact);
        if place.is_err() && table.is_full() {
            return false;
        }
        let Fact { source, fact, day, known_at, body } = fact;
        table.hold(place, source, fact, day, known_at).copy_from_slice(body);
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
    fn zeros_are_told_from_ones() {
        for (bytes, expected) in [
            (0, LOW << 7),
            (LOW, 0),
            (LOW << 8, 0x80),
            (u64::MAX << 8, 0x80),
            (LOW << 7 | 0x0100, 0),
            (0x8001_0001_ff01_0001, 0x0000_8000_0000_8000),
        ] {
            assert_eq!(zeros(bytes), expected, "{bytes:x}");
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
