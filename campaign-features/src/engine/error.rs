//! What can go wrong while an engine reads, computes or writes.

use std::path::PathBuf;

use thiserror::Error;

use crate::feature::FeatureError;

/// An error of a library below, which no signature of ours exposes.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why an engine has no result.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EngineError {
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Cause,
    },
    /// A table lacks a column.
    #[error("{table} has no column {column:?}")]
    Column {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// A column of another type.
    #[error("{table}: column {column:?} is {got}, expected {expected}")]
    Type {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Its type.
        got: String,
        /// The type it has to be.
        expected: &'static str,
    },
    /// A cell without a value where one is needed.
    #[error("{table}: row {row} has no {column:?}")]
    Missing {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// The row, from 0.
        row: usize,
    },
    /// Not so many requests came out as went in, or one came out twice or empty.
    #[error("of {expected} requests {got} came out whole; request {request} is the first at fault")]
    Requests {
        /// How many went in.
        expected: u64,
        /// How many came out whole.
        got: u64,
        /// The first that is missing, empty or repeated, or after which rows are missing.
        request: u64,
    },
    /// What the replay saw on a cluster is not what went in.
    #[error("bucket {bucket} of the entities: {what} were {expected} going in and {got} seen")]
    Unbalanced {
        /// Which of the 256 hash buckets of entities.
        bucket: usize,
        /// What was counted.
        what: String,
        /// The count before.
        expected: i64,
        /// The count there.
        got: i64,
    },
    /// No attempt on a cluster succeeded.
    #[error("the cluster gave no result in {attempts} attempts; the last one: {last}")]
    Cluster {
        /// How many there were.
        attempts: usize,
        /// Why the last one failed.
        last: Box<Self>,
    },
    /// There was no result in time.
    #[error("there was no result within {seconds} s")]
    Deadline {
        /// The time allowed.
        seconds: f64,
    },
    /// The memory allowed does not suffice even with spilling.
    #[error("the memory limit is too small: {0}")]
    Memory(String),
    /// The engine below failed.
    #[error("{step}: {source}")]
    Engine {
        /// What was being done.
        step: &'static str,
        /// Why it failed.
        source: Cause,
    },
    /// What the replay refuses.
    #[error(transparent)]
    Feature(#[from] FeatureError),
    /// A thread ended before its work.
    #[error("a thread of the engine ended before its work")]
    Thread,
}

/// An error of a library below as one of ours.
pub(crate) fn failed<E: Into<Cause>>(step: &'static str) -> impl Fn(E) -> EngineError {
    move |error| EngineError::Engine { step, source: error.into() }
}
