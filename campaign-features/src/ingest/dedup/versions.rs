//! Which of several rows of one key stands.

use super::State;

/// A row among those of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) file: u32,
    pub(crate) measure: u64,
    /// Nanoseconds since 1970.
    pub(crate) known: Option<i64>,
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fate {
    pub(crate) state: State,
    pub(crate) conflicting: bool,
    /// Of a restated row, the one that took its place.
    pub(crate) next: Option<usize>,
}

/// Decides over the rows of one key, which are given in reading order; `state` is that of those that
/// stand.
///
/// Where every row says when it was known, the order of files does not matter: rows are taken in the
/// order of those times, and a row that repeats what stood until then is a duplicate.
pub(crate) fn settle(rows: &[Version], state: State, fates: &mut Vec<Fate>) {
    fates.clear();
    fates.resize(rows.len(), Fate { state, conflicting: false, next: None });
    let timed = rows.iter().all(|row| row.known.is_some());
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let known = |index: usize| rows.get(index).and_then(|row| row.known);
    if timed {
        order.sort_by_key(|index| known(*index));
    }
    let source =
        |index: usize| rows.get(index).map(|row| (row.file, if timed { row.known } else { None }));
    let mut standing: Option<usize> = None;
    for group in order.chunk_by(|a, b| source(*a) == source(*b)) {
        let Some(new) = within(rows, group, fates) else { continue };
        standing = match standing {
            None => Some(new),
            Some(old) => Some(between(rows, old, new, fates)),
        };
    }
}

fn repeated(fates: &mut [Fate], index: usize, conflicting: bool) {
    if let Some(fate) = fates.get_mut(index) {
        *fate = Fate { state: State::Duplicate, conflicting, next: None };
    }
}

fn restated(fates: &mut [Fate], index: usize, next: usize) {
    if let Some(fate) = fates.get_mut(index) {
        *fate = Fate { state: State::Restated, conflicting: false, next: Some(next) };
    }
}

/// The row of one file that stands: of several the one that was known last, else the last.
fn within(rows: &[Version], group: &[usize], fates: &mut [Fate]) -> Option<usize> {
    if let [only] = group {
        return Some(*only);
    }
    let measure = |index: usize| rows.get(index).map(|row| row.measure);
    let known = |index: usize| rows.get(index).and_then(|row| row.known);
    let mut distinct: Vec<usize> = Vec::new();
    for index in group {
        if distinct.iter().any(|other| measure(*other) == measure(*index)) {
            repeated(fates, *index, false);
        } else {
            distinct.push(*index);
        }
    }
    // Only where all say when, the later restates the earlier.
    if distinct.iter().all(|index| known(*index).is_some()) {
        let latest = distinct.iter().filter_map(|index| known(*index)).max();
        let last = distinct.iter().copied().rfind(|index| known(*index) == latest);
        distinct.retain(|index| {
            let stands = known(*index) == latest;
            if !stands {
                restated(fates, *index, last.unwrap_or(*index));
            }
            stands
        });
    }
    let last = distinct.pop();
    distinct.into_iter().for_each(|index| repeated(fates, index, true));
    last
}

/// Which of two files' rows stands.
fn between(rows: &[Version], old: usize, new: usize, fates: &mut [Fate]) -> usize {
    let (Some(before), Some(after)) = (rows.get(old), rows.get(new)) else { return old };
    if before.measure == after.measure {
        repeated(fates, new, false);
        return old;
    }
    let stale = matches!((after.known, before.known), (Some(new), Some(old)) if new < old);
    let (stands, gone) = if stale { (old, new) } else { (new, old) };
    restated(fates, gone, stands);
    stands
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn letters(rows: &[(u32, u64, Option<i64>)]) -> String {
        let rows: Vec<Version> = rows
            .iter()
            .map(|(file, measure, known)| Version { file: *file, measure: *measure, known: *known })
            .collect();
        let mut fates = Vec::new();
        settle(&rows, State::Live, &mut fates);
        let letter = |fate: &Fate| match (fate.state, fate.conflicting) {
            (State::Live, _) => 'l',
            (State::Duplicate, true) => 'c',
            (State::Duplicate, false) => 'd',
            (State::Restated, _) => 'r',
            (State::Later, _) => 'a',
        };
        fates.iter().map(letter).collect()
    }

    #[test]
    fn a_value_that_comes_back_is_a_version() {
        assert_eq!(letters(&[(0, 1, Some(5)), (0, 2, Some(7)), (0, 1, Some(9))]), "rrl");
        assert_eq!(letters(&[(0, 1, Some(9)), (1, 2, Some(7)), (2, 1, Some(5))]), "lrr");
        // Repeated later, it is known since it was first.
        assert_eq!(letters(&[(0, 1, Some(9)), (1, 1, Some(5))]), "dl");
        // Without times the file read later stands.
        assert_eq!(letters(&[(0, 1, None), (1, 2, None), (2, 1, None)]), "rrl");
    }

    #[test]
    fn reading_a_file_again_changes_nothing() {
        let file = |f: u32| [(f, 1, None), (f, 2, None), (f, 1, None)];
        assert_eq!(letters(&file(0)), "cld");
        assert_eq!(letters(&[file(0), file(1)].concat()), "cldcdd");
        let file = |f: u32| [(f, 1, Some(5)), (f, 2, Some(5)), (f, 3, Some(4))];
        assert_eq!(letters(&file(0)), "clr");
        assert_eq!(letters(&[file(0), file(1)].concat()), "clrcdd");
    }

    proptest! {
        /// The versions of a key, one file each, in the order of their times.
        #[test]
        fn the_order_of_files_does_not_matter(mut rows in prop::collection::vec((1_u64..4, 0_i64..6), 1..7), seed in any::<u64>()) {
            // One value per time: two at once contradict each other.
            rows.sort_by_key(|row| row.1);
            rows.dedup_by_key(|row| row.1);
            let at = |order: &[usize]| -> Vec<(u64, i64, char)> {
                let given: Vec<_> = order.iter().enumerate().map(|(file, i)| (file as u32, rows[*i].0, Some(rows[*i].1))).collect();
                let mut out: Vec<_> = letters(&given).chars().zip(order).map(|(c, i)| (rows[*i].0, rows[*i].1, c)).collect();
                out.sort_by_key(|row| row.1);
                out
            };
            let order: Vec<usize> = (0..rows.len()).collect();
            let mut shuffled = order.clone();
            shuffled.sort_by_key(|i| (*i as u64 + 1).wrapping_mul(seed | 1));
            prop_assert_eq!(at(&order), at(&shuffled));
            // The naive truth: a version is what differs from the one before it.
            let mut expected: Vec<(u64, i64, char)> = Vec::new();
            for (measure, known) in &rows {
                let stands = expected.iter().rposition(|row| row.2 == 'l');
                match stands {
                    Some(i) if expected[i].0 == *measure => expected.push((*measure, *known, 'd')),
                    stands => {
                        if let Some(i) = stands { expected[i].2 = 'r'; }
                        expected.push((*measure, *known, 'l'));
                    }
                }
            }
            prop_assert_eq!(at(&order), expected);
        }
    }
}
