//! Reddit: Ads Manager exports, and tables of its API and of connectors.

use std::borrow::Cow;

use super::adapter::{
    Adapter, described, has, has_any, in_micros, metrics, table, units_if_broken,
};
use super::header::HeaderCell;
use super::layout::{Clock, Layout, Level, Output, Role};

/// Reddit Ads.
///
/// Exports are recognised by `Amount Spent` beside ad groups, eCPM or communities, with amounts in
/// currency units; tables of the API by `spend` beside `ecpm` or another column of theirs, with spend in
/// millionths. `ecpm`, `cpc` and `ctr` are rates and never added. Tables of conversions have one row per
/// event: those of the types that count join the record of their ad and day; conversions after a view
/// are not counted, because Reddit states them apart. Days are those of UTC.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reddit;

/// Columns that no other platform has beside a spend.
const OWN: [&str; 18] = [
    "ecpm",
    "comments page views",
    "comment upvotes",
    "comment downvotes",
    "viewer comments",
    "gallery item id",
    "conversion roas",
    "legacy click conversions attribution window day",
    "app install metrics install",
    "conversion purchase clicks",
    "conversion purchase total value",
    "video viewable impressions",
    "community",
    "subreddit",
    "upvotes",
    "purchase click",
    "purchase (click-through)",
    "purchase click-through",
];

impl Adapter for Reddit {
    fn platform(&self) -> &str {
        "reddit_ads"
    }

    fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        let clicked = "click through conversion attribution window month";
        if has(header, "event name")
            && has_any(header, &[clicked, "total items"])
            && has(header, "total value")
        {
            let mut layout = table(self.platform(), header, CONVERSIONS);
            layout.output = Output::Actions;
            layout.clock = Clock::Utc;
            layout.zone = Some("UTC".into());
            layout.score += 25;
            return Some(layout);
        }
        let exported = has(header, "amount spent");
        let own = has_any(header, &OWN)
            || (exported && has_any(header, &["ad group name", "ad group id"]));
        // Snapchat has an ad set or squad, and eCPM as well.
        let foreign = [
            "swipes",
            "swipe ups",
            "paid impressions",
            "ad set name",
            "pin clicks",
            "spend in micro dollar",
        ];
        if (exported || has(header, "spend"))
            && (own || is_by_place(header))
            && !has_any(header, &foreign)
        {
            let mut layout = table(self.platform(), header, NAMES);
            metrics(&mut layout, &["conversion ", "legacy ", "app install ", "video ", "key "]);
            layout.clock = Clock::Utc;
            layout.zone = Some("UTC".into());
            if !exported && !has_any(header, &["currency", "campaign name"]) {
                in_micros(&mut layout);
            }
            layout.score += if own { 22 } else { 6 };
            return Some(layout);
        }
        self.history(header)
    }

    /// An amount with a fraction is none in millionths, whatever its table looks like; and no impression
    /// costs a thousand of any currency that Reddit bills in.
    fn refine(&self, mut layout: Layout, first: &[Cow<'_, str>]) -> Layout {
        let number = |role| {
            let cell = first.get(layout.position(role)?)?;
            cell.trim().parse::<u64>().ok()
        };
        let (spend, impressions) = (number(Role::Spend), number(Role::Impressions));
        let dear = spend.zip(impressions).is_some_and(|(s, i)| i > 0 && s / i >= 1000);
        if dear && !layout.columns.iter().any(|column| &*column.name == "amount spent") {
            in_micros(&mut layout);
        }
        units_if_broken(&mut layout, first);
        layout
    }
}

/// The connector's table by country and region has these eight or nine columns and no other, which
/// no table of another platform known here has.
fn is_by_place(header: &[HeaderCell]) -> bool {
    let all = [
        "account id",
        "campaign id",
        "clicks",
        "country",
        "date",
        "impressions",
        "region",
        "spend",
    ];
    all.iter().all(|name| has(header, name)) && header.len() <= all.len() + 1
}

impl Reddit {
    fn history(self, header: &[HeaderCell]) -> Option<Layout> {
        if !has(header, "id") {
            return None;
        }
        let status = has(header, "effective status") && has(header, "configured status");
        let level = if has_any(header, &["time zone id"])
            && has_any(header, &["attribution type", "click attribution window"])
        {
            Level::Account
        } else if !(status && has(header, "account id") && has(header, "name")) {
            return None;
        } else if has(header, "ad group id")
            && has_any(header, &["post id", "post url", "click url"])
        {
            Level::Ad
        } else if has(header, "campaign id")
            && has_any(header, &["bid strategy", "goal type", "bid value"])
        {
            Level::AdGroup
        } else if has_any(header, &["funding instrument id", "is processing", "objective"]) {
            Level::Campaign
        } else {
            return None;
        };
        let mut layout = described(self.platform(), header, Some(level), HISTORY);
        // The columns asked for above are the platform's own.
        layout.score += 10;
        Some(layout)
    }
}

const NAMES: &[(&str, Role)] = &[
    ("date", Role::Day),
    ("day", Role::Day),
    ("hour", Role::Hour),
    ("start date", Role::Start),
    ("end date", Role::End),
    ("account id", Role::Account),
    ("ad account id", Role::Account),
    ("account name", Role::AccountName),
    ("ad account name", Role::AccountName),
    ("campaign id", Role::Campaign),
    ("campaign name", Role::CampaignName),
    ("ad group id", Role::AdGroup),
    ("ad group name", Role::AdGroupName),
    ("ad id", Role::Ad),
    ("ad name", Role::AdName),
    ("amount spent", Role::Spend),
    ("spend", Role::Spend),
    ("impressions", Role::Impressions),
    ("clicks", Role::Clicks),
    ("conversion purchase clicks", Role::Conversions),
    ("purchase (click-through)", Role::Conversions),
    ("purchase click-through", Role::Conversions),
    ("purchase click", Role::Conversions),
    ("purchases", Role::Conversions),
    ("purchase", Role::Conversions),
    ("total conversions", Role::Conversions),
    ("purchase total value", Role::Revenue),
    ("purchase value", Role::Revenue),
    ("total purchase value", Role::Revenue),
    ("conversion value", Role::Revenue),
    ("video started", Role::VideoViews),
    ("video views", Role::VideoViews),
    ("video starts", Role::VideoViews),
    ("attribution window", Role::Window),
    ("country", Role::Country),
    ("region", Role::Breakdown),
    ("community", Role::Breakdown),
    ("subreddit", Role::Breakdown),
    ("placement", Role::Breakdown),
    ("keyword", Role::Keyword),
    ("device os", Role::Breakdown),
    ("interest", Role::Audience),
    ("gallery item id", Role::Breakdown),
    ("gallery item caption", Role::Attribute),
    ("priority", Role::Attribute),
    ("campaign status", Role::Attribute),
    ("ad group status", Role::Attribute),
    ("ad status", Role::Attribute),
    ("campaign objective", Role::Attribute),
    ("objective", Role::Attribute),
    ("post url", Role::CreativeLink),
    ("post id", Role::Creative),
    ("ecpm", Role::Metric),
    ("comment downvotes", Role::Metric),
    ("comment upvotes", Role::Metric),
    ("comments page views", Role::Metric),
    ("viewer comments", Role::Metric),
    ("viewable impressions", Role::Metric),
    ("conversion roas", Role::Metric),
    ("conversion purchase views", Role::Metric),
    ("conversion purchase total value", Role::Metric),
    ("purchase (view-through)", Role::Metric),
    ("upvotes", Role::Metric),
];

const CONVERSIONS: &[(&str, Role)] = &[
    ("date", Role::Day),
    ("account id", Role::Account),
    ("campaign id", Role::Campaign),
    ("ad group id", Role::AdGroup),
    ("ad id", Role::Ad),
    ("event name", Role::ActionType),
    ("clicks", Role::ActionValue),
    ("click through conversion attribution window month", Role::ActionValue),
    ("total value", Role::Revenue),
    ("country", Role::Country),
    ("region", Role::Breakdown),
    ("click through conversion attribution window week", Role::Metric),
    ("click through conversion attribution window day", Role::Metric),
    ("view through conversion attribution window month", Role::Metric),
    ("view through conversion attribution window week", Role::Metric),
    ("view through conversion attribution window day", Role::Metric),
    ("views", Role::Metric),
    ("avg value", Role::Metric),
    ("total items", Role::Metric),
];

const HISTORY: &[(&str, Role)] = &[
    ("id", Role::Id),
    ("name", Role::Name),
    ("modified at", Role::Version),
    ("updated at", Role::Version),
    ("account id", Role::Account),
    ("campaign id", Role::Campaign),
    ("ad group id", Role::AdGroup),
    ("currency", Role::Currency),
    ("time zone id", Role::Zone),
    ("click url", Role::CreativeLink),
    ("post id", Role::CreativeMedia),
];
