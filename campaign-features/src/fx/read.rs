//! Tables of rates as files have them.

use std::sync::Arc;

use campaign_core::Currency;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{FxError, FxTable, Quote};
use crate::lines::line_of;

/// What a cell of the wide table holds where there is no rate.
const NO_RATE: [&str; 5] = ["", "N/A", "n/a", "-", "NA"];

/// Every currency of a wide table is quoted against this one.
const WIDE_BASE: &str = "EUR";

/// What the rates of a wide table are said to come from.
const WIDE_SOURCE: &str = "ECB";

struct Lines<'t> {
    text: &'t str,
    reader: csv::Reader<&'t [u8]>,
    header: csv::StringRecord,
}

pub(super) fn from_csv(text: &str) -> Result<FxTable, FxError> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let lines = Lines { text, reader, header };
    let has = |name: &str| lines.header.iter().any(|h| h.eq_ignore_ascii_case(name));
    if has("date") && !has("base") && !has("quote") && !has("rate") && has("USD") {
        wide(lines)
    } else {
        long(lines)
    }
}

fn day(text: &str) -> Option<Date> {
    // The table of a single day spells its date out: `23 November 2026`.
    text.parse().ok().or_else(|| Date::strptime("%d %B %Y", text).ok())
}

fn positive(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text).ok().filter(|value| *value > Decimal::ZERO)
}

/// `date,base,quote,rate` and, if there is one, `source`.
fn long(mut lines: Lines<'_>) -> Result<FxTable, FxError> {
    let column = |name: &'static str| {
        let found = lines.header.iter().position(|h| h.eq_ignore_ascii_case(name));
        found.ok_or(FxError::Column(name))
    };
    let (date, base, quote, rate) =
        (column("date")?, column("base")?, column("quote")?, column("rate")?);
    let source = column("source").ok();
    let mut table = FxTable::new();
    let mut sources: Vec<Arc<str>> = Vec::new();
    for row in lines.reader.records() {
        let row = row.unwrap_or_default();
        let line = line_of(lines.text, &row);
        let cell = |index: usize| row.get(index).unwrap_or_default();
        let bad = |column: &str, index: usize, expected| FxError::Cell {
            line,
            column: column.to_owned(),
            value: cell(index).to_owned(),
            expected,
        };
        let on = day(cell(date)).ok_or_else(|| bad("date", date, "a date such as 2026-05-04"))?;
        let code = |name, index: usize| {
            cell(index).parse::<Currency>().map_err(|_| bad(name, index, "an ISO 4217 code"))
        };
        let (base, quote) = (code("base", base)?, code("quote", quote)?);
        let value =
            positive(cell(rate)).ok_or_else(|| bad("rate", rate, "a positive decimal number"))?;
        let named = source.map(cell).filter(|name| !name.is_empty());
        let source = named.map(|name| intern(&mut sources, name));
        table.add(line, on, (base, quote), Quote { rate: value, source })?;
    }
    Ok(table)
}

/// `Date,USD,JPY,...`: units of each currency per euro.
fn wide(mut lines: Lines<'_>) -> Result<FxTable, FxError> {
    let base: Currency = WIDE_BASE.parse().map_err(|_| FxError::Column("date"))?;
    let mut table = FxTable::new();
    let mut date = 0;
    let mut columns: Vec<(usize, Currency)> = Vec::new();
    for (index, name) in lines.header.iter().enumerate() {
        if name.eq_ignore_ascii_case("date") {
            date = index;
        } else if let Ok(code) = name.parse::<Currency>() {
            if code == base {
                return Err(FxError::Base(code));
            }
            columns.push((index, code));
        } else if !name.is_empty() {
            // Currencies that are no more, such as the Cypriot pound.
            table.unknown.push(name.to_owned());
        }
    }
    let source: Arc<str> = WIDE_SOURCE.into();
    for row in lines.reader.records() {
        let row = row.unwrap_or_default();
        if row.iter().all(str::is_empty) {
            continue;
        }
        let line = line_of(lines.text, &row);
        let bad = |column: &str, value: &str, expected| FxError::Cell {
            line,
            column: column.to_owned(),
            value: value.to_owned(),
            expected,
        };
        let text = row.get(date).unwrap_or_default();
        let on = day(text).ok_or_else(|| bad("date", text, "a date such as 2026-05-04"))?;
        for &(index, code) in &columns {
            let text = row.get(index).unwrap_or_default();
            if NO_RATE.contains(&text) {
                continue;
            }
            let rate = positive(text)
                .ok_or_else(|| bad(code.code(), text, "a positive decimal number or N/A"))?;
            let source = Some(Arc::clone(&source));
            table.add(line, on, (base, code), Quote { rate, source })?;
        }
    }
    Ok(table)
}

fn intern(sources: &mut Vec<Arc<str>>, name: &str) -> Arc<str> {
    if let Some(known) = sources.iter().find(|source| &***source == name) {
        return Arc::clone(known);
    }
    let new: Arc<str> = name.into();
    sources.push(Arc::clone(&new));
    new
}
