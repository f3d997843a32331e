//! Pinterest: Ads Manager exports, and tables of its API and of connectors.

use super::adapter::{Adapter, counted_only, described, has, has_any, metrics, table};
use super::header::HeaderCell;
use super::layout::{Clock, Column, Layout, Level, Role};
use super::number::Unit;

/// Pinterest Ads.
///
/// Exports are recognised by `Spend in account currency` or pin clicks, tables of the API by
/// `spend_in_micro_dollar`, whose amounts are millionths of the account's currency, whatever their name
/// says. Days are those of UTC.
///
/// Impressions and clicks are the paid ones (`impression_1`, `clickthrough_1`), because money buys
/// them; what people earn by saving pins (`impression_2`, `clickthrough_2`) is not counted. Conversions
/// are all that Pinterest claims (`total_conversions`), as the value beside them is. Targeting reports
/// repeat the whole of an ad once per type of targeting, so that they stand for nothing but themselves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pinterest;

/// Columns that no other platform has.
const OWN: [&str; 19] = [
    "pin-klicks",
    "clics en el pin",
    "clics sur l'epingle",
    "spend in micro dollar",
    "spend in dollar",
    "spend in account currency",
    "impression 1",
    "paid impression",
    "clickthrough 1",
    "paid pin clicks",
    "pin clicks",
    "pin promotion id",
    "promoted pin id",
    "promoted pin",
    "earned impressions",
    "earned pin clicks",
    "pin click rate",
    "pin id",
    "saves (paid)",
];

const SPEND: [&str; 8] = [
    "ausgaben in kontowahrung",
    "gasto en la moneda de la cuenta",
    "depenses dans la devise du compte",
    "spend in micro dollar",
    "spend in dollar",
    "spend in account currency",
    "spend",
    "total spend",
];

impl Adapter for Pinterest {
    fn platform(&self) -> &str {
        "pinterest_ads"
    }

    fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        if !(has_any(header, &OWN) && has_any(header, &SPEND)) {
            return self.history(header);
        }
        let mut layout = table(self.platform(), header, NAMES);
        metrics(&mut layout, &["total ", "inapp ", "web ", "video ", "page visit ", "outbound "]);
        layout.clock = Clock::Utc;
        layout.zone = Some("UTC".into());
        layout.score += 25;
        if has(header, "targeting type") {
            // Such reports hold estimates, and each type of targeting holds everything.
            for Column { role, unit, .. } in &mut layout.columns {
                if matches!(role, Role::Impressions | Role::Clicks) {
                    *unit = Unit::Estimated;
                }
            }
            layout.level = Some(Level::Part);
            layout.notes.push(
                "every type of targeting repeats the same money: the rows do not add up".to_owned(),
            );
        }
        if has_any(header, &["keyword id", "keyword"]) {
            layout.level = Some(Level::Keyword);
        }
        Some(layout)
    }
}

impl Pinterest {
    fn history(self, header: &[HeaderCell]) -> Option<Layout> {
        let platform = self.platform();
        let place = [("country id", Role::Id), ("region id", Role::Id)];
        if has(header, "country id") && has_any(header, &["country name", "region name"]) {
            let own = if has(header, "region id") { &place[1..] } else { &place[..1] };
            return Some(counted_only(platform, header, own));
        }
        if !has(header, "id") {
            return None;
        }
        let account = has_any(header, &["ad account id", "advertiser id"]);
        let level = if has(header, "parent type") && has_any(header, &["match type", "value"]) {
            Level::Keyword
        } else if !has(header, "name") {
            return None;
        } else if has(header, "ad group id")
            && (has(header, "pin id") || account && has(header, "destination url"))
        {
            Level::Ad
        } else if has(header, "campaign id")
            && account
            && has_any(
                header,
                &[
                    "pacing delivery type",
                    "placement group",
                    "budget in micro currency",
                    "summary status",
                ],
            )
        {
            Level::AdGroup
        } else if account
            && has_any(
                header,
                &[
                    "objective type",
                    "lifetime spend cap",
                    "daily spend cap",
                    "budget spend cap",
                    "default ad group budget in micro currency",
                    "is campaign budget optimization",
                ],
            )
        {
            Level::Campaign
        } else if has_any(
            header,
            &["owner username", "owner user id", "billing profile status", "owner.username"],
        ) {
            Level::Account
        } else {
            return None;
        };
        let mut layout = described(platform, header, Some(level), HISTORY);
        // The columns asked for above are the platform's own.
        layout.score += 10;
        Some(layout)
    }
}

const NAMES: &[(&str, Role)] = &[
    ("date", Role::Day),
    ("day", Role::Day),
    ("start date", Role::Start),
    ("end date", Role::End),
    ("advertiser id", Role::Account),
    ("ad account id", Role::Account),
    ("account id", Role::Account),
    ("ad account name", Role::AccountName),
    ("advertiser name", Role::AccountName),
    ("account name", Role::AccountName),
    ("campaign id", Role::Campaign),
    ("campaign name", Role::CampaignName),
    ("campaign", Role::CampaignName),
    ("ad group id", Role::AdGroup),
    ("ad group name", Role::AdGroupName),
    ("ad group", Role::AdGroupName),
    ("pin promotion id", Role::Ad),
    ("promoted pin id", Role::Ad),
    ("ad id", Role::Ad),
    ("pin promotion name", Role::AdName),
    ("promoted pin name", Role::AdName),
    ("promoted pin", Role::AdName),
    ("ad name", Role::AdName),
    ("keyword id", Role::Keyword),
    ("keyword", Role::Keyword),
    ("search term", Role::SearchTerm),
    ("pin id", Role::Creative),
    ("organic pin id", Role::Creative),
    ("spend in micro dollar", Role::Spend),
    ("spend in account currency", Role::Spend),
    // Translations that no public export confirmed.
    ("ausgaben in kontowahrung", Role::Spend),
    ("gasto en la moneda de la cuenta", Role::Spend),
    ("depenses dans la devise du compte", Role::Spend),
    ("kampagnen-id", Role::Campaign),
    ("kampagnenname", Role::CampaignName),
    ("id de la campana", Role::Campaign),
    ("nombre de la campana", Role::CampaignName),
    ("id de la campagne", Role::Campaign),
    ("nom de la campagne", Role::CampaignName),
    ("impressionen", Role::Impressions),
    ("impresiones", Role::Impressions),
    ("pin-klicks", Role::Clicks),
    ("clics en el pin", Role::Clicks),
    ("clics sur l'epingle", Role::Clicks),
    ("spend in dollar", Role::Spend),
    ("total spend", Role::Spend),
    ("spend", Role::Spend),
    ("impression 1", Role::Impressions),
    ("paid impression", Role::Impressions),
    ("paid impressions", Role::Impressions),
    ("impressions", Role::Impressions),
    ("total impression", Role::Impressions),
    ("clickthrough 1", Role::Clicks),
    ("paid pin clicks", Role::Clicks),
    ("pin clicks", Role::Clicks),
    ("clicks", Role::Clicks),
    ("total clickthrough", Role::Clicks),
    ("total conversions", Role::Conversions),
    ("conversions", Role::Conversions),
    ("total conversions (checkout)", Role::Conversions),
    ("total checkout", Role::Conversions),
    ("total conversions value in micro dollar", Role::Revenue),
    ("total conversions value", Role::Revenue),
    ("total conversion value", Role::Revenue),
    ("total order value", Role::Revenue),
    ("total order value (checkout)", Role::Revenue),
    ("conversions value", Role::Revenue),
    ("total checkout value in micro dollar", Role::Revenue),
    ("video mrc view 1", Role::VideoViews),
    ("video mrc views", Role::VideoViews),
    ("paid video views", Role::VideoViews),
    ("video views", Role::VideoViews),
    ("attribution window", Role::Window),
    ("attribution settings", Role::Window),
    ("conversion window", Role::Window),
    ("targeting type", Role::Breakdown),
    ("targeting value", Role::Breakdown),
    ("app type", Role::Breakdown),
    ("ad placement", Role::Breakdown),
    ("metro", Role::Breakdown),
    ("interest", Role::Audience),
    ("campaign status", Role::Attribute),
    ("campaign entity status", Role::Attribute),
    ("ad group status", Role::Attribute),
    ("ad group entity status", Role::Attribute),
    ("pin promotion status", Role::Attribute),
    ("ad status", Role::Attribute),
    ("ad entity status", Role::Attribute),
    ("campaign objective type", Role::Attribute),
    ("campaign daily spend cap", Role::Attribute),
    ("campaign lifetime spend cap", Role::Attribute),
    ("objective", Role::Attribute),
    ("campaign objective", Role::Attribute),
    ("creative type", Role::Attribute),
    ("destination url", Role::CreativeLink),
    ("impression 2", Role::Metric),
    ("impression 1 gross", Role::Metric),
    ("earned impressions", Role::Metric),
    ("clickthrough 2", Role::Metric),
    ("clickthrough 1 gross", Role::Metric),
    ("outbound clicks", Role::Metric),
    ("outbound click 1", Role::Metric),
    ("outbound click 2", Role::Metric),
    ("total conversions quantity", Role::Metric),
    ("total view checkout", Role::Metric),
    ("total click checkout", Role::Metric),
    ("total engagement checkout", Role::Metric),
    ("total checkout", Role::Metric),
    ("total impression user", Role::Metric),
    ("total impression frequency", Role::Metric),
    ("engagement 1", Role::Metric),
    ("engagement 2", Role::Metric),
    ("repin 1", Role::Metric),
    ("repin 2", Role::Metric),
    ("cpc in micro dollar", Role::Metric),
    ("cpm in micro dollar", Role::Metric),
    ("cpm in dollar", Role::Metric),
    ("ecpc in dollar", Role::Metric),
    ("ecpm in micro dollar", Role::Metric),
];

const HISTORY: &[(&str, Role)] = &[
    ("id", Role::Id),
    ("name", Role::Name),
    ("value", Role::Name),
    ("updated time", Role::Version),
    ("ad account id", Role::Account),
    ("advertiser id", Role::Account),
    ("campaign id", Role::Campaign),
    ("ad group id", Role::AdGroup),
    ("currency", Role::Currency),
    ("country", Role::Attribute),
    ("destination url", Role::CreativeLink),
    ("pin id", Role::CreativeMedia),
];
