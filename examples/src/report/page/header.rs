//! Whose report it is, the verdict, the headline figures, and what came out at a glance.

use maud::{Markup, html};

use super::Page;
use super::parts::{UNCHANGED, is_flat, named, tone};
use super::plan::contradicts;
use crate::report::chart::scale::day;
use crate::report::chart::spark::spark;
use crate::report::data::{Better, Kpi, ReportData};
use crate::report::format::{change, count, plural, signed_percent};

pub(super) fn title(page: &Page<'_>, brand: &str) -> Markup {
    let data = page.data;
    let period = match (data.first_day, data.last_day) {
        (Some(first), Some(last)) if first == last => day(first),
        (Some(first), Some(last)) => format!("{} to {}", day(first), day(last)),
        _ => "one period, no days in the input".to_owned(),
    };
    html! {
        div class="brand" { h1 { (brand) } span { "Campaign report" } }
        @if !data.verdict.is_empty() { p class="verdict" { (data.verdict) } }
        dl class="meta" {
            div { dt { "Period" } dd { (period) } }
            @if let Some(as_of) = data.as_of { div { dt { "As of" } dd { (day(as_of)) } } }
            div { dt { "Currency" } dd { (named(&data.currency)) } }
        }
    }
}

pub(super) fn summary(page: &Page<'_>) -> Markup {
    html! {
        section id="summary" aria-label="Summary" style="margin-top:14px" {
            @if page.data.kpis.is_empty() {
                p class="note" { "No headline figures: the input has no spend in the period." }
            } @else {
                @if !page.data.kpi_window.is_empty() {
                    p class="mute small window" { (page.data.kpi_window) }
                }
                dl class="tiles" { @for kpi in &page.data.kpis { (tile(page, kpi)) } }
            }
            div class="glance" {
                @let plan_tone = page.data.plan.as_ref().map_or("", |p| tone(&p.status));
                @for (href, what, outcome) in outcomes(page) {
                    a href=(href) { span { (what) } b class=[(href == "#plan" && !plan_tone.is_empty()).then_some(plan_tone)] { (outcome) } }
                }
            }
        }
    }
}

fn tile(page: &Page<'_>, kpi: &Kpi) -> Markup {
    let (now, before) = (kpi.value.unwrap_or(f64::NAN), kpi.previous.unwrap_or(f64::NAN));
    let delta = change(before, now);
    let tone = match (kpi.better, delta) {
        (_, Some(d)) if is_flat(d) => "",
        (Better::Higher, Some(d)) if d > 0.0 => "good",
        (Better::Higher, Some(d)) if d < 0.0 => "bad",
        (Better::Lower, Some(d)) if d < 0.0 => "good",
        (Better::Lower, Some(d)) if d > 0.0 => "bad",
        _ => "",
    };
    html! {
        div class="tile" {
            dt { (kpi.name) }
            dd class="big" { (page.format.compact(kpi.unit, now)) }
            dd class="delta" {
                @match delta {
                    Some(delta) if is_flat(delta) => { (UNCHANGED) }
                    Some(delta) => {
                        b class=(tone) { (signed_percent(delta)) }
                        " from " (page.format.compact(kpi.unit, before))
                    }
                    None => { "no earlier period" }
                }
            }
            (spark(&kpi.history))
        }
    }
}

/// What each part of the run came to, in a few words.
fn outcomes(page: &Page<'_>) -> Vec<(&'static str, &'static str, String)> {
    let data = page.data;
    let sum = |f: fn(&crate::report::data::Source) -> u64| data.sources.iter().map(f).sum::<u64>();
    let rows = match data.sources.len() {
        0 => "nothing read".to_owned(),
        _ => format!("{} of {} rows taken", count(sum(|s| s.ok)), count(sum(|s| s.rows_in))),
    };
    let plan = data.plan.as_ref().map_or_else(
        || "none".to_owned(),
        |plan| {
            let moved: f64 = plan.cells.iter().map(|c| (c.proposed - c.current).abs()).sum();
            let share = moved / 2.0 / plan.total;
            let moves = if share.is_finite() && !contradicts(plan) {
                format!(", moves {} of spend", crate::report::format::percent(share))
            } else {
                String::new()
            };
            format!("{}{moves}", plan.status)
        },
    );
    let arms: usize = data.experiments.iter().map(|e| e.arms.len()).sum();
    let tests = match data.experiments.len() {
        0 => "none".to_owned(),
        n => format!("{} of {}", plural(n, "test"), plural(arms, "creative")),
    };
    let drift = data.drift.as_ref().map_or_else(
        || "not checked".to_owned(),
        |drift| {
            let drifted = drift.features.iter().filter(|f| f.drifted).count();
            let verdict = match drift.retrain {
                Some(true) => ", retrain",
                Some(false) => ", no retrain",
                None => "",
            };
            format!("{drifted} of {}{verdict}", plural(drift.features.len(), "feature"))
        },
    );
    vec![
        ("#data", "Data", rows),
        ("#plan", "Plan", plan),
        ("#tests", "Tests", tests),
        ("#paused", "Paused", pauses(data)),
        ("#drift", "Drift", drift),
    ]
}

/// How many creatives are paused, and how many more are listed with another status.
fn pauses(data: &ReportData) -> String {
    let paused = data.paused.iter().filter(|p| p.status.eq_ignore_ascii_case("paused")).count();
    match data.paused.len() - paused {
        0 => plural(paused, "creative"),
        others => format!("{}, {} more reviewed", plural(paused, "creative"), count(others as u64)),
    }
}
