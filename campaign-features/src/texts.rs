//! A dictionary of texts.

use crate::hash;

const EMPTY: u64 = u64::MAX;

/// Texts and their codes, 0, 1, 2, ... in the order in which they came.
///
/// A place is found by the hash of the text, which is then compared byte by byte. What is there is
/// found without allocation; so is room for what was asked for at first.
#[derive(Debug, Clone)]
pub(crate) struct Texts {
    /// Open addressing with linear steps: hash in the high half, code in the low one; a power of two,
    /// at least twice as many as texts.
    places: Vec<u64>,
    /// Where each text ends in `text`; one entry more than texts.
    ends: Vec<usize>,
    text: String,
    /// The code that was given last.
    last: u32,
}

impl Default for Texts {
    fn default() -> Self {
        Self::with_capacity(0, 0)
    }
}

impl Texts {
    /// Room for so many texts of so many bytes together.
    pub(crate) fn with_capacity(texts: usize, bytes: usize) -> Self {
        let mut ends = Vec::with_capacity(texts + 1);
        ends.push(0);
        Self {
            places: vec![EMPTY; (texts * 2).next_power_of_two().max(2)],
            ends,
            text: String::with_capacity(bytes),
            last: 0,
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.ends.len() - 1
    }

    /// How many bytes all texts have together.
    pub(crate) const fn bytes(&self) -> usize {
        self.text.len()
    }

    #[inline]
    pub(crate) fn text(&self, code: u32) -> Option<&str> {
        let code = code as usize;
        let (&start, &end) = (self.ends.get(code)?, self.ends.get(code + 1)?);
        self.text.get(start..end)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len() as u32).filter_map(|code| self.text(code))
    }

    /// The code of a text.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        self.place(text).ok()
    }

    /// The code of a text, which is new if need be; `None` beyond 2^32 - 1 texts.
    #[inline]
    pub(crate) fn code(&mut self, text: &str) -> Option<u32> {
        // Neighbouring rows mostly say the same.
        if self.text(self.last) == Some(text) {
            return Some(self.last);
        }
        self.last = match self.place(text) {
            Ok(code) => code,
            Err(place) => self.insert(text, place)?,
        };
        Some(self.last)
    }

    /// The code of a text, or else the free place where it belongs.
    fn place(&self, text: &str) -> Result<u32, usize> {
        let tag = hash::of_text(text) as u32;
        let mask = self.places.len() - 1;
        let mut at = tag as usize & mask;
        // At most half of the places are taken, so the loop ends.
        loop {
            match self.places.get(at) {
                Some(&EMPTY) | None => return Err(at),
                Some(&held)
                    if (held >> 32) as u32 == tag && self.text(held as u32) == Some(text) =>
                {
                    return Ok(held as u32);
                }
                Some(_) => at = (at + 1) & mask,
            }
        }
    }

    fn insert(&mut self, text: &str, place: usize) -> Option<u32> {
        let code = u32::try_from(self.len()).ok().filter(|code| *code != u32::MAX)?;
        let held = (u64::from(hash::of_text(text) as u32) << 32) | u64::from(code);
        self.text.push_str(text);
        self.ends.push(self.text.len());
        if 2 * self.len() <= self.places.len() {
            *self.places.get_mut(place)? = held;
            return Some(code);
        }
        let mut places = vec![EMPTY; 2 * self.places.len()];
        let mask = places.len() - 1;
        for held in self.places.drain(..).filter(|held| *held != EMPTY).chain([held]) {
            let mut at = (held >> 32) as usize & mask;
            while places.get(at).is_some_and(|taken| *taken != EMPTY) {
                at = (at + 1) & mask;
            }
            *places.get_mut(at)? = held;
        }
        self.places = places;
        Some(code)
    }

    /// The texts in ascending order, and per code its place among them.
    pub(crate) fn sorted(&self) -> (Vec<&str>, Vec<u32>) {
        let mut codes: Vec<u32> = (0..self.len() as u32).collect();
        codes.sort_unstable_by_key(|&code| self.text(code));
        let mut place = vec![0; codes.len()];
        for (at, &code) in codes.iter().enumerate() {
            place[code as usize] = at as u32;
        }
        (codes.iter().filter_map(|&code| self.text(code)).collect(), place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn codes_are_those_of_a_list(texts in prop::collection::vec("[a-c]{0,3}", 0..300), room in 0_usize..9) {
            let mut dictionary = Texts::with_capacity(room, room);
            let mut list: Vec<&str> = Vec::new();
            for text in &texts {
                let expected = list.iter().position(|known| known == text);
                prop_assert_eq!(dictionary.find(text), expected.map(|code| code as u32));
                if expected.is_none() {
                    list.push(text);
                }
                let code = expected.unwrap_or(list.len() - 1) as u32;
                prop_assert_eq!(dictionary.code(text), Some(code));
            }
            prop_assert_eq!(dictionary.iter().collect::<Vec<_>>(), list.clone());
            prop_assert_eq!(dictionary.len(), list.len());
            prop_assert_eq!(dictionary.bytes(), list.concat().len());
            let (sorted, place) = dictionary.sorted();
            prop_assert!(sorted.is_sorted());
            for (text, place) in list.iter().zip(place) {
                prop_assert_eq!(sorted[place as usize], *text);
            }
        }
    }
}
