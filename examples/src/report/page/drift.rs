//! Whether the data moved, and whether to retrain.

use maud::{Markup, html};

use super::Page;
use super::parts::{folded, heading, named};
use crate::report::chart::bar;
use crate::report::data::{Drift, DriftRow};
use crate::report::format::{number, p_value, plural};

const OPEN: usize = 12;
const MOST: usize = 100;

pub(super) fn section(page: &Page<'_>) -> Markup {
    let Some(drift) = &page.data.drift else {
        return html! {
            (heading("Drift", ""))
            (page.absent("No drift check was made.", &["drift", "retrain"]))
        };
    };
    let lead = [drift.windows.as_str(), drift.test.as_str()];
    let lead = lead.into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join("; ");
    html! {
        (heading("Drift", &lead))
        div class="card" {
            @if drift.features.is_empty() {
                p class="note" { "No feature was compared." }
            } @else {
                (features(drift))
            }
            @if drift.retrain.is_some() || !drift.why.is_empty() { (verdict(drift)) }
        }
    }
}

fn verdict(drift: &Drift) -> Markup {
    let title = match drift.retrain {
        Some(true) => "Retrain",
        Some(false) => "Do not retrain",
        None => "Retraining was not considered",
    };
    html! {
        div class="callout" {
            h3 { (title) }
            @if !drift.why.is_empty() { ul { @for why in &drift.why { li { (why) } } } }
        }
    }
}

fn features(drift: &Drift) -> Markup {
    let size = |x: f64| if x.is_finite() { x.abs() } else { 0.0 };
    let mut rows: Vec<&DriftRow> = drift.features.iter().collect();
    rows.sort_by(|a, b| b.drifted.cmp(&a.drifted).then(size(b.effect).total_cmp(&size(a.effect))));
    let most = rows.iter().map(|r| size(r.effect)).fold(0.0, f64::max);
    let (open, more, rest) = folded(&rows, OPEN, MOST);
    html! {
        div class="scroll" { (table(open, most)) }
        @if !more.is_empty() {
            details { summary { (plural(more.len(), "more feature")) } div class="scroll" { (table(more, most)) } }
        }
        @if rest > 0 { p class="mute small" { (plural(rest, "more feature")) " not shown." } }
    }
}

fn table(rows: &[&DriftRow], most: f64) -> Markup {
    let size = |x: f64| if x.is_finite() { x.abs() } else { 0.0 };
    let p = |p: Option<f64>| p_value(p.unwrap_or(f64::NAN));
    html! {
        table class="stack" {
            thead {
                tr {
                    th scope="col" { "Feature" } th scope="col" class="r" { "Statistic" }
                    th scope="col" class="r" { "p" } th scope="col" class="r" { "p, adjusted" }
                    th scope="col" { "Effect" } th scope="col" class="r" { "Drifted" }
                }
            }
            tbody {
                @for row in rows {
                    tr style=[row.drifted.then_some("--ch:var(--warn)")] {
                        th scope="row" { (named(&row.feature)) }
                        td class="r" data-l="Statistic" { (number(row.statistic)) }
                        td class="r" data-l="p" { (p(row.p)) }
                        td class="r" data-l="p, adjusted" { (p(row.p_adjusted)) }
                        td class="long" data-l="Effect" { (number(row.effect)) (bar::share(size(row.effect) / most)) }
                        td class="r" data-l="Drifted" {
                            @if row.drifted { span class="badge warn" { "drifted" } } @else { span class="mute" { "no" } }
                        }
                    }
                }
            }
        }
    }
}
