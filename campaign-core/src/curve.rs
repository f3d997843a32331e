//! How response grows with spend.

use crate::error::{Error, Result};

/// A response curve: spend in, response (conversions, revenue) out, both per period.
///
/// Every curve is 0 at 0 spend and never falls.
///
/// # Source
/// Hill, A. V. (1910), *J. Physiol.* 40, iv–vii, as used for media saturation by Jin, Y. et al.
/// (2017), *Bayesian Methods for Media Mix Modeling with Carryover and Shape Effects*, eq. 4.
///
/// # Examples
/// ```
/// use campaign_core::Curve;
/// let curve = Curve::hill(1_000.0, 200.0, 1.0)?;
/// assert_eq!(curve.value(200.0), 500.0); // half of the ceiling at the half-saturation point
/// assert!(curve.derivative(0.0) > curve.derivative(100.0)); // diminishing returns
/// # Ok::<(), campaign_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Curve {
    /// `slope · x`.
    Linear {
        /// Response per unit of spend.
        slope: f64,
    },
    /// `ceiling · xˢ / (half_saturationˢ + xˢ)`; S-shaped where `shape > 1`.
    Hill {
        /// The response that infinite spend would bring.
        ceiling: f64,
        /// The spend that brings half of it.
        half_saturation: f64,
        /// Exponent `s`.
        shape: f64,
    },
}

impl Curve {
    /// A straight line.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `slope` is finite and not negative.
    pub fn linear(slope: f64) -> Result<Self> {
        at_least("slope", slope, 0.0)?;
        Ok(Self::Linear { slope })
    }

    /// A Hill curve.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] unless `ceiling >= 0`, `half_saturation > 0` and `shape > 0`, all finite.
    pub fn hill(ceiling: f64, half_saturation: f64, shape: f64) -> Result<Self> {
        at_least("ceiling", ceiling, 0.0)?;
        at_least("half_saturation", half_saturation, f64::MIN_POSITIVE)?;
        at_least("shape", shape, f64::MIN_POSITIVE)?;
        Ok(Self::Hill { ceiling, half_saturation, shape })
    }

    /// Response to a spend; a negative spend counts as 0.
    #[inline]
    #[must_use]
    pub fn value(&self, spend: f64) -> f64 {
        let x = spend.max(0.0);
        match *self {
            Self::Linear { slope } => slope * x,
            // Dividing through by xˢ keeps large spends from overflowing to inf / inf.
            Self::Hill { ceiling, half_saturation, shape } => {
                ceiling / (1.0 + (half_saturation / x).powf(shape))
            }
        }
    }

    /// Marginal response at a spend (the marginal ROAS, where the response is revenue).
    ///
    /// Infinite at 0 for a Hill curve with `shape < 1`.
    #[inline]
    #[must_use]
    pub fn derivative(&self, spend: f64) -> f64 {
        let x = spend.max(0.0);
        match *self {
            Self::Linear { slope } => slope,
            Self::Hill { ceiling, half_saturation, shape } if x == 0.0 => {
                match shape.partial_cmp(&1.0) {
                    Some(core::cmp::Ordering::Less) => f64::INFINITY,
                    Some(core::cmp::Ordering::Equal) => ceiling / half_saturation,
                    _ => 0.0,
                }
            }
            Self::Hill { ceiling, half_saturation, shape } => {
                let ratio = (half_saturation / x).powf(shape);
                if ratio.is_infinite() {
                    return 0.0;
                }
                ceiling * shape * ratio / (x * (1.0 + ratio) * (1.0 + ratio))
            }
        }
    }
}

fn at_least(what: &'static str, value: f64, low: f64) -> Result<()> {
    if value >= low && value.is_finite() {
        Ok(())
    } else {
        Err(Error::OutOfRange { what, index: 0, value, low, high: f64::MAX })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn derivative_is_the_slope(c in 1.0..1e6f64, k in 0.1..1e4f64, s in 0.3..4.0f64, x in 0.01..1e5f64) {
            let curve = Curve::hill(c, k, s).unwrap();
            let h = x * 1e-5;
            let numeric = (curve.value(x + h) - curve.value(x - h)) / (2.0 * h);
            let exact = curve.derivative(x);
            // Central difference: error O(h²) plus cancellation of about eps·c/h.
            let tolerance = 1e-6 * exact + 4.0 * f64::EPSILON * c / h;
            prop_assert!((numeric - exact).abs() <= tolerance, "{numeric} {exact}");
        }

        #[test]
        fn never_falls(c in 0.0..1e6f64, k in 0.1..1e4f64, s in 0.3..4.0f64, x in 0.0..1e5f64, d in 0.0..1e5f64) {
            let curve = Curve::hill(c, k, s).unwrap();
            prop_assert!(curve.value(x + d) >= curve.value(x));
            prop_assert_eq!(curve.value(0.0), 0.0);
            prop_assert!(curve.derivative(x) >= 0.0);
        }
    }

    #[test]
    fn extremes_stay_numbers() {
        let curve = Curve::hill(10.0, 1e-300, 8.0).unwrap();
        assert_eq!(curve.value(1e300), 10.0);
        assert_eq!(curve.value(-5.0), 0.0);
        assert!(Curve::hill(1.0, 0.0, 1.0).is_err());
        assert!(Curve::linear(f64::NAN).is_err());
        let steep = Curve::hill(1.0, 1e300, 8.0).unwrap();
        assert_eq!(steep.derivative(1e-300), 0.0);
    }
}
