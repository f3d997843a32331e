//! Partial dependence and individual conditional expectation.

use std::sync::Arc;

use campaign_core::ndarray::Array2;
use campaign_core::{ColumnKind, Dataset, Model};

use super::error::ExplainError;
use super::sweep::{checked_rows, position, sweep};

/// At which values of a column a model is asked.
///
/// A categorical column is asked at each of its levels, except by [`Grid::Values`]. Missing values are
/// no grid points of their own; put `f64::NAN` among the values to ask for them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Grid {
    /// So many evenly spaced values between the 5th and the 95th percentile, or the column's distinct
    /// values if there are fewer. What scikit-learn does, where 100 is usual.
    Even(usize),
    /// These.
    Values(Vec<f64>),
}

impl Grid {
    fn points(&self, data: &Dataset, column: usize) -> Result<Vec<f64>, ExplainError> {
        let description = &data.columns()[column];
        let most = match (self, &description.kind) {
            (Self::Values(values), _) if values.is_empty() => {
                let expected = "at least one value";
                return Err(ExplainError::Parameter { parameter: "grid", got: 0.0, expected });
            }
            (Self::Values(values), _) => return Ok(values.clone()),
            (Self::Even(_), ColumnKind::Categorical { levels }) => {
                return Ok((0..levels.len()).map(|level| level as f64).collect());
            }
            (Self::Even(most), ColumnKind::Numeric) => *most,
        };
        if most < 2 {
            let expected = "at least 2 points";
            return Err(ExplainError::Parameter { parameter: "grid", got: most as f64, expected });
        }
        let sorted = sorted_values(data, column)?;
        let mut distinct = sorted.clone();
        distinct.dedup();
        if distinct.len() < most {
            return Ok(distinct);
        }
        let (low, high) = (quantile(&sorted, 0.05), quantile(&sorted, 0.95));
        let step = (high - low) / (most - 1) as f64;
        let mut points: Vec<f64> = (0..most).map(|i| low + step * i as f64).collect();
        points[most - 1] = high;
        Ok(points)
    }
}

/// The values of a column that are not missing, ascending; at least one.
pub(super) fn sorted_values(data: &Dataset, column: usize) -> Result<Vec<f64>, ExplainError> {
    let features = data.features();
    let mut values: Vec<f64> = features.column(column).iter().copied().collect();
    values.retain(|value| !value.is_nan());
    if values.is_empty() {
        return Err(ExplainError::NoValues(Arc::clone(&data.columns()[column].name)));
    }
    values.sort_by(f64::total_cmp);
    Ok(values)
}

/// The quantile of Cunnane 1978 (plotting positions 0.4, 0.4), as SciPy's `mquantiles` has it.
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let n = sorted.len();
    let place = n as f64 * p + 0.4 + 0.2 * p;
    let k = (place.floor() as usize).clamp(1, n.saturating_sub(1).max(1));
    let part = (place - k as f64).clamp(0.0, 1.0);
    (1.0 - part) * sorted[k - 1] + part * sorted[k.min(n - 1)]
}

/// How the mean prediction goes with a column.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PartialDependence {
    /// The column's name.
    pub name: Arc<str>,
    /// Its values, or indices of levels.
    pub grid: Vec<f64>,
    /// The weighted mean prediction over the rows with the column set to each value.
    pub mean: Vec<f64>,
}

/// How the mean prediction goes with two columns.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PairDependence {
    /// The columns' names.
    pub names: [Arc<str>; 2],
    /// Their values, or indices of levels.
    pub grids: [Vec<f64>; 2],
    /// The weighted mean prediction; rows are values of the first column.
    pub mean: Array2<f64>,
}

/// How each row's prediction goes with a column (ICE).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct IndividualExpectation {
    /// The column's name.
    pub name: Arc<str>,
    /// Its values, or indices of levels.
    pub grid: Vec<f64>,
    /// One line per row of the data, one entry per value.
    pub predictions: Array2<f64>,
}

/// The mean prediction over the rows of `data`, with a column set to each value of a grid.
///
/// Answers "what does the model predict if this column alone is changed". Where columns go together it
/// asks the model about rows that do not exist; [`accumulated_local_effects`] does not.
///
/// [`accumulated_local_effects`]: super::accumulated_local_effects
///
/// # Errors
/// [`ExplainError`] for a column that does not exist or has only missing values, data without rows or
/// with another number of columns than the model's, a grid of fewer than two points, and what the model
/// answers.
///
/// # Complexity
/// One prediction per row and value; blocks of rows on all threads of the current `rayon` pool, with
/// the same bits on any number of them.
///
/// # Source
/// Friedman 2001, "Greedy function approximation", section 8.2. Equal to scikit-learn's
/// `partial_dependence(method="brute")`.
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, Model, Result, model::rows, ndarray::{ArrayView2, array}};
/// use campaign_models::explain::{Grid, partial_dependence};
///
/// struct Product;
/// impl Model for Product {
///     fn n_features(&self) -> usize { 2 }
///     fn predict_into(&self, x: ArrayView2<'_, f64>, out: &mut [f64]) -> Result<()> {
///         let rows = rows(&x, 2, out.len())?;
///         for (row, out) in rows.chunks_exact(2).zip(out) {
///             *out = row[0] * row[1];
///         }
///         Ok(())
///     }
/// }
///
/// let columns = vec![Column::numeric("spend"), Column::numeric("rate")];
/// let data = Dataset::new(columns, array![[1.0, 2.0], [5.0, 4.0]])?;
/// let curve = partial_dependence(&Product, &data, "spend", &Grid::Even(100))?;
/// assert_eq!((curve.grid, curve.mean), (vec![1.0, 5.0], vec![3.0, 15.0]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn partial_dependence(
    model: &dyn Model,
    data: &Dataset,
    column: &str,
    grid: &Grid,
) -> Result<PartialDependence, ExplainError> {
    let at = position(data, column)?;
    checked_rows(model, data)?;
    let grid = grid.points(data, at)?;
    let points: Vec<Vec<f64>> = grid.iter().map(|&value| vec![value]).collect();
    let mean = mean_predictions(model, data, &[at], &points)?;
    Ok(PartialDependence { name: Arc::clone(&data.columns()[at].name), grid, mean })
}

/// The mean prediction over the rows of `data`, with two columns set to each pair of values.
///
/// # Errors
/// As [`partial_dependence`].
///
/// # Complexity
/// One prediction per row and pair of values.
pub fn pair_dependence(
    model: &dyn Model,
    data: &Dataset,
    columns: [&str; 2],
    grid: &Grid,
) -> Result<PairDependence, ExplainError> {
    let at = [position(data, columns[0])?, position(data, columns[1])?];
    checked_rows(model, data)?;
    let grids = [grid.points(data, at[0])?, grid.points(data, at[1])?];
    let pairs = grids[0].iter().flat_map(|&a| grids[1].iter().map(move |&b| vec![a, b]));
    let mean = mean_predictions(model, data, &at, &pairs.collect::<Vec<_>>())?;
    let width = grids[1].len();
    let mean = Array2::from_shape_fn((grids[0].len(), width), |(a, b)| mean[a * width + b]);
    let names = at.map(|at| Arc::clone(&data.columns()[at].name));
    Ok(PairDependence { names, grids, mean })
}

/// Each row's prediction with a column set to each value of a grid.
///
/// # Errors
/// As [`partial_dependence`].
///
/// # Complexity
/// One prediction and one number of memory per row and value: [`Dataset::select`] a few hundred rows
/// to draw.
///
/// # Source
/// Goldstein et al. 2015, "Peeking inside the black box".
pub fn individual_expectation(
    model: &dyn Model,
    data: &Dataset,
    column: &str,
    grid: &Grid,
) -> Result<IndividualExpectation, ExplainError> {
    let at = position(data, column)?;
    let rows = checked_rows(model, data)?;
    let grid = grid.points(data, at)?;
    let points: Vec<Vec<f64>> = grid.iter().map(|&value| vec![value]).collect();
    let blocks =
        sweep(model, rows, &[at], &points, |start, predicted| (start, predicted.to_vec()))?;
    let mut predictions = Array2::zeros((rows.nrows(), grid.len()));
    for (start, predicted) in blocks {
        let n = predicted.len() / grid.len();
        for (point, predicted) in predicted.chunks_exact(n).enumerate() {
            for (row, &predicted) in predicted.iter().enumerate() {
                predictions[[start + row, point]] = predicted;
            }
        }
    }
    Ok(IndividualExpectation { name: Arc::clone(&data.columns()[at].name), grid, predictions })
}

/// The weighted mean over the rows, per point. Block sums are added in the order of the rows.
fn mean_predictions(
    model: &dyn Model,
    data: &Dataset,
    columns: &[usize],
    points: &[Vec<f64>],
) -> Result<Vec<f64>, ExplainError> {
    let weight = |row: usize| data.weights().map_or(1.0, |weights| weights[row]);
    let total: f64 = (0..data.n_rows()).map(weight).sum();
    if total <= 0.0 {
        return Err(ExplainError::NoRows("weighted"));
    }
    let sums = |start: usize, predicted: &[f64]| -> Vec<f64> {
        let n = predicted.len() / points.len();
        let sum = |point: &[f64]| {
            point.iter().enumerate().map(|(row, p)| weight(start + row) * p).sum::<f64>()
        };
        predicted.chunks_exact(n).map(sum).collect()
    };
    let mut mean = vec![0.0; points.len()];
    for sums in sweep(model, data.features(), columns, points, sums)? {
        mean.iter_mut().zip(sums).for_each(|(mean, sum)| *mean += sum);
    }
    mean.iter_mut().for_each(|mean| *mean /= total);
    Ok(mean)
}
