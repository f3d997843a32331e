//! What a backtest says, as data and as a table.

use std::fmt;

use campaign_core::Dataset;
use campaign_core::rand::Rng;
use jiff::civil::Date;

use super::defined;
use crate::metrics::{Bootstrap, Evaluation, Metric, MetricError, Outcomes};

/// First and last day of rows, and how many they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Span {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
    /// Rows from the first to the last day.
    pub rows: usize,
}

impl Span {
    pub(super) fn of(data: &Dataset, none: Date) -> Self {
        let days = data.days().unwrap_or(&[]);
        let first = days.iter().min().copied().unwrap_or(none);
        let last = days.iter().max().copied().unwrap_or(none);
        Self { first, last, rows: data.n_rows() }
    }
}

/// What happened at one cut-off.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct BacktestLine {
    /// The first day that could validate.
    pub cutoff: Date,
    /// Rows that trained.
    pub train: Span,
    /// Rows that validated.
    pub valid: Span,
    /// One per metric; `None` where it has no value for these targets.
    pub evaluations: Vec<Option<Evaluation>>,
}

/// One validation row.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct BacktestRow {
    /// Index of its line.
    pub window: usize,
    /// Its day.
    pub day: Date,
    /// Its group, if the data have any.
    pub group: Option<u32>,
    /// How much it counts.
    pub weight: f64,
    /// What happened.
    pub target: f64,
    /// What the model said before.
    pub predicted: f64,
    /// What the baseline said before.
    pub baseline: f64,
}

/// A model at many cut-offs, beside a baseline. Printed, it is a table.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct BacktestReport {
    /// What was measured.
    pub metrics: Vec<Metric>,
    /// What the baseline is.
    pub naive: String,
    /// One per cut-off.
    pub lines: Vec<BacktestLine>,
    /// One per metric, on all validation rows together; `None` where it has no value.
    pub total: Vec<Option<Evaluation>>,
    /// Every validation row, for calibration, intervals and pictures; a row of windows that overlap
    /// is there once for each.
    pub rows: Vec<BacktestRow>,
}

impl BacktestReport {
    /// Adds intervals to the total: of each value and of its difference to the baseline's.
    ///
    /// Draws from all validation rows, in blocks of days that may span cut-offs. A metric without a
    /// value stays without. The groups of a ranking are those of one window.
    ///
    /// # Errors
    /// As [`Bootstrap::paired`].
    pub fn with_intervals(
        mut self,
        bootstrap: &Bootstrap,
        rng: &mut dyn Rng,
    ) -> Result<Self, MetricError> {
        self.total = self.totals(|metric, outcomes, predicted, baseline| {
            Evaluation::with_intervals(metric, outcomes, predicted, baseline, bootstrap, rng)
        })?;
        Ok(self)
    }

    pub(super) fn measure_total(&self) -> Result<Vec<Option<Evaluation>>, MetricError> {
        self.totals(Evaluation::of)
    }

    fn totals(
        &self,
        mut measure: impl FnMut(
            Metric,
            &Outcomes<'_>,
            &[f64],
            &[f64],
        ) -> Result<Evaluation, MetricError>,
    ) -> Result<Vec<Option<Evaluation>>, MetricError> {
        let column = |of: fn(&BacktestRow) -> f64| self.rows.iter().map(of).collect::<Vec<f64>>();
        let (target, weight) = (column(|row| row.target), column(|row| row.weight));
        let (predicted, baseline) = (column(|row| row.predicted), column(|row| row.baseline));
        let days: Vec<Date> = self.rows.iter().map(|row| row.day).collect();
        let groups: Option<Vec<u32>> = self.rows.iter().map(|row| row.group).collect();
        let queries = groups.is_some().then(|| self.queries());
        let all = Outcomes::new(&target).with_weights(&weight).with_days(&days);
        let mut total = Vec::with_capacity(self.metrics.len());
        for &metric in &self.metrics {
            let ranked = matches!(metric, Metric::Ndcg { .. });
            let groups = if ranked { queries.as_deref() } else { groups.as_deref() };
            let outcomes = groups.map_or(all, |groups| all.with_groups(groups));
            total.push(defined(measure(metric, &outcomes, &predicted, &baseline))?);
        }
        Ok(total)
    }

    /// A number for each pair of window and group: what one model ranked together.
    fn queries(&self) -> Vec<u32> {
        let pair = |row: &BacktestRow| (row.window, row.group);
        let mut distinct: Vec<_> = self.rows.iter().map(pair).collect();
        distinct.sort_unstable();
        distinct.dedup();
        let place = |row| distinct.binary_search(&pair(row)).map_or(0, |place| place as u32);
        self.rows.iter().map(place).collect()
    }
}

impl fmt::Display for BacktestReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DAYS: &str = "train days                 rows  valid days                 rows";
        write!(f, "{:<10}  {DAYS}", "cut-off")?;
        let header = |metric: &Metric| format!("{metric} ({})", self.naive);
        let widths: Vec<usize> =
            self.metrics.iter().map(|m| header(m).chars().count().max(19)).collect();
        for (metric, width) in self.metrics.iter().zip(&widths) {
            write!(f, "  {:>width$}", header(metric))?;
        }
        writeln!(f)?;
        let cells = |f: &mut fmt::Formatter<'_>, all: &[Option<Evaluation>]| {
            for (evaluation, width) in all.iter().zip(&widths) {
                let cell = evaluation.as_ref().map_or_else(
                    || "-".to_owned(),
                    |e| format!("{:.4} ({:.4})", e.value, e.baseline),
                );
                write!(f, "  {cell:>width$}")?;
            }
            writeln!(f)
        };
        for line in &self.lines {
            let BacktestLine { cutoff, train, valid, evaluations } = line;
            write!(f, "{cutoff}  {}..{}  {:>7}", train.first, train.last, train.rows)?;
            write!(f, "  {}..{}  {:>7}", valid.first, valid.last, valid.rows)?;
            cells(f, evaluations)?;
        }
        let rows = self.rows.len();
        write!(f, "{:<10}  {:<31}  {:<22}  {rows:>7}", "all", "", "")?;
        cells(f, &self.total)?;
        for evaluation in self.total.iter().flatten().filter(|e| e.interval.is_some()) {
            writeln!(f, "{evaluation}")?;
        }
        Ok(())
    }
}
