//! Predictions of rows in which columns are set to given values.

use std::sync::Arc;

use campaign_core::ndarray::{ArrayView2, Axis, Slice};
use campaign_core::{Dataset, Model, Result};
use rayon::prelude::*;

use super::error::ExplainError;

/// Rows that one task copies and predicts at once.
pub(super) const ROWS: usize = 512;

/// Where a column stands.
pub(super) fn position(data: &Dataset, name: &str) -> std::result::Result<usize, ExplainError> {
    let found = data.columns().iter().position(|column| *column.name == *name);
    found.ok_or_else(|| ExplainError::NoSuchColumn(Arc::from(name)))
}

/// The data's rows, one after another; there is one at least and the model takes them.
pub(super) fn checked_rows<'d>(
    model: &dyn Model,
    data: &'d Dataset,
) -> std::result::Result<ArrayView2<'d, f64>, ExplainError> {
    let features = data.features();
    campaign_core::error::check_length(
        "columns of the data",
        features.ncols(),
        model.n_features(),
    )?;
    if features.nrows() == 0 {
        return Err(ExplainError::NoRows("data"));
    }
    Ok(features)
}

/// Calls `reduce` with each block of rows: the number of its first row, and the predictions with the
/// columns set to each point, point after point. Answers come in the order of the rows.
pub(super) fn sweep<T: Send>(
    model: &dyn Model,
    rows: ArrayView2<'_, f64>,
    columns: &[usize],
    points: &[Vec<f64>],
    reduce: impl Fn(usize, &[f64]) -> T + Sync,
) -> Result<Vec<T>> {
    let starts: Vec<usize> = (0..rows.nrows()).step_by(ROWS).collect();
    let block = |start: usize| {
        let end = rows.nrows().min(start + ROWS);
        let block = rows.slice_axis(Axis(0), Slice::from(start..end));
        let mut block = block.as_standard_layout().into_owned();
        let n = block.nrows();
        let mut predicted = vec![0.0; n * points.len()];
        for (point, predicted) in points.iter().zip(predicted.chunks_exact_mut(n)) {
            for (&column, &value) in columns.iter().zip(point) {
                block.column_mut(column).fill(value);
            }
            model.predict_into(block.view(), predicted)?;
        }
        Ok(reduce(start, &predicted))
    };
    starts.into_par_iter().map(block).collect()
}
