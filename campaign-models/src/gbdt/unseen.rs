//! Levels that no training row had.

use campaign_core::{Column, ColumnKind, Dataset, Error, Result};

use super::align::unseen;
use super::model::Gbdt;
use super::rows::Counted;
use crate::schema::SchemaError;

/// What a model does with a level that no training row had, or a number that is no level's index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum UnseenLevels {
    /// It goes where a missing value goes.
    #[default]
    AsMissing,
    /// Prediction ends with an error that names row and column.
    Refuse,
}

/// Which levels a model has seen, where it refuses others.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub(super) struct SeenLevels(pub(super) Vec<SeenColumn>);

/// A categorical column, by its position, and which of its levels were seen.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub(super) struct SeenColumn {
    pub(super) column: usize,
    pub(super) seen: Vec<bool>,
}

impl Gbdt {
    /// What it does with a level that no training row had.
    #[must_use]
    pub fn unseen_levels(&self) -> UnseenLevels {
        match self.seen_levels() {
            Some(_) => UnseenLevels::Refuse,
            None => UnseenLevels::AsMissing,
        }
    }
}

impl SeenLevels {
    /// Those of training rows and of the model that is continued.
    pub(super) fn new(train: &Counted<'_>, start: Option<&Gbdt>) -> Self {
        let column = |(column, about): (usize, &Column)| {
            let ColumnKind::Categorical { levels } = &about.kind else { return None };
            let mut seen = vec![false; levels.len()];
            let before = start.and_then(Gbdt::seen_levels).map_or(&[][..], |start| &start.0);
            if let Some(before) = before.iter().find(|before| before.column == column) {
                seen.clone_from(&before.seen);
            }
            for row in 0..train.index.len() {
                let level = train.features(row)[column];
                if !level.is_nan() {
                    seen[level as usize] = true;
                }
            }
            Some(SeenColumn { column, seen })
        };
        Self(train.data.columns().iter().enumerate().filter_map(column).collect())
    }

    /// The first column in which a row has a level that was not seen.
    pub(super) fn refuses(&self, row: &[f64]) -> Option<usize> {
        let unseen = |seen: &&SeenColumn| {
            let value = row.get(seen.column).copied().unwrap_or(f64::NAN);
            // Casts saturate, so a number that is no level's index must be caught apart.
            let level = value as usize;
            let known = level as f64 == value && seen.seen.get(level).copied().unwrap_or(false);
            !value.is_nan() && !known
        };
        self.0.iter().find(unseen).map(|seen| seen.column)
    }

    /// Checks rows that stand one after another.
    pub(super) fn check_rows(&self, rows: &[f64], width: usize) -> Result<()> {
        for (row, values) in rows.chunks_exact(width.max(1)).enumerate() {
            if let Some(column) = self.refuses(values) {
                return Err(Error::UnseenLevel { row, column, value: values[column] });
            }
        }
        Ok(())
    }

    /// As [`check_rows`](Self::check_rows), with names.
    pub(super) fn check_dataset(&self, data: &Dataset) -> std::result::Result<(), SchemaError> {
        for (row, values) in data.features().rows().into_iter().enumerate() {
            let Some(column) = values.as_slice().and_then(|values| self.refuses(values)) else {
                continue;
            };
            return Err(unseen(data, row, column, values[column] as usize));
        }
        Ok(())
    }

    /// Does it fit the columns of a model?
    #[cfg(feature = "serde")]
    pub(super) fn fits(&self, columns: &[Column]) -> bool {
        let expected = columns.iter().enumerate().filter_map(|(at, column)| match &column.kind {
            ColumnKind::Categorical { levels } => Some((at, levels.len())),
            ColumnKind::Numeric => None,
        });
        self.0.iter().map(|seen| (seen.column, seen.seen.len())).eq(expected)
    }
}
