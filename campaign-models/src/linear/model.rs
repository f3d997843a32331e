//! The fitted model.

use campaign_core::error::check_length;
use campaign_core::model::rows;
use campaign_core::ndarray::ArrayView2;
use campaign_core::{Column, ColumnKind, Dataset, Model, Result};

use super::family::Family;
#[cfg(feature = "serde")]
use crate::saved::{self, SavedError};
use crate::schema::{SchemaError, check_columns};

#[cfg(feature = "serde")]
const FORMAT: &str = "campaign-linear";
#[cfg(feature = "serde")]
const FORMAT_VERSION: u32 = 1;

/// What a column adds to the score.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase", deny_unknown_fields))]
pub enum Effect {
    /// `slope (x - mean)`, or `missing`.
    Quantity {
        /// The mean of the training rows.
        mean: f64,
        /// Per unit of the column.
        slope: f64,
        /// Where the value is missing.
        missing: f64,
    },
    /// That of the level.
    Levels {
        /// By level.
        levels: Vec<f64>,
        /// Where the value is missing.
        missing: f64,
        /// For a level that no training row had: the average over training rows.
        unseen: f64,
    },
}

impl Effect {
    fn of(&self, x: f64) -> f64 {
        match self {
            Self::Quantity { missing, .. } if x.is_nan() => *missing,
            // Zero times infinity is nothing here.
            Self::Quantity { slope, .. } if *slope == 0.0 => 0.0,
            Self::Quantity { mean, slope, .. } => slope * (x - mean),
            Self::Levels { missing, .. } if x.is_nan() => *missing,
            Self::Levels { levels, unseen, .. } => {
                // Casts saturate, so that a number that is no level is caught by the comparison.
                let level = x as usize;
                match levels.get(level) {
                    Some(effect) if level as f64 == x => *effect,
                    _ => *unseen,
                }
            }
        }
    }

    fn is_sound(&self, column: &Column) -> bool {
        match (self, &column.kind) {
            (Self::Quantity { mean, slope, missing }, ColumnKind::Numeric) => {
                mean.is_finite() && slope.is_finite() && missing.is_finite()
            }
            (
                Self::Levels { levels, missing, unseen },
                ColumnKind::Categorical { levels: names },
            ) => {
                levels.len() == names.len()
                    && levels.iter().chain([missing, unseen]).all(|effect| effect.is_finite())
            }
            _ => false,
        }
    }
}

/// A linear model: an intercept and an [`Effect`] of each column.
///
/// Made by [`LinearConfig::fit`](super::LinearConfig::fit). As a [`Model`] it predicts the mean. A
/// number that is no level's index is a level that no training row had. An infinite value gives the
/// end of the predictions' range, or NaN where two are at odds.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Parts"))]
pub struct LinearModel {
    family: Family,
    columns: Vec<Column>,
    intercept: f64,
    effects: Vec<Effect>,
}

/// A model as saved, not checked yet.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    family: Family,
    columns: Vec<Column>,
    intercept: f64,
    effects: Vec<Effect>,
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for LinearModel {
    type Error = &'static str;

    fn try_from(parts: Parts) -> std::result::Result<Self, Self::Error> {
        let Parts { family, columns, intercept, effects } = parts;
        Self::new(family, columns, intercept, effects)
            .ok_or("an effect does not fit its column, or is not a finite number")
    }
}

impl LinearModel {
    /// `None` unless there is a finite effect for each column.
    pub(super) fn new(
        family: Family,
        columns: Vec<Column>,
        intercept: f64,
        effects: Vec<Effect>,
    ) -> Option<Self> {
        let sound = columns.len() == effects.len()
            && columns.iter().zip(&effects).all(|(column, effect)| effect.is_sound(column));
        (sound && intercept.is_finite()).then_some(Self { family, columns, intercept, effects })
    }

    /// What was minimised.
    #[must_use]
    pub fn family(&self) -> Family {
        self.family
    }

    /// The columns the model was trained on, in the order it expects them.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The score where no column adds anything: each quantity at its mean, each level the one left out.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// What each column adds to the score.
    #[must_use]
    pub fn effects(&self) -> &[Effect] {
        &self.effects
    }

    fn score(&self, row: &[f64]) -> f64 {
        row.iter().zip(&self.effects).fold(self.intercept, |sum, (x, effect)| sum + effect.of(*x))
    }

    /// Writes the model as JSON, with format version, columns with their levels, and a checksum.
    ///
    /// # Errors
    /// None is known to occur; the serialiser's are passed on.
    #[cfg(feature = "serde")]
    pub fn to_json(&self) -> std::result::Result<String, serde_json::Error> {
        saved::write(FORMAT, FORMAT_VERSION, self)
    }

    /// Reads a model that [`to_json`](Self::to_json) wrote. The result predicts the same bits.
    ///
    /// # Errors
    /// [`SavedError`] for text that is no saved linear model, another version, a payload that does not
    /// match its checksum, and effects that do not fit their columns.
    #[cfg(feature = "serde")]
    pub fn from_json(json: &str) -> std::result::Result<Self, SavedError> {
        saved::read(FORMAT, FORMAT_VERSION, json)
    }

    /// Predicts one row.
    ///
    /// # Errors
    /// [`campaign_core::Error::Length`] if the row has not one number per column.
    ///
    /// # Allocation
    /// None.
    pub fn predict_row(&self, row: &[f64]) -> Result<f64> {
        check_length("row", row.len(), self.columns.len())?;
        Ok(self.family.link().prediction(self.score(row)))
    }

    /// Predicts every row of a data set after checking its columns. A row's offset, where the data have
    /// one, is added to its score.
    ///
    /// # Errors
    /// [`SchemaError`] for the first difference from the training data's columns.
    ///
    /// # Allocation
    /// The answer.
    pub fn predict_dataset(&self, data: &Dataset) -> std::result::Result<Vec<f64>, SchemaError> {
        check_columns(data.columns(), &self.columns)?;
        let features = data.features();
        let score = |(row, x): (usize, campaign_core::ndarray::ArrayView1<'_, f64>)| {
            let offset = data.offset().map_or(0.0, |offsets| offsets[row]);
            let effects = x.iter().zip(&self.effects).map(|(x, effect)| effect.of(*x));
            self.family.link().prediction(effects.fold(self.intercept, |sum, e| sum + e) + offset)
        };
        Ok(features.rows().into_iter().enumerate().map(score).collect())
    }
}

impl Model for LinearModel {
    fn n_features(&self) -> usize {
        self.columns.len()
    }

    fn predict_into(&self, x: ArrayView2<'_, f64>, out: &mut [f64]) -> Result<()> {
        let width = self.columns.len();
        let rows = rows(&x, width, out.len())?;
        let link = self.family.link();
        if width == 0 {
            out.fill(link.prediction(self.intercept));
        }
        for (row, out) in rows.chunks_exact(width.max(1)).zip(out) {
            *out = link.prediction(self.score(row));
        }
        Ok(())
    }
}
