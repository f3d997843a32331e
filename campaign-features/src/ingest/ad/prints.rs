//! Fingerprints of cells.

use std::borrow::Cow;

use crate::ingest::hash::Fingerprint;
use crate::ingest::number::is_null;
use crate::ingest::plan::Named;

/// Whether empty cells are part of a fingerprint.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Nulls {
    In,
    Out,
}

/// The fingerprint of some cells.
#[inline]
pub(crate) fn cells(row: &[Cow<'_, str>], named: &[Named], nulls: Nulls) -> Fingerprint {
    let mut print = Fingerprint::new();
    for (index, seed) in named {
        if let Some(cell) = row.get(*index) {
            let cell = trimmed(cell);
            if nulls == Nulls::In || !(cell.len() <= 4 && is_null(cell)) {
                print.bytes(*seed, cell.as_bytes());
            }
        }
    }
    print
}

/// A text without white space around it; most have none.
#[inline]
fn trimmed(text: &str) -> &str {
    let plain = |byte: Option<&u8>| byte.is_none_or(|byte| (b'!'..=b'~').contains(byte));
    let bytes = text.as_bytes();
    if plain(bytes.first()) && plain(bytes.last()) { text } else { text.trim() }
}
