//! What was read, and what was not taken.

use maud::{Markup, html};

use super::Page;
use super::parts::{heading, named};
use crate::report::chart::scale::day;
use crate::report::data::{Reject, Source};
use crate::report::format::{DASH, count, percent, plural, probability};

const REJECTS: usize = 20;

pub(super) fn section(page: &Page<'_>) -> Markup {
    let data = page.data;
    html! {
        (heading("Data health", "Every data row is taken, rejected or a duplicate; headers, preambles and totals count as skipped lines."))
        @if data.sources.is_empty() {
            (page.absent("No source was read.", &["ingest", "audit", "source"]))
        } @else {
            div class="card" { div class="scroll" { (sources(&data.sources, data.first_day.is_some())) } (rejects(&data.rejects, &data.sources)) }
        }
        @if !data.skipped.is_empty() {
            div class="card" {
                h3 { "Stages skipped" }
                table class="stack" {
                    thead { tr { th scope="col" { "Stage" } th scope="col" { "Why" } } }
                    tbody {
                        @for skipped in &data.skipped {
                            tr { th scope="row" { (skipped.stage) } td class="span" { (skipped.why) } }
                        }
                    }
                }
            }
        }
    }
}

/// The sources; `dated` is whether the input has days at all.
fn sources(sources: &[Source], dated: bool) -> Markup {
    html! {
        table class="stack" {
            caption class="vh" { "Sources" }
            thead {
                tr {
                    th scope="col" { "Source" } th scope="col" { (if dated { "Days" } else { "Account" }) }
                    th scope="col" class="r" { "Rows in" } th scope="col" class="r" { "Taken" }
                    th scope="col" class="r" { "Rejected" } th scope="col" class="r" { "Duplicate" }
                    th scope="col" class="r" { "Skipped" }
                    @if dated { th scope="col" class="r" { "Coverage" } }
                }
            }
            tbody { @for source in sources { (source_row(source, dated)) } }
        }
    }
}

fn source_row(source: &Source, dated: bool) -> Markup {
    let days = match (source.first_day, source.last_day) {
        (Some(first), Some(last)) => format!("{} to {}", day(first), day(last)),
        _ => DASH.to_owned(),
    };
    let facts = [source.currency.as_deref(), source.zone.as_deref()];
    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let bad = |n: u64| if n > 0 { "r bad" } else { "r mute" };
    html! {
        tr {
            th scope="row" { (named(&source.platform)) span class="sub" { (source.file) } }
            @if dated {
                td data-l="Days" class="days span" { (days) @if !facts.is_empty() { span class="sub" { (facts) } } }
            } @else {
                td data-l="Account" class="span" { (named(&facts)) }
            }
            td class="r" data-l="Rows in" { (count(source.rows_in)) }
            td class="r" data-l="Taken" { (count(source.ok)) }
            td class=(bad(source.rejected)) data-l="Rejected" { (count(source.rejected)) }
            td class=(if source.duplicate > 0 { "r warn" } else { "r mute" }) data-l="Duplicate" { (count(source.duplicate)) }
            td class="r mute" data-l="Skipped" { (count(source.skipped)) }
            @if dated { td class="r" data-l="Coverage" { (coverage(source.coverage)) } }
        }
    }
}

fn rejects(rejects: &[Reject], sources: &[Source]) -> Markup {
    let total = sources.iter().map(|s| s.rejected).sum::<u64>() as usize;
    let shown = rejects.get(..REJECTS).unwrap_or(rejects);
    let rest = total.max(rejects.len()) - shown.len();
    html! {
        @if !shown.is_empty() {
            details {
                summary { (plural(total.max(rejects.len()), "rejected row")) }
                div class="scroll" {
                    table class="stack" {
                        thead {
                            tr {
                                th scope="col" { "File and row" } th scope="col" { "Column" }
                                th scope="col" { "Value" } th scope="col" { "Why" }
                            }
                        }
                        tbody {
                            @for reject in shown {
                                tr {
                                    th scope="row" { (reject.file) " row " (count(reject.row)) }
                                    td data-l="Column" { (reject.column) }
                                    td data-l="Value" { code { (clipped(&reject.value)) } }
                                    td class="span" { (reject.reason) }
                                }
                            }
                        }
                    }
                }
                @if rest > 0 { p class="mute small" { "And " (plural(rest, "more row")) "; coverage.json has the counts." } }
            }
        }
    }
}

/// A cell of a bad file may hold anything, a whole file included.
fn clipped(value: &str) -> String {
    match value.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", value.get(..at).unwrap_or("")),
        None if value.is_empty() => "(empty)".to_owned(),
        None => value.to_owned(),
    }
}

/// All of it, or less: a single row that is missing must not round away.
fn coverage(share: Option<f64>) -> String {
    match share {
        Some(1.0) => percent(1.0),
        share => probability(share.unwrap_or(f64::NAN)),
    }
}
