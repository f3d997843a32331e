//! linfa-trees' decision tree as a baseline.

use ::linfa::DatasetBase;
use ::linfa::traits::Fit;
use campaign_core::Dataset;
use campaign_core::ndarray::{Array1, Axis};
use linfa_trees::{DecisionTree, DecisionTreeParams};

use super::adapted::Adapted;
use super::error::LinfaError;

/// Fits linfa-trees' decision tree to targets 0 and 1; it predicts one of them.
///
/// What it makes of a data set: level indices are numbers to it, missing values are refused. Where a
/// leaf has as many rows of one class as of the other, linfa takes either, not the same in every run.
///
/// # Errors
/// [`LinfaError`] without targets or rows, for a target that is neither 0 nor 1, a missing value, and
/// for parameters that linfa refuses.
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, Model, ndarray::{Array2, array}};
/// use campaign_models::linfa::classification_tree;
/// use linfa_trees::DecisionTree;
///
/// let x = Array2::from_shape_fn((100, 1), |(row, _)| row as f64);
/// let y = (0..100).map(|row| f64::from(row >= 40)).collect();
/// let data = Dataset::new(vec![Column::numeric("ctr_7d")], x)?.with_target(y)?;
/// let tree = classification_tree(&data, DecisionTree::params().max_depth(Some(3)))?;
/// assert_eq!(tree.predict(array![[10.0], [90.0]].view())?, array![0.0, 1.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn classification_tree(
    data: &Dataset,
    parameters: DecisionTreeParams<f64, usize>,
) -> Result<Adapted<DecisionTree<f64, usize>, usize>, LinfaError> {
    let targets = data.target().ok_or(LinfaError::NoTarget)?;
    let weight = |row: &usize| data.weights().map_or(1.0, |weights| weights[*row]);
    let rows: Vec<usize> = (0..targets.len()).filter(|row| weight(row) > 0.0).collect();
    if rows.is_empty() {
        return Err(LinfaError::NoRows);
    }
    if let Some(&row) = rows.iter().find(|row| ![0.0, 1.0].contains(&targets[**row])) {
        return Err(LinfaError::NotBinary { row, value: targets[row] });
    }
    let features = data.features();
    for &row in &rows {
        if let Some(column) = features.row(row).iter().position(|x| x.is_nan()) {
            return Err(LinfaError::Missing { row, column });
        }
    }
    let labels: Array1<usize> = rows.iter().map(|row| usize::from(targets[*row] == 1.0)).collect();
    // Around 1, so that none of them vanishes in single precision.
    let mean = rows.iter().map(|row| weight(row) / rows.len() as f64).sum::<f64>();
    let weights: Array1<f32> = rows.iter().map(|row| (weight(row) / mean) as f32).collect();
    let records = features.select(Axis(0), &rows);
    let data = DatasetBase::new(records, labels).with_weights(weights);
    Ok(Adapted::new(parameters.fit(&data)?, features.ncols()))
}
