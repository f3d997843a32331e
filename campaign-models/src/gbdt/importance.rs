//! Which columns the trees used.

use std::sync::Arc;

use super::model::Gbdt;

/// How much a model relied on one column.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct FeatureImportance {
    /// The column's name.
    pub name: Arc<str>,
    /// Sum of the gains of its splits.
    pub gain: f64,
    /// Sum of the hessians of the nodes it splits (for squared loss: their weighted rows).
    pub cover: f64,
    /// How many splits it has.
    pub splits: usize,
}

impl Gbdt {
    /// The importance of every column, largest gain first, then by name.
    ///
    /// Gains are measured on the training data: a column with many distinct values can gain by
    /// chance. They say what the model used, not what matters.
    #[must_use]
    pub fn importance(&self) -> Vec<FeatureImportance> {
        let start = |name: &Arc<str>| FeatureImportance {
            name: Arc::clone(name),
            gain: 0.0,
            cover: 0.0,
            splits: 0,
        };
        let mut all: Vec<_> = self.columns().iter().map(|column| start(&column.name)).collect();
        for node in self.trees().iter().flat_map(|tree| &tree.nodes) {
            if let Some(feature) = all.get_mut(node.feature as usize) {
                feature.gain += node.gain;
                feature.cover += node.cover;
                feature.splits += 1;
            }
        }
        all.sort_by(|a, b| b.gain.total_cmp(&a.gain).then_with(|| a.name.cmp(&b.name)));
        all
    }
}
