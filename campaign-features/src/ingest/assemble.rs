//! From rows to records, and their ids.

use campaign_core::{
    AccountId, AdGroupId, AdId, AudienceId, CampaignId, CreativeId, Record, SourceId,
};
use jiff::Timestamp;
use jiff::civil::Date;

use super::ads::{AdRow, Profile};
use super::error::IngestError;
use super::store::Store;
use super::texts::{Symbol, Texts};

/// A record on its way.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) record: Record,
    /// What it is about, of several hours the first.
    pub(crate) profile: u32,
    /// When a later version took its place.
    pub(crate) superseded_at: Option<Timestamp>,
    /// Where it was read, of several hours the first.
    pub(crate) file: u32,
    pub(crate) line: u32,
}

/// Makes records of rows; ids that were made before are not made again.
pub(crate) struct Assembler<'s> {
    store: &'s Store,
    sources: Ids<SourceId>,
    accounts: Ids<AccountId>,
    campaigns: Ids<CampaignId>,
    ad_groups: Ids<AdGroupId>,
    ads: Ids<AdId>,
    audiences: Ids<AudienceId>,
    creatives: Ids<CreativeId>,
}

/// Ids by the number of their text.
struct Ids<T>(Vec<Option<T>>);

impl<T: Clone> Ids<T> {
    fn new(store: &Store) -> Self {
        Self(vec![None; store.texts.len()])
    }

    fn get(
        &mut self,
        texts: &Texts,
        symbol: Symbol,
        new: impl Fn(&str) -> Result<T, campaign_core::ids::IdError>,
    ) -> Result<Option<T>, campaign_core::ids::IdError> {
        let Some(text) = texts.borrow(symbol) else { return Ok(None) };
        let Some(slot) = self.0.get_mut(symbol.index()) else { return new(text).map(Some) };
        if slot.is_none() {
            *slot = Some(new(text)?);
        }
        Ok(slot.clone())
    }
}

impl<'s> Assembler<'s> {
    pub(crate) fn new(store: &'s Store) -> Self {
        Self {
            store,
            sources: Ids::new(store),
            accounts: Ids::new(store),
            campaigns: Ids::new(store),
            ad_groups: Ids::new(store),
            ads: Ids::new(store),
            audiences: Ids::new(store),
            creatives: Ids::new(store),
        }
    }

    /// The record of a row, on the day and with the known-at that its zone gives it.
    pub(crate) fn draft(
        &mut self,
        row: &AdRow,
        profile: &Profile,
        day: Date,
        known_at: Timestamp,
    ) -> Result<Draft, IngestError> {
        let record = self.record(row, profile, day, known_at).map_err(|error| IngestError::Id {
            file: self.store.name_of(row.file),
            row: row.line.into(),
            error,
        })?;
        Ok(Draft {
            record,
            profile: row.profile,
            superseded_at: None,
            file: row.file,
            line: row.line,
        })
    }

    fn record(
        &mut self,
        row: &AdRow,
        profile: &Profile,
        day: Date,
        known_at: Timestamp,
    ) -> Result<Record, campaign_core::ids::IdError> {
        let texts = &self.store.texts;
        let source = match self.sources.get(texts, profile.platform, |t| SourceId::new(t))? {
            Some(source) => source,
            None => SourceId::new("")?,
        };
        let metrics = row.metrics();
        Ok(Record {
            brand: self.store.settings.brand.clone(),
            source,
            account: self.accounts.get(texts, profile.account, |t| AccountId::new(t))?,
            channel: None,
            campaign: self.campaigns.get(texts, profile.campaign, |t| CampaignId::new(t))?,
            campaign_name: texts.text(profile.campaign_name),
            ad_group: self.ad_groups.get(texts, profile.ad_group, |t| AdGroupId::new(t))?,
            ad_group_name: texts.text(profile.ad_group_name),
            ad: self.ads.get(texts, profile.ad, |t| AdId::new(t))?,
            ad_name: texts.text(profile.ad_name),
            creative: self.creatives.get(texts, profile.creative, |t| CreativeId::new(t))?,
            audience: self.audiences.get(texts, profile.audience, |t| AudienceId::new(t))?,
            country: texts.text(profile.country),
            breakdown: texts.text(profile.breakdown),
            date: day,
            zone: texts.text(profile.zone),
            currency: row.currency.or(profile.currency),
            spend: metrics.spend,
            revenue: metrics.revenue,
            reporting: None,
            impressions: metrics.impressions,
            clicks: metrics.clicks,
            conversions: metrics.conversions,
            video_views: metrics.video_views,
            attribution_window: texts.text(profile.window),
            known_at,
        })
    }
}

impl Store {
    pub(crate) fn name_of(&self, file: u32) -> String {
        self.names.get(file as usize).map(ToString::to_string).unwrap_or_default()
    }

    pub(crate) fn amount_error(
        &self,
        draft: &Draft,
        error: campaign_core::money::MoneyError,
    ) -> IngestError {
        IngestError::Amount { file: self.name_of(draft.file), row: draft.line.into(), error }
    }
}
