//! The comparison of policies on the simulated market is fair.
#![allow(clippy::unwrap_used)]

use std::sync::{LazyLock, Mutex};

use campaign_examples::control::{Answer, Episode, Policy, Setup, WEEK, run};
use campaign_examples::cycle::config::ChannelBounds;
use campaign_examples::market::{Market, MarketConfig};

const SEEDS: [u64; 2] = [1, 2];

fn short() -> Setup {
    Setup::bundled(3).unwrap()
}

static EPISODES: LazyLock<Vec<Episode>> = LazyLock::new(|| run(&short(), &SEEDS, &|_| ()).unwrap());

#[test]
fn every_policy_spends_the_budget_to_the_cent_every_week() {
    for episode in EPISODES.iter() {
        let cents = (episode.budget * 100.0).round();
        assert!(cents > 100_000.0, "a budget of {} compares nothing", episode.budget);
        assert!((episode.budget * 100.0 - cents).abs() < 1e-6, "{}", episode.budget);
        let policies: Vec<Policy> = episode.runs.iter().map(|(policy, _)| *policy).collect();
        assert_eq!(policies, Policy::ALL);
        for (policy, run) in &episode.runs {
            assert_eq!(run.weeks.len(), 3, "{policy:?}");
            for week in &run.weeks {
                assert!((week.spend - episode.budget).abs() < 1e-6, "{policy:?} {}", week.spend);
                let planned: f64 = week.plan.iter().sum::<f64>() * f64::from(WEEK);
                assert!((planned - week.spend).abs() < 1e-6, "{policy:?} {planned}");
                assert!(week.revenue > 0.0);
            }
        }
    }
}

/// The field as the market itself tells it: the incumbent's last week, and what was launched.
fn field(seed: u64) -> (Market, Vec<f64>, Vec<bool>) {
    let mut market = Market::new(MarketConfig::default(), seed).unwrap();
    let history = market.run_incumbent(120).unwrap();
    let ads = market.ads().len();
    let spent = |ad: usize| history[113..].iter().map(|day| day.ads[ad].spend).sum();
    let live = market.live();
    (market, (0..ads).map(spent).collect(), live)
}

#[test]
fn each_policy_keeps_to_its_field() {
    for episode in EPISODES.iter() {
        let (_, last, live) = field(episode.seed);
        let running = last.iter().filter(|x| **x > 0.0).count();
        assert_eq!(
            (episode.running, episode.launched),
            (running, live.iter().filter(|l| **l).count())
        );
        assert!(running < episode.launched, "some ads are retired");
        for (policy, run) in &episode.runs {
            let mut before: Vec<f64> = last.iter().map(|x| x / f64::from(WEEK)).collect();
            let scale = run.weeks[0].spend / last.iter().sum::<f64>();
            for week in &run.weeks {
                let on = |ad: usize| week.plan[ad] > 0.0;
                let bounded = |slack: f64| {
                    let each = week.plan.iter().zip(&before);
                    each.for_each(|(now, was)| {
                        assert!(*now <= 1.3 * was + slack, "{policy:?} {was} to {now}");
                        assert!(*now >= 0.7 * was - slack, "{policy:?} {was} to {now}");
                    });
                };
                match policy {
                    // What the loop knows is what was billed, to the cent of each account and day.
                    Policy::Loop => bounded(0.01),
                    Policy::OracleBounded => bounded(1e-4),
                    Policy::EqualSplit => {
                        assert!((0..last.len()).all(|ad| on(ad) == (last[ad] > 0.0)));
                    }
                    Policy::EqualSplitAll => {
                        assert!((0..last.len()).all(|ad| on(ad) == live[ad]));
                    }
                    Policy::LastWeek => {
                        let each = week.plan.iter().zip(&last);
                        each.for_each(|(now, then)| {
                            assert!((now * 7.0 - then * scale).abs() < 1e-9);
                        });
                    }
                    _ => assert!((0..last.len()).all(|ad| !on(ad) || live[ad])),
                }
                before.clone_from(&week.plan);
            }
        }
    }
}

#[test]
fn nothing_beats_the_oracle_in_its_week() {
    for episode in EPISODES.iter() {
        // All policies stand on the same day in the first week, so that one truth judges them all.
        let (market, _, _) = field(episode.seed);
        let judged = |policy| {
            let plan = &episode.of(policy).unwrap().weeks[0].plan;
            market.expected_revenue(plan, WEEK).unwrap()
        };
        let (oracle, bounded) = (judged(Policy::Oracle), judged(Policy::OracleBounded));
        for (policy, run) in &episode.runs {
            let worth = judged(*policy);
            assert!((worth - run.weeks[0].expected).abs() < 1e-9 * worth, "{policy:?}");
            assert!(worth <= oracle * (1.0 + 1e-7), "{policy:?} {worth} {oracle}");
        }
        // The bounds bind, and the two policies that keep to them lose to the best that does; what
        // is billed in whole cents moves the loop's bounds by less than this.
        assert!(bounded < 0.999 * oracle);
        assert!(judged(Policy::LastWeek) < bounded);
        assert!(judged(Policy::Loop) < bounded * (1.0 + 1e-5));
    }
}

#[test]
fn same_seed_same_numbers_on_any_number_of_threads() {
    let seen = Mutex::new(Vec::new());
    let observer = |episode: &Episode| seen.lock().unwrap().push(episode.seed);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let again = pool.install(|| run(&short(), &SEEDS, &observer).unwrap());
    assert_eq!(again, *EPISODES);
    let mut seen = seen.into_inner().unwrap();
    seen.sort_unstable();
    assert_eq!(seen, SEEDS);
    assert_ne!(again[0].runs, again[1].runs);
}

#[test]
fn the_answer_adds_up() {
    let answer = Answer::new(&EPISODES, &[("weeks", 1.5)]);
    let json = serde_json::to_value(&answer).unwrap();
    let number = |value: &serde_json::Value| value.as_f64().unwrap();
    assert_eq!(json["weeks"], 3);
    assert_eq!(json["seeds"], serde_json::json!([1, 2]));
    assert_eq!(json["seconds"]["weeks"], 1.5);
    assert_eq!(json["currency"], "EUR");
    let keys: Vec<&str> = Policy::ALL.iter().map(|policy| policy.key()).collect();
    let policies = json["policies"].as_array().unwrap();
    let named: Vec<_> = policies.iter().map(|row| row["policy"].as_str().unwrap()).collect();
    assert_eq!(named, keys);
    for (row, policy) in policies.iter().zip(Policy::ALL) {
        let each: Vec<f64> = EPISODES.iter().map(|e| e.of(policy).unwrap().roas()).collect();
        assert!((number(&row["roas"]["mean"]) - (each[0] + each[1]) / 2.0).abs() < 1e-12);
        // Two values: half their distance times t(0.975, 1).
        let half = (each[0] - each[1]).abs() / 2.0 * 12.706_204_736;
        let width = number(&row["roas"]["high"]) - number(&row["roas"]["low"]);
        assert!((width - 2.0 * half).abs() < 1e-6 * (1.0 + half));
        assert!(number(&row["revenue"]) > 0.0 && number(&row["spend"]) > 0.0);
    }
    let differences = json["differences"].as_array().unwrap();
    assert_eq!(differences.len(), 5);
    for row in differences {
        let other = policies.iter().find(|p| p["policy"] == row["against"]).unwrap();
        let gap = number(&policies[0]["roas"]["mean"]) - number(&other["roas"]["mean"]);
        assert!((number(&row["mean"]) - gap).abs() < 1e-12);
        assert!(number(&row["low"]) <= gap && gap <= number(&row["high"]));
    }
    let weekly = json["weekly"].as_array().unwrap();
    assert_eq!(weekly.len(), 3);
    assert_eq!(weekly[0]["first_day"], "2026-11-02");
    assert_eq!(weekly[2]["first_day"], "2026-11-16");
    assert!(weekly.iter().all(|week| keys.iter().all(|key| number(&week["roas"][*key]) > 0.0)));
    let used = json["used"]["forecast"].as_object().unwrap();
    assert_eq!(json["used"]["steps"], 6);
    assert_eq!(used.values().map(number).sum::<f64>(), 6.0);
    assert_eq!(json["used"]["without_plan"], 0);
    // One seed has no interval, and says so.
    let one = serde_json::to_value(Answer::new(&EPISODES[..1], &[])).unwrap();
    assert!(one["policies"][0]["roas"]["low"].is_null());
    let text = answer.to_string();
    assert!(Policy::ALL.iter().all(|policy| text.contains(policy.label())), "{text}");
}

#[test]
fn without_a_plan_last_weeks_split_stays_and_is_counted() {
    let mut setup = Setup::bundled(2).unwrap();
    // Search must stop at once, which no change of at most 30 % does.
    let none = ChannelBounds { floor: 0.0, cap: Some(0.0) };
    setup.config.plan.channels.insert("search".into(), none);
    let episodes = run(&setup, &[3], &|_| ()).unwrap();
    let (stuck, last) = (episodes[0].of(Policy::Loop), episodes[0].of(Policy::LastWeek));
    assert_eq!((stuck.unwrap().without_plan, last.unwrap().without_plan), (2, 0));
    assert_eq!(stuck.unwrap().weeks, last.unwrap().weeks);
    let answer = Answer::new(&episodes, &[]);
    assert_eq!((answer.used.steps, answer.used.without_plan), (2, 2));
    assert!(answer.to_string().contains("2 of 2 steps without a plan"));
}

#[test]
fn what_cannot_be_compared_is_said() {
    let none = Setup { history_days: 6, ..short() };
    assert!(run(&none, &[1], &|_| ()).unwrap_err().to_string().contains("6 days, expected 7"));
    let mut broken = short();
    broken.market.channels.clear();
    assert!(run(&broken, &[1], &|_| ()).is_err());
}
