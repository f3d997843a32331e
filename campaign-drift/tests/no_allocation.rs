//! The paths that promise to allocate nothing are counted.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

use campaign_core::DriftTest;
use campaign_drift::PageHinkleyConfig;
use campaign_drift::effect::{cliffs_delta, median_shift};
use campaign_drift::ks::distance;

struct Counting;

static COUNT: AtomicUsize = AtomicUsize::new(0);

// SAFETY: hands everything to the system allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(work: impl FnOnce()) -> usize {
    let before = COUNT.load(Ordering::Relaxed);
    work();
    COUNT.load(Ordering::Relaxed) - before
}

#[test]
fn nothing_is_allocated() {
    let mut test: Box<dyn DriftTest> =
        Box::new(PageHinkleyConfig::for_deviation(1.0).build().unwrap());
    let a: Vec<f64> = (0..1000).map(f64::from).collect();
    let b: Vec<f64> = (0..1500).map(|x| f64::from(x) + 0.5).collect();
    // The counter itself is alive.
    assert!(allocations(|| drop(black_box(vec![1]))) > 0);
    let count = allocations(|| {
        for x in &a {
            black_box(test.observe(*x).is_ok());
        }
        assert!(test.observe(f64::NAN).is_err());
        assert!(test.observe(f64::INFINITY).is_err());
        black_box(test.report());
        test.reset();
        black_box(distance(&a, &b));
        black_box(cliffs_delta(&a, &b));
        black_box(median_shift(&a, &b));
    });
    assert_eq!(count, 0);
}
