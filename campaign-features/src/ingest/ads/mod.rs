//! The rows of all reports of ads, small enough that ten million fit in memory.

mod chunks;
mod index;
mod profile;
mod row;
mod settle;

use std::collections::HashMap;

pub(crate) use chunks::Chunks;
pub(crate) use profile::{Profile, Profiles};
pub(crate) use row::{AdRow, Metrics, NO_FILE};

use index::Index;

/// The rows of all reports of ads.
#[derive(Debug, Default, Clone)]
pub(crate) struct Ads {
    pub(crate) rows: Chunks<AdRow>,
    pub(crate) profiles: Profiles,
    index: Index,
    /// The cells of open columns, by file.
    open: HashMap<u32, OpenCells>,
    /// Rows that were left out because an equal one was there, and of these the conflicting, by file.
    pub(crate) repeated: HashMap<u32, [u64; 2]>,
    /// The first row of the file that is being read.
    pub(crate) first: usize,
}

/// The cells of the open columns of a file's rows.
#[derive(Debug, Default, Clone)]
struct OpenCells {
    first: usize,
    width: usize,
    cells: Vec<u64>,
}

impl OpenCells {
    fn get(&self, row: usize) -> &[u64] {
        let from = row.wrapping_sub(self.first).wrapping_mul(self.width);
        self.cells.get(from..from.wrapping_add(self.width)).unwrap_or_default()
    }
}

impl Ads {
    /// Begins a file.
    pub(crate) fn begin(&mut self) {
        self.first = self.rows.len();
    }

    /// Takes a row with the cells of its open columns; one that equals the only row of its key so far
    /// leaves nothing but a count.
    pub(crate) fn push(&mut self, mut row: AdRow, open: &[u64]) {
        let next = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let rows = &self.rows;
        let is_key = |known: u32| rows.get(known as usize).is_some_and(|r| r.key == row.key);
        if let Some(known) = self.index.find_or_insert(row.key, next, is_key) {
            let same_open = self.cells_of(known) == open;
            if let Some(before) = self.rows.get_mut(known as usize) {
                let same_time = before.known_nanos() == row.known_nanos();
                if !before.shares_key && same_time && same_open && before.measure == row.measure {
                    before.repeated_in = row.file;
                    self.repeated.entry(row.file).or_default()[0] += 1;
                    return;
                }
                if before.repeated_in == row.file
                    && before.file != row.file
                    && same_time
                    && same_open
                {
                    // The file says two things; the first of them was left out.
                    self.repeated.entry(row.file).or_default()[1] += 1;
                    before.repeated_in = NO_FILE;
                }
                before.shares_key = true;
            }
            row.shares_key = true;
        }
        if !open.is_empty() {
            let cells = self.open.entry(row.file).or_default();
            if cells.cells.is_empty() {
                (cells.first, cells.width) = (next as usize, open.len());
            }
            cells.cells.extend_from_slice(open);
        }
        self.rows.push(row);
    }

    fn cells_of(&self, row: u32) -> &[u64] {
        let file = self.rows.get(row as usize).map_or(NO_FILE, |row| row.file);
        self.open.get(&file).map_or(&[], |cells| cells.get(row as usize))
    }

    /// Takes back what was read of a file.
    pub(crate) fn take_back(&mut self, file: u32) {
        self.rows.truncate(self.first);
        self.open.remove(&file);
        self.repeated.remove(&file);
        self.index.clear();
        for row in self.rows.iter_mut().filter(|row| row.repeated_in == file) {
            row.repeated_in = NO_FILE;
        }
        for number in 0..self.rows.len() {
            let Some(key) = self.rows.get(number).map(|row| row.key) else { continue };
            let rows = &self.rows;
            let is_key = |known: u32| rows.get(known as usize).is_some_and(|row| row.key == key);
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            self.index.find_or_insert(key, number, is_key);
        }
    }

    /// The rows that stand.
    pub(crate) fn live(&self) -> impl Iterator<Item = &AdRow> {
        self.rows.iter().filter(|row| row.is_live())
    }

    pub(crate) fn profile(&self, row: &AdRow) -> Option<&Profile> {
        self.profiles.get(row.profile)
    }

    /// Frees what is only needed while reading.
    pub(crate) fn close(&mut self) {
        self.profiles.close();
        self.index.clear();
    }
}
