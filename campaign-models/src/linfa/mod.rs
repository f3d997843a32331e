//! In linfa's pipelines, and linfa's models here (feature `linfa`).
//!
//! [`GbdtConfig`](crate::GbdtConfig) and [`LinearConfig`](crate::LinearConfig) implement
//! `linfa::traits::Fit`, what they fit `PredictInplace` and with it `Predict`; [`Seeded`] fits with a
//! generator. [`Adapted`] puts any predictor of linfa behind [`campaign_core::Model`], and
//! [`classification_tree`] fits linfa-trees' decision tree as a baseline.
//!
//! Both `fit` methods have one name; the trait's is called as `Fit::fit(&config, &dataset)`.
//!
//! # Examples
//! ```
//! use campaign_models::{GbdtConfig, Objective};
//! use linfa::DatasetBase;
//! use linfa::traits::{Fit, Predict};
//! use ndarray::{Array1, Array2};
//!
//! let x = Array2::from_shape_fn((200, 1), |(row, _)| row as f64);
//! let y = Array1::from_shape_fn(200, |row| if row < 100 { 1.0 } else { 3.0 });
//! let data = DatasetBase::new(x, y).with_feature_names(vec!["spend_7d"]);
//! let model = Fit::fit(&GbdtConfig::new(Objective::Squared), &data)?;
//! let predicted: Array1<f64> = Predict::predict(&model, &data);
//! assert!((predicted[10] - 1.0).abs() < 0.01 && (predicted[150] - 3.0).abs() < 0.01);
//! assert_eq!(model.columns()[0].name.as_ref(), "spend_7d");
//! # Ok::<(), campaign_models::linfa::LinfaError>(())
//! ```

mod adapted;
mod dataset;
mod error;
mod fit;
mod predict;
mod tree;

pub use adapted::Adapted;
pub use dataset::Number;
pub use error::LinfaError;
pub use fit::Seeded;
pub use tree::classification_tree;
