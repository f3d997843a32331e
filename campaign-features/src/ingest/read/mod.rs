//! One file: from its text to accepted and rejected rows.

mod accept;
mod notes;
mod shape;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;

use campaign_core::Micros;

use super::ad::Memo;
use super::config::Defaults;
use super::detect::Found;
use super::input::{Text, TextError};
use super::layout::{Layout, Output};
use super::mapping::Mapping;
use super::number::{Bound, Plain, parse};
use super::open::Open;
use super::plan::Plan;
use super::report::{Reject, SourceReport};
use super::reshape::{Member, Reshape};
use super::row::{Fault, RowReader, Seen, Style, broken_by, shorten};
use super::store::{StatedTotal, Store, TOTALLED, Totals};
use super::survey::Survey;
use super::table::Rows;
use super::{actions, ga4, totals};

use shape::Shape;

/// How many cells of a row are read; headers have far fewer.
const MOST_CELLS: usize = 1 << 16;

/// The longest row, in bytes; where no line break comes until there, one is assumed.
const LONGEST_ROW: usize = 1 << 26;

/// Why a file has to be read from its beginning again, or cannot be read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Again {
    /// The bytes are no text after all, or not in the encoding that was assumed.
    Text(TextError),
    /// The rest of the file shows that it writes numbers or dates otherwise than its beginning seemed to.
    Style(Box<Style>),
    /// Objects in cells have further members.
    Members(BTreeSet<Member>),
}

impl From<TextError> for Again {
    fn from(error: TextError) -> Self {
        Self::Text(error)
    }
}

/// What is needed of a file while its rows are read.
pub(crate) struct Reading<'f> {
    found: &'f Found,
    defaults: &'f Defaults,
    plan: Plan,
    style: Style,
    header: Vec<&'f str>,
    survey: Survey,
    seen: Seen,
    totals: Totals,
    memo: Memo,
    broken_by: String,
    compared: ga4::Compared,
    reshape: Option<Reshape>,
}

/// Reads the rows of a recognised table into the store. `text` stands at the beginning of the file;
/// `style` is given where a first reading has found it.
///
/// # Errors
/// [`Again`]: what was read of the file has to be taken back.
pub(crate) fn read<R: Read>(
    store: &mut Store,
    text: &mut Text<R>,
    found: &Found,
    defaults: &Defaults,
    style: Option<Style>,
    report: &mut SourceReport,
) -> Result<(), Again> {
    let layout = &found.layout;
    let mapping = found.mapping.and_then(|index| store.config.mappings.get(index));
    let period = mapping.and_then(|m| m.days());
    let plan = Plan::new(layout, &mapping.map(Mapping::composing).unwrap_or_default());
    let names = plan.open.iter().filter_map(|index| layout.columns.get(*index));
    let names = names.map(|column| column.name.clone()).collect();
    let open = Open { platform: Arc::clone(&layout.platform), level: layout.level, names };
    store.open.insert(store.file(), open);
    let broken_by = broken_by(layout);
    let memo = Memo::new(layout, &plan, store.texts.symbol(&broken_by));
    let decided = style.is_some();
    let style = style.unwrap_or_else(|| {
        let mut style = survey(text.window(), !text.ended(), found, &plan).style(found, defaults);
        style.period = style.period.or(period);
        style
    });
    let mut reading = Reading {
        found,
        defaults,
        plan,
        style,
        header: layout.columns.iter().map(|c| &*c.header).collect(),
        survey: Survey::default(),
        seen: Seen::default(),
        totals: Totals::default(),
        memo,
        broken_by,
        compared: ga4::Compared::new(layout),
        reshape: found.reshape.clone(),
    };
    report.unknown_columns = notes::unknown(layout);
    report.missing_columns = notes::missing(layout, found, reading.style.period);
    report.skipped += found.rows_above;
    reading.rows(store, text, report)?;
    let met = reading.reshape.as_ref().map(Reshape::unknown);
    if let Some(met) = met.filter(|met| !met.is_empty()) {
        return Err(Again::Members(met.clone()));
    }
    if !decided {
        let mut whole = reading.survey.style(found, defaults);
        whole.period = whole.period.or(period);
        if whole != reading.style {
            return Err(Again::Style(Box::new(whole)));
        }
    }
    if let Some(finding) = reading.survey.contradiction(reading.style.mark) {
        report.find(finding);
    }
    notes::notes(report, &reading.seen, &reading.style, layout);
    store.totals.insert(store.file(), reading.totals);
    if layout.output == Output::Actions && actions::are_amounts(store, &report.file) {
        store.amount_files.push(store.file());
    }
    Ok(())
}

/// What the beginning of a file proves.
fn survey(text: &str, partial: bool, found: &Found, plan: &Plan) -> Survey {
    let mut out = Survey::default();
    let mut rows = Rows::new(text, found.delimiter).with_limit(MOST_CELLS).block(1, partial);
    let (mut cells, mut above) = (Vec::new(), 0);
    let mut reshape = found.reshape.clone();
    while rows.read(&mut cells).is_some() {
        above += 1;
        let plain = |reshape: &mut Reshape| reshape.apply(&mut cells).is_ok();
        if above > found.rows_above && reshape.as_mut().is_none_or(plain) {
            observe(&mut out, plan, &cells, None);
        }
    }
    out
}

/// Looks at the cells of a row for what they prove; `style` is how numbers are read meanwhile.
fn observe(survey: &mut Survey, plan: &Plan, cells: &[Cow<'_, str>], style: Option<&Style>) {
    for (index, is_count) in &plan.numbers {
        let Some(cell) = cells.get(*index) else { continue };
        match style.and_then(|style| Some((style.mark, Plain::read(cell, style.mark)?))) {
            Some((_, plain)) if !plain.marked => {}
            Some((mark, plain)) if !plain.could_be_either => survey.proof(mark),
            _ => survey.number(cell, *is_count),
        }
    }
    for index in &plan.dates {
        if let Some(cell) = cells.get(*index) {
            survey.date(cell);
        }
    }
}

impl Reading<'_> {
    fn layout(&self) -> &Layout {
        &self.found.layout
    }

    /// Reads all rows, block by block.
    fn rows<R: Read>(
        &mut self,
        store: &mut Store,
        text: &mut Text<R>,
        report: &mut SourceReport,
    ) -> Result<(), Again> {
        let delimiter = self.found.delimiter;
        let shape = Shape::new(self.layout(), delimiter);
        let reshaped = self.reshape.is_some();
        let is_row = |line: &str| !reshaped && shape.is_row(line);
        let (mut line, mut above, mut cut) = (1, 0, false);
        loop {
            let ended = text.ended();
            let mut rows = Rows::new(text.window(), delimiter)
                .with_limit(MOST_CELLS)
                .block(line, !(ended || cut))
                .with_row_test(&is_row);
            let mut cells = Vec::new();
            while let Some(row) = rows.read(&mut cells) {
                above += 1;
                if above > self.found.rows_above {
                    let lines = rows.position().1 - row + 1;
                    let bad = self.plain(&mut cells);
                    self.row(store, &cells, (row, lines), rows.stray(), bad, report);
                }
                if cut {
                    break;
                }
            }
            let (consumed, next) = rows.position();
            text.consume(consumed);
            line = next;
            if cut {
                cut = false;
                continue;
            }
            if ended {
                return Ok(());
            }
            cut = text.window().len() > LONGEST_ROW;
            if !cut {
                text.fill()?;
            }
        }
    }

    /// Makes a row one of the layout's columns, and says what is wrong with one that is none.
    fn plain(&mut self, cells: &mut Vec<Cow<'_, str>>) -> Option<Fault> {
        let reshape = self.reshape.as_mut()?;
        if reshape.is_header(cells) {
            cells.clear();
            return None;
        }
        let bad = reshape.apply(cells).err()?;
        let is_data = !(totals::is_blank(cells) || totals::is_footer(cells));
        is_data.then_some(bad)
    }

    fn row(
        &mut self,
        store: &mut Store,
        cells: &[Cow<'_, str>],
        (line, lines): (u64, u64),
        stray: Option<usize>,
        bad: Option<Fault>,
        report: &mut SourceReport,
    ) {
        let layout = &self.found.layout;
        let outcome = if let Some(column) = stray {
            report.rows_in += 1;
            Err(Fault {
                column: Some(column),
                value: cells.get(column).map(|cell| shorten(cell)).unwrap_or_default(),
                expected: "a quote that closes",
                reason: "the quoted cell does not end before the next row".to_owned(),
            })
        } else if let Some(bad) = bad {
            report.rows_in += 1;
            Err(bad)
        } else {
            observe(&mut self.survey, &self.plan, cells, Some(&self.style));
            let again = cells.len() == self.header.len()
                && cells.iter().zip(&self.header).all(|(cell, header)| cell.trim() == *header);
            if again || totals::is_blank(cells) || totals::is_footer(cells) {
                self.compared.comment(cells);
                report.skipped += 1;
                return;
            }
            if let Some(other) = self.compared.is_other(cells, &self.header) {
                *self.seen.said.entry(other).or_default() += 1;
                report.skipped += 1;
                return;
            }
            if totals::is_totals(cells, layout, &self.plan.identity) {
                report.skipped += 1;
                self.state_totals(cells, line);
                return;
            }
            report.rows_in += 1;
            self.censored(cells);
            width(cells, layout).and_then(|()| {
                let mut reader = RowReader {
                    layout,
                    positions: &self.plan.positions,
                    cells,
                    style: &self.style,
                    defaults: self.defaults,
                    broken_by: &self.broken_by,
                    seen: &mut self.seen,
                };
                let mapping = self.found.mapping;
                if layout.output == Output::Records {
                    let memo = &mut self.memo;
                    let row = store.accept_ad(&mut reader, &self.plan, mapping, line, memo)?;
                    self.totals.add(&row);
                    Ok(())
                } else {
                    accept::accept(store, &mut reader, &self.plan)
                }
            })
        };
        if outcome.is_ok() && lines > 1 {
            *self.seen.said.entry("rows span more than one line").or_default() += 1;
        }
        if outcome.is_ok() && layout.output != Output::Records {
            for metric in 0..TOTALLED.len() {
                if let Some((amount, _)) = self.totalled(cells, metric) {
                    self.totals.see(metric, amount);
                }
            }
        }
        if let Err(mut fault) = outcome {
            report.rejected += 1;
            if lines > 1 {
                let last = line + lines - 1;
                let spans = format!("; it spans {lines} lines, to line {last}: is a quote open?");
                fault.reason.push_str(&spans);
            }
            let column = fault.column.and_then(|index| self.header.get(index)).map_or("", |h| h);
            store.rejects.push(Reject {
                file: report.file.clone(),
                row: line,
                column: column.to_owned(),
                value: fault.value,
                expected: fault.expected.to_owned(),
                reason: fault.reason,
            });
        }
    }

    /// Counts the cells that state a bound.
    fn censored(&mut self, cells: &[Cow<'_, str>]) {
        for (index, _) in &self.plan.numbers {
            let Some(cell) = cells.get(*index) else { continue };
            let first = cell.as_bytes().iter().find(|byte| **byte != b' ');
            if matches!(first, Some(b'<' | b'>'))
                && let Ok(Some(number)) = parse(cell, self.style.mark)
                && let Some(bound) = number.bound
            {
                let counts = self.seen.censored.entry(*index).or_default();
                match bound {
                    Bound::Below => counts.below += 1,
                    Bound::Above => counts.above += 1,
                }
            }
        }
    }

    /// Keeps what a row of totals says.
    fn state_totals(&mut self, cells: &[Cow<'_, str>], line: u64) {
        for metric in 0..TOTALLED.len() {
            if let Some((amount, column)) = self.totalled(cells, metric) {
                self.totals.stated.push(StatedTotal { line, metric, column, amount });
            }
        }
    }

    /// A metric of [`TOTALLED`] as a row writes it, with its header.
    fn totalled(&self, cells: &[Cow<'_, str>], metric: usize) -> Option<(Micros, Arc<str>)> {
        let index = self.plan.positions.of(*TOTALLED.get(metric)?)?;
        let column = self.layout().columns.get(index)?;
        let number = parse(cells.get(index)?, self.style.mark).ok()??;
        if number.bound.is_some() || number.percent {
            return None;
        }
        let (amount, _) = number.to_micros(column.unit).ok()?;
        Some((amount, Arc::clone(&column.header)))
    }
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
