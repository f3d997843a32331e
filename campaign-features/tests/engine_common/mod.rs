//! Random sources and requests with restatements, and the Parquet files of them.

#![allow(dead_code, reason = "each test binary uses its part")]

use std::path::Path;

use campaign_core::rand::Rng;
use campaign_features::engine::arrow::{request_batches, source_batches, write_parquet};
use campaign_features::engine::datafusion::ParquetInput;
use campaign_features::feature::FeatureTable;
use campaign_features::feature::source::{Requests, Row, Sources, SourcesBuilder, Unit};
use campaign_features::feature::spec::FeatureSpec;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

/// The first day of any event.
pub(crate) const FIRST: i32 = 20_000;
const DAY: i64 = 86_400_000_000;

pub(crate) struct Case {
    pub(crate) sources: Sources,
    pub(crate) requests: Requests,
}

/// A number below `n`.
pub(crate) fn below(rng: &mut Xoshiro256PlusPlus, n: u64) -> u64 {
    rng.next_u64() % n
}

/// Facts of `ads` ads over `days` days, a third of them restated, known late, or taken back.
pub(crate) fn random(seed: u64, ads: u64, days: u64, requests: usize) -> Case {
    let rng = &mut Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut builder = SourcesBuilder::new(["ad", "channel"]).unwrap();
    let measures = [("spend", Unit::Millionth), ("clicks", Unit::Count)];
    builder.source("ads", &["ad", "channel"], &measures, &["format"]).unwrap();
    builder.source("orders", &["channel"], &[("revenue", Unit::Millionth)], &[]).unwrap();
    let channels = ["search", "social", "display"];
    let mut pushed = 0;
    for ad in 0..ads {
        let name = format!("ad {ad:03}");
        let channel = channels[(ad % 3) as usize];
        for day in 0..days {
            if below(rng, 4) == 0 {
                continue;
            }
            for version in 0..1 + below(rng, 3) {
                let day = FIRST + day as i32;
                let late = below(rng, 6) as i64;
                let known_at = i64::from(day) * DAY + late * DAY + version as i64 * DAY / 2 + 17;
                let spend = (below(rng, 9) > 0).then(|| below(rng, 90_000_000) as i64 - 1_000_000);
                let clicks = (below(rng, 9) > 0).then(|| below(rng, 50) as i64);
                let format = [None, Some("video"), Some("image")][below(rng, 3) as usize];
                let fact = format!("{}", below(rng, 2));
                // Two versions of one instant cannot be told apart.
                pushed += 1;
                let known_at = known_at + pushed;
                let row = Row {
                    keys: &[Some(&name), (below(rng, 30) > 0).then_some(channel)],
                    day,
                    known_at,
                    fact: Some(&fact),
                    measures: &[spend, clicks],
                    attributes: &[format],
                };
                builder.get("ads").unwrap().push(&row).unwrap();
            }
        }
    }
    for order in 0..ads * 3 {
        let day = FIRST + below(rng, days) as i32;
        let row = Row {
            keys: &[Some(channels[below(rng, 3) as usize])],
            day,
            known_at: i64::from(day) * DAY + below(rng, 3) as i64 * DAY + order as i64,
            fact: None,
            measures: &[Some(below(rng, 80_000_000) as i64)],
            attributes: &[],
        };
        builder.get("orders").unwrap().push(&row).unwrap();
    }
    let sources = builder.finish().unwrap();
    let mut asked = sources.requests();
    for _ in 0..requests {
        let ad = sources.key(0, &format!("ad {:03}", below(rng, ads + 1)));
        let channel = sources.key(1, channels[below(rng, 3) as usize]);
        let day = FIRST + below(rng, days + 5) as i32;
        let cutoff = i64::from(day) * DAY + (below(rng, 7) as i64 - 3) * DAY;
        asked.push(&[ad, channel], day, cutoff).unwrap();
    }
    Case { sources, requests: asked }
}

/// Sums, a lagged frame, lags, a mean, a rate, a share, an attribute and the calendar.
pub(crate) fn spec() -> FeatureSpec {
    let aggregate = |entity: &str, source: &str, statistic: &str, measure: &str, window: &str| {
        format!(
            "[[features]]\nkind = \"aggregate\"\nentity = \"{entity}\"\nsource = \"{source}\"\n\
             statistic = \"{statistic}\"\nmeasure = \"{measure}\"\nwindow = \"{window}\"\n"
        )
    };
    let mut text = String::new();
    for (entity, source, statistic, measure, window) in [
        ("ad", "ads", "sum", "spend", "7d"),
        ("ad", "ads", "sum", "clicks", "28d"),
        ("ad", "ads", "sum", "spend", "8to14d"),
        ("ad", "ads", "sum", "spend", "lag1"),
        ("ad", "ads", "mean", "clicks", "14d"),
        ("ad", "ads", "max", "spend", "14d"),
        ("channel", "ads", "sum", "spend", "7d"),
        ("channel", "orders", "sum", "revenue", "ever"),
    ] {
        text += &aggregate(entity, source, statistic, measure, window);
    }
    text += "[[features]]\nkind = \"rate\"\nentity = \"ad\"\nsource = \"ads\"\n\
             numerator = \"clicks\"\ndenominator = \"spend\"\nwindow = \"14d\"\nprior = 0.3\n\
             strength = 10.1\n";
    text += "[[features]]\nkind = \"share\"\nentity = \"ad\"\nof = \"channel\"\nsource = \"ads\"\n\
             measure = \"spend\"\nwindow = \"7d\"\n";
    text += "[[features]]\nkind = \"latest\"\nentity = \"ad\"\nsource = \"ads\"\n\
             attribute = \"format\"\n";
    text += "[[features]]\nkind = \"calendar\"\nfield = \"month\"\n";
    FeatureSpec::from_toml(&text).unwrap()
}

/// Writes the tables of a case, the first source in several files.
pub(crate) fn files(case: &Case, dir: &Path) -> ParquetInput {
    let requests = dir.join("requests.parquet");
    write_parquet(&requests, request_batches(&case.sources, &case.requests, 1000).unwrap())
        .unwrap();
    let mut input = ParquetInput::new([requests.to_str().unwrap()]);
    for source in &case.sources.sources {
        let mut names = Vec::new();
        let rows = source.len().div_ceil(3).max(1);
        for (n, batch) in source_batches(&case.sources, source, rows).unwrap().enumerate() {
            let path = dir.join(format!("{}-{n}.parquet", source.name));
            write_parquet(&path, [batch]).unwrap();
            names.push(path.to_str().unwrap().to_owned());
        }
        input = input.with_source(&source.name, names);
    }
    input
}

/// Fails unless both tables hold the same bits, row by row; all NaN are one missing.
pub(crate) fn assert_same(expected: &FeatureTable, got: &FeatureTable) {
    assert_eq!(expected.columns(), got.columns());
    assert_eq!(expected.n_rows(), got.n_rows());
    let bits = |v: &f64| if v.is_nan() { f64::NAN.to_bits() } else { v.to_bits() };
    let rows = expected.values().rows().into_iter().zip(got.values().rows());
    for (row, (a, b)) in rows.enumerate() {
        for (c, (a, b)) in a.iter().zip(b).enumerate() {
            let name = &expected.columns()[c].name;
            assert_eq!(bits(a), bits(b), "row {row}, {name}: {a} against {b}");
        }
        for kind in 0..expected.kinds().len() {
            // A name of which nothing is known has no code among the sources.
            if let Some(key) = expected.key(kind, row) {
                assert_eq!(Some(key), got.key(kind, row), "row {row}");
            }
        }
    }
}
