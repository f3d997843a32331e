//! From text to rows of cells, with the physical line each row begins on.

use std::borrow::Cow;

/// The delimiters that are tried.
pub(crate) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Splits delimited text (RFC 4180 with any line ending) into rows.
///
/// Lines without any character are no rows. A quote that never closes is read as a character of its
/// cell, so that one stray quote costs one cell and not the rest of the file.
#[derive(Debug, Clone)]
pub struct Rows<'t> {
    text: &'t str,
    position: usize,
    line: u64,
    delimiter: u8,
    limit: usize,
    start: usize,
}

impl<'t> Rows<'t> {
    /// The rows of a text; `delimiter` is an ASCII character other than a quote or a line break.
    #[must_use]
    pub const fn new(text: &'t str, delimiter: u8) -> Self {
        Self { text, position: 0, line: 1, delimiter, limit: usize::MAX, start: 0 }
    }

    /// Keeps only the first cells of each row, so that memory is bounded whatever a line holds.
    #[must_use]
    pub const fn with_limit(mut self, cells: usize) -> Self {
        self.limit = cells;
        self
    }

    /// The length of the row that was just read, in bytes.
    pub(crate) const fn row_bytes(&self) -> usize {
        self.position - self.start
    }

    /// Reads the next row into `cells` and returns its line, counted from 1; `None` at the end.
    pub fn read(&mut self, cells: &mut Vec<Cow<'t, str>>) -> Option<u64> {
        cells.clear();
        let bytes = self.text.as_bytes();
        while let Some(&byte) = bytes.get(self.position) {
            match byte {
                b'\n' => self.line += 1,
                b'\r' if bytes.get(self.position + 1) != Some(&b'\n') => self.line += 1,
                b'\r' => {}
                _ => break,
            }
            self.position += 1;
        }
        if self.position >= bytes.len() {
            return None;
        }
        let line = self.line;
        self.start = self.position;
        loop {
            let cell = self.cell();
            if cells.len() < self.limit {
                cells.push(cell);
            }
            match bytes.get(self.position) {
                Some(&byte) if byte == self.delimiter => self.position += 1,
                // A line break ends the row; the next call steps over it and counts it.
                _ => return Some(line),
            }
        }
    }

    fn cell(&mut self) -> Cow<'t, str> {
        let bytes = self.text.as_bytes();
        if bytes.get(self.position) == Some(&b'"')
            && let Some(cell) = self.quoted()
        {
            return cell;
        }
        let start = self.position;
        self.skip_plain();
        Cow::Borrowed(self.slice(start, self.position))
    }

    fn skip_plain(&mut self) {
        let rest = self.text.as_bytes().get(self.position..).unwrap_or_default();
        let stop = |byte: &u8| *byte == self.delimiter || *byte == b'\n' || *byte == b'\r';
        self.position += rest.iter().position(stop).unwrap_or(rest.len());
    }

    /// A cell in quotes; `None`, and nothing consumed, if they never close.
    fn quoted(&mut self) -> Option<Cow<'t, str>> {
        let bytes = self.text.as_bytes();
        let mut start = self.position + 1;
        let mut at = start;
        let mut owned: Option<String> = None;
        let mut breaks = 0;
        loop {
            match bytes.get(at)? {
                b'"' if bytes.get(at + 1) == Some(&b'"') => {
                    owned.get_or_insert_default().push_str(self.slice(start, at + 1));
                    at += 2;
                    start = at;
                    continue;
                }
                b'"' => break,
                b'\n' => breaks += 1,
                b'\r' if bytes.get(at + 1) != Some(&b'\n') => breaks += 1,
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
            return Some(Cow::Borrowed(inner));
        }
        let mut whole = owned.unwrap_or_default();
        whole.push_str(inner);
        whole.push_str(tail);
        Some(Cow::Owned(whole))
    }

    // All positions are those of ASCII characters, so that slices fall on character boundaries.
    fn slice(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(text: &str, delimiter: u8) -> Vec<(u64, Vec<String>)> {
        let (mut rows, mut cells, mut out) = (Rows::new(text, delimiter), Vec::new(), Vec::new());
        while let Some(line) = rows.read(&mut cells) {
            out.push((line, cells.iter().map(|c| c.to_string()).collect()));
        }
        out
    }

    #[test]
    fn physical_lines() {
        let rows = split("a,b\r\n\r\n\"x\ny\",2\n\n3,4", b',');
        let lines: Vec<u64> = rows.iter().map(|r| r.0).collect();
        assert_eq!(lines, [1, 3, 6]);
        assert_eq!(rows[1].1, ["x\ny", "2"]);
        assert_eq!(split("a\rb\r\rc", b',').iter().map(|r| r.0).collect::<Vec<_>>(), [1, 2, 4]);
    }

    #[test]
    fn stray_quote_costs_one_cell() {
        let rows = split("1,\"12 inch,x\n2,b,y\n", b',');
        assert_eq!(rows[0].1, ["1", "\"12 inch", "x"]);
        assert_eq!(rows[1], (2, vec!["2".into(), "b".into(), "y".into()]));
    }

    #[test]
    fn cells_beyond_the_limit_are_stepped_over() {
        let mut rows = Rows::new("a,\"b\nb\",c,d\ne,f", b',').with_limit(2);
        let mut cells = Vec::new();
        assert_eq!(rows.read(&mut cells), Some(1));
        assert_eq!((cells.as_slice(), rows.row_bytes()), (&["a".into(), "b\nb".into()][..], 11));
        assert_eq!(rows.read(&mut cells), Some(3));
        assert_eq!((cells.as_slice(), rows.row_bytes()), (&["e".into(), "f".into()][..], 3));
    }

    proptest! {
        // The reader of the csv crate is the oracle, on texts whose quotes all close.
        #[test]
        fn equals_the_csv_crate(text in "[ab,;\"\n\r ]{0,60}") {
            prop_assume!(closes(&text));
            let expected: Vec<Vec<String>> = csv::ReaderBuilder::new()
                .has_headers(false).flexible(true).from_reader(text.as_bytes())
                .records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
            let got: Vec<Vec<String>> = split(&text, b',').into_iter().map(|r| r.1).collect();
            prop_assert_eq!(got, expected);
        }

        #[test]
        fn never_panics(text in "\\PC*[\"\n\r,]*\\PC*") {
            let lines: Vec<u64> = split(&text, b',').into_iter().map(|r| r.0).collect();
            prop_assert!(lines.windows(2).all(|w| w[0] < w[1]));
        }
    }

    /// Whether every quoted cell has its closing quote.
    fn closes(text: &str) -> bool {
        let (mut start, mut quoted) = (true, false);
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if quoted {
                if c == '"' && chars.peek() == Some(&'"') {
                    chars.next();
                } else if c == '"' {
                    quoted = false;
                }
            } else if c == '"' && start {
                quoted = true;
                start = false;
            } else {
                start = matches!(c, ',' | '\n' | '\r');
            }
        }
        !quoted
    }
}
