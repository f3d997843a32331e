//! A comparison in single precision as one in double.

/// The largest number that rounds to a single-precision number below `t`, which is finite: for every
/// `x`, `(x as f32) < t` is `x <= below(t)`.
pub(super) fn below(t: f32) -> f64 {
    let lower = t.next_down();
    // Halfway between neighbours: what is below it rounds down. The lowest's neighbour would be as far
    // away as if the range went on.
    let middle = if lower.is_finite() {
        (f64::from(lower) + f64::from(t)) / 2.0
    } else {
        let (lowest, next) = (f64::from(t), f64::from(t.next_up()));
        lowest - (next - lowest) / 2.0
    };
    // A tie rounds to the neighbour with the even last bit.
    if (middle as f32) < t { middle } else { middle.next_down() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(t: f32) {
        let bound = below(t);
        assert!((bound as f32) < t, "{t:e}: {bound:e} is not below");
        assert!((bound.next_up() as f32) >= t, "{t:e}: {bound:e} is not the largest");
    }

    #[test]
    fn at_the_ends_and_around_zero() {
        let tiny = f32::from_bits(1);
        for t in [0.0, tiny, f32::MIN_POSITIVE, 1.0, 0.1, 16_777_216.0, f32::MAX, f32::MAX / 2.0] {
            check(t);
            check(-t);
            check(t.next_up().min(f32::MAX));
            check(t.next_down());
        }
        assert_eq!(below(1.0), 1.0 - f64::from(f32::EPSILON) / 4.0 - f64::EPSILON / 2.0);
    }

    proptest! {
        // The cast is monotone, so the two neighbours decide for every number.
        #[test]
        fn is_the_largest_number_below(bits in any::<u32>()) {
            let t = f32::from_bits(bits);
            prop_assume!(t.is_finite());
            check(t);
        }
    }
}
