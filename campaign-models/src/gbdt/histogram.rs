//! Sums of derivatives per bin.
//!
//! One histogram holds all columns side by side; column `c` has its bins at
//! `offsets[c]..offsets[c + 1]`, the last of them for missing values. Sums run over the rows in the
//! order given, so that they do not depend on how columns are spread over threads.

use super::loss::Derivatives;

/// Gradients, hessians and rows of a bin, or of any set of rows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Sums {
    pub(super) g: f64,
    pub(super) h: f64,
    pub(super) n: u32,
}

impl Sums {
    pub(super) fn of(derivatives: &[Derivatives]) -> Self {
        let mut sums = Self::default();
        derivatives.iter().for_each(|d| sums.add(d));
        sums
    }

    #[inline]
    fn add(&mut self, [g, h]: &Derivatives) {
        self.g += g;
        self.h += h;
        self.n += 1;
    }

    #[inline]
    pub(super) fn plus(self, other: Self) -> Self {
        Self { g: self.g + other.g, h: self.h + other.h, n: self.n + other.n }
    }

    /// The rest of `self` without `part`. Nothing left is exactly nothing, not rounding noise.
    #[inline]
    pub(super) fn minus(self, part: Self) -> Self {
        match self.n.saturating_sub(part.n) {
            0 => Self::default(),
            n => Self { g: self.g - part.g, h: self.h - part.h, n },
        }
    }
}

/// Adds rows to one column's histogram. `derivatives` is gathered: one entry per entry of `rows`.
pub(super) fn accumulate<T: Copy + Into<usize>>(
    codes: &[T],
    rows: &[u32],
    derivatives: &[Derivatives],
    histogram: &mut [Sums],
) {
    for (&row, d) in rows.iter().zip(derivatives) {
        let code: usize = codes[row as usize].into();
        histogram[code].add(d);
    }
}

/// Turns a parent's histogram into that of the child whose sibling is given.
pub(super) fn subtract(parent: &mut [Sums], sibling: &[Sums]) {
    for (p, s) in parent.iter_mut().zip(sibling) {
        *p = p.minus(*s);
    }
}

/// Lends the columns' parts of a histogram.
pub(super) fn split_columns<'h>(
    mut histogram: &'h mut [Sums],
    offsets: &[usize],
) -> Vec<&'h mut [Sums]> {
    let widths = offsets.windows(2).map(|pair| pair[1] - pair[0]);
    let mut columns = Vec::with_capacity(offsets.len().saturating_sub(1));
    for width in widths {
        let (column, rest) = histogram.split_at_mut(width);
        columns.push(column);
        histogram = rest;
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subtraction_gives_the_sibling() {
        let codes: Vec<u8> = (0..200_u32).map(|i| (i * 7 % 5) as u8).collect();
        let d: Vec<Derivatives> = (0..200).map(|i| [f64::from(i).sin(), 0.5]).collect();
        let histogram = |rows: &[u32]| {
            let gathered: Vec<_> = rows.iter().map(|&r| d[r as usize]).collect();
            let mut h = vec![Sums::default(); 6];
            accumulate(&codes, rows, &gathered, &mut h);
            h
        };
        let all: Vec<u32> = (0..200).collect();
        // The left child holds every row of bin 0, so that the right one has an empty bin.
        let (left, right): (Vec<u32>, Vec<u32>) =
            all.iter().partition(|r| **r < 60 || codes[**r as usize] == 0);
        let mut parent = histogram(&all);
        subtract(&mut parent, &histogram(&left));
        for (got, want) in parent.iter().zip(histogram(&right)) {
            assert_eq!(got.n, want.n);
            assert!((got.g - want.g).abs() < 1e-12 && (got.h - want.h).abs() < 1e-12);
        }
        assert_eq!(parent[0], Sums::default());
        assert_eq!(parent[5], Sums::default());
    }

    #[test]
    fn columns_are_lent_by_offset() {
        let mut h = vec![Sums::default(); 7];
        let columns = split_columns(&mut h, &[0, 3, 3, 7]);
        assert_eq!(columns.iter().map(|c| c.len()).collect::<Vec<_>>(), [3, 0, 4]);
    }
}
