//! The Huber loss: squared up to `delta`, straight beyond (Huber 1964).
//!
//! Beyond `delta` it has no curvature. The hessian given here is the gradient over the residual,
//! which makes the quadratic through a row's score lie on or above its loss everywhere (Huber 1981,
//! 7.8): a Newton step is one of reweighted least squares, is as long as the residuals are whatever
//! `delta` is, and never makes the training loss larger.

use super::{Derivatives, LossRows, rowwise};

pub(super) fn derivatives_into(
    delta: f64,
    scores: &[f64],
    rows: LossRows<'_>,
    out: &mut [Derivatives],
) {
    rowwise::derivatives(scores, rows, out, |s, y| {
        let residual = s - y;
        let hessian = if residual.abs() <= delta { 1.0 } else { delta / residual.abs() };
        [residual.max(-delta).min(delta), hessian]
    });
}

pub(super) fn mean(delta: f64, scores: &[f64], rows: LossRows<'_>) -> f64 {
    rowwise::mean(scores, rows, |s, y| {
        let residual = (s - y).abs();
        if residual <= delta { 0.5 * residual * residual } else { delta * (residual - 0.5 * delta) }
    })
}

/// Where the mean gradient is 0.
pub(super) fn best_constant(delta: f64, scores: &[f64], rows: LossRows<'_>) -> f64 {
    let residuals = rows.targets.iter().zip(scores).map(|(y, s)| y - s);
    rowwise::root(rowwise::range(residuals), |constant| {
        rowwise::mean(scores, rows, |s, y| (s + constant - y).max(-delta).min(delta))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quadratic_lies_above_the_loss() {
        for delta in [0.1, 1.0, 5.0] {
            for start in [-7.0, -1.0, -0.05, 0.0, 0.3, 4.0] {
                let (targets, mut d) = ([0.25], [[0.0; 2]]);
                let rows = LossRows::new(&targets, &[1.0]);
                derivatives_into(delta, &[start], rows, &mut d);
                let [g, h] = d[0];
                for to in (-200..=200).map(|i| f64::from(i) / 20.0) {
                    let step = to - start;
                    let above = mean(delta, &[start], rows) + g * step + 0.5 * h * step * step;
                    assert!(mean(delta, &[to], rows) <= above + 1e-12, "{delta} {start} {to}");
                }
            }
        }
    }
}
