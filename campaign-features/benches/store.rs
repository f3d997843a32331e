//! The online store: an update per window, a row of 50 features, a restart.
//!
//! `cargo bench -p campaign-features --bench store`. Times are CPU times of the one thread that works, so
//! that what else runs on the machine does not count (disk waits do not either).

use std::array::from_fn;
use std::hint::black_box;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use campaign_features::feature::plan::{Plan, Window};
use campaign_features::feature::source::Unit;
use campaign_features::feature::spec::{
    Aggregate, Feature, FeatureSpec, MeasureSchema, Schema, SourceSchema, Statistic,
};
use campaign_features::store::{DirectoryStore, Event, OnlineStore, StoreConfig, Sync};
use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};

/// CPU time of the calling thread, where the system tells.
struct CpuTime;

impl Measurement for CpuTime {
    type Intermediate = Duration;
    type Value = Duration;

    fn start(&self) -> Duration {
        let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
        let spent = stat.split(' ').next().and_then(|spent| spent.parse().ok());
        Duration::from_nanos(spent.unwrap_or_default())
    }

    fn end(&self, start: Duration) -> Duration {
        self.start().saturating_sub(start)
    }

    fn add(&self, a: &Duration, b: &Duration) -> Duration {
        *a + *b
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        WallTime.to_f64(value)
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        WallTime.formatter()
    }
}

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const TODAY: i32 = 20_000;
const MEASURES: [&str; 5] = ["spend", "impressions", "clicks", "conversions", "revenue"];
/// So many that their states, 32 to 60 MB, are in no cache; events are of any of them.
const KEYS: u32 = 20_000;
/// In a directory, where the disk decides.
const FEW_KEYS: u32 = 2000;
/// Days of history before the clock starts.
const HISTORY: u64 = 31;

/// So many trailing windows of each of the five measures.
fn plan(windows: &[u16]) -> Outcome<Arc<Plan>> {
    let measures =
        MEASURES.iter().map(|name| MeasureSchema { name: (*name).into(), unit: Unit::Millionth });
    let source = SourceSchema {
        name: "ads".into(),
        kinds: vec!["ad".into()],
        measures: measures.collect(),
        attributes: Vec::new(),
    };
    let schema = Schema { kinds: vec!["ad".into()], sources: vec![source] };
    let mut features: Vec<Feature> = Vec::new();
    for days in windows {
        for measure in MEASURES {
            let window = Window::trailing(*days);
            features.push(Aggregate::new("ad", "ads", Statistic::Sum, measure, window).into());
        }
    }
    Ok(Arc::new(FeatureSpec::new(features).compile(&schema)?))
}

const TEN: [u16; 10] = [1, 2, 3, 5, 7, 10, 14, 21, 28, 30];

fn config() -> StoreConfig {
    StoreConfig::new(TODAY).with_keys(KEYS as usize).with_open_facts(1 << 21)
}

fn filled(windows: &[u16]) -> Outcome<OnlineStore> {
    let mut store = OnlineStore::new(plan(windows)?, config())?;
    for n in 0..KEYS {
        store.insert_key(0, &format!("ad-{n}"))?;
    }
    for fact in 0..u64::from(KEYS) * HISTORY {
        store.update(&event(fact, &[key(fact, KEYS)], HISTORY))?;
    }
    Ok(store)
}

fn mixed(fact: u64) -> u64 {
    let product = u128::from(fact ^ 0x2545_f491_4f6c_dd1d) * 0x9e37_79b9_7f4a_7c15;
    (product >> 64) as u64 ^ product as u64
}

/// Every key equally often, in no order.
fn key(fact: u64, keys: u32) -> u32 {
    (((mixed(fact) >> 32) * u64::from(keys)) >> 32) as u32
}

fn event(fact: u64, keys: &[u32; 1], days: u64) -> Event<'_> {
    let n = mixed(fact);
    Event {
        source: 0,
        keys,
        day: TODAY - (n / 2 % days) as i32,
        known_at: fact as i64,
        fact,
        stands: true,
        // One of two sets of numbers: what they are does not matter here.
        measures: if n.is_multiple_of(2) { &[9, 8, 7, 6, 5] } else { &[1, 2, 3, 4, i64::MIN] },
        attributes: &[],
    }
}

const BATCH: u64 = 64;

/// Tells the facts after `first`, one by one or in batches.
fn tell(store: &mut OnlineStore, first: u64, facts: u64, days: u64, batched: bool) {
    if batched {
        for first in (first..first + facts).step_by(BATCH as usize) {
            let keys: [_; BATCH as usize] = from_fn(|i| [key(first + i as u64, KEYS)]);
            let events: [_; BATCH as usize] = from_fn(|i| event(first + i as u64, &keys[i], days));
            store.update_all(&events, |_, applied| {
                let _ = black_box(applied);
            });
        }
    } else {
        for fact in first..first + facts {
            let _ = black_box(store.update(&event(fact, &[key(fact, KEYS)], days)));
        }
    }
}

/// New facts of today and of the last days, and later versions of facts, one after the other on a store
/// that has been running; a store whose open facts are full makes room for the next outside the clock.
fn updates(c: &mut Criterion<CpuTime>) -> Outcome<()> {
    for (name, windows, days) in [
        ("update, 10 windows x 5 measures, events of today", &TEN[..], 1),
        ("update, 10 windows x 5 measures, events of the last 7 days", &TEN[..], 7),
        ("update, 1 window x 5 measures, events of today", &TEN[4..5], 1),
    ] {
        let full = filled(windows)?;
        let mut group = c.benchmark_group("store");
        group.throughput(Throughput::Elements(1)).sample_size(20);
        // The kernel accounts for a running thread every few milliseconds: a sample has to be longer.
        group.sampling_mode(SamplingMode::Flat);
        let (mut store, mut next) = (full.clone(), 1 << 40);
        for batched in [false, true] {
            let name = format!("{name}{}", if batched { ", in batches of 64" } else { "" });
            group.bench_function(name, |b| {
                b.iter_custom(|updates| {
                    let mut spent = Duration::ZERO;
                    let mut left = updates.next_multiple_of(BATCH);
                    while left > 0 {
                        let room =
                            (config().open_facts - store.open_facts()) as u64 / BATCH * BATCH;
                        if room == 0 {
                            store = full.clone();
                            continue;
                        }
                        let now = left.min(room);
                        let start = CpuTime.start();
                        tell(&mut store, next, now, days, batched);
                        spent += CpuTime.end(start);
                        (next, left) = (next + now, left - now);
                    }
                    spent.mul_f64(updates as f64 / updates.next_multiple_of(BATCH) as f64)
                });
            });
        }
        let mut version = 1 << 41;
        group.bench_function(format!("{name}, restated"), |b| {
            b.iter(|| {
                version += 1;
                let fact = mixed(version) % (u64::from(KEYS) * HISTORY);
                let keys = [key(fact, KEYS)];
                let told = event(fact, &keys, days);
                let _ = black_box(store.update(&Event { known_at: version as i64, ..told }));
            });
        });
    }
    Ok(())
}

fn rows(c: &mut Criterion<CpuTime>) -> Outcome<()> {
    let store = filled(&TEN)?;
    let mut scratch = store.scratch();
    let mut out = vec![0.0; store.plan().columns().len()];
    let mut key = 0;
    let mut group = c.benchmark_group("store");
    group.sampling_mode(SamplingMode::Flat).sample_size(20);
    group.bench_function("row of 50 features", |b| {
        b.iter(|| {
            key = (key + 7919) % KEYS;
            let _ = store.row_into(&[key], TODAY, &mut scratch, black_box(&mut out));
        });
    });
    let names: Vec<String> = (0..KEYS).map(|n| format!("ad-{n}")).collect();
    group.bench_function("row of 50 features by name", |b| {
        b.iter(|| {
            key = (key + 7919) % KEYS;
            let code = store.key(0, &names[key as usize]).unwrap_or(Event::NO_KEY);
            let _ = store.row_into(&[code], TODAY, &mut scratch, black_box(&mut out));
        });
    });
    let locked = RwLock::new(store.clone());
    group.bench_function("row of 50 features behind a read-write lock", |b| {
        b.iter(|| {
            key = (key + 7919) % KEYS;
            if let Ok(store) = locked.read() {
                let _ = store.row_into(&[key], TODAY, &mut scratch, black_box(&mut out));
            }
        });
    });
    group.finish();
    Ok(())
}

fn directory(c: &mut Criterion<CpuTime>) -> Outcome<()> {
    let mut group = c.benchmark_group("store/directory");
    group.sample_size(10);
    for (name, policy, n) in [
        ("update, flushed always", Sync::Always, 20_u64),
        ("update, flushed every 1,000", Sync::Every(1000), 10_000),
        ("update, never flushed", Sync::Never, 10_000),
    ] {
        let dir = tempfile::tempdir()?;
        let config = config().with_open_facts(1 << 22);
        let (mut store, _) = DirectoryStore::open(dir.path(), plan(&TEN)?, config, policy)?;
        for k in 0..FEW_KEYS {
            store.insert_key(0, &format!("ad-{k}"))?;
        }
        let mut next = 1 << 40;
        group.throughput(Throughput::Elements(n));
        group.bench_function(name, |b| {
            b.iter(|| {
                for _ in 0..n {
                    next += 1;
                    let keys = [key(next, FEW_KEYS)];
                    let _ = black_box(store.update(&event(next, &keys, 1)));
                }
            });
        });
    }
    // 2,000 keys, 100,000 events in the log; then in the snapshot.
    let dir = tempfile::tempdir()?;
    let open = || {
        DirectoryStore::open(dir.path(), plan(&TEN)?, config(), Sync::Never)
            .map_err(Box::<dyn std::error::Error>::from)
    };
    let (mut store, _) = open()?;
    for k in 0..FEW_KEYS {
        store.insert_key(0, &format!("ad-{k}"))?;
    }
    for i in 0..100_000 {
        store.update(&event(i, &[key(i, FEW_KEYS)], 30))?;
    }
    drop(store);
    group.throughput(Throughput::Elements(100_000));
    group.bench_function("open, 100,000 events in the log", |b| {
        b.iter(|| black_box(open().is_ok()))
    });
    open()?.0.compact()?;
    group.bench_function("open, 100,000 events in the snapshot", |b| {
        b.iter(|| black_box(open().is_ok()));
    });
    let (mut store, _) = open()?;
    group.bench_function("compact, 2,000 keys and 100,000 facts", |b| {
        b.iter(|| black_box(store.compact().is_ok()));
    });
    Ok(())
}

fn all(c: &mut Criterion<CpuTime>) {
    for result in [updates(c), rows(c), directory(c)] {
        if let Err(error) = result {
            eprintln!("{error}");
        }
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = all
}
criterion_main!(benches);
