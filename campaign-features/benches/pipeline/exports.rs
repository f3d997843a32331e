//! A year of ads on ten platforms, as each of them writes it: a file per platform and month.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use jiff::civil::{Date, date};

/// What the records of the platforms are called.
pub(crate) const SOURCES: [&str; 10] = [
    "meta_ads",
    "google_ads",
    "tiktok_ads",
    "microsoft_ads",
    "linkedin_ads",
    "amazon_ads",
    "snapchat_ads",
    "pinterest_ads",
    "reddit_ads",
    "x_ads",
];

const DAYS: u64 = 365;

/// The days of the exports.
pub(crate) fn days() -> impl Iterator<Item = Date> {
    date(2025, 1, 1).series(jiff::ToSpan::day(1)).take(DAYS as usize)
}

/// What an ad did on a day.
struct Row {
    day: Date,
    account: u64,
    campaign: u64,
    group: u64,
    ad: u64,
    impressions: u64,
    clicks: u64,
    conversions: u64,
    /// Hundredths.
    spend: u64,
    revenue: u64,
}

impl Row {
    fn new(day: Date, ad: u64) -> Self {
        // Two rounds of a mixing function with the constants of SplitMix64 (Steele et al., 2014).
        let seed = ad << 20 | u64::from(day.day_of_year().unsigned_abs());
        let mixed = (seed ^ seed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let noise = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb) >> 20;
        let impressions = 200 + noise % 9_800;
        let clicks = impressions / (25 + noise % 13);
        let conversions = clicks / (7 + noise % 5);
        Self {
            day,
            account: 100 + ad / 2000,
            campaign: 18_000_000 + ad / 40,
            group: 140_000_000 + ad / 8,
            ad: 600_000_000 + ad,
            impressions,
            clicks,
            conversions,
            spend: clicks * 31 + noise % 97,
            revenue: conversions * 4_999,
        }
    }

    fn campaign_name(&self) -> &'static str {
        ["Brand spring sale", "Prospecting lookalikes", "Retargeting 30 days"]
            .get((self.campaign % 3) as usize)
            .copied()
            .unwrap_or_default()
    }
}

/// Hundredths as units.
fn units(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn header(source: &str) -> &'static str {
    match source {
        "meta_ads" => {
            "Reporting starts,Reporting ends,Day,Campaign name,Campaign ID,Ad set name,Ad set ID,Ad name,\
             Ad ID,Campaign delivery,Attribution setting,Reach,Amount spent (USD),Impressions,Link clicks,\
             Clicks (all),Purchases,Purchases conversion value,\"CPM (cost per 1,000 impressions) (USD)\""
        }
        "google_ads" => {
            "Day,Customer ID,Campaign,Campaign ID,Campaign status,Ad group,Ad group ID,Ad ID,Device,\
             Currency code,Time zone,Impr.,Clicks,Cost,CTR,Avg. CPC,Conversions,Conv. value"
        }
        "tiktok_ads" => {
            "By Day,Campaign name,Campaign ID,Ad group name,Ad group ID,Ad name,Ad ID,Cost,Impressions,\
             Clicks (destination),Conversions,Total purchase value,Cost per conversion,Currency"
        }
        "microsoft_ads" => {
            "TimePeriod,AccountId,CampaignId,CampaignName,AdGroupId,AdGroupName,AdId,CurrencyCode,\
             DeviceType,Impressions,Clicks,Spend,Conversions,Revenue"
        }
        "linkedin_ads" => {
            "Start Date (in UTC),Account Name,Currency,Campaign Group Name,Campaign Group ID,\
             Campaign Name,Campaign ID,Campaign Type,Ad ID,Ad Name,Total Spent,Impressions,Clicks,\
             Click Through Rate,Average CPC,Conversions,Total Conversion Value,Leads"
        }
        "amazon_ads" => {
            "date,campaignId,campaignName,adGroupId,adGroupName,adId,advertisedAsin,advertisedSku,\
             campaignBudgetCurrencyCode,impressions,clicks,cost,purchases1d,purchases7d,purchases14d,\
             sales1d,sales7d,sales14d"
        }
        "snapchat_ads" => {
            "Start Time,End Time,Ad Account Name,Campaign Name,Campaign ID,Ad Set Name,Ad Set ID,Ad Name,\
             Ad ID,Currency Code,Amount Spent,Paid Impressions,Swipe Ups,Swipe Up Rate,Purchases,\
             Purchases Value"
        }
        "pinterest_ads" => {
            "date,pin_promotion_id,ad_group_id,campaign_id,advertiser_id,_fivetran_synced,impression_1,\
             impression_2,clickthrough_1,clickthrough_2,spend_in_micro_dollar,total_conversions,\
             total_conversions_value_in_micro_dollar"
        }
        "reddit_ads" => {
            "Date,Account Name,Campaign Name,Campaign ID,Ad Group Name,Ad Group ID,Ad Name,Ad ID,\
             Amount Spent (USD),Impressions,Clicks,CTR,CPC (USD),Purchase (Click-through),\
             Purchase (View-through),Purchase Value (USD)"
        }
        _ => {
            "Time period,Campaign name,Campaign ID,Ad group name,Ad group ID,Ad name,Promoted post ID,\
             Spend,Impressions,Clicks,Link clicks,Post engagements,Reposts,Currency"
        }
    }
}

/// Writes a row as its platform does; a string takes whatever is written.
fn row(source: &str, out: &mut String, row: &Row) -> std::fmt::Result {
    let Row { day, account, campaign, group, ad, impressions, clicks, conversions, .. } = row;
    let (name, spend, revenue) = (row.campaign_name(), units(row.spend), units(row.revenue));
    let rate = units(clicks * 10_000 / impressions);
    let each = units(row.spend / (*clicks).max(1));
    match source {
        "meta_ads" => writeln!(
            out,
            "{day},{day},{day},{name},{campaign},Ad set {group},{group},Runner {ad},{ad},active,\
             7-day click or 1-day view,{},{spend},{impressions},{clicks},{},{conversions},{revenue},{}",
            impressions * 3 / 4,
            clicks * 5 / 4,
            units(row.spend * 1000 / impressions),
        ),
        "google_ads" => writeln!(
            out,
            "{day},{account}-555-{account},{name},{campaign},Enabled,Ad group {group},{group},{ad},\
             Computers,EUR,Europe/Berlin,{impressions},{clicks},{spend},{rate}%,{each},\
             {conversions}.00,{revenue}",
        ),
        "tiktok_ads" => writeln!(
            out,
            "{day},{name},{campaign},Broad {group},{group},Dance {ad},{ad},{spend},{impressions},\
             {clicks},{conversions},{revenue},{each},USD",
        ),
        "microsoft_ads" => writeln!(
            out,
            "{day},{account},{campaign},{name},{group},Ad group {group},{ad},USD,Computer,\
             {impressions},{clicks},{spend},{conversions},{revenue}",
        ),
        "linkedin_ads" => writeln!(
            out,
            "{}/{}/{},Main St {account},USD,{name},{campaign},B2B {group},{group},Sponsored Update,{ad},\
             Ad {ad},${spend},{impressions},{clicks},{rate}%,${each},{conversions},${revenue},0",
            day.month(),
            day.day(),
            day.year(),
        ),
        "amazon_ads" => writeln!(
            out,
            "{day},{campaign},{name},{group},Group {group},{ad},B0{ad},SKU-{ad},USD,{impressions},\
             {clicks},{spend},0,{conversions},{conversions},0,{revenue},{revenue}",
        ),
        "snapchat_ads" => writeln!(
            out,
            "{day} 00:00:00,{} 00:00:00,Acme {account},{name},{campaign},Squad {group},{group},Story {ad},\
             {ad},USD,{spend},{impressions},{clicks},{rate}%,{conversions},{revenue}",
            day.tomorrow().unwrap_or(*day),
        ),
        "pinterest_ads" => writeln!(
            out,
            "{day} 00:00:00,{ad},{group},{campaign},{account},{day} 23:59:59,{impressions},350,{clicks},8,\
             {}0000,{conversions},{}0000",
            row.spend, row.revenue,
        ),
        "reddit_ads" => writeln!(
            out,
            "{day},Acme {account},{name},{campaign},Gamers {group},{group},Post {ad},{ad},{spend},\
             {impressions},{clicks},{rate}%,{each},{conversions},1,{revenue}",
        ),
        _ => writeln!(
            out,
            "{day},{name},{campaign},Techies {group},{group},Thread {ad},{ad},{spend},{impressions},\
             {clicks},{},400,12,GBP",
            clicks / 2,
        ),
    }
}

/// Writes about so many rows, and returns how many and their bytes.
pub(crate) fn write(folder: &Path, rows: u64) -> Result<(u64, u64), Box<dyn std::error::Error>> {
    let ads = rows.div_ceil(SOURCES.len() as u64 * DAYS).max(1);
    let (mut written, mut bytes) = (0, 0);
    let mut line = String::new();
    for source in SOURCES {
        for month in 1..=12 {
            let path = folder.join(format!("{source}-2025-{month:02}.csv"));
            let mut file = BufWriter::new(File::create(path)?);
            writeln!(file, "{}", header(source))?;
            for day in days().filter(|day| day.month() == month) {
                for ad in 0..ads {
                    line.clear();
                    row(source, &mut line, &Row::new(day, ad))?;
                    file.write_all(line.as_bytes())?;
                    (written, bytes) = (written + 1, bytes + line.len() as u64);
                }
            }
            file.flush()?;
        }
    }
    Ok((written, bytes))
}
