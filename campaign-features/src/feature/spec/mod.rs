//! Features, declared once: what is to be computed, in Rust or in TOML.

mod aggregate;
mod columns;
mod definition;
mod feature;
mod fit;
mod learned;
mod schema;
mod standard;

pub use super::transform::adstock::Adstock;
pub use super::transform::saturation::Saturation;
pub use aggregate::{Aggregate, Filter, Statistic};
pub use columns::FeatureSpec;
pub use definition::{Arithmetic, Definition, Guess};
pub use feature::Feature;
pub use fit::{Fitted, Outcomes};
pub use learned::{
    EncodedLevels, LevelBound, LevelEncoding, LevelSmoothing, OTHER_LEVEL, TrainingView,
};
pub use schema::{AttributeSchema, MeasureSchema, Schema, SourceSchema};
