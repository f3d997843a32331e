//! The creative tests, and how live traffic is split.

use maud::{Markup, html};

use super::Page;
use super::parts::{badge, folded, heading, hint, named};
use crate::report::chart::bar;
use crate::report::chart::posterior::Axis;
use crate::report::data::{BanditArm, BanditSplit, Experiment, PosteriorArm, Unit};
use crate::report::format::{DASH, count, percent, plural, probability};

/// Creatives of a test that stand open, and most that are drawn.
const OPEN: usize = 12;
const MOST: usize = 30;
/// Tests (and splits) that stand open, and most that are drawn.
const TESTS_OPEN: usize = 6;
const TESTS_MOST: usize = 40;
/// Creatives that a split names.
const NAMED: usize = 3;

pub(super) fn section(page: &Page<'_>) -> Markup {
    let data = page.data;
    html! {
        (heading("Creative tests", "Each curve is where the true rate probably lies, scaled to its own peak; the line below it is the credible interval, the dot the mean."))
        @if data.experiments.is_empty() {
            (page.absent("No creative was tested.", &["experiment", "test", "a/b"]))
        }
        @let ranked = ranked(&data.experiments);
        @let (open, more, rest) = fold(&ranked);
        @for experiment in open { (test(page, experiment)) }
        @if !more.is_empty() {
            details class="more" {
                summary { (plural(more.len(), "more test")) }
                @for experiment in more { (test(page, experiment)) }
            }
        }
        @if rest > 0 { p class="mute small" { (plural(rest, "more test")) " not shown." } }
        @if data.bandits.is_empty() {
            (page.absent("No live split was made.", &["bandit", "split"]))
        }
        @if !data.bandits.is_empty() { (splits(page, &data.bandits)) }
    }
}

/// Tests that accepted a creative, then those with the most trials; ties as given.
fn ranked(experiments: &[Experiment]) -> Vec<&Experiment> {
    let accepted =
        |e: &Experiment| e.decision.get(..6).is_some_and(|d| d.eq_ignore_ascii_case("accept"));
    let trials = |e: &Experiment| e.arms.iter().map(|a| a.trials).fold(0, u64::saturating_add);
    let mut ranked: Vec<&Experiment> = experiments.iter().collect();
    ranked.sort_by_key(|e| core::cmp::Reverse((accepted(e), trials(e))));
    ranked
}

/// What stands open, what is folded away, and how many are only counted.
///
/// Unlike rows of a table, a single test is large enough to be worth folding.
fn fold<T>(all: &[T]) -> (&[T], &[T], usize) {
    let shown = all.get(..TESTS_MOST).unwrap_or(all);
    let (open, more) = shown.split_at(TESTS_OPEN.min(shown.len()));
    (open, more, all.len() - shown.len())
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

/// The splits of all bandits in one table: which creative is shown how often.
///
/// Rates and trials stand with the tests; here they would only repeat.
fn splits(page: &Page<'_>, bandits: &[BanditSplit]) -> Markup {
    let pulls =
        |b: &BanditSplit| b.arms.iter().filter_map(|a| a.pulls).fold(0, u64::saturating_add);
    let mut sorted: Vec<&BanditSplit> = bandits.iter().collect();
    sorted.sort_by_key(|b| core::cmp::Reverse(pulls(b)));
    let policy = bandits.first().map_or("", |b| b.policy.as_str());
    let common = bandits.iter().all(|b| b.policy == policy);
    let (open, more, rest) = fold(&sorted);
    let table = |rows: &[&BanditSplit]| {
        html! {
            div class="scroll" {
                table class="stack splits" {
                    thead {
                        tr {
                            th scope="col" { "Test" }
                            th scope="col" { "Chance of being shown next" }
                            th scope="col" class="r" { "Shown so far" }
                        }
                    }
                    tbody { @for row in rows { (split_row(page, row, pulls(row), !common)) } }
                }
            }
        }
    };
    html! {
        div class="card" {
            div class="head" {
                h3 { "Live split" }
                @if common { span class="mute small" { (policy) } }
            }
            (table(open))
            @if !more.is_empty() { details { summary { (plural(more.len(), "more split")) } (table(more)) } }
            @if rest > 0 { p class="mute small" { (plural(rest, "more split")) " not shown." } }
        }
    }
}

fn split_row(page: &Page<'_>, bandit: &BanditSplit, pulls: u64, with_policy: bool) -> Markup {
    let share = |a: &BanditArm| if a.share.is_finite() { a.share } else { -1.0 };
    let mut arms: Vec<&BanditArm> = bandit.arms.iter().collect();
    arms.sort_by(|a, b| share(b).total_cmp(&share(a)));
    let named_arms = arms.get(..NAMED).unwrap_or(&arms);
    let others = arms.len() - named_arms.len();
    let shares: Vec<f64> = arms.iter().map(|a| a.share).collect();
    html! {
        tr class=(page.palette.class_of(bandit.channel.as_deref())) {
            th scope="row" {
                (page.dotted(bandit.channel.as_deref(), &bandit.name))
                @if with_policy && !bandit.policy.is_empty() { span class="sub" { (bandit.policy) } }
            }
            td class="wide span" data-l="Chance of being shown next" {
                @if arms.is_empty() {
                    span class="mute" { "The bandit has no arms." }
                } @else {
                    (bar::stacked(&shares))
                    @for (i, arm) in named_arms.iter().enumerate() {
                        @if i > 0 { ", " }
                        (named(&arm.name)) " " b { (probability(arm.share)) }
                    }
                    @if others > 0 { span class="mute" { ", " (plural(others, "other")) } }
                }
            }
            td class="r" data-l="Shown so far" {
                (if bandit.arms.iter().any(|a| a.pulls.is_some()) { count(pulls) } else { DASH.to_owned() })
            }
        }
    }
}

#[cfg(test)]
mod checks {
    use super::*;

    #[test]
    fn accepted_tests_first_then_the_largest() {
        let test = |decision: &str, trials: u64| Experiment {
            name: format!("{decision} {trials}"),
            decision: decision.into(),
            arms: vec![PosteriorArm { trials, ..Default::default() }],
            ..Default::default()
        };
        let tests =
            [test("continue", 5), test("continue", 90), test("accept a", 1), test("reject", 90)];
        let order: Vec<&str> = ranked(&tests).iter().map(|t| t.name.as_str()).collect();
        assert_eq!(order, ["accept a 1", "continue 90", "reject 90", "continue 5"]);
    }

    #[test]
    fn a_fold_loses_no_test() {
        let rows: Vec<usize> = (0..60).collect();
        for n in 0..60 {
            let (open, more, rest) = fold(&rows[..n]);
            assert_eq!(open.len() + more.len() + rest, n);
            assert!(open.len() == n.min(TESTS_OPEN) && n - rest <= TESTS_MOST);
        }
    }
}
