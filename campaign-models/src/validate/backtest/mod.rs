//! A model judged at many cut-offs.

mod error;
mod report;

use std::error::Error;
use std::ops::ControlFlow;

use campaign_core::{Dataset, Model};

use super::{TemporalSplit, TemporalWindows};
use crate::baseline::Naive;
use crate::metrics::{Evaluation, Metric, MetricError, Outcomes};

pub use error::BacktestError;
pub use report::{BacktestLine, BacktestReport, BacktestRow, Span};

/// Fits a model before each of many cut-offs and judges it on the days after, beside a baseline.
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, Model, ndarray::Array2};
/// use campaign_models::{GbdtConfig, Metric, Naive, Objective, TemporalWindows};
/// use campaign_models::validate::Backtest;
/// use jiff::{ToSpan, civil::date};
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
///
/// // 120 days of 5 ads; what is earned depends on spend and on the weekday.
/// let features = Array2::from_shape_fn((600, 2), |(row, column)| match column {
///     0 => (row % 37) as f64,
///     _ => (row / 5 % 7) as f64,
/// });
/// let earned = features.rows().into_iter().map(|x| x[0] * if x[1] < 5.0 { 2.0 } else { 3.0 }).collect();
/// let data = Dataset::new(vec![Column::numeric("spend"), Column::numeric("weekday")], features)?
///     .with_target(earned)?
///     .with_days((0..600).map(|row| date(2026, 1, 1) + (row / 5).days()).collect())?;
///
/// let windows = TemporalWindows::every(60, 20).with_purge_days(7);
/// let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
/// let report = Backtest::new(windows, [Metric::Rmse, Metric::Wape])
///     .with_naive(Naive::weekly())
///     .run(&data, |train| {
///         let model = GbdtConfig::new(Objective::Squared).fit(train, None, &mut rng)?;
///         Ok::<_, campaign_models::FitError>(Box::new(model) as Box<dyn Model>)
///     })?;
/// println!("{report}");
/// assert_eq!(report.lines.len(), 3);
/// assert!(report.total.iter().flatten().all(|e| e.value < 0.2 * e.baseline));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Backtest {
    windows: TemporalWindows,
    metrics: Vec<Metric>,
    naive: Naive,
}

/// Called after each cut-off; `Break` ends the backtest with the lines there are.
type Observer<'o> = &'o mut dyn FnMut(&BacktestLine) -> ControlFlow<()>;

impl Backtest {
    /// Judges by these metrics, beside the training mean.
    #[must_use]
    pub fn new(windows: TemporalWindows, metrics: impl Into<Vec<Metric>>) -> Self {
        Self { windows, metrics: metrics.into(), naive: Naive::Prior }
    }

    /// Sets the baseline; the training mean by default.
    #[must_use]
    pub fn with_naive(mut self, naive: Naive) -> Self {
        self.naive = naive;
        self
    }

    /// Fits at each cut-off and judges.
    ///
    /// `fit` sees the training data alone. A metric that has no value on the rows of one cut-off (an
    /// AUC of one class) is missing there and counts in the total, which is measured on all rows
    /// together.
    ///
    /// # Errors
    /// [`BacktestError`], with the cut-off where it happened; for data with an offset, which
    /// [`Model::predict`] does not see, there is [`run_observed`](Self::run_observed).
    pub fn run<E: Into<Box<dyn Error + Send + Sync>>>(
        &self,
        data: &Dataset,
        mut fit: impl FnMut(&Dataset) -> Result<Box<dyn Model>, E>,
    ) -> Result<BacktestReport, BacktestError> {
        if data.offset().is_some() {
            return Err(BacktestError::Offset);
        }
        let predict = |train: &Dataset, valid: &Dataset| -> Result<Vec<f64>, Failure> {
            let model = fit(train).map_err(|error| Failure(error.into()))?;
            let predicted = model.predict(valid.features());
            Ok(predicted.map_err(|error| Failure(error.into()))?.to_vec())
        };
        self.run_observed(data, predict, &mut |_| ControlFlow::Continue(()))
    }

    /// As [`run`](Self::run), with a closure that fits on its first argument and predicts for its
    /// second, and an observer that is told each line and may end the backtest with `Break`.
    ///
    /// For models that need more than features to predict. The second data set carries its target:
    /// it is the closure that must not look.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_observed<E: Into<Box<dyn Error + Send + Sync>>>(
        &self,
        data: &Dataset,
        mut fit_predict: impl FnMut(&Dataset, &Dataset) -> Result<Vec<f64>, E>,
        observer: Observer<'_>,
    ) -> Result<BacktestReport, BacktestError> {
        if self.metrics.is_empty() {
            return Err(BacktestError::NoMetrics);
        }
        if data.target().is_none() {
            return Err(BacktestError::NoTarget);
        }
        let mut lines = Vec::new();
        let mut rows = Vec::new();
        for split in self.windows.splits(data)? {
            let split = split?;
            let cutoff = split.cutoff();
            let predicted = fit_predict(split.train(), split.valid())
                .map_err(|error| BacktestError::Model { cutoff, source: error.into() })?;
            let line = self.line(&split, &predicted, &mut rows, lines.len())?;
            let flow = observer(&line);
            lines.push(line);
            if flow.is_break() {
                break;
            }
        }
        if lines.is_empty() {
            return Err(BacktestError::NoCutoffs);
        }
        let naive = self.naive.to_string();
        let mut report =
            BacktestReport { metrics: self.metrics.clone(), naive, lines, total: vec![], rows };
        report.total = report.measure_total()?;
        Ok(report)
    }

    fn line(
        &self,
        split: &TemporalSplit,
        predicted: &[f64],
        rows: &mut Vec<BacktestRow>,
        window: usize,
    ) -> Result<BacktestLine, BacktestError> {
        let (cutoff, valid) = (split.cutoff(), split.valid());
        let metric_error = |source| BacktestError::Metric { cutoff, source };
        let baseline = (self.naive.predict(split.train(), valid))
            .map_err(|source| BacktestError::Baseline { cutoff, source })?;
        let outcomes = Outcomes::of(valid).map_err(metric_error)?;
        let measure = |&metric: &Metric| {
            defined(Evaluation::of(metric, &outcomes, predicted, &baseline)).map_err(metric_error)
        };
        let evaluations = self.metrics.iter().map(measure).collect::<Result<_, _>>()?;
        // The lengths agree: the evaluations above would have failed otherwise.
        let days = valid.days().unwrap_or(&[]);
        for (row, (&predicted, (&baseline, &target))) in
            predicted.iter().zip(baseline.iter().zip(outcomes.target())).enumerate()
        {
            rows.push(BacktestRow {
                window,
                day: days.get(row).copied().unwrap_or(cutoff),
                group: valid.groups().and_then(|groups| groups.get(row).copied()),
                weight: valid.weights().and_then(|w| w.get(row).copied()).unwrap_or(1.0),
                target,
                predicted,
                baseline,
            });
        }
        Ok(BacktestLine {
            cutoff,
            train: Span::of(split.train(), cutoff),
            valid: Span::of(valid, cutoff),
            evaluations,
        })
    }
}

/// A boxed error that converts like any other.
struct Failure(Box<dyn Error + Send + Sync>);

impl From<Failure> for Box<dyn Error + Send + Sync> {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}

/// `None` where the metric has no value for these targets.
fn defined(result: Result<Evaluation, MetricError>) -> Result<Option<Evaluation>, MetricError> {
    match result {
        Err(MetricError::Undefined { .. }) => Ok(None),
        other => other.map(Some),
    }
}
