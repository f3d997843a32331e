//! What spend buys: impressions of an ad, buyers of a channel.

use campaign_core::{Curve, Error};

/// Impressions of one ad against its daily spend, at a normal day's prices.
///
/// With shape 1 the price of the first thousand is `cpm` and the average price at spend `x` is
/// `cpm·(1 + x / half)`. With a lower shape the first impressions are cheaper and `cpm` is half the
/// average price at `half`.
///
/// # Errors
/// [`Error::OutOfRange`] for a price or half saturation that is not positive.
pub fn reach(cpm: f64, half: f64, shape: f64) -> Result<Curve, Error> {
    Curve::hill(1000.0 * half / cpm, half, shape)
}

/// Buyers of a channel against the buyers that its ads would bring each on its own.
///
/// # Errors
/// [`Error::OutOfRange`] unless `pool` is positive.
pub fn pool(pool: f64) -> Result<Curve, Error> {
    Curve::hill(pool, pool, 1.0)
}

/// The share of would-be buyers that the pool lets through, `H(M) / M`; 1 at 0.
#[must_use]
pub fn pool_share(pool: &Curve, raw: f64) -> f64 {
    if raw > 0.0 { pool.value(raw) / raw } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn price_doubles_at_half_saturation() {
        let curve = reach(8.0, 40.0, 1.0).unwrap();
        assert!((curve.derivative(0.0) - 125.0).abs() < 1e-9); // 1000 / 8 per unit
        assert!((40.0 / curve.value(40.0) * 1000.0 - 16.0).abs() < 1e-9);
    }

    #[test]
    fn the_pool_starts_at_one_for_one() {
        let curve = pool(30.0).unwrap();
        assert_eq!(pool_share(&curve, 0.0), 1.0);
        assert!((pool_share(&curve, 30.0) - 0.5).abs() < 1e-15);
    }

    proptest! {
        #[test]
        fn concave_and_rising(cpm in 3.0..20.0f64, half in 5.0..500.0f64, s in 0.5..=1.0f64,
                              x in 0.0..1e4f64, d in 0.01..100.0f64) {
            let curve = reach(cpm, half, s).unwrap();
            let (a, b, c) = (curve.value(x), curve.value(x + d), curve.value(x + 2.0 * d));
            prop_assert!(b >= a && c >= b);
            prop_assert!(b - a >= c - b - 1e-9 * c);
            prop_assert!(curve.derivative(x) >= curve.derivative(x + d));
        }
    }
}
