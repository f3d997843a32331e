//! Decisions for the tests: one of each sort, and arbitrary ones.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "each test binary uses a part of it")]

use campaign_core::decision::{Alternative, Chain, Decision, Head, Reason, Relation, Unit};
use campaign_core::{Arm, Choice};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::Value;

/// Plain, with a number, a character of four bytes, escapes and a choice.
pub(crate) fn decision(seq: u64) -> Decision {
    let at = Timestamp::from_second(1_772_000_000 + seq as i64).unwrap();
    Decision::new(format!("d{seq}"), at, "loop", "creative:Größe \"😀\"\n\\", "pause\u{1}")
        .with_reason(Reason::above("cpa", 3.1, 2.94).with_expected(2.45).with_n(412))
        .with_input("share", 1.5e-7)
        .with_input("big", -1e22)
        .with_input("active", true)
        .with_choice(&Choice::new(Arm(1), 0.25).unwrap())
        .with_seed(u64::MAX - seq)
}

/// The lines of a log of `n` decisions, each with its line feed, and its head.
pub(crate) fn log(n: u64) -> (Vec<u8>, Head) {
    let mut chain = Chain::new();
    let mut text = String::new();
    for seq in 1..=n {
        text += &chain.append(&decision(seq)).unwrap();
        text.push('\n');
    }
    (text.into_bytes(), chain.head())
}

pub(crate) fn split(log: &[u8]) -> Vec<Vec<u8>> {
    log.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect()
}

fn finite() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>().prop_filter("finite", |x| x.is_finite()),
        -1e6..1e6f64,
        (-1000i32..1000).prop_map(f64::from),
        Just(0.0),
        Just(9_007_199_254_740_993.0),
        Just(1e17),
        Just(5e-324),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-z_]{1,8}"].prop_map(|s| format!("x{s}"))
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        finite().prop_map(Value::from),
        (-(1i64 << 53)..=1 << 53).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..4)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

prop_compose! {
    fn reason()(
        metric in text(), observed in finite(), threshold in finite(),
        expected in prop::option::of(finite()), p in prop::option::of(0.0..=1.0f64),
        n in prop::option::of(0u64..=1 << 53), note in prop::option::of(any::<String>()),
        unit in prop::sample::select(vec![
            Unit::Number, Unit::Share, Unit::Money("JPY".parse().unwrap()),
        ]),
    ) -> Reason {
        let relations = [Relation::Below, Relation::Above, Relation::Equal];
        let relation = relations.into_iter().find(|r| r.holds(observed, threshold)).unwrap();
        let mut reason = Reason::new(metric, observed, relation, threshold).with_unit(unit);
        reason.expected = expected;
        reason.basis = note.clone();
        reason.evidence.n = n;
        reason.evidence.probability = p;
        reason.evidence.note = note;
        reason
    }
}

prop_compose! {
    fn alternative()(
        action in text(), value in prop::option::of(finite()),
        p in prop::option::of(0.0..=1.0f64), reasons in prop::collection::vec(reason(), 0..2),
    ) -> Alternative {
        let mut alternative = Alternative::new(action);
        (alternative.value, alternative.probability) = (value, p);
        reasons.into_iter().fold(alternative, Alternative::with_reason)
    }
}

prop_compose! {
    pub(crate) fn any_decision()(
        texts in [text(), text(), text(), text()],
        // Without nanoseconds beyond what the calendar's ends allow.
        at in -377_705_023_200i64..253_402_207_200, nanosecond in 0i32..1_000_000_000,
        version in prop::option::of(any::<String>()), seed in prop::option::of(any::<u64>()),
        reasons in prop::collection::vec(reason(), 0..3),
        inputs in prop::collection::btree_map(any::<String>(), value(), 0..4),
        number in finite(),
        alternatives in prop::collection::vec(alternative(), 0..3),
        choice in prop::option::of((any::<u32>(), f64::MIN_POSITIVE..=1.0f64)),
    ) -> Decision {
        let [id, actor, subject, action] = texts;
        let mut d = Decision::new(
            id, Timestamp::new(at, nanosecond).unwrap(), actor, subject, action,
        );
        (d.model_version, d.seed) = (version, seed);
        d = d.with_reasons(reasons).with_input("number", number);
        d = inputs.into_iter().fold(d, |d, (name, value)| d.with_input(name, value));
        d = alternatives.into_iter().fold(d, Decision::with_alternative);
        match choice {
            Some((arm, p)) => d.with_choice(&Choice::new(Arm(arm), p).unwrap()),
            None => d,
        }
    }
}
