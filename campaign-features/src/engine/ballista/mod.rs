//! The plan on a Ballista cluster.
//!
//! The client plans as the [DataFusion engine](crate::engine::datafusion) does and submits, per entity
//! kind, the part that scans, shuffles, sorts and replays; what comes back is joined here. Results
//! are those of the local engine to the bit.
//!
//! # A cluster
//! The operator has to be known to the scheduler and every executor, so that a cluster runs binaries
//! built with this crate. Ten lines each:
//!
//! ```no_run
//! use campaign_features::engine::ballista::{Executor, Scheduler};
//! // scheduler
//! Scheduler::new("0.0.0.0:50050".parse()?, "scheduler.internal").run()?;
//! // executor
//! Executor::new(("scheduler.internal", 50050), "executor-1.internal", (50051, 50052))
//!     .with_work_dir("/scratch/ballista")
//!     .with_memory_limit(24 << 30)
//!     .run()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! and the client:
//!
//! ```no_run
//! # use campaign_features::engine::datafusion::{DataFusionEngine, ParquetInput};
//! # use campaign_features::feature::spec::FeatureSpec;
//! use campaign_features::engine::ballista::BallistaEngine;
//! # let spec = FeatureSpec::default();
//! let input = ParquetInput::new(["/shared/requests/"]).with_source("ads", ["/shared/ads/"]);
//! let schema = DataFusionEngine::new().schema(&input)?;
//! let engine = BallistaEngine::new("http://scheduler.internal:50050")
//!     .with_partitions(64)
//!     .with_deadline(std::time::Duration::from_secs(1800));
//! engine.write(&spec, &schema, &input, "features.parquet".as_ref())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! All executors and the client have to see the input under the same paths: a shared file system.
//! Client, scheduler and executors have to be builds of one version of this crate.
//!
//! # What is checked, and why
//! Ballista 55 is not safe when an executor dies in the middle of a job: with its adaptive planner
//! the job hangs (issue 1986 there), and without it the job was seen to end successfully with rows
//! lost or repeated. So:
//!
//! - The adaptive planner is off.
//! - Before a job this process scans the input itself and counts, per 256 hash buckets of the
//!   entities, events, requests, the exact sum of every measure, and a digest of all rows. The operator
//!   counts what reaches it in the same way, and the counts come back with the values.
//!   [`EngineError::Unbalanced`](crate::engine::EngineError::Unbalanced) is what a difference is
//!   called; so are results that are not one per request.
//! - A job that fails or does not balance is begun anew, from scratch, as often as
//!   [`with_attempts`](BallistaEngine::with_attempts) allows; then there is an error.
//! - There is a [deadline](BallistaEngine::with_deadline) for everything. A job that is given up, then or
//!   because it failed, is cancelled on the cluster.
//!
//! A job is therefore right, or an error. It costs one scan of the used columns here.

mod balance;
mod client;
mod codec;
mod job;
mod process;

pub use client::BallistaEngine;
pub use process::{Executor, Scheduler};
