//! The online store: an update per window, a row of 50 features, a restart.
//!
//! `cargo bench -p campaign-features --bench store`. Times are CPU times of the one thread that works, so
//! that what else runs on the machine does not count (disk waits do not either).

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
const KEYS: u32 = 2000;

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
    for i in 0..u64::from(KEYS) * 60 {
        store.update(&event(i, &[(i % u64::from(KEYS)) as u32], 60))?;
    }
    Ok(store)
}

fn event(fact: u64, keys: &[u32; 1], days: u64) -> Event<'_> {
    let n = fact.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Event {
        source: 0,
        keys,
        day: TODAY - (fact / u64::from(KEYS) % days) as i32,
        known_at: fact as i64,
        fact,
        stands: true,
        // One set of numbers for all: what they are does not matter here.
        measures: if n.is_multiple_of(2) { &[9, 8, 7, 6, 5] } else { &[1, 2, 3, 4, i64::MIN] },
        attributes: &[],
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
        let (mut store, mut next) = (full.clone(), 1 << 40);
        group.bench_function(name, |b| {
            b.iter_custom(|updates| {
                let mut spent = Duration::ZERO;
                let mut left = updates;
                while left > 0 {
                    let room = config().open_facts - store.open_facts();
                    if room == 0 {
                        store = full.clone();
                        continue;
                    }
                    let now = left.min(room as u64);
                    let start = CpuTime.start();
                    for _ in 0..now {
                        next += 1;
                        let keys = [(next % u64::from(KEYS)) as u32];
                        let _ = black_box(store.update(&event(next, &keys, days)));
                    }
                    spent += CpuTime.end(start);
                    left -= now;
                }
                spent
            });
        });
        let mut version = 1 << 41;
        group.bench_function(format!("{name}, restated"), |b| {
            let mut i = 0;
            b.iter(|| {
                (version, i) = (version + 1, (i + 1) % (u64::from(KEYS) * 60));
                let keys = [(i % u64::from(KEYS)) as u32];
                let _ =
                    black_box(store.update(&Event { known_at: version, ..event(i, &keys, days) }));
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
    // The kernel accounts for a running thread every few milliseconds: a sample has to be longer.
    group.sampling_mode(SamplingMode::Flat).sample_size(20);
    group.bench_function("row of 50 features", |b| {
        b.iter(|| {
            key = (key + 7) % KEYS;
            let _ = store.row_into(&[key], TODAY, &mut scratch, black_box(&mut out));
        });
    });
    let names: Vec<String> = (0..KEYS).map(|n| format!("ad-{n}")).collect();
    group.bench_function("row of 50 features by name", |b| {
        b.iter(|| {
            key = (key + 7) % KEYS;
            let code = store.key(0, &names[key as usize]).unwrap_or(Event::NO_KEY);
            let _ = store.row_into(&[code], TODAY, &mut scratch, black_box(&mut out));
        });
    });
    let locked = RwLock::new(store.clone());
    group.bench_function("row of 50 features behind a read-write lock", |b| {
        b.iter(|| {
            key = (key + 7) % KEYS;
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
        for k in 0..KEYS {
            store.insert_key(0, &format!("ad-{k}"))?;
        }
        let mut next = 1 << 40;
        group.throughput(Throughput::Elements(n));
        group.bench_function(name, |b| {
            b.iter(|| {
                for _ in 0..n {
                    next += 1;
                    let keys = [(next % u64::from(KEYS)) as u32];
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
    for k in 0..KEYS {
        store.insert_key(0, &format!("ad-{k}"))?;
    }
    for i in 0..100_000 {
        store.update(&event(i, &[(i % u64::from(KEYS)) as u32], 30))?;
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
