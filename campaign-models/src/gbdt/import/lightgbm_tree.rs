//! LightGBM's text file: one tree.

use std::str::FromStr;

use super::super::tree::{Leaf, Test, Tree};
use super::assemble::{Part, assemble};
use super::columns::{FileColumn, MOST_LEVELS};
use super::error::{ImportError, Place};
use super::lightgbm::{Section, fit_levels};

/// Bits of `decision_type`.
const CATEGORICAL: u8 = 1;
const DEFAULT_LEFT: u8 = 2;

/// Two further bits: which values are missing.
#[derive(Clone, Copy)]
enum Missing {
    /// None: NaN is read as 0.
    None,
    /// NaN and 0.
    Zero,
    /// NaN.
    Nan,
}

impl Missing {
    fn of(decision: u8) -> Option<Self> {
        match decision >> 2 & 3 {
            0 => Some(Self::None),
            1 => Some(Self::Zero),
            2 => Some(Self::Nan),
            _ => None,
        }
    }
}

/// Numbers parted by spaces, as many as expected.
fn list<T: FromStr>(
    section: &Section<'_>,
    key: &'static str,
    expected: usize,
) -> Result<Vec<T>, ImportError> {
    let text = section.get(key)?;
    let read = |word: &str| word.parse().map_err(|_| section.wrong(key, word, "a number"));
    let numbers = text.split_ascii_whitespace().map(read).collect::<Result<Vec<T>, _>>()?;
    if numbers.len() == expected {
        Ok(numbers)
    } else {
        Err(ImportError::Length { place: section.place, key, got: numbers.len(), expected })
    }
}

/// Reads a tree and makes room in `columns` for the levels it tests.
pub(super) fn read(section: &Section<'_>, columns: &mut [FileColumn]) -> Result<Tree, ImportError> {
    let Place::Tree(index) = section.place else {
        return Err(ImportError::Missing { place: section.place, key: "Tree" });
    };
    let broken = |problem| ImportError::Tree { tree: index, problem };
    if section.find("is_linear").is_some_and(|is| is != "0") {
        return Err(ImportError::Unsupported {
            what: "is_linear of a tree",
            got: "1".to_owned(),
            expected: "constant leaves",
        });
    }
    let n_leaves: usize = section.number("num_leaves")?;
    if n_leaves == 0 {
        return Err(section.wrong("num_leaves", "0", "at least 1"));
    }
    let values: Vec<f64> = list(section, "leaf_value", n_leaves)?;
    // A tree without a split may lack the others.
    let n_nodes = n_leaves - 1;
    let optional = |key| match section.find(key) {
        None | Some("") if n_nodes == 0 => Ok(vec![0.0; n_leaves]),
        _ => list::<f64>(section, key, n_leaves),
    };
    let (weights, counts) = (optional("leaf_weight")?, optional("leaf_count")?);
    let mut parts = Vec::with_capacity(n_nodes.saturating_add(n_leaves).min(1 << 20));
    if n_nodes > 0 {
        let features: Vec<u32> = list(section, "split_feature", n_nodes)?;
        let gains: Vec<f64> = list(section, "split_gain", n_nodes)?;
        let thresholds: Vec<f64> = list(section, "threshold", n_nodes)?;
        let decisions: Vec<u8> = list(section, "decision_type", n_nodes)?;
        let left: Vec<i32> = list(section, "left_child", n_nodes)?;
        let right: Vec<i32> = list(section, "right_child", n_nodes)?;
        let sets = level_sets(section)?;
        // Leaves stand after the nodes.
        let part = |child: i32| {
            usize::try_from(child).unwrap_or_else(|_| n_nodes.saturating_add(!child as usize))
        };
        for at in 0..n_nodes {
            let (decision, threshold) = (decisions[at], thresholds[at]);
            let column = columns
                .get_mut(features[at] as usize)
                .ok_or_else(|| broken("a feature does not exist"))?;
            let missing = Missing::of(decision)
                .ok_or_else(|| broken("a decision type does not say which values are missing"))?;
            let default_left = decision & DEFAULT_LEFT != 0;
            let (test, missing_left) = match missing {
                // Whatever is not in the set goes right.
                _ if decision & CATEGORICAL != 0 => {
                    let set = if threshold >= 0.0 { sets.get(threshold as usize) } else { None };
                    let set = set.ok_or_else(|| broken("a set of levels does not exist"))?;
                    (Test::Levels(set.clone()), false)
                }
                Missing::None => (Test::Threshold(threshold), 0.0 <= threshold),
                Missing::Zero => (Test::NonZero(threshold), default_left),
                Missing::Nan => (Test::Threshold(threshold), default_left),
            };
            fit_levels(column, &test).map_err(broken)?;
            // The gain of a split that was forced may be infinite, below zero.
            let gain = if gains[at].is_finite() { gains[at] } else { 0.0 };
            let (left, right) = (part(left[at]), part(right[at]));
            let feature = features[at];
            parts.push(Part::Split { feature, test, missing_left, left, right, gain });
        }
    }
    // Where a file has no sums of hessians, rows stand in for them.
    let weighed = weights.iter().any(|weight| *weight > 0.0);
    for ((value, weight), count) in values.into_iter().zip(weights).zip(counts) {
        let cover = if weighed { weight } else { count };
        parts.push(Part::Leaf(Leaf { value, cover, rows: count as u32 }));
    }
    let tree = assemble(parts).map_err(broken)?;
    if tree.leaves.len() == n_leaves { Ok(tree) } else { Err(broken("a leaf has no parent")) }
}

/// The sets of levels that go left, in the order of `cat_boundaries`.
fn level_sets(section: &Section<'_>) -> Result<Vec<Vec<u32>>, ImportError> {
    let n_sets: usize = section.number("num_cat")?;
    if n_sets == 0 {
        return Ok(Vec::new());
    }
    let bounds: Vec<usize> = list(section, "cat_boundaries", n_sets.saturating_add(1))?;
    let n_words = bounds.last().copied().unwrap_or_default();
    let words: Vec<u32> = list(section, "cat_threshold", n_words)?;
    let key = "cat_boundaries";
    let set = |bounds: &[usize]| {
        let words = words
            .get(bounds[0]..bounds[1])
            .ok_or_else(|| section.wrong(key, &bounds[0].to_string(), "ascending bounds"))?;
        if words.len() > MOST_LEVELS as usize / 32 {
            return Err(section.wrong(key, &words.len().to_string(), "at most 32768 words a set"));
        }
        let levels = (0_u32..).zip(words).flat_map(|(i, word)| {
            (0..32).filter(move |bit| word >> bit & 1 == 1).map(move |bit| i * 32 + bit)
        });
        Ok(levels.collect())
    };
    bounds.windows(2).map(set).collect()
}
