//! Numbers as texts.

use campaign_core::Currency;

use super::data::Unit;

/// What stands for a number that is not known.
pub const DASH: &str = "–";

/// Writes amounts of one currency, and everything else.
#[derive(Debug, Clone)]
pub struct Format {
    symbol: String,
    decimals: usize,
}

impl Format {
    /// For an ISO 4217 code; another text is written in front of the amount as it is.
    #[must_use]
    pub fn new(code: &str) -> Self {
        let symbol = match code {
            "EUR" => "€".to_owned(),
            "USD" => "$".to_owned(),
            "GBP" => "£".to_owned(),
            "JPY" => "¥".to_owned(),
            "INR" => "₹".to_owned(),
            "" => String::new(),
            other => format!("{other}\u{a0}"),
        };
        let decimals = code.parse::<Currency>().map_or(2, |c| c.exponent() as usize);
        Self { symbol, decimals }
    }

    /// A number in a unit, in full: `€12,345`, `3.42×`, `4.1%`.
    #[must_use]
    pub fn full(&self, unit: Unit, x: f64) -> String {
        if !x.is_finite() {
            return DASH.to_owned();
        }
        match unit {
            Unit::Money => {
                let decimals = if x.abs() < 1000.0 { self.decimals } else { 0 };
                self.amount(x, &grouped(x.abs(), decimals))
            }
            Unit::Ratio => format!("{}×", signed(x, &grouped(x.abs(), 2))),
            Unit::Percent => percent(x),
            Unit::Count => {
                let decimals = usize::from(x.abs() < 1000.0);
                match grouped(x.abs(), decimals) {
                    // Next to nothing is not nothing.
                    zero if zero == "0.0" && x > 0.0 => "<0.1".to_owned(),
                    text => signed(x, text.strip_suffix(".0").unwrap_or(&text)),
                }
            }
            Unit::Number => number(x),
        }
    }

    /// A number in a unit, in about three digits: `€12.3k`.
    #[must_use]
    pub fn compact(&self, unit: Unit, x: f64) -> String {
        if !x.is_finite() || x.abs() < 1000.0 {
            return self.full(unit, x);
        }
        let short = short(x.abs());
        match unit {
            Unit::Money => self.amount(x, &short),
            Unit::Ratio => format!("{}×", signed(x, &short)),
            Unit::Percent => percent(x),
            Unit::Count | Unit::Number => signed(x, &short),
        }
    }

    /// A tick of an axis whose ticks are `step` apart.
    #[must_use]
    pub fn tick(&self, unit: Unit, x: f64, step: f64) -> String {
        let decimals = |step: f64| (-step.log10().floor()).clamp(0.0, 6.0) as usize;
        let plain = |x: f64, step: f64| signed(x, &grouped(x.abs(), decimals(step)));
        match unit {
            Unit::Percent => format!("{}%", plain(100.0 * x, 100.0 * step)),
            Unit::Ratio => format!("{}×", plain(x, step)),
            Unit::Money if x.abs() < 1000.0 => self.amount(x, &grouped(x.abs(), decimals(step))),
            Unit::Money => self.amount(x, &trimmed(&short(x.abs()))),
            _ if x.abs() < 1000.0 => plain(x, step),
            _ => signed(x, &trimmed(&short(x.abs()))),
        }
    }

    fn amount(&self, x: f64, digits: &str) -> String {
        signed(x, &format!("{}{digits}", self.symbol))
    }
}

/// The relative change from one number to another, if it has a meaning.
#[must_use]
pub fn change(from: f64, to: f64) -> Option<f64> {
    let change = (to - from) / from.abs();
    change.is_finite().then_some(change)
}

/// A change as a percentage with its sign: `+4.2%`, `−12.0%`, `+310%`.
#[must_use]
pub fn signed_percent(share: f64) -> String {
    if !share.is_finite() {
        return DASH.to_owned();
    }
    let x = 100.0 * share;
    let decimals = usize::from(x != 0.0 && x.abs() < 99.95);
    let text = format!("{}%", signed(x, &grouped(x.abs(), decimals)));
    if text == "0.0%" {
        return "0%".to_owned();
    }
    if x > 0.0 { format!("+{text}") } else { text }
}

/// A share as a percentage, with two to three digits.
#[must_use]
pub fn percent(share: f64) -> String {
    if !share.is_finite() {
        return DASH.to_owned();
    }
    let x = 100.0 * share;
    let decimals = match x.abs() {
        a if a >= 99.95 || a == 0.0 => 0,
        a if a >= 9.995 => 1,
        _ => 2,
    };
    format!("{}%", signed(x, &grouped(x.abs(), decimals)))
}

/// A probability: `<0.1%` and `>99.9%` rather than a false 0 or 1.
#[must_use]
pub fn probability(p: f64) -> String {
    match p {
        p if !p.is_finite() => DASH.to_owned(),
        p if p < 0.001 => "<0.1%".to_owned(),
        p if p > 0.999 => ">99.9%".to_owned(),
        p => format!("{:.1}%", 100.0 * p),
    }
}

/// A p-value: `0.034`, `<0.001`.
#[must_use]
pub fn p_value(p: f64) -> String {
    match p {
        p if !p.is_finite() => DASH.to_owned(),
        p if p < 0.001 => "<0.001".to_owned(),
        p => format!("{p:.3}"),
    }
}

/// A bare number in three digits or more: `1.28`, `0.034`, `12.30`.
#[must_use]
pub fn number(x: f64) -> String {
    let text = match x.abs() {
        a if !a.is_finite() => return DASH.to_owned(),
        0.0 => "0".to_owned(),
        a if a >= 1000.0 => grouped(a, 0),
        a if a >= 100.0 => grouped(a, 1),
        a if a >= 1.0 => grouped(a, 2),
        a if a >= 0.01 => grouped(a, 3),
        a => format!("{a:.1e}"),
    };
    signed(x, &text)
}

/// A count.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count with its noun: `1 row`, `2 rows`.
#[must_use]
pub fn plural(n: usize, noun: &str) -> String {
    let end = if n == 1 { "" } else { "s" };
    format!("{} {noun}{end}", count(n as u64))
}

fn signed(x: f64, digits: &str) -> String {
    let zero = !digits.bytes().any(|b| (b'1'..=b'9').contains(&b));
    if x < 0.0 && !zero { format!("−{digits}") } else { digits.to_owned() }
}

/// Digits of a number that is not negative, with thousands separators.
fn grouped(x: f64, decimals: usize) -> String {
    if x >= 1e15 {
        return format!("{x:.2e}");
    }
    let text = format!("{x:.decimals$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), count);
    if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") }
}

/// Three digits and a suffix.
fn short(x: f64) -> String {
    let units = [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")];
    if x >= 1e15 {
        return format!("{x:.2e}");
    }
    // 999,600 is 1.00M, not 1000k.
    let unit = units.iter().find(|(size, _)| x >= size * 0.9995);
    let (scaled, suffix) = unit.map_or((x, ""), |&(size, suffix)| (x / size, suffix));
    let decimals = match scaled {
        s if s >= 99.95 => 0,
        s if s >= 9.995 => 1,
        _ => 2,
    };
    format!("{scaled:.decimals$}{suffix}")
}

/// Without the zeros behind the point: `2.50k` is `2.5k`.
fn trimmed(short: &str) -> String {
    let digits = short.trim_end_matches(['k', 'M', 'B', 'T']);
    let suffix = short.get(digits.len()..).unwrap_or("");
    if digits.contains('.') && !digits.contains('e') {
        format!("{}{suffix}", digits.trim_end_matches('0').trim_end_matches('.'))
    } else {
        short.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        let eur = Format::new("EUR");
        assert_eq!(eur.full(Unit::Money, 1_234_567.8), "€1,234,568");
        assert_eq!(eur.full(Unit::Money, -12.5), "−€12.50");
        assert_eq!(eur.full(Unit::Money, -0.001), "€0.00");
        assert_eq!(eur.compact(Unit::Money, 84_210.0), "€84.2k");
        assert_eq!(eur.compact(Unit::Money, 999_700.0), "€1.00M");
        assert_eq!(eur.compact(Unit::Money, 999.0), "€999.00");
        assert_eq!(Format::new("JPY").full(Unit::Money, 12.0), "¥12");
        assert_eq!(Format::new("CHF").full(Unit::Money, 12.0), "CHF\u{a0}12.00");
        assert_eq!(Format::new("").full(Unit::Money, 12.0), "12.00");
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(eur.full(Unit::Money, bad), DASH);
            assert_eq!(eur.compact(Unit::Count, bad), DASH);
        }
        assert_eq!(eur.full(Unit::Money, 1e300), "€1.00e300");
    }

    #[test]
    fn shares_and_probabilities() {
        assert_eq!(percent(0.04123), "4.12%");
        assert_eq!(percent(0.4123), "41.2%");
        assert_eq!(percent(1.0), "100%");
        assert_eq!(signed_percent(0.3), "+30.0%");
        assert_eq!(signed_percent(-0.3), "−30.0%");
        assert_eq!(signed_percent(0.0), "0%");
        assert_eq!(signed_percent(1e-9), "0%");
        assert_eq!(probability(0.00001), "<0.1%");
        assert_eq!(probability(1.0), ">99.9%");
        assert_eq!(p_value(0.0), "<0.001");
        assert_eq!(change(0.0, 1.0), None);
        assert_eq!(change(-2.0, -1.0), Some(0.5));
    }

    #[test]
    fn ticks_and_counts() {
        let eur = Format::new("EUR");
        assert_eq!(eur.tick(Unit::Money, 2500.0, 500.0), "€2.5k");
        assert_eq!(eur.tick(Unit::Money, 0.0, 500.0), "€0");
        assert_eq!(eur.tick(Unit::Ratio, 1.5, 0.5), "1.5×");
        assert_eq!(eur.tick(Unit::Percent, 0.02, 0.01), "2%");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(999), "999");
        assert_eq!(plural(1, "row"), "1 row");
        assert_eq!(number(0.00012), "1.2e-4");
        assert_eq!(eur.full(Unit::Number, 1.2875), "1.29");
        assert_eq!(eur.full(Unit::Number, 1.28), "1.28");
        assert_eq!(eur.full(Unit::Number, 0.0342), "0.034");
        let counts = [(685.000_000_1, "685"), (0.1 + 0.2, "0.3"), (12.34, "12.3"), (-4.0, "−4")];
        for (x, text) in counts.into_iter().chain([(0.01, "<0.1"), (-0.01, "0"), (0.0, "0")]) {
            assert_eq!(eur.full(Unit::Count, x), text, "{x}");
        }
    }
}
