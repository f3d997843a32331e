//! Names made of content: what a log chains and a manifest lists.

use core::fmt;
use core::str::FromStr;
use std::io::{self, Read};

use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// A SHA-256, printed and serialised as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Digest([u8; 32]);

impl Digest {
    /// All bits 0: what the first record of a decision log has for a predecessor.
    pub const ZERO: Self = Self([0; 32]);

    /// Of some bytes.
    ///
    /// # Examples
    /// ```
    /// use campaign_core::digest::Digest;
    /// let digest = Digest::of(b"abc").to_string();
    /// assert!(digest.starts_with("ba7816bf8f01cfea"));
    /// ```
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Of everything a reader gives, with its length.
    ///
    /// # Errors
    /// What the reader says.
    pub fn of_reader(mut reader: impl Read) -> io::Result<(Self, u64)> {
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        let mut length = 0;
        loop {
            let n = match reader.read(&mut buffer) {
                Ok(0) => return Ok((Self(hasher.finalize().into()), length)),
                Ok(n) => n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            hasher.update(buffer.get(..n).unwrap_or_default());
            length += n as u64;
        }
    }

    /// Of numbers, bit by bit: 0 and -0 differ, and every NaN is the same one.
    #[must_use]
    pub fn of_values(values: impl IntoIterator<Item = f64>) -> Self {
        let mut hasher = Sha256::new();
        for value in values {
            let value = if value.is_nan() { f64::NAN } else { value };
            hasher.update(value.to_bits().to_le_bytes());
        }
        Self(hasher.finalize().into())
    }

    /// From its 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no [`Digest`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a SHA-256: expected 64 lower-case hex digits")]
pub struct DigestError(String);

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        let bad = || DigestError(text.chars().take(80).collect());
        let nibble = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(bad()),
        };
        if text.len() != 64 {
            return Err(bad());
        }
        let mut digest = [0; 32];
        let (pairs, _) = text.as_bytes().as_chunks::<2>();
        for (byte, [high, low]) in digest.iter_mut().zip(pairs) {
            *byte = nibble(*high)? << 4 | nibble(*low)?;
        }
        Ok(Self(digest))
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestError;
    fn try_from(text: String) -> Result<Self, DigestError> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> String {
        digest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_bytes_reader_and_text_agree() {
        let bytes = vec![7; 200_000];
        let digest = Digest::of(&bytes);
        assert_eq!(Digest::of_reader(&bytes[..]).unwrap(), (digest, 200_000));
        assert_eq!(digest.to_string().parse(), Ok(digest));
        for bad in ["", "ab", &"A".repeat(64), &"é".repeat(32)] {
            assert!(bad.parse::<Digest>().is_err(), "{bad}");
        }
    }

    #[test]
    fn of_values_by_bits() {
        assert_ne!(Digest::of_values([0.0]), Digest::of_values([-0.0]));
        assert_eq!(Digest::of_values([f64::NAN]), Digest::of_values([-f64::NAN]));
        assert_ne!(Digest::of_values([1.0]), Digest::of_values([1.0, 1.0]));
        assert_eq!(Digest::of_values([1.0]), Digest::of(&1_f64.to_le_bytes()));
    }
}
