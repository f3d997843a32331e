//! The names of one entity kind in their order, cut into ranges.

use std::ops::Range;
use std::sync::Arc;

/// Names in ascending order, and how many requests each has.
pub(super) struct Names<'a> {
    names: &'a [Arc<str>],
    /// Their codes, in that order.
    codes: Vec<usize>,
    /// By code, where it stands in that order.
    place: Vec<usize>,
    /// How many requests are of names before each place.
    before: Vec<usize>,
}

impl<'a> Names<'a> {
    /// Names by their codes, and the codes of all requests.
    pub(super) fn new(names: &'a [Arc<str>], keys: &[u32]) -> Self {
        let mut codes: Vec<usize> = (0..names.len()).collect();
        codes.sort_unstable_by_key(|&code| names.get(code));
        let mut place = vec![0; names.len()];
        for (at, &code) in codes.iter().enumerate() {
            if let Some(place) = place.get_mut(code) {
                *place = at;
            }
        }
        let mut before = vec![0; names.len() + 1];
        for place in keys.iter().filter_map(|&key| place.get(key as usize)) {
            if let Some(requests) = before.get_mut(place + 1) {
                *requests += 1;
            }
        }
        let mut all = 0;
        for requests in &mut before {
            all += *requests;
            *requests = all;
        }
        Self { names, codes, place, before }
    }

    /// All of them, in pieces as [`cut`](Self::cut).
    pub(super) fn all(&self, pieces: usize) -> Vec<Range<usize>> {
        self.cut(0..self.names.len(), pieces)
    }

    /// Cuts a range into pieces with about as many requests each, none of them empty: into fewer where
    /// there are not as many names.
    pub(super) fn cut(&self, range: Range<usize>, pieces: usize) -> Vec<Range<usize>> {
        let pieces = pieces.clamp(1, range.len().max(1));
        let at = |place: usize| self.before.get(place).copied().unwrap_or(0);
        let all = at(range.end) - at(range.start);
        let mut cut = Vec::with_capacity(pieces);
        let mut from = range.start;
        for piece in 1..pieces {
            let share = at(range.start) + all * piece / pieces;
            let to = self.before.partition_point(|&requests| requests < share);
            let to = to.clamp(from + 1, range.end - (pieces - piece));
            cut.push(from..to);
            from = to;
        }
        cut.push(from..range.end);
        cut
    }

    /// The codes of a range.
    pub(super) fn codes(&self, range: Range<usize>) -> &[usize] {
        self.codes.get(range).unwrap_or_default()
    }

    /// The first and the last name of a range.
    pub(super) fn ends(&self, range: &Range<usize>) -> (&'a str, &'a str) {
        let codes = self.codes(range.clone());
        let name = |code: Option<&usize>| code.and_then(|&code| self.names.get(code));
        let name = |code| name(code).map_or("", |name| &**name);
        (name(codes.first()), name(codes.last()))
    }

    /// Whether the name of this code is in a range; `None` if there is no such name.
    pub(super) fn is_in(&self, range: &Range<usize>, code: u32) -> Option<bool> {
        self.place.get(code as usize).map(|place| range.contains(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_as_even_as_names_allow() {
        // Codes in the order in which they came, which is that of the names backwards.
        let names = |n: usize| (0..n).map(|i| format!("{}", n - i).into()).collect::<Vec<_>>();
        let five = names(5);
        let five = Names::new(&five, &[4, 4, 4, 4, 3, 2, 1, 0, u32::MAX]);
        assert_eq!(five.all(2), [0..1, 1..5]);
        assert_eq!(five.cut(1..5, 2), [1..3, 3..5]);
        assert_eq!(five.all(9), [0..1, 1..2, 2..3, 3..4, 4..5]);
        assert_eq!((five.codes(1..3), five.ends(&(1..3))), (&[3, 2][..], ("2", "3")));
        assert_eq!((five.is_in(&(1..3), 3), five.is_in(&(1..3), 4)), (Some(true), Some(false)));
        assert_eq!(five.is_in(&(1..3), u32::MAX), None);
        // The last has most.
        let three = names(3);
        assert_eq!(Names::new(&three, &[2, 1, 0, 0, 0, 0]).all(2), [0..2, 2..3]);
        assert_eq!(Names::new(&[], &[u32::MAX]).all(3).first(), Some(&(0..0)));
    }
}
