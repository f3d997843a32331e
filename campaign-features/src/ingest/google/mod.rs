//! Google Ads: reports of the web interface, and tables of its API and of connectors.

mod names;

use crate::ingest::adapter::{Adapter, column, finest, has, has_any, table};
use crate::ingest::header::HeaderCell;
use crate::ingest::layout::{Layout, Level, Output, Role};

/// Google Ads.
///
/// Reports are recognised by their cost column beside `Impr.` or another column that only they have, in
/// English, German, Spanish, French, Italian, Portuguese, Dutch, Polish, Swedish or Japanese; a table of days, campaigns,
/// clicks and cost alone could be anyone's and asks for a mapping. Tables of the API by `cost_micros`,
/// flattened by any connector; history tables by the columns that describe an account, campaign, ad
/// group, ad or criterion.
///
/// - Conversions count on the day of the click; those by the day of the conversion are other metrics.
/// - Rows split by conversion action have conversions but neither cost nor impressions: their spend is
///   0, and a note says so.
/// - Shares such as `< 10%` are bounds, not numbers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Google;

const COST: [&str; 10] = [
    "koszt",
    "kostnad",
    "cost",
    "kosten",
    "coste",
    "costo",
    "cout",
    "custo",
    "費用",
    "cost (converted currency)",
];

const CAMPAIGN: [&str; 9] = [
    "kampania",
    "kampanj",
    "campaign",
    "kampagne",
    "campana",
    "campagne",
    "campagna",
    "campanha",
    "キャンペーン",
];

/// Columns that split the conversions of a row and nothing else.
const ACTION: [&str; 8] = [
    "conversion action",
    "conversion action name",
    "conversion category",
    "conversion action category",
    "conversion source",
    "conversion-aktion",
    "accion de conversion",
    "action de conversion",
];

/// Columns of Google's reports that reports of others do not have beside a cost.
const OWN: [&str; 27] = [
    "wysw.",
    "visn.",
    "impr.",
    "vert.",
    "表示回数",
    "campaign state",
    "ad group state",
    "total conv. value",
    "interactions",
    "external customer id",
    "account descriptive name",
    "ad network type 1",
    "ad network type",
    "advertising channel type",
    "search impression share",
    "search lost is (rank)",
    "search lost is (budget)",
    "network (with search partners)",
    "impr. (top) %",
    "network type",
    "cost / conv.",
    "conv. value",
    "avg. cpc",
    "campaign status",
    "search impr. share",
    "view-through conv.",
    "ad group status",
];

/// Columns of others who count what their ads cost as Google does.
const FOREIGN: [&str; 6] = [
    "clicks (destination)",
    "engine",
    "account engine",
    "search engine",
    "insertion order",
    "line item id",
];

/// How Google names the currency, which is a sign of it only beside a campaign.
const CODES: [&str; 10] = [
    "kod waluty",
    "valutakod",
    "currency code",
    "wahrungscode",
    "codigo de moneda",
    "code de devise",
    "codice valuta",
    "codigo da moeda",
    "valutacode",
    "通貨コード",
];

impl Adapter for Google {
    fn platform(&self) -> &str {
        "google_ads"
    }

    fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        if has_any(header, &["cost micros", "metrics.cost micros"]) {
            let mut layout = table(self.platform(), header, names::NAMES);
            own_id(&mut layout, header);
            split(&mut layout, header);
            layout.level = Some(finest(&layout));
            layout.score += 20;
            return Some(layout);
        }
        let own = has_any(header, &OWN)
            || (has_any(header, &CODES)
                && (has_any(header, &CAMPAIGN) || has(header, "campaign id")));
        if has_any(header, &COST) && own && !has_any(header, &FOREIGN) {
            let mut layout = table(self.platform(), header, names::NAMES);
            layout.score += 10;
            split(&mut layout, header);
            return Some(layout);
        }
        // Reports by conversion action leave the cost out.
        if has_any(header, &ACTION) && has_any(header, &CAMPAIGN) && own {
            let mut layout = table(self.platform(), header, names::NAMES);
            layout.score += 5;
            split(&mut layout, header);
            return Some(layout);
        }
        self.history(header)
    }
}

/// Says that rows are split by conversion action.
fn split(layout: &mut Layout, header: &[HeaderCell]) {
    if has_any(header, &ACTION) || has(header, "segments.conversion action") {
        let note = "rows are split by conversion action: those have conversions but no cost";
        layout.notes.push(note.to_owned());
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
        let mut layout = table(self.platform(), header, names::HISTORY);
        layout.output = Output::Entities(level);
        layout.level = level;
        layout.score += 10;
        Some(layout)
    }
}
