//! How much worse a model is without a column.

use std::sync::Arc;

use campaign_core::rand::seq::SliceRandom;
use campaign_core::rand::{Rng, RngExt};
use campaign_core::{Column, Dataset, Model};
use rayon::prelude::*;
use statrs::function::erf::erf_inv;

use super::error::ExplainError;
use super::sweep::checked_rows;
use crate::metrics::MetricError;

/// A metric: targets, predictions and weights in, a number out. `Metric::evaluate` is one.
pub type MetricFn<'m> =
    &'m (dyn Fn(&[f64], &[f64], Option<&[f64]>) -> Result<f64, MetricError> + Sync);

/// How to measure permutation importance.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PermutationConfig {
    /// Whether a larger metric is better. Default false.
    pub higher_is_better: bool,
    /// How often each column is shuffled, at least 1. Default 10.
    pub repeats: usize,
    /// On how many resamples of the rows the shuffles are measured, at least 2. Default 50.
    pub resamples: usize,
    /// How often the interval shall cover, in `(0, 1)`. Default 0.9.
    pub level: f64,
}

impl Default for PermutationConfig {
    fn default() -> Self {
        Self { higher_is_better: false, repeats: 10, resamples: 50, level: 0.9 }
    }
}

impl PermutationConfig {
    /// Sets whether a larger metric is better.
    #[must_use]
    pub fn with_higher_is_better(mut self, higher_is_better: bool) -> Self {
        self.higher_is_better = higher_is_better;
        self
    }

    /// Sets how often each column is shuffled.
    #[must_use]
    pub fn with_repeats(mut self, repeats: usize) -> Self {
        self.repeats = repeats;
        self
    }

    /// Sets on how many resamples the shuffles are measured.
    #[must_use]
    pub fn with_resamples(mut self, resamples: usize) -> Self {
        self.resamples = resamples;
        self
    }

    /// Sets how often the interval shall cover.
    #[must_use]
    pub fn with_level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    fn check(&self) -> Result<(), ExplainError> {
        let checks = [
            ("repeats", self.repeats as f64, self.repeats >= 1, "at least 1"),
            ("resamples", self.resamples as f64, self.resamples >= 2, "at least 2"),
            ("level", self.level, self.level > 0.0 && self.level < 1.0, "in (0, 1)"),
        ];
        match checks.into_iter().find(|(_, _, ok, _)| !ok) {
            None => Ok(()),
            Some((parameter, got, _, expected)) => {
                Err(ExplainError::Parameter { parameter, got, expected })
            }
        }
    }
}

/// How much worse a model is where a column is shuffled.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PermutationImportance {
    /// The column's name.
    pub name: Arc<str>,
    /// The mean loss of the metric over the shuffles, on all rows; positive where the model is worse.
    pub mean: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// The loss of each shuffle, on all rows.
    pub repeats: Vec<f64>,
}

/// How much worse a metric gets when a column's values are shuffled among the rows, for every column,
/// largest first, then by name.
///
/// Take rows that did not train the model. The interval is the mean and a multiple of its standard
/// error either way; the error is that over resamples of the rows, drawn with replacement (of whole
/// groups, where the data have groups). A row counts as often as it was drawn, both where it gets a
/// value and where it gives one. So the interval covers which rows there happened to be, and how they
/// were shuffled. Columns that say the same share the importance: each alone can be done without.
///
/// Every column meets the same shuffles and resamples, so the answer does not depend on the order of
/// the columns, nor on the number of threads.
///
/// # Errors
/// [`ExplainError`] for a parameter outside its range, data without rows, target or the model's number
/// of columns, a metric without a value on all rows or on all but one of the resamples (those on which
/// it has none, as AUC on one class, are left out), and what the model answers.
///
/// # Complexity
/// One prediction per row, column and shuffle, one metric per column, shuffle and resample; columns on
/// all threads of the current `rayon` pool, each with a copy of the rows and all its predictions.
///
/// # Source
/// Breiman 2001, "Random forests", section 10; Fisher, Rudin & Dominici 2019, "All models are wrong,
/// but many are useful", for any model. The standard error is the bootstrap's (Efron 1979), with a
/// pair's weight the product of its rows' counts.
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, ndarray::Array2};
/// use campaign_models::explain::{PermutationConfig, permutation_importance};
/// use campaign_models::{GbdtConfig, Objective, Metric};
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
///
/// let x = Array2::from_shape_fn((200, 2), |(row, c)| ((row * (c + 3)) % 50) as f64);
/// let y = x.rows().into_iter().map(|row| 2.0 * row[0]).collect();
/// let columns = vec![Column::numeric("clicks"), Column::numeric("noise")];
/// let data = Dataset::new(columns, x)?.with_target(y)?;
/// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
/// let model = GbdtConfig::new(Objective::Squared).fit(&data, None, &mut rng)?;
///
/// let rmse = |y: &[f64], p: &[f64], w: Option<&[f64]>| Metric::Rmse.evaluate(y, p, w);
/// let config = PermutationConfig::default();
/// let importance = permutation_importance(&model, &data, &rmse, &config, &mut rng)?;
/// assert_eq!(importance[0].name.as_ref(), "clicks");
/// assert!(importance[0].low > importance[1].high);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn permutation_importance(
    model: &dyn Model,
    data: &Dataset,
    metric: MetricFn<'_>,
    config: &PermutationConfig,
    rng: &mut dyn Rng,
) -> Result<Vec<PermutationImportance>, ExplainError> {
    config.check()?;
    let rows = checked_rows(model, data)?;
    let target = data.target().ok_or(ExplainError::NoTarget)?;
    let judge = Judge { metric, target, weights: data.weights(), config };
    let mut orders = vec![(0..rows.nrows()).collect::<Vec<usize>>(); config.repeats];
    orders.iter_mut().for_each(|order| order.shuffle(rng));
    let groups = groups(data);
    let resamples = (0..config.resamples).map(|_| Resample::draw(&groups, data.weights(), rng));
    let resamples: Vec<Resample> = resamples.collect();
    let plain = model.predict(rows)?.to_vec();
    let before = judge.measure(&plain, judge.weights)?;
    // A column that is not used must lose exactly nothing, so both metrics of a loss meet the same
    // weights.
    let plain = |_: usize| &plain[..];
    let resampled = resamples.iter().map(|resample| judge.on_resample(resample, &orders, plain));
    let resampled: Vec<_> = resampled.collect();

    let column = |(at, column): (usize, &Column)| {
        let mut changed = rows.to_owned();
        let mut shuffled = Vec::with_capacity(orders.len());
        for order in &orders {
            for (row, &from) in order.iter().enumerate() {
                changed[[row, at]] = rows[[from, at]];
            }
            shuffled.push(model.predict(changed.view())?.to_vec());
        }
        let losses = shuffled.iter().map(|p| judge.measure(p, judge.weights));
        let repeats = losses.map(|after| Ok(judge.loss(before, after?)));
        let repeats: Vec<f64> = repeats.collect::<Result<_, ExplainError>>()?;
        let (mut draws, mut why) = (Vec::with_capacity(resamples.len()), None);
        for (resample, before) in resamples.iter().zip(&resampled) {
            match (before, judge.on_resample(resample, &orders, |order| &shuffled[order])) {
                (Ok(before), Ok(after)) => {
                    let losses = before.iter().zip(after).map(|(b, a)| judge.loss(*b, a));
                    draws.push(mean(&losses.collect::<Vec<_>>()));
                }
                (Err(error), _) => why = Some(error.clone()),
                (_, Err(error)) => why = Some(error),
            }
        }
        if let (0..2, Some(why)) = (draws.len(), why) {
            return Err(why.into());
        }
        let mean = mean(&repeats);
        let reach = std::f64::consts::SQRT_2 * erf_inv(config.level) * deviation(&draws);
        let (low, high) = (mean - reach, mean + reach);
        Ok(PermutationImportance { name: Arc::clone(&column.name), mean, low, high, repeats })
    };
    let columns: Vec<_> = data.columns().iter().enumerate().collect();
    let mut importance: Vec<PermutationImportance> =
        columns.into_par_iter().map(column).collect::<Result<_, ExplainError>>()?;
    importance.sort_by(|a, b| b.mean.total_cmp(&a.mean).then_with(|| a.name.cmp(&b.name)));
    Ok(importance)
}

/// What predictions are held against.
struct Judge<'a> {
    metric: MetricFn<'a>,
    target: &'a [f64],
    weights: Option<&'a [f64]>,
    config: &'a PermutationConfig,
}

impl Judge<'_> {
    fn measure(&self, predicted: &[f64], weights: Option<&[f64]>) -> Result<f64, MetricError> {
        (self.metric)(self.target, predicted, weights)
    }

    fn loss(&self, before: f64, after: f64) -> f64 {
        if self.config.higher_is_better { before - after } else { after - before }
    }

    /// The metric on a resample, for each shuffle with its predictions.
    fn on_resample<'p>(
        &self,
        resample: &Resample,
        orders: &[Vec<usize>],
        predicted: impl Fn(usize) -> &'p [f64],
    ) -> Result<Vec<f64>, MetricError> {
        let mut weights = vec![0.0; self.target.len()];
        let measure = |(i, order): (usize, &Vec<usize>)| {
            resample.pair_weights_into(order, &mut weights);
            self.measure(predicted(i), Some(&weights))
        };
        orders.iter().enumerate().map(measure).collect()
    }
}

/// How often each row was drawn, and that times its weight.
struct Resample {
    counts: Vec<f64>,
    weights: Vec<f64>,
}

impl Resample {
    /// Draws as many groups as there are, with replacement.
    fn draw(groups: &[Vec<usize>], weights: Option<&[f64]>, rng: &mut dyn Rng) -> Self {
        let mut counts = vec![0.0; groups.iter().map(Vec::len).sum()];
        for _ in groups {
            for &row in &groups[rng.random_range(0..groups.len())] {
                counts[row] += 1.0;
            }
        }
        let weight = |(row, count): (usize, &f64)| count * weights.map_or(1.0, |w| w[row]);
        let weights = counts.iter().enumerate().map(weight).collect();
        Self { counts, weights }
    }

    /// The weight of each row where it gets its value from the one that stands at its place.
    fn pair_weights_into(&self, from: &[usize], out: &mut [f64]) {
        for ((out, weight), &from) in out.iter_mut().zip(&self.weights).zip(from) {
            *out = weight * self.counts[from];
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The standard deviation of a sample.
fn deviation(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|v| (v - mean) * (v - mean)).sum();
    (squares / (values.len() - 1) as f64).sqrt()
}

/// The rows of each group; each row alone where there are no groups.
fn groups(data: &Dataset) -> Vec<Vec<usize>> {
    let Some(groups) = data.groups() else {
        return (0..data.n_rows()).map(|row| vec![row]).collect();
    };
    let mut rows: Vec<usize> = (0..groups.len()).collect();
    rows.sort_by_key(|&row| groups[row]);
    rows.chunk_by(|&a, &b| groups[a] == groups[b]).map(<[usize]>::to_vec).collect()
}
