//! Which rows stand: see `dedup`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::super::dedup::{State, Version, settle};
use super::super::hash::Print;
use super::super::open::{Dimensions, Open, OpenRow};
use super::{Ads, NO_FILE};

/// An unknown column that has one value in one file and another in a second, over the same rows at other
/// metrics: an attribute that changed, or a dimension that neither file alone shows?
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Doubt {
    pub(crate) file: u32,
    pub(crate) other: u32,
    pub(crate) column: Arc<str>,
}

impl Ads {
    /// Sets aside the rows that were not yet known, and compares the other rows of each key with each other.
    /// Called once, when every file is read: only then the known-at of every row is known.
    ///
    /// Returns the doubts, with the number of rows each is about.
    pub(crate) fn settle(
        &mut self,
        files: &HashMap<usize, Open>,
        stated: &dyn Fn(&str, &str) -> bool,
        later: &[u32],
    ) -> BTreeMap<Doubt, u64> {
        for number in later {
            if let Some(row) = self.rows.get_mut(*number as usize) {
                row.state = State::Later;
            }
        }
        let mut shared: Vec<(Print, u32)> = Vec::new();
        for (number, row) in self.rows.iter_mut().enumerate() {
            row.repeated_in = NO_FILE;
            if row.shares_key {
                shared.push((row.key, u32::try_from(number).unwrap_or(u32::MAX)));
            }
        }
        // Rows of one key stand together, in reading order.
        shared.sort_unstable();
        let dimensions = self.dimensions(&shared, files, stated);
        let (mut doubts, mut constant) = (BTreeMap::new(), HashMap::new());
        let mut keyed: Vec<(Print, u32, Version)> = Vec::new();
        let mut fates = Vec::new();
        let mut group: Vec<Version> = Vec::new();
        for run in shared.chunk_by(|a, b| a.0 == b.0) {
            self.doubts(run, files, &dimensions, &mut constant, &mut doubts);
            keyed.clear();
            keyed.extend(run.iter().filter_map(|(_, number)| {
                let row = self.rows.get(*number as usize)?;
                let open = files.get(&(row.file as usize));
                let cells = self.cells_of(*number);
                let (key, measure) = match open {
                    Some(open) if !cells.is_empty() => {
                        dimensions.complete(open, row.key, row.measure, cells)
                    }
                    _ => (row.key, row.measure),
                };
                let known = row.known_nanos();
                Some((key, *number, Version { file: row.file, measure, known }))
            }));
            keyed.sort_unstable_by_key(|(key, number, _)| (*key, *number));
            for same in keyed.chunk_by(|a, b| a.0 == b.0) {
                // What is set aside is compared with itself only, for the accounting.
                for state in [State::Live, State::Later] {
                    let of_state = |(_, number, _): &&(Print, u32, Version)| {
                        self.rows.get(*number as usize).is_some_and(|row| row.state == state)
                    };
                    let rows: Vec<&(Print, u32, Version)> = same.iter().filter(of_state).collect();
                    if rows.is_empty() {
                        continue;
                    }
                    group.clear();
                    group.extend(rows.iter().map(|(_, _, version)| version));
                    settle(&group, state, &mut fates);
                    let numbers: Vec<u32> = rows.iter().map(|(_, number, _)| *number).collect();
                    for (number, fate) in numbers.iter().zip(&fates) {
                        let next = fate.next.and_then(|next| numbers.get(next));
                        if let Some(row) = self.rows.get_mut(*number as usize) {
                            (row.state, row.conflicting) = (fate.state, fate.conflicting);
                            row.repeated_in = next.copied().unwrap_or(NO_FILE);
                        }
                    }
                }
            }
        }
        doubts
    }

    fn dimensions(
        &self,
        shared: &[(Print, u32)],
        files: &HashMap<usize, Open>,
        stated: &dyn Fn(&str, &str) -> bool,
    ) -> Dimensions {
        let rows = shared.iter().filter_map(|(key, number)| {
            let row = self.rows.get(*number as usize).filter(|row| row.is_live())?;
            let cells = self.cells_of(*number);
            Some(OpenRow { file: row.file as usize, key: *key, cells })
        });
        Dimensions::new(rows, files, stated)
    }

    /// Notes where two files differ in an open column that is the same all over each of them.
    fn doubts(
        &self,
        run: &[(Print, u32)],
        files: &HashMap<usize, Open>,
        dimensions: &Dimensions,
        constant: &mut HashMap<(u32, usize), bool>,
        doubts: &mut BTreeMap<Doubt, u64>,
    ) {
        for (before, after) in run.iter().zip(run.iter().skip(1)) {
            let rows = (self.rows.get(before.1 as usize), self.rows.get(after.1 as usize));
            let (Some(old), Some(new)) = rows else { continue };
            if old.file == new.file || old.measure == new.measure {
                continue;
            }
            let opens = (files.get(&(old.file as usize)), files.get(&(new.file as usize)));
            let (Some(open), Some(other)) = opens else { continue };
            if open.names != other.names {
                continue;
            }
            let cells = self.cells_of(before.1).iter().zip(self.cells_of(after.1));
            for (at, (name, (own, theirs))) in open.names.iter().zip(cells).enumerate() {
                let differ = *own != 0 && *theirs != 0 && own != theirs;
                let mut is_constant = |file| {
                    *constant.entry((file, at)).or_insert_with(|| self.is_constant(file, at))
                };
                if differ
                    && !dimensions.has(open, name)
                    && is_constant(old.file)
                    && is_constant(new.file)
                {
                    let doubt = Doubt { file: new.file, other: old.file, column: name.clone() };
                    *doubts.entry(doubt).or_default() += 1;
                }
            }
        }
    }

    /// Whether an open column has one value in a file; asked of few files, and answered at the first
    /// difference.
    fn is_constant(&self, file: u32, column: usize) -> bool {
        let Some(cells) = self.open.get(&file).filter(|cells| cells.width > 0) else {
            return false;
        };
        let mut column = cells.cells.iter().skip(column).step_by(cells.width);
        let first = column.next();
        column.all(|cell| Some(cell) == first)
    }
}
