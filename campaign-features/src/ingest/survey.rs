//! What the cells of a file prove about how it writes numbers and dates.

use jiff::tz::TimeZone;

use super::config::Defaults;
use super::date::{DateOrder, parse_date, parse_stamp, parse_zone};
use super::detect::Found;
use super::number::{DecimalMark, Plain, could_be_either, evidence, parse};
use super::report::Finding;
use super::row::Style;

/// Evidence of the cells seen so far. Any cell of a file decides for all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    dots: u64,
    commas: u64,
    /// Counts such as `1.000`: nothing is counted in thousandths, so the mark is one of groups.
    grouped_by_dot: u64,
    grouped_by_comma: u64,
    day_first: bool,
    month_first: bool,
}

impl Survey {
    /// Looks at a cell of a column of numbers.
    pub(crate) fn number(&mut self, cell: &str, is_count: bool) {
        if !cell.bytes().any(|byte| matches!(byte, b'.' | b',')) {
            return;
        }
        // Rates are many and mostly plain.
        if let Some(plain) = cell.strip_suffix('%').and_then(|c| Plain::read(c, DecimalMark::Dot))
            && plain.marked
            && !plain.could_be_either
        {
            return self.proof(DecimalMark::Dot);
        }
        // Text in a number's column proves nothing about numbers.
        match evidence(cell).filter(|mark| parse(cell, *mark).is_ok()) {
            Some(mark) => self.proof(mark),
            None if is_count && could_be_either(cell) => {
                let by_dot = cell.contains('.');
                self.grouped_by_dot += u64::from(by_dot);
                self.grouped_by_comma += u64::from(!by_dot);
            }
            None => {}
        }
    }

    /// Counts a cell that proves a mark.
    pub(crate) const fn proof(&mut self, mark: DecimalMark) {
        match mark {
            DecimalMark::Dot => self.dots += 1,
            DecimalMark::Comma => self.commas += 1,
        }
    }

    /// Looks at a cell of a column of dates.
    pub(crate) fn date(&mut self, cell: &str) {
        // With the year first nothing is open.
        let year_first = matches!(cell.as_bytes().get(4), Some(b'-' | b'/'))
            && cell.bytes().take(4).all(|byte| byte.is_ascii_digit());
        if year_first || !cell.contains(['/', '-']) {
            return;
        }
        let written = parse_date(cell).or_else(|_| parse_stamp(cell).map(|stamp| stamp.date));
        match written.ok().and_then(|written| written.evidence()) {
            Some(DateOrder::DayFirst) => self.day_first = true,
            Some(DateOrder::MonthFirst) => self.month_first = true,
            None => {}
        }
    }

    /// Where numbers contradict the mark that the file is read by.
    pub(crate) const fn contradiction(&self, mark: DecimalMark) -> Option<Finding> {
        let (proofs, against) = match mark {
            DecimalMark::Dot => (self.dots, self.commas + self.grouped_by_dot),
            DecimalMark::Comma => (self.commas, self.dots + self.grouped_by_comma),
        };
        if against == 0 { None } else { Some(Finding::DecimalMark { mark, proofs, against }) }
    }

    /// How the file writes things, as far as it is known.
    pub(crate) fn style(&self, found: &Found, defaults: &Defaults) -> Style {
        let groups = match (self.grouped_by_dot, self.grouped_by_comma) {
            (1.., 0) => Some(DecimalMark::Comma),
            (0, 1..) => Some(DecimalMark::Dot),
            _ => None,
        };
        let guess = match found.delimiter {
            // Semicolons are used where the comma is taken.
            b';' => Some(DecimalMark::Comma),
            _ => None,
        };
        let mark = match (self.dots, self.commas) {
            (0, 0) => defaults.decimal_mark.or(groups).or(guess),
            (dots, commas) if commas > dots => Some(DecimalMark::Comma),
            _ => Some(DecimalMark::Dot),
        };
        let order = match (self.day_first, self.month_first) {
            (true, false) => Some(DateOrder::DayFirst),
            (false, true) => Some(DateOrder::MonthFirst),
            // Nothing or a contradiction: what is stated, else each date for itself.
            (false, false) => defaults.date_order.or(found.layout.date_order),
            (true, true) => None,
        };
        let zone = found.preamble.zone.as_deref().and_then(|zone| parse_zone(zone).ok());
        let stated =
            || defaults.zone.as_deref().and_then(|name| campaign_core::time::zone(name).ok());
        Style {
            mark: mark.unwrap_or(DecimalMark::Dot),
            undecided: mark.is_none(),
            order,
            zone: zone.or_else(stated).unwrap_or(TimeZone::UTC),
            period: found.preamble.period,
        }
    }
}
