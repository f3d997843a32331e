//! Which orders a claim can stand for: one window, whole numbers, as many as possible.

/// What is left of a claim: its day and millionths of conversions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Supply {
    pub(super) day: i32,
    pub(super) left: i64,
}

/// What is left of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Demand {
    pub(super) day: i32,
    pub(super) left: i64,
}

/// Takes from claims for orders on their day or up to `window` days later, as much as can be, and tells
/// each taking as (claim, order, millionths). Both are in the order of their days.
///
/// Orders are served in the order of their days, each from the claims that expire first: because all
/// windows are of one length, no other way serves more.
///
/// # Complexity
/// O(claims + orders + takings).
pub(super) fn take(
    supplies: &mut [Supply],
    demands: &mut [Demand],
    window: i32,
    mut taken: impl FnMut(usize, usize, i64),
) {
    let mut first = 0;
    for (order, demand) in demands.iter_mut().enumerate() {
        let mut at = first;
        while demand.left > 0 {
            let Some(supply) = supplies.get_mut(at) else { break };
            if supply.day > demand.day {
                break;
            }
            let expired = i64::from(supply.day) + i64::from(window) < i64::from(demand.day);
            if expired || supply.left == 0 {
                // Nothing more can come of it: later orders need not look.
                at += 1;
                first = at;
                continue;
            }
            let amount = supply.left.min(demand.left);
            supply.left -= amount;
            demand.left -= amount;
            taken(at, order, amount);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The most that can be matched, by trying every subset of orders (Hall's theorem for flows): the
    /// least over all sets of orders of what their claims offer plus the other orders.
    fn most(supplies: &[Supply], demands: &[Demand], window: i32) -> i64 {
        (0..1_u32 << demands.len())
            .map(|set| {
                let chosen = |index: usize| set >> index & 1 == 1;
                let reaches = |s: &Supply| {
                    demands
                        .iter()
                        .enumerate()
                        .any(|(i, d)| chosen(i) && s.day <= d.day && d.day <= s.day + window)
                };
                let offered: i64 = supplies.iter().filter(|s| reaches(s)).map(|s| s.left).sum();
                let others = demands.iter().enumerate().filter(|(i, _)| !chosen(*i));
                offered + others.map(|(_, d)| d.left).sum::<i64>()
            })
            .min()
            .unwrap_or(0)
    }

    proptest! {
        #[test]
        fn nothing_serves_more(
            supplies in prop::collection::vec((0..12_i32, 0..5_i64), 0..7),
            demands in prop::collection::vec((0..12_i32, 1..4_i64), 0..8),
            window in 0..5_i32,
        ) {
            let mut supplies: Vec<Supply> =
                supplies.into_iter().map(|(day, left)| Supply { day, left }).collect();
            let mut demands: Vec<Demand> =
                demands.into_iter().map(|(day, left)| Demand { day, left }).collect();
            supplies.sort_by_key(|s| s.day);
            demands.sort_by_key(|d| d.day);
            let best = most(&supplies, &demands, window);
            let (before, orders) = (supplies.clone(), demands.clone());
            let mut takings = Vec::new();
            take(&mut supplies, &mut demands, window, |c, o, n| takings.push((c, o, n)));
            prop_assert_eq!(takings.iter().map(|t| t.2).sum::<i64>(), best);
            for (c, o, n) in &takings {
                let days = orders[*o].day - before[*c].day;
                prop_assert!((0..=window).contains(&days) && *n > 0);
            }
            for (index, supply) in supplies.iter().enumerate() {
                let gone: i64 = takings.iter().filter(|t| t.0 == index).map(|t| t.2).sum();
                prop_assert_eq!(supply.left + gone, before[index].left);
            }
        }
    }
}
