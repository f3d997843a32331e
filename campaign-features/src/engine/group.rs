//! Rows grouped by key.

use core::ops::Range;

use crate::feature::source::NONE;

/// Rows in the order of their keys, and where each key's rows stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Groups {
    /// The rows by key, in their own order within a key; `None` if they stand that way already.
    pub(crate) order: Option<Vec<u32>>,
    /// Per key, its first row in that order; one more entry for the rows without a key, which come
    /// last, and one for the end.
    start: Vec<u32>,
}

impl Groups {
    /// Groups rows by keys below `names`; a key beyond them is nobody's.
    ///
    /// # Complexity
    /// O(n + names).
    pub(crate) fn new(keys: &[u32], names: usize) -> Self {
        let place = |key: u32| if key == NONE { names } else { (key as usize).min(names) };
        let mut start = vec![0u32; names + 2];
        let (mut sorted, mut last) = (true, 0);
        // Neighbours mostly have one key.
        for run in keys.chunk_by(|a, b| a == b) {
            let group = run.first().map_or(names, |&key| place(key));
            start[group + 1] += run.len() as u32;
            sorted &= last <= group;
            last = group;
        }
        for i in 1..start.len() {
            start[i] += start[i - 1];
        }
        if sorted {
            return Self { order: None, start };
        }
        let mut next = start.clone();
        let mut order = vec![0u32; keys.len()];
        for (row, &key) in keys.iter().enumerate() {
            let slot = &mut next[place(key)];
            order[*slot as usize] = row as u32;
            *slot += 1;
        }
        Self { order: Some(order), start }
    }

    /// How many groups there are, the one of the rows without a key included.
    pub(crate) fn len(&self) -> usize {
        self.start.len() - 1
    }

    /// Where the rows of a group stand in the order.
    pub(crate) fn range(&self, group: usize) -> Range<usize> {
        match (self.start.get(group), self.start.get(group + 1)) {
            (Some(&from), Some(&to)) => from as usize..to as usize,
            _ => 0..0,
        }
    }

    /// A column in the order of the groups.
    pub(crate) fn gather<'a, T: Copy>(&self, column: &'a [T]) -> std::borrow::Cow<'a, [T]> {
        match &self.order {
            None => column.into(),
            Some(order) => order.iter().map(|&row| column[row as usize]).collect(),
        }
    }
}
