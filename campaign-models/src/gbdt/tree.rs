//! One tree as grown: what saving, importance and explanation read.

/// Where a branch leads: a node (not negative) or a leaf (the complement of its index).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Child(pub(crate) i32);

impl Child {
    pub(crate) fn node(index: usize) -> Self {
        Self(index as i32)
    }

    pub(crate) fn leaf(index: usize) -> Self {
        Self(!(index as i32))
    }

    /// The node's index, or the leaf's as the error.
    pub(crate) fn index(self) -> Result<usize, usize> {
        if self.0 >= 0 { Ok(self.0 as usize) } else { Err(!self.0 as usize) }
    }
}

/// What [`Test::NonZero`] takes for zero: not further from it than this, LightGBM's bound.
const ZERO: f64 = 1e-35_f32 as f64;

/// The value that [`Test::NonZero`] compares: NaN in place of zero.
#[inline]
pub(crate) fn zero_as_missing(x: f64) -> f64 {
    if x.abs() <= ZERO { f64::NAN } else { x }
}

/// Which present values go left.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub(crate) enum Test {
    /// Those not above the threshold.
    Threshold(f64),
    /// Those not above the threshold, where zero too is missing. Only imported trees have it.
    #[cfg_attr(not(feature = "serde"), allow(dead_code))]
    NonZero(f64),
    /// These levels, ascending.
    Levels(Vec<u32>),
}

/// An inner node.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub(crate) struct Node {
    /// Position of the column in the model's input.
    pub(crate) feature: u32,
    pub(crate) test: Test,
    pub(crate) missing_left: bool,
    pub(crate) left: Child,
    pub(crate) right: Child,
    /// Decrease of the loss's second-order expansion.
    pub(crate) gain: f64,
    /// Sum of hessians.
    pub(crate) cover: f64,
    pub(crate) rows: u32,
}

/// A leaf.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub(crate) struct Leaf {
    /// What it adds to the score, learning rate included.
    pub(crate) value: f64,
    /// Sum of hessians.
    pub(crate) cover: f64,
    pub(crate) rows: u32,
}

/// Nodes with the root first, each before its children, and leaves. Without a node, leaf 0 is all.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
    pub(crate) leaves: Vec<Leaf>,
}
