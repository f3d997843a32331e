//! Online equals offline, bit for bit: over random logs with restatements, late data and duplicates,
//! told in any order.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

mod store_common;

use campaign_features::store::{Applied, Event, OnlineStore, UpdateError};
use proptest::prelude::*;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use store_common::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_order_gives_the_offline_rows(seed in any::<u64>(), facts in 1_u64..250) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let log = random_log(&mut rng, facts);
        let mut store = store();
        for told in &log {
            store.update(&told.event()).unwrap();
        }
        let requests = requests(&[TODAY, TODAY + 1, TODAY - 3, TODAY - 20]);
        let expected = offline(store.plan(), &log, &requests, i64::MAX);
        assert_same(store.plan(), &online(&store, &requests), &expected);
        // Told again in another order, nothing changes.
        let mut again = log.clone();
        shuffle(&mut rng, &mut again);
        for told in &again {
            let applied = store.update(&told.event()).unwrap();
            prop_assert!(matches!(applied, Applied::Duplicate | Applied::Superseded));
        }
        assert_same(store.plan(), &online(&store, &requests), &expected);
    }

    #[test]
    fn many_at_once_is_one_by_one(seed in any::<u64>(), facts in 1_u64..120) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut log = random_log(&mut rng, facts);
        // Twice the same, an unknown source, and a key that is none: what is refused holds nothing up.
        log.push(log[0].clone());
        log.push(Told { source: 9, ..log[0].clone() });
        log.insert(log.len() / 2, Told { keys: vec![u32::MAX - 1; 3], ..log[0].clone() });
        let (mut one_by_one, mut at_once) = (store(), store());
        let expected: Vec<_> = log.iter().map(|told| one_by_one.update(&told.event())).collect();
        let events: Vec<Event<'_>> = log.iter().map(Told::event).collect();
        let mut got = Vec::new();
        at_once.update_all(&events, |event, applied| got.push((*event, applied)));
        prop_assert_eq!(got, events.iter().copied().zip(expected).collect::<Vec<_>>());
        prop_assert_eq!(at_once.counts(), one_by_one.counts());
        let bits = |store: &OnlineStore| {
            let mut bits = Vec::new();
            store.write_snapshot(&mut bits).unwrap();
            bits
        };
        prop_assert_eq!(bits(&at_once), bits(&one_by_one));
    }

    #[test]
    fn every_prefix_is_the_cut_off(seed in any::<u64>(), facts in 1_u64..120) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut log = random_log(&mut rng, facts);
        log.sort_by_key(|told| told.known_at);
        let mut store = store();
        let step = (log.len() / 6).max(1);
        for (i, told) in log.iter().enumerate() {
            store.update(&told.event()).unwrap();
            let last_of_instant = log.get(i + 1).is_none_or(|next| next.known_at > told.known_at);
            if i % step == 0 && last_of_instant {
                // The offline table is given the future too and must not look at it.
                let requests = requests(&[TODAY - 5]);
                let expected = offline(store.plan(), &log, &requests, told.known_at);
                assert_same(store.plan(), &online(&store, &requests), &expected);
            }
        }
    }

    #[test]
    fn restoring_is_never_having_stopped(seed in any::<u64>(), stop in 0_usize..400) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let log = random_log(&mut rng, 150);
        let mut never = store();
        let mut stopped = store();
        let stop = stop % log.len();
        for (i, told) in log.iter().enumerate() {
            if i == stop {
                let mut bytes = Vec::new();
                stopped.write_snapshot(&mut bytes).unwrap();
                stopped = OnlineStore::restore(plan(), config(), &bytes[..]).unwrap();
            }
            let (a, b) = (never.update(&told.event()), stopped.update(&told.event()));
            prop_assert_eq!(a.unwrap(), b.unwrap());
        }
        // Not only every row: every bit of the state.
        let (mut a, mut b) = (Vec::new(), Vec::new());
        never.write_snapshot(&mut a).unwrap();
        stopped.write_snapshot(&mut b).unwrap();
        prop_assert_eq!(a, b);
        let requests = requests(&[TODAY, TODAY + 1]);
        assert_same(never.plan(), &online(&stopped, &requests), &online(&never, &requests));
    }

    #[test]
    fn days_that_pass_lose_only_what_is_late(seed in any::<u64>(), facts in 1_u64..250) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut log = random_log(&mut rng, facts);
        log.sort_by_key(|told| told.known_at);
        let late_days = 35;
        let mut config = config().with_late_days(late_days);
        config.today = FIRST;
        let mut store = OnlineStore::new(plan(), config).unwrap();
        for (kind, name) in key_names() {
            store.insert_key(kind, &name).unwrap();
        }
        let mut taken = Vec::new();
        for told in &log {
            store.advance(told.day.max((told.known_at / 1000) as i32));
            match store.update(&told.event()) {
                Ok(_) => taken.push(told.clone()),
                Err(UpdateError::Late { day, oldest }) => {
                    prop_assert_eq!((day, oldest), (told.day, store.today() - late_days as i32));
                    prop_assert!(day < oldest);
                }
                Err(other) => prop_assert!(false, "{}", other),
            }
        }
        prop_assert_eq!(store.counts().late as usize, log.len() - taken.len());
        let day = store.today();
        let requests = requests(&[day, day + 1]);
        let got = online(&store, &requests);
        // With what was taken, everything is equal ...
        assert_same(store.plan(), &got, &offline(store.plan(), &taken, &requests, i64::MAX));
        // ... and what was late could not have been seen through any window.
        let all = offline(store.plan(), &log, &requests, i64::MAX);
        for (a, b) in got.iter().zip(&all) {
            for ((x, y), column) in a.iter().zip(b).zip(store.plan().columns()) {
                // Only whether anything was ever known may differ, which makes a sum missing or 0.
                let window = column.name.ends_with("_7d") || column.name.ends_with("_14d");
                if window && !x.is_nan() && !y.is_nan() {
                    prop_assert_eq!(x.to_bits(), y.to_bits(), "{}", column.name);
                }
            }
        }
    }
}

#[test]
fn a_fact_that_moves_leaves_its_old_key() {
    let mut store = store();
    let told = |keys: [u32; 3], known_at, spend| Told {
        source: 0,
        keys: keys.to_vec(),
        day: TODAY - 1,
        known_at,
        fact: 1,
        stands: true,
        measures: vec![spend, 100, 1],
        attributes: vec![0],
    };
    let (before, after) = (told([0, 0, 0], 1, 5_000_000), told([0, 1, 0], 2, 7_000_000));
    assert_eq!(store.update(&before.event()), Ok(Applied::New));
    assert_eq!(store.update(&after.event()), Ok(Applied::Restated));
    // Offline says the same by a version that withdraws the fact under the old key.
    let mut gone = before.clone();
    gone.keys = vec![Event::NO_KEY, 0, Event::NO_KEY];
    gone.known_at = 2;
    gone.stands = false;
    gone.measures = vec![i64::MIN; 3];
    let log = [before, after, gone];
    let requests = [([0, 0, 0], TODAY), ([0, 1, 0], TODAY)];
    let expected = offline(store.plan(), &log, &requests, i64::MAX);
    assert_same(store.plan(), &online(&store, &requests), &expected);
    let spend = store.plan().columns().iter().position(|c| &*c.name == "campaign_ads_spend_sum_7d");
    let spend = spend.expect("the spec has it");
    assert_eq!(expected[1][spend], 7.0);
    let left = expected[0][spend];
    assert!(left.is_nan() || left == 0.0, "{left}");
}

/// `CAMPAIGN_EVENTS=1000000 cargo test --release -p campaign-features --test store_replay -- --ignored`
#[test]
#[ignore = "takes its time; the size is CAMPAIGN_EVENTS, a million without it"]
fn a_million_events() {
    let events = std::env::var("CAMPAIGN_EVENTS").ok().and_then(|n| n.parse().ok());
    let facts = events.unwrap_or(1_000_000_u64) * 2 / 5;
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let log = random_log(&mut rng, facts);
    let config = config().with_open_facts(facts as usize);
    let mut store = OnlineStore::new(plan(), config).unwrap();
    for (kind, name) in key_names() {
        store.insert_key(kind, &name).unwrap();
    }
    for told in &log {
        store.update(&told.event()).unwrap();
    }
    let requests = requests(&[TODAY, TODAY + 1, TODAY - 30]);
    let expected = offline(store.plan(), &log, &requests, i64::MAX);
    assert_same(store.plan(), &online(&store, &requests), &expected);
    println!("{} events, {:?}", log.len(), store.counts());
}

/// Readers beside one writer: every row they see is the row after some whole update.
#[test]
fn readers_beside_a_writer_never_see_half_an_update() {
    use std::sync::RwLock;
    use std::sync::atomic::{AtomicBool, Ordering};

    // One fact that moves to and fro between two ads of one channel: their sum never changes.
    let shared = RwLock::new(store());
    let done = AtomicBool::new(false);
    let told = |ad: u32, known_at: i64| Told {
        source: 0,
        keys: vec![ad, 0, 0],
        day: TODAY - 1,
        known_at,
        fact: 1,
        stands: true,
        measures: vec![5_000_000, 10, 1],
        attributes: vec![0],
    };
    shared.write().unwrap().update(&told(0, 0).event()).unwrap();
    let columns = shared.read().unwrap().plan().columns().to_vec();
    let at = |name: &str| columns.iter().position(|c| &*c.name == name).unwrap();
    let (ad, channel) = (at("ad_ads_spend_sum_7d"), at("channel_ads_spend_sum_7d"));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut scratch = shared.read().unwrap().scratch();
                let mut rows = [vec![0.0; columns.len()], vec![0.0; columns.len()]];
                let mut seen = 0;
                while !done.load(Ordering::Relaxed) || seen < 100 {
                    let store = shared.read().unwrap();
                    for (key, row) in [0, 1].into_iter().zip(&mut rows) {
                        store.row_into(&[key, 0, 0], TODAY, &mut scratch, row).unwrap();
                    }
                    drop(store);
                    let spend = |row: &Vec<f64>| if row[ad].is_nan() { 0.0 } else { row[ad] };
                    assert_eq!(spend(&rows[0]) + spend(&rows[1]), 5.0);
                    assert_eq!((rows[0][channel], rows[1][channel]), (5.0, 5.0));
                    seen += 1;
                }
            });
        }
        for version in 1..2000 {
            let told = told((version % 2) as u32, version);
            shared.write().unwrap().update(&told.event()).unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
}
