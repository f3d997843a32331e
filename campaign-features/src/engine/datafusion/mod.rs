//! The plan over Parquet files larger than memory.
//!
//! DataFusion scans the files. Where the memory allowed holds all rows, the
//! [local engine](crate::engine::local) does the rest. Where it holds an eighth of them or more, the
//! same is done for one range of entities after the other: DataFusion scans for each, and skips what
//! the files say has none of it. Where it holds less, or requests do not stand by ascending `request`,
//! DataFusion splits rows into parts by a hash of the entity, sorts each part by entity, spilling,
//! and joins what was read of each entity kind to the requests. In between stands one operator of ours,
//! which hands the rows of one entity after the other to [`replay`](crate::feature::plan::replay): the
//! function that the local engine calls, so that results are equal to the bit. Nothing is computed by
//! SQL.
//!
//! The columns of the files are those of [`crate::engine::arrow`].
//!
//! # What is read
//! Only sources and measures that the plan uses, and no row that became known after the last cutoff.
//! A row of a later day than any request's is read: it may take the place of an earlier version. Two
//! versions of one instant that differ in no measure that is used are one.
//!
//! # Examples
//! ```
//! use campaign_features::engine::arrow::{request_batches, source_batches, write_parquet};
//! use campaign_features::engine::datafusion::{DataFusionEngine, ParquetInput};
//! use campaign_features::feature::source::{Row, SourcesBuilder, Unit};
//! use campaign_features::feature::spec::FeatureSpec;
//!
//! let mut builder = SourcesBuilder::new(["ad"])?;
//! let ads = builder.source("ads", &["ad"], &[("clicks", Unit::Count)], &[])?;
//! for (day, clicks) in [(20_000, 3), (20_001, 4)] {
//!     ads.push(&Row {
//!         keys: &[Some("42")],
//!         day,
//!         known_at: i64::from(day + 1) * 86_400_000_000,
//!         fact: None,
//!         measures: &[Some(clicks)],
//!         attributes: &[],
//!     })?;
//! }
//! let sources = builder.finish()?;
//! let mut requests = sources.requests();
//! requests.push(&[sources.key(0, "42")], 20_003, 20_003 * 86_400_000_000)?;
//!
//! let dir = std::env::temp_dir().join(format!("campaign-doc-{}", std::process::id()));
//! std::fs::create_dir_all(&dir)?;
//! let file = |name: &str| dir.join(name);
//! write_parquet(&file("ads.parquet"), source_batches(&sources, &sources.sources[0], 65_536)?)?;
//! write_parquet(&file("asked.parquet"), request_batches(&sources, &requests, 65_536)?)?;
//!
//! let input = ParquetInput::new([file("asked.parquet").to_string_lossy()])
//!     .with_source("ads", [file("ads.parquet").to_string_lossy()]);
//! let spec = FeatureSpec::from_toml(r#"
//!     [[features]]
//!     name = "clicks_7d"
//!     kind = "aggregate"
//!     entity = "ad"
//!     source = "ads"
//!     statistic = "sum"
//!     measure = "clicks"
//!     window = "7d"
//! "#)?;
//! let engine = DataFusionEngine::new().with_memory_limit(256 << 20);
//! let schema = engine.schema(&input)?;
//! let table = engine.run(&spec, &schema, &input)?;
//! assert_eq!(table.column("clicks_7d"), Some(vec![7.0]));
//! assert_eq!(engine.write(&spec, &schema, &input, &file("features.parquet"))?, 1);
//! # std::fs::remove_dir_all(&dir)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod asked;
mod batches;
mod codes;
mod group;
#[cfg_attr(not(feature = "ballista"), allow(dead_code, reason = "counts are for a cluster"))]
mod ledger;
mod memory;
mod operator;
pub(crate) mod output;
mod part;
mod program;
mod rows;
mod run;
mod schema;
mod spool;
pub(crate) mod tables;
pub(crate) mod together;
mod turns;

pub use run::DataFusionEngine;
pub use tables::ParquetInput;
#[cfg(feature = "ballista")]
pub(crate) use {
    group::Columns,
    ledger::Ledger,
    operator::ReplayExec,
    program::{Program, compile},
    run::{failed, on_threads},
    spool::Spool,
};
