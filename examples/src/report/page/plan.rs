//! The proposed budget against the last period.

use maud::{Markup, html};

use super::Page;
use super::parts::{UNCHANGED, badge, change_text, folded, heading, is_flat, named, reasons};
use crate::report::chart::bar;
use crate::report::data::{Plan, PlanCell, Unit};
use crate::report::format::{change, plural, signed_percent};

const OPEN: usize = 10;
const MOST: usize = 40;

pub(super) fn section(page: &Page<'_>) -> Markup {
    let Some(plan) = &page.data.plan else {
        return html! {
            (heading("Budget plan", ""))
            (page.absent("No plan was made.", &["plan", "budget", "alloc"]))
        };
    };
    let noun = if plan.cell_noun.is_empty() { "cell" } else { &plan.cell_noun };
    html! {
        (heading("Budget plan", &plan.period))
        @if contradicts(plan) {
            div class="alert" role="alert" {
                h3 { "The constraints contradict each other; the figures below are not a plan to act on" }
                ul { @for conflict in &plan.conflicts { li { (conflict) } } }
            }
        }
        div class="card" {
            div class="head" { h3 { (headline(page, plan)) } (badge(&plan.status)) }
            (facts(page, plan))
        }
        @if plan.cells.is_empty() {
            p class="note" { "The plan has no cells." }
        } @else {
            div class="card" {
                div class="head" {
                    h3 { "By channel" }
                    span class="mute small" {
                        (if proposes(plan) { "grey: last period; colour: proposed" } else { "last period; nothing is proposed" })
                    }
                }
                (channels(page, &plan.cells))
            }
            (movers(page, plan, noun))
        }
    }
}

fn headline(page: &Page<'_>, plan: &Plan) -> String {
    if contradicts(plan) {
        let budget = page.format.full(Unit::Money, plan.budget);
        return format!("No split of {budget} meets every constraint");
    }
    let total = page.format.full(Unit::Money, plan.total);
    match (plan.expected, plan.expected_unchanged) {
        (Some(expected), Some(unchanged)) if expected.is_finite() && unchanged.is_finite() => {
            let unit = plan.expected_unit;
            let gain = match change(unchanged, expected) {
                Some(change) if is_flat(change) => "as repeating last period would".to_owned(),
                Some(change) => {
                    format!("{} against repeating last period", signed_percent(change))
                }
                None => {
                    let more = page.format.full(unit, expected - unchanged);
                    format!("{more} against repeating last period")
                }
            };
            format!("{total} is expected to bring {}, {gain}", result(page, plan, expected))
        }
        (Some(expected), _) if expected.is_finite() => {
            format!("{total} is expected to bring {}", result(page, plan, expected))
        }
        _ => format!("{total} proposed"),
    }
}

/// Whether any cell has a proposed spend.
fn proposes(plan: &Plan) -> bool {
    plan.cells.iter().any(|c| c.proposed.is_finite())
}

/// Whether there is no plan, only a contradiction.
pub(super) fn contradicts(plan: &Plan) -> bool {
    !plan.conflicts.is_empty() || plan.status.eq_ignore_ascii_case("infeasible")
}

fn result(page: &Page<'_>, plan: &Plan, x: f64) -> String {
    format!("{} {}", page.format.full(plan.expected_unit, x), result_noun(plan))
}

fn result_noun(plan: &Plan) -> &'static str {
    if plan.expected_unit == Unit::Money { "revenue" } else { "conversions" }
}

fn facts(page: &Page<'_>, plan: &Plan) -> Markup {
    let unit = plan.expected_unit;
    let interval = page.interval(unit, plan.expected_low, plan.expected_high);
    html! {
        dl class="facts" {
            div { dt { "Budget" } dd { (page.money(Some(plan.budget))) } }
            div {
                dt { "Plan total" }
                dd {
                    (page.money(Some(plan.total)))
                    @if let Some(before) = plan.previous_total {
                        small {
                            @if change(before, plan.total).is_some_and(is_flat) { (UNCHANGED) }
                            @else if !plan.total.is_finite() { "last period " (page.money(Some(before))) }
                            @else { (change_text(before, plan.total)) " from " (page.money(Some(before))) }
                        }
                    }
                }
            }
            div {
                dt { "Expected" }
                dd {
                    (page.compact(unit, plan.expected))
                    @if let Some(interval) = interval { small { (interval) } }
                }
            }
            div {
                dt { "Shadow price" }
                dd {
                    (page.compact(unit, plan.shadow_price))
                    small { (result_noun(plan)) " from one more " (page.unit_of_money()) }
                }
            }
            @if !plan.objective.is_empty() { div { dt { "Objective" } dd { small style="color:var(--ink)" { (plan.objective) } } } }
        }
    }
}

fn channels(page: &Page<'_>, cells: &[PlanCell]) -> Markup {
    let mut sums: Vec<(&str, f64, f64)> = Vec::new();
    for cell in cells {
        // An unknown spend makes its channel's sum unknown.
        let (current, proposed) = (cell.current, cell.proposed);
        match sums.iter_mut().find(|s| s.0 == cell.channel) {
            Some(sum) => (sum.1, sum.2) = (sum.1 + current, sum.2 + proposed),
            None => sums.push((&cell.channel, current, proposed)),
        }
    }
    let most = sums.iter().map(|s| s.1.max(s.2)).fold(0.0, f64::max);
    html! {
        div class="flow" {
            @for (channel, current, proposed) in sums {
                div { (page.dotted(Some(channel), channel)) }
                div class={ "track-cell " (page.palette.class(channel)) } { (bar::pair(current / most, proposed / most)) }
                div class="figs" {
                    span { (page.compact(Unit::Money, Some(current))) " →" }
                    b { (page.compact(Unit::Money, Some(proposed))) }
                    @if proposed.is_finite() { span { (change_text(current, proposed)) } }
                }
            }
        }
    }
}

/// The cells, those whose spend moves most first.
fn movers(page: &Page<'_>, plan: &Plan, noun: &str) -> Markup {
    let moved = |c: &PlanCell| {
        let d = (c.proposed - c.current).abs();
        if d.is_finite() { d } else { 0.0 }
    };
    let mut cells: Vec<&PlanCell> = plan.cells.iter().collect();
    let proposes = proposes(plan);
    if proposes {
        cells.sort_by(|a, b| moved(b).total_cmp(&moved(a)));
    } else {
        let spend = |c: &PlanCell| if c.current.is_finite() { c.current } else { 0.0 };
        cells.sort_by(|a, b| spend(b).total_cmp(&spend(a)));
    }
    let (open, more, rest) = folded(&cells, OPEN, MOST);
    let shown = open.iter().chain(more).filter_map(|c| change(c.current, c.proposed));
    // A cell that grows from next to nothing would flatten every other bar.
    let most = shown.fold(0.0, |most: f64, c| most.max(c.abs())).min(1.0);
    html! {
        div class="card" {
            div class="head" {
                h3 { (if proposes { "Largest moves" } else { "Largest spend of the last period" }) }
                span class="mute small" { (plural(cells.len(), noun)) " in all" }
            }
            div class="scroll" { (table(page, plan, open, noun, most)) }
            @if !more.is_empty() {
                details {
                    summary { "The next " (more.len()) }
                    div class="scroll" { (table(page, plan, more, noun, most)) }
                }
            }
            @if rest > 0 {
                p class="mute small" {
                    (plural(rest, &format!("more {noun}"))) (if proposes { " moved less" } else { " spent less" })
                    "; plan.json lists every " (noun) "."
                }
            }
        }
    }
}

fn table(page: &Page<'_>, plan: &Plan, cells: &[&PlanCell], noun: &str, most: f64) -> Markup {
    let expected =
        if plan.expected_unit == Unit::Money { "Expected revenue" } else { "Expected conversions" };
    let mut noun = noun.to_owned();
    if let Some(first) = noun.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    html! {
        table class="stack" {
            thead {
                tr {
                    th scope="col" style="min-width:14em" { (noun) } th scope="col" class="r" { "Current" }
                    th scope="col" class="r" { "Proposed" } th scope="col" { "Change" }
                    th scope="col" class="r" { (expected) } th scope="col" { "Why" }
                }
            }
            tbody { @for cell in cells { (row(page, plan, cell, expected, most)) } }
        }
    }
}

fn row(page: &Page<'_>, plan: &Plan, cell: &PlanCell, expected: &str, most: f64) -> Markup {
    let unit = plan.expected_unit;
    let place = match &cell.campaign {
        Some(campaign) => format!("{}, {campaign}", cell.channel),
        None => cell.channel.clone(),
    };
    html! {
        tr class=(page.palette.class(&cell.channel)) {
            th scope="row" {
                (page.dotted(Some(&cell.channel), &cell.name))
                span class="sub" { (named(&place)) }
            }
            td class="r" data-l="Current" { (page.money(Some(cell.current))) }
            td class="r" data-l="Proposed" { b { (page.money(Some(cell.proposed))) } }
            td data-l="Change" {
                span class="num" { (change_text(cell.current, cell.proposed)) }
                (bar::diverging(change(cell.current, cell.proposed).unwrap_or(f64::NAN) / most))
            }
            td class="r w2" data-l=(expected) {
                (page.compact(unit, cell.expected))
                @if let Some(interval) = page.interval(unit, cell.low, cell.high) { span class="sub" { (interval) } }
            }
            td class="why" { (reasons(&cell.reasons)) }
        }
    }
}
