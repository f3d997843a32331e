//! Amazon Ads: sponsored products, brands and display, and the DSP.

mod names;
mod window;

use super::adapter::{Adapter, described, has, has_any, table};
use super::header::HeaderCell;
use super::layout::{Layout, Level, Role};

/// Amazon Ads.
///
/// Reports are recognised by a spend beside sales or orders of an attribution window (`7 Day Total
/// Sales`, `sales14d`, `purchases_30_d`, `7 Tage, Umsatz gesamt`), by columns that only Amazon has
/// (advertised ASIN, customer search term, ACOS, campaign budget currency), or by order and line item
/// of the DSP; tables that describe things by `last_updated_date` or the columns of profiles.
///
/// - **One attribution window counts, and it stands on the record.** Of several side by side it is the
///   first of 7, 14, 30 and 1 days that has both orders and sales (14, 7, 30, 1 for display and the DSP,
///   whose standard is 14 days); where none has both, the first that has either. Windows are never
///   added or mixed. Sales without a window count where no column has one.
/// - Sales of the same product, of other products and of customers new to the brand are parts of the
///   total and do not count.
/// - ASIN and SKU tell rows apart and stand in the breakdown.
/// - A report of purchased products has no spend and is one of keywords, so that it never stands for
///   its ad groups. A sheet of bulk operations mixes levels and is refused.
/// - Older tables of Airbyte hold reports of several levels (`recordType`): each row has its own.
#[derive(Debug, Clone, Copy, Default)]
pub struct Amazon;

const SPEND: [&str; 15] = [
    "費用",
    "spend",
    "cost",
    "total cost",
    "ausgaben",
    "gesamtkosten",
    "kosten",
    "gasto",
    "inversion",
    "coste total",
    "depenses",
    "cout total",
    "spesa",
    "costo totale",
    "total spend",
];

/// Columns that reports of others do not have beside a spend.
const OWN: [&str; 21] = [
    "campaign budget currency code",
    "campaign bidding strategy",
    "campaign budget type",
    "advertised asin",
    "advertised sku",
    "promoted asin",
    "customer search term",
    "total advertising cost of sales (acos)",
    "advertising cost of sales (acos)",
    "total return on advertising spend (roas)",
    "acos",
    "beworbene asin",
    "beworbene sku",
    "suchbegriff eines kunden",
    "asin anunciado",
    "sku anunciado",
    "termino de busqueda de cliente",
    "asin annonce",
    "sku annonce",
    "terme de recherche client",
    "termine ricerca cliente",
];

impl Adapter for Amazon {
    fn platform(&self) -> &str {
        "amazon_ads"
    }

    fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        if has(header, "entity") && has_any(header, &["operation", "product"]) {
            return None;
        }
        let dsp = has_any(header, &["line item", "line item id", "line item name"])
            && has_any(header, &["order", "order id", "order name", "advertiser id", "advertiser"]);
        let windowed = header.iter().any(|cell| window::of(&cell.name).is_some());
        let spends = has_any(header, &SPEND);
        let purchased = windowed && has_any(header, &["purchased asin", "gekaufte asin"]);
        let dsp = dsp && (windowed || has_any(header, &["total cost", "supply cost"]));
        if !(dsp || purchased || (spends && (windowed || has_any(header, &OWN)))) {
            return self.entities(header);
        }
        let names = if dsp { names::DSP } else { names::SPONSORED };
        let mut layout = table(self.platform(), header, names);
        layout.score += 20;
        window::choose(&mut layout, dsp || is_display(header));
        for (column, cell) in layout.columns.iter_mut().zip(header) {
            column.currency = column.currency.or_else(|| window::sign(&cell.text));
        }
        if layout.has(Role::RowLevel) {
            let note = "rows of several levels stand beside each other: the sums of the file count an \
                        amount once for each";
            layout.notes.push(note.to_owned());
        }
        if purchased && !layout.has(Role::Spend) {
            layout.level = Some(Level::Keyword);
        }
        Some(layout)
    }
}

/// Whether a report is one of sponsored display, whose standard window is 14 days.
fn is_display(header: &[HeaderCell]) -> bool {
    let marks = ["promoted asin", "promoted sku", "tactic", "tactic type", "viewable impressions"];
    let views = |cell: &HeaderCell| cell.name.starts_with("viewattributed");
    has_any(header, &marks) || header.iter().any(views)
}

impl Amazon {
    fn entities(&self, header: &[HeaderCell]) -> Option<Layout> {
        let any = |names: &[&str]| has_any(header, names);
        let profile = any(&["account marketplace string id", "account info marketplace string id"])
            || (any(&["profile id"]) && any(&["country code"]) && any(&["currency code"]));
        let dated =
            any(&["last updated date", "last update date time", "creation date", "extended data"]);
        let own =
            any(&["targeting type", "bidding strategy", "default bid", "portfolio id", "asin"]);
        let level = if profile
            || (any(&["daily budget"]) && any(&["timezone"]) && any(&["country code"]))
        {
            Some(Level::Account)
        } else if any(&SPEND) || !(dated || (own && any(&["state"]))) {
            return None;
        } else if any(&["budget policy", "in budget"]) {
            None
        } else if any(&["keyword text", "native language keyword"]) {
            Some(Level::Keyword)
        } else if any(&["asin", "sku"]) && any(&["ad group id"]) {
            Some(Level::Ad)
        } else if any(&["default bid"]) && any(&["campaign id"]) {
            Some(Level::AdGroup)
        } else if any(&["targeting type", "bidding strategy", "portfolio id"]) {
            Some(Level::Campaign)
        } else {
            return None;
        };
        let mut layout = described(self.platform(), header, level, names::ENTITY);
        own_id(&mut layout, level);
        layout.has(Role::Id).then_some(layout)
    }
}

/// Tables of the API name the id of their own level after the level.
fn own_id(layout: &mut Layout, level: Option<Level>) {
    if layout.has(Role::Id) {
        return;
    }
    let own = match level {
        Some(Level::Account) => Role::Account,
        Some(Level::Campaign) => Role::Campaign,
        Some(Level::AdGroup) => Role::AdGroup,
        Some(Level::Keyword) => Role::Keyword,
        Some(Level::Ad) => Role::Ad,
        _ => return,
    };
    if let Some(column) = layout.columns.iter_mut().find(|column| column.role == own) {
        column.role = Role::Id;
    }
}
