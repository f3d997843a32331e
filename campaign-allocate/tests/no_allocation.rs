//! The hot paths allocate nothing, through `dyn`, errors included.

#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_range_loop)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

use campaign_allocate::{BetaThompson, FrozenPolicy, NestedLp, Proportional, Ucb1};
use campaign_core::rand::{Rng, SeedableRng};
use campaign_core::{
    Allocator, Arm, Bandit, Budget, Context, Feedback, Groups, Merge, Problem, Response, Scratch,
    Status,
};
use rand_xoshiro::Xoshiro256PlusPlus;

struct Counting;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call is handed on to the system allocator; counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn allocations(work: impl FnOnce()) -> u64 {
    let before = COUNT.with(Cell::get);
    work();
    COUNT.with(Cell::get) - before
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(black_box(vec![1_u8; 100]))), 1);
}

struct Numbers {
    lower: Vec<f64>,
    upper: Vec<f64>,
    roas: Vec<f64>,
    offsets: Vec<u32>,
    cells: Vec<u32>,
    floor: Vec<f64>,
    cap: Vec<f64>,
}

impl Numbers {
    fn new(n_groups: usize, size: usize) -> Self {
        let n = n_groups * size;
        let hash = |i: usize| (i * 7919 % 1009) as f64 / 1009.0;
        Self {
            lower: (0..n).map(|i| if i % 9 == 0 { 1.0 } else { 0.0 }).collect(),
            upper: (0..n).map(|i| 1.0 + 9.0 * hash(i)).collect(),
            roas: (0..n).map(|i| 5.0 * hash(3 * i + 1)).collect(),
            offsets: (0..=n_groups).map(|g| (g * size) as u32).collect(),
            cells: (0..n as u32).collect(),
            floor: (0..n_groups).map(|g| if g % 2 == 0 { size as f64 } else { 0.0 }).collect(),
            cap: vec![3.0 * size as f64; n_groups],
        }
    }

    fn problem(&self, budget: Budget) -> Problem<'_> {
        let groups = Groups::new(&self.offsets, &self.cells, &self.floor, &self.cap).unwrap();
        Problem::new(budget, &self.lower, &self.upper, Response::Linear(&self.roas))
            .with_groups(groups)
    }
}

fn check_allocator(allocator: &mut dyn Allocator, solved: Status) {
    let numbers = Numbers::new(20, 50);
    let mut spend = vec![0.0; 1000];
    let small = Numbers::new(3, 5);
    let mut small_spend = vec![0.0; 15];
    let swapped = Problem::new(
        Budget::AtMost(100.0),
        &numbers.upper,
        &numbers.lower,
        Response::Linear(&numbers.roas),
    );
    let twice = [0_u32, 0];
    let shared = Groups::new(&[0, 2], &twice, &[0.0], &[1.0]).unwrap();
    let shared = small.problem(Budget::AtMost(1.0)).with_groups(shared);
    let count = allocations(|| {
        for budget in [1500.0, 1000.0, 2000.0] {
            let outcome = allocator.allocate(&numbers.problem(Budget::Exactly(budget)), &mut spend);
            assert_eq!(outcome.unwrap().status, solved);
        }
        let outcome = allocator.allocate(&numbers.problem(Budget::AtMost(1e6)), &mut spend);
        assert!(outcome.unwrap().spend < 1e6);
        let outcome = allocator.allocate(&small.problem(Budget::Exactly(25.0)), &mut small_spend);
        assert_eq!(outcome.unwrap().status, solved);
        for budget in [Budget::Exactly(1e6), Budget::Exactly(10.0), Budget::AtMost(10.0)] {
            let outcome = allocator.allocate(&numbers.problem(budget), &mut spend).unwrap();
            assert_eq!(outcome.status, Status::Infeasible);
            assert!(!allocator.conflicts().is_empty());
        }
        let outcome = allocator.allocate(&swapped, &mut spend).unwrap();
        assert_eq!(outcome.status, Status::Infeasible);
        let nan = numbers.problem(Budget::Exactly(f64::NAN));
        assert!(allocator.allocate(&nan, &mut spend).is_err());
        assert!(allocator.allocate(&numbers.problem(Budget::AtMost(1.0)), &mut []).is_err());
        assert!(allocator.allocate(&shared, &mut small_spend).is_err());
    });
    assert_eq!(count, 0);
}

#[test]
fn allocators() {
    check_allocator(&mut NestedLp::with_capacity(1000, 20), Status::Optimal);
    for mut baseline in [Proportional::equal(), Proportional::roas()] {
        baseline.reserve(1000, 20);
        check_allocator(&mut baseline, Status::Stopped);
    }
}

fn check_bandit(bandit: &mut dyn Bandit, rng: &mut dyn Rng) {
    let mut scratch = bandit.scratch();
    let mut p = [0.0; 12];
    let mask: [bool; 12] = core::array::from_fn(|i| i % 3 != 0);
    let none = [false; 12];
    let mut frozen = FrozenPolicy::with_capacity(12);
    let mut too_small = Scratch::new(0);
    let count = allocations(|| {
        for round in 0..200 {
            let context =
                Context::none().with_eligible(if round % 2 == 0 { &mask } else { &[true; 12] });
            let arm = bandit.select(&context, rng, &mut scratch).unwrap();
            let reward = f64::from(round % 2);
            bandit.update(&Feedback::new(arm, reward).with_weight(1.5)).unwrap();
            bandit.probabilities_into(&context, &mut scratch, &mut p).unwrap();
            frozen.freeze(bandit, &context, &mut scratch).unwrap();
            frozen.rebuild(&p).unwrap();
            frozen.choose(rng).unwrap();
        }
        let blocked = Context::none().with_eligible(&none);
        assert!(bandit.select(&blocked, rng, &mut scratch).is_err());
        assert!(bandit.probabilities_into(&blocked, &mut scratch, &mut p).is_err());
        assert!(bandit.probabilities_into(&Context::none(), &mut scratch, &mut p[..1]).is_err());
        assert!(bandit.update(&Feedback::new(Arm(99), 1.0)).is_err());
        assert!(bandit.update(&Feedback::new(Arm(0), 2.0)).is_err());
        assert!(frozen.rebuild(&[0.5]).is_err());
        // UCB1 needs no scratch, so only Thompson refuses.
        let _ = black_box(bandit.select(&Context::none(), rng, &mut too_small));
    });
    assert_eq!(count, 0);
}

#[test]
fn bandits() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    check_bandit(&mut Ucb1::new(12).unwrap(), &mut rng);
    check_bandit(&mut BetaThompson::new(12, 1.0, 1.0).unwrap(), &mut rng);
    check_bandit(&mut BetaThompson::new(12, 0.01, 0.01).unwrap(), &mut rng);
    let (mut a, b) =
        (BetaThompson::new(9, 1.0, 1.0).unwrap(), BetaThompson::new(9, 1.0, 1.0).unwrap());
    assert_eq!(allocations(|| a.merge(&b).unwrap()), 0);
}
