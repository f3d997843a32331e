//! Observations: what became known when, about which ad and day.

use std::collections::HashMap;
use std::sync::Arc;

use campaign_core::time::zone;
use campaign_core::{AdId, ChannelId, CreativeId, Currency, Micros, Names};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::error::FeatureError;
use super::facts::{self, Facts};
use super::measure::{MEASURES, Measure, Measures};

/// No name.
pub(super) const NONE: u32 = u32::MAX;

/// What an observation says about the ad itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attributes {
    /// The ad's name, which stands for the creative's text where that is not given.
    pub ad_name: Option<Arc<str>>,
    /// The channel.
    pub channel: Option<ChannelId>,
    /// The creative.
    pub creative: Option<CreativeId>,
    /// The kind of creative, such as `video`.
    pub format: Option<Arc<str>>,
}

/// One version of one fact.
///
/// A fact is what one `part` of an ad's day amounts to; the day's total is the sum over its parts.
/// A later version of the same part replaces the earlier one. What arrives once and is never
/// restated, such as an order, is a part of its own (`part: None`).
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The ad.
    pub ad: AdId,
    /// What tells facts of one ad and day apart (source, country, device); `None` for a fact that
    /// nothing replaces.
    pub part: Option<Arc<str>>,
    /// The day it happened, in the account's zone.
    pub day: Date,
    /// When this version became known.
    pub known_at: Timestamp,
    /// What it says.
    pub measures: Measures,
    /// What it says about the ad.
    pub attributes: Attributes,
}

/// Which of two versions counts if both became known at the same instant and say different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Ties {
    /// Neither: [`FeatureError::Tie`].
    #[default]
    Refuse,
    /// The one that was pushed last.
    KeepLast,
}

/// One version as pushed, in integers and indices.
#[derive(Debug, Clone)]
pub(super) struct Version {
    pub(super) ad: u32,
    pub(super) part: u32,
    pub(super) day: i32,
    pub(super) known_at: Timestamp,
    pub(super) values: [i64; MEASURES],
    pub(super) reported: [bool; MEASURES],
    pub(super) name: u32,
    pub(super) channel: u32,
    pub(super) creative: u32,
    pub(super) format: u32,
}

/// The text and kind of a creative, from when they were known.
#[derive(Debug, Clone)]
pub(super) struct Description {
    pub(super) creative: u32,
    pub(super) known_at: Timestamp,
    pub(super) text: u32,
    pub(super) format: u32,
}

/// A growing list of observations; [`finish`](Self::finish) puts them in order.
///
/// The order in which they are pushed does not matter (but see [`Ties::KeepLast`]).
///
/// # Examples
/// ```
/// use campaign_core::{AdId, Micros};
/// use campaign_features::feature::ad::{Measures, Observation, ObservationLog};
/// use jiff::civil::date;
/// let mut log = ObservationLog::new();
/// log.push(Observation {
///     ad: AdId::new("42")?,
///     part: Some("meta".into()),
///     day: date(2026, 3, 1),
///     known_at: "2026-03-02T06:00:00Z".parse()?,
///     measures: Measures { spend: Some(Micros(12_500_000)), clicks: Some(7), ..Measures::default() },
///     attributes: Default::default(),
/// })?;
/// assert_eq!(log.finish()?.ads().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ObservationLog {
    pub(super) versions: Vec<Version>,
    pub(super) descriptions: Vec<Description>,
    pub(super) ads: Names<AdId>,
    pub(super) channels: Names<ChannelId>,
    pub(super) creatives: Names<CreativeId>,
    pub(super) texts: Names<Arc<str>>,
    parts: HashMap<Arc<str>, u32>,
    n_parts: u32,
    /// Per ad, the zone its rows state and whether they are rows with spend.
    pub(super) stated_zones: Vec<Option<(Arc<str>, bool)>>,
    pub(super) default_zone: TimeZone,
    pub(super) ties: Ties,
    currency: Option<Currency>,
}

impl Default for ObservationLog {
    fn default() -> Self {
        Self {
            versions: Vec::new(),
            descriptions: Vec::new(),
            ads: Names::new(),
            channels: Names::new(),
            creatives: Names::new(),
            texts: Names::new(),
            parts: HashMap::new(),
            n_parts: 0,
            stated_zones: Vec::new(),
            default_zone: TimeZone::UTC,
            ties: Ties::default(),
            currency: None,
        }
    }
}

impl ObservationLog {
    /// An empty one; ads whose zone is not stated live in UTC.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The zone of ads for which none is stated.
    #[must_use]
    pub fn with_zone(mut self, zone: TimeZone) -> Self {
        self.default_zone = zone;
        self
    }

    /// What to do about versions that became known at the same instant.
    #[must_use]
    pub fn with_ties(mut self, ties: Ties) -> Self {
        self.ties = ties;
        self
    }

    /// How many observations there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.versions.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.versions.is_empty()
    }

    /// Adds an observation.
    ///
    /// # Errors
    /// [`FeatureError::NonFinite`] or [`FeatureError::TooLarge`] with the measure; the observation is
    /// then not added.
    pub fn push(&mut self, observation: Observation) -> Result<(), FeatureError> {
        let Observation { ad, part, day, known_at, measures, attributes } = observation;
        let (values, reported) = integers(&measures, self.versions.len())?;
        let part = match part {
            Some(part) => match self.parts.get(&part) {
                Some(&index) => index,
                None => {
                    let index = self.next_part()?;
                    self.parts.insert(part, index);
                    index
                }
            },
            None => self.next_part()?,
        };
        let version = Version {
            ad: self.ad(&ad)?,
            part,
            day: day_number(day),
            known_at,
            values,
            reported,
            name: self.text(attributes.ad_name.as_ref())?,
            channel: match &attributes.channel {
                Some(channel) => self.channels.index_of(channel)?,
                None => NONE,
            },
            creative: match &attributes.creative {
                Some(creative) => self.creatives.index_of(creative)?,
                None => NONE,
            },
            format: self.text(attributes.format.as_ref())?,
        };
        self.versions.push(version);
        Ok(())
    }

    /// States the zone of an ad's account. A zone stated together with spend outweighs one that is
    /// stated without (such as that of a CRM).
    ///
    /// # Errors
    /// [`FeatureError::Zones`] if another one of the same weight was stated before,
    /// [`FeatureError::Time`] if it is no IANA zone.
    pub fn push_zone(
        &mut self,
        ad: &AdId,
        name: &Arc<str>,
        with_spend: bool,
    ) -> Result<(), FeatureError> {
        let index = self.ad(ad)? as usize;
        let Some(stated) = self.stated_zones.get_mut(index) else { return Ok(()) };
        match stated {
            Some((before, weight)) if before == name => *weight |= with_spend,
            Some((_, true)) if !with_spend => {}
            Some((before, weight)) if *weight == with_spend => {
                return Err(FeatureError::Zones {
                    ad: ad.clone(),
                    first: Arc::clone(before),
                    second: Arc::clone(name),
                });
            }
            _ => {
                zone(name)?;
                *stated = Some((Arc::clone(name), with_spend));
            }
        }
        Ok(())
    }

    /// States the currency that amounts are in.
    ///
    /// # Errors
    /// [`FeatureError::Currencies`] if another one was stated before.
    pub fn push_currency(&mut self, currency: Currency) -> Result<(), FeatureError> {
        match self.currency {
            Some(first) if first != currency => {
                Err(FeatureError::Currencies { first, second: currency })
            }
            _ => {
                self.currency = Some(currency);
                Ok(())
            }
        }
    }

    /// Says what a creative's text and kind are, from an instant on.
    ///
    /// Where a text is known it is described instead of the ad's name.
    ///
    /// # Errors
    /// [`FeatureError::Id`] beyond 2³² − 1 names.
    pub fn describe(
        &mut self,
        creative: &CreativeId,
        known_at: Timestamp,
        text: Option<Arc<str>>,
        format: Option<Arc<str>>,
    ) -> Result<(), FeatureError> {
        let description = Description {
            creative: self.creatives.index_of(creative)?,
            known_at,
            text: self.text(text.as_ref())?,
            format: self.text(format.as_ref())?,
        };
        self.descriptions.push(description);
        Ok(())
    }

    /// Puts the observations in order.
    ///
    /// # Errors
    /// [`FeatureError::Tie`]; see [`with_ties`](Self::with_ties).
    ///
    /// # Complexity
    /// O(n log n).
    pub fn finish(self) -> Result<Observations, FeatureError> {
        facts::ordered(self).map(|facts| Observations { facts })
    }

    fn ad(&mut self, ad: &AdId) -> Result<u32, FeatureError> {
        let index = self.ads.index_of(ad)?;
        if self.stated_zones.len() < self.ads.len() {
            self.stated_zones.resize(self.ads.len(), None);
        }
        Ok(index)
    }

    fn text(&mut self, text: Option<&Arc<str>>) -> Result<u32, FeatureError> {
        Ok(match text {
            Some(text) => self.texts.index_of(text)?,
            None => NONE,
        })
    }

    fn next_part(&mut self) -> Result<u32, FeatureError> {
        let index = self.n_parts;
        self.n_parts = index.checked_add(1).ok_or(campaign_core::ids::IdError::TooMany)?;
        Ok(index)
    }
}

/// Observations in order, ready to be asked as of any instant.
#[derive(Debug, Clone)]
pub struct Observations {
    pub(super) facts: Facts,
}

impl Observations {
    /// The ads, in ascending order.
    #[must_use]
    pub fn ads(&self) -> &[AdId] {
        &self.facts.ads
    }

    /// Every (ad, day) that has an observation, by ad and day.
    #[must_use]
    pub fn ad_days(&self) -> Vec<(AdId, Date)> {
        let mut out = Vec::new();
        for (ad, name) in self.facts.ads.iter().enumerate() {
            let mut before = None;
            for &day in &self.facts.day[self.facts.range(ad)] {
                if before != Some(day) {
                    before = Some(day);
                    out.extend(date_of(day).map(|date| (name.clone(), date)));
                }
            }
        }
        out
    }

    /// The ads that have an observation on one of the `within` days before `day`, each with `day`:
    /// the rows to score a day that has no data yet.
    #[must_use]
    pub fn scoring_rows(&self, day: Date, within: u16) -> Vec<(AdId, Date)> {
        let end = day_number(day);
        let days = end - i32::from(within)..end;
        (self.facts.ads.iter().enumerate())
            .filter(|(ad, _)| {
                self.facts.day[self.facts.range(*ad)].iter().any(|day| days.contains(day))
            })
            .map(|(_, name)| (name.clone(), day))
            .collect()
    }

    /// The last day of any observation.
    #[must_use]
    pub fn last_day(&self) -> Option<Date> {
        self.facts.day.iter().max().and_then(|&day| date_of(day))
    }

    /// The latest instant at which anything became known.
    #[must_use]
    pub fn last_known(&self) -> Option<Timestamp> {
        self.facts.known.iter().max().copied()
    }
}

/// Days since 1970-01-01.
pub(super) fn day_number(day: Date) -> i32 {
    (day.duration_since(EPOCH).as_secs() / 86_400) as i32
}

/// The day at a day number.
pub(super) fn date_of(day: i32) -> Option<Date> {
    EPOCH.checked_add(jiff::SignedDuration::from_hours(24 * i64::from(day))).ok()
}

const EPOCH: Date = Date::constant(1970, 1, 1);

/// The largest integer whose difference with another one still fits.
const LARGEST: i64 = i64::MAX / 2;

fn integers(
    measures: &Measures,
    row: usize,
) -> Result<([i64; MEASURES], [bool; MEASURES]), FeatureError> {
    let count = |n: u64| i64::try_from(n).ok();
    let conversions = match measures.conversions {
        Some(value) if !value.is_finite() => {
            return Err(FeatureError::NonFinite { row, measure: Measure::Conversions, value });
        }
        // Beyond the range of micros it is too large by any standard.
        Some(value) => Some(Micros::from_f64(value).ok().map(|micros| micros.0)),
        None => None,
    };
    let given = [
        measures.spend.map(|micros| Some(micros.0)),
        measures.impressions.map(count),
        measures.clicks.map(count),
        conversions,
        measures.revenue.map(|micros| Some(micros.0)),
    ];
    let (mut values, mut reported) = ([0; MEASURES], [false; MEASURES]);
    for (m, given) in given.into_iter().enumerate() {
        match given {
            None => {}
            Some(Some(value)) if (-LARGEST..=LARGEST).contains(&value) => {
                values[m] = value;
                reported[m] = true;
            }
            Some(_) => return Err(FeatureError::TooLarge { row, measure: Measure::ALL[m] }),
        }
    }
    Ok((values, reported))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn day_numbers_go_both_ways() {
        for day in [Date::MIN, date(1969, 12, 31), date(1970, 1, 1), date(2024, 2, 29), Date::MAX] {
            assert_eq!(date_of(day_number(day)), Some(day));
        }
        assert_eq!(day_number(date(2000, 3, 1)), 11_017);
        assert_eq!(date_of(i32::MAX), None);
    }
}
