//! Half the squared error.

use super::{Derivatives, LossRows, rowwise};

pub(super) fn derivatives_into(scores: &[f64], rows: LossRows<'_>, out: &mut [Derivatives]) {
    rowwise::derivatives(scores, rows, out, |s, y| [s - y, 1.0]);
}

pub(super) fn mean(scores: &[f64], rows: LossRows<'_>) -> f64 {
    rowwise::mean(scores, rows, |s, y| 0.5 * (y - s) * (y - s))
}

pub(super) fn best_constant(scores: &[f64], rows: LossRows<'_>) -> f64 {
    rowwise::mean(scores, rows, |s, y| y - s)
}
