//! LinkedIn: exports of the Campaign Manager, tables of its API and of connectors.

use super::adapter::{Adapter, described, finest, has, has_any, same, table};
use super::date::DateOrder;
use super::header::HeaderCell;
use super::layout::{Clock, Layout, Level, Role};

/// LinkedIn Ads.
///
/// Exports are recognised by `Total Spent` beside a campaign or `Start Date (in UTC)`; tables of the API
/// by `cost_in_local_currency` or `cost_in_usd`; tables that describe things by `last_modified_time`
/// and the columns of LinkedIn's own levels.
///
/// - LinkedIn's campaign group is the campaign of the other platforms, its campaign their ad group.
/// - Days are days of UTC. Exports write the month first.
/// - Where the cost stands in the account's currency and in dollars, the account's counts; its currency
///   comes from the account's table or the configuration. A cost in dollars alone (as the only column, or
///   in the only filled cell of a row) is in dollars, and a conversion value in the account's currency
///   beside it is then not taken.
/// - Website conversions count; leads do where the table has no conversions.
#[derive(Debug, Clone, Copy, Default)]
pub struct LinkedIn;

/// The amount of exports; localised forms are translations that no public export confirmed.
const SPENT: [&str; 10] = [
    "total gasto",
    "totale speso",
    "totaal uitgegeven",
    "total spent",
    "gesamtausgaben",
    "ausgaben insgesamt",
    "total gastado",
    "importe total gastado",
    "montant total depense",
    "total depense",
];

const OWN: [&str; 15] = [
    "nome da campanha",
    "nome campagna",
    "campagnenaam",
    "start date (in utc)",
    "campaign group name",
    "campaign group id",
    "campaign name",
    "campaign id",
    "name der kampagnengruppe",
    "kampagnengruppenname",
    "kampagnenname",
    "nombre del grupo de campanas",
    "nombre de la campana",
    "nom du groupe de campagnes",
    "nom de la campagne",
];

impl Adapter for LinkedIn {
    fn platform(&self) -> &str {
        "linkedin_ads"
    }

    fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        let api = has_any(header, &["cost in local currency", "cost in usd"]);
        let export = has_any(header, &SPENT) && has_any(header, &OWN);
        if !api && !export {
            return self.entities(header);
        }
        let mut layout = table(self.platform(), header, NAMES);
        layout.clock = Clock::Utc;
        layout.zone = Some("UTC".into());
        layout.score += 20;
        if export {
            layout.date_order = Some(DateOrder::MonthFirst);
        }
        if layout.has(Role::End) {
            layout
                .columns
                .iter_mut()
                .filter(|c| c.role == Role::Day)
                .for_each(|c| c.role = Role::Start);
        }
        // What others did with shared ads, and steps of videos, documents and forms.
        for column in layout.columns.iter_mut().filter(|c| c.role == Role::Unknown) {
            if COUNTS.iter().any(|start| column.name.starts_with(start)) {
                column.role = Role::Metric;
            }
        }
        pivots(&mut layout);
        dollars(&mut layout);
        Some(layout)
    }
}

/// How the names of further counts begin.
const COUNTS: [&str; 16] = [
    "viral",
    "video",
    "document",
    "card",
    "lead gen",
    "leadgen",
    "one click",
    "oneclick",
    "full screen",
    "fullscreen",
    "post ",
    "post-",
    "postclick",
    "postview",
    "job",
    "other ",
];

/// What rows of the API are grouped by stands in one column for all levels. Beside an id it repeats it;
/// alone it is taken for the ad.
fn pivots(layout: &mut Layout) {
    const PIVOTS: [&str; 3] = ["string of pivot values", "pivot values", "pivot value"];
    let named = [Role::Ad, Role::AdGroup, Role::Campaign].iter().any(|role| layout.has(*role));
    let mut alone = false;
    for column in layout.columns.iter_mut().filter(|c| c.role == Role::AdName) {
        if !PIVOTS.iter().any(|pivot| same(pivot, &column.name)) {
            continue;
        }
        if named {
            column.role = Role::Attribute;
        } else {
            alone = true;
        }
    }
    layout.level = Some(finest(layout));
    if alone {
        layout.notes.push("the values of the pivot are taken for ads".to_owned());
    }
}

/// Amounts of one row are in one currency: a spend in dollars says so, and takes no value in another
/// currency beside it.
fn dollars(layout: &mut Layout) {
    let in_dollars = |name: &str| name.ends_with("in usd") || name.ends_with("inusd");
    let spent = layout.position(Role::Spend).and_then(|index| layout.columns.get(index));
    if !spent.is_some_and(|column| in_dollars(&column.name)) {
        let beside = layout.columns.iter_mut().filter(|column| {
            column.role == Role::Metric && ["cost in usd", "costinusd"].contains(&&*column.name)
        });
        beside.for_each(|column| {
            column.role = Role::SpendBeside;
            column.currency = "USD".parse().ok();
        });
        return;
    }
    let mut left_out = false;
    for column in &mut layout.columns {
        match column.role {
            Role::Spend => column.currency = "USD".parse().ok(),
            Role::Revenue if in_dollars(&column.name) => column.currency = "USD".parse().ok(),
            Role::Revenue => {
                column.role = Role::Metric;
                left_out = true;
            }
            _ => {}
        }
    }
    if left_out {
        let note = "the spend is in dollars and the conversion value in the account's currency: the \
                    value is not taken";
        layout.notes.push(note.to_owned());
    }
}

impl LinkedIn {
    fn entities(&self, header: &[HeaderCell]) -> Option<Layout> {
        let modified =
            has_any(header, &["last modified time", "last modified at", "last modified"]);
        if !has(header, "id") || !(modified || has(header, "created time")) {
            // Names of places: counted only.
            let place = header.len() <= 4 && has(header, "id") && has(header, "value");
            let synced = place && has(header, "fivetran synced");
            return synced.then(|| described(self.platform(), header, None, ENTITY));
        }
        let any = |names: &[&str]| has_any(header, names);
        let level = if any(&["intended status", "click uri", "text ad landing page"])
            || (any(&["campaign id", "campaign"])
                && any(&["creative status", "is serving", "review status"]))
        {
            Level::Ad
        } else if any(&["campaign group id", "campaign group"]) {
            Level::AdGroup
        } else if any(&["currency"]) && any(&["name"]) {
            Level::Account
        } else if any(&["account id", "account"])
            && any(&["name"])
            && any(&["created time", "backfilled", "run schedule"])
        {
            Level::Campaign
        } else {
            return None;
        };
        Some(described(self.platform(), header, Some(level), ENTITY))
    }
}

/// German, Spanish, Portuguese, Italian, Dutch and most French names are translations that no public export confirmed.
const NAMES: &[(&str, Role)] = &[
    ("day", Role::Day),
    ("date", Role::Day),
    ("start date (in utc)", Role::Day),
    ("startdatum (in utc)", Role::Day),
    ("startdatum (utc)", Role::Day),
    ("fecha de inicio (en utc)", Role::Day),
    ("fecha de inicio (utc)", Role::Day),
    ("date de debut (en utc)", Role::Day),
    ("date de debut (utc)", Role::Day),
    ("month", Role::Month),
    ("month, year", Role::Month),
    ("start date", Role::Start),
    ("start at", Role::Start),
    ("end at", Role::End),
    ("end date", Role::End),
    ("end date (in utc)", Role::End),
    ("account id", Role::Account),
    ("sponsored account", Role::Account),
    ("account name", Role::AccountName),
    ("kontoname", Role::AccountName),
    ("nombre de la cuenta", Role::AccountName),
    ("nom du compte", Role::AccountName),
    ("campaign group id", Role::Campaign),
    ("sponsored campaign group", Role::Campaign),
    ("id der kampagnengruppe", Role::Campaign),
    ("id del grupo de campanas", Role::Campaign),
    ("id du groupe de campagnes", Role::Campaign),
    ("campaign group name", Role::CampaignName),
    ("campaign group", Role::CampaignName),
    ("name der kampagnengruppe", Role::CampaignName),
    ("kampagnengruppenname", Role::CampaignName),
    ("nombre del grupo de campanas", Role::CampaignName),
    ("nom du groupe de campagnes", Role::CampaignName),
    ("campaign id", Role::AdGroup),
    ("sponsored campaign", Role::AdGroup),
    ("kampagnen-id", Role::AdGroup),
    ("id de la campana", Role::AdGroup),
    ("id de la campagne", Role::AdGroup),
    ("campaign name", Role::AdGroupName),
    ("kampagnenname", Role::AdGroupName),
    ("nombre de la campana", Role::AdGroupName),
    ("nom de la campagne", Role::AdGroupName),
    ("creative id", Role::Ad),
    ("ad id", Role::Ad),
    ("sponsored creative", Role::Ad),
    ("anzeigen-id", Role::Ad),
    ("id del anuncio", Role::Ad),
    ("id pub", Role::Ad),
    ("id de la publicite", Role::Ad),
    ("ad name", Role::AdName),
    ("creative name", Role::AdName),
    ("anzeigenname", Role::AdName),
    ("nombre del anuncio", Role::AdName),
    ("nom de la publicite", Role::AdName),
    ("string of pivot values", Role::AdName),
    ("pivot values", Role::AdName),
    ("pivot value", Role::AdName),
    ("cost in local currency", Role::Spend),
    ("cost in usd", Role::Spend),
    ("total spent", Role::Spend),
    ("gesamtausgaben", Role::Spend),
    ("ausgaben insgesamt", Role::Spend),
    ("total gastado", Role::Spend),
    ("importe total gastado", Role::Spend),
    ("montant total depense", Role::Spend),
    ("total depense", Role::Spend),
    ("total gasto", Role::Spend),
    ("totale speso", Role::Spend),
    ("totaal uitgegeven", Role::Spend),
    ("impressoes", Role::Impressions),
    ("cliques", Role::Clicks),
    ("conversoes", Role::Conversions),
    ("data de inicio (em utc)", Role::Day),
    ("data de inicio (utc)", Role::Day),
    ("nome da conta", Role::AccountName),
    ("nome do grupo de campanhas", Role::CampaignName),
    ("nome da campanha", Role::AdGroupName),
    ("nome do anuncio", Role::AdName),
    ("data di inizio (in utc)", Role::Day),
    ("nome account", Role::AccountName),
    ("nome gruppo di campagne", Role::CampaignName),
    ("nome campagna", Role::AdGroupName),
    ("impressioni", Role::Impressions),
    ("clic", Role::Clicks),
    ("begindatum (in utc)", Role::Day),
    ("accountnaam", Role::AccountName),
    ("naam campagnegroep", Role::CampaignName),
    ("campagnenaam", Role::AdGroupName),
    ("vertoningen", Role::Impressions),
    ("klikken", Role::Clicks),
    ("impressions", Role::Impressions),
    ("impressionen", Role::Impressions),
    ("impresiones", Role::Impressions),
    ("clicks", Role::Clicks),
    ("klicks", Role::Clicks),
    ("clics", Role::Clicks),
    ("external website conversions", Role::Conversions),
    ("conversions", Role::Conversions),
    ("conversiones", Role::Conversions),
    ("external website post click conversions", Role::Conversions),
    ("leads", Role::Conversions),
    ("one click leads", Role::Conversions),
    ("conversion value in local currency", Role::Revenue),
    ("total conversion value", Role::Revenue),
    ("conversion value", Role::Revenue),
    ("conversion value in usd", Role::Revenue),
    ("video views", Role::VideoViews),
    ("views", Role::VideoViews),
    ("currency", Role::Currency),
    ("wahrung", Role::Currency),
    ("moneda", Role::Currency),
    ("devise", Role::Currency),
    ("member country", Role::Breakdown),
    ("member region", Role::Breakdown),
    ("member company", Role::Breakdown),
    ("member industry", Role::Breakdown),
    ("member seniority", Role::Breakdown),
    ("member job title", Role::Breakdown),
    ("member job function", Role::Breakdown),
    ("member company size", Role::Breakdown),
    ("impression device type", Role::Breakdown),
    ("conversion name", Role::Breakdown),
    ("pivot", Role::Attribute),
    ("date range", Role::Attribute),
    ("campaign group status", Role::Attribute),
    ("campaign group start date", Role::Attribute),
    ("campaign group end date", Role::Attribute),
    ("campaign group total budget", Role::Attribute),
    ("campaign status", Role::Attribute),
    ("campaign start date", Role::Attribute),
    ("campaign end date", Role::Attribute),
    ("campaign objective", Role::Attribute),
    ("campaign type", Role::Attribute),
    ("cost type", Role::Attribute),
    ("daily budget", Role::Attribute),
    ("total budget", Role::Attribute),
    ("ad status", Role::Attribute),
    ("statut de la publicite", Role::Attribute),
    ("creative status", Role::Attribute),
    ("creative type", Role::Attribute),
    ("dsc name", Role::Attribute),
    ("dsc status", Role::Attribute),
    ("ad introduction text", Role::CreativeBody),
    ("texte pub presentation", Role::CreativeBody),
    ("ad headline", Role::CreativeTitle),
    ("titre de la publicite", Role::CreativeTitle),
    ("click url", Role::CreativeLink),
    ("url a cliquer", Role::CreativeLink),
    ("reactions", Role::Metric),
    ("opens", Role::Metric),
    ("sends", Role::Metric),
    ("completions", Role::Metric),
    ("total social actions", Role::Metric),
    ("total engagements", Role::Metric),
    ("approximate unique impressions", Role::Metric),
    ("lead forms opened", Role::Metric),
    ("post-click conversions", Role::Metric),
    ("view-through conversions", Role::Metric),
    ("cost per conversion", Role::Metric),
    ("return on ad spend", Role::Metric),
];

const ENTITY: &[(&str, Role)] = &[
    ("id", Role::Id),
    ("name", Role::Name),
    ("value", Role::Name),
    ("last modified time", Role::Version),
    ("last modified at", Role::Version),
    ("last modified", Role::Version),
    ("created time", Role::Attribute),
    ("account id", Role::Account),
    ("account", Role::Account),
    ("campaign group id", Role::Campaign),
    ("campaign group", Role::Campaign),
    ("campaign id", Role::AdGroup),
    ("campaign", Role::AdGroup),
    ("currency", Role::Currency),
    ("click uri", Role::CreativeLink),
    ("text ad landing page", Role::CreativeLink),
    ("spotlight landing page", Role::CreativeLink),
];
