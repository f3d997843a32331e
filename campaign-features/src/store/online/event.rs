//! What is told to a store, and what it answers.

use campaign_core::Error;
use thiserror::Error as ThisError;

/// One version of one fact.
///
/// The slices follow the schema of the source: one key per entity kind of the plan, one integer per
/// measure, one code per attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event<'a> {
    /// Which source of the plan's schema.
    pub source: u32,
    /// The code of the entity of each kind, in the plan's order; [`Event::NO_KEY`] where the fact
    /// belongs to none of that kind.
    pub keys: &'a [u32],
    /// Days from 1970-01-01 to the day it happened.
    pub day: i32,
    /// Microseconds from 1970-01-01T00:00:00Z to when this version became known.
    pub known_at: i64,
    /// The identity, within the source, of the fact that later versions replace.
    pub fact: u64,
    /// `false` for a version that says that the fact is not so (any more): nothing of it counts.
    pub stands: bool,
    /// The measures in their exact units; `i64::MIN` where it is not reported.
    pub measures: &'a [i64],
    /// The codes of the attributes; `u32::MAX` where there is none.
    pub attributes: &'a [u32],
}

impl Event<'_> {
    /// In place of a key's code: the fact belongs to no entity of that kind.
    pub const NO_KEY: u32 = u32::MAX;
}

/// What an event did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Applied {
    /// The fact was not known before.
    New,
    /// It replaced an earlier version.
    Restated,
    /// The same version was here already; nothing changed.
    Duplicate,
    /// A later version was here already; nothing changed.
    Superseded,
}

/// Why an event had no effect. Nothing is ever half applied.
#[derive(Debug, Clone, Copy, PartialEq, ThisError)]
#[non_exhaustive]
pub enum UpdateError {
    /// A source that the plan's schema does not have.
    #[error("source {source_index} does not exist, the plan has {n_sources}")]
    Source {
        /// The index given.
        source_index: u32,
        /// How many there are.
        n_sources: usize,
    },
    /// An entity kind that the plan does not have.
    #[error("entity kind {kind} does not exist, the plan has {n_kinds}")]
    Kind {
        /// The index given.
        kind: usize,
        /// How many there are.
        n_kinds: usize,
    },
    /// A slice that does not follow the schema.
    #[error("{what} has length {got}, expected {expected}")]
    Length {
        /// Which slice.
        what: &'static str,
        /// Its length.
        got: usize,
        /// The length needed.
        expected: usize,
    },
    /// A code that no name has.
    #[error("key {code} of entity kind {kind} does not exist, there are {known}")]
    Key {
        /// The kind.
        kind: usize,
        /// The code given.
        code: u32,
        /// How many keys there are.
        known: usize,
    },
    /// No room for another key.
    #[error(
        "the keys of entity kind {kind} are full: {capacity} keys, {text_capacity} bytes of names"
    )]
    KeysFull {
        /// The kind.
        kind: usize,
        /// How many keys there may be.
        capacity: usize,
        /// How many bytes their names may have together.
        text_capacity: usize,
    },
    /// No room for another fact that may still be restated.
    #[error("the open facts are full: {capacity}")]
    FactsFull {
        /// How many there may be.
        capacity: usize,
    },
    /// A day so old that its facts were let go: what it replaces is not known any more.
    #[error("day {day} is too late, the oldest that is taken is {oldest}")]
    Late {
        /// The day given.
        day: i32,
        /// The oldest day taken.
        oldest: i32,
    },
    /// A day after the store's.
    #[error("day {day} lies after the store's day {today}; call `advance` first")]
    Future {
        /// The day given.
        day: i32,
        /// The store's day.
        today: i32,
    },
    /// Two versions known at the same instant that say different things.
    #[error("fact {fact} of source {source_index}: another version is known at the same instant")]
    Conflict {
        /// The source.
        source_index: u32,
        /// The fact.
        fact: u64,
    },
    /// A measure whose differences could not be held.
    #[error("measure {measure} is {value}, beyond ±4.6e18")]
    TooLarge {
        /// Its position.
        measure: usize,
        /// Its value.
        value: i64,
    },
    /// A day whose calendar was not looked up.
    #[error("the calendar of day {day} is not at hand, only that of {first} to {last}")]
    Described {
        /// The day asked for.
        day: i32,
        /// The first day at hand.
        first: i32,
        /// The last one.
        last: i32,
    },
    /// What the kernel says.
    #[error(transparent)]
    Kernel(#[from] Error),
}

/// What happened to the events of a store since it was made or restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Counts {
    /// New facts.
    pub new: u64,
    /// Restatements.
    pub restated: u64,
    /// Versions that were here already.
    pub duplicate: u64,
    /// Versions older than the one here.
    pub superseded: u64,
    /// Refused for their day: [`UpdateError::Late`].
    pub late: u64,
    /// Refused for any other reason.
    pub refused: u64,
    /// Facts let go because their day became too old.
    pub evicted: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_small_and_copy() {
        fn is_copy<T: Copy + Send + Sync + 'static>() {}
        is_copy::<UpdateError>();
        assert!(size_of::<UpdateError>() <= 64, "{}", size_of::<UpdateError>());
        let late = UpdateError::Late { day: 3, oldest: 5 };
        assert_eq!(late.to_string(), "day 3 is too late, the oldest that is taken is 5");
    }
}
