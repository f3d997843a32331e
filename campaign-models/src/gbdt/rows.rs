//! The rows a fit is about: those of positive weight.

use campaign_core::Dataset;
use jiff::civil::Date;

use super::error::FitError;
use super::loss::{Groups, Loss, LossRows};

/// Which rows of a data set count, and how much.
#[derive(Debug)]
pub(super) struct Counted<'d> {
    pub(super) data: &'d Dataset,
    pub(super) index: Vec<usize>,
    pub(super) weights: Vec<f64>,
}

impl<'d> Counted<'d> {
    pub(super) fn new(data: &'d Dataset, name: &'static str) -> Result<Self, FitError> {
        let weight = |row: usize| data.weights().map_or(1.0, |weights| weights[row]);
        let index: Vec<usize> = (0..data.n_rows()).filter(|&row| weight(row) > 0.0).collect();
        if index.is_empty() {
            return Err(FitError::NoRows(name));
        }
        let weights: Vec<f64> = index.iter().map(|&row| weight(row)).collect();
        if !weights.iter().sum::<f64>().is_finite() {
            return Err(FitError::Diverged { trees: 0 });
        }
        Ok(Self { data, index, weights })
    }

    fn pick<T: Copy>(&self, values: &[T]) -> Vec<T> {
        self.index.iter().map(|&row| values[row]).collect()
    }

    /// The features of one of them.
    pub(super) fn features(&self, at: usize) -> &'d [f64] {
        let width = self.data.columns().len();
        // A data set lends row-major rows.
        let all = self.data.features().to_slice().unwrap_or_default();
        all.get(self.index[at] * width..(self.index[at] + 1) * width).unwrap_or_default()
    }

    fn days(&self) -> Option<impl Iterator<Item = Date>> {
        self.data.days().map(|days| self.index.iter().map(|&row| days[row]))
    }

    /// Early stopping chooses by what came later.
    pub(super) fn check_later_than(&self, train: &Self) -> Result<(), FitError> {
        let first = self.days().and_then(Iterator::min);
        let last = train.days().and_then(Iterator::max);
        match (first, last) {
            (Some(first_valid), Some(last_train)) if first_valid <= last_train => {
                Err(FitError::ValidationNotLater { first_valid, last_train })
            }
            _ => Ok(()),
        }
    }
}

/// Rows with what the loss asks of them.
pub(super) struct Rows<'a> {
    pub(super) counted: &'a Counted<'a>,
    targets: Vec<f64>,
    groups: Option<Groups>,
    /// The scores before the first tree, but for the base score.
    pub(super) offset: Vec<f64>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(
        counted: &'a Counted<'a>,
        name: &'static str,
        loss: &dyn Loss,
    ) -> Result<Self, FitError> {
        let data = counted.data;
        let targets = counted.pick(data.target().ok_or(FitError::NoTarget(name))?);
        for (&row, &value) in counted.index.iter().zip(&targets) {
            if let Some(expected) = loss.refuses(value) {
                return Err(FitError::Target { data: name, row, value, expected });
            }
        }
        if loss.needs_groups() && data.groups().is_none() {
            return Err(FitError::NoGroups(name));
        }
        let groups = data.groups().map(|groups| Groups::new(&counted.pick(groups)));
        let offset = match data.offset() {
            Some(offset) => counted.pick(offset),
            None => vec![0.0; targets.len()],
        };
        Ok(Self { counted, targets, groups, offset })
    }

    pub(super) fn len(&self) -> usize {
        self.targets.len()
    }

    pub(super) fn for_loss(&self) -> LossRows<'_> {
        LossRows::new(&self.targets, &self.counted.weights).with_groups(self.groups.as_ref())
    }
}
