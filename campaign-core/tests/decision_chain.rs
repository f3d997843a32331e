//! Whatever is done to a log is detected, at the first line that differs from the original.
#![cfg(feature = "serde")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use campaign_core::decision::{
    Chain, Defect, DefectKind, Digest, Head, Verified, VerifyError, entries, verify,
};
use common::{decision, log, split};
use proptest::prelude::*;

fn defect(result: Result<Verified, VerifyError>) -> Defect {
    match result {
        Err(VerifyError::Defect(defect)) => defect,
        other => panic!("expected a defect, got {other:?}"),
    }
}

/// The oracle: the first line, counted from 1, in which two logs differ.
fn first_difference(original: &[u8], changed: &[u8]) -> Option<u64> {
    let (a, b) = (split(original), split(changed));
    (0..a.len().max(b.len())).find(|&i| a.get(i) != b.get(i)).map(|i| i as u64 + 1)
}

/// Detected at the right line, by `verify` and by `entries`; and what comes before is still read.
fn assert_located(original: &[u8], changed: &[u8], head: &Head) {
    let Some(line) = first_difference(original, changed) else {
        assert_eq!(verify(changed, Some(head)).unwrap().head, *head);
        return;
    };
    let found = defect(verify(changed, Some(head)));
    assert_eq!(found.line, line, "{found}");
    assert_eq!(entries(changed).take_while(Result::is_ok).count() as u64, line - 1);
}

#[test]
fn an_untouched_log_verifies_and_reads_back() {
    let (text, head) = log(4);
    let verified = verify(&text[..], Some(&head)).unwrap();
    assert_eq!((verified.head, verified.bytes), (head, text.len() as u64));
    let read: Vec<_> = entries(&text[..]).map(|e| e.unwrap()).collect();
    assert!(read.iter().zip(1..).all(|(e, seq)| e.seq == seq && e.decision == decision(seq)));
    assert_eq!((read.len(), read[3].hash), (4, head.hash));
    assert_eq!(verify(&b""[..], None).unwrap().head, Head::EMPTY);
}

#[test]
fn every_flipped_bit_is_located() {
    let (text, head) = log(2);
    for at in 0..text.len() {
        for bit in 0..8 {
            let mut changed = text.clone();
            changed[at] ^= 1 << bit;
            assert_located(&text, &changed, &head);
        }
    }
}

#[test]
fn every_truncation_is_located() {
    let (text, head) = log(2);
    for len in 0..text.len() {
        assert_located(&text, &text[..len], &head);
    }
}

#[derive(Debug, Clone)]
enum Tamper {
    SetByte(usize, u8),
    InsertByte(usize, u8),
    RemoveByte(usize),
    DropLine(usize),
    SwapLines(usize, usize),
    RepeatLine(usize, usize),
    Reverse,
    Truncate(usize),
    ForeignLine(usize),
}

fn tamper() -> impl Strategy<Value = Tamper> {
    let (at, line) = (any::<prop::sample::Index>(), 0..6usize);
    let at = at.prop_map(|i| i.index(1 << 20));
    prop_oneof![
        (at.clone(), any::<u8>()).prop_map(|(i, b)| Tamper::SetByte(i, b)),
        (at.clone(), any::<u8>()).prop_map(|(i, b)| Tamper::InsertByte(i, b)),
        (at.clone(), prop::sample::select(&b"\n\r \0"[..]))
            .prop_map(|(i, b)| Tamper::InsertByte(i, b)),
        at.clone().prop_map(Tamper::RemoveByte),
        line.clone().prop_map(Tamper::DropLine),
        (line.clone(), line.clone()).prop_map(|(i, j)| Tamper::SwapLines(i, j)),
        (line.clone(), line.clone()).prop_map(|(i, j)| Tamper::RepeatLine(i, j)),
        Just(Tamper::Reverse),
        at.prop_map(Tamper::Truncate),
        line.prop_map(Tamper::ForeignLine),
    ]
}

fn apply(tamper: &Tamper, text: &[u8]) -> Vec<u8> {
    let (mut bytes, mut lines) = (text.to_vec(), split(text));
    let (size, n) = (bytes.len(), lines.len());
    match *tamper {
        Tamper::SetByte(at, byte) => bytes[at % size] = byte,
        Tamper::InsertByte(at, byte) => bytes.insert(at % (size + 1), byte),
        Tamper::RemoveByte(at) => drop(bytes.remove(at % size)),
        Tamper::Truncate(at) => bytes.truncate(at % size),
        ref moved => {
            match *moved {
                Tamper::DropLine(i) => drop(lines.remove(i % n)),
                Tamper::SwapLines(i, j) => lines.swap(i % n, j % n),
                Tamper::RepeatLine(i, j) => lines.insert(j % (n + 1), lines[i % n].clone()),
                Tamper::Reverse => lines.reverse(),
                // The record of that number of another honest log. Not the first: it would be a
                // whole new beginning, which only shows at the next record or at the head.
                Tamper::ForeignLine(i) if n > 1 => {
                    let (mut chain, place) = (Chain::new(), 1 + i % (n - 1));
                    let mut other = (0..).map(|k| chain.append(&decision(100 + k)).unwrap());
                    lines[place] = (other.nth(place).unwrap() + "\n").into_bytes();
                }
                _ => {}
            }
            bytes = lines.concat();
        }
    }
    bytes
}

/// A repeat at the very end leaves the published records in place: the log seems to have grown.
/// The chain still refuses it.
#[test]
fn a_repeated_last_record_is_refused() {
    let (text, head) = log(3);
    let changed = apply(&Tamper::RepeatLine(2, 3), &text);
    let found = defect(verify(&changed[..], Some(&head)));
    assert_eq!(found, Defect { line: 4, kind: DefectKind::Sequence { expected: 4, got: 3 } });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn any_change_is_located(n in 1..7u64, first in tamper(), second in prop::option::of(tamper())) {
        let (text, head) = log(n);
        let mut changed = apply(&first, &text);
        if let Some(second) = second.filter(|_| !changed.is_empty()) {
            changed = apply(&second, &changed);
        }
        assert_located(&text, &changed, &head);
    }

    #[test]
    fn garbage_is_an_error_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 1..200)) {
        prop_assert!(verify(&bytes[..], None).is_err());
        prop_assert!(entries(&bytes[..]).all(|e| e.is_err()));
    }

    #[test]
    fn heads_round_trip(n in 0..4u64) {
        let head = log(n).1;
        prop_assert_eq!(head.to_string().parse::<Head>(), Ok(head));
        let json = serde_json::to_string(&head).unwrap();
        prop_assert_eq!(serde_json::from_str::<Head>(&json).unwrap(), head);
    }
}

#[test]
fn kinds_say_what_happened() {
    let (text, head) = log(3);
    let lines = split(&text);
    let kind = |changed: Vec<u8>| defect(verify(&changed[..], Some(&head))).kind;
    let edited = String::from_utf8(text.clone()).unwrap().replacen("loop", "Loop", 1);
    assert!(matches!(kind(edited.into_bytes()), DefectKind::Content { .. }));
    let dropped = kind([&lines[0][..], &lines[2]].concat());
    assert_eq!(dropped, DefectKind::Sequence { expected: 2, got: 3 });
    assert_eq!(kind(lines[..2].concat()), DefectKind::Truncated { head: 3 });
    assert_eq!(kind(text[..text.len() - 1].to_vec()), DefectKind::Torn);
    assert_eq!(kind(Vec::new()), DefectKind::Truncated { head: 3 });
    let spaced = text.iter().flat_map(|&b| if b == b':' { vec![b, b' '] } else { vec![b] });
    assert!(matches!(kind(spaced.collect()), DefectKind::Malformed(_)));
}

/// An attacker who knows the format makes the hashes of what he changed right again.
#[test]
fn a_forged_record_breaks_the_next_and_a_forged_log_breaks_the_head() {
    let (text, head) = log(3);
    let mut forged = Chain::new();
    let lies = decision(1).with_input("spend", 1.0);
    let first = forged.append(&lies).unwrap() + "\n";
    let rest = split(&text)[1..].concat();
    let found = defect(verify(&[first.as_bytes(), &rest].concat()[..], None));
    assert_eq!(found.line, 2);
    assert!(matches!(found.kind, DefectKind::Link { .. }));

    let mut whole = first;
    for seq in 2..=4 {
        whole += &(forged.append(&decision(seq)).unwrap() + "\n");
    }
    assert!(verify(whole.as_bytes(), None).is_ok(), "without a head it cannot be told");
    let found = defect(verify(whole.as_bytes(), Some(&head)));
    assert_eq!(found.line, 3);
    assert!(matches!(found.kind, DefectKind::Rewritten { .. }));
}

/// Bytes that hash correctly but are not the canonical form, so that another reader of JSON could
/// see another decision than the one that was hashed.
#[test]
fn correctly_hashed_but_not_canonical() {
    use sha2::{Digest as _, Sha256};
    let zeros = "0".repeat(64);
    for content in
        [r#"{"b":1,"a":2}"#, r#"{"a":1,"a":2}"#, r#"{"a": 1}"#, r#"{"a":1.0}"#, "[]", "{", ""]
    {
        let hashed = format!(r#"{{"decision":{content},"prev":"{zeros}","seq":1}}"#);
        let hash: String =
            Sha256::digest(hashed).iter().map(|byte| format!("{byte:02x}")).collect();
        let line = format!(
            "{{\"decision\":{content},\"hash\":\"{hash}\",\"prev\":\"{zeros}\",\"seq\":1}}\n"
        );
        let found = defect(verify(line.as_bytes(), None));
        assert!(matches!(found.kind, DefectKind::Malformed(_)), "{content}: {found}");
    }
}

#[test]
fn a_record_that_is_no_decision_of_ours_verifies_but_is_not_read() {
    use sha2::{Digest as _, Sha256};
    let zeros = "0".repeat(64);
    let hashed = format!(r#"{{"decision":{{"id":"d1"}},"prev":"{zeros}","seq":1}}"#);
    let hash: String = Sha256::digest(hashed).iter().map(|byte| format!("{byte:02x}")).collect();
    let line =
        format!(r#"{{"decision":{{"id":"d1"}},"hash":"{hash}","prev":"{zeros}","seq":1}}"#) + "\n";
    assert!(verify(line.as_bytes(), None).is_ok());
    let error = entries(line.as_bytes()).next().unwrap().unwrap_err();
    assert!(matches!(error, VerifyError::Decision { line: 1, .. }), "{error}");
}

#[test]
fn a_head_published_of_an_empty_log_fits_every_log_but_not_a_false_one() {
    let (text, _) = log(1);
    assert!(verify(&text[..], Some(&Head::EMPTY)).is_ok());
    let hash: Digest = "1".repeat(64).parse().unwrap();
    assert!(verify(&text[..], Some(&Head { seq: 0, hash })).is_err());
    for bad in ["", "3", "3:", ":0", "+3:", "03:", "3:zz"] {
        assert!(format!("{bad}{}", "0".repeat(63)).parse::<Head>().is_err(), "{bad}");
    }
    assert!(Digest::ZERO.to_string().to_uppercase().parse::<Digest>().is_ok(), "zeros only");
    assert!("A".repeat(64).parse::<Digest>().is_err());
    assert!("é".repeat(32).parse::<Digest>().is_err());
}
