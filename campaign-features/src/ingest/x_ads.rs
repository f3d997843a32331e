//! X (formerly Twitter): Ads Manager exports, and tables of its API and of connectors.

use super::adapter::{Adapter, counted_only, described, has, has_any, metrics, table};
use super::header::HeaderCell;
use super::layout::{Clock, Layout, Level, Role};

/// X Ads.
///
/// Exports are recognised by spend beside engagements in X's words, tables of the API by
/// `billed_charge_local_micro`. A line item is an ad group and a promoted post (tweet) an ad, also one
/// that X created by itself. Rows of placements (`ALL_ON_TWITTER`, `PUBLISHER_NETWORK`) add up. Clicks
/// are all clicks, as X bills and names them; where a table has only link clicks, those. The API writes a
/// day as the UTC instant at which it begins in the account's zone, which the table of accounts states.
#[derive(Debug, Clone, Copy, Default)]
pub struct XAds;

/// Columns of exports that no other platform has beside a spend.
const OWN: [&str; 13] = [
    "billed engagements",
    "tweet engagements",
    "post engagements",
    "retweets",
    "reposts",
    "promoted tweet id",
    "promoted post id",
    "tweet id",
    "tweet text",
    "post text",
    "campaign url",
    "card engagements",
    "funding source name",
];

impl Adapter for XAds {
    fn platform(&self) -> &str {
        "x_ads"
    }

    fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        let placed = has(header, "placement") && has(header, "date");
        let api =
            has_any(header, &["billed charge local micro", "metrics.billed charge local micro"]);
        if api || (placed && has_any(header, &["retweets", "tweets send", "url clicks"])) {
            let mut layout = table(self.platform(), header, API);
            metrics(&mut layout, &["conversion ", "mobile conversion ", "auto created ", "video "]);
            layout.clock = Clock::Utc;
            if has(header, "segment") && has_any(header, &["line item id", "keyword"]) {
                // Which segments they are, the header does not say: none of them stands for its line item.
                layout.level = Some(Level::Keyword);
            }
            layout.score += 30;
            return Some(layout);
        }
        if has_any(header, &["spend", "amount spent"])
            && has_any(header, &OWN)
            && has(header, "impressions")
        {
            let mut layout = table(self.platform(), header, EXPORT);
            layout.score += 22;
            return Some(layout);
        }
        self.history(header)
    }
}

impl XAds {
    fn history(self, header: &[HeaderCell]) -> Option<Layout> {
        let platform = self.platform();
        if has(header, "tweet id") && has_any(header, &["expanded url", "display url"]) {
            return Some(counted_only(platform, header, &[("tweet id", Role::Id)]));
        }
        if !has(header, "id") {
            return None;
        }
        let level = if has(header, "line item id") && has_any(header, &["tweet id", "post id"]) {
            Some(Level::Ad)
        } else if has(header, "campaign id")
            && has_any(
                header,
                &["bid amount local micro", "product type", "charge by", "advertiser user id"],
            )
        {
            Some(Level::AdGroup)
        } else if has(header, "funding instrument id")
            && has_any(header, &["servable", "entity status", "daily budget amount local micro"])
        {
            Some(Level::Campaign)
        } else if has(header, "timezone")
            && has_any(header, &["salt", "industry type", "timezone switch at"])
        {
            Some(Level::Account)
        } else if has(header, "full text")
            && has_any(header, &["tweet type", "retweet count", "card uri"])
        {
            None
        } else {
            return None;
        };
        let mut layout = described(platform, header, level, HISTORY);
        // The columns asked for above are the platform's own.
        layout.score += 10;
        Some(layout)
    }
}

const API: &[(&str, Role)] = &[
    // A day is an instant here: see above.
    ("date", Role::Hour),
    ("account id", Role::Account),
    ("entity", Role::RowLevel),
    ("entity id", Role::Id),
    ("campaign id", Role::Campaign),
    ("line item id", Role::AdGroup),
    ("promoted tweet id", Role::Ad),
    ("promoted post id", Role::Ad),
    ("keyword", Role::Keyword),
    ("billed charge local micro", Role::Spend),
    ("metrics.billed charge local micro", Role::Spend),
    ("impressions", Role::Impressions),
    ("metrics.impressions", Role::Impressions),
    ("clicks", Role::Clicks),
    ("metrics.clicks", Role::Clicks),
    ("url clicks", Role::Clicks),
    ("conversion purchases metric", Role::Conversions),
    ("conversion purchases sale amount local micro", Role::Revenue),
    ("video total views", Role::VideoViews),
    ("placement", Role::Breakdown),
    ("segment", Role::Breakdown),
    ("location name", Role::Breakdown),
    ("location type", Role::Attribute),
    ("conversion purchases sale amount", Role::Metric),
    ("engagements", Role::Metric),
    ("billed engagements", Role::Metric),
    ("card engagements", Role::Metric),
    ("carousel swipes", Role::Metric),
    ("app clicks", Role::Metric),
    ("media engagements", Role::Metric),
    ("media views", Role::Metric),
    ("poll card vote", Role::Metric),
    ("qualified impressions", Role::Metric),
    ("replies", Role::Metric),
    ("retweets", Role::Metric),
    ("tweets send", Role::Metric),
    ("unfollows", Role::Metric),
    ("video 3 s 100 pct views", Role::Metric),
    ("video 6 s views", Role::Metric),
    ("video 15 s views", Role::Metric),
    ("video content starts", Role::Metric),
    ("video cta clicks", Role::Metric),
    ("video mrc views", Role::Metric),
    ("video views 25", Role::Metric),
    ("video views 50", Role::Metric),
    ("video views 75", Role::Metric),
    ("video views 100", Role::Metric),
];

const EXPORT: &[(&str, Role)] = &[
    ("time period", Role::Day),
    ("time", Role::Day),
    ("date", Role::Day),
    ("day", Role::Day),
    ("reporting starts", Role::Start),
    ("start date", Role::Start),
    ("reporting ends", Role::End),
    ("end date", Role::End),
    ("account id", Role::Account),
    ("account name", Role::AccountName),
    ("campaign id", Role::Campaign),
    ("campaign name", Role::CampaignName),
    ("campaign", Role::CampaignName),
    ("ad group id", Role::AdGroup),
    ("line item id", Role::AdGroup),
    ("ad group name", Role::AdGroupName),
    ("ad group", Role::AdGroupName),
    ("promoted tweet id", Role::Ad),
    ("promoted post id", Role::Ad),
    ("ad id", Role::Ad),
    ("tweet id", Role::Ad),
    ("post id", Role::Ad),
    ("ad name", Role::AdName),
    ("spend", Role::Spend),
    ("amount spent", Role::Spend),
    ("impressions", Role::Impressions),
    ("clicks", Role::Clicks),
    ("link clicks", Role::Clicks),
    ("purchases", Role::Conversions),
    ("conversions", Role::Conversions),
    ("results", Role::Conversions),
    ("purchases - sale amount", Role::Revenue),
    ("purchases sale amount", Role::Revenue),
    ("conversion value", Role::Revenue),
    ("video views", Role::VideoViews),
    ("result type", Role::ResultKind),
    ("currency", Role::Currency),
    ("attribution window", Role::Window),
    ("placement", Role::Breakdown),
    ("tweet text", Role::CreativeBody),
    ("post text", Role::CreativeBody),
    ("website url", Role::CreativeLink),
    ("campaign url", Role::Attribute),
    ("campaign start date", Role::Attribute),
    ("campaign end date", Role::Attribute),
    ("campaign status", Role::Attribute),
    ("status", Role::Attribute),
    ("objective", Role::Attribute),
    ("funding source", Role::Attribute),
    ("funding source id", Role::Attribute),
    ("funding source name", Role::Attribute),
    ("engagements", Role::Metric),
    ("tweet engagements", Role::Metric),
    ("post engagements", Role::Metric),
    ("billed engagements", Role::Metric),
    ("card engagements", Role::Metric),
    ("media engagements", Role::Metric),
    ("retweets", Role::Metric),
    ("reposts", Role::Metric),
    ("replies", Role::Metric),
    ("unfollows", Role::Metric),
    ("engagement rate", Role::Metric),
];

const HISTORY: &[(&str, Role)] = &[
    ("id", Role::Id),
    ("name", Role::Name),
    ("updated at", Role::Version),
    ("account id", Role::Account),
    ("campaign id", Role::Campaign),
    ("line item id", Role::AdGroup),
    ("tweet id", Role::Creative),
    ("currency", Role::Currency),
    ("timezone", Role::Zone),
    ("full text", Role::CreativeBody),
    ("media key", Role::CreativeMedia),
];
