//! Apple Search Ads: reports of the web interface, of the API and of connectors.

use super::adapter::{Adapter, column, described, finest, has, has_any, table};
use super::header::HeaderCell;
use super::layout::{Layout, Level, Role};

/// Apple Search Ads.
///
/// Reports are recognised by `localSpend`, flattened or not, or by taps beside a spend or installs;
/// tables that describe things by `modification_time`.
///
/// - Taps are clicks. `conversions` counts; where a table has no such column, installs after a tap do,
///   then installs, then all installs.
/// - The days are those of the organisation's zone or of UTC, as the report was asked for: the
///   organisation's table or the configuration says which.
/// - A table whose only id is `id` is taken for a report of campaigns; a connector's keyword report has
///   the same header, and reading both counts their money twice.
#[derive(Debug, Clone, Copy, Default)]
pub struct AppleSearchAds;

impl Adapter for AppleSearchAds {
    fn platform(&self) -> &str {
        "apple_search_ads"
    }

    fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        let local = header.iter().any(|cell| squeezed(&cell.name).contains("localspend"));
        let results = ["spend", "installs", "tap installs", "total installs"];
        let through = header.iter().any(|cell| cell.name.starts_with("installs ("));
        let tapped = has_any(header, &["taps", "total.taps", "granularity.taps"])
            && (has_any(header, &results) || through);
        if !local && !tapped {
            return self.entities(header);
        }
        let mut layout = table(self.platform(), header, NAMES);
        layout.score += 20;
        own_id(&mut layout, header);
        // One app per campaign: it tells rows apart only where no campaign does.
        if layout.has(Role::Campaign) || layout.has(Role::CampaignName) {
            let app = |name: &str| ["app id", "app name", "adam id", "adamid"].contains(&name);
            for column in layout.columns.iter_mut().filter(|column| app(&column.name)) {
                column.role = Role::Attribute;
            }
        }
        layout.level = Some(finest(&layout));
        Some(layout)
    }
}

fn squeezed(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// In tables of connectors `id` is the id of the table's own level.
fn own_id(layout: &mut Layout, header: &[HeaderCell]) {
    if layout.has(Role::Campaign) || layout.has(Role::AdGroup) || layout.has(Role::Ad) {
        return;
    }
    for (cell, slot) in header.iter().zip(&mut layout.columns) {
        if cell.name == "id" {
            *slot = column(cell, Role::Campaign);
            let note =
                "the column id is taken for the campaign: a report of keywords looks the same";
            layout.notes.push(note.to_owned());
        }
    }
}

impl AppleSearchAds {
    fn entities(&self, header: &[HeaderCell]) -> Option<Layout> {
        if !has(header, "id") && !has(header, "org id") {
            return None;
        }
        let any = |names: &[&str]| has_any(header, names);
        let modified = any(&["modification time"]);
        let level = if any(&["currency"]) && any(&["payment model", "role names"]) && !modified {
            Level::Account
        } else if !modified || !has(header, "id") {
            return None;
        } else if any(&["text"]) && any(&["match type"]) {
            Level::Keyword
        } else if any(&["creative id", "creative type"])
            || (any(&["ad group id"]) && any(&["name"]))
        {
            Level::Ad
        } else if any(&["campaign id"]) && any(&["name"]) {
            Level::AdGroup
        } else if any(&["organization id", "org id", "adam id"]) && any(&["name"]) {
            Level::Campaign
        } else {
            return None;
        };
        let mut layout = described(self.platform(), header, Some(level), ENTITY);
        if !layout.has(Role::Id)
            && let Some(org) = layout.columns.iter_mut().find(|c| c.role == Role::Account)
        {
            org.role = Role::Id;
        }
        Some(layout)
    }
}

const NAMES: &[(&str, Role)] = &[
    ("date", Role::Day),
    ("day", Role::Day),
    ("week", Role::Week),
    ("month", Role::Month),
    ("start date", Role::Start),
    ("end date", Role::End),
    ("organization id", Role::Account),
    ("org id", Role::Account),
    ("account id", Role::Account),
    ("organization name", Role::AccountName),
    ("org name", Role::AccountName),
    ("account name", Role::AccountName),
    ("account", Role::AccountName),
    ("campaign id", Role::Campaign),
    ("campaign name", Role::CampaignName),
    ("campaign", Role::CampaignName),
    ("ad group id", Role::AdGroup),
    ("ad group name", Role::AdGroupName),
    ("ad group", Role::AdGroupName),
    ("ad id", Role::Ad),
    ("ad name", Role::AdName),
    ("keyword id", Role::Keyword),
    ("keyword", Role::Keyword),
    ("search term text", Role::SearchTerm),
    ("search term", Role::SearchTerm),
    ("local spend amount", Role::Spend),
    ("total local spend amount", Role::Spend),
    ("granularity local spend amount", Role::Spend),
    ("local spend", Role::Spend),
    ("spend", Role::Spend),
    ("impressions", Role::Impressions),
    ("taps", Role::Clicks),
    ("conversions", Role::Conversions),
    ("tap installs", Role::Conversions),
    ("installs (tap-through)", Role::Conversions),
    ("tap-through installs", Role::Conversions),
    ("installs", Role::Conversions),
    ("total installs", Role::Conversions),
    ("installs (total)", Role::Conversions),
    ("downloads", Role::Conversions),
    ("local spend currency", Role::Currency),
    ("total local spend currency", Role::Currency),
    ("granularity local spend currency", Role::Currency),
    ("currency", Role::Currency),
    ("time zone", Role::Zone),
    ("country or region", Role::Country),
    ("countries or regions", Role::Country),
    ("storefront", Role::Country),
    ("app id", Role::Breakdown),
    ("adam id", Role::Breakdown),
    ("app name", Role::Breakdown),
    ("match type", Role::Breakdown),
    ("search term source", Role::Breakdown),
    ("search match", Role::Breakdown),
    ("ad placement", Role::Breakdown),
    ("placement", Role::Breakdown),
    ("supply source", Role::Breakdown),
    ("device class", Role::Breakdown),
    ("creative set id", Role::Breakdown),
    ("creative set name", Role::Attribute),
    ("locality", Role::Breakdown),
    ("admin area", Role::Breakdown),
    ("age range", Role::Audience),
    ("avg cpa amount", Role::Metric),
    ("avg cpt amount", Role::Metric),
    ("avg cpm amount", Role::Metric),
    ("avg cpa currency", Role::Attribute),
    ("avg cpt currency", Role::Attribute),
    ("avg cpm currency", Role::Attribute),
    ("avg cpt", Role::Metric),
    ("avg cpa", Role::Metric),
    ("avg cpm", Role::Metric),
    ("bid amount amount", Role::Attribute),
    ("bid amount currency", Role::Attribute),
    ("bid amount", Role::Attribute),
    ("keyword max cpt bid", Role::Attribute),
    ("default max cpt bid", Role::Attribute),
    ("daily budget", Role::Attribute),
    ("campaign status", Role::Attribute),
    ("ad group status", Role::Attribute),
    ("ad status", Role::Attribute),
    ("keyword status", Role::Attribute),
    ("keyword display status", Role::Attribute),
    ("campaign start", Role::Attribute),
    ("campaign end", Role::Attribute),
    ("ad group deleted", Role::Attribute),
    ("deleted", Role::Attribute),
    ("other", Role::Attribute),
    ("tap through rate", Role::Metric),
    ("ttr", Role::Metric),
    ("cr", Role::Metric),
    ("cr (tap-through)", Role::Metric),
    ("cr (total)", Role::Metric),
    ("new downloads", Role::Metric),
    ("redownloads", Role::Metric),
    ("tap new downloads", Role::Metric),
    ("tap redownloads", Role::Metric),
    ("total new downloads", Role::Metric),
    ("total redownloads", Role::Metric),
    ("total downloads", Role::Metric),
    ("new downloads (tap-through)", Role::Metric),
    ("redownloads (tap-through)", Role::Metric),
    ("view installs", Role::Metric),
    ("view new downloads", Role::Metric),
    ("view redownloads", Role::Metric),
    ("installs (view-through)", Role::Metric),
    ("view-through installs", Role::Metric),
    ("tap-through new downloads", Role::Metric),
    ("tap-through redownloads", Role::Metric),
    ("lat on installs", Role::Metric),
    ("lat off installs", Role::Metric),
    ("share of voice", Role::Metric),
    ("rank", Role::Metric),
];

const ENTITY: &[(&str, Role)] = &[
    ("id", Role::Id),
    ("org id", Role::Account),
    ("organization id", Role::Account),
    ("name", Role::Name),
    ("org name", Role::Name),
    ("text", Role::Name),
    ("modification time", Role::Version),
    ("campaign id", Role::Campaign),
    ("ad group id", Role::AdGroup),
    ("currency", Role::Currency),
    ("time zone", Role::Zone),
    ("creative id", Role::Attribute),
];
