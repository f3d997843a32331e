//! 128-bit fingerprints of cells.

/// Two 64-bit lanes, each a chain of folded products with its own constants.
///
/// Two of 10⁹ rows that differ have the same fingerprint with a probability below 10⁻²⁰, as far as the
/// lanes behave like independent random functions. They are no defence against someone who constructs
/// rows to collide; all that could win is to take a row out of one's own export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    a: u64,
    b: u64,
}

// Digits of the square roots of 2, 3, 5 and 7, made odd: nothing is hidden in them.
const A: u64 = 0x6a09_e667_f3bc_c909;
const B: u64 = 0xbb67_ae85_84ca_a73b;
const C: u64 = 0x3c6e_f372_fe94_f82b;
const D: u64 = 0xa54f_f53a_5f1d_36f1;

const fn fold(x: u64, y: u64) -> u64 {
    let product = x as u128 * y as u128;
    (product as u64) ^ ((product >> 64) as u64)
}

impl Fingerprint {
    pub(crate) const fn new() -> Self {
        Self { a: C, b: D }
    }

    #[inline]
    pub(crate) const fn word(&mut self, word: u64) {
        self.a = fold(self.a ^ word, A);
        self.b = fold(self.b.rotate_left(29) ^ word, B) ^ word;
    }

    pub(crate) const fn print(&mut self, Print([a, b]): Print) {
        self.word(a);
        self.word(b);
    }

    #[inline]
    const fn pair(&mut self, low: u64, high: u64) {
        self.a = fold(self.a ^ low, high ^ A);
        self.b = fold(self.b.rotate_left(29) ^ high, low ^ B) ^ low;
    }

    /// Adds bytes under a seed, such as the hash of a column's name. The length goes in as well, so that
    /// what stands where one text ends and the next begins cannot be mistaken.
    #[inline]
    pub(crate) fn bytes(&mut self, seed: u64, bytes: &[u8]) {
        let length = seed ^ (bytes.len() as u64).wrapping_mul(C);
        let Some(end) = bytes.last_chunk::<16>() else {
            let (low, high) = short(bytes);
            return self.pair(low ^ length, high);
        };
        let (pieces, rest) = bytes.as_chunks::<16>();
        let before = pieces.len() - usize::from(rest.is_empty());
        for piece in pieces.iter().take(before) {
            let (low, high) = halves(piece);
            self.pair(low, high);
        }
        // The last piece begins in the one before it rather than end in nothing.
        let (low, high) = halves(end);
        self.pair(low ^ length, high);
    }

    pub(crate) const fn finish(&self) -> Print {
        Print([fold(self.a ^ B, C), fold(self.b ^ A, D)])
    }
}

/// Fewer than sixteen bytes as two words, which together with their number give the bytes back.
#[inline]
fn short(bytes: &[u8]) -> (u64, u64) {
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        return (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into());
    }
    let middle = bytes.get(bytes.len() / 2).copied().unwrap_or(0);
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) => (u64::from(*first) | u64::from(middle) << 8, (*last).into()),
        _ => (0, 0),
    }
}

#[inline]
const fn halves(piece: &[u8; 16]) -> (u64, u64) {
    let both = u128::from_le_bytes(*piece);
    (both as u64, (both >> 64) as u64)
}

/// A 64-bit hash of a text.
pub(crate) fn hash(text: &str) -> u64 {
    let mut print = Fingerprint::new();
    print.bytes(0, text.as_bytes());
    print.finish().short()
}

/// A finished fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Print(pub(crate) [u64; 2]);

impl Print {
    pub(crate) const fn short(self) -> u64 {
        let Self([a, b]) = self;
        a ^ b.rotate_left(32)
    }
}

impl core::hash::Hash for Print {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        let Self([first, _]) = self;
        state.write_u64(*first);
    }
}

/// Passes a fingerprint on as its own hash.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct AsIs(u64);

impl core::hash::Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut print = Fingerprint::new();
        print.bytes(self.0, bytes);
        let Print([a, b]) = print.finish();
        self.0 = a ^ b;
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = word;
    }
}

/// A map by fingerprint.
pub(crate) type PrintMap<T> =
    std::collections::HashMap<Print, T, core::hash::BuildHasherDefault<AsIs>>;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn short_texts_and_their_borders_differ() {
        let mut seen = HashSet::new();
        let mut count = 0;
        for a in 0..40_u64 {
            for text in ["", "0", "1", "00", "a", "ab", "12345678", "123456780", "12345678\0"] {
                let mut print = Fingerprint::new();
                print.bytes(a, text.as_bytes());
                count += 2;
                seen.insert(print.finish());
                print.bytes(a, b"0");
                seen.insert(print.finish());
            }
        }
        assert_eq!(seen.len(), count);
        let two = |a: &str, b: &str| {
            let mut print = Fingerprint::new();
            print.bytes(1, a.as_bytes());
            print.bytes(1, b.as_bytes());
            print.finish()
        };
        assert_ne!(two("ab", "c"), two("a", "bc"));
        assert_ne!(two("ab", ""), two("", "ab"));
    }

    #[test]
    fn consecutive_numbers_fill_the_low_and_the_high_bits() {
        // 2^16 numbers into 2^16 boxes: a random function leaves 1/e of them empty.
        for shift in [0, 16, 48] {
            for lane in [0, 1] {
                let mut boxes = vec![false; 1 << 16];
                for n in 0..1_u64 << 16 {
                    let mut print = Fingerprint::new();
                    print.word(n);
                    boxes[((print.finish().0[lane] >> shift) & 0xffff) as usize] = true;
                }
                let empty = boxes.iter().filter(|full| !**full).count() as f64 / 65536.0;
                // Six standard deviations of the occupancy.
                assert!((empty - (-1.0_f64).exp()).abs() < 0.01, "{empty}");
            }
        }
    }

    proptest! {
        #[test]
        fn one_bit_changes_half_of_the_bits(bytes in prop::collection::vec(any::<u8>(), 1..60), at in any::<prop::sample::Index>(), bit in 0_u32..8) {
            let of = |bytes: &[u8]| {
                let mut print = Fingerprint::new();
                print.bytes(7, bytes);
                let Print([a, b]) = print.finish();
                (u128::from(a) << 64) | u128::from(b)
            };
            let mut other = bytes.clone();
            let index = at.index(bytes.len());
            other[index] ^= 1 << bit;
            let changed = (of(&bytes) ^ of(&other)).count_ones();
            // 128 fair coins: beyond 8 standard deviations of 5.66.
            prop_assert!((18..=110).contains(&changed), "{}", changed);
        }
    }
}
