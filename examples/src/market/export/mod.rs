//! What happened, as the files that platforms give out.
//!
//! One file per source: `meta_ads.csv`, `google_ads.csv`, `tiktok_ads.csv`, `crm_orders.csv`,
//! `ga4_sessions.csv`, and `fx.csv` with the exchange rates. Each has the habits of its platform:
//! byte-order mark, preamble lines, totals rows, thousands separators, ways to write "nothing".
//! Platforms count by the day of the click in the account's zone; the CRM by the time of the order.

mod crm;
mod dirt;
mod ga4;
mod google;
mod meta;
mod rates;
mod table;
mod tiktok;
mod write;

pub use write::write;

use jiff::Timestamp;

use super::config::Platform;
use super::error::MarketError;
use super::{Ad, AdDay, DayOutcome, Market};
use crate::market::day::Claimed;

/// A file, in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportFile {
    /// Its name.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Data rows: without header, preamble, totals and footer.
    pub rows: usize,
    /// Data rows that were damaged on purpose.
    pub rejected: usize,
    /// Data rows that repeat or restate another on purpose.
    pub duplicates: usize,
}

/// How to export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportOptions {
    /// The instant of the download: what becomes known later is left out.
    pub as_of: Timestamp,
    /// Whether to add rows that a reader must reject or drop. Rows are only added: what the market
    /// spent can still be summed from the clean ones.
    pub dirt: bool,
}

impl ExportOptions {
    /// A clean export as of an instant.
    #[must_use]
    pub const fn new(as_of: Timestamp) -> Self {
        Self { as_of, dirt: false }
    }

    /// Adds damaged and repeated rows.
    #[must_use]
    pub const fn with_dirt(mut self) -> Self {
        self.dirt = true;
        self
    }
}

impl Market {
    /// Writes days that this market, or a clone of it, ran, as the files of every source.
    ///
    /// # Errors
    /// [`MarketError::Export`] where a text cannot be written; [`MarketError::Length`] for days of
    /// another market.
    ///
    /// # Examples
    /// ```
    /// use campaign_examples::market::{ExportOptions, Market, MarketConfig};
    /// let mut market = Market::new(MarketConfig::default(), 1)?;
    /// let history = market.run_incumbent(3)?;
    /// let files = market.export(&history, &ExportOptions::new("2026-07-08T12:00:00Z".parse()?))?;
    /// let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
    /// assert_eq!(names[..2], ["meta_ads.csv", "google_ads.csv"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn export(
        &self,
        history: &[DayOutcome],
        options: &ExportOptions,
    ) -> Result<Vec<ExportFile>, MarketError> {
        let expected = self.ads().len();
        if let Some(day) = history.iter().find(|day| day.ads.len() != expected) {
            let got = day.ads.len();
            return Err(MarketError::Length { what: "a day of the history", got, expected });
        }
        let job = Job { market: self, history, options };
        Ok(vec![
            meta::file(&job)?,
            google::file(&job)?,
            tiktok::file(&job)?,
            crm::file(&job)?,
            ga4::file(&job)?,
            rates::file(&job)?,
        ])
    }
}

/// What every writer needs.
struct Job<'a> {
    market: &'a Market,
    history: &'a [DayOutcome],
    options: &'a ExportOptions,
}

/// One row of an ad platform: an ad that ran on a day.
struct AdRow<'a> {
    day: &'a DayOutcome,
    ad: &'a Ad,
    did: AdDay,
    claimed: Claimed,
    campaign: (&'a str, &'a str),
    ad_group: (&'a str, &'a str),
    headline: &'a str,
    body: &'a str,
    asset: &'a str,
}

impl<'a> Job<'a> {
    /// The rows of a platform, by day and ad; ads that neither ran nor cost have none.
    fn ad_rows(&self, platform: Platform) -> Vec<AdRow<'a>> {
        let truth = self.market.truth();
        let mut rows = Vec::new();
        for day in self.history {
            let claims = day.claimed(self.options.as_of);
            for ((ad, did), claimed) in truth.ads.iter().zip(&day.ads).zip(claims) {
                let served = truth.channels.get(ad.channel).map(|c| c.platform);
                if served != Some(platform) || (did.impressions == 0 && did.cost.0 == 0) {
                    continue;
                }
                let campaign = truth.campaigns.get(ad.campaign);
                let group = truth.ad_groups.get(ad.ad_group);
                let creative = truth.creatives.get(ad.creative);
                rows.push(AdRow {
                    day,
                    ad,
                    did: *did,
                    claimed,
                    campaign: campaign.map_or(("", ""), |c| (&*c.id, &*c.name)),
                    ad_group: group.map_or(("", ""), |g| (&*g.id, &*g.name)),
                    headline: creative.map_or("", |c| &*c.headline),
                    body: creative.map_or("", |c| &*c.body),
                    asset: creative.map_or("", |c| &*c.asset),
                });
            }
        }
        rows
    }

    /// The first and last day.
    fn range(&self) -> (String, String) {
        let date = |day: Option<&DayOutcome>| day.map_or(String::new(), |d| d.date.to_string());
        (date(self.history.first()), date(self.history.last()))
    }

    /// The currency of a platform's accounts, if it has any.
    fn currency(&self, platform: Platform) -> &'static str {
        let channels = &self.market.truth().channels;
        channels.iter().find(|c| c.platform == platform).map_or("", |c| c.currency.code())
    }
}
