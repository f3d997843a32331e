//! Splitting a budget over cells.

use crate::curve::Curve;
use crate::error::{Error, Result, check_finite, check_length};

/// The total to spend.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Budget {
    /// Spend exactly this much; where that is impossible the problem is infeasible.
    Exactly(f64),
    /// Spend at most this much; underspending is allowed.
    AtMost(f64),
}

impl Budget {
    /// The amount, in the currency units of the problem.
    #[must_use]
    pub const fn amount(self) -> f64 {
        match self {
            Self::Exactly(amount) | Self::AtMost(amount) => amount,
        }
    }
}

/// What spend brings.
#[derive(Clone, Copy)]
pub enum Response<'a> {
    /// Response per unit of spend, one number per cell.
    Linear(&'a [f64]),
    /// One curve per cell.
    Curves(&'a [Curve]),
    /// Any function of the whole plan, at the price of a dynamic call.
    Custom(&'a (dyn ResponseFn + Sync)),
}

/// A response that is not a sum over cells (one channel feeds another).
pub trait ResponseFn {
    /// Response of the whole plan to one spend per cell.
    fn value(&self, spend: &[f64]) -> f64;

    /// Marginal response of each cell at that plan.
    ///
    /// # Shapes
    /// `out` has the length of `spend`.
    fn gradient_into(&self, spend: &[f64], out: &mut [f64]);
}

/// Groups of cells with a floor and a cap on what each group spends together.
///
/// Stored as compressed rows: the cells of group `g` are `cells[offsets[g]..offsets[g + 1]]`.
/// Groups may nest or cross; a solver that serves only disjoint groups says so in its error.
#[derive(Debug, Clone, Copy, Default)]
pub struct Groups<'a> {
    offsets: &'a [u32],
    cells: &'a [u32],
    floor: &'a [f64],
    cap: &'a [f64],
}

impl<'a> Groups<'a> {
    /// Groups from compressed rows.
    ///
    /// # Shapes
    /// `offsets` has one entry more than there are groups, starts at 0, never falls and ends at
    /// `cells.len()`; `floor` and `cap` have one entry per group.
    ///
    /// # Errors
    /// [`Error::Length`] or [`Error::OutOfRange`] where that does not hold, or where a floor or cap
    /// is NaN, a floor is infinite, or either is negative. A floor above its cap is not an error: it
    /// makes the problem infeasible, and the solver says so.
    pub fn new(
        offsets: &'a [u32],
        cells: &'a [u32],
        floor: &'a [f64],
        cap: &'a [f64],
    ) -> Result<Self> {
        check_length("group offsets", offsets.len(), floor.len() + 1)?;
        check_length("group caps", cap.len(), floor.len())?;
        let mut previous = 0;
        for (index, &offset) in offsets.iter().enumerate() {
            let high = if index == 0 { 0 } else { cells.len() };
            if offset < previous || offset as usize > high {
                let (value, low) = (f64::from(offset), f64::from(previous));
                let what = "group offsets";
                return Err(Error::OutOfRange { what, index, value, low, high: high as f64 });
            }
            previous = offset;
        }
        check_length("group cells", cells.len(), previous as usize)?;
        check_bounds("group floor", floor, f64::MAX)?;
        check_bounds("group cap", cap, f64::INFINITY)?;
        Ok(Self { offsets, cells, floor, cap })
    }

    /// How many groups there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.floor.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.floor.is_empty()
    }

    /// The cells of a group; empty if there is no such group.
    #[must_use]
    pub fn cells(&self, group: usize) -> &'a [u32] {
        match (self.offsets.get(group), self.offsets.get(group + 1)) {
            (Some(&from), Some(&to)) => self.cells.get(from as usize..to as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    /// The floors, one per group.
    #[must_use]
    pub const fn floor(&self) -> &'a [f64] {
        self.floor
    }

    /// The caps, one per group; infinite where there is none.
    #[must_use]
    pub const fn cap(&self) -> &'a [f64] {
        self.cap
    }
}

/// A budget problem by index, borrowed from whoever owns the names.
///
/// Maximise the response subject to the budget, the bounds of each cell and the floor and cap of
/// each group.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Problem<'a> {
    /// The total.
    pub budget: Budget,
    /// Least spend of each cell.
    pub lower: &'a [f64],
    /// Most spend of each cell; infinite where there is no bound.
    pub upper: &'a [f64],
    /// Floors and caps over several cells.
    pub groups: Groups<'a>,
    /// What spend brings.
    pub response: Response<'a>,
}

impl<'a> Problem<'a> {
    /// A problem without groups.
    #[must_use]
    pub fn new(budget: Budget, lower: &'a [f64], upper: &'a [f64], response: Response<'a>) -> Self {
        Self { budget, lower, upper, groups: Groups::default(), response }
    }

    /// Adds groups.
    #[must_use]
    pub fn with_groups(mut self, groups: Groups<'a>) -> Self {
        self.groups = groups;
        self
    }

    /// How many cells there are.
    #[must_use]
    pub const fn n_cells(&self) -> usize {
        self.lower.len()
    }

    /// Checks everything that an implementation may rely on: equal lengths, numbers where numbers
    /// must be, no negative spend, group members that exist.
    ///
    /// # Errors
    /// [`Error::Length`], [`Error::NonFinite`] or [`Error::OutOfRange`] with the place. Bounds and
    /// floors that contradict each other pass: they make the problem infeasible, not malformed.
    pub fn check(&self, spend: &[f64]) -> Result<()> {
        let n = self.n_cells();
        check_length("spend", spend.len(), n)?;
        check_length("upper", self.upper.len(), n)?;
        check_bounds("budget", &[self.budget.amount()], f64::MAX)?;
        check_bounds("lower", self.lower, f64::MAX)?;
        check_bounds("upper", self.upper, f64::INFINITY)?;
        match self.response {
            Response::Linear(slope) => {
                check_length("response", slope.len(), n)?;
                check_finite("response", slope)?;
            }
            Response::Curves(curves) => check_length("response", curves.len(), n)?,
            Response::Custom(_) => {}
        }
        match self.groups.cells.iter().position(|&cell| cell as usize >= n) {
            None => Ok(()),
            Some(index) => Err(Error::OutOfRange {
                what: "group cells",
                index,
                value: f64::from(self.groups.cells[index]),
                low: 0.0,
                high: n as f64 - 1.0,
            }),
        }
    }
}

fn check_bounds(what: &'static str, values: &[f64], high: f64) -> Result<()> {
    match values.iter().position(|v| !(0.0..=high).contains(v)) {
        None => Ok(()),
        Some(index) => Err(Error::OutOfRange { what, index, value: values[index], low: 0.0, high }),
    }
}

/// How an allocation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Status {
    /// The plan is optimal and its certificate was re-checked on the original data.
    Optimal,
    /// Optimal, and less than the budget is spent, as [`Budget::AtMost`] permits.
    Underspent,
    /// No plan satisfies all constraints; [`Allocator::conflicts`] names those that collide.
    Infeasible,
    /// The response grows without end.
    Unbounded,
    /// A limit was hit; the plan is feasible but not proven optimal.
    Stopped,
}

impl core::fmt::Display for Status {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Optimal => "optimal",
            Self::Underspent => "underspent",
            Self::Infeasible => "infeasible",
            Self::Unbounded => "unbounded",
            Self::Stopped => "stopped",
        })
    }
}

/// What an allocation came to.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Outcome {
    /// How it ended. The other numbers are NaN where there is no plan.
    pub status: Status,
    /// Response of the plan.
    pub objective: f64,
    /// Total spend of the plan.
    pub spend: f64,
    /// What one more unit of budget would bring.
    pub shadow_price: f64,
}

impl Outcome {
    /// A plan with its figures.
    #[must_use]
    pub const fn new(status: Status, objective: f64, spend: f64, shadow_price: f64) -> Self {
        Self { status, objective, spend, shadow_price }
    }

    /// No plan.
    #[must_use]
    pub const fn without_plan(status: Status) -> Self {
        Self::new(status, f64::NAN, f64::NAN, f64::NAN)
    }
}

/// One constraint of a [`Problem`], by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Constraint {
    /// The total.
    Budget,
    /// The least spend of a cell.
    Lower(u32),
    /// The most spend of a cell.
    Upper(u32),
    /// The floor of a group.
    Floor(u32),
    /// The cap of a group.
    Cap(u32),
}

/// A solver that owns and reuses its workspace.
///
/// An infeasible problem is an answer, not an error: look at [`Outcome::status`] first.
///
/// # Examples
/// A stranger's allocator, in a few lines:
/// ```
/// use campaign_core::{Allocator, Budget, Outcome, Problem, Response, Result, Status};
///
/// /// The same for every cell, whatever it brings: a baseline. Never claims to be optimal.
/// struct EqualSplit;
///
/// impl Allocator for EqualSplit {
///     fn allocate(&mut self, problem: &Problem<'_>, spend: &mut [f64]) -> Result<Outcome> {
///         problem.check(spend)?;
///         let share = problem.budget.amount() / spend.len() as f64;
///         spend.fill(share);
///         let within = |i: usize| (problem.lower[i]..=problem.upper[i]).contains(&share);
///         if !problem.groups.is_empty() || !(0..spend.len()).all(within) {
///             spend.fill(f64::NAN);
///             return Ok(Outcome::without_plan(Status::Stopped));
///         }
///         let Response::Linear(roas) = problem.response else {
///             return Err(campaign_core::Error::Unsupported("a curved response"));
///         };
///         let objective = roas.iter().map(|r| r * share).sum();
///         Ok(Outcome::new(Status::Stopped, objective, problem.budget.amount(), f64::NAN))
///     }
/// }
///
/// let (lower, upper, roas) = ([0.0; 2], [80.0; 2], [3.0, 1.0]);
/// let problem = Problem::new(Budget::Exactly(100.0), &lower, &upper, Response::Linear(&roas));
/// let mut spend = [0.0; 2];
/// let outcome = EqualSplit.allocate(&problem, &mut spend)?;
/// assert_eq!((spend, outcome.objective), ([50.0, 50.0], 200.0));
/// # Ok::<(), campaign_core::Error>(())
/// ```
pub trait Allocator: Send {
    /// Solves a problem into `spend`, one amount per cell.
    ///
    /// Where there is no plan (infeasible, unbounded) every entry of `spend` is set to NaN, so that
    /// a caller who ignores the status cannot spend what is left there from before.
    ///
    /// # Errors
    /// As [`Problem::check`]; [`Error::Unsupported`] for a response or a group structure that this
    /// solver does not serve.
    ///
    /// # Allocation
    /// None once the workspace has the size of the problem.
    fn allocate(&mut self, problem: &Problem<'_>, spend: &mut [f64]) -> Result<Outcome>;

    /// The constraints of the last problem that cannot hold together; empty unless it was infeasible.
    fn conflicts(&self) -> &[Constraint] {
        &[]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_checked() {
        let groups =
            Groups::new(&[0, 2, 3], &[0, 1, 2], &[0.0, 1.0], &[5.0, f64::INFINITY]).unwrap();
        assert_eq!((groups.len(), groups.cells(0), groups.cells(1)), (2, &[0, 1][..], &[2][..]));
        assert!(groups.cells(2).is_empty());
        assert!(Groups::new(&[0, 2], &[0, 1, 2], &[0.0], &[5.0]).is_err());
        assert!(Groups::new(&[1, 3], &[0, 1, 2], &[0.0], &[5.0]).is_err());
        assert!(Groups::new(&[0, 4], &[0, 1, 2], &[0.0], &[5.0]).is_err());
        assert!(Groups::new(&[0, 3, 2], &[0, 1], &[0.0, 0.0], &[5.0, 5.0]).is_err());
        assert!(Groups::new(&[0, 1], &[0], &[f64::INFINITY], &[5.0]).is_err());
        assert!(Groups::new(&[0, 1], &[0], &[0.0], &[f64::NAN]).is_err());
        assert!(Groups::new(&[], &[], &[], &[]).is_err());
    }

    #[test]
    fn problems_are_checked() {
        let ok = Problem::new(Budget::AtMost(9.0), &[0.0], &[1.0], Response::Linear(&[2.0]));
        assert_eq!(ok.check(&[0.0]), Ok(()));
        assert!(ok.check(&[]).is_err());
        assert!(Problem { budget: Budget::Exactly(f64::NAN), ..ok }.check(&[0.0]).is_err());
        assert!(Problem { budget: Budget::Exactly(f64::INFINITY), ..ok }.check(&[0.0]).is_err());
        assert!(Problem { lower: &[-1.0], ..ok }.check(&[0.0]).is_err());
        assert!(Problem { upper: &[f64::NAN], ..ok }.check(&[0.0]).is_err());
        assert!(Problem { upper: &[f64::INFINITY], ..ok }.check(&[0.0]).is_ok());
        assert!(
            Problem { response: Response::Linear(&[f64::INFINITY]), ..ok }.check(&[0.0]).is_err()
        );
        let groups = Groups::new(&[0, 1], &[1], &[0.0], &[5.0]).unwrap();
        assert!(ok.with_groups(groups).check(&[0.0]).is_err());
    }
}
