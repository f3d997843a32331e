//! The losses that come with the crate.

use super::super::error::FitError;
use super::{Derivatives, Link, Loss, LossRows};
use super::{huber, logistic, power, quantile, rank, squared};

/// A loss of this crate.
///
/// | | per row, score `s`, target `y` | prediction | targets |
/// | --- | --- | --- | --- |
/// | squared | `(y - s)^2 / 2` | the mean, `s` | any |
/// | logistic | `ln(1 + e^s) - y s` | a probability, `1 / (1 + e^-s)` | 0 to 1 |
/// | Poisson | `e^s - y s` | the mean, `e^s` | 0 and above |
/// | gamma | `s + y e^-s` | the mean, `e^s` | above 0 |
/// | Tweedie, `p = power` | `y e^((1 - p) s) / (p - 1) + e^((2 - p) s) / (2 - p)` | the mean, `e^s` | 0 and above |
/// | quantile, `q = level` | `q (y - s)` or, below `s`, `(1 - q) (s - y)` | the quantile, `s` | any |
/// | Huber | `(y - s)^2 / 2` up to `d = delta`, then `d (abs(y - s) - d / 2)` | `s` | any |
/// | LambdaRank | see below | `s`, to be sorted by | 0 to 31 |
///
/// Each is multiplied by the row's weight and averaged. The first score is the best constant. Where
/// that is infinite (targets of one class, or all 0 on a log scale), probabilities are kept `1e-9`
/// away from 0 and 1, and a mean is taken as `1e-9`. Scores whose exponential overflows end the fit
/// with [`FitError::Diverged`].
///
/// **Logistic** targets may be fractions: then it is the cross-entropy. On a **log scale** Newton's
/// step may be far too long; the best step of a leaf whose rows have equal scores is taken instead
/// where that is shorter. A **quantile** loss has no curvature: trees are grown as if it were 1, and
/// then each leaf's value is the quantile of its rows' residuals, times the learning rate; `l1` and
/// `l2` bear on splits only. **Huber** loss has as hessian the gradient over the residual
/// (reweighted least squares), so that steps are as long as the residuals, whatever `delta` is.
///
/// **LambdaRank** takes the data's groups (the creatives of one placement, say). Of two rows of a group
/// with different targets its loss is `ln(1 + e^(s_worse - s_better))` times the change of NDCG if
/// the two change places; a row's gain is `2^y - 1`, so targets are grades rather than rates, and only
/// the first `truncation` places count. What it reports as its mean is 1 less the mean NDCG of the
/// groups whose targets differ; rows of equal score keep their order. Weights multiply each row's
/// derivatives. It starts from score 0.
///
/// # Source
/// Friedman 2001, "Greedy function approximation", for boosting and its leaf values; Koenker & Bassett
/// 1978 (quantile), Huber 1964 and 1981, 7.8, Jørgensen 1987 (Tweedie), Burges 2010 (LambdaRank).
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Objective {
    /// Half the squared error: predicts a mean.
    Squared,
    /// The negative Bernoulli log-likelihood: predicts a probability.
    Logistic,
    /// For counts: clicks, conversions. With exposure as an offset, for rates.
    Poisson,
    /// For positive amounts whose spread grows with their mean.
    Gamma,
    /// For amounts that are often 0: revenue per click.
    Tweedie {
        /// How the variance grows with the mean, between 1 (Poisson) and 2 (gamma), both excluded.
        power: f64,
    },
    /// For a quantile.
    Quantile {
        /// The share of targets below it, between 0 and 1.
        level: f64,
    },
    /// For a mean that outliers cannot move far.
    Huber {
        /// From which distance to the target the loss is straight, in units of the target.
        delta: f64,
    },
    /// For an order within groups, the largest targets first.
    LambdaRank {
        /// How many of the first places matter, at least 1; 30 is usual.
        truncation: usize,
    },
}

impl Objective {
    /// The variance power, of those on a log scale.
    fn power(self) -> Option<f64> {
        match self {
            Self::Poisson => Some(power::POISSON),
            Self::Gamma => Some(power::GAMMA),
            Self::Tweedie { power } => Some(power),
            _ => None,
        }
    }
}

impl Loss for Objective {
    fn name(&self) -> &str {
        match self {
            Self::Squared => "squared",
            Self::Logistic => "logistic",
            Self::Poisson => "poisson",
            Self::Gamma => "gamma",
            Self::Tweedie { .. } => "tweedie",
            Self::Quantile { .. } => "quantile",
            Self::Huber { .. } => "huber",
            Self::LambdaRank { .. } => "lambda_rank",
        }
    }

    fn parameters(&self) -> Vec<(&'static str, f64)> {
        match *self {
            Self::Tweedie { power } => vec![("power", power)],
            Self::Quantile { level } => vec![("level", level)],
            Self::Huber { delta } => vec![("delta", delta)],
            Self::LambdaRank { truncation } => vec![("truncation", truncation as f64)],
            _ => Vec::new(),
        }
    }

    fn link(&self) -> Link {
        match self {
            Self::Logistic => Link::Logit,
            Self::Poisson | Self::Gamma | Self::Tweedie { .. } => Link::Log,
            _ => Link::Identity,
        }
    }

    fn check(&self) -> Result<(), FitError> {
        let (parameter, got, ok, expected) = match *self {
            Self::Tweedie { power } => {
                ("power", power, power > 1.0 && power < 2.0, "between 1 and 2, both excluded")
            }
            Self::Quantile { level } => {
                ("level", level, level > 0.0 && level < 1.0, "between 0 and 1, both excluded")
            }
            Self::Huber { delta } => {
                ("delta", delta, delta > 0.0 && delta.is_finite(), "finite and positive")
            }
            Self::LambdaRank { truncation } => {
                ("truncation", truncation as f64, truncation > 0, "at least 1")
            }
            _ => return Ok(()),
        };
        if ok { Ok(()) } else { Err(FitError::Config { parameter, got, expected }) }
    }

    fn refuses(&self, target: f64) -> Option<&'static str> {
        match self {
            Self::Logistic => {
                (!(0.0..=1.0).contains(&target)).then_some("a number between 0 and 1")
            }
            Self::LambdaRank { .. } => rank::refuses(target),
            _ => self.power().and_then(|power| power::refuses(power, target)),
        }
    }

    fn needs_groups(&self) -> bool {
        matches!(self, Self::LambdaRank { .. })
    }

    fn derivatives_into(&self, scores: &[f64], rows: LossRows<'_>, out: &mut [Derivatives]) {
        match *self {
            Self::Squared => squared::derivatives_into(scores, rows, out),
            Self::Logistic => logistic::derivatives_into(scores, rows, out),
            Self::Poisson => power::derivatives_into(power::POISSON, scores, rows, out),
            Self::Gamma => power::derivatives_into(power::GAMMA, scores, rows, out),
            Self::Tweedie { power } => power::derivatives_into(power, scores, rows, out),
            Self::Quantile { level } => quantile::derivatives_into(level, scores, rows, out),
            Self::Huber { delta } => huber::derivatives_into(delta, scores, rows, out),
            Self::LambdaRank { truncation } => {
                rank::derivatives_into(truncation, scores, rows, out);
            }
        }
    }

    fn mean(&self, scores: &[f64], rows: LossRows<'_>) -> f64 {
        match *self {
            Self::Squared => squared::mean(scores, rows),
            Self::Logistic => logistic::mean(scores, rows),
            Self::Poisson => power::mean(power::POISSON, scores, rows),
            Self::Gamma => power::mean(power::GAMMA, scores, rows),
            Self::Tweedie { power } => power::mean(power, scores, rows),
            Self::Quantile { level } => quantile::mean(level, scores, rows),
            Self::Huber { delta } => huber::mean(delta, scores, rows),
            Self::LambdaRank { truncation } => rank::mean(truncation, scores, rows),
        }
    }

    fn best_constant(&self, scores: &[f64], rows: LossRows<'_>) -> f64 {
        match *self {
            Self::Squared => squared::best_constant(scores, rows),
            Self::Logistic => logistic::best_constant(scores, rows),
            Self::Poisson => power::best_constant(power::POISSON, scores, rows),
            Self::Gamma => power::best_constant(power::GAMMA, scores, rows),
            Self::Tweedie { power } => power::best_constant(power, scores, rows),
            Self::Quantile { level } => quantile::best_constant(level, scores, rows),
            Self::Huber { delta } => huber::best_constant(delta, scores, rows),
            // The same added to all scores changes no order.
            Self::LambdaRank { .. } => 0.0,
        }
    }

    fn leaf_weight(&self, newton: f64) -> f64 {
        self.power().map_or(newton, |power| power::leaf_weight(power, newton))
    }

    fn renews_leaves(&self) -> bool {
        matches!(self, Self::Quantile { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    const ALL: [Objective; 9] = [
        Objective::Squared,
        Objective::Logistic,
        Objective::Poisson,
        Objective::Gamma,
        Objective::Tweedie { power: 1.2 },
        Objective::Tweedie { power: 1.7 },
        Objective::Quantile { level: 0.3 },
        Objective::Huber { delta: 0.83 },
        Objective::LambdaRank { truncation: 2 },
    ];

    #[test]
    fn derivatives_equal_finite_differences() {
        for loss in ALL.into_iter().filter(|loss| !loss.needs_groups()) {
            // Those of the others are made, as their files say.
            let bends = !matches!(loss, Objective::Quantile { .. } | Objective::Huber { .. });
            for target in [0.01, 0.31, 1.0] {
                for score in [-4.0, -0.7, 0.0, 0.2, 3.0] {
                    let (targets, weights) = ([target], [2.5]);
                    let rows = LossRows::new(&targets, &weights);
                    let mut d = [[0.0; 2]];
                    loss.derivatives_into(&[score], rows, &mut d);
                    let h = 1e-4;
                    let at = |s: f64| 2.5 * loss.mean(&[s], rows);
                    let first = (at(score + h) - at(score - h)) / (2.0 * h);
                    let second = (at(score + h) - 2.0 * at(score) + at(score - h)) / (h * h);
                    assert_relative_eq!(d[0][0], first, epsilon = 1e-7, max_relative = 1e-7);
                    if bends {
                        assert_relative_eq!(d[0][1], second, epsilon = 1e-6, max_relative = 1e-5);
                    }
                }
            }
        }
    }

    #[test]
    fn the_best_constant_is_the_best() {
        let (targets, weights) = ([1.0, 0.1, 0.2, 0.9], [3.0, 1.0, 2.0, 0.5]);
        let rows = LossRows::new(&targets, &weights);
        for loss in ALL.into_iter().filter(|loss| !loss.needs_groups()) {
            for scores in [[0.0; 4], [0.5, -2.0, 1.0, 0.0]] {
                let best = loss.best_constant(&scores, rows);
                let at = |c: f64| loss.mean(&scores.map(|s| s + c), rows);
                let near = at(best + 1e-3).min(at(best - 1e-3));
                assert!(at(best) < near, "{loss:?} {best}");
                // What a loss of one's own has by default finds it too, where there is curvature.
                if !loss.renews_leaves() {
                    let newton = super::super::rowwise::newton(&loss, &scores, rows);
                    assert!((newton - best).abs() < 1e-6, "{loss:?}: {newton} {best}");
                }
            }
        }
    }

    #[test]
    fn extreme_targets_have_finite_constants() {
        let at = |loss: Objective, y: f64| {
            loss.best_constant(&[0.0, 0.0], LossRows::new(&[y, y], &[1.0, 1.0]))
        };
        assert!(at(Objective::Squared, f64::MAX).is_finite());
        assert!(at(Objective::Poisson, f64::MAX).is_finite());
        assert!((at(Objective::Poisson, 0.0) - f64::ln(1e-9)).abs() < 1e-12);
        assert!((at(Objective::Huber { delta: 1.0 }, 7.0) - 7.0).abs() < 1e-12);
    }

    #[test]
    fn targets_outside_are_refused() {
        let refused = |loss: Objective, y: f64| loss.refuses(y).is_some();
        assert!(refused(Objective::Logistic, 1.1) && !refused(Objective::Logistic, 0.4));
        assert!(refused(Objective::Poisson, -0.1) && !refused(Objective::Poisson, 0.0));
        assert!(refused(Objective::Gamma, 0.0) && !refused(Objective::Gamma, 1e-9));
        let tweedie = Objective::Tweedie { power: 1.5 };
        assert!(refused(tweedie, -1.0) && !refused(tweedie, 0.0));
        let rank = Objective::LambdaRank { truncation: 3 };
        assert!(refused(rank, 31.5) && refused(rank, -1.0) && !refused(rank, 31.0));
    }
}
