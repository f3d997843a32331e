//! The keys of one entity kind: a dictionary of fixed size.

use crate::texts::Texts;

/// Names and their codes, 0, 1, 2, ... in the order in which they came.
#[derive(Debug, Clone)]
pub(crate) struct KeyTable {
    names: Texts,
    capacity: usize,
    text_capacity: usize,
}

impl KeyTable {
    pub(crate) fn new(capacity: usize, text_capacity: usize) -> Self {
        Self { names: Texts::with_capacity(capacity, text_capacity), capacity, text_capacity }
    }

    pub(crate) const fn len(&self) -> usize {
        self.names.len()
    }

    pub(crate) const fn capacity(&self) -> usize {
        self.capacity
    }

    pub(crate) const fn text_capacity(&self) -> usize {
        self.text_capacity
    }

    pub(crate) fn name(&self, code: u32) -> Option<&str> {
        self.names.text(code)
    }

    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        self.names.find(name)
    }

    /// Whether a new name of this length fits.
    pub(crate) const fn fits(&self, name: &str) -> bool {
        self.len() < self.capacity && self.names.bytes() + name.len() <= self.text_capacity
    }

    /// The code of a name, which is new if need be; `None` if it does not fit.
    pub(crate) fn insert(&mut self, name: &str) -> Option<u32> {
        if self.fits(name) { self.names.code(name) } else { self.find(name) }
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_of_keys_or_of_text() {
        let mut none = KeyTable::new(0, 0);
        assert_eq!((none.find("a"), none.insert("a")), (None, None));
        let mut keys = KeyTable::new(3, 4);
        assert_eq!(keys.insert("abc"), Some(0));
        assert_eq!(keys.insert("de"), None);
        assert_eq!(keys.insert(""), Some(1));
        assert_eq!(keys.insert("d"), Some(2));
        assert_eq!(keys.insert("abc"), Some(0));
        assert_eq!(keys.names().collect::<Vec<_>>(), ["abc", "", "d"]);
    }
}
