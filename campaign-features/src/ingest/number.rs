//! Numbers as people and platforms write them.

use campaign_core::{Currency, Micros};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Which sign stands before the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    /// `1,234.56`
    Dot,
    /// `1.234,56`
    Comma,
}

/// What an amount's number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Currency units.
    #[default]
    Units,
    /// Hundredths.
    Cents,
    /// Millionths.
    Micros,
    /// Counts that a platform estimates, rounded to whole ones; as an amount, currency units.
    Estimated,
}

impl Unit {
    /// How many places an amount moves on its way to micros.
    const fn shift(self) -> u32 {
        match self {
            Self::Units | Self::Estimated => 6,
            Self::Cents => 4,
            Self::Micros => 0,
        }
    }
}

/// A censored value tells only a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// `< 10%`
    Below,
    /// `> 90%`
    Above,
}

/// What a censored value leaves open: `< 10%` is below 10, `> 90%` above 90.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// What the value is above, if that is said.
    pub above: Option<f64>,
    /// What the value is below, if that is said.
    pub below: Option<f64>,
}

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NumberError {
    /// Not a number in the file's style.
    #[error("not a number in this file's style")]
    Syntax,
    /// Too many digits to be exact.
    #[error("more digits than can be exact")]
    Digits,
    /// It does not fit where it is to go.
    #[error("out of range")]
    Range,
    /// A whole number was expected.
    #[error("not a whole number")]
    Fraction,
    /// Less than zero where that has no meaning.
    #[error("negative")]
    Negative,
    /// `1.000` in a file whose numbers do not tell whether that is one or a thousand.
    #[error(
        "one or a thousand? no number of this file proves its decimal mark: state that of the source"
    )]
    Undecided,
    /// A bound (`< 10%`) where a number is needed.
    #[error("a bound, not a number")]
    Censored,
}

/// An exact decimal number with what stood around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    mantissa: i128,
    scale: u32,
    /// Whether a `%` followed. The number is as written: 12.5 for `12.5%`.
    pub percent: bool,
    /// The currency that stood beside it, where its sign names one.
    pub currency: Option<Currency>,
    /// Set if the text states a bound.
    pub bound: Option<Bound>,
}

impl Number {
    /// The interval that a censored value states; `None` for a number.
    ///
    /// # Examples
    /// ```
    /// use campaign_features::ingest::number::{DecimalMark, parse};
    /// let share = parse("< 10%", DecimalMark::Dot)?.ok_or("no value")?;
    /// let interval = share.interval().ok_or("a number")?;
    /// assert_eq!((interval.above, interval.below), (None, Some(10.0)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        let value = Some(self.to_f64());
        match self.bound? {
            Bound::Below => Some(Interval { above: None, below: value }),
            Bound::Above => Some(Interval { above: value, below: None }),
        }
    }

    /// The nearest `f64`.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        // Parsing the decimal text rounds once; dividing by a power of ten could round twice.
        let exact = self.mantissa.unsigned_abs() < 1 << 53 && self.scale <= 22;
        if exact {
            self.mantissa as f64 / 10_f64.powi(self.scale.cast_signed())
        } else {
            format!("{}e-{}", self.mantissa, self.scale).parse().unwrap_or(f64::NAN)
        }
    }

    /// The amount in micros, and whether it had to be rounded.
    ///
    /// An amount with more than six decimals is what a program printed from a binary float
    /// (`1.429999948`); it is rounded to the nearest micro, ties to even.
    ///
    /// # Errors
    /// [`NumberError::Range`] beyond ±9.2e12 units.
    pub fn to_micros(&self, unit: Unit) -> Result<(Micros, bool), NumberError> {
        let shift = unit.shift();
        let (micros, rounded) = rescale(self.mantissa, self.scale, shift)?;
        i64::try_from(micros).map(|m| (Micros(m), rounded)).map_err(|_| NumberError::Range)
    }

    /// The number as a count, rounded to the nearest one, ties to even.
    ///
    /// # Errors
    /// [`NumberError::Negative`], [`NumberError::Range`].
    pub fn to_estimated_count(&self) -> Result<u64, NumberError> {
        let (whole, _) = rescale(self.mantissa, self.scale, 0)?;
        if self.mantissa < 0 {
            return Err(NumberError::Negative);
        }
        u64::try_from(whole).map_err(|_| NumberError::Range)
    }

    /// The number as a count.
    ///
    /// # Errors
    /// [`NumberError::Fraction`], [`NumberError::Negative`], [`NumberError::Range`].
    pub fn to_count(&self) -> Result<u64, NumberError> {
        let (whole, rounded) = rescale(self.mantissa, self.scale, 0)?;
        if rounded {
            return Err(NumberError::Fraction);
        }
        if whole < 0 {
            return Err(NumberError::Negative);
        }
        u64::try_from(whole).map_err(|_| NumberError::Range)
    }
}

/// `mantissa · 10^(shift − scale)`, ties to even, and whether that was inexact.
fn rescale(mantissa: i128, scale: u32, shift: u32) -> Result<(i128, bool), NumberError> {
    if shift >= scale {
        let factor = 10_i128.checked_pow(shift - scale).ok_or(NumberError::Range)?;
        return mantissa.checked_mul(factor).map(|m| (m, false)).ok_or(NumberError::Range);
    }
    let Some(divisor) = 10_i128.checked_pow(scale - shift) else {
        return Ok((0, mantissa != 0));
    };
    let (quotient, remainder) = (mantissa / divisor, mantissa % divisor);
    let twice = remainder.unsigned_abs() * 2;
    let up =
        twice > divisor.unsigned_abs() || (twice == divisor.unsigned_abs() && quotient % 2 != 0);
    Ok((quotient + if up { mantissa.signum() } else { 0 }, remainder != 0))
}

/// Whether a cell says that there is no value.
#[must_use]
pub fn is_null(text: &str) -> bool {
    matches!(
        text.trim(),
        "" | "-" | "--" | "\u{2014}" | "\u{2013}" | "null" | "NULL" | "None" | "N/A" | "n/a"
    )
}

/// Reads a number; `None` where the cell says that there is none.
///
/// Takes thousands separators (`,` or `.`, spaces of any width, apostrophes), currency codes and signs
/// on either side, `(45.10)` and `-45.10` for negatives, `%`, and the bounds `<` and `>`.
///
/// # Errors
/// [`NumberError::Syntax`], [`NumberError::Digits`].
///
/// # Examples
/// ```
/// use campaign_features::ingest::number::{DecimalMark, Unit, parse};
/// let spend = parse("1.234,56 €", DecimalMark::Comma)?.ok_or("no value")?;
/// assert_eq!(spend.to_micros(Unit::Units)?.0.to_string(), "1234.56");
/// assert_eq!(spend.currency.map(|c| c.code()), Some("EUR"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn parse(text: &str, mark: DecimalMark) -> Result<Option<Number>, NumberError> {
    if let Some(Plain { mantissa, scale, .. }) = Plain::read(text, mark) {
        let mantissa = i128::from(mantissa);
        return Ok(Some(Number { mantissa, scale, percent: false, currency: None, bound: None }));
    }
    if is_null(text) {
        return Ok(None);
    }
    let mut rest = text.trim();
    let mut bound = None;
    for (sign, kind) in [('<', Bound::Below), ('>', Bound::Above)] {
        if let Some(after) = rest.strip_prefix(sign) {
            (rest, bound) = (after.trim_start_matches('=').trim(), Some(kind));
        }
    }
    let mut negative = false;
    if let Some(inner) = rest.strip_prefix('(').and_then(|r| r.strip_suffix(')')) {
        (rest, negative) = (inner.trim(), true);
    }
    // A sign may stand before or after the currency.
    rest = strip_sign(rest, &mut negative)?;
    let (bare, currency) = strip_currency(rest);
    rest = strip_sign(bare, &mut negative)?;
    let percent = rest.ends_with('%');
    rest = rest.trim_end_matches('%').trim_end();
    let (mantissa, scale) = digits(rest, mark)?;
    let mantissa = if negative { -mantissa } else { mantissa };
    Ok(Some(Number { mantissa, scale, percent, currency, bound }))
}

/// Plain digits with at most one mark, by far the most frequent form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plain {
    pub(crate) mantissa: u64,
    /// Digits behind the mark.
    pub(crate) scale: u32,
    /// Whether there is a mark.
    pub(crate) marked: bool,
    /// Whether the mark could be one of groups.
    pub(crate) could_be_either: bool,
}

impl Plain {
    #[inline]
    pub(crate) fn read(text: &str, mark: DecimalMark) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.is_empty() || bytes.len() > 18 {
            return None;
        }
        let decimal = if mark == DecimalMark::Dot { b'.' } else { b',' };
        let (mut mantissa, mut point) = (0_u64, None);
        for (index, byte) in bytes.iter().enumerate() {
            match byte {
                b'0'..=b'9' => mantissa = mantissa * 10 + u64::from(byte - b'0'),
                byte if *byte == decimal && point.is_none() && index > 0 => point = Some(index),
                _ => return None,
            }
        }
        let scale = point.map_or(0, |p| bytes.len() - p - 1);
        let whole = bytes.len() - scale - 1;
        let could_be_either = point.is_some()
            && scale == 3
            && whole <= 3
            && !(whole == 1 && bytes.first() == Some(&b'0'));
        Some(Self { mantissa, scale: scale as u32, marked: point.is_some(), could_be_either })
    }

    /// Micros, where nothing has to be rounded and nothing is too large.
    #[inline]
    pub(crate) const fn micros(self, unit: Unit) -> Option<Micros> {
        let shift = unit.shift();
        if self.scale > shift {
            return None;
        }
        let factor = 10_u64.pow(shift - self.scale);
        let Some(micros) = self.mantissa.checked_mul(factor) else { return None };
        // Sums over days have to fit as well.
        if micros > 10_u64.pow(18) { None } else { Some(Micros(micros.cast_signed())) }
    }

    /// The nearest `f64`: a division of two exact numbers rounds once.
    #[inline]
    pub(crate) fn to_f64(self) -> Option<f64> {
        let power = POWERS.get(self.scale as usize)?;
        (self.mantissa < 1 << 53).then(|| self.mantissa as f64 / power)
    }
}

/// The powers of ten up to the longest scale of plain digits.
const POWERS: [f64; 18] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17,
];

/// Whether a number reads well under both marks: `1.234` and `1,234`, but not `0.234`.
pub(crate) fn could_be_either(text: &str) -> bool {
    evidence(text).is_none()
        && text.contains(['.', ','])
        && [DecimalMark::Dot, DecimalMark::Comma].iter().all(|mark| parse(text, *mark).is_ok())
}

fn strip_sign<'t>(text: &'t str, negative: &mut bool) -> Result<&'t str, NumberError> {
    let after = text.strip_prefix(['-', '\u{2212}']);
    if after.is_some() && *negative {
        return Err(NumberError::Syntax);
    }
    *negative |= after.is_some();
    Ok(after.or_else(|| text.strip_prefix('+')).unwrap_or(text).trim_start())
}

/// Signs of money and the currency they name, where it is only one.
const SIGNS: [(&str, Option<&str>); 33] = [
    ("R$", Some("BRL")),
    ("US$", Some("USD")),
    ("AU$", Some("AUD")),
    ("NZ$", Some("NZD")),
    ("HK$", Some("HKD")),
    ("NT$", Some("TWD")),
    ("MX$", Some("MXN")),
    ("S$", Some("SGD")),
    ("A$", Some("AUD")),
    ("CA$", Some("CAD")),
    ("S/.", Some("PEN")),
    ("S/", Some("PEN")),
    ("€", Some("EUR")),
    ("£", Some("GBP")),
    ("₺", Some("TRY")),
    ("₹", Some("INR")),
    ("₩", Some("KRW")),
    ("₫", Some("VND")),
    ("zł", Some("PLN")),
    ("Kč", Some("CZK")),
    ("Ft", Some("HUF")),
    ("₪", Some("ILS")),
    ("₽", Some("RUB")),
    ("₴", Some("UAH")),
    ("₱", Some("PHP")),
    ("฿", Some("THB")),
    ("₦", Some("NGN")),
    ("Rp", Some("IDR")),
    ("RM", Some("MYR")),
    // Crowns of several countries.
    ("kr.", None),
    ("kr", None),
    ("$", None),
    ("¥", None),
];

fn strip_currency(text: &str) -> (&str, Option<Currency>) {
    let is = |byte: Option<&u8>, mark| byte.is_none_or(|b| b.is_ascii_digit() || *b == mark);
    if is(text.as_bytes().first(), b'.') && is(text.as_bytes().last(), b'%') {
        return (text, None);
    }
    for (sign, code) in SIGNS {
        if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            return (rest.trim(), code.and_then(|c| c.parse().ok()));
        }
    }
    // Most texts begin and end with digits, and the list of currencies is long.
    let coded = |code: Option<&str>| -> Option<Currency> {
        code.filter(|code| code.bytes().all(|byte| byte.is_ascii_alphabetic()))?.parse().ok()
    };
    let end = text.len().wrapping_sub(3);
    if let Some(currency) = coded(text.get(..3)) {
        return (text.get(3..).unwrap_or_default().trim(), Some(currency));
    }
    if let Some(currency) = coded(text.get(end..)) {
        return (text.get(..end).unwrap_or_default().trim(), Some(currency));
    }
    (text, None)
}

fn is_group_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '\u{2019}')
}

/// Mantissa and scale of unsigned digits with group and decimal marks.
fn digits(text: &str, mark: DecimalMark) -> Result<(i128, u32), NumberError> {
    let (decimal, group) = match mark {
        DecimalMark::Dot => ('.', ','),
        DecimalMark::Comma => (',', '.'),
    };
    let (text, exponent) = split_exponent(text)?;
    let (whole, fraction) = text.split_once(decimal).unwrap_or((text, ""));
    if whole.is_empty() && fraction.is_empty() {
        return Err(NumberError::Syntax);
    }
    let mut mantissa: i128 = 0;
    let mut push = |c: char| -> Result<(), NumberError> {
        let digit = c.to_digit(10).ok_or(NumberError::Syntax)?;
        mantissa = mantissa
            .checked_mul(10)
            .and_then(|m| m.checked_add(i128::from(digit)))
            .filter(|m| *m < 10_i128.pow(30))
            .ok_or(NumberError::Digits)?;
        Ok(())
    };
    let separator = whole.chars().find(|c| *c == group || is_group_space(*c));
    match separator {
        None => whole.chars().try_for_each(&mut push)?,
        Some(separator) => {
            let groups: Vec<&str> = whole.split(separator).collect();
            let count = groups.len();
            for (index, part) in groups.into_iter().enumerate() {
                // The last group has three digits; the ones before two or three (lakh, crore).
                let fits = match index {
                    0 => (1..=3).contains(&part.len()),
                    i if i + 1 == count => part.len() == 3,
                    _ => (2..=3).contains(&part.len()),
                };
                if !fits {
                    return Err(NumberError::Syntax);
                }
                part.chars().try_for_each(&mut push)?;
            }
        }
    }
    fraction.chars().try_for_each(&mut push)?;
    let scale = fraction.len() as i64 - exponent;
    if scale >= 0 {
        let scale = u32::try_from(scale).map_err(|_| NumberError::Digits)?;
        return if scale > 60 { Err(NumberError::Digits) } else { Ok((mantissa, scale)) };
    }
    u32::try_from(-scale)
        .ok()
        .and_then(|up| 10_i128.checked_pow(up))
        .and_then(|factor| mantissa.checked_mul(factor))
        .map(|m| (m, 0))
        .ok_or(NumberError::Digits)
}

/// Takes `e-05` off, as programs print small floats.
fn split_exponent(text: &str) -> Result<(&str, i64), NumberError> {
    match text.split_once(['e', 'E']) {
        None => Ok((text, 0)),
        Some((digits, exponent)) => {
            let exponent: i64 = exponent.parse().map_err(|_| NumberError::Syntax)?;
            if exponent.abs() > 40 { Err(NumberError::Digits) } else { Ok((digits, exponent)) }
        }
    }
}

/// The decimal mark that a number's form proves, if it does: `1.234,5`, `12,5`, `1.234.567`.
///
/// `1.234` and `1,234` prove nothing.
#[must_use]
pub fn evidence(text: &str) -> Option<DecimalMark> {
    let (dot, comma) = (text.rfind('.'), text.rfind(','));
    let of = |mark: char, decimal: DecimalMark, group: DecimalMark| {
        let mut parts = text.split(mark);
        let (first, second, more) = (parts.next()?, parts.next()?, parts.next());
        if more.is_some() {
            return Some(group);
        }
        let digits = |part: &str| part.chars().filter(char::is_ascii_digit).count();
        // No group begins with a zero.
        let zero = first.trim_start_matches(|c: char| !c.is_ascii_digit()) == "0";
        let ambiguous = digits(second) == 3 && (1..=3).contains(&digits(first)) && !zero;
        (!ambiguous).then_some(decimal)
    };
    match (dot, comma) {
        (Some(dot), Some(comma)) if dot > comma => Some(DecimalMark::Dot),
        (Some(_), Some(_)) => Some(DecimalMark::Comma),
        (Some(_), None) => of('.', DecimalMark::Dot, DecimalMark::Comma),
        (None, Some(_)) => of(',', DecimalMark::Comma, DecimalMark::Dot),
        (None, None) => None,
    }
}

#[cfg(test)]
#[path = "number_tests.rs"]
mod tests;
