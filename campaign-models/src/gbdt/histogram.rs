//! Sums of derivatives per bin, and the layout of codes that makes summing fast.
//!
//! Columns with a byte per code stand in blocks of a few, row after row: a row's codes come with one
//! access to memory, and the sums of a block's columns fit the nearest cache. Each such column has 256
//! sums whatever its bins, so that no code is out of bounds; those after its bin of missing values stay
//! as they are and are not looked at. A column of two bytes per code is a block of its own.

use super::bins::{BinnedColumn, Codes};
use super::cells::{Cell, add, minus};

/// Columns of a block: so many times 256 sums are 32 KiB.
const WIDTH: usize = 8;

/// Bins of a column whose codes are bytes.
const BYTE: usize = 256;

/// Some columns of the training rows, and how their part of a histogram is laid out.
#[derive(Debug)]
pub(super) struct Block<'a> {
    /// Which, with their bins, that of missing values included.
    columns: Vec<(usize, usize)>,
    /// From one column's sums to the next one's.
    stride: usize,
    codes: BlockCodes<'a>,
}

#[derive(Debug)]
enum BlockCodes<'a> {
    /// Row after row.
    Bytes(Vec<u8>),
    /// Of a single column.
    Wide(&'a [u16]),
}

/// Parts the chosen columns into blocks.
pub(super) fn blocks<'a>(columns: &'a [BinnedColumn], chosen: &[usize]) -> Vec<Block<'a>> {
    let (mut narrow, mut blocks) = (Vec::new(), Vec::new());
    for &c in chosen {
        let bins = columns[c].bins.len() + 1;
        match &columns[c].codes {
            Codes::Narrow(codes) => narrow.push(((c, bins), codes.as_slice())),
            Codes::Wide(codes) => blocks.push(Block {
                columns: vec![(c, bins)],
                stride: bins,
                codes: BlockCodes::Wide(codes),
            }),
        }
    }
    blocks.extend(narrow.chunks(WIDTH).map(|part| Block {
        columns: part.iter().map(|(column, _)| *column).collect(),
        stride: BYTE,
        codes: BlockCodes::Bytes(side_by_side(part.iter().map(|(_, codes)| *codes).collect())),
    }));
    blocks
}

fn side_by_side(columns: Vec<&[u8]>) -> Vec<u8> {
    let rows = columns.first().map_or(0, |codes| codes.len());
    let mut out = vec![0; rows * columns.len()];
    for (at, codes) in columns.iter().enumerate() {
        for (to, code) in out.iter_mut().skip(at).step_by(columns.len()).zip(*codes) {
            *to = *code;
        }
    }
    out
}

impl Block<'_> {
    /// Its share of a histogram.
    pub(super) fn len(&self) -> usize {
        self.columns.len() * self.stride
    }

    /// Each column with its sums.
    pub(super) fn columns<'h>(
        &self,
        histogram: &'h mut [Cell],
    ) -> impl Iterator<Item = (usize, &'h mut [Cell])> {
        let parts = histogram.chunks_exact_mut(self.stride);
        self.columns.iter().zip(parts).map(|(&(c, bins), part)| (c, &mut part[..bins]))
    }

    /// Sums rows anew; `cells` has one entry per entry of `rows`.
    pub(super) fn sum(&self, rows: &[u32], cells: &[Cell], histogram: &mut [Cell]) {
        self.columns(histogram).for_each(|(_, bins)| bins.fill(Cell::default()));
        match &self.codes {
            BlockCodes::Wide(codes) => {
                for (&row, &cell) in rows.iter().zip(cells) {
                    add(&mut histogram[usize::from(codes[row as usize])], cell);
                }
            }
            BlockCodes::Bytes(codes) => match self.columns.len() {
                1 => sum_bytes::<1>(codes, rows, cells, histogram),
                2 => sum_bytes::<2>(codes, rows, cells, histogram),
                3 => sum_bytes::<3>(codes, rows, cells, histogram),
                4 => sum_bytes::<4>(codes, rows, cells, histogram),
                5 => sum_bytes::<5>(codes, rows, cells, histogram),
                6 => sum_bytes::<6>(codes, rows, cells, histogram),
                7 => sum_bytes::<7>(codes, rows, cells, histogram),
                _ => sum_bytes::<WIDTH>(codes, rows, cells, histogram),
            },
        }
    }
}

/// Rows whose codes are fetched before the first of them is used: the memory answers them together.
const AHEAD: usize = 16;

fn sum_bytes<const N: usize>(codes: &[u8], rows: &[u32], cells: &[Cell], histogram: &mut [Cell]) {
    let (codes, _) = codes.as_chunks::<N>();
    let (columns, _) = histogram.as_chunks_mut::<BYTE>();
    let Some(columns) = columns.first_chunk_mut::<N>() else { return };
    let mut fetched = [[0; N]; AHEAD];
    for (rows, cells) in rows.chunks(AHEAD).zip(cells.chunks(AHEAD)) {
        for (codes_of, &row) in fetched.iter_mut().zip(rows) {
            *codes_of = codes[row as usize];
        }
        for (codes_of, &cell) in fetched.iter().zip(cells) {
            for (bins, &code) in columns.iter_mut().zip(codes_of) {
                add(&mut bins[usize::from(code)], cell);
            }
        }
    }
}

/// Turns a parent's histogram into that of the child whose sibling is given.
pub(super) fn subtract(parent: &mut [Cell], sibling: &[Cell]) {
    for (p, s) in parent.iter_mut().zip(sibling) {
        *p = minus(*p, *s);
    }
}

#[cfg(test)]
mod tests {
    use super::super::bins::Bins;
    use super::*;

    #[test]
    fn blocks_sum_what_columns_sum() {
        for n_columns in [1, 3, 8, 9, 21] {
            let column = |c: u32| {
                let code = move |r: u32| r * (c + 3) % 201;
                let codes = if c % 5 == 4 {
                    Codes::Wide((0..500).map(|r| code(r) as u16).collect())
                } else {
                    Codes::Narrow((0..500).map(|r| code(r) as u8).collect())
                };
                BinnedColumn { bins: Bins::Levels(200), codes }
            };
            let columns: Vec<_> = (0..n_columns).map(column).collect();
            let chosen: Vec<usize> = (0..columns.len()).rev().filter(|c| c % 7 != 6).collect();
            let rows: Vec<u32> = (0..500).filter(|r| r % 3 > 0).collect();
            let cells: Vec<Cell> = rows.iter().map(|&r| [i64::from(r) - 250, 1]).collect();
            let mut seen = Vec::new();
            for block in blocks(&columns, &chosen) {
                // Whatever stood there before.
                let mut histogram = vec![[7, 7]; block.len()];
                block.sum(&rows, &cells, &mut histogram);
                for (c, got) in block.columns(&mut histogram) {
                    let mut expected = vec![Cell::default(); 201];
                    for (&row, &cell) in rows.iter().zip(&cells) {
                        add(&mut expected[(row * (c as u32 + 3) % 201) as usize], cell);
                    }
                    assert_eq!(got, expected, "{n_columns} columns, column {c}");
                    seen.push(c);
                }
            }
            seen.sort_unstable();
            let mut expected = chosen;
            expected.sort_unstable();
            assert_eq!(seen, expected);
        }
    }
}
