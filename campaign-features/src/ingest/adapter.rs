//! The trait of platforms, and the table-driven way to implement it.

use std::borrow::Cow;

use super::connector;
use super::header::HeaderCell;
use super::layout::{Clock, Column, Layout, Level, Output, Role};
use super::number::Unit;

/// Recognises the tables of one platform by their header.
///
/// An adapter only says what the columns mean; splitting, numbers, dates, totals rows, duplicates and
/// the accounting are the same for every platform.
///
/// # Examples
/// A platform whole: its reports, with cents and a window that the header says, and its table of
/// panels, told apart by their columns.
/// ```
/// use campaign_features::ingest::adapter::{Adapter, table};
/// use campaign_features::ingest::header::HeaderCell;
/// use campaign_features::ingest::layout::{Clock, Layout, Output, Role};
/// use campaign_features::ingest::number::Unit;
/// use campaign_features::ingest::{Ingest, IngestConfig, Level};
///
/// struct Billboards;
///
/// impl Adapter for Billboards {
///     fn platform(&self) -> &str {
///         "billboards"
///     }
///
///     fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
///         let has = |name: &str| header.iter().any(|cell| cell.name == name);
///         if has("panel id") && has("town") && !has("rent") {
///             // What describes things: names of panels.
///             let mut layout = table(self.platform(), header, &[
///                 ("panel id", Role::Id),
///                 ("panel name", Role::Name),
///                 ("town", Role::Attribute),
///             ]);
///             layout.output = Output::Entities(Some(Level::Ad));
///             layout.level = Some(Level::Ad);
///             return Some(layout);
///         }
///         // By content: whatever order or further columns the file has.
///         if !(has("panel id") && (has("rent") || has("rent cents"))) {
///             return None;
///         }
///         let mut layout = table(self.platform(), header, &[
///             ("night of", Role::Day),
///             ("campaign", Role::CampaignName),
///             ("panel id", Role::Ad),
///             ("side", Role::Breakdown),
///             ("booking state", Role::Attribute),
///             ("rent", Role::Spend),
///             ("rent cents", Role::Spend),
///             ("passers by", Role::Impressions),
///             ("calls in 7 days", Role::Conversions),
///         ]);
///         for column in &mut layout.columns {
///             if &*column.name == "rent cents" {
///                 column.unit = Unit::Cents;
///             }
///         }
///         if has("calls in 7 days") {
///             layout.window = Some("7-day".into());
///         }
///         layout.clock = Clock::Account;
///         layout.score += 20;
///         Some(layout)
///     }
/// }
///
/// let mut ingest = Ingest::new(IngestConfig::new("acme"))?.with_adapter(Billboards);
/// ingest.read_bytes("may.csv", b"Rental of May\n\n\
///     Side,Panel ID,Night of,Rent cents (EUR),Passers-by,Calls in 7 days\n\
///     north,7,2026-05-04,1250,900,2\nsouth,7,2026-05-04,1250,400,0\n");
/// ingest.read_bytes("panels.csv", b"Panel ID,Panel name,Town\n7,Station,Ulm\n");
/// let out = ingest.finish()?;
/// let north = &out.records[0];
/// assert_eq!((north.spend.to_string(), north.impressions), ("12.5".to_owned(), Some(900)));
/// assert_eq!(north.currency.map(|c| c.code()), Some("EUR"));
/// assert_eq!((north.breakdown.as_deref(), north.ad_name.as_deref()), (Some("side=north"), Some("Station")));
/// assert_eq!(north.attribution_window.as_deref(), Some("7-day"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Adapter: Send + Sync {
    /// The platform: the `source` of the records.
    fn platform(&self) -> &str;

    /// What the table is, if this is a header of the platform.
    fn layout(&self, header: &[HeaderCell]) -> Option<Layout>;

    /// The layout once the first row below the header is known, for tables whose header alone leaves
    /// something open.
    fn refine(&self, layout: Layout, _first: &[Cow<'_, str>]) -> Layout {
        layout
    }
}

/// Whether a header has a column.
pub(crate) fn has(header: &[HeaderCell], name: &str) -> bool {
    header.iter().any(|cell| same(&cell.name, name))
}

/// Whether a header has one of some columns.
pub(crate) fn has_any(header: &[HeaderCell], names: &[&str]) -> bool {
    names.iter().any(|name| has(header, name))
}

/// Whether a header has a column that is written exactly so, in the form of [`HeaderCell::name`].
pub(crate) fn has_exact(header: &[HeaderCell], name: &str) -> bool {
    header.iter().any(|cell| cell.name == name)
}

/// Whether two names are the same but for spaces and punctuation: `campaign id`, `campaign.id` and
/// `CampaignId` are one column of different versions and connectors. A `%` counts, because it makes a
/// share of a number.
pub(crate) fn same(a: &str, b: &str) -> bool {
    let letters = |text: &str| text.chars().any(char::is_alphanumeric);
    a == b || (letters(a) && compact(a).eq(compact(b)))
}

fn compact(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|c| c.is_alphanumeric() || *c == '%')
}

/// The name inside the group that a flattened table puts before it: `metrics.clicks`,
/// `segments_device`, `metadata.adId`.
fn inside(name: &str) -> Option<&str> {
    const GROUPS: [&str; 7] =
        ["metrics", "metric", "segments", "metadata", "granularity", "total", "dimensions"];
    const SPACED: [&str; 2] = ["metrics", "segments"];
    let dotted = name.split_once('.').filter(|(group, _)| GROUPS.contains(group));
    let spaced = || name.split_once(' ').filter(|(group, _)| SPACED.contains(group));
    dotted.or_else(spaced).map(|(_, rest)| rest)
}

/// Gives the columns of a report their roles by a table of header names, in the form of
/// [`HeaderCell::name`].
///
/// Of several columns with one role the one whose name stands first in the table has it; the others
/// are metrics or dimensions that are not kept. A name beside its id is an attribute. Spaces and
/// punctuation do not matter: `campaign id` in the table is also `CampaignId`, `campaign.id` and
/// `campaign_id` in the file. Weeks and months are periods where no column is the day. The level is
/// that of the finest thing the columns name.
#[must_use]
pub fn table(platform: &str, header: &[HeaderCell], names: &[(&str, Role)]) -> Layout {
    let rank = |cell: &HeaderCell| {
        let find = |list: &[(&str, Role)], name: &str| {
            let exact = list.iter().position(|(known, _)| *known == name);
            exact.or_else(|| list.iter().position(|(known, _)| same(known, name)))
        };
        let of = |name: &str| {
            let own = find(names, name).and_then(|rank| Some((rank, names.get(rank)?.1)));
            let common = |r: usize| Some((r + names.len(), COMMON.get(r)?.1));
            own.or_else(|| find(COMMON, name).and_then(common))
        };
        of(&cell.name).or_else(|| of(inside(&cell.name)?))
    };
    let ranked: Vec<Option<(usize, Role)>> = header.iter().map(rank).collect();
    let mut columns = Vec::with_capacity(header.len());
    let mut score = 0;
    for (index, (cell, ranked_as)) in header.iter().zip(&ranked).enumerate() {
        let role = match *ranked_as {
            None if cell.name.is_empty() => Role::Ignored,
            None if looks_like_metric(&cell.name) => Role::Metric,
            None => connector::role(&cell.name).unwrap_or(Role::Unknown),
            Some((rank, role)) => {
                score += 1;
                let beaten = |(other, r): (usize, &Option<(usize, Role)>)| {
                    r.is_some_and(|(r, same)| same == role && (r, other) < (rank, index))
                };
                match role {
                    role if role.repeats() || !ranked.iter().enumerate().any(beaten) => role,
                    role if role.is_metric() => Role::Metric,
                    _ => Role::Attribute,
                }
            }
        };
        columns.push(column(cell, role));
    }
    let mut layout = Layout {
        platform: platform.into(),
        output: Output::Records,
        level: None,
        columns,
        clock: Clock::Account,
        window: None,
        zone: None,
        date_order: None,
        score,
        notes: Vec::new(),
    };
    periods(&mut layout);
    layout.level = Some(finest(&layout));
    layout
}

/// The layout of a table that describes things of a level; `None` for things that are only counted.
pub(crate) fn described(
    platform: &str,
    header: &[HeaderCell],
    level: Option<Level>,
    names: &[(&str, Role)],
) -> Layout {
    let mut layout = table(platform, header, names);
    layout.output = Output::Entities(level);
    layout.level = level;
    layout.score += 10;
    layout
}

/// A week or month beside the day, or a month beside the week, only repeats it.
fn periods(layout: &mut Layout) {
    let dated = [Role::Day, Role::Hour, Role::Start].iter().any(|role| layout.has(*role));
    let weekly = dated || layout.has(Role::Week);
    for column in &mut layout.columns {
        if (column.role == Role::Week && dated) || (column.role == Role::Month && weekly) {
            column.role = Role::Attribute;
        }
    }
}

/// A column with a role; `micro` in its name makes its amounts millionths.
pub(crate) fn column(cell: &HeaderCell, role: Role) -> Column {
    let micros = cell.name.contains("micro")
        && matches!(role, Role::Spend | Role::SpendBeside | Role::Revenue);
    Column {
        header: cell.text.as_str().into(),
        name: cell.name.as_str().into(),
        role,
        unit: if micros { Unit::Micros } else { Unit::Units },
        currency: cell.currency,
    }
}

/// Makes amounts millionths, also where the header does not say so.
pub(crate) fn in_micros(layout: &mut Layout) {
    for column in &mut layout.columns {
        if matches!(column.role, Role::Spend | Role::Revenue) {
            column.unit = Unit::Micros;
        }
    }
}

/// Makes amounts currency units again where the first row has a fraction or a sign of a currency and no
/// header says millionths: the table was divided before.
pub(crate) fn units_if_broken(layout: &mut Layout, first: &[std::borrow::Cow<'_, str>]) {
    let broken = layout.columns.iter().zip(first).any(|(column, cell)| {
        let cell = cell.trim();
        let fraction = cell.split_once('.').is_some_and(|(_, f)| f.bytes().any(|b| b != b'0'));
        column.role == Role::Spend
            && column.unit == Unit::Micros
            && !column.name.contains("micro")
            && (fraction || !cell.is_ascii() || cell.starts_with('$'))
    });
    let columns = layout.columns.iter_mut().filter(|c| broken && !c.name.contains("micro"));
    columns.filter(|c| c.unit == Unit::Micros).for_each(|c| c.unit = Unit::Units);
}

/// Makes metrics of unknown columns that begin like a family of metrics, of which platforms have
/// hundreds.
pub(crate) fn metrics(layout: &mut Layout, families: &[&str]) {
    for column in &mut layout.columns {
        if column.role == Role::Unknown && families.iter().any(|f| column.name.starts_with(f)) {
            column.role = Role::Metric;
        }
    }
}

/// A table of descriptions that are counted and not kept: tags, places.
pub(crate) fn counted_only(platform: &str, header: &[HeaderCell], id: &[(&str, Role)]) -> Layout {
    // Search terms have no descriptions, so that nothing is looked up among these.
    let mut layout = described(platform, header, Some(Level::SearchTerm), id);
    layout.level = None;
    layout
}

/// The finest level that the columns name.
pub(crate) fn finest(layout: &Layout) -> Level {
    let any = |roles: &[Role]| roles.iter().any(|role| layout.has(*role));
    if any(&[Role::Ad, Role::AdName]) {
        Level::Ad
    } else if any(&[Role::SearchTerm]) {
        Level::SearchTerm
    } else if any(&[Role::Keyword]) {
        Level::Keyword
    } else if any(&[Role::AdGroup, Role::AdGroupName]) {
        Level::AdGroup
    } else if any(&[Role::Campaign, Role::CampaignName]) {
        Level::Campaign
    } else {
        Level::Account
    }
}

/// The words of derived metrics, which are never dimensions.
fn looks_like_metric(name: &str) -> bool {
    const WORDS: [&str; 34] = [
        "cost",
        "rate",
        "cpc",
        "cpm",
        "cpa",
        "ctr",
        "roas",
        "avg.",
        "average",
        "conversions",
        "conv.",
        "views",
        "clicks",
        "impressions",
        "impr.",
        "reach",
        "frequency",
        "purchases",
        "value",
        "results",
        "spend",
        "spent",
        "revenue",
        "leads",
        "installs",
        "plays",
        "likes",
        "shares",
        "comments",
        "follows",
        "saves",
        "engagements",
        "coste",
        "kosten",
    ];
    // The names of tables that are made by programs have no spaces.
    let run = |word: &str| {
        ["metrics.", "costper", "average", "avg"].iter().any(|start| word.starts_with(start))
            || ["rate", "percent", "perconversion", "perclick", "conversions"]
                .iter()
                .any(|end| word.ends_with(end) && word.len() > 10)
    };
    name.contains('%')
        || name.split([' ', '(', ')', ',', '/']).any(|word| WORDS.contains(&word))
        || (!name.contains(' ') && run(name))
}

/// Columns that mean the same on every platform.
const COMMON: &[(&str, Role)] = &[
    ("datum", Role::Day),
    ("fecha", Role::Day),
    ("exported at", Role::KnownAt),
    ("known at", Role::KnownAt),
    ("currency", Role::Currency),
    ("currency code", Role::Currency),
    ("account currency", Role::Currency),
    ("ad account currency", Role::Currency),
    ("advertiser currency", Role::Currency),
    ("order currency", Role::Currency),
    ("conversion currency code", Role::Currency),
    ("wahrung", Role::Currency),
    ("divisa", Role::Currency),
    ("moneda", Role::Currency),
    ("devise", Role::Currency),
    ("valuta", Role::Currency),
    ("moeda", Role::Currency),
    ("通貨", Role::Currency),
    ("time zone", Role::Zone),
    ("timezone", Role::Zone),
    ("account timezone", Role::Zone),
    ("country", Role::Country),
    ("country code", Role::Country),
    ("age", Role::Audience),
    ("gender", Role::Audience),
    ("audience", Role::Audience),
    ("device", Role::Breakdown),
    ("placement", Role::Breakdown),
    ("network", Role::Breakdown),
    ("region", Role::Breakdown),
    ("language", Role::Breakdown),
    ("headline", Role::CreativeTitle),
    ("title", Role::CreativeTitle),
    ("body", Role::CreativeBody),
    ("primary text", Role::CreativeBody),
    ("ad text", Role::CreativeBody),
    ("image hash", Role::CreativeMedia),
    ("creative hash", Role::CreativeMedia),
    ("video id", Role::CreativeMedia),
    ("image name", Role::CreativeMedia),
    ("video name", Role::CreativeMedia),
    ("call to action", Role::CreativeAction),
    ("final url", Role::CreativeLink),
    ("landing page", Role::CreativeLink),
    ("creative id", Role::Creative),
    ("creative", Role::Creative),
];
