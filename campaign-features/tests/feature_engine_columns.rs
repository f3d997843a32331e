//! Columns of texts, values, caps, days and shares through the engine and online, and statistics against
//! reference numbers.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "feature_engine/market.rs"]
mod market;
#[path = "feature_engine/online.rs"]
mod online;

use std::path::Path;

use campaign_core::rand::RngExt;
use campaign_features::engine::local;
use campaign_features::feature::plan::{Days, Window, day_number};
use campaign_features::feature::source::{NONE, Row, Sources, SourcesBuilder, Unit};
use campaign_features::feature::spec::{
    Aggregate, Definition, Feature, FeatureSpec, Guess, Statistic,
};
use campaign_features::feature::transform::cap::Exposures;
use campaign_features::feature::transform::creative::{Format, Language};
use campaign_features::feature::{CalendarField, FeatureTable, Holidays, TextField};
use jiff::ToSpan;
use jiff::civil::date;
use market::{ADS, CHANNELS, DAY};
use proptest::prelude::*;

const TEXTS: [&str; 4] = ["Nike 90", "20%!", "Jetzt für dich und auch für mich", "🎉 video 7"];

/// One statement: when, known when, which text, impressions and people.
type Said = (i32, i64, Option<usize>, [Option<i64>; 2]);

fn sources(said: &[Said]) -> Sources {
    let mut builder = SourcesBuilder::new(["ad"]).unwrap();
    let measures = [("impressions", Unit::Count), ("people", Unit::Count)];
    let ads = builder.source("ads", &["ad"], &measures, &["text"]).unwrap();
    for (day, known_at, text, measures) in said {
        let attributes = &[text.map(|text| TEXTS[text])];
        let (day, known_at) = (*day, *known_at);
        let keys = &[Some("1")];
        ads.push(&Row { keys, day, known_at, fact: None, measures, attributes }).unwrap();
    }
    builder.finish().unwrap()
}

fn spec() -> FeatureSpec {
    let text = |field: TextField| Definition::Text {
        entity: "ad".into(),
        source: "ads".into(),
        attribute: "text".into(),
        field,
    };
    let encoded = |name: &str, other| {
        let values = [(TEXTS[0].into(), 0.5), (TEXTS[2].into(), -1.0)].into();
        Feature::named(
            name,
            Definition::Encoded {
                entity: "ad".into(),
                source: "ads".into(),
                attribute: "text".into(),
                values,
                other,
            },
        )
    };
    let mut features: Vec<Feature> = TextField::ALL.into_iter().map(|f| text(f).into()).collect();
    for guess in [Guess::Language, Guess::Format] {
        features.push(
            Definition::Guessed {
                entity: "ad".into(),
                source: "ads".into(),
                attribute: "text".into(),
                guess,
            }
            .into(),
        );
    }
    features.push(encoded("encoded", None));
    features.push(encoded("encoded_or", Some(7.0)));
    features.push(
        Definition::FrequencyCap {
            entity: "ad".into(),
            source: "ads".into(),
            impressions: "impressions".into(),
            people: "people".into(),
            window: Window::lag(1),
            cap: 3,
            shape: 0.8,
        }
        .into(),
    );
    FeatureSpec::new(features)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn texts_values_and_caps(seed in any::<u64>()) {
        let rng = &mut market::rng(seed);
        let said: Vec<Said> = (0..rng.random_range(0..12)).map(|_| {
            let day = rng.random_range(0..6);
            let known = i64::from(day) + rng.random_range(0..4);
            let count = |rng: &mut rand_xoshiro::Xoshiro256PlusPlus| match rng.random_range(0..5) {
                0 => None,
                n => Some(n * rng.random_range(0..40)),
            };
            let text = Some(rng.random_range(0..5_usize)).filter(|text| *text < TEXTS.len());
            (day, known, text, [count(rng), count(rng)])
        }).collect();
        let sources = sources(&said);
        let plan = spec().compile(&sources.schema()).unwrap();
        let mut requests = sources.requests();
        for day in 1..9 {
            requests.push(&[sources.key(0, "1")], day, i64::from(day)).unwrap();
        }
        let table = local::run(&plan, &sources, &requests).unwrap();
        for (row, day) in (1..9).enumerate() {
            let seen = || said.iter().filter(|s| s.0 < day && s.1 <= i64::from(day));
            // Of two texts of one day and instant the later in the order of names.
            let text = seen().filter_map(|s| Some((s.0, s.1, TEXTS[s.2?]))).max().map(|s| s.2);
            let mut expected: Vec<f64> =
                TextField::ALL.iter().map(|f| text.map_or(f64::NAN, |text| f.of(text))).collect();
            let known = |text: &str| [(TEXTS[0], 0.5), (TEXTS[2], -1.0)].iter().find(|v| v.0 == text).map(|v| v.1);
            let told = |of: &str, place: usize| {
                if text == Some(of) { place as f64 } else { f64::NAN }
            };
            expected.push(told(TEXTS[2], Language::German as usize));
            expected.push(told(TEXTS[3], Format::Video as usize));
            expected.push(text.and_then(known).unwrap_or(f64::NAN));
            expected.push(text.and_then(known).unwrap_or(7.0));
            let total = |m: usize| {
                let yesterday: Vec<i64> = seen().filter(|s| s.0 == day - 1).filter_map(|s| s.3[m]).collect();
                if yesterday.is_empty() { f64::NAN } else { yesterday.iter().sum::<i64>() as f64 }
            };
            let law = Exposures::from_frequency(total(0) / total(1), 0.8);
            expected.push(law.map_or(f64::NAN, |law| law.share_above(3)));
            let got = table.values().row(row);
            for ((got, expected), column) in got.iter().zip(expected).zip(table.columns()) {
                let same = got.to_bits() == expected.to_bits() || got.is_nan() && expected.is_nan();
                prop_assert!(same, "{} on day {}: {} {}", column.name, day, got, expected);
            }
            let store = online::store(&plan, &sources, day, i64::from(day));
            online::assert_same_row(&store, &table, row);
        }
    }

    /// The channel of a share is the one the ad was last known to run in, at the cut-off.
    #[test]
    fn shares_of_the_channel_last_known(seed in any::<u64>()) {
        let all = market::versions(seed, 80);
        let sources = market::sources(&all);
        let mut requests = market::requests(&sources, &market::asks(seed));
        let given = requests.clone();
        if sources.sources.iter().any(|s| s.is_empty() || s.keys.iter().any(Vec::is_empty)) {
            return Ok(());
        }
        requests.resolve(&sources, "ads", "ad", "channel").unwrap();
        prop_assert_eq!((&requests.keys[0], &requests.day), (&given.keys[0], &given.day));
        for (row, ask) in market::asks(seed).iter().enumerate() {
            let seen = all.iter().filter(|v| v.source == "ads" && v.ad == ask.ad && market::honest(v, ask));
            let last = seen.max_by_key(|v| (v.day, v.known_at, v.channel));
            let expected = last.map_or(NONE, |v| sources.key(1, v.channel));
            prop_assert_eq!(requests.keys[1][row], expected, "{:?}", ask);
        }
        let share = Definition::Share {
            entity: "ad".into(), of: "channel".into(), source: "ads".into(), measure: "clicks".into(),
            window: Window::trailing(9),
        };
        let spec = FeatureSpec::new([share]);
        let table = local::run(&spec.compile(&sources.schema()).unwrap(), &sources, &requests).unwrap();
        for (row, ask) in market::asks(seed).iter().enumerate() {
            let code = requests.keys[1][row] as usize;
            let Some(channel) = sources.names[1].get(code) else { continue };
            let channel = CHANNELS.into_iter().find(|name| *name == &**channel).unwrap();
            let expected = market::naive(&all, &spec, &market::Ask { channel, ..*ask }, market::honest);
            prop_assert_eq!(market::number(table.values()[(row, 0)]), expected[0].clone());
        }
    }
}

#[test]
fn kinds_that_a_source_does_not_name_are_not_resolved() {
    let sources = market::sources(&market::versions(1, 80));
    let mut requests = sources.requests();
    requests.push(&[sources.key(0, ADS[0]), NONE], 20_000, 20_000 * DAY).unwrap();
    for (source, from, to) in
        [("crm", "ad", "channel"), ("ads", "shop", "channel"), ("ads", "ad", "shop")]
    {
        assert!(requests.resolve(&sources, source, from, to).is_err());
    }
}

/// Days by their own rules, of the day a row describes.
#[test]
fn days_and_holidays() {
    let sources = sources(&[]);
    let us = "US".parse().unwrap();
    let mut features: Vec<Feature> =
        CalendarField::ALL.into_iter().map(|field| Definition::Calendar { field }.into()).collect();
    for definition in [
        Definition::Holiday { region: us },
        Definition::AdDay,
        Definition::DaysToHoliday,
        Definition::DaysSinceHoliday,
    ] {
        features.push(definition.into());
    }
    let holidays = Holidays::new([us]);
    let spec = FeatureSpec::new(features).with_holidays(holidays.clone());
    let plan = spec.compile(&sources.schema()).unwrap();
    let mut requests = sources.requests();
    let days = [
        date(2026, 12, 25),
        date(2026, 12, 21),
        date(2026, 11, 27),
        date(2027, 1, 4),
        date(2051, 5, 1),
    ];
    for day in days {
        let day = day_number(day);
        requests.push(&[NONE], day, i64::from(day) * DAY).unwrap();
    }
    let table = local::run(&plan, &sources, &requests).unwrap();
    let column = |name: &str| table.column(name).unwrap();
    assert_eq!(column("year"), [2026.0, 2026.0, 2026.0, 2027.0, 2051.0]);
    assert_eq!(column("month"), [12.0, 12.0, 11.0, 1.0, 5.0]);
    assert_eq!(column("iso_week"), [52.0, 52.0, 48.0, 1.0, 18.0]);
    assert_eq!(column("day_of_year"), [359.0, 355.0, 331.0, 4.0, 121.0]);
    assert_eq!(column("days_in_month"), [31.0, 31.0, 30.0, 31.0, 31.0]);
    assert_eq!(column("quarter"), [4.0, 4.0, 4.0, 1.0, 2.0]);
    let holiday = column("holiday_us");
    assert_eq!(&holiday[..4], [1.0, 0.0, 0.0, 0.0]);
    assert!(holiday[4].is_nan());
    assert_eq!(column("ad_day")[2], 1.0);
    // Day by day; ad days are special too.
    let special =
        |day| holidays.is_holiday(us, day).is_ok_and(|yes| yes) || holidays.is_ad_day(day);
    let steps = |day: jiff::civil::Date, sign: i64| {
        let far = |days: &i64| special(day.saturating_add((sign * days).days()));
        (0..28).find(far).unwrap_or(28) as f64
    };
    for (row, day) in days.into_iter().enumerate() {
        assert_eq!(column("days_to_holiday")[row], steps(day, 1), "{day}");
        assert_eq!(column("days_since_holiday")[row], steps(day, -1), "{day}");
    }
    // A row that describes another day than that of the decision.
    requests.target_day = vec![day_number(days[0]); days.len()];
    let table = local::run(&plan, &sources, &requests).unwrap();
    assert_eq!(table.column("day_of_month").unwrap(), [25.0; 5]);
    assert_eq!(table.column("holiday_us").unwrap(), [1.0; 5]);
}

type Totals = Vec<Option<f64>>;

fn reference() -> (Totals, Vec<Totals>, Vec<String>) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/transforms/day_totals.csv");
    let mut reader = csv::Reader::from_path(file).unwrap();
    let names = reader.headers().unwrap().iter().skip(2).map(str::to_owned).collect();
    let number = |text: &str| if text.is_empty() { None } else { Some(text.parse().unwrap()) };
    let (mut spend, mut rows) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.unwrap();
        spend.push(number(&record[1]));
        rows.push(record.iter().skip(2).map(number).collect());
    }
    (spend, rows, names)
}

fn statistic(name: &str) -> (Statistic, Days) {
    let (name, days) = match name.strip_suffix("_all") {
        Some(name) => (name, Days::All),
        None => (name.strip_suffix("_reporting").unwrap(), Days::Reporting),
    };
    let statistic = match name {
        "std" => Statistic::Std,
        "std_population" => Statistic::StdPopulation,
        "trend" => Statistic::Trend,
        "ewma" => Statistic::Ewma { half_life: 3.0 },
        other => panic!("{other}"),
    };
    (statistic, days)
}

/// Numbers of NumPy and SciPy: tests/reference/day_totals.py.
#[test]
fn statistics_equal_the_reference() {
    let (spend, rows, names) = reference();
    let mut builder = SourcesBuilder::new(["ad"]).unwrap();
    let ads = builder.source("ads", &["ad"], &[("spend", Unit::Millionth)], &[]).unwrap();
    for (day, spend) in (0..).zip(&spend) {
        let measures = &[spend.and_then(|spend| Unit::Millionth.integer(spend))];
        let keys = &[Some("1")];
        ads.push(&Row { keys, day, known_at: 0, fact: None, measures, attributes: &[] }).unwrap();
    }
    let sources = builder.finish().unwrap();
    let feature = |name: &String| {
        let (statistic, days) = statistic(name);
        let one = Aggregate::new("ad", "ads", statistic, "spend", Window::trailing(7));
        Feature::named(name.as_str(), one.with_days(days))
    };
    let plan = FeatureSpec::new(names.iter().map(feature)).compile(&sources.schema()).unwrap();
    let mut requests = sources.requests();
    for day in 0..rows.len() as i32 {
        requests.push(&[0], day, 1).unwrap();
    }
    let table: FeatureTable = local::run(&plan, &sources, &requests).unwrap();
    let mut compared = 0;
    for (row, expected) in rows.iter().enumerate() {
        for ((got, expected), name) in table.values().row(row).iter().zip(expected).zip(&names) {
            match expected {
                None => assert!(got.is_nan(), "{name} on day {row}: {got}"),
                Some(expected) => {
                    let close = (got - expected).abs() <= 1e-11 * expected.abs().max(1.0);
                    assert!(close, "{name} on day {row}: {got}, expected {expected}");
                    compared += 1;
                }
            }
        }
    }
    assert!(compared > 350, "{compared}");
}
