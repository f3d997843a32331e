//! What is known of an ad at each row: the latest statement, the earliest day.

use jiff::Timestamp;

/// At every row, the value whose (day, instant, value) is greatest among those the row may know.
///
/// `first` comes from [`first_rows`](super::window::first_rows); a value of `u32::MAX` states
/// nothing and is what a row gets that knows nothing. Among equals the greater value wins, so that
/// the order of the observations does not matter.
///
/// # Complexity
/// O(n + r).
pub(super) fn latest(
    first: &[u32],
    days: &[i32],
    known: &[Timestamp],
    values: &[u32],
    rows: usize,
) -> Vec<u32> {
    let mut best: Vec<Option<(i32, Timestamp, u32)>> = vec![None; rows];
    for (((&first, &day), &known), &value) in first.iter().zip(days).zip(known).zip(values) {
        if value != u32::MAX
            && let Some(slot) = best.get_mut(first as usize)
        {
            *slot = (*slot).max(Some((day, known, value)));
        }
    }
    let mut so_far = None;
    best.into_iter()
        .map(|here| {
            so_far = so_far.max(here);
            so_far.map_or(u32::MAX, |(_, _, value)| value)
        })
        .collect()
}

/// At every row, the earliest day that counts among those the row may know.
///
/// # Complexity
/// O(n + r).
pub(super) fn earliest(
    first: &[u32],
    days: &[i32],
    counts: &[bool],
    rows: usize,
) -> Vec<Option<i32>> {
    let mut best: Vec<Option<i32>> = vec![None; rows];
    for ((&first, &day), &counts) in first.iter().zip(days).zip(counts) {
        if counts && let Some(slot) = best.get_mut(first as usize) {
            *slot = Some(slot.map_or(day, |d: i32| d.min(day)));
        }
    }
    let mut so_far: Option<i32> = None;
    for here in &mut best {
        so_far = match (so_far, *here) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        *here = so_far;
    }
    best
}

/// Days by when they became known, to be asked for the earliest one known at an instant.
#[derive(Debug, Clone, Default)]
pub(super) struct EarliestDay {
    known: Vec<Timestamp>,
    earliest: Vec<i32>,
}

impl EarliestDay {
    /// # Complexity
    /// O(n log n).
    pub(super) fn new(mut days: Vec<(Timestamp, i32)>) -> Self {
        days.sort_unstable();
        let mut so_far = i32::MAX;
        let earliest = days
            .iter()
            .map(|&(_, day)| {
                so_far = so_far.min(day);
                so_far
            })
            .collect();
        Self { known: days.into_iter().map(|(known, _)| known).collect(), earliest }
    }

    /// The earliest day before `day` that is known at `cutoff`.
    pub(super) fn before(&self, day: i32, cutoff: Timestamp) -> Option<i32> {
        let aware = self.known.partition_point(|&known| known <= cutoff);
        // If the earliest of all is not before the day, none is.
        self.earliest.get(aware.checked_sub(1)?).copied().filter(|&first| first < day)
    }
}
