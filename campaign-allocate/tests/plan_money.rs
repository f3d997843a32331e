//! Amounts of money where bounds bind.

#![allow(clippy::unwrap_used)]

use campaign_allocate::{Cell, Channel, NestedLp, Plan, PlanError, PlanOutcome};
use campaign_core::{Budget, Micros};
use proptest::prelude::*;

const CENT: i64 = 10_000;

fn solve(budget: Budget, cells: Vec<Cell>, channels: Vec<Channel>) -> PlanOutcome {
    Plan::new(budget, cells, channels).unwrap().solve(&mut NestedLp::new()).unwrap()
}

fn units(micros: i64) -> f64 {
    micros as f64 / 1e6
}

#[test]
fn upper_bounds_within_the_budget_leave_the_rest_unspent() {
    let upper: Vec<i64> = (0..58).map(|i| 177_346_472 - i * 1_234_567).collect();
    assert!(upper.iter().sum::<i64>() < 9_000_000_000);
    let cells = upper.iter().enumerate().map(|(i, &upper)| {
        Cell::new(format!("{}", i % 3), format!("{i}"), 1.0).with_bounds(0.0, units(upper))
    });
    let outcome = solve(Budget::AtMost(9_000.0), cells.collect(), vec![]);
    for unit in [1, CENT, 1_000_000] {
        let amounts = outcome.to_micros(Micros(unit)).unwrap();
        let expected: Vec<i64> = upper.iter().map(|upper| upper / unit * unit).collect();
        assert_eq!(amounts.iter().map(|m| m.0).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn upper_bounds_finer_than_a_micro_are_kept() {
    // Half a micro over each: together 29 micros that no amount may take.
    let cells = (0..58).map(|i| {
        Cell::new("a", format!("{i}"), 1.0).with_bounds(0.0, 100.000_000_5 + f64::from(i))
    });
    let outcome = solve(Budget::AtMost(9_000.0), cells.collect(), vec![]);
    for unit in [1, CENT] {
        let amounts = outcome.to_micros(Micros(unit)).unwrap();
        assert!((100_i64..).zip(amounts).all(|(upper, got)| got.0 == upper * 1_000_000));
    }
}

#[test]
fn an_exact_budget_that_bounds_in_whole_units_miss_is_an_error() {
    let cells =
        (0..4).map(|i| Cell::new("a", format!("{i}"), 1.0).with_bounds(0.0, 2.505)).collect();
    let outcome = solve(Budget::Exactly(10.02), cells, vec![]);
    assert!(outcome.to_micros(Micros(1)).is_ok());
    assert!(matches!(outcome.to_micros(Micros(CENT)), Err(PlanError::Rounding { .. })));
}

#[test]
fn missing_units_go_to_the_marginal_cell() {
    // Rounding down leaves 3 cents. One alone is the remainder of the marginal cell; the second would be
    // nearest to "low" and the third to "lower", which are said to be at their bounds.
    let cells = || {
        vec![
            Cell::new("a", "low", 1.0).with_bounds(316.73, 400.0),
            Cell::new("a", "lower", 0.5).with_bounds(100.009, 400.0),
            Cell::new("b", "best", 5.0).with_bounds(0.0, 200.009),
            Cell::new("b", "second", 4.0).with_bounds(0.0, 200.008),
            Cell::new("b", "third", 3.0).with_bounds(0.0, 200.007),
            Cell::new("c", "marginal", 2.0).with_bounds(0.0, 500.0),
        ]
    };
    let expected = [316.73, 100.01, 200.0, 200.0, 200.0, 183.26];
    for budget in [Budget::Exactly(1_200.0), Budget::AtMost(1_200.0)] {
        let outcome = solve(budget, cells(), vec![]);
        let amounts = outcome.to_micros(Micros(CENT)).unwrap();
        assert_eq!(amounts.iter().map(|m| m.to_f64()).collect::<Vec<_>>(), expected);
        let mut turned = cells();
        turned.reverse();
        let mut amounts = solve(budget, turned, vec![]).to_micros(Micros(CENT)).unwrap();
        amounts.reverse();
        assert_eq!(amounts.iter().map(|m| m.to_f64()).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn units_that_the_marginal_cell_cannot_take_go_to_the_largest_remainder() {
    // Rounding down leaves 2 cents; the marginal cell gets 0.012 and has room for one of them.
    let cells = vec![
        Cell::new("a", "best", 5.0).with_bounds(0.0, 1.009),
        Cell::new("a", "second", 4.0).with_bounds(0.0, 1.009),
        Cell::new("a", "marginal", 3.0).with_bounds(0.0, 0.025),
        Cell::new("a", "none", 1.0).with_bounds(0.0, 1.0),
    ];
    let outcome = solve(Budget::Exactly(2.03), cells, vec![]);
    let amounts = outcome.to_micros(Micros(CENT)).unwrap();
    assert_eq!(
        amounts.iter().map(|m| m.0).collect::<Vec<_>>(),
        [1_000_000, 1_000_000, 2 * CENT, CENT]
    );
}

#[test]
fn units_too_many_come_from_the_marginal_cell() {
    // Nine lower bounds round up by 0.9 cents each.
    let mut cells: Vec<Cell> =
        (0..9).map(|i| Cell::new("a", format!("{i}"), 1.0).with_bounds(10.001, 20.0)).collect();
    cells.push(Cell::new("a", "full", 5.0).with_bounds(0.0, 50.0));
    cells.push(Cell::new("a", "marginal", 3.0));
    let outcome = solve(Budget::Exactly(200.0), cells, vec![]);
    let amounts = outcome.to_micros(Micros(CENT)).unwrap();
    let mut expected = vec![10_010_000; 9];
    expected.extend([50_000_000, 59_910_000]);
    assert_eq!(amounts.iter().map(|m| m.0).collect::<Vec<_>>(), expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// The expected total is computed in integers.
    #[test]
    fn an_at_most_budget_always_becomes_money(
        cells in prop::collection::vec((0_usize..3, 0_i64..200_000_000, -1.0..5.0f64), 1..40),
        caps in prop::collection::vec(0_i64..2_000_000_000, 3),
        budget in 0_i64..4_000_000_000,
        cents in any::<bool>(),
    ) {
        let unit = if cents { CENT } else { 1 };
        let named = cells.iter().enumerate().map(|(i, &(channel, upper, value))| {
            Cell::new(channel.to_string(), i.to_string(), value).with_bounds(0.0, units(upper))
        });
        let used = |g: &usize| cells.iter().any(|c| c.0 == *g);
        let limits = (0..3).filter(used).map(|g| Channel::new(g.to_string()).with_cap(units(caps[g])));
        let outcome = solve(Budget::AtMost(units(budget)), named.collect(), limits.collect());
        let amounts: Vec<i64> =
            outcome.to_micros(Micros(unit)).unwrap().iter().map(|m| m.0).collect();
        let down = |micros: i64| micros / unit * unit;
        let (mut spend, mut most) = (0, 0);
        for (g, &cap) in caps.iter().enumerate() {
            let of = |c: &&(usize, i64, f64)| c.0 == g;
            let worth = cells.iter().filter(of).filter(|c| c.2 > 0.0).map(|c| c.1);
            spend += worth.sum::<i64>().min(cap);
            most += cells.iter().filter(of).map(|c| down(c.1)).sum::<i64>().min(down(cap));
            let got: i64 = (0..cells.len()).filter(|&i| cells[i].0 == g).map(|i| amounts[i]).sum();
            prop_assert!(got <= cap);
        }
        prop_assert_eq!(amounts.iter().sum::<i64>(), down(spend.min(budget)).min(most));
        for (amount, cell) in amounts.iter().zip(&cells) {
            prop_assert!((0..=cell.1).contains(amount) && amount % unit == 0);
        }
    }
}
