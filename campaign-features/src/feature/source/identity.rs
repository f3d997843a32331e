//! Which rows are versions of one fact.

use super::NONE;

/// What tells facts apart, in columns: whose it is, its day, and what names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct FactNames<'a> {
    pub(super) owner: &'a [u32],
    pub(super) day: &'a [i32],
    /// [`NONE`] for a fact that nothing replaces.
    pub(super) name: &'a [u32],
}

impl FactNames<'_> {
    fn of(&self, row: u32) -> (u32, i32, u32) {
        let row = row as usize;
        (self.owner[row], self.day[row], self.name[row])
    }

    /// Per row the first row of the same fact.
    ///
    /// # Complexity
    /// O(n) for n rows whose owners, days and names are about as many as rows or fewer.
    pub(super) fn first_rows(&self) -> Vec<u64> {
        let n = self.name.len();
        let mut first: Vec<u64> = (0..n as u64).collect();
        let ascending = (1..n as u32).all(|row| self.of(row - 1) < self.of(row));
        if ascending {
            return first;
        }
        let mut order: Vec<u32> =
            (0..n as u32).filter(|&row| self.name[row as usize] != NONE).collect();
        let least = self.day.iter().min().copied().unwrap_or(0);
        let days: Vec<u32> = self.day.iter().map(|&day| day.wrapping_sub(least) as u32).collect();
        for column in [self.name, &days, self.owner] {
            order = sorted_by(column, order);
        }
        for pair in order.windows(2) {
            let (before, after) = (pair[0], pair[1]);
            if self.of(before) == self.of(after) {
                first[after as usize] = first[before as usize];
            }
        }
        first
    }
}

/// Rows by a column's value; rows of one value stay in their order.
fn sorted_by(column: &[u32], mut rows: Vec<u32>) -> Vec<u32> {
    // No owner sorts last.
    let value = |row: u32| (column[row as usize].wrapping_add(1)) as usize;
    let most = rows.iter().map(|&row| value(row)).max().unwrap_or(0);
    if most > 4 * column.len() + 1024 {
        rows.sort_by_key(|&row| value(row));
        return rows;
    }
    let mut next = vec![0u32; most + 2];
    for &row in &rows {
        next[value(row) + 1] += 1;
    }
    for i in 1..next.len() {
        next[i] += next[i - 1];
    }
    let mut sorted = vec![0; rows.len()];
    for row in rows {
        let place = &mut next[value(row)];
        sorted[*place as usize] = row;
        *place += 1;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn first_rows_are_those_of_a_map(
            rows in prop::collection::vec((
                prop_oneof![0u32..4, Just(NONE)],
                prop_oneof![-3i32..3, Just(i32::MIN), Just(i32::MAX)],
                prop_oneof![0u32..3, Just(NONE)],
            ), 0..200),
            in_order in any::<bool>(),
        ) {
            let mut rows = rows;
            if in_order {
                rows.sort_unstable();
                rows.dedup();
            }
            let owner: Vec<u32> = rows.iter().map(|r| r.0).collect();
            let day: Vec<i32> = rows.iter().map(|r| r.1).collect();
            let name: Vec<u32> = rows.iter().map(|r| r.2).collect();
            let mut known = BTreeMap::new();
            let expected: Vec<u64> = rows.iter().enumerate().map(|(row, &names)| {
                if names.2 == NONE { row as u64 } else { *known.entry(names).or_insert(row as u64) }
            }).collect();
            let names = FactNames { owner: &owner, day: &day, name: &name };
            prop_assert_eq!(names.first_rows(), expected);
        }
    }
}
