//! What the report of a file says beside its counts.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::super::detect::Found;
use super::super::layout::{Layout, Output, Role};
use super::super::number::DecimalMark;
use super::super::report::SourceReport;
use super::super::row::{Seen, Style};

pub(super) fn notes(report: &mut SourceReport, seen: &Seen, style: &Style, layout: &Layout) {
    let censored: u64 = seen.censored.values().map(|c| c.below + c.above).sum();
    for (index, counts) in &seen.censored {
        if let Some(column) = layout.columns.get(*index) {
            report.censored.insert(column.header.to_string(), *counts);
        }
    }
    let mut note = |text: String| report.notes.push(text);
    layout.notes.iter().for_each(|text| note(text.clone()));
    if style.mark == DecimalMark::Comma {
        note("numbers are written with a decimal comma".to_owned());
    }
    if seen.rounded > 0 {
        let n = seen.rounded;
        note(format!("{n} amounts with more than six decimals were rounded to the micro"));
    }
    if censored > 0 {
        note(format!("{censored} censored values (< or >) are not known numbers"));
    }
    if seen.bad_currencies > 0 {
        let n = seen.bad_currencies;
        note(format!("{n} currencies are no ISO 4217 codes and count as unknown"));
    }
    if seen.bad_zones > 0 {
        note(format!("{} time zones are no IANA names and count as unknown", seen.bad_zones));
    }
    for (said, count) in &seen.said {
        note(format!("{count} {said}"));
    }
    if seen.periods > 0 {
        note(format!("{} rows cover more than one day", seen.periods));
    }
}

pub(super) fn unknown(layout: &Layout) -> Vec<String> {
    let unknown = layout.columns.iter().filter(|c| c.role == Role::Unknown);
    let names: BTreeSet<String> = unknown.map(|c| c.header.to_string()).collect();
    names.into_iter().collect()
}

/// What reports of ads normally state and this one does not.
pub(super) fn missing(layout: &Layout, found: &Found, period: Option<(Date, Date)>) -> Vec<String> {
    if layout.output != Output::Records {
        return Vec::new();
    }
    const DAYS: [Role; 5] = [Role::Day, Role::Hour, Role::Start, Role::Week, Role::Month];
    let dated = DAYS.iter().any(|role| layout.has(*role))
        || period.is_some()
        || found.preamble.period.is_some();
    let spend = layout.position(Role::Spend).and_then(|index| layout.columns.get(index));
    let currency = layout.has(Role::Currency) || spend.is_some_and(|c| c.currency.is_some());
    [
        ("day", dated),
        ("spend", spend.is_some()),
        ("impressions", layout.has(Role::Impressions)),
        ("clicks", layout.has(Role::Clicks)),
        ("currency", currency),
    ]
    .iter()
    .filter(|(_, present)| !present)
    .map(|(name, _)| (*name).to_owned())
    .collect()
}
