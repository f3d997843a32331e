//! Updates, look-ups and rows of a store allocate nothing, nor do their errors.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]
#![allow(unsafe_code, reason = "a counting allocator is unsafe to implement")]

mod store_common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use campaign_features::store::{Applied, DirectoryStore, Event, OnlineStore, Sync, UpdateError};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use store_common::*;

struct Counting;

thread_local! {
    /// Per thread, so that the test harness does not count.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|n| n.set(n.get() + 1));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.with(|n| n.set(n.get() + 1));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn allocations(act: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.with(Cell::get);
    act();
    ALLOCATIONS.with(Cell::get) - before
}

#[test]
fn the_counter_counts() {
    assert!(allocations(|| drop(std::hint::black_box(vec![1]))) > 0);
}

/// The version that stands of the first fact of a log.
fn latest(log: &[Told]) -> &Told {
    let versions = log.iter().filter(|told| told.fact == log[0].fact);
    versions.max_by_key(|told| told.known_at).unwrap()
}

/// An event that is refused, and whether an error is the one for it.
type Wrong = (Told, fn(&UpdateError) -> bool);

fn wrong_events(told: &Told) -> Vec<Wrong> {
    let with = |change: &dyn Fn(&mut Told)| {
        let mut bad = told.clone();
        change(&mut bad);
        bad
    };
    vec![
        (with(&|t| t.source = 9), |e| matches!(e, UpdateError::Source { .. })),
        (with(&|t| t.keys.truncate(1)), |e| matches!(e, UpdateError::Kernel(_))),
        (with(&|t| t.measures.push(1)), |e| matches!(e, UpdateError::Kernel(_))),
        (with(&|t| t.attributes.push(1)), |e| matches!(e, UpdateError::Kernel(_))),
        (with(&|t| t.keys[0] = 99), |e| matches!(e, UpdateError::Key { kind: 0, code: 99, .. })),
        (with(&|t| t.measures[0] = i64::MAX), |e| matches!(e, UpdateError::TooLarge { .. })),
        (with(&|t| t.measures[0] = i64::MIN + 1), |e| matches!(e, UpdateError::TooLarge { .. })),
        (with(&|t| t.day = TODAY + 1), |e| matches!(e, UpdateError::Future { .. })),
        (with(&|t| t.day = i32::MIN), |e| matches!(e, UpdateError::Late { .. })),
        (with(&|t| t.measures[0] = 424_242), |e| matches!(e, UpdateError::Conflict { .. })),
    ]
}

#[test]
fn a_store_in_memory_allocates_nothing() {
    let log = random_log(&mut Xoshiro256PlusPlus::seed_from_u64(3), 1500);
    let mut store = store();
    let mut scratch = store.scratch();
    let mut row = vec![0.0; store.plan().columns().len()];
    let standing = latest(&log);
    let wrong = wrong_events(standing);
    let (one_by_one, at_once) = log.split_at(log.len() / 2);
    let at_once: Vec<Event<'_>> = at_once.iter().map(Told::event).collect();
    let n = allocations(|| {
        for told in one_by_one {
            store.update(&told.event()).unwrap();
        }
        store.update_all(&at_once, |_, applied| assert!(applied.is_ok()));
        assert_eq!(store.update(&standing.event()), Ok(Applied::Duplicate));
        for (bad, expected) in &wrong {
            let error = store.update(&bad.event()).unwrap_err();
            assert!(expected(&error), "{error}");
        }
        for ad in 0..ADS {
            assert_eq!(store.key(0, "ad-0"), Some(0));
            store.row_into(&keys_of(ad), TODAY, &mut scratch, &mut row).unwrap();
        }
        store.row_into(&[Event::NO_KEY; 3], TODAY, &mut scratch, &mut row).unwrap();
        assert!(store.key(0, "nobody").is_none());
        assert!(store.row_into(&[0; 2], TODAY, &mut scratch, &mut row).is_err());
        assert!(store.row_into(&[99; 3], TODAY, &mut scratch, &mut row).is_err());
        assert!(store.row_into(&[0; 3], TODAY + 999, &mut scratch, &mut row).is_err());
        assert!(store.row_into(&[0; 3], TODAY, &mut scratch, &mut []).is_err());
        let read = store.row_describing_into(&[0; 3], FIRST - 500, TODAY, &mut scratch, &mut row);
        assert!(read.is_ok(), "nothing was known then");
        for name in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] {
            store.insert_key(0, name).unwrap();
        }
        assert!(matches!(store.insert_key(0, "k"), Err(UpdateError::KeysFull { .. })));
        assert!(matches!(store.insert_key(7, "k"), Err(UpdateError::Kind { .. })));
        store.advance(TODAY + 3);
    });
    assert_eq!(n, 0);
}

#[test]
fn a_full_table_of_facts_refuses_without_allocating() {
    let log = random_log(&mut Xoshiro256PlusPlus::seed_from_u64(4), 64);
    let config = config().with_open_facts(20);
    let mut store = OnlineStore::new(plan(), config).unwrap();
    for (kind, name) in key_names() {
        store.insert_key(kind, &name).unwrap();
    }
    let mut full = 0;
    let n = allocations(|| {
        for told in &log {
            match store.update(&told.event()) {
                Ok(_) => {}
                Err(UpdateError::FactsFull { capacity: 20 }) => full += 1,
                Err(other) => panic!("{other}"),
            }
        }
    });
    assert_eq!((n, store.open_facts()), (0, 20));
    assert!(full > 0);
    // What is old is let go, and there is room again.
    assert_eq!(store.advance(TODAY + 400), 20);
    assert_eq!(store.open_facts(), 0);
}

#[test]
fn a_store_in_a_directory_allocates_nothing() {
    let log = random_log(&mut Xoshiro256PlusPlus::seed_from_u64(5), 500);
    let dir = tempfile::tempdir().unwrap();
    for policy in [Sync::Never, Sync::Every(100)] {
        let opened = DirectoryStore::open(dir.path(), plan(), config(), policy);
        let (mut directory, _) = opened.unwrap();
        for (kind, name) in key_names() {
            directory.insert_key(kind, &name).unwrap();
        }
        let wrong = wrong_events(latest(&log));
        let n = allocations(|| {
            for told in &log {
                directory.update(&told.event()).unwrap();
            }
            for (bad, _) in &wrong {
                assert!(directory.update(&bad.event()).is_err());
            }
            directory.advance(TODAY + 1).unwrap();
            directory.sync().unwrap();
        });
        assert_eq!(n, 0, "{policy:?}");
        drop(directory);
        std::fs::remove_file(dir.path().join("log")).unwrap();
    }
}
