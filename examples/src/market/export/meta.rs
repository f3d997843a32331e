//! Meta Ads Manager: CSV with a byte-order mark, the currency in a header, a totals row without names.

use campaign_core::Micros;
use jiff::Timestamp;

use super::table::{Table, money, plain};
use super::{AdRow, ExportFile, Job, dirt};
use crate::market::config::Platform;
use crate::market::error::MarketError;

pub(super) fn file(job: &Job<'_>) -> Result<ExportFile, MarketError> {
    let currency = job.currency(Platform::Meta);
    let spent = format!("Amount spent ({currency})");
    let per_result = format!("Cost per results ({currency})");
    let mut table = Table::new(&[
        "Reporting starts",
        "Reporting ends",
        "Day",
        "Campaign name",
        "Campaign ID",
        "Ad set name",
        "Ad set ID",
        "Ad name",
        "Ad ID",
        "Headline",
        "Body",
        "Image hash",
        "Attribution setting",
        "Results",
        "Result indicator",
        "Reach",
        "Impressions",
        "Link clicks",
        "Video plays",
        &per_result,
        &spent,
        "Purchases",
        "Purchases conversion value",
    ]);
    let rows = job.ad_rows(Platform::Meta);
    table.rows = rows.iter().map(cells).collect();
    restate(job, &rows, &mut table)?;
    let totals = totals(job, &rows);
    dirt::soil(job, 1, &mut table, 2, &[(&spent, "12,5O"), ("Day", "2026-09-31")]);
    table.file("meta_ads.csv", "\u{feff}", &[totals])
}

fn cells(row: &AdRow<'_>) -> Vec<String> {
    let date = row.day.date.to_string();
    let results = row.claimed.conversions;
    let some = |text: String| if results > 0.0 { text } else { String::new() };
    vec![
        date.clone(),
        date.clone(),
        date,
        row.campaign.1.to_owned(),
        row.campaign.0.to_owned(),
        row.ad_group.1.to_owned(),
        row.ad_group.0.to_owned(),
        row.ad.name.to_string(),
        row.ad.id.to_string(),
        row.headline.to_owned(),
        row.body.to_owned(),
        row.asset.to_owned(),
        "7-day click or 1-day view".to_owned(),
        some(plain(results)),
        some("actions:purchase".to_owned()),
        reach(row.did.impressions).to_string(),
        row.did.impressions.to_string(),
        row.did.clicks.to_string(),
        row.did.video_views.map_or(String::new(), |views| views.to_string()),
        some(format!("{:.6}", row.did.cost.to_f64() / results.max(1.0))),
        money(row.did.cost),
        some(plain(results)),
        some(money(row.claimed.value)),
    ]
}

/// People are shown an ad more often the more it runs on a day.
fn reach(impressions: u64) -> u64 {
    let shown = impressions as f64;
    (shown / (1.0 + shown / 40_000.0)).round() as u64
}

/// One day of one ad as it was reported the morning after, before the late conversions, stands before
/// its present state: what comes of joining two downloads that overlap.
fn restate(job: &Job<'_>, rows: &[AdRow<'_>], table: &mut Table) -> Result<(), MarketError> {
    if !job.options.dirt {
        return Ok(());
    }
    for (index, row) in rows.iter().enumerate() {
        let position = job.market.ad_index(&row.ad.id).unwrap_or(usize::MAX);
        let early = row.day.claimed(morning_after(job, row)?);
        let Some(early) = early.get(position).copied() else { continue };
        if early.conversions > 0.0 && early.conversions < row.claimed.conversions {
            table.rows.insert(index, cells(&AdRow { claimed: early, ..*row }));
            table.duplicates += 1;
            return Ok(());
        }
    }
    Ok(())
}

fn morning_after(job: &Job<'_>, row: &AdRow<'_>) -> Result<Timestamp, MarketError> {
    let zone = job.market.truth().channels.get(row.ad.channel).map(|c| c.zone.clone());
    let zone = zone.unwrap_or(jiff::tz::TimeZone::UTC);
    let day = campaign_core::time::AccountDay::new(row.day.date, &zone)?;
    crate::market::order::later(day.end(), 12.0 * 3600.0)
}

fn totals(job: &Job<'_>, rows: &[AdRow<'_>]) -> Vec<String> {
    let (from, to) = job.range();
    let count = |f: fn(&AdRow<'_>) -> u64| rows.iter().map(f).sum::<u64>().to_string();
    let sum = |f: fn(&AdRow<'_>) -> Micros| Micros(rows.iter().map(|r| f(r).0).sum());
    let results: f64 = rows.iter().map(|r| r.claimed.conversions).sum();
    let mut cells = vec![String::new(); 23];
    let numbers = [
        (0, from),
        (1, to),
        (13, plain(results)),
        (16, count(|r| r.did.impressions)),
        (17, count(|r| r.did.clicks)),
        (20, money(sum(|r| r.did.cost))),
        (21, plain(results)),
        (22, money(sum(|r| r.claimed.value))),
    ];
    for (index, text) in numbers {
        if let Some(cell) = cells.get_mut(index) {
            *cell = text;
        }
    }
    cells
}
