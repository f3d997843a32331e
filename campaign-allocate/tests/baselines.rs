//! Proportional shares are feasible, proportional and unassuming.

#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_range_loop)]

mod common;

use campaign_allocate::Proportional;
use campaign_core::{Allocator, Budget, Error, Problem, Response, Status};
use common::Case;
use proptest::prelude::*;

fn case() -> impl Strategy<Value = Case> {
    let cell = (0_u8..4, 0.0..3.0f64, 0.0..9.0f64, -1.0..4.0f64, any::<bool>());
    (
        prop::collection::vec(cell, 1..30),
        prop::collection::vec((0.0..20.0f64, 0.0..60.0f64), 3),
        0.0..200.0f64,
        any::<bool>(),
    )
        .prop_map(|(cells, limits, budget, exactly)| {
            let of = |g: usize| {
                cells
                    .iter()
                    .enumerate()
                    .filter(move |(_, c)| c.0 as usize == g)
                    .map(|(i, _)| i as u32)
            };
            Case {
                budget: if exactly { Budget::Exactly(budget) } else { Budget::AtMost(budget) },
                lower: cells.iter().map(|c| c.1).collect(),
                upper: cells.iter().map(|c| if c.4 { c.1 + c.2 } else { f64::INFINITY }).collect(),
                roas: cells.iter().map(|c| c.3).collect(),
                groups: limits
                    .iter()
                    .enumerate()
                    .map(|(g, l)| (of(g).collect(), l.0.min(l.1) * 0.3, l.0.max(l.1)))
                    .collect(),
            }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn within_all_limits_and_never_better_than_optimal(case in case(), last in prop::collection::vec(0_u8..4, 30)) {
        let optimal = case.solve();
        let n = case.lower.len();
        let last: Vec<f64> = last[..n].iter().map(|&w| f64::from(w)).collect();
        for mut baseline in [Proportional::equal(), Proportional::roas(), Proportional::last_split(last.clone())] {
            let mut spend = vec![0.0; n];
            let outcome = case.with(|p| baseline.allocate(p, &mut spend)).unwrap();
            if optimal.outcome.status == Status::Infeasible {
                prop_assert_eq!(outcome.status, Status::Infeasible);
                prop_assert_eq!(baseline.conflicts(), &optimal.conflicts[..]);
                prop_assert!(spend.iter().all(|x| x.is_nan()));
                continue;
            }
            prop_assert_eq!(outcome.status, Status::Stopped);
            prop_assert!(outcome.shadow_price.is_nan());
            let near = 1e-9 * (1.0 + case.budget.amount());
            for i in 0..n {
                prop_assert!(spend[i] >= case.lower[i] - near && spend[i] <= case.upper[i] + near);
            }
            for (members, floor, cap) in &case.groups {
                let total: f64 = members.iter().map(|&i| spend[i as usize]).sum();
                prop_assert!(total >= floor - near && total <= cap + near, "{total} {floor} {cap}");
            }
            let total: f64 = spend.iter().sum();
            prop_assert!(total <= case.budget.amount() + near);
            if matches!(case.budget, Budget::Exactly(_)) {
                prop_assert!((total - case.budget.amount()).abs() <= near);
                prop_assert!(outcome.objective <= optimal.outcome.objective + 1e-9 * (1.0 + optimal.outcome.objective.abs()));
            }
        }
    }

    #[test]
    fn inner_cells_share_one_level(case in case(), last in prop::collection::vec(1_u8..5, 30)) {
        let n = case.lower.len();
        let last: Vec<f64> = last[..n].iter().map(|&w| f64::from(w)).collect();
        let case = Case { groups: vec![], ..case };
        let mut spend = vec![0.0; n];
        let outcome = case.with(|p| Proportional::last_split(last.clone()).allocate(p, &mut spend)).unwrap();
        prop_assume!(outcome.status == Status::Stopped);
        let inner: Vec<f64> = (0..n)
            .filter(|&i| spend[i] > case.lower[i] + 1e-6 && spend[i] < case.upper[i] - 1e-6)
            .map(|i| spend[i] / last[i]).collect();
        for pair in inner.windows(2) {
            prop_assert!((pair[0] - pair[1]).abs() <= 1e-6 * (1.0 + pair[0]), "{inner:?}");
        }
        if let Some(level) = inner.first() {
            for i in 0..n {
                // Held up by its lower bound, or down by its upper one.
                prop_assert!(spend[i] <= level * last[i] + 1e-4 || spend[i] <= case.lower[i] + 1e-4);
                prop_assert!(spend[i] >= level * last[i] - 1e-4 || spend[i] >= case.upper[i] - 1e-4);
            }
        }
    }
}

#[test]
fn cells_without_weight_come_last() {
    let solve = |budget: f64| {
        let problem = Problem::new(
            Budget::Exactly(budget),
            &[0.0; 3],
            &[10.0, 20.0, 20.0],
            Response::Linear(&[1.0; 3]),
        );
        let mut spend = [0.0; 3];
        Proportional::last_split(vec![5.0, 0.0, 0.0]).allocate(&problem, &mut spend).unwrap();
        spend.map(|x| (x * 1e6).round() / 1e6)
    };
    assert_eq!(solve(8.0), [8.0, 0.0, 0.0]);
    assert_eq!(solve(16.0), [10.0, 3.0, 3.0]);
    assert_eq!(solve(0.0), [0.0; 3]);
}

#[test]
fn bad_weights_are_refused() {
    let problem =
        Problem::new(Budget::Exactly(1.0), &[0.0; 2], &[9.0; 2], Response::Linear(&[1.0; 2]));
    for bad in [vec![1.0], vec![1.0, f64::NAN], vec![-1.0, 1.0]] {
        let mut spend = [0.0; 2];
        let answer = Proportional::last_split(bad).allocate(&problem, &mut spend);
        assert!(matches!(
            answer,
            Err(Error::Length { .. } | Error::NonFinite { .. } | Error::OutOfRange { .. })
        ));
        assert!(spend.iter().all(|x| x.is_nan()));
    }
}
