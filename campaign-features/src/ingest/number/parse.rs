//! From text to a number, and what its form proves.

use campaign_core::Currency;

use super::{Bound, DecimalMark, Number, NumberError, Plain};

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
pub(super) fn digits(text: &str, mark: DecimalMark) -> Result<(i128, u32), NumberError> {
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
