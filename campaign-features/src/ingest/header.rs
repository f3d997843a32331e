//! Header cells in the form in which they are compared.

use campaign_core::Currency;

/// A header cell: its text, the form to compare, and the currency that stood in it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeaderCell {
    /// As it stands in the file.
    pub text: String,
    /// Lower case, without accents, `_` as a space, single spaces, without the currency.
    pub name: String,
    /// The currency of `Amount spent (USD)`.
    pub currency: Option<Currency>,
}

impl HeaderCell {
    /// Reads a header cell.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let (rest, currency) = lift_currency(text);
        Self { text: text.to_owned(), name: normal(rest), currency }
    }
}

/// Takes a trailing `(USD)` off.
fn lift_currency(text: &str) -> (&str, Option<Currency>) {
    let lifted = text.strip_suffix(')').and_then(|rest| {
        let (before, code) = rest.rsplit_once('(')?;
        let currency = code.trim().parse::<Currency>().ok()?;
        Some((before, Some(currency)))
    });
    lifted.unwrap_or((text, None))
}

/// Lower case, accents off, every run of white space or `_` one space.
pub(crate) fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut space = false;
    for c in text.chars() {
        if c.is_whitespace() || c == '_' || c == '\u{feff}' {
            space = true;
            continue;
        }
        if space && !out.is_empty() {
            out.push(' ');
        }
        space = false;
        match fold(c) {
            Ok(folded) => out.push_str(folded),
            Err(c) => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// The base letters of the accented letters of European languages.
fn fold(c: char) -> Result<&'static str, char> {
    Ok(match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' | 'Á' | 'À' | 'Â' | 'Ä' | 'Ã' | 'Å' | 'ą' | 'Ą' => {
            "a"
        }
        'é' | 'è' | 'ê' | 'ë' | 'É' | 'È' | 'Ê' | 'Ë' | 'ę' | 'Ę' => "e",
        'í' | 'ì' | 'î' | 'ï' | 'Í' | 'Ì' | 'Î' | 'Ï' => "i",
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'Ó' | 'Ò' | 'Ô' | 'Ö' | 'Õ' => "o",
        'ú' | 'ù' | 'û' | 'ü' | 'Ú' | 'Ù' | 'Û' | 'Ü' => "u",
        'ñ' | 'Ñ' | 'ń' | 'Ń' => "n",
        'ç' | 'Ç' | 'ć' | 'Ć' | 'č' | 'Č' => "c",
        'ł' | 'Ł' => "l",
        'ś' | 'Ś' | 'š' | 'Š' => "s",
        'ź' | 'Ź' | 'ż' | 'Ż' | 'ž' | 'Ž' => "z",
        'ø' | 'Ø' => "o",
        'æ' | 'Æ' => "ae",
        'ß' => "ss",
        'œ' | 'Œ' => "oe",
        '\u{2019}' | '\u{2018}' => "'",
        '\u{2010}' | '\u{2011}' | '\u{2013}' => "-",
        c => return Err(c),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (text, name, currency) in [
            ("Amount spent (USD)", "amount spent", Some("USD")),
            (
                "CPM (cost per 1,000 impressions) (EUR)",
                "cpm (cost per 1,000 impressions)",
                Some("EUR"),
            ),
            ("Clicks (all)", "clicks (all)", None),
            ("Impr. (Top) %", "impr. (top) %", None),
            ("\u{feff}Día", "dia", None),
            ("Nombre de la campaña", "nombre de la campana", None),
            ("STAT_TIME_HOUR", "stat time hour", None),
            ("_fivetran_synced", "fivetran synced", None),
            ("7 Day Total Sales ", "7 day total sales", None),
            ("Ausgegebener Betrag (EUR)", "ausgegebener betrag", Some("EUR")),
            ("", "", None),
            (")", ")", None),
        ] {
            let cell = HeaderCell::new(text);
            assert_eq!((cell.name.as_str(), cell.currency.map(Currency::code)), (name, currency));
        }
    }
}
