//! Naive models that a real one must beat.

mod naive;
mod seasonal;

pub use naive::Naive;
pub use seasonal::SeasonalNaive;

use std::sync::Arc;

use campaign_core::model::rows;
use campaign_core::ndarray::ArrayView2;
use campaign_core::{ColumnKind, Dataset, Model, Result};
use thiserror::Error;

/// Why a baseline could not be fitted.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// A data set without a target.
    #[error("the data have no target")]
    NoTarget,
    /// A data set without a row of positive weight.
    #[error("the data have no row with a positive weight")]
    NoRows,
    /// Weights or targets too large to be averaged.
    #[error("the mean is {0}, expected a finite number")]
    NonFinite(f64),
    /// A column that does not exist or has no levels.
    #[error("there is no categorical column {0:?}")]
    NoSuchColumn(Arc<str>),
    /// Data without days.
    #[error("the data have no days; a season needs them")]
    NoDays,
    /// Data without groups where the training data had them.
    #[error("the data have no groups, the training data had")]
    NoGroups,
    /// A season of no days.
    #[error("period is 0, expected at least 1 day")]
    Period,
    /// A quantile's level that cannot be.
    #[error("level is {0}, expected a number between 0 and 1")]
    Level(f64),
    /// The baseline could not predict.
    #[error(transparent)]
    Predict(#[from] campaign_core::Error),
    /// A smoothing that cannot be.
    #[error("smoothing is {0}, expected a finite number that is not negative")]
    Smoothing(f64),
}

/// Predicts the weighted mean of the training targets for every row.
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, Model, ndarray::array};
/// use campaign_models::Prior;
/// let data = Dataset::new(vec![Column::numeric("spend")], array![[1.0], [2.0], [3.0]])?
///     .with_target(vec![0.0, 0.0, 3.0])?;
/// let prior = Prior::fit(&data)?;
/// assert_eq!(prior.predict(array![[9.0], [f64::NAN]].view())?.to_vec(), [1.0, 1.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Prior {
    mean: f64,
    n_features: usize,
}

fn targets(data: &Dataset) -> std::result::Result<(&[f64], Vec<f64>, f64), BaselineError> {
    let target = data.target().ok_or(BaselineError::NoTarget)?;
    let weights = data.weights().map_or_else(|| vec![1.0; target.len()], <[f64]>::to_vec);
    let total: f64 = weights.iter().sum();
    if total > 0.0 { Ok((target, weights, total)) } else { Err(BaselineError::NoRows) }
}

impl Prior {
    /// Takes the mean of the targets.
    ///
    /// # Errors
    /// [`BaselineError`] without targets or weight, or if the mean overflows.
    pub fn fit(data: &Dataset) -> std::result::Result<Self, BaselineError> {
        let (target, weights, total) = targets(data)?;
        let mean: f64 = target.iter().zip(&weights).map(|(y, w)| y * (w / total)).sum();
        if !(mean.is_finite() && total.is_finite()) {
            return Err(BaselineError::NonFinite(if total.is_finite() { mean } else { total }));
        }
        Ok(Self { mean, n_features: data.columns().len() })
    }

    /// The mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }
}

impl Model for Prior {
    fn n_features(&self) -> usize {
        self.n_features
    }

    fn predict_into(&self, x: ArrayView2<'_, f64>, out: &mut [f64]) -> Result<()> {
        rows(&x, self.n_features, out.len())?;
        out.fill(self.mean);
        Ok(())
    }
}

/// Predicts the mean of the training targets of a row's level in one categorical column, drawn
/// towards the mean of all.
///
/// With `s` the smoothing, `W` and `S` the sums of weights and weighted targets of a level, and `m`
/// the mean of all: `(S + s m) / (W + s)`. A missing or unseen level, and one without training rows,
/// gets `m`.
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, Model, ndarray::array};
/// use campaign_models::GroupedMean;
/// let channel = Column::categorical("channel", vec!["search".into(), "social".into()]);
/// let data = Dataset::new(vec![channel], array![[0.0], [0.0], [1.0], [1.0]])?
///     .with_target(vec![4.0, 4.0, 1.0, 1.0])?;
/// let model = GroupedMean::fit(&data, "channel", 0.0)?;
/// let predicted = model.predict(array![[0.0], [1.0], [f64::NAN]].view())?;
/// assert_eq!(predicted.to_vec(), [4.0, 1.0, 2.5]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct GroupedMean {
    prior: Prior,
    column: usize,
    means: Vec<f64>,
}

impl GroupedMean {
    /// Takes the means.
    ///
    /// # Errors
    /// [`BaselineError`] for a column that is not there or not categorical, a smoothing that is
    /// negative or not finite, and as [`Prior::fit`].
    pub fn fit(
        data: &Dataset,
        column: &str,
        smoothing: f64,
    ) -> std::result::Result<Self, BaselineError> {
        if !(smoothing.is_finite() && smoothing >= 0.0) {
            return Err(BaselineError::Smoothing(smoothing));
        }
        let prior = Prior::fit(data)?;
        let mut named = data.columns().iter().enumerate().filter(|(_, c)| *c.name == *column);
        let Some((index, ColumnKind::Categorical { levels })) =
            named.next().map(|(i, c)| (i, &c.kind))
        else {
            return Err(BaselineError::NoSuchColumn(column.into()));
        };
        let (target, weights, _) = targets(data)?;
        let mut sums = vec![(0.0, 0.0); levels.len()];
        let features = data.features();
        for ((&level, y), w) in features.column(index).iter().zip(target).zip(&weights) {
            // NaN would become level 0.
            if let Some((s, total)) =
                (!level.is_nan()).then(|| sums.get_mut(level as usize)).flatten()
            {
                *s += w * y;
                *total += w;
            }
        }
        let mean = |(s, total): (f64, f64)| {
            let weight = total + smoothing;
            if weight > 0.0 { (s + smoothing * prior.mean) / weight } else { prior.mean }
        };
        let means: Vec<f64> = sums.into_iter().map(mean).collect();
        match means.iter().find(|m| !m.is_finite()) {
            Some(bad) => Err(BaselineError::NonFinite(*bad)),
            None => Ok(Self { prior, column: index, means }),
        }
    }
}

impl Model for GroupedMean {
    fn n_features(&self) -> usize {
        self.prior.n_features
    }

    fn predict_into(&self, x: ArrayView2<'_, f64>, out: &mut [f64]) -> Result<()> {
        let width = self.n_features();
        let rows = rows(&x, width, out.len())?;
        for (row, out) in rows.chunks_exact(width.max(1)).zip(out) {
            let value = row[self.column];
            let known = value >= 0.0 && value.fract() == 0.0;
            let mean = if known { self.means.get(value as usize).copied() } else { None };
            *out = mean.unwrap_or(self.prior.mean);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use campaign_core::Column;
    use campaign_core::ndarray::{Array2, array};

    fn data() -> Dataset {
        let columns = vec![
            Column::numeric("x"),
            Column::categorical("k", vec!["a".into(), "b".into(), "empty".into()]),
        ];
        let x = array![[0.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, f64::NAN]];
        Dataset::new(columns, x)
            .and_then(|d| d.with_target(vec![1.0, 2.0, 4.0, 8.0]))
            .and_then(|d| d.with_weights(vec![1.0, 1.0, 3.0, 5.0]))
            .unwrap()
    }

    #[test]
    fn weighted_means_by_hand() {
        // (1 + 2 + 12 + 40) / 10
        assert_eq!(Prior::fit(&data()).unwrap().mean(), 5.5);
        let model = GroupedMean::fit(&data(), "k", 2.0).unwrap();
        let rows = array![
            [0.0, 0.0],
            [0.0, 1.0],
            [0.0, 2.0],
            [0.0, 3.0],
            [0.0, 0.5],
            [0.0, -1.0],
            [0.0, f64::NAN],
            [0.0, f64::INFINITY]
        ];
        let predicted = model.predict(rows.view()).unwrap();
        // (1 + 2 * 5.5) / 3 and (14 + 2 * 5.5) / 6.
        let expected = [4.0, 25.0 / 6.0, 5.5, 5.5, 5.5, 5.5, 5.5, 5.5];
        for (got, want) in predicted.iter().zip(expected) {
            assert!((got - want).abs() < 1e-12, "{got} {want}");
        }
    }

    #[test]
    fn bad_input_is_named() {
        let fit = |column: &str, smoothing| GroupedMean::fit(&data(), column, smoothing);
        assert_eq!(fit("x", 0.0), Err(BaselineError::NoSuchColumn("x".into())));
        assert_eq!(fit("no", 0.0), Err(BaselineError::NoSuchColumn("no".into())));
        assert_eq!(fit("k", -1.0), Err(BaselineError::Smoothing(-1.0)));
        let empty = Dataset::new(vec![], Array2::zeros((0, 0))).unwrap();
        assert_eq!(Prior::fit(&empty), Err(BaselineError::NoTarget));
        let empty = empty.with_target(vec![]).unwrap();
        assert_eq!(Prior::fit(&empty), Err(BaselineError::NoRows));
        let huge = Dataset::new(vec![], Array2::zeros((2, 0)))
            .and_then(|d| d.with_target(vec![1.0, 1.0]))
            .and_then(|d| d.with_weights(vec![f64::MAX, f64::MAX]))
            .unwrap();
        assert!(matches!(Prior::fit(&huge), Err(BaselineError::NonFinite(_))));
    }
}
