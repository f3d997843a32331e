//! Columns that the adapter does not know: dimension or attribute?
//!
//! A placement tells rows apart, a delivery status does not, and the name alone does not say which one
//! it is. An unknown column counts as a dimension if some file has rows that agree on every known
//! dimension and differ in it; otherwise it is an attribute, whose change restates a row. What one file
//! shows holds for the column of that name in all files of the platform and level, so that a part of a
//! report has the keys of the whole.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::hash::{Fingerprint, Print, PrintMap};
use super::layout::{Column, Layout, Level, Output, Role};
use super::number::is_null;

/// The open columns of a file.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    pub(crate) platform: Arc<str>,
    pub(crate) level: Option<Level>,
    /// Their names, in the order of the cells.
    pub(crate) names: Vec<Arc<str>>,
}

/// Whether the meaning of a column is open. `status` is a part of some tables' keys and changes in
/// others.
pub(crate) fn is_open(layout: &Layout, column: &Column) -> bool {
    let described = matches!(layout.output, Output::Entities(_));
    !described
        && (column.role == Role::Unknown
            || (column.role == Role::Breakdown && &*column.name == "status"))
}

/// The hash of a cell; 0 where it is empty.
pub(crate) fn hash(cell: &str) -> u64 {
    if is_null(cell) { 0 } else { super::hash::hash(cell.trim()).max(1) }
}

/// A row of which some columns are open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenRow<'c> {
    pub(crate) file: usize,
    /// Of the columns that are known.
    pub(crate) key: Print,
    pub(crate) cells: &'c [u64],
}

/// The open columns that turned out to be dimensions, by platform, level and name.
#[derive(Debug, Default)]
pub(crate) struct Dimensions(HashSet<(Arc<str>, Option<Level>, Arc<str>)>);

impl Dimensions {
    /// Decides by the rows that stand.
    pub(crate) fn new<'c>(
        rows: impl Iterator<Item = OpenRow<'c>>,
        files: &HashMap<usize, Open>,
        stated: &dyn Fn(&str, &str) -> bool,
    ) -> Self {
        let mut out = HashSet::new();
        for open in files.values() {
            for name in open.names.iter().filter(|name| stated(&open.platform, name)) {
                out.insert((open.platform.clone(), open.level, name.clone()));
            }
        }
        let mut first: HashMap<usize, PrintMap<&[u64]>> = HashMap::new();
        for row in rows.filter(|row| !row.cells.is_empty()) {
            let Some(open) = files.get(&row.file) else { continue };
            let before = *first.entry(row.file).or_default().entry(row.key).or_insert(row.cells);
            for ((name, own), other) in open.names.iter().zip(row.cells).zip(before) {
                if own != other {
                    out.insert((open.platform.clone(), open.level, name.clone()));
                }
            }
        }
        Self(out)
    }

    /// Whether a column is one.
    pub(crate) fn has(&self, open: &Open, name: &Arc<str>) -> bool {
        !self.0.is_empty() && self.0.contains(&(open.platform.clone(), open.level, name.clone()))
    }

    /// Key and measure with the cells of open columns. Empty cells add nothing, so that a file without
    /// the column has the keys of one with it.
    pub(crate) fn complete(
        &self,
        open: &Open,
        key: Print,
        measure: u64,
        cells: &[u64],
    ) -> (Print, u64) {
        let (mut of_key, mut of_measure) = (Fingerprint::new(), Fingerprint::new());
        of_key.print(key);
        of_measure.word(measure);
        let (mut dimensions, mut attributes) = (0, 0);
        for (name, cell) in open.names.iter().zip(cells).filter(|(_, cell)| **cell != 0) {
            let (print, count) = if self.has(open, name) {
                (&mut of_key, &mut dimensions)
            } else {
                (&mut of_measure, &mut attributes)
            };
            print.word(super::hash::hash(name));
            print.word(*cell);
            *count += 1;
        }
        let key = if dimensions > 0 { of_key.finish() } else { key };
        (key, if attributes > 0 { of_measure.finish().short() } else { measure })
    }
}
