//! From the bytes of a file to text.

use std::borrow::Cow;
use std::io::Read;

use encoding_rs::{SHIFT_JIS, UTF_16BE, UTF_16LE, WINDOWS_1252};
use flate2::read::MultiGzDecoder;
use thiserror::Error;

/// How the bytes of a file stand for characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, little endian ("Excel .csv" downloads).
    Utf16Le,
    /// UTF-16, big endian.
    Utf16Be,
    /// Windows-1252, of which Latin-1's printable characters are a part.
    Windows1252,
    /// Shift JIS, with the characters that Windows adds (Japanese).
    ShiftJis,
}

/// Why the bytes are no text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The gzip stream is broken.
    #[error("the gzip stream is broken: {0}")]
    Gzip(String),
    /// More text than allowed.
    #[error("more than {limit} bytes of text")]
    TooLarge {
        /// What was allowed.
        limit: u64,
    },
    /// A zip archive, which spreadsheet files are too.
    #[error("a zip archive or spreadsheet, expected a text table; unpack it or save it as CSV")]
    Zip,
    /// A file of another kind.
    #[error("{0}, expected a text table: save it as CSV")]
    Other(&'static str),
    /// NUL characters inside.
    #[error("not text: NUL character at byte {at}")]
    Binary {
        /// The position in the decoded text.
        at: usize,
    },
}

/// What kind of file begins so, where that is no text.
pub(crate) fn other_kind(head: &[u8]) -> Result<(), DecodeError> {
    const KINDS: [(&[u8], &str); 4] = [
        (b"%PDF", "a PDF document"),
        (b"\xd0\xcf\x11\xe0", "a spreadsheet (xls)"),
        (b"PAR1", "a Parquet file"),
        (b"\x89PNG", "a picture"),
    ];
    if head.starts_with(b"PK\x03\x04") {
        return Err(DecodeError::Zip);
    }
    let found = KINDS.iter().find(|(begin, _)| head.starts_with(begin));
    found.map_or(Ok(()), |(_, kind)| Err(DecodeError::Other(kind)))
}

/// The plain bytes of a file that may be gzipped.
///
/// # Errors
/// [`DecodeError::Gzip`], [`DecodeError::TooLarge`], [`DecodeError::Zip`], [`DecodeError::Other`].
pub fn inflate(bytes: &[u8], limit: u64) -> Result<Cow<'_, [u8]>, DecodeError> {
    other_kind(bytes)?;
    let plain = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut out = Vec::new();
        MultiGzDecoder::new(bytes)
            .take(limit.saturating_add(1))
            .read_to_end(&mut out)
            .map_err(|error| DecodeError::Gzip(error.to_string()))?;
        Cow::Owned(out)
    } else {
        Cow::Borrowed(bytes)
    };
    if plain.len() as u64 > limit { Err(DecodeError::TooLarge { limit }) } else { Ok(plain) }
}

/// Text and the encoding it was found in: the byte order mark decides; without one, NULs in every
/// other byte mean UTF-16, valid UTF-8 is UTF-8, text in kana is Shift JIS, and anything else is
/// Windows-1252.
///
/// # Errors
/// [`DecodeError::Binary`].
pub fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, Encoding), DecodeError> {
    let (text, encoding) = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8_or_windows(rest),
        [0xff, 0xfe, rest @ ..] => {
            (UTF_16LE.decode_without_bom_handling(rest).0, Encoding::Utf16Le)
        }
        [0xfe, 0xff, rest @ ..] => {
            (UTF_16BE.decode_without_bom_handling(rest).0, Encoding::Utf16Be)
        }
        _ => match nul_parity(bytes) {
            Some(1) => (UTF_16LE.decode_without_bom_handling(bytes).0, Encoding::Utf16Le),
            Some(_) => (UTF_16BE.decode_without_bom_handling(bytes).0, Encoding::Utf16Be),
            None => utf8_or_windows(bytes),
        },
    };
    match text.find('\0') {
        Some(at) => Err(DecodeError::Binary { at }),
        None => Ok((text, encoding)),
    }
}

fn utf8_or_windows(bytes: &[u8]) -> (Cow<'_, str>, Encoding) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), Encoding::Utf8),
        Err(error) => {
            let other = bytes.get(error.valid_up_to()..).unwrap_or_default();
            if legacy(other) == Encoding::ShiftJis
                && let (text, false) = SHIFT_JIS.decode_without_bom_handling(bytes)
            {
                return (text, Encoding::ShiftJis);
            }
            (WINDOWS_1252.decode_without_bom_handling(bytes).0, Encoding::Windows1252)
        }
    }
}

/// How many characters of kana make a text Japanese.
const KANA: usize = 4;

/// The encoding of text that is not UTF-8, by its beginning.
///
/// Shift JIS writes kana as a byte 0x82 or 0x83 and another. In Windows-1252 these are a low quote and the
/// sign of the florin, in Latin-1 nothing: text in them that has four such pairs, and more of them and of
/// the common kanji than of anything else beyond ASCII, is not written in Europe. What is no Shift JIS
/// at all, as a letter with an accent before a blank, is not either.
pub(crate) fn legacy(bytes: &[u8]) -> Encoding {
    let (mut kana, mut common, mut other) = (0_usize, 0_usize, 0_usize);
    let mut rest = bytes.iter().copied();
    while let Some(byte) = rest.next() {
        match byte {
            0x00..=0x7f => {}
            0xa1..=0xdf => other += 1,
            0x81..=0x9f | 0xe0..=0xfc => match (byte, rest.next()) {
                (0x82, Some(0x9f..=0xf1)) | (0x83, Some(0x40..=0x7e | 0x80..=0x96)) => kana += 1,
                (0x81..=0x97, Some(0x40..=0x7e | 0x80..=0xfc)) => common += 1,
                (_, Some(0x40..=0x7e | 0x80..=0xfc)) => other += 1,
                // A character that the block cuts.
                (_, None) => {}
                _ => return Encoding::Windows1252,
            },
            _ => return Encoding::Windows1252,
        }
    }
    if kana >= KANA && kana + common > other { Encoding::ShiftJis } else { Encoding::Windows1252 }
}

/// The parity of the positions of NULs, if most bytes of one parity, and none of the other, are NUL.
pub(crate) fn nul_parity(bytes: &[u8]) -> Option<usize> {
    let head = bytes.get(..512.min(bytes.len() & !1))?;
    let nuls = |parity: usize| head.iter().skip(parity).step_by(2).filter(|b| **b == 0).count();
    match (nuls(0), nuls(1)) {
        (0, odd) if odd * 4 > head.len() => Some(1),
        (even, 0) if even * 4 > head.len() => Some(0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn utf16le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn encodings() {
        let text = "Día;Coût\n";
        let latin = b"D\xeda;Co\xfbt\n";
        let le = [vec![0xff, 0xfe], utf16le(text)].concat();
        let be: Vec<u8> = [0xfe, 0xff]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_be_bytes))
            .collect();
        let bom = ["\u{feff}".as_bytes(), text.as_bytes()].concat();
        for (bytes, encoding) in [
            (text.as_bytes(), Encoding::Utf8),
            (&bom, Encoding::Utf8),
            (latin.as_slice(), Encoding::Windows1252),
            (&le, Encoding::Utf16Le),
            (&le[2..], Encoding::Utf16Le),
            (&be, Encoding::Utf16Be),
            (&be[2..], Encoding::Utf16Be),
        ] {
            assert_eq!(decode(bytes).unwrap(), (Cow::Borrowed(text), encoding));
        }
        assert_eq!(decode(b"").unwrap().0, "");
        assert!(matches!(decode(b"a\0\0\0bcdefgh"), Err(DecodeError::Binary { at: 1 })));
    }

    #[test]
    fn shift_jis_is_told_from_latin_letters() {
        let japanese = "日,キャンペーン名,費用\n2026-05-01,夏のセール,525\n";
        let (bytes, ..) = SHIFT_JIS.encode(japanese);
        assert_eq!(decode(&bytes).unwrap(), (Cow::Borrowed(japanese), Encoding::ShiftJis));
        // Pairs that Shift JIS has, too: `és`, `ße`, `ñ,`.
        for european in [
            "Début,Coût,Créés,Dépensés,Répétés,Été\n",
            "Straße,Größe,Käufe,Ausgegebener Betrag für Käufe\n",
            "Campaña,Año,Señal,¿Qué?,«Última»\n",
            "Förändring,Räckvidd,Åtgärd,Köp,Värde\n",
            "‚a‘ ‚b‘ ‚c‘ ‚d‘ ‚e‘ ƒ1 ƒ2 – € 5\n",
        ] {
            let bytes = WINDOWS_1252.encode(european).0;
            let text = (Cow::Borrowed(european), Encoding::Windows1252);
            assert_eq!(decode(&bytes).unwrap(), text);
        }
        // Two kana prove nothing; nor does what is no Shift JIS further on.
        for bytes in [b"\x83\x4c\x83\x83,1".as_slice(), b"\x83\x4c\x83\x83\x83\x93\x83\x79,\xfe"] {
            assert_eq!(decode(bytes).unwrap().1, Encoding::Windows1252);
        }
    }

    #[test]
    fn gzip_whole_broken_and_too_large() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&[b'x'; 1000]).unwrap();
        let packed = encoder.finish().unwrap();
        assert_eq!(inflate(&packed, 1000).unwrap().len(), 1000);
        assert_eq!(inflate(&packed, 999), Err(DecodeError::TooLarge { limit: 999 }));
        assert!(matches!(inflate(&packed[..packed.len() - 9], 1000), Err(DecodeError::Gzip(_))));
        assert_eq!(inflate(b"PK\x03\x04rest", 100), Err(DecodeError::Zip));
    }
}
