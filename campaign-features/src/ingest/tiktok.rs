//! TikTok: Ads Manager exports and tables of its API.

use super::adapter::{Adapter, has, has_any, table};
use super::header::HeaderCell;
use super::layout::{Clock, Layout, Level, Output, Role};

/// TikTok Ads.
///
/// Exports are recognised by `Cost` beside `Clicks (destination)`, `By Day` or names in TikTok's
/// words; tables of the API by `stat_time_hour` or `stat_time_day`, whose hours are UTC; tables that
/// describe things by `advertiser_id`.
#[derive(Debug, Clone, Copy, Default)]
pub struct TikTok;

impl Adapter for TikTok {
    fn platform(&self) -> &str {
        "tiktok_ads"
    }

    fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        if has_any(header, &["stat time hour", "stat time day"]) && has(header, "spend") {
            let mut layout = table(self.platform(), header, NAMES);
            layout.clock = Clock::Utc;
            layout.score += 20;
            return Some(layout);
        }
        let named = has_any(header, &["ad group name", "ad name", "campaign name"]);
        let own = has_any(header, &["by day", "clicks (destination)", "complete payment"])
            || (named && !has_any(header, &["impr.", "ad set name", "currency code"]));
        if has(header, "cost") && own {
            let mut layout = table(self.platform(), header, NAMES);
            layout.score += 12;
            return Some(layout);
        }
        self.history(header)
    }
}

impl TikTok {
    fn history(&self, header: &[HeaderCell]) -> Option<Layout> {
        let advertiser = has_any(header, &["license no", "promotion area", "contacter"]);
        let (level, names) = if has(header, "id") && has(header, "timezone") && advertiser {
            (Level::Account, ADVERTISER)
        } else if !has(header, "advertiser id") || has(header, "spend") {
            return None;
        } else if has(header, "ad id") && has_any(header, &["ad name", "ad text"]) {
            (Level::Ad, AD)
        } else if has(header, "adgroup id") && has(header, "adgroup name") {
            (Level::AdGroup, AD_GROUP)
        } else if has(header, "campaign id") && has(header, "campaign name") {
            (Level::Campaign, CAMPAIGN)
        } else {
            return None;
        };
        let mut layout = table(self.platform(), header, names);
        layout.output = Output::Entities(Some(level));
        layout.level = Some(level);
        layout.score += 10;
        Some(layout)
    }
}

const NAMES: &[(&str, Role)] = &[
    ("stat time hour", Role::Hour),
    ("by hour", Role::Hour),
    ("stat time day", Role::Day),
    ("by day", Role::Day),
    ("date", Role::Day),
    ("day", Role::Day),
    ("advertiser id", Role::Account),
    ("account id", Role::Account),
    ("account name", Role::AccountName),
    ("campaign id", Role::Campaign),
    ("campaign name", Role::CampaignName),
    ("ad group id", Role::AdGroup),
    ("adgroup id", Role::AdGroup),
    ("ad group name", Role::AdGroupName),
    ("adgroup name", Role::AdGroupName),
    ("ad id", Role::Ad),
    ("ad name", Role::AdName),
    ("spend", Role::Spend),
    ("cost", Role::Spend),
    ("impressions", Role::Impressions),
    ("impression", Role::Impressions),
    ("clicks", Role::Clicks),
    ("clicks (destination)", Role::Clicks),
    ("clicks (all)", Role::Clicks),
    ("conversion", Role::Conversions),
    ("conversions", Role::Conversions),
    ("complete payment", Role::Conversions),
    ("results", Role::Conversions),
    ("total purchase value", Role::Revenue),
    ("total complete payment value", Role::Revenue),
    ("complete payment value", Role::Revenue),
    ("total complete payment", Role::Revenue),
    ("conversion value", Role::Revenue),
    ("purchase value", Role::Revenue),
    ("video play actions", Role::VideoViews),
    ("video views", Role::VideoViews),
    ("primary status", Role::Attribute),
    ("status", Role::Attribute),
    ("delivery status", Role::Attribute),
    ("campaign status", Role::Attribute),
    ("ad group status", Role::Attribute),
    ("ad status", Role::Attribute),
    ("operation status", Role::Attribute),
    ("secondary status", Role::Attribute),
    ("campaign budget", Role::Attribute),
    ("ad group budget", Role::Attribute),
    ("objective", Role::Attribute),
    ("video views p 25", Role::Metric),
    ("video views p 50", Role::Metric),
    ("video views p 75", Role::Metric),
    ("video views p 100", Role::Metric),
    ("video watched 2 s", Role::Metric),
    ("video watched 6 s", Role::Metric),
    ("average video play", Role::Metric),
    ("average video play per user", Role::Metric),
    ("result", Role::Metric),
    ("real time result", Role::Metric),
    ("real time conversion", Role::Metric),
    ("secondary goal result", Role::Metric),
    ("profile visits", Role::Metric),
    ("total sales lead value", Role::Metric),
];

const ADVERTISER: &[(&str, Role)] = &[
    ("id", Role::Id),
    ("name", Role::Name),
    ("currency", Role::Currency),
    ("timezone", Role::Zone),
    ("country", Role::Attribute),
    ("language", Role::Attribute),
];

const AD: &[(&str, Role)] = &[
    ("ad id", Role::Id),
    ("ad name", Role::Name),
    ("updated at", Role::Version),
    ("advertiser id", Role::Account),
    ("campaign id", Role::Campaign),
    ("adgroup id", Role::AdGroup),
    ("ad text", Role::CreativeBody),
    ("video id", Role::CreativeMedia),
    ("image ids", Role::CreativeMedia),
    ("call to action", Role::CreativeAction),
    ("landing page url", Role::CreativeLink),
];

const AD_GROUP: &[(&str, Role)] = &[
    ("adgroup id", Role::Id),
    ("adgroup name", Role::Name),
    ("updated at", Role::Version),
    ("advertiser id", Role::Account),
    ("campaign id", Role::Campaign),
];

const CAMPAIGN: &[(&str, Role)] = &[
    ("campaign id", Role::Id),
    ("campaign name", Role::Name),
    ("updated at", Role::Version),
    ("advertiser id", Role::Account),
];
