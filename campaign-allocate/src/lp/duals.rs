//! From a plan and the price of the budget to the prices of the groups and the role of each cell.

use campaign_core::{Budget, Problem};

use crate::problem::NO_GROUP;

/// Amounts this much smaller than the budget count as nothing where a cell is said to be full.
const ROOM: f64 = 1e-12;

/// Why a cell got what it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Binding {
    /// Its lower and upper bound are equal.
    Fixed,
    /// At its lower bound: a unit brings no more here than elsewhere.
    AtLower,
    /// At its upper bound: a unit brings at least as much here as elsewhere.
    AtUpper,
    /// It would get more if the cap of this group let it.
    GroupCap(u32),
    /// It gets more than its lower bound only because the floor of this group demands it.
    GroupFloor(u32),
    /// Between its bounds at the price of the budget: the last unit is spent here.
    Marginal,
}

pub(crate) fn room(budget: Budget) -> f64 {
    ROOM * budget.amount()
}

/// The price of each group's floor or cap, given the price of the budget.
///
/// Cells above their lower bound must be worth at least, and cells below their upper bound at most,
/// what a unit costs in the group; the price nearest to 0 with that property is taken.
pub(crate) fn group_prices_into(
    problem: &Problem<'_>,
    roas: &[f64],
    spend: &[f64],
    budget_price: f64,
    out: &mut [f64],
) {
    let room = room(problem.budget);
    for (group, price) in out.iter_mut().enumerate() {
        let (mut next, mut last) = (f64::NEG_INFINITY, f64::INFINITY);
        for &cell in problem.groups.cells(group) {
            let cell = cell as usize;
            if problem.upper[cell] - spend[cell] > room {
                next = roas[cell].max(next);
            }
            if spend[cell] - problem.lower[cell] > room {
                last = roas[cell].min(last);
            }
        }
        *price = if next > budget_price {
            next - budget_price
        } else if last < budget_price {
            last - budget_price
        } else {
            0.0
        };
    }
}

/// The role of each cell, given all prices.
pub(crate) fn bindings_into(
    problem: &Problem<'_>,
    roas: &[f64],
    spend: &[f64],
    budget_price: f64,
    group_price: &[f64],
    group_of: &[u32],
    out: &mut Vec<Binding>,
) {
    let room = room(problem.budget);
    out.clear();
    out.extend((0..spend.len()).map(|cell| {
        let (lower, upper) = (problem.lower[cell], problem.upper[cell]);
        let has_room = upper - spend[cell] > room;
        let is_raised = spend[cell] - lower > room;
        let group = group_of[cell];
        let price = if group == NO_GROUP { 0.0 } else { group_price[group as usize] };
        if lower == upper {
            Binding::Fixed
        } else if price > 0.0 && has_room && roas[cell] > budget_price {
            Binding::GroupCap(group)
        } else if price < 0.0 && is_raised && roas[cell] < budget_price {
            Binding::GroupFloor(group)
        } else if !has_room {
            Binding::AtUpper
        } else if is_raised {
            Binding::Marginal
        } else {
            Binding::AtLower
        }
    }));
}
