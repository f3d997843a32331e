//! How a version of a fact stands in the fact table: `[stands, keys.., measures.., attributes.., 0..]`.

use super::event::Event;
use crate::feature::source::NOT_REPORTED;

/// Measures and attributes of one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) measures: usize,
    pub(crate) attributes: usize,
}

impl Shape {
    /// How many words versions of sources of these shapes take.
    pub(crate) fn words(kinds: usize, shapes: &[Self]) -> usize {
        1 + kinds + shapes.iter().map(|s| s.measures + s.attributes).max().unwrap_or(0)
    }
}

/// What a version says, day and time aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Body<'a> {
    pub(crate) stands: bool,
    pub(crate) keys: &'a [i64],
    pub(crate) measures: &'a [i64],
    pub(crate) attributes: &'a [i64],
}

impl<'a> Body<'a> {
    /// `None` for words of another shape.
    pub(crate) fn of(words: &'a [i64], kinds: usize, shape: Shape) -> Option<Self> {
        let (stands, rest) = words.split_first()?;
        let (keys, rest) = rest.split_at_checked(kinds)?;
        let (measures, rest) = rest.split_at_checked(shape.measures)?;
        let attributes = rest.get(..shape.attributes)?;
        Some(Self { stands: *stands == 1, keys, measures, attributes })
    }

    pub(crate) fn says_the_same(&self, event: &Event<'_>) -> bool {
        let same = |words: &[i64], codes: &[u32]| {
            words.iter().copied().eq(codes.iter().map(|code| i64::from(*code)))
        };
        self.stands == event.stands
            && same(self.keys, event.keys)
            && self.measures == event.measures
            && same(self.attributes, event.attributes)
    }
}

/// The inverse of [`Body::of`].
#[inline]
pub(crate) fn pack(event: &Event<'_>, words: &mut [i64]) {
    let Some((stands, rest)) = words.split_first_mut() else { return };
    *stands = i64::from(event.stands);
    let mut rest = put(rest, event.keys.iter().map(|key| i64::from(*key)));
    rest = put(rest, event.measures.iter().copied());
    rest = put(rest, event.attributes.iter().map(|attribute| i64::from(*attribute)));
    rest.iter_mut().for_each(|word| *word = 0);
}

/// Writes numbers into the first words; gives the others.
#[inline]
fn put(words: &mut [i64], said: impl ExactSizeIterator<Item = i64>) -> &mut [i64] {
    let (to, rest) = words.split_at_mut(said.len().min(words.len()));
    to.iter_mut().zip(said).for_each(|(word, said)| *word = said);
    rest
}

/// Never less than what the kernel adds up of one version: all measures, a report of each, the fact.
pub(crate) fn magnitude(measures: &[i64]) -> u64 {
    let known = |value: i64| if value == NOT_REPORTED { 0 } else { value.unsigned_abs() };
    let sum: u128 = measures.iter().map(|value| u128::from(known(*value))).sum();
    u64::try_from(sum + measures.len() as u128 + 1).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_is_what_was_said() {
        let event = Event {
            source: 0,
            keys: &[7, Event::NO_KEY],
            day: 0,
            known_at: 0,
            fact: 0,
            stands: true,
            measures: &[-3, NOT_REPORTED],
            attributes: &[u32::MAX, 1],
        };
        let small = Shape { measures: 2, attributes: 2 };
        let n = Shape::words(2, &[small, Shape { measures: 5, attributes: 0 }]);
        let mut words = vec![9; n];
        pack(&event, &mut words);
        assert_eq!(words, [1, 7, i64::from(u32::MAX), -3, NOT_REPORTED, i64::from(u32::MAX), 1, 0]);
        let body = Body::of(&words, 2, small).unwrap();
        assert!(body.says_the_same(&event));
        for other in [
            Event { stands: false, ..event },
            Event { keys: &[7, 7], ..event },
            Event { measures: &[-3, 0], ..event },
            Event { attributes: &[u32::MAX, 2], ..event },
        ] {
            assert!(!body.says_the_same(&other), "{other:?}");
            pack(&other, &mut words.clone());
        }
        assert_eq!(Body::of(&words, 4, Shape { measures: 5, attributes: 0 }), None);
        assert_eq!((magnitude(&[-3, NOT_REPORTED]), magnitude(&[i64::MAX; 4])), (6, u64::MAX));
    }
}
