//! Rows that are no data: totals, footers, blanks.

use std::borrow::Cow;

use super::header::normal;
use super::layout::{Layout, Output, Role};
use super::number::is_null;

/// Columns that say what or when a row is about.
pub(crate) const IDENTITY: [Role; 22] = [
    Role::Day,
    Role::Hour,
    Role::Account,
    Role::AccountName,
    Role::Campaign,
    Role::CampaignName,
    Role::AdGroup,
    Role::AdGroupName,
    Role::Ad,
    Role::AdName,
    Role::Keyword,
    Role::SearchTerm,
    Role::Order,
    Role::Click,
    Role::At,
    Role::ChannelGroup,
    Role::SourceMedium,
    Role::UtmSource,
    Role::UtmMedium,
    Role::ActionType,
    Role::Id,
    Role::Name,
];

/// Only empty cells.
pub(crate) fn is_blank(cells: &[Cow<'_, str>]) -> bool {
    cells.iter().all(|cell| cell.trim().is_empty())
}

/// A line of text behind the table: `@Rows: 2`, `©2026 ...`, `# ...`.
pub(crate) fn is_footer(cells: &[Cow<'_, str>]) -> bool {
    let mut filled = cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
    match (filled.next(), filled.next()) {
        // `#ERROR!` at the beginning of a data row is a damaged cell, not a comment.
        (Some(first), Some(_)) => first.starts_with("# "),
        (Some(first), None) => first.starts_with(['#', '@', '\u{a9}']),
        _ => false,
    }
}

/// A row of totals.
///
/// It is one if a cell says so and every column that says what the row is about is empty apart from
/// that cell: a campaign called "Total Care" has its day and its other names. Where no cell says so,
/// as in Meta's exports, it is a row whose names, ids and day are all empty.
pub(crate) fn is_totals(cells: &[Cow<'_, str>], layout: &Layout, identity: &[usize]) -> bool {
    // Most rows say in their first such column that they are data.
    let of_data = |cell: &Cow<'_, str>| !is_null(cell) && !is_mark(cell);
    if identity.iter().filter_map(|index| cells.get(*index)).any(of_data) {
        return false;
    }
    if cells.iter().any(|cell| is_mark(cell)) {
        return true;
    }
    let roles = || {
        let known = identity.iter().filter(|index| **index < cells.len());
        known.filter_map(|index| layout.columns.get(*index)).map(|column| column.role)
    };
    // Sessions without a source are `(not set)`, never empty.
    if layout.output == Output::Web {
        return has_metric(cells, layout);
    }
    let dated = roles().any(|role| role == Role::Day) || layout.has(Role::Start);
    layout.output == Output::Records
        && dated
        && roles().any(|role| !matches!(role, Role::Day | Role::Hour))
        && has_metric(cells, layout)
}

fn has_metric(cells: &[Cow<'_, str>], layout: &Layout) -> bool {
    layout.columns.iter().zip(cells).any(|(c, cell)| c.role.is_metric() && !is_null(cell))
}

fn is_mark(cell: &str) -> bool {
    let cell = cell.trim();
    // Most cells are numbers; only a few letters can begin a mark.
    if !cell.starts_with(['T', 't', 'G', 'g', 'S', 's', 'R', 'I', 'Ł', '合']) || cell.len() > 80 {
        return false;
    }
    let text = normal(cell);
    let exact = [
        "total",
        "totals",
        "grand total",
        "totale",
        "totaal",
        "totalt",
        "lacznie",
        "合計",
        "total general",
        "total generale",
        "gesamt",
        "gesamtsumme",
        "gesamtergebnis",
        "summe",
        "resultados totales",
        "resultats totaux",
    ];
    exact.contains(&text.as_str())
        || [
            "total: ",
            "total : ",
            "gesamt: ",
            "totale: ",
            "totaal: ",
            "totalt: ",
            "lacznie: ",
            "合計: ",
        ]
        .iter()
        .any(|mark| text.starts_with(mark))
        || (text.starts_with("total of ") && text.ends_with(" results"))
        || (text.starts_with("total of ") && text.ends_with(" result"))
        || (text.starts_with("total de ") && text.contains("result"))
}
