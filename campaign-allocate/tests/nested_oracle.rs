//! The nested LP against the enumeration of all vertices, and the irreducibility of its conflicts.

#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_range_loop)]

mod common;

use campaign_core::{Budget, Constraint, Status};
use common::{Case, dot};
use proptest::prelude::*;

/// Tiny problems of whole numbers: many ties, degenerate vertices and contradictions.
fn tiny() -> impl Strategy<Value = Case> {
    let cell = (
        0_u8..3,
        0_i32..4,
        prop_oneof![4 => (0_i32..6).prop_map(f64::from), 1 => Just(f64::INFINITY)],
        -2_i32..4,
    );
    let limits =
        (0_i32..6, prop_oneof![3 => (0_i32..8).prop_map(f64::from), 1 => Just(f64::INFINITY)]);
    let cells = prop::collection::vec(cell, 1..=4);
    (cells, [limits.clone(), limits], 0_i32..14, any::<bool>(), any::<bool>()).prop_map(
        |(cells, limits, budget, exactly, tame)| {
            let budget = f64::from(budget);
            let group = |g: u8| {
                let members = cells.iter().enumerate().filter(|(_, c)| c.0 == g);
                members.map(|(i, _)| i as u32).collect::<Vec<_>>()
            };
            let groups = limits.iter().enumerate().map(|(g, &(floor, cap))| {
                let floor = if tame { 0.0 } else { f64::from(floor) };
                (group(g as u8), floor, cap)
            });
            Case {
                budget: if exactly { Budget::Exactly(budget) } else { Budget::AtMost(budget) },
                lower: cells
                    .iter()
                    .map(|c| f64::from(if tame { c.1.min(1) } else { c.1 }))
                    .collect(),
                upper: cells.iter().map(|c| c.2).collect(),
                roas: cells.iter().map(|c| f64::from(c.3)).collect(),
                groups: groups.collect(),
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..ProptestConfig::with_cases(3000) })]

    #[test]
    fn equals_the_best_vertex(case in tiny()) {
        let vertices = case.only(&case.all()).vertices();
        let best = vertices.iter().map(|x| dot(x, &case.roas)).fold(f64::NEG_INFINITY, f64::max);
        let solved = case.solve();
        if vertices.is_empty() {
            prop_assert_eq!(solved.outcome.status, Status::Infeasible);
            prop_assert!(solved.spend.iter().all(|x| x.is_nan()));
            prop_assert!(solved.outcome.objective.is_nan());
        } else {
            prop_assert!((solved.outcome.objective - best).abs() < 1e-9, "{:?} {best}", solved.outcome);
            prop_assert!((dot(&solved.spend, &case.roas) - best).abs() < 1e-9);
            let total: f64 = solved.spend.iter().sum();
            prop_assert_eq!(solved.outcome.spend, total);
            let underspent = total < case.budget.amount();
            let expected = if underspent { Status::Underspent } else { Status::Optimal };
            prop_assert_eq!(solved.outcome.status, expected);
            prop_assert!(solved.conflicts.is_empty());
            prop_assert!(solved.solver.details().certificate.unwrap().is_optimal());
        }
    }

    #[test]
    fn conflicts_cannot_hold_together_and_none_can_be_spared(case in tiny()) {
        let solved = case.solve();
        prop_assume!(solved.outcome.status == Status::Infeasible);
        prop_assert!(!solved.conflicts.is_empty());
        prop_assert!(case.only(&solved.conflicts).vertices().is_empty(), "{:?}", solved.conflicts);
        for spared in 0..solved.conflicts.len() {
            let mut rest = solved.conflicts.clone();
            rest.remove(spared);
            prop_assert!(!case.only(&rest).vertices().is_empty(), "{:?} without {spared}", solved.conflicts);
        }
    }

    #[test]
    fn the_price_is_what_one_more_unit_brings(case in tiny()) {
        let solved = case.solve();
        prop_assume!(solved.outcome.status != Status::Infeasible);
        let (h, budget) = (1.0 / 64.0, case.budget.amount());
        let more = case.with_budget(budget + h).solve().outcome;
        if more.status != Status::Infeasible {
            let slope = (more.objective - solved.outcome.objective) / h;
            prop_assert!((slope - solved.outcome.shadow_price).abs() < 1e-9, "{slope} {:?}", solved.outcome);
        } else if budget > 0.0 {
            // No room for more: what the last unit brought, if there was a choice about it.
            let less = case.with_budget(budget - h).solve().outcome;
            if less.status != Status::Infeasible {
                let slope = (solved.outcome.objective - less.objective) / h;
                prop_assert!((slope - solved.outcome.shadow_price).abs() < 1e-9, "{slope} {:?}", solved.outcome);
            }
        }
    }

    #[test]
    fn a_cap_price_is_what_a_unit_more_of_cap_brings(case in tiny()) {
        let solved = case.solve();
        // At a kink of the budget's value (or at its end) a unit taken from elsewhere costs another price
        // than a unit more, and a cap's price is one of several valid ones.
        let h = 1.0 / 64.0;
        let budget = case.budget.amount();
        prop_assume!(matches!(solved.outcome.status, Status::Optimal) && budget > 0.0);
        let less = case.with_budget(budget - h).solve().outcome;
        prop_assume!(less.status == Status::Optimal);
        let left = (solved.outcome.objective - less.objective) / h;
        prop_assume!((left - solved.outcome.shadow_price).abs() < 1e-9);
        prop_assume!(case.with_budget(budget + h).solve().outcome.status == Status::Optimal);
        for (g, &price) in solved.solver.details().group_price.iter().enumerate() {
            let mut wider = case.clone();
            wider.groups[g].2 += h;
            let gain = (wider.solve().outcome.objective - solved.outcome.objective) / h;
            prop_assert!((gain - price.max(0.0)).abs() < 1e-9, "group {g}: {gain} {price}");
            if case.groups[g].1 >= h {
                let mut lower = case.clone();
                lower.groups[g].1 -= h;
                let gain = (lower.solve().outcome.objective - solved.outcome.objective) / h;
                prop_assert!((gain - (-price).max(0.0)).abs() < 1e-9, "group {g}: {gain} {price}");
            }
        }
    }
}

#[test]
fn each_kind_of_conflict_is_named() {
    let case = |budget, lower: [f64; 2], upper: [f64; 2], floor, cap| Case {
        budget,
        lower: lower.to_vec(),
        upper: upper.to_vec(),
        roas: vec![1.0, 2.0],
        groups: vec![(vec![0, 1], floor, cap)],
    };
    use Constraint::{Budget as Total, Cap, Floor, Lower, Upper};
    let inf = f64::INFINITY;
    for (problem, conflicts) in [
        (case(Budget::AtMost(9.0), [0.0, 3.0], [9.0, 2.0], 0.0, inf), vec![Lower(1), Upper(1)]),
        (case(Budget::AtMost(9.0), [0.0; 2], [9.0; 2], 4.0, 3.0), vec![Floor(0), Cap(0)]),
        (case(Budget::AtMost(9.0), [1.0, 4.0], [9.0; 2], 0.0, 3.0), vec![Cap(0), Lower(1)]),
        (
            case(Budget::AtMost(9.0), [2.0, 2.0], [9.0; 2], 0.0, 3.0),
            vec![Cap(0), Lower(0), Lower(1)],
        ),
        (
            case(Budget::AtMost(9.0), [0.0; 2], [2.0; 2], 5.0, inf),
            vec![Floor(0), Upper(0), Upper(1)],
        ),
        (case(Budget::AtMost(4.0), [0.0; 2], [9.0; 2], 5.0, inf), vec![Total, Floor(0)]),
        (
            case(Budget::AtMost(4.0), [3.0, 2.0], [9.0; 2], 1.0, inf),
            vec![Total, Lower(0), Lower(1)],
        ),
        (case(Budget::Exactly(8.0), [0.0; 2], [9.0; 2], 0.0, 7.0), vec![Total, Cap(0)]),
        (case(Budget::Exactly(8.0), [0.0; 2], [3.0; 2], 0.0, 7.0), vec![Total, Upper(0), Upper(1)]),
    ] {
        let solved = problem.solve();
        assert_eq!(solved.outcome.status, Status::Infeasible);
        assert_eq!(solved.conflicts, conflicts, "{problem:?}");
    }
}
