//! What is known of each level.

use std::collections::BTreeMap;

use super::super::error::TransformError;
use super::super::smoothing::Smoothing;
use super::{Encoding, EncodingKind, NO_LEVEL};

/// What a level's rows add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Level {
    /// Sum of weight × label.
    pub sum: f64,
    /// Sum of weights.
    pub weight: f64,
}

impl Level {
    pub(super) fn add(&mut self, other: Self) {
        self.sum += other.sum;
        self.weight += other.weight;
    }
}

impl Encoding {
    /// The number of a level with its own sums, among all.
    pub(super) fn number(&self, level: Level, all: Level) -> f64 {
        match self.kind {
            EncodingKind::Count => level.weight,
            // 0/0 is NaN, which is what there is to say before any row.
            EncodingKind::Frequency => level.weight / all.weight,
            EncodingKind::Target => {
                let prior = self.prior.unwrap_or(all.sum / all.weight);
                if level.weight > 0.0 {
                    // With no strength the prior has no say, not even a NaN.
                    let drawn = if self.strength > 0.0 { prior * self.strength } else { 0.0 };
                    (level.sum + drawn) / (level.weight + self.strength)
                } else {
                    prior
                }
            }
        }
    }
}

/// A fitted encoding; new rows may be added as their labels become known.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct EncodingTable {
    encoding: Encoding,
    all: Level,
    levels: BTreeMap<u32, Level>,
}

impl EncodingTable {
    /// Nothing seen yet.
    ///
    /// # Errors
    /// [`TransformError::Parameter`].
    pub fn new(encoding: Encoding) -> Result<Self, TransformError> {
        encoding.check()?;
        Ok(Self { encoding, all: Level::default(), levels: BTreeMap::new() })
    }

    /// One more row. A missing level is not counted.
    ///
    /// # Errors
    /// [`TransformError::NonFinite`] for a label or a weight that is no number,
    /// [`TransformError::Range`] for a negative weight; row 0.
    pub fn add(&mut self, level: u32, label: f64, weight: f64) -> Result<(), TransformError> {
        super::fit::check_row(0, label, weight)?;
        self.push(level, Level { sum: weight * label, weight });
        Ok(())
    }

    pub(super) fn push(&mut self, level: u32, row: Level) {
        if level != NO_LEVEL {
            self.all.add(row);
            self.levels.entry(level).or_default().add(row);
        }
    }

    /// The number of a level: the prior (0 for counts and frequencies) if it was not seen, NaN for
    /// [`NO_LEVEL`].
    ///
    /// # Allocation
    /// None.
    ///
    /// # Complexity
    /// O(log levels).
    #[must_use]
    pub fn encode(&self, level: u32) -> f64 {
        if level == NO_LEVEL {
            return f64::NAN;
        }
        let seen = self.levels.get(&level).copied().unwrap_or_default();
        self.encoding.number(seen, self.all)
    }

    /// Draws mean labels to the prior that fits the levels' sums: [`Smoothing::fit`], with labels as
    /// successes and weights as trials; fully to the common mean where these do not let it be told.
    ///
    /// # Errors
    /// [`TransformError::Range`] for labels outside 0 to 1.
    pub fn fit_prior(&mut self) -> Result<(), TransformError> {
        let (sums, weights): (Vec<f64>, Vec<f64>) =
            self.levels.values().map(|level| (level.sum, level.weight)).unzip();
        let (prior, strength) = match Smoothing::fit(&sums, &weights) {
            Ok(fitted) => (fitted.prior, fitted.strength),
            Err(TransformError::TooFew { .. } | TransformError::Parameter { .. }) => {
                (self.all.sum / self.all.weight, self.all.weight)
            }
            Err(error) => return Err(error),
        };
        self.encoding.prior = prior.is_finite().then_some(prior);
        self.encoding.strength = strength;
        Ok(())
    }

    /// The numbers of many levels; stops at the end of the shorter slice.
    pub fn encode_into(&self, levels: &[u32], out: &mut [f64]) {
        for (out, &level) in out.iter_mut().zip(levels) {
            *out = self.encode(level);
        }
    }

    /// What a level's rows add up to.
    #[must_use]
    pub fn level(&self, level: u32) -> Option<Level> {
        self.levels.get(&level).copied()
    }

    /// What all rows add up to.
    #[must_use]
    pub fn all(&self) -> Level {
        self.all
    }
}
