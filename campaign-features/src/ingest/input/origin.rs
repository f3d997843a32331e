//! What a file can be opened as, as often as it has to be read.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::super::decode::DecodeError;

/// Where a file's bytes are.
pub(crate) enum Origin<'a> {
    Bytes(&'a [u8]),
    File(&'a Path),
}

impl Origin<'_> {
    /// The plain bytes from the beginning.
    pub(crate) fn open(&mut self) -> Result<Box<dyn Read + '_>, String> {
        match self {
            Self::Bytes(bytes) => plain(*bytes),
            Self::File(path) => {
                let kind = std::fs::metadata(&*path).map_err(|error| error.to_string())?;
                // A pipe would be waited for, a device may never end.
                if !kind.is_file() {
                    return Err("not a regular file".to_owned());
                }
                plain(File::open(path).map_err(|error| error.to_string())?)
            }
        }
    }
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
    if head.starts_with(b"PK\x03\x04") {
        return Err(DecodeError::Zip.to_string());
    }
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
