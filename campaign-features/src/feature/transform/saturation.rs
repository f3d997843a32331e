//! Diminishing returns.

use super::error::{TransformError, finite, parameter};

/// A curve through the origin that flattens.
///
/// | form | f(x), x ≥ 0 |
/// | --- | --- |
/// | `Hill` | x^α / (x^α + h^α); half of the limit at x = h |
/// | `MichaelisMenten` | v x / (h + x); half of the limit v at x = h |
/// | `Logistic` | (1 − exp(−λx)) / (1 + exp(−λx)) |
/// | `Tanh` | v tanh(x / (v c)); slope 1 / c at 0 |
///
/// # Source
/// `Hill`, `MichaelisMenten`: Meta, Robyn 3.12 (2025), `saturation_hill` (whose inflexion is γ times
/// the greatest x, see [`hill_at`](Self::hill_at)) and `mic_men`. `Logistic`, `Tanh`: PyMC Labs,
/// PyMC-Marketing 0.15 (2025), `logistic_saturation`, `tanh_saturation`.
///
/// # Examples
/// ```
/// use campaign_features::feature::transform::saturation::Saturation;
/// let curve = Saturation::hill_at(2.0, 0.5, &[10.0, 200.0])?;
/// assert_eq!(curve, Saturation::Hill { alpha: 2.0, half: 100.0 });
/// assert_eq!(curve.value(100.0), 0.5);
/// assert_eq!(curve.slope(100.0), 0.005);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Saturation {
    /// S-shaped for α > 1.
    Hill {
        /// α > 0.
        alpha: f64,
        /// h > 0.
        half: f64,
    },
    /// The hyperbola of enzyme kinetics.
    MichaelisMenten {
        /// v > 0.
        limit: f64,
        /// h > 0.
        half: f64,
    },
    /// Between 0 and 1.
    Logistic {
        /// λ > 0.
        rate: f64,
    },
    /// Between 0 and v.
    Tanh {
        /// v > 0.
        limit: f64,
        /// c > 0.
        cost: f64,
    },
}

impl Saturation {
    /// Robyn's Hill curve: h = γ times the greatest of the values it is fitted to.
    ///
    /// Give it training values only: the greatest of all values tells of the future.
    ///
    /// # Errors
    /// [`TransformError::Parameter`], also where the values have no positive maximum;
    /// [`TransformError::NonFinite`].
    pub fn hill_at(alpha: f64, gamma: f64, x: &[f64]) -> Result<Self, TransformError> {
        finite("x", x)?;
        parameter("gamma", gamma, gamma > 0.0 && gamma.is_finite(), "a positive number")?;
        let half = x.iter().copied().fold(0.0, f64::max) * gamma;
        let curve = Self::Hill { alpha, half };
        curve.check().map(|()| curve)
    }

    /// Checks the parameters.
    ///
    /// # Errors
    /// [`TransformError::Parameter`].
    pub fn check(&self) -> Result<(), TransformError> {
        let check = |name, value: f64| {
            parameter(name, value, value > 0.0 && value.is_finite(), "a positive number")
        };
        match *self {
            Self::Hill { alpha, half } => check("alpha", alpha).and_then(|()| check("half", half)),
            Self::MichaelisMenten { limit, half } => {
                check("limit", limit).and_then(|()| check("half", half))
            }
            Self::Logistic { rate } => check("rate", rate),
            Self::Tanh { limit, cost } => check("limit", limit).and_then(|()| check("cost", cost)),
        }
    }

    /// f(x); NaN for a negative x or NaN.
    #[must_use]
    pub fn value(&self, x: f64) -> f64 {
        if x.is_nan() || x < 0.0 {
            return f64::NAN;
        }
        match *self {
            // As 1 / (1 + (h / x)^α), which cannot overflow to ∞ / ∞.
            Self::Hill { alpha, half } => 1.0 / (1.0 + (half / x).powf(alpha)),
            Self::MichaelisMenten { limit, half } => limit / (1.0 + half / x),
            Self::Logistic { rate } => (rate * x / 2.0).tanh(),
            Self::Tanh { limit, cost } => limit * (x / (limit * cost)).tanh(),
        }
    }

    /// The derivative f′(x); infinite at 0 for a Hill curve with α < 1; NaN for a negative x or NaN.
    #[must_use]
    pub fn slope(&self, x: f64) -> f64 {
        if x.is_nan() || x < 0.0 {
            return f64::NAN;
        }
        if x.is_infinite() {
            return 0.0;
        }
        match *self {
            // α / h · u^(α-1) / (1 + u^α)², u = x / h, kept from overflow by 1/u where u > 1.
            Self::Hill { alpha, half } => {
                let u = x / half;
                if u <= 1.0 {
                    alpha / half * u.powf(alpha - 1.0) / (1.0 + u.powf(alpha)).powi(2)
                } else {
                    alpha / half * u.powf(-alpha - 1.0) / (1.0 + u.powf(-alpha)).powi(2)
                }
            }
            Self::MichaelisMenten { limit, half } => limit / half / (1.0 + x / half).powi(2),
            Self::Logistic { rate } => rate / 2.0 / (rate * x / 2.0).cosh().powi(2),
            Self::Tanh { limit, cost } => 1.0 / cost / (x / (limit * cost)).cosh().powi(2),
        }
    }

    /// The x of a value; `None` outside what the curve reaches.
    #[must_use]
    pub fn inverse(&self, y: f64) -> Option<f64> {
        let limit = match *self {
            Self::Hill { .. } | Self::Logistic { .. } => 1.0,
            Self::MichaelisMenten { limit, .. } | Self::Tanh { limit, .. } => limit,
        };
        if !(0.0..limit).contains(&y) {
            return None;
        }
        Some(match *self {
            Self::Hill { alpha, half } => half * (y / (1.0 - y)).powf(1.0 / alpha),
            Self::MichaelisMenten { limit, half } => y * half / (limit - y),
            Self::Logistic { rate } => 2.0 / rate * y.atanh(),
            Self::Tanh { limit, cost } => limit * cost * (y / limit).atanh(),
        })
    }

    /// f of every value in place; NaN stays NaN.
    ///
    /// # Allocation
    /// None.
    pub fn apply(&self, values: &mut [f64]) {
        values.iter_mut().for_each(|x| *x = self.value(*x));
    }
}

/// As it is written, before it is checked.
#[derive(serde::Deserialize)]
#[serde(remote = "Saturation", rename_all = "snake_case", deny_unknown_fields)]
enum Written {
    Hill { alpha: f64, half: f64 },
    MichaelisMenten { limit: f64, half: f64 },
    Logistic { rate: f64 },
    Tanh { limit: f64, cost: f64 },
}

impl<'de> serde::Deserialize<'de> for Saturation {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = Written::deserialize(from)?;
        read.check().map_err(<D::Error as serde::de::Error>::custom)?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn curves() -> impl Strategy<Value = Saturation> {
        let positive = || 0.05..20.0_f64;
        prop_oneof![
            (0.3..5.0_f64, positive()).prop_map(|(alpha, half)| Saturation::Hill { alpha, half }),
            (positive(), positive())
                .prop_map(|(limit, half)| Saturation::MichaelisMenten { limit, half }),
            positive().prop_map(|rate| Saturation::Logistic { rate }),
            (positive(), positive()).prop_map(|(limit, cost)| Saturation::Tanh { limit, cost }),
        ]
    }

    proptest! {
        #[test]
        fn slope_is_the_derivative(curve in curves(), x in 0.05..10.0_f64) {
            let h = 1e-5 * x;
            let numeric = (curve.value(x + h) - curve.value(x - h)) / (2.0 * h);
            // Central difference: h² times the third derivative, and rounding over h.
            let tolerance = 1e-6 * (curve.slope(x) + curve.value(x) / x) + 1e-9;
            prop_assert!((curve.slope(x) - numeric).abs() <= tolerance, "{} {}", curve.slope(x), numeric);
        }

        #[test]
        fn inverse_undoes(curve in curves(), x in 0.0..10.0_f64) {
            let y = curve.value(x);
            if let Some(back) = curve.inverse(y) {
                let again = curve.value(back);
                prop_assert!((again - y).abs() <= 1e-12 * y.max(1e-3), "{again} {y}");
            }
        }
    }

    #[test]
    fn edges() {
        let hill = Saturation::Hill { alpha: 3.0, half: 2.0 };
        assert_eq!(hill.value(0.0), 0.0);
        assert_eq!(hill.value(f64::INFINITY), 1.0);
        assert_eq!(hill.value(1e300), 1.0);
        assert_eq!(hill.slope(1e300), 0.0);
        assert_eq!(Saturation::Hill { alpha: 0.5, half: 2.0 }.slope(0.0), f64::INFINITY);
        assert!(hill.value(-1.0).is_nan() && hill.value(f64::NAN).is_nan());
        assert!(hill.slope(-1.0).is_nan() && hill.slope(f64::NAN).is_nan());
        assert_eq!(Saturation::MichaelisMenten { limit: 5.0, half: 2.0 }.value(0.0), 0.0);
        assert_eq!(hill.inverse(1.0), None);
        assert_eq!(hill.inverse(f64::NAN), None);
        let mut values = [f64::NAN, 2.0];
        hill.apply(&mut values);
        assert!(values[0].is_nan() && values[1] == 0.5);
    }

    #[test]
    fn bad_parameters() {
        for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            for bad in [
                Saturation::Hill { alpha: value, half: 1.0 },
                Saturation::Hill { alpha: 1.0, half: value },
                Saturation::MichaelisMenten { limit: value, half: 1.0 },
                Saturation::Logistic { rate: value },
                Saturation::Tanh { limit: 1.0, cost: value },
            ] {
                assert!(matches!(bad.check(), Err(TransformError::Parameter { .. })), "{bad:?}");
            }
        }
        assert!(Saturation::hill_at(1.0, 0.5, &[0.0]).is_err());
        assert!(Saturation::hill_at(1.0, 0.5, &[]).is_err());
        assert!(Saturation::hill_at(1.0, 0.5, &[1.0, f64::NAN]).is_err());
    }
}
