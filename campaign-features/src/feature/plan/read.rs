//! What is read of an entity's day totals: one number per read and day of decision.

use std::sync::Arc;

use campaign_core::Error;

use super::ring::Ring;
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

/// The days a group of reads looks at, before the day of decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Reach {
    pub(crate) nearest: u32,
    /// `None` reaches back to the beginning.
    pub(crate) furthest: Option<u32>,
    /// What is older than this is not seen at all.
    pub(crate) ttl: Option<u32>,
}

/// The rows that bound a frame for one day of decision.
pub(crate) struct Bounds {
    pub(crate) from: i64,
    to: i64,
    /// Rows of the totals up to `to`, before `from`, up to yesterday, and before the horizon.
    pub(crate) high: usize,
    pub(crate) low: usize,
    yesterday: usize,
    horizon: usize,
    one_day: bool,
}

impl Bounds {
    #[inline]
    pub(crate) fn of(
        ring: &Ring,
        words: &[i64],
        reach: Reach,
        decided: i64,
    ) -> Result<Self, Error> {
        let to = decided - i64::from(reach.nearest);
        let from = match reach.furthest {
            Some(furthest) => decided - i64::from(furthest),
            None => i64::MIN + 1,
        };
        let high = ring.row(words, to)?;
        let low = ring.row(words, from - 1)?;
        let one_day = from == to;
        // Over one day only that day's own reports count.
        let yesterday = match reach.nearest {
            1 => high,
            _ if one_day => high,
            _ => ring.row(words, decided - 1)?,
        };
        let horizon = match reach.ttl {
            Some(ttl) if !one_day => ring.row(words, decided - i64::from(ttl) - 1)?,
            _ => ring.zero(),
        };
        Ok(Self { from, to, high, low, yesterday, horizon, one_day })
    }

    #[inline]
    fn total(&self, words: &[i64], lane: usize) -> i64 {
        words[self.high + lane].wrapping_sub(words[self.low + lane])
    }

    /// Whether a sum over the frame is known at all.
    #[inline]
    fn known(&self, words: &[i64], reports: usize) -> bool {
        if self.one_day {
            self.total(words, reports) > 0
        } else {
            words[self.yesterday + reports] > words[self.horizon + reports]
        }
    }
}

impl LaneRead {
    #[inline]
    pub(crate) fn sum(&self, words: &[i64], bounds: &Bounds) -> f64 {
        if bounds.known(words, self.reports) {
            bounds.total(words, self.lane) as f64 / self.per_unit
        } else {
            f64::NAN
        }
    }

    /// The number for one day of decision.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if a day that is needed has left the ring.
    pub(crate) fn value(
        &self,
        ring: &Ring,
        words: &[i64],
        bounds: &Bounds,
        decided: i64,
    ) -> Result<f64, Error> {
        let unit = self.per_unit;
        Ok(match &self.statistic {
            Statistic::Sum => self.sum(words, bounds),
            Statistic::Count => bounds.total(words, self.lane) as f64,
            Statistic::Mean(Days::All) => {
                if bounds.known(words, self.reports) {
                    let days = (bounds.to - bounds.from + 1) as f64;
                    bounds.total(words, self.lane) as f64 / unit / days
                } else {
                    f64::NAN
                }
            }
            _ if !bounds.known(words, self.reports) && !self.counts_nothing() => f64::NAN,
            Statistic::Mean(Days::Reporting) => {
                let mut days = 0u32;
                self.scan(ring, words, bounds, Days::Reporting, |_, _| days += 1)?;
                if days == 0 {
                    f64::NAN
                } else {
                    bounds.total(words, self.lane) as f64 / unit / f64::from(days)
                }
            }
            Statistic::Min(days) => {
                let mut least: Option<i64> = None;
                let keep = |_, total| least = Some(least.map_or(total, |m: i64| m.min(total)));
                self.scan(ring, words, bounds, *days, keep)?;
                least.map_or(f64::NAN, |total| total as f64 / unit)
            }
            Statistic::Max(days) => {
                let mut most: Option<i64> = None;
                let keep = |_, total| most = Some(most.map_or(total, |m: i64| m.max(total)));
                self.scan(ring, words, bounds, *days, keep)?;
                most.map_or(f64::NAN, |total| total as f64 / unit)
            }
            Statistic::Std { days, sample } => {
                let (mut n, mut sum, mut squares) = (0u32, 0i128, 0.0);
                self.scan(ring, words, bounds, *days, |_, total| {
                    n += 1;
                    sum += i128::from(total);
                })?;
                let mean = sum as f64 / f64::from(n);
                self.scan(ring, words, bounds, *days, |_, total| {
                    let off = total as f64 - mean;
                    squares += off * off;
                })?;
                let freedom = if *sample { n.saturating_sub(1) } else { n };
                if freedom == 0 { f64::NAN } else { (squares / f64::from(freedom)).sqrt() / unit }
            }
            Statistic::Trend(days) => {
                let (mut n, mut days_sum, mut sum) = (0u32, 0i64, 0i128);
                self.scan(ring, words, bounds, *days, |day, total| {
                    n += 1;
                    days_sum += day - bounds.to;
                    sum += i128::from(total);
                })?;
                let (mid, mean) = (days_sum as f64 / f64::from(n), sum as f64 / f64::from(n));
                let (mut with, mut own) = (0.0, 0.0);
                self.scan(ring, words, bounds, *days, |day, total| {
                    let x = (day - bounds.to) as f64 - mid;
                    with += x * (total as f64 - mean);
                    own += x * x;
                })?;
                if n < 2 { f64::NAN } else { with / own / unit }
            }
            Statistic::Weighted { weights, days, normalise } => {
                let (mut sum, mut weight) = (0.0, 0.0);
                self.scan(ring, words, bounds, *days, |day, total| {
                    if let Some(w) = weights.get((bounds.to - day) as usize) {
                        sum += w * (total as f64 / unit);
                        weight += w;
                    }
                })?;
                match normalise {
                    true if weight == 0.0 => f64::NAN,
                    true => sum / weight,
                    false => sum,
                }
            }
            Statistic::Last => {
                let mut last = f64::NAN;
                self.scan(ring, words, bounds, Days::Reporting, |_, total| {
                    last = total as f64 / unit;
                })?;
                last
            }
            Statistic::ActiveDays => {
                let mut active = 0u32;
                self.scan(ring, words, bounds, Days::All, |_, total| {
                    active += u32::from(total != 0);
                })?;
                f64::from(active)
            }
            Statistic::DaysSince => {
                let last = last_active(ring, words, bounds, self.lane)?;
                last.map_or(f64::NAN, |day| (decided - day) as f64)
            }
            Statistic::DaysSinceFirst => {
                let mut first = f64::NAN;
                self.scan(ring, words, bounds, Days::Reporting, |day, total| {
                    if first.is_nan() && total > 0 {
                        first = (decided - day) as f64;
                    }
                })?;
                first
            }
            Statistic::SinceEvent { event } => match last_active(ring, words, bounds, *event)? {
                None => f64::NAN,
                Some(day) => {
                    let before = ring.row(words, day - 1)?;
                    let total =
                        words[bounds.high + self.lane].wrapping_sub(words[before + self.lane]);
                    total as f64 / unit
                }
            },
        })
    }

    /// Whether nothing known is a number of its own (0 days, no event) rather than missing.
    fn counts_nothing(&self) -> bool {
        matches!(self.statistic, Statistic::ActiveDays | Statistic::DaysSince)
            || matches!(self.statistic, Statistic::Last | Statistic::Mean(_))
    }

    /// The total of each day of the frame that counts, from the earliest on.
    #[inline]
    fn scan(
        &self,
        ring: &Ring,
        words: &[i64],
        bounds: &Bounds,
        days: Days,
        mut each: impl FnMut(i64, i64),
    ) -> Result<(), Error> {
        let mut before = bounds.low;
        for day in bounds.from..=bounds.to {
            let row = ring.row(words, day)?;
            let reported = words[row + self.reports] > words[before + self.reports];
            if days == Days::All || reported {
                each(day, words[row + self.lane].wrapping_sub(words[before + self.lane]));
            }
            before = row;
        }
        Ok(())
    }
}

/// The last day of the frame whose total is not 0.
fn last_active(
    ring: &Ring,
    words: &[i64],
    bounds: &Bounds,
    lane: usize,
) -> Result<Option<i64>, Error> {
    let (mut after, mut day) = (bounds.high, bounds.to);
    while day >= bounds.from {
        let row = ring.row(words, day - 1)?;
        if words[row + lane] != words[after + lane] {
            return Ok(Some(day));
        }
        (after, day) = (row, day - 1);
    }
    Ok(None)
}
