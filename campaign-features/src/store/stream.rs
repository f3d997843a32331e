//! Numbers to a writer and from a reader, with a running SHA-256.

use std::io::{self, Read, Write};

use sha2::{Digest, Sha256};

/// Writes and hashes.
pub(crate) struct Out<W> {
    to: W,
    hasher: Sha256,
    buffer: Vec<u8>,
}

/// How many bytes are handed on at once.
const CHUNK: usize = 1 << 16;

impl<W: Write> Out<W> {
    pub(crate) fn new(to: W) -> Self {
        Self { to, hasher: Sha256::new(), buffer: Vec::with_capacity(CHUNK + 8) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hasher.update(&self.buffer);
        self.to.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        for chunk in bytes.chunks(CHUNK) {
            if self.buffer.len() + chunk.len() > CHUNK {
                self.flush()?;
            }
            self.buffer.extend_from_slice(chunk);
        }
        Ok(())
    }

    pub(crate) fn u64(&mut self, value: u64) -> io::Result<()> {
        self.bytes(&value.to_le_bytes())
    }

    pub(crate) fn words(&mut self, words: &[i64]) -> io::Result<()> {
        words.iter().try_for_each(|word| self.bytes(&word.to_le_bytes()))
    }

    /// Appends the hash of everything before it, and hands back the writer.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        self.to.write_all(&self.hasher.finalize())?;
        self.to.flush()?;
        Ok(self.to)
    }
}

/// Reads and hashes.
pub(crate) struct In<R> {
    from: R,
    hasher: Sha256,
}

impl<R: Read> In<R> {
    pub(crate) fn new(from: R) -> Self {
        Self { from, hasher: Sha256::new() }
    }

    pub(crate) fn bytes(&mut self, to: &mut [u8]) -> io::Result<()> {
        self.from.read_exact(to)?;
        self.hasher.update(to);
        Ok(())
    }

    pub(crate) fn u64(&mut self) -> io::Result<u64> {
        let mut bytes = [0; 8];
        self.bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    pub(crate) fn words(&mut self, to: &mut [i64]) -> io::Result<()> {
        let mut bytes = [0; 8 * 512];
        for chunk in to.chunks_mut(512) {
            let bytes = bytes.get_mut(..8 * chunk.len()).unwrap_or_default();
            self.bytes(bytes)?;
            let (numbers, _) = bytes.as_chunks::<8>();
            for (word, number) in chunk.iter_mut().zip(numbers) {
                *word = i64::from_le_bytes(*number);
            }
        }
        Ok(())
    }

    /// Whether the hash that comes next is that of everything before it and nothing follows.
    pub(crate) fn finish(mut self) -> io::Result<bool> {
        let mut stated = [0; 32];
        self.from.read_exact(&mut stated)?;
        let more = self.from.read(&mut [0])?;
        Ok(stated[..] == self.hasher.finalize()[..] && more == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_every_flip_is_seen() {
        let words: Vec<i64> = (0..1500).map(|n: i64| n * n - 7).collect();
        let mut out = Out::new(Vec::new());
        out.u64(3).unwrap();
        out.bytes(&[9; 5]).unwrap();
        out.words(&words).unwrap();
        let bytes = out.finish().unwrap();
        let read = |bytes: &[u8]| -> io::Result<(u64, Vec<i64>, bool)> {
            let mut input = In::new(bytes);
            let n = input.u64()?;
            input.bytes(&mut [0; 5])?;
            let mut back = vec![0; 1500];
            input.words(&mut back)?;
            Ok((n, back, input.finish()?))
        };
        assert_eq!(read(&bytes).unwrap(), (3, words, true));
        for at in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            assert!(!read(&bad).unwrap().2, "byte {at}");
        }
        assert!(read(&bytes[..bytes.len() - 1]).is_err());
        assert!(!read(&[&bytes[..], &[0]].concat()).unwrap().2);
    }
}
