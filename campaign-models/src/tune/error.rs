//! What can go wrong in a search.

use std::sync::Arc;

use thiserror::Error;

/// Why there is no search, or no answer.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum TuneError {
    /// A space of no parameters.
    #[error("the space has no parameters")]
    EmptySpace,
    /// Two parameters of one name.
    #[error("two parameters are called {0:?}")]
    DuplicateParameter(Arc<str>),
    /// A range that is none.
    #[error("parameter {parameter:?}: expected {expected}")]
    Range {
        /// Its name.
        parameter: Arc<str>,
        /// What was expected of its range.
        expected: &'static str,
    },
    /// A setting outside its range.
    #[error("{setting} is {got}, expected {expected}")]
    Setting {
        /// The field.
        setting: &'static str,
        /// Its value.
        got: f64,
        /// What was expected.
        expected: &'static str,
    },
    /// A point that does not lie in the space.
    #[error("parameter {parameter:?}: expected {expected}")]
    Point {
        /// The parameter.
        parameter: Arc<str>,
        /// What was expected of its value.
        expected: &'static str,
    },
    /// No trial has a value.
    #[error("no trial has a value at the full budget")]
    NoTrials,
    /// A polish of parameters that are all whole numbers or choices.
    #[error("no parameter is a number that could be moved a little")]
    NothingToMove,
    /// The optimiser failed.
    #[error("the optimiser failed: {0}")]
    Evaluation(String),
}
