//! Which features to make.

use std::collections::HashSet;
use std::sync::Arc;

use campaign_core::{AdId, ChannelId};
use jiff::Timestamp;
use jiff::civil::{Date, Time};

use super::super::calendar::CalendarField;
use super::super::creative::TextField;
use super::super::holiday::{Holidays, Region};
use super::build;
use super::error::FeatureError;
use super::measure::{Measure, Rate};
use super::observation::Observations;
use super::table::FeatureTable;
use super::window::Frame;

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Feature {
    /// `spend_7d`, `clicks_lag1`: the sum of a measure over a frame.
    ///
    /// Over several days it is NaN as long as nothing known of the ad reports the measure; from
    /// then on a day without a row counts 0. Over one day it is NaN unless that day is known to
    /// report it, so that "not yet known" is not taken for 0.
    Sum {
        /// What is summed.
        measure: Measure,
        /// Over which days.
        frame: Frame,
    },
    /// `ctr_7d`: the ratio of two sums; NaN where the denominator is 0 or a sum is NaN.
    Rate {
        /// Which ratio.
        rate: Rate,
        /// Over which days.
        frame: Frame,
    },
    /// `known_days_7d`: on how many days of the frame anything is known of the ad.
    KnownDays {
        /// Over which days.
        frame: Frame,
    },
    /// `channel_share_7d`: the ad's spend as a share of the spend of all rows of the channel it is
    /// known to belong to; NaN without a channel or where the channel spent 0.
    ChannelShare {
        /// Over which days.
        frame: Frame,
    },
    /// `ad_age`: days since the first day on which a version known by then shows an impression (or
    /// spend, where impressions are not reported); NaN before.
    AdAge,
    /// `creative_age`: the same over all ads with the creative the ad is known to show.
    CreativeAge,
    /// `month`: where the row's day stands in the calendar.
    Calendar(CalendarField),
    /// `holiday_us`: 1 on a holiday of a region.
    Holiday(Region),
    /// `ad_day`: 1 on a day of [`ad_days`](super::ad_days).
    AdDay,
    /// `user_day`: 1 on a day given by [`Holidays::with_day`].
    UserDay,
    /// `days_to_holiday`: days until the next special day of [`Holidays`], 0 on one, at most 28.
    DaysToHoliday,
    /// `days_since_holiday`: days since the last special day of [`Holidays`], 0 on one, at most 28.
    DaysSinceHoliday,
    /// `text_words`: a field of the creative's text as known, else of the ad's name; NaN without
    /// either.
    Text(TextField),
    /// `channel`: the channel the ad is known to belong to; categorical.
    Channel,
    /// `format`: the kind of creative, as described, else as read under the format key; categorical.
    Format,
}

impl Feature {
    /// The column's name.
    #[must_use]
    pub fn name(self) -> Arc<str> {
        match self {
            Self::Sum { measure, frame } => format!("{measure}_{frame}").into(),
            Self::Rate { rate, frame } => format!("{}_{frame}", rate.name()).into(),
            Self::KnownDays { frame } => format!("known_days_{frame}").into(),
            Self::ChannelShare { frame } => format!("channel_share_{frame}").into(),
            Self::AdAge => "ad_age".into(),
            Self::CreativeAge => "creative_age".into(),
            Self::Calendar(field) => field.name().into(),
            Self::Holiday(region) => {
                format!("holiday_{}", region.code().to_lowercase().replace('-', "_")).into()
            }
            Self::AdDay => "ad_day".into(),
            Self::UserDay => "user_day".into(),
            Self::DaysToHoliday => "days_to_holiday".into(),
            Self::DaysSinceHoliday => "days_since_holiday".into(),
            Self::Text(field) => field.name().into(),
            Self::Channel => "channel".into(),
            Self::Format => "format".into(),
        }
    }

    /// The frame, where there is one.
    pub(super) const fn frame(self) -> Option<Frame> {
        match self {
            Self::Sum { frame, .. }
            | Self::Rate { frame, .. }
            | Self::KnownDays { frame }
            | Self::ChannelShare { frame } => Some(frame),
            _ => None,
        }
    }
}

/// What a table holds and from which instant its rows look back.
///
/// # What a row sees
/// A row stands for an (ad, day). Its **day of decision** is `lead` days before that day (0 by
/// default, so the same day). Its **cut-off** is the time of decision (midnight by default; the
/// first instant of the day where the clocks skip it) on the day of decision in the zone of the ad's
/// account, or the `as_of` instant if that is earlier. The row sees an observation if and only if
///
/// - its event day is **before** the day of decision (yesterday is in, the day itself is not), and
/// - its `known_at` is **at or before** the cut-off (a row that became known at the very instant is
///   in).
///
/// Of several versions of one fact the latest that it sees counts. The same rule holds for what is
/// known about the ad (name, channel, creative, format): of the rows seen, the one with the latest
/// event day, then the latest `known_at`, that states it. Descriptions of creatives have no event
/// day; only the second condition applies. Calendar and holidays are known in advance.
///
/// A frame reaches back from the day of decision: [`Frame::trailing`]`(7)` holds the seven days
/// before it.
///
/// A row for a day that has no data yet is made in exactly the same way: give the day, and the
/// instant of the decision as `as_of`.
///
/// # Units
/// Money in currency units, counts as numbers, ages in days.
///
/// # Examples
/// ```
/// use campaign_features::feature::ad::{Feature, FeatureSpec, Frame, Measure};
/// let spec = FeatureSpec::new([Feature::AdAge])
///     .with(Feature::Sum { measure: Measure::Spend, frame: Frame::trailing(14) });
/// assert_eq!(spec.names().last().map(|n| n.to_string()), Some("spend_14d".into()));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FeatureSpec {
    pub(super) features: Vec<Feature>,
    pub(super) holidays: Holidays,
    pub(super) lead: u16,
    pub(super) time: Time,
    pub(super) as_of: Option<Timestamp>,
    pub(super) channels: Option<Vec<ChannelId>>,
    pub(super) formats: Option<Vec<Arc<str>>>,
}

impl Default for FeatureSpec {
    /// [`standard`](Self::standard) with windows of 7 and 28 days and lags of 1 and 7.
    fn default() -> Self {
        Self::standard(&[7, 28], &[1, 7], Holidays::default())
    }
}

impl FeatureSpec {
    /// These features, in this order.
    #[must_use]
    pub fn new(features: impl IntoIterator<Item = Feature>) -> Self {
        Self {
            features: features.into_iter().collect(),
            holidays: Holidays::default(),
            lead: 0,
            time: Time::midnight(),
            as_of: None,
            channels: None,
            formats: None,
        }
    }

    /// Every feature there is: per window the sums, rates, known days and share of channel; per lag
    /// the sums; ages, calendar, holidays, text, channel and format.
    #[must_use]
    pub fn standard(windows: &[u16], lags: &[u16], holidays: Holidays) -> Self {
        let mut features = Vec::new();
        for &days in windows {
            let frame = Frame::trailing(days);
            features.extend(Measure::ALL.map(|measure| Feature::Sum { measure, frame }));
            features.extend(Rate::ALL.map(|rate| Feature::Rate { rate, frame }));
            features.extend([Feature::KnownDays { frame }, Feature::ChannelShare { frame }]);
        }
        for &days in lags {
            let frame = Frame::lag(days);
            features.extend(Measure::ALL.map(|measure| Feature::Sum { measure, frame }));
        }
        features.extend([Feature::AdAge, Feature::CreativeAge]);
        features.extend(CalendarField::STANDARD.map(Feature::Calendar));
        features.extend(holidays.regions().iter().map(|&region| Feature::Holiday(region)));
        features.extend([
            Feature::AdDay,
            Feature::UserDay,
            Feature::DaysToHoliday,
            Feature::DaysSinceHoliday,
        ]);
        features.extend(TextField::STANDARD.map(Feature::Text));
        features.extend([Feature::Channel, Feature::Format]);
        Self::new(features).with_holidays(holidays)
    }

    /// Adds a feature.
    #[must_use]
    pub fn with(mut self, feature: Feature) -> Self {
        self.features.push(feature);
        self
    }

    /// The special days that holiday features look up.
    #[must_use]
    pub fn with_holidays(mut self, holidays: Holidays) -> Self {
        self.holidays = holidays;
        self
    }

    /// Decides this many days ahead of the row's day, in training as in scoring.
    #[must_use]
    pub fn with_lead(mut self, days: u16) -> Self {
        self.lead = days;
        self
    }

    /// Decides at this time of the day instead of midnight, such as after the morning's exports.
    #[must_use]
    pub fn with_decision_time(mut self, time: Time) -> Self {
        self.time = time;
        self
    }

    /// Uses nothing that became known after this instant, whatever the row's day.
    #[must_use]
    pub fn with_as_of(mut self, as_of: Timestamp) -> Self {
        self.as_of = Some(as_of);
        self
    }

    /// Fixes the levels of the channel column; another channel is missing (NaN).
    ///
    /// Without it they are the channels of the observations by when they first became known, then
    /// by name. A table to be scored needs those of the table trained on:
    /// [`FeatureTable::fixed`] fixes both vocabularies.
    #[must_use]
    pub fn with_channels(mut self, channels: impl IntoIterator<Item = ChannelId>) -> Self {
        self.channels = Some(channels.into_iter().collect());
        self
    }

    /// Fixes the levels of the format column, as [`with_channels`](Self::with_channels).
    ///
    /// Without it they are all formats of the observations by name.
    #[must_use]
    pub fn with_formats(mut self, formats: impl IntoIterator<Item = Arc<str>>) -> Self {
        self.formats = Some(formats.into_iter().collect());
        self
    }

    /// The features, in the order of the columns.
    #[must_use]
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The names of the columns.
    #[must_use]
    pub fn names(&self) -> Vec<Arc<str>> {
        self.features.iter().map(|feature| feature.name()).collect()
    }

    /// Makes one row per (ad, day) asked for, in the order asked for.
    ///
    /// An ad without any observation is allowed: what is known of it is nothing.
    ///
    /// # Errors
    /// [`FeatureError::Frame`], [`FeatureError::Twice`] or [`FeatureError::Level`] for a spec that
    /// cannot be; [`FeatureError::Time`] for a day at the ends of the calendar.
    ///
    /// # Complexity
    /// O((n + r) log (n + r)) for n observations and r rows, per frame, and for channel shares per
    /// distinct time zone.
    pub fn build(
        &self,
        observations: &Observations,
        rows: &[(AdId, Date)],
    ) -> Result<FeatureTable, FeatureError> {
        self.check()?;
        build::build(self, &observations.facts, rows)
    }

    fn check(&self) -> Result<(), FeatureError> {
        let mut seen = HashSet::new();
        for &feature in &self.features {
            if let Some(frame) = feature.frame()
                && !frame.is_valid()
            {
                let (nearest, furthest) = (frame.nearest(), frame.furthest());
                return Err(FeatureError::Frame { nearest, furthest });
            }
            // By name: a one-day window is a lag.
            if !seen.insert(feature.name()) {
                return Err(FeatureError::Twice(feature.name()));
            }
        }
        Ok(())
    }
}
