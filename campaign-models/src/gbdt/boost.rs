//! The boosting loop.

use campaign_core::rand::Rng;
use rayon::prelude::*;

use super::config::GbdtConfig;
use super::constraints::Constraints;
use super::error::FitError;
use super::fit::{Observer, Progress};
use super::grow::Grower;
use super::loss::Derivatives;
use super::model::{Gbdt, level_counts};
use super::predict::Forest;
use super::prepare::Prepared;
use super::renew::Renewal;
use super::rows::Rows;
use super::sample::{goss_into, rest_into, sample_into};
use super::tree::Tree;

/// Fewer rows than this are walked on one thread, for the hand-over costs more.
const FEWEST: usize = 512;

/// Rows whose scores grow with the trees.
struct Scored<'a> {
    rows: Rows<'a>,
    scores: Vec<f64>,
}

impl<'a> Scored<'a> {
    /// The scores of a model, or of none but its base score.
    fn new(rows: Rows<'a>, base: f64, start: Option<&Gbdt>) -> Self {
        let score = |(row, offset): (usize, &f64)| match start {
            Some(model) => model.score_from(base + offset, rows.counted.features(row)),
            None => base + offset,
        };
        let scores = rows.offset.par_iter().enumerate().map(score).collect();
        Self { rows, scores }
    }

    fn add_tree(&mut self, forest: &Forest, n_levels: &[u32]) {
        let rows = &self.rows;
        let scores = self.scores.par_iter_mut().enumerate().with_min_len(FEWEST);
        scores.for_each(|(row, score)| {
            *score += forest.last_value(rows.counted.features(row), n_levels);
        });
    }
}

/// The rows of a tree.
#[derive(Default)]
struct Bag {
    /// On which it is grown.
    drawn: Vec<u32>,
    /// All others.
    others: Vec<u32>,
}

impl Bag {
    fn draw(&mut self, config: &GbdtConfig, derivatives: &mut [Derivatives], rng: &mut dyn Rng) {
        let n = derivatives.len();
        match config.goss {
            Some(goss) => goss_into(goss, derivatives, rng, &mut self.drawn),
            None => sample_into(n, config.row_sample, rng, &mut self.drawn),
        }
        rest_into(n, &self.drawn, &mut self.others);
    }
}

/// A fit under way.
pub(super) struct Boosting<'a> {
    config: &'a GbdtConfig,
    grower: Grower<'a>,
    renewal: Option<Renewal<'a>>,
    train: Scored<'a>,
    valid: Option<Scored<'a>>,
    n_levels: Vec<u32>,
    base: f64,
    trees: Vec<Tree>,
}

impl<'a> Boosting<'a> {
    pub(super) fn new(
        config: &'a GbdtConfig,
        train: &'a Prepared<'a>,
        constraints: &'a Constraints,
        rows: Rows<'a>,
        valid: Option<Rows<'a>>,
        start: Option<&Gbdt>,
    ) -> Result<Self, FitError> {
        let trees = start.map(|model| model.trees().to_vec()).unwrap_or_default();
        let base = match start {
            Some(model) => model.base_score(),
            None => config.loss.best_constant(&rows.offset, rows.for_loss()),
        };
        let train_rows = Scored::new(rows, base, start);
        if !base.is_finite() || train_rows.scores.iter().any(|score| !score.is_finite()) {
            return Err(FitError::Diverged { trees: trees.len() });
        }
        Ok(Self {
            config,
            grower: Grower::new(&train.columns, &train.order, constraints, config),
            renewal: config.loss.renews_leaves().then(|| Renewal::new(config, train, constraints)),
            train: train_rows,
            valid: valid.map(|rows| Scored::new(rows, base, start)),
            n_levels: level_counts(train.data().columns()),
            base,
            trees,
        })
    }

    /// The base score and the trees.
    pub(super) fn finish(self) -> (f64, Vec<Tree>) {
        (self.base, self.trees)
    }

    /// Grows the trees.
    pub(super) fn run(
        &mut self,
        rng: &mut dyn Rng,
        mut observer: Option<Observer<'_>>,
    ) -> Result<(), FitError> {
        let n_columns = self.n_levels.len();
        let mut derivatives: Vec<Derivatives> = vec![[0.0; 2]; self.train.rows.len()];
        let (mut bag, mut chosen) = (Bag::default(), Vec::new());
        let most = self.trees.len() + self.config.trees;
        let (mut best_loss, mut best_trees) =
            (self.valid_loss().unwrap_or(f64::INFINITY), self.trees.len());
        while self.trees.len() < most {
            let Scored { rows, scores } = &self.train;
            self.config.loss.derivatives_into(scores, rows.for_loss(), &mut derivatives);
            bag.draw(self.config, &mut derivatives, rng);
            sample_into(n_columns, self.config.column_sample, rng, &mut chosen);
            let used: Vec<usize> = chosen.iter().map(|&c| c as usize).collect();
            self.grow(&mut bag, &derivatives, &used)?;
            let valid_loss = self.valid_loss();
            if valid_loss.is_none_or(|loss| loss < best_loss) {
                best_loss = valid_loss.unwrap_or(best_loss);
                best_trees = self.trees.len();
            }
            if let Some(observer) = &mut observer {
                let train_loss = self.loss_of(&self.train);
                let trees = self.trees.len();
                if observer(Progress { trees, of: most, train_loss, valid_loss }).is_break() {
                    break;
                }
            }
            let since = self.trees.len() - best_trees;
            if self.config.early_stopping.is_some_and(|patience| since >= patience) {
                break;
            }
        }
        if self.config.early_stopping.is_some() {
            self.trees.truncate(best_trees);
        }
        Ok(())
    }

    fn loss_of(&self, scored: &Scored<'_>) -> f64 {
        self.config.loss.mean(&scored.scores, scored.rows.for_loss())
    }

    fn valid_loss(&self) -> Option<f64> {
        self.valid.as_ref().map(|valid| self.loss_of(valid))
    }

    /// Grows a tree and adds it to all scores.
    fn grow(
        &mut self,
        Bag { drawn, others }: &mut Bag,
        derivatives: &[Derivatives],
        used: &[usize],
    ) -> Result<(), FitError> {
        let diverged = |trees: usize| FitError::Diverged { trees };
        let before = self.trees.len();
        let grown = self.grower.grow(drawn, others, derivatives, used);
        let mut grown = grown.ok_or(diverged(before))?;
        if let Some(renewal) = &self.renewal {
            renewal.renew(&mut grown, drawn, &self.train.scores, self.train.rows.for_loss());
        }
        for (rows, ranges) in [(drawn, &grown.ranges), (others, &grown.others)] {
            for (leaf, range) in grown.tree.leaves.iter().zip(ranges) {
                for &row in &rows[range.clone()] {
                    self.train.scores[row as usize] += leaf.value;
                }
            }
        }
        if let Some(valid) = &mut self.valid {
            let forest = Forest::new(std::slice::from_ref(&grown.tree));
            valid.add_tree(&forest, &self.n_levels);
        }
        self.trees.push(grown.tree);
        if self.train.scores.iter().any(|score| !score.is_finite()) {
            return Err(diverged(self.trees.len()));
        }
        Ok(())
    }
}
