//! What a row of a table holds, read by the roles of its columns.

use std::borrow::Cow;
use std::collections::BTreeMap;

use campaign_core::{Currency, Micros};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::config::Defaults;
use super::date::{DateOrder, Stamp, Written, parse_date, parse_stamp};
use super::header::normal;
use super::layout::{Layout, Level, Role};
use super::number::{DecimalMark, Number, NumberError, Unit, could_be_either, is_null, parse};
use super::report::Censored;
use crate::creative::Creative;

/// Why a row is not accepted: a column (by position), and what was wrong with it.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) column: Option<usize>,
    pub(crate) value: String,
    pub(crate) expected: &'static str,
    pub(crate) reason: String,
}

/// How this file writes things.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Style {
    pub(crate) mark: DecimalMark,
    /// Whether nothing tells which mark it is.
    pub(crate) undecided: bool,
    pub(crate) order: Option<DateOrder>,
    pub(crate) zone: TimeZone,
    pub(crate) period: Option<(Date, Date)>,
}

/// Counts of things worth a note.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) rounded: u64,
    /// Bounds, by column.
    pub(crate) censored: BTreeMap<usize, Censored>,
    pub(crate) periods: u64,
    pub(crate) bad_currencies: u64,
    pub(crate) bad_zones: u64,
    /// Counts of what an adapter has to say, by its words.
    pub(crate) said: BTreeMap<&'static str, u64>,
}

/// The cells of one row with what is needed to read them.
pub(crate) struct RowReader<'a, 't> {
    pub(crate) layout: &'a Layout,
    pub(crate) positions: &'a Positions,
    pub(crate) cells: &'a [Cow<'t, str>],
    pub(crate) style: &'a Style,
    pub(crate) defaults: &'a Defaults,
    pub(crate) broken_by: &'a str,
    pub(crate) seen: &'a mut Seen,
}

/// The first column of each role.
#[derive(Debug, Clone)]
pub(crate) struct Positions(Vec<Option<usize>>);

impl Positions {
    pub(crate) fn new(layout: &Layout) -> Self {
        let mut out = vec![None; Role::Unknown as usize + 1];
        for (index, column) in layout.columns.iter().enumerate() {
            if let Some(slot) = out.get_mut(column.role as usize)
                && slot.is_none()
            {
                *slot = Some(index);
            }
        }
        Self(out)
    }

    pub(crate) fn of(&self, role: Role) -> Option<usize> {
        self.0.get(role as usize).copied().flatten()
    }
}

impl RowReader<'_, '_> {
    /// The text of a role's column, if it is there and not null.
    pub(crate) fn text(&self, role: Role) -> Option<&str> {
        let cell = self.cells.get(self.positions.of(role)?)?.trim();
        let null = cell.is_empty() || matches!(cell, "--" | "\u{2014}" | "null" | "NULL");
        (!null).then_some(cell)
    }

    /// The level that the row stands for.
    pub(crate) fn level(&self) -> Level {
        let own = self.text(Role::RowLevel).and_then(level_of);
        own.or(self.layout.level).unwrap_or(Level::Account)
    }

    pub(crate) fn fault(&self, role: Role, expected: &'static str, reason: String) -> Fault {
        let column = self.positions.of(role);
        let value = column.and_then(|c| self.cells.get(c)).map_or("", |c| c);
        Fault { column, value: shorten(value), expected, reason }
    }

    /// An id: without the marks that spreadsheets and platforms put around it.
    pub(crate) fn id(&self, role: Role) -> Result<Option<&str>, Fault> {
        let Some(text) = self.text(role) else { return Ok(None) };
        let id = bare_id(text);
        if id.chars().any(char::is_control) {
            let reason = "control character inside".to_owned();
            return Err(self.fault(role, "an id", reason));
        }
        if is_scientific(id) {
            let reason = "a spreadsheet rewrote it and digits are lost".to_owned();
            return Err(self.fault(role, "an id with all its digits", reason));
        }
        Ok((!id.is_empty()).then_some(id))
    }

    /// A name that stands for an id: line breaks inside it become spaces.
    pub(crate) fn name_as_id(&self, role: Role) -> Result<Option<Cow<'_, str>>, Fault> {
        match self.text(role).filter(|text| text.chars().any(char::is_control)) {
            Some(text) => {
                let plain = text.replace(char::is_control, " ");
                let plain = plain.trim();
                Ok((!plain.is_empty()).then(|| Cow::Owned(plain.to_owned())))
            }
            None => Ok(self.id(role)?.map(Cow::Borrowed)),
        }
    }

    pub(crate) fn date(&self, role: Role) -> Result<Option<Date>, Fault> {
        const EXPECTED: &str = "a date";
        let Some(text) = self.text(role) else { return Ok(None) };
        let written = match parse_date(text) {
            // Tables of connectors write midnight behind the date.
            Err(_) => parse_stamp(text).map(|stamp| stamp.date),
            Ok(date) => Ok(date),
        };
        written
            .and_then(|written: Written| written.resolve(self.style.order))
            .map(Some)
            .map_err(|error| self.fault(role, EXPECTED, error.to_string()))
    }

    pub(crate) fn stamp(&self, role: Role) -> Result<Option<Stamp>, Fault> {
        let Some(text) = self.text(role) else { return Ok(None) };
        parse_stamp(text)
            .map(Some)
            .map_err(|error| self.fault(role, "a date and time", error.to_string()))
    }

    /// An instant; times without an offset are those of `zone`.
    pub(crate) fn instant(&self, role: Role, zone: &TimeZone) -> Result<Option<Timestamp>, Fault> {
        let Some(stamp) = self.stamp(role)? else { return Ok(None) };
        stamp
            .instant(self.style.order, zone)
            .map(Some)
            .map_err(|error| self.fault(role, "a date and time", error.to_string()))
    }

    /// When this version became known; connectors write UTC.
    pub(crate) fn known_at(&self) -> Result<Option<Timestamp>, Fault> {
        self.instant(Role::KnownAt, &TimeZone::UTC)
    }

    pub(crate) fn number(&mut self, role: Role) -> Result<Option<Number>, Fault> {
        let Some(index) = self.positions.of(role) else { return Ok(None) };
        let cell = self.cells.get(index).map_or("", |c| c);
        let number = parse(cell, self.style.mark)
            .map_err(|error| self.fault(role, "a number", error.to_string()))?;
        if number.is_some_and(|n| n.bound.is_some()) {
            // A bound is no value: the metric is not known.
            return Ok(None);
        }
        if number.is_some() && self.style.undecided && could_be_either(cell) {
            // Yen have no decimals.
            if self.counts_whole_coins(role) {
                let mark = if cell.contains('.') { DecimalMark::Comma } else { DecimalMark::Dot };
                let number = parse(cell, mark);
                return number.map_err(|error| self.fault(role, "a number", error.to_string()));
            }
            let reason = NumberError::Undecided.to_string();
            return Err(self.fault(role, "a number with a known decimal mark", reason));
        }
        if number.is_some_and(|n| n.percent) {
            return Err(self.fault(role, "a number", "a percentage".to_owned()));
        }
        Ok(number)
    }

    /// Whether a role's amounts are in a currency without smaller coins.
    fn counts_whole_coins(&self, role: Role) -> bool {
        if !matches!(role, Role::Spend | Role::SpendBeside | Role::Revenue) {
            return false;
        }
        let column = self.positions.of(role).and_then(|index| self.layout.columns.get(index));
        let stated = || self.text(Role::Currency).and_then(|code| code.parse::<Currency>().ok());
        let currency = column.and_then(|column| column.currency).or_else(stated);
        let units = column.is_some_and(|column| column.unit == Unit::Units);
        units && currency.or(self.defaults.currency).is_some_and(|c| c.exponent() == 0)
    }

    pub(crate) fn count(&mut self, role: Role) -> Result<Option<u64>, Fault> {
        let column = self.positions.of(role).and_then(|index| self.layout.columns.get(index));
        let estimated = column.is_some_and(|column| column.unit == Unit::Estimated);
        let read = |number: Number| match estimated {
            true => number.to_estimated_count(),
            false => number.to_count(),
        };
        let count = self.number(role)?.map(read).transpose();
        match count {
            // Sums of rows and of days have to fit as well.
            Ok(Some(count)) if count > 1 << 62 => {
                let reason = NumberError::Range.to_string();
                Err(self.fault(role, "a whole number up to 2^62", reason))
            }
            Ok(count) => Ok(count),
            Err(error) => Err(self.fault(role, "a whole number, not negative", error.to_string())),
        }
    }

    /// A count that may be fractional.
    pub(crate) fn quantity(&mut self, role: Role) -> Result<Option<f64>, Fault> {
        let value = self.number(role)?.map(|number| number.to_f64());
        match value {
            Some(value) if value < 0.0 => {
                let reason = NumberError::Negative.to_string();
                Err(self.fault(role, "a number, not negative", reason))
            }
            // Nothing is converted a million million times in a day; sums of such would not be exact.
            Some(value) if value > 1e12 => {
                let reason = NumberError::Range.to_string();
                Err(self.fault(role, "a number below 10^12", reason))
            }
            value => Ok(value),
        }
    }

    /// An amount, and the currency that its cell or header names.
    pub(crate) fn amount(
        &mut self,
        role: Role,
    ) -> Result<Option<(Micros, Option<Currency>)>, Fault> {
        let Some(number) = self.number(role)? else { return Ok(None) };
        let column = self.positions.of(role).and_then(|index| self.layout.columns.get(index));
        let unit = column.map_or(Unit::Units, |c| c.unit);
        let stated = number.currency.or(column.and_then(|c| c.currency));
        let (micros, rounded) = number
            .to_micros(unit)
            .map_err(|error| self.fault(role, "an amount", error.to_string()))?;
        // Sums over days have to fit as well.
        if micros.0.unsigned_abs() > 10_u64.pow(18) {
            let reason = NumberError::Range.to_string();
            return Err(self.fault(role, "an amount below 10^12", reason));
        }
        self.seen.rounded += u64::from(rounded);
        Ok(Some((micros, stated)))
    }

    pub(crate) fn currency(&self) -> Result<Option<Currency>, Fault> {
        let Some(code) = self.text(Role::Currency) else { return Ok(None) };
        let parsed = code.to_ascii_uppercase().parse::<Currency>();
        parsed.map(Some).map_err(|error| {
            self.fault(Role::Currency, "an ISO 4217 currency code", error.to_string())
        })
    }

    /// A zone that the database knows, or that Microsoft names; other texts are left alone.
    pub(crate) fn zone(&self) -> Option<&str> {
        let name = self.text(Role::Zone)?;
        let known = campaign_core::time::zone(name).is_ok();
        known.then_some(name).or_else(|| super::microsoft::zone(name))
    }

    /// The creative that the row describes.
    pub(crate) fn creative(&self) -> Creative {
        let part = |role| self.text(role).map(str::to_owned);
        Creative {
            title: part(Role::CreativeTitle),
            body: part(Role::CreativeBody),
            media: part(Role::CreativeMedia),
            action: part(Role::CreativeAction),
            link: part(Role::CreativeLink),
        }
    }

    /// Dimension columns of some roles as `name=value;name=value` in the order of their names; nulls are
    /// left out.
    pub(crate) fn joined(&self, roles: &[Role]) -> Option<String> {
        let columns = self.layout.columns.iter().zip(self.cells);
        let mut parts: Vec<(&str, &str)> = columns
            .map(|(column, cell)| (column, cell.trim()))
            .filter(|(column, cell)| {
                roles.contains(&column.role) && !is_null(cell) && !is_row_number(&column.name)
            })
            .map(|(column, cell)| (&*column.name, cell))
            .collect();
        parts.sort_unstable();
        let mut pairs = String::new();
        for (name, cell) in parts {
            if !pairs.is_empty() {
                pairs.push(';');
            }
            pairs.push_str(name);
            pairs.push('=');
            pairs.extend(bare_id(cell).chars().map(|c| if c.is_control() { ' ' } else { c }));
        }
        (!pairs.is_empty()).then_some(pairs)
    }
}

/// What a table of rows of several levels calls them.
pub(crate) fn level_of(text: &str) -> Option<Level> {
    match normal(text).replace([' ', '-'], "").trim_end_matches('s') {
        "account" => Some(Level::Account),
        "campaign" => Some(Level::Campaign),
        "adgroup" | "adset" | "adsquad" | "lineitem" => Some(Level::AdGroup),
        "ad" | "productad" | "creative" | "promotedtweet" => Some(Level::Ad),
        "keyword" | "target" | "asin" | "asinskeyword" | "asinstarget" => Some(Level::Keyword),
        _ => None,
    }
}

/// The columns by which a report is broken down beyond its level, whatever their cells hold.
pub(crate) fn broken_by(layout: &Layout) -> String {
    let roles = [Role::Breakdown, Role::Keyword, Role::SearchTerm, Role::Audience, Role::Country];
    let columns = layout.columns.iter();
    let mut names: Vec<&str> = columns
        .filter(|c| roles.contains(&c.role) && !is_row_number(&c.name))
        .map(|c| &*c.name)
        .collect();
    names.sort_unstable();
    names.join(";")
}

fn is_row_number(name: &str) -> bool {
    name == "fivetran id" || name == "index"
}

/// `="123"`, `[123]`, `["123"]`, `urn:li:sponsoredCampaign:123` and `customers/1/adGroups/2~3` without what stands around the id.
pub(crate) fn bare_id(text: &str) -> &str {
    let text = text.trim();
    let text = text
        .strip_prefix("=\"")
        .and_then(|t| t.strip_suffix('"'))
        .or_else(|| {
            let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'))?.trim();
            Some(if inner.contains(',') { inner } else { inner.trim_matches(['"', '\'']) })
        })
        .unwrap_or(text);
    if text.starts_with("customers/") {
        let last = text.rsplit('/').next().unwrap_or(text);
        return last.rsplit('~').next().unwrap_or(last).trim();
    }
    if text.starts_with("urn:li:") {
        return text.rsplit(':').next().unwrap_or(text).trim();
    }
    text.trim()
}

/// `1.20E+17`, what a spreadsheet makes of a long id.
fn is_scientific(id: &str) -> bool {
    let Some((digits, exponent)) = id.split_once("E+").or_else(|| id.split_once("e+")) else {
        return false;
    };
    let numeric = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
    };
    numeric(digits) && numeric(exponent)
}

pub(crate) fn shorten(text: &str) -> String {
    if text.chars().count() <= 120 {
        return text.to_owned();
    }
    text.chars().take(119).chain(['\u{2026}']).collect()
}
