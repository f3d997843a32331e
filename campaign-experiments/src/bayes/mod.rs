//! Bayesian comparison of conversion rates.
//!
//! | file | what it does |
//! |---|---|
//! | `quadrature` | kernel: Gauss-Legendre panels with running integrals |
//! | `beta` | kernel: the Beta distribution on the logit scale |
//! | `compare` | kernel: probability of being best and expected loss of K arms |
//! | `lift` | kernel: law of the relative lift |
//! | `posterior` | [`Beta`]: density, distribution, quantiles, intervals |
//! | `binomial` | [`Counts`], [`Comparison`], the two-arm functions |

mod beta;
mod binomial;
mod compare;
mod lift;
mod posterior;
mod quadrature;

pub(crate) use binomial::Comparer;
pub use binomial::{
    Comparison, Counts, expected_loss, lift_cdf, lift_quantile, probability_greater,
};
pub(crate) use posterior::between;
pub use posterior::{Beta, MAX_SHAPE, MIN_SHAPE};
