//! What is to be predicted.

use campaign_models::{Metric, Objective};
use clap::ValueEnum;
use serde::Serialize;

use super::column::{Reading, number};
use super::table::Table;
use crate::program::Failure;

/// The kinds of prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Task {
    /// Binary for a target of two values, regression for numbers
    Auto,
    /// The probability of the positive of two values
    Binary,
    /// A mean
    Regression,
    /// The mean of a count
    Poisson,
    /// The mean of an amount that is often 0
    Tweedie,
    /// A quantile
    Quantile,
}

/// Variance power of Tweedie targets, LightGBM's default.
const TWEEDIE_POWER: f64 = 1.5;

/// The targets, as numbers.
#[derive(Debug)]
pub struct Target {
    /// What is predicted; never [`Task::Auto`].
    pub task: Task,
    /// The values.
    pub values: Vec<f64>,
    /// Of a binary task, the negative and the positive value.
    pub classes: Option<[String; 2]>,
}

/// Texts that are the positive of two values.
const POSITIVE: [&str; 8] = ["1", "yes", "y", "true", "t", "positive", "converted", "success"];

impl Target {
    /// Reads a column as targets. `classes` are those of earlier data.
    ///
    /// # Errors
    /// For a cell that is missing or not what the task needs, with its row.
    pub fn read(
        table: &Table,
        column: usize,
        task: Task,
        classes: Option<&[String; 2]>,
    ) -> Result<Self, Failure> {
        if let Some(row) = table.cells(column).position(|cell| cell.is_none()) {
            return Err(table.cell_failure(row, column, "a target, which every row must have"));
        }
        let two = classes.cloned().or_else(|| two_classes(table, column));
        let task = match (task, &two) {
            (Task::Auto, Some(_)) => Task::Binary,
            (Task::Auto, None) => Task::Regression,
            (task, _) => task,
        };
        let name = &table.names()[column];
        if task == Task::Binary {
            let Some(classes) = two else {
                let expected = "a binary target has two values";
                return Err(Failure::at(table.path(), format!("column {name:?}: {expected}")));
            };
            let expected = format!("{:?} or {:?}", classes[0], classes[1]);
            let value = |(row, cell): (usize, Option<&str>)| {
                let class = classes.iter().position(|class| Some(class.as_str()) == cell);
                class
                    .map(|class| class as f64)
                    .ok_or_else(|| table.cell_failure(row, column, &expected))
            };
            let values = table.cells(column).enumerate().map(value).collect::<Result<_, _>>()?;
            return Ok(Self { task, values, classes: Some(classes) });
        }
        let values = Reading::Numbers.numbers(table, column)?;
        let positive = matches!(task, Task::Poisson | Task::Tweedie);
        if let Some(row) = values.iter().position(|value| positive && *value < 0.0) {
            return Err(table.cell_failure(row, column, "a number that is not negative"));
        }
        Ok(Self { task, values, classes: None })
    }
}

/// The two values of a column, negative first, if it has two.
fn two_classes(table: &Table, column: usize) -> Option<[String; 2]> {
    let Reading::Levels(levels) = Reading::levels(table, column) else { return None };
    let [first, second] = &levels[..] else { return None };
    let is_positive = |level: &str| POSITIVE.contains(&level.to_lowercase().as_str());
    let larger = |a: &str, b: &str| {
        let comma = table.decimal_comma();
        number(a, comma).zip(number(b, comma)).map(|(a, b)| a > b)
    };
    let swap = larger(first, second).unwrap_or(is_positive(first) && !is_positive(second));
    let (negative, positive) = if swap { (second, first) } else { (first, second) };
    Some([negative.to_string(), positive.to_string()])
}

impl Task {
    /// What is minimised.
    #[must_use]
    pub fn objective(self, quantile: f64) -> Objective {
        match self {
            Self::Binary => Objective::Logistic,
            Self::Auto | Self::Regression => Objective::Squared,
            Self::Poisson => Objective::Poisson,
            Self::Tweedie => Objective::Tweedie { power: TWEEDIE_POWER },
            Self::Quantile => Objective::Quantile { level: quantile },
        }
    }

    /// What is measured; the search is by the first.
    #[must_use]
    pub fn metrics(self, quantile: f64) -> Vec<Metric> {
        let errors = [Metric::Rmse, Metric::Mae, Metric::Mape, Metric::Wape];
        let first = match self {
            Self::Binary => {
                return vec![
                    Metric::LogLoss,
                    Metric::Auc,
                    Metric::PrAuc,
                    Metric::Brier,
                    Metric::Ece,
                ];
            }
            Self::Auto | Self::Regression => return errors.to_vec(),
            Self::Poisson => Metric::PoissonDeviance,
            Self::Tweedie => Metric::TweedieDeviance { power: TWEEDIE_POWER },
            Self::Quantile => Metric::Pinball { level: quantile },
        };
        [first].into_iter().chain(errors).collect()
    }
}
