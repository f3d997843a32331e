//! How well all columns predict together, and all but one.

use campaign_core::ndarray::Axis;
use campaign_core::rand::Rng;
use campaign_core::{ColumnKind, Dataset, Model};

use super::error::LeakageError;
use super::outcome::{Outcome, Skill};
use crate::gbdt::{GbdtConfig, Objective};

/// Columns with more levels name rows; they do not take part.
const MAX_LEVELS: usize = 1000;
/// With fewer others, one strong column among them is no surprise.
const MIN_OTHERS: usize = 5;

/// A small model of all columns or all but one, each half predicted by the model of the other.
pub(super) struct Joint<'d> {
    data: &'d Dataset,
    half: &'d [bool],
    all: Option<Option<Skill>>,
}

impl<'d> Joint<'d> {
    pub(super) fn new(data: &'d Dataset, half: &'d [bool]) -> Self {
        Self { data, half, all: None }
    }

    /// The skill of all columns but one, and of all; `None` where there is too little to say.
    pub(super) fn without_and_with(
        &mut self,
        index: usize,
        outcome: &Outcome,
        rng: &mut dyn Rng,
    ) -> Result<Option<(Skill, Skill)>, LeakageError> {
        let few_levels = |c: &usize| match self.data.columns().get(*c).map(|column| &column.kind) {
            Some(ColumnKind::Categorical { levels }) => levels.len() <= MAX_LEVELS,
            other => other.is_some(),
        };
        let all: Vec<usize> = (0..self.data.columns().len()).filter(few_levels).collect();
        let others: Vec<usize> = all.iter().copied().filter(|c| *c != index).collect();
        if others.len() < MIN_OTHERS {
            return Ok(None);
        }
        let others = self.skill(&others, outcome, rng)?;
        let all = match self.all {
            Some(all) => all,
            None => *self.all.insert(self.skill(&all, outcome, rng)?),
        };
        Ok(others.zip(all))
    }

    fn skill(
        &self,
        columns: &[usize],
        outcome: &Outcome,
        rng: &mut dyn Rng,
    ) -> Result<Option<Skill>, LeakageError> {
        let x = self.data.features().select(Axis(1), columns).as_standard_layout().into_owned();
        let names = columns.iter().filter_map(|c| self.data.columns().get(*c).cloned()).collect();
        let data = Dataset::new(names, x)?.with_target(outcome.y.clone())?;
        let config = GbdtConfig::new(Objective::Logistic).with_trees(60).with_max_leaves(15);
        let mut predicted = vec![0.0; self.half.len()];
        for side in [false, true] {
            let rows = |of: bool| (0..self.half.len()).filter(move |&row| self.half[row] == of);
            let (train, valid): (Vec<_>, Vec<_>) = (rows(!side).collect(), rows(side).collect());
            if train.is_empty() || valid.is_empty() {
                return Ok(None);
            }
            let model = config.fit(&data.select(&train)?, None, rng)?;
            let of_valid = model.predict(data.select(&valid)?.features())?;
            valid.iter().zip(of_valid).for_each(|(&row, p)| predicted[row] = p);
        }
        Ok(outcome.skill(&predicted))
    }
}
