//! What every solver of disjoint groups needs first: which group a cell is in, whether any plan
//! exists, and if none does, a smallest set of constraints that collide.

use campaign_core::{Budget, Constraint, Error, Problem, Result};

/// Relative slack that a comparison of sums grants to rounding.
///
/// Bounds that a user states side by side (lower and upper of a cell, floor and cap of a group) are
/// compared exactly.
pub(crate) const TOLERANCE: f64 = 1e-9;

/// The group index of a cell that is in no group.
pub(crate) const NO_GROUP: u32 = u32::MAX;

/// Whether a sum lies above a limit by more than rounding explains.
pub(crate) fn exceeds(sum: f64, limit: f64) -> bool {
    sum > limit && (sum.is_infinite() || sum - limit > TOLERANCE * sum.abs().max(limit.abs()))
}

/// Index structure and feasibility of a problem whose groups are disjoint. Reused between solves.
#[derive(Debug, Clone, Default)]
pub(crate) struct Structure {
    /// The group of each cell, or [`NO_GROUP`].
    pub(crate) group_of: Vec<u32>,
    /// Sum of the lower bounds of each group.
    pub(crate) lower: Vec<f64>,
    /// Sum of the upper bounds of each group.
    pub(crate) upper: Vec<f64>,
    /// Why there is no plan; empty if there is one.
    pub(crate) conflicts: Vec<Constraint>,
    /// Work space of the search for a smallest conflict.
    pieces: Vec<(f64, Constraint)>,
}

impl Structure {
    pub(crate) fn with_capacity(cells: usize, groups: usize) -> Self {
        Self {
            group_of: Vec::with_capacity(cells),
            lower: Vec::with_capacity(groups),
            upper: Vec::with_capacity(groups),
            conflicts: Vec::with_capacity(cells + groups + 1),
            pieces: Vec::with_capacity(cells + groups),
        }
    }

    /// Reads a checked problem; `Ok(false)` if it has no plan, with `conflicts` filled.
    pub(crate) fn read(&mut self, problem: &Problem<'_>) -> Result<bool> {
        self.conflicts.clear();
        self.index_groups(problem)?;
        if let Some(cell) = problem.lower.iter().zip(problem.upper).position(|(l, u)| l > u) {
            self.conflicts.extend([Constraint::Lower(cell as u32), Constraint::Upper(cell as u32)]);
            return Ok(false);
        }
        for group in 0..problem.groups.len() {
            if !self.group_is_feasible(problem, group) {
                return Ok(false);
            }
        }
        Ok(self.total_is_feasible(problem))
    }

    fn index_groups(&mut self, problem: &Problem<'_>) -> Result<()> {
        let (cells, groups) = (problem.n_cells(), problem.groups.len());
        if u32::try_from(cells).is_err() || groups >= NO_GROUP as usize {
            return Err(Error::Unsupported("more than 4294967295 cells or groups"));
        }
        // Room for the largest conflict, so that an infeasible problem allocates no more than a
        // feasible one of its size.
        self.conflicts.reserve(cells + groups + 1);
        self.pieces.clear();
        self.pieces.reserve(cells + groups);
        self.group_of.clear();
        self.group_of.resize(cells, NO_GROUP);
        self.lower.clear();
        self.upper.clear();
        for group in 0..groups {
            let (mut lower, mut upper) = (0.0, 0.0);
            for &cell in problem.groups.cells(group) {
                let cell = cell as usize;
                if self.group_of[cell] != NO_GROUP {
                    return Err(Error::Unsupported("a cell in two groups"));
                }
                self.group_of[cell] = group as u32;
                lower += problem.lower[cell];
                upper += problem.upper[cell];
            }
            self.lower.push(lower);
            self.upper.push(upper);
        }
        Ok(())
    }

    fn group_is_feasible(&mut self, problem: &Problem<'_>, group: usize) -> bool {
        let (floor, cap) = (problem.groups.floor()[group], problem.groups.cap()[group]);
        let (floor_row, cap_row) = (Constraint::Floor(group as u32), Constraint::Cap(group as u32));
        let cells = problem.groups.cells(group);
        if cells.is_empty() && floor > 0.0 {
            self.conflicts.push(floor_row);
        } else if floor > cap {
            self.conflicts.extend([floor_row, cap_row]);
        } else if exceeds(self.lower[group], cap) {
            self.pieces.clear();
            let piece = |&cell: &u32| (problem.lower[cell as usize], Constraint::Lower(cell));
            self.pieces.extend(cells.iter().map(piece));
            self.conflicts.push(cap_row);
            self.take_largest_beyond(cap);
        } else if exceeds(floor, self.upper[group]) {
            self.conflicts.push(floor_row);
            self.conflicts.extend(cells.iter().map(|&cell| Constraint::Upper(cell)));
        }
        self.conflicts.is_empty()
    }

    fn total_is_feasible(&mut self, problem: &Problem<'_>) -> bool {
        let budget = problem.budget.amount();
        let alone = |(cell, &group): (usize, &u32)| (group == NO_GROUP).then_some(cell);
        let (mut least, mut most) = (0.0, 0.0);
        for cell in self.group_of.iter().enumerate().filter_map(alone) {
            least += problem.lower[cell];
            most += problem.upper[cell];
        }
        for group in 0..problem.groups.len() {
            least += self.lower[group].max(problem.groups.floor()[group]);
            most += self.upper[group].min(problem.groups.cap()[group]);
        }
        if exceeds(least, budget) {
            self.least_conflicts(problem, budget);
        } else if matches!(problem.budget, Budget::Exactly(_)) && exceeds(budget, most) {
            self.most_conflicts(problem);
        }
        self.conflicts.is_empty()
    }

    /// Lower bounds and floors that need more than the budget.
    fn least_conflicts(&mut self, problem: &Problem<'_>, budget: f64) {
        self.pieces.clear();
        for (cell, &group) in self.group_of.iter().enumerate() {
            let by_floor = group != NO_GROUP
                && problem.groups.floor()[group as usize] >= self.lower[group as usize];
            if !by_floor {
                self.pieces.push((problem.lower[cell], Constraint::Lower(cell as u32)));
            }
        }
        for (group, &floor) in problem.groups.floor().iter().enumerate() {
            if floor >= self.lower[group] {
                self.pieces.push((floor, Constraint::Floor(group as u32)));
            }
        }
        self.conflicts.push(Constraint::Budget);
        self.take_largest_beyond(budget);
    }

    /// Upper bounds and caps that keep an exact budget out of reach. Without any one of them its
    /// cells could take whatever is left, so all of them are needed.
    fn most_conflicts(&mut self, problem: &Problem<'_>) {
        self.conflicts.push(Constraint::Budget);
        for (cell, &group) in self.group_of.iter().enumerate() {
            let by_cap = group != NO_GROUP
                && problem.groups.cap()[group as usize] <= self.upper[group as usize];
            if !by_cap {
                self.conflicts.push(Constraint::Upper(cell as u32));
            }
        }
        for (group, &cap) in problem.groups.cap().iter().enumerate() {
            if cap <= self.upper[group] && !problem.groups.cells(group).is_empty() {
                self.conflicts.push(Constraint::Cap(group as u32));
            }
        }
    }

    /// Moves pieces, largest first, to the conflicts until they add up to more than `limit`.
    ///
    /// The last one taken is the smallest and without it the sum was within the limit, so no piece
    /// can be spared.
    fn take_largest_beyond(&mut self, limit: f64) {
        self.pieces.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut sum = 0.0;
        for &(amount, constraint) in &self.pieces {
            if exceeds(sum, limit) {
                break;
            }
            sum += amount;
            self.conflicts.push(constraint);
        }
    }
}
