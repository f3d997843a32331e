//! From scores to predictions: all that a fitted model keeps of its loss.

use std::fmt;
use std::sync::Arc;

use super::Loss;

/// From a score to the prediction it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Link {
    /// The score itself.
    Identity,
    /// The score is the log-odds of the prediction.
    Logit,
    /// The score is the natural logarithm of the prediction.
    Log,
}

impl Link {
    /// The prediction that a score stands for.
    #[must_use]
    #[inline]
    pub fn prediction(self, score: f64) -> f64 {
        match self {
            Self::Identity => score,
            Self::Logit => 1.0 / (1.0 + (-score).exp()),
            Self::Log => score.exp(),
        }
    }

    /// Turns scores into predictions, in place.
    #[inline]
    pub(in super::super) fn apply(self, scores: &mut [f64]) {
        if self != Self::Identity {
            scores.iter_mut().for_each(|score| *score = self.prediction(*score));
        }
    }
}

/// What a fitted or saved model knows of the loss it was trained with.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct FittedLoss {
    name: Arc<str>,
    parameters: Vec<(Arc<str>, f64)>,
    link: Link,
}

impl FittedLoss {
    /// That of a loss.
    #[must_use]
    pub fn of<L: Loss + ?Sized>(loss: &L) -> Self {
        let parameters = loss.parameters();
        Self {
            name: loss.name().into(),
            parameters: parameters.into_iter().map(|(name, value)| (name.into(), value)).collect(),
            link: loss.link(),
        }
    }

    /// That of a model which another library trained.
    #[cfg(feature = "serde")]
    pub(in super::super) fn imported(name: &str, link: Link) -> Self {
        Self { name: name.into(), parameters: Vec::new(), link }
    }

    /// [`Loss::name`].
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// [`Loss::parameters`].
    #[must_use]
    pub fn parameters(&self) -> &[(Arc<str>, f64)] {
        &self.parameters
    }

    /// [`Loss::link`].
    #[must_use]
    pub fn link(&self) -> Link {
        self.link
    }
}

/// The name and, in brackets, the parameters.
impl fmt::Display for FittedLoss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (at, (name, value)) in self.parameters.iter().enumerate() {
            write!(f, "{}{name} {value}", if at == 0 { " (" } else { ", " })?;
        }
        if self.parameters.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predictions_at_the_ends() {
        assert_eq!(Link::Logit.prediction(-1e4), 0.0);
        assert_eq!(Link::Logit.prediction(1e4), 1.0);
        assert_eq!(Link::Logit.prediction(0.0), 0.5);
        assert_eq!(Link::Log.prediction(0.0), 1.0);
        let mut scores = [0.0, f64::NEG_INFINITY];
        Link::Log.apply(&mut scores);
        assert_eq!(scores, [1.0, 0.0]);
    }
}
