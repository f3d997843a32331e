//! Carry-over of advertising from the day it ran to the days after.

mod kernel;
mod weights;

pub use kernel::{carry, convolve_into, geometric_into};

use super::error::{TransformError, finite, length, parameter};

/// How the effect of a day's advertising is spread over the days after it.
///
/// | form | weight of lag l = 0, 1, … within a window of w days |
/// | --- | --- |
/// | `Geometric` | θ^l |
/// | `WeibullCdf` | ∏ over j = 1..=l of exp(−(j / s)^k) |
/// | `WeibullPdf` | f(l + 1) less the least, over the range of f(1), …, f(w); f(x) = (k / s)(x / s)^(k−1) exp(−(x / s)^k) |
///
/// k is `shape`; s is the `scale` quantile of 1, …, w (interpolated, then rounded to a whole day,
/// halves to even), so that a window of another length stretches the curve. A shape or a scale of 0
/// is no carry-over at all. If f is constant over the window, as it is for w = 1, the weight is 1 on
/// lag 0 and 0 elsewhere.
///
/// Geometric carry-over has two forms, which differ by at most θ^w of the past: the recursion over all
/// days ([`geometric_into`], [`GeometricState`]) and the window of w weights ([`carry`]).
///
/// # Source
/// Meta, Robyn 3.12 (2025), `R/R/transformation.R`: `adstock_geometric`, `adstock_weibull`. One
/// deviation: Robyn lists the geometric weights from θ on; here lag 0 has its weight of 1.
///
/// # Examples
/// ```
/// use campaign_features::feature::transform::adstock::Adstock;
/// let spread = Adstock::Geometric { theta: 0.5 }.apply(&[100.0, 0.0, 10.0], 3)?;
/// assert_eq!(spread.decayed, [100.0, 50.0, 35.0]);
/// assert_eq!(spread.instant, [100.0, 0.0, 10.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Adstock {
    /// The same share is carried over every day.
    Geometric {
        /// The share, 0 to 1, 1 excluded.
        theta: f64,
    },
    /// A share carried over that changes with the lag; greatest on the day itself.
    WeibullCdf {
        /// k ≥ 0.
        shape: f64,
        /// Quantile of the window, 0 to 1.
        scale: f64,
    },
    /// An effect that may come days later.
    WeibullPdf {
        /// k ≥ 0.
        shape: f64,
        /// Quantile of the window, 0 to 1.
        scale: f64,
    },
}

/// A series after carry-over.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// The effect felt on each day.
    pub decayed: Vec<f64>,
    /// The part of it that comes from the same day.
    pub instant: Vec<f64>,
}

impl Spread {
    /// Sum of the decayed series over the sum of the series; NaN for a series that sums to 0.
    #[must_use]
    pub fn inflation(&self, x: &[f64]) -> f64 {
        let total: f64 = x.iter().sum();
        if total == 0.0 { f64::NAN } else { self.decayed.iter().sum::<f64>() / total }
    }
}

impl Adstock {
    /// Checks the parameters.
    ///
    /// # Errors
    /// [`TransformError::Parameter`].
    pub fn check(&self) -> Result<(), TransformError> {
        match *self {
            Self::Geometric { theta } => {
                parameter("theta", theta, (0.0..1.0).contains(&theta), "0 <= theta < 1")
            }
            Self::WeibullCdf { shape, scale } | Self::WeibullPdf { shape, scale } => {
                parameter("shape", shape, shape >= 0.0 && shape.is_finite(), "0 or more")?;
                parameter("scale", scale, (0.0..=1.0).contains(&scale), "0 to 1")
            }
        }
    }

    /// The weights by lag; the length of `out` is the window.
    ///
    /// # Errors
    /// [`TransformError::Parameter`].
    ///
    /// # Allocation
    /// None.
    pub fn weights_into(&self, out: &mut [f64]) -> Result<(), TransformError> {
        self.check()?;
        match *self {
            Self::Geometric { theta } => weights::geometric(theta, out),
            Self::WeibullCdf { shape, scale } | Self::WeibullPdf { shape, scale }
                if shape == 0.0 || scale == 0.0 =>
            {
                weights::instant(out);
            }
            Self::WeibullCdf { shape, scale } => {
                weights::weibull_cdf(shape, weights::scale_days(scale, out.len()), out);
            }
            Self::WeibullPdf { shape, scale } => {
                weights::weibull_pdf(shape, weights::scale_days(scale, out.len()), out);
            }
        }
        Ok(())
    }

    /// The weights by lag within a window of days.
    ///
    /// # Errors
    /// [`TransformError::Parameter`].
    pub fn weights(&self, window: usize) -> Result<Vec<f64>, TransformError> {
        let mut out = vec![0.0; window];
        self.weights_into(&mut out)?;
        Ok(out)
    }

    /// A whole series after carry-over. Geometric: the recursion, whatever the window is.
    ///
    /// # Errors
    /// [`TransformError::Parameter`]; [`TransformError::NonFinite`];
    /// [`TransformError::Length`] if the window is shorter than the series.
    pub fn apply(&self, x: &[f64], window: usize) -> Result<Spread, TransformError> {
        self.check()?;
        finite("x", x)?;
        let mut decayed = vec![0.0; x.len()];
        if let Self::Geometric { theta } = *self {
            geometric_into(theta, x, &mut decayed);
            return Ok(Spread { decayed, instant: x.to_vec() });
        }
        if window < x.len() {
            return length("window", window, x.len()).map(|()| Spread { decayed, instant: vec![] });
        }
        // A series of one day is not spread, as in the source.
        let weights = if x.len() > 1 { self.weights(window)? } else { vec![1.0] };
        convolve_into(&weights, x, &mut decayed);
        let first = weights.first().copied().unwrap_or(1.0);
        Ok(Spread { decayed, instant: x.iter().map(|x| x * first).collect() })
    }
}

/// Geometric carry-over day by day; the same bits as [`geometric_into`].
///
/// # Allocation
/// None.
///
/// # Examples
/// ```
/// use campaign_features::feature::transform::adstock::GeometricState;
/// let mut state = GeometricState::new(0.5)?;
/// assert_eq!(state.step(100.0), 100.0);
/// assert_eq!(state.idle(2), 25.0);
/// assert_eq!(state.step(10.0), 22.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GeometricState {
    theta: f64,
    carried: f64,
}

impl GeometricState {
    /// Nothing carried yet.
    ///
    /// # Errors
    /// [`TransformError::Parameter`].
    pub fn new(theta: f64) -> Result<Self, TransformError> {
        Adstock::Geometric { theta }.check()?;
        Ok(Self { theta, carried: 0.0 })
    }

    /// The next day.
    pub fn step(&mut self, x: f64) -> f64 {
        self.carried = x + self.theta * self.carried;
        self.carried
    }

    /// Days without advertising, the same bits as so many steps of 0.
    ///
    /// # Complexity
    /// O(days), but never more than some 750 / ln(1 / θ) steps: by then nothing is left.
    pub fn idle(&mut self, days: u32) -> f64 {
        for _ in 0..days {
            if self.carried == 0.0 {
                break;
            }
            let next = self.theta * self.carried;
            if next == self.carried {
                break;
            }
            self.carried = next;
        }
        self.carried
    }

    /// What is carried now.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.carried
    }
}

/// As it is written, before it is checked.
#[derive(serde::Deserialize)]
#[serde(remote = "Adstock", rename_all = "snake_case", deny_unknown_fields)]
enum Written {
    Geometric { theta: f64 },
    WeibullCdf { shape: f64, scale: f64 },
    WeibullPdf { shape: f64, scale: f64 },
}

impl<'de> serde::Deserialize<'de> for Adstock {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = Written::deserialize(from)?;
        read.check().map_err(<D::Error as serde::de::Error>::custom)?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_parameters() {
        for bad in [
            Adstock::Geometric { theta: 1.0 },
            Adstock::Geometric { theta: -0.1 },
            Adstock::Geometric { theta: f64::NAN },
            Adstock::WeibullCdf { shape: -1.0, scale: 0.5 },
            Adstock::WeibullPdf { shape: f64::INFINITY, scale: 0.5 },
            Adstock::WeibullPdf { shape: 1.0, scale: 1.5 },
            Adstock::WeibullCdf { shape: 1.0, scale: f64::NAN },
        ] {
            assert!(matches!(bad.check(), Err(TransformError::Parameter { .. })), "{bad:?}");
            assert!(bad.weights(3).is_err() && bad.apply(&[1.0], 1).is_err());
        }
    }

    #[test]
    fn bad_series() {
        let pdf = Adstock::WeibullPdf { shape: 2.0, scale: 0.1 };
        let error = pdf.apply(&[1.0, f64::NAN], 2).unwrap_err();
        assert_eq!(error.to_string(), "x[1] is NaN, expected a finite number");
        let error = pdf.apply(&[1.0, 2.0, 3.0], 2).unwrap_err();
        assert_eq!(error, TransformError::Length { what: "window", got: 2, expected: 3 });
        assert!(pdf.apply(&[], 0).unwrap().decayed.is_empty());
        assert!(pdf.weights(0).unwrap().is_empty());
        assert_eq!(pdf.weights(1).unwrap(), [1.0]);
    }

    #[test]
    fn extremes_are_weights() {
        for shape in [0.0, 1e-4, 0.5, 1.0, 2.0, 9.0, 1e3, 1e300] {
            for scale in [0.0, 1e-9, 0.1, 0.5, 1.0] {
                for adstock in
                    [Adstock::WeibullCdf { shape, scale }, Adstock::WeibullPdf { shape, scale }]
                {
                    let weights = adstock.weights(400).unwrap();
                    assert!(weights.iter().all(|w| (0.0..=1.0).contains(w)), "{adstock:?}");
                    assert!(weights.iter().any(|w| *w > 0.0), "{adstock:?}");
                }
            }
        }
    }

    #[test]
    fn idle_is_steps_of_nothing() {
        for theta in [0.0, 0.3, 0.999] {
            let mut state = GeometricState::new(theta).unwrap();
            state.step(7.5);
            let mut steps = state;
            for _ in 0..5000 {
                steps.step(0.0);
            }
            assert_eq!(state.idle(5000).to_bits(), steps.value().to_bits());
        }
        let mut state = GeometricState::new(0.9).unwrap();
        state.step(1.0);
        state.idle(u32::MAX);
        assert!(state.value() < 1e-300);
    }
}
