//! The fitted model.

use campaign_core::error::check_length;
use campaign_core::model::rows;
use campaign_core::ndarray::ArrayView2;
use campaign_core::{Column, ColumnKind, Dataset, Model, Result};

use super::coded::Coded;
use super::loss::FittedLoss;
use super::predict::Forest;
use super::tree::Tree;
use super::unseen::SeenLevels;
use crate::schema::{SchemaError, check_columns};

/// Gradient-boosted trees.
///
/// Made by [`GbdtConfig::fit`](super::GbdtConfig::fit) or read from JSON. As a [`Model`] it predicts
/// what the loss it was trained with says: a mean, a probability, a quantile
/// ([`Objective`](super::Objective)).
///
/// NaN is missing. In a categorical column a number that is no level's index (unseen, negative,
/// fractional, infinite) is treated as missing too, or refused
/// ([`UnseenLevels`](super::UnseenLevels)). In a numeric column an infinite value is
/// compared like any other number.
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, Model, ndarray::{Array2, array}};
/// use campaign_models::{GbdtConfig, Objective};
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
///
/// let clicks = Array2::from_shape_fn((100, 1), |(row, _)| row as f64);
/// let revenue = (0..100).map(|row| if row < 50 { 1.0 } else { 3.0 }).collect();
/// let data = Dataset::new(vec![Column::numeric("clicks")], clicks)?.with_target(revenue)?;
/// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
/// let model = GbdtConfig::new(Objective::Squared).fit(&data, None, &mut rng)?;
/// let predicted = model.predict(array![[10.0], [90.0]].view())?;
/// assert!((predicted[0] - 1.0).abs() < 0.01 && (predicted[1] - 3.0).abs() < 0.01);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Gbdt {
    loss: FittedLoss,
    base_score: f64,
    columns: Vec<Column>,
    trees: Vec<Tree>,
    flat: Flat,
    n_levels: Vec<u32>,
    /// Where a model refuses levels that it has not seen.
    seen: Option<SeenLevels>,
}

/// The trees in the form that predicts.
#[derive(Debug, Clone)]
enum Flat {
    Coded(Coded),
    /// Where bytes do not suffice for codes.
    Forest(Forest),
}

/// How many levels each column has, 0 for a numeric one.
pub(crate) fn level_counts(columns: &[Column]) -> Vec<u32> {
    let count = |column: &Column| match &column.kind {
        ColumnKind::Numeric => 0,
        ColumnKind::Categorical { levels } => u32::try_from(levels.len()).unwrap_or(u32::MAX),
    };
    columns.iter().map(count).collect()
}

impl Gbdt {
    pub(super) fn from_parts(
        loss: FittedLoss,
        base_score: f64,
        columns: Vec<Column>,
        trees: Vec<Tree>,
    ) -> Self {
        let n_levels = level_counts(&columns);
        let coded = Coded::new(&trees, &n_levels).map(Flat::Coded);
        let flat = coded.unwrap_or_else(|| Flat::Forest(Forest::new(&trees)));
        Self { loss, base_score, columns, trees, flat, n_levels, seen: None }
    }

    /// Makes it refuse levels that it has not seen.
    pub(super) fn with_seen_levels(self, seen: Option<SeenLevels>) -> Self {
        Self { seen, ..self }
    }

    pub(super) fn seen_levels(&self) -> Option<&SeenLevels> {
        self.seen.as_ref()
    }

    pub(crate) fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// What was minimised, and with it what a score stands for.
    #[must_use]
    pub fn loss(&self) -> &FittedLoss {
        &self.loss
    }

    /// The score before the first tree.
    #[must_use]
    pub fn base_score(&self) -> f64 {
        self.base_score
    }

    /// The columns the model was trained on, in the order it expects them.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// How many trees there are; after early stopping, up to the best.
    #[must_use]
    pub fn n_trees(&self) -> usize {
        self.trees.len()
    }

    /// Checks that columns have the names, kinds and levels of the training data, in that order.
    ///
    /// # Errors
    /// [`SchemaError`] for the first difference.
    pub fn check_schema(&self, columns: &[Column]) -> std::result::Result<(), SchemaError> {
        check_columns(columns, &self.columns)
    }

    /// Predicts every row of a data set after checking its columns.
    ///
    /// A row's score starts from its offset, where the data have one. Other ways to predict know no
    /// offset: they predict for an offset of 0, which for a count is one unit of exposure.
    ///
    /// # Errors
    /// As [`check_schema`](Self::check_schema), and [`SchemaError::UnseenLevel`] for a model that
    /// [refuses](super::UnseenLevels::Refuse) such levels.
    ///
    /// # Allocation
    /// The answer.
    pub fn predict_dataset(&self, data: &Dataset) -> std::result::Result<Vec<f64>, SchemaError> {
        self.check_schema(data.columns())?;
        if let Some(seen) = &self.seen {
            seen.check_dataset(data)?;
        }
        let features = data.features();
        let mut out = vec![self.base_score; data.n_rows()];
        for (score, offset) in out.iter_mut().zip(data.offset().unwrap_or_default()) {
            *score += offset;
        }
        // A data set lends row-major rows, so this view never needs the copy.
        let standard = features.as_standard_layout();
        self.add_scores(standard.as_slice().unwrap_or(&[]), &mut out);
        self.loss.link().apply(&mut out);
        Ok(out)
    }

    /// Predicts one row.
    ///
    /// # Errors
    /// [`Error::Length`](campaign_core::Error::Length) if the row has not one number per column, and
    /// [`Error::UnseenLevel`](campaign_core::Error::UnseenLevel) for a model that
    /// [refuses](super::UnseenLevels::Refuse) such levels.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Complexity
    /// One root-to-leaf path per tree.
    pub fn predict_row(&self, row: &[f64]) -> Result<f64> {
        Ok(self.loss.link().prediction(self.score_row(row)?))
    }

    /// The score of one row, which the [`link`](super::FittedLoss::link) turns into a prediction.
    ///
    /// # Errors
    /// As [`predict_row`](Self::predict_row).
    ///
    /// # Allocation
    /// None.
    pub fn score_row(&self, row: &[f64]) -> Result<f64> {
        check_length("row", row.len(), self.columns.len())?;
        if let Some(seen) = &self.seen {
            seen.check_rows(row, row.len())?;
        }
        Ok(self.score_from(self.base_score, row))
    }

    /// A score, given where it starts.
    #[inline]
    pub(super) fn score_from(&self, start: f64, row: &[f64]) -> f64 {
        match &self.flat {
            Flat::Coded(coded) => coded.score(start, row),
            Flat::Forest(forest) => forest.score(start, row, &self.n_levels),
        }
    }

    /// Adds the trees to scores.
    fn add_scores(&self, rows: &[f64], scores: &mut [f64]) {
        let width = self.columns.len();
        match &self.flat {
            _ if width == 0 => {
                scores.iter_mut().for_each(|score| *score = self.score_from(*score, &[]));
            }
            Flat::Coded(coded) => coded.add_scores(rows, width, scores),
            Flat::Forest(_) => {
                let rows = rows.chunks_exact(width).zip(scores);
                rows.for_each(|(row, score)| *score = self.score_from(*score, row));
            }
        }
    }
}

impl Model for Gbdt {
    fn n_features(&self) -> usize {
        self.columns.len()
    }

    fn predict_into(&self, x: ArrayView2<'_, f64>, out: &mut [f64]) -> Result<()> {
        let rows = rows(&x, self.columns.len(), out.len())?;
        if let Some(seen) = &self.seen {
            seen.check_rows(rows, self.columns.len())?;
        }
        out.fill(self.base_score);
        self.add_scores(rows, out);
        self.loss.link().apply(out);
        Ok(())
    }
}
