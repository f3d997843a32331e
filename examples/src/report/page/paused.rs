//! The creatives that were paused.

use maud::{Markup, html};

use super::Page;
use super::parts::{badge, folded, heading, named, reasons};
use crate::report::chart::bar;
use crate::report::data::{Paused, Unit};
use crate::report::format::plural;

const OPEN: usize = 8;
const MOST: usize = 40;

pub(super) fn section(page: &Page<'_>) -> Markup {
    let is_paused = |p: &&Paused| p.status.eq_ignore_ascii_case("paused");
    let mut paused: Vec<&Paused> = page.data.paused.iter().collect();
    paused.sort_by_key(|p| !is_paused(p));
    let title = if paused.iter().all(is_paused) {
        "Paused creatives"
    } else {
        "Paused and reviewed creatives"
    };
    let (open, more, rest) = folded(&paused, OPEN, MOST);
    // Bars of expected and actual cost share one scale over all rows.
    let most = paused
        .iter()
        .flat_map(|p| [p.expected_cpa, p.actual_cpa])
        .flatten()
        .filter(|v| v.is_finite())
        .fold(0.0, f64::max);
    html! {
        (heading(title, ""))
        @if paused.is_empty() {
            (page.absent("No creative was paused.", &["pause"]))
        } @else {
            div class="card" {
                div class="scroll" { (table(page, open, most)) }
                @if !more.is_empty() {
                    details { summary { (plural(more.len(), "more creative")) } div class="scroll" { (table(page, more, most)) } }
                }
                @if rest > 0 { p class="mute small" { (plural(rest, "more creative")) " not shown; decisions.jsonl lists all." } }
            }
        }
    }
}

fn table(page: &Page<'_>, rows: &[&Paused], most: f64) -> Markup {
    html! {
        table class="stack" {
            thead {
                tr {
                    th scope="col" { "Creative" } th scope="col" { "CPA against expected" }
                    th scope="col" class="r" { "Spend" } th scope="col" class="r" { "Conversions" }
                    th scope="col" { "Status" } th scope="col" { "Why" }
                }
            }
            tbody {
                @for row in rows {
                    tr class=(page.palette.class_of(row.channel.as_deref())) {
                        th scope="row" {
                            (page.dotted(row.channel.as_deref(), if row.name.is_empty() { &row.creative_id } else { &row.name }))
                            span class="sub" {
                                @if let Some(channel) = &row.channel { (named(channel)) ", " }
                                code { (row.creative_id) }
                            }
                        }
                        td class="span" data-l="CPA against expected" style="min-width:11em" {
                            b { (page.money(row.actual_cpa)) }
                            span class="mute" { ", expected " (page.money(row.expected_cpa)) }
                            (bar::pair(row.expected_cpa.unwrap_or(0.0) / most, row.actual_cpa.unwrap_or(0.0) / most))
                        }
                        td class="r" data-l="Spend" { (page.money(row.spend)) }
                        td class="r" data-l="Conversions" { (page.compact(Unit::Count, row.conversions)) }
                        td data-l="Status" { (badge(&row.status)) }
                        td class="why" { (reasons(&row.reasons)) }
                    }
                }
            }
        }
    }
}
