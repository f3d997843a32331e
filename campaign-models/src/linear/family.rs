//! What linear models minimise.

use crate::gbdt::Link;

/// The distribution whose negative log-likelihood is minimised, with its canonical link.
///
/// | | loss of score `s`, target `y` | mean | targets |
/// | --- | --- | --- | --- |
/// | Gaussian | `(y - s)^2 / 2` | `s` | any |
/// | binomial | `ln(1 + e^s) - y s` | `1 / (1 + e^-s)` | 0 to 1 |
/// | Poisson | `e^s - y s` | `e^s` | not negative |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Family {
    /// Least squares.
    Gaussian,
    /// Logistic regression.
    Binomial,
    /// Log-linear counts.
    Poisson,
}

impl Family {
    /// From a score to the mean it stands for.
    #[must_use]
    pub fn link(self) -> Link {
        match self {
            Self::Gaussian => Link::Identity,
            Self::Binomial => Link::Logit,
            Self::Poisson => Link::Log,
        }
    }

    /// What a target must be, or `None` if this one is. Targets are finite.
    pub(super) fn refuses(self, target: f64) -> Option<&'static str> {
        match self {
            Self::Gaussian => None,
            Self::Binomial => {
                (!(0.0..=1.0).contains(&target)).then_some("a number between 0 and 1")
            }
            Self::Poisson => (target < 0.0).then_some("a number that is not negative"),
        }
    }

    /// The score at which the mean is this one, kept inside the link's range.
    pub(super) fn score(self, mean: f64) -> f64 {
        match self {
            Self::Gaussian => mean,
            Self::Binomial => {
                let p = mean.clamp(1e-9, 1.0 - 1e-9);
                (p / (1.0 - p)).ln()
            }
            Self::Poisson => mean.max(1e-300).ln(),
        }
    }

    /// The loss, and its first and second derivative in the score.
    pub(super) fn loss(self, score: f64, target: f64) -> [f64; 3] {
        let mean = self.link().prediction(score);
        match self {
            Self::Gaussian => [0.5 * (target - score) * (target - score), score - target, 1.0],
            Self::Binomial => {
                // ln(1 + e^s) without overflow for large s.
                let loss = score.max(0.0) + (-score.abs()).exp().ln_1p() - target * score;
                [loss, mean - target, mean * (1.0 - mean)]
            }
            Self::Poisson => [mean - target * score, mean - target, mean],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn derivatives_equal_finite_differences() {
        for family in [Family::Gaussian, Family::Binomial, Family::Poisson] {
            for (score, target) in [(-2.0, 0.0), (0.3, 1.0), (1.5, 0.4)] {
                let h = 1e-5;
                let at = |s: f64| family.loss(s, target);
                let [_, first, second] = at(score);
                let slope = |i: usize| (at(score + h)[i] - at(score - h)[i]) / (2.0 * h);
                assert_relative_eq!(first, slope(0), epsilon = 1e-8);
                assert_relative_eq!(second, slope(1), epsilon = 1e-8);
            }
            let mean = family.link().prediction(family.score(0.25));
            assert_relative_eq!(mean, 0.25, epsilon = 1e-12);
        }
        assert!(Family::Binomial.score(1.0).is_finite() && Family::Poisson.score(0.0).is_finite());
    }
}
