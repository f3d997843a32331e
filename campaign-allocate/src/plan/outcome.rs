//! The answer to a plan, in its names.

use core::fmt;

use campaign_core::{Constraint, Outcome, Status};

use super::{Plan, reasons};
use crate::lp::{Binding, bindings_into, group_prices_into};

/// What one cell gets.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CellOutcome {
    /// The channel.
    pub channel: String,
    /// The name within the channel.
    pub name: String,
    /// What it gets; NaN if there is no plan.
    pub spend: f64,
    /// What it got last period, if that is known.
    pub last: Option<f64>,
    /// The least it may get.
    pub lower: f64,
    /// The most it may get.
    pub upper: f64,
    /// Response per unit of spend.
    pub roas: f64,
    /// What its spend is expected to bring; NaN if there is no plan.
    pub expected: f64,
    /// Why it got what it got; `None` if there is no plan, or none with a marginal price (a baseline).
    pub binding: Option<Binding>,
}

/// One of the constraints that cannot hold together.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conflict {
    /// Which one, by index in [`Plan::problem`].
    pub constraint: Constraint,
    /// What it says, with names and amounts.
    pub text: String,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The answer to a [`Plan`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PlanOutcome {
    /// How it ended. Look here first: without a plan every amount is NaN.
    pub status: Status,
    /// Expected response of the whole plan.
    pub objective: f64,
    /// What the plan spends.
    pub total: f64,
    /// What one more unit of budget would bring: the marginal return. NaN from a baseline.
    pub shadow_price: f64,
    /// One entry per cell, in the order of the plan.
    pub cells: Vec<CellOutcome>,
    /// A smallest set of constraints that cannot hold together; empty unless infeasible.
    pub conflicts: Vec<Conflict>,
    /// Price of each channel's cap (positive) or floor (negative), in the order of
    /// [`Plan::channels`]; empty without a marginal price.
    pub channel_prices: Vec<f64>,
    pub(super) plan: Plan,
}

impl PlanOutcome {
    pub(super) fn new(
        plan: &Plan,
        outcome: Outcome,
        spend: Vec<f64>,
        conflicts: &[Constraint],
    ) -> Self {
        let (mut channel_prices, mut bindings) = (Vec::new(), Vec::new());
        if let (true, Ok(problem)) = (outcome.shadow_price.is_finite(), plan.problem()) {
            channel_prices.resize(plan.channels.len(), 0.0);
            let price = outcome.shadow_price;
            group_prices_into(&problem, &plan.roas, &spend, price, &mut channel_prices);
            let (prices, of) = (&channel_prices, &plan.channel_of);
            bindings_into(&problem, &plan.roas, &spend, price, prices, of, &mut bindings);
        }
        let cells = plan.cells.iter().enumerate().map(|(i, cell)| CellOutcome {
            channel: cell.channel().to_owned(),
            name: cell.name().to_owned(),
            spend: spend[i],
            last: cell.last(),
            lower: plan.lower[i],
            upper: plan.upper[i],
            roas: cell.roas(),
            expected: cell.roas() * spend[i],
            binding: bindings.get(i).copied(),
        });
        let conflict =
            |&constraint| Conflict { constraint, text: reasons::constraint(plan, constraint) };
        Self {
            status: outcome.status,
            objective: outcome.objective,
            total: outcome.spend,
            shadow_price: outcome.shadow_price,
            cells: cells.collect(),
            conflicts: conflicts.iter().map(conflict).collect(),
            channel_prices,
            plan: plan.clone(),
        }
    }

    /// Whether there are amounts to spend.
    #[must_use]
    pub fn has_plan(&self) -> bool {
        self.total.is_finite()
    }

    /// The spend of each cell, in the order of the plan.
    #[must_use]
    pub fn spend(&self) -> Vec<f64> {
        self.cells.iter().map(|cell| cell.spend).collect()
    }

    /// Sentences that say why a cell got what it got; empty if there is no such cell or no plan.
    #[must_use]
    pub fn reasons(&self, cell: usize) -> Vec<String> {
        self.cells.get(cell).map_or_else(Vec::new, |outcome| reasons::cell(self, cell, outcome))
    }
}
