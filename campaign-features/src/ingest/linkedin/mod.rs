//! LinkedIn: exports of the Campaign Manager, tables of its API and of connectors.

mod names;
mod pivots;

use std::borrow::Cow;

use crate::ingest::adapter::{Adapter, described, has, has_any, table};
use crate::ingest::date::DateOrder;
use crate::ingest::header::HeaderCell;
use crate::ingest::layout::{Clock, Layout, Level, Output, Role};
use names::{CONVERSION, ENTITY, NAMES};
use pivots::{pivots, tell};

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
/// - A report of conversions without spend and impressions joins the records of its campaign or ad and
///   day that state no conversions of their own.
/// - What the values of a pivot are stands in the values (`urn:li:sponsoredCampaign:1`) or beside them.
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

/// Columns of conversions that only tables of LinkedIn's API have.
const CONVERTED: [&str; 2] =
    ["external website conversions", "external website post click conversions"];

/// Columns of its reports of conversions that others may have as well.
const CONVERSIONS: [&str; 4] =
    ["conversion name", "post-click conversions", "view-through conversions", "total conversions"];

/// Columns that others do not have beside them.
const GROUPS: [&str; 3] = ["start date (in utc)", "campaign group name", "campaign group id"];

impl Adapter for LinkedIn {
    fn platform(&self) -> &str {
        "linkedin_ads"
    }

    fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        let api = has_any(header, &["cost in local currency", "cost in usd"]);
        let export = has_any(header, &SPENT) && has_any(header, &OWN);
        let spends = api || export;
        let converts = has_any(header, &CONVERTED)
            || (has_any(header, &CONVERSIONS) && has_any(header, &GROUPS));
        if !spends && (!converts || has(header, "impressions")) {
            return self.entities(header);
        }
        let mut layout = match spends {
            true => table(self.platform(), header, NAMES),
            false => table(self.platform(), header, &[CONVERSION, NAMES].concat()),
        };
        layout.clock = Clock::Utc;
        layout.zone = Some("UTC".into());
        layout.score += 20;
        if !api {
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
        if !spends {
            layout.output = Output::Actions;
        }
        pivots(&mut layout);
        dollars(&mut layout);
        Some(layout)
    }

    fn refine(&self, mut layout: Layout, first: &[Cow<'_, str>]) -> Layout {
        tell(&mut layout, first);
        layout
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
