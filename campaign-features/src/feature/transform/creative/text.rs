//! Numbers of a text.

use unicode_segmentation::UnicodeSegmentation;

use super::calls::calls_to_action;
use super::{emoji, words};

/// Something measured in a text.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TextField {
    /// Characters (Unicode scalar values, not bytes; an accent written apart counts).
    Characters,
    /// Words: runs of letters and digits.
    Words,
    /// 1 if there is a digit.
    Digit,
    /// 1 if there is a question mark.
    Question,
    /// 1 if there is an exclamation mark.
    Exclamation,
    /// 1 if there is a percent sign or a currency sign.
    Offer,
    /// 1 if there is a call to action in English, German, French or Spanish.
    CallToAction,
    /// Upper-case letters as a share of all letters that have a case; NaN if there are none.
    Capitals,
    /// What a reader takes for characters (extended grapheme clusters of Unicode's annex 29).
    Graphemes,
    /// Emoji; a flag, a family or a key cap counts once.
    Emoji,
    /// How many digits.
    Digits,
    /// 1 if a number stands beside a currency sign or a currency's code.
    Price,
    /// 1 if a number stands before a percent sign.
    Percent,
    /// Letters and digits per word; NaN if there are none.
    WordLength,
    /// 1 if there is a tag (`#word`).
    Hashtag,
}

impl TextField {
    /// Every field.
    pub const ALL: [Self; 15] = [
        Self::Characters,
        Self::Words,
        Self::Digit,
        Self::Question,
        Self::Exclamation,
        Self::Offer,
        Self::CallToAction,
        Self::Capitals,
        Self::Graphemes,
        Self::Emoji,
        Self::Digits,
        Self::Price,
        Self::Percent,
        Self::WordLength,
        Self::Hashtag,
    ];

    /// The eight that a standard set of features holds, in the order of its columns.
    pub const STANDARD: [Self; 8] = [
        Self::Characters,
        Self::Words,
        Self::Digit,
        Self::Question,
        Self::Exclamation,
        Self::Offer,
        Self::CallToAction,
        Self::Capitals,
    ];

    /// The name used in column names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Characters => "text_characters",
            Self::Words => "text_words",
            Self::Digit => "text_digit",
            Self::Question => "text_question",
            Self::Exclamation => "text_exclamation",
            Self::Offer => "text_offer",
            Self::CallToAction => "text_call_to_action",
            Self::Capitals => "text_capitals",
            Self::Graphemes => "text_graphemes",
            Self::Emoji => "text_emoji",
            Self::Digits => "text_digits",
            Self::Price => "text_price",
            Self::Percent => "text_percent",
            Self::WordLength => "text_word_length",
            Self::Hashtag => "text_hashtag",
        }
    }

    /// The field's value for a text.
    ///
    /// # Examples
    /// ```
    /// use campaign_features::feature::transform::creative::TextField;
    /// assert_eq!(TextField::Words.of("Shop now: 20% off"), 4.0);
    /// assert_eq!(TextField::CallToAction.of("Jetzt kaufen!"), 1.0);
    /// assert_eq!(TextField::CallToAction.of("Workshop nowhere"), 0.0);
    /// assert_eq!(TextField::Graphemes.of("🇩🇪 e\u{301}"), 3.0);
    /// ```
    #[must_use]
    pub fn of(self, text: &str) -> f64 {
        let flag = |yes: bool| f64::from(u8::from(yes));
        let has = |test: fn(char) -> bool| flag(text.chars().any(test));
        match self {
            Self::Characters => text.chars().count() as f64,
            Self::Words => words(text).count() as f64,
            Self::Digit => has(char::is_numeric),
            Self::Question => has(|c| matches!(c, '?' | '？' | '¿' | '؟')),
            Self::Exclamation => has(|c| matches!(c, '!' | '！' | '¡')),
            Self::Offer => has(|c| percent(c) || currency(c)),
            Self::CallToAction => flag(calls_to_action(text)),
            Self::Capitals => {
                let upper = text.chars().filter(|c| c.is_uppercase()).count();
                let lower = text.chars().filter(|c| c.is_lowercase()).count();
                // 0/0 is NaN, which is what a text without cased letters has.
                upper as f64 / (upper + lower) as f64
            }
            Self::Graphemes => text.graphemes(true).count() as f64,
            Self::Emoji => emoji::count(text) as f64,
            Self::Digits => text.chars().filter(|c| c.is_numeric()).count() as f64,
            Self::Price => flag(price(text)),
            Self::Percent => flag(beside(text, percent, false)),
            Self::WordLength => {
                let letters: usize = words(text).map(|word| word.chars().count()).sum();
                letters as f64 / words(text).count() as f64
            }
            Self::Hashtag => {
                flag(text.split('#').skip(1).any(|t| t.starts_with(char::is_alphanumeric)))
            }
        }
    }
}

fn percent(c: char) -> bool {
    matches!(c, '%' | '％')
}

fn currency(c: char) -> bool {
    matches!(c, '$' | '£' | '¢' | '¥' | '\u{20a0}'..='\u{20cf}')
}

/// Codes that stand for prices in running text.
const CODES: [&str; 12] =
    ["eur", "usd", "gbp", "chf", "sek", "nok", "dkk", "pln", "zł", "kr", "brl", "mxn"];

fn price(text: &str) -> bool {
    let code = |word: &str| CODES.contains(&word.to_lowercase().as_str());
    let number = |word: &str| word.starts_with(char::is_numeric);
    let mut before = "";
    beside(text, currency, true)
        || text.split_whitespace().any(|word| {
            let word = word.trim_end_matches(['.', ',', '!', '?', ')', ';', ':']);
            let found = code(word) && number(before) || number(word) && code(before);
            before = word;
            found
        })
}

/// Whether a sign stands right after a digit, or one space after it, or, where `ahead`, so before one.
fn beside(text: &str, sign: fn(char) -> bool, ahead: bool) -> bool {
    let near = |a: Option<char>, b: Option<char>, test: fn(char) -> bool| match a {
        Some(c) if c.is_whitespace() => b.is_some_and(test),
        other => other.is_some_and(test),
    };
    let (mut two, mut one) = (None, None);
    text.chars().any(|c| {
        let found = sign(c) && near(one, two, char::is_numeric)
            || ahead && c.is_numeric() && near(one, two, sign);
        (two, one) = (one, Some(c));
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_texts() {
        let all = |text| TextField::STANDARD.map(|field| field.of(text));
        assert!(all("")[7].is_nan());
        assert_eq!(all("")[..7], [0.0; 7]);
        let values = all("Über 20 % RABATT? Jetzt kaufen!");
        assert_eq!(values[..7], [31.0, 5.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        assert!((values[7] - 8.0 / 21.0).abs() < 1e-15, "{}", values[7]);
        assert_eq!(TextField::Characters.of("日本語"), 3.0);
        assert_eq!(TextField::Offer.of("5 €"), 1.0);
        assert_eq!(TextField::WordLength.of("ab cdef"), 3.0);
        assert!(TextField::WordLength.of("…").is_nan());
        assert_eq!(TextField::Digits.of("2 for 19.99"), 5.0);
    }

    #[test]
    fn offers() {
        for (text, price, percent) in [
            ("from $9.99", 1.0, 0.0),
            ("5 €", 1.0, 0.0),
            ("€ 5", 1.0, 0.0),
            ("nur 20 EUR!", 1.0, 0.0),
            ("CHF 20.-", 1.0, 0.0),
            ("save $$$", 0.0, 0.0),
            ("20% off", 0.0, 1.0),
            ("20\u{a0}% RABATT", 0.0, 1.0),
            ("% 20", 0.0, 0.0),
            ("100 times", 0.0, 0.0),
            ("the euro 2024", 0.0, 0.0),
            ("", 0.0, 0.0),
        ] {
            assert_eq!(TextField::Price.of(text), price, "{text}");
            assert_eq!(TextField::Percent.of(text), percent, "{text}");
        }
        assert_eq!(TextField::Hashtag.of("new #drop"), 1.0);
        assert_eq!(TextField::Hashtag.of("we are #1"), 1.0);
        assert_eq!(TextField::Hashtag.of("# drop"), 0.0);
    }
}
