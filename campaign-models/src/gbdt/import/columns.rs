//! The columns of an imported model: what the file says of them, or the caller.

use std::sync::Arc;

use campaign_core::{Column, ColumnKind};

use super::ImportError;
use crate::schema::{SchemaError, check_columns};

/// More levels than this are taken for a damaged file: each gets a name.
pub(super) const MOST_LEVELS: u32 = 1 << 20;

/// What a file says of a column.
#[derive(Debug, Clone)]
pub(super) struct FileColumn {
    /// Its name, where it has one of its own.
    pub(super) name: Option<Arc<str>>,
    pub(super) kind: FileKind,
}

#[derive(Debug, Clone)]
pub(super) enum FileKind {
    Numeric,
    /// Levels by name.
    Levels(Vec<Arc<str>>),
    /// Levels by number, at least so many.
    Numbered(u32),
    /// Levels by number, not known how many.
    Unknown,
}

/// The model's columns.
///
/// Columns given must have the file's names and levels where the file has them; elsewhere they say
/// what the file does not. Without them a column is called `prefix` and its number, and levels are
/// called by their numbers.
///
/// # Errors
/// [`ImportError`] for two columns of one name, columns given that are not the file's, and levels
/// that neither tell.
pub(super) fn resolve(
    file: Vec<FileColumn>,
    prefix: &str,
    given: Option<&[Column]>,
) -> Result<Vec<Column>, ImportError> {
    let name = |i: usize, own: &Option<Arc<str>>| {
        own.clone().unwrap_or_else(|| format!("{prefix}{i}").into())
    };
    if let Some(given) = given
        && given.len() != file.len()
    {
        let (got, expected) = (given.len(), file.len());
        return Err(SchemaError::Count { got, expected }.into());
    }
    let mut columns = Vec::with_capacity(file.len());
    for (i, column) in file.into_iter().enumerate() {
        let given = given.and_then(|given| given.get(i));
        let name = match (&column.name, given) {
            (None, Some(given)) => Arc::clone(&given.name),
            _ => name(i, &column.name),
        };
        let given_levels = match given.map(|given| &given.kind) {
            Some(ColumnKind::Categorical { levels }) => Some(levels),
            _ => None,
        };
        columns.push(match (column.kind, given_levels) {
            (FileKind::Numeric, _) => Column::numeric(name),
            (FileKind::Levels(levels), _) => Column::categorical(name, levels),
            (FileKind::Unknown, Some(levels)) => Column::categorical(name, Arc::clone(levels)),
            (FileKind::Unknown, None) => return Err(ImportError::UnknownLevels { column: name }),
            (FileKind::Numbered(n), Some(levels)) if levels.len() >= n as usize => {
                Column::categorical(name, Arc::clone(levels))
            }
            (FileKind::Numbered(n), _) => {
                let levels: Vec<Arc<str>> = (0..n).map(|i| i.to_string().into()).collect();
                Column::categorical(name, levels)
            }
        });
    }
    let mut names: Vec<_> = columns.iter().map(|column| &column.name).collect();
    names.sort_unstable();
    if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(ImportError::DuplicateColumn(Arc::clone(pair[0])));
    }
    match given {
        Some(given) => {
            check_columns(given, &columns)?;
            Ok(given.to_vec())
        }
        None => Ok(columns),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(kind: FileKind, name: Option<&str>) -> FileColumn {
        FileColumn { name: name.map(Arc::from), kind }
    }

    #[test]
    fn the_caller_says_what_the_file_does_not() {
        let levels =
            |names: &[&str]| names.iter().map(|n| Arc::from(*n)).collect::<Vec<Arc<str>>>();
        let parts = || {
            vec![
                file(FileKind::Numeric, Some("spend")),
                file(FileKind::Unknown, None),
                file(FileKind::Numbered(2), None),
            ]
        };
        let unknown = resolve(parts(), "f", None).unwrap_err();
        assert!(unknown.to_string().contains(r#"column "f1""#), "{unknown}");
        let given = [
            Column::numeric("spend"),
            Column::categorical("channel", levels(&["a", "b", "c"])),
            Column::categorical("k", levels(&["x", "y", "z"])),
        ];
        assert_eq!(resolve(parts(), "f", Some(&given)).unwrap(), given);
        let refused = |change: fn(&mut Vec<Column>)| {
            let mut given = given.to_vec();
            change(&mut given);
            resolve(parts(), "f", Some(&given)).unwrap_err()
        };
        let schema = |error| match error {
            ImportError::Schema(error) => error,
            other => panic!("{other}"),
        };
        let renamed = schema(refused(|g| g[0] = Column::numeric("clicks")));
        assert!(matches!(renamed, SchemaError::Name { index: 0, .. }));
        let wrong_kind = schema(refused(|g| g[2] = Column::numeric("k")));
        assert!(matches!(wrong_kind, SchemaError::Kind { .. }));
        let too_few = refused(|g| g[2] = Column::categorical("k", vec!["x".into()]));
        assert!(matches!(schema(too_few), SchemaError::Level { .. }));
        assert!(matches!(schema(refused(|g| drop(g.pop()))), SchemaError::Count { .. }));
        let twice = refused(|g| g[2].name = "spend".into());
        assert!(matches!(twice, ImportError::DuplicateColumn(_)));
    }
}
