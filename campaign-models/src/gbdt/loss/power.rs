//! Poisson, gamma and Tweedie losses on the log scale: one family, by how the variance grows with the
//! mean.
//!
//! With variance power `p`, `a = y e^((1 - p) s)` and `b = e^((2 - p) s)`, a row's loss is
//! `a / (p - 1) + b / (2 - p)`, its gradient `b - a` and its hessian `(2 - p) b + (p - 1) a`, which at
//! `p = 1` and `p = 2` is the Poisson and the gamma loss (Jørgensen 1987, "Exponential dispersion
//! models"; Smyth & Jørgensen 2002).

use super::{Derivatives, LossRows, rowwise};

pub(super) const POISSON: f64 = 1.0;
pub(super) const GAMMA: f64 = 2.0;

/// The mean that targets which are all 0 are taken to have.
const SMALLEST_MEAN: f64 = 1e-9;

/// See above: `a` and `b`.
fn terms(power: f64, s: f64, y: f64) -> (f64, f64) {
    (y * ((1.0 - power) * s).exp(), ((2.0 - power) * s).exp())
}

fn value(power: f64, s: f64, y: f64) -> f64 {
    let (a, b) = terms(power, s, y);
    if power == POISSON {
        b - y * s
    } else if power == GAMMA {
        a + s
    } else {
        a / (power - 1.0) + b / (2.0 - power)
    }
}

pub(super) fn refuses(power: f64, target: f64) -> Option<&'static str> {
    if power == GAMMA {
        (target <= 0.0).then_some("a positive number")
    } else {
        (target < 0.0).then_some("a number that is not negative")
    }
}

pub(super) fn derivatives_into(
    power: f64,
    scores: &[f64],
    rows: LossRows<'_>,
    out: &mut [Derivatives],
) {
    rowwise::derivatives(scores, rows, out, |s, y| {
        let (a, b) = terms(power, s, y);
        [b - a, (2.0 - power) * b + (power - 1.0) * a]
    });
}

pub(super) fn mean(power: f64, scores: &[f64], rows: LossRows<'_>) -> f64 {
    rowwise::mean(scores, rows, |s, y| value(power, s, y))
}

pub(super) fn best_constant(power: f64, scores: &[f64], rows: LossRows<'_>) -> f64 {
    let a = rowwise::mean(scores, rows, |s, y| terms(power, s, y).0);
    let b = rowwise::mean(scores, rows, |s, y| terms(power, s, y).1);
    if a == 0.0 { SMALLEST_MEAN.ln() } else { (a / b).ln() }
}

/// The shorter of Newton's step and the best step of a leaf whose rows have equal scores.
///
/// Where targets are many times the prediction, Newton's step on a Poisson loss is as many units of
/// the logarithm and would overflow; so it is for a gamma loss where they are a small part of it. The
/// best step is the logarithm of that ratio.
pub(super) fn leaf_weight(power: f64, newton: f64) -> f64 {
    let best = ((2.0 - power) * newton).ln_1p() - ((1.0 - power) * newton).ln_1p();
    // Of a number and none, the number.
    if newton > 0.0 { best.min(newton) } else { best.max(newton) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Equal scores, without a penalty: the shorter step is the best there is, or Newton's.
    #[test]
    fn steps_never_pass_the_best() {
        for power in [1.0, 1.1, 1.5, 1.9, 2.0] {
            for target in [1e-6, 0.01, 0.5, 1.0, 3.0, 1e3, 1e9] {
                let (targets, mut d) = ([target], [[0.0; 2]]);
                let rows = LossRows::new(&targets, &[1.0]);
                derivatives_into(power, &[0.0], rows, &mut d);
                let step = leaf_weight(power, -d[0][0] / d[0][1]);
                let best = f64::ln(target);
                assert!(step * best >= 0.0 && step.abs() <= best.abs() * (1.0 + 1e-9));
                let exact =
                    if power == POISSON { target > 1.0 } else { power == GAMMA && target < 1.0 };
                assert!(
                    !exact || (step - best).abs() < 1e-6 * best.abs(),
                    "{power} {target} {step}"
                );
                assert!(step.abs() >= 0.2 * best.abs().min(1.0), "{power} {target} {step}");
            }
        }
    }

    #[test]
    fn shortened_steps_rise_through_zero() {
        for power in [1.0, 1.3, 1.7, 2.0] {
            let steps = (-400..=400).map(|i| leaf_weight(power, f64::from(i) / 20.0));
            let steps: Vec<f64> = steps.collect();
            assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{power}");
            assert_eq!(steps[400], 0.0);
        }
    }
}
