//! A fitted predictor.

use ndarray::{Array1, ArrayView2};

use crate::error::{Error, Result, check_length};

/// A fitted model: rows of features in, one number per row out.
///
/// The trait is object-safe and says nothing about training; a fitted value cannot be in an
/// unfitted state. NaN means *missing* and is legal input. What the number is (a probability, an
/// amount, a rate) is the implementation's to document.
///
/// # Examples
/// A stranger's model, in a few lines:
/// ```
/// use campaign_core::{Model, Result, model::rows, ndarray::{ArrayView2, array}};
///
/// /// Predicts one constant.
/// struct Prior(f64);
///
/// impl Model for Prior {
///     fn n_features(&self) -> usize { 2 }
///     fn predict_into(&self, x: ArrayView2<'_, f64>, out: &mut [f64]) -> Result<()> {
///         rows(&x, self.n_features(), out.len())?;
///         out.fill(self.0);
///         Ok(())
///     }
/// }
///
/// let model: Box<dyn Model> = Box::new(Prior(0.02));
/// assert_eq!(model.predict(array![[1.0, 2.0], [3.0, f64::NAN]].view())?.to_vec(), [0.02, 0.02]);
/// # Ok::<(), campaign_core::Error>(())
/// ```
pub trait Model: Send + Sync {
    /// How many columns [`predict_into`](Self::predict_into) expects.
    fn n_features(&self) -> usize;

    /// Predicts one number per row of `x` into `out`.
    ///
    /// # Shapes
    /// `x` is `(rows, n_features)`, row-major contiguous; `out` has `rows` entries.
    ///
    /// # Errors
    /// [`Error::Length`] and [`Error::Layout`] if the shapes or the layout differ; `out` is then
    /// unchanged.
    ///
    /// # Allocation
    /// None.
    fn predict_into(&self, x: ArrayView2<'_, f64>, out: &mut [f64]) -> Result<()>;

    /// Predicts one number per row of `x`.
    ///
    /// # Errors
    /// As [`predict_into`](Self::predict_into).
    ///
    /// # Allocation
    /// The answer.
    fn predict(&self, x: ArrayView2<'_, f64>) -> Result<Array1<f64>> {
        let mut out = vec![0.0; x.nrows()];
        self.predict_into(x, &mut out)?;
        Ok(Array1::from_vec(out))
    }
}

/// Checks the shapes of a [`Model::predict_into`] call and lends the rows as one slice.
///
/// # Errors
/// [`Error::Length`] if `x` has not `n_features` columns or `n_out` rows, [`Error::Layout`] if it is
/// not row-major contiguous.
///
/// # Examples
/// ```
/// use campaign_core::{model::rows, ndarray::array};
/// let x = array![[1.0, 2.0], [3.0, 4.0]];
/// let view = x.view();
/// assert_eq!(rows(&view, 2, 2)?.chunks_exact(2).count(), 2);
/// assert!(rows(&view.t(), 2, 2).is_err());
/// # Ok::<(), campaign_core::Error>(())
/// ```
pub fn rows<'x>(x: &'x ArrayView2<'_, f64>, n_features: usize, n_out: usize) -> Result<&'x [f64]> {
    check_length("columns of x", x.ncols(), n_features)?;
    check_length("out", n_out, x.nrows())?;
    x.as_slice().ok_or(Error::Layout)
}

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<M: Model + ?Sized> Model for $pointer {
            fn n_features(&self) -> usize {
                (**self).n_features()
            }
            fn predict_into(&self, x: ArrayView2<'_, f64>, out: &mut [f64]) -> Result<()> {
                (**self).predict_into(x, out)
            }
        }
    )*};
}
forward!(&M, Box<M>, std::sync::Arc<M>);
