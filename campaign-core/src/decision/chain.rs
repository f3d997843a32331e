//! The hash chain: text in, text out.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::MAX_LINE;
use super::log::LogError;
use super::record::Decision;
use crate::digest::{Digest, DigestError};

/// A text that is no [`Head`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HeadError {
    /// Its digest is none.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// Not a sequence number, a colon and a digest.
    #[error("{0:?} is not a head: expected a sequence number, a colon and 64 hex digits")]
    Head(String),
}

/// The last record of a log, by number and hash: all that must be published to pin down every record
/// up to it. Prints and reads as `seq:hash`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// How many records there are.
    pub seq: u64,
    /// The hash of the last one.
    pub hash: Digest,
}

impl Head {
    /// The head of an empty log.
    pub const EMPTY: Self = Self { seq: 0, hash: Digest::ZERO };
}

impl Default for Head {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

impl FromStr for Head {
    type Err = HeadError;

    fn from_str(text: &str) -> Result<Self, HeadError> {
        let bad = || HeadError::Head(text.chars().take(100).collect());
        let (seq, hash) = text.split_once(':').ok_or_else(bad)?;
        let seq = sequence(seq).ok_or_else(bad)?;
        Ok(Self { seq, hash: hash.parse()? })
    }
}

/// A record that does not belong where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {kind}")]
pub struct Defect {
    /// Its line, counted from 1.
    pub line: u64,
    /// What is wrong.
    pub kind: DefectKind,
}

/// What is wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DefectKind {
    /// Not a line that this log could have written.
    #[error("not a record: {0}")]
    Malformed(&'static str),
    /// The record has another number than its place demands: records were dropped, inserted,
    /// repeated or moved.
    #[error("record {got} stands where record {expected} belongs")]
    Sequence {
        /// The number that belongs here.
        expected: u64,
        /// The number found.
        got: u64,
    },
    /// The record names another predecessor than the one before it.
    #[error("the record follows {got}, but the one before it is {expected}")]
    Link {
        /// Hash of the record before.
        expected: Digest,
        /// Hash that the record names.
        got: Digest,
    },
    /// The content is not what the hash was made of.
    #[error("the content hashes to {expected}, the record says {got}")]
    Content {
        /// Hash of the content.
        expected: Digest,
        /// Hash that the record names.
        got: Digest,
    },
    /// The last line does not end in a line feed: a crash tore it, or its end was cut off.
    #[error("the line is incomplete")]
    Torn,
    /// The log ends before the published head.
    #[error("the log ends before this record; the published head is record {head}")]
    Truncated {
        /// The number of the published head.
        head: u64,
    },
    /// Another record stands where the published head was: the log was written anew.
    #[error("the published head has hash {expected}, the record has {got}")]
    Rewritten {
        /// The published hash.
        expected: Digest,
        /// The record's hash.
        got: Digest,
    },
}

/// A hash chain without a file: makes lines out of decisions and checks lines that others made.
///
/// For logs that live in a database, an object store or a stream; [`DecisionLog`](super::DecisionLog)
/// is this chain on a file.
///
/// # Examples
/// ```
/// use campaign_core::{Decision, decision::Chain};
/// let pause = Decision::new("d1", "2026-03-02T06:00:00Z".parse()?, "loop", "creative:17", "pause");
/// let mut writer = Chain::new();
/// let line = writer.append(&pause)?;
/// let mut reader = Chain::new();
/// reader.accept(line.as_bytes())?;
/// assert_eq!(reader.head(), writer.head());
/// assert!(reader.accept(line.as_bytes()).is_err(), "a record cannot come twice");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Chain {
    head: Head,
}

impl Chain {
    /// An empty chain.
    #[must_use]
    pub const fn new() -> Self {
        Self { head: Head::EMPTY }
    }

    /// A chain that goes on from a head that is trusted.
    #[must_use]
    pub const fn from_head(head: Head) -> Self {
        Self { head }
    }

    /// The last record.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Appends a decision and returns its line, without line feed.
    ///
    /// # Errors
    /// [`LogError::Decision`] if the decision cannot be written down, [`LogError::TooLong`]; the
    /// chain is then unchanged.
    pub fn append(&mut self, decision: &Decision) -> Result<String, LogError> {
        decision.check()?;
        let content = serde_json_canonicalizer::to_string(decision).map_err(LogError::Encode)?;
        let prev = self.head.hash;
        let seq = self.head.seq + 1;
        let hash = digest(content.as_bytes(), prev, seq);
        let line =
            format!("{START}{content},\"hash\":\"{hash}\",\"prev\":\"{prev}\",\"seq\":{seq}}}");
        if line.len() >= MAX_LINE {
            return Err(LogError::TooLong { bytes: line.len() + 1 });
        }
        self.head = Head { seq, hash };
        Ok(line)
    }

    /// Takes the next line of a log, without line feed, and returns the JSON of its decision.
    ///
    /// # Errors
    /// [`Defect`] if the line is not the next record; the chain is then unchanged.
    pub fn accept<'l>(&mut self, line: &'l [u8]) -> Result<&'l str, Defect> {
        let seq = self.head.seq + 1;
        let fail = |kind| Defect { line: seq, kind };
        let record = Parts::of(line).map_err(|what| fail(DefectKind::Malformed(what)))?;
        if record.seq != seq {
            return Err(fail(DefectKind::Sequence { expected: seq, got: record.seq }));
        }
        if record.prev != self.head.hash {
            let (expected, got) = (self.head.hash, record.prev);
            return Err(fail(DefectKind::Link { expected, got }));
        }
        let hash = digest(record.content.as_bytes(), record.prev, seq);
        if record.hash != hash {
            return Err(fail(DefectKind::Content { expected: hash, got: record.hash }));
        }
        if !is_canonical(record.content) {
            return Err(fail(DefectKind::Malformed("the decision is not canonical JSON")));
        }
        self.head = Head { seq, hash };
        Ok(record.content)
    }
}

/// How every line begins.
pub(super) const START: &str = "{\"decision\":";

/// SHA-256 of `{"decision":CONTENT,"prev":"PREV","seq":SEQ}`.
fn digest(content: &[u8], prev: Digest, seq: u64) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(START);
    hasher.update(content);
    hasher.update(format!(",\"prev\":\"{prev}\",\"seq\":{seq}}}"));
    Digest::from_bytes(hasher.finalize().into())
}

fn is_canonical(content: &str) -> bool {
    let Ok(value @ serde_json::Value::Object(_)) = serde_json::from_str(content) else {
        return false;
    };
    serde_json_canonicalizer::to_string(&value).is_ok_and(|text| text == content)
}

/// A sequence number in the one way we write it.
fn sequence(text: &str) -> Option<u64> {
    text.parse::<u64>().ok().filter(|seq| *seq <= 1 << 53 && seq.to_string() == text)
}

/// A line taken apart from its end, where everything has a fixed place.
struct Parts<'l> {
    content: &'l str,
    hash: Digest,
    prev: Digest,
    seq: u64,
}

impl<'l> Parts<'l> {
    fn of(line: &'l [u8]) -> Result<Self, &'static str> {
        let line = core::str::from_utf8(line).map_err(|_| "not UTF-8")?;
        let rest = line.strip_prefix(START).ok_or("does not start with a decision")?;
        let rest = rest.strip_suffix('}').ok_or("does not end with a brace")?;
        let (rest, seq) = rest.rsplit_once(",\"seq\":").ok_or("no sequence number")?;
        let seq = sequence(seq).ok_or("the sequence number is no number")?;
        let (rest, prev) = take_digest(rest, ",\"prev\":\"").ok_or("no previous hash")?;
        let (content, hash) = take_digest(rest, ",\"hash\":\"").ok_or("no hash")?;
        Ok(Self { content, hash, prev, seq })
    }
}

/// Splits `REST + NAME + 64 hex digits + "` into the rest and the digest.
fn take_digest<'l>(text: &'l str, name: &str) -> Option<(&'l str, Digest)> {
    let (rest, digest) = text.strip_suffix('"')?.rsplit_once(name)?;
    Some((rest, digest.parse().ok()?))
}
