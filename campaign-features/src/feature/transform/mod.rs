//! Pure functions from series, days, texts and levels to features.
//!
//! Nothing here knows of sources, entities or engines: a kernel reads slices and writes slices, and a
//! fitted table is a plain value. What a fitted table may have seen is the caller's choice and is
//! stated with each of them.

pub mod adstock;
pub mod calendar;
pub mod cap;
pub mod creative;
pub mod cross;
pub mod delay;
pub mod demographic;
pub mod encoding;
mod error;
pub mod fourier;
pub mod saturation;
pub mod smoothing;

pub use error::TransformError;
