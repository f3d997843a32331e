//! Derivatives as whole numbers, so that their sums do not depend on the order they are added in.
//!
//! A [`Cell`] is two 64-bit numbers: the sum of gradients, and the sum of hessians with the number of
//! rows in its low bits. Adding a row to a bin is one addition of a pair, on any number of threads the
//! sums are the same bits, and what is left after a subtraction is exact.
//!
//! With `c` bits for the number of rows, a gradient has `62 - c` bits and a hessian `63 - 2 c`: of
//! 100,000 rows 45 and 29, of 16 million 38 and 15. What a row's numbers lose is below one unit; a
//! hessian's is rounded up or down by the row's place in a sequence of even spread (Weyl 1916), so
//! that sums of many small ones are not biased.

use super::constraints::Bounds;
use super::loss::Derivatives;
use super::split::Penalty;

/// Gradients, and hessians with rows.
pub(super) type Cell = [i64; 2];

#[inline]
pub(super) fn add(to: &mut Cell, cell: Cell) {
    to[0] += cell[0];
    to[1] += cell[1];
}

#[inline]
pub(super) fn minus(whole: Cell, part: Cell) -> Cell {
    [whole[0] - part[0], whole[1] - part[1]]
}

pub(super) fn sum(cells: &[Cell]) -> Cell {
    let mut sum = Cell::default();
    cells.iter().for_each(|cell| add(&mut sum, *cell));
    sum
}

/// Gradients, hessians and rows of a cell, in their own units.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Sums {
    pub(super) g: f64,
    pub(super) h: f64,
    pub(super) n: u32,
}

/// What the whole numbers of one tree stand for.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Scale {
    /// Units of a gradient and of a hessian in 1, powers of two.
    gradient: f64,
    hessian: f64,
    row_bits: u32,
}

/// So many rows can be numbered and still leave seven bits to a hessian.
pub(super) const MAX_ROWS: usize = (1 << 28) - 1;

/// The largest power of two that `value` can be multiplied by without reaching `2^bits`.
fn units(value: f64, bits: u32) -> f64 {
    if value == 0.0 {
        return 1.0;
    }
    let exponent = f64::from(bits) - 1.0 - value.log2().floor();
    // Beyond it the units themselves would not be a number.
    (exponent.clamp(-1020.0, 1020.0)).exp2()
}

impl Scale {
    /// For at most [`MAX_ROWS`] rows; `None` if a derivative is infinite or none, or a hessian
    /// negative.
    pub(super) fn new(derivatives: &[Derivatives]) -> Option<Self> {
        let row_bits = usize::BITS - derivatives.len().leading_zeros();
        let (mut g, mut h) = (0.0_f64, 0.0_f64);
        for [gradient, hessian] in derivatives {
            if !(gradient.is_finite() && (0.0..f64::INFINITY).contains(hessian)) {
                return None;
            }
            g = g.max(gradient.abs());
            h = h.max(*hessian);
        }
        let (gradient, hessian) = (units(g, 62 - row_bits), units(h, 63 - 2 * row_bits));
        Some(Self { gradient, hessian, row_bits })
    }

    /// One row, given its place among all.
    #[inline]
    pub(super) fn cell(&self, row: usize, [g, h]: &Derivatives) -> Cell {
        // The golden ratio's fraction times the row, modulo 1.
        let dither = f64::from((row as u32).wrapping_mul(0x9E37_79B9)) / 4_294_967_296.0;
        let hessian = (h * self.hessian + dither) as i64;
        [(g * self.gradient) as i64, (hessian << self.row_bits) + 1]
    }

    #[inline]
    pub(super) fn rows(&self, cell: Cell) -> u32 {
        (cell[1] & ((1 << self.row_bits) - 1)) as u32
    }

    /// Sums of gradients and hessians in units of the scale.
    #[inline]
    pub(super) fn raw(&self, cell: Cell) -> (f64, f64) {
        (cell[0] as f64, (cell[1] >> self.row_bits) as f64)
    }

    pub(super) fn sums(&self, cell: Cell) -> Sums {
        let (g, h) = self.raw(cell);
        Sums { g: g / self.gradient, h: h / self.hessian, n: self.rows(cell) }
    }

    /// A number that is added to hessians, in units of the scale.
    pub(super) fn raw_hessian(&self, h: f64) -> f64 {
        h * self.hessian
    }

    /// A penalty for raw sums.
    pub(super) fn raw_penalty(&self, penalty: Penalty) -> Penalty {
        let weight = |weight: f64| weight * self.gradient / self.hessian;
        let Penalty { l1, l2, bounds: Bounds { low, high } } = penalty;
        Penalty {
            l1: l1 * self.gradient,
            l2: self.raw_hessian(l2),
            bounds: Bounds { low: weight(low), high: weight(high) },
        }
    }

    /// A score computed from [`raw`](Self::raw) sums, in the units of the loss.
    pub(super) fn score(&self, raw: f64) -> f64 {
        raw * self.hessian / self.gradient / self.gradient
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_come_back() {
        let rows: Vec<Derivatives> = (0..1_000).map(|i| [f64::from(i).sin(), 0.25]).collect();
        let scale = Scale::new(&rows).unwrap();
        let cells: Vec<Cell> = rows.iter().enumerate().map(|(i, d)| scale.cell(i, d)).collect();
        let sums = scale.sums(sum(&cells));
        assert_eq!(sums.n, 1_000);
        assert!((sums.h - 250.0).abs() < 1e-9, "{}", sums.h);
        assert!((sums.g - rows.iter().map(|d| d[0]).sum::<f64>()).abs() < 1e-9, "{}", sums.g);
        let rest = minus(sum(&cells), sum(&cells[..400]));
        assert_eq!(rest, sum(&cells[400..]));
    }

    /// Rare events in a large table: a hessian far below the largest keeps its sum.
    #[test]
    fn small_hessians_are_not_biased() {
        let rare = 1e-4;
        let scale = Scale { gradient: 1.0, hessian: units(0.25, 15), row_bits: 24 };
        assert!(rare * scale.hessian < 10.0, "a hessian of few units");
        let mut total = Cell::default();
        (0..100_000).for_each(|row| add(&mut total, scale.cell(row, &[0.0, rare])));
        assert!((scale.sums(total).h / (rare * 1e5) - 1.0).abs() < 1e-3);
    }

    #[test]
    fn extremes_do_not_overflow() {
        for size in [1e-300, 1e-9, 1.0, 1e9, f64::MAX / 2.0] {
            let rows = vec![[-size, size]; 5_000];
            let scale = Scale::new(&rows).unwrap();
            let mut total = Cell::default();
            rows.iter().enumerate().for_each(|(i, d)| add(&mut total, scale.cell(i, d)));
            assert!(total[0] < 0 && total[1] > 0, "{size}: {total:?}");
            assert_eq!(scale.rows(total), 5_000);
        }
        let nothing = Scale::new(&[[0.0, 0.0]]).unwrap();
        assert_eq!(nothing.sums([0, 1]), Sums { g: 0.0, h: 0.0, n: 1 });
        for bad in [[f64::NAN, 1.0], [f64::INFINITY, 1.0], [1.0, -1.0], [1.0, f64::INFINITY]] {
            assert_eq!(Scale::new(&[[1.0, 1.0], bad]), None);
        }
    }
}
