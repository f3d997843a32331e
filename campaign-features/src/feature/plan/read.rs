//! What is read of an entity's day totals: one number per read and day of decision.

use std::sync::Arc;

use campaign_core::Error;

use super::frame::Bounds;
use super::ring::Ring;
use super::series::{Lanes, Series};
use super::statistic;
use super::window::Days;

/// A statistic of the day totals of one measure over a frame.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Statistic {
    /// Total in units; over one day NaN unless that day reports, else unless anything ever did.
    Sum,
    /// Total of the integers; 0 where nothing is known.
    Count,
    /// Total per day of the frame that counts.
    Mean(Days),
    /// Smallest day total.
    Min(Days),
    /// Largest day total.
    Max(Days),
    /// Standard deviation of the day totals; NaN below two days (sample) or one (population).
    Std { days: Days, sample: bool },
    /// Slope per day of the least-squares line through the day totals; NaN below two days.
    Trend(Days),
    /// Sum of weight times day total, the weight by days before the frame's last day.
    Weighted { weights: Arc<[f64]>, days: Days, normalise: bool },
    /// Total of the last day of the frame that reports.
    Last,
    /// On how many days of the frame the lane is not 0.
    ActiveDays,
    /// Days from the last day of the frame on which the lane is not 0 to the day of decision.
    DaysSince,
    /// Days from the first day of the frame whose total is above 0 to the day of decision.
    DaysSinceFirst,
    /// Total from the last day of the frame on which another lane is not 0.
    SinceEvent { event: usize },
}

/// One number to read: a statistic of a lane.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LaneRead {
    pub(crate) statistic: Statistic,
    /// The lane of values, and that of how many facts report.
    pub(crate) lane: usize,
    pub(crate) reports: usize,
    /// Integers per unit.
    pub(crate) per_unit: f64,
}

impl LaneRead {
    /// Whose day totals it looks at one by one; `None` for a read of totals alone.
    pub(crate) fn series(&self, source: usize) -> Option<Lanes> {
        let of = Lanes { source, lane: self.lane, reports: self.reports, per_unit: self.per_unit };
        match self.statistic {
            Statistic::Sum | Statistic::Count | Statistic::Mean(Days::All) => None,
            Statistic::SinceEvent { .. } => None,
            _ => Some(of),
        }
    }

    #[inline(always)]
    pub(crate) fn sum(&self, words: &[i64], bounds: &Bounds) -> f64 {
        self.units(bounds.known(words, self.reports), bounds.total(words, self.lane))
    }

    /// A total in units, if it is known.
    #[inline(always)]
    pub(crate) fn units(&self, known: bool, total: i64) -> f64 {
        match known {
            false => f64::NAN,
            // A division takes longer than all else.
            true if self.per_unit == 1.0 => total as f64,
            true => total as f64 / self.per_unit,
        }
    }

    /// The number for one day of decision; `series` is that of [`series`](Self::series).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if a day that is needed has left the ring.
    pub(crate) fn value(
        &self,
        ring: &Ring,
        words: &[i64],
        bounds: &Bounds,
        series: Option<&Series>,
        decided: i64,
    ) -> Result<f64, Error> {
        let unit = self.per_unit;
        let frame = |days| series.map(|series| series.frame(bounds, days)).unwrap_or_default();
        Ok(match &self.statistic {
            Statistic::Count => bounds.total(words, self.lane) as f64,
            Statistic::ActiveDays => {
                frame(Days::All).total.iter().filter(|total| **total != 0).count() as f64
            }
            Statistic::DaysSince => {
                let frame = frame(Days::All);
                let last = frame.total.iter().rposition(|total| *total != 0);
                let day = last.and_then(|last| frame.day.get(last));
                day.map_or(f64::NAN, |day| (decided - day) as f64)
            }
            _ if !bounds.known(words, self.reports) => f64::NAN,
            Statistic::Sum => self.sum(words, bounds),
            Statistic::Mean(Days::All) => {
                let days = (bounds.to - bounds.from + 1) as f64;
                bounds.total(words, self.lane) as f64 / unit / days
            }
            Statistic::Mean(Days::Reporting) => match frame(Days::Reporting).total.len() {
                0 => f64::NAN,
                days => bounds.total(words, self.lane) as f64 / unit / days as f64,
            },
            Statistic::Min(days) => {
                let least = frame(*days).total.iter().min();
                least.map_or(f64::NAN, |&total| total as f64 / unit)
            }
            Statistic::Max(days) => {
                let most = frame(*days).total.iter().max();
                most.map_or(f64::NAN, |&total| total as f64 / unit)
            }
            Statistic::Std { days, sample } => {
                statistic::deviation(frame(*days).total, *sample) / unit
            }
            Statistic::Trend(days) => statistic::slope(frame(*days), bounds.to) / unit,
            Statistic::Weighted { weights, days, normalise } => {
                let (sum, weight) = statistic::weighted(frame(*days), bounds.to, weights);
                match normalise {
                    true if weight == 0.0 => f64::NAN,
                    true => sum / weight,
                    false => sum,
                }
            }
            Statistic::Last => frame(Days::Reporting).value.last().copied().unwrap_or(f64::NAN),
            Statistic::DaysSinceFirst => {
                let frame = frame(Days::Reporting);
                let first = frame.total.iter().position(|total| *total > 0);
                let day = first.and_then(|first| frame.day.get(first));
                day.map_or(f64::NAN, |day| (decided - day) as f64)
            }
            Statistic::SinceEvent { event } => match last_active(ring, words, bounds, *event)? {
                None => f64::NAN,
                Some(day) => {
                    let before = ring.row(ring.held(words), day - 1)?;
                    let total =
                        words[bounds.high + self.lane].wrapping_sub(words[before + self.lane]);
                    total as f64 / unit
                }
            },
        })
    }
}

/// The last day of the frame whose total is not 0.
fn last_active(
    ring: &Ring,
    words: &[i64],
    bounds: &Bounds,
    lane: usize,
) -> Result<Option<i64>, Error> {
    let held = ring.held(words);
    let (mut after, mut day) = (bounds.high, bounds.to);
    while day >= bounds.from {
        let row = ring.row(held, day - 1)?;
        if words[row + lane] != words[after + lane] {
            return Ok(Some(day));
        }
        (after, day) = (row, day - 1);
    }
    Ok(None)
}
