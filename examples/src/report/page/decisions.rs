//! The decision log, and the facts of the run.

use maud::{Markup, html};

use super::Page;
use super::parts::{folded, heading, named};
use crate::report::data::DecisionLine;
use crate::report::format::plural;

const OPEN: usize = 10;
const MOST: usize = 80;

pub(super) fn section(page: &Page<'_>) -> Markup {
    let decisions: Vec<&DecisionLine> = page.data.decisions.iter().rev().collect();
    let (open, more, rest) = folded(&decisions, OPEN, MOST);
    html! {
        (heading("Decisions", "Newest first. Each record of the log holds the hash of the one before it; the head fixes them all."))
        @if decisions.is_empty() {
            (page.absent("No decision was logged.", &["decision", "log"]))
        } @else {
            div class="card" {
                div class="head" {
                    h3 { (plural(decisions.len(), "decision")) }
                    @if let Some(head) = &page.data.log_head {
                        span class="mute small" { "head " code { (head) } }
                    }
                }
                (list(open))
                @if !more.is_empty() { details { summary { "The " (more.len()) " before" } (list(more)) } }
                @if rest > 0 { p class="mute small" { (plural(rest, "earlier decision")) " in decisions.jsonl." } }
            }
        }
    }
}

fn list(decisions: &[&DecisionLine]) -> Markup {
    html! {
        ol class="log" {
            @for decision in decisions {
                li {
                    // An id may begin with the time; once is enough.
                    div class="id" {
                        @if !decision.id.starts_with(&decision.at) { (decision.at) }
                        code { (decision.id) }
                    }
                    div {
                        b { (named(&decision.action)) } " " (decision.subject)
                        @if !decision.actor.is_empty() { span class="mute small" { " by " (decision.actor) } }
                        @for reason in &decision.reasons { p { (reason) } }
                    }
                }
            }
        }
    }
}

pub(super) fn footer(page: &Page<'_>) -> Markup {
    let run = &page.data.run;
    let seconds: f64 = run.stages.iter().map(|s| s.seconds).filter(|s| s.is_finite()).sum();
    html! {
        footer {
            dl {
                @if !run.program.is_empty() { div { dt { "Made by" } dd { (run.program) } } }
                div { dt { "Seed" } dd { (run.seed) } }
                @if !run.stages.is_empty() { div { dt { "Run time" } dd { (seconds_text(seconds)) } } }
                @for stage in &run.stages {
                    div { dt { (stage.stage) } dd { (seconds_text(stage.seconds)) } }
                }
            }
            @if let Some(head) = &page.data.log_head { p { "Log head " code { (head) } } }
        }
    }
}

fn seconds_text(seconds: f64) -> String {
    match seconds {
        s if !s.is_finite() => crate::report::format::DASH.to_owned(),
        s if s < 0.0995 => format!("{:.0} ms", 1000.0 * s),
        s => format!("{s:.1} s"),
    }
}
