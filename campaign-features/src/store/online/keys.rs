//! The keys of one entity kind: a dictionary of fixed size.

use super::hash;

const EMPTY: u32 = u32::MAX;

/// Names and their codes, 0, 1, 2, ... in the order in which they came.
///
/// A place is found by the hash of the name and then compared byte by byte.
#[derive(Debug, Clone)]
pub(crate) struct KeyTable {
    /// Open addressing with linear steps; a power of two, at least twice the capacity.
    places: Vec<u32>,
    /// Where each name ends in `text`; one entry more than names.
    ends: Vec<usize>,
    text: String,
    capacity: usize,
    text_capacity: usize,
}

impl KeyTable {
    pub(crate) fn new(capacity: usize, text_capacity: usize) -> Self {
        let places = (capacity * 2).next_power_of_two().max(2);
        let mut ends = Vec::with_capacity(capacity + 1);
        ends.push(0);
        let text = String::with_capacity(text_capacity);
        Self { places: vec![EMPTY; places], ends, text, capacity, text_capacity }
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len() - 1
    }

    pub(crate) const fn capacity(&self) -> usize {
        self.capacity
    }

    pub(crate) const fn text_capacity(&self) -> usize {
        self.text_capacity
    }

    pub(crate) fn name(&self, code: u32) -> Option<&str> {
        let code = code as usize;
        let (&start, &end) = (self.ends.get(code)?, self.ends.get(code + 1)?);
        self.text.get(start..end)
    }

    /// The code of a name, or else the free place where it belongs.
    fn place(&self, name: &str) -> Result<u32, usize> {
        let mask = self.places.len() - 1;
        let mut at = hash::of_text(name) as usize & mask;
        // At most half of the places are taken, so the loop ends.
        loop {
            match self.places.get(at) {
                Some(&EMPTY) | None => return Err(at),
                Some(&code) if self.name(code) == Some(name) => return Ok(code),
                Some(_) => at = (at + 1) & mask,
            }
        }
    }

    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        self.place(name).ok()
    }

    /// Whether a new name of this length fits.
    pub(crate) fn fits(&self, name: &str) -> bool {
        self.len() < self.capacity && self.text.len() + name.len() <= self.text_capacity
    }

    /// The code of a name, which is new if need be; `None` if it does not fit.
    pub(crate) fn insert(&mut self, name: &str) -> Option<u32> {
        match self.place(name) {
            Ok(code) => Some(code),
            Err(at) => {
                if !self.fits(name) {
                    return None;
                }
                let code = self.len() as u32;
                *self.places.get_mut(at)? = code;
                self.text.push_str(name);
                self.ends.push(self.text.len());
                Some(code)
            }
        }
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        (0..self.len() as u32).filter_map(|code| self.name(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_dense_and_names_come_back() {
        let mut keys = KeyTable::new(1000, 8000);
        for n in 0..1000 {
            assert_eq!(keys.insert(&format!("key {n}")), Some(n));
        }
        for n in 0..1000 {
            let name = format!("key {n}");
            assert_eq!(keys.find(&name), Some(n));
            assert_eq!(keys.insert(&name), Some(n));
            assert_eq!(keys.name(n), Some(&name[..]));
        }
        assert_eq!(keys.find("key 1000"), None);
        assert_eq!(keys.insert("key 1000"), None);
        assert_eq!(keys.name(1000), None);
        assert_eq!(keys.len(), 1000);
    }

    #[test]
    fn full_of_keys_or_of_text() {
        let mut none = KeyTable::new(0, 0);
        assert_eq!((none.find("a"), none.insert("a")), (None, None));
        let mut keys = KeyTable::new(3, 4);
        assert_eq!(keys.insert("abc"), Some(0));
        assert_eq!(keys.insert("de"), None);
        assert_eq!(keys.insert(""), Some(1));
        assert_eq!(keys.insert("d"), Some(2));
        assert_eq!(keys.names().collect::<Vec<_>>(), ["abc", "", "d"]);
    }
}
