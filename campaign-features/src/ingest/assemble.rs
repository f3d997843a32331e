//! From rows to records: names, zones, currencies, amounts in the reporting currency.

use std::sync::Arc;

use campaign_core::money::MoneyError;
use campaign_core::record::Reporting;
use campaign_core::{
    AccountId, AdGroupId, AdId, AudienceId, CampaignId, CreativeId, Micros, Record, SourceId,
};
use jiff::Timestamp;
use jiff::civil::Date;

use super::ads::{AdRow, Profile};
use super::entities::CREATIVE;
use super::error::IngestError;
use super::layout::Level;
use super::store::Store;
use super::texts::{Symbol, Texts};
use crate::fx::FxError;

/// A record on its way, with the ids it was joined by.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) platform: Arc<str>,
    pub(crate) mapping: Option<usize>,
    pub(crate) record: Record,
    /// When a later version took its place.
    pub(crate) superseded_at: Option<Timestamp>,
    /// Where it was read, of several hours the first.
    pub(crate) file: u32,
    pub(crate) line: u32,
    account: Option<Arc<str>>,
    campaign: Option<Arc<str>>,
    ad_group: Option<Arc<str>>,
    ad: Option<Arc<str>>,
    level: Level,
}

impl Draft {
    /// Account, campaign, ad group and ad, as far as the level of the row goes.
    pub(crate) fn ids(&self) -> [&Option<Arc<str>>; 4] {
        const NONE: &Option<Arc<str>> = &None;
        let from = |level: Level, id| if self.level >= level { id } else { NONE };
        [
            &self.account,
            from(Level::Campaign, &self.campaign),
            from(Level::AdGroup, &self.ad_group),
            from(Level::Ad, &self.ad),
        ]
    }
}

/// Completes profiles from entity tables and the configuration: parents, names, currency, zone.
pub(crate) fn fill(store: &mut Store) {
    let entities = &store.entities;
    let texts = &mut store.texts;
    for profile in &mut store.ads.profiles.all {
        let Some(platform) = texts.text(profile.platform) else { continue };
        if !entities.is_empty() {
            let get = |texts: &Texts, level, id: Symbol| {
                entities.get(&platform, level, texts.borrow(id)).cloned()
            };
            if let Some(ad) = get(texts, Some(Level::Ad), profile.ad) {
                or(texts, &mut profile.ad_name, &ad.name);
                or(texts, &mut profile.ad_group, &ad.ad_group);
                or(texts, &mut profile.campaign, &ad.campaign);
                or(texts, &mut profile.account, &ad.account);
                let number = ad.creative_number.as_ref();
                let shown = entities.get(&platform, CREATIVE, number);
                let shown = shown.and_then(|c| c.creative.clone());
                if let Some(id) = ad.creative.or(shown).filter(|_| profile.creative.is_none()) {
                    profile.creative = texts.symbol(id.as_str());
                }
            }
            if let Some(group) = get(texts, Some(Level::AdGroup), profile.ad_group) {
                or(texts, &mut profile.ad_group_name, &group.name);
                or(texts, &mut profile.campaign, &group.campaign);
                or(texts, &mut profile.account, &group.account);
            }
            if let Some(campaign) = get(texts, Some(Level::Campaign), profile.campaign) {
                or(texts, &mut profile.campaign_name, &campaign.name);
                or(texts, &mut profile.account, &campaign.account);
                profile.currency = campaign.currency;
            }
        }
        let stated = store.settings.sources.get(&*platform);
        let mapping = profile.mapping.and_then(|index| store.config.mappings.get(index as usize));
        let mut state = |own: &mut Symbol, text: Option<&str>| {
            if let Some(text) = text.filter(|_| own.is_none()) {
                *own = texts.symbol(text);
            }
        };
        state(&mut profile.account, stated.and_then(|s| s.account.as_deref()));
        if let Some(mapping) = mapping {
            let stated = mapping.currency.as_ref().and_then(|c| c.parse().ok());
            profile.currency = profile.currency.or(stated);
            state(&mut profile.zone, mapping.zone.as_deref());
            state(&mut profile.account, mapping.account.as_deref());
        }
        let account = texts.text(profile.account);
        if let Some(account) = entities.get(&platform, Some(Level::Account), account.as_ref()) {
            profile.currency = profile.currency.or(account.currency);
            or(texts, &mut profile.zone, &account.zone);
        }
        if let Some(stated) = stated {
            profile.currency = profile.currency.or(stated.currency);
            if let Some(zone) = stated.zone.as_deref().filter(|_| profile.zone.is_none()) {
                profile.zone = texts.symbol(zone);
            }
        }
    }
}

fn or(texts: &mut Texts, own: &mut Symbol, other: &Option<Arc<str>>) {
    if let Some(other) = other.as_ref().filter(|_| own.is_none()) {
        *own = texts.shared(other);
    }
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
        let texts = &self.store.texts;
        Ok(Draft {
            platform: texts.text(profile.platform).unwrap_or_default(),
            mapping: profile.mapping.map(|index| index as usize),
            record,
            superseded_at: None,
            file: row.file,
            line: row.line,
            account: texts.text(profile.account),
            campaign: texts.text(profile.campaign),
            ad_group: texts.text(profile.ad_group),
            ad: texts.text(profile.ad),
            level: profile.level,
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

/// Gives conversions of sources without revenue the value that the configuration states.
pub(crate) fn value(store: &Store, draft: &mut Draft) -> Result<(), IngestError> {
    let mapping = draft.mapping.and_then(|index| store.config.mappings.get(index));
    let stated = store.settings.sources.get(&*draft.platform);
    let worth = mapping
        .and_then(|m| m.value_per_conversion)
        .or(stated.and_then(|s| s.value_per_conversion));
    let record = &draft.record;
    if let (Some(worth), Some(conversions), None) = (worth, record.conversions, record.revenue) {
        let revenue = Micros::from_f64(worth * conversions);
        draft.record.revenue = Some(revenue.map_err(|error| store.amount_error(draft, error))?);
    }
    Ok(())
}

/// Fills the amounts in the reporting currency and returns whether it took an earlier day's rate.
pub(crate) fn convert(store: &Store, draft: &mut Draft) -> Result<bool, IngestError> {
    let error = |error| store.amount_error(draft, error);
    let Some((amounts, carried)) = reporting(store, &draft.record, &error)? else {
        return Ok(false);
    };
    draft.record.reporting = Some(amounts);
    Ok(carried)
}

/// The amounts of a record in the reporting currency, and whether it took an earlier day's rate; `None`
/// where none is asked for or the record's own currency is not known.
pub(crate) fn reporting(
    store: &Store,
    record: &Record,
    error: &dyn Fn(MoneyError) -> IngestError,
) -> Result<Option<(Reporting, bool)>, IngestError> {
    let (Some(to), Some(from)) = (store.settings.reporting, record.currency) else {
        return Ok(None);
    };
    let date = record.date;
    let rate = match &store.config.fx {
        Some(table) => table.rate(from, to, date, store.config.fx_carry_days)?,
        None => crate::fx::FxTable::new()
            .rate(from, to, date, 0)
            .map_err(|_| FxError::Missing { from, to, date })?,
    };
    let convert = |amount: Micros| {
        if from == to {
            return Ok(amount);
        }
        amount.convert(rate.rate).map_err(error)
    };
    let amounts = Reporting {
        currency: to,
        rate: rate.rate,
        spend: convert(record.spend)?,
        revenue: record.revenue.map(convert).transpose()?,
    };
    Ok(Some((amounts, rate.quoted != date)))
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
