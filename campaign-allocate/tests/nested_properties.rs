//! What must hold of the nested LP at any size.

#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_range_loop)]

mod common;

use campaign_allocate::NestedLp;
use campaign_allocate::lp::{Binding, certificate::certify};
use campaign_core::{Allocator, Budget, Curve, Error, Groups, Problem, Response, Status};
use common::{Case, dot};
use proptest::prelude::*;

/// Feasible problems of any numbers, with up to 150 cells in up to 6 groups.
fn any_case() -> impl Strategy<Value = Case> {
    let cell = (0_usize..7, 0.0..5.0f64, 0.0..50.0f64, -1.0..6.0f64, 0_u8..12);
    let cells = prop::collection::vec(cell, 1..150);
    let shares = prop::collection::vec((0.0..1.0f64, 0.0..1.0f64), 6);
    (cells, shares, 0.0..1.0f64, any::<bool>()).prop_map(|(cells, shares, budget, exactly)| {
        let lower: Vec<f64> = cells.iter().map(|c| if c.4 < 6 { c.1 } else { 0.0 }).collect();
        let upper: Vec<f64> =
            cells.iter().map(|c| if c.4 == 11 { f64::INFINITY } else { c.1 + c.2 }).collect();
        let (mut least, mut most) = (0.0, 0.0);
        let mut groups = Vec::new();
        for (g, &(a, b)) in shares.iter().enumerate() {
            let members: Vec<u32> =
                (0..cells.len()).filter(|&i| cells[i].0 == g).map(|i| i as u32).collect();
            let low: f64 = members.iter().map(|&i| lower[i as usize]).sum();
            let high: f64 = members.iter().map(|&i| upper[i as usize].min(100.0)).sum();
            let (floor, cap) = (low + a.min(b) * (high - low), low + a.max(b) * (high - low));
            groups.push((members, floor, cap));
            least += floor;
            most += cap;
        }
        for i in (0..cells.len()).filter(|&i| cells[i].0 == 6) {
            least += lower[i];
            most += upper[i].min(100.0);
        }
        let amount = least + budget * (most - least);
        let budget = if exactly { Budget::Exactly(amount) } else { Budget::AtMost(amount) };
        Case { budget, lower, upper, roas: cells.iter().map(|c| c.3).collect(), groups }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn every_plan_is_feasible_and_proven(case in any_case()) {
        let solved = case.solve();
        prop_assert!(matches!(solved.outcome.status, Status::Optimal | Status::Underspent), "{:?}", solved.outcome);
        let details = solved.solver.details();
        let proof = details.certificate.unwrap();
        prop_assert!(proof.primal < 1e-12 && proof.dual < 1e-12 && proof.gap < 1e-12, "{proof:?}");
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * (1.0 + a.abs().max(b.abs()));
        for (i, (&x, binding)) in solved.spend.iter().zip(details.binding).enumerate() {
            prop_assert!(x >= case.lower[i] && x <= case.upper[i]);
            let (reduced, price) = (details.reduced_cost[i], solved.outcome.shadow_price);
            match *binding {
                Binding::AtLower => prop_assert!(near(x, case.lower[i]) && reduced <= 1e-12),
                Binding::AtUpper => prop_assert!(near(x, case.upper[i]) && reduced >= -1e-12),
                Binding::Marginal => prop_assert!(reduced.abs() < 1e-12),
                Binding::Fixed => prop_assert!(x == case.lower[i]),
                Binding::GroupCap(g) => {
                    let (members, _, cap) = &case.groups[g as usize];
                    prop_assert!(members.contains(&(i as u32)) && case.roas[i] > price);
                    let total: f64 = members.iter().map(|&j| solved.spend[j as usize]).sum();
                    prop_assert!(near(total, *cap));
                }
                Binding::GroupFloor(g) => {
                    let (members, floor, _) = &case.groups[g as usize];
                    prop_assert!(members.contains(&(i as u32)) && case.roas[i] < price);
                    let total: f64 = members.iter().map(|&j| solved.spend[j as usize]).sum();
                    prop_assert!(near(total, *floor));
                }
                _ => prop_assert!(false, "unknown binding"),
            }
        }
    }

    #[test]
    fn a_permuted_problem_has_the_permuted_answer(case in any_case(), seed in any::<u64>()) {
        // Distinct responses: no ties.
        let n = case.lower.len();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by_key(|&i| (i as u64 + 1).wrapping_mul(seed | 1).rotate_left(17));
        let mut place = vec![0_u32; n];
        for (new, &old) in order.iter().enumerate() {
            place[old] = new as u32;
        }
        let take = |v: &[f64]| order.iter().map(|&i| v[i]).collect::<Vec<_>>();
        let permuted = Case {
            budget: case.budget,
            lower: take(&case.lower),
            upper: take(&case.upper),
            roas: take(&case.roas),
            groups: case.groups.iter().rev()
                .map(|(m, f, c)| (m.iter().map(|&i| place[i as usize]).collect(), *f, *c)).collect(),
        };
        let (a, b) = (case.solve(), permuted.solve());
        prop_assert_eq!(a.outcome.status, b.outcome.status);
        for (x, y) in take(&a.spend).iter().zip(&b.spend) {
            prop_assert!((x - y).abs() <= 1e-10 * (1.0 + case.budget.amount()), "{x} {y}");
        }
    }

    #[test]
    fn scaling_money_scales_the_plan(case in any_case(), power in -20_i32..20) {
        let factor = 2.0_f64.powi(power);
        let times = |v: &[f64]| v.iter().map(|x| x * factor).collect::<Vec<_>>();
        let mut scaled = case.with_budget(case.budget.amount() * factor);
        (scaled.lower, scaled.upper) = (times(&case.lower), times(&case.upper));
        scaled.groups.iter_mut().for_each(|g| (g.1, g.2) = (g.1 * factor, g.2 * factor));
        let (a, b) = (case.solve(), scaled.solve());
        // A power of two changes no rounding.
        prop_assert_eq!(times(&a.spend), b.spend);
        prop_assert_eq!(a.outcome.shadow_price, b.outcome.shadow_price);
    }

    #[test]
    fn more_budget_never_brings_less(case in any_case(), more in 0.0..1.0f64) {
        let case = Case { budget: Budget::AtMost(case.budget.amount()), ..case };
        let a = case.solve().outcome;
        let b = case.with_budget(case.budget.amount() * (1.0 + more)).solve().outcome;
        prop_assert!(b.objective >= a.objective - 1e-9 * a.objective.abs());
        prop_assert!(b.shadow_price <= a.shadow_price);
    }

    #[test]
    fn a_worse_plan_or_a_wrong_price_is_not_certified(case in any_case(), i in 0_usize..150, j in 0_usize..150) {
        let solved = case.solve();
        let (i, j) = (i % solved.spend.len(), j % solved.spend.len());
        let details = solved.solver.details();
        let mut reduced = vec![0.0; solved.spend.len()];
        let mut check = |spend: &[f64], price: f64| {
            case.with(|p| certify(p, spend, price, details.group_price, &mut reduced)).unwrap()
        };
        prop_assert!(check(&solved.spend, solved.outcome.shadow_price).is_optimal());
        // Move money between two cells so that the objective falls.
        let mut worse = solved.spend.clone();
        let moved = 0.01 * case.budget.amount() + 0.01;
        worse[i] += moved;
        worse[j] -= moved;
        let loss = dot(&solved.spend, &case.roas) - dot(&worse, &case.roas);
        if loss.abs() > 1e-3 {
            prop_assert!(!check(&worse, solved.outcome.shadow_price).is_optimal(), "{i} {j}");
        }
        let mut short = solved.spend.clone();
        short[i] = case.lower[i] - 0.5;
        prop_assert!(!check(&short, solved.outcome.shadow_price).is_feasible());
        let nan = vec![f64::NAN; solved.spend.len()];
        prop_assert!(!check(&nan, solved.outcome.shadow_price).is_feasible());
    }
}

#[test]
fn a_solver_forgets_the_last_problem() {
    let good = Case {
        budget: Budget::Exactly(5.0),
        lower: vec![0.0; 3],
        upper: vec![4.0; 3],
        roas: vec![1.0, 2.0, 3.0],
        groups: vec![],
    };
    let bad = good.with_budget(50.0);
    let mut solver = NestedLp::with_capacity(1, 0);
    let mut spend = [0.0; 3];
    for _ in 0..2 {
        let outcome = good.with(|p| solver.allocate(p, &mut spend)).unwrap();
        assert_eq!((outcome.status, spend), (Status::Optimal, [0.0, 1.0, 4.0]));
        assert!(solver.conflicts().is_empty());
        let outcome = bad.with(|p| solver.allocate(p, &mut spend)).unwrap();
        assert_eq!(outcome.status, Status::Infeasible);
        assert!(spend.iter().all(|x| x.is_nan()));
        assert_eq!(solver.conflicts().len(), 4);
        assert!(solver.details().certificate.is_none() && solver.details().binding.is_empty());
    }
    let wrong = [1.0, f64::NAN, 2.0];
    let problem = Problem::new(Budget::AtMost(1.0), &wrong, &[4.0; 3], Response::Linear(&[1.0; 3]));
    assert!(matches!(solver.allocate(&problem, &mut spend), Err(Error::OutOfRange { .. })));
    assert!(solver.conflicts().is_empty() && spend.iter().all(|x| x.is_nan()));
}

#[test]
fn what_is_not_served_is_said() {
    let (lower, upper, roas) = ([0.0; 3], [9.0; 3], [1.0; 3]);
    let linear = Problem::new(Budget::AtMost(9.0), &lower, &upper, Response::Linear(&roas));
    let mut spend = [0.0; 3];
    for cells in [[0, 1, 1, 2], [0, 0, 1, 2]] {
        let groups = Groups::new(&[0, 2, 4], &cells, &[0.0; 2], &[5.0; 2]).unwrap();
        let answer = NestedLp::new().allocate(&linear.with_groups(groups), &mut spend);
        assert_eq!(answer, Err(Error::Unsupported("a cell in two groups")));
    }
    let curves = [Curve::linear(1.0).unwrap(); 3];
    let curved = Problem::new(linear.budget, &lower, &upper, Response::Curves(&curves));
    assert!(matches!(NestedLp::new().allocate(&curved, &mut spend), Err(Error::Unsupported(_))));
    let huge = [f64::MAX; 3];
    let problem = Problem::new(Budget::AtMost(f64::MAX), &lower, &huge, Response::Linear(&huge));
    if let Ok(outcome) = NestedLp::new().allocate(&problem, &mut spend) {
        assert_ne!(outcome.status, Status::Optimal);
    }
}

#[test]
fn no_cells_and_no_money() {
    let none = Problem::new(Budget::Exactly(0.0), &[], &[], Response::Linear(&[]));
    let outcome = NestedLp::new().allocate(&none, &mut []).unwrap();
    assert_eq!((outcome.status, outcome.spend, outcome.objective), (Status::Optimal, 0.0, 0.0));
    let none = Problem::new(Budget::Exactly(1.0), &[], &[], Response::Linear(&[]));
    assert_eq!(NestedLp::new().allocate(&none, &mut []).unwrap().status, Status::Infeasible);
    let none = Problem::new(Budget::AtMost(1.0), &[], &[], Response::Linear(&[]));
    assert_eq!(NestedLp::new().allocate(&none, &mut []).unwrap().status, Status::Underspent);
}

#[test]
fn sums_that_round_are_no_conflict() {
    // 0.1 + 0.2 > 0.3 in binary.
    let (lower, upper) = ([0.1, 0.2], [0.1, 0.2]);
    for budget in [Budget::Exactly(0.3), Budget::AtMost(0.3)] {
        let problem = Problem::new(budget, &lower, &upper, Response::Linear(&[1.0, 1.0]));
        let mut spend = [0.0; 2];
        assert_eq!(NestedLp::new().allocate(&problem, &mut spend).unwrap().status, Status::Optimal);
        assert_eq!(spend, lower);
    }
}

#[test]
fn ties_go_to_the_lowest_index() {
    for n in [5, 500] {
        let case = Case {
            budget: Budget::Exactly(7.5),
            lower: vec![0.0; n],
            upper: vec![3.0; n],
            roas: vec![2.0; n],
            groups: vec![],
        };
        let spend = case.solve().spend;
        assert_eq!(spend[..4], [3.0, 3.0, 1.5, 0.0]);
        assert!(spend[4..].iter().all(|&x| x == 0.0));
    }
}

#[test]
fn nothing_is_known_before_the_first_problem() {
    let solver = NestedLp::default();
    let details = solver.details();
    assert!(details.budget_price.is_nan() && details.certificate.is_none());
    assert!(details.binding.is_empty() && solver.conflicts().is_empty());
}
