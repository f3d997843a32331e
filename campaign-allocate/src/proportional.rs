//! Baselines that share a budget in proportion to something, within all limits.

use campaign_core::{Allocator, Constraint, Error, Outcome, Problem, Response, Result, Status};

use crate::lp::certificate::certify;
use crate::problem::{NO_GROUP, Structure};

/// What the shares are proportional to.
#[derive(Debug, Clone, PartialEq)]
enum Weights {
    Equal,
    Last(Vec<f64>),
    Roas,
}

/// Shares the budget in proportion to weights, as far as bounds, floors and caps permit: a baseline to
/// compare with, and to fall back to. It never claims to be optimal.
///
/// Every cell gets `θ·weight`, moved to within its bounds, with one `θ` for all so that the budget is
/// spent (water-filling). A group that would end beyond its floor or cap gets a `θ` of its own. Cells of
/// weight 0 stay at their lower bounds until all others are full; then they share equally.
///
/// An exact budget is spent to the last unit; under [`Budget::AtMost`](campaign_core::Budget::AtMost) as much of it as the limits
/// permit is spent too.
///
/// # Errors
/// [`Error::Unsupported`] for a response that is not linear and for a cell in two groups;
/// [`Error::Length`], [`Error::NonFinite`] or [`Error::OutOfRange`] for last period's spend.
///
/// # Allocation
/// At construction, and when a problem is larger than any before.
///
/// # Complexity
/// O(cells) for each of about 60 bisection steps.
///
/// # Examples
/// ```
/// use campaign_allocate::Proportional;
/// use campaign_core::{Allocator, Budget, Problem, Response, Status};
///
/// let (lower, upper, roas) = ([0.0; 3], [20.0, 90.0, 90.0], [3.0, 2.0, 1.0]);
/// let problem = Problem::new(Budget::Exactly(90.0), &lower, &upper, Response::Linear(&roas));
/// let mut spend = [0.0; 3];
/// let outcome = Proportional::equal().allocate(&problem, &mut spend)?;
/// assert_eq!(outcome.status, Status::Stopped); // a plan, and no claim
/// assert!(spend.iter().zip([20.0, 35.0, 35.0]).all(|(got, want)| (got - want).abs() < 1e-9));
/// # Ok::<(), campaign_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Proportional {
    weights: Weights,
    structure: Structure,
    weight: Vec<f64>,
    target: Vec<f64>,
    price: Vec<f64>,
}

impl Proportional {
    fn with(weights: Weights) -> Self {
        let (structure, weight) = (Structure::default(), Vec::new());
        Self { weights, structure, weight, target: Vec::new(), price: Vec::new() }
    }

    /// The same for every cell.
    #[must_use]
    pub fn equal() -> Self {
        Self::with(Weights::Equal)
    }

    /// In proportion to what each cell got last period.
    #[must_use]
    pub fn last_split(last: Vec<f64>) -> Self {
        Self::with(Weights::Last(last))
    }

    /// In proportion to the ROAS of each cell; a negative one counts as 0.
    #[must_use]
    pub fn roas() -> Self {
        Self::with(Weights::Roas)
    }

    /// Makes room for a problem of that size.
    pub fn reserve(&mut self, cells: usize, groups: usize) {
        self.structure = Structure::with_capacity(cells, groups);
        self.weight.reserve(cells);
        self.target.reserve(groups);
        self.price.reserve(groups);
    }

    fn read_weights(&mut self, roas: &[f64]) -> Result<()> {
        self.weight.clear();
        match &self.weights {
            Weights::Equal => self.weight.resize(roas.len(), 1.0),
            Weights::Roas => self.weight.extend(roas.iter().map(|r| r.max(0.0))),
            Weights::Last(last) => {
                campaign_core::error::check_length("last", last.len(), roas.len())?;
                campaign_core::error::check_finite("last", last)?;
                if let Some(index) = last.iter().position(|v| *v < 0.0) {
                    let (what, value) = ("last", last[index]);
                    return Err(Error::OutOfRange { what, index, value, low: 0.0, high: f64::MAX });
                }
                self.weight.extend_from_slice(last);
            }
        }
        // Only ratios count. A scale of 1 keeps the water level within the numbers of an f64.
        let largest = self.weight.iter().copied().fold(0.0, f64::max);
        if largest > 0.0 {
            self.weight.iter_mut().for_each(|w| *w /= largest);
        }
        Ok(())
    }

    fn solve(&mut self, problem: &Problem<'_>, spend: &mut [f64]) -> Result<Outcome> {
        self.structure.conflicts.clear();
        problem.check(spend)?;
        let Response::Linear(roas) = problem.response else {
            return Err(Error::Unsupported("a response that is not linear"));
        };
        self.read_weights(roas)?;
        if !self.structure.read(problem)? {
            spend.fill(f64::NAN);
            return Ok(Outcome::without_plan(Status::Infeasible));
        }
        let filling = Filling { problem, weight: &self.weight, structure: &self.structure };
        self.target.clear();
        self.target.resize(problem.groups.len(), 0.0);
        filling.share(problem.budget.amount(), &mut self.target, spend);
        self.price.clear();
        self.price.resize(problem.groups.len(), 0.0);
        // The weights have served; their place takes the reduced costs, which nobody reads.
        let proof = certify(problem, spend, 0.0, &self.price, &mut self.weight)?;
        let total: f64 = spend.iter().sum();
        if !proof.is_feasible() {
            return Err(Error::Unsupported("a problem with numbers this large"));
        }
        let objective = spend.iter().zip(roas).map(|(x, r)| x * r).sum();
        Ok(Outcome::new(Status::Stopped, objective, total, f64::NAN))
    }
}

impl Allocator for Proportional {
    fn allocate(&mut self, problem: &Problem<'_>, spend: &mut [f64]) -> Result<Outcome> {
        let outcome = self.solve(problem, spend);
        if outcome.is_err() {
            self.structure.conflicts.clear();
            spend.fill(f64::NAN);
        }
        outcome
    }

    fn conflicts(&self) -> &[Constraint] {
        &self.structure.conflicts
    }
}

struct Filling<'a> {
    problem: &'a Problem<'a>,
    weight: &'a [f64],
    structure: &'a Structure,
}

impl Filling<'_> {
    /// What a cell takes at a level in [0, 2]: up to 1 the cells with a weight rise to their upper
    /// bounds, from 1 to 2 the others do.
    fn cell(&self, cell: usize, level: f64) -> f64 {
        let (lower, upper) = (self.problem.lower[cell], self.problem.upper[cell]);
        let has_weight = self.weight[cell] > 0.0;
        let level = if has_weight { level } else { level - 1.0 };
        if level <= 0.0 {
            return lower;
        }
        if level >= 1.0 {
            return upper;
        }
        let weight = if has_weight { self.weight[cell] } else { 1.0 };
        let water = self.problem.budget.amount() * weight * level / (1.0 - level);
        water.max(lower).min(upper)
    }

    fn group(&self, group: usize, level: f64) -> f64 {
        self.problem.groups.cells(group).iter().map(|&c| self.cell(c as usize, level)).sum()
    }

    fn capped_group(&self, group: usize, level: f64) -> f64 {
        let (floor, cap) = (self.problem.groups.floor()[group], self.problem.groups.cap()[group]);
        self.group(group, level).max(floor).min(cap)
    }

    fn alone(&self) -> impl Iterator<Item = usize> {
        let of = self.structure.group_of.iter().enumerate();
        of.filter(|&(_, &group)| group == NO_GROUP).map(|(cell, _)| cell)
    }

    fn share(&self, budget: f64, target: &mut [f64], spend: &mut [f64]) {
        let all = |level: f64| {
            let alone: f64 = self.alone().map(|cell| self.cell(cell, level)).sum();
            alone + (0..target.len()).map(|g| self.capped_group(g, level)).sum::<f64>()
        };
        let mix = Mix::new(all, budget);
        for cell in self.alone() {
            spend[cell] = mix.at(|level| self.cell(cell, level));
        }
        for (group, target) in target.iter_mut().enumerate() {
            *target = mix.at(|level| self.capped_group(group, level));
            let mix = Mix::new(|level| self.group(group, level), *target);
            for &cell in self.problem.groups.cells(group) {
                spend[cell as usize] = mix.at(|level| self.cell(cell as usize, level));
            }
        }
    }
}

/// The place between two neighbouring levels where a total is met.
struct Mix {
    low: f64,
    high: f64,
    share: f64,
}

impl Mix {
    fn new(total: impl Fn(f64) -> f64, target: f64) -> Self {
        let (mut low, mut high) = (0.0, 2.0);
        if total(high) <= target {
            return Self { low: high, high, share: 0.0 };
        }
        loop {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            if total(middle) <= target {
                low = middle;
            } else {
                high = middle;
            }
        }
        let (from, to) = (total(low), total(high));
        let share = if to.is_finite() && to > from { (target - from) / (to - from) } else { 0.0 };
        Self { low, high, share: share.clamp(0.0, 1.0) }
    }

    /// A quantity at that place.
    fn at(&self, quantity: impl Fn(f64) -> f64) -> f64 {
        let (from, to) = (quantity(self.low), quantity(self.high));
        if self.share > 0.0 { from + self.share * (to - from) } else { from }
    }
}
