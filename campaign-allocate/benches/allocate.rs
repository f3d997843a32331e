//! Cold solves of the nested LP, and bandit choices.

#![allow(clippy::unwrap_used, clippy::panic, clippy::needless_range_loop)]
#![allow(missing_docs)]

use std::hint::black_box;

use campaign_allocate::{BetaThompson, FrozenPolicy, NestedLp, Ucb1};
use campaign_core::rand::{RngExt, SeedableRng};
use campaign_core::{
    Allocator, Arm, Bandit, Budget, Context, Feedback, Groups, Problem, Response, Status,
};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rand_xoshiro::Xoshiro256PlusPlus;

/// `n` channels of `n` cells, log-normal responses, one cell in ten with a lower bound, floors and caps on all
/// channels, half of the caps as budget.
fn nested(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("nested_lp_cold");
    for n in [10_usize, 100, 300] {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
        let cells = n * n;
        let mut normal = || {
            let (u, v): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
            (-2.0 * u.ln()).sqrt() * (core::f64::consts::TAU * v).cos()
        };
        let roas: Vec<f64> = (0..cells).map(|_| (0.5 + 0.6 * normal()).exp()).collect();
        let upper: Vec<f64> = (0..cells).map(|_| 50.0 + 450.0 * rng.random::<f64>()).collect();
        let lower: Vec<f64> =
            upper.iter().map(|u| if rng.random::<f64>() < 0.1 { 0.05 * u } else { 0.0 }).collect();
        let sum = |v: &[f64], g: usize| v[g * n..(g + 1) * n].iter().sum::<f64>();
        let cap: Vec<f64> =
            (0..n).map(|g| sum(&upper, g) * (0.3 + 0.4 * rng.random::<f64>())).collect();
        let floor: Vec<f64> =
            (0..n).map(|g| sum(&lower, g).max(cap[g] * 0.2 * rng.random::<f64>())).collect();
        let offsets: Vec<u32> = (0..=n).map(|g| (g * n) as u32).collect();
        let members: Vec<u32> = (0..cells as u32).collect();
        let groups = Groups::new(&offsets, &members, &floor, &cap).unwrap();
        let budget = Budget::AtMost(0.5 * cap.iter().sum::<f64>());
        let problem =
            Problem::new(budget, &lower, &upper, Response::Linear(&roas)).with_groups(groups);
        let mut solver = NestedLp::with_capacity(cells, n);
        let mut spend = vec![0.0; cells];
        assert_eq!(solver.allocate(&problem, &mut spend).unwrap().status, Status::Optimal);
        group.bench_function(BenchmarkId::from_parameter(cells), |bencher| {
            bencher.iter(|| solver.allocate(black_box(&problem), &mut spend).unwrap());
        });
    }
}

fn trained(bandit: &mut dyn Bandit) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(11);
    for round in 0..100 * bandit.n_arms() {
        let arm = Arm((round % bandit.n_arms()) as u32);
        let reward =
            f64::from(u8::from(rng.random::<f64>() < 0.02 + 0.1 / (1.0 + f64::from(arm.0))));
        bandit.update(&Feedback::new(arm, reward)).unwrap();
    }
}

fn bandits(criterion: &mut Criterion) {
    for k in [10, 100] {
        let mut thompson = BetaThompson::new(k, 1.0, 1.0).unwrap();
        let mut ucb = Ucb1::new(k).unwrap();
        for (name, bandit) in [("thompson", &mut thompson as &mut dyn Bandit), ("ucb1", &mut ucb)] {
            trained(bandit);
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
            let mut scratch = bandit.scratch();
            criterion.bench_function(&format!("{name}_select/{k}"), |bencher| {
                bencher.iter(|| bandit.select(&Context::none(), &mut rng, &mut scratch).unwrap());
            });
            let mut p = vec![0.0; k];
            bandit.probabilities_into(&Context::none(), &mut scratch, &mut p).unwrap();
            criterion.bench_function(&format!("{name}_law/{k}"), |bencher| {
                bencher.iter(|| {
                    bandit.probabilities_into(&Context::none(), &mut scratch, &mut p).unwrap();
                });
            });
            let policy = FrozenPolicy::new(&p).unwrap();
            criterion.bench_function(&format!("{name}_frozen_choose/{k}"), |bencher| {
                bencher.iter(|| policy.choose(&mut rng).unwrap());
            });
        }
    }
}

criterion_group!(benches, nested, bandits);
criterion_main!(benches);
