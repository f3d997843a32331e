//! Snapchat: Ads Manager exports, and tables of its API and of connectors.

use std::borrow::Cow;

use super::adapter::{
    Adapter, counted_only, described, has, has_any, in_micros, metrics, table, units_if_broken,
};
use super::header::HeaderCell;
use super::layout::{Clock, Layout, Level, Role};

/// Snapchat Ads.
///
/// Exports are recognised by `Amount Spent` beside swipe-ups or paid impressions, with amounts in
/// currency units; tables of the API by `spend` beside `swipes`, with spend and values in millionths.
/// A swipe-up counts as a click and a purchase as a conversion. Times without an offset are UTC: hours
/// become days of the account where a table of accounts or the configuration states its zone. Ads that
/// were deleted are missing from the tables that describe ads, and their metrics stand without a name.
#[derive(Debug, Clone, Copy, Default)]
pub struct Snapchat;

/// Columns that no other platform has.
const OWN: [&str; 12] = [
    "swipes",
    "swipe ups",
    "swipe-ups",
    "paid swipes",
    "swipe up rate",
    "swipe-up rate",
    "swipe up percent",
    "ecpsu",
    "paid impressions",
    "story opens",
    "ad squad id",
    "ad squad name",
];

/// Columns that only exports have, whose amounts are currency units.
const EXPORTED: [&str; 8] = [
    "amount spent",
    "paid impressions",
    "swipe ups",
    "swipe up rate",
    "swipe up percent (%)",
    "ecpsu",
    "paid ecpm",
    "paid ecpc",
];

/// Columns of tables whose spend was divided before.
const DIVIDED: [&str; 5] = ["currency", "campaign name", "ad name", "ad account name", "date day"];

impl Adapter for Snapchat {
    fn platform(&self) -> &str {
        "snapchat_ads"
    }

    fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        if !has_any(header, &OWN) && !has(header, "organization id") {
            return self.history(header);
        }
        let spend = has_any(header, &["spend", "stats.spend"]);
        let api = spend && !has_any(header, &EXPORTED);
        if !(spend || has_any(header, &["amount spent", "spend (micros)"])) {
            return self.history(header);
        }
        let mut layout = table(self.platform(), header, if api { API } else { EXPORT });
        metrics(&mut layout, &["conversion ", "attachment ", "custom event ", "skadn "]);
        if api {
            // Connectors that add names or currencies have divided already.
            if has_any(header, &DIVIDED) {
                let note = "amounts are read as currency units: the table names what Snapchat's own \
                            tables do not, so that its millionths were divided before";
                layout.notes.push(note.to_owned());
            } else {
                in_micros(&mut layout);
            }
            layout.clock = Clock::Utc;
            // Tables by country or region are made of days, all others of hours.
            let by_day = has_any(header, &["country", "region", "dma", "day"]);
            for (cell, column) in header.iter().zip(&mut layout.columns) {
                if cell.name == "date" && !by_day {
                    column.role = Role::Hour;
                } else if cell.name == "start time" {
                    // The API writes the offset of the account's zone.
                    column.role = Role::Hour;
                    layout.clock = Clock::Account;
                }
            }
        }
        layout.score += 25;
        Some(layout)
    }

    /// Connectors write statistics of every level into tables of the same columns: `type` says what `id`
    /// is, and `granularity` whether a row is an hour, a day or everything.
    fn refine(&self, mut layout: Layout, first: &[Cow<'_, str>]) -> Layout {
        units_if_broken(&mut layout, first);
        let cell = |name: &str| {
            let index = layout.columns.iter().position(|c| &*c.name == name)?;
            first.get(index).map(|cell| cell.trim().to_ascii_uppercase())
        };
        let own = match cell("type").as_deref() {
            Some("AD_SQUAD" | "ADSQUAD" | "AD SQUAD") => Some((Role::AdGroup, Level::AdGroup)),
            Some("CAMPAIGN") => Some((Role::Campaign, Level::Campaign)),
            Some("AD_ACCOUNT" | "ADACCOUNT" | "AD ACCOUNT") => {
                Some((Role::Account, Level::Account))
            }
            _ => None,
        };
        let total = matches!(cell("granularity").as_deref(), Some("TOTAL" | "LIFETIME"));
        let id = layout.columns.iter_mut().find(|c| &*c.name == "id" && c.role == Role::Ad);
        if let (Some(column), Some((role, level))) = (id, own) {
            column.role = role;
            layout.level = Some(level);
        }
        for column in layout.columns.iter_mut().filter(|_| total) {
            match &*column.name {
                "start time" => column.role = Role::Start,
                "end time" => column.role = Role::Until,
                _ => {}
            }
        }
        layout
    }
}

impl Snapchat {
    fn history(self, header: &[HeaderCell]) -> Option<Layout> {
        let platform = self.platform();
        let columns = header.len();
        if has(header, "creative id") && has(header, "key") && has(header, "value") {
            return Some(counted_only(platform, header, &[("creative id", Role::Id)]));
        }
        if !(has(header, "id") && has(header, "name")) {
            return None;
        }
        let level = if has(header, "ad squad id") {
            Some(Level::Ad)
        } else if has(header, "campaign id")
            && (has_any(
                header,
                &[
                    "cpm impressions budget micro",
                    "lifetime budget micro",
                    "billing event",
                    "targeting reach status",
                ],
            ) || columns == 4 && has(header, "fivetran synced"))
        {
            Some(Level::AdGroup)
        } else if has(header, "ad account id")
            && has_any(
                header,
                &["web view url", "top snap media id", "brand name", "web view properties url"],
            )
        {
            None
        } else if has(header, "ad account id")
            && !has(header, "created time")
            && (has_any(header, &["daily budget micro", "lifetime spend cap micro", "buy model"])
                || columns == 4 && has(header, "fivetran synced"))
        {
            Some(Level::Campaign)
        } else if has(header, "organization id")
            && has(header, "timezone")
            && has(header, "currency")
        {
            Some(Level::Account)
        } else {
            return None;
        };
        let mut layout = described(platform, header, level, HISTORY);
        // The columns asked for above are the platform's own.
        layout.score += 10;
        Some(layout)
    }
}

const EXPORT: &[(&str, Role)] = &[
    ("date", Role::Day),
    ("day", Role::Day),
    ("start time", Role::Start),
    ("start date", Role::Start),
    ("end time", Role::Until),
    ("end date", Role::End),
    ("ad account id", Role::Account),
    ("account id", Role::Account),
    ("ad account name", Role::AccountName),
    ("account name", Role::AccountName),
    ("campaign id", Role::Campaign),
    ("campaign name", Role::CampaignName),
    ("ad set id", Role::AdGroup),
    ("ad squad id", Role::AdGroup),
    ("ad set name", Role::AdGroupName),
    ("ad squad name", Role::AdGroupName),
    ("ad id", Role::Ad),
    ("ad name", Role::AdName),
    ("amount spent", Role::Spend),
    ("spend (micros)", Role::Spend),
    ("spend", Role::Spend),
    ("paid impressions", Role::Impressions),
    ("impressions", Role::Impressions),
    ("swipe ups", Role::Clicks),
    ("swipe-ups", Role::Clicks),
    ("clicks", Role::Clicks),
    ("purchases", Role::Conversions),
    ("total purchases", Role::Conversions),
    ("purchases value", Role::Revenue),
    ("total purchases value", Role::Revenue),
    ("purchase value", Role::Revenue),
    ("2-second video views", Role::VideoViews),
    ("2 second video views", Role::VideoViews),
    ("video views", Role::VideoViews),
    ("total video views", Role::VideoViews),
    ("ad account currency", Role::Currency),
    ("currency code", Role::Currency),
    ("attribution window", Role::Window),
    ("attribution windows", Role::Window),
    ("timezone", Role::Zone),
    ("ad account timezone", Role::Zone),
    ("country", Role::Country),
    ("gender", Role::Audience),
    ("age bucket", Role::Audience),
    ("interest category", Role::Audience),
    ("region", Role::Breakdown),
    ("dma", Role::Breakdown),
    ("operating system", Role::Breakdown),
    ("device make", Role::Breakdown),
    ("status", Role::Attribute),
    ("campaign status", Role::Attribute),
    ("ad set status", Role::Attribute),
    ("ad status", Role::Attribute),
    ("objective", Role::Attribute),
    ("campaign objective", Role::Attribute),
    ("ad set goal", Role::Attribute),
    ("creative type", Role::Attribute),
    ("creative headline", Role::CreativeTitle),
    ("creative name", Role::CreativeMedia),
    ("delivery status", Role::Attribute),
    ("daily budget", Role::Attribute),
    ("lifetime budget", Role::Attribute),
];

const API: &[(&str, Role)] = &[
    ("date", Role::Day),
    ("date day", Role::Day),
    ("day", Role::Day),
    ("start time", Role::Start),
    ("end time", Role::Attribute),
    ("finalized data end time", Role::Attribute),
    ("granularity", Role::Attribute),
    ("type", Role::Attribute),
    ("ad account id", Role::Account),
    ("account id", Role::Account),
    ("campaign id", Role::Campaign),
    ("campaign name", Role::CampaignName),
    ("ad squad id", Role::AdGroup),
    ("ad squad name", Role::AdGroupName),
    ("ad id", Role::Ad),
    ("id", Role::Ad),
    ("ad name", Role::AdName),
    ("spend", Role::Spend),
    ("stats.spend", Role::Spend),
    ("impressions", Role::Impressions),
    ("stats.impressions", Role::Impressions),
    ("swipes", Role::Clicks),
    ("stats.swipes", Role::Clicks),
    ("conversion purchases", Role::Conversions),
    ("conversion purchases value", Role::Revenue),
    ("video views", Role::VideoViews),
    ("country", Role::Country),
    ("gender", Role::Audience),
    ("age", Role::Audience),
    ("age bucket", Role::Audience),
    ("region", Role::Breakdown),
    ("dma", Role::Breakdown),
    ("os", Role::Breakdown),
    ("make", Role::Breakdown),
    ("android installs", Role::Metric),
    ("ios installs", Role::Metric),
    ("total installs", Role::Metric),
    ("swipe up percent", Role::Metric),
    ("avg screen time millis", Role::Metric),
    ("avg view time millis", Role::Metric),
    ("screen time millis", Role::Metric),
    ("view time millis", Role::Metric),
    ("quartile 1", Role::Metric),
    ("quartile 2", Role::Metric),
    ("quartile 3", Role::Metric),
    ("view completion", Role::Metric),
    ("story completes", Role::Metric),
    ("story opens", Role::Metric),
    ("total reach", Role::Metric),
    ("uniques", Role::Metric),
];

const HISTORY: &[(&str, Role)] = &[
    ("id", Role::Id),
    ("name", Role::Name),
    ("updated at", Role::Version),
    ("ad account id", Role::Account),
    ("campaign id", Role::Campaign),
    ("ad squad id", Role::AdGroup),
    ("creative id", Role::Creative),
    ("currency", Role::Currency),
    ("timezone", Role::Zone),
    ("headline", Role::CreativeTitle),
    ("brand name", Role::CreativeBody),
    ("top snap media id", Role::CreativeMedia),
    ("call to action", Role::CreativeAction),
    ("web view url", Role::CreativeLink),
    ("web view properties url", Role::CreativeLink),
];
