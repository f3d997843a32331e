//! A learned curve, and what it makes of a value known too early.

use thiserror::Error;

/// The share of the matured value that is known at an age.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Share {
    /// The estimate, 0 to 1; never falls with the age.
    pub share: f64,
    /// Lower end of its interval of 95 %.
    pub low: f64,
    /// Upper end of its interval of 95 %.
    pub high: f64,
}

/// Why a value is not matured.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum DelayError {
    /// Too little of it is known for an extrapolation.
    #[error(
        "at an age of {age} days {share} of the matured value is known, expected {least} or more"
    )]
    Incomplete {
        /// Age in days.
        age: i64,
        /// The share known by then.
        share: f64,
        /// The least share that is extrapolated from.
        least: f64,
    },
    /// A value that is no number.
    #[error("the value is {0}, expected a finite number")]
    NonFinite(f64),
    /// A parameter outside its range.
    #[error("{name} is {value}, expected {expected}")]
    Parameter {
        /// Which parameter.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What it may be.
        expected: &'static str,
    },
    /// Two versions of one fact known at the same instant, or with different days.
    #[error("fact {fact}: versions {first} and {second} contradict each other")]
    Contradiction {
        /// The fact.
        fact: u64,
        /// A version, by its place in the input.
        first: usize,
        /// Another one.
        second: usize,
    },
    /// Too few days are mature.
    #[error("{got} mature days, expected {needed} or more")]
    TooFew {
        /// Mature days.
        got: usize,
        /// Days needed.
        needed: usize,
    },
    /// Nothing came of the days that are mature.
    #[error("the mature days' values add up to {0}, expected a positive sum")]
    Nothing(f64),
}

/// How complete a value is by its age.
///
/// See [`DelayFit`](super::DelayFit) for how it is learned. From the age of maturity on, the share is 1.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct DelayCurve {
    pub(super) shares: Vec<Share>,
    pub(super) days: usize,
    pub(super) as_of: i64,
}

impl DelayCurve {
    /// The share known at an age in days; 0 before the day began.
    #[must_use]
    pub fn share(&self, age: i64) -> Share {
        match usize::try_from(age) {
            Err(_) => Share { share: 0.0, low: 0.0, high: 0.0 },
            Ok(age) => {
                self.shares.get(age).copied().unwrap_or(Share { share: 1.0, low: 1.0, high: 1.0 })
            }
        }
    }

    /// The shares by age from 0 to the age of maturity.
    #[must_use]
    pub fn shares(&self) -> &[Share] {
        &self.shares
    }

    /// How many mature days it was learned from.
    #[must_use]
    pub fn days(&self) -> usize {
        self.days
    }

    /// The instant it was learned at: it has seen no version known later.
    #[must_use]
    pub fn as_of(&self) -> i64 {
        self.as_of
    }

    /// What a value known at an age is expected to come to: the value over the share.
    ///
    /// # Errors
    /// [`DelayError::Incomplete`] where the share is below `least`; [`DelayError::NonFinite`];
    /// [`DelayError::Parameter`] unless 0 < `least` ≤ 1.
    ///
    /// # Allocation
    /// None.
    pub fn mature(&self, value: f64, age: i64, least: f64) -> Result<f64, DelayError> {
        if !(least > 0.0 && least <= 1.0) {
            let (name, expected) = ("least", "above 0, at most 1");
            return Err(DelayError::Parameter { name, value: least, expected });
        }
        if !value.is_finite() {
            return Err(DelayError::NonFinite(value));
        }
        let share = self.share(age).share;
        if share < least {
            return Err(DelayError::Incomplete { age, share, least });
        }
        let matured = value / share;
        if matured.is_finite() { Ok(matured) } else { Err(DelayError::NonFinite(matured)) }
    }
}

/// As it is written, before it is checked.
#[derive(serde::Deserialize)]
#[serde(remote = "DelayCurve", deny_unknown_fields)]
struct Written {
    shares: Vec<Share>,
    days: usize,
    as_of: i64,
}

impl<'de> serde::Deserialize<'de> for DelayCurve {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = Written::deserialize(from)?;
        let inside = |s: &Share| [s.share, s.low, s.high].iter().all(|v| (0.0..=1.0).contains(v));
        if read.shares.iter().all(inside) && read.shares.is_sorted_by(|a, b| a.share <= b.share) {
            Ok(read)
        } else {
            Err(<D::Error as serde::de::Error>::custom(
                "shares must lie in 0..=1 and not fall with the age",
            ))
        }
    }
}
