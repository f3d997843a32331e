//! Plans by name: validation, answers, sentences, money.

#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_range_loop)]

use campaign_allocate::{Cell, Channel, NestedLp, Plan, PlanError, PlanOutcome, Proportional};
use campaign_core::{Allocator, Budget, Constraint, Micros, Status};
use proptest::prelude::*;

fn cells() -> Vec<Cell> {
    vec![
        Cell::new("search", "brand", 4.0).with_last(500.0).with_relative_bounds(0.3),
        Cell::new("search", "generic", 2.5).with_last(300.0).with_relative_bounds(0.3),
        Cell::new("social", "video", 3.0).with_last(200.0).with_relative_bounds(0.3),
        Cell::new("social", "image", 1.0).with_bounds(0.0, 80.0),
    ]
}

fn solve(budget: Budget, channels: Vec<Channel>) -> PlanOutcome {
    Plan::new(budget, cells(), channels).unwrap().solve(&mut NestedLp::new()).unwrap()
}

fn solve_cells(budget: Budget, cells: Vec<Cell>) -> PlanOutcome {
    Plan::new(budget, cells, vec![]).unwrap().solve(&mut NestedLp::new()).unwrap()
}

#[test]
fn mistakes_are_named() {
    let new =
        |cells, channels| Plan::new(Budget::Exactly(1.0), cells, channels).unwrap_err().to_string();
    let cell = || Cell::new("search", "brand", 1.0);
    for (error, text) in [
        (
            new(vec![Cell::new("search", "brand", f64::NAN)], vec![]),
            r#"the ROAS of cell "brand" in channel "search" is NaN, expected a finite number"#,
        ),
        (
            new(vec![cell().with_bounds(-1.0, 2.0)], vec![]),
            r#"the lower bound of cell "brand" in channel "search" is -1, expected a finite amount that is not negative"#,
        ),
        (
            new(vec![cell().with_bounds(1.0, f64::NAN)], vec![]),
            r#"the upper bound of cell "brand" in channel "search" is NaN, expected an amount that is not negative"#,
        ),
        (
            new(vec![cell().with_bounds(f64::INFINITY, 2.0)], vec![]),
            r#"the lower bound of cell "brand" in channel "search" is inf, expected a finite amount that is not negative"#,
        ),
        (
            new(vec![cell().with_last(-3.0)], vec![]),
            r#"the last spend of cell "brand" in channel "search" is -3, expected a finite amount that is not negative"#,
        ),
        (
            new(vec![cell().with_relative_bounds(0.3)], vec![]),
            r#"cell "brand" in channel "search" has relative bounds but no last spend"#,
        ),
        (
            new(vec![cell().with_last(1.0).with_relative_bounds(f64::NAN)], vec![]),
            r#"the relative bound of cell "brand" in channel "search" is NaN, expected a finite amount that is not negative"#,
        ),
        (new(vec![cell(), cell()], vec![]), r#"cell "brand" in channel "search" is listed twice"#),
        (
            new(vec![cell()], vec![Channel::new("tv"), Channel::new("radio"), Channel::new("tv")]),
            r#"channel "tv" has limits twice"#,
        ),
        (
            new(vec![cell()], vec![Channel::new("tv").with_cap(f64::NAN)]),
            r#"the cap of channel "tv" is NaN, expected an amount that is not negative"#,
        ),
        (
            new(vec![cell()], vec![Channel::new("search"), Channel::new("search")]),
            r#"channel "search" has limits twice"#,
        ),
        (
            new(vec![cell()], vec![Channel::new("search").with_floor(f64::INFINITY)]),
            r#"the floor of channel "search" is inf, expected a finite amount that is not negative"#,
        ),
        (
            new(vec![cell()], vec![Channel::new("search").with_cap(-1.0)]),
            r#"the cap of channel "search" is -1, expected an amount that is not negative"#,
        ),
    ] {
        assert_eq!(error, text);
    }
    for bad in [f64::NAN, f64::INFINITY, -1.0] {
        for budget in [Budget::Exactly(bad), Budget::AtMost(bad)] {
            assert!(matches!(Plan::new(budget, cells(), vec![]), Err(PlanError::Budget { .. })));
        }
    }
    let mut plan = Plan::new(Budget::Exactly(900.0), cells(), vec![]).unwrap();
    assert!(plan.set_budget(Budget::Exactly(-1.0)).is_err());
    assert_eq!(plan.budget(), Budget::Exactly(900.0));
}

#[test]
fn reasons_say_what_binds() {
    let outcome = solve(Budget::Exactly(1_000.0), vec![Channel::new("search").with_cap(850.0)]);
    assert_eq!(outcome.status, Status::Optimal);
    assert_eq!(outcome.spend(), [640.0, 210.0, 150.0, 0.0]);
    assert_eq!((outcome.total, outcome.objective, outcome.shadow_price), (1_000.0, 3_535.0, 3.0));
    assert_eq!(outcome.channel_prices, [1.0, 0.0]);
    assert_eq!(
        outcome.reasons(0),
        [
            "would get more, its return 4 is above the marginal return 3, but channel \"search\" is at its cap of 850",
            "one unit more of that cap would bring 1",
            "+28.0 % of last period's 500",
        ]
    );
    assert_eq!(
        outcome.reasons(1),
        [
            "at its lower bound of 210 (-30 % of last period): its return 2.5 is below the marginal return 3",
            "-30.0 % of last period's 300",
        ]
    );
    assert_eq!(
        outcome.reasons(2)[0],
        "takes what the better cells left of the budget: its return 3 is the marginal return"
    );
    assert_eq!(
        outcome.reasons(3),
        ["at its lower bound of 0: its return 1 is below the marginal return 3"]
    );
    assert!(outcome.reasons(4).is_empty());

    let outcome = solve(Budget::Exactly(1_000.0), vec![]);
    assert_eq!(outcome.spend(), [650.0, 210.0, 140.0, 0.0]);
    assert_eq!(
        outcome.reasons(0)[0],
        "at its upper bound of 650 (+30 % of last period): its return 4 is above the marginal return 3"
    );

    let outcome = solve(Budget::Exactly(1_000.0), vec![Channel::new("social").with_floor(300.0)]);
    assert_eq!(outcome.spend(), [490.0, 210.0, 260.0, 40.0]);
    assert_eq!(
        outcome.reasons(3),
        [
            "gets more than its lower bound because channel \"social\" must reach its floor of 300, although its return 1 is below the marginal return 4",
            "one unit of that floor costs 3",
        ]
    );

    let fixed = vec![
        Cell::new("tv", "spot", 1.0).with_bounds(7.5, 7.5),
        Cell::new("tv", "new", 0.5).with_last(0.0),
    ];
    let outcome = Plan::new(Budget::Exactly(9.0), fixed, vec![])
        .unwrap()
        .solve(&mut NestedLp::new())
        .unwrap();
    assert_eq!(outcome.reasons(0), ["held at 7.5: its bounds are equal"]);
    assert_eq!(outcome.reasons(1)[1], "nothing was spent last period");
}

#[test]
fn returns_that_differ_look_different() {
    let cells = vec![Cell::new("a", "less", 0.488), Cell::new("a", "more", 0.489)];
    let outcome = solve_cells(Budget::Exactly(10.0), cells);
    assert_eq!(
        outcome.reasons(0),
        ["at its lower bound of 0: its return 0.488 is below the marginal return 0.489"]
    );
    let cells = vec![Cell::new("a", "nothing", -0.0), Cell::new("a", "loss", -1.0)];
    let outcome = solve_cells(Budget::AtMost(10.0), cells);
    assert_eq!(
        outcome.reasons(0),
        ["at its lower bound of 0: its return 0 equals the marginal return 0"]
    );
}

#[test]
fn conflicts_come_in_the_users_words() {
    let outcome = solve(
        Budget::Exactly(1_000.0),
        vec![Channel::new("search").with_cap(750.0), Channel::new("social").with_cap(200.0)],
    );
    assert_eq!(outcome.status, Status::Infeasible);
    assert!(outcome.spend().iter().all(|x| x.is_nan()) && outcome.reasons(0).is_empty());
    let texts: Vec<&str> = outcome.conflicts.iter().map(|c| &*c.text).collect();
    assert_eq!(
        texts,
        [
            "the budget is exactly 1000",
            "channel \"search\" spends at most 750",
            "channel \"social\" spends at most 200",
        ]
    );
    assert_eq!(outcome.conflicts[1].constraint, Constraint::Cap(0));
    assert!(matches!(
        outcome.to_micros(Micros(1)),
        Err(PlanError::NoPlan { status: Status::Infeasible })
    ));
    let outcome = solve(Budget::AtMost(600.0), vec![]);
    let texts: Vec<String> = outcome.conflicts.iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "the budget is at most 600",
            "\"brand\" in \"search\" gets at least 350",
            "\"generic\" in \"search\" gets at least 210",
            "\"video\" in \"social\" gets at least 140",
        ]
    );
}

#[test]
fn limits_of_a_channel_without_cells() {
    let search = || Channel::new("search").with_cap(850.0);
    let with = |more: Vec<Channel>, budget| {
        let limits = more.into_iter().chain([search()]).collect();
        Plan::new(budget, cells(), limits).unwrap()
    };
    let budget = Budget::Exactly(1_000.0);
    let plain = solve(budget, vec![search()]);
    // A cap, even of 0, changes nothing; the channels come by name whatever the order of the limits.
    let plan =
        with(vec![Channel::new("tv").with_cap(0.0), Channel::new("radio").with_cap(9.0)], budget);
    let names: Vec<&str> = plan.channels().iter().map(Channel::name).collect();
    assert_eq!(names, ["search", "social", "radio", "tv"]);
    let outcome = plan.solve(&mut NestedLp::new()).unwrap();
    assert_eq!((outcome.status, &outcome.cells), (Status::Optimal, &plain.cells));
    assert_eq!(outcome.channel_prices, [1.0, 0.0, 0.0, 0.0]);
    assert_eq!(outcome.to_micros(Micros(1)).unwrap(), plain.to_micros(Micros(1)).unwrap());
    assert!(plan.solve(&mut Proportional::equal()).unwrap().has_plan());

    // A floor cannot be reached, whatever else holds; nothing else is to blame, not even its cap.
    for (cap, budget) in [(f64::INFINITY, budget), (50.0, budget), (50.0, Budget::AtMost(1.0))] {
        let tv = Channel::new("tv").with_floor(100.0).with_cap(cap);
        let plan = with(vec![tv, Channel::new("radio").with_cap(9.0)], budget);
        let solvers: [&mut dyn Allocator; 2] = [&mut NestedLp::new(), &mut Proportional::equal()];
        for solver in solvers {
            let outcome = plan.solve(solver).unwrap();
            assert_eq!(outcome.status, Status::Infeasible);
            let conflicts: Vec<_> =
                outcome.conflicts.iter().map(|c| (c.constraint, &*c.text)).collect();
            let text = r#"channel "tv" spends at least 100, but it has no cells"#;
            assert_eq!(conflicts, [(Constraint::Floor(3), text)]);
        }
    }

    // An exact budget out of reach: the cap of a channel without cells takes no part in it.
    let outcome = with(vec![Channel::new("tv").with_cap(5.0)], Budget::Exactly(5_000.0))
        .solve(&mut NestedLp::new())
        .unwrap();
    assert!(outcome.conflicts.iter().all(|c| c.constraint != Constraint::Cap(2)));
    assert_eq!(outcome.conflicts, solve(Budget::Exactly(5_000.0), vec![search()]).conflicts);

    // Without any cell at all.
    let none = |floor| {
        let limits = vec![Channel::new("tv").with_floor(floor)];
        Plan::new(Budget::AtMost(5.0), vec![], limits).unwrap().solve(&mut NestedLp::new()).unwrap()
    };
    assert!(none(0.0).to_micros(Micros(1)).unwrap().is_empty());
    assert_eq!(none(1.0).conflicts.len(), 1);
}

#[test]
fn baselines_answer_plans_too() {
    let plan = Plan::new(Budget::Exactly(1_000.0), cells(), vec![]).unwrap();
    let outcome = plan.solve(&mut Proportional::equal()).unwrap();
    assert_eq!(outcome.status, Status::Stopped);
    assert!(outcome.cells.iter().all(|cell| cell.binding.is_none()));
    assert!(outcome.reasons(0)[0].starts_with("gets "), "{:?}", outcome.reasons(0));
    assert_eq!(
        outcome.to_micros(Micros(1)).unwrap().iter().map(|m| m.0).sum::<i64>(),
        1_000_000_000
    );
}

#[test]
fn the_order_of_cells_and_channels_does_not_matter() {
    let channels =
        || vec![Channel::new("search").with_cap(850.0), Channel::new("social").with_floor(200.0)];
    let a = solve(Budget::Exactly(1_000.0), channels());
    let (mut turned, mut limits) = (cells(), channels());
    turned.reverse();
    limits.reverse();
    let b = Plan::new(Budget::Exactly(1_000.0), turned, limits)
        .unwrap()
        .solve(&mut NestedLp::new())
        .unwrap();
    for cell in &a.cells {
        let same =
            b.cells.iter().find(|c| (&c.channel, &c.name) == (&cell.channel, &cell.name)).unwrap();
        assert_eq!(same.spend, cell.spend);
    }
}

#[test]
fn money_in_coins() {
    let outcome = solve(Budget::Exactly(1_000.0), vec![]);
    let euros = outcome.to_money("EUR".parse().unwrap()).unwrap();
    assert_eq!(euros[0].to_string(), "650 EUR");
    let cells = || (0..3).map(|i| Cell::new("a", format!("{i}"), 1.0)).collect::<Vec<_>>();
    let thirds = |budget| {
        Plan::new(budget, cells(), vec![]).unwrap().solve(&mut Proportional::equal()).unwrap()
    };
    let cents = thirds(Budget::Exactly(1.0)).to_money("EUR".parse().unwrap()).unwrap();
    assert_eq!(cents.iter().map(|m| m.micros.0).collect::<Vec<_>>(), [340_000, 330_000, 330_000]);
    let yen = thirds(Budget::Exactly(10.0)).to_money("JPY".parse().unwrap()).unwrap();
    assert_eq!(
        yen.iter().map(|m| m.micros.0).collect::<Vec<_>>(),
        [4_000_000, 3_000_000, 3_000_000]
    );
    let answer = thirds(Budget::Exactly(1.005)).to_money("EUR".parse().unwrap());
    assert!(matches!(answer, Err(PlanError::NotAMultiple { .. })));
    assert_eq!(
        thirds(Budget::AtMost(1.005))
            .to_money("EUR".parse().unwrap())
            .unwrap()
            .iter()
            .map(|m| m.micros.0)
            .sum::<i64>(),
        1_000_000
    );
    for unit in [0, -1] {
        assert!(matches!(
            thirds(Budget::Exactly(1.0)).to_micros(Micros(unit)),
            Err(PlanError::Unit { .. })
        ));
    }
    assert!(matches!(thirds(Budget::Exactly(1e15)).to_micros(Micros(1)), Err(PlanError::Money(_))));
    // Between 0.0101 and 0.0109 there is no whole cent.
    let narrow = vec![
        Cell::new("a", "narrow", 1.0).with_bounds(0.0101, 0.0109),
        Cell::new("a", "rest", 1.0),
    ];
    let outcome = Plan::new(Budget::Exactly(1.0), narrow, vec![])
        .unwrap()
        .solve(&mut NestedLp::new())
        .unwrap();
    assert!(outcome.to_micros(Micros(1)).is_ok());
    assert!(matches!(outcome.to_micros(Micros(10_000)), Err(PlanError::Rounding { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig { max_global_rejects: 100_000, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn money_adds_up_and_respects_every_limit(
        cells in prop::collection::vec((0_u8..3, 0.0..400.0f64, 0.01..1.0f64, -1.0..5.0f64), 1..25),
        limits in prop::collection::vec((0.0..1.0f64, 0.0..1.0f64), 3),
        share in 0.0..1.0f64,
        exactly in any::<bool>(),
        cents in any::<bool>(),
        proportional in any::<bool>(),
    ) {
        let unit = if cents { 10_000_i64 } else { 1 };
        let step = unit as f64 / 1e6;
        // Room of at least two units per cell and channel, so that whole units exist.
        let bounds: Vec<(f64, f64)> = cells.iter().map(|c| (c.1 * (1.0 - c.2), c.1 * (1.0 + c.2) + 3.0 * step)).collect();
        let (mut least, mut most) = (0.0, 0.0);
        let mut channels = Vec::new();
        for (g, &(a, b)) in limits.iter().enumerate() {
            let members: Vec<usize> = (0..cells.len()).filter(|&i| usize::from(cells[i].0) == g).collect();
            if members.is_empty() {
                continue;
            }
            let slack = step * (members.len() + 1) as f64;
            let low = members.iter().map(|&i| bounds[i].0).sum::<f64>() + slack;
            let high = members.iter().map(|&i| bounds[i].1).sum::<f64>() - slack;
            let (floor, cap) = (low + a.min(b) * (high - low), low + a.max(b) * (high - low) + 2.0 * step);
            prop_assume!(high > low);
            least += floor + step;
            most += cap.min(high) - step;
            channels.push(Channel::new(g.to_string()).with_floor(floor).with_cap(cap));
        }
        prop_assume!(most > least);
        let budget = least + share * (most - least);
        let budget = (budget / step).round() * step;
        let named = cells.iter().zip(&bounds).enumerate().map(|(i, (c, b))| {
            Cell::new(c.0.to_string(), i.to_string(), c.3).with_bounds(b.0, b.1)
        });
        let sense = if exactly { Budget::Exactly(budget) } else { Budget::AtMost(budget) };
        let plan = Plan::new(sense, named.collect(), channels.clone()).unwrap();
        let outcome = if proportional { plan.solve(&mut Proportional::roas()) } else { plan.solve(&mut NestedLp::new()) };
        let outcome = outcome.unwrap();
        prop_assume!(outcome.has_plan());
        let amounts = match outcome.to_micros(Micros(unit)) {
            Ok(amounts) => amounts,
            Err(PlanError::NotAMultiple { .. }) => return Err(TestCaseError::reject("budget")),
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        let total: i64 = amounts.iter().map(|m| m.0).sum();
        if exactly {
            prop_assert_eq!(total, Micros::from_f64(budget).unwrap().0);
        } else {
            prop_assert!(total as f64 <= budget * 1e6 * (1.0 + 1e-12));
            // Down by less than a unit, or up by what limits in whole units demand.
            let off = total as f64 - outcome.total * 1e6;
            let units = unit as f64 * (cells.len() + channels.len()) as f64;
            prop_assert!(off > -1.01 * unit as f64 && off < units, "{off}");
        }
        // A bound of 12.3 units is 12299999.999999998 micros in binary.
        let hair = |x: f64| 1e-15 * x.abs() * 1e6;
        for (amount, (low, high)) in amounts.iter().zip(&bounds) {
            prop_assert_eq!(amount.0 % unit, 0);
            prop_assert!(amount.0 as f64 >= low * 1e6 - hair(*low) && amount.0 as f64 <= high * 1e6 + hair(*high));
        }
        for channel in &channels {
            let of = |i: &usize| cells[*i].0.to_string() == channel.name();
            let sum: i64 = (0..cells.len()).filter(of).map(|i| amounts[i].0).sum();
            prop_assert!(sum as f64 >= channel.floor() * 1e6 - hair(channel.floor()));
            prop_assert!(sum as f64 <= channel.cap() * 1e6 + hair(channel.cap()));
        }
    }
}
