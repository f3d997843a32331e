//! Training and prediction time. The data are those of tests/reference/lightgbm_time.py.

#![allow(missing_docs)]

use std::hint::black_box;

use campaign_core::ndarray::Array2;
use campaign_core::{Column, Dataset, Model};
use campaign_models::{GbdtConfig, Loss};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

const ROWS: usize = 100_000;
const COLUMNS: usize = 20;

/// SplitMix64 (Steele, Lea & Flood 2014), short enough to stand in the Python script too.
fn uniforms(n: usize) -> Vec<f64> {
    (1..=n as u64)
        .map(|i| {
            let mut z = i.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        })
        .collect()
}

fn data() -> Dataset {
    let u = uniforms(ROWS * (COLUMNS + 1));
    let x = Array2::from_shape_fn((ROWS, COLUMNS), |(r, c)| u[r * COLUMNS + c]);
    let target = x.rows().into_iter().zip(&u[ROWS * COLUMNS..]).map(|(row, noise)| {
        let score = 2.0 * (6.0 * row[0]).sin() + 3.0 * row[1] * row[2] - row[3] - 0.5;
        f64::from(*noise < 1.0 / (1.0 + (-score).exp()))
    });
    let target = target.collect();
    let columns = (0..COLUMNS).map(|c| Column::numeric(format!("x{c:02}"))).collect();
    Dataset::new(columns, x).and_then(|d| d.with_target(target)).expect("made-up data are sound")
}

fn gbdt(criterion: &mut Criterion) {
    let data = data();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let config = GbdtConfig::new(Loss::Logistic).with_trees(50);
    let mut group = criterion.benchmark_group("gbdt");
    group.sample_size(10);
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        group.bench_function(format!("train 100k x 20, 50 trees, {threads} threads"), |bencher| {
            bencher.iter(|| pool.install(|| config.fit(&data, None, &mut rng).map(black_box)));
        });
    }
    let model = config.fit(&data, None, &mut rng).expect("made-up data are sound");
    let mut out = vec![0.0; ROWS];
    group.throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("predict 100k rows, 50 trees", |bencher| {
        bencher.iter(|| model.predict_into(data.features(), black_box(&mut out)));
    });
    group.throughput(Throughput::Elements(1));
    let features = data.features();
    let row = features.row(17).to_vec();
    group.bench_function("predict one row, 50 trees", |bencher| {
        bencher.iter(|| model.predict_row(black_box(&row)));
    });
    group.finish();
}

criterion_group!(benches, gbdt);
criterion_main!(benches);
