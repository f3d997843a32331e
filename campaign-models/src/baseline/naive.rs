//! A choice of naive baseline.

use std::fmt;
use std::sync::Arc;

use campaign_core::{Dataset, Model};

use super::{BaselineError, GroupedMean, Prior, SeasonalNaive, targets};

/// What a model's number is put beside.
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, ndarray::array};
/// use campaign_models::baseline::Naive;
/// let data = Dataset::new(vec![Column::numeric("spend")], array![[1.0], [2.0], [3.0], [4.0]])?
///     .with_target(vec![0.0, 2.0, 1.0, 5.0])?;
/// assert_eq!(Naive::Prior.predict(&data, &data)?, [2.0; 4]);
/// assert_eq!(Naive::Quantile { level: 0.5 }.predict(&data, &data)?, [1.0; 4]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub enum Naive {
    /// The training mean: [`Prior`].
    #[default]
    Prior,
    /// The training mean by level of a column: [`GroupedMean`].
    GroupedMean {
        /// The column.
        column: Arc<str>,
        /// Rows' worth of the mean of all.
        smoothing: f64,
    },
    /// The same day of the last season: [`SeasonalNaive`].
    Seasonal {
        /// Days of a season.
        period_days: u32,
    },
    /// A quantile of the training targets, for models of quantiles: the smallest target at which the
    /// share of the weight reaches the level.
    Quantile {
        /// The level, between 0 and 1.
        level: f64,
    },
}

impl Naive {
    /// The same day of the week before.
    #[must_use]
    pub fn weekly() -> Self {
        Self::Seasonal { period_days: 7 }
    }

    /// Fits on the training data and predicts for the validation data.
    ///
    /// # Errors
    /// [`BaselineError`].
    pub fn predict(&self, train: &Dataset, valid: &Dataset) -> Result<Vec<f64>, BaselineError> {
        Ok(match self {
            Self::Prior => Prior::fit(train)?.predict(valid.features())?.to_vec(),
            Self::GroupedMean { column, smoothing } => {
                GroupedMean::fit(train, column, *smoothing)?.predict(valid.features())?.to_vec()
            }
            Self::Seasonal { period_days } => {
                SeasonalNaive::fit(train, *period_days)?.predict(valid)?
            }
            Self::Quantile { level } => vec![quantile(train, *level)?; valid.n_rows()],
        })
    }
}

fn quantile(data: &Dataset, level: f64) -> Result<f64, BaselineError> {
    if !(level > 0.0 && level < 1.0) {
        return Err(BaselineError::Level(level));
    }
    let (target, weights, total) = targets(data)?;
    let mut rows: Vec<(f64, f64)> = target.iter().copied().zip(weights).collect();
    rows.retain(|(_, w)| *w > 0.0);
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut below = 0.0;
    let found = rows.iter().find(|(_, w)| {
        below += w;
        below >= level * total
    });
    found.or(rows.last()).map(|(y, _)| *y).ok_or(BaselineError::NoRows)
}

impl fmt::Display for Naive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prior => f.write_str("prior"),
            Self::GroupedMean { column, .. } => write!(f, "mean by {column}"),
            Self::Seasonal { period_days } => write!(f, "{period_days} days before"),
            Self::Quantile { level } => write!(f, "{level}-quantile"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use campaign_core::Column;
    use campaign_core::ndarray::array;

    #[test]
    fn each_predicts_as_its_model() {
        let k = Column::categorical("k", vec!["a".into(), "b".into()]);
        let train = Dataset::new(vec![k], array![[0.0], [0.0], [1.0], [1.0]])
            .and_then(|d| d.with_target(vec![1.0, 2.0, 3.0, 10.0]))
            .and_then(|d| d.with_weights(vec![1.0, 1.0, 2.0, 0.0]))
            .unwrap();
        let predict = |naive: Naive| naive.predict(&train, &train);
        assert_eq!(predict(Naive::Prior).unwrap(), [2.25; 4]);
        let grouped = Naive::GroupedMean { column: "k".into(), smoothing: 0.0 };
        assert_eq!(grouped.to_string(), "mean by k");
        assert_eq!(predict(grouped).unwrap(), [1.5, 1.5, 3.0, 3.0]);
        // Shares of the weight: 1/4 up to 1, 1/2 up to 2, 1 up to 3.
        for (level, want) in [(0.25, 1.0), (0.3, 2.0), (0.5, 2.0), (0.51, 3.0), (0.99, 3.0)] {
            assert_eq!(predict(Naive::Quantile { level }).unwrap(), [want; 4]);
        }
        assert_eq!(predict(Naive::Quantile { level: 1.0 }), Err(BaselineError::Level(1.0)));
        assert_eq!(predict(Naive::weekly()), Err(BaselineError::NoDays));
    }
}
