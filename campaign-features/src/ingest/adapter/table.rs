//! Roles of columns by their names.

use super::same;
use crate::ingest::connector;
use crate::ingest::header::HeaderCell;
use crate::ingest::layout::{Clock, Column, Layout, Level, Output, Role};
use crate::ingest::number::Unit;

/// Whether columns are grouped under a name that says nothing of what they are.
pub(crate) fn is_group(name: &str) -> bool {
    const GROUPS: [&str; 8] = [
        "metrics",
        "metric",
        "segments",
        "metadata",
        "granularity",
        "total",
        "dimensions",
        "properties",
    ];
    GROUPS.contains(&name)
}

/// The name inside the group that a flattened table puts before it: `metrics.clicks`,
/// `segments_device`, `metadata.adId`.
fn inside(name: &str) -> Option<&str> {
    const SPACED: [&str; 2] = ["metrics", "segments"];
    let dotted = name.split_once('.').filter(|(group, _)| is_group(group));
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
