//! Columns that the adapter does not know: dimension or attribute?
//!
//! A placement tells rows apart, a delivery status does not, and the name alone does not say which one
//! it is. An unknown column counts as a dimension if some file has rows that agree on every known
//! dimension and differ in it; otherwise it is an attribute, whose change restates a row. What one file
//! shows holds for the column of that name in all files of the platform and level, so that a part of a
//! report has the keys of the whole.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::dedup::{Fingerprint, Slot};
use super::layout::{Column, Layout, Level, Output, Role};
use super::number::is_null;

/// The open columns of a file.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    pub(crate) platform: Arc<str>,
    pub(crate) level: Option<Level>,
    /// Their names, in the order of [`Slot::open`].
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
    if is_null(cell) {
        return 0;
    }
    let mut hasher = DefaultHasher::new();
    cell.trim().hash(&mut hasher);
    hasher.finish().max(1)
}

/// Decides over the open columns by the live rows, and completes keys and measures.
pub(crate) fn decide<T>(slots: &mut [Slot<T>], files: &HashMap<usize, Open>) {
    let mut first: HashMap<(usize, u128), usize> = HashMap::new();
    let mut dimensions: HashSet<(&str, Option<Level>, &str)> = HashSet::new();
    for (index, slot) in slots.iter().enumerate() {
        let Some(columns) = files.get(&slot.file).filter(|_| !slot.open.is_empty()) else {
            continue;
        };
        if !slot.is_live() {
            continue;
        }
        let before = *first.entry((slot.file, slot.key)).or_insert(index);
        let before = slots.get(before).map_or(&[][..], |slot| &slot.open);
        for ((name, own), other) in columns.names.iter().zip(&slot.open).zip(before) {
            if own != other {
                dimensions.insert((&columns.platform, columns.level, name));
            }
        }
    }
    for slot in slots {
        let Some(columns) = files.get(&slot.file).filter(|_| !slot.open.is_empty()) else {
            continue;
        };
        let (mut key, mut measure) = (Fingerprint::new(), Fingerprint::new());
        key.add(slot.key);
        measure.add(slot.measure);
        for (name, cell) in columns.names.iter().zip(&slot.open) {
            if !dimensions.contains(&(&*columns.platform, columns.level, &**name)) {
                measure.add((name, cell));
            } else if *cell != 0 {
                key.add((name, cell));
            }
        }
        (slot.key, slot.measure) = (key.finish(), measure.finish());
    }
}
