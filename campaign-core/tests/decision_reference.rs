//! The format against an implementation that shares no code with ours.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::io::Write;
use std::path::Path;
use std::process::Command;

use campaign_core::decision::{Alternative, Chain, Reason, Unit};
use campaign_core::{Arm, Choice, Decision};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

/// The decisions of `tests/reference/make_fixture.py`.
fn decisions() -> [Decision; 3] {
    let above = Reason::above("cpa", 3.1, 2.94)
        .with_expected(2.45)
        .with_unit(Unit::Money("EUR".parse().unwrap()))
        .with_n(412)
        .with_probability(0.97)
        .with_note("last 28 days");
    let lift = Reason::below("predicted_lift", 0.0012, 0.003)
        .with_unit(Unit::Share)
        .with_basis("target")
        .with_p_value(0.2);
    let at = |text: &str| text.parse().unwrap();
    let first = Decision::new(
        "2026-03-02/pause/cr_17",
        at("2026-03-02T06:00:00Z"),
        "campaign_loop",
        "creative:cr_17",
        "pause",
    );
    let second = Decision::new(
        "imp-1",
        at("2026-03-02T06:00:01.000000001Z"),
        "ad server",
        "user:9",
        "show cr_2",
    );
    let third = Decision::new(
        "d3",
        at("1969-12-31T23:59:59.5Z"),
        "Zoë \"Z\" \\ O'Neil",
        "campaign:Größe",
        "rename\n\tto \u{1} \u{7f} \u{2028} 日本語",
    );
    [
        first
            .with_model_version("gbdt 0.1.0")
            .with_reason(above)
            .with_input("spend", 1277.2)
            .with_input("conversions", 412)
            .with_input("share", 1e-7)
            .with_input("large", 1e21)
            .with_input("whole", 2.0)
            .with_input("days", vec![1.5, -0.0, 3e300])
            .with_input("active", true)
            .with_input("unknown", None::<f64>),
        second
            .with_model_version("thompson 0.1.0")
            .with_choice(&Choice::new(Arm(2), 0.125).unwrap())
            .with_seed(u64::MAX)
            .with_alternative(
                Alternative::new("show cr_1")
                    .with_value(0.031)
                    .with_probability(0.875)
                    .with_reason(lift),
            ),
        [
            ("\u{20ac}", "Euro Sign"),
            ("\r", "Carriage Return"),
            ("\u{fb33}", "Hebrew Letter"),
            ("1", "One"),
            ("\u{1f600}", "Emoji"),
            ("\u{80}", "Control"),
            ("\u{f6}", "Latin"),
        ]
        .into_iter()
        .fold(third, |d, (name, value)| d.with_input(name, value)),
    ]
}

#[test]
fn hashes_are_those_that_python_computed() {
    // Source: `python3 tests/reference/make_fixture.py`.
    let expected = [
        "0efc4ce81c61e037d663f614dec3a3432519907388ace362e207c085238e3f7e",
        "486bd17ad7ee37c645b074a98378a11cd9d9108a115bdfbe589dec7a1d8b36eb",
        "f5940e7a5f57ef7316ca9e7444b18e898cd5dcbb05428ff7ecdaa6505b8b14c8",
    ];
    let mut chain = Chain::new();
    for (decision, hash) in decisions().iter().zip(expected) {
        let line = chain.append(decision).unwrap();
        assert_eq!(chain.head().hash.to_string(), hash, "{line}");
    }
}

/// RFC 8785, appendix B, and section 3.2.2.
#[test]
fn numbers_and_texts_of_the_rfc() {
    let d = decisions()[0].clone();
    let line = |value: Value| Chain::new().append(&d.clone().with_input("z", value)).unwrap();
    for (bits, text) in [
        (0x0000_0000_0000_0000_u64, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5554, "333333333.33333325"),
        (0x41b3_de43_5555_5555, "333333333.3333333"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
    ] {
        let line = line(json!(f64::from_bits(bits)));
        assert!(line.contains(&format!("\"z\":{text}}}")), "{text}: {line}");
    }
    let line = line(json!("\u{20ac}$\u{f}\nA'B\"\\\\\"/"));
    assert!(line.contains(r#""z":"€$\u000f\nA'B\"\\\\\"/"}"#), "{line}");
}

/// Runs the script where there is a Python; the hashes above hold in any case.
#[test]
fn a_stranger_verifies_arbitrary_decisions() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/verify_log.py");
    if !script.exists() || Command::new("python3").arg("--version").output().is_err() {
        eprintln!(
            "not run: needs python3 and tests/reference, which the published crate leaves out"
        );
        return;
    }
    let (mut runner, mut chain) = (TestRunner::deterministic(), Chain::new());
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for _ in 0..300 {
        let decision = common::any_decision().new_tree(&mut runner).unwrap().current();
        writeln!(file, "{}", chain.append(&decision).unwrap()).unwrap();
    }
    let head = chain.head().to_string();
    let run = |head: &str| {
        let output = Command::new("python3").arg(&script).arg(file.path()).arg(head).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    assert_eq!(run(&head).trim(), format!("ok {head}"));
    assert_eq!(run(&head.replacen("300", "301", 1)).trim(), "line 301: is missing");
}
