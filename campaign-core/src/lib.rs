#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod allocator;
pub mod bandit;
pub mod consent;
pub mod curve;
pub mod dataset;
#[cfg(feature = "serde")]
pub mod decision;
pub mod digest;
pub mod distribution;
pub mod drift;
pub mod error;
pub mod ids;
pub mod lift;
pub mod model;
pub mod money;
pub mod record;
pub mod sensitive;
pub mod time;

pub use allocator::{Allocator, Budget, Constraint, Groups, Outcome, Problem, Response, Status};
pub use bandit::{Arm, Bandit, Choice, Context, Feedback, Merge, MergeError, Scratch};
pub use consent::{Consent, ConsentLedger, Purpose};
pub use curve::Curve;
pub use dataset::{Column, ColumnKind, Dataset};
#[cfg(feature = "serde")]
pub use decision::{Decision, DecisionLog, Reason};
pub use distribution::PredictiveDistribution;
pub use drift::{DriftReport, DriftState, DriftTest};
pub use error::{Error, Result};
pub use ids::{
    AccountId, AdGroupId, AdId, AudienceId, BrandId, CampaignId, ChannelId, CreativeId, Names,
    SourceId,
};
pub use lift::LiftTest;
pub use model::Model;
pub use money::{Currency, Micros, Money};
pub use record::Record;
pub use sensitive::Sensitive;

/// The array crate of every public signature, re-exported so that callers use the same version.
pub use ndarray;
/// The random-number traits of every public signature, re-exported likewise.
pub use rand;
