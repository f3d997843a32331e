//! Personal attributes are read for a stated purpose only, and what is made of them is marked.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use campaign_core::{Purpose, Sensitive};
use campaign_features::engine::local;
use campaign_features::feature::plan::Window;
use campaign_features::feature::source::{Row, Sources, SourcesBuilder};
use campaign_features::feature::spec::{
    Aggregate, Arithmetic, Definition, Feature, FeatureSpec, Statistic,
};
use campaign_features::feature::{FeatureError, TextField};

const DAY: i64 = 86_400_000_000;

/// One audience whose age band is stated on days 1, 3 and 5, the last time as one that is not listed.
fn sources() -> Sources {
    let mut builder = SourcesBuilder::new(["audience"]).unwrap();
    let reach = builder.source("reach", &["audience"], &[], &["format"]).unwrap();
    let row = |day: i32| Row {
        keys: &[Some("a")],
        day,
        known_at: i64::from(day + 1) * DAY,
        fact: None,
        measures: &[],
        attributes: &[Some("video")],
    };
    reach.push(&row(0)).unwrap();
    reach.declare_personal(&["age_band"]).unwrap();
    for (day, band) in [(1, Some("25-34")), (2, None), (3, Some("18-24")), (5, Some("65+"))] {
        reach.push_personal(&row(day), &[band.map(Sensitive::new)]).unwrap();
    }
    reach.push(&row(6)).unwrap();
    assert!(reach.declare_personal(&["age_band"]).is_err());
    assert!(reach.declare_personal(&["format"]).is_err());
    assert!(reach.push_personal(&row(6), &[]).is_err());
    builder.finish().unwrap()
}

fn age_place(levels: &[&str]) -> Feature {
    Feature::named(
        "age_place",
        Definition::Demographic {
            entity: "audience".into(),
            source: "reach".into(),
            attribute: "age_band".into(),
            levels: levels.iter().map(|level| (*level).into()).collect(),
            purpose: Purpose::new("fairness audit").unwrap(),
        },
    )
}

#[test]
fn the_latest_known_place() {
    let sources = sources();
    let facts = Aggregate::facts("audience", "reach", Window::trailing(9));
    let spec = FeatureSpec::new([age_place(&["18-24", "25-34"])])
        .with(Feature::named("n", facts))
        .with(Feature::named(
            "crossed",
            Definition::Cross {
                operation: Arithmetic::Product,
                left: "n".into(),
                right: "age_place".into(),
            },
        ));
    let plan = spec.compile(&sources.schema()).unwrap();
    let mut requests = sources.requests();
    for day in [1, 2, 3, 4, 6, 7] {
        requests.push(&[0], day, i64::from(day) * DAY).unwrap();
    }
    let table = local::run(&plan, &sources, &requests).unwrap();
    let got = table.column("age_place").unwrap();
    assert!(got[0].is_nan() && got[4].is_nan() && got[5].is_nan(), "{got:?}");
    assert_eq!(&got[1..4], [1.0, 1.0, 0.0]);
    let purposes: Vec<_> =
        table.columns().iter().map(|c| c.sensitive.as_ref().map(Purpose::as_str)).collect();
    assert_eq!(purposes, [Some("fairness audit"), None, Some("fairness audit")]);
    let denied = table.to_dataset(0).unwrap().without_sensitive();
    assert_eq!(denied.columns().iter().map(|c| &*c.name).collect::<Vec<_>>(), ["n"]);
}

#[test]
fn nothing_else_reads_them() {
    let schema = sources().schema();
    let (entity, source, attribute) =
        (|| "audience".into(), || "reach".into(), || "age_band".into());
    let window = Window::trailing(3);
    let facts = Aggregate::facts("audience", "reach", window);
    for definition in [
        Definition::Latest { entity: entity(), source: source(), attribute: attribute(), window },
        Definition::Text {
            entity: entity(),
            source: source(),
            attribute: attribute(),
            field: TextField::Words,
        },
        Definition::Encoded {
            entity: entity(),
            source: source(),
            attribute: attribute(),
            values: [("18-24".into(), 1.0)].into(),
            other: None,
        },
        Definition::Distinct {
            entity: entity(),
            source: source(),
            attribute: attribute(),
            window,
            most: 3,
        },
        Definition::Aggregate(facts.with_filter("age_band", "18-24")),
    ] {
        let error = FeatureSpec::new([definition]).compile(&schema).unwrap_err();
        assert!(
            matches!(&error, FeatureError::Spec { reason, .. } if reason.contains("personal")),
            "{error}"
        );
    }
    for levels in [&[][..], &["18-24", "18-24"]] {
        let error = FeatureSpec::new([age_place(levels)]).compile(&schema).unwrap_err();
        assert!(matches!(error, FeatureError::Spec { .. }), "{error}");
    }
    // What is not declared personal is no demographic.
    let mut plain = age_place(&["video"]);
    if let Definition::Demographic { attribute, .. } = &mut plain.definition {
        *attribute = "format".into();
    }
    assert!(FeatureSpec::new([plain]).compile(&schema).is_err());
    let sum = Aggregate::new("audience", "reach", Statistic::Sum, "age_band", window);
    assert!(FeatureSpec::new([sum]).compile(&schema).is_err());
}

#[cfg(feature = "serde")]
#[test]
fn a_purpose_has_to_be_written() {
    let text = r#"
        [[features]]
        name = "age_place"
        kind = "demographic"
        entity = "audience"
        source = "reach"
        attribute = "age_band"
        levels = ["18-24", "25-34"]
        purpose = "fairness audit"
    "#;
    let spec = FeatureSpec::from_toml(text).unwrap();
    assert_eq!(spec, FeatureSpec::new([age_place(&["18-24", "25-34"])]));
    assert_eq!(FeatureSpec::from_toml(&spec.to_toml().unwrap()).unwrap(), spec);
    for wrong in [text.replace("purpose", "porpoise"), text.replace("fairness audit", " ")] {
        assert!(matches!(FeatureSpec::from_toml(&wrong), Err(FeatureError::Parse(_))));
    }
}
