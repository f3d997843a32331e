//! Sentences: what a constraint says, and why a cell got what it got.

use campaign_core::Constraint;

use super::Plan;
use super::cell::Bounds;
use super::outcome::{CellOutcome, PlanOutcome};
use crate::lp::Binding;

/// An amount or ratio with at most two decimals, more only where it would vanish otherwise.
fn number(value: f64) -> String {
    rounded(value, if value != 0.0 && value.abs() < 0.01 { 6 } else { 2 })
}

/// At most this many decimals, without superfluous zeros.
fn rounded(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".to_owned() } else { short.to_owned() }
}

/// Two numbers, with as many decimals as it takes to tell them apart where they differ.
fn apart(a: f64, b: f64) -> (String, String) {
    let differ = |texts: &(String, String)| a == b || texts.0 != texts.1;
    let texts = (number(a), number(b));
    if differ(&texts) {
        return texts;
    }
    let finer = (3..16).map(|decimals| (rounded(a, decimals), rounded(b, decimals)));
    // In the end the shortest texts that read back as these numbers.
    finer.into_iter().find(differ).unwrap_or_else(|| (a.to_string(), b.to_string()))
}

pub(super) fn constraint(plan: &Plan, constraint: Constraint) -> String {
    let name = |i: u32| plan.cells.get(i as usize).map_or(("?", "?"), |c| (c.channel(), c.name()));
    let amount =
        |values: &[f64], i: u32| number(values.get(i as usize).copied().unwrap_or(f64::NAN));
    let channel = |i: u32| plan.channels.get(i as usize).map_or("?", super::Channel::name);
    match constraint {
        Constraint::Budget => {
            let sense = match plan.budget {
                campaign_core::Budget::Exactly(_) => "exactly",
                campaign_core::Budget::AtMost(_) => "at most",
            };
            format!("the budget is {sense} {}", number(plan.budget.amount()))
        }
        Constraint::Lower(i) => {
            let (channel, cell) = name(i);
            format!("{cell:?} in {channel:?} gets at least {}", amount(&plan.lower, i))
        }
        Constraint::Upper(i) => {
            let (channel, cell) = name(i);
            format!("{cell:?} in {channel:?} gets at most {}", amount(&plan.upper, i))
        }
        Constraint::Floor(i) => {
            let at = |i: usize| plan.offsets.get(i);
            let is_empty = at(i as usize) == at(i as usize + 1);
            let but = if is_empty { ", but it has no cells" } else { "" };
            format!("channel {:?} spends at least {}{but}", channel(i), amount(&plan.floor, i))
        }
        Constraint::Cap(i) => {
            format!("channel {:?} spends at most {}", channel(i), amount(&plan.cap, i))
        }
        other => format!("{other:?}"),
    }
}

pub(super) fn cell(outcome: &PlanOutcome, index: usize, cell: &CellOutcome) -> Vec<String> {
    if !outcome.has_plan() {
        return Vec::new();
    }
    let plan = &outcome.plan;
    let share = match plan.cells.get(index).map(super::Cell::bounds) {
        Some(Bounds::Relative(share)) => Some(number(share * 100.0)),
        _ => None,
    };
    let relative = |sign: &str| {
        share.as_ref().map_or_else(String::new, |s| format!(" ({sign}{s} % of last period)"))
    };
    // The response may be anything that is counted, and its slope that of the next unit: hence "return".
    let than_price = || {
        let (value, price) = apart(cell.roas, outcome.shadow_price);
        let relation = match cell.roas.partial_cmp(&outcome.shadow_price) {
            Some(core::cmp::Ordering::Less) => "is below",
            Some(core::cmp::Ordering::Greater) => "is above",
            _ => "equals",
        };
        format!("its return {value} {relation} the marginal return {price}")
    };
    let channel = |group: u32| {
        let price = outcome.channel_prices.get(group as usize).copied().unwrap_or(f64::NAN);
        let i = group as usize;
        let limit = |values: &[f64]| number(values.get(i).copied().unwrap_or(f64::NAN));
        (limit(&plan.cap), limit(&plan.floor), number(price.abs()))
    };
    let mut sentences = Vec::new();
    match cell.binding {
        Some(Binding::Fixed) => {
            sentences.push(format!("held at {}: its bounds are equal", number(cell.lower)));
        }
        Some(Binding::AtUpper) => sentences.push(format!(
            "at its upper bound of {}{}: {}",
            number(cell.upper),
            relative("+"),
            than_price(),
        )),
        Some(Binding::AtLower) => sentences.push(format!(
            "at its lower bound of {}{}: {}",
            number(cell.lower),
            relative("-"),
            than_price(),
        )),
        Some(Binding::GroupCap(group)) => {
            let (cap, _, gain) = channel(group);
            sentences.push(format!(
                "would get more, {}, but channel {:?} is at its cap of {cap}",
                than_price(),
                cell.channel,
            ));
            sentences.push(format!("one unit more of that cap would bring {gain}"));
        }
        Some(Binding::GroupFloor(group)) => {
            let (_, floor, cost) = channel(group);
            sentences.push(format!(
                "gets more than its lower bound because channel {:?} must reach its floor of {floor}, although {}",
                cell.channel,
                than_price(),
            ));
            sentences.push(format!("one unit of that floor costs {cost}"));
        }
        Some(Binding::Marginal) => sentences.push(format!(
            "takes what the better cells left of the budget: its return {} is the marginal return",
            number(cell.roas),
        )),
        None => sentences.push(format!(
            "gets {} between its bounds of {} and {}",
            number(cell.spend),
            number(cell.lower),
            number(cell.upper),
        )),
    }
    if let Some(last) = cell.last {
        let change = campaign_core::money::rate::roas(cell.spend - last, last);
        sentences.push(match change {
            Some(change) => format!("{:+.1} % of last period's {}", change * 100.0, number(last)),
            None => "nothing was spent last period".to_owned(),
        });
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn numbers_that_differ_look_different() {
        for (a, b, texts) in [
            (4.0, 3.0, ("4", "3")),
            (0.488, 0.489, ("0.488", "0.489")),
            (3.999, 4.0, ("3.999", "4")),
            (0.009_999_999, 0.01, ("0.009999999", "0.01")),
            (0.0, 1e-9, ("0", "0.000000001")),
            (-1e-20, 0.0, ("-0.00000000000000000001", "0")),
            (0.3, 0.1 + 0.2, ("0.3", "0.30000000000000004")),
            (1e16, 1e16 + 2.0, ("10000000000000000", "10000000000000002")),
            (0.123, 0.123, ("0.12", "0.12")),
            (-0.0, 0.0, ("0", "0")),
        ] {
            let (left, right) = apart(a, b);
            assert_eq!((&*left, &*right), texts);
            let (right, left) = apart(b, a);
            assert_eq!((&*left, &*right), texts);
        }
    }
}
