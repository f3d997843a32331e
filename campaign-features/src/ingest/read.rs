//! One file: from its text to accepted and rejected rows.

use std::borrow::Cow;
use std::collections::BTreeSet;

use campaign_core::Micros;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::config::Defaults;
use super::date::{DateOrder, parse_date, parse_stamp, parse_zone};
use super::dedup::{Fingerprint, Slot};
use super::detect::Found;
use super::layout::{Layout, Level, Output, Role};
use super::mapping::Mapping;
use super::number::{DecimalMark, evidence, is_null, parse};
use super::open::{self, Open, is_open};
use super::report::{Reject, SourceReport};
use super::row::{Fault, Positions, RowReader, Seen, Style, broken_by, shorten};
use super::store::Store;
use super::table::Rows;
use super::{actions, crm, ga4, totals};

/// Roles whose cells are read as numbers.
const NUMBERS: [Role; 9] = [
    Role::Spend,
    Role::Revenue,
    Role::Impressions,
    Role::Clicks,
    Role::Conversions,
    Role::VideoViews,
    Role::ActionValue,
    Role::Sessions,
    Role::Metric,
];

/// Roles whose cells are read as dates.
const DATES: [Role; 7] =
    [Role::Day, Role::Start, Role::End, Role::Until, Role::Hour, Role::At, Role::KnownAt];

/// How many cells of a row are read; headers have far fewer.
const MOST_CELLS: usize = 1 << 16;

/// What the file's cells prove about its numbers and dates.
fn survey(text: &str, found: &Found, defaults: &Defaults) -> Style {
    let columns = |roles: &[Role]| -> Vec<usize> {
        let all = found.layout.columns.iter().enumerate();
        all.filter(|(_, c)| roles.contains(&c.role)).map(|(index, _)| index).collect()
    };
    let (numbers, dates) = (columns(&NUMBERS), columns(&DATES));
    let (mut dots, mut commas) = (0_u64, 0_u64);
    let (mut day_first, mut month_first) = (false, false);
    let (mut rows, mut cells) =
        (Rows::new(text, found.delimiter).with_limit(MOST_CELLS), Vec::new());
    let mut above = 0;
    while rows.read(&mut cells).is_some() {
        above += 1;
        if above <= found.rows_above {
            continue;
        }
        for cell in numbers.iter().filter_map(|index| cells.get(*index)) {
            // Text in a number's column proves nothing about numbers.
            match evidence(cell).filter(|mark| parse(cell, *mark).is_ok()) {
                Some(DecimalMark::Dot) => dots += 1,
                Some(DecimalMark::Comma) => commas += 1,
                None => {}
            }
        }
        for cell in dates.iter().filter_map(|index| cells.get(*index)) {
            if !cell.contains(['/', '-']) {
                continue;
            }
            let written = parse_date(cell).or_else(|_| parse_stamp(cell).map(|stamp| stamp.date));
            match written.ok().and_then(|written| written.evidence()) {
                Some(DateOrder::DayFirst) => day_first = true,
                Some(DateOrder::MonthFirst) => month_first = true,
                None => {}
            }
        }
    }
    let mark = match (dots, commas) {
        (0, 0) => defaults.decimal_mark.unwrap_or(match found.delimiter {
            // Semicolons are used where the comma is taken.
            b';' => DecimalMark::Comma,
            _ => DecimalMark::Dot,
        }),
        (dots, commas) if commas > dots => DecimalMark::Comma,
        _ => DecimalMark::Dot,
    };
    let order = match (day_first, month_first) {
        (true, false) => Some(DateOrder::DayFirst),
        (false, true) => Some(DateOrder::MonthFirst),
        // Nothing or a contradiction: what is stated, else each date for itself.
        (false, false) => defaults.date_order.or(found.layout.date_order),
        (true, true) => None,
    };
    let zone = found.preamble.zone.as_deref().and_then(|zone| parse_zone(zone).ok());
    let stated = || defaults.zone.as_deref().and_then(|name| campaign_core::time::zone(name).ok());
    Style {
        mark,
        order,
        zone: zone.or_else(stated).unwrap_or(TimeZone::UTC),
        period: found.preamble.period,
    }
}

/// Reads the rows of a recognised table into `state`.
pub(crate) fn read(
    state: &mut Store,
    text: &str,
    found: &Found,
    defaults: &Defaults,
    report: &mut SourceReport,
) {
    let layout = &found.layout;
    let mut style = survey(text, found, defaults);
    let mapping = found.mapping.and_then(|index| state.config.mappings.get(index));
    style.period = style.period.or_else(|| mapping.and_then(|m| m.days()));
    let positions = Positions::new(layout);
    let composed = mapping.map(Mapping::composing).unwrap_or_default();
    let keys = Keys::new(layout, &composed);
    let names = keys.open.iter().filter_map(|index| layout.columns.get(*index));
    let names = names.map(|column| column.name.clone()).collect();
    let open = Open { platform: layout.platform.clone(), level: layout.level, names };
    state.open.insert(state.file(), open);
    let broken_by: std::sync::Arc<str> = broken_by(layout).into();
    let header: Vec<&str> = layout.columns.iter().map(|c| &*c.header).collect();
    report.unknown_columns = unknown(layout);
    report.skipped += found.rows_above;
    let mut seen = Seen::default();
    let mut stated_totals: Vec<(u64, Micros)> = Vec::new();
    let (mut rows, mut cells) =
        (Rows::new(text, found.delimiter).with_limit(MOST_CELLS), Vec::new());
    let mut above = 0;
    while let Some(line) = rows.read(&mut cells) {
        above += 1;
        if above <= found.rows_above {
            continue;
        }
        let again = cells.len() == header.len()
            && cells.iter().zip(&header).all(|(cell, header)| cell.trim() == *header);
        if again || totals::is_blank(&cells) || totals::is_footer(&cells) {
            report.skipped += 1;
            continue;
        }
        if totals::is_totals(&cells, layout) {
            report.skipped += 1;
            let spend = positions.of(Role::Spend).and_then(|index| cells.get(index));
            let amount = spend.and_then(|cell| parse(cell, style.mark).ok().flatten());
            let unit = positions.of(Role::Spend).and_then(|index| layout.columns.get(index));
            if let (Some(amount), Some(column)) = (amount, unit)
                && let Ok((micros, _)) = amount.to_micros(column.unit)
            {
                stated_totals.push((line, micros));
            }
            continue;
        }
        report.rows_in += 1;
        let outcome = width(&cells, layout).and_then(|()| {
            let mut reader = RowReader {
                layout,
                positions: &positions,
                cells: &cells,
                style: &style,
                defaults,
                broken_by: &broken_by,
                seen: &mut seen,
            };
            state.accept(&mut reader, found, &keys)
        });
        if let Err(fault) = outcome {
            report.rejected += 1;
            let column = fault.column.and_then(|index| header.get(index)).map_or("", |h| h);
            state.rejects.push(Reject {
                file: report.file.clone(),
                row: line,
                column: column.to_owned(),
                value: fault.value,
                expected: fault.expected.to_owned(),
                reason: fault.reason,
            });
        }
    }
    state.stated_totals.insert(state.file(), stated_totals);
    if layout.output == Output::Actions && actions::are_amounts(state, &report.file) {
        state.amount_files.push(state.file());
    }
    notes(report, &seen, &style, layout);
}

fn notes(report: &mut SourceReport, seen: &Seen, style: &Style, layout: &Layout) {
    let mut note = |text: String| report.notes.push(text);
    layout.notes.iter().for_each(|text| note(text.clone()));
    if style.mark == DecimalMark::Comma {
        note("numbers are written with a decimal comma".to_owned());
    }
    if seen.rounded > 0 {
        let n = seen.rounded;
        note(format!("{n} amounts with more than six decimals were rounded to the micro"));
    }
    if seen.censored > 0 {
        note(format!("{} censored values (< or >) are not known numbers", seen.censored));
    }
    if seen.bad_currencies > 0 {
        let n = seen.bad_currencies;
        note(format!("{n} currencies are no ISO 4217 codes and count as unknown"));
    }
    if seen.bad_zones > 0 {
        note(format!("{} time zones are no IANA names and count as unknown", seen.bad_zones));
    }
    if seen.periods > 0 {
        note(format!("{} rows cover more than one day", seen.periods));
    }
}

fn unknown(layout: &Layout) -> Vec<String> {
    let unknown = layout.columns.iter().filter(|c| c.role == Role::Unknown);
    let names: BTreeSet<String> = unknown.map(|c| c.header.to_string()).collect();
    names.into_iter().collect()
}

/// Rows have the width of the header; empty cells may follow.
fn width(cells: &[Cow<'_, str>], layout: &Layout) -> Result<(), Fault> {
    let (got, want) = (cells.len(), layout.columns.len());
    let extra = cells.iter().skip(want).find(|cell| !cell.trim().is_empty());
    if got >= want && got < MOST_CELLS && extra.is_none() {
        return Ok(());
    }
    Err(Fault {
        column: (got < want).then_some(got),
        value: extra.map(|cell| shorten(cell)).unwrap_or_default(),
        expected: "as many cells as the header has",
        reason: format!("{got} cells, the header has {want}"),
    })
}

/// The columns that make the key and the measure of a row, worked out once per file.
pub(crate) struct Keys {
    dimensions: Vec<usize>,
    measures: Vec<usize>,
    /// Those that are one or the other.
    open: Vec<usize>,
}

impl Keys {
    /// Dimensions stand in the order of their names, so that the order of columns in a file does not
    /// matter.
    fn new(layout: &Layout, composed: &[String]) -> Self {
        // Every cell of a description is part of it, the time of the version included.
        let all = matches!(layout.output, Output::Entities(_));
        let is_date = |role| matches!(role, Role::Day | Role::Start | Role::End);
        // Days are part of the key as dates, however they were written.
        let as_date = !matches!(layout.output, Output::Conversions | Output::Entities(_));
        let (mut dimensions, mut measures, mut open) = (Vec::new(), Vec::new(), Vec::new());
        for (index, column) in layout.columns.iter().enumerate() {
            // A column that an id is composed of is known.
            if is_open(layout, column) && !composed.iter().any(|name| **name == *column.name) {
                open.push(index);
                continue;
            }
            let tells = layout.is_dimension(column);
            if (all || tells) && !(as_date && is_date(column.role)) {
                dimensions.push(index);
            }
            if !tells && !column.role.is_aside() {
                measures.push(index);
            }
        }
        let name = |index: &usize| layout.columns.get(*index).map(|c| (c.name.clone(), *index));
        dimensions.sort_by_key(name);
        measures.sort_by_key(name);
        open.sort_by_key(name);
        Self { dimensions, measures, open }
    }
}

/// Key and measure of a row: see `dedup`.
pub(crate) fn fingerprints(
    reader: &RowReader<'_, '_>,
    keys: &Keys,
    level: Option<Level>,
    days: (Date, Date, Option<jiff::Timestamp>),
) -> (u128, u128) {
    let layout = reader.layout;
    let (mut key, mut measure) = (Fingerprint::new(), Fingerprint::new());
    key.add(&*layout.platform);
    key.add(level);
    key.add(days);
    let cells = |indices: &[usize], print: &mut Fingerprint, nulls: bool| {
        for index in indices {
            if let (Some(column), Some(cell)) =
                (layout.columns.get(*index), reader.cells.get(*index))
                && (nulls || !is_null(cell))
            {
                print.add(&*column.name);
                print.add(cell.trim());
            }
        }
    };
    cells(&keys.dimensions, &mut key, false);
    // The same number written in another way would be another text; exports of one report write it in
    // one way.
    cells(&keys.measures, &mut measure, true);
    (key.finish(), measure.finish())
}

impl Store {
    fn accept(
        &mut self,
        reader: &mut RowReader<'_, '_>,
        found: &Found,
        keys: &Keys,
    ) -> Result<(), Fault> {
        let file = self.file();
        let known = reader.known_at()?;
        let prints = |reader: &RowReader<'_, '_>, level, days| {
            let (key, measure) = fingerprints(reader, keys, level, days);
            (file, key, measure, known)
        };
        let cell = |index: &usize| reader.cells.get(*index).map_or(0, |cell| open::hash(cell));
        let open: Box<[u64]> = keys.open.iter().map(cell).collect();
        let no_days = (Date::MIN, Date::MIN, None);
        let level = reader.layout.level;
        match reader.layout.output {
            Output::Records => {
                let row = self.ad_row(reader, found.mapping)?;
                let days = (row.day, row.last_day, row.hour);
                self.ads.push(Slot::new(prints(reader, level, days), row).with_open(open));
            }
            Output::Actions => {
                let row = actions::action_row(self, reader)?;
                let days = (row.day, row.day, None);
                self.actions.push(Slot::new(prints(reader, level, days), row).with_open(open));
            }
            Output::Conversions => {
                let row = crm::conversion(self, reader)?;
                self.conversions
                    .push(Slot::new(prints(reader, level, no_days), row).with_open(open));
            }
            Output::Web => {
                let row = ga4::web_row(self, reader)?;
                let days = (row.date, row.last_date, None);
                self.web.push(Slot::new(prints(reader, level, days), row).with_open(open));
            }
            Output::Events => {
                let row = ga4::event_row(self, reader)?;
                let days = (row.day, row.day, None);
                self.events.push(Slot::new(prints(reader, level, days), row).with_open(open));
            }
            Output::Entities(level) => {
                let known = self.describe(reader, level, known)?;
                self.described
                    .push(Slot::new(prints(reader, level, no_days), known).with_open(open));
            }
        }
        Ok(())
    }
}
