//! A long list that grows without being copied.

/// Rows per piece: so many that an allocator maps it, and gives it back once it is free, instead of
/// keeping it among what is small.
const PIECE: usize = 1 << 19;

/// A list in pieces of equal length.
#[derive(Debug, Clone)]
pub(crate) struct Chunks<T>(Vec<Vec<T>>);

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Chunks<T> {
    pub(crate) fn len(&self) -> usize {
        match self.0.last() {
            Some(last) => (self.0.len() - 1) * PIECE + last.len(),
            None => 0,
        }
    }

    pub(crate) fn push(&mut self, item: T) {
        match self.0.last_mut() {
            // The first piece grows, so that a small list is small.
            Some(last) if last.len() < PIECE => last.push(item),
            Some(_) => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(item);
                self.0.push(piece);
            }
            None => self.0.push(vec![item]),
        }
    }

    pub(crate) fn get(&self, index: usize) -> Option<&T> {
        self.0.get(index / PIECE)?.get(index % PIECE)
    }

    pub(crate) fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.0.get_mut(index / PIECE)?.get_mut(index % PIECE)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().flatten()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut().flatten()
    }

    pub(crate) fn truncate(&mut self, length: usize) {
        self.0.truncate(length.div_ceil(PIECE));
        let before = self.0.len().saturating_sub(1) * PIECE;
        if let Some(last) = self.0.last_mut() {
            last.truncate(length - before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_a_vector() {
        let mut list = Chunks::default();
        let n = 2 * PIECE + 3;
        (0..n).for_each(|i| list.push(i));
        assert_eq!((list.len(), list.get(PIECE), list.get(n)), (n, Some(&PIECE), None));
        assert!(list.iter().copied().eq(0..n));
        for length in [n, 2 * PIECE + 1, 2 * PIECE, PIECE - 1, 0] {
            list.truncate(length);
            assert!(list.iter().copied().eq(0..length));
            assert_eq!(list.len(), length);
        }
    }
}
