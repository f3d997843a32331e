#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod bayes;
pub mod error;
pub mod rule;
pub mod simulate;

pub use bayes::{Beta, Comparison, Counts};
pub use error::ExperimentError;
pub use rule::{Assessment, DecisionRule, LookSchedule, Verdict};
pub use simulate::{Calibration, Null, Rate, calibrated_threshold, false_accept_rate};
