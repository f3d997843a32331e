//! Findings, as data and as text.

use std::fmt;
use std::sync::Arc;

/// What kind of leak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum LeakageKind {
    /// One column predicts what columns known before the label seldom do.
    TooGoodAlone,
    /// Whether there is a value tells the target.
    KnownAfter,
    /// A value was changed after the day of its row.
    ChangedAfter,
    /// A column that names rows rather than describing them.
    IdLike,
    /// Equal rows on both sides of a split.
    Duplicates,
    /// Rows of one group that are almost equal, on both sides of a split.
    NearDuplicates,
}

/// A number that a finding rests on.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Evidence {
    /// What it is.
    pub name: String,
    /// The number.
    pub value: f64,
}

/// Something that may be a leak.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Finding {
    /// What kind of leak.
    pub kind: LeakageKind,
    /// The column; rows are not of one.
    pub column: Option<Arc<str>>,
    /// The numbers.
    pub evidence: Vec<Evidence>,
    /// The finding in words.
    pub text: String,
}

impl Finding {
    pub(super) fn new<const N: usize>(
        kind: LeakageKind,
        column: Option<&Arc<str>>,
        evidence: [(&str, f64); N],
        text: String,
    ) -> Self {
        let evidence = evidence.map(|(name, value)| Evidence { name: name.to_owned(), value });
        Self { kind, column: column.cloned(), evidence: evidence.into(), text }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What was found. Printed, it is one line per finding.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct LeakageReport {
    /// Rows looked at.
    pub rows: usize,
    /// Columns looked at.
    pub columns: usize,
    /// What may be a leak, in column order, rows last.
    pub findings: Vec<Finding>,
}

impl LeakageReport {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

impl fmt::Display for LeakageReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, columns, findings } = self;
        match findings.len() {
            0 => write!(f, "no leak found")?,
            1 => write!(f, "1 finding")?,
            n => write!(f, "{n} findings")?,
        }
        writeln!(f, " in {columns} columns of {rows} rows")?;
        findings.iter().try_for_each(|finding| writeln!(f, "- {finding}"))
    }
}
