//! How good the models are, and what they look at.

use maud::{Markup, html};

use super::Page;
use super::parts::{heading, named};
use crate::report::chart::bar;
use crate::report::data::{Better, ModelMetric, ModelQuality};
use crate::report::format::{DASH, change, count, number, plural, signed_percent};

const FEATURES: usize = 14;

pub(super) fn section(page: &Page<'_>) -> Markup {
    html! {
        (heading("Model quality", "Scored on rows the model has not seen, beside a naive baseline."))
        @if page.data.models.is_empty() {
            (page.absent("No model was trained.", &["model", "train"]))
        }
        @for model in &page.data.models {
            div class="two" style="margin-bottom:16px" { (quality(page, model)) (importance(model)) }
        }
    }
}

fn quality(page: &Page<'_>, model: &ModelQuality) -> Markup {
    html! {
        div class="card" {
            h3 { (named(&model.name)) }
            p class="sub" {
                @if !model.target.is_empty() { "Predicts " (model.target) ". " }
                (count(model.train_rows)) " rows to train, " (count(model.valid_rows)) " to score"
                @if !model.split.is_empty() { "; " (model.split) } "."
            }
            @if model.metrics.is_empty() {
                p class="note" { "No metric was computed." }
            } @else {
                div class="scroll" {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Metric" } th scope="col" class="r" { "Model" }
                                th scope="col" class="r" { "Baseline" } th scope="col" class="r" { "Change" }
                            }
                        }
                        tbody { @for metric in &model.metrics { (metric_row(page, metric)) } }
                    }
                }
            }
        }
    }
}

fn metric_row(page: &Page<'_>, metric: &ModelMetric) -> Markup {
    let change = change(metric.baseline, metric.value);
    let tone = match (metric.better, change) {
        (Better::Higher, Some(c)) if c > 0.0 => "r good",
        (Better::Lower, Some(c)) if c < 0.0 => "r good",
        (Better::Neither, _) | (_, None) => "r",
        (_, Some(0.0)) => "r",
        _ => "r bad",
    };
    html! {
        tr {
            th scope="row" {
                (metric.name)
                span class="sub" {
                    @match metric.better { Better::Higher => "higher is better", Better::Lower => "lower is better", Better::Neither => "" }
                }
            }
            td class="r" { b { (page.format.full(metric.unit, metric.value)) } }
            td class="r" {
                (page.format.full(metric.unit, metric.baseline))
                @if !metric.baseline_name.is_empty() { span class="sub" style="white-space:normal" { (metric.baseline_name) } }
            }
            td class=(tone) { (change.map_or_else(|| DASH.to_owned(), signed_percent)) }
        }
    }
}

fn importance(model: &ModelQuality) -> Markup {
    let value = |x: f64| if x.is_finite() { x } else { 0.0 };
    let mut features: Vec<_> = model.importance.iter().collect();
    features.sort_by(|a, b| value(b.value).total_cmp(&value(a.value)));
    let most = features.first().map_or(1.0, |f| value(f.value));
    let shown = features.get(..FEATURES).unwrap_or(&features);
    let rest = features.len() - shown.len();
    html! {
        figure class="card" style="--ch:var(--plain)" {
            div class="head" {
                h3 { "What it looks at" }
                span class="mute small" { (model.importance_kind) }
            }
            @if shown.is_empty() { p class="note" { "No importances were computed." } }
            ul class="bars" {
                @for feature in shown {
                    li {
                        span { (named(&feature.feature)) }
                        (bar::share(value(feature.value) / most))
                        span class="v mute" { (number(feature.value)) }
                    }
                }
            }
            @if rest > 0 { p class="mute small" { "And " (plural(rest, "feature")) " below these." } }
        }
    }
}
