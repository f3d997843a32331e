//! The creative tests, and how live traffic is split.

use maud::{Markup, html};

use super::Page;
use super::parts::{badge, folded, heading, hint, named};
use crate::report::chart::bar;
use crate::report::chart::posterior::Axis;
use crate::report::data::{BanditArm, BanditSplit, Experiment, PosteriorArm, Unit};
use crate::report::format::{DASH, count, percent, plural, probability};

const OPEN: usize = 12;
const MOST: usize = 60;

pub(super) fn section(page: &Page<'_>) -> Markup {
    let data = page.data;
    html! {
        (heading("Creative tests", "Each curve is where the true rate probably lies, scaled to its own peak; the line below it is the credible interval, the dot the mean."))
        @if data.experiments.is_empty() {
            (page.absent("No creative was tested.", &["experiment", "test", "a/b"]))
        }
        @for experiment in &data.experiments { (test(page, experiment)) }
        @if data.bandits.is_empty() {
            (page.absent("No live split was made.", &["bandit", "split"]))
        }
        @for bandit in &data.bandits { (split(page, bandit)) }
    }
}

fn test(page: &Page<'_>, experiment: &Experiment) -> Markup {
    let axis = Axis::new(&experiment.arms);
    let mut arms: Vec<&PosteriorArm> = experiment.arms.iter().collect();
    let rank = |a: &PosteriorArm| if a.p_best.is_finite() { a.p_best } else { -1.0 };
    arms.sort_by(|a, b| rank(b).total_cmp(&rank(a)).then(b.mean.total_cmp(&a.mean)));
    let (open, more, rest) = folded(&arms, OPEN, MOST);
    let lead = arms.first().copied();
    let ridges = |arms: &[&PosteriorArm]| {
        html! {
            ul class="ridge" { @for arm in arms { (ridge(page, &axis, arm, lead.is_some_and(|l| core::ptr::eq(l, *arm)))) } }
        }
    };
    html! {
        figure class={ "card " (page.palette.class_of(experiment.channel.as_deref())) } {
            div class="head" {
                h3 { (page.dotted(experiment.channel.as_deref(), &experiment.name)) }
                (badge(&experiment.decision))
            }
            p class="sub" {
                (experiment.metric)
                @if !experiment.rule.is_empty() { "; " (experiment.rule) }
                @if let Some(rate) = experiment.false_accept_rate {
                    "; simulated false accepts " (percent(rate))
                }
            }
            @if arms.is_empty() {
                p class="note" { "The test has no creatives." }
            } @else {
                div class="axis" aria-hidden="true" {
                    span { "Creative" } (axis.labels(&page.format)) span { "P(best)" } span { "Rate" } span { "Decision" }
                }
                (ridges(open))
                @if !more.is_empty() { details { summary { (plural(more.len(), "more creative")) } (ridges(more)) } }
                @if rest > 0 { p class="mute small" { (plural(rest, "more creative")) " not shown." } }
            }
        }
    }
}

fn ridge(page: &Page<'_>, axis: &Axis, arm: &PosteriorArm, lead: bool) -> Markup {
    let interval = page.interval(Unit::Percent, Some(arm.low), Some(arm.high));
    html! {
        li class=[lead.then_some("lead-arm")] {
            div class="who" {
                div class="clamp" title=[hint(&arm.name)] { (named(&arm.name)) }
                div class="mute small" { (count(arm.successes)) " of " (count(arm.trials)) }
            }
            div class="draw" { (axis.ridge(arm)) }
            div class="p" { span class="lbl" { "P(best) " } (probability(arm.p_best)) }
            div class="rate" { b { (percent(arm.mean)) } " " (interval.unwrap_or_default()) }
            div class="what" { (badge(&arm.decision)) }
        }
    }
}

fn split(page: &Page<'_>, bandit: &BanditSplit) -> Markup {
    let mut arms: Vec<&BanditArm> = bandit.arms.iter().collect();
    let share = |a: &BanditArm| if a.share.is_finite() { a.share } else { -1.0 };
    arms.sort_by(|a, b| share(b).total_cmp(&share(a)));
    let (open, more, rest) = folded(&arms, OPEN, MOST);
    let table = |arms: &[&BanditArm]| {
        html! {
            div class="scroll" {
                table class="stack" {
                    thead {
                        tr {
                            th scope="col" { "Creative" }
                            th scope="col" { "Chance of being shown next" }
                            th scope="col" class="r" { "Mean rate" }
                            th scope="col" class="r" { "Shown so far" }
                        }
                    }
                    tbody { @for arm in arms { (split_row(arm)) } }
                }
            }
        }
    };
    html! {
        figure class={ "card " (page.palette.class_of(bandit.channel.as_deref())) } {
            div class="head" {
                h3 { "Live split: " (named(&bandit.name)) }
                span class="mute small" { (bandit.policy) }
            }
            @if arms.is_empty() { p class="note" { "The bandit has no arms." } } @else { (table(open)) }
            @if !more.is_empty() { details { summary { (plural(more.len(), "more arm")) } (table(more)) } }
            @if rest > 0 { p class="mute small" { (plural(rest, "more arm")) " not shown." } }
        }
    }
}

fn split_row(arm: &BanditArm) -> Markup {
    html! {
        tr {
            th scope="row" { (named(&arm.name)) }
            td class="long" data-l="Chance of being shown next" { b { (probability(arm.share)) } (bar::share(arm.share)) }
            td class="r" data-l="Mean rate" { (percent(arm.mean.unwrap_or(f64::NAN))) }
            td class="r" data-l="Shown so far" { (arm.pulls.map_or_else(|| DASH.to_owned(), count)) }
        }
    }
}
