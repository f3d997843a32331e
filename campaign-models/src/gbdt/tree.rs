//! One tree as grown: what saving, importance and explanation read.

/// Where a branch leads: a node (not negative) or a leaf (the complement of its index).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Child(pub(super) i32);

impl Child {
    pub(super) fn node(index: usize) -> Self {
        Self(index as i32)
    }

    pub(super) fn leaf(index: usize) -> Self {
        Self(!(index as i32))
    }

    /// The node's index, or the leaf's as the error.
    pub(super) fn index(self) -> Result<usize, usize> {
        if self.0 >= 0 { Ok(self.0 as usize) } else { Err(!self.0 as usize) }
    }
}

/// What [`Test::NonZero`] takes for zero: not further from it than this, LightGBM's bound.
const ZERO: f64 = 1e-35_f32 as f64;

/// The value that [`Test::NonZero`] compares: NaN in place of zero.
#[inline]
pub(super) fn zero_as_missing(x: f64) -> f64 {
    if x.abs() <= ZERO { f64::NAN } else { x }
}

/// Which present values go left.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub(super) enum Test {
    /// Those not above the threshold.
    Threshold(f64),
    /// Those not above the threshold, where zero too is missing. Only imported trees have it.
    NonZero(f64),
    /// These levels, ascending.
    Levels(Vec<u32>),
}

/// An inner node.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub(super) struct Node {
    /// Position of the column in the model's input.
    pub(super) feature: u32,
    pub(super) test: Test,
    pub(super) missing_left: bool,
    pub(super) left: Child,
    pub(super) right: Child,
    /// Decrease of the loss's second-order expansion.
    pub(super) gain: f64,
    /// Sum of hessians.
    pub(super) cover: f64,
    pub(super) rows: u32,
}

/// A leaf.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub(super) struct Leaf {
    /// What it adds to the score, learning rate included.
    pub(super) value: f64,
    /// Sum of hessians.
    pub(super) cover: f64,
    pub(super) rows: u32,
}

/// Nodes with the root first, each before its children, and leaves. Without a node, leaf 0 is all.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) leaves: Vec<Leaf>,
}
