//! What went in and what came out, counted so that a loss or a repetition cannot cancel out.

use crate::feature::source::NOT_REPORTED;

/// How many buckets keys are counted in.
pub(crate) const BUCKETS: usize = 256;

/// Per bucket: events, requests, digest of the events, digest of the requests.
const FIXED: usize = 4;

/// A row of the input as it is counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventRow<'a> {
    pub(crate) source: usize,
    pub(crate) day: i32,
    pub(crate) known_at: i64,
    pub(crate) fact: u64,
    pub(crate) stands: bool,
    pub(crate) measures: &'a [i64],
    pub(crate) attributes: &'a [u32],
}

/// Per hash bucket of the key: rows, exact sums and digests.
///
/// Sums and digests are sums modulo 2⁶⁴ over rows, so they depend on no order and add over
/// partitions. The digest is a sum of row hashes: rows lost and rows repeated change it even where
/// counts and sums happen to agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ledger {
    measures: usize,
    cells: Vec<i64>,
    /// How many requests were counted, and the digest of their identities.
    asked: (i64, i64),
    /// The same of the results.
    results: (i64, i64),
}

impl Ledger {
    pub(crate) fn new(measures: usize) -> Self {
        let cells = vec![0; BUCKETS * (FIXED + measures)];
        Self { measures, cells, asked: (0, 0), results: (0, 0) }
    }

    fn bucket(&mut self, key: u64) -> Option<&mut [i64]> {
        let width = FIXED + self.measures;
        let start = (key % BUCKETS as u64) as usize * width;
        self.cells.get_mut(start..start + width)
    }

    pub(crate) fn event(&mut self, key: u64, row: EventRow<'_>) {
        let mut hash = mix(key ^ mix(row.source as u64 + 1));
        hash = mix(hash ^ row.day as u64);
        hash = mix(hash ^ row.known_at as u64);
        hash = mix(hash ^ row.fact);
        hash = mix(hash ^ u64::from(row.stands));
        for &code in row.attributes {
            hash = mix(hash ^ u64::from(code));
        }
        for &value in row.measures {
            hash = mix(hash ^ value as u64);
        }
        let Some(cells) = self.bucket(key) else { return };
        let [events, _, digest, _, sums @ ..] = cells else { return };
        *events = events.wrapping_add(1);
        *digest = digest.wrapping_add(hash as i64);
        for (sum, &value) in sums.iter_mut().zip(row.measures) {
            if value != NOT_REPORTED {
                *sum = sum.wrapping_add(value);
            }
        }
    }

    pub(crate) fn request(&mut self, key: u64, id: u64, day: i32, cutoff: i64) {
        let hash = mix(mix(mix(key ^ id) ^ day as u64) ^ cutoff as u64);
        more(&mut self.asked, (1, mix(id) as i64));
        let Some(cells) = self.bucket(key) else { return };
        let [_, requests, _, digest, ..] = cells else { return };
        *requests = requests.wrapping_add(1);
        *digest = digest.wrapping_add(hash as i64);
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (cell, other) in self.cells.iter_mut().zip(&other.cells) {
            *cell = cell.wrapping_add(*other);
        }
        more(&mut self.asked, other.asked);
        more(&mut self.results, other.results);
    }

    /// Counts the result of a request.
    #[cfg(feature = "ballista")]
    pub(crate) fn result(&mut self, id: u64) {
        more(&mut self.results, (1, mix(id) as i64));
    }

    /// How many requests were counted, and the digest of their identities.
    #[cfg(feature = "ballista")]
    pub(crate) fn asked(&self) -> (i64, i64) {
        self.asked
    }

    /// The same of the results.
    #[cfg(feature = "ballista")]
    pub(crate) fn results(&self) -> (i64, i64) {
        self.results
    }

    /// The first bucket in which the two differ: (bucket, what, expected here, got there).
    pub(crate) fn difference(&self, got: &Self) -> Option<(usize, String, i64, i64)> {
        let width = FIXED + self.measures;
        if self.cells.len() != got.cells.len() {
            let lengths = (self.cells.len() as i64, got.cells.len() as i64);
            return Some((0, "cells".into(), lengths.0, lengths.1));
        }
        let at = self.cells.iter().zip(&got.cells).position(|(a, b)| a != b)?;
        let what = match at % width {
            0 => "events".to_owned(),
            1 => "requests".to_owned(),
            2 => "digest of events".to_owned(),
            3 => "digest of requests".to_owned(),
            n => format!("sum of measure {}", n - FIXED),
        };
        Some((at / width, what, *self.cells.get(at)?, *got.cells.get(at)?))
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.cells.iter().flat_map(|cell| cell.to_le_bytes()).collect()
    }

    /// `None` if the bytes are not those of a ledger of so many measures.
    pub(crate) fn from_bytes(measures: usize, bytes: &[u8]) -> Option<Self> {
        let (cells, rest) = bytes.as_chunks::<8>();
        let cells: Vec<i64> = cells.iter().map(|cell| i64::from_le_bytes(*cell)).collect();
        (rest.is_empty() && cells.len() == BUCKETS * (FIXED + measures)).then_some(Self {
            measures,
            cells,
            asked: (0, 0),
            results: (0, 0),
        })
    }
}

fn more(sum: &mut (i64, i64), by: (i64, i64)) {
    *sum = (sum.0.wrapping_add(by.0), sum.1.wrapping_add(by.1));
}

/// The hash of a key; a missing key is a key of its own.
pub(crate) fn hash_key(key: Option<&str>) -> u64 {
    let Some(key) = key else { return 0 };
    // FNV-1a, finished so that the low bits depend on every byte.
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    mix(hash)
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014), a bijection.
fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(ledger: &mut Ledger, key: &str, day: i32, measures: &[i64]) {
        let row = EventRow {
            source: 0,
            day,
            known_at: 5,
            fact: 1,
            stands: true,
            measures,
            attributes: &[],
        };
        ledger.event(hash_key(Some(key)), row);
    }

    #[test]
    fn order_and_partitions_do_not_matter() {
        let (mut whole, mut a, mut b) = (Ledger::new(1), Ledger::new(1), Ledger::new(1));
        event(&mut whole, "x", 1, &[3]);
        event(&mut whole, "y", 2, &[4]);
        event(&mut b, "y", 2, &[4]);
        event(&mut a, "x", 1, &[3]);
        b.add(&a);
        assert_eq!(whole.difference(&b), None);
        assert_eq!(Ledger::from_bytes(1, &whole.to_bytes()), Some(whole.clone()));
        assert_eq!(Ledger::from_bytes(2, &whole.to_bytes()), None);
        assert_eq!(Ledger::from_bytes(1, &whole.to_bytes()[1..]), None);
    }

    #[test]
    fn one_row_lost_and_another_repeated_is_seen() {
        let (mut sent, mut got) = (Ledger::new(1), Ledger::new(1));
        for day in [1, 2] {
            event(&mut sent, "x", day, &[3]);
            event(&mut got, "x", 1, &[3]);
        }
        assert_eq!(sent.difference(&got).map(|d| d.1), Some("digest of events".into()));
    }

    #[test]
    fn what_differs_is_named() {
        let (mut sent, mut got) = (Ledger::new(2), Ledger::new(2));
        event(&mut sent, "x", 1, &[3, i64::MIN]);
        assert_eq!(sent.difference(&got).map(|d| (d.1, d.2, d.3)), Some(("events".into(), 1, 0)));
        event(&mut got, "x", 1, &[3, 1]);
        assert_eq!(sent.difference(&got).map(|d| d.1), Some("digest of events".into()));
        got = sent.clone();
        got.request(hash_key(None), 4, 1, 1);
        assert_eq!(sent.difference(&got).map(|d| d.1), Some("requests".into()));
        assert_eq!((sent.asked.0, got.asked.0), (0, 1));
    }
}
