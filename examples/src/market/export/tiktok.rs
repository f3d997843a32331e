//! TikTok Ads Manager: `-` for rates of nothing, a last row `Total of N results`.

use campaign_core::Micros;

use super::table::{Table, money, plain, ratio};
use super::{AdRow, ExportFile, Job, dirt};
use crate::market::config::Platform;
use crate::market::error::MarketError;

pub(super) fn file(job: &Job<'_>) -> Result<ExportFile, MarketError> {
    let mut table = Table::new(&[
        "Campaign name",
        "Campaign ID",
        "Ad group name",
        "Ad group ID",
        "Ad name",
        "Ad ID",
        "Ad text",
        "Video ID",
        "By Day",
        "Currency",
        "Cost",
        "Impressions",
        "Clicks (destination)",
        "CTR (destination)",
        "Video views",
        "Conversions",
        "Cost per conversion",
        "Total complete payment value",
    ]);
    let rows = job.ad_rows(Platform::Tiktok);
    let currency = job.currency(Platform::Tiktok);
    table.rows = rows.iter().map(|row| cells(row, currency)).collect();
    let mut total = vec![format!("Total of {} results", rows.len())];
    total.resize(9, "-".to_owned());
    total.push(currency.to_owned());
    total.extend(metrics(&rows));
    dirt::soil(job, 3, &mut table, 2, &[("Cost", "n/a")]);
    table.file("tiktok_ads.csv", "", &[total])
}

fn cells(row: &AdRow<'_>, currency: &str) -> Vec<String> {
    let mut cells = vec![
        row.campaign.1.to_owned(),
        row.campaign.0.to_owned(),
        row.ad_group.1.to_owned(),
        row.ad_group.0.to_owned(),
        row.ad.name.to_string(),
        row.ad.id.to_string(),
        row.headline.to_owned(),
        row.asset.to_owned(),
        row.day.date.to_string(),
        currency.to_owned(),
    ];
    cells.extend(metrics(core::slice::from_ref(row)));
    cells
}

fn metrics(rows: &[AdRow<'_>]) -> [String; 8] {
    let count = |f: fn(&AdRow<'_>) -> u64| rows.iter().map(f).sum::<u64>();
    let cost = Micros(rows.iter().map(|r| r.did.cost.0).sum());
    let value = Micros(rows.iter().map(|r| r.claimed.value.0).sum());
    let conversions: f64 = rows.iter().map(|r| r.claimed.conversions).sum();
    let (impressions, clicks) = (count(|r| r.did.impressions), count(|r| r.did.clicks));
    let rate = ratio(100.0 * clicks as f64, impressions as f64, 2, "-");
    [
        money(cost),
        impressions.to_string(),
        clicks.to_string(),
        if impressions > 0 { format!("{rate}%") } else { rate },
        count(|r| r.did.video_views.unwrap_or(0)).to_string(),
        plain(conversions),
        ratio(cost.to_f64(), conversions, 2, "-"),
        money(value),
    ]
}
