//! Random versions of random facts, and the features of a request by the plainest scan there is: for
//! every request and column, look at every version again. Shares no code with the library but the
//! spec's types.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use campaign_core::rand::RngExt;
use campaign_features::feature::plan::{Days, Window};
use campaign_features::feature::source::{Requests, Row, Sources, SourcesBuilder, Unit};
use campaign_features::feature::spec::{
    Aggregate, Definition, Feature, FeatureSpec, Schema, Statistic,
};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

pub const ADS: [&str; 4] = ["a1", "a2", "a3", "a4"];
pub const CHANNELS: [&str; 2] = ["tv", "web"];
pub const FORMATS: [&str; 3] = ["image", "text", "video"];
pub const DAY: i64 = 86_400_000_000;
pub const FIRST: i32 = 20_000;
pub const SPAN: i32 = 24;

/// One version of one fact.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    pub source: &'static str,
    pub ad: &'static str,
    pub channel: &'static str,
    pub day: i32,
    pub known_at: i64,
    /// `None` is a fact of its own.
    pub fact: Option<&'static str>,
    /// Spend or revenue, and clicks or units.
    pub measures: [Option<i64>; 2],
    pub format: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ask {
    pub ad: &'static str,
    pub channel: &'static str,
    pub day: i32,
    pub cutoff: i64,
}

pub fn rng(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

fn pick<T: Copy>(from: &[T], rng: &mut Xoshiro256PlusPlus) -> T {
    from[rng.random_range(0..from.len())]
}

pub fn version(rng: &mut Xoshiro256PlusPlus) -> Version {
    let source = pick(&["ads", "ads", "orders"], rng);
    let day = FIRST + rng.random_range(0..SPAN);
    // Mostly at whole days, so that many versions become known at the very instant of a cut-off;
    // some before the day, some weeks after it.
    let known_at = match rng.random_range(0..4) {
        0 => i64::from(day + 1) * DAY,
        1 => i64::from(day + rng.random_range(-2..30)) * DAY,
        _ => i64::from(day) * DAY + rng.random_range(0..12) * (DAY / 4),
    };
    let amount = |rng: &mut Xoshiro256PlusPlus| match rng.random_range(0..8) {
        0 => None,
        1 => Some(0),
        2 => Some(-rng.random_range(1..4_000_000)),
        3 => Some(rng.random_range(0..1_i64 << 50)),
        _ => Some(rng.random_range(0..90_000_000)),
    };
    let fact = if source == "orders" { None } else { Some(pick(&["x", "y"], rng)) };
    Version {
        source,
        ad: pick(&ADS, rng),
        channel: pick(&CHANNELS, rng),
        day,
        known_at,
        fact,
        measures: [amount(rng), amount(rng)],
        format: pick(&[None, Some(FORMATS[0]), Some(FORMATS[1]), Some(FORMATS[2])], rng),
    }
}

/// Versions of which no two of one fact became known at one instant.
pub fn versions(seed: u64, most: usize) -> Vec<Version> {
    let rng = &mut rng(seed);
    let n = rng.random_range(0..=most);
    let mut all: Vec<Version> = (0..n).map(|_| version(rng)).collect();
    without_ties(&mut all);
    all
}

pub fn without_ties(all: &mut Vec<Version>) {
    let mut seen = BTreeSet::new();
    all.retain(|v| v.fact.is_none() || seen.insert((v.source, v.ad, v.day, v.fact, v.known_at)));
}

pub fn asks(seed: u64) -> Vec<Ask> {
    let rng = &mut rng(seed ^ 0xa5);
    let n = rng.random_range(0..60);
    let mut out = Vec::new();
    for _ in 0..n {
        let day = FIRST + rng.random_range(-2..SPAN + 8);
        let cutoff = match rng.random_range(0..4) {
            0 => i64::from(day + rng.random_range(-5..40)) * DAY,
            1 => i64::from(day) * DAY - 1,
            _ => i64::from(day) * DAY,
        };
        let ad = pick(&["a1", "a2", "a3", "a4", "stranger"], rng);
        out.push(Ask { ad, channel: pick(&CHANNELS, rng), day, cutoff });
    }
    out
}

pub fn sources(versions: &[Version]) -> Sources {
    let mut builder = SourcesBuilder::new(["ad", "channel"]).unwrap();
    for (name, measures) in [
        ("ads", [("spend", Unit::Millionth), ("clicks", Unit::Count)]),
        ("orders", [("revenue", Unit::Millionth), ("units", Unit::Count)]),
    ] {
        builder.source(name, &["ad", "channel"], &measures, &["format"]).unwrap();
    }
    for v in versions {
        let source = builder.get(v.source).unwrap();
        source
            .push(&Row {
                keys: &[Some(v.ad), Some(v.channel)],
                day: v.day,
                known_at: v.known_at,
                fact: v.fact,
                measures: &v.measures,
                attributes: &[v.format],
            })
            .unwrap();
    }
    builder.finish().unwrap()
}

/// All formats in the vocabulary, whatever occurs.
pub fn schema(sources: &Sources) -> Schema {
    sources.schema()
}

pub fn requests(sources: &Sources, asks: &[Ask]) -> Requests {
    let mut requests = sources.requests();
    for ask in asks {
        let keys = [sources.key(0, ask.ad), sources.key(1, ask.channel)];
        requests.push(&keys, ask.day, ask.cutoff).unwrap();
    }
    requests
}

/// Every statistic over several windows, of both entity kinds and both sources.
pub fn spec(ttl: Option<u16>) -> FeatureSpec {
    let windows = [Window::trailing(3), Window::trailing(9), Window::lag(1), Window::between(2, 6)];
    let mut features: Vec<Feature> = Vec::new();
    for (entity, source, measure, other) in [
        ("ad", "ads", "spend", "clicks"),
        ("ad", "orders", "revenue", "units"),
        ("channel", "ads", "clicks", "spend"),
    ] {
        for window in windows {
            for days in [Days::Reporting, Days::All] {
                for statistic in [
                    Statistic::Mean,
                    Statistic::Min,
                    Statistic::Max,
                    Statistic::Std,
                    Statistic::StdPopulation,
                    Statistic::Trend,
                    Statistic::Ewma { half_life: 2.5 },
                ] {
                    let one = Aggregate::new(entity, source, statistic, measure, window);
                    features.push(one.with_days(days).into());
                }
            }
            for statistic in [
                Statistic::Sum,
                Statistic::Count,
                Statistic::Last,
                Statistic::ActiveDays,
                Statistic::DaysSince,
                Statistic::SinceEvent { event: other.into() },
            ] {
                features.push(Aggregate::new(entity, source, statistic, measure, window).into());
            }
            features.push(Aggregate::facts(entity, source, window).into());
            let filtered = Aggregate::new(entity, source, Statistic::Sum, measure, window);
            features.push(filtered.with_filter("format", "video").into());
            features.push(
                Definition::Rate {
                    entity: entity.into(),
                    source: source.into(),
                    numerator: measure.into(),
                    denominator: other.into(),
                    window,
                    prior: 0.25,
                    strength: 10.0,
                }
                .into(),
            );
            features.push(
                Definition::Distinct {
                    entity: entity.into(),
                    source: source.into(),
                    attribute: "format".into(),
                    window,
                    most: 3,
                }
                .into(),
            );
        }
        for statistic in [Statistic::Sum, Statistic::Count] {
            features.push(Aggregate::new(entity, source, statistic, measure, Window::EVER).into());
        }
        features.push(
            Definition::Age {
                entity: entity.into(),
                source: source.into(),
                measure: measure.into(),
            }
            .into(),
        );
        for window in [Window::EVER, Window::trailing(4)] {
            features.push(
                Definition::Latest {
                    entity: entity.into(),
                    source: source.into(),
                    attribute: "format".into(),
                    window,
                }
                .into(),
            );
        }
    }
    features.push(
        Definition::Share {
            entity: "ad".into(),
            of: "channel".into(),
            source: "ads".into(),
            measure: "spend".into(),
            window: Window::trailing(7),
        }
        .into(),
    );
    let mut spec = FeatureSpec::new(features);
    spec.ttl = ttl;
    spec
}

/// Which versions a request sees. The honest one is [`honest`]; the others leak.
pub type Sees = fn(&Version, &Ask) -> bool;

pub fn honest(v: &Version, ask: &Ask) -> bool {
    v.day < ask.day && v.known_at <= ask.cutoff
}

pub fn ignores_known_at(v: &Version, ask: &Ask) -> bool {
    v.day < ask.day
}

pub fn takes_the_day(v: &Version, ask: &Ask) -> bool {
    v.day <= ask.day && v.known_at <= ask.cutoff
}

/// Takes what became known within the first hour after the cut-off.
pub fn an_hour_late(v: &Version, ask: &Ask) -> bool {
    v.day < ask.day && v.known_at <= ask.cutoff + DAY / 24
}

/// Bits of a number, or the name of a level; every NaN alike.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Number(u64),
    Level(String),
    Missing,
}

pub fn number(value: f64) -> Cell {
    if value.is_nan() { Cell::Missing } else { Cell::Number(value.to_bits()) }
}

struct View {
    /// Latest versions of the facts of the entity.
    current: Vec<Version>,
    /// All versions of the entity's facts while they were the entity's.
    seen: Vec<Version>,
    ask: Ask,
    ttl: Option<u16>,
}

/// One request, by scanning everything.
pub fn naive(all: &[Version], spec: &FeatureSpec, ask: &Ask, sees: Sees) -> Vec<Cell> {
    spec.features.iter().map(|f| cell(all, &f.definition, spec.ttl, ask, sees)).collect()
}

fn view(
    all: &[Version],
    entity: &str,
    source: &str,
    ttl: Option<u16>,
    ask: &Ask,
    sees: Sees,
) -> View {
    let in_time = |v: &&Version| {
        v.source == source
            && sees(v, ask)
            && ttl.is_none_or(|ttl| v.day >= ask.day - i32::from(ttl))
    };
    let seen: Vec<&Version> = all.iter().filter(in_time).collect();
    let mine = |v: &Version| match entity {
        "ad" => v.ad == ask.ad,
        _ => v.channel == ask.channel,
    };
    let mut latest: BTreeMap<(&str, i32, &str), &Version> = BTreeMap::new();
    let mut current: Vec<Version> = Vec::new();
    for &v in &seen {
        match v.fact {
            None => current.push(v.clone()),
            Some(fact) => {
                let slot = latest.entry((v.ad, v.day, fact)).or_insert(v);
                if v.known_at > slot.known_at {
                    *slot = v;
                }
            }
        }
    }
    current.extend(latest.into_values().cloned());
    current.retain(|v| mine(v));
    let seen = seen.into_iter().filter(|v| mine(v)).cloned().collect();
    View { current, seen, ask: *ask, ttl }
}

/// What is known of one day: total and how many facts report.
type Totals = BTreeMap<i32, (i128, u32)>;

impl View {
    fn frame(&self, window: Window) -> (i32, i32) {
        let furthest = match (window.furthest(), self.ttl) {
            (Some(far), Some(ttl)) => i32::from(far.min(ttl)),
            (Some(far), None) => i32::from(far),
            (None, Some(ttl)) => i32::from(ttl),
            (None, None) => 1_000,
        };
        (self.ask.day - furthest, self.ask.day - i32::from(window.nearest()))
    }

    /// `None` counts facts.
    fn totals(&self, measure: Option<usize>, format: Option<&str>) -> Totals {
        let mut out = Totals::new();
        for v in &self.current {
            if format.is_some_and(|f| v.format != Some(f)) {
                continue;
            }
            let value = match measure {
                None => Some(1),
                Some(m) => v.measures[m],
            };
            if let Some(value) = value {
                let day = out.entry(v.day).or_default();
                day.0 += i128::from(value);
                day.1 += 1;
            }
        }
        out
    }
}

fn place(measure: &str) -> (usize, f64) {
    match measure {
        "spend" | "revenue" => (0, 1e6),
        _ => (1, 1.0),
    }
}

fn sum(view: &View, totals: &Totals, window: Window, unit: f64) -> f64 {
    let (from, to) = view.frame(window);
    let total: i128 = totals.range(from..=to).map(|(_, t)| t.0).sum();
    let known = if from == to { totals.contains_key(&from) } else { !totals.is_empty() };
    if known { total as f64 / unit } else { f64::NAN }
}

fn cell(all: &[Version], d: &Definition, ttl: Option<u16>, ask: &Ask, sees: Sees) -> Cell {
    let look = |entity: &str, source: &str| view(all, entity, source, ttl, ask, sees);
    match d {
        Definition::Aggregate(a) => {
            let value = aggregate(&look(&a.entity, &a.source), a);
            let value = a.saturation.map_or(value, |curve| curve.value(value));
            number(if value.is_finite() { value } else { f64::NAN })
        }
        Definition::Rate { entity, source, numerator, denominator, window, prior, strength } => {
            let view = look(entity, source);
            let of = |measure: &str| {
                let (m, unit) = place(measure);
                sum(&view, &view.totals(Some(m), None), *window, unit)
            };
            let rate = (of(numerator) + prior * strength) / (of(denominator) + strength);
            number(if rate.is_finite() { rate } else { f64::NAN })
        }
        Definition::Share { entity, of, source, measure, window } => {
            let (m, unit) = place(measure);
            let part = |entity: &str| {
                let view = look(entity, source);
                sum(&view, &view.totals(Some(m), None), *window, unit)
            };
            let share = part(entity) / part(of);
            number(if share.is_finite() { share } else { f64::NAN })
        }
        Definition::Distinct { entity, source, window, .. } => {
            let view = look(entity, source);
            let (from, to) = view.frame(*window);
            let inside = view.current.iter().filter(|v| (from..=to).contains(&v.day));
            let formats: BTreeSet<&str> = inside.filter_map(|v| v.format).collect();
            number(formats.len() as f64)
        }
        Definition::Age { entity, source, measure } if ttl.is_some() => {
            let view = look(entity, source);
            let totals = view.totals(Some(place(measure).0), None);
            let (from, to) = view.frame(Window::EVER);
            let first = totals.range(from..=to).find(|(_, total)| total.0 > 0);
            number(first.map_or(f64::NAN, |(day, _)| f64::from(ask.day - day)))
        }
        Definition::Age { entity, source, measure } => {
            // Growth is looked for over all versions as they became known; a version with another
            // format, or of another entity, begins anew.
            let (m, _) = place(measure);
            let mut seen: Vec<&Version> =
                all.iter().filter(|v| v.source == &**source && sees(v, ask)).collect();
            seen.sort_by_key(|v| v.known_at);
            let mine = |v: &Version| match &**entity {
                "ad" => v.ad == ask.ad,
                _ => v.channel == ask.channel,
            };
            let mut held: BTreeMap<(&str, i32, &str), &Version> = BTreeMap::new();
            let mut first: Option<i32> = None;
            for v in seen {
                let before = v.fact.and_then(|fact| held.insert((v.ad, v.day, fact), v));
                let before = before.filter(|b| b.format == v.format && mine(b));
                let grown =
                    v.measures[m].unwrap_or(0) > before.map_or(0, |b| b.measures[m].unwrap_or(0));
                if mine(v) && grown {
                    first = Some(first.map_or(v.day, |f| f.min(v.day)));
                }
            }
            number(first.map_or(f64::NAN, |f| f64::from(ask.day - f)))
        }
        Definition::Latest { entity, source, window, .. } => {
            let view = look(entity, source);
            let (from, _) = view.frame(*window);
            let stated = view.seen.iter().filter(|v| v.format.is_some());
            let last = stated.max_by_key(|v| (v.day, v.known_at, v.format));
            match last.filter(|v| v.day >= from).and_then(|v| v.format) {
                Some(format) => Cell::Level(format.to_owned()),
                None => Cell::Missing,
            }
        }
        _ => panic!("no oracle for {d:?}"),
    }
}

fn aggregate(view: &View, a: &Aggregate) -> f64 {
    let (m, unit) = a.measure.as_deref().map_or((None, 1.0), |measure| {
        let (m, unit) = place(measure);
        (Some(m), unit)
    });
    let format = a.filter.as_ref().map(|f| &*f.value);
    let totals = view.totals(m, format);
    let (from, to) = view.frame(a.window);
    let inside = || totals.range(from..=to);
    let known = if from == to { totals.contains_key(&from) } else { !totals.is_empty() };
    // Carry-over runs over all days.
    let all = matches!(a.statistic, Statistic::Adstock(_) | Statistic::Matured { .. });
    // The days that count, in order.
    let days: Vec<(i32, i128)> = match if all { Days::All } else { a.days } {
        Days::All if known => {
            (from.max(to - 2000)..=to).map(|d| (d, totals.get(&d).map_or(0, |t| t.0))).collect()
        }
        Days::All => Vec::new(),
        _ => inside().map(|(d, t)| (*d, t.0)).collect(),
    };
    let n = days.len() as f64;
    match &a.statistic {
        Statistic::Sum => sum(view, &totals, a.window, unit),
        Statistic::Count => f64::from(inside().map(|(_, t)| t.1).sum::<u32>()),
        Statistic::Mean if days.is_empty() => f64::NAN,
        Statistic::Mean => {
            let total: i128 = inside().map(|(_, t)| t.0).sum();
            total as f64 / unit / n
        }
        Statistic::Min => days.iter().map(|d| d.1).min().map_or(f64::NAN, |v| v as f64 / unit),
        Statistic::Max => days.iter().map(|d| d.1).max().map_or(f64::NAN, |v| v as f64 / unit),
        Statistic::Std | Statistic::StdPopulation => {
            let mean = days.iter().map(|d| d.1).sum::<i128>() as f64 / n;
            let squares = days.iter().fold(0.0, |s, d| s + (d.1 as f64 - mean).powi(2));
            let freedom = if a.statistic == Statistic::Std { n - 1.0 } else { n };
            if freedom < 1.0 { f64::NAN } else { (squares / freedom).sqrt() / unit }
        }
        Statistic::Trend => {
            let x = |d: i32| f64::from(d - to);
            let mid = days.iter().map(|d| i64::from(d.0 - to)).sum::<i64>() as f64 / n;
            let mean = days.iter().map(|d| d.1).sum::<i128>() as f64 / n;
            let with = days.iter().fold(0.0, |s, d| s + (x(d.0) - mid) * (d.1 as f64 - mean));
            let own = days.iter().fold(0.0, |s, d| s + (x(d.0) - mid) * (x(d.0) - mid));
            if days.len() < 2 { f64::NAN } else { with / own / unit }
        }
        Statistic::Ewma { half_life } => {
            let weight = |d: i32| (-f64::from(to - d) / half_life).exp2();
            let sum = days.iter().fold(0.0, |s, d| s + weight(d.0) * (d.1 as f64 / unit));
            let all = days.iter().fold(0.0, |s, d| s + weight(d.0));
            if days.is_empty() { f64::NAN } else { sum / all }
        }
        Statistic::Adstock(adstock) => {
            let weights = adstock.weights(usize::from(a.window.furthest().unwrap())).unwrap();
            let weight = |d: i32| weights[(to - d) as usize];
            let sum = days.iter().fold(0.0, |s, d| s + weight(d.0) * (d.1 as f64 / unit));
            if known { sum } else { f64::NAN }
        }
        Statistic::Matured { shares, least } => {
            let share = |d: i32| shares.get((view.ask.day - d) as usize).copied().unwrap_or(1.0);
            let weight = |d: i32| if share(d) < *least { f64::NAN } else { 1.0 / share(d) };
            let sum = days.iter().fold(0.0, |s, d| s + weight(d.0) * (d.1 as f64 / unit));
            if known { sum } else { f64::NAN }
        }
        Statistic::Last => inside().last().map_or(f64::NAN, |(_, t)| t.0 as f64 / unit),
        Statistic::ActiveDays => inside().filter(|(_, t)| t.0 != 0).count() as f64,
        Statistic::DaysSince => {
            let last = inside().rev().find(|(_, t)| t.0 != 0);
            last.map_or(f64::NAN, |(d, _)| f64::from(view.ask.day - d))
        }
        Statistic::SinceEvent { event } => {
            let events = view.totals(Some(place(event).0), format);
            let last = events.range(from..=to).rev().find(|(_, t)| t.0 != 0);
            match last {
                Some((&day, _)) if known => {
                    totals.range(day..=to).map(|(_, t)| t.0).sum::<i128>() as f64 / unit
                }
                _ => f64::NAN,
            }
        }
        other => panic!("no oracle for {other:?}"),
    }
}
