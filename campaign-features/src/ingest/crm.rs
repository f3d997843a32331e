//! First-party conversions: offline conversions, order tables, Shopify orders.

use std::sync::Arc;

use campaign_core::{AdId, CampaignId, Micros, SourceId};

use super::adapter::{Adapter, has, has_any, table};
use super::conversion::Conversion;
use super::ga4::source_id;
use super::header::HeaderCell;
use super::layout::{Layout, Level, Output, Role};
use super::row::{Fault, RowReader};
use super::store::Store;

/// Conversions of a CRM or shop.
///
/// A table is one if it has a time, an order or click id, and neither impressions nor spend. Times
/// without an offset are those of the zone in a first line `Parameters:TimeZone=...`, else of the zone
/// that the configuration states for `crm`, else UTC.
#[derive(Debug, Clone, Copy, Default)]
pub struct Crm;

/// Click ids and the platform that makes them.
const CLICKS: [(&str, &str); 10] = [
    ("google click id", "google_ads"),
    ("gclid", "google_ads"),
    ("gbraid", "google_ads"),
    ("wbraid", "google_ads"),
    ("fbclid", "meta_ads"),
    ("fbc", "meta_ads"),
    ("ttclid", "tiktok_ads"),
    ("msclkid", "microsoft_ads"),
    ("microsoft click id", "microsoft_ads"),
    ("li fat id", "linkedin_ads"),
];

const TIMES: [&str; 11] = [
    "conversion time",
    "conversion date time",
    "order time",
    "ordered at",
    "order date",
    "purchase time",
    "purchased at",
    "converted at",
    "created at",
    "event time",
    "date",
];

impl Adapter for Crm {
    fn platform(&self) -> &str {
        "crm"
    }

    fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        let reports = ["impressions", "impr.", "spend", "cost", "sessions", "user pseudo id"];
        if has_any(header, &reports) || header.iter().any(|c| c.name.starts_with("amount spent")) {
            return None;
        }
        let shopify = has(header, "financial status") && has(header, "lineitem quantity");
        let click = header.iter().any(|c| CLICKS.iter().any(|(name, _)| *name == c.name));
        let order =
            has_any(header, &["order id", "order number", "transaction id", "order", "click id"]);
        if !(shopify || ((click || order) && has_any(header, &TIMES))) {
            return None;
        }
        let mut layout = table(self.platform(), header, if shopify { SHOPIFY } else { NAMES });
        layout.output = Output::Conversions;
        layout.level = Some(Level::Order);
        layout.score += if shopify { 20 } else { 5 };
        Some(layout)
    }
}

/// The platform that `utm_source` or a column of platforms means.
fn platform(text: &str) -> Option<SourceId> {
    let name = match text.to_lowercase().as_str() {
        "facebook" | "fb" | "instagram" | "ig" | "meta" | "meta_ads" | "facebook_ads" => "meta_ads",
        "google" | "adwords" | "google_ads" | "youtube" => "google_ads",
        "tiktok" | "tiktok_ads" => "tiktok_ads",
        "bing" | "microsoft" | "microsoft_ads" => "microsoft_ads",
        "linkedin" | "linkedin_ads" => "linkedin_ads",
        "pinterest" | "pinterest_ads" => "pinterest_ads",
        "snapchat" | "snapchat_ads" => "snapchat_ads",
        _ => return SourceId::new(text).ok(),
    };
    SourceId::new(name).ok()
}

/// A conversion; `None` for a further line of an order.
pub(crate) fn conversion(
    store: &mut Store,
    reader: &mut RowReader<'_, '_>,
) -> Result<Option<Conversion>, Fault> {
    let order = reader.id(Role::Order)?.map(str::to_owned);
    let blank = |role| reader.text(role).is_none();
    if order.is_some()
        && blank(Role::At)
        && blank(Role::Revenue)
        && reader.layout.has(Role::Attribute)
    {
        return Ok(None);
    }
    let zone = reader.style.zone.clone();
    let at = reader.instant(Role::At, &zone)?;
    let at = at.ok_or_else(|| {
        reader.fault(Role::At, "the time of the conversion", "no value".to_owned())
    })?;
    // The system's own clock tells when it knew; a conversion is never known before it happens.
    let known_at = reader.instant(Role::KnownAt, &zone)?.unwrap_or(at).max(at);
    let value = reader.amount(Role::Revenue)?;
    let currency = reader.currency()?.or(value.and_then(|(_, currency)| currency));
    let source = source_id(reader)?;
    let mut out = Conversion::new(store.settings.brand.clone(), source, at, known_at);
    let mapping = store.config.mappings.iter().find(|m| *m.name == *reader.layout.platform);
    let mapped = mapping.and_then(|m| m.currency.as_ref()?.parse().ok());
    out.currency = currency.or(mapped).or(reader.defaults.currency);
    out.value = value.map(|(micros, _)| micros);
    if let (None, Some(worth)) = (out.value, reader.defaults.value_per_conversion) {
        out.value = Micros::from_f64(worth).ok();
    }
    out.order = order.map(Arc::from);
    out.name = reader.text(Role::Event).map(|name| store.texts.get(name));
    let campaign = reader.id(Role::Campaign)?.or(reader.id(Role::CampaignName)?);
    out.campaign = campaign.and_then(|text| CampaignId::new(text).ok());
    let ad = reader.id(Role::Ad)?.or(reader.id(Role::AdName)?);
    out.ad = ad.and_then(|text| AdId::new(text).ok());
    for (column, cell) in reader.layout.columns.iter().zip(reader.cells) {
        let known = CLICKS.iter().find(|(name, _)| **name == *column.name);
        if let Some((_, by)) = known.filter(|_| !cell.trim().is_empty() && out.click.is_none()) {
            out.click = Some(cell.trim().into());
            out.platform = SourceId::new(by).ok();
        }
    }
    out.click = out.click.or_else(|| reader.text(Role::Click).map(Arc::from));
    out.platform = out.platform.or_else(|| reader.text(Role::Platform).and_then(platform));
    Ok(Some(out))
}

const NAMES: &[(&str, Role)] = &[
    ("order id", Role::Order),
    ("order number", Role::Order),
    ("transaction id", Role::Order),
    ("order", Role::Order),
    ("conversion time", Role::At),
    ("conversion date time", Role::At),
    ("order time", Role::At),
    ("ordered at", Role::At),
    ("order date", Role::At),
    ("purchase time", Role::At),
    ("purchased at", Role::At),
    ("converted at", Role::At),
    ("created at", Role::At),
    ("event time", Role::At),
    ("date", Role::At),
    ("known at", Role::KnownAt),
    ("recorded at", Role::KnownAt),
    ("imported at", Role::KnownAt),
    ("uploaded at", Role::KnownAt),
    ("conversion value", Role::Revenue),
    ("order value", Role::Revenue),
    ("order total", Role::Revenue),
    ("value", Role::Revenue),
    ("revenue", Role::Revenue),
    ("amount", Role::Revenue),
    ("total", Role::Revenue),
    ("conversion currency", Role::Currency),
    ("currency", Role::Currency),
    ("currency code", Role::Currency),
    ("conversion name", Role::Event),
    ("event name", Role::Event),
    ("conversion type", Role::Event),
    ("google click id", Role::Breakdown),
    ("gclid", Role::Breakdown),
    ("gbraid", Role::Breakdown),
    ("wbraid", Role::Breakdown),
    ("fbclid", Role::Breakdown),
    ("fbc", Role::Breakdown),
    ("ttclid", Role::Breakdown),
    ("msclkid", Role::Breakdown),
    ("microsoft click id", Role::Breakdown),
    ("li fat id", Role::Breakdown),
    ("click id", Role::Click),
    ("campaign id", Role::Campaign),
    ("utm campaign id", Role::Campaign),
    ("utm id", Role::Campaign),
    ("utm campaign", Role::CampaignName),
    ("campaign", Role::CampaignName),
    ("campaign name", Role::CampaignName),
    ("ad id", Role::Ad),
    ("utm ad id", Role::Ad),
    ("utm ad", Role::Ad),
    ("utm content", Role::AdName),
    ("ad", Role::AdName),
    ("ad name", Role::AdName),
    ("platform", Role::Platform),
    ("source", Role::Platform),
    ("utm source", Role::Platform),
    ("utm medium", Role::Breakdown),
    ("utm term", Role::Breakdown),
    ("ad user data", Role::Breakdown),
    ("ad personalization", Role::Breakdown),
];

const SHOPIFY: &[(&str, Role)] = &[
    ("name", Role::Order),
    ("created at", Role::At),
    ("total", Role::Revenue),
    ("currency", Role::Currency),
    ("source", Role::Platform),
    ("utm source", Role::Platform),
    ("utm campaign", Role::CampaignName),
    ("utm content", Role::AdName),
    ("financial status", Role::Attribute),
    ("fulfillment status", Role::Attribute),
    ("fulfilled at", Role::Attribute),
    ("paid at", Role::Attribute),
    ("cancelled at", Role::Attribute),
    ("tags", Role::Attribute),
    ("notes", Role::Attribute),
    ("note attributes", Role::Attribute),
    ("outstanding balance", Role::Metric),
    ("refunded amount", Role::Metric),
    ("subtotal", Role::Metric),
    ("shipping", Role::Metric),
    ("taxes", Role::Metric),
    ("discount amount", Role::Metric),
    ("lineitem price", Role::Metric),
];
