//! Coverage in each group.

use std::collections::BTreeMap;

use campaign_core::error::check_length;
use campaign_core::{Error, PredictiveDistribution};

use super::error::ConformalError;
use super::score::{check_coverage, check_lengths, distribution_of, rank, scores, select, widen};

/// What stands in for a group that was not calibrated: it is new, or had too few rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Fallback {
    /// Nothing: fitting fails, and a new group is an error.
    Refuse,
    /// The margin over all rows: coverage holds over all rows together, not for that group.
    Pooled,
    /// The widest margin of any group or of all rows: careful, and still no promise for that group.
    Widest,
}

/// Where a margin comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Basis {
    /// The row's own group: its coverage is promised.
    Group,
    /// The [`Fallback`]: coverage is not promised for this group.
    Fallback,
}

/// Conformal intervals with a margin per group, so that each group is covered as stated.
///
/// Calibrated over all rows together, a quiet channel gets intervals that are too wide and a noisy one
/// some that are too narrow; their average is right. Here every group (a channel, a campaign type) is
/// calibrated by itself as in [`ConformalQuantiles`](super::ConformalQuantiles), and the promise holds
/// within each. The group of a row must be known before its target.
///
/// # Source
/// Vovk, Gammerman & Shafer 2005, section 4.5 (Mondrian conformal prediction).
///
/// # Examples
/// ```
/// use campaign_models::conformal::{Basis, Fallback, MondrianConformal};
/// // Point predictions, passed as both ends. Group 0 errs by 1 to 9, group 1 by 10 to 90.
/// let target: Vec<f64> = (1..=9).map(f64::from).chain((1..=9).map(|i| 10.0 * f64::from(i))).collect();
/// let groups: Vec<u32> = (0..18).map(|row| row / 9).collect();
/// let zero = [0.0; 18];
/// let intervals = MondrianConformal::fit(&target, &zero, &zero, &groups, 0.8, Fallback::Widest)?;
/// assert_eq!(intervals.interval(0, 0.0, 0.0)?, ((-8.0, 8.0), Basis::Group));
/// assert_eq!(intervals.interval(1, 0.0, 0.0)?, ((-80.0, 80.0), Basis::Group));
/// assert_eq!(intervals.interval(7, 0.0, 0.0)?, ((-80.0, 80.0), Basis::Fallback));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Saved"))]
pub struct MondrianConformal {
    coverage: f64,
    margins: BTreeMap<u32, f64>,
    fallback: Fallback,
    fallback_margin: Option<f64>,
}

impl MondrianConformal {
    /// Calibrates every group on its rows, which trained no model.
    ///
    /// # Errors
    /// [`ConformalError`] for a coverage outside `(0, 1)`, lengths that differ, a number that is not
    /// finite, too few rows in a group under [`Fallback::Refuse`], or too few rows altogether.
    ///
    /// # Complexity
    /// `O(n ln n)`.
    pub fn fit(
        target: &[f64],
        low: &[f64],
        high: &[f64],
        groups: &[u32],
        coverage: f64,
        fallback: Fallback,
    ) -> Result<Self, ConformalError> {
        check_coverage(coverage)?;
        check_lengths(target.len(), &[("groups", groups.len())])?;
        let mut scores = scores(target, low, high)?;
        let mut by_group: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        for (group, score) in groups.iter().zip(&scores) {
            by_group.entry(*group).or_default().push(*score);
        }
        let mut margins = BTreeMap::new();
        for (group, mut own) in by_group {
            match rank(own.len(), coverage) {
                Ok(rank) => {
                    margins.insert(group, select(&mut own, rank));
                }
                Err(ConformalError::TooFewRows { got, needed }) if fallback == Fallback::Refuse => {
                    return Err(ConformalError::TooFewInGroup { group, got, needed });
                }
                Err(_) => {}
            }
        }
        let pooled_rank = rank(scores.len(), coverage)?;
        let pooled = select(&mut scores, pooled_rank);
        let fallback_margin = match fallback {
            Fallback::Refuse => None,
            Fallback::Pooled => Some(pooled),
            Fallback::Widest => Some(margins.values().copied().fold(pooled, f64::max)),
        };
        Ok(Self { coverage, margins, fallback, fallback_margin })
    }

    /// The coverage asked for.
    #[must_use]
    pub fn coverage(&self) -> f64 {
        self.coverage
    }

    /// What stands in for groups without a margin of their own.
    #[must_use]
    pub fn fallback(&self) -> Fallback {
        self.fallback
    }

    /// The calibrated groups, ascending, with how far each moves both ends outwards.
    pub fn margins(&self) -> impl Iterator<Item = (u32, f64)> {
        self.margins.iter().map(|(group, margin)| (*group, *margin))
    }

    fn margin(&self, group: u32) -> Result<(f64, Basis), Error> {
        match self.margins.get(&group) {
            Some(margin) => Ok((*margin, Basis::Group)),
            None => self
                .fallback_margin
                .map(|margin| (margin, Basis::Fallback))
                .ok_or(Error::Missing("a margin for this group (it was not calibrated)")),
        }
    }

    /// The interval of a row of a group, and whether its coverage is promised for that group.
    ///
    /// # Errors
    /// [`Error::Missing`] for a group that was not calibrated, under [`Fallback::Refuse`].
    pub fn interval(&self, group: u32, low: f64, high: f64) -> Result<((f64, f64), Basis), Error> {
        let (margin, basis) = self.margin(group)?;
        Ok((widen(low, high, margin, margin), basis))
    }

    /// The intervals of many rows as a distribution whose quantiles at `(1 - coverage) / 2` and
    /// `(1 + coverage) / 2` are their ends.
    ///
    /// # Errors
    /// [`Error::Length`] for parts of different lengths, [`Error::NonFinite`] for a prediction that is
    /// not finite, and those of [`interval`](Self::interval).
    pub fn distribution(
        &self,
        groups: &[u32],
        low: &[f64],
        high: &[f64],
    ) -> Result<PredictiveDistribution, Error> {
        check_length("groups", groups.len(), low.len())?;
        let margins: Vec<f64> =
            groups.iter().map(|g| Ok(self.margin(*g)?.0)).collect::<Result<_, Error>>()?;
        distribution_of(self.coverage, low, high, |row, low, high| {
            widen(low, high, margins[row], margins[row])
        })
    }
}

/// As read, before it is checked.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    coverage: f64,
    margins: BTreeMap<u32, f64>,
    fallback: Fallback,
    fallback_margin: Option<f64>,
}

#[cfg(feature = "serde")]
impl TryFrom<Saved> for MondrianConformal {
    type Error = ConformalError;

    fn try_from(saved: Saved) -> Result<Self, ConformalError> {
        let Saved { coverage, margins, fallback, fallback_margin } = saved;
        check_coverage(coverage)?;
        for (index, margin) in margins.values().chain(&fallback_margin).enumerate() {
            super::score::finite("margins", index, *margin)?;
        }
        if (fallback == Fallback::Refuse) != fallback_margin.is_none() {
            return Err(ConformalError::State("the fallback and its margin do not agree"));
        }
        Ok(Self { coverage, margins, fallback, fallback_margin })
    }
}
