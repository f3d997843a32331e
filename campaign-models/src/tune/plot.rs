//! The data of a study's plots.

use super::point::Value;
use super::study::Study;

/// The best value after so much cost.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct BestSoFar {
    /// The trial, from 0.
    pub trial: usize,
    /// Its value at the full budget.
    pub value: f64,
    /// The smallest value up to and with it.
    pub best: f64,
}

impl Study {
    /// For every trial measured at the full budget: its value, and the best so far.
    #[must_use]
    pub fn best_so_far(&self) -> Vec<BestSoFar> {
        let mut best = f64::INFINITY;
        let valued = self.trials.iter().enumerate().filter_map(|(i, t)| Some((i, t.value()?)));
        let row = |(trial, value): (usize, f64)| {
            best = best.min(value);
            BestSoFar { trial, value, best }
        };
        valued.map(row).collect()
    }

    /// For every trial measured at the full budget: a parameter's value and the trial's, the data of a
    /// slice plot. Empty for a parameter that does not exist.
    #[must_use]
    pub fn slice(&self, parameter: &str) -> Vec<(Value, f64)> {
        let row = |t: &super::study::Trial| Some((t.point.get(parameter)?.clone(), t.value()?));
        self.trials.iter().filter_map(row).collect()
    }
}
