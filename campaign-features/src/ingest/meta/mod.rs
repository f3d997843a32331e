//! Meta (Facebook, Instagram): Ads Manager exports in nine languages, and tables of the API and of
//! connectors.

mod languages;
mod names;

use std::borrow::Cow;
use std::sync::LazyLock;

use crate::ingest::Snapchat;
use crate::ingest::actions;
use crate::ingest::adapter::{Adapter, column, finest, has, has_any, metrics, same, table};
use crate::ingest::header::HeaderCell;
use crate::ingest::layout::{Layout, Level, Output, Role};
use languages::FURTHER;
use names::{ACTIONS, HISTORY};

/// Meta Ads.
///
/// Ads Manager exports are recognised by `Amount spent` in English, German, Spanish, French, Italian,
/// Portuguese, Dutch, Polish, Swedish or Japanese; tables of the insights API by `inline_link_clicks` or `date_start`, both with a
/// day or period; their `actions` and `action_values` by `action_type`, or as JSON in a cell of the
/// report; history tables by `updated_time`.
///
/// `Results` are other events from row to row: where a column says which, only those of the action types
/// that the configuration counts (purchases, unless it says otherwise) are conversions. Reach and
/// frequency are never added.
#[derive(Debug, Clone, Copy, Default)]
pub struct Meta;

/// The columns of reports in all languages.
static NAMES: LazyLock<Vec<(&str, Role)>> = LazyLock::new(|| [names::NAMES, FURTHER].concat());

const SPEND: [&str; 13] = [
    "消化金額",
    "wydana kwota",
    "spenderat belopp",
    "belopp som spenderats",
    "amount spent",
    "ausgegebener betrag",
    "importe gastado",
    "montant depense",
    "importo speso",
    "valor usado",
    "valor gasto",
    "besteed bedrag",
    "uitgegeven bedrag",
];

/// Columns of other platforms that say `Amount spent` as well.
const FOREIGN: [&str; 16] = [
    "swipe ups",
    "swipe-ups",
    "swipes",
    "paid impressions",
    "ad squad name",
    "pin promotion id",
    "pin clicks",
    "ecpm",
    "ad group name",
    "ad group id",
    "community",
    "post engagements",
    "tweet engagements",
    "reposts",
    "retweets",
    "campaign group name",
];

impl Adapter for Meta {
    fn platform(&self) -> &str {
        "meta_ads"
    }

    fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        if has_any(header, &FOREIGN) {
            return None;
        }
        if has_any(header, &SPEND)
            && header.len() > 2
            // What employees spent on travels has a date and an amount as well.
            && let Some(mut layout) = dated(self.platform(), header).filter(|layout| {
                layout.has(Role::Impressions) || IDENTITY.iter().any(|role| layout.has(*role))
            })
        {
            layout.score += 20;
            return Some(layout);
        }
        if has(header, "action type") && has(header, "value") {
            let mut layout = table(self.platform(), header, ACTIONS);
            layout.output = Output::Actions;
            layout.score += 20;
            return Some(layout);
        }
        let insights = has(header, "inline link clicks") || has(header, "date start");
        // Connectors call the spend a cost; ad sets with link clicks are Meta's.
        let sets = ["ad set name", "adset name", "ad set id", "adset id"];
        let connected = has_any(header, &sets) && has(header, "link clicks") && has(header, "cost");
        if (connected || (insights && has(header, "spend")))
            && let Some(mut layout) =
                dated(self.platform(), header).filter(|l| IDENTITY.iter().any(|role| l.has(*role)))
        {
            layout.score += 20;
            return Some(layout);
        }
        self.history(header)
    }

    /// Snapchat's table of accounts can have the same three columns; its ids are UUIDs.
    fn refine(&self, mut layout: Layout, first: &[Cow<'_, str>]) -> Layout {
        let id = layout.position(Role::Id).and_then(|index| first.get(index));
        if layout.columns.len() == 3 && id.is_some_and(|id| is_uuid(id.trim())) {
            layout.platform = Snapchat.platform().into();
        }
        layout
    }
}

/// `07da269a-5965-4b8c-8deb-c6b773b5fb9d`
fn is_uuid(text: &str) -> bool {
    let mut parts = text.split('-');
    let hex = |part: &str| part.bytes().all(|b| b.is_ascii_hexdigit());
    [8, 4, 4, 4, 12].iter().all(|n| parts.next().is_some_and(|p| p.len() == *n && hex(p)))
        && parts.next().is_none()
}

/// How columns of metrics begin in tables of the API, which has hundreds.
const FAMILIES: [&str; 22] = [
    "actions ",
    "action values ",
    "unique ",
    "cost per ",
    "video ",
    "outbound ",
    "website ",
    "mobile app ",
    "canvas ",
    "instant experience ",
    "estimated ad recall",
    "inline ",
    "catalog segment ",
    "converted product ",
    "auction ",
    "wish bid",
    "social spend",
    "full view ",
    "dda ",
    "qualifying ",
    "purchase roas",
    "cpp",
];

/// What a row of the insights API is about.
const IDENTITY: [Role; 8] = [
    Role::Account,
    Role::AccountName,
    Role::Campaign,
    Role::CampaignName,
    Role::AdGroup,
    Role::AdGroupName,
    Role::Ad,
    Role::AdName,
];

/// The layout of a report; none where no column says the day or the period, because a summary of files
/// or accounts is no report.
fn dated(platform: &str, header: &[HeaderCell]) -> Option<Layout> {
    let mut layout = table(platform, header, &NAMES);
    metrics(&mut layout, &FAMILIES);
    if layout.position(Role::Conversions).is_some_and(|index| {
        layout.columns.get(index).is_some_and(|column| actions::are_results(&column.name))
    }) && !layout.has(Role::ResultKind)
    {
        layout
            .notes
            .push("results count as conversions: no column says which events they are".to_owned());
    }
    const DATES: [Role; 4] = [Role::Day, Role::Start, Role::Week, Role::Month];
    DATES.iter().any(|role| layout.has(*role)).then_some(layout)
}

/// Columns of campaigns, ad sets and ads that tickets, tasks and orders do not have.
const OWN: [&str; 17] = [
    "effective status",
    "configured status",
    "buying type",
    "bid strategy",
    "bid amount",
    "billing event",
    "optimization goal",
    "daily budget",
    "lifetime budget",
    "budget remaining",
    "special ad categories",
    "special ad category",
    "promoted object pixel id",
    "source campaign id",
    "source adset id",
    "ad set id",
    "creative id",
];

/// Whether a table of versions is about ads: many things have an id, a name, an account and a time.
fn is_of_ads(header: &[HeaderCell], synced: bool) -> bool {
    let known = |cell: &HeaderCell| {
        cell.name == "fivetran synced" || HISTORY.iter().any(|(name, _)| same(name, &cell.name))
    };
    has_any(header, &OWN) || (synced && header.iter().all(known))
}

impl Meta {
    fn history(&self, header: &[HeaderCell]) -> Option<Layout> {
        let synced = has(header, "fivetran synced");
        let creative = has(header, "id")
            && has_any(
                header,
                &["object story link data message", "object story spec", "object story id"],
            );
        let versioned = has(header, "updated time") && has(header, "account id");
        let described = has(header, "id") && has(header, "name") && (synced || versioned);
        let level = if creative {
            None
        } else if has(header, "account id")
            && has(header, "timezone name")
            && has_any(header, &["account status", "amount spent", "currency"])
        {
            Some(Level::Account)
        } else if !described || has_any(header, &["line item id", "ad account id"]) {
            return None;
        } else if versioned {
            if !is_of_ads(header, synced) {
                return None;
            }
            Some(if has(header, "ad set id") {
                Level::Ad
            } else if has(header, "campaign id") {
                Level::AdGroup
            } else {
                Level::Campaign
            })
        } else if header.len() == 3 {
            // Nothing but id, name and time: of the connectors known here only this one has it.
            Some(Level::Account)
        } else {
            return None;
        };
        let mut layout = table(self.platform(), header, HISTORY);
        if creative {
            for (cell, c) in header.iter().zip(&mut layout.columns) {
                if cell.name == "name" {
                    *c = column(cell, Role::Attribute);
                }
            }
        }
        if level == Some(Level::Account) && has(header, "account id") {
            // `id` is the account with `act_` before it; reports have the number alone.
            for (cell, c) in header.iter().zip(&mut layout.columns) {
                match cell.name.as_str() {
                    "id" => *c = column(cell, Role::Attribute),
                    "account id" => *c = column(cell, Role::Id),
                    _ => {}
                }
            }
        }
        layout.output = Output::Entities(level);
        layout.level = level.or(Some(finest(&layout))).filter(|_| !creative);
        layout.score += 10;
        Some(layout)
    }
}
