#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod audit;
pub mod channel;
pub mod creative;
pub mod engine;
pub mod feature;
pub mod fx;
mod hash;
pub mod holiday;
pub mod ingest;
pub mod label;
pub mod lineage;
mod lines;
pub mod reconcile;
pub mod store;
mod texts;
pub mod zone;
