//! linfa's data sets as ours.

use ::linfa::DatasetBase;
use ::linfa::dataset::AsSingleTargets;
use campaign_core::ndarray::{ArrayBase, Data, Ix2};
use campaign_core::{Column, Dataset};

use super::error::LinfaError;

/// A target or label that stands for a number.
pub trait Number: Copy {
    /// The number; true is 1.
    fn number(self) -> f64;
}

impl Number for f64 {
    fn number(self) -> f64 {
        self
    }
}

impl Number for bool {
    fn number(self) -> f64 {
        f64::from(u8::from(self))
    }
}

impl Number for usize {
    fn number(self) -> f64 {
        self as f64
    }
}

/// The same records as numeric columns, NaN missing, with targets, weights and names. Columns without
/// names are called `feature-0`, `feature-1`, ...
pub(super) fn dataset<D, T>(from: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Dataset, LinfaError>
where
    D: Data<Elem = f64>,
    T: AsSingleTargets,
    T::Elem: Number,
{
    let names = from.feature_names();
    let name = |i: usize| names.get(i).cloned().unwrap_or_else(|| format!("feature-{i}"));
    let columns = (0..from.records().ncols()).map(|i| Column::numeric(name(i))).collect();
    let targets = from.as_single_targets().iter().map(|target| target.number()).collect();
    let data = Dataset::new(columns, from.records().to_owned())?.with_target(targets)?;
    match from.weights() {
        Some(weights) => {
            Ok(data.with_weights(weights.iter().map(|weight| f64::from(*weight)).collect())?)
        }
        None => Ok(data),
    }
}
