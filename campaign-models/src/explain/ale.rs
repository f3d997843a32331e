//! Accumulated local effects.

use std::sync::Arc;

use campaign_core::ndarray::Axis;
use campaign_core::{ColumnKind, Dataset, Model};

use super::dependence::sorted_values;
use super::error::ExplainError;
use super::sweep::{checked_rows, position};

/// How the prediction goes with a column, other columns as they go along with it.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct AccumulatedLocalEffects {
    /// The column's name.
    pub name: Arc<str>,
    /// The ends of the intervals: the smallest value and quantiles, ascending.
    pub edges: Vec<f64>,
    /// The effect at each end, with mean 0 over the rows.
    pub effect: Vec<f64>,
    /// How many rows each interval has; one entry less than there are ends.
    pub rows: Vec<usize>,
}

/// The accumulated local effects of a numeric column.
///
/// The column's values are cut at quantiles into at most `intervals` parts. In each, the mean
/// difference of the predictions with the column at the upper and at the lower end is taken over the
/// part's own rows; the differences are added up from the left, and the mean over all rows is
/// subtracted. So the model is only asked about rows near those that exist. Rows without a value are
/// left out.
///
/// # Errors
/// [`ExplainError`] for a column that does not exist, is categorical or has only missing values, data
/// without rows or with another number of columns than the model's, no interval, and what the model
/// answers.
///
/// # Complexity
/// Two predictions per row.
///
/// # Source
/// Apley & Zhu 2020, "Visualizing the effects of predictor variables in black box supervised learning
/// models", equations 15 and 16; quantiles are data values, and the mean takes an interval's effect as
/// that of its middle, as in the authors' program.
pub fn accumulated_local_effects(
    model: &dyn Model,
    data: &Dataset,
    column: &str,
    intervals: usize,
) -> Result<AccumulatedLocalEffects, ExplainError> {
    let at = position(data, column)?;
    let features = checked_rows(model, data)?;
    let name = Arc::clone(&data.columns()[at].name);
    if data.columns()[at].kind != ColumnKind::Numeric {
        return Err(ExplainError::NotNumeric(name));
    }
    if intervals == 0 {
        let (parameter, expected) = ("intervals", "at least 1");
        return Err(ExplainError::Parameter { parameter, got: 0.0, expected });
    }
    let edges = edges(&sorted_values(data, at)?, intervals);
    let values = features.column(at);
    let known: Vec<usize> = (0..values.len()).filter(|&row| !values[row].is_nan()).collect();
    // The interval of each known row; its upper end is the first that is not below the value.
    let part = |row: &usize| edges.partition_point(|edge| *edge < values[*row]).saturating_sub(1);
    let parts: Vec<usize> = known.iter().map(part).collect();

    let mut changed = features.select(Axis(0), &known);
    let mut ends = [0, 1].map(|_| vec![0.0; known.len()]);
    for (end, predicted) in ends.iter_mut().enumerate() {
        for (row, &part) in parts.iter().enumerate() {
            changed[[row, at]] = edges[(part + end).min(edges.len() - 1)];
        }
        model.predict_into(changed.as_standard_layout().view(), predicted)?;
    }

    let n = edges.len() - 1;
    let mut rows = vec![0; n];
    let (mut weights, mut sums) = (vec![0.0; n], vec![0.0; n]);
    let weight = |row: usize| data.weights().map_or(1.0, |weights| weights[row]);
    for (i, (&part, &row)) in parts.iter().zip(&known).enumerate() {
        // With one distinct value there is no interval.
        if part < n {
            rows[part] += 1;
            weights[part] += weight(row);
            sums[part] += weight(row) * (ends[1][i] - ends[0][i]);
        }
    }
    let effect = centred(&sums, &weights);
    Ok(AccumulatedLocalEffects { name, edges, effect, rows })
}

/// The smallest value and, for each further end, the smallest value that a share of the rows does not
/// exceed; each once.
fn edges(sorted: &[f64], intervals: usize) -> Vec<f64> {
    let n = sorted.len();
    let quantile = |k: usize| sorted[(n * k).div_ceil(intervals).max(1) - 1];
    let mut edges: Vec<f64> = sorted.iter().take(1).copied().collect();
    edges.extend((1..=intervals).map(quantile));
    edges.dedup();
    edges
}

/// Mean differences added up, less their mean over the rows.
fn centred(sums: &[f64], weights: &[f64]) -> Vec<f64> {
    let mut effect = vec![0.0];
    let (mut at, mut mean) = (0.0, 0.0);
    for (sum, weight) in sums.iter().zip(weights) {
        let step = if *weight > 0.0 { sum / weight } else { 0.0 };
        mean += weight * (at + 0.5 * step);
        at += step;
        effect.push(at);
    }
    let total: f64 = weights.iter().sum();
    if total > 0.0 {
        effect.iter_mut().for_each(|effect| *effect -= mean / total);
    }
    effect
}
