//! Texts that are stored once.

use std::collections::HashMap;
use std::sync::Arc;

/// The number of a text; 0 stands for none.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Symbol(u32);

impl Symbol {
    pub(crate) const NONE: Self = Self(0);

    pub(crate) const fn is_none(self) -> bool {
        self.0 == 0
    }

    pub(crate) const fn is_some(self) -> bool {
        self.0 != 0
    }

    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Texts that are stored once, by number.
#[derive(Debug, Clone)]
pub(crate) struct Texts {
    known: HashMap<Arc<str>, Symbol>,
    /// The first is of no text.
    texts: Vec<Arc<str>>,
}

impl Default for Texts {
    fn default() -> Self {
        Self { known: HashMap::new(), texts: vec![Arc::from("")] }
    }
}

impl Texts {
    pub(crate) fn symbol(&mut self, text: &str) -> Symbol {
        if let Some(known) = self.known.get(text) {
            return *known;
        }
        self.insert(text.into())
    }

    fn insert(&mut self, new: Arc<str>) -> Symbol {
        // Four thousand million different texts do not fit in memory.
        let symbol = Symbol(u32::try_from(self.texts.len()).unwrap_or(0));
        self.texts.push(Arc::clone(&new));
        self.known.insert(new, symbol);
        symbol
    }

    /// The symbol of a text that there may be.
    pub(crate) fn maybe(&mut self, text: Option<&str>) -> Symbol {
        text.map_or(Symbol::NONE, |text| self.symbol(text))
    }

    /// The symbol of a text that is kept elsewhere.
    pub(crate) fn shared(&mut self, text: &Arc<str>) -> Symbol {
        match self.known.get(text) {
            Some(known) => *known,
            None => self.insert(Arc::clone(text)),
        }
    }

    pub(crate) fn get(&mut self, text: &str) -> Arc<str> {
        let symbol = self.symbol(text);
        self.text(symbol).unwrap_or_else(|| text.into())
    }

    pub(crate) fn text(&self, symbol: Symbol) -> Option<Arc<str>> {
        self.borrow(symbol).map(Arc::clone)
    }

    pub(crate) fn borrow(&self, symbol: Symbol) -> Option<&Arc<str>> {
        if symbol.is_none() { None } else { self.texts.get(symbol.index()) }
    }

    /// How many there are, the none included.
    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    /// For each symbol the place of its text among all in their order; 0 for none.
    pub(crate) fn ranks(&self) -> Vec<u32> {
        let mut order: Vec<usize> = (1..self.texts.len()).collect();
        order.sort_unstable_by_key(|index| self.texts.get(*index));
        let mut ranks = vec![0; self.texts.len()];
        for (rank, index) in (1..).zip(order) {
            if let Some(slot) = ranks.get_mut(index) {
                *slot = rank;
            }
        }
        ranks
    }
}
