//! A stream of bytes as text, block by block.

use std::io::Read;

use encoding_rs::{Decoder, SHIFT_JIS, UTF_16BE, UTF_16LE, WINDOWS_1252};
use memchr::memchr;

use super::super::decode::{DecodeError, Encoding, legacy, nul_parity};

/// How much is read at a time: little at first, because most files are small.
const FIRST: usize = 1 << 15;
const BLOCK: usize = 1 << 20;

/// Why the text ends early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TextError {
    /// The bytes are no text.
    Decode(DecodeError),
    /// What the system or the decompressor says.
    Io(String),
    /// Not in the encoding that was assumed: begin again, in this one.
    Other(Encoding),
}

/// A window of text over a stream: `fill` makes it longer, `consume` takes from its front.
pub(crate) struct Text<R> {
    source: R,
    encoding: Option<Encoding>,
    decoder: Option<Decoder>,
    /// Bytes of which the decoder has not seen the end, or that are not yet valid UTF-8.
    raw: Vec<u8>,
    /// Valid UTF-8 up to `valid`, and the beginning of a character behind it.
    buffer: Vec<u8>,
    valid: usize,
    /// Bytes of text before the window.
    before: u64,
    taken: u64,
    limit: u64,
    step: usize,
    ended: bool,
}

impl<R: Read> Text<R> {
    /// Text of at most `limit` bytes before decoding; `encoding` only where a first reading has found
    /// that it is not UTF-8.
    pub(crate) fn new(source: R, limit: u64, encoding: Option<Encoding>) -> Self {
        Self {
            source,
            encoding,
            decoder: None,
            raw: Vec::new(),
            buffer: Vec::new(),
            valid: 0,
            before: 0,
            taken: 0,
            limit,
            step: FIRST,
            ended: false,
        }
    }

    /// The text that is here and not consumed.
    pub(crate) fn window(&self) -> &str {
        let valid = self.buffer.get(..self.valid).unwrap_or_default();
        std::str::from_utf8(valid).unwrap_or_default()
    }

    /// Whether nothing follows the window.
    pub(crate) const fn ended(&self) -> bool {
        self.ended
    }

    /// How many bytes were read, before decoding.
    pub(crate) const fn taken(&self) -> u64 {
        self.taken
    }

    /// Takes bytes from the front of the window.
    pub(crate) fn consume(&mut self, bytes: usize) {
        let bytes = bytes.min(self.valid);
        self.buffer.drain(..bytes);
        self.valid -= bytes;
        self.before += bytes as u64;
    }

    /// Reads one more block, if there is one.
    pub(crate) fn fill(&mut self) -> Result<(), TextError> {
        if self.ended {
            return Ok(());
        }
        let from = self.valid;
        if self.taken == 0 {
            self.begin()?;
        }
        let encoding = self.encoding.unwrap_or(Encoding::Utf8);
        if encoding == Encoding::Utf8 {
            // A beginning of the file that was read to look at it comes first.
            let head = std::mem::take(&mut self.raw);
            self.buffer.extend_from_slice(&head);
            if head.is_empty() {
                let mut buffer = std::mem::take(&mut self.buffer);
                let more = self.read_more(&mut buffer);
                self.buffer = buffer;
                self.ended = more? == 0;
            }
            self.validate()?;
        } else {
            if self.raw.is_empty() {
                let mut raw = std::mem::take(&mut self.raw);
                let more = self.read_more(&mut raw);
                self.raw = raw;
                self.ended = more? == 0;
            }
            self.decode(encoding)?;
        }
        match memchr(0, self.buffer.get(from..self.valid).unwrap_or_default()) {
            Some(at) => {
                let at =
                    usize::try_from(self.before).unwrap_or(usize::MAX).saturating_add(from + at);
                Err(TextError::Decode(DecodeError::Binary { at }))
            }
            None => Ok(()),
        }
    }

    /// Looks at the first bytes: a byte order mark, or NULs in every other place.
    fn begin(&mut self) -> Result<(), TextError> {
        let mut raw = Vec::new();
        while raw.len() < 512 {
            if self.read_more(&mut raw)? == 0 {
                self.ended = raw.is_empty();
                break;
            }
        }
        // Even an empty file was looked at.
        self.taken = self.taken.max(1);
        let (mark, found) = match raw.as_slice() {
            [0xef, 0xbb, 0xbf, ..] => (3, None),
            [0xff, 0xfe, ..] => (2, Some(Encoding::Utf16Le)),
            [0xfe, 0xff, ..] => (2, Some(Encoding::Utf16Be)),
            _ => match nul_parity(&raw) {
                Some(1) => (0, Some(Encoding::Utf16Le)),
                Some(_) => (0, Some(Encoding::Utf16Be)),
                None => (0, None),
            },
        };
        raw.drain(..mark);
        self.raw = raw;
        self.encoding = found.or(self.encoding).or(Some(Encoding::Utf8));
        Ok(())
    }

    /// Reads a block behind what is in a buffer.
    fn read_more(&mut self, buffer: &mut Vec<u8>) -> Result<usize, TextError> {
        let (from, step) = (buffer.len(), self.step);
        self.step = (step * 4).min(BLOCK);
        buffer.resize(from + step, 0);
        let mut got = 0;
        while got < step {
            let free = buffer.get_mut(from + got..).unwrap_or_default();
            match self.source.read(free) {
                Ok(0) => break,
                Ok(more) => got += more,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(TextError::Io(error.to_string())),
            }
        }
        buffer.truncate(from + got);
        self.taken += got as u64;
        if self.taken > self.limit {
            return Err(TextError::Decode(DecodeError::TooLarge { limit: self.limit }));
        }
        Ok(got)
    }

    fn validate(&mut self) -> Result<(), TextError> {
        let fresh = self.buffer.get(self.valid..).unwrap_or_default();
        match std::str::from_utf8(fresh) {
            Ok(_) => self.valid = self.buffer.len(),
            // A character that ends in the next block.
            Err(error) if error.error_len().is_none() && !self.ended => {
                self.valid += error.valid_up_to();
            }
            Err(error) => {
                let other = fresh.get(error.valid_up_to()..).unwrap_or_default();
                return Err(TextError::Other(legacy(other)));
            }
        }
        Ok(())
    }

    fn decode(&mut self, encoding: Encoding) -> Result<(), TextError> {
        let ended = self.ended;
        let decoder = self.decoder.get_or_insert_with(|| {
            match encoding {
                Encoding::Utf16Le => UTF_16LE,
                Encoding::Utf16Be => UTF_16BE,
                Encoding::ShiftJis => SHIFT_JIS,
                _ => WINDOWS_1252,
            }
            .new_decoder_without_bom_handling()
        });
        let raw = std::mem::take(&mut self.raw);
        let mut rest = raw.as_slice();
        loop {
            let from = self.buffer.len();
            let most = decoder.max_utf8_buffer_length(rest.len()).unwrap_or(FIRST).max(16);
            self.buffer.resize(from + most, 0);
            let free = self.buffer.get_mut(from..).unwrap_or_default();
            let (result, read, written, bad) = decoder.decode_to_utf8(rest, free, ended);
            if bad && encoding == Encoding::ShiftJis {
                return Err(TextError::Other(Encoding::Windows1252));
            }
            self.buffer.truncate(from + written);
            rest = rest.get(read..).unwrap_or_default();
            if result == encoding_rs::CoderResult::InputEmpty {
                break;
            }
        }
        self.valid = self.buffer.len();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::decode::decode;
    use super::*;
    use proptest::prelude::*;

    /// Gives a few bytes at a time.
    struct Drip<'b>(&'b [u8], usize);
    impl Read for Drip<'_> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let n = self.1.min(self.0.len()).min(out.len());
            out[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    fn whole(bytes: &[u8], step: usize) -> Result<String, TextError> {
        let read = |encoding| {
            let mut text = Text::new(Drip(bytes, step), u64::MAX, encoding);
            let mut out = String::new();
            while !text.ended() {
                text.fill()?;
                let half = text.window().len() / 2;
                let half = text.window().floor_char_boundary(half);
                out.push_str(&text.window()[..half]);
                text.consume(half);
            }
            out.push_str(text.window());
            Ok(out)
        };
        let mut encoding = None;
        loop {
            match read(encoding) {
                Err(TextError::Other(other)) => encoding = Some(other),
                result => return result,
            }
        }
    }

    fn agrees(bytes: &[u8], step: usize) {
        match (decode(bytes), whole(bytes, step)) {
            (Ok((text, _)), Ok(streamed)) => assert_eq!(text, streamed),
            (
                Err(DecodeError::Binary { .. }),
                Err(TextError::Decode(DecodeError::Binary { .. })),
            ) => {}
            (at_once, streamed) => panic!("{at_once:?} {streamed:?}"),
        }
    }

    #[test]
    fn blocks_of_every_encoding() {
        let text = "Día;Coût\u{202f};\u{1f600}\n".repeat(90_000);
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let latin = WINDOWS_1252.encode("Día;Coût\n").0.repeat(150_000);
        let japanese = SHIFT_JIS.encode("費用;キャンペーン\n").0.repeat(90_000);
        // What turns out to be no Shift JIS far behind its beginning.
        let mixed = [&japanese, b"\xfd\xff\n".as_slice()].concat();
        let late = [b"plain\n".repeat(300_000), b"\xed\n".to_vec()].concat();
        for bytes in [text.as_bytes(), &wide, &latin, &late, &japanese, &mixed] {
            agrees(bytes, 4093);
            agrees(bytes, usize::MAX);
        }
        assert_eq!(whole(b"", 1), Ok(String::new()));
        assert_eq!(
            whole(&[b"x".repeat(1 << 20), vec![b'y', 0]].concat(), 999),
            Err(TextError::Decode(DecodeError::Binary { at: (1 << 20) + 1 }))
        );
    }

    #[test]
    fn the_limit_holds() {
        let mut text = Text::new(Drip(b"12345", 2), 4, None);
        assert_eq!(text.fill(), Err(TextError::Decode(DecodeError::TooLarge { limit: 4 })));
        let mut text = Text::new(Drip(b"12345", 2), 5, None);
        assert_eq!(text.fill(), Ok(()));
    }

    proptest! {
        #[test]
        fn as_decoding_at_once(bytes in prop::collection::vec(prop_oneof![Just(0_u8), Just(0xed), Just(0xff), Just(b'a'), any::<u8>()], 0..40), step in 1_usize..9) {
            agrees(&bytes, step);
        }
    }
}
