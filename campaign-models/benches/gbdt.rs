//! Training and prediction time on a small table.

#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::hint::black_box;

use campaign_core::Model;
use campaign_models::{GbdtConfig, Objective};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

mod data;
use data::ROWS;

fn gbdt(criterion: &mut Criterion) {
    let data = data::made_up();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let config = GbdtConfig::new(Objective::Logistic).with_trees(50);
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
