//! First-party conversions: offline conversions, order tables, Shopify orders, HubSpot deals.

mod names;

use std::sync::Arc;

use campaign_core::{AdId, CampaignId, Micros, SourceId};

use jiff::Timestamp;

use names::{CLICKS, DATES, DEALS, MARKETING, NAMES, ORDERS, SHOPIFY, SIDE, TIMES, WORTH};

use crate::ingest::adapter::{Adapter, has, has_any, same, table};
use crate::ingest::conversion::Conversion;
use crate::ingest::date::DateOrder;
use crate::ingest::ga4::source_id;
use crate::ingest::header::{HeaderCell, normal};
use crate::ingest::layout::{Layout, Level, Output, Role};
use crate::ingest::number::is_null;
use crate::ingest::row::{Fault, RowReader};
use crate::ingest::store::Store;

/// Conversions of a CRM or shop.
///
/// A table is one if it has a time, the number of an order or a click id, and neither impressions nor
/// spend. A transaction with a date and an amount could stand on a statement of a bank: it is taken only
/// where a column says that it is a conversion or which campaign it came from. Times
/// without an offset are those of the zone in a first line `Parameters:TimeZone=...`, else of the zone
/// that the configuration states for `crm`, else UTC.
///
/// Orders of Shopify, WooCommerce and others that state a status are conversions unless they were refunded,
/// voided or never paid; what was paid
/// back of a partly refunded one is taken off its value, where the export says how much. Deals of
/// HubSpot and opportunities of Salesforce are conversions when they are won, at their close date: `Is Closed Won` says it, or the stage
/// is one of those that the configuration names. Rows that are no conversions are accepted and counted in
/// the notes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Crm;

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
        let api_orders = has(header, "financial status")
            && has_any(header, &["total price", "total price set shop amount"])
            || has(header, "display financial status");
        let deals = of_deals(header);
        if is_deals(&deals) {
            let mut layout = table(self.platform(), &deals, DEALS);
            layout.output = Output::Conversions;
            layout.level = Some(Level::Order);
            layout.score += 20;
            return Some(layout);
        }
        let shopify = shopify || api_orders;
        let click = header.iter().any(|c| CLICKS.iter().any(|(name, _)| *name == c.name));
        let order =
            has_any(header, &["order id", "order number", "click id"]) && has_any(header, &TIMES);
        // Statements of banks and invoices have a number, a date and an amount as well.
        let order = order || (has_any(header, &ORDERS) && has_any(header, &MARKETING));
        // Refunds, payments and parcels name their order as well, but are none.
        let side = has_any(header, &SIDE);
        let worth = click || has_any(header, &WORTH);
        let timed = has_any(header, &TIMES) || has_any(header, &DATES);
        if !(shopify || ((click || order) && worth && !side && timed)) {
            return None;
        }
        let mut layout = table(self.platform(), header, if shopify { SHOPIFY } else { NAMES });
        layout.output = Output::Conversions;
        layout.level = Some(Level::Order);
        layout.score += if shopify { 20 } else { 5 };
        if has_any(header, &["google click id", "microsoft click id"]) {
            // The templates of both allow no other order than this one and the year first.
            layout.date_order = Some(DateOrder::MonthFirst);
        }
        Some(layout)
    }
}

/// A header of deals without the group that HubSpot's API (`properties.amount`) and connectors
/// (`property_amount`) put before what a deal is.
fn of_deals(header: &[HeaderCell]) -> Vec<HeaderCell> {
    let bare = |cell: &HeaderCell| {
        let mut cell = cell.clone();
        let groups = ["properties.", "properties ", "property "];
        if let Some(name) = groups.iter().find_map(|group| cell.name.strip_prefix(group)) {
            cell.name = name.to_owned();
        }
        cell
    };
    header.iter().map(bare).collect()
}

fn is_deals(header: &[HeaderCell]) -> bool {
    const OWN: [&str; 7] = [
        "deal stage",
        "dealname",
        "dealstage",
        "is closed won",
        "opportunity name",
        "opportunity id",
        "stage name",
    ];
    has_any(header, &OWN)
        && has_any(header, &["close date", "closedate"])
        && has_any(header, &["amount", "amount in company currency"])
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
        "reddit" | "reddit_ads" => "reddit_ads",
        "x" | "twitter" | "t.co" | "x_ads" | "twitter_ads" => "x_ads",
        _ => return SourceId::new(text).ok(),
    };
    SourceId::new(name).ok()
}

/// Why an order of this payment status is none.
fn no_order(status: &str) -> Option<&'static str> {
    match status.strip_prefix("wc-").unwrap_or(status) {
        "refunded" => Some("orders are refunded: they are no conversions"),
        "voided" | "expired" | "cancelled" | "canceled" | "failed" | "declined" => {
            Some("orders are voided: they are no conversions")
        }
        "pending" | "pending payment" | "on-hold" | "on hold" | "authorized" | "unpaid" => {
            Some("orders are not paid: they are no conversions")
        }
        _ => None,
    }
}

/// Whether the rows are deals of a CRM, which are conversions only when they are won.
fn is_deal(reader: &RowReader<'_, '_>) -> bool {
    let column = reader.positions.of(Role::Stage).and_then(|i| reader.layout.columns.get(i));
    column.is_some_and(|column| {
        DEALS.iter().any(|(name, role)| *role == Role::Stage && same(name, &column.name))
    })
}

/// Whether a deal is won: a flag, or a stage that counts as won.
fn is_won(reader: &RowReader<'_, '_>, stages: &[String]) -> bool {
    let stage = reader.text(Role::Stage).map(normal).unwrap_or_default();
    match stage.as_str() {
        "true" | "yes" | "1" => true,
        stage => stages.iter().any(|won| same(&normal(won), stage)),
    }
}

/// The instant of a click that Meta's browser cookie holds: `fb.1.<milliseconds>.<click id>`.
fn clicked_at(click: &str) -> Option<Timestamp> {
    let mut parts = click.split('.');
    let (Some("fb"), Some(level)) = (parts.next(), parts.next()) else { return None };
    level.parse::<u8>().ok()?;
    // Before 2001 there were no such clicks.
    let milliseconds = parts.next()?.parse().ok().filter(|ms| *ms >= 1_000_000_000_000_i64)?;
    Timestamp::from_millisecond(milliseconds).ok()
}

/// A conversion; `None` for a further line of an order, and for what is no conversion.
pub(crate) fn conversion(
    store: &mut Store,
    reader: &mut RowReader<'_, '_>,
) -> Result<Option<Conversion>, Fault> {
    let order = reader.id(Role::Order)?.map(str::to_owned);
    let blank = |role| reader.text(role).is_none();
    // Further lines of an order of Shopify repeat its number and, in some exports, its time.
    let line = blank(Role::At) || (reader.layout.has(Role::Stage) && blank(Role::Stage));
    if order.is_some() && line && blank(Role::Revenue) && reader.layout.has(Role::Attribute) {
        return Ok(None);
    }
    let status = reader.text(Role::Stage).map(normal);
    if let Some(why) = status.as_deref().and_then(no_order).filter(|_| !is_deal(reader)) {
        *reader.seen.said.entry(why).or_default() += 1;
        return Ok(None);
    }
    if is_deal(reader) && !is_won(reader, &store.config.won_stages) {
        *reader.seen.said.entry("deals are not won: they are no conversions").or_default() += 1;
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
    let refund = reader.amount(Role::Refund)?.map_or(Micros::ZERO, |(micros, _)| micros);
    if let Some(value) = &mut out.value {
        // Some exports write what was paid back as a negative amount.
        value.0 = value.0.saturating_sub(refund.0.saturating_abs()).max(0);
        if status.as_deref() == Some("partially refunded") && refund == Micros::ZERO {
            let why = "orders are partly refunded, and the export does not say how much";
            *reader.seen.said.entry(why).or_default() += 1;
        }
    }
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
        if let Some((_, by)) = known.filter(|_| !is_null(cell) && out.click.is_none()) {
            out.click = Some(cell.trim().into());
            out.clicked_at = clicked_at(cell.trim()).filter(|click| *click <= at);
            out.platform = SourceId::new(by).ok();
        }
    }
    out.click = out.click.or_else(|| reader.text(Role::Click).map(Arc::from));
    if out.clicked_at.is_none() {
        out.clicked_at = out.click.as_deref().and_then(clicked_at).filter(|click| *click <= at);
    }
    out.platform = out.platform.or_else(|| reader.text(Role::Platform).and_then(platform));
    Ok(Some(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_clicks() {
        let at = |click| clicked_at(click).map(|at| at.to_string());
        let cookie = "fb.1.1777888800000.IwAR2F4-dbP0l7Mn1IawQQGCINEz";
        assert_eq!(at(cookie).as_deref(), Some("2026-05-04T10:00:00Z"));
        for other in ["fb.1.2", "Cj0KCQ", "fb.x.1777888800000.a", "fb.1.soon.a", "", "fb.1"] {
            assert_eq!(at(other), None, "{other}");
        }
    }
}
