//! The parameters of a fit.

use super::error::LinearError;
use super::family::Family;

/// How to fit a [`LinearModel`](super::LinearModel): `new`, the `with_*` that are needed, and
/// [`fit`](Self::fit).
///
/// Minimised is the weighted mean of the family's loss plus `l1 |b|_1 + l2 |b|_2^2 / 2`, where `b` are
/// the coefficients of columns brought to mean 0 and variance 1; the intercept is free. In
/// scikit-learn's terms, for `n` rows: `Ridge(alpha = n l2)`, `ElasticNet(alpha = l1 + l2, l1_ratio =
/// l1 / (l1 + l2))`, `LogisticRegression(C = 1 / (n l2))`.
///
/// # Columns
/// A missing number counts as its column's mean, and an indicator of being missing is a column of its
/// own. Each level of a categorical column is an indicator, missing is one more. Without a penalty the
/// first level is left out, against which the others count; with one none is. Columns and levels that
/// do not vary get no coefficient. A level that no training row had counts as an average row would.
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, Model, ndarray::array};
/// use campaign_models::linear::{Family, LinearConfig};
///
/// let x = array![[1.0], [2.0], [3.0], [f64::NAN]];
/// let data = Dataset::new(vec![Column::numeric("spend")], x)?.with_target(vec![3.0, 5.0, 7.0, 9.0])?;
/// let model = LinearConfig::new(Family::Gaussian).with_l2(0.0).fit(&data)?;
/// let predicted = model.predict(array![[10.0], [f64::NAN]].view())?;
/// assert!((predicted[0] - 21.0).abs() < 1e-9 && (predicted[1] - 9.0).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LinearConfig {
    /// What is minimised.
    pub family: Family,
    /// Penalty on absolute coefficients, in units of the loss's slope. 0.
    pub l1: f64,
    /// Penalty on squared coefficients. `1e-4`, which moves little and keeps coefficients finite.
    pub l2: f64,
    /// Coefficients that change by no more than this share in an iteration are done. `1e-9`.
    pub tolerance: f64,
    /// Newton steps at most. 100.
    pub max_iterations: usize,
}

impl LinearConfig {
    /// A ridge penalty of `1e-4`.
    #[must_use]
    pub fn new(family: Family) -> Self {
        Self { family, l1: 0.0, l2: 1e-4, tolerance: 1e-9, max_iterations: 100 }
    }

    /// Sets [`l1`](Self::l1).
    #[must_use]
    pub fn with_l1(self, l1: f64) -> Self {
        Self { l1, ..self }
    }

    /// Sets [`l2`](Self::l2).
    #[must_use]
    pub fn with_l2(self, l2: f64) -> Self {
        Self { l2, ..self }
    }

    /// Sets [`tolerance`](Self::tolerance).
    #[must_use]
    pub fn with_tolerance(self, tolerance: f64) -> Self {
        Self { tolerance, ..self }
    }

    /// Sets [`max_iterations`](Self::max_iterations).
    #[must_use]
    pub fn with_max_iterations(self, max_iterations: usize) -> Self {
        Self { max_iterations, ..self }
    }

    pub(super) fn check(&self) -> Result<(), LinearError> {
        for (parameter, got) in [("l1", self.l1), ("l2", self.l2)] {
            if !(got.is_finite() && got >= 0.0) {
                let expected = "a finite number that is not negative";
                return Err(LinearError::Config { parameter, got, expected });
            }
        }
        if !(self.tolerance > 0.0 && self.tolerance < 1.0) {
            let expected = "a number between 0 and 1";
            let (parameter, got) = ("tolerance", self.tolerance);
            return Err(LinearError::Config { parameter, got, expected });
        }
        if self.max_iterations == 0 {
            let (parameter, got, expected) = ("max_iterations", 0.0, "at least 1");
            return Err(LinearError::Config { parameter, got, expected });
        }
        Ok(())
    }
}
