//! `linfa::traits::Fit` for this crate's configurations.

use std::convert::Infallible;

use ::linfa::DatasetBase;
use ::linfa::dataset::AsSingleTargets;
use ::linfa::traits::Fit;
use campaign_core::ndarray::{ArrayBase, Data, Ix2};
use campaign_core::rand::{Rng, TryRng};

use super::dataset::{Number, dataset};
use super::error::LinfaError;
use crate::gbdt::{Gbdt, GbdtConfig};
use crate::linear::{LinearConfig, LinearModel};

/// The generator of a fit that draws nothing.
struct Nothing;

impl TryRng for Nothing {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(0)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(0);
        Ok(())
    }
}

/// The parameter that asks for random numbers, if one does.
fn samples(config: &GbdtConfig) -> Option<&'static str> {
    if config.row_sample < 1.0 {
        Some("row_sample")
    } else if config.column_sample < 1.0 {
        Some("column_sample")
    } else {
        config.goss.is_some().then_some("goss")
    }
}

/// Records are numeric columns, NaN is missing. There are no validation data, so no early stopping.
///
/// # Errors
/// [`LinfaError::NoGenerator`] if rows or columns are sampled, [`LinfaError::Dataset`] for records or
/// targets that are infinite, and as [`GbdtConfig::fit`].
impl<D, T> Fit<ArrayBase<D, Ix2>, T, LinfaError> for GbdtConfig
where
    D: Data<Elem = f64>,
    T: AsSingleTargets,
    T::Elem: Number,
{
    type Object = Gbdt;

    fn fit(&self, data: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Gbdt, LinfaError> {
        if let Some(parameter) = samples(self) {
            return Err(LinfaError::NoGenerator(parameter));
        }
        Ok(GbdtConfig::fit(self, &dataset(data)?, None, &mut Nothing)?)
    }
}

/// A configuration with a generator, as linfa's own parameters have one: every fit starts from a clone
/// of it.
///
/// # Examples
/// ```
/// use campaign_models::linfa::Seeded;
/// use campaign_models::{GbdtConfig, Objective};
/// use linfa::{DatasetBase, traits::Fit};
/// use ndarray::{Array1, Array2};
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
///
/// let x = Array2::from_shape_fn((200, 1), |(row, _)| row as f64);
/// let data = DatasetBase::new(x, Array1::from_shape_fn(200, |row| row > 90));
/// let config = GbdtConfig::new(Objective::Logistic).with_row_sample(0.8);
/// assert!(Fit::fit(&config, &data).is_err());
/// let model = Seeded::new(config, Xoshiro256PlusPlus::seed_from_u64(1)).fit(&data)?;
/// assert!(model.predict_row(&[150.0]).is_ok_and(|p| p > 0.9));
/// # Ok::<(), campaign_models::linfa::LinfaError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Seeded<R> {
    config: GbdtConfig,
    rng: R,
}

impl<R> Seeded<R> {
    /// Both together.
    #[must_use]
    pub fn new(config: GbdtConfig, rng: R) -> Self {
        Self { config, rng }
    }
}

impl<R, D, T> Fit<ArrayBase<D, Ix2>, T, LinfaError> for Seeded<R>
where
    R: Rng + Clone,
    D: Data<Elem = f64>,
    T: AsSingleTargets,
    T::Elem: Number,
{
    type Object = Gbdt;

    fn fit(&self, data: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Gbdt, LinfaError> {
        Ok(self.config.fit(&dataset(data)?, None, &mut self.rng.clone())?)
    }
}

/// Records are numeric columns, NaN is missing.
///
/// # Errors
/// [`LinfaError::Dataset`] for records or targets that are infinite, and as [`LinearConfig::fit`].
impl<D, T> Fit<ArrayBase<D, Ix2>, T, LinfaError> for LinearConfig
where
    D: Data<Elem = f64>,
    T: AsSingleTargets,
    T::Elem: Number,
{
    type Object = LinearModel;

    fn fit(&self, data: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<LinearModel, LinfaError> {
        Ok(LinearConfig::fit(self, &dataset(data)?)?)
    }
}
