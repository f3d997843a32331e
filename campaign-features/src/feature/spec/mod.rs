//! Features, declared once: what is to be computed, in Rust or in TOML.

mod aggregate;
mod definition;
mod schema;

pub use super::transform::adstock::Adstock;
pub use super::transform::saturation::Saturation;
pub use aggregate::{Aggregate, Filter, Statistic};
pub use definition::{Arithmetic, Definition, Feature, FeatureSpec};
pub use schema::{AttributeSchema, MeasureSchema, Schema, SourceSchema};
