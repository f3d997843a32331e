//! Spend and what it brought, over time and by channel.

use maud::{Markup, html};

use super::Page;
use super::parts::heading;
use crate::report::chart::bar;
use crate::report::chart::line::{Line, TimeChart, axis_top};
use crate::report::data::Unit;
use crate::report::format::{percent, plural};
use crate::report::series::{History, Outcome};

/// More lines than this in one chart cannot be told apart; each channel then has its own.
const LINES: usize = 5;

pub(super) fn section(page: &Page<'_>) -> Markup {
    let history = History::new(&page.data.series);
    html! {
        (heading("Spend and return", ""))
        @if history.days.len() < 2 || history.channels.is_empty() {
            (page.absent("No charts over time: the input has no days, or only one.", &["time", "series", "feature"]))
        } @else {
            (charts(page, &history))
        }
        @if !history.channels.is_empty() { (totals(page, &history)) }
    }
}

fn charts(page: &Page<'_>, history: &History) -> Markup {
    let lines = |pick: fn(&crate::report::series::ChannelHistory) -> &Vec<f64>| -> Vec<Line> {
        let line = |c: &crate::report::series::ChannelHistory| Line {
            class: page.palette.class(&c.name),
            name: c.name.clone(),
            values: pick(c).clone(),
        };
        history.channels.iter().map(line).collect()
    };
    let smoothing = match (history.window, history.bucket) {
        (1, 1) => "daily".to_owned(),
        (w, 1) => format!("mean of the last {}", plural(w, "day")),
        (w, b) => {
            format!("mean of the last {}, a point every {}", plural(w, "day"), plural(b, "day"))
        }
    };
    let spend = TimeChart {
        label: format!("Spend per day by channel, {smoothing}, stacked"),
        days: &history.days,
        lines: lines(|c| &c.spend),
        stacked: true,
        unit: Unit::Money,
        top: None,
        reference: None,
        young_from: None,
        height: 270,
    };
    let (what, unit, reference) = match history.outcome {
        Outcome::Roas => ("ROAS", Unit::Ratio, Some(1.0)),
        Outcome::Cpa => ("Cost per conversion", Unit::Money, None),
        Outcome::Unknown => ("Return", Unit::Number, None),
    };
    let outcome = TimeChart {
        label: format!("{what} by channel over the last {}", plural(history.window, "day")),
        lines: lines(|c| &c.outcome),
        stacked: false,
        unit,
        reference,
        young_from: page.data.series.immature_from,
        ..spend.clone()
    };
    let young =
        outcome.young_from.is_some_and(|d| history.days.last().is_some_and(|last| d <= *last));
    let legend = html! {
        ul class="legend" {
            @for channel in &history.channels {
                li { (page.dotted(Some(&channel.name), &channel.name)) }
            }
        }
    };
    html! {
        figure class="card" {
            div class="head" { h3 { "Spend per day" } span class="mute small" { (smoothing) } }
            (legend)
            (spend.draw(&page.format))
        }
        figure class="card" {
            div class="head" {
                h3 { (what) }
                span class="mute small" {
                    "over the last " (plural(history.window, "day"))
                    @if reference.is_some() { "; dashed at 1×, where revenue equals spend" }
                    @if young { "; faded where conversions are still arriving" }
                }
            }
            @if history.outcome == Outcome::Unknown {
                p class="note" { "Neither revenue nor conversions are known per day." }
            } @else if history.channels.len() > LINES {
                (multiples(page, &outcome))
            } @else {
                (legend)
                (outcome.draw(&page.format))
            }
        }
    }
}

/// A small chart per channel, all over the same axes, beside the latest settled value.
fn multiples(page: &Page<'_>, chart: &TimeChart<'_>) -> Markup {
    let values: Vec<Vec<f64>> = chart.lines.iter().map(|l| l.values.clone()).collect();
    let top = Some(axis_top(&values));
    html! {
        div class="multi" {
            @for line in &chart.lines {
                @let last = settled(chart, line);
                div {
                    div class="head" {
                        (page.dotted(Some(&line.name), &line.name))
                        b class="num" { (page.compact(chart.unit, last)) }
                    }
                    (TimeChart {
                        label: format!("{}, {}", chart.label, line.name),
                        lines: vec![line.clone()],
                        top,
                        height: 118,
                        ..chart.clone()
                    }.draw(&page.format))
                }
            }
        }
    }
}

/// The last value of a line that is no longer changing; the last one if all are.
fn settled(chart: &TimeChart<'_>, line: &Line) -> Option<f64> {
    let old = |d: jiff::civil::Date| chart.young_from.is_none_or(|young| d < young);
    let mut values = chart.days.iter().zip(&line.values).filter(|(_, v)| v.is_finite());
    let last = values.clone().next_back();
    values.rfind(|(d, _)| old(**d)).or(last).map(|(_, v)| *v)
}

fn totals(page: &Page<'_>, history: &History) -> Markup {
    let all: f64 = history.channels.iter().map(|c| c.total.spend).filter(|v| v.is_finite()).sum();
    html! {
        div class="card" {
            h3 { "Channels over the period" }
            div class="scroll" {
                table class="stack" {
                    thead {
                        tr {
                            th scope="col" { "Channel" } th scope="col" class="r" { "Spend" }
                            th scope="col" { "Share of spend" } th scope="col" class="r" { "Revenue" }
                            th scope="col" class="r" { "ROAS" } th scope="col" class="r" { "Conversions" }
                            th scope="col" class="r" { "CPA" }
                        }
                    }
                    tbody {
                        @for channel in &history.channels {
                            @let total = &channel.total;
                            tr class=(page.palette.class(&channel.name)) {
                                th scope="row" { (page.dotted(Some(&channel.name), &channel.name)) }
                                td class="r" data-l="Spend" { (page.money(Some(total.spend))) }
                                td class="long" data-l="Share of spend" {
                                    span class="small" { (percent(total.spend / all)) }
                                    (bar::share(total.spend / all))
                                }
                                td class="r" data-l="Revenue" { (page.money(Some(total.revenue))) }
                                td class="r" data-l="ROAS" { (page.format.full(Unit::Ratio, total.revenue / total.spend)) }
                                td class="r" data-l="Conversions" { (page.format.full(Unit::Count, total.conversions)) }
                                td class="r" data-l="CPA" { (page.money(Some(total.spend / total.conversions))) }
                            }
                        }
                    }
                }
            }
        }
    }
}
