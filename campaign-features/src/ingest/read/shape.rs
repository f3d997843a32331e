//! Whether a line is a row by itself: where it is, a quote before it was never closed.

use std::borrow::Cow;

use super::super::date::{parse_date, parse_stamp};
use super::super::layout::{Layout, Role};
use super::super::number::{DecimalMark, is_null, parse};
use super::super::table::Rows;

const DATED: [Role; 6] = [Role::Day, Role::Hour, Role::Start, Role::At, Role::Week, Role::Month];

/// Roles whose cells are numbers in every row.
const NUMBERS: [Role; 6] = [
    Role::Spend,
    Role::Revenue,
    Role::Impressions,
    Role::Clicks,
    Role::Conversions,
    Role::ActionValue,
];

/// What a row of a table looks like: as many cells as the header, a date where one belongs, numbers
/// where they belong.
pub(super) struct Shape {
    delimiter: u8,
    width: usize,
    date: Option<usize>,
    numbers: Vec<usize>,
}

impl Shape {
    pub(super) fn new(layout: &Layout, delimiter: u8) -> Self {
        let numbers = NUMBERS.iter().filter_map(|role| layout.position(*role));
        Self {
            delimiter,
            width: layout.columns.len(),
            date: DATED.iter().find_map(|role| layout.position(*role)),
            numbers: numbers.collect(),
        }
    }

    pub(super) fn is_row(&self, line: &str) -> bool {
        // The end of a quoted cell that holds line breaks looks like a row but for its quotes.
        if line.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
            return false;
        }
        let mut cells: Vec<Cow<'_, str>> = Vec::new();
        let mut rows = Rows::new(line, self.delimiter).with_limit(self.width + 1);
        if rows.read(&mut cells).is_none() || cells.len() != self.width || rows.stray().is_some() {
            return false;
        }
        let cell = |index: usize| cells.get(index).map(|cell| cell.trim()).unwrap_or_default();
        let is_date = |text: &str| parse_date(text).is_ok() || parse_stamp(text).is_ok();
        if self.date.is_some_and(|index| !is_date(cell(index))) {
            return false;
        }
        let is_number = |text: &str| {
            [DecimalMark::Dot, DecimalMark::Comma].iter().any(|mark| parse(text, *mark).is_ok())
        };
        let all = self.numbers.iter().all(|index| is_number(cell(*index)));
        let any = self.numbers.iter().any(|index| !is_null(cell(*index)));
        all && (any || self.date.is_some() || self.numbers.is_empty())
    }
}
