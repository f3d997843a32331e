//! Save and load as JSON.
//!
//! ```json
//! {
//!   "format": "campaign-gbdt",
//!   "version": 2,
//!   "sha256": "hex of the SHA-256 of the payload, written without spaces in the order below",
//!   "payload": {
//!     "loss": {"name": "logistic", "parameters": [], "link": "logit"},
//!     "base_score": -2.2,
//!     "columns": [{"name": "spend_7d", "kind": "numeric"}],
//!     "trees": [{"nodes": [], "leaves": [{"value": 0.1, "cover": 12.0, "rows": 40}]}]
//!   }
//! }
//! ```
//!
//! A model that refuses levels it has not seen has `"seen_levels"` after the trees: for each categorical
//! column, by position, which levels were seen. A child is a node's index, or -1 minus a leaf's index.
//! Numbers are written so that reading gives back the same bits. The checksum guards against damage, not against intent: who can change the
//! payload can change the checksum too.

use std::sync::Arc;

use campaign_core::{Column, ColumnKind};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::loss::FittedLoss;
use super::model::Gbdt;
use super::tree::{Test, Tree};
use super::unseen::SeenLevels;
use crate::saved::{self, SavedError};

const FORMAT: &str = "campaign-gbdt";

/// Version of the saved form that this crate writes and reads.
pub const FORMAT_VERSION: u32 = 2;

/// Why a saved model cannot be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// Not a saved model of this kind and version, or damaged.
    #[error(transparent)]
    Saved(#[from] SavedError),
    /// Two columns have one name.
    #[error("two columns are called {0:?}")]
    DuplicateColumn(Arc<str>),
    /// A number that is NaN or infinite.
    #[error("{0} is not a finite number")]
    NonFinite(&'static str),
    /// The list of levels that the model has seen is of other columns.
    #[error("the seen levels are not those of the columns")]
    SeenLevels,
    /// A tree that is none.
    #[error("tree {tree}: {problem}")]
    Tree {
        /// Which tree, from 0.
        tree: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    loss: FittedLoss,
    base_score: f64,
    columns: Vec<Column>,
    trees: Vec<Tree>,
    /// Where the model refuses levels that it has not seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen_levels: Option<SeenLevels>,
}

impl Gbdt {
    /// Writes the model as JSON.
    ///
    /// # Errors
    /// None is known to occur; the serialiser's are passed on.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let payload = Payload {
            loss: self.loss().clone(),
            base_score: self.base_score(),
            columns: self.columns().to_vec(),
            trees: self.trees().to_vec(),
            seen_levels: self.seen_levels().cloned(),
        };
        saved::write(FORMAT, FORMAT_VERSION, &payload)
    }

    /// Reads a model that [`to_json`](Self::to_json) wrote; spaces and line breaks may differ.
    ///
    /// The result predicts the same bits.
    ///
    /// # Errors
    /// [`LoadError`] for text that is not a saved model, another version, a payload that does not
    /// match its checksum, and trees that are not trees over the columns.
    ///
    /// # Examples
    /// ```
    /// use campaign_models::Gbdt;
    /// let error = Gbdt::from_json(r#"{"format":"campaign-gbdt","version":9}"#).unwrap_err();
    /// assert_eq!(error.to_string(), "format version is 9, expected 2");
    /// ```
    pub fn from_json(json: &str) -> Result<Self, LoadError> {
        let payload: Payload = saved::read(FORMAT, FORMAT_VERSION, json)?;
        check_payload(&payload)?;
        let Payload { loss, base_score, columns, trees, seen_levels } = payload;
        Ok(Self::from_parts(loss, base_score, columns, trees).with_seen_levels(seen_levels))
    }
}

fn check_payload(payload: &Payload) -> Result<(), LoadError> {
    if !payload.base_score.is_finite() {
        return Err(LoadError::NonFinite("base_score"));
    }
    let mut names: Vec<_> = payload.columns.iter().map(|column| &column.name).collect();
    names.sort_unstable();
    if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(LoadError::DuplicateColumn(Arc::clone(pair[0])));
    }
    if payload.seen_levels.as_ref().is_some_and(|seen| !seen.fits(&payload.columns)) {
        return Err(LoadError::SeenLevels);
    }
    let total: usize = payload.trees.iter().map(|tree| tree.leaves.len()).sum();
    if total > i32::MAX as usize {
        return Err(LoadError::Tree {
            tree: 0,
            problem: "more leaves in all than can be numbered",
        });
    }
    for (index, tree) in payload.trees.iter().enumerate() {
        check_tree(tree, &payload.columns)
            .map_err(|problem| LoadError::Tree { tree: index, problem })?;
    }
    Ok(())
}

fn check_tree(tree: &Tree, columns: &[Column]) -> Result<(), &'static str> {
    if tree.leaves.len() != tree.nodes.len() + 1 {
        return Err("there is not one leaf more than nodes");
    }
    // Every node but the root, and every leaf where there is a node, has exactly one parent, and a
    // node's children come after it: that is a tree, and every walk ends.
    let mut node_seen = vec![false; tree.nodes.len()];
    let mut leaf_seen = vec![false; tree.leaves.len()];
    for (at, node) in tree.nodes.iter().enumerate() {
        for child in [node.left, node.right] {
            let seen = match child.index() {
                Ok(index) if index <= at => return Err("a node leads back"),
                Ok(index) => node_seen.get_mut(index),
                Err(index) => leaf_seen.get_mut(index),
            };
            match seen {
                None => return Err("a child does not exist"),
                Some(true) => return Err("a child has two parents"),
                Some(seen) => *seen = true,
            }
        }
        let column = columns.get(node.feature as usize).ok_or("a feature does not exist")?;
        check_test(&node.test, &column.kind)?;
        if !(node.gain.is_finite() && node.cover.is_finite()) {
            return Err("a gain or cover is not a finite number");
        }
    }
    if tree.leaves.iter().any(|leaf| !(leaf.value.is_finite() && leaf.cover.is_finite())) {
        return Err("a leaf's value or cover is not a finite number");
    }
    Ok(())
}

fn check_test(test: &Test, kind: &ColumnKind) -> Result<(), &'static str> {
    match (test, kind) {
        (Test::Threshold(t) | Test::NonZero(t), ColumnKind::Numeric) if t.is_finite() => Ok(()),
        (Test::Threshold(_) | Test::NonZero(_), ColumnKind::Numeric) => {
            Err("a threshold is not a finite number")
        }
        (Test::Levels(set), ColumnKind::Categorical { levels }) => {
            if !set.windows(2).all(|pair| pair[0] < pair[1]) {
                return Err("a set of levels is not ascending");
            }
            match set.last() {
                Some(&last) if last as usize >= levels.len() => Err("a level does not exist"),
                _ => Ok(()),
            }
        }
        _ => Err("a test does not fit its column's kind"),
    }
}
