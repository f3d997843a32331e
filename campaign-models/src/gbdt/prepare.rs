//! Training data in bins, for many fits.

use campaign_core::Dataset;

use super::bins::{BinnedColumn, bin_columns};
use super::cells::MAX_ROWS;
use super::config::GbdtConfig;
use super::error::FitError;
use super::rows::Counted;

/// Training data in bins, so that a search over parameters bins once.
///
/// Made by [`GbdtConfig::prepare`], for [`GbdtConfig::fit_prepared`] of any configuration with the same
/// [`max_bins`](GbdtConfig::max_bins).
#[derive(Debug)]
pub struct Prepared<'d> {
    pub(super) rows: Counted<'d>,
    /// The columns in name order, so that ties between them do not depend on where they stand.
    pub(super) order: Vec<usize>,
    /// In that order.
    pub(super) columns: Vec<BinnedColumn>,
    pub(super) max_bins: usize,
}

impl<'d> Prepared<'d> {
    /// The data that were binned.
    #[must_use]
    pub fn data(&self) -> &'d Dataset {
        self.rows.data
    }
}

impl GbdtConfig {
    /// Bins training data.
    ///
    /// # Errors
    /// [`FitError`] for a parameter outside its range, no row with a positive weight, more than
    /// 268435455 rows, or more than 65535 levels in a column.
    ///
    /// # Complexity
    /// `O(rows ln(rows) * columns)`; memory of a byte per cell, two for columns of more than 255 levels.
    ///
    /// # Examples
    /// ```
    /// use campaign_core::{Column, Dataset, ndarray::Array2};
    /// use campaign_models::{GbdtConfig, Objective, gbdt::FitOptions};
    /// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
    ///
    /// let x = Array2::from_shape_fn((100, 1), |(row, _)| row as f64);
    /// let y = (0..100).map(|row| f64::from(row >= 40)).collect();
    /// let data = Dataset::new(vec![Column::numeric("ctr_7d")], x)?.with_target(y)?;
    /// let config = GbdtConfig::new(Objective::Logistic);
    /// let prepared = config.prepare(&data)?;
    /// for leaves in [2, 4, 8] {
    ///     let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    ///     let config = config.clone().with_max_leaves(leaves);
    ///     let model = config.fit_prepared(&prepared, FitOptions::default(), &mut rng)?;
    ///     assert_eq!(model.n_trees(), 100);
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn prepare<'d>(&self, train: &'d Dataset) -> Result<Prepared<'d>, FitError> {
        self.check()?;
        let rows = Counted::new(train, "training")?;
        // Rows are counted beside hessians in 64 bits.
        if rows.index.len() > MAX_ROWS {
            return Err(FitError::TooManyRows { rows: rows.index.len(), max: MAX_ROWS });
        }
        let mut order: Vec<usize> = (0..train.columns().len()).collect();
        order.sort_by(|&a, &b| train.columns()[a].name.cmp(&train.columns()[b].name));
        let max_bins = self.max_bins;
        let columns = bin_columns(train, &order, &rows.index, &rows.weights, max_bins)?;
        Ok(Prepared { rows, order, columns, max_bins })
    }
}
