//! CPU seconds of training and prediction on one thread, which a busy machine disturbs less than
//! wall time. Prints what tests/reference/lightgbm_time.py prints. Linux only: elsewhere it says so.

#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use campaign_core::Model;
use campaign_models::{GbdtConfig, Loss, Metric};
use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

mod data;

const RUNS: usize = 7;

/// User and system time of this process, in the kernel's hundredths of a second.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |i: usize| fields.get(i)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / 100.0)
}

fn report(what: &str, seconds: &[f64]) {
    let best = seconds.iter().copied().fold(f64::INFINITY, f64::min);
    let all: Vec<String> = seconds.iter().map(|s| format!("{s:.3}")).collect();
    println!("{what} best {best:.3} {}", all.join(" "));
}

fn main() {
    if cpu_seconds().is_none() {
        println!("no /proc/self/stat here: nothing measured");
        return;
    }
    let now = || cpu_seconds().unwrap_or(f64::NAN);
    let data = data::made_up();
    let config = GbdtConfig::new(Loss::Logistic).with_trees(50);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    let mut out = vec![0.0; data.n_rows()];
    let (mut train, mut predict) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        let start = now();
        let model = pool.install(|| config.fit(&data, None, &mut rng)).expect("sound data");
        train.push(now() - start);
        let start = now();
        // Ten times, for the clock is coarse.
        for _ in 0..10 {
            model.predict_into(data.features(), &mut out).expect("matching shapes");
        }
        predict.push((now() - start) / 10.0);
    }
    let target = data.target().unwrap_or_default();
    let loss = Metric::LogLoss.evaluate(target, &out, None).expect("probabilities");
    println!("campaign-models, training log-loss {loss:.5}");
    report("train s  ", &train);
    report("predict s", &predict);
}
