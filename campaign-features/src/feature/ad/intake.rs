//! Records to observations.

use std::collections::BTreeSet;
use std::sync::Arc;

use campaign_core::time::AccountDay;
use campaign_core::{Record, SourceId};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::super::creative::value_of;
use super::error::FeatureError;
use super::measure::Measures;
use super::observation::{Attributes, Observation, ObservationLog, Observations, Ties};

/// When a record counts as known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum KnownAt {
    /// At its own `known_at`.
    #[default]
    Stated,
    /// At its own `known_at` or this many days after its day, whichever is earlier.
    ///
    /// An assumption for histories that were exported in one go: read literally, nothing in them
    /// was known before the export, so that no past day has features. It claims that the numbers
    /// exported now are those that were seen then, which restatements make untrue.
    AtMostDaysAfter(u16),
}

/// How records become observations.
///
/// - A fact is told apart by brand, source, account, campaign, ad group, country, audience and
///   breakdown; later versions of it replace earlier ones.
/// - Records without an ad are left out (and counted); they have no (ad, day).
/// - Amounts are those of [`Record::amounts`]: they must all be in one currency.
/// - An ad is one [`AdId`](campaign_core::AdId); ids must be unique over all platforms.
#[derive(Debug, Clone)]
pub struct Intake {
    conversions_from: Option<BTreeSet<SourceId>>,
    known_at: KnownAt,
    ties: Ties,
    zone: TimeZone,
    format_key: Option<Arc<str>>,
}

impl Default for Intake {
    fn default() -> Self {
        Self {
            conversions_from: None,
            known_at: KnownAt::Stated,
            ties: Ties::Refuse,
            zone: TimeZone::UTC,
            format_key: Some("format".into()),
        }
    }
}

impl Intake {
    /// Takes conversions and revenue from these sources only (a CRM, say), so that nothing is
    /// counted twice.
    ///
    /// These sources count as complete: where they report nothing, there was nothing (0, not
    /// missing). Without this call every source's conversions are added up.
    #[must_use]
    pub fn with_conversions_from(mut self, sources: impl IntoIterator<Item = SourceId>) -> Self {
        self.conversions_from = Some(sources.into_iter().collect());
        self
    }

    /// When a record counts as known.
    #[must_use]
    pub fn with_known_at(mut self, known_at: KnownAt) -> Self {
        self.known_at = known_at;
        self
    }

    /// What to do about two versions that became known at the same instant.
    #[must_use]
    pub fn with_ties(mut self, ties: Ties) -> Self {
        self.ties = ties;
        self
    }

    /// The zone of accounts that state none.
    #[must_use]
    pub fn with_zone(mut self, zone: TimeZone) -> Self {
        self.zone = zone;
        self
    }

    /// The key under which the breakdown or the ad's name gives the creative's format
    /// (`format=video`); `None` reads no format.
    #[must_use]
    pub fn with_format_key(mut self, key: Option<Arc<str>>) -> Self {
        self.format_key = key;
        self
    }

    /// Reads records into a log, to which more can be pushed.
    ///
    /// # Errors
    /// [`FeatureError`] with the index of the observation (records without an ad not counted).
    pub fn log(&self, records: &[Record]) -> Result<ObservationLog, FeatureError> {
        let mut log = ObservationLog::new().with_zone(self.zone.clone()).with_ties(self.ties);
        for record in records {
            self.push(&mut log, record)?;
        }
        Ok(log)
    }

    /// Adds one record to a log; `false` if it has no ad.
    ///
    /// # Errors
    /// As [`log`](Self::log).
    pub fn push(&self, log: &mut ObservationLog, record: &Record) -> Result<bool, FeatureError> {
        let Some(ad) = record.ad.clone() else { return Ok(false) };
        let (spend, revenue) = record.amounts();
        let with_spend = spend.0 != 0;
        if let Some(currency) = record.reporting.map(|r| r.currency).or(record.currency)
            && (with_spend || revenue.is_some_and(|revenue| revenue.0 != 0))
        {
            log.push_currency(currency)?;
        }
        if let Some(zone) = &record.zone {
            log.push_zone(&ad, zone, with_spend)?;
        }
        let mut measures = Measures {
            spend: Some(spend),
            impressions: record.impressions,
            clicks: record.clicks,
            conversions: record.conversions,
            revenue,
        };
        if let Some(sources) = &self.conversions_from
            && !sources.contains(&record.source)
        {
            measures.conversions = Some(0.0);
            measures.revenue = Some(campaign_core::Micros::ZERO);
        }
        let format = self.format_key.as_deref().and_then(|key| {
            let texts = [record.breakdown.as_deref(), record.ad_name.as_deref()];
            texts.into_iter().flatten().find_map(|text| value_of(text, key))
        });
        log.push(Observation {
            ad,
            part: Some(part(record)),
            day: record.date,
            known_at: self.known(record)?,
            measures,
            attributes: Attributes {
                ad_name: record.ad_name.clone(),
                channel: record.channel.clone(),
                creative: record.creative.clone(),
                format: format.map(|format| format.to_lowercase().into()),
            },
        })?;
        Ok(true)
    }

    fn known(&self, record: &Record) -> Result<Timestamp, FeatureError> {
        let KnownAt::AtMostDaysAfter(days) = self.known_at else { return Ok(record.known_at) };
        let zone = match &record.zone {
            Some(name) => campaign_core::time::zone(name)?,
            None => self.zone.clone(),
        };
        let range = |_| campaign_core::time::TimeError::Range(record.date);
        let last = record.date.checked_add(i64::from(days).days()).map_err(range)?;
        Ok(AccountDay::new(last, &zone)?.end().min(record.known_at))
    }
}

impl Observations {
    /// The observations that records make.
    ///
    /// # Errors
    /// [`FeatureError`]: see [`Intake::log`] and [`ObservationLog::finish`].
    ///
    /// # Examples
    /// ```
    /// # fn records() -> Vec<campaign_core::Record> { Vec::new() }
    /// use campaign_features::feature::ad::{Intake, Observations};
    /// let observations = Observations::from_records(&records(), &Intake::default())?;
    /// # assert!(observations.ads().is_empty());
    /// # Ok::<(), campaign_features::feature::ad::FeatureError>(())
    /// ```
    pub fn from_records(records: &[Record], intake: &Intake) -> Result<Self, FeatureError> {
        intake.log(records)?.finish()
    }
}

/// What tells this record's fact from others of the same ad and day.
fn part(record: &Record) -> Arc<str> {
    let parts = [
        Some(record.brand.as_str()),
        Some(record.source.as_str()),
        record.account.as_ref().map(|id| id.as_str()),
        record.campaign.as_ref().map(|id| id.as_str()),
        record.ad_group.as_ref().map(|id| id.as_str()),
        record.audience.as_ref().map(|id| id.as_str()),
        record.country.as_deref(),
        record.breakdown.as_deref(),
    ];
    // Ids hold no control characters, so that the joined text tells the parts apart.
    parts.map(|part| part.unwrap_or("")).join("\u{1f}").into()
}
