//! Daily figures made fit for drawing: sorted, smoothed over a week, thinned.

use jiff::civil::Date;

use super::data::{ChannelSeries, Series};

/// Days that a point of a curve looks back over.
const WINDOW: usize = 7;
/// Most points of a curve.
const POINTS: usize = 200;

/// What spend is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Revenue per spend.
    Roas,
    /// Spend per conversion, where revenue is unknown.
    Cpa,
    /// Neither is known.
    Unknown,
}

/// Sums over all days; NaN where nothing is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Total {
    /// Spend.
    pub spend: f64,
    /// Revenue.
    pub revenue: f64,
    /// Conversions.
    pub conversions: f64,
}

/// One channel's curves.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelHistory {
    /// The channel.
    pub name: String,
    /// Mean spend per day over the window.
    pub spend: Vec<f64>,
    /// ROAS or cost per conversion over the window; NaN where there is none.
    pub outcome: Vec<f64>,
    /// Sums over all days.
    pub total: Total,
}

/// The curves of all channels.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// The days that have a point.
    pub days: Vec<Date>,
    /// Days from point to point.
    pub bucket: usize,
    /// Days a point looks back over.
    pub window: usize,
    /// What the outcome curves are.
    pub outcome: Outcome,
    /// The channels, in the order given.
    pub channels: Vec<ChannelHistory>,
}

impl History {
    /// The curves of daily figures.
    #[must_use]
    pub fn new(series: &Series) -> Self {
        let n = series.days.len();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by_key(|&i| series.days.get(i).copied());
        // Short histories are shown as they are: a week's window would leave too little.
        let window = if n >= 2 * WINDOW { WINDOW } else { 1 };
        let bucket = n.div_ceil(POINTS).max(1);
        let mut points: Vec<usize> = (window - 1..n).rev().step_by(bucket).collect();
        points.reverse();
        let known = |pick: fn(&ChannelSeries) -> &Vec<f64>| {
            series.channels.iter().flat_map(pick).any(|v| v.is_finite())
        };
        let outcome = match (known(|c| &c.revenue), known(|c| &c.conversions)) {
            (true, _) => Outcome::Roas,
            (false, true) => Outcome::Cpa,
            (false, false) => Outcome::Unknown,
        };
        let at = |i: &usize| order.get(*i).and_then(|i| series.days.get(*i)).copied();
        let channel = |c: &ChannelSeries| {
            let sorted = |values: &[f64]| -> Vec<f64> {
                order.iter().map(|&i| values.get(i).copied().unwrap_or(f64::NAN)).collect()
            };
            let (spend, revenue, conversions) =
                (sorted(&c.spend), sorted(&c.revenue), sorted(&c.conversions));
            let recent =
                |values: &[f64], i: usize| sum(values.get(i + 1 - window..=i).unwrap_or(&[]));
            let outcome = |&i: &usize| {
                let spent = recent(&spend, i);
                let value = match outcome {
                    Outcome::Roas => recent(&revenue, i) / spent,
                    Outcome::Cpa => spent / recent(&conversions, i),
                    Outcome::Unknown => f64::NAN,
                };
                if spent > 0.0 && value.is_finite() { value } else { f64::NAN }
            };
            ChannelHistory {
                name: c.channel.clone(),
                spend: points.iter().map(|&i| recent(&spend, i) / window as f64).collect(),
                outcome: points.iter().map(outcome).collect(),
                total: Total {
                    spend: sum(&c.spend),
                    revenue: sum(&c.revenue),
                    conversions: sum(&c.conversions),
                },
            }
        };
        Self {
            days: points.iter().filter_map(at).collect(),
            bucket,
            window,
            outcome,
            channels: series.channels.iter().map(channel).collect(),
        }
    }
}

/// The sum of what is known; NaN if nothing is.
fn sum(values: &[f64]) -> f64 {
    let mut known = values.iter().copied().filter(|v| v.is_finite()).peekable();
    if known.peek().is_none() { f64::NAN } else { known.sum() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ToSpan;
    use jiff::civil::date;

    fn series(n: usize) -> Series {
        let day = |i: usize| date(2024, 1, 1).checked_add((i as i64).days()).unwrap();
        let channel = ChannelSeries {
            channel: "a".into(),
            spend: (0..n).map(|i| i as f64).collect(),
            revenue: (0..n).map(|i| 3.0 * i as f64).collect(),
            conversions: vec![],
        };
        Series { days: (0..n).map(day).collect(), channels: vec![channel], immature_from: None }
    }

    #[test]
    fn trailing_weeks() {
        let history = History::new(&series(20));
        assert_eq!((history.window, history.days.len()), (7, 14));
        let a = &history.channels[0];
        // Days 0 to 6 have a mean of 3; days 13 to 19 of 16.
        assert_eq!((a.spend[0], a.spend[13]), (3.0, 16.0));
        assert!(a.outcome.iter().all(|v| *v == 3.0));
        assert!(a.total.conversions.is_nan());
    }

    #[test]
    fn long_histories_are_thinned_and_end_on_the_last_day() {
        let long = series(1000);
        let history = History::new(&long);
        assert!(history.days.len() <= POINTS);
        assert_eq!(history.days.last(), long.days.last());
    }

    #[test]
    fn order_of_days_does_not_matter() {
        let (mut turned, straight) = (series(30), series(30));
        turned.days.reverse();
        for channel in &mut turned.channels {
            channel.spend.reverse();
            channel.revenue.reverse();
        }
        // As texts, in which the NaN of the unknown conversions equals itself.
        let text = |series| format!("{:?}", History::new(series));
        assert_eq!(text(&turned), text(&straight));
    }

    #[test]
    fn absent_and_ragged_figures() {
        for n in [0, 1, 2, 13, 14] {
            let mut ragged = series(n);
            ragged.channels[0].spend.truncate(n / 2);
            ragged.channels[0].revenue.clear();
            let history = History::new(&ragged);
            assert_eq!(history.outcome, Outcome::Unknown);
            assert_eq!(history.channels[0].spend.len(), history.days.len());
        }
    }
}
