//! Which table a text is: delimiter, header, preamble.

use std::collections::BTreeSet;

use campaign_core::Currency;
use jiff::civil::Date;

use super::adapter::Adapter;
use super::date::{DateOrder, parse_date, parse_period, parse_stamp, period};
use super::header::{HeaderCell, normal};
use super::layout::{Layout, Output, Role};
use super::mapping::Mapping;
use super::number::Unit;
use super::reshape::{Member, Reshape};
use super::row::level_of;
use super::table::{DELIMITERS, Rows};
use super::totals::IDENTITY;

/// How many rows may stand before the header: analytics put a table of every day of a year before the
/// one that was asked for.
const LONGEST_PREAMBLE: usize = 400;

/// The longest line that may be a header, in bytes.
pub(crate) const LONGEST_HEADER: usize = 1 << 16;

/// The most cells that a header may have.
const MOST_COLUMNS: usize = 2000;

/// What stands before the first day of a report.
pub(crate) const STARTS: [&str; 9] = [
    "start date",
    "report start",
    "startdatum",
    "fecha de inicio",
    "date de debut",
    "開始日",
    "data di inizio",
    "data de inicio",
    "begindatum",
];

/// A recognised table in a text.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) layout: Layout,
    pub(crate) delimiter: u8,
    /// The line of the header.
    pub(crate) line: u64,
    /// Rows up to and including the header.
    pub(crate) rows_above: u64,
    pub(crate) preamble: Preamble,
    /// The mapping it was recognised by.
    pub(crate) mapping: Option<usize>,
    /// How its rows become those of the layout's columns.
    pub(crate) reshape: Option<Reshape>,
}

/// What the lines above the header say.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Preamble {
    pub(crate) period: Option<(Date, Date)>,
    pub(crate) zone: Option<String>,
    /// The currency of amounts that name none.
    pub(crate) currency: Option<Currency>,
    /// What a row's date begins, where that is not a day.
    pub(crate) grain: Option<Role>,
    /// Whether amounts are millionths: reports of AdWords' API say so by their title alone.
    pub(crate) micros: bool,
}

/// Finds the header by content: the first row, under any delimiter, that a mapping or an adapter
/// knows; among delimiters the one that gives the surest layout.
///
/// `partial` says that the text goes on: a row that may not be whole is no header. `members` are those of
/// objects in cells that a first reading found.
pub(crate) fn detect(
    text: &str,
    partial: bool,
    adapters: &[Box<dyn Adapter>],
    mappings: &[Mapping],
    members: &BTreeSet<Member>,
) -> Option<Found> {
    let known = |row: &[HeaderCell]| known(row, adapters, mappings);
    let candidates = DELIMITERS.iter().filter_map(|d| header(text, partial, *d, &known, members));
    // The first of equals stays.
    let mut found = candidates
        .reduce(|best, next| if next.layout.score > best.layout.score { next } else { best })?;
    found.preamble = preamble(text, found.line);
    if found.layout.output == Output::Records {
        found.preamble.tell(&mut found.layout);
    }
    Some(found)
}

impl Preamble {
    /// Puts what is said of all rows where the columns leave it open.
    fn tell(&self, layout: &mut Layout) {
        let names_currency = layout.has(Role::Currency);
        for column in &mut layout.columns {
            if matches!(column.role, Role::Spend | Role::Revenue) && !names_currency {
                column.currency = column.currency.or(self.currency);
            }
            if self.micros && column.role == Role::Spend {
                column.unit = Unit::Micros;
            }
            if let (Role::Day | Role::Hour, Some(grain)) = (column.role, self.grain) {
                column.role = grain;
            }
        }
        if layout.zone.is_none() && !layout.has(Role::Zone) {
            let named = |zone: &&String| campaign_core::time::zone(zone).is_ok();
            layout.zone = self.zone.as_ref().filter(named).map(|zone| zone.as_str().into());
        }
    }
}

/// Whether rows could be about something: a summary of files or of everything has the platform's words
/// in its header as well, and is no report.
fn is_about(layout: &Layout) -> bool {
    const PERIODS: [Role; 4] = [Role::Start, Role::End, Role::Week, Role::Month];
    layout.output != Output::Records
        || IDENTITY.iter().chain(&PERIODS).any(|role| layout.has(*role))
}

/// What a header is, by which mapping or adapter.
type Known<'a> = (Layout, Option<usize>, Option<&'a dyn Adapter>);

/// The surest of all that know a header; the first of equals.
fn known<'a>(
    row: &[HeaderCell],
    adapters: &'a [Box<dyn Adapter>],
    mappings: &[Mapping],
) -> Option<Known<'a>> {
    let mapped = mappings.iter().enumerate();
    let mapped = mapped.filter_map(|(i, m)| Some((m.layout(row)?, Some(i), None)));
    let adapted = adapters.iter().map(|adapter| &**adapter);
    let adapted = adapted.filter_map(|a| Some((a.layout(row).filter(is_about)?, None, Some(a))));
    mapped.chain(adapted).reduce(|best, next| if next.0.score > best.0.score { next } else { best })
}

/// Whether rows of facts say when they were.
fn is_dated(layout: &Layout) -> bool {
    let dates = [Role::Day, Role::Hour, Role::Start, Role::Week, Role::Month, Role::At];
    matches!(layout.output, Output::Entities(_)) || dates.iter().any(|role| layout.has(*role))
}

fn header<'a>(
    text: &str,
    partial: bool,
    delimiter: u8,
    known: &dyn Fn(&[HeaderCell]) -> Option<Known<'a>>,
    members: &BTreeSet<Member>,
) -> Option<Found> {
    let mut rows = Rows::new(text, delimiter).with_limit(MOST_COLUMNS + 1).block(1, partial);
    let mut cells = Vec::new();
    let nested = text.contains('{');
    for above in 0..LONGEST_PREAMBLE {
        let line = rows.read(&mut cells)?;
        if !(2..=MOST_COLUMNS).contains(&cells.len()) || rows.row_bytes() > LONGEST_HEADER {
            continue;
        }
        let row: Vec<HeaderCell> = cells.iter().map(|c| HeaderCell::new(c)).collect();
        let mut best = known(&row).map(|known| (known, None));
        // Where the columns leave open what or when rows are about, their cells may hold more.
        let open = nested && best.as_ref().is_none_or(|((layout, ..), _)| !is_dated(layout));
        if let Some(reshape) = Reshape::new(&cells, rows.clone(), open, members) {
            let row: Vec<HeaderCell> = reshape.header.iter().map(|c| HeaderCell::new(c)).collect();
            let reshaped = known(&row).filter(|(layout, ..)| best.is_none() || is_dated(layout));
            best = reshaped.map(|known| (known, Some(reshape))).or(best);
        }
        if let Some(((mut layout, mapping, adapter), mut reshape)) = best {
            if let Some(adapter) = adapter
                && rows.read(&mut cells).is_some()
                && reshape.as_mut().is_none_or(|reshape| reshape.apply(&mut cells).is_ok())
            {
                layout = adapter.refine(layout, &cells);
                let own = layout.position(Role::RowLevel).and_then(|index| cells.get(index));
                layout.level = layout.level.max(own.and_then(|cell| level_of(cell)));
            }
            let rows_above = above as u64 + 1;
            let preamble = Preamble::default();
            return Some(Found { layout, delimiter, line, rows_above, preamble, mapping, reshape });
        }
    }
    None
}

fn preamble(text: &str, header_line: u64) -> Preamble {
    let mut out = Preamble::default();
    let (mut start, mut end) = (None, None);
    let lines = usize::try_from(header_line.saturating_sub(1)).unwrap_or(0);
    for line in text.lines().take(lines.min(4 * LONGEST_PREAMBLE)) {
        let line = line.trim().trim_start_matches('#').trim().trim_end_matches([',', ';']);
        if let Some((_, zone)) = line.split_once("TimeZone=") {
            out.zone = Some(zone.trim_matches([' ', '"', ',', ';']).to_owned());
            continue;
        }
        let (key, value) = line.split_once([':', ',']).unwrap_or(("", line));
        let value = value.trim().trim_matches('"');
        let day = || {
            let written = parse_date(value).or_else(|_| parse_stamp(value).map(|stamp| stamp.date));
            written.ok()?.resolve(Some(DateOrder::MonthFirst)).ok()
        };
        match normal(key.trim_matches('"')).as_str() {
            key if STARTS.contains(&key) => start = day(),
            "end date"
            | "enddatum"
            | "fecha de finalizacion"
            | "fecha de fin"
            | "date de fin"
            | "data di fine"
            | "data de termino"
            | "einddatum"
            | "終了日"
            | "report end" => end = day(),
            "time zone" | "timezone" | "report time zone" => {
                let known = super::microsoft::described_zone(value);
                out.zone = Some(known.unwrap_or(value).to_owned());
            }
            "currency" | "currency code" | "account currency" | "report currency" => {
                out.currency = value.parse().ok();
            }
            "report time" => out.period = period(value, Some(DateOrder::MonthFirst)).or(out.period),
            "report aggregation" => {
                out.grain = match normal(value).as_str() {
                    "weekly" => Some(Role::Week),
                    "monthly" => Some(Role::Month),
                    _ => None,
                }
            }
            _ => {
                let title = titled(line);
                out.micros |= title.is_some();
                out.period = out.period.or_else(|| parse_period(title.unwrap_or(line)));
            }
        }
    }
    if let (Some(start), Some(end)) = (start, end)
        && start <= end
    {
        out.period = Some((start, end));
    }
    out.zone = out.zone.filter(|zone| super::date::parse_zone(zone).is_ok());
    out
}

/// What stands in brackets behind the type of a report of AdWords' API:
/// `CAMPAIGN_PERFORMANCE_REPORT (Jul 1, 2019-Jul 31, 2019)`.
fn titled(line: &str) -> Option<&str> {
    let (name, period) = line.trim_matches('"').strip_suffix(')')?.split_once(" (")?;
    let is_type = name.ends_with("_REPORT")
        && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    is_type.then_some(period)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn preambles() {
        let september = Some((date(2026, 9, 1), date(2026, 9, 30)));
        let google = "Campaign report\n\"September 1, 2026 - September 30, 2026\"\nDay,Cost\n";
        assert_eq!(preamble(google, 3).period, september);
        let ga4 = "# ----\n# Start date: 20260901\n# End date: 20260930\n\nA,B\n";
        assert_eq!(preamble(ga4, 5).period, september);
        let crm = "Parameters:TimeZone=America/Sao_Paulo,,,\nGoogle Click ID,Conversion Time\n";
        assert_eq!(preamble(crm, 2).zone.as_deref(), Some("America/Sao_Paulo"));
        assert_eq!(preamble("Parameters:TimeZone=Nowhere\nA,B\n", 2).zone, None);
        let microsoft = "\"Time Zone: (GMT-08:00) Pacific Time (US & Canada); Tijuana\"\n\
            \"Report Aggregation: Monthly\"\nA,B\n";
        let preamble_of = preamble(microsoft, 3);
        assert_eq!(preamble_of.zone.as_deref(), Some("America/Los_Angeles"));
        assert_eq!(preamble_of.grain, Some(Role::Month));
        let adwords = "\"CAMPAIGN_PERFORMANCE_REPORT (Sep 1, 2026-Sep 30, 2026)\"\nDay,Cost\n";
        let of_adwords = preamble(adwords, 2);
        assert_eq!((of_adwords.period, of_adwords.micros), (september, true));
        assert!(!preamble(google, 3).micros);
        let apple = "Currency,USD\nTime Zone,Europe/Berlin\nA,B\n";
        assert_eq!(preamble(apple, 3).currency, "USD".parse().ok());
    }
}
