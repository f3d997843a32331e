//! The nested LP against HiGHS: `tests/reference/nested_lp.py`, SciPy 1.17.

#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_range_loop)]

mod common;

use campaign_core::{Budget, Status};
use common::Case;
use serde_json::Value;

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::INFINITY)
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

#[test]
fn agrees_with_highs() {
    let problems: Vec<Value> = serde_json::from_str(include_str!("data/nested_lp.json")).unwrap();
    let (mut feasible, mut infeasible) = (0, 0);
    for (k, problem) in problems.iter().enumerate() {
        let amount = number(&problem["budget"]);
        let exactly = problem["exactly"].as_bool().unwrap();
        let group = |g: &Value| {
            let cells = g["cells"].as_array().unwrap().iter().map(|c| c.as_u64().unwrap() as u32);
            (cells.collect(), number(&g["floor"]), number(&g["cap"]))
        };
        let case = Case {
            budget: if exactly { Budget::Exactly(amount) } else { Budget::AtMost(amount) },
            lower: numbers(&problem["lower"]),
            upper: numbers(&problem["upper"]),
            roas: numbers(&problem["roas"]),
            groups: problem["groups"].as_array().unwrap().iter().map(group).collect(),
        };
        let solved = case.solve();
        match problem["objective"].as_f64() {
            None => {
                infeasible += 1;
                assert_eq!(solved.outcome.status, Status::Infeasible, "problem {k}");
            }
            Some(objective) => {
                feasible += 1;
                let status = solved.outcome.status;
                assert!(
                    matches!(status, Status::Optimal | Status::Underspent),
                    "problem {k}: {status}"
                );
                let error = (solved.outcome.objective - objective).abs();
                assert!(error <= 1e-9 * objective.abs().max(1.0), "problem {k}: off by {error}");
            }
        }
    }
    assert!(feasible >= 200 && infeasible >= 40, "{feasible} {infeasible}");
}
