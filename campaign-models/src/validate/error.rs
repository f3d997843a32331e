//! Why data could not be split.

use campaign_core::dataset::DatasetError;
use jiff::civil::Date;
use thiserror::Error;

/// Why data could not be split.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum SplitError {
    /// A temporal split of data without days.
    #[error("the data have no days; a temporal split needs them")]
    NoDays,
    /// Shuffled folds of data with days.
    #[error("the data have days; shuffling them would train on the future, use a temporal split")]
    HasDays,
    /// Nothing to train on.
    #[error("no row is before {before}{}", day_from(*.from))]
    NoTraining {
        /// Training rows are before this day.
        before: Date,
        /// The first training day, if there is one.
        from: Option<Date>,
    },
    /// Nothing to validate on.
    #[error("no row is from {from} on{}", day_after(*.until))]
    NoValidation {
        /// The first validation day.
        from: Date,
        /// Validation rows are before this day, if there is one.
        until: Option<Date>,
    },
    /// A day that the calendar does not reach.
    #[error("{gap_days} days before {cutoff} is no day of the calendar")]
    Calendar {
        /// The cut-off.
        cutoff: Date,
        /// The gap.
        gap_days: u32,
    },
    /// Cut-offs out of order.
    #[error("cut-off {index} is {got}, expected a day after {previous}")]
    Cutoffs {
        /// Which cut-off, from 0.
        index: usize,
        /// That cut-off.
        got: Date,
        /// The one before it.
        previous: Date,
    },
    /// Windows that do not advance or are empty.
    #[error("{parameter} is 0, expected at least 1 day")]
    NoLength {
        /// The field of the configuration.
        parameter: &'static str,
    },
    /// Regular cut-offs of data that end before the first.
    #[error("the data end on {last}, before the first cut-off on {first}")]
    NoCutoffs {
        /// The first cut-off.
        first: Date,
        /// The last day of the data.
        last: Date,
    },
    /// Groups are to be kept apart and the data have none.
    #[error("the data have no groups to keep apart")]
    NoGroups,
    /// Keeping groups apart leaves one side empty.
    #[error("{rule} leaves no {side} row of {rows}")]
    GroupsLeaveNothing {
        /// The rule for groups.
        rule: &'static str,
        /// Which side.
        side: &'static str,
        /// How many rows it had before.
        rows: usize,
    },
    /// A number of folds that the groups or days cannot fill.
    #[error("{folds} folds of {units} {what}, expected between 2 folds and one for each")]
    FoldsOf {
        /// Folds asked for.
        folds: usize,
        /// What is dealt out: groups or days.
        what: &'static str,
        /// How many there are.
        units: usize,
    },
    /// No row trains for a fold.
    #[error(
        "{purge_days} days of purge and {embargo_days} of embargo leave nothing to train on for fold {fold}"
    )]
    Purged {
        /// The fold.
        fold: usize,
        /// Days a label takes to be known.
        purge_days: u32,
        /// Days after the validation block that do not train.
        embargo_days: u32,
    },
    /// A number of folds that the data cannot give.
    #[error("{folds} folds of {rows} rows, expected between 2 folds and one per row")]
    Folds {
        /// Folds asked for.
        folds: usize,
        /// Rows there are.
        rows: usize,
    },
    /// A fold that does not exist.
    #[error("fold {fold} does not exist, there are {folds}")]
    Fold {
        /// The fold asked for.
        fold: usize,
        /// How many there are.
        folds: usize,
    },
    /// Stratified folds of data without a target.
    #[error("the data have no target to stratify by")]
    NoTarget,
    /// Rows could not be selected.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
}

fn day_from(day: Option<Date>) -> String {
    day.map_or_else(String::new, |day| format!(" and from {day} on"))
}

fn day_after(day: Option<Date>) -> String {
    day.map_or_else(String::new, |day| format!(" and before {day}"))
}
