//! From rows to records: names, zones, currencies, days of hours, amounts in the reporting currency.

use std::collections::HashMap;
use std::sync::Arc;

use campaign_core::record::Reporting;
use campaign_core::{AccountId, AdGroupId, AdId, AudienceId, CampaignId, Micros, Record, SourceId};

use super::entities::CREATIVE;
use super::error::IngestError;
use super::layout::Level;
use super::row::AdRow;
use super::store::{Store, Zones, days_of, known_at};
use crate::fx::FxError;

/// A record on its way, with the ids it was joined by.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) platform: Arc<str>,
    pub(crate) mapping: Option<usize>,
    pub(crate) record: Record,
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

/// Completes rows from entity tables and the configuration: parents, names, currency, zone.
pub(crate) fn fill(store: &mut Store) {
    let entities = &store.entities;
    for slot in &mut store.ads.slots {
        let row = &mut slot.item;
        let platform = row.platform.clone();
        if !entities.is_empty() {
            if let Some(ad) = entities.get(&platform, Some(Level::Ad), row.ad.as_ref()) {
                or(&mut row.ad_name, &ad.name);
                or(&mut row.ad_group, &ad.ad_group);
                or(&mut row.campaign, &ad.campaign);
                or(&mut row.account, &ad.account);
                let number = ad.creative_number.as_ref();
                let shown = entities.get(&platform, CREATIVE, number);
                let shown = shown.and_then(|c| c.creative.clone());
                let creative = || ad.creative.clone().or(shown);
                row.creative = row.creative.take().or_else(creative);
            }
            let group = entities.get(&platform, Some(Level::AdGroup), row.ad_group.as_ref());
            if let Some(group) = group {
                or(&mut row.ad_group_name, &group.name);
                or(&mut row.campaign, &group.campaign);
                or(&mut row.account, &group.account);
            }
            let campaign = entities.get(&platform, Some(Level::Campaign), row.campaign.as_ref());
            if let Some(campaign) = campaign {
                or(&mut row.campaign_name, &campaign.name);
                or(&mut row.account, &campaign.account);
                row.currency = row.currency.or(campaign.currency);
            }
        }
        let stated = store.settings.sources.get(&*platform);
        if row.account.is_none()
            && let Some(account) = stated.and_then(|s| s.account.as_deref())
        {
            row.account = Some(account.into());
        }
        let mapping = row.mapping.and_then(|index| store.config.mappings.get(index));
        if let Some(mapping) = mapping {
            row.currency = row.currency.or(mapping.currency.as_ref().and_then(|c| c.parse().ok()));
            row.zone = row.zone.take().or(mapping.zone.as_deref().map(Into::into));
            row.account = row.account.take().or(mapping.account.as_deref().map(Into::into));
        }
        if let Some(account) = entities.get(&platform, Some(Level::Account), row.account.as_ref()) {
            row.currency = row.currency.or(account.currency);
            or(&mut row.zone, &account.zone);
        }
        if let Some(stated) = stated {
            row.currency = row.currency.or(stated.currency);
            row.zone = row.zone.take().or(stated.zone.as_deref().map(Into::into));
        }
    }
}

fn or(own: &mut Option<Arc<str>>, other: &Option<Arc<str>>) {
    if own.is_none() {
        own.clone_from(other);
    }
}

/// The records of the rows that were chosen, in their order; hours of one day become one record.
pub(crate) fn records(store: &Store, chosen: &[bool]) -> Result<Vec<Draft>, IngestError> {
    let mut out: Vec<Draft> = Vec::new();
    let mut days: HashMap<HourKey, usize> = HashMap::new();
    let mut zones = Zones::default();
    let mut ids = Ids::default();
    for (slot, chosen) in store.ads.live().zip(chosen) {
        if !chosen {
            continue;
        }
        let row = &slot.item;
        let (day, _) = days_of(row, &zones.get(row.zone.as_deref()));
        let known_at = known_at(slot.known, row, &mut zones);
        if row.hourly {
            let key = HourKey::new(row, day);
            if let Some(draft) = days.get(&key).and_then(|index| out.get_mut(*index)) {
                add(&mut draft.record, row, known_at)?;
                continue;
            }
            days.insert(key, out.len());
        }
        let record = Record {
            brand: store.settings.brand.clone(),
            source: ids.source(&row.platform)?,
            account: id(&mut ids.accounts, &row.account, |t| AccountId::new(t))?,
            channel: None,
            campaign: id(&mut ids.campaigns, &row.campaign, |t| CampaignId::new(t))?,
            campaign_name: row.campaign_name.clone(),
            ad_group: id(&mut ids.ad_groups, &row.ad_group, |t| AdGroupId::new(t))?,
            ad_group_name: row.ad_group_name.clone(),
            ad: id(&mut ids.ads, &row.ad, |t| AdId::new(t))?,
            ad_name: row.ad_name.clone(),
            creative: row.creative.clone(),
            audience: id(&mut ids.audiences, &row.audience, |t| AudienceId::new(t))?,
            country: row.country.clone(),
            breakdown: row.breakdown.clone(),
            date: day,
            zone: row.zone.clone(),
            currency: row.currency,
            spend: row.spend,
            revenue: row.revenue,
            reporting: None,
            impressions: row.impressions,
            clicks: row.clicks,
            conversions: row.conversions,
            video_views: row.video_views,
            attribution_window: row.window.clone(),
            known_at,
        };
        out.push(Draft {
            platform: row.platform.clone(),
            mapping: row.mapping,
            record,
            account: row.account.clone(),
            campaign: row.campaign.clone(),
            ad_group: row.ad_group.clone(),
            ad: row.ad.clone(),
            level: row.level,
        });
    }
    Ok(out)
}

/// What hours of one day have in common.
#[derive(Debug, PartialEq, Eq, Hash)]
struct HourKey {
    platform: Arc<str>,
    ids: [Option<Arc<str>>; 4],
    rest: [Option<Arc<str>>; 3],
    currency: Option<campaign_core::Currency>,
    day: jiff::civil::Date,
}

impl HourKey {
    fn new(row: &AdRow, day: jiff::civil::Date) -> Self {
        let [a, b, c, d] = [&row.account, &row.campaign, &row.ad_group, &row.ad];
        let [e, f, g] = [&row.audience, &row.country, &row.breakdown];
        Self {
            platform: row.platform.clone(),
            ids: [a.clone(), b.clone(), c.clone(), d.clone()],
            rest: [e.clone(), f.clone(), g.clone()],
            currency: row.currency,
            day,
        }
    }
}

/// Adds an hour to its day.
fn add(record: &mut Record, row: &AdRow, known_at: jiff::Timestamp) -> Result<(), IngestError> {
    record.spend = record.spend.checked_add(row.spend)?;
    record.revenue = match (record.revenue, row.revenue) {
        (Some(a), Some(b)) => Some(a.checked_add(b)?),
        (a, b) => a.or(b),
    };
    let sum = |a: Option<u64>, b: Option<u64>| match (a, b) {
        (Some(a), Some(b)) => Some(a.saturating_add(b)),
        (a, b) => a.or(b),
    };
    record.impressions = sum(record.impressions, row.impressions);
    record.clicks = sum(record.clicks, row.clicks);
    record.video_views = sum(record.video_views, row.video_views);
    record.conversions = match (record.conversions, row.conversions) {
        (Some(a), Some(b)) => Some(a + b),
        (a, b) => a.or(b),
    };
    record.known_at = record.known_at.max(known_at);
    Ok(())
}

/// Ids that were made before.
#[derive(Default)]
struct Ids {
    sources: HashMap<Arc<str>, SourceId>,
    accounts: HashMap<Arc<str>, AccountId>,
    campaigns: HashMap<Arc<str>, CampaignId>,
    ad_groups: HashMap<Arc<str>, AdGroupId>,
    ads: HashMap<Arc<str>, AdId>,
    audiences: HashMap<Arc<str>, AudienceId>,
}

impl Ids {
    fn source(&mut self, text: &Arc<str>) -> Result<SourceId, IngestError> {
        let id = id(&mut self.sources, &Some(text.clone()), |t| SourceId::new(t))?;
        match id {
            Some(id) => Ok(id),
            None => Ok(SourceId::new(&**text)?),
        }
    }
}

fn id<T: Clone>(
    known: &mut HashMap<Arc<str>, T>,
    text: &Option<Arc<str>>,
    new: impl Fn(&str) -> Result<T, campaign_core::ids::IdError>,
) -> Result<Option<T>, IngestError> {
    let Some(text) = text else { return Ok(None) };
    if let Some(id) = known.get(text) {
        return Ok(Some(id.clone()));
    }
    let id = new(text)?;
    known.insert(text.clone(), id.clone());
    Ok(Some(id))
}

/// Gives conversions of sources without revenue the value that the configuration states.
pub(crate) fn value(store: &Store, records: &mut [Draft]) -> Result<(), IngestError> {
    for draft in records {
        let mapping = draft.mapping.and_then(|index| store.config.mappings.get(index));
        let stated = store.settings.sources.get(&*draft.platform);
        let worth = mapping
            .and_then(|m| m.value_per_conversion)
            .or(stated.and_then(|s| s.value_per_conversion));
        let record = &mut draft.record;
        if let (Some(worth), Some(conversions), None) = (worth, record.conversions, record.revenue)
        {
            record.revenue = Some(Micros::from_f64(worth * conversions)?);
        }
    }
    Ok(())
}

/// Fills the amounts in the reporting currency and returns how many took an earlier day's rate.
pub(crate) fn convert(store: &Store, records: &mut [Draft]) -> Result<u64, IngestError> {
    let Some(to) = store.settings.reporting else { return Ok(0) };
    let mut carried = 0;
    for draft in records {
        let record = &mut draft.record;
        let Some(from) = record.currency else { continue };
        let rate = match &store.config.fx {
            Some(table) => table.rate(from, to, record.date, store.config.fx_carry_days)?,
            None => crate::fx::FxTable::new()
                .rate(from, to, record.date, 0)
                .map_err(|_| FxError::Missing { from, to, date: record.date })?,
        };
        carried += u64::from(rate.quoted != record.date);
        let convert = |amount: Micros| {
            if from == to { Ok(amount) } else { amount.convert(rate.rate) }
        };
        record.reporting = Some(Reporting {
            currency: to,
            rate: rate.rate,
            spend: convert(record.spend)?,
            revenue: record.revenue.map(convert).transpose()?,
        });
    }
    Ok(carried)
}
