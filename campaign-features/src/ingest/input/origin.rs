//! What a file can be opened as, as often as it has to be read.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::super::decode::{DecodeError, other_kind};
use super::zip::{Member, members, open_member};

/// How much of a stream is kept, so that it can be read from its beginning again.
pub(crate) const KEPT: usize = 1 << 26;

/// Where a file's bytes are.
pub(crate) enum Origin<'a> {
    Bytes(&'a [u8]),
    File(&'a Path),
    /// What was read of a stream, and the stream; nothing once more was read than is kept.
    Stream(Vec<u8>, Option<Box<dyn Read + 'a>>),
    /// A member of an archive.
    Member(Box<Origin<'a>>, Member),
}

/// Bytes that can be read from anywhere.
trait Seekable: Read + Seek {}
impl<T: Read + Seek> Seekable for T {}

impl<'a> Origin<'a> {
    /// A stream: its beginning is kept.
    pub(crate) fn stream(mut source: impl Read + 'a) -> Result<Self, String> {
        let mut kept = Vec::new();
        let most = KEPT as u64;
        source.by_ref().take(most).read_to_end(&mut kept).map_err(|error| error.to_string())?;
        let ended = (kept.len() as u64) < most;
        Ok(Self::Stream(kept, if ended { None } else { Some(Box::new(source)) }))
    }

    /// The members of a zip archive; `None` if it is none.
    pub(crate) fn members(&mut self) -> Result<Option<Vec<Member>>, String> {
        let mut head = [0_u8; 4];
        let zipped = match self {
            Self::Bytes(bytes) => bytes.starts_with(b"PK\x03\x04"),
            Self::Stream(kept, _) => kept.starts_with(b"PK\x03\x04"),
            Self::File(path) => {
                let mut file = regular(path)?;
                file.read_exact(&mut head).is_ok() && head == *b"PK\x03\x04"
            }
            Self::Member(..) => false,
        };
        if !zipped {
            return Ok(None);
        }
        members(&mut self.seekable()?).map(Some)
    }

    fn seekable(&mut self) -> Result<Box<dyn Seekable + '_>, String> {
        match self {
            Self::Bytes(bytes) => Ok(Box::new(Cursor::new(*bytes))),
            Self::File(path) => Ok(Box::new(regular(path)?)),
            Self::Stream(kept, None) => Ok(Box::new(Cursor::new(kept.as_slice()))),
            Self::Stream(..) => {
                Err(format!("a zip archive in a stream of more than {KEPT} bytes: give the file"))
            }
            Self::Member(..) => Err("a zip archive inside a zip archive: unpack it".to_owned()),
        }
    }

    /// The plain bytes from the beginning.
    pub(crate) fn open(&mut self) -> Result<Box<dyn Read + '_>, String> {
        match self {
            Self::Bytes(bytes) => plain(*bytes),
            Self::File(path) => plain(regular(path)?),
            Self::Stream(kept, rest) => match rest.take() {
                Some(rest) => {
                    // What is behind the kept part can be read once.
                    let head = std::mem::take(kept);
                    plain(Cursor::new(head).chain(rest))
                }
                None if kept.is_empty() => Err(format!(
                    "its beginning reads otherwise than its end, and it is a stream of more than {KEPT} \
                     bytes: give the file, or state decimal mark and date order of the source"
                )),
                None => plain(kept.as_slice()),
            },
            Self::Member(archive, member) => plain(open_member(archive.seekable()?, member)?),
        }
    }
}

/// A pipe would be waited for, a device may never end.
fn regular(path: &Path) -> Result<File, String> {
    let kind = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !kind.is_file() {
        return Err("not a regular file".to_owned());
    }
    File::open(path).map_err(|error| error.to_string())
}

/// The plain bytes of what may be gzipped.
fn plain<'r>(mut source: impl Read + 'r) -> Result<Box<dyn Read + 'r>, String> {
    let mut head = [0_u8; 4];
    let mut known = 0;
    while let Some(free) = head.get_mut(known..).filter(|free| !free.is_empty()) {
        match source.read(free) {
            Ok(0) => break,
            Ok(more) => known += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    let head = head.get(..known).unwrap_or_default().to_vec();
    let whole = std::io::Cursor::new(head.clone()).chain(source);
    other_kind(&head).map_err(|error| error.to_string())?;
    if head.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(Gzip(MultiGzDecoder::new(BufReader::with_capacity(1 << 16, whole)))));
    }
    Ok(Box::new(whole))
}

/// Says of an error that it is one of the packed stream.
struct Gzip<R>(R);

impl<R: Read> Read for Gzip<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(out).map_err(|error| {
            let reason = DecodeError::Gzip(error.to_string()).to_string();
            std::io::Error::new(error.kind(), reason)
        })
    }
}
