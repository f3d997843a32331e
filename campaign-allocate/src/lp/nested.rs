//! The budget LP with disjoint groups, solved exactly by selection.

use campaign_core::{
    Allocator, Budget, Constraint, Error, Outcome, Problem, Response, Result, Status,
};

use super::certificate::{Certificate, certify};
use super::duals::{Binding, bindings_into, group_prices_into};
use super::select::{Segment, fill};
use crate::problem::Structure;

/// Exact solver for a linear response under a total, bounds per cell and disjoint groups with floor
/// and cap.
///
/// Spend first covers the lower bounds, then in each group with a floor the best cells until the
/// floor is met; what is left of the budget goes to the best remaining room, whereby a group offers no
/// more than its cap. For such a nested family this greedy order is optimal. Under
/// [`Budget::AtMost`] a cell whose response is 0 or negative is not bought beyond what bounds and floors demand.
///
/// Ties go to the lowest cell index.
///
/// [`Outcome::shadow_price`] is what one more unit of budget would bring (the right-hand derivative
/// where the value of the budget has a kink). Where an exact budget already fills all room, one more unit
/// has no plan; the price is then what the last unit brought.
///
/// # Units
/// Spend and bounds in one currency unit, response in response per unit.
///
/// # Errors
/// [`Error::Unsupported`] for a response that is not linear, for a cell in two groups, and for numbers
/// so large that the plan fails its own check.
///
/// # Allocation
/// At construction. A problem larger than any before grows the workspace; nothing else allocates,
/// infeasible problems and errors included.
///
/// # Complexity
/// O(cells + groups) expected.
///
/// # Source
/// Greedy over a laminar family: Federgruen, A. and Groenevelt, H. (1986), *Operations Research* 34,
/// 909–918. Selection instead of sorting: Balas and Zemel (1980).
///
/// # Examples
/// ```
/// use campaign_allocate::NestedLp;
/// use campaign_core::{Allocator, Budget, Groups, Problem, Response, Status};
///
/// let (lower, upper, roas) = ([0.0; 3], [60.0; 3], [4.0, 3.0, 2.0]);
/// // The first two cells together at most 80.
/// let groups = Groups::new(&[0, 2], &[0, 1], &[0.0], &[80.0])?;
/// let problem = Problem::new(Budget::Exactly(100.0), &lower, &upper, Response::Linear(&roas))
///     .with_groups(groups);
/// let (mut solver, mut spend) = (NestedLp::with_capacity(3, 1), [0.0; 3]);
/// let outcome = solver.allocate(&problem, &mut spend)?;
/// assert_eq!((outcome.status, spend), (Status::Optimal, [60.0, 20.0, 20.0]));
/// assert_eq!((outcome.objective, outcome.shadow_price), (340.0, 2.0));
/// assert_eq!(solver.details().group_price, [1.0]); // 3 instead of 2 for a unit more of cap
/// # Ok::<(), campaign_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct NestedLp {
    structure: Structure,
    segments: Vec<Segment>,
    base: Vec<f64>,
    top: Vec<f64>,
    budget_price: f64,
    group_price: Vec<f64>,
    reduced_cost: Vec<f64>,
    binding: Vec<Binding>,
    certificate: Option<Certificate>,
}

/// Prices, roles and proof of the last plan.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Details<'a> {
    /// The price of the budget; NaN if there was no plan.
    pub budget_price: f64,
    /// Per group: positive, what a unit more of cap would bring; negative, what a unit of floor costs; 0
    /// where neither holds. At a kink one of several valid prices, the one nearest to 0.
    pub group_price: &'a [f64],
    /// Per cell: its response minus the price of the budget and of its group.
    pub reduced_cost: &'a [f64],
    /// Per cell: why it got what it got.
    pub binding: &'a [Binding],
    /// The proof; `None` if there was no plan.
    pub certificate: Option<Certificate>,
}

impl NestedLp {
    /// A solver without workspace; the first problem allocates it.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(0, 0)
    }

    /// A solver with workspace for problems of up to that size.
    #[must_use]
    pub fn with_capacity(cells: usize, groups: usize) -> Self {
        Self {
            structure: Structure::with_capacity(cells, groups),
            segments: Vec::with_capacity(cells),
            base: Vec::with_capacity(cells),
            top: Vec::with_capacity(cells),
            budget_price: f64::NAN,
            group_price: Vec::with_capacity(groups),
            reduced_cost: Vec::with_capacity(cells),
            binding: Vec::with_capacity(cells),
            certificate: None,
        }
    }

    /// Prices, roles and proof of the last plan; empty if there was none.
    #[must_use]
    pub fn details(&self) -> Details<'_> {
        Details {
            budget_price: self.budget_price,
            group_price: &self.group_price,
            reduced_cost: &self.reduced_cost,
            binding: &self.binding,
            certificate: self.certificate,
        }
    }

    fn forget(&mut self) {
        self.structure.conflicts.clear();
        self.budget_price = f64::NAN;
        self.group_price.clear();
        self.reduced_cost.clear();
        self.binding.clear();
        self.certificate = None;
    }

    /// Per cell the spend that bounds and floors demand (`base`) and the most that its bound and the
    /// cap of its group grant (`top`).
    fn stretch(&mut self, problem: &Problem<'_>, roas: &[f64]) {
        self.base.clear();
        self.base.extend_from_slice(problem.lower);
        self.top.clear();
        self.top.extend_from_slice(problem.upper);
        for group in 0..problem.groups.len() {
            let cells = problem.groups.cells(group);
            let lower = self.structure.lower[group];
            let (floor, cap) = (problem.groups.floor()[group], problem.groups.cap()[group]);
            if cap >= self.structure.upper[group] && floor <= lower {
                continue;
            }
            self.collect(problem, roas, cells);
            if cap < self.structure.upper[group] {
                let (k, rest) = fill(&mut self.segments, (cap - lower).max(0.0));
                for (place, segment) in self.segments.iter().enumerate().skip(k) {
                    let cell = segment.cell as usize;
                    let part = if place == k { rest } else { 0.0 };
                    self.top[cell] = (problem.lower[cell] + part).min(problem.upper[cell]);
                }
                // A floor is no higher than its cap, so that the cells it takes are among these.
                self.segments.truncate(k + 1);
            }
            if floor > lower {
                let (k, rest) = fill(&mut self.segments, floor - lower);
                for (place, segment) in self.segments.iter().enumerate().take(k + 1) {
                    let cell = segment.cell as usize;
                    let full = problem.upper[cell];
                    let spend =
                        if place == k { (problem.lower[cell] + rest).min(full) } else { full };
                    self.base[cell] = spend;
                    self.top[cell] = self.top[cell].max(spend);
                }
            }
        }
    }

    fn collect(&mut self, problem: &Problem<'_>, roas: &[f64], cells: &[u32]) {
        self.segments.clear();
        self.segments.extend(cells.iter().map(|&cell| {
            let i = cell as usize;
            Segment { value: roas[i], width: problem.upper[i] - problem.lower[i], cell }
        }));
    }

    /// Spends the budget between `base` and `top`; returns its price.
    fn spend_budget(&mut self, problem: &Problem<'_>, roas: &[f64], spend: &mut [f64]) -> f64 {
        let budget = problem.budget.amount();
        let worthwhile = match problem.budget {
            Budget::Exactly(_) => f64::NEG_INFINITY,
            Budget::AtMost(_) => 0.0,
        };
        self.segments.clear();
        for (cell, &value) in roas.iter().enumerate() {
            let width = self.top[cell] - self.base[cell];
            if width > 0.0 && value > worthwhile {
                self.segments.push(Segment { value, width, cell: cell as u32 });
            }
        }
        spend.copy_from_slice(&self.base);
        let committed: f64 = spend.iter().sum();
        let (k, _) = fill(&mut self.segments, (budget - committed).max(0.0));
        for segment in &self.segments[..k] {
            spend[segment.cell as usize] = self.top[segment.cell as usize];
        }
        if let Some(critical) = self.segments.get(k) {
            // The rest is taken anew in the order of the cells, so that it does not depend on how
            // the selection went.
            let cell = critical.cell as usize;
            spend[cell] = 0.0;
            let rest = budget - spend.iter().sum::<f64>();
            spend[cell] = rest.max(self.base[cell]).min(self.top[cell]);
        }
        self.price(problem, spend, k)
    }

    fn price(&self, problem: &Problem<'_>, spend: &[f64], k: usize) -> f64 {
        let room = super::duals::room(problem.budget);
        let has_room = |s: &&Segment| self.top[s.cell as usize] - spend[s.cell as usize] > room;
        let next = self.segments[k..].iter().filter(has_room).map(|s| s.value);
        let next = next.fold(f64::NEG_INFINITY, f64::max);
        if next > f64::NEG_INFINITY {
            return next;
        }
        match problem.budget {
            Budget::AtMost(_) => 0.0,
            Budget::Exactly(_) => {
                let last = self.segments.iter().map(|s| s.value).fold(f64::INFINITY, f64::min);
                if last.is_finite() { last } else { 0.0 }
            }
        }
    }

    fn prove(&mut self, problem: &Problem<'_>, roas: &[f64], spend: &[f64]) -> Result<Certificate> {
        let price = self.budget_price;
        self.group_price.resize(problem.groups.len(), 0.0);
        group_prices_into(problem, roas, spend, price, &mut self.group_price);
        self.reduced_cost.resize(spend.len(), 0.0);
        let proof = certify(problem, spend, price, &self.group_price, &mut self.reduced_cost)?;
        let group_of = &self.structure.group_of;
        bindings_into(problem, roas, spend, price, &self.group_price, group_of, &mut self.binding);
        self.certificate = Some(proof);
        Ok(proof)
    }

    fn solve(&mut self, problem: &Problem<'_>, spend: &mut [f64]) -> Result<Outcome> {
        self.forget();
        problem.check(spend)?;
        let Response::Linear(roas) = problem.response else {
            return Err(Error::Unsupported("a response that is not linear"));
        };
        if !self.structure.read(problem)? {
            spend.fill(f64::NAN);
            return Ok(Outcome::without_plan(Status::Infeasible));
        }
        self.stretch(problem, roas);
        self.budget_price = self.spend_budget(problem, roas, spend);
        let proof = self.prove(problem, roas, spend)?;
        if !proof.is_feasible() {
            return Err(Error::Unsupported("a problem with numbers this large"));
        }
        let total: f64 = spend.iter().sum();
        let objective = spend.iter().zip(roas).map(|(x, r)| x * r).sum();
        let status = if !proof.is_optimal() {
            Status::Stopped
        } else if crate::problem::exceeds(problem.budget.amount(), total) {
            Status::Underspent
        } else {
            Status::Optimal
        };
        Ok(Outcome::new(status, objective, total, self.budget_price))
    }
}

impl Default for NestedLp {
    fn default() -> Self {
        Self::new()
    }
}

impl Allocator for NestedLp {
    fn allocate(&mut self, problem: &Problem<'_>, spend: &mut [f64]) -> Result<Outcome> {
        let outcome = self.solve(problem, spend);
        if outcome.is_err() {
            // What was there before must not pass for an answer.
            self.forget();
            spend.fill(f64::NAN);
        }
        outcome
    }

    fn conflicts(&self) -> &[Constraint] {
        &self.structure.conflicts
    }
}
