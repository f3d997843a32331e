//! What became of every row.

use std::collections::BTreeMap;

use campaign_core::{Currency, Micros};
use jiff::civil::Date;
use serde::{Serialize, Serializer};

use super::layout::{Kind, Level};
use super::number::DecimalMark;
use crate::reconcile::Balance;

/// A row that was not accepted, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Reject {
    /// The file.
    pub file: String,
    /// The line the row begins on, counted from 1.
    pub row: u64,
    /// The header of the column.
    pub column: String,
    /// What stood there.
    pub value: String,
    /// What should have stood there.
    pub expected: String,
    /// Why what stood there is not that.
    pub reason: String,
}

/// Sums of an amount per currency; `None` is the currency that is not known.
///
/// Serialises as an object of currency codes and numbers in currency units, `"null"` for the unknown
/// one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Amounts(pub BTreeMap<Option<Currency>, Micros>);

impl Amounts {
    /// The sum in one currency.
    #[must_use]
    pub fn get(&self, currency: Option<Currency>) -> Micros {
        self.0.get(&currency).copied().unwrap_or_default()
    }

    /// The sum in the first currency; enough where there is only one.
    #[must_use]
    pub fn first(&self) -> Option<Micros> {
        self.0.values().next().copied()
    }

    /// Adds; a sum beyond what micros can hold stays at the largest one.
    pub fn add(&mut self, currency: Option<Currency>, amount: Micros) {
        let sum = self.0.entry(currency).or_default();
        *sum = Micros(sum.0.saturating_add(amount.0));
    }
}

impl Serialize for Amounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0.iter().map(|(c, sum)| (c.map_or("null", Currency::code), sum.to_f64())),
        )
    }
}

/// Why a file gave no table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FileProblem {
    /// No characters but white space.
    #[error("the file is empty")]
    Empty,
    /// No row is a header of a known platform or mapping.
    #[error("no header of a known platform or mapping; the first line is {first_line:?}")]
    Unrecognised {
        /// The first line, shortened.
        first_line: String,
    },
    /// The bytes are no text table.
    #[error("{0}")]
    Unreadable(String),
}

/// Cells of a column that state a bound (`< 10%`) and no number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Censored {
    /// Cells such as `< 10%`.
    pub below: u64,
    /// Cells such as `> 90%`.
    pub above: u64,
}

/// Something in a file that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Finding {
    /// A row of totals says something else than the rows add up to, by more than the rounding of
    /// the rows' own cells explains.
    #[error(
        "line {row} states a total of {stated} for {column:?}, the accepted rows add up to {sum}"
    )]
    Total {
        /// The line of the totals.
        row: u64,
        /// The header of the column.
        column: String,
        /// What the totals say, in millionths.
        stated: Micros,
        /// What the rows add up to, in millionths.
        sum: Micros,
    },
    /// Rows over several days beside rows of shorter periods of the same things that come to something
    /// else: both are in the records.
    #[error(
        "{periods} periods of {stated} overlap shorter ones of the same things that come to {sum}: both are in \
         the records"
    )]
    Overlap {
        /// How many periods.
        periods: u64,
        /// What their rows state of spend, in millionths.
        stated: Micros,
        /// What the shorter ones come to, in millionths.
        sum: Micros,
    },
    /// Every day that this file and an earlier one have in common comes to the same spend and impressions
    /// in both, though no row repeats one there.
    #[error(
        "{days} days come to the same spend and impressions as in {other:?}, though no row is the same: if \
         both name the same things in different ways, their money counts twice"
    )]
    SameTotals {
        /// The earlier file.
        other: String,
        /// How many days of both have spend.
        days: u64,
    },
    /// This file names things that another one gives by id: both have the same days, and on each of them the
    /// same spend, impressions and clicks. The rows of the other are in the records, those of this one are
    /// not.
    #[error(
        "{days} days come to the same spend, impressions and clicks as in {other:?}, which has ids where this \
         file has names: its rows are in the records, these are not"
    )]
    RepeatedByName {
        /// The file with ids.
        other: String,
        /// How many days have spend.
        days: u64,
    },
    /// A column that the adapter does not know has one value in this file and another one in an earlier
    /// file, over the same rows at other metrics. It is read as an attribute, so that this file restates
    /// the other; if the two are parts of a whole, the configuration has to name the column as a
    /// dimension.
    #[error(
        "{rows} rows restate {other:?}, which differs in the unknown column {column:?}: if it tells rows \
         apart, state it as a dimension of the source"
    )]
    RestatedAcross {
        /// The header of the column, in the form to compare.
        column: String,
        /// The file whose rows are restated.
        other: String,
        /// How many rows of both files are about the same.
        rows: u64,
    },
    /// Most numbers prove one decimal mark, some another: `12.50` beside `1.234,5`, or beside a count of
    /// `1.000`, which is no count with a decimal point. All are read by the one that most of them prove.
    #[error(
        "{against} numbers contradict the decimal {mark:?} that {proofs} others prove: state that of the \
         source, or look at how they are written"
    )]
    DecimalMark {
        /// How the file is read.
        mark: DecimalMark,
        /// Numbers that prove it.
        proofs: u64,
        /// Numbers that can only be written with the other mark.
        against: u64,
    },
}

/// What one file held and what became of it.
///
/// `rows_in = ok + rejected + duplicate` always holds. Totals are those of the accepted rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SourceReport {
    /// The file, as a path relative to what was read.
    pub file: String,
    /// The platform, if it was recognised.
    pub platform: Option<String>,
    /// Facts or entities.
    pub kind: Kind,
    /// The level of the rows.
    pub level: Option<Level>,
    /// Why there is no table.
    pub problem: Option<FileProblem>,
    /// Data rows.
    pub rows_in: u64,
    /// Accepted ones.
    pub ok: u64,
    /// Rejected ones, each listed with its reason.
    pub rejected: u64,
    /// Rows that another row repeats or restates.
    pub duplicate: u64,
    /// Of the duplicates, those whose metrics a later version restates.
    pub restated: u64,
    /// Of the duplicates, those that repeat every dimension of a row of the same file at other metrics.
    pub conflicting: u64,
    /// Lines that are no data: header, preamble, totals, footers.
    pub skipped: u64,
    /// Accepted rows that were not yet known at the `as_of` asked for: they are in no sum and change no
    /// other row.
    pub after_as_of: u64,
    /// Spend per currency.
    pub spend: Amounts,
    /// Impressions; `None` if no row states them.
    pub impressions: Option<u64>,
    /// Clicks.
    pub clicks: Option<u64>,
    /// Conversions as the source claims them (of action tables: the sum of all actions).
    pub conversions: Option<f64>,
    /// Revenue per currency (of tables of action values: the sum of all values).
    pub revenue: Amounts,
    /// The first day.
    pub first_day: Option<Date>,
    /// The last day.
    pub last_day: Option<Date>,
    /// What the reader of the report should know.
    pub notes: Vec<String>,
    /// What a person should look at; each is among the notes too.
    pub findings: Vec<Finding>,
    /// Columns the adapter does not know.
    pub unknown_columns: Vec<String>,
    /// What reports normally state and this one does not: of `day`, `spend`, `impressions`, `clicks` and
    /// `currency`.
    pub missing_columns: Vec<String>,
    /// Columns in which some cells state a bound and no number.
    pub censored: BTreeMap<String, Censored>,
}

impl SourceReport {
    pub(crate) fn new(file: &str, kind: Kind) -> Self {
        Self {
            file: file.to_owned(),
            platform: None,
            kind,
            level: None,
            problem: None,
            rows_in: 0,
            ok: 0,
            rejected: 0,
            duplicate: 0,
            restated: 0,
            conflicting: 0,
            skipped: 0,
            after_as_of: 0,
            spend: Amounts::default(),
            impressions: None,
            clicks: None,
            conversions: None,
            revenue: Amounts::default(),
            first_day: None,
            last_day: None,
            notes: Vec::new(),
            findings: Vec::new(),
            unknown_columns: Vec::new(),
            missing_columns: Vec::new(),
            censored: BTreeMap::new(),
        }
    }

    pub(crate) fn failed(file: &str, kind: Kind, problem: FileProblem, skipped: u64) -> Self {
        let mut report = Self::new(file, kind);
        report.notes.push(problem.to_string());
        report.problem = Some(problem);
        report.skipped = skipped;
        report
    }

    /// Notes a finding.
    pub(crate) fn find(&mut self, finding: Finding) {
        self.notes.push(finding.to_string());
        self.findings.push(finding);
    }

    pub(crate) fn cover(&mut self, day: Date) {
        self.first_day = Some(self.first_day.map_or(day, |d| d.min(day)));
        self.last_day = Some(self.last_day.map_or(day, |d| d.max(day)));
    }

    /// Whether every data row is accounted for.
    #[must_use]
    pub const fn balances(&self) -> bool {
        self.rows_in == self.ok + self.rejected + self.duplicate
    }
}

/// Rows owed and rows joined, for one thing that should match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Join {
    /// What is joined.
    pub what: String,
    /// How many should match.
    pub owed: u64,
    /// How many did.
    pub joined: u64,
}

/// How much of the input reached the output.
///
/// Coverage is rows joined over rows owed. A data row is *owed* unless another row repeats it; it is
/// *joined* when it was accepted. The `joins` say the same of what hangs on the rows: an action on the
/// record of its ad and day, an amount on its reporting currency.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Coverage {
    /// Data rows of all files.
    pub rows_in: u64,
    /// Accepted.
    pub ok: u64,
    /// Rejected.
    pub rejected: u64,
    /// Duplicates.
    pub duplicate: u64,
    /// `ok / (rows_in - duplicate)`; `None` where nothing is owed.
    pub coverage: Option<f64>,
    /// Files that gave no table.
    pub files_without_table: u64,
    /// What hangs on the rows.
    pub joins: Vec<Join>,
    /// Accepted fact rows of which a finer level, a shorter period or another file's ids entered the
    /// records.
    pub rows_of_other_levels: u64,
    /// Records that stand for what only coarser reports have.
    pub unallocated_records: u64,
    /// What the coarsest comparable report of each account says, and how much of it the finest rows
    /// explain.
    pub levels: Vec<Balance>,
    /// Totals that could not be compared or that their parts exceed, a line each in
    /// [`Ingested::conflicts`](super::Ingested::conflicts).
    pub level_conflicts: u64,
    /// Why nothing was compared, where sums do not fit.
    pub levels_not_compared: Option<String>,
    /// Records that no channel rule matched.
    pub unmapped_records: u64,
    /// Their share of all records' spend, per currency; absent where nothing was spent.
    pub unmapped_spend: BTreeMap<String, f64>,
    /// Records whose currency is not known.
    pub without_currency: u64,
    /// Records whose time zone is not known.
    pub without_zone: u64,
}
