//! Do these columns mean what the model was trained on?

use std::sync::Arc;

use campaign_core::dataset::DatasetError;
use campaign_core::{Column, ColumnKind};
use thiserror::Error;

/// How columns differ from those a model was trained on.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// Another number of columns.
    #[error("{got} columns, expected {expected}")]
    Count {
        /// How many there are.
        got: usize,
        /// How many there should be.
        expected: usize,
    },
    /// Another name at a position.
    #[error("column {index} is called {got:?}, expected {expected:?}")]
    Name {
        /// Position, from 0.
        index: usize,
        /// Its name.
        got: Arc<str>,
        /// The name it should have.
        expected: Arc<str>,
    },
    /// Numeric where categorical was expected, or the other way round.
    #[error("column {column:?} is {got}, expected {expected}")]
    Kind {
        /// The column.
        column: Arc<str>,
        /// What it is.
        got: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// Another level at an index, or fewer or more levels.
    #[error("column {column:?}, level {index}: got {got:?}, expected {expected:?}")]
    Level {
        /// The column.
        column: Arc<str>,
        /// The level's index.
        index: usize,
        /// The level there, `None` past the end.
        got: Option<Arc<str>>,
        /// The level that should be there, `None` past the end.
        expected: Option<Arc<str>>,
    },
    /// A column that is not there.
    #[error("there is no column {column:?}")]
    Missing {
        /// Its name.
        column: Arc<str>,
    },
    /// Data that are none.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A level that no training row had, for a model that refuses such.
    #[error("row {row}, column {column:?}: no training row had level {level:?}")]
    UnseenLevel {
        /// Row, from 0.
        row: usize,
        /// The column.
        column: Arc<str>,
        /// The level.
        level: Arc<str>,
    },
}

fn kind(kind: &ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Numeric => "numeric",
        ColumnKind::Categorical { .. } => "categorical",
    }
}

/// Checks that columns have the names, kinds and levels expected, in the same order.
///
/// # Errors
/// [`SchemaError`] for the first difference.
///
/// # Examples
/// ```
/// use campaign_core::Column;
/// use campaign_models::schema::check_columns;
/// let trained_on = [Column::numeric("spend_7d"), Column::numeric("clicks_7d")];
/// assert!(check_columns(&trained_on, &trained_on).is_ok());
/// let error = check_columns(&[Column::numeric("spend_7d")], &trained_on).unwrap_err();
/// assert_eq!(error.to_string(), "1 columns, expected 2");
/// ```
pub fn check_columns(got: &[Column], expected: &[Column]) -> Result<(), SchemaError> {
    if got.len() != expected.len() {
        return Err(SchemaError::Count { got: got.len(), expected: expected.len() });
    }
    for (index, (g, e)) in got.iter().zip(expected).enumerate() {
        if g.name != e.name {
            let (got, expected) = (Arc::clone(&g.name), Arc::clone(&e.name));
            return Err(SchemaError::Name { index, got, expected });
        }
        check_kind(g, e)?;
        if let (
            ColumnKind::Categorical { levels: got },
            ColumnKind::Categorical { levels: expected },
        ) = (&g.kind, &e.kind)
        {
            let longest = got.len().max(expected.len());
            if let Some(index) = (0..longest).find(|&i| got.get(i) != expected.get(i)) {
                let (got, expected) = (got.get(index).cloned(), expected.get(index).cloned());
                let column = Arc::clone(&g.name);
                return Err(SchemaError::Level { column, index, got, expected });
            }
        }
    }
    Ok(())
}

/// Numeric or categorical, as it was?
pub(crate) fn check_kind(got: &Column, expected: &Column) -> Result<(), SchemaError> {
    let (column, got, expected) = (&got.name, kind(&got.kind), kind(&expected.kind));
    if got == expected {
        return Ok(());
    }
    Err(SchemaError::Kind { column: Arc::clone(column), got, expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(names: &[&str]) -> Arc<[Arc<str>]> {
        names.iter().map(|n| Arc::from(*n)).collect()
    }

    #[test]
    fn names_the_first_difference() {
        let trained = [Column::numeric("a"), Column::categorical("b", levels(&["x", "y"]))];
        let message = |got: &[Column]| check_columns(got, &trained).unwrap_err().to_string();
        assert_eq!(check_columns(&trained, &trained), Ok(()));
        assert_eq!(message(&trained[..1]), "1 columns, expected 2");
        assert_eq!(
            message(&[trained[1].clone(), trained[0].clone()]),
            r#"column 0 is called "b", expected "a""#
        );
        assert_eq!(
            message(&[Column::numeric("a"), Column::numeric("b")]),
            r#"column "b" is numeric, expected categorical"#
        );
        let swapped = Column::categorical("b", levels(&["y", "x"]));
        assert!(message(&[trained[0].clone(), swapped]).starts_with(r#"column "b", level 0"#));
        let longer = Column::categorical("b", levels(&["x", "y", "z"]));
        assert_eq!(
            message(&[trained[0].clone(), longer]),
            r#"column "b", level 2: got Some("z"), expected None"#
        );
    }
}
