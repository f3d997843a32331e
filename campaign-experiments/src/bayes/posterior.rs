//! A Beta distribution: prior or posterior of a conversion rate.

use super::beta::{Logit, sigmoid};
use super::binomial::Counts;
use crate::error::ExperimentError;

/// Smallest Beta shape accepted.
pub const MIN_SHAPE: f64 = 1e-3;
/// Largest Beta shape accepted.
pub const MAX_SHAPE: f64 = 1e12;

/// A Beta distribution of a rate in `(0, 1)`.
///
/// # Examples
/// ```
/// use campaign_experiments::{Beta, Counts};
/// let posterior = Beta::uniform().updated(&Counts::new(30.0, 1000.0)?)?;
/// assert_eq!((posterior.alpha(), posterior.beta()), (31.0, 971.0));
/// let (low, high) = posterior.interval(0.95)?;
/// assert!(low < 0.03 && 0.03 < high);
/// # Ok::<(), campaign_experiments::ExperimentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Shapes", into = "Shapes"))]
pub struct Beta {
    law: Logit,
}

/// What is written of a [`Beta`].
#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
struct Shapes {
    alpha: f64,
    beta: f64,
}

#[cfg(feature = "serde")]
impl TryFrom<Shapes> for Beta {
    type Error = ExperimentError;
    fn try_from(s: Shapes) -> Result<Self, ExperimentError> {
        Self::new(s.alpha, s.beta)
    }
}

#[cfg(feature = "serde")]
impl From<Beta> for Shapes {
    fn from(b: Beta) -> Self {
        Self { alpha: b.alpha(), beta: b.beta() }
    }
}

impl Beta {
    /// From its two shapes.
    ///
    /// # Errors
    /// [`ExperimentError::Shape`] for a shape outside [`MIN_SHAPE`]`..=`[`MAX_SHAPE`].
    pub fn new(alpha: f64, beta: f64) -> Result<Self, ExperimentError> {
        for (what, value) in [("alpha", alpha), ("beta", beta)] {
            if !(MIN_SHAPE..=MAX_SHAPE).contains(&value) {
                let (low, high) = (MIN_SHAPE, MAX_SHAPE);
                return Err(ExperimentError::Shape { what, value, low, high });
            }
        }
        Ok(Self { law: Logit::new(alpha, beta) })
    }

    /// `Beta(1, 1)`: every rate is as likely as every other.
    #[must_use]
    pub fn uniform() -> Self {
        Self { law: Logit::new(1.0, 1.0) }
    }

    /// `Beta(1/2, 1/2)`, Jeffreys' prior.
    #[must_use]
    pub fn jeffreys() -> Self {
        Self { law: Logit::new(0.5, 0.5) }
    }

    /// The posterior after some trials.
    ///
    /// # Errors
    /// [`ExperimentError::Shape`] beyond 1e12 trials.
    pub fn updated(&self, counts: &Counts) -> Result<Self, ExperimentError> {
        Self::new(
            self.alpha() + counts.conversions(),
            self.beta() + (counts.trials() - counts.conversions()),
        )
    }

    pub(crate) fn law(&self) -> &Logit {
        &self.law
    }

    /// First shape.
    #[must_use]
    pub fn alpha(&self) -> f64 {
        self.law.a
    }

    /// Second shape.
    #[must_use]
    pub fn beta(&self) -> f64 {
        self.law.b
    }

    /// Mean `a / (a + b)`.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.law.a / (self.law.a + self.law.b)
    }

    /// Variance `a b / ((a + b)^2 (a + b + 1))`.
    #[must_use]
    pub fn variance(&self) -> f64 {
        let n = self.law.a + self.law.b;
        (self.law.a / n) * (self.law.b / n) / (n + 1.0)
    }

    /// Density at `x`; 0 outside `(0, 1)`, NaN for NaN.
    #[must_use]
    pub fn pdf(&self, x: f64) -> f64 {
        if x.is_nan() {
            x
        } else if x <= 0.0 || x >= 1.0 {
            0.0
        } else {
            self.law.density(logit(x)) / (x * (1.0 - x))
        }
    }

    /// `P(theta <= x)`, NaN for NaN.
    ///
    /// # Complexity
    /// About ten panels of 16 density values, whatever the shapes.
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        if x.is_nan() {
            x
        } else if x <= 0.0 {
            0.0
        } else if x >= 1.0 {
            1.0
        } else {
            self.law.cdf(logit(x))
        }
    }

    /// `P(theta > x)`, with full relative accuracy in the upper tail; NaN for NaN.
    #[must_use]
    pub fn sf(&self, x: f64) -> f64 {
        if x.is_nan() {
            x
        } else if x <= 0.0 {
            1.0
        } else if x >= 1.0 {
            0.0
        } else {
            self.law.sf(logit(x))
        }
    }

    /// The rate below which lies the mass `level`.
    ///
    /// # Errors
    /// [`ExperimentError::Between`] unless `0 < level < 1`.
    pub fn quantile(&self, level: f64) -> Result<f64, ExperimentError> {
        between("level", level, 0.0, 1.0)?;
        Ok(sigmoid(self.law.quantile(level)))
    }

    /// The equal-tailed credible interval of mass `mass`.
    ///
    /// # Errors
    /// [`ExperimentError::Between`] unless `0 < mass < 1`.
    pub fn interval(&self, mass: f64) -> Result<(f64, f64), ExperimentError> {
        between("mass", mass, 0.0, 1.0)?;
        let tail = 0.5 * (1.0 - mass);
        // The upper end by its own small tail: 1 - tail would lose digits of a tiny one.
        let mirrored = Logit::new(self.law.b, self.law.a);
        Ok((sigmoid(self.law.quantile(tail)), sigmoid(-mirrored.quantile(tail))))
    }

    /// The shortest interval of mass `mass`: its ends have the same density, unless it touches 0 or 1
    /// because the density is monotone.
    ///
    /// # Errors
    /// [`ExperimentError::Between`] unless `0 < mass < 1`; [`ExperimentError::TwoModes`] where both
    /// shapes are below 1.
    pub fn shortest_interval(&self, mass: f64) -> Result<(f64, f64), ExperimentError> {
        between("mass", mass, 0.0, 1.0)?;
        let (a, b) = (self.law.a, self.law.b);
        match (a <= 1.0, b <= 1.0) {
            (true, true) if a == 1.0 && b == 1.0 => {
                return Ok((0.5 * (1.0 - mass), 0.5 * (1.0 + mass)));
            }
            (true, true) if a < 1.0 && b < 1.0 => return Err(ExperimentError::TwoModes { a, b }),
            // A density that falls from 0 (or rises to 1) all the way: a = 1 is not strict, b is.
            (true, _) if b > 1.0 || a < 1.0 => {
                return Ok((0.0, sigmoid(self.law.quantile(mass))));
            }
            (_, true) => return Ok((sigmoid(self.law.quantile(1.0 - mass)), 1.0)),
            _ => {}
        }
        // Bisection on the mass below: with more of it the lower end gets denser, the upper thinner.
        let (mut low, mut high) = (0.0, 1.0 - mass);
        let mut ends = self.interval(mass)?;
        for _ in 0..60 {
            let below = 0.5 * (low + high);
            let left = self.law.quantile(below);
            let right = self.law.quantile(below + mass);
            ends = (sigmoid(left), sigmoid(right));
            if self.pdf(ends.0) < self.pdf(ends.1) {
                low = below;
            } else {
                high = below;
            }
            if high - low < 1e-15 {
                break;
            }
        }
        Ok(ends)
    }
}

fn logit(x: f64) -> f64 {
    if x < 0.5 { (x / (1.0 - x)).ln() } else { -((1.0 - x) / x).ln() }
}

pub(crate) fn between(
    what: &'static str,
    value: f64,
    low: f64,
    high: f64,
) -> Result<(), ExperimentError> {
    if value > low && value < high {
        Ok(())
    } else {
        Err(ExperimentError::Between { what, value, low, high })
    }
}
