//! Statistics of day totals: pure functions over the days of one frame, from the earliest on.

use super::series::Frame;

/// Standard deviation of totals; NaN below two days (`sample`) or one.
pub(crate) fn deviation(totals: &[i64], sample: bool) -> f64 {
    let mean = sum(totals) as f64 / totals.len() as f64;
    let mut squares = 0.0;
    for &total in totals {
        let off = total as f64 - mean;
        squares += off * off;
    }
    let freedom = if sample { totals.len().saturating_sub(1) } else { totals.len() };
    if freedom == 0 { f64::NAN } else { (squares / freedom as f64).sqrt() }
}

/// Slope per day of the least-squares line, with days counted from `to`; NaN below two days.
pub(crate) fn slope(frame: Frame<'_>, to: i64) -> f64 {
    let n = frame.day.len();
    let days: i64 = frame.day.iter().map(|day| day - to).sum();
    let (mid, mean) = (days as f64 / n as f64, sum(frame.total) as f64 / n as f64);
    let (mut with, mut own) = (0.0, 0.0);
    for (&day, &total) in frame.day.iter().zip(frame.total) {
        let x = (day - to) as f64 - mid;
        with += x * (total as f64 - mean);
        own += x * x;
    }
    if n < 2 { f64::NAN } else { with / own }
}

/// Sum of weight times value, and of the weights; the weight by days before `to`.
pub(crate) fn weighted(frame: Frame<'_>, to: i64, weights: &[f64]) -> (f64, f64) {
    let (mut sum, mut weight) = (0.0, 0.0);
    for (&day, &value) in frame.day.iter().zip(frame.value) {
        if let Some(w) = weights.get((to - day) as usize) {
            sum += w * value;
            weight += w;
        }
    }
    (sum, weight)
}

/// The magnitude of all changes together is bounded, so that no sum of totals overflows.
fn sum(totals: &[i64]) -> i64 {
    totals.iter().fold(0, |sum, total| sum.wrapping_add(*total))
}
