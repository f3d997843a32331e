//! Days, with their months in figures or in words.

use jiff::civil::Date;

use super::super::header::normal;
use super::{DateError, Written};

const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "janv", "gen", "sty"],
    &["feb", "fev", "fevr", "lut"],
    &["mar", "marz", "mars", "mrz", "mrt"],
    &["apr", "abr", "avr", "kwi"],
    &["may", "mai", "mayo", "mag", "mei", "maggio", "maio", "maj"],
    &["jun", "juin", "giu", "cze"],
    &["jul", "juil", "lug", "lip"],
    &["aug", "ago", "aout", "sie"],
    &["sep", "sept", "set", "wrz"],
    &["oct", "okt", "ott", "out", "paz"],
    &["nov", "lis"],
    &["dec", "dic", "dez", "gru"],
];

const FULL_MONTHS: [&[&str]; 12] = [
    &["january", "januar", "enero", "janvier", "gennaio", "janeiro", "januari", "stycznia"],
    &["february", "februar", "febrero", "fevrier", "febbraio", "fevereiro", "februari", "lutego"],
    &["march", "marz", "marzo", "mars", "marco", "maart", "marca"],
    &["april", "abril", "avril", "aprile", "kwietnia"],
    &["may", "mai", "mayo", "maja"],
    &["june", "juni", "junio", "juin", "giugno", "junho", "czerwca"],
    &["july", "juli", "julio", "juillet", "luglio", "julho", "lipca"],
    &["august", "agosto", "aout", "augustus", "augusti", "sierpnia"],
    &["september", "septiembre", "setiembre", "septembre", "settembre", "setembro", "wrzesnia"],
    &["october", "oktober", "octubre", "octobre", "ottobre", "outubro", "pazdziernika"],
    &["november", "noviembre", "novembre", "novembro", "listopada"],
    &["december", "dezember", "diciembre", "decembre", "dicembre", "dezembro", "grudnia"],
];

pub(crate) fn month(name: &str) -> Option<i8> {
    let name = normal(name.trim_end_matches('.'));
    let of = |table: &[&[&str]; 12]| table.iter().position(|m| m.contains(&name.as_str()));
    of(&MONTHS).or_else(|| of(&FULL_MONTHS)).and_then(|index| i8::try_from(index + 1).ok())
}

/// Reads a date without a time: `2026-09-30`, `20260930`, `30/09/2026`, `9/30/2026`, `30.09.2026`,
/// `Sep 30, 2026`, `30 Sept 2026`, month names in English, Spanish, German, French, Italian,
/// Portuguese, Dutch, Polish and Swedish.
///
/// Numbers with points are day first; with slashes or dashes and the year last the order is open.
/// Years have four digits.
///
/// # Errors
/// [`DateError::Syntax`], [`DateError::Calendar`].
pub fn parse_date(text: &str) -> Result<Written, DateError> {
    if let Some(date) = iso(text.as_bytes()) {
        return day(date.0, date.1, date.2);
    }
    let text = without_weekday(text.trim()).trim_end_matches('.');
    let bytes = text.as_bytes();
    if bytes.len() == 8 && bytes.iter().all(u8::is_ascii_digit) {
        return ymd(text.get(..4), text.get(4..6), text.get(6..));
    }
    for separator in ['-', '/', '.'] {
        let mut parts = text.split(separator).map(str::trim);
        let (a, b, c, more) = (parts.next(), parts.next(), parts.next(), parts.next());
        let (Some(a), Some(b), Some(c), None) = (a, b, c, more) else { continue };
        if !b.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        if a.len() == 4 {
            return ymd(Some(a), Some(b), Some(c));
        }
        if c.len() == 4 {
            let (first, second) = (number(a, 2)?, number(b, 2)?);
            let (first, second) = (first as i8, second as i8);
            let year = number(c, 4)?;
            if separator == '.' {
                return day(year, second, first);
            }
            if !(1..=31).contains(&first) || !(1..=31).contains(&second) {
                return Err(DateError::Calendar);
            }
            if first > 12 && second > 12 {
                return Err(DateError::Calendar);
            }
            return Ok(Written::Pair { first, second, year });
        }
    }
    worded(text)
}

/// `2026/05/04(月)` without the day of the week.
fn without_weekday(text: &str) -> &str {
    let inner = text.strip_suffix([')', '）']).and_then(|text| text.rsplit_once(['(', '（']));
    let named =
        inner.filter(|(_, day)| day.chars().count() <= 3 && day.chars().all(char::is_alphabetic));
    named.map_or(text, |(date, _)| date.trim_end())
}

/// Year, month and day of `2026-09-30`.
fn iso(text: &[u8]) -> Option<(i16, i8, i8)> {
    let [y3, y2, y1, y0, b'-', m1, m0, b'-', d1, d0] = text else { return None };
    let digits = [y3, y2, y1, y0, m1, m0, d1, d0];
    if !digits.iter().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let [y3, y2, y1, y0, m1, m0, d1, d0] = digits.map(|byte| i16::from(byte - b'0'));
    let two = |tens: i16, ones: i16| (tens * 10 + ones) as i8;
    Some((y3 * 1000 + y2 * 100 + y1 * 10 + y0, two(m1, m0), two(d1, d0)))
}

/// How days of the week before a date begin, in the languages of the months; names of two letters are
/// whole.
const WEEKDAYS: [&str; 54] = [
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "mo", "di", "mi", "do", "fr", "sa", "so",
    "mit", "die", "don", "fre", "sam", "son", "lun", "mar", "mie", "jue", "vie", "sab", "dom",
    "mer", "jeu", "ven", "dim", "gio", "seg", "ter", "qua", "qui", "sex", "ma", "wo", "vr", "za",
    "zo", "maa", "woe", "pon", "wto", "sro", "czw", "pia", "nie", "tis", "ons", "tor", "lor",
];

/// `Sep 5, 2026`, `5 Sep 2026`, `5. September 2026`, `5 de septiembre de 2026`, `5-Sep-2026`, `Mon, Sep
/// 5, 2026`, `2026年9月5日`.
fn worded(text: &str) -> Result<Written, DateError> {
    if let Some((year, rest)) = text.split_once(['年', '년']) {
        let (month, rest) = rest.split_once(['月', '월']).ok_or(DateError::Syntax)?;
        let last = rest.trim().strip_suffix(['日', '일']).ok_or(DateError::Syntax)?;
        return ymd(Some(year.trim()), Some(month.trim()), Some(last.trim()));
    }
    let split = |c: char| c.is_whitespace() || c == ',' || c == '-';
    let is_part = |part: &&str| !matches!(*part, "" | "de" | "den");
    let mut parts = text.split(split).filter(is_part).peekable();
    // Before a number, `mar` is a month.
    let weekday = |part: &&str| {
        let name = normal(part.trim_end_matches('.'));
        WEEKDAYS.contains(&name.get(..3).unwrap_or(&name))
    };
    let four = text.split(split).filter(is_part).count() == 4;
    if four && parts.peek().is_some_and(weekday) {
        parts.next();
    }
    let (a, b, c, more) = (parts.next(), parts.next(), parts.next(), parts.next());
    let (Some(a), Some(b), Some(c), None) = (a, b, c, more) else {
        return Err(DateError::Syntax);
    };
    let year = if c.len() == 4 { number(c, 4)? } else { return Err(DateError::Syntax) };
    if let Some(month) = month(a) {
        return day(year, month, number(ordinal(b), 2)? as i8);
    }
    let month = month(b).ok_or(DateError::Syntax)?;
    day(year, month, number(ordinal(a), 2)? as i8)
}

/// `5.`, `5th` and `1er` without what makes a number of them.
fn ordinal(text: &str) -> &str {
    let ends = [".", "st", "nd", "rd", "th", "er"];
    ends.iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text)
}

pub(super) fn number(text: &str, longest: usize) -> Result<i16, DateError> {
    let digits =
        !text.is_empty() && text.len() <= longest && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().map_err(|_| DateError::Syntax) } else { Err(DateError::Syntax) }
}

fn ymd(y: Option<&str>, m: Option<&str>, d: Option<&str>) -> Result<Written, DateError> {
    let part = |text: Option<&str>, longest| number(text.unwrap_or_default(), longest);
    day(part(y, 4)?, part(m, 2)? as i8, part(d, 2)? as i8)
}

fn day(year: i16, month: i8, day: i8) -> Result<Written, DateError> {
    // Years before the trade began are damaged cells; so are those of far futures.
    if !(1990..=2200).contains(&year) {
        return Err(DateError::Calendar);
    }
    Date::new(year, month, day).map(Written::Date).map_err(|_| DateError::Calendar)
}
