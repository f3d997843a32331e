//! The fitted model.

use campaign_core::error::check_length;
use campaign_core::model::rows;
use campaign_core::ndarray::ArrayView2;
use campaign_core::{Column, ColumnKind, Dataset, Model, Result};

use super::batch::{Batch, FEWEST};
use super::loss::FittedLoss;
use super::predict::Forest;
use super::tree::Tree;
use crate::schema::{SchemaError, check_columns};

/// Gradient-boosted trees.
///
/// Made by [`GbdtConfig::fit`](super::GbdtConfig::fit) or read from JSON. As a [`Model`] it predicts
/// what the loss it was trained with says: a mean, a probability, a quantile
/// ([`Objective`](super::Objective)).
///
/// NaN is missing. In a categorical column a number that is no level's index (unseen, negative,
/// fractional, infinite) is treated as missing too. In a numeric column an infinite value is
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
    forest: Forest,
    /// Where blocks of rows can be coded.
    batch: Option<Batch>,
    n_levels: Vec<u32>,
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
        let forest = Forest::new(&trees);
        let n_levels = level_counts(&columns);
        let batch = Batch::new(&trees, &n_levels);
        Self { loss, base_score, columns, trees, forest, batch, n_levels }
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
    /// # Errors
    /// As [`check_schema`](Self::check_schema).
    ///
    /// # Allocation
    /// The answer.
    pub fn predict_dataset(&self, data: &Dataset) -> std::result::Result<Vec<f64>, SchemaError> {
        self.check_schema(data.columns())?;
        let features = data.features();
        let mut out = vec![0.0; data.n_rows()];
        // A data set lends row-major rows, so this view never needs the copy.
        let standard = features.as_standard_layout();
        self.scores(standard.as_slice().unwrap_or(&[]), &mut out);
        self.loss.link().apply(&mut out);
        Ok(out)
    }

    /// Predicts one row.
    ///
    /// # Errors
    /// [`campaign_core::Error::Length`] if the row has not one number per column.
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
        Ok(self.forest.score(self.base_score, row, &self.n_levels))
    }

    fn scores(&self, rows: &[f64], out: &mut [f64]) {
        let (base, width) = (self.base_score, self.columns.len());
        match &self.batch {
            Some(batch) if out.len() >= FEWEST && width > 0 => {
                batch.scores_into(base, rows, width, out);
            }
            _ if width == 0 => out.fill(self.forest.score(base, &[], &self.n_levels)),
            _ => {
                for (row, score) in rows.chunks_exact(width).zip(out) {
                    *score = self.forest.score(base, row, &self.n_levels);
                }
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
        self.scores(rows, out);
        self.loss.link().apply(out);
        Ok(())
    }
}
