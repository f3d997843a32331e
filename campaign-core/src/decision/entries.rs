//! Reading a log and checking every line of it.

use std::io::{self, BufRead, Read};

use thiserror::Error;

use super::MAX_LINE;
use super::chain::{Chain, Defect, DefectKind, Head};
use super::record::Decision;
use crate::digest::Digest;

/// Why a log cannot be read or trusted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The log was touched; the line and the kind of the first defect.
    #[error(transparent)]
    Defect(#[from] Defect),
    /// The chain holds, but this record is not a decision that this version can read.
    #[error("line {line}: not a decision of this version: {source}")]
    Decision {
        /// Its line, counted from 1.
        line: u64,
        /// What the decoder says.
        source: serde_json::Error,
    },
    /// The reader failed.
    #[error("the log cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// What a log turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// The last record. `head.seq` is the number of records.
    pub head: Head,
    /// Size of the log.
    pub bytes: u64,
}

/// One record of a log, its place in the chain checked.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// Its number, which is also its line.
    pub seq: u64,
    /// Its hash.
    pub hash: Digest,
    /// The decision.
    pub decision: Decision,
}

/// Checks a whole log, and that it holds the head that was published once.
///
/// The log may have grown since the head was published. Without a head, a log whose end was cut off
/// at a line passes: nothing in it says how long it was.
///
/// # Errors
/// [`VerifyError::Defect`] with the first line that does not belong; [`VerifyError::Io`].
///
/// # Complexity
/// Linear in the size of the log; memory for one line.
///
/// # Examples
/// ```
/// use campaign_core::{Decision, decision::{Chain, DefectKind, VerifyError, verify}};
/// let mut chain = Chain::new();
/// let mut log = String::new();
/// for id in ["d1", "d2", "d3"] {
///     let d = Decision::new(id, "2026-03-02T06:00:00Z".parse()?, "loop", "creative:17", "pause");
///     log += &(chain.append(&d)? + "\n");
/// }
/// let published = chain.head();
/// assert_eq!(verify(log.as_bytes(), Some(&published))?.head, published);
///
/// let cut: String = log.split_inclusive('\n').take(2).collect();
/// assert!(verify(cut.as_bytes(), None).is_ok());
/// let Err(VerifyError::Defect(defect)) = verify(cut.as_bytes(), Some(&published)) else { panic!() };
/// assert_eq!((defect.line, defect.kind), (3, DefectKind::Truncated { head: 3 }));
///
/// let changed = log.replacen("pause", "raise", 1);
/// let Err(VerifyError::Defect(defect)) = verify(changed.as_bytes(), None) else { panic!() };
/// assert_eq!(defect.line, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn verify<R: BufRead>(reader: R, published: Option<&Head>) -> Result<Verified, VerifyError> {
    let mut lines = Lines::new(reader);
    let mut chain = Chain::new();
    check_head(&chain, published)?;
    while let Some(ended) = lines.next()? {
        if !ended {
            return Err(Defect { line: chain.head().seq + 1, kind: lines.unended() }.into());
        }
        chain.accept(&lines.line)?;
        check_head(&chain, published)?;
    }
    match published {
        Some(head) if head.seq > chain.head().seq => {
            let kind = DefectKind::Truncated { head: head.seq };
            Err(Defect { line: chain.head().seq + 1, kind }.into())
        }
        _ => Ok(Verified { head: chain.head(), bytes: lines.bytes }),
    }
}

fn check_head(chain: &Chain, published: Option<&Head>) -> Result<(), Defect> {
    let Head { seq, hash } = chain.head();
    match published {
        Some(head) if head.seq == seq && head.hash != hash => {
            let kind = DefectKind::Rewritten { expected: head.hash, got: hash };
            Err(Defect { line: seq, kind })
        }
        _ => Ok(()),
    }
}

/// Reads the decisions of a log, checking the chain on the way.
///
/// Ends after the first error. Compare the last entry with a published head, or call [`verify`], to
/// know that the end was not cut off.
pub fn entries<R: BufRead>(reader: R) -> Entries<R> {
    Entries { lines: Lines::new(reader), chain: Chain::new(), done: false }
}

/// The iterator of [`entries`].
#[derive(Debug)]
pub struct Entries<R> {
    lines: Lines<R>,
    chain: Chain,
    done: bool,
}

impl<R: BufRead> Entries<R> {
    fn read(&mut self) -> Result<Option<Entry>, VerifyError> {
        let line = self.chain.head().seq + 1;
        match self.lines.next()? {
            None => Ok(None),
            Some(false) => Err(Defect { line, kind: self.lines.unended() }.into()),
            Some(true) => {
                let content = self.chain.accept(&self.lines.line)?;
                let decision = serde_json::from_str(content)
                    .map_err(|source| VerifyError::Decision { line, source })?;
                let Head { seq, hash } = self.chain.head();
                Ok(Some(Entry { seq, hash, decision }))
            }
        }
    }
}

impl<R: BufRead> Iterator for Entries<R> {
    type Item = Result<Entry, VerifyError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let entry = self.read().transpose();
        self.done = !matches!(entry, Some(Ok(_)));
        entry
    }
}

/// Lines of bounded length, with the knowledge whether the last one was ended.
#[derive(Debug)]
pub(super) struct Lines<R> {
    reader: R,
    /// The line read last, without its line feed.
    pub(super) line: Vec<u8>,
    /// Bytes read so far, line feeds included.
    pub(super) bytes: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, line: Vec::new(), bytes: 0 }
    }

    /// Reads a line; `None` at the end, else whether the line ended in a line feed. A line that is
    /// too long counts as not ended.
    pub(super) fn next(&mut self) -> io::Result<Option<bool>> {
        self.line.clear();
        let read = (&mut self.reader).take(MAX_LINE as u64).read_until(b'\n', &mut self.line)?;
        self.bytes += read as u64;
        let ended = self.line.pop_if(|byte| *byte == b'\n').is_some();
        Ok((read > 0).then_some(ended))
    }

    /// What is wrong with the line read last, if it was not ended.
    pub(super) fn unended(&self) -> DefectKind {
        if self.line.len() < MAX_LINE {
            DefectKind::Torn
        } else {
            DefectKind::Malformed("the line is too long")
        }
    }
}
