//! How much worse a model is without a column.

use std::sync::Arc;

use campaign_core::rand::seq::SliceRandom;
use campaign_core::rand::{Rng, RngExt};
use campaign_core::{Dataset, Model};
use rayon::prelude::*;

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
    /// On how many resamples of the rows each shuffle is measured, at least 1. Default 20.
    pub resamples: usize,
    /// Share of the measurements inside the interval, in `(0, 1)`. Default 0.9.
    pub level: f64,
}

impl Default for PermutationConfig {
    fn default() -> Self {
        Self { higher_is_better: false, repeats: 10, resamples: 20, level: 0.9 }
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

    /// Sets on how many resamples each shuffle is measured.
    #[must_use]
    pub fn with_resamples(mut self, resamples: usize) -> Self {
        self.resamples = resamples;
        self
    }

    /// Sets the share of the measurements inside the interval.
    #[must_use]
    pub fn with_level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    fn check(&self) -> Result<(), ExplainError> {
        let checks = [
            ("repeats", self.repeats as f64, self.repeats >= 1, "at least 1"),
            ("resamples", self.resamples as f64, self.resamples >= 1, "at least 1"),
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
/// Take rows that did not train the model. The interval holds the middle share of what was measured on
/// resamples of the rows, drawn with replacement (of whole groups, where the data have groups), so it
/// covers which rows there happened to be and how they were shuffled. Columns that say the same share
/// the importance: each alone can be done without.
///
/// Every column meets the same shuffles and resamples, so the answer does not depend on the order of
/// the columns, nor on the number of threads.
///
/// # Errors
/// [`ExplainError`] for a parameter outside its range, data without rows, target or the model's number
/// of columns, a metric without a value on all rows or on every resample (resamples on which it has
/// none, as AUC on one class, are left out), and what the model answers.
///
/// # Complexity
/// One prediction per row, column and shuffle, one metric per column, shuffle and resample; columns on
/// all threads of the current `rayon` pool, each with a copy of the rows.
///
/// # Source
/// Breiman 2001, "Random forests", section 10; Fisher, Rudin & Dominici 2019, "All models are wrong,
/// but many are useful", for any model. The interval is the percentile bootstrap's.
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
    let plain = model.predict(rows)?.to_vec();
    let all: Vec<usize> = (0..rows.nrows()).collect();
    let measure = |rows: &[usize], predicted: &[f64]| {
        let pick = |from: &[f64]| rows.iter().map(|&row| from[row]).collect::<Vec<f64>>();
        metric(&pick(target), &pick(predicted), data.weights().map(pick).as_deref())
    };
    let loss = |plain: f64, shuffled: f64| {
        if config.higher_is_better { plain - shuffled } else { shuffled - plain }
    };
    let on_all = measure(&all, &plain)?;
    let groups = groups(data);
    let mut trials = Vec::with_capacity(config.repeats);
    for _ in 0..config.repeats {
        let mut order = all.clone();
        order.shuffle(rng);
        let mut resamples = Vec::with_capacity(config.resamples);
        let mut why = None;
        for _ in 0..config.resamples {
            let rows = resample(&groups, rng);
            match measure(&rows, &plain) {
                Ok(value) => resamples.push((rows, value)),
                Err(error) => why = Some(error),
            }
        }
        if let (true, Some(error)) = (resamples.is_empty(), why) {
            return Err(error.into());
        }
        trials.push((order, resamples));
    }
    let column = |(at, column): (usize, &campaign_core::Column)| {
        let mut changed = rows.to_owned();
        let mut predicted = vec![0.0; rows.nrows()];
        let (mut repeats, mut draws) = (Vec::new(), Vec::new());
        for (order, resamples) in &trials {
            for (row, &from) in order.iter().enumerate() {
                changed[[row, at]] = rows[[from, at]];
            }
            model.predict_into(changed.view(), &mut predicted)?;
            repeats.push(loss(on_all, measure(&all, &predicted)?));
            for (rows, plain) in resamples {
                draws.push(loss(*plain, measure(rows, &predicted)?));
            }
        }
        let mean = repeats.iter().sum::<f64>() / repeats.len() as f64;
        draws.sort_by(f64::total_cmp);
        let [low, high] = [0.5 * (1.0 - config.level), 0.5 * (1.0 + config.level)]
            .map(|share| quantile(&draws, share));
        Ok(PermutationImportance { name: Arc::clone(&column.name), mean, low, high, repeats })
    };
    let columns: Vec<_> = data.columns().iter().enumerate().collect();
    let mut importance: Vec<PermutationImportance> =
        columns.into_par_iter().map(column).collect::<Result<_, ExplainError>>()?;
    importance.sort_by(|a, b| b.mean.total_cmp(&a.mean).then_with(|| a.name.cmp(&b.name)));
    Ok(importance)
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

/// As many groups as there are, with replacement.
fn resample(groups: &[Vec<usize>], rng: &mut dyn Rng) -> Vec<usize> {
    let drawn = (0..groups.len()).map(|_| rng.random_range(0..groups.len()));
    drawn.flat_map(|group| groups[group].iter().copied()).collect()
}

/// Between the two nearest of ascending values (Hyndman & Fan 1996, type 7).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * sorted.len().saturating_sub(1) as f64;
    let (below, part) = (place.floor() as usize, place.fract());
    let at = |i: usize| sorted.get(i).or(sorted.last()).copied().unwrap_or(f64::NAN);
    at(below) + part * (at(below + 1) - at(below))
}
