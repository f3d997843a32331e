//! Google Ads: reports of the web interface, and tables of its API and of connectors.

use super::adapter::{Adapter, column, finest, has, has_any, table};
use super::header::HeaderCell;
use super::layout::{Layout, Level, Output, Role};

/// Google Ads.
///
/// Reports are recognised by their cost column beside `Impr.` or another column that only they have, in
/// English, German, Spanish or French; tables of the API by `cost_micros`; history tables by the columns
/// that describe an account, campaign, ad group, ad or criterion.
#[derive(Debug, Clone, Copy, Default)]
pub struct Google;

const COST: [&str; 6] = ["cost", "kosten", "coste", "costo", "cout", "cost (converted currency)"];

/// Columns of Google's reports that reports of others do not have beside a cost.
const OWN: [&str; 10] = [
    "impr.",
    "cost / conv.",
    "conv. value",
    "avg. cpc",
    "currency code",
    "campaign status",
    "search impr. share",
    "view-through conv.",
    "wahrungscode",
    "ad group status",
];

impl Adapter for Google {
    fn platform(&self) -> &str {
        "google_ads"
    }

    fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        if has_any(header, &["cost micros", "metrics.cost micros"]) {
            let mut layout = table(self.platform(), header, NAMES);
            own_id(&mut layout, header);
            layout.level = Some(finest(&layout));
            layout.score += 20;
            return Some(layout);
        }
        let campaign = has_any(header, &["campaign", "kampagne", "campana", "campagne"]);
        let own =
            has_any(header, &OWN) || (campaign && has_any(header, &["clicks", "klicks", "clics"]));
        if has_any(header, &COST) && own && !has(header, "clicks (destination)") {
            let mut layout = table(self.platform(), header, NAMES);
            layout.score += 10;
            return Some(layout);
        }
        self.history(header)
    }
}

/// In tables of connectors `id` is the id of the table's own level.
fn own_id(layout: &mut Layout, header: &[HeaderCell]) {
    let role = if has(header, "base ad group") {
        Role::AdGroup
    } else if has(header, "base campaign") {
        Role::Campaign
    } else {
        Role::Ad
    };
    for (cell, slot) in header.iter().zip(&mut layout.columns) {
        if cell.name == "id" {
            *slot = column(cell, role);
        }
    }
}

impl Google {
    fn history(&self, header: &[HeaderCell]) -> Option<Layout> {
        if !has(header, "id") || !has(header, "updated at") {
            return None;
        }
        let level = if has(header, "descriptive name") && has(header, "currency code") {
            Some(Level::Account)
        } else if has(header, "advertising channel type") {
            Some(Level::Campaign)
        } else if has(header, "keyword text") && has(header, "keyword match type") {
            Some(Level::Keyword)
        } else if has(header, "final urls") && has(header, "ad group id") {
            Some(Level::Ad)
        } else if has(header, "campaign id") && has(header, "campaign name") && has(header, "name")
        {
            Some(Level::AdGroup)
        } else {
            return None;
        };
        let mut layout = table(self.platform(), header, HISTORY);
        layout.output = Output::Entities(level);
        layout.level = level;
        layout.score += 10;
        Some(layout)
    }
}

const NAMES: &[(&str, Role)] = &[
    ("day", Role::Day),
    ("date", Role::Day),
    ("segments.date", Role::Day),
    ("tag", Role::Day),
    ("dia", Role::Day),
    ("jour", Role::Day),
    ("week", Role::Week),
    ("semana", Role::Week),
    ("woche", Role::Week),
    ("semaine", Role::Week),
    ("month", Role::Month),
    ("mes", Role::Month),
    ("monat", Role::Month),
    ("mois", Role::Month),
    ("account id", Role::Account),
    ("customer id", Role::Account),
    ("customer.id", Role::Account),
    ("external customer id", Role::Account),
    ("account", Role::AccountName),
    ("account name", Role::AccountName),
    ("customer.descriptive name", Role::AccountName),
    ("campaign id", Role::Campaign),
    ("campaign.id", Role::Campaign),
    ("kampagnen-id", Role::Campaign),
    ("id de la campana", Role::Campaign),
    ("campaign", Role::CampaignName),
    ("campaign name", Role::CampaignName),
    ("campaign.name", Role::CampaignName),
    ("kampagne", Role::CampaignName),
    ("campana", Role::CampaignName),
    ("campagne", Role::CampaignName),
    ("ad group id", Role::AdGroup),
    ("ad group.id", Role::AdGroup),
    ("anzeigengruppen-id", Role::AdGroup),
    ("ad group", Role::AdGroupName),
    ("ad group name", Role::AdGroupName),
    ("ad group.name", Role::AdGroupName),
    ("anzeigengruppe", Role::AdGroupName),
    ("grupo de anuncios", Role::AdGroupName),
    ("groupe d'annonces", Role::AdGroupName),
    ("ad id", Role::Ad),
    ("ad group ad.ad.id", Role::Ad),
    ("anzeigen-id", Role::Ad),
    ("ad name", Role::AdName),
    ("ad group ad.ad.name", Role::AdName),
    ("ad group criterion criterion id", Role::Keyword),
    ("ad group criterion.criterion id", Role::Keyword),
    ("keyword id", Role::Keyword),
    ("keyword", Role::Keyword),
    ("search keyword", Role::Keyword),
    ("search term", Role::SearchTerm),
    // Rows of ads name the keyword that showed them; they are rows of ads.
    ("keyword ad group criterion", Role::Breakdown),
    ("cost micros", Role::Spend),
    ("metrics.cost micros", Role::Spend),
    ("cost", Role::Spend),
    ("kosten", Role::Spend),
    ("coste", Role::Spend),
    ("costo", Role::Spend),
    ("cout", Role::Spend),
    ("cost (converted currency)", Role::Spend),
    ("impressions", Role::Impressions),
    ("impr.", Role::Impressions),
    ("metrics.impressions", Role::Impressions),
    ("clicks", Role::Clicks),
    ("metrics.clicks", Role::Clicks),
    ("klicks", Role::Clicks),
    ("clics", Role::Clicks),
    ("conversions", Role::Conversions),
    ("metrics.conversions", Role::Conversions),
    ("conversiones", Role::Conversions),
    ("conversions value", Role::Revenue),
    ("conversion value", Role::Revenue),
    ("conv. value", Role::Revenue),
    ("metrics.conversions value", Role::Revenue),
    ("conv.-wert", Role::Revenue),
    ("valor de conv.", Role::Revenue),
    ("valeur de conv.", Role::Revenue),
    ("views", Role::VideoViews),
    ("video views", Role::VideoViews),
    ("trueview views", Role::VideoViews),
    ("currency code", Role::Currency),
    ("customer.currency code", Role::Currency),
    ("currency", Role::Currency),
    ("wahrungscode", Role::Currency),
    ("wahrung", Role::Currency),
    ("codigo de moneda", Role::Currency),
    ("code de devise", Role::Currency),
    ("customer.time zone", Role::Zone),
    ("device", Role::Breakdown),
    ("segments.device", Role::Breakdown),
    ("gerat", Role::Breakdown),
    ("ad network type", Role::Breakdown),
    ("segments.ad network type", Role::Breakdown),
    ("network", Role::Breakdown),
    ("network (with search partners)", Role::Breakdown),
    ("match type", Role::Breakdown),
    ("search term match type", Role::Breakdown),
    ("placement", Role::Breakdown),
    ("status", Role::Breakdown),
    ("info text", Role::Breakdown),
    ("interaction event types", Role::Attribute),
    ("base ad group", Role::Attribute),
    ("base campaign", Role::Attribute),
    ("campaign base campaign", Role::Attribute),
    ("ad group base ad group", Role::Attribute),
    ("campaign status", Role::Attribute),
    ("campaign state", Role::Attribute),
    ("status reasons", Role::Attribute),
    ("campaign status reasons", Role::Attribute),
    ("ad group status reasons", Role::Attribute),
    ("ad status reasons", Role::Attribute),
    ("campaign.status", Role::Attribute),
    ("ad group.status", Role::Attribute),
    ("ad group ad.status", Role::Attribute),
    ("kampagnenstatus", Role::Attribute),
    ("anzeigengruppenstatus", Role::Attribute),
    ("status der anzeigengruppe", Role::Attribute),
    ("anzeigenstatus", Role::Attribute),
    ("statusgrunde", Role::Attribute),
    ("estado de la campana", Role::Attribute),
    ("estado del grupo de anuncios", Role::Attribute),
    ("estado del anuncio", Role::Attribute),
    ("motivos del estado", Role::Attribute),
    ("etat de la campagne", Role::Attribute),
    ("etat du groupe d'annonces", Role::Attribute),
    ("etat de l'annonce", Role::Attribute),
    ("ad group status", Role::Attribute),
    ("ad status", Role::Attribute),
    ("ad state", Role::Attribute),
    ("keyword status", Role::Attribute),
    ("campaign type", Role::Attribute),
    ("ad group type", Role::Attribute),
    ("ad type", Role::Attribute),
    ("budget", Role::Attribute),
    ("budget name", Role::Attribute),
    ("budget type", Role::Attribute),
    ("bid strategy type", Role::Attribute),
    ("default max. cpc", Role::Attribute),
    ("optimization score", Role::Attribute),
    ("active view impressions", Role::Metric),
    ("active view measurability", Role::Metric),
    ("active view measurable cost micros", Role::Metric),
    ("active view measurable impressions", Role::Metric),
    ("active view viewability", Role::Metric),
    ("interactions", Role::Metric),
    ("view through conversions", Role::Metric),
    ("view-through conv.", Role::Metric),
    ("avg. cpc", Role::Metric),
    ("avg. cpm", Role::Metric),
    ("ctr", Role::Metric),
    ("all conv.", Role::Metric),
    ("all conv. value", Role::Metric),
    ("cost / conv.", Role::Metric),
    ("conv. rate", Role::Metric),
    ("conv. value / cost", Role::Metric),
];

const HISTORY: &[(&str, Role)] = &[
    ("id", Role::Id),
    ("name", Role::Name),
    ("descriptive name", Role::Name),
    ("keyword text", Role::Name),
    ("updated at", Role::Version),
    ("customer id", Role::Account),
    ("campaign id", Role::Campaign),
    ("base campaign id", Role::Campaign),
    ("ad group id", Role::AdGroup),
    ("campaign name", Role::Attribute),
];
