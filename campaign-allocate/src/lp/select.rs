//! Filling segments in the order of their value without sorting them all.

/// A stretch of spend of constant marginal value in one cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment {
    pub(crate) value: f64,
    pub(crate) width: f64,
    pub(crate) cell: u32,
}

impl Segment {
    /// Higher value first; among equal values the lower cell index first.
    fn is_before(&self, other: &Self) -> bool {
        (self.value > other.value) | ((self.value == other.value) & (self.cell < other.cell))
    }
}

/// Below this many segments sorting is cheaper than partitioning.
const SMALL: usize = 24;

/// Spends `amount` on the best segments and returns `(k, rest)`.
///
/// Afterwards `segments[..k]` are full, `segments[k]`, if there is one, has more room than the
/// `rest` it gets, and `segments[k + 1..]` get nothing; neither side is sorted. With `k` the number of
/// segments, `rest` found no room.
///
/// # Complexity
/// O(n) expected (weighted quickselect on the median of three); after 2 log₂ n bad pivots what is left
/// is sorted, so O(n log n) at worst.
///
/// # Source
/// Balas, E. and Zemel, E. (1980), *Operations Research* 28, 1130–1154: the critical item of a
/// continuous knapsack by partitioning.
pub(crate) fn fill(segments: &mut [Segment], mut amount: f64) -> (usize, f64) {
    let (mut from, mut to) = (0, segments.len());
    let mut patience = 2 * (usize::BITS - segments.len().leading_zeros());
    while to - from > SMALL && patience > 0 {
        patience -= 1;
        let (pivot, width) = partition(&mut segments[from..to]);
        let pivot = from + pivot;
        if width > amount {
            to = pivot;
            continue;
        }
        amount -= width;
        if segments[pivot].width > amount {
            return (pivot, amount);
        }
        amount -= segments[pivot].width;
        from = pivot + 1;
    }
    segments[from..to]
        .sort_unstable_by(|a, b| b.value.total_cmp(&a.value).then(a.cell.cmp(&b.cell)));
    for (k, segment) in segments.iter().enumerate().take(to).skip(from) {
        if segment.width > amount {
            return (k, amount);
        }
        amount -= segment.width;
    }
    // Where rounding let the last partition look too small, the pivot after it is next in order.
    (to, amount)
}

/// Puts what is before a pivot to its left; returns the pivot's place and the width to its left.
fn partition(segments: &mut [Segment]) -> (usize, f64) {
    let last = segments.len() - 1;
    let middle = last / 2;
    if segments[middle].is_before(&segments[0]) {
        segments.swap(middle, 0);
    }
    if segments[last].is_before(&segments[0]) {
        segments.swap(last, 0);
    }
    // Now the first is the foremost of the three: the median is the earlier of the other two.
    if segments[middle].is_before(&segments[last]) {
        segments.swap(middle, last);
    }
    let pivot = segments[last];
    let (mut place, mut width) = (0, 0.0);
    for k in 0..last {
        let segment = segments[k];
        // Without a branch: the outcome is a coin toss, which a branch predictor loses.
        let is_before = segment.is_before(&pivot);
        segments[k] = segments[place];
        segments[place] = segment;
        width += if is_before { segment.width } else { 0.0 };
        place += usize::from(is_before);
    }
    segments.swap(place, last);
    (place, width)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn equals_sorting(
            items in prop::collection::vec((-3_i32..3, 0_u32..5), 0..200),
            share in 0.0..1.2f64,
        ) {
            // Whole numbers, so that no order of summation rounds.
            let mut segments: Vec<Segment> = items.iter().enumerate().map(|(cell, &(value, width))| {
                Segment { value: f64::from(value), width: f64::from(width), cell: cell as u32 }
            }).collect();
            let total: f64 = segments.iter().map(|s| s.width).sum();
            let amount = (share * total).floor();
            let mut sorted = segments.clone();
            sorted.sort_by(|a, b| b.value.partial_cmp(&a.value).unwrap().then(a.cell.cmp(&b.cell)));
            let (mut k, mut rest) = (0, amount);
            while k < sorted.len() && sorted[k].width <= rest {
                rest -= sorted[k].width;
                k += 1;
            }
            prop_assert_eq!(fill(&mut segments, amount), (k, rest));
            let cells = |s: &[Segment]| {
                let mut cells: Vec<u32> = s.iter().map(|s| s.cell).collect();
                cells.sort_unstable();
                cells
            };
            prop_assert_eq!(cells(&segments[..k]), cells(&sorted[..k]));
            prop_assert_eq!(segments.get(k).map(|s| s.cell), sorted.get(k).map(|s| s.cell));
        }
    }

    #[test]
    fn an_endless_segment_takes_the_rest() {
        let one = |value, width, cell| Segment { value, width, cell };
        let mut segments = [one(1.0, f64::INFINITY, 0), one(2.0, 5.0, 1)];
        assert_eq!(fill(&mut segments, 7.0), (1, 2.0));
        assert_eq!(segments[1].cell, 0);
        assert_eq!(fill(&mut [], 7.0), (0, 7.0));
    }
}
