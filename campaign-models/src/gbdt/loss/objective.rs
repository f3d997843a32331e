//! The losses that come with the crate.

use super::{Derivatives, Link, Loss, LossRows, logistic, squared};

/// A loss of this crate.
///
/// | | per row, score `s`, target `y` | gradient | hessian | prediction | targets |
/// | --- | --- | --- | --- | --- | --- |
/// | squared | `(y - s)^2 / 2` | `s - y` | `1` | `s` | any |
/// | logistic | `ln(1 + e^s) - y s` | `p - y` | `p (1 - p)` | `p = 1 / (1 + e^-s)` | 0 to 1 |
///
/// Each is multiplied by the row's weight. The first score is the best constant; for logistic loss
/// its probability is kept `1e-9` away from 0 and 1, so that targets of one class have finite
/// log-odds.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Objective {
    /// Half the squared error: predicts a mean.
    Squared,
    /// The negative Bernoulli log-likelihood: predicts a probability. Of fractions it is the
    /// cross-entropy.
    Logistic,
}

impl Loss for Objective {
    fn name(&self) -> &str {
        match self {
            Self::Squared => "squared",
            Self::Logistic => "logistic",
        }
    }

    fn link(&self) -> Link {
        match self {
            Self::Squared => Link::Identity,
            Self::Logistic => Link::Logit,
        }
    }

    fn refuses(&self, target: f64) -> Option<&'static str> {
        match self {
            Self::Squared => None,
            Self::Logistic => {
                (!(0.0..=1.0).contains(&target)).then_some("a number between 0 and 1")
            }
        }
    }

    fn derivatives_into(&self, scores: &[f64], rows: LossRows<'_>, out: &mut [Derivatives]) {
        match self {
            Self::Squared => squared::derivatives_into(scores, rows, out),
            Self::Logistic => logistic::derivatives_into(scores, rows, out),
        }
    }

    fn mean(&self, scores: &[f64], rows: LossRows<'_>) -> f64 {
        match self {
            Self::Squared => squared::mean(scores, rows),
            Self::Logistic => logistic::mean(scores, rows),
        }
    }

    fn best_constant(&self, scores: &[f64], rows: LossRows<'_>) -> f64 {
        match self {
            Self::Squared => squared::best_constant(scores, rows),
            Self::Logistic => logistic::best_constant(scores, rows),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn derivatives_equal_finite_differences() {
        for loss in [Objective::Squared, Objective::Logistic] {
            for target in [0.0, 0.3, 1.0] {
                for score in [-4.0, -0.7, 0.0, 0.2, 3.0] {
                    let (targets, weights) = ([target], [2.5]);
                    let rows = LossRows::new(&targets, &weights);
                    let mut d = [[0.0; 2]];
                    loss.derivatives_into(&[score], rows, &mut d);
                    let h = 1e-4;
                    let at = |s: f64| 2.5 * loss.mean(&[s], rows);
                    let first = (at(score + h) - at(score - h)) / (2.0 * h);
                    let second = (at(score + h) - 2.0 * at(score) + at(score - h)) / (h * h);
                    assert_relative_eq!(d[0][0], first, epsilon = 1e-7);
                    assert_relative_eq!(d[0][1], second, epsilon = 1e-6);
                }
            }
        }
    }

    #[test]
    fn the_best_constant_is_the_best() {
        let (targets, weights) = ([1.0, 0.0, 0.0, 1.0], [3.0, 1.0, 2.0, 0.5]);
        let rows = LossRows::new(&targets, &weights);
        for loss in [Objective::Squared, Objective::Logistic] {
            for scores in [[0.0; 4], [0.5, -2.0, 1.0, 0.0]] {
                let best = loss.best_constant(&scores, rows);
                let at = |c: f64| loss.mean(&scores.map(|s| s + c), rows);
                assert!(at(best) < at(best + 1e-3) && at(best) < at(best - 1e-3));
            }
        }
        let huge = LossRows::new(&[f64::MAX, f64::MAX], &[1.0, 1.0]);
        assert!(Objective::Squared.best_constant(&[0.0, 0.0], huge).is_finite());
    }
}
