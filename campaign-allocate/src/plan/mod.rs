//! Budgets by name: channels, creatives, bounds in; a plan with reasons, or the names of what
//! collides, out.

mod cell;
mod error;
mod money;
mod outcome;
mod reasons;

use std::collections::HashMap;

use campaign_core::{Allocator, Budget, Groups, Problem, Response};

pub use cell::{Bounds, Cell, Channel};
pub use error::PlanError;
pub use outcome::{CellOutcome, Conflict, PlanOutcome};

/// A validated budget problem by name.
///
/// Cells keep the order they were given in; channels that of their first cell, and after them by name those
/// that have limits but no cell. The order of the limits does not matter.
///
/// # Units
/// Budget, bounds and last spend in one currency; the return of a cell in response per currency unit (ROAS
/// where the response is revenue in the same currency).
///
/// # Examples
/// ```
/// use campaign_allocate::{Cell, Channel, NestedLp, Plan};
/// use campaign_core::{Budget, Status};
///
/// let cells = vec![
///     Cell::new("search", "brand", 4.0).with_last(500.0).with_relative_bounds(0.3),
///     Cell::new("search", "generic", 2.5).with_last(300.0).with_relative_bounds(0.3),
///     Cell::new("social", "video", 3.0).with_last(200.0).with_relative_bounds(0.3),
/// ];
/// let channels = vec![Channel::new("search").with_cap(850.0)];
/// let plan = Plan::new(Budget::Exactly(1_000.0), cells, channels)?;
/// let outcome = plan.solve(&mut NestedLp::new())?;
/// assert_eq!(outcome.status, Status::Optimal);
/// assert_eq!(outcome.spend(), [640.0, 210.0, 150.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    budget: Budget,
    cells: Vec<Cell>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    roas: Vec<f64>,
    channels: Vec<Channel>,
    channel_of: Vec<u32>,
    offsets: Vec<u32>,
    members: Vec<u32>,
    floor: Vec<f64>,
    cap: Vec<f64>,
}

impl Plan {
    /// Checks cells and channel limits and puts them in order.
    ///
    /// Channels without limits need not be listed. A channel without cells spends nothing: its cap changes
    /// nothing, and a floor above 0 makes the plan infeasible.
    ///
    /// # Errors
    /// [`PlanError`] naming the cell or channel. Bounds that contradict each other are not an error
    /// here: [`solve`](Self::solve) answers that they do.
    pub fn new(
        budget: Budget,
        cells: Vec<Cell>,
        channels: Vec<Channel>,
    ) -> Result<Self, PlanError> {
        check_budget(budget)?;
        if u32::try_from(cells.len()).is_err() {
            return Err(PlanError::TooManyCells { got: cells.len() });
        }
        let (mut lower, mut upper) = (Vec::new(), Vec::new());
        for cell in &cells {
            let (low, high) = cell.checked_bounds()?;
            lower.push(low);
            upper.push(high);
        }
        check_unique(&cells)?;
        let (limits, channel_of) = merge_channels(&cells, channels)?;
        let (offsets, members) = compress(&channel_of, limits.len());
        Ok(Self {
            budget,
            roas: cells.iter().map(Cell::roas).collect(),
            lower,
            upper,
            cells,
            channel_of,
            offsets,
            members,
            floor: limits.iter().map(Channel::floor).collect(),
            cap: limits.iter().map(Channel::cap).collect(),
            channels: limits,
        })
    }

    /// The budget.
    #[must_use]
    pub const fn budget(&self) -> Budget {
        self.budget
    }

    /// Asks the same question for another budget.
    ///
    /// # Errors
    /// [`PlanError::Budget`]; the plan is then unchanged.
    pub fn set_budget(&mut self, budget: Budget) -> Result<(), PlanError> {
        check_budget(budget)?;
        self.budget = budget;
        Ok(())
    }

    /// The cells, in the order of every slice that has one entry per cell.
    #[must_use]
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// The channels, in the order of the groups of [`problem`](Self::problem).
    #[must_use]
    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// The least and the most that a cell may get; `None` if there is no such cell.
    #[must_use]
    pub fn bounds(&self, cell: usize) -> Option<(f64, f64)> {
        Some((*self.lower.get(cell)?, *self.upper.get(cell)?))
    }

    /// The problem by index, for any solver.
    ///
    /// # Errors
    /// None for a plan that [`new`](Self::new) let through.
    pub fn problem(&self) -> campaign_core::Result<Problem<'_>> {
        let groups = Groups::new(&self.offsets, &self.members, &self.floor, &self.cap)?;
        let response = Response::Linear(&self.roas);
        Ok(Problem::new(self.budget, &self.lower, &self.upper, response).with_groups(groups))
    }

    /// Solves the plan and puts the answer in its names.
    ///
    /// # Errors
    /// What the solver answers. An infeasible plan is not an error: see [`PlanOutcome::conflicts`].
    pub fn solve(&self, solver: &mut dyn Allocator) -> campaign_core::Result<PlanOutcome> {
        let mut spend = vec![0.0; self.cells.len()];
        let outcome = solver.allocate(&self.problem()?, &mut spend)?;
        Ok(PlanOutcome::new(self, outcome, spend, solver.conflicts()))
    }
}

fn check_budget(budget: Budget) -> Result<(), PlanError> {
    let value = budget.amount();
    if value.is_finite() && value >= 0.0 { Ok(()) } else { Err(PlanError::Budget { value }) }
}

fn check_unique(cells: &[Cell]) -> Result<(), PlanError> {
    let mut seen = HashMap::new();
    for cell in cells {
        if seen.insert((cell.channel(), cell.name()), ()).is_some() {
            let (channel, cell) = (cell.channel().to_owned(), cell.name().to_owned());
            return Err(PlanError::DuplicateCell { channel, cell });
        }
    }
    Ok(())
}

/// One limit per channel, in the order of first cells and then of the names of channels without any, and
/// the channel of each cell.
fn merge_channels(
    cells: &[Cell],
    limits: Vec<Channel>,
) -> Result<(Vec<Channel>, Vec<u32>), PlanError> {
    let mut index: HashMap<&str, u32> = HashMap::new();
    let mut channels = Vec::new();
    let mut channel_of = Vec::with_capacity(cells.len());
    for cell in cells {
        let next = channels.len() as u32;
        let place = *index.entry(cell.channel()).or_insert(next);
        if place == next {
            channels.push(Channel::new(cell.channel()));
        }
        channel_of.push(place);
    }
    let mut is_set = vec![false; channels.len()];
    let mut without_cells = Vec::new();
    for limit in limits {
        limit.check()?;
        let Some(&place) = index.get(limit.name()) else {
            without_cells.push(limit);
            continue;
        };
        let place = place as usize;
        if core::mem::replace(&mut is_set[place], true) {
            return Err(PlanError::DuplicateChannel { channel: limit.name().to_owned() });
        }
        channels[place] = limit;
    }
    without_cells.sort_by(|a, b| a.name().cmp(b.name()));
    if let Some(pair) = without_cells.windows(2).find(|pair| pair[0].name() == pair[1].name()) {
        return Err(PlanError::DuplicateChannel { channel: pair[0].name().to_owned() });
    }
    channels.append(&mut without_cells);
    Ok((channels, channel_of))
}

/// Compressed rows: the cells of each channel, in the order of the cells.
fn compress(channel_of: &[u32], n_channels: usize) -> (Vec<u32>, Vec<u32>) {
    let mut offsets = vec![0_u32; n_channels + 1];
    for &channel in channel_of {
        offsets[channel as usize + 1] += 1;
    }
    for channel in 0..n_channels {
        offsets[channel + 1] += offsets[channel];
    }
    let mut next = offsets.clone();
    let mut members = vec![0; channel_of.len()];
    for (cell, &channel) in channel_of.iter().enumerate() {
        let place = &mut next[channel as usize];
        members[*place as usize] = cell as u32;
        *place += 1;
    }
    (offsets, members)
}
