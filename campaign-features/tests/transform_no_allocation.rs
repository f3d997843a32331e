//! Transforms that run once per row allocate nothing, not even when they refuse.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use campaign_core::{Purpose, Sensitive};
use campaign_features::feature::transform::adstock::{
    Adstock, GeometricState, carry, convolve_into, geometric_into,
};
use campaign_features::feature::transform::calendar::CalendarField;
use campaign_features::feature::transform::cap::{Exposures, share_above};
use campaign_features::feature::transform::creative::fatigue::{Memory, age_days, frequency, wear};
use campaign_features::feature::transform::cross::{Combine, Cross};
use campaign_features::feature::transform::delay::{DelayFit, Version};
use campaign_features::feature::transform::demographic::Demographic;
use campaign_features::feature::transform::encoding::{Encoding, EncodingKind, NO_LEVEL};
use campaign_features::feature::transform::fourier::{Fourier, day_number};
use campaign_features::feature::transform::saturation::Saturation;
use campaign_features::feature::transform::smoothing::Smoothing;
use jiff::civil::date;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // A thread that is ending has nothing left to count in.
    let _ = ALLOCATIONS.try_with(|n| n.set(n.get() + 1));
}

// SAFETY: hands every call on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract of `realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(work: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

#[test]
fn the_counter_counts() {
    assert!(allocations(|| drop(std::hint::black_box(vec![1_u8]))) > 0);
}

#[test]
fn transforms_of_a_row() {
    let mut state = GeometricState::new(0.5).unwrap();
    let week = Fourier::new(7.0, 3).unwrap();
    let hill = Saturation::Hill { alpha: 2.0, half: 10.0 };
    let memory = Memory::new(7.0, 28).unwrap();
    let law = Exposures::new(2.0, 0.5).unwrap();
    let smoothing = Smoothing::new(0.1, 5.0).unwrap();
    let encoding = Encoding::new(EncodingKind::Target).with_strength(2.0);
    let mut table = encoding.fit(&[0, 1, 1], &[1.0, 2.0, 3.0], None).unwrap();
    let cross = Cross::fit(&[&[0, 1], &[2, 2]], 4, 1).unwrap();
    let ages = Demographic::new(["18-24", "25-34"], Purpose::new("audit").unwrap()).unwrap();
    let age = Sensitive::new("25-34");
    let day = 86_400_000_000;
    let versions: Vec<Version> = (0..20)
        .map(|d| Version { fact: d as u64, began: d * day, known_at: (d + 1) * day, value: 3 })
        .collect();
    let curve = DelayFit::new(3).fit(&versions, 40 * day).unwrap();
    let x = [3.0; 28];
    let (mut out, mut six, mut two) = ([0.0; 28], [0.0; 6], [0.0; 2]);
    let mut sum = 0.0;
    let n = allocations(|| {
        sum += state.step(3.0) + state.idle(9);
        for adstock in [
            Adstock::Geometric { theta: 0.5 },
            Adstock::WeibullCdf { shape: 2.0, scale: 0.1 },
            Adstock::WeibullPdf { shape: 2.0, scale: 0.1 },
        ] {
            adstock.weights_into(&mut out).unwrap();
            sum += carry(&out, &x);
        }
        assert!(Adstock::Geometric { theta: 2.0 }.weights_into(&mut out).is_err());
        convolve_into(memory.weights(), &x, &mut out);
        geometric_into(0.5, &x, &mut out);
        hill.apply(&mut out);
        sum += hill.slope(3.0) + hill.inverse(0.5).unwrap_or(0.0);
        week.write(day_number(date(2026, 5, 4)), &mut six);
        for field in CalendarField::ALL {
            sum += field.of(date(2026, 5, 4));
        }
        sum += memory.exposure(&x) + age_days(Some(3), 5) + frequency(3.0, 2.0);
        sum += wear((1.0, 2.0), (1.0, 3.0), 4.0);
        sum += law.share_above(3) + share_above(&[5, 2, 1], 2) + smoothing.rate(1.0, 3.0);
        sum += table.encode(1) + table.encode(9);
        assert!(table.encode(NO_LEVEL).is_nan());
        table.add(1, 5.0, 1.0).unwrap();
        assert!(table.add(1, f64::NAN, 1.0).is_err());
        sum += f64::from(cross.code(&[0, 2])) + f64::from(cross.code(&[7, 7]));
        sum += Combine::Ratio.of(1.0, 3.0);
        sum += ages.ordinal(Some(&age));
        ages.one_hot(Some(&age), &mut two).unwrap();
        assert!(ages.one_hot(Some(&age), &mut six).is_err());
        sum += curve.mature(2.0, 1, 0.5).unwrap();
        assert!(curve.mature(2.0, 0, 0.5).is_err());
    });
    assert_eq!(n, 0);
    assert!(sum.is_finite());
}
