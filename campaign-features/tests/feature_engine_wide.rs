//! 400 features over ten sources in one plan, every statistic among them, against the scan over all
//! versions and online.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "feature_engine/market.rs"]
mod market;
#[path = "feature_engine/online.rs"]
mod online;

use campaign_core::rand::RngExt;
use campaign_features::engine::local;
use campaign_features::feature::plan::{Days, Window};
use campaign_features::feature::source::{Row, Sources, SourcesBuilder, Unit};
use campaign_features::feature::spec::{
    Adstock, Aggregate, Definition, Feature, FeatureSpec, Saturation, Statistic,
};
use market::{Ask, Cell, Version, asks, honest, naive, requests, versions};

const SOURCES: [&str; 10] = ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9"];

/// The market's versions, dealt to ten sources.
fn dealt(seed: u64) -> Vec<Version> {
    let rng = &mut market::rng(seed ^ 0x77);
    let mut all: Vec<Version> = (0..4).flat_map(|part| versions(seed ^ part, 160)).collect();
    for version in &mut all {
        version.source = SOURCES[rng.random_range(0..10_usize)];
    }
    market::without_ties(&mut all);
    all
}

fn sources(all: &[Version]) -> Sources {
    let mut builder = SourcesBuilder::new(["ad", "channel"]).unwrap();
    let measures = [("spend", Unit::Millionth), ("clicks", Unit::Count)];
    for name in SOURCES {
        builder.source(name, &["ad", "channel"], &measures, &["format"]).unwrap();
    }
    for v in all {
        let row = Row {
            keys: &[Some(v.ad), Some(v.channel)],
            day: v.day,
            known_at: v.known_at,
            fact: v.fact,
            measures: &v.measures,
            attributes: &[v.format],
        };
        builder.get(v.source).unwrap().push(&row).unwrap();
    }
    builder.finish().unwrap()
}

fn statistics() -> Vec<Statistic> {
    vec![
        Statistic::Sum,
        Statistic::Count,
        Statistic::Mean,
        Statistic::Min,
        Statistic::Max,
        Statistic::Std,
        Statistic::StdPopulation,
        Statistic::Trend,
        Statistic::Ewma { half_life: 2.5 },
        Statistic::Adstock(Adstock::Geometric { theta: 0.6 }),
        Statistic::Adstock(Adstock::WeibullCdf { shape: 0.8, scale: 0.4 }),
        Statistic::Adstock(Adstock::WeibullPdf { shape: 2.0, scale: 0.3 }),
        Statistic::Matured { shares: vec![0.0, 0.25, 0.5, 0.75], least: 0.5 },
        Statistic::Last,
        Statistic::ActiveDays,
        Statistic::DaysSince,
        Statistic::SinceEvent { event: "clicks".into() },
    ]
}

fn forty(source: &str, entity: &str, days: Days) -> Vec<Feature> {
    let (e, s) = (|| entity.into(), || source.into());
    let mut features: Vec<Feature> = Vec::new();
    for window in [Window::trailing(5), Window::trailing(13)] {
        for statistic in statistics() {
            let one = Aggregate::new(entity, source, statistic, "spend", window).with_days(days);
            features.push(one.into());
        }
    }
    let hill = Saturation::Hill { alpha: 1.5, half: 40.0 };
    let lagged = Aggregate::new(entity, source, Statistic::Sum, "clicks", Window::between(2, 8));
    features.push(lagged.clone().with_filter("format", "video").into());
    let spent = Aggregate::new(entity, source, Statistic::Mean, "spend", Window::trailing(9));
    features.push(spent.with_saturation(hill).into());
    features.push(
        Definition::Rate {
            entity: e(),
            source: s(),
            numerator: "clicks".into(),
            denominator: "spend".into(),
            window: Window::trailing(9),
            prior: 0.25,
            strength: 10.0,
        }
        .into(),
    );
    features.push(
        Definition::Share {
            entity: "ad".into(),
            of: "channel".into(),
            source: s(),
            measure: "spend".into(),
            window: Window::trailing(9),
        }
        .into(),
    );
    features.push(
        Definition::Distinct {
            entity: e(),
            source: s(),
            attribute: "format".into(),
            window: Window::trailing(9),
            most: 3,
        }
        .into(),
    );
    features.push(Definition::Age { entity: e(), source: s(), measure: "clicks".into() }.into());
    features
}

fn spec(ttl: Option<u16>) -> FeatureSpec {
    let each = |(i, source): (usize, &&'static str)| {
        let entity = if i % 2 == 0 { "ad" } else { "channel" };
        forty(source, entity, if i % 4 < 2 { Days::Reporting } else { Days::All })
    };
    let mut spec = FeatureSpec::new(SOURCES.iter().enumerate().flat_map(each).collect::<Vec<_>>());
    spec.ttl = ttl;
    spec
}

fn cells(values: impl IntoIterator<Item = f64>) -> Vec<Cell> {
    values.into_iter().map(market::number).collect()
}

#[test]
fn equal_to_the_scan_and_online() {
    for (seed, ttl) in [(1, None), (2, Some(20)), (3, None), (4, Some(13))] {
        let spec = spec(ttl);
        assert_eq!((spec.features.len(), spec.names().count()), (400, 400));
        let all = dealt(seed);
        let sources = sources(&all);
        let plan = spec.compile(&sources.schema()).unwrap();
        let asks: Vec<Ask> = asks(seed).into_iter().chain(asks(seed ^ 9)).take(40).collect();
        let table = local::run(&plan, &sources, requests(&sources, &asks)).unwrap();
        for (row, ask) in asks.iter().enumerate() {
            let expected = naive(&all, &spec, ask, honest);
            let got = cells(table.values().row(row).iter().copied());
            for ((got, expected), name) in got.iter().zip(expected).zip(spec.names()) {
                assert_eq!(*got, expected, "{name} at {ask:?}, seed {seed}");
            }
        }
        // A store knows one instant: the cut-off at the end of all days.
        let today = market::FIRST + market::SPAN + 4;
        let end = i64::from(today) * market::DAY;
        let mut now = sources.requests();
        for ad in 0..sources.names[0].len() as u32 {
            now.push(&[ad, ad % 2], today, end).unwrap();
        }
        let table = local::run(&plan, &sources, &now).unwrap();
        let store = online::store(&plan, &sources, today, end);
        for row in 0..table.n_rows() {
            online::assert_same_row(&store, &table, row);
        }
        assert!(table.values().iter().filter(|v| !v.is_nan()).count() > 800);
    }
}
