//! What can go wrong between linfa and here.

use campaign_core::dataset::DatasetError;
use thiserror::Error;

use crate::gbdt::FitError;
use crate::linear::LinearError;

/// Why a fit through linfa's traits, or of a model of linfa, failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LinfaError {
    /// The records or targets do not make a data set.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// Of boosted trees.
    #[error(transparent)]
    Gbdt(#[from] FitError),
    /// Of a linear model.
    #[error(transparent)]
    Linear(#[from] LinearError),
    /// linfa's own.
    #[error(transparent)]
    Linfa(#[from] ::linfa::Error),
    /// A configuration that samples rows or columns, without a generator.
    #[error("{0} asks for random numbers; fit through Seeded, which has a generator")]
    NoGenerator(&'static str),
    /// linfa's trees know no missing values.
    #[error("row {row}, column {column}: the value is missing, expected a number")]
    Missing {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
    },
    /// A target that is no class.
    #[error("row {row}: target is {value}, expected 0 or 1")]
    NotBinary {
        /// Row, from 0.
        row: usize,
        /// The value.
        value: f64,
    },
    /// A data set without a target.
    #[error("the data have no target")]
    NoTarget,
    /// A data set without a row of positive weight.
    #[error("the data have no row with a positive weight")]
    NoRows,
}
