//! Time of the comparisons. `cargo bench -p campaign-experiments`.
#![allow(missing_docs)]

use std::hint::black_box;

use campaign_experiments::bayes::{lift_quantile, probability_greater};
use campaign_experiments::{Beta, Comparison, DecisionRule, LookSchedule, Null, false_accept_rate};
use criterion::{Criterion, criterion_group, criterion_main};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

fn beta(a: f64, b: f64) -> Beta {
    Beta::new(a, b).unwrap_or(Beta::uniform())
}

fn compare(c: &mut Criterion) {
    let small = (beta(31.0, 971.0), beta(46.0, 956.0));
    let huge = (beta(2_000_001.0, 98_000_001.0), beta(2_003_001.0, 97_997_001.0));
    for (name, (a, b)) in [("1e3", small), ("1e8", huge)] {
        c.bench_function(&format!("P(B > A), {name} trials"), |bench| {
            bench.iter(|| probability_greater(black_box(&b), black_box(&a)));
        });
        c.bench_function(&format!("95 % interval, {name} trials"), |bench| {
            bench.iter(|| black_box(&a).interval(0.95));
        });
        c.bench_function(&format!("median lift, {name} trials"), |bench| {
            bench.iter(|| lift_quantile(black_box(&b), black_box(&a), 0.5));
        });
    }
    let ten: Vec<Beta> = (0..10).map(|k| beta(60.0 + f64::from(k), 2940.0)).collect();
    c.bench_function("P(best) and loss of 10 arms", |bench| {
        bench.iter(|| Comparison::new(black_box(&ten)));
    });
    let rule = DecisionRule::new(LookSchedule::daily(14)).with_control(0);
    c.bench_function("false-accept rate, 2 arms, 14 looks, 1000 simulations", |bench| {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        bench.iter(|| false_accept_rate(&rule, Null::new(2, 0.05, 1000), 1000, &mut rng));
    });
}

criterion_group!(benches, compare);
criterion_main!(benches);
