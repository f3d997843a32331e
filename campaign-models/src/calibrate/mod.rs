//! Probabilities that mean what they say.
//!
//! Fit a [`Calibrator`] on targets and predictions of rows that did not train the model, wrap the model
//! in [`Calibrated`], and look at [`Reliability`] on a third part.
//!
//! | calibrator | learns | when |
//! | --- | --- | --- |
//! | [`Isotonic`] | any rising step or slope | thousands of rows |
//! | [`Platt`] | a sigmoid of the prediction or of its log-odds | few rows, scores of any range |
//! | [`Beta`] | a sigmoid with a shape for either end; the identity is one of its curves | few rows, probabilities |

mod beta;
mod error;
mod isotonic;
mod logistic;
mod platt;
mod reliability;
mod rows;

use campaign_core::ndarray::ArrayView2;
use campaign_core::{Model, Result};

pub use beta::Beta;
pub use error::CalibrationError;
pub use isotonic::Isotonic;
pub use platt::{Platt, PlattInput};
pub use reliability::{Reliability, ReliabilityBin};

/// A map from a model's predictions to better ones.
pub trait Calibrator: Send + Sync {
    /// The calibrated prediction; NaN for NaN.
    ///
    /// # Allocation
    /// None.
    fn calibrate(&self, prediction: f64) -> f64;
}

/// A model whose predictions go through a calibrator.
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, Model, ndarray::array};
/// use campaign_models::{Prior, calibrate::{Calibrated, Isotonic}};
/// let data = Dataset::new(vec![Column::numeric("spend")], array![[1.0], [2.0]])?
///     .with_target(vec![0.0, 1.0])?;
/// let half = Prior::fit(&data)?;
/// let calibrator = Isotonic::fit(&[0.4, 0.5, 0.6], &[0.0, 0.0, 1.0], None)?;
/// let model = Calibrated::new(half, calibrator);
/// assert_eq!(model.predict(array![[9.0]].view())?.to_vec(), [0.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated<M, C> {
    model: M,
    calibrator: C,
}

impl<M: Model, C: Calibrator> Calibrated<M, C> {
    /// Puts the two together.
    pub fn new(model: M, calibrator: C) -> Self {
        Self { model, calibrator }
    }

    /// The model.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// The calibrator.
    pub fn calibrator(&self) -> &C {
        &self.calibrator
    }
}

impl<M: Model, C: Calibrator> Model for Calibrated<M, C> {
    fn n_features(&self) -> usize {
        self.model.n_features()
    }

    fn predict_into(&self, x: ArrayView2<'_, f64>, out: &mut [f64]) -> Result<()> {
        self.model.predict_into(x, out)?;
        out.iter_mut().for_each(|p| *p = self.calibrator.calibrate(*p));
        Ok(())
    }
}
