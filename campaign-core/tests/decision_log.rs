//! The log on a file: crashes, other writers, refused decisions.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;

use campaign_core::decision::{
    DecisionError, DefectKind, Head, LogError, MAX_LINE, Recovery, verify,
};
use campaign_core::{Decision, DecisionLog, Reason};
use common::{decision, log, split};
use proptest::prelude::*;
use serde_json::{Value, json};

fn assert_grows(path: &Path, n: u64) {
    let mut log = DecisionLog::open(path).unwrap();
    assert_eq!((log.recovery(), log.head().seq), (&Recovery::Clean, n));
    let head = log.append(&decision(n + 1)).unwrap();
    drop(log);
    let (whole, expected) = common::log(n + 1);
    assert_eq!((fs::read(path).unwrap(), head), (whole, expected));
}

/// The file after a crash in the middle of the last append, at every byte.
#[test]
fn a_crash_at_any_byte_loses_nothing_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    let (text, _) = log(3);
    let kept = split(&text)[..2].concat();
    for len in kept.len()..=text.len() {
        fs::write(&path, &text[..len]).unwrap();
        let log = DecisionLog::open(&path).unwrap();
        let torn = &text[kept.len()..len];
        let (recovery, n) = match text.len() - len {
            0 => (Recovery::Clean, 3),
            1 => (Recovery::Completed { line: 3 }, 3),
            _ if torn.is_empty() => (Recovery::Clean, 2),
            _ => (Recovery::Truncated { line: 3, torn: torn.to_vec() }, 2),
        };
        assert_eq!((log.recovery(), log.head()), (&recovery, common::log(n).1), "{len} bytes");
        drop(log);
        assert_eq!(fs::read(&path).unwrap(), common::log(n).0, "{len} bytes");
        assert_grows(&path, n);
    }
}

/// Some file systems leave zeros where the data of a grown file were not yet written.
#[test]
fn zeros_after_a_crash_are_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    let (text, _) = log(2);
    let first = split(&text)[0].len();
    for (len, n) in [(0, 0), (first, 1), (first + 100, 1), (text.len() - 1, 2), (text.len(), 2)] {
        fs::write(&path, [&text[..len], &[0; 5000]].concat()).unwrap();
        let log = DecisionLog::open(&path).unwrap();
        assert_ne!(log.recovery(), &Recovery::Clean);
        drop(log);
        assert_grows(&path, n);
    }
}

#[test]
fn a_whole_line_that_is_wrong_is_not_mended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    let (text, _) = log(2);
    let changed = String::from_utf8(text.clone()).unwrap().replace("loop", "Loop");
    let torn_but_ended = [&text[..text.len() - 20], b"\n"].concat();
    for (bytes, line) in [
        (changed.as_bytes(), 1),
        // Without its line feed, and without its first line.
        (changed.trim_end().as_bytes(), 1),
        (split(&text)[1].trim_ascii_end(), 1),
        (&[&text[..text.len() - 1], b"X"].concat(), 2),
        (&[&text[..], b"\n"].concat(), 3),
        (&[&text[..], b"no JSON"].concat(), 3),
        (&torn_but_ended, 2),
        (&[&text[..200], &text[201..]].concat(), 1),
        (b"\xff\xfe", 1),
        // The beginning of some other JSON: not our file, not ours to cut.
        (b"{\"title\": \"pla", 1),
        (b" ", 1),
    ] {
        fs::write(&path, bytes).unwrap();
        match DecisionLog::open(&path) {
            Err(LogError::Defect { path: named, defect }) => {
                assert_eq!((named.as_path(), defect.line), (path.as_path(), line));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(fs::read(&path).unwrap(), bytes, "left as it was");
    }
}

#[test]
fn one_writer_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    let mut first = DecisionLog::open(&path).unwrap();
    first.append(&decision(1)).unwrap();
    assert!(matches!(DecisionLog::open(&path), Err(LogError::Locked { .. })));
    first.append(&decision(2)).unwrap();
    drop(first);
    assert_grows(&path, 2);

    // A writer that knows no lock.
    let mut log = DecisionLog::open(&path).unwrap();
    let mut other = fs::OpenOptions::new().append(true).open(&path).unwrap();
    other.write_all(b"note to self\n").unwrap();
    let before = fs::read(&path).unwrap();
    for _ in 0..2 {
        assert!(matches!(log.append(&decision(4)), Err(LogError::Changed { .. })));
    }
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(log.head().seq, 3);
}

#[test]
fn interleaved_writers_make_one_chain() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let mut left = 5;
                while left > 0 {
                    match DecisionLog::open(path) {
                        Ok(mut log) => {
                            log.append(&decision(100 * writer + left)).unwrap();
                            left -= 1;
                        }
                        Err(LogError::Locked { .. }) => std::thread::yield_now(),
                        Err(other) => panic!("{other}"),
                    }
                }
            });
        }
    });
    assert_eq!(verify(&fs::read(&path).unwrap()[..], None).unwrap().head.seq, 20);
}

#[test]
fn what_cannot_be_written_down_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    let mut log = DecisionLog::open(&path).unwrap();
    let head = log.append(&decision(1)).unwrap();
    let deep = (0..70).fold(json!(1), |inner, _| json!([inner]));
    let with = |name: &str, value: Value| decision(2).with_input(name, value);
    let reason = |r: Reason| decision(2).with_reason(r);
    let mut anonymous = decision(2);
    anonymous.actor = " ".into();
    let long = "x".repeat(MAX_LINE);
    for (bad, message) in [
        (decision(2).with_input("cpa", f64::NAN), "inputs.cpa is NaN, expected a finite number"),
        (
            decision(2).with_input("days", vec![1.0, f64::NEG_INFINITY]),
            "inputs.days is -inf, expected a finite number",
        ),
        (
            reason(Reason::above("cpa", f64::INFINITY, 1.0)),
            "reasons[1].observed is inf, expected a finite number",
        ),
        (
            reason(Reason::above("cpa", 2.0, 1.0).with_expected(f64::NAN)),
            "reasons[1].expected is NaN, expected a finite number",
        ),
        (
            reason(Reason::above("cpa", 2.0, 1.0).with_probability(1.5)),
            "reasons[1].evidence.probability is 1.5, expected a probability",
        ),
        (reason(Reason::above("cpa", 1.0, 2.0)), "reasons[1] does not hold: 1 is above 2 is false"),
        (
            reason(Reason::above("cpa", 2.0, 1.0).with_n(u64::MAX)),
            "reasons[1].evidence.n is 18446744073709551615, which a JSON number cannot hold \
             exactly; give it as text",
        ),
        (
            with("id", json!({"user": [9_007_199_254_740_993_u64]})),
            "inputs.id.user[0] is 9007199254740993, which a JSON number cannot hold exactly; \
             give it as text",
        ),
        (anonymous, "actor is blank"),
    ] {
        assert_eq!(log.append(&bad).unwrap_err().to_string(), message);
        assert!(serde_json::to_string(&bad).is_err() == message.contains("finite"), "{message}");
    }
    let error = log.append(&with("deep", deep)).unwrap_err();
    assert!(matches!(error, LogError::Decision(DecisionError::Depth { .. })), "{error}");
    let error = log.append(&with("long", long.into())).unwrap_err();
    assert!(matches!(error, LogError::TooLong { .. }), "{error}");
    let error = log.append_all([&decision(2), &decision(3).with_input("x", f64::NAN)]).unwrap_err();
    assert!(matches!(error, LogError::Decision(_)), "{error}");
    assert_eq!(log.head(), head);
    drop(log);
    assert_grows(&path, 1);
}

#[test]
fn a_corrected_input_is_no_longer_refused() {
    let d = decision(1).with_input("x", f64::NAN);
    assert!(d.check().is_err());
    assert_eq!(d.with_input("x", 1.0).check(), Ok(()));
}

#[test]
fn texts_may_be_huge_and_the_deepest_input_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    let mut log = DecisionLog::open(&path).unwrap();
    let huge = "日本 \u{10ffff}\"\\\u{0}".repeat(200_000);
    let deepest = (0..62).fold(json!({"a": 1}), |inner, _| json!([inner]));
    let d = decision(1).with_input("huge", huge).with_input("deepest", deepest);
    let head = log.append(&d).unwrap();
    drop(log);
    let text = fs::read(&path).unwrap();
    assert_eq!(verify(&text[..], Some(&head)).unwrap().head, head);
    let read = campaign_core::decision::entries(&text[..]).next().unwrap().unwrap();
    assert!(read.decision == d);
    assert_eq!(DecisionLog::open(&path).unwrap().head(), head);

    let endless = folder.path().join("endless");
    fs::write(&endless, vec![b'{'; MAX_LINE + 1]).unwrap();
    let Err(LogError::Defect { defect, .. }) = DecisionLog::open(&endless) else { panic!() };
    assert_eq!(defect.kind, DefectKind::Malformed("the line is too long"));
}

#[test]
fn several_decisions_in_one_write() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    let mut log = DecisionLog::open(&path).unwrap();
    let none: [&Decision; 0] = [];
    assert_eq!(log.append_all(none).unwrap(), Head::EMPTY);
    let head = log.append_all(&[decision(1), decision(2), decision(3)]).unwrap();
    drop(log);
    assert_eq!((fs::read(&path).unwrap(), head), common::log(3));
}

#[test]
fn a_path_that_cannot_be_opened_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().to_owned(), folder.path().join("none").join("log.jsonl")] {
        let error = DecisionLog::open(&path).unwrap_err();
        assert!(matches!(error, LogError::Io { .. }), "{error}");
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    /// Whatever the decision, cut anywhere: the torn tail goes, the rest stays.
    #[test]
    fn any_decision_survives_a_crash(d in common::any_decision(), at in any::<prop::sample::Index>()) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        let mut log = DecisionLog::open(&path).unwrap();
        let first = log.append(&d).unwrap();
        let kept = fs::metadata(&path).unwrap().len() as usize;
        log.append(&d).unwrap();
        drop(log);
        let text = fs::read(&path).unwrap();
        let len = kept + at.index(text.len() - 1 - kept);
        fs::write(&path, &text[..len]).unwrap();
        prop_assert_eq!(DecisionLog::open(&path).unwrap().head(), first);
        prop_assert_eq!(fs::read(&path).unwrap(), &text[..kept]);
    }
}
