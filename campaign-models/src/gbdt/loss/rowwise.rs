//! For losses that are a sum over rows.

use super::{Derivatives, Loss, LossRows};

/// Derivatives of each row from those of its score and target.
#[inline(always)]
pub(super) fn derivatives(
    scores: &[f64],
    rows: LossRows<'_>,
    out: &mut [Derivatives],
    of: impl Fn(f64, f64) -> Derivatives,
) {
    for (d, ((s, y), w)) in out.iter_mut().zip(scores.iter().zip(rows.targets).zip(rows.weights)) {
        let [gradient, hessian] = of(*s, *y);
        *d = [w * gradient, w * hessian];
    }
}

/// The weighted mean of a function of score and target. The weights' share is taken first, which keeps
/// a sum of huge numbers finite.
#[inline(always)]
pub(super) fn mean(scores: &[f64], rows: LossRows<'_>, of: impl Fn(f64, f64) -> f64) -> f64 {
    let total: f64 = rows.weights.iter().sum();
    let rows = scores.iter().zip(rows.targets).zip(rows.weights);
    rows.map(|((s, y), w)| of(*s, *y) * (w / total)).sum()
}

/// The least and the largest of some numbers.
pub(super) fn range(numbers: impl Iterator<Item = f64>) -> (f64, f64) {
    numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)))
}

/// Halvings of a range: what is left is 2^-50 of it.
const RANGE_HALVINGS: usize = 50;

/// Where a function that does not fall is 0, within a range.
pub(super) fn root((mut low, mut high): (f64, f64), function: impl Fn(f64) -> f64) -> f64 {
    let mut middle = low / 2.0 + high / 2.0;
    for _ in 0..RANGE_HALVINGS {
        if low >= high {
            break;
        }
        if function(middle) < 0.0 {
            low = middle
        } else {
            high = middle
        }
        middle = low / 2.0 + high / 2.0;
    }
    middle
}

/// Steps of Newton's method, and halvings of one.
const STEPS: usize = 100;
const HALVINGS: usize = 40;

/// See [`Loss::best_constant`].
pub(super) fn newton<L: Loss + ?Sized>(loss: &L, scores: &[f64], rows: LossRows<'_>) -> f64 {
    let mut derivatives = vec![[0.0; 2]; scores.len()];
    let at = |constant: f64| -> Vec<f64> { scores.iter().map(|s| s + constant).collect() };
    let mut constant = 0.0;
    let mut shifted = at(constant);
    let mut value = loss.mean(&shifted, rows);
    for _ in 0..STEPS {
        loss.derivatives_into(&shifted, rows, &mut derivatives);
        let sum = |which: usize| derivatives.iter().map(|d| d[which]).sum::<f64>();
        let mut step = -sum(0) / sum(1);
        if !step.is_finite() {
            break;
        }
        let mut halvings = 0;
        let (next, next_value) = loop {
            let next = at(constant + step);
            let next_value = loss.mean(&next, rows);
            if next_value <= value || halvings == HALVINGS {
                break (next, next_value);
            }
            step /= 2.0;
            halvings += 1;
        };
        // Equal losses are as near as floating point comes; a loss that is no number ends it too.
        if next_value.partial_cmp(&value) != Some(std::cmp::Ordering::Less) {
            break;
        }
        constant += step;
        (shifted, value) = (next, next_value);
    }
    constant
}
