//! What names a spec may use.

use std::sync::Arc;

use super::super::source::{Sources, Unit};

/// The entity kinds and sources there are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Schema {
    /// Entity kinds, in the order of the key columns.
    pub kinds: Vec<Arc<str>>,
    /// Sources, in the order in which engines hand them over.
    pub sources: Vec<SourceSchema>,
}

/// What a source tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SourceSchema {
    /// Its name.
    pub name: Arc<str>,
    /// The entity kinds its rows name.
    pub kinds: Vec<Arc<str>>,
    /// Its measures, in the order of the columns.
    pub measures: Vec<MeasureSchema>,
    /// Its attributes, in the order of the columns.
    pub attributes: Vec<AttributeSchema>,
}

/// A measure.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MeasureSchema {
    /// Its name.
    pub name: Arc<str>,
    /// What its integers mean.
    pub unit: Unit,
}

/// An attribute.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AttributeSchema {
    /// Its name.
    pub name: Arc<str>,
    /// The names of its codes.
    pub vocabulary: Vec<Arc<str>>,
    /// Whether it is personal: read for a stated purpose only.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "core::ops::Not::not"))]
    pub sensitive: bool,
}

impl Sources {
    /// The names that a spec may use on these sources.
    #[must_use]
    pub fn schema(&self) -> Schema {
        let sources = self.sources.iter().map(|source| SourceSchema {
            name: Arc::clone(&source.name),
            kinds: (self.kinds.iter().zip(&source.keys))
                .filter(|(_, keys)| !keys.is_empty() || source.is_empty())
                .map(|(kind, _)| Arc::clone(kind))
                .collect(),
            measures: source
                .measure_names
                .iter()
                .map(|m| MeasureSchema { name: Arc::clone(&m.name), unit: m.unit })
                .collect(),
            attributes: source
                .attribute_names
                .iter()
                .zip(&source.vocabularies)
                .map(|(name, vocabulary)| AttributeSchema {
                    name: Arc::clone(name),
                    vocabulary: vocabulary.clone(),
                    sensitive: source.is_sensitive(name),
                })
                .collect(),
        });
        Schema { kinds: self.kinds.clone(), sources: sources.collect() }
    }
}
