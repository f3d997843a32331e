//! Specs read and written, and what is refused.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

#[path = "feature_engine/market.rs"]
mod market;

use campaign_features::engine::local;
use campaign_features::feature::FeatureError;
use campaign_features::feature::plan::Window;
use campaign_features::feature::source::{NONE, Row, SourcesBuilder, Unit};
use campaign_features::feature::spec::{
    Adstock, Aggregate, Arithmetic, Definition, Feature, FeatureSpec, Saturation, Statistic,
};
use market::{asks, requests, sources, spec, versions};

fn sum(measure: &str, window: Window) -> Aggregate {
    Aggregate::new("ad", "ads", Statistic::Sum, measure, window)
}

/// Nine days of 10.0 spend and 4, 3, .. clicks.
fn nine_days() -> campaign_features::feature::source::Sources {
    let mut builder = SourcesBuilder::new(["ad", "channel"]).unwrap();
    let measures = [("spend", Unit::Millionth), ("clicks", Unit::Count)];
    let ads = builder.source("ads", &["ad", "channel"], &measures, &["format"]).unwrap();
    for day in 0..9 {
        ads.push(&Row {
            keys: &[Some("1"), Some("tv")],
            day,
            known_at: i64::from(day + 1),
            fact: None,
            measures: &[Some(10_000_000), Some(i64::from(day))],
            attributes: &[Some(if day < 5 { "image" } else { "video" })],
        })
        .unwrap();
    }
    builder.finish().unwrap()
}

fn values(spec: &FeatureSpec) -> Vec<f64> {
    let sources = nine_days();
    let mut requests = sources.requests();
    requests.push(&[0, 0], 9, 9).unwrap();
    let plan = spec.compile(&sources.schema()).unwrap();
    local::run(&plan, &sources, &requests).unwrap().values().row(0).to_vec()
}

#[test]
fn transforms_of_a_window() {
    let adstock = |adstock| {
        let statistic = Statistic::Adstock(adstock);
        Feature::from(Aggregate::new("ad", "ads", statistic, "spend", Window::trailing(3)))
    };
    let weibull = Adstock::WeibullCdf { shape: 0.5, scale: 0.4 };
    let hill = Saturation::Hill { alpha: 2.0, half: 30.0 };
    let shares = vec![0.0, 0.5, 0.8, 1.0];
    let matured = |least| {
        let statistic = Statistic::Matured { shares: shares.clone(), least };
        Feature::named(
            format!("matured_{least}"),
            Aggregate::new("ad", "ads", statistic, "spend", Window::trailing(3)),
        )
    };
    let spec = FeatureSpec::new([
        adstock(Adstock::Geometric { theta: 0.5 }),
        adstock(weibull),
        sum("spend", Window::trailing(3)).with_saturation(hill).into(),
        matured(0.5),
        matured(0.6),
    ]);
    let got = values(&spec);
    let weights = weibull.weights(3).unwrap();
    let expected =
        [10.0 + 5.0 + 2.5, 10.0 * weights.iter().sum::<f64>(), 0.5, 10.0 / 0.5 + 10.0 / 0.8 + 10.0];
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() < 1e-9, "{got} {expected}");
    }
    assert!(got[4].is_nan());
}

#[test]
fn crosses_categories_and_days() {
    let latest = |entity: &str| {
        Feature::named(
            format!("{entity}_format"),
            Definition::Latest {
                entity: entity.into(),
                source: "ads".into(),
                attribute: "format".into(),
                window: Window::EVER,
            },
        )
    };
    let spec = FeatureSpec::new([
        Feature::named("a", sum("clicks", Window::lag(1))),
        Feature::named("b", sum("clicks", Window::lag(2))),
    ])
    .with(Definition::Cross { operation: Arithmetic::Ratio, left: "a".into(), right: "b".into() })
    .with(latest("ad"))
    .with(latest("channel"))
    .with(Definition::CrossLevels {
        left: "ad_format".into(),
        right: "channel_format".into(),
        bound: None,
    })
    .with(Definition::Fourier { period: 36.0, order: 1, cosine: false });
    let got = values(&spec);
    assert_eq!(&got[..2], [8.0, 7.0]);
    assert_eq!(got[2], 8.0 / 7.0);
    // "video" is the second of two levels, "video|video" the fourth of four.
    assert_eq!(&got[3..6], [1.0, 1.0, 3.0]);
    assert!((got[6] - 1.0).abs() < 1e-12);
}

#[cfg(feature = "serde")]
#[test]
fn builder_and_toml_give_equal_specs() {
    let text = r#"
        ttl = 30

        [[features]]
        name = "spend_7d"
        kind = "aggregate"
        entity = "ad"
        source = "ads"
        statistic = "sum"
        measure = "spend"
        window = "7d"

        [[features]]
        kind = "aggregate"
        entity = "ad"
        source = "ads"
        statistic = { ewma = { half_life = 3.0 } }
        measure = "clicks"
        window = "8to14d"
        days = "all"
        filter = { attribute = "format", value = "video" }
        saturation = { hill = { alpha = 2.0, half = 10.0 } }

        [[features]]
        kind = "rate"
        entity = "ad"
        source = "ads"
        numerator = "clicks"
        denominator = "spend"
        window = "ever"
        prior = 0.1
        strength = 5.0

        [[features]]
        kind = "calendar"
        field = "month"
    "#;
    let built = FeatureSpec::new([
        Feature::named("spend_7d", sum("spend", Window::trailing(7))),
        Aggregate::new(
            "ad",
            "ads",
            Statistic::Ewma { half_life: 3.0 },
            "clicks",
            Window::between(8, 14),
        )
        .with_days(campaign_features::feature::plan::Days::All)
        .with_filter("format", "video")
        .with_saturation(Saturation::Hill { alpha: 2.0, half: 10.0 })
        .into(),
        Definition::Rate {
            entity: "ad".into(),
            source: "ads".into(),
            numerator: "clicks".into(),
            denominator: "spend".into(),
            window: Window::EVER,
            prior: 0.1,
            strength: 5.0,
        }
        .into(),
        Definition::Calendar { field: campaign_features::feature::CalendarField::Month }.into(),
    ])
    .with_ttl(30);
    assert_eq!(FeatureSpec::from_toml(text).unwrap(), built);
    for spec in [built, spec(Some(9))] {
        assert_eq!(FeatureSpec::from_toml(&spec.to_toml().unwrap()).unwrap(), spec);
    }
    for (from, to) in [
        ("\"7d\"", "\"0d\""),
        ("\"sum\"", "\"median\""),
        ("measure =", "measures ="),
        ("ttl", "tll"),
    ] {
        let error = FeatureSpec::from_toml(&text.replacen(from, to, 1)).unwrap_err();
        assert!(matches!(error, FeatureError::Parse(_)), "{to}: {error}");
    }
}

/// What a transform would refuse is refused where it is read.
#[cfg(feature = "serde")]
#[test]
fn parameters_are_checked_when_they_are_read() {
    use campaign_features::feature::transform::delay::DelayCurve;
    use campaign_features::feature::transform::encoding::Encoding;
    use campaign_features::feature::transform::smoothing::Smoothing;
    fn reads<T: serde::de::DeserializeOwned>(text: &str) -> bool {
        serde_json::from_str::<T>(text).is_ok()
    }
    assert!(reads::<Adstock>(r#"{"geometric": {"theta": 0.5}}"#));
    assert!(!reads::<Adstock>(r#"{"geometric": {"theta": 1.0}}"#));
    assert!(!reads::<Adstock>(r#"{"weibull_cdf": {"shape": -1.0, "scale": 0.5}}"#));
    assert!(reads::<Saturation>(r#"{"hill": {"alpha": 2.0, "half": 9.0}}"#));
    assert!(!reads::<Saturation>(r#"{"hill": {"alpha": 2.0, "half": -9.0}}"#));
    assert!(reads::<Smoothing>(r#"{"prior": 0.1, "strength": 0.0}"#));
    assert!(!reads::<Smoothing>(r#"{"prior": 0.1, "strength": -1.0}"#));
    assert!(reads::<Encoding>(r#"{"kind": "target"}"#));
    assert!(!reads::<Encoding>(r#"{"kind": "target", "strength": -1.0}"#));
    let curve = |a: f64, b: f64| {
        let share = |s: f64| format!(r#"{{"share": {s}, "low": 0.0, "high": 1.0}}"#);
        format!(r#"{{"shares": [{}, {}], "days": 9, "as_of": 0}}"#, share(a), share(b))
    };
    assert!(reads::<DelayCurve>(&curve(0.5, 0.75)));
    assert!(!reads::<DelayCurve>(&curve(0.75, 0.5)) && !reads::<DelayCurve>(&curve(0.5, 1.5)));
    let text = r#"
        [[features]]
        kind = "aggregate"
        entity = "ad"
        source = "ads"
        statistic = { adstock = { geometric = { theta = 2.0 } } }
        measure = "spend"
        window = "7d"
    "#;
    let error = FeatureSpec::from_toml(text).unwrap_err();
    assert!(error.to_string().contains("theta"), "{error}");
}

#[test]
fn specs_that_cannot_be() {
    let schema = nine_days().schema();
    let refuse = |feature: Feature| FeatureSpec::new([feature]).compile(&schema).unwrap_err();
    for (entity, source, measure) in
        [("shop", "ads", "spend"), ("ad", "crm", "spend"), ("ad", "ads", "revenue")]
    {
        let week = Window::trailing(7);
        let error = refuse(Aggregate::new(entity, source, Statistic::Sum, measure, week).into());
        assert!(matches!(error, FeatureError::Unknown { .. }), "{error}");
    }
    let with = |statistic, window| Aggregate::new("ad", "ads", statistic, "spend", window).into();
    for feature in [
        with(Statistic::Sum, Window::trailing(0)),
        with(Statistic::Sum, Window::between(3, 2)),
        with(Statistic::Max, Window::EVER),
        with(Statistic::Ewma { half_life: 0.0 }, Window::trailing(7)),
        with(Statistic::Adstock(Adstock::Geometric { theta: 1.0 }), Window::trailing(7)),
        with(Statistic::Matured { shares: vec![1.1], least: 0.5 }, Window::trailing(7)),
        Definition::Fourier { period: f64::NAN, order: 1, cosine: true }.into(),
    ] {
        let error = refuse(feature);
        assert!(matches!(error, FeatureError::Spec { .. }), "{error}");
    }
    let empty = FeatureSpec::default().compile(&schema).unwrap_err();
    assert!(matches!(empty, FeatureError::Empty), "{empty}");
    let week = || sum("spend", Window::trailing(7));
    let twice = FeatureSpec::new([week(), week()]).compile(&schema).unwrap_err();
    assert!(matches!(twice, FeatureError::Twice { .. }));
    let stray = FeatureSpec::new([week()]).with_levels("none", ["x".into()]);
    assert!(matches!(stray.compile(&schema).unwrap_err(), FeatureError::Spec { .. }));
    let unseen = FeatureSpec::new([week()]).with_ttl(0).compile(&schema).unwrap_err();
    assert!(matches!(unseen, FeatureError::Spec { .. }));
}

#[test]
fn rows_that_cannot_be() {
    let mut builder = SourcesBuilder::new(["ad"]).unwrap();
    assert!(SourcesBuilder::new(["ad", "ad"]).is_err());
    assert!(builder.source("ads", &["shop"], &[], &[]).is_err());
    let ads = builder.source("ads", &["ad"], &[("spend", Unit::Millionth)], &[]).unwrap();
    let row = |value| Row {
        keys: &[Some("1")],
        day: 1,
        known_at: 1,
        fact: Some("x"),
        measures: value,
        attributes: &[],
    };
    assert!(matches!(ads.push(&row(&[Some(i64::MAX)])), Err(FeatureError::Measure { .. })));
    assert!(matches!(ads.push(&row(&[])), Err(FeatureError::Kernel(_))));
    ads.push(&row(&[Some(1)])).unwrap();
    ads.push(&row(&[Some(2)])).unwrap();
    assert!(builder.source("ads", &["ad"], &[], &[]).is_err());
    let sources = builder.finish().unwrap();
    assert_eq!(sources.sources[0].len(), 2);
    let spec = FeatureSpec::new([sum("spend", Window::trailing(7))]);
    let plan = spec.compile(&sources.schema()).unwrap();
    let mut ask = sources.requests();
    ask.push(&[0], 3, 3).unwrap();
    let error = local::run(&plan, &sources, &ask).unwrap_err();
    assert!(matches!(error, FeatureError::SameInstant { day: 1, .. }), "{error}");
    assert_eq!(Unit::Millionth.integer(1.5), Some(1_500_000));
    for bad in [f64::NAN, f64::INFINITY, 1e15] {
        assert_eq!(Unit::Millionth.integer(bad), None);
    }
}

#[test]
fn totals_that_would_overflow_are_an_error() {
    let mut builder = SourcesBuilder::new(["ad"]).unwrap();
    let ads = builder.source("ads", &["ad"], &[("spend", Unit::Count)], &[]).unwrap();
    for day in 0..4 {
        ads.push(&Row {
            keys: &[Some("1")],
            day,
            known_at: 0,
            fact: None,
            measures: &[Some(1 << 61)],
            attributes: &[],
        })
        .unwrap();
    }
    let sources = builder.finish().unwrap();
    let plan = FeatureSpec::new([sum("spend", Window::EVER)]).compile(&sources.schema()).unwrap();
    let mut ask = sources.requests();
    ask.push(&[0], 3, 3).unwrap();
    let seen = local::run(&plan, &sources, &ask).unwrap();
    assert_eq!(seen.values()[(0, 0)], 3.0 * (1_u64 << 61) as f64);
    ask.push(&[0], 4, 3).unwrap();
    assert!(matches!(local::run(&plan, &sources, &ask), Err(FeatureError::Kernel(_))));
    // Days at both ends of the integers: the rows between them are known, nothing panics.
    ask = sources.requests();
    ask.push(&[0], i32::MIN, 0).unwrap();
    ask.push(&[0], i32::MAX, 0).unwrap();
    assert!(local::run(&plan, &sources, &ask).is_err());
}

#[test]
fn strangers_and_nobody_know_nothing() {
    let sources = nine_days();
    let spec = FeatureSpec::new([sum("spend", Window::trailing(7))]).with(Aggregate::facts(
        "ad",
        "ads",
        Window::trailing(7),
    ));
    let plan = spec.compile(&sources.schema()).unwrap();
    let mut ask = sources.requests();
    for key in [NONE, sources.key(0, "2"), 77, sources.key(0, "1")] {
        ask.push(&[key, NONE], 9, 9).unwrap();
    }
    let table = local::run(&plan, &sources, &ask).unwrap();
    for row in 0..3 {
        assert!(table.values()[(row, 0)].is_nan());
        assert_eq!(table.values()[(row, 1)], 0.0);
    }
    assert_eq!(table.values()[(3, 0)], 70.0);
    let none = local::run(&plan, &sources, sources.requests()).unwrap();
    assert_eq!((none.n_rows(), none.values().ncols()), (0, 2));
    assert!(ask.push(&[1], 9, 9).is_err());
}

#[test]
fn csv_has_names_and_reads_back() {
    let all = versions(3, 100);
    let sources = sources(&all);
    let plan = spec(None).compile(&sources.schema()).unwrap();
    let asks = asks(11);
    let table = local::run(&plan, &sources, requests(&sources, &asks)).unwrap();
    let mut out = Vec::new();
    table.write_csv(&mut out).unwrap();
    let mut reader = csv::Reader::from_reader(out.as_slice());
    assert_eq!(&reader.headers().unwrap()[0], "ad");
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), asks.len());
    for (r, row) in rows.iter().enumerate() {
        for (c, text) in row.iter().skip(4).enumerate() {
            let value = table.values()[(r, c)];
            if let Ok(number) = text.parse::<f64>() {
                assert_eq!(number.to_bits(), value.to_bits());
            }
            assert_eq!(text.is_empty(), value.is_nan());
        }
    }
    let data = table.to_dataset(0).unwrap();
    assert_eq!(data.n_rows(), asks.len());
}
