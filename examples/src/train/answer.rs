//! What the program `train` answers, as JSON and as text.

use std::fmt::Write as _;
use std::path::PathBuf;

use campaign_models::explain::{PermutationImportance, Reasons};
use campaign_models::validate::Finding;
use serde::Serialize;

use super::data::Dropped;
use super::judge::{Judged, Values};
use super::search::Found;
use super::target::Task;

/// The whole answer.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// What was predicted.
    pub task: Task,
    /// Of a binary task, the value whose probability is predicted.
    pub positive: Option<String>,
    /// Rows of the file.
    pub rows: usize,
    /// Columns that the model knows.
    pub features: Vec<String>,
    /// Columns that it was not given.
    pub dropped: Vec<Dropped>,
    /// How many trees the model has.
    pub trees: usize,
    /// Means over the folds, or those of the test file.
    pub metrics: Values,
    /// The same of a constant.
    pub baseline: Values,
    /// Each fold.
    pub folds: Vec<Judged>,
    /// The search for the final model.
    pub tuning: Option<Found>,
    /// Each column's share of what the trees gained, largest first.
    pub importance: Vec<Share>,
    /// What looks too good to be known in time.
    pub leakage: Vec<Finding>,
    /// Why some rows are predicted what they are.
    pub reasons: Vec<RowReasons>,
    /// How much worse predictions become where a column is shuffled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permutation: Option<Vec<PermutationImportance>>,
    /// Where the model was written.
    pub out: Option<PathBuf>,
    /// How long the steps took.
    pub seconds: Seconds,
}

/// A column's part.
#[derive(Debug, Clone, Serialize)]
pub struct Share {
    /// The column.
    pub name: String,
    /// Its share, from 0 to 1.
    pub value: f64,
}

/// Why a row is predicted what it is.
#[derive(Debug, Serialize)]
pub struct RowReasons {
    /// The row, from 1 below the header.
    pub row: usize,
    /// In words.
    pub text: String,
    /// In numbers.
    #[serde(flatten)]
    pub reasons: Reasons,
}

/// Wall time of the steps of the final model.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Seconds {
    /// Values to bins.
    pub bin: f64,
    /// Trees.
    pub train: f64,
    /// All rows of the file once.
    pub predict: f64,
    /// Reasons, and with `--explain` the rest.
    pub explain: f64,
}

impl Answer {
    /// What a person wants to know first.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut text = String::new();
        // Writing to a text does not fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let task = format!("{:?}", self.task).to_lowercase();
        let (rows, columns) = (self.rows, self.features.len());
        write!(text, "{task}, {rows} rows, {columns} columns, {} trees", self.trees)?;
        if let Some(positive) = &self.positive {
            write!(text, ", the probability of {positive:?}")?;
        }
        writeln!(text)?;
        for Dropped { name, why } in &self.dropped {
            writeln!(text, "not used: {name}: {why}")?;
        }
        writeln!(text, "\n{:<20}{:>12}{:>12}", "on unseen rows", "model", "constant")?;
        for (key, value) in &self.metrics {
            let baseline = self.baseline.get(key).copied().unwrap_or(f64::NAN);
            writeln!(text, "{key:<20}{value:>12.4}{baseline:>12.4}")?;
        }
        if let Some(found) = &self.tuning {
            let [start, best] = [found.start, found.best].map(|v| v.unwrap_or(f64::NAN));
            writeln!(
                text,
                "\n{} trials: {} from {start:.4} to {best:.4} on the search's own splits",
                found.trials, found.metric
            )?;
        }
        writeln!(text, "\nshare of the gain")?;
        for Share { name, value } in self.importance.iter().take(10) {
            writeln!(text, "{name:<20}{:>11.1}%", 100.0 * value)?;
        }
        for finding in &self.leakage {
            writeln!(text, "\nleakage? {}", finding.text)?;
        }
        for RowReasons { row, text: reasons, .. } in &self.reasons {
            writeln!(text, "\nrow {row}: {reasons}")?;
        }
        if let Some(out) = &self.out {
            writeln!(text, "\nmodel: {}", out.display())?;
        }
        Ok(())
    }
}
