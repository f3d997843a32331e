//! From what a directory holds to the state of the last acknowledged update.

use super::super::online::OnlineStore;
use super::error::DirectoryError;
use super::frame::{Tail, tail, take_frame};
use super::record::{Record, Slices, take};
use crate::lineage::Digest;

const MAGIC: &[u8; 8] = b"CAMPLOG1";

/// Bytes before the first record: magic and digest.
pub(crate) const LOG_HEAD: usize = 40;

/// What was found when a directory was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Recovery {
    /// The last record that the snapshot holds; 0 without a snapshot.
    pub snapshot: u64,
    /// The last record of all.
    pub last: u64,
    /// How many records of the log were applied.
    pub applied: u64,
    /// Bytes of a write that did not finish, and was therefore never acknowledged. They are cut off.
    pub torn: u64,
}

/// How a log begins.
pub(crate) fn head(digest: Digest) -> [u8; LOG_HEAD] {
    let mut head = [0; LOG_HEAD];
    let bytes = MAGIC.iter().chain(digest.as_bytes());
    for (to, from) in head.iter_mut().zip(bytes) {
        *to = *from;
    }
    head
}

/// Applies the records of a log that the snapshot, whose last record is `snapshot`, does not hold.
/// Returns what was found and the length of the log without its torn end.
pub(crate) fn replay_log(
    store: &mut OnlineStore,
    bytes: &[u8],
    snapshot: u64,
) -> Result<(Recovery, u64), DirectoryError> {
    let mut found = Recovery { snapshot, last: snapshot, ..Recovery::default() };
    let expected = head(store.digest());
    let Some((start, mut rest)) = bytes.split_at_checked(LOG_HEAD) else {
        // A crash came before the first record.
        if expected.starts_with(bytes) {
            found.torn = bytes.len() as u64;
            return Ok((found, 0));
        }
        return Err(DirectoryError::Damaged { seq: snapshot, at: 0, reason: "no log" });
    };
    if start != expected {
        let mut digest = [0; 32];
        for (to, from) in digest.iter_mut().zip(start.iter().skip(MAGIC.len())) {
            *to = *from;
        }
        return Err(if start.starts_with(MAGIC) {
            DirectoryError::Digest { expected: store.digest(), got: Digest::from_bytes(digest) }
        } else {
            DirectoryError::Damaged { seq: snapshot, at: 0, reason: "no log" }
        });
    }
    let mut slices = Slices::default();
    let mut before = None;
    let mut at = LOG_HEAD as u64;
    while let Some((seq, payload, length)) = take_frame(rest) {
        let damaged = |reason| DirectoryError::Damaged { seq: seq.saturating_sub(1), at, reason };
        let follows = match before {
            Some(before) => seq == before + 1,
            None => seq >= 1 && seq <= snapshot + 1,
        };
        if !follows {
            return Err(damaged("records are missing"));
        }
        if seq > snapshot {
            let record = take(payload, &mut slices).ok_or(damaged("not a record"))?;
            apply(store, &record).map_err(|source| DirectoryError::Replay { seq, source })?;
            found.applied += 1;
            found.last = seq;
        }
        before = Some(seq);
        at += length as u64;
        rest = rest.get(length..).unwrap_or_default();
    }
    match tail(rest, before.unwrap_or(0)) {
        Tail::Whole => {}
        Tail::Torn => found.torn = rest.len() as u64,
        Tail::Damaged => {
            let seq = before.unwrap_or(snapshot);
            return Err(DirectoryError::Damaged { seq, at, reason: "whole records follow" });
        }
    }
    Ok((found, at))
}

fn apply(
    store: &mut OnlineStore,
    record: &Record<'_>,
) -> Result<(), super::super::online::UpdateError> {
    match record {
        Record::Key { kind, name } => store.insert_key(*kind as usize, name).map(|_| ()),
        Record::Event(event) => store.update(event).map(|_| ()),
        Record::Advance { day } => {
            store.advance(*day);
            Ok(())
        }
    }
}
