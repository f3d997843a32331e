//! Which graphemes are pictures.

use unicode_segmentation::UnicodeSegmentation;

/// How many graphemes are shown as an emoji: a flag, a family or a key cap counts once.
///
/// A grapheme is one if it holds the selector U+FE0F or the key cap U+20E3, or begins with a character
/// that is shown as one by default (`Emoji_Presentation` of Unicode 16, whole blocks beyond U+1F2FF).
pub(super) fn count(text: &str) -> usize {
    let picture = |grapheme: &&str| {
        grapheme.contains(['\u{fe0f}', '\u{20e3}']) || grapheme.chars().next().is_some_and(default)
    };
    text.graphemes(true).filter(picture).count()
}

fn default(c: char) -> bool {
    matches!(u32::from(c),
        0x231a..=0x231b | 0x23e9..=0x23ec | 0x23f0 | 0x23f3 | 0x25fd..=0x25fe | 0x2614..=0x2615
        | 0x2648..=0x2653 | 0x267f | 0x2693 | 0x26a1 | 0x26aa..=0x26ab | 0x26bd..=0x26be
        | 0x26c4..=0x26c5 | 0x26ce | 0x26d4 | 0x26ea | 0x26f2..=0x26f3 | 0x26f5 | 0x26fa | 0x26fd
        | 0x2705 | 0x270a..=0x270b | 0x2728 | 0x274c | 0x274e | 0x2753..=0x2755 | 0x2757
        | 0x2795..=0x2797 | 0x27b0 | 0x27bf | 0x2b1b..=0x2b1c | 0x2b50 | 0x2b55
        | 0x1f004 | 0x1f0cf | 0x1f18e | 0x1f191..=0x1f19a | 0x1f1e6..=0x1f1ff | 0x1f201 | 0x1f21a
        | 0x1f22f | 0x1f232..=0x1f236 | 0x1f238..=0x1f23a | 0x1f250..=0x1f251
        | 0x1f300..=0x1f64f | 0x1f680..=0x1f6ff | 0x1f7e0..=0x1f7eb | 0x1f7f0
        | 0x1f900..=0x1f9ff | 0x1fa70..=0x1faff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        for (text, expected) in [
            ("", 0),
            ("plain 1 © ™ → é", 0),
            ("🔥", 1),
            ("🔥🔥 sale", 2),
            ("👩‍👩‍👧‍👦", 1),
            ("👍🏽", 1),
            ("🇩🇪🇫🇷", 2),
            ("1️⃣ ❤️ ✅", 3),
            ("❤", 0),
        ] {
            assert_eq!(count(text), expected, "{text}");
        }
    }
}
