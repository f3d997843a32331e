//! Kernel: the largest distance between two empirical distribution functions.

/// The largest `|i m - j n|` over all values `x`, where `i` of the `n` values of `a` and `j` of the
/// `m` values of `b` are at most `x`. Divided by `n m` it is the Kolmogorov-Smirnov statistic; kept
/// as an integer it has no rounding.
///
/// Both slices must be sorted and finite. Equal values step together, which is what ties ask for.
///
/// # Allocation
/// None.
///
/// # Complexity
/// `O(n + m)`.
#[must_use]
pub fn distance(a: &[f64], b: &[f64]) -> u64 {
    let (n, m) = (a.len() as u64, b.len() as u64);
    let (mut rest_a, mut rest_b) = (a, b);
    let (mut i, mut j, mut largest) = (0_u64, 0_u64, 0_u64);
    while let (Some(&x), Some(&y)) = (rest_a.first(), rest_b.first()) {
        let at = x.min(y);
        while let [first, tail @ ..] = rest_a
            && *first <= at
        {
            (rest_a, i) = (tail, i + 1);
        }
        while let [first, tail @ ..] = rest_b
            && *first <= at
        {
            (rest_b, j) = (tail, j + 1);
        }
        largest = largest.max((i * m).abs_diff(j * n));
    }
    largest
}

/// Greatest common divisor.
pub(crate) fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Counts afresh at every value: `O((n + m)^2)`.
    fn naive(a: &[f64], b: &[f64]) -> u64 {
        let count = |s: &[f64], x: f64| s.iter().filter(|v| **v <= x).count() as u64;
        let (n, m) = (a.len() as u64, b.len() as u64);
        a.iter().chain(b).map(|&x| (count(a, x) * m).abs_diff(count(b, x) * n)).max().unwrap_or(0)
    }

    fn sample() -> impl Strategy<Value = Vec<f64>> {
        // Few distinct values, so that ties are common, or many.
        prop_oneof![
            prop::collection::vec((-4_i8..4).prop_map(f64::from), 1..40),
            prop::collection::vec(-1e9..1e9, 1..40),
        ]
    }

    proptest! {
        #[test]
        fn equals_the_naive_count(mut a in sample(), mut b in sample()) {
            a.sort_unstable_by(f64::total_cmp);
            b.sort_unstable_by(f64::total_cmp);
            let d = distance(&a, &b);
            prop_assert_eq!(d, naive(&a, &b));
            prop_assert_eq!(d, distance(&b, &a));
            prop_assert!(d <= (a.len() * b.len()) as u64);
            prop_assert_eq!(distance(&a, &a), 0);
            let factor = gcd(a.len() as u64, b.len() as u64);
            prop_assert_eq!(d % factor, 0);
        }
    }

    #[test]
    fn signed_zeros_are_equal_and_disjoint_samples_are_far() {
        assert_eq!(distance(&[-0.0], &[0.0]), 0);
        assert_eq!(distance(&[1.0, 2.0], &[3.0, 4.0, 5.0]), 6);
    }
}
