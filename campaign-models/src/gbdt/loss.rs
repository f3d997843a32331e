//! Losses and their derivatives with respect to the score.

/// What boosting minimises.
///
/// | loss | per row, score `s`, target `y` | gradient | hessian | prediction |
/// | --- | --- | --- | --- | --- |
/// | squared | `(y - s)^2 / 2` | `s - y` | `1` | `s` |
/// | logistic | `ln(1 + e^s) - y s` | `p - y` | `p (1 - p)` | `p = 1 / (1 + e^-s)` |
///
/// Each is multiplied by the row's weight. Logistic targets are probabilities: 0, 1, or a fraction
/// in between. The first score is the best constant; for logistic loss its probability is kept
/// `1e-9` away from 0 and 1, so that targets of one class have finite log-odds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Loss {
    /// Half the squared error: predicts a mean.
    Squared,
    /// The negative Bernoulli log-likelihood: predicts a probability.
    Logistic,
}

/// First and second derivative of the loss at one row's score, times its weight.
pub(super) type Derivatives = [f64; 2];

/// Bound of the first score's probability away from 0 and 1, where the log-odds are infinite.
const MARGIN: f64 = 1e-9;

impl Loss {
    /// The loss of one row.
    #[must_use]
    pub fn value(self, score: f64, target: f64) -> f64 {
        match self {
            Self::Squared => 0.5 * (target - score) * (target - score),
            // ln(1 + e^s) without overflow for large s.
            Self::Logistic => score.max(0.0) + (-score.abs()).exp().ln_1p() - target * score,
        }
    }

    /// The prediction that a score stands for.
    #[must_use]
    #[inline]
    pub fn prediction(self, score: f64) -> f64 {
        match self {
            Self::Squared => score,
            Self::Logistic => 1.0 / (1.0 + (-score).exp()),
        }
    }

    /// What a target must be, or `None` if this one is.
    pub(super) fn refuses(self, target: f64) -> Option<&'static str> {
        match self {
            Self::Squared => (!target.is_finite()).then_some("a finite number"),
            Self::Logistic => {
                (!(0.0..=1.0).contains(&target)).then_some("a number between 0 and 1")
            }
        }
    }

    /// The constant score with the smallest loss.
    pub(super) fn base_score(self, targets: &[f64], weights: &[f64]) -> f64 {
        let total: f64 = weights.iter().sum();
        // Dividing first keeps a sum of huge targets finite.
        let mean: f64 = targets.iter().zip(weights).map(|(y, w)| y * (w / total)).sum();
        match self {
            Self::Squared => mean,
            Self::Logistic => {
                let p = mean.clamp(MARGIN, 1.0 - MARGIN);
                (p / (1.0 - p)).ln()
            }
        }
    }

    /// Derivatives at every row.
    pub(super) fn derivatives_into(
        self,
        scores: &[f64],
        targets: &[f64],
        weights: &[f64],
        out: &mut [Derivatives],
    ) {
        let rows = scores.iter().zip(targets).zip(weights);
        match self {
            Self::Squared => {
                for (d, ((s, y), w)) in out.iter_mut().zip(rows) {
                    *d = [w * (s - y), *w];
                }
            }
            Self::Logistic => {
                for (d, ((s, y), w)) in out.iter_mut().zip(rows) {
                    let p = self.prediction(*s);
                    *d = [w * (p - y), w * (p * (1.0 - p))];
                }
            }
        }
    }

    /// Weighted mean loss.
    pub(super) fn mean(self, scores: &[f64], targets: &[f64], weights: &[f64]) -> f64 {
        let total: f64 = weights.iter().sum();
        let rows = scores.iter().zip(targets).zip(weights);
        rows.map(|((s, y), w)| w * self.value(*s, *y)).sum::<f64>() / total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn derivatives_equal_finite_differences() {
        for loss in [Loss::Squared, Loss::Logistic] {
            for target in [0.0, 0.3, 1.0] {
                for score in [-4.0, -0.7, 0.0, 0.2, 3.0] {
                    let mut d = [[0.0; 2]];
                    loss.derivatives_into(&[score], &[target], &[2.5], &mut d);
                    let h = 1e-4;
                    let at = |s: f64| 2.5 * loss.value(s, target);
                    let first = (at(score + h) - at(score - h)) / (2.0 * h);
                    let second = (at(score + h) - 2.0 * at(score) + at(score - h)) / (h * h);
                    assert_relative_eq!(d[0][0], first, epsilon = 1e-7);
                    assert_relative_eq!(d[0][1], second, epsilon = 1e-6);
                }
            }
        }
    }

    #[test]
    fn base_score_is_the_best_constant() {
        let (y, w) = ([1.0, 0.0, 0.0, 1.0], [3.0, 1.0, 2.0, 0.5]);
        for loss in [Loss::Squared, Loss::Logistic] {
            let base = loss.base_score(&y, &w);
            let at = |s: f64| loss.mean(&[s; 4], &y, &w);
            assert!(at(base) < at(base + 1e-3) && at(base) < at(base - 1e-3));
        }
        assert!(Loss::Logistic.base_score(&[0.0, 0.0], &[1.0, 1.0]).is_finite());
        assert!(Loss::Squared.base_score(&[f64::MAX, f64::MAX], &[1.0, 1.0]).is_finite());
    }

    #[test]
    fn logistic_loss_does_not_overflow() {
        assert_eq!(Loss::Logistic.value(1e4, 0.0), 1e4);
        assert_eq!(Loss::Logistic.value(-1e4, 0.0), 0.0);
        assert_eq!(Loss::Logistic.prediction(-1e4), 0.0);
    }
}
