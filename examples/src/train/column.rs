//! What a column of texts is: numbers, dates or levels.

use std::collections::BTreeSet;
use std::sync::Arc;

use campaign_core::{Column, ColumnKind};
use jiff::civil::{Date, DateTime, date};

use super::table::Table;
use crate::program::Failure;

/// The most levels that a model takes.
const MOST_LEVELS: usize = u16::MAX as usize;

/// How the texts of a column become numbers.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// As they stand.
    Numbers,
    /// Dates, as days since 1970, with fractions where they have a time of day.
    Dates,
    /// As positions among these.
    Levels(Arc<[Arc<str>]>),
}

impl Reading {
    /// What all known texts of a column are.
    #[must_use]
    pub fn detect(table: &Table, column: usize) -> Self {
        let comma = table.decimal_comma();
        let all = |is: &dyn Fn(&str) -> bool| {
            let mut cells = table.cells(column).flatten().peekable();
            cells.peek().is_some() && cells.all(is)
        };
        if all(&|cell| number(cell, comma).is_some()) {
            Self::Numbers
        } else if all(&|cell| day(cell).is_some()) {
            Self::Dates
        } else {
            Self::levels(table, column)
        }
    }

    /// The texts themselves as levels, in their order.
    #[must_use]
    pub fn levels(table: &Table, column: usize) -> Self {
        let levels: BTreeSet<&str> = table.cells(column).flatten().collect();
        Self::Levels(levels.into_iter().map(Arc::from).collect())
    }

    /// How a column that a model knows is read.
    #[must_use]
    pub fn of(known: &Column, table: &Table, column: usize) -> Self {
        match &known.kind {
            ColumnKind::Categorical { .. } => Self::levels(table, column),
            ColumnKind::Numeric => match Self::detect(table, column) {
                Self::Dates => Self::Dates,
                _ => Self::Numbers,
            },
        }
    }

    /// The column's declaration.
    #[must_use]
    pub fn declare(&self, name: &str) -> Column {
        match self {
            Self::Numbers | Self::Dates => Column::numeric(name),
            Self::Levels(levels) => Column::categorical(name, levels.clone()),
        }
    }

    /// Why a model cannot learn from the column, if it cannot.
    #[must_use]
    pub fn useless(&self, table: &Table, column: usize) -> Option<String> {
        let mut known = table.cells(column).flatten();
        let Some(first) = known.next() else { return Some("no value is known".into()) };
        let is_constant = known.all(|cell| cell == first);
        if is_constant && table.cells(column).all(|cell| cell.is_some()) {
            return Some(format!("every value is {first:?}"));
        }
        let Self::Levels(levels) = self else { return None };
        let n = levels.len();
        if n > MOST_LEVELS {
            return Some(format!("{n} levels, expected at most {MOST_LEVELS}"));
        }
        // A text that hardly returns says nothing of another row.
        (n > 50 && 2 * n > table.n_rows())
            .then(|| format!("{n} different texts in {} rows", table.n_rows()))
    }

    /// The numbers of a column, NaN where nothing is known.
    ///
    /// # Errors
    /// For a cell that is none, with its row.
    pub fn numbers(&self, table: &Table, column: usize) -> Result<Vec<f64>, Failure> {
        let comma = table.decimal_comma();
        let cell = |(row, cell): (usize, Option<&str>)| {
            let Some(cell) = cell else { return Ok(f64::NAN) };
            let (value, expected) = match self {
                Self::Numbers => (number(cell, comma), "a number"),
                Self::Dates => (day(cell), "a date"),
                Self::Levels(levels) => {
                    let level = levels.binary_search_by(|level| (**level).cmp(cell)).ok();
                    (level.map(|level| level as f64), "a level")
                }
            };
            value.ok_or_else(|| table.cell_failure(row, column, expected))
        };
        table.cells(column).enumerate().map(cell).collect()
    }
}

/// A finite number, with a comma as decimal mark where it can be one.
pub(super) fn number(cell: &str, comma: bool) -> Option<f64> {
    let parsed = match cell.parse::<f64>() {
        Err(_) if comma && cell.matches(',').count() == 1 => cell.replace(',', ".").parse(),
        parsed => parsed,
    };
    parsed.ok().filter(|number| number.is_finite())
}

/// A date, with or without a time of day, as the clock showed it: an offset is not looked at.
fn moment(cell: &str) -> Option<DateTime> {
    cell.strip_suffix(['Z', 'z']).unwrap_or(cell).parse().ok()
}

/// Days since 1970 of a date, or of a date and time.
fn day(cell: &str) -> Option<f64> {
    let at = moment(cell)?;
    let days = date(1970, 1, 1).until(at.date()).ok()?.get_days();
    Some(f64::from(days) + f64::from(at.time().hour()) / 24.0 + f64::from(at.minute()) / 1440.0)
}

/// The days of a column, each of which must be known.
///
/// # Errors
/// For a cell that is no date, with its row.
pub fn days(table: &Table, column: usize) -> Result<Vec<Date>, Failure> {
    let expected = "a date as in 2026-01-31";
    let parse = |(row, cell): (usize, Option<&str>)| {
        let parsed = cell.and_then(moment);
        parsed.map(|at| at.date()).ok_or_else(|| table.cell_failure(row, column, expected))
    };
    table.cells(column).enumerate().map(parse).collect()
}
