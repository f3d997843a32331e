//! Pieces that several sections use.

use maud::{Markup, html};

use super::Page;
use crate::report::data::Unit;
use crate::report::format::{DASH, change, signed_percent};

/// What stands for a change that rounds to nothing.
pub(super) const UNCHANGED: &str = "unchanged";

impl Page<'_> {
    /// A name behind the dot of its channel's colour.
    pub(super) fn dotted(&self, channel: Option<&str>, name: &str) -> Markup {
        html! {
            span class={ "name " (self.palette.class_of(channel)) } {
                span class="dot" {}
                span title=[hint(name)] { (named(name)) }
            }
        }
    }

    /// An amount in full, or a dash.
    pub(super) fn money(&self, x: Option<f64>) -> String {
        self.format.full(Unit::Money, x.unwrap_or(f64::NAN))
    }

    /// One unit of the currency, in words.
    pub(super) fn unit_of_money(&self) -> String {
        match self.data.currency.as_str() {
            "" => "unit of budget".to_owned(),
            code => format!("{code} of budget"),
        }
    }

    /// A number in about three digits, or a dash.
    pub(super) fn compact(&self, unit: Unit, x: Option<f64>) -> String {
        self.format.compact(unit, x.unwrap_or(f64::NAN))
    }

    /// `low–high`, or nothing where either end is unknown.
    pub(super) fn interval(
        &self,
        unit: Unit,
        low: Option<f64>,
        high: Option<f64>,
    ) -> Option<String> {
        let (low, high) = (low.filter(|v| v.is_finite())?, high.filter(|v| v.is_finite())?);
        let (low, high) = (self.format.compact(unit, low), self.format.compact(unit, high));
        Some(format!("{low} to {high}"))
    }

    /// A note in place of what is absent, with the reason of the skipped stage that one of `words`
    /// names.
    pub(super) fn absent(&self, text: &str, words: &[&str]) -> Markup {
        let skipped = self.data.skipped.iter().find(|s| {
            let stage = s.stage.to_lowercase();
            words.iter().any(|word| stage.contains(word))
        });
        html! {
            p class="note" {
                (text)
                @if let Some(skipped) = skipped { " Skipped: " (skipped.why) }
            }
        }
    }
}

/// The whole of a name that is too long to stand in full, to show while the pointer rests on it.
pub(super) fn hint(name: &str) -> Option<&str> {
    (name.chars().count() > 40).then_some(name)
}

/// A name, or a dash where there is none.
pub(super) fn named(name: &str) -> &str {
    if name.trim().is_empty() { DASH } else { name }
}

/// A title with its explanatory line.
pub(super) fn heading(title: &str, lead: &str) -> Markup {
    html! {
        h2 { (title) }
        @if !lead.is_empty() { p class="lead" { (lead) } }
    }
}

/// A status or decision as a badge, coloured by its meaning.
pub(super) fn badge(text: &str) -> Markup {
    html! { span class={ "badge " (tone(text)) } { (named(text)) } }
}

/// The colour class of a status or decision word.
pub(super) fn tone(text: &str) -> &'static str {
    let text = text.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if any(&["infeasible", "unbounded", "reject", "pause", "drift", "fail"]) {
        "bad"
    } else if any(&["optimal", "accept", "winner", "scale", "stable", "kept"]) {
        "good"
    } else if any(&["stopped", "underspent", "watch", "warn"]) {
        "warn"
    } else {
        ""
    }
}

/// Reasons, a paragraph each.
pub(super) fn reasons(reasons: &[String]) -> Markup {
    html! {
        @if reasons.is_empty() { p { (DASH) } }
        @for reason in reasons { p { (reason) } }
    }
}

/// The change between two numbers in per cent, or a dash.
pub(super) fn change_text(from: f64, to: f64) -> String {
    match change(from, to) {
        Some(change) if is_flat(change) => UNCHANGED.to_owned(),
        Some(change) => signed_percent(change),
        None if from == 0.0 && to > 0.0 => "new".to_owned(),
        None => DASH.to_owned(),
    }
}

/// Whether a relative change would be written as zero.
pub(super) fn is_flat(change: f64) -> bool {
    signed_percent(change) == "0%"
}

/// Rows of a list: the first stand open, the next are folded away, the rest are counted.
pub(super) fn folded<T>(rows: &[T], open: usize, most: usize) -> (&[T], &[T], usize) {
    let shown = rows.get(..most).unwrap_or(rows);
    let (head, tail) = shown.split_at(open.min(shown.len()));
    // A fold of one or two rows hides more than it saves.
    if tail.len() <= 2 {
        (shown, &[], rows.len() - shown.len())
    } else {
        (head, tail, rows.len() - shown.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tones_of_words() {
        assert_eq!(tone("infeasible"), "bad");
        assert_eq!(tone("Optimal"), "good");
        assert_eq!(tone("continue"), "");
        assert_eq!(tone("underspent"), "warn");
    }

    #[test]
    fn folds_keep_every_row() {
        let rows: Vec<usize> = (0..100).collect();
        for n in 0..100 {
            let (head, tail, rest) = folded(&rows[..n], 10, 40);
            assert_eq!(head.len() + tail.len() + rest, n);
            assert!(tail.is_empty() || head.len() == 10);
        }
    }

    #[test]
    fn changes_from_nothing() {
        assert_eq!(change_text(0.0, 5.0), "new");
        assert_eq!(change_text(0.0, 0.0), DASH);
        assert_eq!(change_text(f64::NAN, 5.0), DASH);
        assert_eq!(change_text(5826.0, 5826.1), UNCHANGED);
        assert_eq!(change_text(5826.0, 5830.0), "+0.1%");
    }
}
