//! Why leaks could not be looked for.

use std::sync::Arc;

use campaign_core::dataset::DatasetError;
use thiserror::Error;

use crate::gbdt::FitError;
use crate::schema::SchemaError;

/// Why leaks could not be looked for.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum LeakageError {
    /// Data without a target.
    #[error("the data have no target")]
    NoTarget,
    /// Days of change for data without days.
    #[error("the data have no days to compare the days of change with")]
    NoDays,
    /// A column that does not exist.
    #[error("there is no column {0:?}")]
    NoSuchColumn(Arc<str>),
    /// Days of change that are not one per row.
    #[error("column {column:?} has {got} days of change, expected {expected}")]
    Length {
        /// The column.
        column: Arc<str>,
        /// How many there are.
        got: usize,
        /// The number of rows.
        expected: usize,
    },
    /// The two sides of a split have other columns.
    #[error("validation data: {0}")]
    Schema(#[from] SchemaError),
    /// The model of all columns could not be fitted.
    #[error("the model of all columns: {0}")]
    Fit(#[from] FitError),
    /// Rows could not be selected.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The model of all columns could not predict.
    #[error(transparent)]
    Predict(#[from] campaign_core::Error),
}
