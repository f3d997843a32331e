//! Google Ads: two lines before the header, thousands separators, ` --` for nothing, totals at the end.

use campaign_core::Micros;
use jiff::civil::Date;

use super::table::{Table, money, ratio, thousands};
use super::{AdRow, ExportFile, Job, dirt};
use crate::market::config::Platform;
use crate::market::error::MarketError;

const NOTHING: &str = " --";

pub(super) fn file(job: &Job<'_>) -> Result<ExportFile, MarketError> {
    let mut table = Table::new(&[
        "Campaign",
        "Campaign ID",
        "Ad group",
        "Ad group ID",
        "Ad name",
        "Ad ID",
        "Headline",
        "Body",
        "Image hash",
        "Day",
        "Currency code",
        "Impr.",
        "Clicks",
        "CTR",
        "Avg. CPC",
        "Cost",
        "Conversions",
        "Conv. value",
        "Cost / conv.",
    ]);
    let rows = job.ad_rows(Platform::Google);
    let currency = job.currency(Platform::Google);
    table.rows = rows.iter().map(|row| cells(job, row, currency)).collect();
    let totals: Vec<Vec<String>> = ["Total: Ads", "Total: Account"]
        .into_iter()
        .map(|label| {
            let mut cells = vec![label.to_owned()];
            cells.resize(10, NOTHING.to_owned());
            cells.push(currency.to_owned());
            cells.extend(metrics(&Sums::of(&rows)));
            cells
        })
        .collect();
    dirt::soil(job, 2, &mut table, 1, &[("Day", "2026-09-31"), ("Impr.", "1,2O4")]);
    let before = format!("Ad report\n\"{}\"\n", range(job));
    table.file("google_ads.csv", &before, &totals)
}

fn cells(job: &Job<'_>, row: &AdRow<'_>, currency: &str) -> Vec<String> {
    let text = job.market.config().formats.iter();
    let creative = job.market.truth().creatives.get(row.ad.creative);
    // Text ads have no picture.
    let picture =
        creative.is_some_and(|c| text.clone().nth(c.format).is_some_and(|f| f.name != "Text"));
    let mut cells = vec![
        row.campaign.1.to_owned(),
        row.campaign.0.to_owned(),
        row.ad_group.1.to_owned(),
        row.ad_group.0.to_owned(),
        row.ad.name.to_string(),
        row.ad.id.to_string(),
        row.headline.to_owned(),
        row.body.to_owned(),
        if picture { row.asset.to_owned() } else { NOTHING.to_owned() },
        row.day.date.to_string(),
        currency.to_owned(),
    ];
    cells.extend(metrics(&Sums::of(core::slice::from_ref(row))));
    cells
}

#[derive(Default)]
struct Sums {
    impressions: u64,
    clicks: u64,
    cost: i64,
    conversions: f64,
    value: i64,
}

impl Sums {
    fn of(rows: &[AdRow<'_>]) -> Self {
        rows.iter().fold(Self::default(), |sum, row| Self {
            impressions: sum.impressions + row.did.impressions,
            clicks: sum.clicks + row.did.clicks,
            cost: sum.cost + row.did.cost.0,
            conversions: sum.conversions + row.claimed.conversions,
            value: sum.value + row.claimed.value.0,
        })
    }
}

fn metrics(sums: &Sums) -> [String; 8] {
    let cost = Micros(sums.cost).to_f64();
    let clicks = sums.clicks as f64;
    let rate = ratio(100.0 * clicks, sums.impressions as f64, 2, NOTHING);
    [
        thousands(&sums.impressions.to_string()),
        thousands(&sums.clicks.to_string()),
        if sums.impressions > 0 { format!("{rate}%") } else { rate },
        ratio(cost, clicks, 2, NOTHING),
        thousands(&money(Micros(sums.cost))),
        format!("{:.2}", sums.conversions),
        thousands(&money(Micros(sums.value))),
        thousands(&ratio(cost, sums.conversions, 2, NOTHING)),
    ]
}

/// `July 5, 2026 - November 1, 2026`.
fn range(job: &Job<'_>) -> String {
    let long = |date: Date| date.strftime("%B %-d, %Y").to_string();
    let dates = job.history.first().zip(job.history.last());
    dates.map_or(String::new(), |(a, b)| format!("{} - {}", long(a.date), long(b.date)))
}
