//! Why a test cannot be evaluated.

use thiserror::Error;

/// Why counts, a prior or a rule are refused.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
#[non_exhaustive]
pub enum ExperimentError {
    /// A count that is negative, NaN or infinite.
    #[error("{what} is {value}, expected a finite number of at least 0")]
    Count {
        /// Which count.
        what: &'static str,
        /// Its value.
        value: f64,
    },
    /// More conversions than trials.
    #[error("{conversions} conversions in {trials} trials")]
    Conversions {
        /// Conversions.
        conversions: f64,
        /// Trials.
        trials: f64,
    },
    /// A Beta shape outside what the quadrature is tested for.
    #[error("Beta shape {what} is {value}, expected {low:e}..={high:e}")]
    Shape {
        /// Which shape.
        what: &'static str,
        /// Its value.
        value: f64,
        /// Smallest shape.
        low: f64,
        /// Largest shape.
        high: f64,
    },
    /// A number that must lie strictly between two others.
    #[error("{what} is {value}, expected a number between {low} and {high}")]
    Between {
        /// Which number.
        what: &'static str,
        /// Its value.
        value: f64,
        /// It must be larger than this.
        low: f64,
        /// And smaller than this.
        high: f64,
    },
    /// Too few arms.
    #[error("{got} arms, expected at least {expected}")]
    Arms {
        /// How many there are.
        got: usize,
        /// How many are needed.
        expected: usize,
    },
    /// An arm that does not exist.
    #[error("arm {arm} does not exist, the test has {n_arms}")]
    UnknownArm {
        /// The index asked for.
        arm: usize,
        /// How many arms there are.
        n_arms: usize,
    },
    /// A look that is not in the schedule.
    #[error("look {look} is not in the schedule of {looks} looks (the first is look 1)")]
    Look {
        /// The look asked for.
        look: u32,
        /// How many there are.
        looks: u32,
    },
    /// A number that must be at least 1 is 0.
    #[error("{0} is 0")]
    Zero(&'static str),
    /// The density has two modes, so its highest-density region is no interval.
    #[error(
        "the density of Beta({a}, {b}) has two modes: its highest-density region is no interval"
    )]
    TwoModes {
        /// First shape.
        a: f64,
        /// Second shape.
        b: f64,
    },
    /// Too few simulations to bound a rate by `alpha`.
    #[error("{n_sims} simulations cannot bound a rate of {alpha}, at least {needed} are needed")]
    TooFewSimulations {
        /// How many were asked for.
        n_sims: u32,
        /// The rate to bound.
        alpha: f64,
        /// How many are needed at least.
        needed: u32,
    },
}
