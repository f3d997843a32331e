//! What a model must keep to, whatever the data say.

use std::sync::Arc;

use campaign_core::{Column, ColumnKind};

use super::error::FitError;

/// How predictions may change where a numeric column's value grows and all else stays.
///
/// Of present values: missing ones go where they fit best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Monotone {
    /// They never fall.
    Increasing,
    /// They never rise.
    Decreasing,
}

impl Monotone {
    /// What the right leaf's weight less the left one's is multiplied by to be allowed.
    pub(super) fn sign(self) -> f64 {
        match self {
            Self::Increasing => 1.0,
            Self::Decreasing => -1.0,
        }
    }
}

/// The least and the largest weight that a leaf may have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bounds {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Bounds {
    pub(super) const NONE: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };

    /// The bounds of the children of a split. On a constrained column the middle of their weights
    /// parts them, so that no descendant of the one passes a descendant of the other.
    pub(super) fn of_children(
        self,
        monotone: Option<Monotone>,
        weights: (f64, f64),
    ) -> (Self, Self) {
        let middle = weights.0 / 2.0 + weights.1 / 2.0;
        let (below, above) = (Self { high: middle, ..self }, Self { low: middle, ..self });
        match monotone {
            None => (self, self),
            Some(Monotone::Increasing) => (below, above),
            Some(Monotone::Decreasing) => (above, below),
        }
    }
}

/// The constraints of a fit, column by column in the order of the bins.
#[derive(Debug, Default)]
pub(super) struct Constraints {
    monotone: Vec<Option<Monotone>>,
    /// The groups that each column belongs to; empty without groups.
    groups: Vec<Vec<usize>>,
    n_groups: usize,
}

impl Constraints {
    /// Resolves names; `order` gives each bin column's place among `columns`.
    pub(super) fn new(
        columns: &[Column],
        order: &[usize],
        monotone: &[(Arc<str>, Monotone)],
        interactions: &[Vec<Arc<str>>],
    ) -> Result<Self, FitError> {
        let find = |parameter: &'static str, name: &Arc<str>| {
            let place = order.iter().position(|&c| columns[c].name == *name);
            place.ok_or_else(|| FitError::UnknownColumn { parameter, column: Arc::clone(name) })
        };
        let mut constraints =
            Self { monotone: vec![None; order.len()], groups: Vec::new(), n_groups: 0 };
        for (name, direction) in monotone {
            let at = find("monotone", name)?;
            if let ColumnKind::Categorical { .. } = columns[order[at]].kind {
                return Err(FitError::NotNumeric {
                    parameter: "monotone",
                    column: Arc::clone(name),
                });
            }
            if constraints.monotone[at].is_some_and(|other| other != *direction) {
                return Err(FitError::Contradiction { column: Arc::clone(name) });
            }
            constraints.monotone[at] = Some(*direction);
        }
        if interactions.is_empty() {
            return Ok(constraints);
        }
        constraints.groups = vec![Vec::new(); order.len()];
        for (group, names) in interactions.iter().enumerate() {
            for name in names {
                constraints.groups[find("interactions", name)?].push(group);
            }
        }
        constraints.n_groups = interactions.len();
        // A column of no group stands alone.
        for groups in constraints.groups.iter_mut().filter(|groups| groups.is_empty()) {
            groups.push(constraints.n_groups);
            constraints.n_groups += 1;
        }
        Ok(constraints)
    }

    pub(super) fn monotone(&self, column: usize) -> Option<Monotone> {
        self.monotone.get(column).copied().flatten()
    }

    /// The groups that a root may choose columns of; `None` without groups.
    pub(super) fn all_groups(&self) -> Option<Vec<usize>> {
        (self.n_groups > 0).then(|| (0..self.n_groups).collect())
    }

    /// The groups that still hold all columns of a path once this column is on it.
    pub(super) fn with(&self, groups: &Option<Vec<usize>>, column: usize) -> Option<Vec<usize>> {
        let own = self.groups.get(column)?;
        let groups = groups.as_ref()?.iter().copied();
        Some(groups.filter(|group| own.contains(group)).collect())
    }

    /// May this column be split by where these groups are left?
    pub(super) fn allow(&self, groups: Option<&[usize]>, column: usize) -> bool {
        groups.is_none_or(|groups| groups.iter().any(|group| self.groups[column].contains(group)))
    }
}
