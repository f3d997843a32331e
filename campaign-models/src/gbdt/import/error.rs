//! Why a file cannot be imported.

use std::sync::Arc;

use thiserror::Error;

use crate::schema::SchemaError;

/// Why another library's model cannot be imported.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// Not JSON, or JSON of another shape than XGBoost's.
    #[error("not a model: {0}")]
    Json(#[from] serde_json::Error),
    /// Something that this crate cannot predict as the library does.
    #[error("{what} is {got:?}, which is not supported, expected {expected}")]
    Unsupported {
        /// What the file asks for.
        what: &'static str,
        /// What it says.
        got: String,
        /// What is supported.
        expected: &'static str,
    },
    /// A part that should be there.
    #[error("{place} has no {key:?}")]
    Missing {
        /// The header or which tree.
        place: Place,
        /// What is missing.
        key: &'static str,
    },
    /// A value that cannot be.
    #[error("{place}, {key:?}: got {got:?}, expected {expected}")]
    Value {
        /// The header or which tree.
        place: Place,
        /// Of what.
        key: &'static str,
        /// The value, its first characters.
        got: String,
        /// What was expected.
        expected: &'static str,
    },
    /// Lists of one tree or of the header that do not belong together.
    #[error("{place}, {key:?}: {got} entries, expected {expected}")]
    Length {
        /// The header or which tree.
        place: Place,
        /// The list.
        key: &'static str,
        /// Its length.
        got: usize,
        /// The length it should have.
        expected: usize,
    },
    /// A tree that is none.
    #[error("tree {tree}: {problem}")]
    Tree {
        /// Which tree, from 0.
        tree: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Two columns have one name.
    #[error("two columns are called {0:?}")]
    DuplicateColumn(Arc<str>),
    /// A categorical column whose number of levels the file does not say.
    #[error("the file does not list the levels of column {column:?}; give the columns")]
    UnknownLevels {
        /// The column.
        column: Arc<str>,
    },
    /// The columns given are not those of the file.
    #[error("the columns given: {0}")]
    Schema(#[from] SchemaError),
}

/// Where in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// Before the trees.
    Header,
    /// In the tree of this number, from 0.
    Tree(usize),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Header => f.write_str("the header"),
            Self::Tree(tree) => write!(f, "tree {tree}"),
        }
    }
}

/// The beginning of a text, for a message.
pub(super) fn beginning(text: &str) -> String {
    text.chars().take(40).collect()
}
