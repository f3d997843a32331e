//! Time of the Kolmogorov-Smirnov test. `cargo bench -p campaign-drift`.
#![allow(missing_docs)]

use std::hint::black_box;

use campaign_drift::ks::{KsMethod, distance, ks_sorted, ks_two_sample};
use criterion::{Criterion, criterion_group, criterion_main};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

fn sample(n: usize, shift: f64, seed: u64) -> Vec<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    (0..n).map(|_| rng.random::<f64>() + shift).collect()
}

fn ks(c: &mut Criterion) {
    let (a, b) = (sample(10_000, 0.0, 1), sample(9_999, 0.01, 2));
    let sorted = |v: &[f64]| {
        let mut v = v.to_vec();
        v.sort_unstable_by(f64::total_cmp);
        v
    };
    let (sa, sb) = (sorted(&a), sorted(&b));
    c.bench_function("statistic of sorted 10 000 and 9 999", |bench| {
        bench.iter(|| distance(black_box(&sa), black_box(&sb)));
    });
    c.bench_function("sorted 10 000 and 9 999, exact", |bench| {
        bench.iter(|| ks_sorted(black_box(&sa), black_box(&sb), KsMethod::Exact));
    });
    c.bench_function("sorted 10 000 and 9 999, asymptotic", |bench| {
        bench.iter(|| ks_sorted(black_box(&sa), black_box(&sb), KsMethod::Asymptotic));
    });
    c.bench_function("unsorted 10 000 and 9 999, exact", |bench| {
        bench.iter(|| ks_two_sample(black_box(&a), black_box(&b), KsMethod::Exact));
    });
    let (far, same) = (sorted(&sample(9_999, 0.6, 3)), sorted(&sample(10_000, 0.01, 4)));
    c.bench_function("sorted 10 000 and 9 999, exact, statistic 0.6", |bench| {
        bench.iter(|| ks_sorted(black_box(&sa), black_box(&far), KsMethod::Exact));
    });
    c.bench_function("sorted 10 000 and 10 000, exact", |bench| {
        bench.iter(|| ks_sorted(black_box(&sa), black_box(&same), KsMethod::Exact));
    });
}

criterion_group!(benches, ks);
criterion_main!(benches);
