//! The proof that a plan is optimal, checked on the original data.

use campaign_core::{Budget, Problem, Response, Result, error::check_length};

/// How far a plan and its prices are from proving each other.
///
/// A plan that satisfies every constraint, and prices under which nobody would move a unit of spend,
/// prove by weak duality that no plan is better. All three numbers are relative and would be 0 in
/// exact arithmetic.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Certificate {
    /// Largest violation of a bound, floor, cap or the budget, relative to its amount.
    pub primal: f64,
    /// Largest price of the wrong sign, relative to the largest price: a positive one on an endless
    /// upper bound or cap, a negative one on a budget that need not be spent.
    pub dual: f64,
    /// Dual minus primal objective, relative to the absolute value that moves in the plan.
    pub gap: f64,
}

impl Certificate {
    /// Largest number of each kind with which a plan may still be called optimal.
    pub const TOLERANCE: f64 = 1e-9;

    /// Whether the plan satisfies the constraints.
    #[must_use]
    pub fn is_feasible(&self) -> bool {
        self.primal <= Self::TOLERANCE
    }

    /// Whether the plan is proven optimal.
    #[must_use]
    pub fn is_optimal(&self) -> bool {
        self.is_feasible() && self.dual <= Self::TOLERANCE && self.gap <= Self::TOLERANCE
    }
}

/// Checks a plan of a linear problem against prices; groups may nest or cross.
///
/// `budget_price` is the price of the budget row, `group_price` one per group, positive where the cap
/// holds and negative where the floor does. Nothing is taken over from the solver but these and the plan.
///
/// # Shapes
/// `spend` and `reduced` have one entry per cell, `group_price` one per group. `reduced` receives the
/// reduced cost of each cell: its response minus the prices of the rows it is in.
///
/// # Errors
/// As [`Problem::check`]; [`Error::Unsupported`](campaign_core::Error::Unsupported) for a response
/// that is not linear; [`Error::Length`](campaign_core::Error::Length).
///
/// # Allocation
/// None.
///
/// # Source
/// Weak duality with bounded variables, for example Chvátal, V. (1983), *Linear Programming*, ch. 8. The
/// gap is added up from the slack of each constraint times its price, which equals the difference
/// of the objectives and does not cancel.
pub fn certify(
    problem: &Problem<'_>,
    spend: &[f64],
    budget_price: f64,
    group_price: &[f64],
    reduced: &mut [f64],
) -> Result<Certificate> {
    problem.check(spend)?;
    check_length("reduced", reduced.len(), spend.len())?;
    check_length("group_price", group_price.len(), problem.groups.len())?;
    let Response::Linear(roas) = problem.response else {
        return Err(campaign_core::Error::Unsupported("a response that is not linear"));
    };
    for (reduced, roas) in reduced.iter_mut().zip(roas) {
        *reduced = roas - budget_price;
    }
    let largest = |values: &[f64]| values.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    let price_scale = largest(roas).max(budget_price.abs()).max(largest(group_price));
    let mut sum = Sums::default();
    for (group, &price) in group_price.iter().enumerate() {
        let mut total = 0.0;
        for &cell in problem.groups.cells(group) {
            reduced[cell as usize] -= price;
            total += spend[cell as usize];
        }
        sum.row(total, problem.groups.floor()[group], problem.groups.cap()[group], price);
    }
    let mut total = 0.0;
    let mut value = 0.0;
    for (cell, &amount) in spend.iter().enumerate() {
        total += amount;
        value += (roas[cell] * amount).abs();
        sum.row(amount, problem.lower[cell], problem.upper[cell], reduced[cell]);
    }
    let budget = problem.budget.amount();
    let least = if matches!(problem.budget, Budget::Exactly(_)) { budget } else { 0.0 };
    if matches!(problem.budget, Budget::AtMost(_)) {
        sum.wrong_price = sum.wrong_price.max(-budget_price);
    }
    sum.row(total, least, budget, budget_price);
    let value = value + (budget_price * budget).abs();
    // Sums that overflow prove nothing.
    if !value.is_finite() {
        sum.gap = f64::INFINITY;
    }
    let relative = |x: f64, scale: f64| if x == 0.0 || x.is_infinite() { x } else { x / scale };
    Ok(Certificate {
        primal: sum.violation,
        dual: relative(sum.wrong_price, price_scale),
        gap: relative(sum.gap, value),
    })
}

#[derive(Default)]
struct Sums {
    violation: f64,
    wrong_price: f64,
    gap: f64,
}

impl Sums {
    fn row(&mut self, total: f64, low: f64, high: f64, price: f64) {
        let scale = |bound: f64| total.abs().max(bound.abs());
        if total.is_nan() {
            self.violation = f64::INFINITY;
        }
        if total < low {
            self.violation = worst(self.violation, (low - total) / scale(low));
        }
        if total > high {
            self.violation = worst(self.violation, (total - high) / scale(high));
        }
        if price > 0.0 && high.is_infinite() {
            self.wrong_price = worst(self.wrong_price, price);
            return;
        }
        self.gap += if price > 0.0 { price * (high - total) } else { -price * (total - low) }.abs();
    }
}

fn worst(a: f64, b: f64) -> f64 {
    if b.is_nan() { f64::INFINITY } else { a.max(b) }
}
