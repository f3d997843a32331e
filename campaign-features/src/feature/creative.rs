//! What a creative's text says about it, by plain rules.

/// Something measured in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
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
}

impl TextField {
    /// Every field, in the order of the columns.
    pub const ALL: [Self; 8] = [
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
        }
    }

    /// The field's value for a text.
    ///
    /// # Examples
    /// ```
    /// use campaign_features::feature::TextField;
    /// assert_eq!(TextField::Words.of("Shop now: 20% off"), 4.0);
    /// assert_eq!(TextField::CallToAction.of("Jetzt kaufen!"), 1.0);
    /// assert_eq!(TextField::CallToAction.of("Workshop nowhere"), 0.0);
    /// ```
    #[must_use]
    pub fn of(self, text: &str) -> f64 {
        let has = |test: fn(char) -> bool| f64::from(u8::from(text.chars().any(test)));
        match self {
            Self::Characters => text.chars().count() as f64,
            Self::Words => words(text).count() as f64,
            Self::Digit => has(|c| c.is_numeric()),
            Self::Question => has(|c| matches!(c, '?' | '？' | '¿' | '؟')),
            Self::Exclamation => has(|c| matches!(c, '!' | '！' | '¡')),
            Self::Offer => {
                has(|c| matches!(c, '%' | '％' | '$' | '£' | '¢' | '¥' | '\u{20a0}'..='\u{20cf}'))
            }
            Self::CallToAction => f64::from(u8::from(calls_to_action(text))),
            Self::Capitals => {
                let upper = text.chars().filter(|c| c.is_uppercase()).count();
                let lower = text.chars().filter(|c| c.is_lowercase()).count();
                // 0/0 is NaN, which is what a text without cased letters has.
                upper as f64 / (upper + lower) as f64
            }
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Phrases, in lower case, word by word.
const CALLS: [&[&str]; 44] = [
    &["shop", "now"],
    &["buy", "now"],
    &["order", "now"],
    &["order", "today"],
    &["get", "yours"],
    &["get", "started"],
    &["get", "offer"],
    &["get", "quote"],
    &["sign", "up"],
    &["join", "now"],
    &["join", "us"],
    &["subscribe"],
    &["download"],
    &["install", "now"],
    &["learn", "more"],
    &["find", "out", "more"],
    &["discover"],
    &["try", "it"],
    &["try", "now"],
    &["try", "for", "free"],
    &["start", "now"],
    &["book", "now"],
    &["apply", "now"],
    &["contact", "us"],
    &["call", "now"],
    &["save", "now"],
    &["click", "here"],
    &["jetzt", "kaufen"],
    &["jetzt", "bestellen"],
    &["jetzt", "entdecken"],
    &["jetzt", "shoppen"],
    &["jetzt", "sparen"],
    &["jetzt", "anmelden"],
    &["mehr", "erfahren"],
    &["hier", "klicken"],
    &["achetez"],
    &["commandez"],
    &["découvrez"],
    &["en", "savoir", "plus"],
    &["inscrivez", "vous"],
    &["compra", "ahora"],
    &["descubre"],
    &["más", "información"],
    &["regístrate"],
];

fn calls_to_action(text: &str) -> bool {
    let text = text.to_lowercase();
    let words: Vec<&str> = words(&text).collect();
    CALLS.iter().any(|call| words.windows(call.len()).any(|window| window == *call))
}

/// The value after `key=` or `key:` in a text of such pairs, set off by white space, `|`, `;`, `,`,
/// `&` or `/`; the key in any case.
///
/// # Examples
/// ```
/// use campaign_features::feature::value_of;
/// assert_eq!(value_of("DE | Format: video | v2", "format"), Some("video"));
/// assert_eq!(value_of("device=mobile;format=carousel", "format"), Some("carousel"));
/// assert_eq!(value_of("information=1", "format"), None);
/// ```
#[must_use]
pub fn value_of<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '|' | ';' | ',' | '&' | '/');
    text.char_indices().find_map(|(at, _)| {
        let before = text.get(..at)?.chars().next_back();
        if before.is_some_and(|c| !ends(c)) {
            return None;
        }
        let rest = text.get(at..)?;
        let head = rest.get(..key.len()).filter(|head| head.eq_ignore_ascii_case(key))?;
        let value = rest.get(head.len()..)?.trim_start();
        let value = value.strip_prefix(['=', ':'])?.trim_start();
        value.split(ends).next().filter(|value| !value.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_texts() {
        let all = |text| TextField::ALL.map(|field| field.of(text));
        let nan = all("").last().copied().unwrap();
        assert!(nan.is_nan());
        assert_eq!(all("")[..7], [0.0; 7]);
        let values = all("Über 20 % RABATT? Jetzt kaufen!");
        assert_eq!(values[..7], [31.0, 5.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        assert!((values[7] - 8.0 / 21.0).abs() < 1e-15, "{}", values[7]);
        assert_eq!(TextField::Characters.of("日本語"), 3.0);
        assert_eq!(TextField::Offer.of("5 €"), 1.0);
        assert_eq!(TextField::CallToAction.of("SIGN-UP"), 1.0);
        assert_eq!(TextField::CallToAction.of("shop. nowadays"), 0.0);
    }

    #[test]
    fn calls_are_lower_case_words() {
        for call in CALLS {
            assert_eq!(TextField::CallToAction.of(&call.join(" ").to_uppercase()), 1.0, "{call:?}");
        }
    }

    #[test]
    fn values_by_key() {
        for (text, value) in [
            ("format=video", Some("video")),
            ("FORMAT = video", Some("video")),
            ("a/format:x/b", Some("x")),
            ("format=", None),
            ("format", None),
            ("", None),
            ("éformat=x", None),
            ("é format=é", Some("é")),
        ] {
            assert_eq!(value_of(text, "format"), value, "{text:?}");
        }
    }
}
