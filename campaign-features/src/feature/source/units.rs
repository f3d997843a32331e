//! What the integers of a measure mean.

/// The unit of a measure's integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Unit {
    /// Whole things.
    #[default]
    Count,
    /// Micros of a currency, or millionths of any other quantity.
    Millionth,
}

impl Unit {
    /// How many of the integers make one.
    #[must_use]
    pub const fn per_unit(self) -> f64 {
        match self {
            Self::Count => 1.0,
            Self::Millionth => 1e6,
        }
    }

    /// The nearest integer, half to even; `None` for what is not finite or too large to be summed.
    #[must_use]
    pub fn integer(self, value: f64) -> Option<i64> {
        let scaled = (value * self.per_unit()).round_ties_even();
        (scaled.abs() <= LARGEST as f64).then_some(scaled as i64)
    }
}

/// The largest integer a measure may hold: a difference of two of them fits.
pub(crate) const LARGEST: i64 = 1 << 61;
