//! From text to rows of cells, with the physical line each row begins on.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2};

/// The delimiters that are tried.
pub(crate) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Says whether a line by itself is a whole row of the table.
pub(crate) type IsRow<'s> = &'s dyn Fn(&str) -> bool;

/// Splits delimited text (RFC 4180 with any line ending) into rows.
///
/// Lines without any character are no rows. A quote that never closes is read as a character of its
/// cell, so that one stray quote costs one row and not the rest of the file.
#[derive(Clone)]
pub struct Rows<'t> {
    text: &'t str,
    position: usize,
    line: u64,
    delimiter: u8,
    limit: usize,
    start: usize,
    /// Whether more text may follow.
    partial: bool,
    is_row: Option<IsRow<'t>>,
    stray: Option<usize>,
}

impl core::fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Rows").field("position", &self.position).finish_non_exhaustive()
    }
}

/// What became of a cell that begins with a quote.
enum Quoted<'t> {
    Cell(Cow<'t, str>),
    /// It does not close.
    Stray,
    /// More text is needed to tell.
    Open,
}

impl<'t> Rows<'t> {
    /// The rows of a text; `delimiter` is an ASCII character other than a quote or a line break.
    #[must_use]
    pub const fn new(text: &'t str, delimiter: u8) -> Self {
        Self {
            text,
            position: 0,
            line: 1,
            delimiter,
            limit: usize::MAX,
            start: 0,
            partial: false,
            is_row: None,
            stray: None,
        }
    }

    /// Keeps only the first cells of each row, so that memory is bounded whatever a line holds.
    #[must_use]
    pub const fn with_limit(mut self, cells: usize) -> Self {
        self.limit = cells;
        self
    }

    /// Begins at a line, in a text that may go on: a row that may not be whole is not given.
    pub(crate) const fn block(mut self, line: u64, partial: bool) -> Self {
        (self.line, self.partial) = (line, partial);
        self
    }

    /// Ends a quoted cell before a line that is a row by itself.
    pub(crate) const fn with_row_test(mut self, is_row: IsRow<'t>) -> Self {
        self.is_row = Some(is_row);
        self
    }

    /// The length of the row that was just read, in bytes.
    pub(crate) const fn row_bytes(&self) -> usize {
        self.position - self.start
    }

    /// Where the next row begins, and its line.
    pub(crate) const fn position(&self) -> (usize, u64) {
        (self.position, self.line)
    }

    /// The first cell of the row that was just read whose quote does not close.
    pub(crate) const fn stray(&self) -> Option<usize> {
        self.stray
    }

    /// Reads the next row into `cells` and returns its line, counted from 1; `None` at the end.
    pub fn read(&mut self, cells: &mut Vec<Cow<'t, str>>) -> Option<u64> {
        cells.clear();
        self.stray = None;
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.position) {
            match byte {
                b'\n' => self.line += 1,
                b'\r' => match bytes.get(self.position + 1) {
                    Some(b'\n') => {}
                    // The other half of the line break may be in the next block.
                    None if self.partial => return None,
                    _ => self.line += 1,
                },
                _ => break,
            }
            self.position += 1;
        }
        let rest = bytes.get(self.position..).filter(|rest| !rest.is_empty())?;
        let line = self.line;
        self.start = self.position;
        let end = match memchr2(b'\n', b'\r', rest) {
            Some(length) => length,
            None if self.partial => return None,
            None => rest.len(),
        };
        let plain = rest.get(..end).filter(|row| memchr(b'"', row).is_none());
        let whole = match plain {
            Some(row) => {
                self.split(row, cells);
                true
            }
            None => self.cells(cells),
        };
        if whole {
            return Some(line);
        }
        cells.clear();
        (self.position, self.line) = (self.start, line);
        None
    }

    /// Splits a row without quotes.
    fn split(&mut self, row: &[u8], cells: &mut Vec<Cow<'t, str>>) {
        let mut from = self.position;
        for at in memchr_iter(self.delimiter, row) {
            let to = self.position + at;
            if cells.len() < self.limit {
                cells.push(Cow::Borrowed(self.slice(from, to)));
            }
            from = to + 1;
        }
        self.position += row.len();
        if cells.len() < self.limit {
            cells.push(Cow::Borrowed(self.slice(from, self.position)));
        }
    }

    /// Reads the cells of a row with quotes; false if more text is needed.
    fn cells(&mut self, cells: &mut Vec<Cow<'t, str>>) -> bool {
        let bytes = self.text.as_bytes();
        loop {
            let mut cell = None;
            if bytes.get(self.position) == Some(&b'"') {
                match self.quoted() {
                    Quoted::Cell(text) => cell = Some(text),
                    Quoted::Stray => self.stray = self.stray.or(Some(cells.len())),
                    Quoted::Open => return false,
                }
            }
            let cell = cell.unwrap_or_else(|| {
                let start = self.position;
                self.skip_plain();
                Cow::Borrowed(self.slice(start, self.position))
            });
            if cells.len() < self.limit {
                cells.push(cell);
            }
            match bytes.get(self.position) {
                Some(&byte) if byte == self.delimiter => self.position += 1,
                // A line break ends the row; the next call steps over it and counts it.
                Some(_) => return true,
                None => return !self.partial,
            }
        }
    }

    fn skip_plain(&mut self) {
        let rest = self.text.as_bytes().get(self.position..).unwrap_or_default();
        let stop = |byte: &u8| *byte == self.delimiter || *byte == b'\n' || *byte == b'\r';
        self.position += rest.iter().position(stop).unwrap_or(rest.len());
    }

    /// A cell in quotes; nothing is consumed if it does not close.
    fn quoted(&mut self) -> Quoted<'t> {
        let bytes = self.text.as_bytes();
        let mut start = self.position + 1;
        let mut at = start;
        let mut owned: Option<String> = None;
        let mut breaks = 0;
        loop {
            match bytes.get(at) {
                None if self.partial => return Quoted::Open,
                None => return Quoted::Stray,
                Some(b'"') => match bytes.get(at + 1) {
                    Some(b'"') => {
                        owned.get_or_insert_default().push_str(self.slice(start, at + 1));
                        at += 2;
                        start = at;
                        continue;
                    }
                    None if self.partial => return Quoted::Open,
                    _ => break,
                },
                Some(byte @ (b'\n' | b'\r')) => {
                    breaks += u64::from(*byte == b'\n' || bytes.get(at + 1) != Some(&b'\n'));
                    if let Some(answer) = self.runs_over(at + 1) {
                        return answer;
                    }
                }
                _ => {}
            }
            at += 1;
        }
        let inner = self.slice(start, at);
        self.line += breaks;
        self.position = at + 1;
        // Text between the closing quote and the delimiter belongs to the cell.
        let tail_start = self.position;
        self.skip_plain();
        let tail = self.slice(tail_start, self.position);
        if owned.is_none() && tail.is_empty() {
            return Quoted::Cell(Cow::Borrowed(inner));
        }
        let mut whole = owned.unwrap_or_default();
        whole.push_str(inner);
        whole.push_str(tail);
        Quoted::Cell(Cow::Owned(whole))
    }

    /// Whether a quoted cell would run over a line that is a row by itself.
    fn runs_over(&self, from: usize) -> Option<Quoted<'t>> {
        let is_row = self.is_row?;
        let rest = self.text.as_bytes().get(from..).unwrap_or_default();
        let end = match memchr2(b'\n', b'\r', rest) {
            Some(end) => end,
            None if self.partial => return Some(Quoted::Open),
            None => rest.len(),
        };
        is_row(self.slice(from, from + end)).then_some(Quoted::Stray)
    }

    // All positions are those of ASCII characters, so that slices fall on character boundaries.
    #[inline]
    fn slice(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or_default()
    }
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
