//! The data of summary and dependence plots.

use std::sync::Arc;

use campaign_core::Column;
use campaign_core::error::check_length;
use campaign_core::ndarray::{ArrayView2, ArrayView3, Axis};

use super::error::ExplainError;

/// One column's values and Shapley values: the points of its dependence plot, and its line in a
/// summary plot.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ColumnEffects {
    /// The column's name.
    pub name: Arc<str>,
    /// Mean size of its Shapley values, signs left out.
    pub mean_size: f64,
    /// What each row has in the column, NaN for missing.
    pub values: Vec<f64>,
    /// Its Shapley value in each row.
    pub effects: Vec<f64>,
}

/// How strongly two columns act together.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct PairEffect {
    /// The columns' names, in the order of the model.
    pub names: [Arc<str>; 2],
    /// Mean size of their interaction, both halves, signs left out.
    pub mean_size: f64,
}

/// Per column the data of summary and dependence plots, largest mean size first, then by name.
///
/// # Shapes
/// `x` and `values` are `(rows, columns)`; `values` are what
/// [`TreeShap::explain`](super::TreeShap::explain) gives for `x`.
///
/// # Errors
/// [`ExplainError`] for shapes that differ.
pub fn column_effects(
    columns: &[Column],
    x: ArrayView2<'_, f64>,
    values: ArrayView2<'_, f64>,
) -> Result<Vec<ColumnEffects>, ExplainError> {
    check_length("columns of x", x.ncols(), columns.len())?;
    check_length("columns of values", values.ncols(), columns.len())?;
    check_length("rows of values", values.nrows(), x.nrows())?;
    let effects = |(at, column): (usize, &Column)| {
        let effects = values.column(at).to_vec();
        let name = Arc::clone(&column.name);
        let mean_size = mean_size(effects.iter());
        ColumnEffects { name, mean_size, values: x.column(at).to_vec(), effects }
    };
    let mut all: Vec<_> = columns.iter().enumerate().map(effects).collect();
    all.sort_by(|a, b| b.mean_size.total_cmp(&a.mean_size).then_with(|| a.name.cmp(&b.name)));
    Ok(all)
}

/// The pairs of columns, those that act together most first, then by name. Pairs that never do are
/// left out.
///
/// # Shapes
/// `pairs` is `(rows, columns, columns)`, what
/// [`TreeShap::interactions`](super::TreeShap::interactions) gives.
///
/// # Errors
/// [`ExplainError`] for another shape.
pub fn pair_effects(
    columns: &[Column],
    pairs: ArrayView3<'_, f64>,
) -> Result<Vec<PairEffect>, ExplainError> {
    let (_, first, second) = pairs.dim();
    check_length("first side of pairs", first, columns.len())?;
    check_length("second side of pairs", second, columns.len())?;
    let mut all = Vec::new();
    for (i, a) in columns.iter().enumerate() {
        for (j, b) in columns.iter().enumerate().skip(i + 1) {
            let mean_size = 2.0 * mean_size(pairs.index_axis(Axis(2), j).column(i).iter());
            if mean_size > 0.0 {
                all.push(PairEffect { names: [a, b].map(|c| Arc::clone(&c.name)), mean_size });
            }
        }
    }
    all.sort_by(|a, b| b.mean_size.total_cmp(&a.mean_size).then_with(|| a.names.cmp(&b.names)));
    Ok(all)
}

fn mean_size<'v>(values: impl ExactSizeIterator<Item = &'v f64>) -> f64 {
    let n = values.len().max(1) as f64;
    values.map(|value| value.abs()).sum::<f64>() / n
}
