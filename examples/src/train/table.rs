//! A CSV file as texts.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder, StringRecord};
use flate2::read::MultiGzDecoder;

use crate::program::Failure;

/// Rows of texts under a header.
#[derive(Debug)]
pub struct Table {
    path: PathBuf,
    names: Vec<String>,
    rows: Vec<StringRecord>,
    delimiter: u8,
}

impl Table {
    /// Reads a file, gzipped or not, whose delimiter is a comma, a semicolon or a tab: the one that the
    /// header has most of.
    ///
    /// # Errors
    /// With the file's name, and the line where there is one.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = fs::read(path).map_err(|error| Failure::at(path, error))?;
        let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut text = Vec::new();
            let read = MultiGzDecoder::new(&bytes[..]).read_to_end(&mut text);
            read.map_err(|error| Failure::at(path, error))?;
            text
        } else {
            bytes
        };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let delimiter = delimiter(bytes);
        let mut reader =
            ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(bytes);
        let mut records = reader.byte_records().map(|record| text(path, record));
        let Some(header) = records.next().transpose()? else {
            return Err(Failure::at(path, "no header, expected the names of the columns"));
        };
        let names: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
        for (at, name) in names.iter().enumerate() {
            if name.is_empty() {
                return Err(Failure::at(path, format!("column {}: no name", at + 1)));
            }
            if names[..at].contains(name) {
                return Err(Failure::at(path, format!("two columns are called {name:?}")));
            }
        }
        let rows = records.collect::<Result<Vec<_>, _>>()?;
        if rows.is_empty() {
            return Err(Failure::at(path, "a header and no rows"));
        }
        Ok(Self { path: path.to_owned(), names, rows, delimiter })
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Names of the columns.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many rows there are below the header.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// Whether a comma can be a decimal mark, because it does not part cells.
    #[must_use]
    pub fn decimal_comma(&self) -> bool {
        self.delimiter != b','
    }

    /// The position of a column.
    ///
    /// # Errors
    /// For a name that no column has, with those there are.
    pub fn position(&self, name: &str) -> Result<usize, Failure> {
        self.names.iter().position(|other| other == name).ok_or_else(|| {
            let names = self.names.join(", ");
            Failure::at(&self.path, format!("no column {name:?}, expected one of {names}"))
        })
    }

    /// The cells of a column, without the blanks around them; `None` where nothing is known.
    pub fn cells(&self, column: usize) -> impl Iterator<Item = Option<&str>> {
        self.rows.iter().map(move |row| known(row.get(column).unwrap_or("")))
    }

    /// A failure about a cell; rows count from 1 below the header.
    #[must_use]
    pub fn cell_failure(&self, row: usize, column: usize, expected: &str) -> Failure {
        let name = &self.names[column];
        let value = self.rows[row].get(column).unwrap_or("");
        let row = row + 1;
        Failure::at(
            &self.path,
            format!("row {row}, column {name:?}: {value:?}, expected {expected}"),
        )
    }
}

/// Texts that stand for nothing known.
const UNKNOWN: [&str; 10] = ["", "NA", "N/A", "#N/A", "NaN", "nan", "NULL", "null", "None", "?"];

fn known(cell: &str) -> Option<&str> {
    let cell = cell.trim();
    (!UNKNOWN.contains(&cell)).then_some(cell)
}

fn delimiter(bytes: &[u8]) -> u8 {
    let header = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |delimiter: u8| {
        let mut quoted = false;
        header
            .iter()
            .filter(|&&byte| {
                quoted ^= byte == b'"';
                !quoted && byte == delimiter
            })
            .count()
    };
    // Of two that stand as often, the first.
    [b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

fn text(path: &Path, record: csv::Result<ByteRecord>) -> Result<StringRecord, Failure> {
    let record = record.map_err(|error| Failure::at(path, error))?;
    StringRecord::from_byte_record(record).map_err(|error| {
        let line = error.into_byte_record().position().map_or(0, csv::Position::line);
        Failure::at(path, format!("line {line}: not UTF-8"))
    })
}
