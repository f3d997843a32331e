//! What a day came to, and whether that is final enough to learn from.

use campaign_core::AdId;
use campaign_core::time::TimeError;
use jiff::Timestamp;
use jiff::civil::{Date, Time};

use super::clock::start_of;
use super::error::FeatureError;
use super::measure::{MEASURES, Measure, Rate};
use super::observation::{Observations, day_number};

/// What a model is to predict of an (ad, day).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Target {
    /// A measure of the day.
    Sum(Measure),
    /// A ratio of the day's measures.
    Rate(Rate),
}

/// The measures of (ad, day) rows as they are known at one instant.
///
/// A row sees the latest version of each fact of its very day with `known_at` at or before `as_of`.
/// It is **mature** if at least `maturity` whole days have passed between the end of its day, in the
/// zone of the ad's account, and `as_of`: conversions that come later than that are not waited for.
/// Rows that are not mature neither train nor score a model.
///
/// # Units
/// Money in currency units, counts as numbers; NaN where the measure is not reported.
///
/// # Examples
/// ```
/// # use campaign_features::feature::ad::{Labels, ObservationLog};
/// # let observations = ObservationLog::new().finish()?;
/// let rows = observations.ad_days();
/// let labels = Labels::at(&observations, &rows, "2026-05-01T00:00:00Z".parse()?, 7)?;
/// assert_eq!(labels.keys().len(), rows.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Labels {
    keys: Vec<(AdId, Date)>,
    values: [Vec<f64>; MEASURES],
    mature: Vec<bool>,
    as_of: Timestamp,
    maturity: u16,
}

impl Labels {
    /// The labels of these rows at an instant, with a maturity lag in days.
    ///
    /// # Errors
    /// [`FeatureError::Time`] for a day at the ends of the calendar.
    ///
    /// # Complexity
    /// O(r log n + n) for r rows and n observations.
    pub fn at(
        observations: &Observations,
        rows: &[(AdId, Date)],
        as_of: Timestamp,
        maturity: u16,
    ) -> Result<Self, FeatureError> {
        let facts = &observations.facts;
        let mut values: [Vec<f64>; MEASURES] =
            core::array::from_fn(|_| Vec::with_capacity(rows.len()));
        let mut mature = Vec::with_capacity(rows.len());
        let mut ends = std::collections::HashMap::new();
        for (ad, date) in rows {
            let day = day_number(*date);
            let index = facts.ad(ad);
            let range = index.map_or(0..0, |ad| facts.range(ad));
            let days = &facts.day[range.clone()];
            let first = range.start + days.partition_point(|&d| d < day);
            let last = range.start + days.partition_point(|&d| d <= day);
            // Within a day, changes ascend by when they became known.
            let last = first + facts.known[first..last].partition_point(|&known| known <= as_of);
            for (m, column) in values.iter_mut().enumerate() {
                let reported: i64 = facts.reported[m][first..last].iter().sum();
                let sum: i128 = facts.values[m][first..last].iter().map(|&v| i128::from(v)).sum();
                column.push(if reported > 0 { Measure::ALL[m].units(sum) } else { f64::NAN });
            }
            let zone = index.map_or(0, |ad| facts.zone[ad]);
            let ripe = day + 1 + i32::from(maturity);
            let end = match ends.get(&(zone, ripe)) {
                Some(&end) => end,
                None => {
                    let end = start_of(&facts.zones[zone], ripe, Time::midnight())
                        .ok_or(TimeError::Range(*date))?;
                    ends.insert((zone, ripe), end);
                    end
                }
            };
            mature.push(end <= as_of);
        }
        Ok(Self { keys: rows.to_vec(), values, mature, as_of, maturity })
    }

    /// The rows.
    #[must_use]
    pub fn keys(&self) -> &[(AdId, Date)] {
        &self.keys
    }

    /// A measure of every row, mature or not; NaN where it is not reported.
    #[must_use]
    pub fn measure(&self, measure: Measure) -> &[f64] {
        &self.values[measure as usize]
    }

    /// Whether each row is mature.
    #[must_use]
    pub fn mature(&self) -> &[bool] {
        &self.mature
    }

    /// The instant they are known at.
    #[must_use]
    pub fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// The maturity lag in days.
    #[must_use]
    pub fn maturity(&self) -> u16 {
        self.maturity
    }

    /// The target and weight of a row; `None` if it is not mature, or the target is not reported,
    /// or a rate's denominator is not positive.
    #[must_use]
    pub fn target(&self, row: usize, target: Target) -> Option<(f64, f64)> {
        if !*self.mature.get(row)? {
            return None;
        }
        let at = |measure: Measure| self.measure(measure).get(row).copied();
        let (value, weight) = match target {
            Target::Sum(measure) => (at(measure)?, 1.0),
            Target::Rate(rate) => {
                let weight = at(rate.denominator())?;
                (rate.of(at(rate.numerator())?, weight), weight)
            }
        };
        (value.is_finite() && weight > 0.0).then_some((value, weight))
    }
}
