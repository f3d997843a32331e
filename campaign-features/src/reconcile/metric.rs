//! The measures of a record in exact units.

use campaign_core::{Micros, Record};
use serde::{Deserialize, Serialize};

/// A measure of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Metric {
    /// Spend, in micros.
    Spend,
    /// Revenue, in micros.
    Revenue,
    /// Impressions.
    Impressions,
    /// Clicks.
    Clicks,
    /// Conversions, in millionths.
    Conversions,
    /// Video views.
    VideoViews,
}

impl Metric {
    /// Every measure.
    pub const ALL: [Self; 6] = [
        Self::Spend,
        Self::Revenue,
        Self::Impressions,
        Self::Clicks,
        Self::Conversions,
        Self::VideoViews,
    ];

    /// Whether it depends on an attribution window.
    #[must_use]
    pub const fn is_attributed(self) -> bool {
        matches!(self, Self::Revenue | Self::Conversions)
    }

    /// Its value in a record, in whole units; `None` if the record does not state it or it is no such
    /// number.
    #[must_use]
    pub fn of(self, record: &Record) -> Option<i64> {
        let count = |value: Option<u64>| value.and_then(|value| i64::try_from(value).ok());
        match self {
            Self::Spend => Some(record.spend.0),
            Self::Revenue => record.revenue.map(|revenue| revenue.0),
            Self::Impressions => count(record.impressions),
            Self::Clicks => count(record.clicks),
            Self::Conversions => {
                record.conversions.and_then(|n| Micros::from_f64(n).ok()).map(|micros| micros.0)
            }
            Self::VideoViews => count(record.video_views),
        }
    }

    /// Writes a value that is not negative; `None` is 0 for spend.
    pub(super) fn write(self, record: &mut Record, value: Option<i64>) {
        let count = value.map(i64::unsigned_abs);
        match self {
            Self::Spend => record.spend = Micros(value.unwrap_or(0)),
            Self::Revenue => record.revenue = value.map(Micros),
            Self::Impressions => record.impressions = count,
            Self::Clicks => record.clicks = count,
            Self::Conversions => record.conversions = value.map(|n| Micros(n).to_f64()),
            Self::VideoViews => record.video_views = count,
        }
    }
}

/// One value per measure; `None` where nothing stated it.
pub(super) type Values = [Option<i64>; 6];

pub(super) fn values(record: &Record) -> Values {
    Metric::ALL.map(|metric| metric.of(record))
}

/// Adds what is stated; `None` where a sum does not fit.
pub(super) fn add(sum: &mut Values, more: &Values) -> Option<()> {
    for (sum, more) in sum.iter_mut().zip(more) {
        if let Some(more) = more {
            *sum = Some(sum.unwrap_or(0).checked_add(*more)?);
        }
    }
    Some(())
}
