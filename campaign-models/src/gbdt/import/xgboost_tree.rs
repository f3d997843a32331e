//! XGBoost's JSON: one tree.

use campaign_core::{Column, ColumnKind};
use serde::Deserialize;

use super::super::tree::{Leaf, Test, Tree};
use super::assemble::{Part, assemble};
use super::error::{ImportError, Place};
use super::single::below;

/// A tree as the file has it: an entry per node and leaf in every list of the first group.
#[derive(Deserialize)]
pub(super) struct FileTree {
    left_children: Vec<i32>,
    right_children: Vec<i32>,
    split_indices: Vec<u32>,
    /// Of nodes the threshold, of leaves the value.
    split_conditions: Vec<f32>,
    default_left: Vec<Flag>,
    loss_changes: Vec<f32>,
    sum_hessian: Vec<f32>,
    /// 1 for sets of levels; older files have none.
    #[serde(default)]
    split_type: Vec<u8>,

    /// The nodes that test sets of levels, where each set starts among `categories`, and its size.
    #[serde(default)]
    categories_nodes: Vec<usize>,
    #[serde(default)]
    categories_segments: Vec<usize>,
    #[serde(default)]
    categories_sizes: Vec<usize>,
    #[serde(default)]
    categories: Vec<u32>,

    #[serde(default)]
    tree_param: Option<TreeParameters>,
}

#[derive(Deserialize)]
struct TreeParameters {
    size_leaf_vector: String,
}

/// Older files have true and false, newer ones 1 and 0.
#[derive(Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Flag {
    Bool(bool),
    Number(u8),
}

impl FileTree {
    /// The tree, its leaves' values multiplied by `weight`.
    pub(super) fn read(
        self,
        index: usize,
        weight: f64,
        columns: &[Column],
    ) -> Result<Tree, ImportError> {
        let place = Place::Tree(index);
        if let Some(parameters) = &self.tree_param
            && !["0", "1"].contains(&parameters.size_leaf_vector.as_str())
        {
            return Err(ImportError::Unsupported {
                what: "the size of leaves",
                got: parameters.size_leaf_vector.chars().take(40).collect(),
                expected: "1",
            });
        }
        let n = self.left_children.len();
        let split_type = if self.split_type.is_empty() { n } else { self.split_type.len() };
        for (key, got) in [
            ("right_children", self.right_children.len()),
            ("split_indices", self.split_indices.len()),
            ("split_conditions", self.split_conditions.len()),
            ("default_left", self.default_left.len()),
            ("loss_changes", self.loss_changes.len()),
            ("sum_hessian", self.sum_hessian.len()),
            ("split_type", split_type),
        ] {
            if got != n {
                return Err(ImportError::Length { place, key, got, expected: n });
            }
        }
        let broken = |problem| ImportError::Tree { tree: index, problem };
        let sets = self.right_sets(n).map_err(broken)?;
        let mut parts = Vec::with_capacity(n);
        for (at, set) in sets.into_iter().enumerate() {
            parts.push(self.part(at, set, weight, columns).map_err(broken)?);
        }
        assemble(parts).map_err(broken)
    }

    /// For each node that tests levels, those that go right.
    fn right_sets(&self, n: usize) -> Result<Vec<Option<Vec<u32>>>, &'static str> {
        let missing = "a set of levels does not exist";
        if self.categories_segments.len() != self.categories_nodes.len()
            || self.categories_sizes.len() != self.categories_nodes.len()
        {
            return Err("the lists of sets of levels differ in length");
        }
        let mut sets = vec![None; n];
        let bounds = self.categories_segments.iter().zip(&self.categories_sizes);
        for (node, (&start, &size)) in self.categories_nodes.iter().zip(bounds) {
            let end = start.checked_add(size).ok_or(missing)?;
            let mut set = self.categories.get(start..end).ok_or(missing)?.to_vec();
            set.sort_unstable();
            *sets.get_mut(*node).ok_or("a node does not exist")? = Some(set);
        }
        Ok(sets)
    }

    fn part(
        &self,
        at: usize,
        right_set: Option<Vec<u32>>,
        weight: f64,
        columns: &[Column],
    ) -> Result<Part, &'static str> {
        let condition = self.split_conditions[at];
        let Ok(left) = usize::try_from(self.left_children[at]) else {
            let value = f64::from(condition) * weight;
            let cover = f64::from(self.sum_hessian[at]);
            // The file does not say how many rows.
            return Ok(Part::Leaf(Leaf { value, cover, rows: 0 }));
        };
        let right =
            usize::try_from(self.right_children[at]).map_err(|_| "a child does not exist")?;
        let feature = self.split_indices[at];
        let kind = &columns.get(feature as usize).ok_or("a feature does not exist")?.kind;
        let test = match (kind, self.split_type.get(at).copied().unwrap_or(0), right_set) {
            (ColumnKind::Numeric, 0, None) => {
                if !condition.is_finite() {
                    return Err("a threshold is not a finite number");
                }
                Test::Threshold(below(condition))
            }
            (ColumnKind::Categorical { levels }, 1, Some(right)) => {
                let n = u32::try_from(levels.len()).unwrap_or(u32::MAX);
                if right.last().is_some_and(|last| *last >= n) {
                    return Err("a level does not exist");
                }
                Test::Levels((0..n).filter(|level| right.binary_search(level).is_err()).collect())
            }
            _ => return Err("a test does not fit its column's kind"),
        };
        let missing_left = match self.default_left[at] {
            Flag::Bool(left) => left,
            Flag::Number(left) => left != 0,
        };
        let gain = f64::from(self.loss_changes[at]);
        Ok(Part::Split { feature, test, missing_left, left, right, gain })
    }
}
