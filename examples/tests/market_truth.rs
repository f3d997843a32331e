//! The market does what its documentation says.
#![allow(clippy::unwrap_used)]

use campaign_core::rand::{RngExt, SeedableRng};
use campaign_examples::market::{DelayLaw, Market, MarketConfig, MarketError};
use rand_xoshiro::Xoshiro256PlusPlus;

/// The bundled market with every ad launched at the start.
fn open_market(seed: u64) -> Market {
    let config = MarketConfig { launched_at_start: 1.0, ..MarketConfig::default() };
    Market::new(config, seed).unwrap()
}

fn equal_split(market: &Market, budget: f64) -> Vec<f64> {
    vec![budget / market.ads().len() as f64; market.ads().len()]
}

#[test]
fn expected_revenue_is_the_mean_of_many_runs() {
    // One truth, many lucks: the seed draws the truth too, so the truth is pinned by taking all of its
    // spread away and the luck varies with the seed.
    let mut config = MarketConfig::default();
    config.noise.creative_ctr_sigma = 0.0;
    config.noise.creative_cvr_sigma = 0.0;
    config.launched_at_start = 1.0;
    config.launch_days = 0;
    for theme in &mut config.themes {
        (theme.ctr, theme.cvr) = (1.0, 1.0);
    }
    for format in &mut config.formats {
        (format.ctr, format.cvr) = (1.0, 1.0);
    }
    config.changes.retain(|change| change.theme.is_none());
    let (days, runs) = (5, 400);
    let (mut revenue, mut orders, mut clicks, mut impressions) = (vec![], vec![], vec![], vec![]);
    let mut truth = None;
    for seed in 0..runs {
        let mut market = Market::new(config.clone(), seed).unwrap();
        let plan = equal_split(&market, 1500.0);
        let expected = market.expected(&plan, days).unwrap();
        let first = truth.get_or_insert_with(|| expected.clone());
        assert!((first.revenue - expected.revenue).abs() < 1e-6, "the truth must not vary");
        let run = market.run_days(days, &plan).unwrap();
        let sum = |f: &dyn Fn(&campaign_examples::market::AdDay) -> f64| -> f64 {
            run.iter().flat_map(|day| &day.ads).map(f).sum()
        };
        revenue.push(sum(&|ad| ad.revenue));
        orders.push(sum(&|ad| ad.orders as f64));
        clicks.push(sum(&|ad| ad.clicks as f64));
        impressions.push(sum(&|ad| ad.impressions as f64));
    }
    let truth = truth.unwrap();
    for (what, drawn, expected) in [
        ("revenue", revenue, truth.revenue),
        ("orders", orders, truth.orders),
        ("clicks", clicks, truth.clicks),
        ("impressions", impressions, truth.impressions),
    ] {
        let n = drawn.len() as f64;
        let mean = drawn.iter().sum::<f64>() / n;
        let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let error = (variance / n).sqrt();
        // Four standard errors: 6e-5 by chance, and the seeds are fixed.
        assert!((mean - expected).abs() < 4.0 * error, "{what}: {mean} ± {error}, {expected}");
        // The test has teeth: 3 % off would be seen.
        assert!(error < 0.01 * expected, "{what}: {error} of {expected}");
    }
}

#[test]
fn delays_follow_the_law() {
    let config = MarketConfig {
        delay: DelayLaw::Discrete { weights: vec![5.0, 2.0, 1.0, 0.0, 2.0] },
        launched_at_start: 1.0,
        ..MarketConfig::default()
    };
    let mut market = Market::new(config, 5).unwrap();
    let plan = equal_split(&market, 3000.0);
    let days = market.run_days(60, &plan).unwrap();
    let mut counts = [0.0; 5];
    for order in days.iter().flat_map(|day| &day.orders) {
        let hours = order.ordered_at.duration_since(order.clicked_at).as_secs_f64() / 3600.0;
        counts[(hours / 24.0).floor() as usize] += 1.0;
        assert!(order.known_at > order.ordered_at);
    }
    let n: f64 = counts.iter().sum();
    assert!(n > 2000.0 && counts[3] == 0.0, "{counts:?}");
    let law = [0.5, 0.2, 0.1, 0.0, 0.2];
    let chi: f64 = (counts.iter().zip(law).filter(|(_, p)| *p > 0.0))
        .map(|(count, p)| (count - n * p).powi(2) / (n * p))
        .sum();
    // scipy.stats.chi2.isf(0.001, 3) = 16.266.
    assert!(chi < 16.266, "{chi} {counts:?}");
}

#[test]
fn wear_and_money_diminish_returns() {
    let mut market = open_market(2);
    let plan = equal_split(&market, 1000.0);
    let fresh = market.expected(&plan, 1).unwrap();
    let mut rate = f64::INFINITY;
    // The same weekday each time, no holiday in reach: only wear and age differ.
    for _ in 0..3 {
        let before = market.shown().to_vec();
        market.run_days(7, &plan).unwrap();
        assert!(before.iter().zip(market.shown()).all(|(a, b)| b > a));
        let expected = market.expected(&plan, 1).unwrap();
        let per_impression = expected.clicks / expected.impressions;
        assert!(per_impression < rate);
        rate = per_impression;
    }
    assert!(rate < fresh.clicks / fresh.impressions);

    let mut previous = (0.0, f64::INFINITY);
    for budget in [250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0] {
        let revenue = market.expected_revenue(&equal_split(&market, budget), 7).unwrap();
        assert!(revenue > previous.0 && revenue / budget < previous.1);
        previous = (revenue, revenue / budget);
    }
}

#[test]
fn a_horizon_is_its_days_one_after_the_other() {
    let mut market = open_market(8);
    let plan = equal_split(&market, 2000.0);
    let whole = market.expected_revenue(&plan, 14).unwrap();
    let mut sum = 0.0;
    for _ in 0..14 {
        sum += market.expected_revenue(&plan, 1).unwrap();
        market.run_day(market.today().unwrap(), &plan).unwrap();
    }
    // The market wears as the forecast says; only the order of additions differs.
    assert!((whole - sum).abs() < 1e-9 * whole, "{whole} {sum}");
}

#[test]
fn revenue_is_concave_in_the_plan() {
    let market = open_market(3);
    let n = market.ads().len();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(9);
    for _ in 0..100 {
        let plan = |rng: &mut Xoshiro256PlusPlus| -> Vec<f64> {
            (0..n).map(|_| 60.0 * rng.random::<f64>().powi(3)).collect()
        };
        let (a, b, t) = (plan(&mut rng), plan(&mut rng), rng.random::<f64>());
        let mix: Vec<f64> = a.iter().zip(&b).map(|(a, b)| t * a + (1.0 - t) * b).collect();
        let value = |plan: &[f64]| market.expected_revenue(plan, 21).unwrap();
        let chord = t * value(&a) + (1.0 - t) * value(&b);
        assert!(value(&mix) >= chord * (1.0 - 1e-12), "{} {chord}", value(&mix));
    }
}

#[test]
fn the_oracle_beats_random_plans_and_proves_it() {
    let mut market = open_market(4);
    market.run_incumbent(30).unwrap();
    let n = market.ads().len();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let (budget, days) = (1200.0, 7);
    let bounded = |bounds: Option<(Vec<f64>, Vec<f64>)>| match bounds {
        None => market.oracle(budget, days).unwrap(),
        Some((low, high)) => market.best_plan(budget, days, &low, &high).unwrap(),
    };
    let base = budget / n as f64;
    let tight = Some((vec![0.7 * base; n], vec![1.3 * base; n]));
    for (bounds, spread) in [(None, 4.0), (tight, 0.3)] {
        let tight = bounds.is_some();
        let best = bounded(bounds);
        assert!(best.gap <= 1e-7 * best.revenue, "{} {}", best.gap, best.iterations);
        let spent: f64 = best.spend.iter().sum();
        assert!((spent - budget).abs() < 1e-6 * budget, "{spent}");
        let mut nearest: f64 = 0.0;
        for _ in 0..200 {
            // Feasible plans: anything that adds up; within ±30 % by mirrored pairs where bounded.
            let mut plan: Vec<f64> = (0..n).map(|_| rng.random::<f64>().powf(spread)).collect();
            if tight {
                for pair in plan.chunks_exact_mut(2) {
                    let shift = 0.3 * (2.0 * pair[0] - 1.0) * base;
                    (pair[0], pair[1]) = (base + shift, base - shift);
                }
            }
            let total: f64 = plan.iter().sum();
            plan.iter_mut().for_each(|x| *x *= budget / total);
            let revenue = market.expected_revenue(&plan, days).unwrap();
            assert!(revenue <= best.revenue + best.gap + 1e-9 * best.revenue);
            nearest = nearest.max(revenue);
        }
        assert!(nearest > 0.3 * best.revenue, "the plans compared are no straw men");
    }
    // Small steps away from the best plan lose, also those along which random plans never go.
    let best = market.oracle(budget, days).unwrap();
    for ad in 0..n {
        let mut plan = best.spend.clone();
        let step = 0.5_f64.min(plan[ad]);
        plan[ad] -= step;
        plan[(ad + 7) % n] += step;
        assert!(market.expected_revenue(&plan, days).unwrap() <= best.revenue + 2.0 * best.gap);
    }
}

#[test]
fn a_change_point_shows_on_its_day() {
    let mut config = MarketConfig { launched_at_start: 1.0, ..MarketConfig::default() };
    config.holidays.clear();
    config.channels.iter_mut().for_each(|channel| channel.weekly = [1.0; 7]);
    config.changes.retain(|change| change.channel.is_some());
    let mut market = Market::new(config, 6).unwrap();
    let ads = market.truth().channels[3].ads.clone();
    let plan = equal_split(&market, 1000.0);
    let worth = |market: &Market, range: core::ops::Range<usize>| -> f64 {
        market.expected(&plan, 1).unwrap().revenue_by_ad[range].iter().sum()
    };
    let mut falls = vec![];
    let mut before = (worth(&market, ads.clone()), worth(&market, 0..ads.start));
    for _ in 0..110 {
        let today = market.today().unwrap();
        market.run_day(today, &plan).unwrap();
        let now = (worth(&market, ads.clone()), worth(&market, 0..ads.start));
        assert!(now.1 / before.1 > 0.97, "the other channels do not jump");
        if now.0 / before.0 < 0.9 {
            falls.push((market.today().unwrap().to_string(), now.0 / before.0));
        }
        before = now;
    }
    assert_eq!(falls.len(), 1, "{falls:?}");
    assert_eq!(falls[0].0, "2026-10-05");
    // Conversion rates fall to 0.6; the pool, now emptier, gives a little back.
    assert!((0.6..0.72).contains(&falls[0].1), "{falls:?}");
}

#[test]
fn same_seed_same_bits_and_common_luck() {
    let config = MarketConfig::default();
    let mut a = Market::new(config.clone(), 11).unwrap();
    let mut b = Market::new(config.clone(), 11).unwrap();
    assert_eq!(a.run_incumbent(10).unwrap(), b.run_incumbent(10).unwrap());
    let mut other = Market::new(config, 12).unwrap();
    assert_ne!(other.run_incumbent(10).unwrap()[9].ads, b.run_incumbent(1).unwrap()[0].ads);

    // Another plan for one channel leaves the luck of all others as it was, to the bit.
    let mut c = a.clone();
    let today = a.today().unwrap();
    let plan = a.incumbent_plan();
    let range = a.truth().channels[0].ads.clone();
    let mut changed = plan.clone();
    changed[range.clone()].iter_mut().for_each(|x| *x *= 1.5);
    let (x, y) = (a.run_day(today, &plan).unwrap(), c.run_day(today, &changed).unwrap());
    assert_eq!(x.ads[range.end..], y.ads[range.end..]);
    assert_eq!(x.organic, y.organic);
    assert_ne!(x.ads[range.clone()], y.ads[range.clone()]);
    // Where both plans bring an n-th order of an ad, it is the same buyer.
    let key = |order: &campaign_examples::market::Order| (order.key, order.ad);
    let first: std::collections::BTreeSet<_> = x.orders.iter().map(key).collect();
    let second: std::collections::BTreeSet<_> = y.orders.iter().map(key).collect();
    let shared = first.intersection(&second).count();
    assert!(shared * 10 >= 8 * first.len().min(second.len()), "{shared}");
}

#[test]
fn plans_that_cannot_be_are_errors_and_move_nothing() {
    let mut market = Market::new(MarketConfig::default(), 1).unwrap();
    let n = market.ads().len();
    let today = market.today().unwrap();
    let mut plan = market.incumbent_plan();
    let late = market.live().iter().position(|live| !live).unwrap();
    let shown = market.shown().to_vec();
    assert!(matches!(market.run_day(today, &plan[1..]), Err(MarketError::Length { .. })));
    let tomorrow = today.tomorrow().unwrap();
    assert!(matches!(market.run_day(tomorrow, &plan), Err(MarketError::Date { .. })));
    for bad in [f64::NAN, f64::INFINITY, -1.0] {
        plan[0] = bad;
        assert!(matches!(market.run_day(today, &plan), Err(MarketError::Spend { ad: 0, .. })));
        assert!(matches!(market.expected(&plan, 1), Err(MarketError::Spend { ad: 0, .. })));
    }
    plan[0] = 0.0;
    plan[late] = 1.0;
    assert_eq!(market.run_day(today, &plan), Err(MarketError::NotLaunched { ad: late }));
    assert!(matches!(market.oracle(f64::NAN, 1), Err(MarketError::Range { .. })));
    let (none, little) = (vec![0.0; n], vec![0.01; n]);
    assert!(matches!(market.best_plan(500.0, 1, &none, &little), Err(MarketError::Budget { .. })));
    assert_eq!(market.shown(), shown);
    assert_eq!(market.today().unwrap(), today);
    assert_eq!(market.oracle(0.0, 7).unwrap().revenue, 0.0);
    assert_eq!(market.expected(&none, 0).unwrap().revenue, 0.0);
}
