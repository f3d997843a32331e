//! Next period's budget: cells within bounds, channels within floors and caps.

use std::collections::{BTreeMap, HashMap};

use campaign_allocate::lp::NestedLp;
use campaign_allocate::plan::{Cell, Channel, Plan, PlanOutcome};
use campaign_core::{Budget, Micros};

use super::config::PlanConfig;
use super::forecast::Forecast;
use super::history::{History, Labelled};
use super::saturation::Saturation;
use crate::program::{Failure, OrFail as _};

/// A plan, solved and in whole coins.
#[derive(Debug)]
pub struct Budgeted {
    /// The cells of the history that the plan is over.
    pub cells: Vec<usize>,
    /// What each spent in the last period.
    pub current: Vec<f64>,
    /// The solution, in the order of `cells`.
    pub outcome: PlanOutcome,
    /// What each is to spend; `None` without a plan.
    pub amounts: Option<Vec<Micros>>,
    /// The budget asked for.
    pub budget: f64,
    /// What each is expected to bring at that; `None` without a plan.
    pub expected: Option<Vec<f64>>,
    /// Response of last period's split, by the forecast.
    pub unchanged: f64,
    /// How many cells are held at what they spent because nothing is known of their return, and what
    /// they spent.
    pub held: (usize, f64),
}

/// What a plan is made from.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// The cells.
    pub history: &'a History,
    /// What the average unit of spend brings, at last period's spend.
    pub forecast: &'a Forecast,
    /// What the next unit brings beside the average one.
    pub saturation: &'a Saturation,
    /// Spend of the last period, cell by cell.
    pub recent: &'a [f64],
    /// Days of the period.
    pub days: u16,
}

impl Basis<'_> {
    /// What a cell is expected to bring at a spend for the period, along the channel's curve.
    #[must_use]
    pub fn expected(&self, cell: usize, spend: f64) -> Option<f64> {
        let days = f64::from(self.days);
        let channel = &self.history.cells[cell].channel;
        let change = self.saturation.average_after(channel, self.recent[cell] / days, spend / days);
        self.forecast.rate[cell].map(|rate| rate * change * spend)
    }

    /// What the next unit of a cell is expected to bring, at last period's spend.
    #[must_use]
    pub fn next_unit(&self, cell: usize) -> f64 {
        let daily = self.recent[cell] / f64::from(self.days);
        let share = self.saturation.next_to_average(&self.history.cells[cell].channel, daily);
        self.forecast.rate[cell].unwrap_or(0.0) * share
    }
}

/// Plans the next period over every cell that spent in the last one.
///
/// The linear plan maximises what the next unit of each cell brings, at last period's spend; bounds
/// keep it where that holds. A cell may move by `max_change` of what it spent, one that is paused
/// gets nothing, one of which nothing is known keeps what it had.
///
/// # Errors
/// [`Failure`] if a figure cannot stand in a plan. An infeasible plan is an answer.
pub fn plan(basis: &Basis<'_>, paused: &[usize], config: &PlanConfig) -> Result<Budgeted, Failure> {
    let Basis { history, forecast, recent, .. } = *basis;
    let doing = "the budget plan";
    let cells: Vec<usize> = (0..recent.len()).filter(|&c| recent[c] > 0.0).collect();
    let held = cells.iter().filter(|&&cell| forecast.rate[cell].is_none());
    let held = held.fold((0, 0.0), |(n, spend), &cell| (n + 1, spend + recent[cell]));
    let labels = unique_labels(history, &cells);
    let stated: Vec<Cell> = cells
        .iter()
        .zip(labels)
        .map(|(&cell, label)| {
            let channel = history.cells[cell].channel.as_str();
            let stated = Cell::new(channel, label, basis.next_unit(cell)).with_last(recent[cell]);
            if paused.contains(&cell) {
                stated.with_bounds(0.0, 0.0)
            } else if forecast.rate[cell].is_none() {
                stated.with_bounds(recent[cell], recent[cell])
            } else {
                stated.with_relative_bounds(config.max_change)
            }
        })
        .collect();
    let limits: Vec<Channel> = config
        .channels
        .iter()
        .map(|(name, bounds)| {
            let channel = Channel::new(name).with_floor(bounds.floor);
            bounds.cap.map_or(channel.clone(), |cap| channel.with_cap(cap))
        })
        .collect();
    let coin = coin(history);
    let spent: f64 = cells.iter().map(|&cell| recent[cell]).sum();
    let solve = |budget: f64| -> Result<PlanOutcome, Failure> {
        let stated_budget =
            if config.allow_underspend { Budget::AtMost(budget) } else { Budget::Exactly(budget) };
        let plan = Plan::new(stated_budget, stated.clone(), limits.clone()).or_fail(doing)?;
        plan.solve(&mut NestedLp::new()).or_fail(doing)
    };
    let mut budget = match config.budget {
        Some(budget) => budget,
        None => whole_coins(spent, coin).or_fail(doing)?,
    };
    let mut outcome = solve(budget)?;
    if config.budget.is_none() && !outcome.has_plan() {
        // Bounds that hold every cell where it was leave no room to round down to coins.
        let exact = Micros::from_f64(spent).or_fail(doing)?.to_f64();
        let unrounded = solve(exact)?;
        if unrounded.has_plan() {
            (budget, outcome) = (exact, unrounded);
        }
    }
    let amounts = if outcome.has_plan() {
        // A budget that is no number of coins, or bounds too narrow for one, is met in micros.
        let amounts = outcome.to_micros(coin).or_else(|_| outcome.to_micros(Micros(1)));
        Some(amounts.or_fail(doing)?)
    } else {
        None
    };
    let bring = |cell: &usize, spend: f64| basis.expected(*cell, spend).unwrap_or(0.0);
    let unchanged = cells.iter().map(|cell| bring(cell, recent[*cell])).sum();
    let expected = amounts.as_ref().map(|amounts| {
        cells.iter().zip(amounts).map(|(cell, amount)| bring(cell, amount.to_f64())).collect()
    });
    let current = cells.iter().map(|&cell| recent[cell]).collect();
    Ok(Budgeted { cells, current, outcome, amounts, expected, budget, unchanged, held })
}

/// The smallest coin of the currency.
fn coin(history: &History) -> Micros {
    let decimals = history.currency.map_or(2, |currency| currency.exponent().min(6));
    Micros(10_i64.pow(6 - decimals))
}

fn whole_coins(amount: f64, coin: Micros) -> Result<f64, campaign_core::money::MoneyError> {
    let micros = Micros::from_f64(amount)?;
    Ok(Micros(micros.0 / coin.0 * coin.0).to_f64())
}

/// Names that tell the cells of a channel apart: the ad's own, with its ad group or its id where
/// that is not enough.
fn unique_labels(history: &History, cells: &[usize]) -> Vec<String> {
    let candidates = |cell: usize| {
        let cell = &history.cells[cell];
        let name = cell.name.to_string();
        let group = cell.ad_group.label();
        [
            name.clone(),
            if group.is_empty() { name.clone() } else { format!("{name} ({group})") },
            format!("{name} [{}]", cell.id),
            cell.key.to_string(),
        ]
    };
    let mut taken: HashMap<(&str, String), usize> = HashMap::new();
    for &cell in cells {
        for label in candidates(cell) {
            *taken.entry((history.cells[cell].channel.as_str(), label)).or_default() += 1;
        }
    }
    // A label equal to another candidate of the same cell counts twice; the key never does.
    let own = |cell: usize, label: &String| candidates(cell).iter().filter(|c| *c == label).count();
    cells
        .iter()
        .map(|&cell| {
            let channel = history.cells[cell].channel.as_str();
            let unique =
                |label: &String| taken.get(&(channel, label.clone())) == Some(&own(cell, label));
            let [first, second, third, key] = candidates(cell);
            [first, second, third].into_iter().find(unique).unwrap_or(key)
        })
        .collect()
}

/// One line of what a person types into the platforms: an ad group's budget.
#[derive(Debug, Clone, PartialEq)]
pub struct AdGroupBudget {
    /// The channel.
    pub channel: String,
    /// The campaign.
    pub campaign: Labelled,
    /// The ad group.
    pub ad_group: Labelled,
    /// Last period's spend.
    pub current: f64,
    /// The proposal; `None` without a plan.
    pub proposed: Option<Micros>,
    /// What the next unit of each cell brings, times the cell's proposal.
    pub next_units: f64,
    /// The cells in it, as positions in the plan.
    pub members: Vec<usize>,
}

impl Budgeted {
    /// The plan per ad group.
    ///
    /// # Errors
    /// [`Failure`] on overflow.
    pub fn by_ad_group(&self, history: &History) -> Result<Vec<AdGroupBudget>, Failure> {
        let mut groups: BTreeMap<_, AdGroupBudget> = BTreeMap::new();
        for (position, &index) in self.cells.iter().enumerate() {
            let cell = &history.cells[index];
            let key = (&cell.channel, &cell.source, &cell.campaign, &cell.ad_group);
            let group = groups.entry(key).or_insert_with(|| AdGroupBudget {
                channel: cell.channel.to_string(),
                campaign: cell.campaign.clone(),
                ad_group: cell.ad_group.clone(),
                current: 0.0,
                proposed: self.amounts.is_some().then_some(Micros::ZERO),
                next_units: 0.0,
                members: Vec::new(),
            });
            group.current += self.current[position];
            group.members.push(position);
            if let (Some(amounts), Some(sum)) = (&self.amounts, group.proposed) {
                let amount = amounts[position];
                group.proposed = Some(sum.checked_add(amount).or_fail("the budget plan")?);
                group.next_units += self.outcome.cells[position].roas * amount.to_f64();
            }
        }
        Ok(groups.into_values().collect())
    }
}
