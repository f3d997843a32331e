//! The boosting loop.

use std::ops::ControlFlow;

use campaign_core::Dataset;
use campaign_core::rand::Rng;

use super::bins::bin_columns;
use super::cells::MAX_ROWS;
use super::config::GbdtConfig;
use super::constraints::Constraints;
use super::error::FitError;
use super::grow::{Grower, Grown};
use super::loss::{Derivatives, FittedLoss, Loss, LossRows};
use super::model::{Gbdt, level_counts};
use super::predict::Forest;
use super::sample::sample_into;
use super::split::Rules;
use super::tree::Tree;
use crate::schema::check_columns;

/// How far a fit has come, after each tree.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// Trees grown so far.
    pub trees: usize,
    /// Most trees that will be grown.
    pub of: usize,
    /// Weighted mean training loss, as in [`Loss`].
    pub train_loss: f64,
    /// Weighted mean validation loss, with validation data.
    pub valid_loss: Option<f64>,
}

/// Called after each tree; `Break` ends the fit with the trees there are.
type Observer<'o> = &'o mut dyn FnMut(Progress) -> ControlFlow<()>;

/// The rows that count: those of positive weight.
struct Rows<'d> {
    data: &'d Dataset,
    index: Vec<usize>,
    targets: Vec<f64>,
    weights: Vec<f64>,
}

impl<'d> Rows<'d> {
    fn new(data: &'d Dataset, name: &'static str, loss: &dyn Loss) -> Result<Self, FitError> {
        let all = data.target().ok_or(FitError::NoTarget(name))?;
        let weight = |row: usize| data.weights().map_or(1.0, |weights| weights[row]);
        let index: Vec<usize> = (0..data.n_rows()).filter(|&row| weight(row) > 0.0).collect();
        if index.is_empty() {
            return Err(FitError::NoRows(name));
        }
        let targets: Vec<f64> = index.iter().map(|&row| all[row]).collect();
        for (&row, &value) in index.iter().zip(&targets) {
            if let Some(expected) = loss.refuses(value) {
                return Err(FitError::Target { data: name, row, value, expected });
            }
        }
        let weights: Vec<f64> = index.iter().map(|&row| weight(row)).collect();
        if !weights.iter().sum::<f64>().is_finite() {
            return Err(FitError::Diverged { trees: 0 });
        }
        Ok(Self { data, index, targets, weights })
    }

    fn for_loss(&self) -> LossRows<'_> {
        LossRows::new(&self.targets, &self.weights)
    }

    fn add_last_tree(&self, forest: &Forest, n_levels: &[u32], scores: &mut [f64]) {
        let features = self.data.features();
        for (score, &row) in scores.iter_mut().zip(&self.index) {
            if let Some(row) = features.row(row).as_slice() {
                *score += forest.last_value(row, n_levels);
            }
        }
    }
}

impl GbdtConfig {
    /// Fits the trees.
    ///
    /// Rows of weight 0 are left out as if they were not there. The generator is used only where
    /// `row_sample` or `column_sample` is below 1. The same input and generator state give the same
    /// bits on any number of threads, and under any order of the columns.
    ///
    /// # Errors
    /// [`FitError`] for a parameter outside its range, data without target, rows or weight, a target
    /// the loss is not defined for, more than 65535 levels in a column, validation data with other
    /// columns, or early stopping without validation data.
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
        self.run(train, valid, rng, None)
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
        self.run(train, valid, rng, Some(observer))
    }

    fn run(
        &self,
        train: &Dataset,
        valid: Option<&Dataset>,
        rng: &mut dyn Rng,
        mut observer: Option<Observer<'_>>,
    ) -> Result<Gbdt, FitError> {
        self.check()?;
        self.loss.check()?;
        if let Some(valid) = valid {
            check_columns(valid.columns(), train.columns())?;
        } else if self.early_stopping.is_some() {
            return Err(FitError::NoValidation);
        }
        let rows = Rows::new(train, "training", &*self.loss)?;
        let valid = valid.map(|data| Rows::new(data, "validation", &*self.loss)).transpose()?;
        self.check_size(rows.index.len())?;
        // In name order, so that ties between columns do not depend on where they stand.
        let mut order: Vec<usize> = (0..train.columns().len()).collect();
        order.sort_by(|&a, &b| train.columns()[a].name.cmp(&train.columns()[b].name));
        let binned = bin_columns(train, &order, &rows.index, &rows.weights, self.max_bins)?;
        let constraints =
            Constraints::new(train.columns(), &order, &self.monotone, &self.interactions)?;
        let base = self.loss.best_constant(&vec![0.0; rows.index.len()], rows.for_loss());
        if !base.is_finite() {
            return Err(FitError::Diverged { trees: 0 });
        }
        let mut grower = Grower::new(&binned, &order, &constraints, self);
        let trees = self.boost(&rows, valid.as_ref(), &mut grower, base, rng, &mut observer)?;
        Ok(Gbdt::from_parts(FittedLoss::of(&*self.loss), base, train.columns().to_vec(), trees))
    }

    /// Rows are counted beside hessians in 64 bits, and the leaves of all trees together by `i32`.
    fn check_size(&self, rows: usize) -> Result<(), FitError> {
        let max = MAX_ROWS;
        if rows > max {
            return Err(FitError::TooManyRows { rows, max });
        }
        if self.max_leaves.min(rows).saturating_mul(self.trees) > i32::MAX as usize {
            let expected = "so few trees that all leaves together are below 2^31";
            return Err(FitError::Config { parameter: "trees", got: self.trees as f64, expected });
        }
        Ok(())
    }

    pub(super) fn rules(&self) -> Rules {
        Rules {
            l1: self.l1,
            l2: self.l2,
            min_gain: self.min_gain,
            min_child_rows: u32::try_from(self.min_child_rows).unwrap_or(u32::MAX),
            min_child_hessian: self.min_child_hessian,
            categorical_l2: self.categorical_l2,
            categorical_smoothing: self.categorical_smoothing,
            max_onehot: self.max_onehot,
            // Set by the grower for each tree.
            chance_gain: 0.0,
        }
    }

    fn boost(
        &self,
        rows: &Rows<'_>,
        valid: Option<&Rows<'_>>,
        grower: &mut Grower<'_>,
        base: f64,
        rng: &mut dyn Rng,
        observer: &mut Option<Observer<'_>>,
    ) -> Result<Vec<Tree>, FitError> {
        let n = rows.index.len();
        let n_levels = level_counts(rows.data.columns());
        let mut scores = vec![base; n];
        let mut valid_scores = valid.map(|v| vec![base; v.index.len()]).unwrap_or_default();
        let mut derivatives: Vec<Derivatives> = vec![[0.0; 2]; n];
        let (mut bag, mut chosen) = (Vec::with_capacity(n), Vec::new());
        let mut trees: Vec<Tree> = Vec::new();
        let start_loss = valid.map(|v| self.loss.mean(&valid_scores, v.for_loss()));
        let (mut best_loss, mut best_trees) = (start_loss.unwrap_or(f64::INFINITY), 0);
        while trees.len() < self.trees {
            self.loss.derivatives_into(&scores, rows.for_loss(), &mut derivatives);
            sample_into(n, self.row_sample, rng, &mut bag);
            sample_into(rows.data.columns().len(), self.column_sample, rng, &mut chosen);
            let used: Vec<usize> = chosen.iter().map(|&c| c as usize).collect();
            let diverged = FitError::Diverged { trees: trees.len() };
            let grown = grower.grow(&mut bag, &derivatives, &used).ok_or(diverged)?;
            let forest = Forest::new(std::slice::from_ref(&grown.tree));
            self.add_scores(rows, &grown, &bag, &forest, &n_levels, &mut scores);
            trees.push(grown.tree);
            if scores.iter().any(|s| !s.is_finite()) {
                return Err(FitError::Diverged { trees: trees.len() });
            }
            let valid_loss = valid.map(|v| {
                v.add_last_tree(&forest, &n_levels, &mut valid_scores);
                self.loss.mean(&valid_scores, v.for_loss())
            });
            if valid_loss.is_none_or(|loss| loss < best_loss) {
                best_loss = valid_loss.unwrap_or(best_loss);
                best_trees = trees.len();
            }
            if let Some(observer) = observer {
                let train_loss = self.loss.mean(&scores, rows.for_loss());
                let progress =
                    Progress { trees: trees.len(), of: self.trees, train_loss, valid_loss };
                if observer(progress).is_break() {
                    break;
                }
            }
            if self.early_stopping.is_some_and(|patience| trees.len() - best_trees >= patience) {
                break;
            }
        }
        if self.early_stopping.is_some() {
            trees.truncate(best_trees);
        }
        Ok(trees)
    }

    /// Adds a grown tree to the scores: by leaf for the rows it was grown on, by walk for others.
    fn add_scores(
        &self,
        rows: &Rows<'_>,
        grown: &Grown,
        bag: &[u32],
        forest: &Forest,
        n_levels: &[u32],
        scores: &mut [f64],
    ) {
        if bag.len() < scores.len() {
            rows.add_last_tree(forest, n_levels, scores);
            return;
        }
        for (leaf, range) in grown.tree.leaves.iter().zip(&grown.ranges) {
            for &row in &bag[range.clone()] {
                scores[row as usize] += leaf.value;
            }
        }
    }
}
