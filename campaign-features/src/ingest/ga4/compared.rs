//! What of a file of sessions is not its report: a second period that it compares with, and a second table
//! behind the first.

use std::borrow::Cow;

use crate::ingest::detect::STARTS;
use crate::ingest::header::normal;
use crate::ingest::layout::{Layout, Output};

/// What the notes say of rows of a second period.
const COMPARED: &str = "rows of another, compared period are not read";

/// What the notes say of rows of a second table.
const SECOND: &str = "rows of a second table behind the report are not read";

/// Which rows of a file belong to the second of two compared periods: those behind a comment that begins
/// another period, and those whose date range is not that of the first row. And which belong to the table by
/// day that Universal Analytics puts behind the report.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    sessions: bool,
    range: Option<usize>,
    first: Option<String>,
    behind: Option<&'static str>,
}

impl Compared {
    pub(crate) fn new(layout: &Layout) -> Self {
        let sessions = layout.output == Output::Web;
        let range = layout.columns.iter().position(|column| &*column.name == "date range");
        Self { sessions, range: range.filter(|_| sessions), first: None, behind: None }
    }

    /// Looks at a line that is no data.
    pub(crate) fn comment(&mut self, cells: &[Cow<'_, str>]) {
        let text = cells.first().and_then(|cell| cell.trim().strip_prefix('#'));
        let begins = |text: &str| {
            let key = normal(text);
            STARTS.contains(&key.split(':').next().unwrap_or_default().trim())
        };
        if self.sessions && text.is_some_and(begins) {
            self.behind = self.behind.or(Some(COMPARED));
        }
    }

    /// What a row is that does not belong to the report.
    pub(crate) fn is_other(
        &mut self,
        cells: &[Cow<'_, str>],
        header: &[&str],
    ) -> Option<&'static str> {
        if self.sessions && begins_second(cells, header) {
            self.behind = self.behind.or(Some(SECOND));
        }
        let cell = self.range.and_then(|index| cells.get(index)).map(|cell| cell.trim());
        let Some(cell) = cell.filter(|cell| !cell.is_empty()) else { return self.behind };
        let other = self.first.get_or_insert_with(|| cell.to_owned()).as_str() != cell;
        self.behind.or(other.then_some(COMPARED))
    }
}

/// Whether a row is the header of a table of days beside one measure of the report: `Day Index,Users`.
fn begins_second(cells: &[Cow<'_, str>], header: &[&str]) -> bool {
    let mut filled = cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
    let (Some(first), Some(measure), None) = (filled.next(), filled.next(), filled.next()) else {
        return false;
    };
    let text = |cell: &str| !cell.bytes().any(|byte| byte.is_ascii_digit());
    header.len() > 2 && text(first) && text(measure) && header.contains(&measure)
}
