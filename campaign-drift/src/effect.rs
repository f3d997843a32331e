//! Effect sizes: how large a difference is, apart from how surely it is there.

/// Cliff's delta of two sorted samples: `P(current > reference) - P(current < reference)` for a value
/// drawn from each, in `-1..=1`. Positive where current values are larger.
///
/// NaN where a sample is empty.
///
/// # Allocation
/// None.
///
/// # Complexity
/// `O(n + m)`.
///
/// # Examples
/// ```
/// use campaign_drift::effect::cliffs_delta;
/// assert_eq!(cliffs_delta(&[1.0, 2.0], &[2.0, 3.0]), 0.75);
/// ```
///
/// # Source
/// Cliff (1993).
#[must_use]
pub fn cliffs_delta(reference: &[f64], current: &[f64]) -> f64 {
    let (mut below, mut at_most, mut balance) = (0_usize, 0_usize, 0.0);
    for &x in current {
        while reference.get(below).is_some_and(|r| *r < x) {
            below += 1;
        }
        at_most = at_most.max(below);
        while reference.get(at_most).is_some_and(|r| *r <= x) {
            at_most += 1;
        }
        balance += below as f64 - (reference.len() - at_most) as f64;
    }
    balance / (reference.len() as f64 * current.len() as f64)
}

/// Shift of the median in interquartile ranges of the reference, of two sorted samples.
///
/// `None` where a sample is empty or the reference's interquartile range is 0.
///
/// # Allocation
/// None.
#[must_use]
pub fn median_shift(reference: &[f64], current: &[f64]) -> Option<f64> {
    let spread = quantile(reference, 0.75)? - quantile(reference, 0.25)?;
    (spread > 0.0).then_some(())?;
    Some((quantile(current, 0.5)? - quantile(reference, 0.5)?) / spread)
}

/// The empirical quantile of type 7 (linear between order statistics) of a sorted sample.
pub(crate) fn quantile(sorted: &[f64], level: f64) -> Option<f64> {
    let position = level * sorted.len().checked_sub(1)? as f64;
    let (low, high) =
        (sorted.get(position.floor() as usize)?, sorted.get(position.ceil() as usize)?);
    Some(low + (high - low) * (position - position.floor()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn delta_equals_the_count_over_all_pairs(
            mut a in prop::collection::vec((-5_i8..5).prop_map(f64::from), 1..30),
            mut b in prop::collection::vec((-5_i8..5).prop_map(f64::from), 1..30),
        ) {
            a.sort_unstable_by(f64::total_cmp);
            b.sort_unstable_by(f64::total_cmp);
            let mut pairs = 0_i64;
            for x in &a {
                for y in &b {
                    pairs += i64::from(y > x) - i64::from(y < x);
                }
            }
            let expected = pairs as f64 / (a.len() * b.len()) as f64;
            prop_assert!((cliffs_delta(&a, &b) - expected).abs() < 1e-15);
        }
    }

    #[test]
    fn median_shift_by_hand() {
        let reference = [0.0, 1.0, 2.0, 3.0, 4.0];
        assert_eq!(median_shift(&reference, &[5.0, 6.0]), Some(1.75));
        assert_eq!(median_shift(&[1.0, 1.0, 1.0], &[5.0]), None);
        assert_eq!(median_shift(&[], &[5.0]), None);
        assert_eq!(median_shift(&reference, &[]), None);
        assert!(cliffs_delta(&[], &[1.0]).is_nan());
    }
}
