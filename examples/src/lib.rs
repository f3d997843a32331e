//! What the programs share: the market simulator, the report page, the loop's stages.
#![forbid(unsafe_code)]

#[cfg(feature = "ballista")]
pub mod cluster;
pub mod control;
pub mod cycle;
pub mod engines;
pub mod market;
pub mod program;
pub mod report;
pub mod train;

/// The code of the repository's README, run as a test.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct RepositoryReadme;
