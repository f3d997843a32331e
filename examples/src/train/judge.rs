//! How good a model is, beside a naive one.

use std::collections::BTreeMap;

use campaign_core::Dataset;
use campaign_models::{Gbdt, Metric, Prior};
use serde::Serialize;

use super::target::Task;
use crate::program::{Failure, OrFail as _};

/// Values by the metric's key. A metric that is not defined for these targets is not there.
pub type Values = BTreeMap<String, f64>;

/// A model and a constant on rows that trained neither.
#[derive(Debug, Clone, Serialize)]
pub struct Judged {
    /// Rows that trained.
    pub train_rows: usize,
    /// Rows that were judged.
    pub rows: usize,
    /// Of the model.
    pub metrics: Values,
    /// Of the constant that suits the training targets best.
    pub baseline: Values,
}

/// Judges a model.
///
/// # Errors
/// For data that do not have the model's columns.
pub fn judge(
    model: &Gbdt,
    train: &Dataset,
    test: &Dataset,
    task: Task,
    quantile: f64,
) -> Result<Judged, Failure> {
    let aligned = model.align(test).or_fail("test data")?;
    let predicted = model.predict_dataset(&aligned).or_fail("test data")?;
    let constant = vec![constant(train, task, quantile)?; test.n_rows()];
    let target = test.target().unwrap_or_default();
    let values = |predicted: &[f64]| {
        let value = |metric: &Metric| {
            let value = metric.evaluate(target, predicted, None).ok()?;
            // The level of a pinball loss is an argument of the program.
            let key = metric.key();
            Some((key.split('@').next().unwrap_or_default().to_owned(), value))
        };
        task.metrics(quantile).iter().filter_map(value).collect()
    };
    Ok(Judged {
        train_rows: train.n_rows(),
        rows: test.n_rows(),
        metrics: values(&predicted),
        baseline: values(&constant),
    })
}

/// The mean of the training targets, or their quantile.
fn constant(train: &Dataset, task: Task, quantile: f64) -> Result<f64, Failure> {
    if task != Task::Quantile {
        return Ok(Prior::fit(train).or_fail("baseline")?.mean());
    }
    let mut sorted = train.target().unwrap_or_default().to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let at = (quantile * sorted.len() as f64).ceil() as usize;
    sorted.get(at.saturating_sub(1)).copied().ok_or_else(|| Failure::new("no row trains"))
}

/// Means over folds, of metrics that every fold has.
#[must_use]
pub fn means<'a>(folds: impl Iterator<Item = &'a Values> + Clone) -> Values {
    let n = folds.clone().count();
    let mut sums: BTreeMap<&str, (f64, usize)> = BTreeMap::new();
    for (key, value) in folds.flatten() {
        let sum = sums.entry(key).or_default();
        *sum = (sum.0 + value, sum.1 + 1);
    }
    let whole = sums.into_iter().filter(|(_, (_, count))| *count == n);
    whole.map(|(key, (sum, _))| (key.to_owned(), sum / n as f64)).collect()
}
