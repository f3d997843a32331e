//! What is written is what is read; what is malformed is refused.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use campaign_core::decision::{Chain, entries};
use campaign_core::record::Reporting;
use campaign_core::{AdId, CampaignId, Decision, Micros, Names, Reason, Record};
use common::decision;
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Value, json};

prop_compose! {
    fn record()(
        name in "[a-zé 0-9]{0,6}x", maybe in prop::option::of("[^\\p{Cc}\\s]{1,8}"),
        days in 0..20_000i32, second in 0..2_000_000_000i64,
        spend in any::<i64>(), revenue in prop::option::of(any::<i64>()),
        counts in [prop::option::of(any::<u64>()), prop::option::of(any::<u64>())],
        conversions in prop::option::of(0.0..1e12f64), rate in 1u32..2_000_000,
        code in prop::sample::select(vec!["EUR", "JPY", "KWD"]), reported in any::<bool>(),
    ) -> Record {
        let id = |text: &Option<String>| text.clone().and_then(|t| CampaignId::new(t).ok());
        let shared = |text: &Option<String>| text.as_deref().map(Into::into);
        let currency = code.parse().unwrap();
        Record {
            brand: name.clone().try_into().unwrap(),
            source: name.try_into().unwrap(),
            account: None,
            channel: maybe.clone().and_then(|t| t.try_into().ok()),
            campaign: id(&maybe),
            campaign_name: shared(&maybe),
            ad_group: None,
            ad_group_name: None,
            ad: maybe.clone().and_then(|t| AdId::new(t).ok()),
            ad_name: shared(&maybe),
            creative: maybe.clone().and_then(|t| t.try_into().ok()),
            audience: None,
            country: Some("DE".into()),
            breakdown: shared(&maybe),
            date: date(1970, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap(),
            zone: Some("Europe/Berlin".into()),
            currency: Some(currency),
            spend: Micros(spend),
            revenue: revenue.map(Micros),
            reporting: reported.then(|| Reporting {
                currency,
                rate: rust_decimal::Decimal::new(rate.into(), 6),
                spend: Micros(spend),
                revenue: None,
            }),
            impressions: counts[0],
            clicks: counts[1],
            conversions,
            video_views: None,
            attribution_window: shared(&maybe),
            known_at: Timestamp::from_second(second).unwrap(),
        }
    }
}

/// Every text made from `json` by cutting it, and by removing or replacing one member, is refused,
/// unless the member may be absent.
fn assert_strict<T: serde::de::DeserializeOwned>(whole: &Value, optional: &[&str]) {
    let text = whole.to_string();
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        assert!(serde_json::from_str::<T>(&text[..end]).is_err(), "{}", &text[..end]);
    }
    for name in whole.as_object().unwrap().keys() {
        let mut changed = whole.clone();
        changed[name] = json!({"no": ["member", "has", "this", "form"]});
        assert!(name == "inputs" || serde_json::from_value::<T>(changed).is_err(), "{name}");
        let mut changed = whole.clone();
        changed.as_object_mut().unwrap().remove(name);
        let absent = serde_json::from_value::<T>(changed);
        assert_eq!(absent.is_ok(), optional.contains(&name.as_str()), "{name}");
    }
}

proptest! {
    #[test]
    fn records(record in record()) {
        let json = serde_json::to_string(&record).unwrap();
        prop_assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), record);
    }

    #[test]
    fn decisions_through_json_and_through_a_log(d in common::any_decision()) {
        prop_assert_eq!(d.check(), Ok(()));
        let json = serde_json::to_string(&d).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Decision>(&json).unwrap(), &d);
        let line = Chain::new().append(&d).unwrap() + "\n";
        let entry = entries(line.as_bytes()).next().unwrap().unwrap();
        prop_assert_eq!(&entry.decision, &d);
        // What was read can be logged again, to the same bytes.
        prop_assert_eq!(Chain::new().append(&entry.decision).unwrap() + "\n", line);
    }

    #[test]
    fn every_reason_prints(d in common::any_decision()) {
        for reason in &d.reasons {
            prop_assert!(reason.to_string().starts_with(&reason.metric));
            prop_assert!(reason.rule().to_string().contains(reason.relation.sign()));
        }
    }

    #[test]
    fn names(texts in prop::collection::vec("[a-f]{1,2}", 0..60)) {
        let mut names = Names::new();
        // The oracle: position of the first appearance in a list.
        let mut seen: Vec<AdId> = Vec::new();
        for text in &texts {
            let id = AdId::new(text).unwrap();
            let index = names.index_of(&id).unwrap();
            if !seen.contains(&id) {
                seen.push(id.clone());
            }
            prop_assert_eq!(seen.get(index as usize), Some(&id));
            prop_assert_eq!((names.get(&id), names.name(index)), (Some(index), Some(&id)));
        }
        prop_assert!(names.iter().eq(seen.iter()));
        prop_assert_eq!((names.len(), names.name(names.len() as u32)), (seen.len(), None));
    }

    #[test]
    fn ids(text in any::<String>()) {
        match AdId::new(&text) {
            Ok(id) => {
                prop_assert_eq!(AdId::new(id.as_str()), Ok(id.clone()));
                let json = serde_json::to_string(&id).unwrap();
                prop_assert_eq!(serde_json::from_str::<AdId>(&json).unwrap(), id);
            }
            Err(_) => {
                let blank = text.trim().is_empty();
                prop_assert!(blank || text.trim().chars().any(char::is_control));
                prop_assert!(serde_json::from_value::<AdId>(json!(text)).is_err());
            }
        }
    }
}

#[test]
fn malformed_decisions_are_refused() {
    let whole = serde_json::to_value(decision(1)).unwrap();
    // An arm without propensity, or the reverse, is no choice; so neither may be absent alone.
    assert_strict::<Decision>(&whole, &["model_version", "seed"]);
    let seed = u64::MAX - 1;
    assert_eq!(whole["seed"], json!(seed.to_string()));
    for (name, bad) in [
        ("seed", json!(7)),
        ("seed", json!("+7")),
        ("seed", json!("07")),
        ("seed", json!("-7")),
        ("seed", json!("18446744073709551616")),
        ("propensity", json!(0.0)),
        ("propensity", json!(1.5)),
        ("propensity", Value::Null),
        ("arm", json!(-1)),
        ("arm", json!(4_294_967_296_u64)),
        ("at", json!("2026-13-02T06:00:00Z")),
        ("unknown_member", json!(1)),
    ] {
        let mut changed = whole.clone();
        changed[name] = bad.clone();
        assert!(serde_json::from_value::<Decision>(changed).is_err(), "{name}: {bad}");
    }
}

#[test]
fn malformed_reasons_are_refused() {
    let reason = Reason::above("cpa", 3.1, 2.94);
    let whole = serde_json::to_value(&reason).unwrap();
    assert_strict::<Reason>(&whole, &["expected", "basis"]);
    for (name, bad) in
        [("observed", Value::Null), ("relation", json!("Above")), ("unit", json!({"money": "XX"}))]
    {
        let mut changed = whole.clone();
        changed[name] = bad;
        assert!(serde_json::from_value::<Reason>(changed).is_err(), "{name}");
    }
    for silent_null in [
        Reason::above("cpa", f64::NAN, 1.0),
        Reason::above("cpa", 1.0, f64::INFINITY),
        reason.clone().with_expected(f64::NAN),
        reason.with_p_value(f64::NAN),
    ] {
        assert!(serde_json::to_string(&silent_null).is_err());
    }
}

#[test]
fn malformed_records_are_refused() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let record = record().new_tree(&mut runner).unwrap().current();
    let whole = serde_json::to_value(&record).unwrap();
    let required = ["brand", "source", "date", "spend", "known_at"];
    let optional: Vec<&str> = whole
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .filter(|n| !required.contains(n))
        .collect();
    assert_strict::<Record>(&whole, &optional);
    for (name, bad) in [
        ("brand", json!(" ")),
        ("source", json!("a\nb")),
        ("currency", json!("EURO")),
        ("date", json!("2026-02-30")),
        ("spend", json!(1.5)),
        ("clicks", json!(-1)),
        ("reporting", json!({"currency": "EUR", "rate": 1.1, "spend": 1, "revenue": null})),
        ("reporting", json!({"currency": "EUR", "rate": "x", "spend": 1, "revenue": null})),
    ] {
        let mut changed = whole.clone();
        changed[name] = bad;
        assert!(serde_json::from_value::<Record>(changed).is_err(), "{name}");
    }
}
