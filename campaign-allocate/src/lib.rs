#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod bandit;
pub mod lp;
pub mod plan;
mod problem;
pub mod proportional;

pub use bandit::{BetaThompson, FrozenPolicy, Ucb1};
pub use lp::NestedLp;
pub use plan::{Cell, Channel, Plan, PlanError, PlanOutcome};
pub use proportional::Proportional;
