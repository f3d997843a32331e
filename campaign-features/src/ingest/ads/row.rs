//! A row of a report, as it is kept until everything is read.

use campaign_core::{Currency, Micros};
use jiff::Timestamp;
use jiff::civil::Date;

use super::super::dedup::State;
use super::super::hash::Print;

/// What is measured, and when; what the row is about stands in its [`super::Profile`].
///
/// Times are in nanoseconds since 1970, which hold every day that is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AdRow {
    /// Fingerprint of all dimensions and days.
    pub(crate) key: Print,
    /// Fingerprint of all metrics and attributes. Only rows of one key are compared by it.
    pub(crate) measure: u64,
    known: i64,
    hour: i64,
    pub(crate) spend: Micros,
    revenue: i64,
    impressions: u64,
    clicks: u64,
    conversions: f64,
    video_views: u64,
    pub(crate) day: Date,
    pub(crate) last_day: Date,
    pub(crate) profile: u32,
    pub(crate) file: u32,
    pub(crate) line: u32,
    /// The file of the last row that was left out because it is equal to this one; when everything is
    /// read, the row that took the place of this one.
    pub(crate) repeated_in: u32,
    /// As the row states it.
    pub(crate) currency: Option<Currency>,
    pub(crate) state: State,
    pub(crate) conflicting: bool,
    /// Whether other rows have this key.
    pub(crate) shares_key: bool,
}

/// What is measured in a row.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Metrics {
    pub(crate) spend: Micros,
    pub(crate) revenue: Option<Micros>,
    pub(crate) impressions: Option<u64>,
    pub(crate) clicks: Option<u64>,
    pub(crate) conversions: Option<f64>,
    pub(crate) video_views: Option<u64>,
}

/// Stands for what is not known.
const NO_TIME: i64 = i64::MIN;
const NO_AMOUNT: i64 = i64::MIN;
const NO_COUNT: u64 = u64::MAX;
pub(crate) const NO_FILE: u32 = u32::MAX;

pub(crate) fn nanos(at: Option<Timestamp>) -> i64 {
    at.and_then(|at| i64::try_from(at.as_nanosecond()).ok()).unwrap_or(NO_TIME)
}

fn instant(nanos: i64) -> Option<Timestamp> {
    if nanos == NO_TIME { None } else { Timestamp::from_nanosecond(nanos.into()).ok() }
}

impl AdRow {
    pub(crate) fn new(metrics: &Metrics, day: Date) -> Self {
        Self {
            key: Print([0; 2]),
            measure: 0,
            known: NO_TIME,
            hour: NO_TIME,
            spend: metrics.spend,
            revenue: metrics.revenue.map_or(NO_AMOUNT, |amount| amount.0),
            impressions: metrics.impressions.unwrap_or(NO_COUNT),
            clicks: metrics.clicks.unwrap_or(NO_COUNT),
            conversions: metrics.conversions.unwrap_or(f64::NAN),
            video_views: metrics.video_views.unwrap_or(NO_COUNT),
            day,
            last_day: day,
            profile: 0,
            file: 0,
            line: 0,
            repeated_in: NO_FILE,
            currency: None,
            state: State::Live,
            conflicting: false,
            shares_key: false,
        }
    }

    pub(crate) fn metrics(&self) -> Metrics {
        let count = |count: u64| (count != NO_COUNT).then_some(count);
        Metrics {
            spend: self.spend,
            revenue: (self.revenue != NO_AMOUNT).then_some(Micros(self.revenue)),
            impressions: count(self.impressions),
            clicks: count(self.clicks),
            conversions: (!self.conversions.is_nan()).then_some(self.conversions),
            video_views: count(self.video_views),
        }
    }

    /// When the row became known, where it says so.
    pub(crate) fn known(&self) -> Option<Timestamp> {
        instant(self.known)
    }

    pub(crate) const fn known_nanos(&self) -> Option<i64> {
        if self.known == NO_TIME { None } else { Some(self.known) }
    }

    pub(crate) fn set_known(&mut self, known: Option<Timestamp>) {
        self.known = nanos(known);
    }

    /// The instant of an hour of UTC.
    pub(crate) fn hour(&self) -> Option<Timestamp> {
        instant(self.hour)
    }

    pub(crate) fn set_hour(&mut self, hour: Option<Timestamp>) {
        self.hour = nanos(hour);
    }

    pub(crate) fn is_live(&self) -> bool {
        self.state == State::Live
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_row_is_small_and_keeps_what_is_not_known() {
        assert!(size_of::<AdRow>() <= 120, "{}", size_of::<AdRow>());
        let none = AdRow::new(&Metrics::default(), date(2026, 5, 4));
        assert_eq!(none.metrics(), Metrics::default());
        assert_eq!((none.known(), none.hour()), (None, None));
        let some = Metrics {
            spend: Micros(-7),
            revenue: Some(Micros(3)),
            impressions: Some(1 << 62),
            clicks: Some(0),
            conversions: Some(0.0),
            video_views: Some(9),
        };
        let mut row = AdRow::new(&some, date(2026, 5, 4));
        assert_eq!(row.metrics(), some);
        for text in ["1990-01-01T00:00:00.000000001Z", "2200-12-31T23:59:59.999999999Z"] {
            let at: Timestamp = text.parse().unwrap();
            row.set_known(Some(at));
            row.set_hour(Some(at));
            assert_eq!((row.known(), row.hour()), (Some(at), Some(at)));
        }
    }
}
