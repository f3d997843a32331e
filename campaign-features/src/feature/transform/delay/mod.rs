//! How much of a day's value is known how soon, learned from the versions of the past.

mod curve;
mod fit;

pub use curve::{DelayCurve, DelayError, Share};
pub use fit::{DelayFit, Version};

#[cfg(test)]
mod tests;
