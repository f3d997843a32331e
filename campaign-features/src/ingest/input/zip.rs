//! Zip archives: the list at their end, and the members one by one.
//!
//! What reports come in: stored or deflated members, neither encrypted nor in several parts, below
//! 4 GiB. Everything else is refused with its reason.

use std::io::{Read, Seek, SeekFrom};

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::super::decode::DecodeError;

/// A file in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) name: String,
    method: u16,
    encrypted: bool,
    crc: u32,
    packed: u64,
    size: u64,
    offset: u64,
}

/// The most members that are listed.
const MOST_MEMBERS: usize = 10_000;

fn broken(what: &str) -> String {
    format!("the zip archive is broken: {what}")
}

fn word(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + 4)?;
    bytes.iter().rev().try_fold(0, |word, byte| Some(word << 8 | u64::from(*byte)))
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    let [low, high] = bytes.get(at..at + 2)? else { return None };
    Some(u16::from_le_bytes([*low, *high]))
}

/// The files of an archive, hidden ones and folders left out.
pub(crate) fn members<R: Read + Seek>(archive: &mut R) -> Result<Vec<Member>, String> {
    let io = |error: std::io::Error| error.to_string();
    let length = archive.seek(SeekFrom::End(0)).map_err(io)?;
    // The end record is 22 bytes and a comment of at most 65,535.
    let from = length.saturating_sub(22 + 65_535);
    archive.seek(SeekFrom::Start(from)).map_err(io)?;
    let mut tail = Vec::new();
    archive.by_ref().take(22 + 65_535).read_to_end(&mut tail).map_err(io)?;
    let end = tail.windows(4).rposition(|bytes| bytes == b"PK\x05\x06");
    let end = end.and_then(|at| tail.get(at..)).ok_or_else(|| broken("it has no end"))?;
    let fields = (half(end, 10), word(end, 12), word(end, 16));
    let (Some(count), Some(size), Some(offset)) = fields else {
        return Err(broken("its end is cut"));
    };
    if count == u16::MAX || offset == u64::from(u32::MAX) {
        return Err("a zip archive of more than 4 GiB or 65,534 files: unpack it".to_owned());
    }
    if usize::from(count) > MOST_MEMBERS || size > 1 << 26 {
        return Err(format!("a zip archive of more than {MOST_MEMBERS} files: unpack it"));
    }
    archive.seek(SeekFrom::Start(offset)).map_err(io)?;
    let mut list = Vec::new();
    archive.by_ref().take(size).read_to_end(&mut list).map_err(io)?;
    let (mut out, mut at) = (Vec::new(), 0);
    for _ in 0..count {
        let entry = list.get(at..).filter(|entry| entry.starts_with(b"PK\x01\x02"));
        let read = entry.and_then(|entry| {
            let name_length = usize::from(half(entry, 28)?);
            let more = usize::from(half(entry, 30)?) + usize::from(half(entry, 32)?);
            let name = entry.get(46..46 + name_length)?;
            let member = Member {
                name: String::from_utf8_lossy(name).replace('\\', "/"),
                method: half(entry, 10)?,
                encrypted: half(entry, 8)? & 1 == 1,
                crc: word(entry, 16)? as u32,
                packed: word(entry, 20)?,
                size: word(entry, 24)?,
                offset: word(entry, 42)?,
            };
            Some((member, 46 + name_length + more))
        });
        let (member, length) = read.ok_or_else(|| broken("its list of files is cut"))?;
        at += length;
        out.push(member);
    }
    const SPREADSHEETS: [(&str, &str); 3] = [
        ("xl/workbook.xml", "a spreadsheet (xlsx)"),
        ("content.xml", "a spreadsheet (ods)"),
        ("Index/Document.iwa", "a spreadsheet (numbers)"),
    ];
    let has = |name: &str| out.iter().any(|member| member.name == name);
    if let Some((_, kind)) = SPREADSHEETS.iter().find(|(name, _)| has(name)) {
        return Err(DecodeError::Other(kind).to_string());
    }
    // What a system puts beside the files; nothing is unpacked, so that `..` leads nowhere.
    let hidden = |name: &str| {
        let aside = |part: &str| part == "__MACOSX" || (part.starts_with('.') && part != "..");
        name.ends_with('/') || name.split('/').any(aside)
    };
    out.retain(|member| !hidden(&member.name));
    Ok(out)
}

/// The bytes of a member; at their end the checksum is compared.
pub(crate) fn open_member<'r, R: Read + Seek + 'r>(
    mut archive: R,
    member: &Member,
) -> Result<Box<dyn Read + 'r>, String> {
    let io = |error: std::io::Error| error.to_string();
    if member.encrypted {
        return Err("encrypted: unpack it".to_owned());
    }
    archive.seek(SeekFrom::Start(member.offset)).map_err(io)?;
    let mut head = [0_u8; 30];
    archive.read_exact(&mut head).map_err(|_| broken("a file is cut"))?;
    let names = (half(&head, 26), half(&head, 28));
    let (Some(name), Some(extra), true) = (names.0, names.1, head.starts_with(b"PK\x03\x04"))
    else {
        return Err(broken("a file does not stand where the list says"));
    };
    archive.seek(SeekFrom::Current(i64::from(name) + i64::from(extra))).map_err(io)?;
    let packed = archive.take(member.packed);
    let (crc, size) = (member.crc, member.size);
    match member.method {
        0 => Ok(Box::new(Checked { source: packed, sum: Crc::new(), crc, size })),
        8 => {
            let source = DeflateDecoder::new(packed);
            Ok(Box::new(Checked { source, sum: Crc::new(), crc, size }))
        }
        method => Err(format!("packed by method {method}, expected stored or deflated: unpack it")),
    }
}

/// Compares length and checksum at the end.
struct Checked<R> {
    source: R,
    sum: Crc,
    crc: u32,
    size: u64,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let wrong = |reason: String| std::io::Error::new(std::io::ErrorKind::InvalidData, reason);
        let read = self.source.read(out).map_err(|error| wrong(broken(&error.to_string())))?;
        self.sum.update(out.get(..read).unwrap_or_default());
        let done = read == 0 && !out.is_empty();
        // The checksum counts modulo 2^32; so does it for the length, which is below that.
        if done && (self.sum.sum() != self.crc || u64::from(self.sum.amount()) != self.size) {
            return Err(wrong(broken("a checksum is wrong")));
        }
        Ok(read)
    }
}
