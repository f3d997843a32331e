//! Tables whose columns are not the report's: JSON objects in cells, and dates in three columns.
//!
//! Connectors and programs that dump rows of an API keep its nesting (`metric` as one cell of
//! `{"cost": 1.5, "clicks": 3}`) or take dates apart (`date_range_start_year`, `_month`, `_day`). Both are put
//! back into plain columns before anything else looks at a row.

mod dates;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::ingest::adapter::{is_group, same};
use crate::ingest::header::normal;
use crate::ingest::number::is_null;
use crate::ingest::row::{Fault, shorten};
use crate::ingest::table::Rows;
use dates::{Triple, triples};

/// How many rows are looked at to find columns of objects.
const SAMPLE: usize = 100;

/// The deepest object that is opened; deeper ones stay JSON.
const DEPTH: usize = 4;

/// A member of an object: its column in the file, and its path.
pub(crate) type Member = (usize, String);

/// Where the cells of a plain column come from.
#[derive(Debug, Clone)]
enum Part {
    Cell(usize),
    Member(Member),
}

/// How rows of a file become rows of plain columns.
#[derive(Debug, Clone)]
pub(crate) struct Reshape {
    /// The header of the file.
    own: Vec<String>,
    objects: BTreeSet<usize>,
    parts: Vec<Part>,
    dates: Vec<Triple>,
    /// The header of the plain columns.
    pub(crate) header: Vec<String>,
    /// Members that no object of the beginning has.
    unknown: BTreeSet<Member>,
}

impl Reshape {
    /// Looks for dates in parts below a header, and for objects if `open`; `further` are members known
    /// from a first reading. `None` where there is nothing to do.
    pub(crate) fn new(
        header: &[Cow<'_, str>],
        rows: Rows<'_>,
        open: bool,
        further: &BTreeSet<Member>,
    ) -> Option<Self> {
        let members = if open { objects(header.len(), rows.clone()) } else { BTreeSet::new() };
        let of_parts = header.iter().any(|name| normal(name).ends_with("year"));
        if members.is_empty() && !of_parts {
            return None;
        }
        let objects: BTreeSet<usize> = members.iter().map(|(column, _)| *column).collect();
        let known = further.iter().filter(|(column, _)| objects.contains(column));
        let members: BTreeSet<Member> = members.iter().chain(known).cloned().collect();
        let (mut parts, mut names) = (Vec::new(), Vec::new());
        for (index, name) in header.iter().enumerate() {
            if !objects.contains(&index) {
                parts.push(Part::Cell(index));
                names.push(name.trim().to_owned());
            }
            for member in members.iter().filter(|(column, _)| *column == index) {
                // The name inside its group is that of the API, unless a column has it already.
                let (group, path) = (normal(name), &member.1);
                let taken = header.iter().any(|other| same(&normal(other), &normal(path)));
                names.push(match is_group(&group) && !taken {
                    true => path.clone(),
                    false => format!("{}.{path}", name.trim()),
                });
                parts.push(Part::Member(member.clone()));
            }
        }
        let own = header.iter().map(|name| name.trim().to_owned()).collect();
        let mut out = Self {
            own,
            objects,
            parts,
            dates: Vec::new(),
            header: names,
            unknown: BTreeSet::new(),
        };
        let mut first = Vec::new();
        let mut below = rows;
        while below.read(&mut first).is_some() {
            if out.open(&mut first).is_ok() {
                out.dates = triples(&out.header, &first);
                break;
            }
        }
        for date in &out.dates {
            date.replace(&mut out.header, &date.name);
        }
        dates::remove(&out.dates, &mut out.header);
        (!out.objects.is_empty() || !out.dates.is_empty()).then_some(out)
    }

    /// Whether a row repeats the header of the file.
    pub(crate) fn is_header(&self, cells: &[Cow<'_, str>]) -> bool {
        cells.len() == self.own.len() && cells.iter().zip(&self.own).all(|(a, b)| a.trim() == b)
    }

    /// Members that were met and that [`Reshape::new`] did not know of.
    pub(crate) fn unknown(&self) -> &BTreeSet<Member> {
        &self.unknown
    }

    /// Makes a row of the file one of plain columns.
    pub(crate) fn apply(&mut self, cells: &mut Vec<Cow<'_, str>>) -> Result<(), Fault> {
        self.open(cells)?;
        for date in &self.dates {
            let written = date.written(cells);
            date.replace(cells, &Cow::Owned(written));
        }
        dates::remove(&self.dates, cells);
        Ok(())
    }

    fn open(&mut self, cells: &mut Vec<Cow<'_, str>>) -> Result<(), Fault> {
        let (got, want) = (cells.len(), self.own.len());
        let extra = cells.iter().skip(want).find(|cell| !cell.trim().is_empty());
        if got < want || extra.is_some() {
            return Err(Fault {
                column: None,
                value: extra.map(|cell| shorten(cell)).unwrap_or_default(),
                expected: "as many cells as the header has",
                reason: format!("{got} cells, the header has {want}"),
            });
        }
        let mut members: BTreeMap<Member, String> = BTreeMap::new();
        for column in &self.objects {
            let Some(cell) = cells.get(*column).filter(|cell| !is_empty(cell)) else { continue };
            let Some(object) = object(cell) else {
                return Err(self.fault(*column, cell, "neither empty nor an object".to_owned()));
            };
            members.extend(object.into_iter().map(|(path, text)| ((*column, path), text)));
        }
        let mut out = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            out.push(match part {
                Part::Cell(index) => cells.get_mut(*index).map(std::mem::take).unwrap_or_default(),
                Part::Member(member) => Cow::Owned(members.remove(member).unwrap_or_default()),
            });
        }
        if let Some((member, text)) = members.pop_first() {
            let reason = format!("no object before has {:?}", member.1);
            let fault = self.fault(member.0, &text, reason);
            self.unknown.insert(member);
            self.unknown.extend(members.into_keys());
            return Err(fault);
        }
        *cells = out;
        Ok(())
    }

    fn fault(&self, column: usize, value: &str, reason: String) -> Fault {
        let of = |part: &Part| matches!(part, Part::Member((own, _)) if *own == column);
        Fault {
            column: self.parts.iter().position(of),
            value: shorten(value),
            expected: "a JSON object",
            reason,
        }
    }
}

fn is_empty(cell: &str) -> bool {
    is_null(cell) || matches!(cell.trim(), "None" | "{}")
}

/// The members of the objects that stand in the first rows, of columns that hold no more of anything else.
fn objects(width: usize, mut rows: Rows<'_>) -> BTreeSet<Member> {
    let (mut out, mut cells) = (BTreeSet::new(), Vec::new());
    let mut more = vec![0_i64; width];
    for _ in 0..SAMPLE {
        if rows.read(&mut cells).is_none() {
            break;
        }
        for (column, (cell, more)) in cells.iter().zip(&mut more).enumerate() {
            match object(cell) {
                Some(members) => {
                    out.extend(members.into_keys().map(|path| (column, path)));
                    *more += 1;
                }
                None => *more -= i64::from(!is_empty(cell)),
            }
        }
    }
    out.retain(|(column, _)| more.get(*column).is_some_and(|more| *more >= 0));
    out
}

/// The members of a JSON object by their paths.
fn object(cell: &str) -> Option<BTreeMap<String, String>> {
    let text = cell.trim();
    if !text.starts_with('{') {
        return None;
    }
    let parsed: Result<Value, _> = serde_json::from_str(text);
    // Programs that print objects instead of encoding them quote with apostrophes.
    let printed = || text.replace('\'', "\"").replace(": None", ": null");
    let parsed = parsed.or_else(|_| serde_json::from_str(&printed()));
    let mut out = BTreeMap::new();
    flatten("", parsed.ok()?, DEPTH, &mut out);
    Some(out)
}

fn flatten(path: &str, value: Value, depth: usize, out: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) if depth > 0 => {
            for (name, value) in members {
                let path = if path.is_empty() { name } else { format!("{path}.{name}") };
                flatten(&path, value, depth - 1, out);
            }
        }
        Value::Null => {
            out.insert(path.to_owned(), String::new());
        }
        Value::String(text) => {
            out.insert(path.to_owned(), text);
        }
        // Decimal numbers of fifteen digits come back as they were written.
        other => {
            out.insert(path.to_owned(), other.to_string());
        }
    }
}
