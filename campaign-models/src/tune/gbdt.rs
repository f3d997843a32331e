//! Measuring boosted trees on splits of the data.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use campaign_core::Dataset;
use campaign_core::rand::Rng;
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

use super::point::{Point, Value};
use super::space::{Range, Space};
use crate::gbdt::{FitError, FitOptions, Gbdt, GbdtConfig, Growth, Prepared};
use crate::metrics::{Metric, MetricError, Outcomes};
use crate::schema::SchemaError;

/// Why a configuration could not be measured.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MeasureError {
    /// No splits to measure on.
    #[error("no splits, expected at least one")]
    NoSplits,
    /// A parameter that is not the search's to set.
    #[error("parameter {parameter:?}: expected {expected}")]
    Parameter {
        /// Its name.
        parameter: std::sync::Arc<str>,
        /// What was expected.
        expected: &'static str,
    },
    /// Early stopping, which would decide on the number of trees beside the budget.
    #[error("early stopping is set, but the number of trees is the budget of the search")]
    EarlyStopping,
    /// The trees could not be fitted.
    #[error("split {split}: {error}")]
    Fit {
        /// Which, from 0.
        split: usize,
        /// Why.
        error: FitError,
    },
    /// The metric has no value.
    #[error("split {split}: {error}")]
    Metric {
        /// Which, from 0.
        split: usize,
        /// Why.
        error: MetricError,
    },
    /// The validation data have other columns or levels than the training data.
    #[error("split {split}: {error}")]
    Predict {
        /// Which, from 0.
        split: usize,
        /// Why.
        error: SchemaError,
    },
}

/// A fit that may go on: the model and the generator as it was left.
type Begun = Vec<(Gbdt, Xoshiro256PlusPlus)>;

/// The mean of a metric over splits, as a function of a point: what a [`Study`](super::Study) minimises.
///
/// The training rows of each split are binned once. The budget is the share of the configuration's trees;
/// a trial that is given more goes on from the trees it has, to the same bits as if it had begun anew.
/// For that the trees of trials below the full budget are kept as long as the objective.
/// Metrics of which more is better are negated.
///
/// Parameters by name, each with the field of [`GbdtConfig`] it sets: `trees`, `learning_rate`,
/// `max_leaves`, `max_depth`, `min_child_rows`, `min_child_hessian`, `l1`, `l2`, `min_gain`,
/// `row_sample`, `column_sample`, `categorical_l2`, `categorical_smoothing`, `categorical_penalty`, and
/// the choice `growth` of `leaf_wise` and `depth_wise`.
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, ndarray::Array2};
/// use campaign_models::tune::{GbdtObjective, Limits, Space, Study, StudyConfig};
/// use campaign_models::{GbdtConfig, Metric, Objective, ShuffledFolds};
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
///
/// let x = Array2::from_shape_fn((300, 2), |(row, c)| ((row * (7 + 6 * c)) % 31) as f64);
/// let y = x.rows().into_iter().map(|r| r[0] * r[1] / 100.0).collect();
/// let data = Dataset::new(vec![Column::numeric("a"), Column::numeric("b")], x)?.with_target(y)?;
/// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
/// let folds = ShuffledFolds::new(&data, 3, &mut rng)?;
/// let splits: Vec<_> = (0..3).map(|fold| folds.split(fold)).collect::<Result<_, _>>()?;
///
/// let base = GbdtConfig::new(Objective::Squared).with_trees(20);
/// let objective = GbdtObjective::new(base, Metric::Rmse, &splits)?;
/// let space = Space::new().log_uniform("learning_rate", 0.02, 0.5).log_integer("max_leaves", 3, 63);
/// // The defaults are tried first.
/// let config = StudyConfig::default().with_start(objective.start(&space)?);
/// let mut study = Study::new(space, config, &mut rng)?;
/// study.run(Limits::trials(12), |point, budget, rng| objective.measure(point, budget, rng));
/// let best = study.best().map(|trial| objective.config_at(&trial.point));
/// assert!(best.is_some_and(|config| config.is_ok_and(|c| c.learning_rate > 0.1)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct GbdtObjective<'d> {
    base: GbdtConfig,
    metric: Metric,
    splits: Vec<(Prepared<'d>, &'d Dataset)>,
    /// Fits by the seed of their trial, while the study may ask for more trees.
    begun: Mutex<BTreeMap<u64, Begun>>,
}

impl<'d> GbdtObjective<'d> {
    /// Bins the training data of every split, `(training, validation)`.
    ///
    /// # Errors
    /// [`MeasureError`] without splits, with early stopping, or for training data that cannot be binned.
    pub fn new(
        base: GbdtConfig,
        metric: Metric,
        splits: &'d [(Dataset, Dataset)],
    ) -> Result<Self, MeasureError> {
        if splits.is_empty() {
            return Err(MeasureError::NoSplits);
        }
        if base.early_stopping.is_some() {
            return Err(MeasureError::EarlyStopping);
        }
        let prepare = |(split, (train, valid)): (usize, &'d (Dataset, Dataset))| {
            let prepared =
                base.prepare(train).map_err(|error| MeasureError::Fit { split, error })?;
            Ok::<_, MeasureError>((prepared, valid))
        };
        let splits = splits.iter().enumerate().map(prepare).collect::<Result<_, _>>()?;
        Ok(Self { base, metric, splits, begun: Mutex::default() })
    }

    /// A space that suits most tables: learning rate, leaves, rows and penalty per leaf, sampling.
    #[must_use]
    pub fn default_space() -> Space {
        Space::new()
            .log_uniform("learning_rate", 0.01, 0.3)
            .log_integer("max_leaves", 4, 128)
            .log_integer("min_child_rows", 5, 200)
            .log_uniform("l2", 0.01, 100.0)
            .uniform("row_sample", 0.5, 1.0)
            .uniform("column_sample", 0.4, 1.0)
    }

    /// The base configuration as a point of a space, to try it first.
    ///
    /// # Errors
    /// [`MeasureError::Parameter`] for a parameter that is no field or has no such value (a limit on the
    /// depth where there is none).
    pub fn start(&self, space: &Space) -> Result<Point, MeasureError> {
        let mut values = Vec::new();
        for (name, range) in space.parameters() {
            let current = number(&mut self.base.clone(), name).map(|field| field.get());
            let value = match (range, current) {
                (Range::Choice(_), _) if name.as_ref() == "growth" => {
                    Value::Choice(growth_name(self.base.growth).into())
                }
                (Range::Integer { .. } | Range::LogInteger { .. }, Some(Some(v))) => {
                    Value::Integer(v as i64)
                }
                (Range::Uniform { .. } | Range::LogUniform { .. }, Some(Some(v))) => {
                    Value::Number(v)
                }
                _ => {
                    let (parameter, expected) = (name.clone(), "a parameter that the base has");
                    return Err(MeasureError::Parameter { parameter, expected });
                }
            };
            values.push((name.clone(), value));
        }
        Ok(Point { values })
    }

    /// The base configuration with a point's values in their fields.
    ///
    /// # Errors
    /// [`MeasureError::Parameter`] for a name that is no field, or a value of the wrong kind.
    pub fn config_at(&self, point: &Point) -> Result<GbdtConfig, MeasureError> {
        let mut config = self.base.clone();
        for (name, value) in point.values() {
            let error = |expected| MeasureError::Parameter { parameter: name.clone(), expected };
            match value {
                Value::Choice(value) if name.as_ref() == "growth" => {
                    config.growth = [Growth::LeafWise, Growth::DepthWise]
                        .into_iter()
                        .find(|growth| growth_name(*growth) == value.as_ref())
                        .ok_or(error("leaf_wise or depth_wise"))?;
                }
                Value::Choice(_) => return Err(error("growth, the one choice there is")),
                Value::Number(value) => match number(&mut config, name) {
                    Some(Field::Number(field)) => *field = *value,
                    _ => return Err(error("a field of GbdtConfig that is a number")),
                },
                Value::Integer(value) => match (number(&mut config, name), usize::try_from(*value))
                {
                    (Some(Field::Number(field)), _) => *field = *value as f64,
                    (Some(Field::Count(field)), Ok(value)) => *field = value,
                    (Some(Field::Limit(field)), Ok(value)) => *field = Some(value),
                    _ => return Err(error("a field of GbdtConfig that is a whole number")),
                },
            }
        }
        Ok(config)
    }

    /// The mean of the metric over the splits, to be minimised, with a share of the trees.
    ///
    /// # Errors
    /// [`MeasureError`] for a parameter that is no field, a fit that fails, or a metric without a value.
    pub fn measure(
        &self,
        point: &Point,
        budget: f64,
        rng: &mut dyn Rng,
    ) -> Result<f64, MeasureError> {
        let config = self.config_at(point)?;
        let trees = ((config.trees as f64 * budget).ceil() as usize).max(1);
        // The same generator whatever the budget, so the same seed.
        let seed = rng.next_u64();
        let lock = || self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = lock().remove(&seed).filter(|begun| fits(begun, trees));
        let mut begun = begun.unwrap_or_default().into_iter();
        let mut fitted = Vec::with_capacity(self.splits.len());
        let mut sum = 0.0;
        for (split, (prepared, valid)) in self.splits.iter().enumerate() {
            let (start, mut rng) = match begun.next() {
                Some((model, rng)) => (Some(model), rng),
                None => (None, Xoshiro256PlusPlus::seed_from_u64(seed.wrapping_add(split as u64))),
            };
            let more = trees - start.as_ref().map_or(0, Gbdt::n_trees);
            let options = match &start {
                Some(model) => FitOptions::default().with_start(model),
                None => FitOptions::default(),
            };
            let model = config
                .clone()
                .with_trees(more)
                .fit_prepared(prepared, options, &mut rng)
                .map_err(|error| MeasureError::Fit { split, error })?;
            let predicted = model
                .predict_dataset(valid)
                .map_err(|error| MeasureError::Predict { split, error })?;
            let value = Outcomes::of(valid).and_then(|o| self.metric.measure(&o, &predicted));
            sum += value.map_err(|error| MeasureError::Metric { split, error })?;
            fitted.push((model, rng));
        }
        if budget < 1.0 {
            lock().insert(seed, fitted);
        }
        let mean = sum / self.splits.len() as f64;
        Ok(if self.metric.higher_is_better() { -mean } else { mean })
    }
}

/// Whether every fit has fewer trees than are wanted now.
fn fits(begun: &Begun, trees: usize) -> bool {
    begun.iter().all(|(model, _)| model.n_trees() < trees)
}

fn growth_name(growth: Growth) -> &'static str {
    match growth {
        Growth::LeafWise => "leaf_wise",
        Growth::DepthWise => "depth_wise",
    }
}

/// A field that a parameter may set.
enum Field<'c> {
    Number(&'c mut f64),
    Count(&'c mut usize),
    Limit(&'c mut Option<usize>),
}

impl Field<'_> {
    fn get(&self) -> Option<f64> {
        match self {
            Self::Number(v) => Some(**v),
            Self::Count(v) => Some(**v as f64),
            Self::Limit(v) => v.map(|v| v as f64),
        }
    }
}

fn number<'c>(config: &'c mut GbdtConfig, name: &str) -> Option<Field<'c>> {
    Some(match name {
        "trees" => Field::Count(&mut config.trees),
        "learning_rate" => Field::Number(&mut config.learning_rate),
        "max_leaves" => Field::Count(&mut config.max_leaves),
        "max_depth" => Field::Limit(&mut config.max_depth),
        "min_child_rows" => Field::Count(&mut config.min_child_rows),
        "min_child_hessian" => Field::Number(&mut config.min_child_hessian),
        "l1" => Field::Number(&mut config.l1),
        "l2" => Field::Number(&mut config.l2),
        "min_gain" => Field::Number(&mut config.min_gain),
        "row_sample" => Field::Number(&mut config.row_sample),
        "column_sample" => Field::Number(&mut config.column_sample),
        "categorical_l2" => Field::Number(&mut config.categorical_l2),
        "categorical_smoothing" => Field::Number(&mut config.categorical_smoothing),
        "categorical_penalty" => Field::Number(&mut config.categorical_penalty),
        _ => return None,
    })
}
