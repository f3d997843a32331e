//! The records that an order may belong to.

use std::collections::{BTreeMap, HashMap};

use campaign_core::{AdId, CampaignId, Record, SourceId};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::ingest::conversion::Conversion;
use crate::zone::day_of;

/// Rows of one thing in one source by day, with the zone of its account.
pub(super) struct Rows {
    zone: TimeZone,
    days: BTreeMap<Date, Vec<usize>>,
}

pub(super) type BySource<'r> = BTreeMap<&'r SourceId, Rows>;

/// Records by ad and by campaign; names stand in for ids that match nothing.
pub(super) struct Index<'r> {
    ads: HashMap<&'r str, BySource<'r>>,
    ad_names: HashMap<&'r str, BySource<'r>>,
    campaigns: HashMap<&'r str, BySource<'r>>,
    campaign_names: HashMap<&'r str, BySource<'r>>,
}

impl<'r> Index<'r> {
    pub(super) fn new(records: &'r [Record]) -> Self {
        let mut out = Self {
            ads: HashMap::new(),
            ad_names: HashMap::new(),
            campaigns: HashMap::new(),
            campaign_names: HashMap::new(),
        };
        let mut zones: HashMap<&str, TimeZone> = HashMap::new();
        for (position, record) in records.iter().enumerate() {
            let zone = record.zone.as_deref().map(|name| {
                let known = || campaign_core::time::zone(name).unwrap_or(TimeZone::UTC);
                zones.entry(name).or_insert_with(known).clone()
            });
            let zone = zone.unwrap_or(TimeZone::UTC);
            for (map, key) in [
                (&mut out.ads, record.ad.as_ref().map(AdId::as_str)),
                (&mut out.ad_names, record.ad_name.as_deref()),
                (&mut out.campaigns, record.campaign.as_ref().map(CampaignId::as_str)),
                (&mut out.campaign_names, record.campaign_name.as_deref()),
            ] {
                let Some(key) = key else { continue };
                let new = || Rows { zone: zone.clone(), days: BTreeMap::new() };
                let rows = map.entry(key).or_default().entry(&record.source).or_insert_with(new);
                rows.days.entry(record.date).or_default().push(position);
            }
        }
        out
    }

    /// The rows an order belongs to, and whether its ad found them.
    pub(super) fn rows(&self, order: &Conversion, window_days: u16) -> (Vec<usize>, bool) {
        let ad = order.ad.as_ref().map(AdId::as_str);
        let found = ad.and_then(|ad| self.ads.get(ad).or_else(|| self.ad_names.get(ad)));
        if let Some(sources) = found {
            return (latest(sources, order, window_days), true);
        }
        let campaign = order.campaign.as_ref().map(CampaignId::as_str);
        let of = |id| self.campaigns.get(id).or_else(|| self.campaign_names.get(id));
        match campaign.and_then(of) {
            Some(sources) => (latest(sources, order, window_days), false),
            None => (Vec::new(), false),
        }
    }
}

/// The rows of the latest day in the window, of the order's platform if it names one.
pub(super) fn latest(sources: &BySource<'_>, order: &Conversion, window_days: u16) -> Vec<usize> {
    let wanted = |source: &SourceId| order.platform.as_ref().is_none_or(|p| p == source);
    let in_window = |rows: &Rows| {
        let day = day_of(order.at, &rows.zone);
        let first = day.checked_sub(i64::from(window_days).days()).unwrap_or(Date::MIN);
        rows.days.range(first..=day).next_back().map(|(_, positions)| positions.clone())
    };
    let mut rows = sources.iter().filter(|(source, _)| wanted(source));
    rows.find_map(|(_, rows)| in_window(rows)).unwrap_or_default()
}
