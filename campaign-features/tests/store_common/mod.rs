//! Random logs with restatements, late data and duplicates, and the offline table as the oracle.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]
#![allow(dead_code, reason = "every test binary uses another part")]

use std::sync::Arc;

use campaign_features::feature::plan::{
    EntityEvents, EntityRequests, Plan, ReplayScratch, Window, replay,
};
use campaign_features::feature::source::{
    Columns, MeasureColumn, NOT_REPORTED, Source, Sources, Unit,
};
use campaign_features::feature::spec::{
    Adstock, Aggregate, AttributeSchema, Definition, Feature, FeatureSpec, MeasureSchema, Schema,
    SourceSchema, Statistic,
};
use campaign_features::store::{Event, OnlineStore, StoreConfig};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::Rng;

pub(crate) const TODAY: i32 = 20_060;
pub(crate) const FIRST: i32 = 20_000;
pub(crate) const ADS: u32 = 6;
pub(crate) const KINDS: [&str; 3] = ["ad", "campaign", "channel"];

/// An event that owns its slices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) source: u32,
    pub(crate) keys: Vec<u32>,
    pub(crate) day: i32,
    pub(crate) known_at: i64,
    pub(crate) fact: u64,
    pub(crate) stands: bool,
    pub(crate) measures: Vec<i64>,
    pub(crate) attributes: Vec<u32>,
}

impl Told {
    pub(crate) fn event(&self) -> Event<'_> {
        Event {
            source: self.source,
            keys: &self.keys,
            day: self.day,
            known_at: self.known_at,
            fact: self.fact,
            stands: self.stands,
            measures: &self.measures,
            attributes: &self.attributes,
        }
    }
}

pub(crate) fn schema() -> Schema {
    let names = |names: &[&str]| names.iter().map(|n| Arc::from(*n)).collect::<Vec<Arc<str>>>();
    let measures = |list: &[(&str, Unit)]| {
        list.iter()
            .map(|(name, unit)| MeasureSchema { name: (*name).into(), unit: *unit })
            .collect()
    };
    Schema {
        kinds: names(&KINDS),
        sources: vec![
            SourceSchema {
                name: "ads".into(),
                kinds: names(&KINDS),
                measures: measures(&[
                    ("spend", Unit::Millionth),
                    ("impressions", Unit::Count),
                    ("clicks", Unit::Count),
                ]),
                attributes: vec![AttributeSchema {
                    name: "format".into(),
                    vocabulary: names(&["image", "text", "video"]),
                    sensitive: false,
                }],
            },
            SourceSchema {
                name: "orders".into(),
                kinds: names(&KINDS[..2]),
                measures: measures(&[("revenue", Unit::Millionth)]),
                attributes: Vec::new(),
            },
        ],
    }
}

fn of(entity: &str, source: &str, statistic: Statistic, measure: &str, window: Window) -> Feature {
    Aggregate::new(entity, source, statistic, measure, window).into()
}

/// About fifty columns: every statistic, three kinds of entities, two sources, and what needs no lane.
pub(crate) fn spec() -> FeatureSpec {
    let mut features: Vec<Feature> = Vec::new();
    for entity in KINDS {
        for days in [1, 7, 28] {
            let window = Window::trailing(days);
            for measure in ["spend", "impressions", "clicks"] {
                features.push(of(entity, "ads", Statistic::Sum, measure, window));
            }
        }
    }
    for entity in &KINDS[..2] {
        for window in [Window::trailing(7), Window::lag(1), Window::between(8, 14), Window::EVER] {
            features.push(of(entity, "orders", Statistic::Sum, "revenue", window));
        }
    }
    let week = Window::trailing(7);
    let fortnight = Window::trailing(14);
    for statistic in [
        Statistic::Count,
        Statistic::Mean,
        Statistic::Min,
        Statistic::Max,
        Statistic::Std,
        Statistic::StdPopulation,
        Statistic::Trend,
        Statistic::Ewma { half_life: 3.0 },
        Statistic::Adstock(Adstock::Geometric { theta: 0.5 }),
        Statistic::Last,
        Statistic::ActiveDays,
        Statistic::DaysSince,
        Statistic::SinceEvent { event: "clicks".into() },
    ] {
        features.push(of("ad", "ads", statistic, "spend", fortnight));
    }
    let (ad, ads) = (Arc::<str>::from("ad"), Arc::<str>::from("ads"));
    for definition in [
        Definition::Rate {
            entity: Arc::clone(&ad),
            source: Arc::clone(&ads),
            numerator: "clicks".into(),
            denominator: "impressions".into(),
            window: week,
            prior: 0.02,
            strength: 100.0,
        },
        Definition::Share {
            entity: Arc::clone(&ad),
            of: "channel".into(),
            source: Arc::clone(&ads),
            measure: "spend".into(),
            window: week,
        },
        Definition::Latest {
            entity: Arc::clone(&ad),
            source: Arc::clone(&ads),
            attribute: "format".into(),
            window: Window::EVER,
        },
        Definition::Distinct {
            entity: "channel".into(),
            source: Arc::clone(&ads),
            attribute: "format".into(),
            window: week,
            most: 3,
        },
        Definition::Age { entity: ad, source: ads, measure: "spend".into() },
        Definition::AdDay,
        Definition::Fourier { period: 7.0, order: 1, cosine: false },
    ] {
        features.push(definition.into());
    }
    FeatureSpec::new(features)
}

pub(crate) fn plan() -> Arc<Plan> {
    Arc::new(spec().compile(&schema()).expect("the spec is valid"))
}

pub(crate) fn config() -> StoreConfig {
    StoreConfig::new(TODAY)
        .with_keys(16)
        .with_open_facts(4096)
        .with_late_days(400)
        .with_read_back(64)
        .with_days_ahead(30)
}

/// The names of all keys, in the order of their codes.
pub(crate) fn key_names() -> Vec<(usize, String)> {
    let count = [ADS, 3, 2];
    KINDS
        .iter()
        .enumerate()
        .flat_map(|(kind, name)| (0..count[kind]).map(move |n| (kind, format!("{name}-{n}"))))
        .collect()
}

pub(crate) fn store() -> OnlineStore {
    let mut store = OnlineStore::new(plan(), config()).expect("the capacities are small");
    for (kind, name) in key_names() {
        store.insert_key(kind, &name).expect("there is room");
    }
    store
}

pub(crate) fn keys_of(ad: u32) -> [u32; 3] {
    [ad, ad % 3, ad % 2]
}

fn below(rng: &mut Xoshiro256PlusPlus, n: u64) -> u64 {
    rng.next_u64() % n
}

/// Facts of random ads and days, each with one to four versions: other values, sometimes another day,
/// another format, or withdrawn. Some are told twice. In no particular order.
pub(crate) fn random_log(rng: &mut Xoshiro256PlusPlus, facts: u64) -> Vec<Told> {
    let mut log = Vec::new();
    for fact in 0..facts {
        let source = below(rng, 3) as u32 / 2;
        let ad = below(rng, u64::from(ADS)) as u32;
        let mut keys = keys_of(ad).to_vec();
        if source == 1 {
            keys[2] = Event::NO_KEY;
        }
        let mut day = FIRST + below(rng, 55) as i32;
        let mut known_at = i64::from(day) * 1000 + below(rng, 8000) as i64;
        let mut format = below(rng, 4) as u32;
        for _ in 0..=below(rng, 4) {
            if below(rng, 10) == 0 {
                day = (day + below(rng, 5) as i32 - 2).clamp(FIRST, TODAY);
            }
            if below(rng, 10) == 0 {
                format = below(rng, 4) as u32;
            }
            let stands = below(rng, 12) != 0;
            let mut value = |most: u64| {
                if below(rng, 6) == 0 { NOT_REPORTED } else { below(rng, most) as i64 }
            };
            let measures = match source {
                0 => vec![value(50_000_000), value(10_000), value(300)],
                _ => vec![value(90_000_000)],
            };
            let attributes = match source {
                0 => vec![if format == 3 { u32::MAX } else { format }],
                _ => Vec::new(),
            };
            let told = Told {
                source,
                keys: keys.clone(),
                day,
                known_at,
                fact,
                stands,
                measures,
                attributes,
            };
            if below(rng, 8) == 0 {
                log.push(told.clone());
            }
            log.push(told);
            known_at += 1 + below(rng, 9000) as i64;
        }
    }
    shuffle(rng, &mut log);
    log
}

pub(crate) fn shuffle<T>(rng: &mut Xoshiro256PlusPlus, items: &mut [T]) {
    for i in (1..items.len()).rev() {
        items.swap(i, below(rng, i as u64 + 1) as usize);
    }
}

/// One source's rows of one entity.
#[derive(Default)]
struct Mine {
    day: Vec<i32>,
    known_at: Vec<i64>,
    fact: Vec<u64>,
    stands: Vec<bool>,
    measures: Vec<Vec<i64>>,
    attributes: Vec<Vec<u32>>,
}

/// What the offline engines make of a log: one row per request `(keys, day)` at one cut-off.
pub(crate) fn offline(
    plan: &Plan,
    log: &[Told],
    requests: &[([u32; 3], i32)],
    cutoff: i64,
) -> Vec<Vec<f64>> {
    let mut reads: Vec<Vec<Vec<f64>>> = requests.iter().map(|_| Vec::new()).collect();
    let mut scratch = ReplayScratch::new();
    for entity in plan.entities() {
        let entity = entity.with_days(256);
        for (at, (keys, day)) in requests.iter().enumerate() {
            let key = keys[entity.kind()];
            let mut sources: Vec<Mine> = Vec::new();
            for (s, schema) in plan.schema().sources.iter().enumerate() {
                let mut mine = Mine {
                    measures: vec![Vec::new(); schema.measures.len()],
                    attributes: vec![Vec::new(); schema.attributes.len()],
                    ..Mine::default()
                };
                for told in log {
                    if told.source as usize != s
                        || told.keys[entity.kind()] != key
                        || key == Event::NO_KEY
                    {
                        continue;
                    }
                    mine.day.push(told.day);
                    mine.known_at.push(told.known_at);
                    mine.fact.push(told.fact);
                    mine.stands.push(told.stands);
                    for (column, value) in mine.measures.iter_mut().zip(&told.measures) {
                        column.push(*value);
                    }
                    for (column, code) in mine.attributes.iter_mut().zip(&told.attributes) {
                        column.push(*code);
                    }
                }
                sources.push(mine);
            }
            let columns: Vec<Columns<'_>> = (sources.iter())
                .map(|mine| Columns {
                    day: &mine.day,
                    known_at: &mine.known_at,
                    fact: &mine.fact,
                    stands: Some(&mine.stands),
                    measures: mine.measures.iter().map(Vec::as_slice).collect(),
                    attributes: mine.attributes.iter().map(Vec::as_slice).collect(),
                })
                .collect();
            let rows: Vec<_> = sources.iter().map(|mine| 0..mine.day.len()).collect();
            let events = EntityEvents { sources: &columns, rows: &rows };
            let asked = EntityRequests { day: &[*day], cutoff: &[cutoff] };
            let mut out = vec![0.0; entity.n_reads()];
            replay(&entity, &events, &asked, &mut scratch, &mut out).expect("the log is valid");
            reads[at].push(out);
        }
    }
    (requests.iter().zip(&reads))
        .map(|((_, day), reads)| {
            let mut dated = vec![0.0; plan.n_dated()];
            plan.dated_into(*day, &mut dated);
            let reads: Vec<&[f64]> = reads.iter().map(Vec::as_slice).collect();
            let mut out = vec![0.0; plan.columns().len()];
            plan.assemble(&reads, &dated, &mut out).expect("the shapes are the plan's");
            out
        })
        .collect()
}

/// The store's rows for the same requests.
pub(crate) fn online(store: &OnlineStore, requests: &[([u32; 3], i32)]) -> Vec<Vec<f64>> {
    let mut scratch = store.scratch();
    (requests.iter())
        .map(|(keys, day)| {
            let mut out = vec![0.0; store.plan().columns().len()];
            store.row_into(keys, *day, &mut scratch, &mut out).expect("the day is held");
            out
        })
        .collect()
}

/// Every ad, and one of which nothing is known, on some days.
pub(crate) fn requests(days: &[i32]) -> Vec<([u32; 3], i32)> {
    let ads = (0..ADS).map(keys_of).chain([[Event::NO_KEY; 3], [0, Event::NO_KEY, 1]]);
    ads.flat_map(|keys| days.iter().map(move |day| (keys, *day))).collect()
}

/// Bit by bit; the first difference by name.
pub(crate) fn assert_same(plan: &Plan, got: &[Vec<f64>], expected: &[Vec<f64>]) {
    assert_eq!(got.len(), expected.len());
    for (row, (a, b)) in got.iter().zip(expected).enumerate() {
        for (column, (x, y)) in a.iter().zip(b).enumerate() {
            let same = x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan());
            let name = &plan.columns()[column].name;
            assert!(same, "row {row}, column {name}: {x} online, {y} offline");
        }
    }
}

/// The same log in columns, for the engines.
pub(crate) fn sources(log: &[Told]) -> Sources {
    let schema = schema();
    let mut names: Vec<Vec<Arc<str>>> = vec![Vec::new(); KINDS.len()];
    for (kind, name) in key_names() {
        names[kind].push(name.into());
    }
    let of = |(s, schema): (usize, &SourceSchema)| {
        let rows: Vec<&Told> = log.iter().filter(|told| told.source as usize == s).collect();
        let keys = (0..KINDS.len()).map(|kind| {
            if schema.kinds.len() <= kind {
                return Vec::new();
            }
            rows.iter().map(|told| told.keys[kind]).collect()
        });
        Source {
            name: Arc::clone(&schema.name),
            keys: keys.collect(),
            day: rows.iter().map(|told| told.day).collect(),
            known_at: rows.iter().map(|told| told.known_at).collect(),
            fact: rows.iter().map(|told| told.fact).collect(),
            stands: rows.iter().map(|told| told.stands).collect(),
            measure_names: (schema.measures.iter())
                .map(|m| MeasureColumn { name: Arc::clone(&m.name), unit: m.unit })
                .collect(),
            measures: (0..schema.measures.len())
                .map(|m| rows.iter().map(|told| told.measures[m]).collect())
                .collect(),
            attribute_names: schema.attributes.iter().map(|a| Arc::clone(&a.name)).collect(),
            attributes: (0..schema.attributes.len())
                .map(|a| rows.iter().map(|told| told.attributes[a]).collect())
                .collect(),
            vocabularies: schema.attributes.iter().map(|a| a.vocabulary.clone()).collect(),
            sensitive: Vec::new(),
        }
    };
    let sources = schema.sources.iter().enumerate().map(of).collect();
    Sources { kinds: schema.kinds.clone(), names, sources }
}
