//! How records stand in the log: `length, CRC-32, payload`, one after the other.
//!
//! A payload begins with its sequence number, so that a record that belongs to an older snapshot is
//! known as such and a lost one is missed.

use super::super::codec::{Put, Take, checksum};

/// Bytes of a frame before its payload.
pub(crate) const HEAD: usize = 8;
/// The shortest payload: sequence number and kind. Zeros, which are what some file systems leave at a
/// torn end, are no frame because of it.
const SHORTEST: usize = 9;
/// The longest payload; a length beyond it is damage.
pub(crate) const LONGEST: usize = 1 << 20;

/// Appends a frame whose payload `fill` writes after the sequence number.
pub(crate) fn put_frame(out: &mut Vec<u8>, seq: u64, fill: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.put_u64(0);
    out.put_u64(seq);
    fill(out);
    let payload = out.get(start + HEAD..).unwrap_or_default();
    let (length, sum) = (payload.len() as u32, checksum(payload));
    if let Some(head) = out.get_mut(start..start + HEAD) {
        let (a, b) = head.split_at_mut(4);
        a.copy_from_slice(&length.to_le_bytes());
        b.copy_from_slice(&sum.to_le_bytes());
    }
}

/// The first frame of some bytes: its sequence number, the rest of its payload, and its length.
pub(crate) fn take_frame(bytes: &[u8]) -> Option<(u64, &[u8], usize)> {
    let mut take = Take(bytes);
    let (length, sum) = (take.u32()? as usize, take.u32()?);
    if !(SHORTEST..=LONGEST).contains(&length) {
        return None;
    }
    let payload = take.bytes(length)?;
    if checksum(payload) != sum {
        return None;
    }
    let mut take = Take(payload);
    Some((take.u64()?, take.0, HEAD + length))
}

/// How a log ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tail {
    /// With a whole frame.
    Whole,
    /// With bytes that are no frame and have none after them: a write that did not finish.
    Torn,
    /// A later frame stands behind the bytes that are none: not a torn end, but damage.
    Damaged,
}

/// What stands after the last whole frame. `seq` is the number of that frame.
///
/// A write that a crash cut short leaves nothing behind it. Where a whole frame with a later number
/// follows, acknowledged records are damaged, and cutting them off would lose them silently.
pub(crate) fn tail(rest: &[u8], seq: u64) -> Tail {
    if rest.is_empty() {
        return Tail::Whole;
    }
    let later = |at: usize| {
        rest.get(at..)
            .and_then(take_frame)
            .is_some_and(|(found, _, _)| found > seq && found - seq <= rest.len() as u64)
    };
    if (1..rest.len()).any(later) { Tail::Damaged } else { Tail::Torn }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(n: u64) -> Vec<u8> {
        let mut out = Vec::new();
        for seq in 1..=n {
            put_frame(&mut out, seq, |out| out.put_bytes(&[seq as u8; 5]));
        }
        out
    }

    #[test]
    fn frames_are_taken_in_order() {
        let bytes = frames(3);
        let mut rest = &bytes[..];
        for expected in 1..=3 {
            let (seq, payload, length) = take_frame(rest).unwrap();
            assert_eq!((seq, payload), (expected, &[expected as u8; 5][..]));
            rest = &rest[length..];
        }
        assert!(rest.is_empty());
    }

    #[test]
    fn every_cut_is_a_torn_end() {
        let bytes = frames(3);
        let (_, _, length) = take_frame(&bytes).unwrap();
        for cut in 2 * length + 1..bytes.len() {
            let rest = &bytes[2 * length..cut];
            assert_eq!(take_frame(rest), None);
            assert_eq!(tail(rest, 2), Tail::Torn);
        }
        assert_eq!(tail(&[], 3), Tail::Whole);
        assert_eq!(tail(&[0; 4096], 3), Tail::Torn);
    }

    #[test]
    fn every_flipped_bit_is_seen_and_no_torn_end() {
        let good = frames(3);
        let (_, _, length) = take_frame(&good).unwrap();
        for bit in 8 * length..16 * length {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(take_frame(&bytes[length..]), None, "bit {bit}");
            assert_eq!(tail(&bytes[length..], 1), Tail::Damaged, "bit {bit}");
        }
    }
}
