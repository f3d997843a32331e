//! `linfa::traits::PredictInplace`, and with it `Predict`, for this crate's models.

use ::linfa::traits::PredictInplace;
use campaign_core::Model;
use campaign_core::ndarray::{Array1, ArrayBase, Data, Ix2};

use crate::gbdt::Gbdt;
use crate::linear::LinearModel;

/// Predicts, or writes NaN to every place where that is an error: linfa's trait can give none.
fn predict<D: Data<Elem = f64>>(model: &impl Model, x: &ArrayBase<D, Ix2>, y: &mut Array1<f64>) {
    let rows = x.as_standard_layout();
    let done = match y.as_slice_mut() {
        Some(out) => model.predict_into(rows.view(), out),
        None => model.predict(rows.view()).map(|predicted| {
            y.iter_mut().zip(predicted).for_each(|(y, predicted)| *y = predicted);
        }),
    };
    if done.is_err() {
        y.fill(f64::NAN);
    }
}

macro_rules! predict_inplace {
    ($($model:ty),*) => {$(
        /// As [`Model::predict_into`]; records of another layout are copied. Where that is an error,
        /// for another number of columns or targets, every target becomes NaN.
        impl<D: Data<Elem = f64>> PredictInplace<ArrayBase<D, Ix2>, Array1<f64>> for $model {
            fn predict_inplace<'a>(&'a self, x: &'a ArrayBase<D, Ix2>, y: &mut Array1<f64>) {
                predict(self, x, y);
            }

            fn default_target(&self, x: &ArrayBase<D, Ix2>) -> Array1<f64> {
                Array1::zeros(x.nrows())
            }
        }
    )*};
}
predict_inplace!(Gbdt, LinearModel);
