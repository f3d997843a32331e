//! What the programs share: the market simulator, the report page, the loop's stages.
#![forbid(unsafe_code)]

pub mod market;
pub mod report;
