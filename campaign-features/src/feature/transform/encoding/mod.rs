//! Levels as numbers: by their mean label, their count or their frequency.

mod fit;
mod table;

pub use fit::Moment;
pub use table::{EncodingTable, Level};

use super::error::{TransformError, parameter};

/// The code of a value that is missing; it is encoded as NaN and never counted.
pub const NO_LEVEL: u32 = u32::MAX;

/// What stands for a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EncodingKind {
    /// Its mean label, drawn to the prior: (Σ w y + m p) / (Σ w + m).
    Target,
    /// How much weight it has (rows, where rows weigh 1).
    Count,
    /// Its weight over all weight; NaN before there is any.
    Frequency,
}

/// How levels become numbers, and what a row's number may have seen.
///
/// | method | the number of a row has seen | for |
/// | --- | --- | --- |
/// | [`fit`](Self::fit) | all rows given | rows that were not among them |
/// | [`out_of_fold`](Self::out_of_fold) | the rows of the other folds | training rows, folds drawn at random |
/// | [`expanding`](Self::expanding) | rows that happened earlier and whose label was known | training rows in time |
///
/// A level that was not seen gets the prior: the mean label of all that was seen, or the number given
/// by [`with_prior`](Self::with_prior). Out of fold with as many folds as rows, the mean of the others
/// falls where a row's own label is high, and so betrays it; few folds, or a prior of one's own, do not.
/// The numbers of a row keep every bit when its own label changes.
///
/// # Source
/// Micci-Barreca (2001), "A preprocessing scheme for high-cardinality categorical attributes", eq. (3)
/// to (5) with λ = n / (n + m); "m-estimate": Cestnik (1990).
///
/// # Examples
/// ```
/// use campaign_features::feature::transform::encoding::{Encoding, EncodingKind};
/// let encoding = Encoding::new(EncodingKind::Target).with_strength(2.0);
/// let table = encoding.fit(&[0, 0, 1], &[1.0, 0.0, 1.0], None)?;
/// assert_eq!(table.encode(0), (1.0 + 2.0 * (2.0 / 3.0)) / 4.0);
/// assert_eq!(table.encode(7), 2.0 / 3.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Encoding {
    /// What stands for a level.
    pub kind: EncodingKind,
    /// m: the weight of the prior, 0 or more, in units of a row's weight.
    pub strength: f64,
    /// The prior; the mean label of what was seen if none.
    pub prior: Option<f64>,
}

impl Encoding {
    /// Without smoothing, and with the mean label as the prior.
    #[must_use]
    pub const fn new(kind: EncodingKind) -> Self {
        Self { kind, strength: 0.0, prior: None }
    }

    /// The weight of the prior.
    #[must_use]
    pub const fn with_strength(mut self, strength: f64) -> Self {
        self.strength = strength;
        self
    }

    /// A prior that no label has moved.
    #[must_use]
    pub const fn with_prior(mut self, prior: f64) -> Self {
        self.prior = Some(prior);
        self
    }

    /// Checks the parameters.
    ///
    /// # Errors
    /// [`TransformError::Parameter`].
    pub fn check(&self) -> Result<(), TransformError> {
        let valid = self.strength >= 0.0 && self.strength.is_finite();
        parameter("strength", self.strength, valid, "0 or more")?;
        let prior = self.prior.unwrap_or(0.0);
        parameter("prior", prior, prior.is_finite(), "a finite number")
    }
}

/// As it is written, before it is checked.
#[derive(serde::Deserialize)]
#[serde(remote = "Encoding", deny_unknown_fields)]
struct Written {
    kind: EncodingKind,
    #[serde(default)]
    strength: f64,
    #[serde(default)]
    prior: Option<f64>,
}

impl<'de> serde::Deserialize<'de> for Encoding {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = Written::deserialize(from)?;
        read.check().map_err(<D::Error as serde::de::Error>::custom)?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
