//! Fitting: what may be asked for, and the checks before the first tree.

use std::ops::ControlFlow;

use campaign_core::Dataset;
use campaign_core::rand::Rng;

use super::boost::Boosting;
use super::config::GbdtConfig;
use super::constraints::Constraints;
use super::error::FitError;
use super::loss::FittedLoss;
use super::model::Gbdt;
use super::prepare::Prepared;
use super::rows::{Counted, Rows};
use super::unseen::{SeenLevels, UnseenLevels};
use crate::schema::check_columns;

/// How far a fit has come, after each tree.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// Trees grown so far, those of a model that is continued included.
    pub trees: usize,
    /// Most trees that there will be.
    pub of: usize,
    /// Weighted mean training loss, as in [`Loss::mean`](super::Loss::mean).
    pub train_loss: f64,
    /// Weighted mean validation loss, with validation data.
    pub valid_loss: Option<f64>,
}

/// Called after each tree; `Break` ends the fit with the trees there are.
pub(super) type Observer<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

/// What a fit may have beside training data. Default: nothing.
#[derive(Default)]
#[non_exhaustive]
pub struct FitOptions<'a> {
    valid: Option<&'a Dataset>,
    start: Option<&'a Gbdt>,
    observer: Option<Observer<'a>>,
}

impl<'a> FitOptions<'a> {
    /// Measures the loss after each tree on other data, for
    /// [`early_stopping`](GbdtConfig::early_stopping) and the observer.
    #[must_use]
    pub fn with_valid(self, valid: &'a Dataset) -> Self {
        Self { valid: Some(valid), ..self }
    }

    /// Adds trees to those of a model.
    #[must_use]
    pub fn with_start(self, start: &'a Gbdt) -> Self {
        Self { start: Some(start), ..self }
    }

    /// Tells an observer after each tree, which may end the fit with `Break`.
    #[must_use]
    pub fn with_observer(self, observer: &'a mut dyn FnMut(Progress) -> ControlFlow<()>) -> Self {
        Self { observer: Some(observer), ..self }
    }
}

impl GbdtConfig {
    /// Fits the trees.
    ///
    /// Rows of weight 0 are left out as if they were not there. Each row's score starts from its
    /// offset, where the data have one. The generator is used only where rows or columns are
    /// sampled. The same input and generator state give the same bits on any number of threads, and
    /// under any order of the columns.
    ///
    /// # Errors
    /// [`FitError`] for a parameter outside its range, data without target, rows or weight, a target
    /// the loss is not defined for, more than 65535 levels in a column, validation data with other
    /// columns, early stopping without validation data or with some that are not later than the
    /// training data, or numbers beyond the range of floats.
    ///
    /// # Complexity
    /// `O(rows * columns)` per level of a tree, after `O(rows ln(rows) * columns)` for the bins.
    /// Memory: two bytes per cell and a histogram per leaf.
    ///
    /// # Source
    /// Boosting on second-order expansions: Chen & Guestrin 2016, "XGBoost", eq. 5-7. Histograms,
    /// their subtraction and leaf-wise growth: Ke et al. 2017, "LightGBM". Unlike LightGBM, leaf
    /// values after splits on levels carry `l2` alone, without `categorical_l2`, and the gain of an
    /// ordered subset of levels is lessened by what chance alone would gain
    /// ([`categorical_penalty`](Self::categorical_penalty)).
    pub fn fit(
        &self,
        train: &Dataset,
        valid: Option<&Dataset>,
        rng: &mut dyn Rng,
    ) -> Result<Gbdt, FitError> {
        self.fit_options(train, FitOptions { valid, ..FitOptions::default() }, rng)
    }

    /// As [`fit`](Self::fit), and tells an observer after each tree, which may end it with `Break`.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fit_observed(
        &self,
        train: &Dataset,
        valid: Option<&Dataset>,
        rng: &mut dyn Rng,
        observer: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Gbdt, FitError> {
        let options = FitOptions { valid, start: None, observer: Some(observer) };
        self.fit_options(train, options, rng)
    }

    /// Adds [`trees`](Self::trees) to those of a model, which stays as it is: on the same data, 50
    /// trees and then 50 are the same bits as 100. Columns and loss must be those of the model; all
    /// else may differ.
    ///
    /// # Errors
    /// As [`fit`](Self::fit), [`FitError::Start`] for other columns and [`FitError::OtherLoss`].
    pub fn continue_from(
        &self,
        model: &Gbdt,
        train: &Dataset,
        valid: Option<&Dataset>,
        rng: &mut dyn Rng,
    ) -> Result<Gbdt, FitError> {
        let options = FitOptions { valid, start: Some(model), observer: None };
        self.fit_options(train, options, rng)
    }

    fn fit_options(
        &self,
        train: &Dataset,
        options: FitOptions<'_>,
        rng: &mut dyn Rng,
    ) -> Result<Gbdt, FitError> {
        self.fit_prepared(&self.prepare(train)?, options, rng)
    }

    /// As [`fit`](Self::fit) on data that were binned before, to the same bits.
    ///
    /// # Errors
    /// As [`fit`](Self::fit) and [`continue_from`](Self::continue_from), and [`FitError::Config`] if
    /// the data were prepared with another [`max_bins`](Self::max_bins).
    pub fn fit_prepared(
        &self,
        train: &Prepared<'_>,
        options: FitOptions<'_>,
        rng: &mut dyn Rng,
    ) -> Result<Gbdt, FitError> {
        let FitOptions { valid, start, observer } = options;
        let columns = train.data().columns();
        self.check()?;
        self.check_bins(train)?;
        self.check_size(train.rows.index.len(), start)?;
        let fitted_loss = FittedLoss::of(&*self.loss);
        if let Some(start) = start {
            check_columns(columns, start.columns()).map_err(FitError::Start)?;
            if *start.loss() != fitted_loss {
                let (got, expected) = (fitted_loss, start.loss().clone());
                return Err(FitError::OtherLoss { got, expected });
            }
        }
        let rows = Rows::new(&train.rows, "training", &*self.loss)?;
        let valid = valid.map(|data| self.counted_valid(train, data)).transpose()?;
        let valid = valid.as_ref().map(|valid| Rows::new(valid, "validation", &*self.loss));
        let valid = valid.transpose()?;
        if valid.is_none() && self.early_stopping.is_some() {
            return Err(FitError::NoValidation);
        }
        let constraints =
            Constraints::new(columns, &train.order, &self.monotone, &self.interactions)?;
        let mut boosting = Boosting::new(self, train, &constraints, rows, valid, start)?;
        boosting.run(rng, observer)?;
        let (base, trees) = boosting.finish();
        let model = Gbdt::from_parts(fitted_loss, base, columns.to_vec(), trees);
        let refuses = self.unseen_levels == UnseenLevels::Refuse;
        let seen = refuses.then(|| SeenLevels::new(&train.rows, start));
        Ok(model.with_seen_levels(seen))
    }

    fn counted_valid<'d>(
        &self,
        train: &Prepared<'_>,
        data: &'d Dataset,
    ) -> Result<Counted<'d>, FitError> {
        check_columns(data.columns(), train.data().columns())?;
        let valid = Counted::new(data, "validation")?;
        if data.offset().is_some() != train.data().offset().is_some() {
            return Err(FitError::Offset);
        }
        if self.early_stopping.is_some() {
            valid.check_later_than(&train.rows)?;
        }
        Ok(valid)
    }

    fn check_bins(&self, train: &Prepared<'_>) -> Result<(), FitError> {
        if self.max_bins == train.max_bins {
            return Ok(());
        }
        Err(FitError::Config {
            parameter: "max_bins",
            got: self.max_bins as f64,
            expected: "the number the data were prepared with",
        })
    }

    /// The leaves of all trees together are counted by `i32`.
    fn check_size(&self, rows: usize, start: Option<&Gbdt>) -> Result<(), FitError> {
        let before: usize =
            start.map_or(0, |model| model.trees().iter().map(|tree| tree.leaves.len()).sum());
        let most = self.max_leaves.min(rows).saturating_mul(self.trees).saturating_add(before);
        if most > i32::MAX as usize {
            let expected = "so few trees that all leaves together are below 2^31";
            return Err(FitError::Config { parameter: "trees", got: self.trees as f64, expected });
        }
        Ok(())
    }
}
