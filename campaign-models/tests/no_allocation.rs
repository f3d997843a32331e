//! Prediction does not allocate: counted, through `dyn`, error paths included.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use campaign_core::ndarray::s;
use campaign_core::{Dataset, Error, Model};
use campaign_models::calibrate::{Beta, Calibrated, Isotonic, Platt, PlattInput};
use campaign_models::explain::{InterventionalShap, TreeShap};
use campaign_models::gbdt::UnseenLevels;
use campaign_models::linear::{Family, LinearConfig};
use campaign_models::{Gbdt, GbdtConfig, GroupedMean, Objective, Prior};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: forwards to the system's allocator and only counts.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(mut work: impl FnMut()) -> usize {
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    work();
    ALLOCATIONS.load(Ordering::Relaxed) - before
}

// The only test of this binary, so that no other thread allocates meanwhile.
#[test]
fn prediction_does_not_allocate() {
    assert!(allocations(|| drop(std::hint::black_box(vec![1_u8]))) > 0, "the counter counts");

    let data = common::made_up(1_000, 4, true, 3);
    let gbdt = GbdtConfig::new(Objective::Logistic)
        .with_trees(20)
        .fit(&data, None, &mut common::rng(1))
        .unwrap();
    let strict = GbdtConfig::new(Objective::Logistic)
        .with_trees(20)
        .with_unseen_levels(UnseenLevels::Refuse)
        .fit(&data, None, &mut common::rng(1))
        .unwrap();
    let (p, y) = ([0.1, 0.4, 0.6, 0.9], [0.0, 1.0, 0.0, 1.0]);
    let isotonic = Isotonic::fit(&p, &y, None).unwrap();
    let beta = Beta::fit(&p, &y, None).unwrap();
    let platt = Platt::fit(&p, &y, None, PlattInput::LogOdds).unwrap();
    let linear = LinearConfig::new(Family::Binomial).fit(&data).unwrap();
    let models: [Box<dyn Model>; 8] = [
        Box::new(linear.clone()),
        Box::new(strict.clone()),
        Box::new(Calibrated::new(gbdt.clone(), isotonic)),
        Box::new(Calibrated::new(gbdt.clone(), beta)),
        Box::new(Calibrated::new(gbdt.clone(), platt)),
        Box::new(gbdt.clone()),
        Box::new(Prior::fit(&data).unwrap()),
        Box::new(GroupedMean::fit(&data, "channel", 1.0).unwrap()),
    ];
    let x = data.features();
    let mut out = vec![0.0; data.n_rows()];
    for model in &models {
        let mut ok = 0;
        let n = allocations(|| {
            ok += usize::from(model.predict_into(x, &mut out).is_ok());
            let wrong = model.predict_into(x, &mut out[..10]);
            ok += usize::from(matches!(wrong, Err(Error::Length { .. })));
            let square = x.slice(campaign_core::ndarray::s![..6, ..]);
            ok += usize::from(model.predict_into(square.t(), &mut out[..6]) == Err(Error::Layout));
        });
        assert_eq!((n, ok), (0, 3));
    }
    let rows: Vec<Vec<f64>> = x.rows().into_iter().map(|row| row.to_vec()).collect();
    let mut sum = 0.0;
    let n = allocations(|| {
        for row in &rows {
            sum += gbdt.predict_row(row).unwrap_or(f64::NAN);
            sum += gbdt.score_row(row).unwrap_or(f64::NAN);
        }
        sum += f64::from(u8::from(gbdt.predict_row(&rows[0][1..]).is_err()));
        sum += linear.predict_row(&rows[0]).unwrap_or(f64::NAN);
    });
    assert_eq!(n, 0);
    assert!(sum.is_finite());
    let mut refused = rows[0].clone();
    refused[4] = 77.0;
    let n = allocations(|| {
        let unseen = strict.predict_row(&refused);
        assert!(matches!(unseen, Err(Error::UnseenLevel { column: 4, .. })));
    });
    assert_eq!(n, 0);
    explaining_does_not_allocate(&data, &gbdt);
}

fn explaining_does_not_allocate(data: &Dataset, gbdt: &Gbdt) {
    let x = data.features().slice_move(s![..100, ..]);
    let row = x.row(0).to_vec();
    let mut out = vec![0.0; x.len()];
    let mut pairs = vec![0.0; row.len() * row.len()];
    let shap = TreeShap::new(gbdt);
    let against = InterventionalShap::new(gbdt, x).unwrap();
    let (mut room, mut other) = (shap.workspace(), against.workspace());
    let mut ok = 0;
    let n = allocations(|| {
        ok += usize::from(shap.explain_into(x, &mut room, &mut out).is_ok());
        ok += usize::from(shap.explain_into(x, &mut room, &mut out[1..]).is_err());
        ok += usize::from(shap.interactions_into(&row, &mut room, &mut pairs).is_ok());
        ok += usize::from(shap.interactions_into(&row[1..], &mut room, &mut pairs).is_err());
        ok += usize::from(against.explain_into(x, &mut other, &mut out).is_ok());
        ok += usize::from(against.explain_into(x, &mut other, &mut out[1..]).is_err());
    });
    assert_eq!((n, ok), (0, 6));
    assert!(out.iter().all(|v| v.is_finite()));
}
