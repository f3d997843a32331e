//! Predictors of linfa as [`Model`]s.

use std::marker::PhantomData;

use ::linfa::traits::PredictInplace;
use campaign_core::model::rows;
use campaign_core::ndarray::{Array1, ArrayView2};
use campaign_core::{Model, Result};

use super::dataset::Number;

/// A predictor of linfa behind [`Model`].
///
/// `L` is what it predicts: numbers, or labels that stand for numbers. A missing value is NaN to the
/// predictor, which most were not made for. Unlike other models it allocates: linfa's traits make the
/// predictions' array.
///
/// # Examples
/// ```
/// use campaign_core::Model;
/// use campaign_models::linfa::Adapted;
/// use linfa::traits::PredictInplace;
/// use ndarray::{Array1, ArrayBase, Data, Ix2, array};
///
/// struct FirstColumn;
///
/// impl<D: Data<Elem = f64>> PredictInplace<ArrayBase<D, Ix2>, Array1<f64>> for FirstColumn {
///     fn predict_inplace<'a>(&'a self, x: &'a ArrayBase<D, Ix2>, y: &mut Array1<f64>) {
///         y.assign(&x.column(0));
///     }
///     fn default_target(&self, x: &ArrayBase<D, Ix2>) -> Array1<f64> {
///         Array1::zeros(x.nrows())
///     }
/// }
///
/// let model = Adapted::new(FirstColumn, 2);
/// assert_eq!(model.predict(array![[1.0, 2.0], [3.0, 4.0]].view())?, array![1.0, 3.0]);
/// # Ok::<(), campaign_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Adapted<P, L = f64> {
    predictor: P,
    n_features: usize,
    label: PhantomData<fn() -> L>,
}

impl<P, L> Adapted<P, L> {
    /// A predictor that was fitted to so many columns.
    #[must_use]
    pub fn new(predictor: P, n_features: usize) -> Self {
        Self { predictor, n_features, label: PhantomData }
    }

    /// The predictor.
    #[must_use]
    pub fn predictor(&self) -> &P {
        &self.predictor
    }
}

impl<P, L> Model for Adapted<P, L>
where
    P: for<'a> PredictInplace<ArrayView2<'a, f64>, Array1<L>> + Send + Sync,
    L: Number,
{
    fn n_features(&self) -> usize {
        self.n_features
    }

    fn predict_into(&self, x: ArrayView2<'_, f64>, out: &mut [f64]) -> Result<()> {
        rows(&x, self.n_features, out.len())?;
        let mut labels = self.predictor.default_target(&x);
        self.predictor.predict_inplace(&x, &mut labels);
        out.iter_mut().zip(&labels).for_each(|(out, label)| *out = label.number());
        Ok(())
    }
}
