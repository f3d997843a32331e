//! What a creative's name, text and past say about it, by plain rules.

mod calls;
mod emoji;
pub mod fatigue;
mod format;
mod language;
mod pairs;
mod telling;
mod text;

pub use format::Format;
pub use language::Language;
pub use pairs::value_of;
pub use text::TextField;

/// Runs of letters and digits.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}
