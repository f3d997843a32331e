#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod gbdt;
pub mod schema;

pub use gbdt::{FitError, Gbdt, GbdtConfig, Loss};
pub use schema::SchemaError;
