//! The shop's orders, with times as the CRM's zone reads them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::table::{Table, money};
use super::{ExportFile, Job, dirt};
use crate::market::Order;
use crate::market::config::Platform;
use crate::market::error::MarketError;

pub(super) fn file(job: &Job<'_>) -> Result<ExportFile, MarketError> {
    let mut table = Table::new(&[
        "Order ID",
        "Click ID",
        "Conversion Time",
        "Conversion Value",
        "Conversion Currency",
        "utm_source",
        "utm_medium",
        "utm_campaign",
        "utm_content",
        "Known At",
    ]);
    let days = job.history.iter();
    let mut orders: Vec<&Order> =
        days.flat_map(|day| day.orders.iter().chain(&day.organic)).collect();
    orders.retain(|order| order.known_at <= job.options.as_of);
    // The key settles orders of the same second.
    orders.sort_by_key(|order| (order.ordered_at, order.key));
    table.rows = orders.iter().map(|order| cells(job, order)).collect();
    let spoilt = [("Conversion Value", "abc"), ("Conversion Time", "2026-02-30T25:61:00+02:00")];
    dirt::soil(job, 4, &mut table, 3, &spoilt);
    table.file("crm_orders.csv", "", &[])
}

fn cells(job: &Job<'_>, order: &Order) -> Vec<String> {
    let truth = job.market.truth();
    let ad = order.ad.and_then(|ad| truth.ads.get(ad));
    let platform = ad.and_then(|ad| truth.channels.get(ad.channel)).map(|c| c.platform);
    let (source, medium) = origin(platform);
    let campaign = ad.and_then(|ad| truth.campaigns.get(ad.campaign));
    let mut cells = vec![
        order.number(),
        platform.map_or(String::new(), |platform| order.click_id(platform)),
        local(order.ordered_at, &truth.crm_zone),
        money(order.value),
        order.currency.code().to_owned(),
        source.to_owned(),
        medium.to_owned(),
    ];
    // Where the click id was lost, only the source and the campaign are left.
    cells.push(campaign.map_or(String::new(), |c| c.id.to_string()));
    cells.push(ad.filter(|_| order.tracked).map_or(String::new(), |ad| ad.id.to_string()));
    cells.push(local(order.known_at, &truth.crm_zone));
    cells
}

/// What `utm_source` and `utm_medium` say.
pub(super) const fn origin(platform: Option<Platform>) -> (&'static str, &'static str) {
    match platform {
        Some(Platform::Meta) => ("facebook", "paid_social"),
        Some(Platform::Google) => ("google", "cpc"),
        Some(Platform::Tiktok) => ("tiktok", "paid_social"),
        None => ("(direct)", "(none)"),
    }
}

fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}
