//! The log on a file.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::MAX_LINE;
use super::chain::{Chain, Defect, DefectKind, Head, START};
use super::check::DecisionError;
use super::entries::Lines;
use super::record::Decision;

/// Why a log cannot be opened or appended to.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LogError {
    /// The decision cannot be written down. The log is unchanged.
    #[error(transparent)]
    Decision(#[from] DecisionError),
    /// The decision cannot be encoded. The log is unchanged.
    #[error("the decision cannot be encoded: {0}")]
    Encode(serde_json::Error),
    /// The record would be longer than [`MAX_LINE`]. The log is unchanged.
    #[error("the record has {bytes} bytes, at most {MAX_LINE} are allowed")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The existing file was touched, or is no log.
    #[error("{path}: {defect}", path = path.display())]
    Defect {
        /// The file.
        path: PathBuf,
        /// Where and what.
        defect: Defect,
    },
    /// Another log is open on the file, here or in another process.
    #[error("{path}: another writer has the log open", path = path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The file has another length than this log left it with: someone else wrote to it.
    #[error("{path}: has {got} bytes, {expected} were written", path = path.display())]
    Changed {
        /// The file.
        path: PathBuf,
        /// The length it should have.
        expected: u64,
        /// The length it has.
        got: u64,
    },
    /// An earlier append failed half-way, so that what the file holds is not known; open it again.
    #[error("{path}: an earlier append failed; open the log again", path = path.display())]
    Failed {
        /// The file.
        path: PathBuf,
    },
    /// The file system failed.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
}

/// What opening a log had to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Recovery {
    /// Nothing.
    Clean,
    /// The last record was whole but for its line feed, which was added.
    Completed {
        /// Its line.
        line: u64,
    },
    /// The last line was torn and was cut off. Its append had not returned.
    Truncated {
        /// Its line.
        line: u64,
        /// What was there of it.
        torn: Vec<u8>,
    },
}

/// A decision log on a file: one record per line, each line linked to the one before by its hash.
///
/// One writer at a time: the file is locked while the log is open (an advisory lock on Unix). Readers
/// need no lock; see [`verify`](super::verify) and [`entries`](super::entries).
///
/// # Examples
/// ```
/// use campaign_core::{Decision, DecisionLog, decision::{Recovery, verify}};
/// use std::{fs::File, io::BufReader};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("decisions.jsonl");
/// let mut log = DecisionLog::open(&path)?;
/// assert_eq!(log.recovery(), &Recovery::Clean);
/// let pause = Decision::new("d1", "2026-03-02T06:00:00Z".parse()?, "loop", "creative:17", "pause");
/// let head = log.append(&pause)?;
/// drop(log);
///
/// let verified = verify(BufReader::new(File::open(&path)?), Some(&head))?;
/// assert_eq!(verified.head.seq, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct DecisionLog {
    file: File,
    path: PathBuf,
    chain: Chain,
    bytes: u64,
    failed: bool,
    recovery: Recovery,
}

impl DecisionLog {
    /// Opens a log, or makes an empty one, and checks every line.
    ///
    /// A torn last line is cut off and reported by [`recovery`](Self::recovery); nothing before it is
    /// touched. A last line is torn if it has no line feed and is the beginning of a record, or if only
    /// zero bytes follow (blocks that were never written). If only the line feed is missing the record
    /// is kept. A whole line that is wrong is a [`LogError::Defect`], never mended.
    ///
    /// # Errors
    /// [`LogError::Defect`], [`LogError::Locked`], [`LogError::Io`]. The file is then unchanged.
    ///
    /// # Complexity
    /// Linear in the size of the log; memory for one line.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, LogError> {
        let path = path.as_ref();
        let io = |source| LogError::Io { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        let (file, new) = match options.clone().create_new(true).open(path) {
            Ok(file) => (file, true),
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                (options.open(path).map_err(io)?, false)
            }
            Err(e) => return Err(io(e)),
        };
        file.try_lock().map_err(|e| match e {
            TryLockError::WouldBlock => LogError::Locked { path: path.to_owned() },
            TryLockError::Error(e) => io(e),
        })?;
        if new {
            sync_folder(path).map_err(io)?;
        }
        let (chain, bytes, recovery) = read(&file, path)?;
        let mut log = Self { file, path: path.to_owned(), chain, bytes, failed: false, recovery };
        log.mend().map_err(io)?;
        Ok(log)
    }

    /// What opening the log had to mend.
    #[must_use]
    pub const fn recovery(&self) -> &Recovery {
        &self.recovery
    }

    /// The last record. Publish it to make a later truncation evident.
    #[must_use]
    pub const fn head(&self) -> Head {
        self.chain.head()
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a decision: one line in one write, on disk when this returns.
    ///
    /// # Errors
    /// [`LogError::Decision`], [`LogError::Encode`] and [`LogError::TooLong`] leave the log as it was.
    /// [`LogError::Changed`] if someone else wrote to the file. After [`LogError::Io`] the log takes
    /// no more appends ([`LogError::Failed`]) until it is opened again.
    pub fn append(&mut self, decision: &Decision) -> Result<Head, LogError> {
        self.append_all([decision])
    }

    /// Appends several decisions in one write with one flush to disk: all of them if it returns, a
    /// leading part of them after a crash.
    ///
    /// # Errors
    /// As [`append`](Self::append); if one of the decisions cannot be written down, none is.
    pub fn append_all<'d>(
        &mut self,
        decisions: impl IntoIterator<Item = &'d Decision>,
    ) -> Result<Head, LogError> {
        if self.failed {
            return Err(LogError::Failed { path: self.path.clone() });
        }
        let mut chain = self.chain;
        let mut lines = String::new();
        for decision in decisions {
            lines += &chain.append(decision)?;
            lines.push('\n');
        }
        if lines.is_empty() {
            return Ok(self.head());
        }
        let got = self.file.metadata().map_err(|e| self.io(e))?.len();
        if got != self.bytes {
            let (path, expected) = (self.path.clone(), self.bytes);
            return Err(LogError::Changed { path, expected, got });
        }
        // Until the data are known to be on disk, the state of the file is not known.
        self.failed = true;
        self.write(lines.as_bytes()).map_err(|e| self.io(e))?;
        self.failed = false;
        self.chain = chain;
        Ok(self.head())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.bytes))?;
        self.file.write_all(bytes)?;
        self.file.sync_data()?;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    fn mend(&mut self) -> io::Result<()> {
        match self.recovery {
            Recovery::Clean => Ok(()),
            Recovery::Truncated { .. } => {
                self.file.set_len(self.bytes)?;
                self.file.sync_data()
            }
            Recovery::Completed { .. } => {
                self.file.set_len(self.bytes)?;
                self.write(b"\n")
            }
        }
    }

    fn io(&self, source: io::Error) -> LogError {
        LogError::Io { path: self.path.clone(), source }
    }
}

/// Checks the file and says what its last line needs: the chain, the length to keep, the recovery.
fn read(file: &File, path: &Path) -> Result<(Chain, u64, Recovery), LogError> {
    let defect = |defect| LogError::Defect { path: path.to_owned(), defect };
    let mut lines = Lines::new(BufReader::new(file));
    let mut chain = Chain::new();
    let mut kept = 0;
    loop {
        let line = chain.head().seq + 1;
        match lines.next().map_err(|source| LogError::Io { path: path.to_owned(), source })? {
            None => return Ok((chain, kept, Recovery::Clean)),
            Some(true) => {
                chain.accept(&lines.line).map_err(defect)?;
                kept = lines.bytes;
            }
            Some(false) => {
                let kind = lines.unended();
                if kind != DefectKind::Torn {
                    return Err(defect(Defect { line, kind }));
                }
                let tail = without_zeros(&lines.line);
                if is_incomplete(tail) {
                    let torn = std::mem::take(&mut lines.line);
                    return Ok((chain, kept, Recovery::Truncated { line, torn }));
                }
                chain.accept(tail).map_err(defect)?;
                kept += tail.len() as u64;
                return Ok((chain, kept, Recovery::Completed { line }));
            }
        }
    }
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bytes.get(..end).unwrap_or_default()
}

/// Whether a text is the beginning of a record, as opposed to one that is whole or wrong.
fn is_incomplete(tail: &[u8]) -> bool {
    let ends_early = |text: &[u8]| {
        serde_json::from_slice::<serde::de::IgnoredAny>(text).is_err_and(|e| e.is_eof())
    };
    let ours = START.as_bytes();
    if tail.len() <= ours.len() {
        return ours.starts_with(tail);
    }
    // A number cut behind its sign, point or exponent is to the parser a wrong one, not a short one.
    tail.starts_with(ours) && (ends_early(tail) || ends_early(&[tail, b"0"].concat()))
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_failed_write_the_log_wants_to_be_opened_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.jsonl");
        let at = "2026-03-02T06:00:00Z".parse().unwrap();
        let pause = Decision::new("d1", at, "loop", "creative:17", "pause");
        let mut log = DecisionLog::open(&path).unwrap();
        let head = log.append(&pause).unwrap();
        // A handle that cannot write stands for a full or failing disk.
        let writable = std::mem::replace(&mut log.file, File::open(&path).unwrap());
        assert!(matches!(log.append(&pause), Err(LogError::Io { .. })));
        log.file = writable;
        assert!(matches!(log.append(&pause), Err(LogError::Failed { .. })));
        assert_eq!(log.head(), head);
        drop(log);
        let mut log = DecisionLog::open(&path).unwrap();
        assert_eq!((log.recovery(), log.head()), (&Recovery::Clean, head));
        assert_eq!(log.append(&pause).unwrap().seq, 2);
    }

    #[test]
    fn only_beginnings_of_records_are_incomplete() {
        let line = br#"{"decision":{"x":[-1.5e-7,"\u00e9",true,null]},"hash":""#;
        assert!((0..=line.len()).all(|len| is_incomplete(&line[..len])));
        for whole_or_wrong in [
            &b"{}"[..],
            b" ",
            b"[",
            br#"{"decision":{}}"#,
            br#"{"decision":{}}}"#,
            br#"{"decision":nul1"#,
            br#"{"decision":-x"#,
        ] {
            assert!(!is_incomplete(whole_or_wrong));
        }
    }
}
