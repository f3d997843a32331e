//! Features, declared once: what is to be computed, in Rust or in TOML.

mod aggregate;
mod definition;
mod schema;

pub use aggregate::{Adstock, Aggregate, Filter, Saturation, Statistic};
pub use definition::{Arithmetic, Definition, Feature, FeatureSpec};
pub use schema::{AttributeSchema, MeasureSchema, Schema, SourceSchema};
