//! Which row was the first of a key.

use super::super::hash::Print;

/// Open addressing over the numbers of rows; the keys stand in the rows.
///
/// A slot is 32 bits of the key and the row's number, so that a key that is not there costs no look at a
/// row.
#[derive(Debug, Default, Clone)]
pub(crate) struct Index {
    slots: Vec<u64>,
    filled: usize,
}

const EMPTY: u64 = u64::MAX;

impl Index {
    /// The first row of a key, or nothing after having noted `row` as such.
    pub(crate) fn find_or_insert(
        &mut self,
        Print(key): Print,
        row: u32,
        mut is_key: impl FnMut(u32) -> bool,
    ) -> Option<u32> {
        if self.filled * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        let tag = tag(key);
        let mask = self.slots.len() - 1;
        let mut at = place(tag, mask);
        loop {
            let slot = self.slots.get_mut(at)?;
            if *slot == EMPTY {
                *slot = tag | u64::from(row);
                self.filled += 1;
                return None;
            }
            let known = *slot as u32;
            if *slot & TAG == tag && is_key(known) {
                return Some(known);
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let old = std::mem::take(&mut self.slots);
        let mask = (old.len() * 2).max(1024) - 1;
        self.slots = vec![EMPTY; mask + 1];
        for slot in old.into_iter().filter(|slot| *slot != EMPTY) {
            let mut at = place(slot & TAG, mask);
            while let Some(free) = self.slots.get_mut(at) {
                if *free == EMPTY {
                    *free = slot;
                    break;
                }
                at = (at + 1) & mask;
            }
        }
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

const TAG: u64 = !(u32::MAX as u64);

/// The part of a key that stands in its slot. 31 bits: a tag of all ones would make a slot look empty.
const fn tag([a, _]: [u64; 2]) -> u64 {
    (a >> 33) << 32
}

/// Where a tag is looked for.
const fn place(tag: u64, mask: usize) -> usize {
    (tag >> 32) as usize & mask
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn as_a_map(keys in prop::collection::vec((0_u64..40, 0_u64..4), 0..3000)) {
            // Few places and few tags, so that they collide.
            let keys: Vec<Print> = keys.into_iter().map(|(a, b)| Print([a << 36, b])).collect();
            let (mut index, mut map) = (Index::default(), HashMap::new());
            for (row, key) in keys.iter().enumerate() {
                let found = index.find_or_insert(*key, row as u32, |i| keys[i as usize] == *key);
                prop_assert_eq!(found, map.get(key).copied());
                map.entry(*key).or_insert(row as u32);
            }
        }
    }
}
