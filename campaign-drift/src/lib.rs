#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod effect;
pub mod error;
#[cfg(feature = "serde")]
mod exact;
pub mod fdr;
pub mod ks;
pub mod monitor;
pub mod page_hinkley;
pub mod policy;
pub mod psi;

pub use error::DriftError;
pub use ks::{KsMethod, KsResult, ks_two_sample};
pub use monitor::{FeatureDrift, Monitor, Thresholds};
pub use page_hinkley::{Direction, PageHinkley, PageHinkleyConfig};
pub use policy::{RetrainConfig, RetrainDecision, RetrainPolicy, RetrainState, Why};
